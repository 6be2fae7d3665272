//! References: a file each, changed as git changes them, with a lock beside it.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::object::is_name;

/// May a branch be called so? The rules of `git check-ref-format`.
pub(crate) fn is_valid_branch(name: &str) -> bool {
    let bad = |letter: char| letter.is_control() || " ~^:?*[\\".contains(letter);
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    !name.starts_with('-')
        && !name.ends_with('.')
        && !name.contains("..")
        && !name.contains("@{")
        && name != "@"
        && !name.contains(bad)
        && name.split('/').all(part)
}

/// What a reference (`refs/heads/main`) points to.
pub(super) fn read(folder: &Path, name: &str) -> io::Result<Option<String>> {
    match std::fs::read_to_string(folder.join(name)) {
        Ok(text) => Ok(Some(text.trim().to_owned()).filter(|sha| is_name(sha))),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Not there: also where a folder is, or a file is where the folder would be.
fn is_absence(error: &io::Error) -> bool {
    use io::ErrorKind::{IsADirectory, NotADirectory, NotFound, PermissionDenied};
    // Windows has no better word for reading a folder.
    matches!(error.kind(), NotFound | IsADirectory | NotADirectory) || cfg!(windows) && error.kind() == PermissionDenied
}

/// All references below a prefix (`refs/heads`), without it, by their names.
pub(super) fn list(folder: &Path, prefix: &str) -> io::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut waiting: Vec<(PathBuf, String)> = vec![(folder.join(prefix), String::new())];
    while let Some((at, above)) = waiting.pop() {
        let entries = match std::fs::read_dir(&at) {
            Ok(entries) => entries,
            Err(error) if is_absence(&error) => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let name = format!("{above}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                waiting.push((entry.path(), format!("{name}/")));
            } else if !name.ends_with(".lock")
                && let Some(sha) = read(folder, &format!("{prefix}/{name}"))?
            {
                found.push((name, sha));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Holds git's own lock upon a reference; it goes when this goes.
struct Lock(PathBuf);

impl Lock {
    /// Takes the lock, or says [`io::ErrorKind::ResourceBusy`] when a push holds it.
    fn take(file: &Path, content: &str) -> io::Result<Self> {
        if let Some(above) = file.parent() {
            std::fs::create_dir_all(above)?;
        }
        let mut lock = file.as_os_str().to_owned();
        lock.push(".lock");
        let lock = PathBuf::from(lock);
        let mut open = OpenOptions::new().write(true).create_new(true).open(&lock).map_err(|error| {
            let busy = error.kind() == io::ErrorKind::AlreadyExists;
            if busy { io::Error::new(io::ErrorKind::ResourceBusy, "somebody else is pushing") } else { error }
        })?;
        let lock = Self(lock);
        open.write_all(content.as_bytes())?;
        Ok(lock)
    }

    /// The content becomes the file's.
    fn commit(self, file: &Path) -> io::Result<()> {
        // An empty folder of a branch that is gone stands in the way of one of its name.
        if file.is_dir() {
            std::fs::remove_dir(file)?;
        }
        std::fs::rename(&self.0, file)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // It is gone already when it was renamed.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Points a reference to an object, if it points to `before` now.
pub(super) fn set(folder: &Path, name: &str, before: Option<&str>, sha: &str) -> io::Result<()> {
    let file = folder.join(name);
    let lock = Lock::take(&file, &format!("{sha}\n"))?;
    if read(folder, name)?.as_deref() != before {
        return Err(io::Error::new(io::ErrorKind::ResourceBusy, "somebody else has pushed"));
    }
    lock.commit(&file)
}

/// Takes a reference away. Was there one?
pub(super) fn remove(folder: &Path, name: &str) -> io::Result<bool> {
    let file = folder.join(name);
    if read(folder, name)?.is_none() {
        return Ok(false);
    }
    let _lock = Lock::take(&file, "")?;
    std::fs::remove_file(&file)?;
    Ok(true)
}
