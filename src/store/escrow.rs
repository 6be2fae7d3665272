//! A key for one rotation: the forge's answer is sealed to it before anything else is done with it.
//!
//! The journal is no place for a secret, and a rotation cannot be asked twice. So the answer goes into
//! the journal sealed, and the key that opens it rests in the store, where it was proved, before the forge
//! was asked, that the store takes writes.

use age::secrecy::ExposeSecret as _;
use age::x25519;
use zeroize::Zeroizing;

use crate::model::Secret;

use super::{StoreError, envelope};

/// A fresh key, to be put into a store like any secret.
pub fn new_key() -> Secret {
    Secret::new(x25519::Identity::generate().to_string().expose_secret().to_owned())
}

/// Seals bytes so that only the key opens them.
///
/// # Errors
/// [`StoreError::Garbled`] when the key is none.
pub fn seal(key: &Secret, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
    envelope::seal(&[parse(key)?.to_public()], plain)
}

/// Opens what [`seal`] made.
///
/// # Errors
/// [`StoreError::Garbled`] when the key is none, is another one, or the bytes are damaged.
pub fn open(key: &Secret, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    envelope::open(&[parse(key)?], sealed).map_err(|_| StoreError::Garbled)
}

fn parse(key: &Secret) -> Result<x25519::Identity, StoreError> {
    key.reveal().parse().map_err(|_| StoreError::Garbled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_opens_it() {
        let (key, other) = (new_key(), new_key());
        let sealed = seal(&key, b"{\"token\":\"glpat-x\"}").unwrap_or_else(|e| panic!("{e}"));
        assert!(!sealed.windows(5).any(|part| part == b"glpat"));
        assert_eq!(open(&key, &sealed).ok().as_deref().map(Vec::as_slice), Some(&b"{\"token\":\"glpat-x\"}"[..]));
        assert!(matches!(open(&other, &sealed), Err(StoreError::Garbled)));
        assert!(matches!(seal(&Secret::new("x".into()), b""), Err(StoreError::Garbled)));
    }
}
