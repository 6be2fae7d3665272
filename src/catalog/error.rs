//! What can be wrong with what we remember.

use std::path::PathBuf;

use crate::files::FileError;
use crate::model::ConnectionName;

/// What can be wrong with a record, the journal or the configuration.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A file could not be read or written; it says which and why.
    #[error(transparent)]
    File(#[from] FileError),
    /// A later version of connect wrote this record: update connect; the file is left as it is.
    #[error("`{name}` was written by a newer connect (record version {version})")]
    Newer {
        /// Whose record.
        name: ConnectionName,
        /// Its version.
        version: u64,
    },
    /// The file is no record: restore it from a backup, or remove it and connect again.
    #[error("{} is damaged: {why}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it; never a piece of its contents.
        why: String,
    },
    /// Another process is at work on this connection: wait, then try again.
    #[error("another process is at work on `{name}`")]
    Busy {
        /// Which connection.
        name: ConnectionName,
    },
    /// `config.toml` does not read: mend it.
    #[error("{} does not read as configuration: {why}", path.display())]
    Config {
        /// Which file.
        path: PathBuf,
        /// What is wrong, with the line.
        why: String,
    },
    /// A line of the history cannot be made: what was to be done is done, only the line is missing.
    #[error("the history's line cannot be made: {why}")]
    History {
        /// Why not.
        why: String,
    },
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers")]
    NoRandomness,
}
