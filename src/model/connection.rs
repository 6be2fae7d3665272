//! A connection: the named record of one account at one forge. It never holds a secret.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::host::NotAHost;
use super::{ConnectionName, Destination, Fingerprint, ForgeKind, Host, Registry, SecretId, TokenKind, WebhookRecord};

/// The version of the record's form that this program writes, and the highest it reads.
pub const RECORD_VERSION: u32 = 1;

/// The record's fields that this version knows; those of a later one are kept when a record is written.
pub const FIELDS: [&str; 16] = [
    "name",
    "version",
    "forge",
    "url",
    "api_url",
    "allow_http",
    "ca_cert",
    "server_version",
    "account",
    "token",
    "webhook",
    "serves",
    "registries",
    "default",
    "destinations",
    "made_for",
];

/// The same of the record's parts: which part, its fields, and the field by which one part is told from another.
pub const PARTS: [(&str, &[&str], &str); 3] = [
    ("account", &["login", "id", "kind"], "id"),
    (
        "token",
        &[
            "kind",
            "fingerprint",
            "bound",
            "scopes",
            "expires_at",
            "secret",
            "kept_in",
            "checked_at",
            "account_checked_at",
            "etag",
            "health",
            "label",
            "id",
            "refused_at",
        ],
        "fingerprint",
    ),
    ("webhook", &super::webhook::FIELDS, "id"),
];

/// One connection, as its file holds it and as `--json` prints it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Connection {
    /// Its name, unique in this home.
    pub name: ConnectionName,
    /// The form of this record; see [`RECORD_VERSION`].
    pub version: u32,
    /// GitHub or GitLab.
    pub forge: ForgeKind,
    /// The forge's base URL, without a slash at the end.
    pub url: String,
    /// The base URL of its REST API, without a slash at the end.
    pub api_url: String,
    /// `--allow-http` was given: the token may travel unencrypted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_http: bool,
    /// `--ca-cert`: a PEM file with a certificate authority to trust as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_cert: Option<PathBuf>,
    /// What the server last said of its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_version: Option<String>,
    /// Whose token it is; absent for a connection that only receives webhooks.
    pub account: Option<Account>,
    /// The token, unless the connection only receives webhooks.
    pub token: Option<TokenRecord>,
    /// The webhook's secret, if the connection receives any.
    #[serde(default)]
    pub webhook: Option<WebhookRecord>,
    /// URL prefixes that this connection answers for before others.
    #[serde(default)]
    pub serves: Vec<String>,
    /// Container registries that the user has named as its forge's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub registries: Vec<Registry>,
    /// Whether it answers for its host when nothing more precise does.
    #[serde(default)]
    pub default: bool,
    /// Where copies of the secret went.
    #[serde(default)]
    pub destinations: Vec<serde_json::Value>,
    /// What connect itself made the token for, `import of OWNER/REPO`: such a connection answers for no URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_for: Option<String>,
}

// `remote` makes the derived code functions of the type, so that what it reads can be looked at as a whole: what an
// old record does not say of its webhook follows from the forge.
impl<'de> Deserialize<'de> for Connection {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut connection = Self::deserialize(deserializer)?;
        if let Some(webhook) = &mut connection.webhook {
            webhook.settle(connection.forge);
        }
        Ok(connection)
    }
}

impl Serialize for Connection {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

/// What of a record says which URLs the connection answers for: all that is read of a thousand records to
/// find the one that is meant.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Outline {
    /// Its name.
    pub name: ConnectionName,
    /// The form of the record.
    pub version: u32,
    /// The forge's base URL.
    pub url: String,
    /// URL prefixes that it answers for before others.
    #[serde(default)]
    pub serves: Vec<String>,
    /// Whether it answers for its host when nothing more precise does.
    #[serde(default)]
    pub default: bool,
    /// Whether it has a token; without one it only receives webhooks.
    #[serde(rename = "token", default, deserialize_with = "is_there")]
    pub has_token: bool,
    /// Whether its token was made for one purpose, so that it answers for no URL.
    #[serde(rename = "made_for", default, deserialize_with = "is_there")]
    pub made_for_one: bool,
}

fn is_there<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Option::<serde::de::IgnoredAny>::deserialize(deserializer).map(|found| found.is_some())
}

impl From<&Connection> for Outline {
    fn from(connection: &Connection) -> Self {
        Self {
            name: connection.name.clone(),
            version: connection.version,
            url: connection.url.clone(),
            serves: connection.serves.clone(),
            default: connection.default,
            has_token: connection.token.is_some(),
            made_for_one: connection.made_for.is_some(),
        }
    }
}

/// Whose token it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The login or user name.
    pub login: String,
    /// The forge's number for the account; it stays when the login changes. Nothing where the token may not say.
    pub id: Option<u64>,
    /// A person, a bot of a project or group, an app.
    pub kind: AccountKind,
}

/// What kind of account a token acts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountKind {
    /// A person's account.
    User,
    /// A bot or service account.
    Bot,
    /// An organisation.
    Organization,
    /// A GitHub App's installation.
    App,
    /// Something this version does not know, or could not find out.
    #[serde(other)]
    Unknown,
}

/// What is remembered of a token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenRecord {
    /// What kind of token it is.
    pub kind: TokenKind,
    /// Its digest.
    pub fingerprint: Fingerprint,
    /// The token's digest together with the forge's address and its API's, so that an edited record does not lead it elsewhere;
    /// nothing in the store `env`, where the token changes without connect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Fingerprint>,
    /// The scopes the forge named; nothing where it names none (fine-grained tokens).
    pub scopes: Option<Vec<String>>,
    /// When it dies; nothing for a token without an end.
    pub expires_at: Option<Timestamp>,
    /// Under which id the store has it; in the store `env`, the variable's name.
    pub secret: SecretId,
    /// Which store has it.
    pub kept_in: StoreKind,
    /// When the forge was last asked.
    pub checked_at: Timestamp,
    /// When it last said whose the token is, where that is not part of every answer (GitLab).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_checked_at: Option<Timestamp>,
    /// By which the forge can say that nothing has changed (GitHub's `ETag`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// What it said.
    pub health: Health,
    /// The forge's own name for the token, where it tells (GitLab).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The forge's number for the token, where it tells (GitLab).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// When a server last refused it, by what git said; nothing once it was accepted again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_at: Option<Timestamp>,
}

/// What the forge last said of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// It works.
    Valid,
    /// It is genuine, but may not say who it is (GitLab fine-grained tokens without that permission).
    Limited,
    /// Genuine, but a policy, single sign-on or a block keeps it out.
    Blocked,
    /// Its end has passed.
    Expired,
    /// Somebody revoked it.
    Revoked,
    /// The forge does not know it (GitHub says no more than this of expired and revoked ones).
    Unknown,
    /// A word that a later version wrote.
    #[serde(other)]
    Other,
}

/// Where a secret is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    /// The operating system's keyring.
    Keyring,
    /// age-encrypted files.
    File,
    /// Plain files that only the user can read.
    Plain,
    /// Nowhere: an environment variable is read each time.
    Env,
}

impl StoreKind {
    /// The word used on the command line and in records.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::File => "file",
            Self::Plain => "plain",
            Self::Env => "env",
        }
    }
}

impl std::fmt::Display for StoreKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

impl std::str::FromStr for StoreKind {
    type Err = NotAStore;

    fn from_str(text: &str) -> Result<Self, NotAStore> {
        [Self::Keyring, Self::File, Self::Plain, Self::Env]
            .into_iter()
            .find(|kind| kind.word() == text)
            .ok_or(NotAStore)
    }
}

/// No store of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stores are `keyring`, `file`, `plain` and `env`")]
pub struct NotAStore;

impl Connection {
    /// The forge's address.
    ///
    /// # Errors
    /// [`NotAHost`], when somebody has edited the record.
    pub fn host(&self) -> Result<Host, NotAHost> {
        Host::parse(self.forge, &self.url, Some(&self.api_url), self.allow_http)
    }

    /// The container registries that its token opens: those of the vendor's own host, and those that the user has named.
    pub fn registries(&self) -> Vec<Registry> {
        Registry::of_vendor(&self.url).into_iter().chain(self.registries.iter().cloned()).collect()
    }

    /// Where copies of its secret went, as far as this version knows such places.
    pub fn known_destinations(&self) -> Vec<Destination> {
        self.destinations.iter().filter_map(|value| serde_json::from_value(value.clone()).ok()).collect()
    }

    /// Those of them that do not have the present secret.
    pub fn stale_destinations(&self) -> Vec<Destination> {
        self.known_destinations().into_iter().filter(|destination| destination.is_stale(self)).collect()
    }

    /// Writes down that a copy of its secret is at a place, in place of what was known of that place.
    pub fn add_destination(&mut self, destination: &Destination) {
        self.remove_destinations(|known| known.is_same_place(destination));
        self.destinations.extend(serde_json::to_value(destination));
    }

    /// Takes those places off the list that are meant; what a later version has written stays.
    pub fn remove_destinations(&mut self, is_meant: impl Fn(&Destination) -> bool) {
        let stays = |value: &serde_json::Value| {
            serde_json::from_value::<Destination>(value.clone()).map_or(true, |known| !is_meant(&known))
        };
        self.destinations.retain(stays);
    }

    /// The user name that goes with its token as a password: git over HTTPS, `.netrc`, registries.
    ///
    /// Personal tokens go with any name (GitLab docs, "Clone using a token"), so that it is the account's; GitLab takes
    /// OAuth tokens as `oauth2` only, GitHub Apps' tokens go as `x-access-token` (GitHub docs, "Authenticating as a
    /// GitHub App installation").
    pub fn git_user(&self) -> &str {
        let kind = self.token.as_ref().map(|token| &token.kind);
        let anybody = match self.forge {
            ForgeKind::GitHub => "x-access-token",
            ForgeKind::GitLab => "oauth2",
        };
        match kind {
            Some(TokenKind::AppInstallation) => anybody,
            Some(TokenKind::Oauth) if self.forge == ForgeKind::GitLab => anybody,
            _ => self.account.as_ref().map_or(anybody, |account| &account.login),
        }
    }

    /// When its token dies, if it has one that does.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.token.as_ref().and_then(|token| token.expires_at)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Proof;
    use super::*;

    #[test]
    fn the_user_name_that_goes_with_a_token() {
        let user = |forge: &str, kind: &str, login: Option<&str>| {
            let account = login.map(|login| serde_json::json!({ "login": login, "id": 1, "kind": "user" }));
            let record = serde_json::json!({ "name": "a", "version": 1, "forge": forge, "url": "https://example.com",
                "api_url": "https://example.com/api", "account": account, "token": {
                    "kind": kind, "fingerprint": format!("sha256:{}", "0".repeat(64)), "scopes": null, "expires_at": null,
                    "secret": "0".repeat(32), "kept_in": "plain", "checked_at": "2026-11-01T12:00:00Z", "health": "valid" } });
            let connection: Connection = serde_json::from_value(record).unwrap_or_else(|e| panic!("{e}"));
            connection.git_user().to_owned()
        };
        assert_eq!(user("github", "classic", Some("octocat")), "octocat");
        assert_eq!(user("github", "classic", None), "x-access-token");
        assert_eq!(user("github", "app-installation", Some("app")), "x-access-token");
        assert_eq!(user("github", "oauth", Some("octocat")), "octocat");
        assert_eq!(user("gitlab", "personal", Some("maintainer")), "maintainer");
        assert_eq!(user("gitlab", "granular", None), "oauth2");
        assert_eq!(user("gitlab", "oauth", Some("maintainer")), "oauth2");
    }

    fn proof_in(forge: &str, webhook: serde_json::Value) -> Option<Proof> {
        let record = serde_json::json!({ "name": "a", "version": 1, "forge": forge, "url": "https://example.com",
            "api_url": "https://example.com/api", "account": null, "token": null, "webhook": webhook });
        let connection: Connection = serde_json::from_value(record).unwrap_or_else(|e| panic!("{e}"));
        connection.webhook.map(|webhook| webhook.proof)
    }

    #[test]
    fn what_an_old_record_does_not_say_of_its_webhook_follows_from_the_forge() {
        let old = serde_json::json!({ "id": "5f2c", "secret": "77b0", "kept_in": "keyring" });
        assert_eq!(proof_in("github", old.clone()), Some(Proof::Signature));
        assert_eq!(proof_in("gitlab", old.clone()), Some(Proof::Token));
        let mut new = old;
        new["proof"] = "signing-token".into();
        assert_eq!(proof_in("gitlab", new), Some(Proof::SigningToken));
        assert_eq!(proof_in("github", serde_json::Value::Null), None);
    }
}
