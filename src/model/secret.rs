//! Secrets, what they are called by, and what may be said about them.

use std::fmt;

use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A token, a webhook secret or a passphrase. It has no `Display`, its `Debug` says nothing, it
/// does not serialise, and its memory is overwritten when it is dropped.
///
/// The only way to the text is [`Secret::reveal`]; the places that call it are counted by
/// `tests/architecture.rs`.
pub struct Secret(SecretBox<String>);

/// Why a text that somebody typed or piped in cannot be a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InputProblem {
    /// Nothing was left after the surrounding white space was removed. Ask again.
    #[error("it is empty")]
    Empty,
    /// White space inside: usually two things pasted at once, or a line broken in two. Ask again.
    #[error("it contains white space")]
    InnerWhiteSpace,
    /// A control or other non-ASCII character, which no header can carry. Ask again.
    #[error("it contains a character that no token has")]
    OddCharacter,
}

impl Secret {
    /// Takes a text over as it is. The given allocation is the one that is wiped later.
    pub fn new(text: String) -> Self {
        Self(SecretBox::new(Box::new(text)))
    }

    /// Takes over what a person or a pipe gave: surrounding white space and the final newline are
    /// removed; white space or control characters inside are refused, and so is nothing at all.
    ///
    /// # Errors
    /// [`InputProblem`], which says what is wrong without repeating any of it.
    pub fn from_input(text: Zeroizing<String>) -> Result<Self, InputProblem> {
        let inner = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if inner.is_empty() {
            return Err(InputProblem::Empty);
        }
        if inner.chars().any(char::is_whitespace) {
            return Err(InputProblem::InnerWhiteSpace);
        }
        if !inner.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(InputProblem::OddCharacter);
        }
        Ok(Self::new(inner.to_owned()))
    }

    /// Takes over a webhook's secret that a person or a pipe gave: as [`Secret::from_input`], but it may be a phrase with
    /// spaces, and of any script. Nothing is known of it but that somebody has typed it into a web form.
    ///
    /// # Errors
    /// [`InputProblem::Empty`], [`InputProblem::OddCharacter`] for a control character or a line break.
    pub fn from_phrase(text: Zeroizing<String>) -> Result<Self, InputProblem> {
        let inner = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if inner.is_empty() {
            return Err(InputProblem::Empty);
        }
        if inner.chars().any(char::is_control) {
            return Err(InputProblem::OddCharacter);
        }
        Ok(Self::new(inner.to_owned()))
    }

    /// The text itself. Call it only where the secret has to leave: the request header, the request
    /// body, a store, a signature, and the commands that print on request.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// Looks at the text to say something of it that is no secret: its form, its length.
    pub(super) fn look<T>(&self, see: impl FnOnce(&str) -> T) -> T {
        see(self.reveal())
    }

    /// How many bytes the text has: for buffers that are to have room for it.
    pub fn len(&self) -> usize {
        self.0.expose_secret().len()
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The SHA-256 of the text: enough to tell two tokens apart, and no way back for anything as
    /// random as a token.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.reveal().as_bytes())
    }

    /// The digest of the text together with the addresses it is for, the forge's, by which it is handed out, and its
    /// API's, where it is sent: who edits one of them in a record without knowing the secret cannot make this fit.
    pub fn bound_to(&self, url: &str, api_url: &str) -> Fingerprint {
        let digest = Sha256::new().chain_update(format!("{url}\n{api_url}\n")).chain_update(self.reveal()).finalize();
        Fingerprint(format!("sha256:{}", hex::encode(digest)))
    }

    /// Whether two secrets are the same, compared by digest so that the time taken tells nothing.
    pub fn same_as(&self, other: &Self) -> bool {
        Sha256::digest(self.reveal()) == Sha256::digest(other.reveal())
    }
}

impl Clone for Secret {
    fn clone(&self) -> Self {
        Self::new(self.reveal().to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// `sha256:` and 64 hexadecimal digits: what records and histories hold instead of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(format!("sha256:{}", hex::encode(Sha256::digest(bytes))))
    }

    /// The whole fingerprint, `sha256:1f0c…`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `sha256:` and the first twelve digits, for people to compare by eye.
    pub fn short(&self) -> &str {
        self.0.get(..19).unwrap_or(&self.0)
    }
}

/// Names one secret in one store: 32 hexadecimal digits made at random, so that two homes never
/// collide in one keyring; in the store `env`, the name of the variable.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretId(String);

impl SecretId {
    /// A fresh id of 128 random bits.
    ///
    /// # Errors
    /// When the operating system gives no random numbers.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0u8; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Self(hex::encode(bytes)))
    }

    /// The name of an environment variable, for the store `env`.
    pub fn variable(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The id as text: 32 hexadecimal digits, or a variable's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it has the form [`SecretId::random`] gives. A store that makes a file name of an id
    /// asks this first: a damaged record must not lead anywhere else.
    pub fn is_random_form(&self) -> bool {
        self.0.len() == 32 && self.0.bytes().all(|b| b.is_ascii_hexdigit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(text: &str) -> Result<Secret, InputProblem> {
        Secret::from_input(Zeroizing::new(text.to_owned()))
    }

    #[test]
    fn surrounding_white_space_goes_and_inner_is_refused() {
        assert_eq!(input("  ghp_abc\r\n").map(|s| s.reveal().to_owned()), Ok("ghp_abc".into()));
        assert_eq!(input(" \n").map(|_| ()), Err(InputProblem::Empty));
        assert_eq!(input("ghp_a bc").map(|_| ()), Err(InputProblem::InnerWhiteSpace));
        assert_eq!(input("ghp_a\nbc").map(|_| ()), Err(InputProblem::InnerWhiteSpace));
        assert_eq!(input("ghp_a\u{1b}[0m").map(|_| ()), Err(InputProblem::OddCharacter));
        assert_eq!(input("ghp_ä").map(|_| ()), Err(InputProblem::OddCharacter));
    }

    #[test]
    fn a_phrase_is_a_webhooks_secret() {
        let phrase = |text: &str| Secret::from_phrase(Zeroizing::new(text.to_owned())).map(|s| s.reveal().to_owned());
        assert_eq!(phrase("It's a Secret to Everybody\n"), Ok("It's a Secret to Everybody".into()));
        assert_eq!(phrase("schlüssel ♥"), Ok("schlüssel ♥".into()));
        assert_eq!(phrase(" \n"), Err(InputProblem::Empty));
        assert_eq!(phrase("one\ntwo"), Err(InputProblem::OddCharacter));
    }

    #[test]
    fn debug_says_nothing() {
        assert_eq!(format!("{:?}", Secret::new("glpat-x".into())), "Secret(…)");
    }

    #[test]
    fn fingerprints_are_sha256() {
        let print = Secret::new("abc".into()).fingerprint();
        assert_eq!(print.short(), "sha256:ba7816bf8f01");
        assert_eq!(print.as_str().len(), 7 + 64);
    }

    #[test]
    fn a_path_is_no_random_id() {
        assert!(SecretId::random().is_ok_and(|id| id.is_random_form()));
        assert!(!SecretId::variable("../../etc/passwd").is_random_form());
    }
}
