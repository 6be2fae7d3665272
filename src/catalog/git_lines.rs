//! Which lines connect has put into git's configuration, so that exactly those are taken out again.
//!
//! A line that connect added and one that somebody had written there before look the same. So what is added is written
//! down before git writes it: who is killed in between has a note of a line that is not there, which does no harm.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{CatalogError, Home};
use crate::files::{self, Lock};

/// The form of the file.
const VERSION: u32 = 1;

/// A line is some hundred bytes.
const LIMIT: u64 = 1024 * 1024;

/// How long another run is waited for: git writes in milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// A line that connect added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GitLine {
    /// In which file.
    pub file: PathBuf,
    /// `credential.https://github.com.helper`
    pub key: String,
    /// Its value.
    pub value: String,
}

/// What is written down.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Noted {
    version: u32,
    /// The lines.
    added: Vec<GitLine>,
    /// Files that were not there before.
    #[serde(default)]
    made: Vec<PathBuf>,
}

/// The note of all lines.
#[derive(Debug)]
pub struct GitLines {
    path: PathBuf,
    noted: Noted,
    _lock: Option<Lock>,
}

impl GitLines {
    /// Reads the note, to look at it.
    ///
    /// # Errors
    /// [`CatalogError::File`], [`CatalogError::Damaged`].
    pub fn read(home: &Home) -> Result<Self, CatalogError> {
        let path = home.git_lines_file();
        let Some(bytes) = files::read(&path, LIMIT)? else {
            return Ok(Self { path, noted: Noted { version: VERSION, ..Noted::default() }, _lock: None });
        };
        let damaged = |why: String| CatalogError::Damaged { path: path.clone(), why };
        let noted: Noted = serde_json::from_slice(&bytes)
            .map_err(|e| damaged(format!("line {}, column {} does not fit", e.line(), e.column())))?;
        if noted.version > VERSION {
            return Err(damaged(format!("a later version of connect wrote it (form {})", noted.version)));
        }
        Ok(Self { path, noted, _lock: None })
    }

    /// Reads it to change it; nobody else does meanwhile.
    ///
    /// # Errors
    /// As [`GitLines::read`]; [`CatalogError::File`] with `Busy` while another process is at it.
    pub fn open(home: &Home) -> Result<Self, CatalogError> {
        let lock = Lock::acquire(&home.locks().join(".git.lock"), PATIENCE)?;
        Ok(Self { _lock: Some(lock), ..Self::read(home)? })
    }

    /// Those of a file, or all.
    pub fn of<'a>(&'a self, file: &'a Path) -> impl Iterator<Item = &'a GitLine> {
        self.noted.added.iter().filter(move |line| line.file == file)
    }

    /// Whether connect's lines were the first in a file.
    pub fn has_made(&self, file: &Path) -> bool {
        self.noted.made.iter().any(|made| made == file)
    }

    /// Writes down that lines are about to be added, and gives those that were not known yet. `made` is the file, if it
    /// is not there yet.
    ///
    /// # Errors
    /// [`CatalogError::File`]; then nothing may be added.
    pub fn add(&mut self, lines: Vec<GitLine>, made: Option<&Path>) -> Result<Vec<GitLine>, CatalogError> {
        let new: Vec<GitLine> = lines.into_iter().filter(|line| !self.noted.added.contains(line)).collect();
        self.noted.added.extend(new.iter().cloned());
        if let Some(made) = made.filter(|made| !self.has_made(made)) {
            self.noted.made.push(made.to_owned());
        }
        self.write()?;
        Ok(new)
    }

    /// Forgets a line that is gone.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn forget(&mut self, file: &Path, key: &str, value: &str) -> Result<(), CatalogError> {
        self.noted.added.retain(|line| !(line.file == file && line.key == key && line.value == value));
        if !self.noted.added.iter().any(|line| line.file == file) {
            self.noted.made.retain(|made| made != file);
        }
        self.write()
    }

    fn write(&self) -> Result<(), CatalogError> {
        if self.noted.added.is_empty() && self.noted.made.is_empty() {
            files::remove(&self.path)?;
            return Ok(());
        }
        let damaged = |e: serde_json::Error| CatalogError::Damaged { path: self.path.clone(), why: e.to_string() };
        let mut text = serde_json::to_vec_pretty(&self.noted).map_err(damaged)?;
        text.push(b'\n');
        Ok(files::replace(&self.path, &text)?)
    }
}
