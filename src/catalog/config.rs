//! The user's choices: `config.toml`.

use std::path::Path;

use serde::Deserialize;

use super::CatalogError;
use crate::files;
use crate::model::StoreKind;

/// More than anybody writes by hand.
const LIMIT: u64 = 256 * 1024;

/// The keys that mean something to this version: the fields of [`Config`].
const KEYS: [&str; 2] = ["store", "expires_in"];

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
        let Some(bytes) = files::read(path, LIMIT)? else { return Ok(Self::default()) };
        let why = |why: String| CatalogError::Config { path: path.to_owned(), why };
        let text = std::str::from_utf8(&bytes).map_err(|_| why("it is not UTF-8".into()))?;
        toml::from_str(text).map_err(|e| why(e.message().to_owned()))
    }

    /// The keys of the file that mean nothing to this version: misspelt, or a later version's.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn unknown_keys(path: &Path) -> Result<Vec<String>, CatalogError> {
        let Some(bytes) = files::read(path, LIMIT)? else { return Ok(Vec::new()) };
        let why = |why: String| CatalogError::Config { path: path.to_owned(), why };
        let text = std::str::from_utf8(&bytes).map_err(|_| why("it is not UTF-8".into()))?;
        let table: toml::Table = toml::from_str(text).map_err(|e| why(e.message().to_owned()))?;
        Ok(table.into_iter().map(|(key, _)| key).filter(|key| !KEYS.contains(&key.as_str())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_refuses() {
        let home = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let path = home.path().join("config.toml");
        assert_eq!(Config::read(&path).ok(), Some(Config::default()));
        files::replace(&path, b"store = \"file\"\nlater = 1\n").unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(Config::read(&path).ok().and_then(|c| c.store), Some(StoreKind::File));
        assert_eq!(Config::unknown_keys(&path).ok(), Some(vec!["later".to_owned()]));
        files::replace(&path, b"store = \"vault\"\n").unwrap_or_else(|e| panic!("{e}"));
        assert!(matches!(Config::read(&path), Err(CatalogError::Config { .. })));
    }
}
