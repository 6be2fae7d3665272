//! Folders, whose entries have to be on disk before a new file is safe. A run of many changes the same few folders from
//! several threads: one sync is enough for all changes that were made before it began.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The folders that this process has synced.
static FOLDERS: Mutex<BTreeMap<PathBuf, Arc<Folder>>> = Mutex::new(BTreeMap::new());

/// One of them: how many changes there were, and how many of the first of them are on disk.
#[derive(Debug, Default)]
struct Folder {
    changes: AtomicU64,
    synced: Mutex<u64>,
}

/// A rename or a removal is only safe from a power cut once its folder is synced. Not every file system can, and not every
/// operating system lets one.
pub(super) fn sync(folder: &Path) {
    if !cfg!(unix) {
        return;
    }
    let shared = {
        let mut folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(folders.entry(folder.to_owned()).or_default())
    };
    shared.sync(|| {
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
    });
}

impl Folder {
    /// Returns when a sync that began after this call is over, whoever made it.
    fn sync(&self, all: impl FnOnce()) {
        let change = self.changes.fetch_add(1, Ordering::SeqCst) + 1;
        let mut synced = self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        if *synced < change {
            let changes = self.changes.load(Ordering::SeqCst);
            all();
            *synced = changes;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn one_sync_for_all_that_wait() {
        const WRITERS: usize = 20;
        let (folder, syncs) = (Folder::default(), AtomicU64::new(0));
        let count = || {
            let _ = syncs.fetch_add(1, Ordering::SeqCst);
        };
        let (begun, has_begun) = mpsc::channel();
        let (go, may_go) = mpsc::channel();
        let (folder, count) = (&folder, &count);
        thread::scope(|scope| {
            let first = scope.spawn(move || {
                folder.sync(|| {
                    let _ = begun.send(());
                    let _ = may_go.recv();
                    count();
                });
            });
            let _ = has_begun.recv();
            // These come while it is under way: what they have changed may be missing in it.
            let rest: Vec<_> = (0..WRITERS).map(|_| scope.spawn(|| folder.sync(count))).collect();
            while folder.changes.load(Ordering::SeqCst) <= WRITERS as u64 {
                thread::yield_now();
            }
            let _ = go.send(());
            let _ = first.join();
            rest.into_iter().for_each(|one| drop(one.join()));
        });
        assert_eq!(syncs.load(Ordering::SeqCst), 2);
        folder.sync(count);
        assert_eq!(syncs.load(Ordering::SeqCst), 3);
    }
}
