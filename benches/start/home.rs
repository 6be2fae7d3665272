//! Homes with connections in them, made without a forge.

#![allow(clippy::disallowed_methods, reason = "ten thousand records are written at once; nobody else sees them")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use age::secrecy::ExposeSecret as _;
use connect::catalog::{Home, Records};
use connect::model::{Connection, Secret, SecretId, StoreKind};
use connect::store::{PassphraseError, PassphraseSource, StoreOptions, Stores};
use tempfile::TempDir;

/// The token that all connections share.
pub const TOKEN: &str = "ghp_0123456789abcdefghijklmnopqrstuvwxyz";

/// The connection that is always there.
pub const NAME: &str = "octocat@github.com";

/// A home of its own; it goes when it is dropped.
pub struct Made {
    folder: TempDir,
}

struct Nobody;

impl PassphraseSource for Nobody {
    fn existing(&self) -> Result<Secret, PassphraseError> {
        Err(PassphraseError::NotAvailable)
    }

    fn new_one(&self) -> Result<Secret, PassphraseError> {
        Err(PassphraseError::NotAvailable)
    }
}

impl Made {
    /// One connection, its token in the store `file` under an age identity, which is remembered.
    pub fn with_age_identity() -> Self {
        let made = Self { folder: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap() };
        let identity = made.folder.path().join("identity.txt");
        fs::write(&identity, age::x25519::Identity::generate().to_string().expose_secret()).unwrap();
        let stores = Stores::new(StoreOptions {
            secrets_dir: made.home().secrets(),
            keyring_patience: std::time::Duration::ZERO,
            on_wait: None,
            passphrase: Arc::new(Nobody),
            age_identity: Some(identity),
            age_recipients: Vec::new(),
            variables: Arc::new(|_| None),
        });
        let id = SecretId::random().unwrap();
        stores.open(StoreKind::File).unwrap().put(&id, NAME, &Secret::new(TOKEN.to_owned())).unwrap();
        made.add(NAME, &id, StoreKind::File);
        made
    }

    /// One connection, its token in the keyring under the id that is given back.
    pub fn with_keyring() -> (Self, SecretId) {
        let made = Self { folder: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap() };
        let id = SecretId::random().unwrap();
        made.add(NAME, &id, StoreKind::Keyring);
        (made, id)
    }

    /// As many more as wanted.
    pub fn and_others(self, count: usize) -> Self {
        let id = SecretId::random().unwrap();
        (0..count).for_each(|n| self.add(&format!("someone-{n:05}@gitlab.example.com"), &id, StoreKind::File));
        self
    }

    /// So many, each of which serves an organisation of its own; without secrets.
    pub fn serving(count: usize) -> Self {
        let made = Self { folder: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap() };
        let id = SecretId::random().unwrap();
        for n in 0..count {
            made.add_with(&format!("someone-{n:04}@github.com"), &id, StoreKind::File, |record| {
                record["serves"] = serde_json::json!([format!("https://github.com/org-{n:04}")]);
            });
        }
        made
    }

    /// The variable that leads a program here.
    pub fn environment(&self) -> [(String, &Path); 1] {
        [("CONNECT_HOME".to_owned(), self.folder.path())]
    }

    /// The folder of records.
    pub fn connections(&self) -> String {
        self.home().connections().display().to_string()
    }

    fn home(&self) -> Home {
        Home::below(self.folder.path())
    }

    /// A record as `connect github` writes it.
    fn add(&self, name: &str, id: &SecretId, kept_in: StoreKind) {
        self.add_with(name, id, kept_in, |_| ());
    }

    fn add_with(&self, name: &str, id: &SecretId, kept_in: StoreKind, change: impl Fn(&mut serde_json::Value)) {
        let mut record = serde_json::json!({
            "name": name, "version": 1, "forge": "github", "url": "https://github.com",
            "api_url": "https://api.github.com",
            "account": { "login": "octocat", "id": 583_231, "kind": "user" },
            "token": {
                "kind": "classic", "fingerprint": Secret::new(TOKEN.to_owned()).fingerprint(),
                "bound": Secret::new(TOKEN.to_owned()).bound_to("https://github.com", "https://api.github.com"),
                "scopes": ["repo", "workflow", "admin:repo_hook"], "expires_at": "9998-12-31T00:00:00Z",
                "secret": id, "kept_in": kept_in, "checked_at": "2026-11-01T08:30:00.123456789Z", "health": "valid"
            },
            "webhook": null, "serves": [], "default": false, "destinations": []
        });
        change(&mut record);
        let connection: Connection = serde_json::from_value(record).unwrap();
        let path = Records::new(&self.home()).path(&connection.name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, serde_json::to_vec_pretty(&connection).unwrap()).unwrap();
    }
}
