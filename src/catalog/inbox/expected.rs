//! Deliveries that were asked for again: a note each, an empty file named by the digest of the id.
//!
//! Files, because whoever asks is another process than the one that listens, and the database belongs to that one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::spool::digest;
use crate::files::{self, FileError};

/// After this long nobody remembers the id either.
const HOLDS: Duration = Duration::from_secs(super::spool::DAYS as u64 * 86_400);

fn folder(inbox: &Path) -> PathBuf {
    inbox.join("expected")
}

fn file_name(id: &str) -> String {
    hex::encode(digest(id))
}

/// Writes a note, synced. Whether there was none.
pub(super) fn note(inbox: &Path, id: &str) -> Result<bool, FileError> {
    let note = folder(inbox).join(file_name(id));
    let is_new = !note.exists();
    files::replace(&note, b"").map(|()| is_new)
}

/// Removes a note.
pub(super) fn take_back(inbox: &Path, id: &str) -> Result<(), FileError> {
    files::remove(&folder(inbox).join(file_name(id))).map(drop)
}

/// Whether anything may have been asked for. Usually there is not even a folder.
pub(super) fn any(inbox: &Path) -> bool {
    std::fs::exists(folder(inbox)).unwrap_or(true)
}

/// Whether this was asked for.
pub(super) fn has(inbox: &Path, id: &str) -> bool {
    std::fs::exists(folder(inbox).join(file_name(id))).unwrap_or(false)
}

/// It has come, and is on disk. If this does not work, one repeat more is let through.
pub(super) fn cross_out(inbox: &Path, id: &str) {
    let _ = files::remove(&folder(inbox).join(file_name(id)));
}

/// Removes notes that nobody waits for any more.
pub(super) fn sweep(inbox: &Path) {
    let Ok(entries) = std::fs::read_dir(folder(inbox)) else { return };
    for entry in entries.flatten() {
        let age = entry.metadata().and_then(|about| about.modified()).ok().and_then(|at| at.elapsed().ok());
        if age.is_some_and(|age| age > HOLDS) {
            let _ = files::remove(&entry.path());
        }
    }
}
