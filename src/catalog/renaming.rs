//! Renamings that are under way: for a moment two records name the same secret, and if the process dies
//! then, the next one must know which of the two is to go.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CatalogError, Journal};
use crate::files;
use crate::model::{ConnectionName, SecretId};

const LIMIT: u64 = 64 * 1024;

/// A connection is being given another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renaming {
    /// The form of this file.
    pub version: u32,
    /// The old name.
    #[serde(rename = "rename_from")]
    pub from: ConnectionName,
    /// The new one.
    #[serde(rename = "rename_to")]
    pub to: ConnectionName,
    /// When it began.
    pub since: Timestamp,
}

/// A renaming that is written down.
#[derive(Debug)]
pub struct OpenRenaming {
    /// What is under way.
    pub intent: Renaming,
    path: PathBuf,
}

impl OpenRenaming {
    /// Crosses it out: it is carried out, or there is nothing left of it.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn close(self) -> Result<(), CatalogError> {
        files::remove(&self.path)?;
        Ok(())
    }
}

impl Journal {
    /// Writes a renaming down, synced, before it is begun.
    ///
    /// # Errors
    /// [`CatalogError::File`]; then nothing may be begun.
    pub fn open_renaming(&self, intent: Renaming) -> Result<OpenRenaming, CatalogError> {
        let id = SecretId::random().map_err(|_| CatalogError::NoRandomness)?;
        let path = self.folder().join(format!("rename-{}.json", id.as_str()));
        let text = serde_json::to_vec(&intent)
            .map_err(|e| CatalogError::Damaged { path: path.clone(), why: e.to_string() })?;
        files::replace(&path, &text)?;
        Ok(OpenRenaming { intent, path })
    }

    /// All renamings that are written down; those of processes still at work are among them.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn unfinished_renamings(&self) -> Result<Vec<OpenRenaming>, CatalogError> {
        let mut found = Vec::new();
        for path in files::list(self.folder(), "json")? {
            // Another process may close it between the listing and the reading.
            let Some(bytes) = files::read(&path, LIMIT)? else { continue };
            if let Ok(intent) = serde_json::from_slice::<Renaming>(&bytes)
                && intent.version == 1
            {
                found.push(OpenRenaming { intent, path });
            }
        }
        Ok(found)
    }
}
