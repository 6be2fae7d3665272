//! The key of an escrow: what a forge has answered is put away on disk under it, until it is in the store.
//!
//! An age identity of its own for each rotation. It rests in the store where the token rests, so that the file beside
//! it says nothing to whoever cannot open that store; and because it was written there and read back before the forge was
//! asked, the store is known to take the answer as well.

use age::secrecy::ExposeSecret as _;
use age::x25519::Identity;

use super::{StoreError, envelope, text};
use crate::model::Secret;

/// A key, to be used once.
pub struct EscrowKey(Identity);

impl EscrowKey {
    /// A new one.
    pub fn generate() -> Self {
        Self(Identity::generate())
    }

    /// As it rests in a store.
    pub fn to_secret(&self) -> Secret {
        Secret::new(self.0.to_string().expose_secret().to_owned())
    }

    /// From a store; nothing if it is no such key.
    pub fn from_secret(secret: &Secret) -> Option<Self> {
        secret.reveal().parse().ok().map(Self)
    }

    /// Seals an answer: text, armored.
    ///
    /// # Errors
    /// [`StoreError::Encryption`].
    pub fn seal(&self, answer: &Secret) -> Result<String, StoreError> {
        let sealed = envelope::seal(&[self.0.to_public()], answer.reveal().as_bytes())?;
        String::from_utf8(sealed).map_err(|_| StoreError::Encryption { detail: "age wrote no text" })
    }

    /// Opens what [`Self::seal`] made; nothing if it does not open with this key.
    pub fn open(&self, sealed: &str) -> Option<Secret> {
        envelope::open(std::slice::from_ref(&self.0), sealed.as_bytes()).ok().and_then(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_own_key_only() {
        let (key, other) = (EscrowKey::generate(), EscrowKey::generate());
        let answer = Secret::new(r#"{"token":"glpat-new"}"#.into());
        let sealed = key.seal(&answer).unwrap_or_default();
        assert!(sealed.starts_with("-----BEGIN AGE") && !sealed.contains("glpat"));
        let again = EscrowKey::from_secret(&key.to_secret()).unwrap_or_else(|| unreachable!());
        assert!(again.open(&sealed).is_some_and(|opened| opened.same_as(&answer)));
        assert!(other.open(&sealed).is_none());
        assert!(again.open(&sealed[..sealed.len() / 2]).is_none());
        assert!(EscrowKey::from_secret(&Secret::new("glpat-x".into())).is_none());
    }
}
