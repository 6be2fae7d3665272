//! Room on disk that is set aside before it is needed.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use super::permissions::private_options;
use super::{FileError, failed, private_dir};

/// Sets so many bytes aside, by a file that holds nothing: whoever removes it has room for as much, even on a disk that has
/// filled up meanwhile. It is for as long as the system runs; after a power cut the file may be gone, or be there.
///
/// # Errors
/// [`FileError::Io`]; then there is no such room, and no file.
pub fn set_aside(path: &Path, size: u32) -> Result<(), FileError> {
    private_dir(path.parent().unwrap_or(Path::new(".")))?;
    let file = private_options().create(true).truncate(false).write(true).open(path).map_err(failed("write", path))?;
    let taken = allocated(&file, size);
    if taken.is_err() {
        let _ = super::discard(path);
    }
    taken.map_err(failed("write", path))
}

/// Has the file system take the blocks now, without a byte written. Where it has no call for that, bytes are written
/// and synced: only then is it known to have them.
fn allocated(file: &File, size: u32) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::FallocateFlags;
        use rustix::io::Errno;
        match rustix::fs::fallocate(file, FallocateFlags::empty(), 0, u64::from(size)) {
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => {}
            taken => return Ok(taken?),
        }
    }
    written(file, size)
}

fn written(mut file: &File, size: u32) -> io::Result<()> {
    let nothing = [0; 4096];
    let mut missing = usize::try_from(size).unwrap_or(usize::MAX);
    while missing > 0 {
        let some = missing.min(nothing.len());
        file.write_all(nothing.get(..some).unwrap_or_default())?;
        missing -= some;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_taken_and_given_back() {
        let home = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let path = home.path().join("journal/a.reserve");
        set_aside(&path, 64 * 1024).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(super::super::length(&path).ok().flatten(), Some(64 * 1024));
        assert_eq!(super::super::others_may_read(&path).ok(), Some(false));
        assert!(super::super::discard(&path).is_ok_and(|was| was));
        let file = tempfile::tempfile().unwrap_or_else(|e| panic!("{e}"));
        written(&file, 10_000).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(file.metadata().map(|about| about.len()).ok(), Some(10_000));
    }
}
