//! Looking at files without changing them: what is there, whose it is, and whether one more could be written.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::permissions::{Trouble, trouble};
use super::{ABANDONED_AFTER, FileError, UNFINISHED, failed};

/// What is to be written for a try.
const TRIAL: &[u8] = b"connect doctor was here for a moment\n";

/// What is at a path, symbolic links followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Nothing.
    Nothing,
    /// A regular file.
    File {
        /// Who else may use it.
        trouble: Option<Trouble>,
    },
    /// A folder.
    Folder {
        /// Who else may use it.
        trouble: Option<Trouble>,
    },
    /// A pipe, a socket, a device: nothing that may be opened lightly.
    Other,
}

/// Looks at a path without opening it.
///
/// # Errors
/// [`FileError::Io`].
pub fn look(path: &Path) -> Result<Look, FileError> {
    match fs::metadata(path) {
        Ok(about) if about.is_file() => Ok(Look::File { trouble: trouble(&about) }),
        Ok(about) if about.is_dir() => Ok(Look::Folder { trouble: trouble(&about) }),
        Ok(_) => Ok(Look::Other),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Look::Nothing),
        Err(e) => Err(failed("look at", path)(e)),
    }
}

/// Everything in a folder, hidden files included, in order; nothing if there is no folder.
///
/// # Errors
/// [`FileError::Io`].
pub fn everything(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(failed("read", folder)(e)),
    };
    let mut found = Vec::new();
    for entry in entries {
        found.push(entry.map_err(failed("read", folder))?.path());
    }
    found.sort_unstable();
    Ok(found)
}

/// Whether a killed process left this file half written: by its name, and old enough that whoever
/// writes it would have locked it.
pub fn is_abandoned(path: &Path) -> bool {
    let unfinished = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(UNFINISHED.as_bytes()));
    let age = || fs::metadata(path).and_then(|about| about.modified()).ok().and_then(|at| at.elapsed().ok());
    let free = || super::permissions::without_waiting().open(path).is_ok_and(|file| file.try_lock().is_ok());
    unfinished && age().is_some_and(|age| age > ABANDONED_AFTER) && free()
}

/// Writes a file into a folder, reads it back and removes it. A folder that is not there is not made.
///
/// # Errors
/// [`FileError::Io`].
pub fn probe(folder: &Path) -> Result<(), FileError> {
    let mut file: tempfile::NamedTempFile<File> =
        tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder).map_err(failed("write into", folder))?;
    let _ = file.as_file().try_lock();
    file.write_all(TRIAL).and_then(|()| file.as_file().sync_all()).map_err(failed("write into", folder))?;
    let mut back = Vec::new();
    file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_end(&mut back)).map_err(failed("read from", folder))?;
    if back != TRIAL {
        return Err(failed("read from", folder)(std::io::ErrorKind::InvalidData.into()));
    }
    file.close().map_err(failed("remove from", folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_leaves_nothing() {
        let home = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        assert!(probe(home.path()).is_ok());
        assert_eq!(everything(home.path()).unwrap_or_default(), Vec::<PathBuf>::new());
        assert!(probe(&home.path().join("none")).is_err());
        assert!(matches!(look(&home.path().join("none")), Ok(Look::Nothing)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_is_looked_at_and_never_waited_for() {
        let home = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let path = home.path().join("pipe.json");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        let made = rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0);
        assert!(made.is_ok(), "{made:?}");
        assert!(matches!(look(&path), Ok(Look::Other)));
        assert!(matches!(super::super::read(&path, 100), Err(FileError::NotAFile { .. })));
        assert!(!is_abandoned(&path));
    }
}
