//! Who may read a file. The one place in this room that knows which system it runs on.

use std::fs::{self, OpenOptions};
use std::path::Path;

use super::{FileError, failed};

/// Makes a folder and those above it that are missing, each 0700. On Windows a folder below the
/// user's profile inherits that only the user (and the system) may read it.
///
/// # Errors
/// [`FileError::Io`].
pub fn private_dir(path: &Path) -> Result<(), FileError> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(failed("make the folder", path))
}

/// Options for opening a file that is the user's alone from the moment it is made.
pub(super) fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Whether anybody but the owner may read the file. Always `false` on Windows, where permissions are
/// inherited from the user's profile.
///
/// # Errors
/// [`FileError::Io`].
pub fn others_may_read(path: &Path) -> Result<bool, FileError> {
    let about = fs::metadata(path).map_err(failed("read", path))?;
    #[cfg(unix)]
    let others = std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o077 != 0;
    #[cfg(not(unix))]
    let others = {
        let _ = about;
        false
    };
    Ok(others)
}
