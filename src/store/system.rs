//! What differs between systems. The one place in this room that knows which one it runs on.

#[cfg(all(unix, not(target_os = "macos")))]
#[path = "secret_service.rs"]
mod secret_service;

use keyring_core::{Entry, Error};
use zeroize::Zeroizing;

use super::{StoreError, SystemKeyring};

/// Whose keyring it is here.
pub(super) const KEYRING: SystemKeyring = if cfg!(target_os = "macos") {
    SystemKeyring::Keychain
} else if cfg!(windows) {
    SystemKeyring::CredentialManager
} else {
    SystemKeyring::SecretService
};

/// What reading without the `keyring` crate found.
pub(super) enum Quick {
    /// The secret.
    #[cfg_attr(
        not(all(unix, not(target_os = "macos"))),
        expect(dead_code, reason = "only the Secret Service has a short way")
    )]
    Found(Zeroizing<Vec<u8>>),
    /// Ask the `keyring` crate, which knows about locks, dialogs and all the rest.
    Undecided,
}

/// The short way to a secret that lies in an unlocked Secret Service; see its file.
#[cfg(all(unix, not(target_os = "macos")))]
pub(super) fn quick_read(service: &str, user: &str) -> Quick {
    secret_service::read(service, user)
}

/// Whether the keyring that new secrets go to is known to be locked. May hang as long as the bus does.
#[cfg(all(unix, not(target_os = "macos")))]
pub(super) fn is_locked() -> bool {
    secret_service::is_locked().unwrap_or(false)
}

/// Elsewhere it is open while its user is logged in, or nobody can tell without asking.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(super) const fn is_locked() -> bool {
    false
}

/// Elsewhere the `keyring` crate is quick enough.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(super) fn quick_read(_: &str, _: &str) -> Quick {
    Quick::Undecided
}

/// The library's entry. Only the Secret Service has labels; the other keyrings refuse to be given one.
pub(super) fn entry(service: &str, user: &str, label: Option<&str>) -> Result<Entry, Error> {
    match label {
        Some(label) if cfg!(all(unix, not(target_os = "macos"))) => {
            Entry::new_with_modifiers(service, user, &[("label", label)].into_iter().collect())
        }
        _ => Entry::new(service, user),
    }
}

/// What a failure of the system's own keyring means. The library tells no more apart than its text, so
/// the words of `secret-service` 5.2 (`src/error.rs`) and of the specification's errors
/// (<https://specifications.freedesktop.org/secret-service/latest/errors.html>) decide; anything unknown
/// is passed on as it is.
pub(super) fn explain(detail: String) -> StoreError {
    let says = |words: &str| detail.contains(words);
    if says("prompt dismissed") || says("object locked") || says("Secret.Error.IsLocked") {
        StoreError::Locked
    } else if says("result not returned") {
        StoreError::NoKeyring { detail: "the Secret Service has no default keyring; make one first".to_owned() }
    } else if says("ServiceUnknown") || says("no secret service provider") {
        StoreError::NoKeyring { detail }
    } else {
        StoreError::Refused { detail }
    }
}
