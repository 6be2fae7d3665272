//! Change-overs that are under way: until a date some connection accepts the secret before beside the newer one. When
//! the date has come, the next run that writes looks for such secrets and removes them. The note says when, and not
//! whose: the records say that, and a connection may have been renamed since.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::journal::VERSION;
use super::{CatalogError, Journal};
use crate::files;

/// A secret is accepted until a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeOver {
    /// The form of this file.
    pub version: u32,
    /// When it is to be removed.
    #[serde(rename = "change_over_until")]
    pub until: Timestamp,
}

/// A change-over that is written down.
#[derive(Debug)]
pub struct OpenChangeOver {
    /// What it says.
    pub change_over: ChangeOver,
    path: PathBuf,
}

impl OpenChangeOver {
    /// Crosses it out: nothing is left of it.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn close(self) -> Result<(), CatalogError> {
        files::remove(&self.path)?;
        Ok(())
    }
}

impl Journal {
    /// Writes down until when a secret is accepted, before a record says so.
    ///
    /// # Errors
    /// [`CatalogError::File`]; then nothing may be begun.
    pub fn change_over(&self, until: Timestamp) -> Result<OpenChangeOver, CatalogError> {
        let change_over = ChangeOver { version: VERSION, until };
        Ok(OpenChangeOver { path: self.write("change-over", &change_over)?, change_over })
    }

    /// The change-overs whose date has come.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn ended_change_overs(&self, now: Timestamp) -> Result<Vec<OpenChangeOver>, CatalogError> {
        let ended = |(change, _): &(ChangeOver, PathBuf)| change.version == VERSION && change.until <= now;
        let all = self.all::<ChangeOver>()?.into_iter().filter(ended);
        Ok(all.map(|(change_over, path)| OpenChangeOver { change_over, path }).collect())
    }
}
