//! Changing a file that belongs to another program: only if it is still what was read, and so that nothing of it is
//! different but the bytes.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::permissions::private_options;
use super::{FileError, UNFINISHED, failed, read, sync_folder};

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exchanged {
    /// The file has the new bytes.
    Done,
    /// Somebody wrote to it in the meantime; it was left alone. Read it again.
    Changed,
    /// It has another name (a hard link), under which the old bytes would stay; it was left alone.
    SeveralNames,
}

/// Replaces a file whole if it has the bytes `old`. Its mode, and its owner where that is not the user, stay; a symbolic link
/// is followed and stays.
///
/// # Errors
/// [`FileError`]; the file is then as it was.
pub fn exchange(path: &Path, old: &[u8], new: &[u8]) -> Result<Exchanged, FileError> {
    let there = fs::canonicalize(path).map_err(failed("write", path))?;
    let about = fs::metadata(&there).map_err(failed("read", &there))?;
    if several_names(&about) {
        return Ok(Exchanged::SeveralNames);
    }
    let folder = there.parent().unwrap_or(Path::new("."));
    let mut unfinished =
        tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder).map_err(failed("write", &there))?;
    let _ = unfinished.as_file().try_lock();
    unfinished.write_all(new).map_err(failed("write", &there))?;
    take_after(unfinished.as_file(), &about).map_err(failed("write", &there))?;
    unfinished.as_file().sync_all().map_err(failed("write", &there))?;
    // As late as can be: whoever writes after this loses, or wins, as if there were no connect.
    let limit = u64::try_from(old.len()).unwrap_or(u64::MAX);
    let now = match read(&there, limit) {
        Ok(now) => now,
        Err(FileError::TooLarge { .. }) => return Ok(Exchanged::Changed),
        Err(e) => return Err(e),
    };
    if now.is_none_or(|now| now.as_slice() != old) {
        return Ok(Exchanged::Changed);
    }
    unfinished.persist(&there).map_err(|e| failed("replace", &there)(e.error))?;
    sync_folder(folder);
    Ok(Exchanged::Done)
}

/// Whether a file has another name (a hard link), under which it would stay as it is.
pub fn has_several_names(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|about| several_names(&about))
}

fn several_names(about: &fs::Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::nlink(about) > 1;
    #[cfg(not(unix))]
    {
        let _ = about;
        false
    }
}

/// The new file gets the mode and the owner of the old one.
fn take_after(file: &File, about: &fs::Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let own = file.metadata()?;
        if (own.uid(), own.gid()) != (about.uid(), about.gid()) {
            std::os::unix::fs::fchown(file, Some(about.uid()), Some(about.gid()))?;
        }
    }
    file.set_permissions(about.permissions())
}

/// The lock that git puts beside a file while it writes it, `FILE.lock`. It goes when this is dropped.
#[derive(Debug)]
pub struct LockFile(PathBuf);

impl LockFile {
    /// Takes the lock; nobody is waited for.
    ///
    /// # Errors
    /// [`FileError::Busy`] when there is one already, [`FileError::Io`].
    pub fn beside(path: &Path) -> Result<Self, FileError> {
        let there = fs::canonicalize(path).map_err(failed("lock", path))?;
        let mut name = there.file_name().unwrap_or_default().to_owned();
        name.push(".lock");
        let lock = there.with_file_name(name);
        match private_options().write(true).create_new(true).open(&lock) {
            Ok(_) => Ok(Self(lock)),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(FileError::Busy { path: lock }),
            Err(e) => Err(failed("lock", &lock)(e)),
        }
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn only_what_was_read_is_replaced_and_mode_and_link_stay() {
        let home = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let (path, link) = (home.path().join("file"), home.path().join("link"));
        super::super::replace(&path, b"one").unwrap_or_else(|e| panic!("{e}"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap_or_else(|e| panic!("{e}"));
        std::os::unix::fs::symlink(&path, &link).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(exchange(&link, b"two", b"three").ok(), Some(Exchanged::Changed));
        assert_eq!(exchange(&link, b"on", b"three").ok(), Some(Exchanged::Changed));
        assert_eq!(fs::read(&path).ok().as_deref(), Some(b"one".as_slice()));
        assert_eq!(exchange(&link, b"one", b"three").ok(), Some(Exchanged::Done));
        assert_eq!(fs::read(&path).ok().as_deref(), Some(b"three".as_slice()));
        assert!(link.is_symlink());
        assert_eq!(fs::metadata(&path).map(|about| about.permissions().mode() & 0o777).ok(), Some(0o640));
        fs::hard_link(&path, home.path().join("other")).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(exchange(&path, b"three", b"").ok(), Some(Exchanged::SeveralNames));
        let lock = LockFile::beside(&path).unwrap_or_else(|e| panic!("{e}"));
        assert!(matches!(LockFile::beside(&link), Err(FileError::Busy { .. })));
        drop(lock);
        assert!(LockFile::beside(&link).is_ok());
    }
}
