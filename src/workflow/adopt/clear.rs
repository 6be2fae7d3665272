//! Removing the copies in plain text, a file at a time: only those of tokens that are in a store of ours and have just been read back from
//! it, only if the file is still what it was, and all else in it byte for byte as it is.

use std::ops::Range;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::super::{Error, Tools, fault};
use super::program::{Programs, run};
use super::scan::Scan;
use super::stray::{Copy, Cut, Place, Source, Stray};
use super::{file, remotes, yaml};
use crate::files::{self, Exchanged, FileError, LockFile};
use crate::model::{ConnectionName, Fingerprint, StoreKind};

/// What was done to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared {
    /// Which file.
    pub path: PathBuf,
    /// The tokens of which it has no copy any more.
    pub gone: Vec<Fingerprint>,
}

/// Why a file was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum ClearError {
    /// The token could not be read back from its store: its copy stays.
    #[error("the token of `{connection}` could not be read back from where it is kept, so its copy stays")]
    NotKept {
        /// Whose.
        connection: ConnectionName,
    },
    /// Somebody wrote to it after it was read: look again.
    #[error("{} was changed in the meantime, and left as it is", path.display())]
    Changed {
        /// Which file.
        path: PathBuf,
    },
    /// It has another name, under which the token would stay.
    #[error("{} has more than one name (a hard link), and was left as it is", path.display())]
    SeveralNames {
        /// Which file.
        path: PathBuf,
    },
    /// What would be left does not read as it should.
    #[error("nothing can be taken out of {} without changing what else it says", path.display())]
    ByHand {
        /// Which file.
        path: PathBuf,
    },
    /// git did not change its configuration.
    #[error("git did not change {}", path.display())]
    Git {
        /// Which file.
        path: PathBuf,
    },
    /// The file could not be written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// The files that have copies which can be removed: of tokens that a connection has.
pub fn clearable(scan: &Scan) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        kept_copies(scan).filter_map(|(_, copy)| copy.place.path().map(Path::to_owned)).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

fn kept_copies(scan: &Scan) -> impl Iterator<Item = (&Stray, &Copy)> {
    let kept = scan.strays.iter().filter(|stray| stray.known.is_some());
    kept.flat_map(|stray| stray.copies.iter().filter(|copy| copy.is_removable()).map(move |copy| (stray, copy)))
}

/// Removes from one file the copies of all tokens that a connection has ([`Stray::known`]).
///
/// # Errors
/// [`ClearError`]; the file is then as it was, or, where git writes it, has lost some of the copies.
pub async fn clear(tools: &Tools<'_>, scan: &Scan, path: &Path) -> Result<Cleared, ClearError> {
    let here: Vec<(&Stray, &Copy)> = kept_copies(scan).filter(|(_, copy)| copy.place.path() == Some(path)).collect();
    for (stray, _) in &here {
        is_kept(tools, stray)?;
    }
    fault::point("adopt.clearing");
    let mut cuts: Vec<Range<usize>> = Vec::new();
    for (stray, copy) in &here {
        match (&copy.cut, &copy.place) {
            (Cut::Bytes(bytes), _) => cuts.push(bytes.clone()),
            (Cut::Value(clean), Place::Config { key, .. }) => {
                configure(&scan.programs, stray, path, key, Some(clean)).await?
            }
            (Cut::Unset, Place::Config { key, .. }) => configure(&scan.programs, stray, path, key, None).await?,
            _ => {}
        }
    }
    if let Some((_, first)) = here.first().filter(|_| !cuts.is_empty()) {
        cuts.sort_unstable_by_key(|cut| cut.start);
        cuts.dedup();
        cut_out(scan, path, first.source, &cuts)?;
    }
    fault::point("adopt.cleared");
    let mut gone: Vec<Fingerprint> = here.iter().map(|(stray, _)| stray.fingerprint.clone()).collect();
    gone.dedup();
    Ok(Cleared { path: path.to_owned(), gone })
}

/// Reads the token back from its store. In a variable it is not kept at all.
fn is_kept(tools: &Tools<'_>, stray: &Stray) -> Result<(), ClearError> {
    let Some(name) = &stray.known else { return Ok(()) };
    let read = || -> Result<bool, Error> {
        let connection = tools.record(name)?;
        let (secret, token) = tools.secret_of(&connection)?;
        Ok(token.kept_in != StoreKind::Env && secret.same_as(&stray.secret))
    };
    if read().unwrap_or(false) { Ok(()) } else { Err(ClearError::NotKept { connection: name.clone() }) }
}

fn cut_out(scan: &Scan, path: &Path, source: Source, cuts: &[Range<usize>]) -> Result<(), ClearError> {
    let changed = || ClearError::Changed { path: path.to_owned() };
    // git takes this lock too, when it writes down a password.
    let _lock = if source == Source::Git { Some(LockFile::beside(path)?) } else { None };
    let bytes = files::read(path, file::LIMIT)?.ok_or_else(changed)?;
    if scan.files.get(path) != Some(&Fingerprint::of(&bytes)) {
        return Err(changed());
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| changed())?;
    let left = match source {
        Source::Gh | Source::Glab => yaml::without(text, cuts),
        _ => file::without(text, cuts).map(Zeroizing::new),
    };
    let left = left.ok_or_else(|| ClearError::ByHand { path: path.to_owned() })?;
    match files::exchange(path, &bytes, left.as_bytes())? {
        Exchanged::Done => Ok(()),
        Exchanged::Changed => Err(changed()),
        Exchanged::SeveralNames => Err(ClearError::SeveralNames { path: path.to_owned() }),
    }
}

/// Has git write the value without the token, or take the key away, and looks whether it did.
async fn configure(
    programs: &Programs,
    stray: &Stray,
    path: &Path,
    key: &str,
    clean: Option<&str>,
) -> Result<(), ClearError> {
    let failed = || ClearError::Git { path: path.to_owned() };
    if !remotes::has(programs, path, key, &stray.fingerprint).await.ok_or_else(failed)? {
        return Err(ClearError::Changed { path: path.to_owned() });
    }
    if files::has_several_names(path) {
        return Err(ClearError::SeveralNames { path: path.to_owned() });
    }
    let git = programs.named("git").arguments(["config", "--file"]).arguments([path]);
    let git = match clean {
        Some(clean) => git.arguments([key, clean]),
        None => git.arguments(["--unset", key]),
    };
    let _ = run(git.alone().undisturbed()).await.map_err(|_| failed())?;
    match remotes::has(programs, path, key, &stray.fingerprint).await {
        Some(false) => Ok(()),
        _ => Err(failed()),
    }
}
