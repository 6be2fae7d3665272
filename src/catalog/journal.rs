//! What is under way. Before a secret is written under a new id, an [`Intent`] says so; after the
//! record points to it and the old one is gone, the intent goes too. If the process dies in between,
//! the next one that writes finds the intent, looks at the record to see which of the two secrets is
//! the living one, and removes the other: a store never collects tokens that nobody remembers.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CatalogError, Home};
use crate::files::{self, FileError};
use crate::model::{ConnectionName, SecretId, StoreKind};

const LIMIT: u64 = 64 * 1024;

/// Where one secret is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resting {
    /// Its id in that store.
    pub secret: SecretId,
    /// The store.
    pub kept_in: StoreKind,
}

/// A token is being put under a new id in place of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The form of this file.
    pub version: u32,
    /// Whose token. Its lock is held for as long as the intent is being carried out.
    pub connection: ConnectionName,
    /// The new secret.
    pub new: Resting,
    /// The one that it replaces.
    pub old: Option<Resting>,
    /// When it began.
    pub since: Timestamp,
}

/// An intent that is written down.
#[derive(Debug)]
pub struct OpenIntent {
    /// What is under way.
    pub intent: Intent,
    path: PathBuf,
}

impl OpenIntent {
    /// Crosses it out: it is carried out, or undone.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn close(self) -> Result<(), CatalogError> {
        files::remove(&self.path)?;
        Ok(())
    }
}

/// The folder of intents.
#[derive(Debug, Clone)]
pub struct Journal {
    folder: PathBuf,
}

impl Journal {
    /// The journal of a home; nothing is read or made yet.
    pub fn new(home: &Home) -> Self {
        Self { folder: home.journal() }
    }

    /// Writes an intent down, synced, before it is begun.
    ///
    /// # Errors
    /// [`CatalogError::File`]; then nothing may be begun.
    pub fn open(&self, intent: Intent) -> Result<OpenIntent, CatalogError> {
        let id = SecretId::random().map_err(|_| CatalogError::NoRandomness)?;
        let path = self.folder.join(format!("connect-{}.json", id.as_str()));
        let text = serde_json::to_vec(&intent)
            .map_err(|e| CatalogError::Damaged { path: path.clone(), why: e.to_string() })?;
        files::replace(&path, &text)?;
        Ok(OpenIntent { intent, path })
    }

    /// All intents that are written down; those of processes still at work are among them. What
    /// does not read as an intent of this kind is left to whoever wrote it.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn unfinished(&self) -> Result<Vec<OpenIntent>, CatalogError> {
        let mut found = Vec::new();
        for path in files::list(&self.folder, "json")? {
            // Another process may close it between the listing and the reading.
            let bytes = match files::read(&path, LIMIT) {
                Ok(Some(bytes)) => bytes,
                // What is no file is nobody's intent.
                Ok(None) | Err(FileError::NotAFile { .. }) => continue,
                Err(e) => return Err(e.into()),
            };
            if let Some(intent) = intent(&bytes) {
                found.push(OpenIntent { intent, path });
            }
        }
        Ok(found)
    }

    /// The notes that do not read as intents of this kind: damaged, or a later version's.
    ///
    /// # Errors
    /// [`CatalogError::File`] when the folder cannot be read.
    pub fn unreadable(&self) -> Result<Vec<PathBuf>, CatalogError> {
        let reads = |path: &PathBuf| match files::read(path, LIMIT) {
            Ok(Some(bytes)) => intent(&bytes).is_some(),
            // Closed in the meantime.
            Ok(None) => true,
            Err(_) => false,
        };
        Ok(files::list(&self.folder, "json")?.into_iter().filter(|path| !reads(path)).collect())
    }
}

fn intent(bytes: &[u8]) -> Option<Intent> {
    serde_json::from_slice::<Intent>(bytes).ok().filter(|intent| intent.version == 1)
}
