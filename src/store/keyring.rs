//! The store `keyring`: macOS' Keychain, Windows' Credential Manager, the Secret Service elsewhere,
//! through the `keyring` crate.
//!
//! An entry is `connect` / the secret's id; the label names the connection for people. The crate keeps
//! one default keyring in a global of its own, set up once and race-free at the first call; nobody outside
//! this file sees it. Three rules: no call without a deadline ([`Patience`]); no error leaves as the
//! library made it, because its own may carry the bytes that were read; and the calls that can fail
//! happen together on one thread, so that a failure in the middle is cleaned up where it happened.

use std::sync::Arc;

use keyring_core::{Entry, Error};
use zeroize::Zeroizing;

use crate::model::{Secret, SecretId, StoreKind};

use super::patience::Patience;
use super::system::{self, Quick};
use super::{KEYRING_SERVICE, Protection, Store, StoreError, StoreOptions, guard, text};

/// The longest explanation that is passed on.
const LONGEST_DETAIL: usize = 300;

/// Makes the library's entry for an id; with a label when it is about to be written.
type Open = dyn Fn(&str, Option<&str>) -> Result<Entry, StoreError> + Send + Sync;

/// Reads without the library, where that is quicker.
type Read = dyn Fn(&str) -> Quick + Send + Sync;

/// The keyring, waited for with patience.
pub(super) struct KeyringStore {
    open: Arc<Open>,
    quick: Arc<Read>,
    reach: fn() -> Result<(), StoreError>,
    patience: Patience,
}

/// What a write did; whoever takes it back has to know.
#[derive(Debug, PartialEq, Eq)]
enum Written {
    /// A new entry.
    New,
    /// Nothing: the same secret was there already.
    Before,
}

impl KeyringStore {
    /// Reaches for nothing yet.
    pub(super) fn new(options: &StoreOptions) -> Self {
        Self {
            open: Arc::new(entry),
            quick: Arc::new(|id| system::quick_read(KEYRING_SERVICE, id)),
            reach,
            patience: Patience::new(options.keyring_patience, options.on_wait.clone()),
        }
    }
}

impl Store for KeyringStore {
    fn kind(&self) -> StoreKind {
        StoreKind::Keyring
    }

    fn place(&self, id: &SecretId) -> String {
        format!("the keyring, entry `{KEYRING_SERVICE}` / `{}`", id.as_str())
    }

    fn home(&self) -> String {
        format!("the keyring, entries of `{KEYRING_SERVICE}`")
    }

    fn protection(&self) -> Result<Protection, StoreError> {
        Ok(Protection::Keyring(system::KEYRING))
    }

    fn put(&self, id: &SecretId, label: &str, secret: &Secret) -> Result<(), StoreError> {
        guard(id)?;
        let (open, id, secret) = (Arc::clone(&self.open), id.as_str().to_owned(), secret.clone());
        let label = if label.is_empty() { format!("{KEYRING_SERVICE}: {id}") } else { label.to_owned() };
        let (open_again, id_again) = (Arc::clone(&open), id.clone());
        self.patience
            .run(
                move || write(&open(&id, Some(&label))?, &secret),
                move |written| take_back(&*open_again, &id_again, &written),
            )
            .map(drop)
    }

    fn get(&self, id: &SecretId) -> Result<Secret, StoreError> {
        guard(id)?;
        let (open, quick, id) = (Arc::clone(&self.open), Arc::clone(&self.quick), id.as_str().to_owned());
        let work = move || match quick(&id) {
            Quick::Found(bytes) => text(bytes).ok_or(StoreError::Garbled),
            Quick::Undecided => read(&open(&id, None)?),
        };
        self.patience.run(work, drop)
    }

    fn remove(&self, id: &SecretId) -> Result<bool, StoreError> {
        guard(id)?;
        let (open, id) = (Arc::clone(&self.open), id.as_str().to_owned());
        self.patience.run(move || erase(&open(&id, None)?), |_| ())
    }

    fn check(&self) -> Result<(), StoreError> {
        let reach = self.reach;
        let work = move || {
            reach()?;
            if system::is_locked() { Err(StoreError::Locked) } else { Ok(()) }
        };
        self.patience.run(work, drop)
    }
}

/// Opens the keyring, once a process.
fn reach() -> Result<(), StoreError> {
    match keyring::Entry::store_status() {
        Ok(()) => Ok(()),
        Err(error) => Err(StoreError::NoKeyring { detail: detail(error) }),
    }
}

/// The library's entry for an id.
fn entry(id: &str, label: Option<&str>) -> Result<Entry, StoreError> {
    reach()?;
    system::entry(KEYRING_SERVICE, id, label).map_err(explain)
}

fn read(entry: &Entry) -> Result<Secret, StoreError> {
    text(Zeroizing::new(entry.get_secret().map_err(explain)?)).ok_or(StoreError::Garbled)
}

/// Writes what is not there yet, reads it back, and removes it again if that goes wrong.
fn write(entry: &Entry, secret: &Secret) -> Result<Written, StoreError> {
    match read(entry) {
        Err(StoreError::NotFound) => {}
        Ok(there) if there.same_as(secret) => return Ok(Written::Before),
        Ok(_) | Err(StoreError::Garbled | StoreError::Ambiguous) => return Err(StoreError::AlreadyThere),
        Err(other) => return Err(other),
    }
    let kept = entry
        .set_secret(secret.reveal().as_bytes())
        .map_err(explain)
        .and_then(|()| read(entry))
        .and_then(|back| if back.same_as(secret) { Ok(Written::New) } else { Err(StoreError::ReadBackDiffers) });
    if kept.is_err() {
        let _ = entry.delete_credential();
    }
    kept
}

/// Takes back what was written when nobody waited for it any more.
fn take_back(open: &Open, id: &str, written: &Written) {
    if *written == Written::New
        && let Ok(entry) = open(id, None)
    {
        let _ = entry.delete_credential();
    }
}

fn erase(entry: &Entry) -> Result<bool, StoreError> {
    match entry.delete_credential() {
        Ok(()) => {}
        Err(Error::NoEntry) => return Ok(false),
        Err(error) => return Err(explain(error)),
    }
    match entry.get_secret() {
        Err(Error::NoEntry) => Ok(true),
        Ok(bytes) => {
            drop(Zeroizing::new(bytes));
            Err(StoreError::StillThere)
        }
        Err(error) => Err(explain(error)),
    }
}

/// The border: the library's error becomes ours, and bytes that it carries are wiped.
fn explain(error: Error) -> StoreError {
    match error {
        Error::NoEntry => StoreError::NotFound,
        Error::Ambiguous(_) => StoreError::Ambiguous,
        Error::BadEncoding(bytes) | Error::BadDataFormat(bytes, _) => {
            drop(Zeroizing::new(bytes));
            StoreError::Garbled
        }
        Error::TooLong(_, limit) => StoreError::TooLong { limit: usize::try_from(limit).unwrap_or(usize::MAX) },
        Error::NoDefaultStore => StoreError::NoKeyring { detail: "none could be set up".to_owned() },
        Error::NoStorageAccess(_) | Error::PlatformFailure(_) => system::explain(detail(&error)),
        other => StoreError::Refused { detail: detail(&other) },
    }
}

/// What the system said, without the library's own words around it, on one line and not too long. Errors that
/// can carry bytes of a secret give nothing.
fn detail(error: &Error) -> String {
    let said = match error {
        Error::PlatformFailure(inner) | Error::NoStorageAccess(inner) => inner.to_string(),
        Error::BadStoreFormat(_) => "the keyring's format is unknown".to_owned(),
        Error::Invalid(what, why) => format!("{what} {why}"),
        Error::NotSupportedByStore(why) => why.clone(),
        _ => "no reason given".to_owned(),
    };
    said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_DETAIL).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use keyring_core::api::CredentialStoreApi as _;
    use keyring_core::mock;

    use super::*;

    /// A keyring in memory whose next call fails as a test wants.
    fn scripted() -> (KeyringStore, Arc<mock::Store>) {
        let memory = mock::Store::new().unwrap_or_else(|e| panic!("{e}"));
        let inside = Arc::clone(&memory);
        let store = KeyringStore {
            open: Arc::new(move |id, _| inside.build(KEYRING_SERVICE, id, None).map_err(explain)),
            quick: Arc::new(|_| Quick::Undecided),
            reach: || Ok(()),
            patience: Patience::new(Duration::from_secs(60), None),
        };
        (store, memory)
    }

    fn fail_next(memory: &Arc<mock::Store>, id: &SecretId, error: Error) {
        let entry = memory.build(KEYRING_SERVICE, id.as_str(), None).unwrap_or_else(|e| panic!("{e}"));
        let scripted = entry.as_any().downcast_ref::<mock::Cred>();
        scripted.unwrap_or_else(|| panic!("not the mock")).set_error(error);
    }

    fn id() -> SecretId {
        SecretId::random().unwrap_or_else(|e| panic!("{e}"))
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn no_bytes_of_a_secret_leave_in_an_error() {
        let bytes = b"glpat-leak\xff".to_vec();
        let inner: Box<dyn std::error::Error + Send + Sync> = "glpat-leak".into();
        for carrier in [Error::BadEncoding(bytes.clone()), Error::BadDataFormat(bytes, inner)] {
            let (store, memory) = scripted();
            let id = id();
            fail_next(&memory, &id, carrier);
            let error = store.get(&id).err().unwrap_or_else(|| panic!("it succeeded"));
            let said = format!("{error} {error:?} {error:#?}");
            assert!(matches!(error, StoreError::Garbled));
            assert!(!said.contains("leak") && !said.contains("108, 101, 97, 107"), "{said}");
        }
    }

    #[test]
    fn the_same_secret_may_be_put_twice_and_another_may_not() {
        let (store, _memory) = scripted();
        let id = id();
        assert!(store.put(&id, "one", &secret("a")).is_ok());
        assert!(store.put(&id, "one", &secret("a")).is_ok());
        assert!(matches!(store.put(&id, "one", &secret("b")), Err(StoreError::AlreadyThere)));
        assert!(store.get(&id).is_ok_and(|there| there.reveal() == "a"));
    }

    #[test]
    fn a_write_that_nobody_waited_for_is_taken_back() {
        let (store, memory) = scripted();
        let id = id();
        assert!(store.put(&id, "", &secret("a")).is_ok());
        take_back(&*store.open, id.as_str(), &Written::Before);
        assert!(store.get(&id).is_ok(), "it was there before");
        take_back(&*store.open, id.as_str(), &Written::New);
        assert!(matches!(store.get(&id), Err(StoreError::NotFound)));
        drop(memory);
    }

    #[test]
    fn what_the_system_says_is_one_short_line() {
        let long = format!("line one\n\u{1b}[31mline two {}", "x".repeat(1000));
        let error = explain(Error::PlatformFailure(long.into()));
        let StoreError::Refused { detail } = error else { panic!("{error:?}") };
        assert!(detail.starts_with("line one  [31mline two") && detail.len() == LONGEST_DETAIL, "{detail}");
    }

    #[test]
    fn limits_are_named() {
        assert!(matches!(explain(Error::TooLong("secret".into(), 2560)), StoreError::TooLong { limit: 2560 }));
    }
}
