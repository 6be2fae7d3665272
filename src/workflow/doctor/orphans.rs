//! Secrets in files that nothing names any more.

use std::path::{Path, PathBuf};

use super::check::{Check, Group, Trouble, Verdict};
use crate::catalog::Home;
use crate::files::{self, FileError};

/// More than any record or note has.
const LIMIT: u64 = 8 * 1024 * 1024;

/// The id that a file in `secrets/` is named by, in the stores `plain` and `file`.
pub(super) fn id_of(path: &Path) -> Option<&str> {
    let stem = match path.extension() {
        None => path.file_name(),
        Some(extension) if extension == "age" => path.file_stem(),
        Some(_) => None,
    };
    stem?.to_str().filter(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Looks for them. Whatever is in a record or in the journal counts, also where this version does not know its
/// form. Where a record is `damaged`, nobody can tell: it must not cost anybody a token.
pub(super) fn look(home: &Home, damaged: bool, checks: &mut Vec<Check>) {
    if damaged {
        let why = "a record does not read: it may name what others do not".to_owned();
        checks.push(Check::new(Group::Files, "orphans", Verdict::Skipped(why)));
        return;
    }
    // In this order a token that is being kept meanwhile is named by one of the two.
    let named = || -> Result<(Vec<PathBuf>, String), FileError> {
        let secrets = files::everything(&home.secrets())?;
        let mut named = texts(&home.journal())?;
        named.push_str(&texts(&home.connections())?);
        named.push_str(&text(&home.logins_file())?);
        Ok((secrets, named))
    };
    let Ok((secrets, named)) = named() else {
        let why = "a folder cannot be read".to_owned();
        checks.push(Check::new(Group::Files, "orphans", Verdict::Skipped(why)));
        return;
    };
    let orphan = |path: &PathBuf| id_of(path).is_some_and(|id| !named.contains(id)) && path.exists();
    let mut orphans: Vec<PathBuf> = secrets.into_iter().filter(orphan).collect();
    if orphans.is_empty() {
        let well = "every secret in a file is named by a record".to_owned();
        checks.push(Check::new(Group::Files, "orphans", Verdict::Well(well)));
    }
    for path in orphans.drain(..) {
        checks.push(Check::new(Group::Files, "orphan", Verdict::Bad(Trouble::Orphan { path })));
    }
}

/// The texts of all files in a folder, one after the other.
fn texts(folder: &Path) -> Result<String, FileError> {
    let mut all = String::new();
    for path in files::everything(folder)? {
        all.push_str(&text(&path)?);
        all.push('\n');
    }
    Ok(all)
}

fn text(path: &Path) -> Result<String, FileError> {
    match files::read(path, LIMIT) {
        Ok(Some(bytes)) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        // What is no file names nothing.
        Ok(None) | Err(FileError::NotAFile { .. }) => Ok(String::new()),
        Err(e) => Err(e),
    }
}
