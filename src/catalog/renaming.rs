//! Renamings that are under way: for a moment two records name the same secret, and if the process dies
//! then, the next one must know which of the two is to go.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::journal::VERSION;
use super::{CatalogError, Happening, Journal};
use crate::files;
use crate::model::ConnectionName;

/// A connection is being given another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renaming {
    /// The form of this file.
    pub version: u32,
    /// The old name. The locks of both names are held for as long as it is being carried out.
    #[serde(rename = "rename_from")]
    pub from: ConnectionName,
    /// The new one.
    #[serde(rename = "rename_to")]
    pub to: ConnectionName,
    /// What the history says once the new record is there.
    pub happening: Happening,
}

impl Renaming {
    /// A connection is about to be renamed.
    pub fn new(from: ConnectionName, to: ConnectionName, happening: Happening) -> Self {
        Self { version: VERSION, from, to, happening }
    }
}

/// A renaming that is written down.
#[derive(Debug)]
pub struct OpenRenaming {
    /// What is under way.
    pub renaming: Renaming,
    path: PathBuf,
}

impl OpenRenaming {
    /// Whether it is written down still. Who read it before they had the lock must look again: its owner may have
    /// come to the end in between, and then what it says is no longer true.
    pub fn stands(&self) -> bool {
        self.path.exists()
    }

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
    pub fn rename(&self, renaming: Renaming) -> Result<OpenRenaming, CatalogError> {
        Ok(OpenRenaming { path: self.write("rename", &renaming)?, renaming })
    }

    /// All renamings that are written down; those of processes still at work are among them.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn unfinished_renamings(&self) -> Result<Vec<OpenRenaming>, CatalogError> {
        let known = |(renaming, _): &(Renaming, PathBuf)| renaming.version == VERSION;
        let renamings = self.all_of::<Renaming>("rename")?.into_iter().filter(known);
        Ok(renamings.map(|(renaming, path)| OpenRenaming { renaming, path }).collect())
    }
}
