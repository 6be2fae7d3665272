//! `connect adopt`.

use serde::Serialize;

use super::Problem;
use crate::output::{Adoption, Fate};
use crate::workflow::adopt::{Copy, Place, Stray};

/// What was found, and what became of it.
#[derive(Debug, Serialize)]
pub struct Adopted<'a> {
    /// One object a token and host.
    pub found: Vec<Entry<'a>>,
    /// What could not be read.
    pub unread: Vec<Unread<'a>>,
    /// What other tools keep where connect does not get it.
    pub elsewhere: Vec<Elsewhere<'a>>,
    /// The files that copies were to be removed from.
    pub files: Vec<File<'a>>,
}

/// A token that was found.
#[derive(Debug, Serialize)]
pub struct Entry<'a> {
    /// Its host's base URL; nothing where nothing says which it is.
    pub url: Option<&'a str>,
    /// `github`, `gitlab`; nothing where that is not known without asking.
    pub forge: Option<&'static str>,
    /// Whose it is, by what stands beside it.
    pub account: Option<&'a str>,
    /// What it is, by its shape.
    pub kind: &'static str,
    /// Its digest.
    pub fingerprint: &'a str,
    /// The connection that has it.
    pub connection: Option<&'a str>,
    /// `found`, `known`, `kept`, `failed`, `declined`, `not_confirmed`, `no_host`.
    pub outcome: &'static str,
    /// Why it was not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem<'a>>,
    /// Where it is.
    pub copies: Vec<CopyEntry<'a>>,
}

/// Where a copy is.
#[derive(Debug, Serialize)]
pub struct CopyEntry<'a> {
    /// `gh`, `glab`, `git`, `netrc`, `env`.
    pub source: &'static str,
    /// The file; nothing where it is in none.
    pub file: Option<String>,
    /// The line in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The key in git's configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<&'a str>,
    /// The variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<&'a str>,
    /// The program that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<&'a str>,
    /// Whether connect can take it out of the file.
    pub removable: bool,
    /// Whether it was taken out.
    pub removed: bool,
}

/// A file or folder that was passed over.
#[derive(Debug, Serialize)]
pub struct Unread<'a> {
    /// Which.
    pub file: String,
    /// Why.
    pub why: &'a str,
}

/// A token out of reach.
#[derive(Debug, Serialize)]
pub struct Elsewhere<'a> {
    /// Which tool keeps it.
    pub source: &'static str,
    /// For which host.
    pub host: &'a str,
    /// Whose.
    pub account: Option<&'a str>,
}

/// A file that copies were to be removed from.
#[derive(Debug, Serialize)]
pub struct File<'a> {
    /// Which.
    pub file: String,
    /// How many copies went.
    pub removed: usize,
    /// Why none did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem<'a>>,
}

impl<'a> Adopted<'a> {
    /// The form in which it is told to programs.
    pub fn of(adoption: &'a Adoption<'_>) -> Self {
        let scan = adoption.scan;
        Self {
            found: scan.strays.iter().enumerate().map(|(at, stray)| entry(adoption, at, stray)).collect(),
            unread: scan
                .unread
                .iter()
                .map(|one| Unread { file: one.path.display().to_string(), why: &one.why })
                .collect(),
            elsewhere: scan
                .elsewhere
                .iter()
                .map(|one| Elsewhere { source: one.source.word(), host: &one.host, account: one.user.as_deref() })
                .collect(),
            files: adoption
                .files
                .iter()
                .map(|(path, said)| File {
                    file: path.display().to_string(),
                    removed: said.as_ref().map_or(0, |cleared| cleared.gone.len()),
                    error: said.as_ref().err().map(Problem::of),
                })
                .collect(),
        }
    }
}

fn entry<'a>(adoption: &'a Adoption<'_>, at: usize, stray: &'a Stray) -> Entry<'a> {
    let fate = adoption.fates.get(at);
    Entry {
        url: stray.site.as_ref().map(|site| site.url.as_str()),
        forge: stray.site.as_ref().and_then(|site| site.forge).map(crate::model::ForgeKind::word),
        account: stray.user.as_deref(),
        kind: stray.kind.word(),
        fingerprint: stray.fingerprint.as_str(),
        connection: stray.known.as_ref().map(|name| name.as_str()),
        outcome: match fate {
            Some(fate) => fate.word(),
            None if stray.known.is_some() => "known",
            None => "found",
        },
        error: match fate {
            Some(Fate::Failed(failure)) => Some(Problem::of(failure)),
            _ => None,
        },
        copies: stray.copies.iter().map(|copy| copy_entry(adoption, stray, copy)).collect(),
    }
}

fn copy_entry<'a>(adoption: &Adoption<'_>, stray: &Stray, copy: &'a Copy) -> CopyEntry<'a> {
    let file = copy.place.path();
    let gone = |(path, said): &(std::path::PathBuf, Result<crate::workflow::adopt::Cleared, _>)| {
        Some(path.as_path()) == file && said.as_ref().is_ok_and(|cleared| cleared.gone.contains(&stray.fingerprint))
    };
    let (line, key, variable, program) = match &copy.place {
        Place::File { line, .. } => (Some(*line), None, None, None),
        Place::Config { key, .. } => (None, Some(key.as_str()), None, None),
        Place::Variable(name) => (None, None, Some(name.as_str()), None),
        Place::Program(name) => (None, None, None, Some(*name)),
    };
    CopyEntry {
        source: copy.source.word(),
        file: file.map(|path| path.display().to_string()),
        line,
        key,
        variable,
        program,
        removable: copy.is_removable(),
        removed: copy.is_removable() && adoption.files.iter().any(gone),
    }
}
