//! Where secrets rest.
//!
//! A store takes a secret under a random id and gives it back: the operating system's keyring, files
//! encrypted with age, plain files, or nothing but the name of an environment variable. Which one
//! is the user's choice, written down in the connection's record; nothing here ever falls back to
//! another, because a weaker place chosen silently is worse than an error.
//!
//! This is the only room that uses the keyring's libraries and age. It never prints and never reads
//! the environment: prompts, variables and paths are handed in with [`StoreOptions`]. It knows no
//! connection and no forge; of a secret it knows the id.
//!
//! Every store keeps the same contract, [`Store`], and `tests/store` holds every one of them to it.

mod about;
mod age_file;
mod env;
mod envelope;

mod error;
mod escrow;
mod identity;
mod keyring;
mod patience;
mod plain;
mod recipients;
mod system;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::model::{Secret, SecretId, StoreKind};

pub use about::{AgeKey, Protection, SystemKeyring};
pub use error::StoreError;
pub use escrow::EscrowKey;

/// The longest secret that the file stores take. Tokens have less than 1 KiB; GitHub Apps' keys and
/// signed tokens have a few.
pub const LONGEST_SECRET: usize = 64 * 1024;

/// The service name under which all entries lie in the keyring.
pub const KEYRING_SERVICE: &str = "connect";

/// A function that gives the value of an environment variable.
pub type Variables = Arc<dyn Fn(&str) -> Option<Secret> + Send + Sync>;

/// Everything a store may need, gathered by the caller: this room reads no environment and asks nobody.
#[derive(Clone)]
pub struct StoreOptions {
    /// The folder of the stores `file` and `plain`.
    pub secrets_dir: PathBuf,
    /// How long one call of the keyring may take, an unlock dialog included.
    pub keyring_patience: Duration,
    /// Called once when the keyring has taken longer than a second: say that it is waited for, and
    /// that a dialog may be open.
    pub on_wait: Option<Arc<dyn Fn() + Send + Sync>>,
    /// Who knows the passphrase of the store `file`.
    pub passphrase: Arc<dyn PassphraseSource>,
    /// A file with an age identity for the store `file`, instead of a passphrase.
    pub age_identity: Option<PathBuf>,
    /// More public keys to encrypt to, for a team. They are remembered.
    pub age_recipients: Vec<String>,
    /// The variables that the store `env` reads.
    pub variables: Variables,
}

/// Who knows the passphrase: a prompt, a variable, a file. Asked at most once a run.
pub trait PassphraseSource: Send + Sync {
    /// The passphrase of an identity that exists.
    ///
    /// # Errors
    /// [`PassphraseError`].
    fn existing(&self) -> Result<Secret, PassphraseError>;

    /// A passphrase for an identity that is about to be made; ask for it twice.
    ///
    /// # Errors
    /// [`PassphraseError`].
    fn new_one(&self) -> Result<Secret, PassphraseError>;
}

/// Why there is no passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// No terminal, no variable, no file. Name the ways to give one.
    #[error("there is nobody to ask")]
    NotAvailable,
    /// The user pressed Ctrl-C. Stop.
    #[error("interrupted")]
    Interrupted,
    /// Nothing was entered. Ask again.
    #[error("it is empty")]
    Empty,
    /// The second time something else was entered. Ask again.
    #[error("the two entries differ")]
    Differ,
    /// The file or terminal that should give it cannot be read.
    #[error("it cannot be read")]
    Unreadable,
}

/// One place where secrets rest.
pub trait Store: Send + Sync {
    /// Which one it is.
    fn kind(&self) -> StoreKind;

    /// Where the secret is, for people: ``the keyring, entry `connect` / `3f9a…` ``, or a path.
    fn place(&self, id: &SecretId) -> String;

    /// Where it keeps all of them, for people.
    fn home(&self) -> String;

    /// How it protects what is in it, found out without a prompt.
    ///
    /// # Errors
    /// [`StoreError`] when what says so cannot be read.
    fn protection(&self) -> Result<Protection, StoreError>;

    /// Keeps a secret under a new id, reads it back and compares. `label` is what people see in the
    /// keyring's own window, where it has one; it is no part of the secret's name.
    ///
    /// - If the store has the same secret there already, it is well: a step may be taken twice.
    /// - If it has a different one there, return [`StoreError::AlreadyThere`] and leave it.
    /// - If anything fails after writing, what was written is removed.
    ///
    /// # Errors
    /// [`StoreError`].
    fn put(&self, id: &SecretId, label: &str, secret: &Secret) -> Result<(), StoreError>;

    /// Gives a secret back.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the store is well and has none; another [`StoreError`] when it
    /// cannot say.
    fn get(&self, id: &SecretId) -> Result<Secret, StoreError>;

    /// Removes a secret and looks that it is gone. `false`: there was none.
    ///
    /// # Errors
    /// [`StoreError::StillThere`] when it did not go; another [`StoreError`] when it cannot say.
    fn remove(&self, id: &SecretId) -> Result<bool, StoreError>;

    /// As [`Store::remove`], but after a power cut it may be there again: for what goes together with another of the same
    /// store, which is removed for good right after it.
    ///
    /// # Errors
    /// As [`Store::remove`].
    fn discard(&self, id: &SecretId) -> Result<bool, StoreError> {
        self.remove(id)
    }

    /// Whether it keeps anything at all; `false` for `env`.
    fn is_writable(&self) -> bool {
        true
    }

    /// Whether others than the owner may read this secret where it lies. Only files can be.
    fn exposed(&self, id: &SecretId) -> bool {
        let _ = id;
        false
    }

    /// Looks whether the store could be used, without a prompt and without touching a secret: the
    /// keyring answers and is open, the lists can be read. It is no promise that the next call succeeds.
    ///
    /// # Errors
    /// What the next call would say.
    fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// The stores of one run. Each is opened when it is first asked for and stays open, so that there
/// is one passphrase prompt and one connection to the keyring a run. A clone has those that were opened before it.
#[derive(Clone)]
pub struct Stores {
    options: StoreOptions,
    work_factor: u8,
    keyring: OnceLock<Arc<dyn Store>>,
    file: OnceLock<Arc<dyn Store>>,
    plain: OnceLock<Arc<dyn Store>>,
    env: OnceLock<Arc<dyn Store>>,
}

impl Stores {
    /// Opens nothing yet.
    pub fn new(options: StoreOptions) -> Self {
        Self {
            options,
            work_factor: envelope::WORK_FACTOR,
            keyring: OnceLock::new(),
            file: OnceLock::new(),
            plain: OnceLock::new(),
            env: OnceLock::new(),
        }
    }

    /// Makes deriving a key from a passphrase cheap, `2^log_n` steps: for tests, which have nothing to protect.
    #[doc(hidden)]
    #[must_use]
    pub fn with_work_factor(mut self, log_n: u8) -> Self {
        self.work_factor = log_n;
        self
    }

    /// The store of this kind. Whatever it needs from outside (the keyring, an identity) it looks
    /// for when it is first used.
    ///
    /// # Errors
    /// None today; a store that has to be reached to be opened would return its [`StoreError`].
    pub fn open(&self, kind: StoreKind) -> Result<Arc<dyn Store>, StoreError> {
        let store = match kind {
            StoreKind::Keyring => self.keyring.get_or_init(|| Arc::new(keyring::KeyringStore::new(&self.options))),
            StoreKind::File => {
                self.file.get_or_init(|| Arc::new(age_file::AgeFiles::new(&self.options, self.work_factor)))
            }
            StoreKind::Plain => self.plain.get_or_init(|| Arc::new(plain::PlainFiles::new(&self.options))),
            StoreKind::Env => self.env.get_or_init(|| Arc::new(env::Environment::new(&self.options))),
        };
        Ok(Arc::clone(store))
    }
}

/// Refuses an id that connect did not make: it may become the name of a file.
fn guard(id: &SecretId) -> Result<(), StoreError> {
    if id.is_random_form() { Ok(()) } else { Err(StoreError::BadId) }
}

/// Refuses what is longer than a file store takes.
fn fits(secret: &Secret) -> Result<(), StoreError> {
    if secret.reveal().len() > LONGEST_SECRET {
        return Err(StoreError::TooLong { limit: LONGEST_SECRET });
    }
    Ok(())
}

/// Makes a secret of bytes that were read. The allocation stays the one that is wiped; bytes that are no
/// text are wiped here and not shown.
fn text(mut bytes: zeroize::Zeroizing<Vec<u8>>) -> Option<Secret> {
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Some(Secret::new(text)),
        Err(odd) => {
            drop(zeroize::Zeroizing::new(odd.into_bytes()));
            None
        }
    }
}
