//! `…/actions/secrets` of repositories and organisations, `…/environments/{name}/secrets`: secrets for GitHub Actions.
//! They can be written and never read; when one was last written is told.
//!
//! GitHub takes them in libsodium's sealed boxes (`crypto_box_seal`), made for the public key of the place.

use base64::Engine as _;
use crypto_box::PublicKey;
use crypto_box::aead::OsRng;
use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::http::{Authorization, Call, Repeat};
use super::super::words::Scrubber;
use super::super::{lenient, page};
use super::contents::BASE64;
use super::{GitHub, in_repository};
use crate::model::Secret;
use crate::model::place::Repository;

/// Whose secrets are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretsOf<'a> {
    /// A repository's.
    Repository(&'a Repository),
    /// Those of one of a repository's environments, by its name.
    Environment(&'a Repository, &'a str),
    /// An organisation's, by its login.
    Organization(&'a str),
}

impl<'a> SecretsOf<'a> {
    /// The path of something below them.
    fn path(self, below: &[&'a str]) -> Vec<&'a str> {
        let mut path = match self {
            Self::Repository(repo) => in_repository(repo, &["actions", "secrets"]),
            Self::Environment(repo, name) => in_repository(repo, &["environments", name, "secrets"]),
            Self::Organization(org) => vec!["orgs", org, "actions", "secrets"],
        };
        path.extend(below);
        path
    }
}

impl<'a> From<&'a Repository> for SecretsOf<'a> {
    fn from(repository: &'a Repository) -> Self {
        Self::Repository(repository)
    }
}

/// What is told of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSecret {
    /// When it was last written.
    pub updated_at: Option<Timestamp>,
    /// Of an organisation's: `all`, `private` or `selected` repositories get it.
    pub visibility: Option<String>,
}

/// GitHub REST: "List repository secrets".
#[derive(Deserialize)]
struct Listed {
    secrets: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// GitHub REST: "Get a repository secret", "Get an organization secret".
#[derive(Deserialize)]
struct Told {
    #[serde(default, deserialize_with = "lenient::or_default")]
    updated_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    visibility: Option<String>,
}

/// GitHub REST: "List selected repositories for an organization secret".
#[derive(Deserialize)]
struct Selected {
    repositories: Vec<Numbered>,
}

#[derive(Deserialize)]
struct Numbered {
    id: u64,
}

/// GitHub REST: "Get a repository public key".
#[derive(Deserialize)]
struct Key {
    key_id: String,
    /// 32 bytes in base64.
    key: String,
}

/// GitHub REST: "Create or update a repository secret"; an organisation's wants to be told who gets it, each time.
#[derive(Serialize)]
struct Body<'a> {
    encrypted_value: String,
    key_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    visibility: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    selected_repository_ids: Option<Vec<u64>>,
}

impl GitHub {
    /// The names of the repository's Actions secrets.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn actions_secrets(&self, token: &Secret, repo: &Repository) -> Result<Vec<String>, ForgeError> {
        let path = SecretsOf::from(repo).path(&[]);
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

    /// What is told of a secret; nothing where there is none of that name, or the token may not know of it.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn actions_secret(
        &self,
        token: &Secret,
        of: SecretsOf<'_>,
        name: &str,
    ) -> Result<Option<KeptSecret>, ForgeError> {
        let found = self.get(&of.path(&[name]), &[], Authorization::Bearer(token)).await;
        let Some(answer) = ForgeError::if_there(found)? else { return Ok(None) };
        let told: Told = answer.json(&self.label)?;
        let scrubber = Scrubber::new(Some(token));
        let visibility = told.visibility.map(|word| scrubber.name(&word));
        Ok(Some(KeptSecret { updated_at: told.updated_at, visibility }))
    }

    /// Writes an Actions secret, in place of one that had the name. An organisation's stays with the repositories that
    /// it was for; a new one is for its private ones. Answers whether the token may write secrets, too: it gets the key
    /// first, which is for nobody else.
    ///
    /// # Errors
    /// [`Malformed`](ForgeErrorKind::Malformed) where GitHub's key is none; or what GitHub said.
    pub async fn put_actions_secret<'a>(
        &self,
        token: &Secret,
        of: impl Into<SecretsOf<'a>>,
        name: &str,
        value: &Secret,
    ) -> Result<(), ForgeError> {
        let of = of.into();
        let key = self.sealing_key(token, of).await?;
        let encrypted_value =
            sealed(&key.key, value).ok_or_else(|| ForgeError::new(ForgeErrorKind::Malformed, &self.label))?;
        let visibility = self.visibility(token, of, name).await?;
        let selected_repository_ids = match visibility.as_deref() {
            Some("selected") => Some(self.selected_repositories(token, of, name).await?),
            _ => None,
        };
        let visibility = visibility.as_deref();
        let body = Body { encrypted_value, key_id: key.key_id, visibility, selected_repository_ids };
        let call = self.writing(Method::PUT, &of.path(&[name]), &body, token, Repeat::Safe);
        self.transport.send(&Call { carries: vec![value], ..call }).await.map(drop)
    }

    /// Whether the token may get at the key that secrets are sealed with: nobody else may write one.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn may_put_secrets(&self, token: &Secret, of: SecretsOf<'_>) -> Result<(), ForgeError> {
        self.sealing_key(token, of).await.map(drop)
    }

    async fn sealing_key(&self, token: &Secret, of: SecretsOf<'_>) -> Result<Key, ForgeError> {
        self.get(&of.path(&["public-key"]), &[], Authorization::Bearer(token)).await?.json(&self.label)
    }

    /// Who gets an organisation's secret.
    async fn visibility(&self, token: &Secret, of: SecretsOf<'_>, name: &str) -> Result<Option<String>, ForgeError> {
        if !matches!(of, SecretsOf::Organization(_)) {
            return Ok(None);
        }
        let there = self.actions_secret(token, of, name).await?;
        Ok(Some(there.and_then(|there| there.visibility).unwrap_or_else(|| "private".to_owned())))
    }

    async fn selected_repositories(
        &self,
        token: &Secret,
        of: SecretsOf<'_>,
        name: &str,
    ) -> Result<Vec<u64>, ForgeError> {
        let path = of.path(&[name, "repositories"]);
        let call = self.reading(&path, &[("per_page", "100")], Authorization::Bearer(token));
        let mut all = Vec::new();
        page::each(&self.transport, call, page::MOST, |answer| {
            let found: Selected = answer.json(&self.label)?;
            all.extend(found.repositories.iter().map(|one| one.id));
            Ok(())
        })
        .await?;
        Ok(all)
    }

    /// Takes an Actions secret away. False: there was none.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn delete_actions_secret<'a>(
        &self,
        token: &Secret,
        of: impl Into<SecretsOf<'a>>,
        name: &str,
    ) -> Result<bool, ForgeError> {
        let call = self.deleting(&of.into().path(&[name]), token);
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
