//! Folders and files: the user's alone, of the right kind, writable; records that read.

use std::path::Path;

use super::check::{Check, Group, Trouble, Verdict};
use crate::catalog::{CatalogError, Home};
use crate::files::{self, FileError, Look};

fn check(name: &str, verdict: Verdict) -> Check {
    Check::new(Group::Files, name, verdict)
}

/// Each folder: who may use it, and whether a file can be written there.
pub(super) fn folders(home: &Home, checks: &mut Vec<Check>) {
    let folders = [
        ("config", home.config.clone()),
        ("connections", home.connections()),
        ("secrets", home.secrets()),
        ("journal", home.journal()),
        ("locks", home.locks()),
    ];
    for (name, path) in folders {
        match files::look(&path) {
            Ok(Look::Nothing) => {
                checks.push(check(name, Verdict::Well("not there yet: made when it is needed".into())))
            }
            Ok(Look::Folder { trouble }) => folder(name, &path, trouble, checks),
            Ok(_) => checks.push(check(name, Verdict::Bad(Trouble::Stranger { path }))),
            Err(e) => checks.push(check(name, Verdict::failed(e))),
        }
    }
}

fn folder(name: &str, path: &Path, trouble: Option<files::Trouble>, checks: &mut Vec<Check>) {
    if let Some(trouble) = trouble {
        checks.push(check(name, Verdict::Bad(told(trouble, path, true, false))));
    }
    match files::probe(path) {
        Err(e) => checks.push(check(name, Verdict::failed(e))),
        Ok(()) if trouble.is_none() => {
            checks.push(check(name, Verdict::Well("writable, and closed to others".into())));
        }
        Ok(()) => {}
    }
}

fn told(trouble: files::Trouble, path: &Path, folder: bool, secret: bool) -> Trouble {
    let path = path.to_owned();
    match trouble {
        files::Trouble::Open { mode } => Trouble::Open { path, mode, folder, secret },
        files::Trouble::Foreign => Trouble::Foreign { path },
    }
}

/// Every file in the folders: of the right kind, the user's alone, whole.
pub(super) fn all(home: &Home, checks: &mut Vec<Check>) {
    let (mut count, before) = (0usize, checks.len());
    for folder in [home.connections(), home.secrets(), home.journal(), home.locks()] {
        match files::everything(&folder) {
            Ok(entries) => entries.iter().for_each(|path| {
                count += 1;
                checks.extend(one(path, folder == home.secrets()).map(|verdict| check("file", verdict)));
            }),
            // That it is no folder, or closed, was said of the folder.
            Err(e) if matches!(files::look(&folder), Ok(Look::Folder { .. })) => {
                checks.push(check("file", Verdict::failed(e)));
            }
            Err(_) => {}
        }
    }
    if checks.len() == before {
        let s = if count == 1 { "" } else { "s" };
        checks.push(check("files", Verdict::Well(format!("{count} file{s}, whole and closed to others"))));
    }
}

/// What is wrong with one file.
fn one(path: &Path, among_secrets: bool) -> Option<Verdict> {
    match files::look(path) {
        Ok(Look::File { .. }) if files::is_abandoned(path) => {
            Some(Verdict::Bad(Trouble::Abandoned { path: path.to_owned() }))
        }
        Ok(Look::File { trouble }) => {
            let secret = among_secrets && super::orphans::id_of(path).is_some() && path.extension().is_none();
            trouble.map(|trouble| Verdict::Bad(told(trouble, path, false, secret)))
        }
        Ok(Look::Folder { .. } | Look::Other) => Some(Verdict::Bad(Trouble::Stranger { path: path.to_owned() })),
        // Gone in the meantime, or a link that leads nowhere: what reads it says so.
        Ok(Look::Nothing) => None,
        Err(e) => Some(Verdict::failed(e)),
    }
}

/// Records that do not read.
pub(super) fn records(damaged: Vec<CatalogError>, readable: usize, checks: &mut Vec<Check>) {
    if damaged.is_empty() {
        let s = if readable == 1 { "" } else { "s" };
        checks.push(check("records", Verdict::Well(format!("{readable} record{s}, readable"))));
    }
    for damaged in damaged {
        let said = |check: &Check| match (&check.verdict, &damaged) {
            (Verdict::Bad(Trouble::Stranger { path }), CatalogError::File(FileError::NotAFile { path: other })) => {
                path == other
            }
            _ => false,
        };
        if !checks.iter().any(said) {
            checks.push(check("record", Verdict::failed(damaged)));
        }
    }
}
