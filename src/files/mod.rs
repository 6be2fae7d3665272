//! How files are kept: the user's alone, replaced whole or not at all, one writer at a time.
//!
//! The rooms above (catalog, store) decide what is in a file; this one decides how it gets there:
//! written beside the old one, synced, then renamed over it. A reader sees the old bytes or the new
//! ones; a crash leaves the old. What a crash leaves beside it (`.tmp-…`) is removed by [`sweep`].

mod append;
mod exchange;
mod inspect;
mod lock;
mod permissions;
mod room;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

pub use append::{Line, Lines, add, append, cut, length, lines, tail};
pub use exchange::{Exchanged, LockFile, exchange, has_several_names};
pub use inspect::{Look, everything, is_abandoned, look, probe};
pub use lock::Lock;
pub use permissions::{Trouble, others_may_read, private_dir};
pub use room::set_aside;

/// The name that unfinished files begin with.
const UNFINISHED: &str = ".tmp-";

/// After this long whoever writes an unfinished file has locked it.
const ABANDONED_AFTER: Duration = Duration::from_secs(2);

/// What went wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refused: say which file, and what it said.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// `read`, `write`, `lock` …
        action: &'static str,
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is larger than anything connect writes: somebody else's, or damaged.
    #[error("{} is larger than {limit} bytes", path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// What is read at the most.
        limit: u64,
    },
    /// Where a file should be there is a pipe, a device or a folder: somebody else's. Remove it.
    #[error("{} is not a regular file", path.display())]
    NotAFile {
        /// What it is called.
        path: PathBuf,
    },
    /// Another process holds the lock and has not let go in time: wait, or look for it.
    #[error("another process is at work on {}", path.display())]
    Busy {
        /// The lock's file.
        path: PathBuf,
    },
}

impl FileError {
    /// What the operating system said, if it was the one that refused.
    pub fn io_kind(&self) -> Option<io::ErrorKind> {
        match self {
            Self::Io { source, .. } => Some(source.kind()),
            Self::TooLarge { .. } | Self::NotAFile { .. } | Self::Busy { .. } => None,
        }
    }
}

/// Makes an [`FileError::Io`] of what the operating system said.
pub(crate) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileError {
    let path = path.to_owned();
    move |source| FileError::Io { action, path, source }
}

/// Replaces a file whole: 0600 from its first byte, synced, then renamed over the old one. The
/// folder is made (0700) when it is missing.
///
/// # Errors
/// [`FileError::Io`]; the old file, if any, is then as it was.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    private_dir(folder)?;
    replace_in(folder, path, bytes)
}

/// Replaces several files, each whole. Their folders are synced once, at the end, which is what makes this
/// quicker than one after the other.
///
/// # Errors
/// [`FileError::Io`]; some of the files may then be replaced, and the others are as they were.
pub fn replace_all(files: &[(PathBuf, Vec<u8>)]) -> Result<(), FileError> {
    let folders = swap_all(files)?;
    folders.iter().for_each(|folder| sync_folder(folder));
    Ok(())
}

/// As [`replace_all`], for what can be had again: after a power cut there may be an old file, whole, where a new one
/// had been put.
///
/// # Errors
/// As [`replace_all`].
pub fn refresh_all(files: &[(PathBuf, Vec<u8>)]) -> Result<(), FileError> {
    swap_all(files).map(drop)
}

/// Writes all beside the old ones, synced, then renames them; gives the folders that they are in.
fn swap_all(files: &[(PathBuf, Vec<u8>)]) -> Result<BTreeSet<PathBuf>, FileError> {
    let folder_of = |path: &Path| path.parent().unwrap_or(Path::new(".")).to_owned();
    let folders: BTreeSet<PathBuf> = files.iter().map(|(path, _)| folder_of(path)).collect();
    folders.iter().try_for_each(|folder| private_dir(folder))?;
    let unfinished: Result<Vec<_>, FileError> =
        files.iter().map(|(path, bytes)| unfinished_in(&folder_of(path), path, bytes)).collect();
    for ((path, _), unfinished) in files.iter().zip(unfinished?) {
        unfinished.persist(path).map_err(|e| failed("replace", path)(e.error))?;
    }
    Ok(folders)
}

/// As [`replace`], for a file that people write too: a link is followed and stays, and the folder that the file is in is
/// left as it is, because it may be a collection of the user's own.
///
/// # Errors
/// [`FileError::Io`]; the old file, if any, is then as it was.
pub fn rewrite(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    match fs::canonicalize(path) {
        Ok(there) => replace_in(there.parent().unwrap_or(Path::new(".")), &there, bytes),
        Err(e) if e.kind() == io::ErrorKind::NotFound && !path.is_symlink() => replace(path, bytes),
        Err(e) => Err(failed("write", path)(e)),
    }
}

/// As [`replace`], for a file that other users' programs are to read and that is nobody's secret: its mode is what the
/// user's mask allows, and its folder, which must be there, is left as it is.
///
/// # Errors
/// As [`replace`].
pub fn publish(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    permissions::for_all(builder.prefix(UNFINISHED));
    let mut unfinished = builder.tempfile_in(folder).map_err(failed("write", path))?;
    unfinished.write_all(bytes).map_err(failed("write", path))?;
    unfinished.as_file().sync_all().map_err(failed("write", path))?;
    unfinished.persist(path).map_err(|e| failed("replace", path)(e.error))?;
    sync_folder(folder);
    Ok(())
}

/// Replaces a file whole that is for somebody else to read: as [`replace`], 0600 from its first byte, but the folder that
/// it is in is neither made nor closed to others, and a link is followed and stays. What is there and is no regular
/// file stays as it is.
///
/// # Errors
/// [`FileError::Io`], [`FileError::NotAFile`]; the old file, if any, is then as it was.
pub fn hand_over(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let there = match fs::canonicalize(path) {
        Ok(there) => there,
        Err(e) if e.kind() == io::ErrorKind::NotFound && !path.is_symlink() => path.to_owned(),
        Err(e) => return Err(failed("write", path)(e)),
    };
    if fs::metadata(&there).is_ok_and(|about| !about.is_file()) {
        return Err(FileError::NotAFile { path: path.to_owned() });
    }
    replace_in(there.parent().unwrap_or(Path::new(".")), &there, bytes)
}

fn replace_in(folder: &Path, path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    unfinished_in(folder, path, bytes)?.persist(path).map_err(|e| failed("replace", path)(e.error))?;
    sync_folder(folder);
    Ok(())
}

fn unfinished_in(folder: &Path, path: &Path, bytes: &[u8]) -> Result<tempfile::NamedTempFile, FileError> {
    // tempfile makes it 0600 on Unix; elsewhere the folder's own permissions are inherited.
    let mut unfinished =
        tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder).map_err(failed("write", path))?;
    // Says to `sweep` that somebody is at it; goes with the process.
    let _ = unfinished.as_file().try_lock();
    unfinished.write_all(bytes).map_err(failed("write", path))?;
    unfinished.as_file().sync_all().map_err(failed("write", path))?;
    Ok(unfinished)
}

/// Reads a file of ours, up to `limit` bytes. Nothing if there is no such file. The bytes are wiped when
/// dropped, because some files hold secrets. A pipe or a device in its place is never waited for.
///
/// # Errors
/// [`FileError::Io`], [`FileError::TooLarge`], [`FileError::NotAFile`].
pub fn read(path: &Path, limit: u64) -> Result<Option<Zeroizing<Vec<u8>>>, FileError> {
    let Some(file) = opened(permissions::without_waiting().open(path), path)? else { return Ok(None) };
    let about = file.metadata().map_err(failed("read", path))?;
    if !about.is_file() {
        return Err(FileError::NotAFile { path: path.to_owned() });
    }
    content(file, about.len(), path, limit).map(Some)
}

/// As [`read`], for a file that the user named: it may be a pipe (`<(…)`, `/dev/stdin`), which is waited for.
///
/// # Errors
/// [`FileError::Io`], [`FileError::TooLarge`].
pub fn read_given(path: &Path, limit: u64) -> Result<Option<Zeroizing<Vec<u8>>>, FileError> {
    match opened(File::open(path), path)? {
        Some(file) => {
            let size = file.metadata().map_or(0, |about| about.len());
            content(file, size, path, limit).map(Some)
        }
        None => Ok(None),
    }
}

fn opened(file: io::Result<File>, path: &Path) -> Result<Option<File>, FileError> {
    match file {
        Ok(file) => Ok(Some(file)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(failed("read", path)(e)),
    }
}

fn content(file: File, size: u64, path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, FileError> {
    // Room for the whole file at once: a buffer that grows leaves copies behind.
    if size > limit {
        return Err(FileError::TooLarge { path: path.to_owned(), limit });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1));
    file.take(limit + 1).read_to_end(&mut bytes).map_err(failed("read", path))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(FileError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}

/// Opens a file to be read and written in place, by a library that knows how to do that and survive a crash. It is made
/// (0600), and its folder (0700), when it is missing. A pipe or a device in its place is never waited for.
///
/// # Errors
/// [`FileError::Io`], [`FileError::NotAFile`].
pub fn open_in_place(path: &Path) -> Result<File, FileError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    private_dir(folder)?;
    match fs::metadata(path) {
        Ok(about) if !about.is_file() => return Err(FileError::NotAFile { path: path.to_owned() }),
        Ok(_) => {}
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(failed("open", path)(e)),
    }
    let mut options = permissions::private_options();
    options.read(true).write(true).create(true).truncate(false);
    let file = options.open(path).map_err(failed("open", path))?;
    sync_folder(folder);
    Ok(file)
}

/// Removes a file; says whether there was one.
///
/// # Errors
/// [`FileError::Io`].
pub fn remove(path: &Path) -> Result<bool, FileError> {
    let was = discard(path)?;
    if was {
        sync_folder(path.parent().unwrap_or(Path::new(".")));
    }
    Ok(was)
}

/// As [`remove`], for what does no harm if it is there again after a power cut.
///
/// # Errors
/// As [`remove`].
pub fn discard(path: &Path) -> Result<bool, FileError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(failed("remove", path)(e)),
    }
}

/// Removes what killed processes left half written in a folder. Who writes a file holds its lock, but for the
/// moment between making and locking it; so the youngest are left alone. What does not work now, works next time.
pub fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let unfinished = entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes());
        let age = || entry.metadata().and_then(|about| about.modified()).ok().and_then(|at| at.elapsed().ok());
        if unfinished && age().is_some_and(|age| age > ABANDONED_AFTER) {
            let abandoned = permissions::without_waiting().open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
            if abandoned {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// The files in a folder whose names end in `.ENDING`, sorted by name; none if there is no such folder.
///
/// # Errors
/// [`FileError::Io`].
pub fn list(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, FileError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(failed("read", folder)(e)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed("read", folder))?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
    // By bytes, which in one folder is the same order: a comparison of paths takes both apart each time.
    found.sort_unstable_by(|one, other| one.as_os_str().cmp(other.as_os_str()));
    Ok(found)
}

/// A rename is only safe from a power cut once its folder is synced. Not every file system can.
fn sync_folder(folder: &Path) {
    if cfg!(unix)
        && let Ok(folder) = File::open(folder)
    {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch() -> tempfile::TempDir {
        tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn a_file_is_replaced_whole_and_is_the_users_alone() {
        let home = scratch();
        let path = home.path().join("a/b/record.json");
        replace(&path, b"one").unwrap_or_else(|e| panic!("{e}"));
        replace(&path, b"two").unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(read(&path, 100).ok().flatten().as_deref().map(Vec::as_slice), Some(b"two".as_slice()));
        assert_eq!(others_may_read(&path).ok(), Some(false));
        let names = list(&home.path().join("a/b"), "json").unwrap_or_default();
        assert_eq!(names, std::slice::from_ref(&path));
        assert_eq!(
            fs::read_dir(home.path().join("a/b")).map(Iterator::count).ok(),
            Some(1),
            "nothing is left beside it"
        );
        assert!(remove(&path).is_ok_and(|was| was));
        assert!(remove(&path).is_ok_and(|was| !was));
    }

    #[test]
    fn only_old_unfinished_files_are_swept() {
        let home = scratch();
        let [old, young, other] = [".tmp-old", ".tmp-young", "record.json"].map(|name| home.path().join(name));
        let long_ago = std::time::SystemTime::now() - 2 * ABANDONED_AFTER;
        for path in [&old, &young, &other] {
            let file = File::options().create_new(true).write(true).open(path).unwrap_or_else(|e| panic!("{e}"));
            if path != &young {
                file.set_modified(long_ago).unwrap_or_else(|e| panic!("{e}"));
            }
        }
        sweep(home.path());
        assert_eq!([old.exists(), young.exists(), other.exists()], [false, true, true]);
    }

    #[test]
    fn what_is_too_large_is_not_read() {
        let home = scratch();
        let path = home.path().join("x");
        replace(&path, &[b'x'; 101]).unwrap_or_else(|e| panic!("{e}"));
        assert!(matches!(read(&path, 100), Err(FileError::TooLarge { .. })));
        assert!(matches!(read(&home.path().join("none"), 100), Ok(None)));
    }
}
