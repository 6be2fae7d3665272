//! The user's choices: `config.toml`. People write it too, so whatever changes it here leaves their comments, their
//! order and keys of other versions as they are.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use toml_edit::DocumentMut;

use super::{CatalogError, Home};
use crate::files::{self, Lock};
use crate::model::{StoreKind, duration};

/// More than anybody writes by hand.
const LIMIT: u64 = 256 * 1024;

/// How long another process may take to change a line.
const PATIENCE: Duration = Duration::from_secs(10);

/// What `config.toml` says. Keys that this version does not know are left alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Config {
    /// Where new secrets are kept, instead of the keyring.
    pub store: Option<StoreKind>,
    /// The lifetime that `connect new-token` asks for, as `90d`.
    pub expires_in: Option<String>,
}

impl Config {
    /// Reads the file; without one, nothing is chosen.
    ///
    /// # Errors
    /// [`CatalogError::Config`] when it does not read, [`CatalogError::File`].
    pub fn read(path: &Path) -> Result<Self, CatalogError> {
        let Some(text) = text(path)? else { return Ok(Self::default()) };
        toml_edit::de::from_str(&text)
            .map_err(|e| CatalogError::Config { path: path.to_owned(), why: e.message().to_owned() })
    }
}

/// A key of `config.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Where new secrets are kept.
    Store,
    /// How long a token shall live that `connect new-token` asks for.
    ExpiresIn,
}

impl Key {
    /// All of them, in the order of a list.
    pub const ALL: [Self; 2] = [Self::Store, Self::ExpiresIn];

    /// As it stands in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::ExpiresIn => "expires_in",
        }
    }

    /// What counts where the file has no such key.
    pub const fn built_in(self) -> &'static str {
        match self {
            Self::Store => "keyring",
            Self::ExpiresIn => "90d",
        }
    }

    /// Whether a value fits.
    ///
    /// # Errors
    /// What does, in words, without the value.
    pub fn fits(self, value: &str) -> Result<(), String> {
        match self {
            Self::Store => value.parse::<StoreKind>().map(drop).map_err(|e| e.to_string()),
            Self::ExpiresIn => match duration::parse(value) {
                Ok(lifetime) if lifetime.as_hours() < 24 => Err("a token lives at least a day, as in `90d`".into()),
                Ok(_) => Ok(()),
                Err(e) => Err(e.to_string()),
            },
        }
    }
}

/// `config.toml`, to be looked at and changed key by key.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    path: PathBuf,
    lock: PathBuf,
}

impl ConfigFile {
    /// The file of a home; nothing is read or made yet.
    pub fn new(home: &Home) -> Self {
        // No connection's lock begins with a dot.
        Self { path: home.config_file(), lock: home.locks().join(".config.lock") }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the file says of a key; nothing where it says nothing.
    ///
    /// # Errors
    /// [`CatalogError::Config`] when the file does not read, or the value does not fit; [`CatalogError::File`].
    pub fn value(&self, key: Key) -> Result<Option<String>, CatalogError> {
        let document = self.document()?;
        let Some(item) = document.get(key.name()) else { return Ok(None) };
        let value = item.as_str().ok_or_else(|| self.damaged(format!("`{}` is no text", key.name())))?;
        key.fits(value).map_err(|why| self.damaged(format!("`{}`: {why}", key.name())))?;
        Ok(Some(value.to_owned()))
    }

    /// Writes a value down. Whatever else is in the file stays as it is.
    ///
    /// # Errors
    /// [`CatalogError::Config`] when the file does not read or the value does not fit, [`CatalogError::File`];
    /// nothing was changed then.
    pub fn set(&self, key: Key, value: &str) -> Result<(), CatalogError> {
        key.fits(value).map_err(|why| self.damaged(format!("`{}`: {why}", key.name())))?;
        let _lock = Lock::acquire(&self.lock, PATIENCE)?;
        let mut document = self.document()?;
        let mut new = toml_edit::Value::from(value);
        // A comment behind the value stays there.
        if let Some(old) = document.get(key.name()).and_then(toml_edit::Item::as_value) {
            *new.decor_mut() = old.decor().clone();
        }
        if let Some(there) = document.get_mut(key.name()) {
            // `[store]` or `store.x`: somebody means something by it.
            if !there.is_value() {
                return Err(self.damaged(format!("`{}` is a table there, and no value", key.name())));
            }
            *there = toml_edit::Item::Value(new);
            return self.write(&document);
        }
        let heading = if document.is_empty() { take_trailing(&mut document) } else { String::new() };
        document.insert(key.name(), toml_edit::Item::Value(new));
        put_above(&mut document, key.name(), &heading);
        self.write(&document)
    }

    /// Takes a key out; says whether it was there.
    ///
    /// # Errors
    /// As [`ConfigFile::set`].
    pub fn unset(&self, key: Key) -> Result<bool, CatalogError> {
        if self.document()?.get(key.name()).is_none() {
            return Ok(false);
        }
        let _lock = Lock::acquire(&self.lock, PATIENCE)?;
        let mut document = self.document()?;
        let above = above(&document, key.name());
        let next = document.iter().map(|(name, _)| name.to_owned()).skip_while(|name| name != key.name()).nth(1);
        let was = document.remove(key.name()).is_some();
        // What stands above it may be about the whole file.
        match next {
            Some(next) => put_above(&mut document, &next, &above),
            None => {
                let rest = take_trailing(&mut document);
                document.set_trailing(format!("{above}{rest}"));
            }
        }
        self.write(&document)?;
        Ok(was)
    }

    /// Keys in the file that this version does not know.
    ///
    /// # Errors
    /// As [`ConfigFile::value`].
    pub fn unknown(&self) -> Result<Vec<String>, CatalogError> {
        let document = self.document()?;
        let known = |name: &str| Key::ALL.iter().any(|key| key.name() == name);
        Ok(document.iter().map(|(name, _)| name.to_owned()).filter(|name| !known(name)).collect())
    }

    fn document(&self) -> Result<DocumentMut, CatalogError> {
        let text = text(&self.path)?.unwrap_or_default();
        text.parse().map_err(|e: toml_edit::TomlError| {
            let line =
                e.span().and_then(|span| text.get(..span.start)).map_or(1, |before| before.lines().count().max(1));
            self.damaged(format!("line {line}: {}", e.message()))
        })
    }

    fn write(&self, document: &DocumentMut) -> Result<(), CatalogError> {
        Ok(files::rewrite(&self.path, document.to_string().as_bytes())?)
    }

    fn damaged(&self, why: String) -> CatalogError {
        CatalogError::Config { path: self.path.clone(), why }
    }
}

/// The comments and empty lines above a key.
fn above(document: &DocumentMut, name: &str) -> String {
    let prefix = document.key(name).and_then(|key| key.leaf_decor().prefix()).and_then(toml_edit::RawString::as_str);
    prefix.unwrap_or_default().to_owned()
}

/// Puts comments above those that a key or a table has.
fn put_above(document: &mut DocumentMut, name: &str, comments: &str) {
    if comments.is_empty() {
        return;
    }
    if let Some(table) = document.get_mut(name).and_then(toml_edit::Item::as_table_mut) {
        let own = table.decor().prefix().and_then(toml_edit::RawString::as_str).unwrap_or_default().to_owned();
        table.decor_mut().set_prefix(format!("{comments}{own}"));
        return;
    }
    let whole = format!("{comments}{}", above(document, name));
    if let Some(mut key) = document.as_table_mut().key_mut(name) {
        key.leaf_decor_mut().set_prefix(whole);
    }
}

/// Takes away what stands below all keys.
fn take_trailing(document: &mut DocumentMut) -> String {
    let trailing = document.trailing().as_str().unwrap_or_default().to_owned();
    document.set_trailing("");
    trailing
}

fn text(path: &Path) -> Result<Option<String>, CatalogError> {
    let Some(bytes) = files::read(path, LIMIT)? else { return Ok(None) };
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Some(text.to_owned())),
        Err(_) => Err(CatalogError::Config { path: path.to_owned(), why: "it is not UTF-8".into() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_refuses() {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let home = Home::below(folder.path());
        let path = home.config_file();
        assert_eq!(Config::read(&path).ok(), Some(Config::default()));
        files::replace(&path, b"store = \"file\"\nlater = 1\n").unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(Config::read(&path).ok().and_then(|c| c.store), Some(StoreKind::File));
        assert_eq!(ConfigFile::new(&home).unknown().ok(), Some(vec!["later".to_owned()]));
        files::replace(&path, b"store = \"vault\"\n").unwrap_or_else(|e| panic!("{e}"));
        assert!(matches!(Config::read(&path), Err(CatalogError::Config { .. })));
    }

    #[test]
    fn built_in_values_fit() {
        assert!(Key::ALL.iter().all(|key| key.fits(key.built_in()).is_ok()));
    }
}
