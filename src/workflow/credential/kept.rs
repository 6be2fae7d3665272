//! The logins as other commands see them: how many there are and where, and how they follow when secrets are moved.

use std::collections::BTreeMap;

use crate::catalog::Login;
use crate::model::StoreKind;
use crate::store::StoreError;

use super::{Error, PATIENCE, Tools, changes};

/// How many logins there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptLogins {
    /// How many each store has, by its word.
    pub by_store: BTreeMap<&'static str, usize>,
    /// How many hosts they are for.
    pub hosts: usize,
    /// How many secrets are in a store that no login names any more; the next change removes them.
    pub loose: usize,
}

impl KeptLogins {
    /// How many there are in all.
    pub fn count(&self) -> usize {
        self.by_store.values().sum()
    }

    /// How many a store has.
    pub fn in_store(&self, kind: StoreKind) -> usize {
        self.by_store.get(kind.word()).copied().unwrap_or(0)
    }
}

/// What became of the logins when secrets were moved.
#[derive(Debug, Default)]
pub struct MovedLogins {
    /// How many were moved.
    pub moved: usize,
    /// How many could not be.
    pub failed: usize,
    /// Why the first of those could not.
    pub error: Option<Error>,
}

/// Counts them, by what is written down.
///
/// # Errors
/// [`Error::Catalog`] when their file does not read.
pub fn kept(tools: &Tools<'_>) -> Result<KeptLogins, Error> {
    let index = tools.logins.read()?;
    let mut kept = KeptLogins { loose: index.loose.len(), ..KeptLogins::default() };
    for login in &index.logins {
        *kept.by_store.entry(login.kept_in.word()).or_insert(0) += 1;
    }
    let mut hosts: Vec<(&str, &str)> = index.logins.iter().map(|login| (&*login.protocol, &*login.host)).collect();
    hosts.sort_unstable();
    hosts.dedup();
    kept.hosts = hosts.len();
    Ok(kept)
}

/// Moves all logins, or those in one store, to another; goes on where one cannot be moved.
///
/// # Errors
/// [`Error::Catalog`] when their file does not read or is at work; nothing was moved then.
pub fn relocate(tools: &Tools<'_>, from: Option<StoreKind>, to: StoreKind) -> Result<MovedLogins, Error> {
    let is_meant = |login: &Login| login.kept_in != to && from.is_none_or(|from| from == login.kept_in);
    let mut done = MovedLogins::default();
    if !tools.logins.read()?.logins.iter().any(is_meant) {
        return Ok(done);
    }
    let lock = tools.logins.lock(PATIENCE)?;
    let mut index = tools.logins.read()?;
    let meant: Vec<Login> = index.logins.iter().filter(|login| is_meant(login)).cloned().collect();
    for login in &meant {
        // Nobody is asked for each to unlock what was not unlocked for the first.
        let stays_locked =
            matches!(&done.error, Some(Error::Store { source, .. }) if matches!(**source, StoreError::Locked));
        let moved = if stays_locked { None } else { Some(changes::relocate(tools, &mut index, login, to, &lock)) };
        match moved {
            Some(Ok(())) => done.moved += 1,
            other => {
                done.failed += 1;
                done.error = done.error.take().or(other.and_then(Result::err));
            }
        }
    }
    Ok(done)
}
