//! The store `file`: one age file a secret, `secrets/3f9a….age`, for machines without a keyring.
//!
//! To write takes public keys ([`recipients`]); to read takes the private one ([`Keyholder`]). Both are
//! needed here, because nothing counts as kept before it was read back. The first write lists the identity
//! in use; later ones never do, so that nobody is let in by merely being there: a further key is
//! listed with `--age-recipient`, or by editing the list.

use std::path::PathBuf;

use crate::files;
use crate::model::{Secret, SecretId, StoreKind};

use super::envelope::{self, Unopened};
use super::identity::{Keyholder, Opened};
use super::recipients::{self, Listed};
use super::{LONGEST_SECRET, Protection, Store, StoreError, StoreOptions, fits, guard, text};

/// The longest file that is read: the longest secret, armored, and a header for a few hundred recipients.
const LONGEST_FILE: u64 = 4 * LONGEST_SECRET as u64;

/// age files in one folder.
pub(super) struct AgeFiles {
    folder: PathBuf,
    more_recipients: Vec<String>,
    keyholder: Keyholder,
}

impl AgeFiles {
    /// Touches nothing yet.
    pub(super) fn new(options: &StoreOptions, work_factor: u8) -> Self {
        Self {
            folder: options.secrets_dir.clone(),
            more_recipients: options.age_recipients.clone(),
            keyholder: Keyholder::new(options, work_factor),
        }
    }

    fn path(&self, id: &SecretId) -> Result<PathBuf, StoreError> {
        guard(id)?;
        Ok(self.folder.join(format!("{}.age", id.as_str())))
    }

    /// To whom to encrypt. The first write makes the list, and the identity if there is none.
    fn listed(&self) -> Result<(Vec<Listed>, std::sync::Arc<Opened>), StoreError> {
        let mut wanted =
            self.more_recipients.iter().map(|text| recipients::parse(text)).collect::<Result<Vec<_>, _>>()?;
        let mut listed = recipients::read(&self.folder)?;
        let own = self.keyholder.open_or_make()?;
        if listed.is_empty() || own.fresh {
            wanted.push(recipients::parse(&own.own())?);
        }
        if wanted.iter().any(|one| !recipients::contains(&listed, &one.text)) {
            listed = recipients::add(&self.folder, &wanted)?;
        }
        if !own.is_listed(&listed) {
            return Err(StoreError::NotARecipient { path: recipients::path(&self.folder), own: own.own() });
        }
        Ok((listed, own))
    }

    /// Reads a secret with an identity at hand.
    fn read(&self, id: &SecretId, sealed: &[u8], identity: &Opened) -> Result<Secret, StoreError> {
        let path = self.path(id)?;
        match envelope::open(&identity.keys, sealed) {
            Ok(plain) => text(plain).ok_or(StoreError::Damaged { path }),
            Err(Unopened::WrongKey) => Err(StoreError::NotARecipient { path, own: identity.own() }),
            Err(Unopened::TooMuchWork | Unopened::Damaged) => Err(StoreError::Damaged { path }),
        }
    }

    /// Writes, reads back, compares.
    fn write(&self, id: &SecretId, secret: &Secret, listed: &[Listed], own: &Opened) -> Result<(), StoreError> {
        let keys: Vec<_> = listed.iter().map(|one| one.key.clone()).collect();
        let path = self.path(id)?;
        files::replace(&path, &envelope::seal(&keys, secret.reveal().as_bytes())?)?;
        let sealed = files::read(&path, LONGEST_FILE)?.ok_or(StoreError::ReadBackDiffers)?;
        if self.read(id, &sealed, own)?.same_as(secret) { Ok(()) } else { Err(StoreError::ReadBackDiffers) }
    }
}

impl Store for AgeFiles {
    fn kind(&self) -> StoreKind {
        StoreKind::File
    }

    fn place(&self, id: &SecretId) -> String {
        self.path(id).map_or_else(|_| self.folder.display().to_string(), |path| path.display().to_string())
    }

    fn home(&self) -> String {
        self.folder.display().to_string()
    }

    fn protection(&self) -> Result<Protection, StoreError> {
        Ok(Protection::Age { key: self.keyholder.about()?, recipients: recipients::read(&self.folder)?.len() })
    }

    fn put(&self, id: &SecretId, _: &str, secret: &Secret) -> Result<(), StoreError> {
        let path = self.path(id)?;
        fits(secret)?;
        let (listed, own) = self.listed()?;
        if let Some(sealed) = files::read(&path, LONGEST_FILE)? {
            let same = self.read(id, &sealed, &own).is_ok_and(|there| there.same_as(secret));
            return if same { Ok(()) } else { Err(StoreError::AlreadyThere) };
        }
        let kept = self.write(id, secret, &listed, &own).and_then(|()| self.keyholder.remember());
        if kept.is_err() {
            let _ = files::remove(&path);
        }
        kept
    }

    fn get(&self, id: &SecretId) -> Result<Secret, StoreError> {
        let sealed = files::read(&self.path(id)?, LONGEST_FILE)?.ok_or(StoreError::NotFound)?;
        self.read(id, &sealed, &*self.keyholder.open()?)
    }

    fn remove(&self, id: &SecretId) -> Result<bool, StoreError> {
        let path = self.path(id)?;
        let was = files::remove(&path)?;
        if path.exists() { Err(StoreError::StillThere) } else { Ok(was) }
    }

    fn discard(&self, id: &SecretId) -> Result<bool, StoreError> {
        Ok(files::discard(&self.path(id)?)?)
    }

    fn check(&self) -> Result<(), StoreError> {
        recipients::read(&self.folder)?;
        self.keyholder.check()
    }
}
