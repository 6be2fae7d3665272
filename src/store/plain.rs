//! The store `plain`: one file a secret, 0600, holding the secret and nothing else. It protects from
//! other users of the machine and from nothing more, so it is only used when asked for by name.

use std::path::PathBuf;

use crate::files;
use crate::model::{Secret, SecretId, StoreKind};

use super::{LONGEST_SECRET, Protection, Store, StoreError, StoreOptions, fits, guard, text};

/// Plain files in one folder.
pub(super) struct PlainFiles {
    folder: PathBuf,
}

impl PlainFiles {
    /// Touches nothing yet.
    pub(super) fn new(options: &StoreOptions) -> Self {
        Self { folder: options.secrets_dir.clone() }
    }

    fn path(&self, id: &SecretId) -> Result<PathBuf, StoreError> {
        guard(id)?;
        Ok(self.folder.join(id.as_str()))
    }
}

impl Store for PlainFiles {
    fn kind(&self) -> StoreKind {
        StoreKind::Plain
    }

    fn place(&self, id: &SecretId) -> String {
        self.path(id).map_or_else(|_| self.folder.display().to_string(), |path| path.display().to_string())
    }

    fn home(&self) -> String {
        self.folder.display().to_string()
    }

    fn protection(&self) -> Result<Protection, StoreError> {
        Ok(Protection::Files)
    }

    fn put(&self, id: &SecretId, _: &str, secret: &Secret) -> Result<(), StoreError> {
        let path = self.path(id)?;
        fits(secret)?;
        match self.get(id) {
            Err(StoreError::NotFound) => {}
            Ok(there) if there.same_as(secret) => return Ok(()),
            _ => return Err(StoreError::AlreadyThere),
        }
        let kept = files::replace(&path, secret.reveal().as_bytes())
            .map_err(StoreError::from)
            .and_then(|()| self.get(id))
            .and_then(|back| if back.same_as(secret) { Ok(()) } else { Err(StoreError::ReadBackDiffers) });
        if kept.is_err() {
            let _ = files::remove(&path);
        }
        kept
    }

    fn get(&self, id: &SecretId) -> Result<Secret, StoreError> {
        let path = self.path(id)?;
        let bytes = files::read(&path, LONGEST_SECRET as u64)?.ok_or(StoreError::NotFound)?;
        text(bytes).ok_or(StoreError::Damaged { path })
    }

    fn remove(&self, id: &SecretId) -> Result<bool, StoreError> {
        let path = self.path(id)?;
        let was = files::remove(&path)?;
        if path.exists() { Err(StoreError::StillThere) } else { Ok(was) }
    }

    fn discard(&self, id: &SecretId) -> Result<bool, StoreError> {
        Ok(files::discard(&self.path(id)?)?)
    }

    fn exposed(&self, id: &SecretId) -> bool {
        self.path(id).is_ok_and(|path| files::others_may_read(&path).unwrap_or(false))
    }

    fn check(&self) -> Result<(), StoreError> {
        Ok(files::list(&self.folder, "").map(drop)?)
    }
}
