//! Tokens on their way out: somebody has made a new token in place of an old one, and the old one still has to be
//! revoked. Revoking needs the old token's text, so its secret stays in its store, under the id that it always had, for as
//! long as a note in the journal names it. The note is written before the new token is kept: whenever the run is
//! killed, either the record names the old token still, or the note does, and the old one can be revoked.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::journal::VERSION;
use super::{CatalogError, Journal};
use crate::files;
use crate::model::{Connection, Fingerprint};

/// An old token that is to be revoked once the new one is everywhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Retiring {
    /// The form of this file.
    pub version: u32,
    /// The connection as it was, with the old token: all that is needed to reach its forge, whatever has become of the
    /// record since. What has nothing to do with that is left out.
    #[serde(rename = "retiring")]
    pub before: Box<Connection>,
    /// Which token takes its place.
    pub successor: Fingerprint,
    /// Whether it is to be revoked, where somebody has said so already.
    pub revoke: Option<bool>,
    /// When it was replaced.
    pub since: Timestamp,
}

impl Retiring {
    /// The token of a connection is about to be replaced by `successor`.
    pub fn new(before: &Connection, successor: Fingerprint, revoke: Option<bool>, since: Timestamp) -> Self {
        let before = Connection {
            webhook: None,
            serves: Vec::new(),
            registries: Vec::new(),
            default: false,
            destinations: Vec::new(),
            made_for: None,
            ..before.clone()
        };
        Self { version: VERSION, before: Box::new(before), successor, revoke, since }
    }

    /// Which token is on its way out.
    pub fn old(&self) -> Option<&Fingerprint> {
        self.before.token.as_ref().map(|token| &token.fingerprint)
    }
}

/// A note of that kind.
#[derive(Debug)]
pub struct OpenRetiring {
    /// What it says.
    pub retiring: Retiring,
    path: PathBuf,
}

impl OpenRetiring {
    /// Whether it is written down still. Who read it before they had the lock must look again.
    pub fn stands(&self) -> bool {
        self.path.exists()
    }

    /// Crosses it out: the old token is dead, or is to be left alone.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn close(self) -> Result<(), CatalogError> {
        files::remove(&self.path)?;
        Ok(())
    }
}

impl Journal {
    /// Writes down, synced, that a token is about to be replaced.
    ///
    /// # Errors
    /// [`CatalogError::File`]; then nothing may be begun.
    pub fn retire(&self, retiring: Retiring) -> Result<OpenRetiring, CatalogError> {
        Ok(OpenRetiring { path: self.write("retire", &retiring)?, retiring })
    }

    /// All old tokens that are on their way out, the oldest first.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn retiring(&self) -> Result<Vec<OpenRetiring>, CatalogError> {
        let all = self.all::<Retiring>()?.into_iter().filter(|(retiring, _)| retiring.version == VERSION);
        let mut all: Vec<OpenRetiring> = all.map(|(retiring, path)| OpenRetiring { retiring, path }).collect();
        all.sort_by_key(|open| open.retiring.since);
        Ok(all)
    }
}
