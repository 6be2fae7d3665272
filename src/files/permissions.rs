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
    if let Ok(about) = fs::metadata(path)
        && about.is_dir()
    {
        return tightened(path, &about);
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(failed("make the folder", path))
}

/// A folder of ours that somebody opened to others is closed again: whoever may write there could add to the list
/// of those who can read.
fn tightened(path: &Path, about: &fs::Metadata) -> Result<(), FileError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if about.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(failed("close to others", path))?;
        }
    }
    #[cfg(not(unix))]
    let _ = (path, about);
    Ok(())
}

/// Options for opening a file that is the user's alone from the moment it is made.
pub(super) fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Options for opening a file to read it that do not wait for the other end of a pipe.
pub(super) fn without_waiting() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    options
}

/// A file that is made so may be read by whom the user's mask lets.
pub(super) fn for_all(builder: &mut tempfile::Builder<'_, '_>) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = builder;
}

/// What is wrong with who may use a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Others may read or change it, by its mode.
    Open {
        /// The mode's last nine bits.
        mode: u32,
    },
    /// It belongs to another user.
    Foreign,
}

/// Who may use what is there: nothing where it is the user's alone. On Windows never anything.
pub(super) fn trouble(about: &fs::Metadata) -> Option<Trouble> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let mode = about.mode() & 0o777;
        if about.uid() != rustix::process::geteuid().as_raw() {
            return Some(Trouble::Foreign);
        }
        (mode & 0o077 != 0).then_some(Trouble::Open { mode })
    }
    #[cfg(not(unix))]
    {
        let _ = about;
        None
    }
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
