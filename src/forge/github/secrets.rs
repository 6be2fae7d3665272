//! `/repos/{owner}/{repo}/actions/secrets`: secrets for GitHub Actions. They can be written and never read.
//!
//! GitHub takes them in libsodium's sealed boxes (`crypto_box_seal`), made for the repository's own public key.

use base64::Engine as _;
use crypto_box::PublicKey;
use crypto_box::aead::OsRng;
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::http::{Authorization, Call, Repeat};
use super::super::page;
use super::super::words::Scrubber;
use super::contents::BASE64;
use super::{GitHub, in_repository};
use crate::model::Secret;
use crate::model::place::Repository;

/// GitHub REST: "List repository secrets".
#[derive(Deserialize)]
struct Listed {
    secrets: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// GitHub REST: "Get a repository public key".
#[derive(Deserialize)]
struct Key {
    key_id: String,
    /// 32 bytes in base64.
    key: String,
}

/// GitHub REST: "Create or update a repository secret".
#[derive(Serialize)]
struct Body {
    encrypted_value: String,
    key_id: String,
}

impl GitHub {
    /// The names of the repository's Actions secrets.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn actions_secrets(&self, token: &Secret, repo: &Repository) -> Result<Vec<String>, ForgeError> {
        let path = in_repository(repo, &["actions", "secrets"]);
        let call = self.reading(&path, &[("per_page", "100")], Authorization::Bearer(token));
        let scrubber = Scrubber::new(Some(token));
        let mut all = Vec::new();
        page::each(&self.transport, call, page::MOST, |answer| {
            let found: Listed = answer.json(&self.label)?;
            all.extend(found.secrets.iter().map(|one| scrubber.name(&one.name)));
            Ok(())
        })
        .await?;
        Ok(all)
    }

    /// Writes an Actions secret, in place of one that had the name.
    ///
    /// # Errors
    /// [`Malformed`](ForgeErrorKind::Malformed) where GitHub's key is none; or what GitHub said.
    pub async fn put_actions_secret(
        &self,
        token: &Secret,
        repo: &Repository,
        name: &str,
        value: &Secret,
    ) -> Result<(), ForgeError> {
        let path = in_repository(repo, &["actions", "secrets", "public-key"]);
        let key: Key = self.get(&path, &[], Authorization::Bearer(token)).await?.json(&self.label)?;
        let encrypted_value =
            sealed(&key.key, value).ok_or_else(|| ForgeError::new(ForgeErrorKind::Malformed, &self.label))?;
        let path = in_repository(repo, &["actions", "secrets", name]);
        let body = Body { encrypted_value, key_id: key.key_id };
        let call = self.writing(Method::PUT, &path, &body, token, Repeat::Safe);
        self.transport.send(&Call { carries: vec![value], ..call }).await.map(drop)
    }

    /// Takes an Actions secret away. False: there was none.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn delete_actions_secret(
        &self,
        token: &Secret,
        repo: &Repository,
        name: &str,
    ) -> Result<bool, ForgeError> {
        let call = self.deleting(&in_repository(repo, &["actions", "secrets", name]), token);
        ForgeError::if_there(self.transport.send(&call).await).map(|found| found.is_some())
    }
}

/// The secret in a box that only the key's owner opens, in base64; nothing where the key is none.
fn sealed(key: &str, secret: &Secret) -> Option<String> {
    let key: [u8; 32] = BASE64.decode(key.trim()).ok()?.try_into().ok()?;
    let sealed = PublicKey::from(key).seal(&mut OsRng, secret.reveal().as_bytes()).ok()?;
    Some(BASE64.encode(sealed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crypto_box::SecretKey;

    proptest::proptest! {
        #[test]
        fn only_its_owner_opens_the_box(text in "\\PC{0,80}") {
            let (own, other) = (SecretKey::generate(&mut OsRng), SecretKey::generate(&mut OsRng));
            let secret = Secret::new(text.clone());
            let sealed = sealed(&BASE64.encode(own.public_key().as_bytes()), &secret).unwrap_or_default();
            let sealed = BASE64.decode(sealed).unwrap_or_default();
            // libsodium, "Sealed boxes": a key of 32 bytes and an authenticator of 16 beside the message.
            proptest::prop_assert_eq!(sealed.len(), text.len() + 48);
            proptest::prop_assert_eq!(own.unseal(&sealed).ok(), Some(text.into_bytes()));
            proptest::prop_assert!(other.unseal(&sealed).is_err());
        }

        #[test]
        fn no_key_panics(key in "\\PC{0,60}") {
            let _ = sealed(&key, &Secret::new("x".into()));
        }
    }

    #[test]
    fn what_is_no_key() {
        let short = BASE64.encode([1; 31]);
        for key in ["", "x", "!", &short] {
            assert_eq!(sealed(key, &Secret::new("x".into())), None, "{key}");
        }
    }
}
