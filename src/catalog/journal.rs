//! What is under way. Before a secret is written under a new id, an [`Intent`] says so; after the
//! record points to it and the old one is gone, the intent goes too. If the process dies in between,
//! the next one that writes finds the intent, looks at the record to see which of the two secrets is
//! the living one, and removes the other: a store never collects tokens that nobody remembers. The
//! line of the history that belongs to it is in the intent too, so that the next one can add it.
//!
//! A [`Parting`] says the same of a connection that is being forgotten: when its record is gone, the
//! line of the history that says so is still to be had.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CatalogError, ChangeOver, Happening, Home, Importing, Renaming, Retiring, Rotation};
use crate::files::{self, FileError};
use crate::model::{Connection, ConnectionName, SecretId, StoreKind};

/// The form of the journal's files that this program writes. It reads 1, too: intents of tokens.
pub(super) const VERSION: u32 = 2;

const LIMIT: u64 = 64 * 1024;

/// Where one secret is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resting {
    /// Its id in that store.
    pub secret: SecretId,
    /// The store.
    pub kept_in: StoreKind,
}

/// Which of a connection's secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The token.
    #[default]
    Token,
    /// The webhook's secret.
    Webhook,
    /// The plain token beside the webhook's signing token.
    #[serde(rename = "webhook-token")]
    WebhookToken,
    /// The webhook's secret before, while it still holds.
    #[serde(rename = "webhook-former")]
    WebhookFormer,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Token, Self::Webhook, Self::WebhookToken, Self::WebhookFormer];

    /// The word used in output and in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Webhook => "webhook",
            Self::WebhookToken => "webhook-token",
            Self::WebhookFormer => "webhook-former",
        }
    }

    /// Whether it is the token.
    pub const fn is_token(&self) -> bool {
        matches!(self, Self::Token)
    }

    /// What a line about the connection as a whole speaks of: the token, unless it only receives webhooks.
    pub const fn main_of(connection: &Connection) -> Self {
        if connection.token.is_some() { Self::Token } else { Self::Webhook }
    }

    /// Where a connection has this secret, if it has one.
    pub fn of(self, connection: &Connection) -> Option<Resting> {
        let resting = |secret: &SecretId, kept_in: StoreKind| Resting { secret: secret.clone(), kept_in };
        let webhook = connection.webhook.as_ref();
        match self {
            Self::Token => connection.token.as_ref().map(|token| resting(&token.secret, token.kept_in)),
            Self::Webhook => webhook.map(|webhook| resting(&webhook.secret, webhook.kept_in)),
            Self::WebhookToken => webhook?.token.as_ref().map(|token| resting(&token.secret, token.kept_in)),
            Self::WebhookFormer => webhook?.former.as_ref().map(|former| resting(&former.secret, former.kept_in)),
        }
    }

    /// All the secrets that a connection has, each with where it is.
    pub fn all_of(connection: &Connection) -> impl Iterator<Item = (Self, Resting)> {
        Self::ALL.into_iter().filter_map(|part| part.of(connection).map(|resting| (part, resting)))
    }

    /// Writes down where this secret is, if the connection has it.
    pub fn put(self, connection: &mut Connection, to: Resting) {
        let webhook = connection.webhook.as_mut();
        let place = match self {
            Self::Token => connection.token.as_mut().map(|token| (&mut token.secret, &mut token.kept_in)),
            Self::Webhook => webhook.map(|webhook| (&mut webhook.secret, &mut webhook.kept_in)),
            Self::WebhookToken => {
                webhook.and_then(|webhook| webhook.token.as_mut()).map(|token| (&mut token.secret, &mut token.kept_in))
            }
            Self::WebhookFormer => webhook
                .and_then(|webhook| webhook.former.as_mut())
                .map(|former| (&mut former.secret, &mut former.kept_in)),
        };
        if let Some((secret, kept_in)) = place {
            (*secret, *kept_in) = (to.secret, to.kept_in);
        }
    }
}

/// A secret is being put under a new id in place of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The form of this file.
    pub version: u32,
    /// Whose secret. Its lock is held for as long as the intent is being carried out.
    pub connection: ConnectionName,
    /// Which of its secrets.
    #[serde(default, skip_serializing_if = "Part::is_token")]
    pub part: Part,
    /// The new secret.
    pub new: Resting,
    /// The one that it replaces.
    pub old: Option<Resting>,
    /// When it began.
    pub since: Timestamp,
    /// What the history says once the record names the new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happening: Option<Happening>,
}

impl Intent {
    /// A secret of a connection is about to be put under a new id.
    pub fn new(
        connection: ConnectionName,
        part: Part,
        new: Resting,
        old: Option<Resting>,
        happening: Happening,
    ) -> Self {
        let since = happening.at;
        Self { version: VERSION, connection, part, new, old, since, happening: Some(happening) }
    }

    /// A secret of a connection is about to be removed that the record will no longer name; `stays` is another one of
    /// the same connection.
    pub fn removal(connection: ConnectionName, stays: Resting, gone: Resting, since: Timestamp) -> Self {
        let part = Part::Webhook;
        Self { version: VERSION, connection, part, new: stays, old: Some(gone), since, happening: None }
    }

    /// A secret that is nobody's is about to be put somewhere, to be taken away again at once.
    pub fn trial(by: ConnectionName, new: Resting, since: Timestamp) -> Self {
        Self { version: VERSION, connection: by, part: Part::Token, new, old: None, since, happening: None }
    }
}

/// A connection is being forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parting {
    /// The form of this file.
    pub version: u32,
    /// Which connection. Its lock is held for as long as it is being forgotten.
    pub parting: ConnectionName,
    /// What the history says once its record is gone.
    pub happening: Happening,
}

impl Parting {
    /// A connection is about to be forgotten.
    pub fn new(connection: ConnectionName, happening: Happening) -> Self {
        Self { version: VERSION, parting: connection, happening }
    }
}

/// A parting that is written down.
#[derive(Debug)]
pub struct OpenParting {
    /// Which connection is being forgotten.
    pub parting: Parting,
    path: PathBuf,
}

impl OpenParting {
    /// Whether it is written down still. Who read it before they had the lock must look again: its owner may have
    /// come to the end in between, and then what it says is no longer true.
    pub fn stands(&self) -> bool {
        self.path.exists()
    }

    /// Crosses it out: the connection is forgotten, or is not to be forgotten any more.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn close(self) -> Result<(), CatalogError> {
        files::remove(&self.path)?;
        Ok(())
    }
}

/// An intent that is written down.
#[derive(Debug)]
pub struct OpenIntent {
    /// What is under way.
    pub intent: Intent,
    path: PathBuf,
}

impl OpenIntent {
    /// Whether it is written down still. Who read it before they had the lock must look again: its owner may have
    /// come to the end in between, and then what it says is no longer true.
    pub fn stands(&self) -> bool {
        self.path.exists()
    }

    /// Crosses it out: it is carried out, or undone.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn close(self) -> Result<(), CatalogError> {
        files::remove(&self.path)?;
        Ok(())
    }
}

/// The folder of intents.
#[derive(Debug, Clone)]
pub struct Journal {
    folder: PathBuf,
}

impl Journal {
    /// The journal of a home; nothing is read or made yet.
    pub fn new(home: &Home) -> Self {
        Self { folder: home.journal() }
    }

    /// Writes an intent down, synced, before it is begun.
    ///
    /// # Errors
    /// [`CatalogError::File`]; then nothing may be begun.
    pub fn open(&self, intent: Intent) -> Result<OpenIntent, CatalogError> {
        Ok(OpenIntent { path: self.write("connect", &intent)?, intent })
    }

    /// Writes down that a connection is about to be forgotten.
    ///
    /// # Errors
    /// [`CatalogError::File`]; then nothing may be begun.
    pub fn part(&self, parting: Parting) -> Result<OpenParting, CatalogError> {
        Ok(OpenParting { path: self.write("disconnect", &parting)?, parting })
    }

    /// All intents that are written down; those of processes still at work are among them. What
    /// does not read as an intent of this kind is left to whoever wrote it.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn unfinished(&self) -> Result<Vec<OpenIntent>, CatalogError> {
        let intents = self.all::<Intent>()?.into_iter();
        Ok(intents
            .filter(|(intent, _)| (1..=VERSION).contains(&intent.version))
            .map(|(intent, path)| OpenIntent { intent, path })
            .collect())
    }

    /// All partings that are written down, as [`Journal::unfinished`].
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn unfinished_partings(&self) -> Result<Vec<OpenParting>, CatalogError> {
        let partings = self.all::<Parting>()?.into_iter();
        Ok(partings
            .filter(|(parting, _)| parting.version == VERSION)
            .map(|(parting, path)| OpenParting { parting, path })
            .collect())
    }

    pub(super) fn write(&self, what: &str, entry: &impl Serialize) -> Result<PathBuf, CatalogError> {
        let id = SecretId::random().map_err(|_| CatalogError::NoRandomness)?;
        let path = self.folder.join(format!("{what}-{}.json", id.as_str()));
        let mut text =
            serde_json::to_vec(entry).map_err(|e| CatalogError::Damaged { path: path.clone(), why: e.to_string() })?;
        text.push(b'\n');
        files::replace(&path, &text)?;
        Ok(path)
    }

    pub(super) fn all<T: for<'a> Deserialize<'a>>(&self) -> Result<Vec<(T, PathBuf)>, CatalogError> {
        self.all_of("")
    }

    /// Those whose files are called so, or begin with that.
    pub(super) fn all_of<T: for<'a> Deserialize<'a>>(&self, what: &str) -> Result<Vec<(T, PathBuf)>, CatalogError> {
        self.all_by(what, |bytes| serde_json::from_slice(bytes).ok())
    }

    /// As [`Journal::all_of`], for those that are more than one piece of JSON.
    pub(super) fn all_by<T>(
        &self,
        what: &str,
        parse: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Vec<(T, PathBuf)>, CatalogError> {
        let mut found = Vec::new();
        let is_meant = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(what));
        for path in files::list(&self.folder, "json")?.into_iter().filter(is_meant) {
            if let Some(entry) = Self::read(&path, &parse)? {
                found.push((entry, path));
            }
        }
        Ok(found)
    }

    /// One of them, if it is of this kind and still there: another process may close it at any time.
    pub(super) fn read<T>(path: &Path, parse: impl Fn(&[u8]) -> Option<T>) -> Result<Option<T>, CatalogError> {
        match files::read(path, LIMIT) {
            Ok(bytes) => Ok(bytes.and_then(|bytes| parse(&bytes))),
            // What is no file is nobody's intent.
            Err(FileError::NotAFile { .. }) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// The notes that do not read as anything of this kind: damaged, or a later version's.
    ///
    /// # Errors
    /// [`CatalogError::File`] when the folder cannot be read.
    pub fn unreadable(&self) -> Result<Vec<PathBuf>, CatalogError> {
        let reads = |path: &PathBuf| match files::read(path, LIMIT) {
            Ok(Some(bytes)) => {
                is::<Intent>(&bytes, |intent| (1..=VERSION).contains(&intent.version))
                    || is::<Parting>(&bytes, |parting| parting.version == VERSION)
                    || is::<Renaming>(&bytes, |renaming| renaming.version == VERSION)
                    || is::<ChangeOver>(&bytes, |change| change.version == VERSION)
                    || is::<Importing>(&bytes, |importing| importing.version == VERSION)
                    || is::<Retiring>(&bytes, |retiring| retiring.version == VERSION)
                    || Rotation::read(&bytes).is_some()
            }
            // Closed in the meantime.
            Ok(None) => true,
            Err(_) => false,
        };
        Ok(files::list(&self.folder, "json")?.into_iter().filter(|path| !reads(path)).collect())
    }
}

fn is<T: for<'a> Deserialize<'a>>(bytes: &[u8], of_this_version: impl Fn(&T) -> bool) -> bool {
    serde_json::from_slice::<T>(bytes).is_ok_and(|entry| of_this_version(&entry))
}
