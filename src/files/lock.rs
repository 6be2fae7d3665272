//! One writer at a time, across processes.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use super::permissions::private_options;
use super::{FileError, failed, private_dir};

/// Holds a lock file. The operating system lets go of it when the process ends, however it ends; the
/// file itself stays, because removing it would let two processes lock two different files.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, waiting for whoever has it.
    ///
    /// # Errors
    /// [`FileError::Busy`] when `patience` is over; [`FileError::Io`].
    pub fn acquire(path: &Path, patience: Duration) -> Result<Self, FileError> {
        let start = Instant::now();
        loop {
            match Self::try_acquire(path) {
                Err(FileError::Busy { .. }) if start.elapsed() < patience => {
                    // The standard library can wait for ever or not at all; this is neither.
                    std::thread::sleep(Duration::from_millis(15));
                }
                other => return other,
            }
        }
    }

    /// Takes the lock if nobody has it.
    ///
    /// # Errors
    /// [`FileError::Busy`], [`FileError::Io`].
    pub fn try_acquire(path: &Path) -> Result<Self, FileError> {
        private_dir(path.parent().unwrap_or(Path::new(".")))?;
        // To open a pipe for writing is to wait for its other end.
        if std::fs::metadata(path).is_ok_and(|about| !about.is_file()) {
            return Err(FileError::NotAFile { path: path.to_owned() });
        }
        let file =
            private_options().create(true).truncate(false).write(true).open(path).map_err(failed("lock", path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(FileError::Busy { path: path.to_owned() }),
            Err(TryLockError::Error(e)) => Err(failed("lock", path)(e)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_has_it() {
        let home = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let path = home.path().join("locks/a.lock");
        let first = Lock::try_acquire(&path);
        assert!(first.is_ok());
        assert!(matches!(Lock::acquire(&path, Duration::ZERO), Err(FileError::Busy { .. })));
        drop(first);
        assert!(Lock::acquire(&path, Duration::ZERO).is_ok());
    }
}
