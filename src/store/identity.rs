//! The private half of the store `file`: which identity opens its secrets, and how that one is opened.
//!
//! In this order: the file the caller names; the file that was named before, whose path is remembered
//! in `identity-path`; `identity.age`, which a passphrase opens. If there is none of them, the first
//! write makes `identity.age`. It is an ordinary age file with an ordinary identity in it, so that
//! age's own program opens the secrets too: `age -d -i secrets/identity.age secrets/3f9a….age`.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use age::secrecy::ExposeSecret as _;
use age::x25519;
use zeroize::Zeroizing;

use crate::files;
use crate::model::Secret;

use super::envelope::{self, Unopened};
use super::{AgeKey, PassphraseError, PassphraseSource, StoreError, StoreOptions, recipients};

/// The longest identity file that is read.
const LONGEST_IDENTITY: u64 = 64 * 1024;

/// An identity that has been opened, and stays so for the run.
pub(super) struct Opened {
    /// The private keys; at least one.
    pub keys: Vec<x25519::Identity>,
    /// Whether this run made it.
    pub fresh: bool,
}

impl Opened {
    /// The public key of the first of them, to be listed and to be named in errors.
    pub(super) fn own(&self) -> String {
        self.keys.first().map(|key| key.to_public().to_string()).unwrap_or_default()
    }

    /// Whether any of them is listed.
    pub(super) fn is_listed(&self, listed: &[recipients::Listed]) -> bool {
        self.keys.iter().any(|key| recipients::contains(listed, &key.to_public().to_string()))
    }
}

/// Finds, makes and opens the identity.
pub(super) struct Keyholder {
    folder: PathBuf,
    given: Option<PathBuf>,
    passphrase: Arc<dyn PassphraseSource>,
    work_factor: u8,
    opened: Mutex<Option<Result<Arc<Opened>, Refusal>>>,
}

/// Why an identity was not opened: for the rest of the run it is not, because somebody who was asked once and
/// mistyped is not asked again for each secret.
#[derive(Clone)]
enum Refusal {
    Passphrase(PassphraseError),
    Wrong(PathBuf),
    TooMuchWork(PathBuf),
}

impl Refusal {
    fn of(error: &StoreError) -> Option<Self> {
        match error {
            StoreError::PassphraseNeeded => Some(Self::Passphrase(PassphraseError::NotAvailable)),
            StoreError::Passphrase(why) => Some(Self::Passphrase(*why)),
            StoreError::WrongPassphrase { path } => Some(Self::Wrong(path.clone())),
            StoreError::TooMuchWork { path } => Some(Self::TooMuchWork(path.clone())),
            _ => None,
        }
    }
}

impl From<Refusal> for StoreError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Passphrase(why) => why.into(),
            Refusal::Wrong(path) => Self::WrongPassphrase { path },
            Refusal::TooMuchWork(path) => Self::TooMuchWork { path },
        }
    }
}

impl Keyholder {
    /// Opens nothing yet.
    pub(super) fn new(options: &StoreOptions, work_factor: u8) -> Self {
        Self {
            folder: options.secrets_dir.clone(),
            given: options.age_identity.clone(),
            passphrase: Arc::clone(&options.passphrase),
            work_factor,
            opened: Mutex::new(None),
        }
    }

    /// The identity, for reading: there has to be one.
    pub(super) fn open(&self) -> Result<Arc<Opened>, StoreError> {
        self.once(|| match self.file()? {
            Some(path) => self.load(&path),
            None => Err(StoreError::IdentityUnreadable { path: self.locked() }),
        })
    }

    /// The identity, for writing: made if there is none.
    pub(super) fn open_or_make(&self) -> Result<Arc<Opened>, StoreError> {
        self.once(|| match self.file()? {
            Some(path) => self.load(&path),
            None => self.make(),
        })
    }

    /// Looks whether the identity's file, if it is known, can be read at all.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        match self.file()? {
            Some(path) => self.bytes(&path).map(drop),
            None => Ok(()),
        }
    }

    /// Writes down where the given identity is, so that later runs need not be told. A passphrase's
    /// identity needs no note; a path that is no text gets none.
    pub(super) fn remember(&self) -> Result<(), StoreError> {
        let Some(given) = &self.given else { return Ok(()) };
        let Some(path) = std::path::absolute(given).ok().and_then(|path| path.to_str().map(str::to_owned)) else {
            return Ok(());
        };
        if self.locked().exists() || self.remembered()?.as_deref() == Some(Path::new(&path)) {
            return Ok(());
        }
        Ok(files::replace(&self.note(), format!("{path}\n").as_bytes())?)
    }

    /// One prompt a run, even if several threads ask at once.
    fn once(&self, open: impl FnOnce() -> Result<Opened, StoreError>) -> Result<Arc<Opened>, StoreError> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = &*opened {
            return there.clone().map_err(StoreError::from);
        }
        let now = open().map(Arc::new);
        *opened = match &now {
            Ok(there) => Some(Ok(Arc::clone(there))),
            Err(e) => Refusal::of(e).map(Err),
        };
        now
    }

    /// What opens the store, without opening it.
    pub(super) fn about(&self) -> Result<AgeKey, StoreError> {
        let Some(path) = self.file()? else { return Ok(AgeKey::None) };
        let sealed = envelope::is_sealed(&self.bytes(&path)?);
        Ok(if sealed { AgeKey::Passphrase(path) } else { AgeKey::Identity(path) })
    }

    fn file(&self) -> Result<Option<PathBuf>, StoreError> {
        if self.given.is_some() {
            return Ok(self.given.clone());
        }
        if let Some(path) = self.remembered()? {
            return Ok(Some(path));
        }
        Ok(Some(self.locked()).filter(|path| path.exists()))
    }

    fn locked(&self) -> PathBuf {
        self.folder.join("identity.age")
    }

    fn note(&self) -> PathBuf {
        self.folder.join("identity-path")
    }

    fn remembered(&self) -> Result<Option<PathBuf>, StoreError> {
        let Some(bytes) = files::read(&self.note(), LONGEST_IDENTITY)? else { return Ok(None) };
        match std::str::from_utf8(&bytes).map(str::trim) {
            Ok(path) if !path.is_empty() => Ok(Some(PathBuf::from(path))),
            _ => Err(StoreError::Damaged { path: self.note() }),
        }
    }

    fn bytes(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        files::read_given(path, LONGEST_IDENTITY)?
            .ok_or_else(|| StoreError::IdentityUnreadable { path: path.to_owned() })
    }

    fn load(&self, path: &Path) -> Result<Opened, StoreError> {
        let bytes = self.bytes(path)?;
        if envelope::is_sealed(&bytes) {
            unlock(path, &bytes, &self.passphrase.existing()?)
        } else {
            parse(path, &bytes)
        }
    }

    /// Makes an identity and locks it with a new passphrase. The passphrase is asked for before the
    /// lock is taken: nobody waits for somebody else's typing.
    fn make(&self) -> Result<Opened, StoreError> {
        let passphrase = self.passphrase.new_one()?;
        if passphrase.reveal().is_empty() {
            return Err(PassphraseError::Empty.into());
        }
        let key = x25519::Identity::generate();
        let sealed = envelope::lock(&passphrase, self.work_factor, as_file(&key).as_bytes())?;
        let lock = recipients::lock(&self.folder)?;
        if let Some(path) = self.file()? {
            drop(lock);
            return self.join(&path, &passphrase);
        }
        let path = self.locked();
        files::replace(&path, &sealed)?;
        if *self.bytes(&path)? != sealed {
            let _ = files::remove(&path);
            return Err(StoreError::ReadBackDiffers);
        }
        Ok(Opened { keys: vec![key], fresh: true })
    }

    /// Another process has made the identity in the meantime. Perhaps with the same passphrase.
    fn join(&self, path: &Path, passphrase: &Secret) -> Result<Opened, StoreError> {
        let bytes = self.bytes(path)?;
        if !envelope::is_sealed(&bytes) {
            return parse(path, &bytes);
        }
        match unlock(path, &bytes, passphrase) {
            Err(StoreError::WrongPassphrase { .. }) => self.load(path),
            other => other,
        }
    }
}

fn unlock(path: &Path, bytes: &[u8], passphrase: &Secret) -> Result<Opened, StoreError> {
    let path_again = || path.to_owned();
    match envelope::unlock(passphrase, bytes) {
        Ok(plain) => parse(path, &plain),
        Err(Unopened::WrongKey) => Err(StoreError::WrongPassphrase { path: path_again() }),
        Err(Unopened::TooMuchWork) => Err(StoreError::TooMuchWork { path: path_again() }),
        Err(Unopened::Damaged) => Err(StoreError::Damaged { path: path_again() }),
    }
}

/// Reads the lines of an identity file, as `age-keygen` writes it. Keys of plug-ins are passed over.
fn parse(path: &Path, bytes: &[u8]) -> Result<Opened, StoreError> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let keys: Vec<x25519::Identity> = text.lines().filter_map(|line| line.trim().parse().ok()).collect();
    if keys.is_empty() {
        return Err(StoreError::IdentityUnreadable { path: path.to_owned() });
    }
    Ok(Opened { keys, fresh: false })
}

/// The identity as `age-keygen` would write it. Made in one piece, so that no copy is left behind.
fn as_file(key: &x25519::Identity) -> Zeroizing<String> {
    let secret = key.to_string();
    let mut text = Zeroizing::new(String::with_capacity(256));
    text.push_str("# made by connect\n# public key: ");
    text.push_str(&key.to_public().to_string());
    text.push('\n');
    text.push_str(secret.expose_secret());
    text.push('\n');
    text
}
