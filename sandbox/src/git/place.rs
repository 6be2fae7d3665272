//! The place of a repository that is on disk only once somebody looks into it.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::Repo;

/// Nothing yet, or a repository. Clones are the same place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place(Arc<Mutex<Option<Repo>>>);

impl Place {
    /// The repository, if somebody has asked for it before.
    pub fn opened(&self) -> Option<Repo> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The repository; made now, and filled by `fill`, if nobody has asked before.
    ///
    /// # Errors
    ///
    /// When the machine has no room for it.
    pub fn open(&self, default_branch: &str, fill: impl FnOnce(&Repo) -> io::Result<()>) -> io::Result<Repo> {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(repo) = &*place {
            return Ok(repo.clone());
        }
        let repo = Repo::create(default_branch)?;
        fill(&repo)?;
        *place = Some(repo.clone());
        Ok(repo)
    }

    /// The repository, if somebody has asked before.
    pub fn peek(&self) -> Option<Repo> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
