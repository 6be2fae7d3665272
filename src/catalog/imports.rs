//! What imports made: one JSON file each, named by the import's number; read by `import status` and `import undo`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::journal::VERSION;
use super::{CatalogError, Home, Journal};
use crate::files::{self, FileError, Lock};
use crate::model::import::{IMPORT_VERSION, Import};
use crate::model::{Fingerprint, SecretId};

/// A record is about two kilobytes.
const LIMIT: u64 = 256 * 1024;

/// The folder of imports.
#[derive(Debug, Clone)]
pub struct Imports {
    folder: PathBuf,
    locks: PathBuf,
}

impl Imports {
    /// The imports of a home; nothing is read or made yet.
    pub fn new(home: &Home) -> Self {
        Self { folder: home.imports(), locks: home.locks() }
    }

    /// A number that no import has had.
    ///
    /// # Errors
    /// [`CatalogError::NoRandomness`].
    pub fn fresh_id() -> Result<String, CatalogError> {
        SecretId::random().map(|id| id.as_str().to_owned()).map_err(|_| CatalogError::NoRandomness)
    }

    /// Where an import's record is, or would be.
    pub fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    /// All of them. One that is damaged or too new does not hide the others.
    ///
    /// # Errors
    /// [`CatalogError::File`] when the folder itself cannot be read.
    pub fn all(&self) -> Result<Vec<Result<Import, CatalogError>>, CatalogError> {
        Ok(files::list(&self.folder, "json")?.iter().filter_map(|path| read(path).transpose()).collect())
    }

    /// One of them, by its number; nothing when there is none.
    ///
    /// # Errors
    /// [`CatalogError::Damaged`], [`CatalogError::File`].
    pub fn find(&self, id: &str) -> Result<Option<Import>, CatalogError> {
        read(&self.path(id))
    }

    /// Takes the lock of a repository's imports to a GitLab, if nobody has it.
    ///
    /// # Errors
    /// [`CatalogError::File`] with [`FileError::Busy`] when another process is at work on it.
    pub fn lock(&self, repository_url: &str, gitlab_url: &str) -> Result<Lock, CatalogError> {
        let text = format!("{}\n{}", repository_url.to_lowercase(), gitlab_url.to_lowercase());
        let digest = Fingerprint::of(text.as_bytes());
        let name: String = digest.as_str().chars().filter(char::is_ascii_hexdigit).skip(3).take(32).collect();
        // No connection's lock begins with a dot.
        let path = self.locks.join(format!(".import-{name}.lock"));
        Ok(Lock::acquire(&path, Duration::from_millis(300))?)
    }

    /// Writes a record in place of the old one.
    ///
    /// # Errors
    /// [`CatalogError::File`]; the old record is then as it was.
    pub fn save(&self, import: &Import, _lock: &Lock) -> Result<(), CatalogError> {
        let path = self.path(&import.id);
        let failed = |e: serde_json::Error| CatalogError::Damaged { path: path.clone(), why: e.to_string() };
        let mut text = serde_json::to_vec_pretty(import).map_err(failed)?;
        text.push(b'\n');
        Ok(files::replace(&path, &text)?)
    }

    /// Removes a record; says whether there was one.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn forget(&self, id: &str, _lock: &Lock) -> Result<bool, CatalogError> {
        Ok(files::remove(&self.path(id))?)
    }
}

fn read(path: &Path) -> Result<Option<Import>, CatalogError> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u64,
    }
    let Some(bytes) = files::read(path, LIMIT)? else { return Ok(None) };
    // serde's messages may quote a value: only the place is kept.
    let failed = |e: &serde_json::Error| CatalogError::Damaged {
        path: path.to_owned(),
        why: format!("line {}, column {} does not fit", e.line(), e.column()),
    };
    let versioned: Versioned = serde_json::from_slice(&bytes).map_err(|e| failed(&e))?;
    if versioned.version > u64::from(IMPORT_VERSION) {
        let why = format!("a later version of connect wrote it (form {})", versioned.version);
        return Err(CatalogError::Damaged { path: path.to_owned(), why });
    }
    let import: Import = serde_json::from_slice(&bytes).map_err(|e| failed(&e))?;
    if path.file_stem().and_then(|stem| stem.to_str()) != Some(import.id.as_str()) {
        return Err(CatalogError::Damaged { path: path.to_owned(), why: "the number inside is another".into() });
    }
    Ok(Some(import))
}

/// An import that is being carried out or undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Importing {
    /// The form of this file.
    pub version: u32,
    /// Which import.
    pub import: String,
    /// `owner/name`, for people.
    pub repository: String,
    /// Whether it is being undone.
    pub undoing: bool,
}

/// An import that is written down as being under way.
#[derive(Debug)]
pub struct OpenImporting {
    /// What is under way.
    pub importing: Importing,
    path: PathBuf,
}

impl OpenImporting {
    /// Crosses it out: it came to its end, or stopped and said so.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn close(self) -> Result<(), CatalogError> {
        files::remove(&self.path)?;
        Ok(())
    }
}

impl Journal {
    /// Writes down that an import is about to be carried out or undone.
    ///
    /// # Errors
    /// [`CatalogError::File`]; then nothing may be begun.
    pub fn import(&self, import: &Import, undoing: bool) -> Result<OpenImporting, CatalogError> {
        let importing =
            Importing { version: VERSION, import: import.id.clone(), repository: import.github.path.clone(), undoing };
        Ok(OpenImporting { path: self.write("import", &importing)?, importing })
    }

    /// All imports that are written down as being under way; those of processes still at work are among them.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn unfinished_imports(&self) -> Result<Vec<OpenImporting>, CatalogError> {
        let known = |(importing, _): &(Importing, PathBuf)| importing.version == VERSION;
        let all = self.all::<Importing>()?.into_iter().filter(known);
        Ok(all.map(|(importing, path)| OpenImporting { importing, path }).collect())
    }
}

/// Whether an error says that another process holds the lock.
pub fn is_busy(error: &CatalogError) -> bool {
    matches!(error, CatalogError::File(FileError::Busy { .. }))
}
