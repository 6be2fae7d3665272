//! The logins that git has told and that belong to no connection: where each is for and where its secret is.
//!
//! All of them are in one file, which is read whole and replaced whole, under one lock. It is the journal of its own
//! changes too: a secret that is about to be written, and one that is not needed any more, stand in it as `loose`
//! until they are named by a login, or gone. So a run that is killed leaves nothing in a store that nobody knows of;
//! the next that changes something removes it.
//!
//! Passwords that people think up can be guessed. Nothing here tells whether a guess was right: [`Login::bound`] is the
//! digest of a text that has a random number in it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CatalogError, Home, Resting};
use crate::files::{self, Lock};
use crate::model::{Fingerprint, SecretId, StoreKind};

/// The form of the file that this program writes, and the highest it reads.
const VERSION: u32 = 1;

/// Some ten thousand logins.
const LIMIT: u64 = 8 * 1024 * 1024;

/// One login. It never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// `https`, in small letters.
    pub protocol: String,
    /// The host, with the port if one was given, in small letters.
    pub host: String,
    /// The path, where git told one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The user; an empty name is one. Nothing for an encoded credential that names nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The scheme of an encoded credential, which is kept in place of a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authtype: Option<String>,
    /// When it dies, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_expiry_utc: Option<i64>,
    /// Whether a refresh token is kept with it, which outlives it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refreshes: bool,
    /// When it is to be forgotten, whatever git says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forget_at: Option<Timestamp>,
    /// When it was kept.
    pub kept_at: Timestamp,
    /// Under which id the store has its secrets.
    pub secret: SecretId,
    /// Which store has them.
    pub kept_in: StoreKind,
    /// The digest of its secrets together with where they are for, so that an edited file does not lead them elsewhere.
    pub bound: Fingerprint,
}

impl Login {
    /// Where its secrets are.
    pub fn resting(&self) -> Resting {
        Resting { secret: self.secret.clone(), kept_in: self.kept_in }
    }

    /// Whether it is the same user's at the same place, so that one replaces the other.
    pub fn is_same(&self, other: &Self) -> bool {
        let of = |login: &Self| {
            let Self { protocol, host, path, username, authtype, .. } = login.clone();
            (protocol, host, path, username, authtype.is_some())
        };
        of(self) == of(other)
    }

    /// Where it is for, as [`Login::bound`] has it: two texts.
    pub fn binding(&self) -> (String, String) {
        let part = |value: &Option<String>| value.as_ref().map_or("-".to_owned(), |value| format!("={value}"));
        let place = format!("{}://{}", self.protocol, self.host);
        (place, [&self.path, &self.username, &self.authtype].map(part).join("\n"))
    }
}

/// All logins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginIndex {
    version: u32,
    /// The logins, in the order in which they were kept.
    #[serde(default)]
    pub logins: Vec<Login>,
    /// Secrets that may be in a store and that no login names, or no longer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loose: Vec<Resting>,
}

/// The file of logins.
#[derive(Debug, Clone)]
pub struct Logins {
    path: PathBuf,
    lock: PathBuf,
}

impl Logins {
    /// The logins of a home; nothing is read or made yet.
    pub fn new(home: &Home) -> Self {
        // No connection's lock begins with a dot.
        Self { path: home.logins_file(), lock: home.locks().join(".logins.lock") }
    }

    /// Where they are written down.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads them; none if there is no file.
    ///
    /// # Errors
    /// [`CatalogError::Damaged`], also where a later version has written it; [`CatalogError::File`].
    pub fn read(&self) -> Result<LoginIndex, CatalogError> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u64,
        }
        let Some(bytes) = files::read(&self.path, LIMIT)? else { return Ok(LoginIndex::default()) };
        let damaged = |why: String| CatalogError::Damaged { path: self.path.clone(), why };
        // serde's messages may quote a value: only the place is kept.
        let failed = |e: serde_json::Error| damaged(format!("line {}, column {} does not fit", e.line(), e.column()));
        let versioned: Versioned = serde_json::from_slice(&bytes).map_err(failed)?;
        if versioned.version > u64::from(VERSION) {
            return Err(damaged(format!("a later version of connect wrote it (form {})", versioned.version)));
        }
        serde_json::from_slice(&bytes).map_err(failed)
    }

    /// Takes the lock that a change needs, waiting `patience` for whoever has it.
    ///
    /// # Errors
    /// [`CatalogError::File`] when it is held for longer.
    pub fn lock(&self, patience: Duration) -> Result<Lock, CatalogError> {
        Ok(Lock::acquire(&self.lock, patience)?)
    }

    /// Writes them in place of those before.
    ///
    /// # Errors
    /// [`CatalogError::File`]; those before are then as they were.
    pub fn save(&self, index: &LoginIndex, _lock: &Lock) -> Result<(), CatalogError> {
        let index = LoginIndex { version: VERSION, ..index.clone() };
        let damaged = |e: serde_json::Error| CatalogError::Damaged { path: self.path.clone(), why: e.to_string() };
        let mut text = serde_json::to_vec_pretty(&index).map_err(damaged)?;
        text.push(b'\n');
        Ok(files::replace(&self.path, &text)?)
    }
}
