//! What earlier runs left unfinished.

use jiff::Timestamp;

use super::super::rotate::guided;
use super::super::{Tools, keep};
use super::check::{Check, Group, Next, Trouble, Verdict};
use crate::catalog::{CatalogError, OpenIntent};
use crate::model::{Connection, ConnectionName, Import};

/// Looks at the journal: all of it, or what is about these connections.
pub(super) fn look(tools: &Tools<'_>, only: Option<&[Connection]>, checks: &mut Vec<Check>) {
    let open = match tools.journal.unfinished() {
        Ok(open) => open,
        Err(e) => {
            checks.push(Check::new(Group::Journal, "journal", Verdict::failed(e)));
            return;
        }
    };
    let before = checks.len();
    for open in open {
        if only.is_none_or(|only| only.iter().any(|connection| connection.name == open.intent.connection)) {
            let name = open.intent.connection.clone();
            let check = Check::new(Group::Journal, "run", one(tools, &open));
            checks.push(Check { connection: Some(name), ..check });
        }
    }
    for (name, since) in others(tools) {
        if only.is_none_or(|only| only.iter().any(|connection| connection.name == name)) {
            let check = Check::new(Group::Journal, "run", cut_short(tools, &name, since, Next::Finishes));
            checks.push(Check { connection: Some(name), ..check });
        }
    }
    rotations(tools, only, checks);
    old_tokens(tools, only, checks);
    imports(tools, only, checks);
    for path in tools.journal.unreadable().unwrap_or_default().into_iter().filter(|_| only.is_none()) {
        checks.push(Check::new(Group::Journal, "note", Verdict::Bad(Trouble::JournalUnreadable { path })));
    }
    if checks.len() == before {
        checks.push(Check::new(Group::Journal, "journal", Verdict::Well("nothing is left unfinished".into())));
    }
}

/// Rotations that no process is at work on any more.
fn rotations(tools: &Tools<'_>, only: Option<&[Connection]>, checks: &mut Vec<Check>) {
    for open in tools.journal.unfinished_rotations().unwrap_or_default() {
        let rotation = open.rotation;
        if !only.is_none_or(|only| only.iter().any(|connection| connection.name == rotation.rotating)) {
            continue;
        }
        let verdict = if matches!(tools.records.try_lock(&rotation.rotating), Err(CatalogError::Busy { .. })) {
            Verdict::Well(format!("a process is at work on `{}`", rotation.rotating))
        } else {
            Verdict::Bad(Trouble::RotationCutShort { since: rotation.since, answered: rotation.escrow.is_some() })
        };
        let check = Check::new(Group::Journal, "rotation", verdict);
        checks.push(Check { connection: Some(rotation.rotating), ..check });
    }
}

/// Old tokens that are neither revoked nor given up, and that no process is at work on.
fn old_tokens(tools: &Tools<'_>, only: Option<&[Connection]>, checks: &mut Vec<Check>) {
    for open in tools.journal.retiring().unwrap_or_default() {
        let name = open.retiring.before.name.clone();
        if !only.is_none_or(|only| only.iter().any(|connection| connection.name == name)) {
            continue;
        }
        let since = open.retiring.since;
        let verdict = if matches!(tools.records.try_lock(&name), Err(CatalogError::Busy { .. })) {
            Verdict::Well(format!("a process is at work on `{name}`"))
        } else if guided::never_begun(tools, &open.retiring) {
            Verdict::Bad(Trouble::CutShort { since, next: Next::CrossesOut })
        } else {
            Verdict::Bad(Trouble::OldTokenLives { since, decided: open.retiring.revoke == Some(true) })
        };
        let check = Check::new(Group::Journal, "old-token", verdict);
        checks.push(Check { connection: Some(name), ..check });
    }
}

/// Imports that no process is at work on any more.
fn imports(tools: &Tools<'_>, only: Option<&[Connection]>, checks: &mut Vec<Check>) {
    let records = tools.imports.all().unwrap_or_default();
    let records: Vec<Import> = records.into_iter().filter_map(Result::ok).collect();
    for open in tools.journal.unfinished_imports().unwrap_or_default() {
        let Some(import) = records.iter().find(|import| import.id == open.importing.import) else { continue };
        let concerns = |connection: &Connection| {
            connection.name == import.github.connection || connection.name == import.gitlab.connection
        };
        if !only.is_none_or(|only| only.iter().any(concerns)) {
            continue;
        }
        let (repository, project) = (import.github.path.clone(), import.gitlab.path.clone());
        let at_work = tools.imports.lock(&format!("{}/{repository}", import.github.url), &import.gitlab.url).is_err();
        let verdict = if at_work {
            Verdict::Well(format!("a process is at work on the import of {repository}"))
        } else {
            Verdict::Bad(Trouble::ImportCutShort { repository, project, undoing: open.importing.undoing })
        };
        checks.push(Check::new(Group::Journal, "import", verdict));
    }
}

/// Forgettings and renamings: whose, and since when.
fn others(tools: &Tools<'_>) -> Vec<(ConnectionName, Timestamp)> {
    let partings = tools.journal.unfinished_partings().unwrap_or_default().into_iter();
    let renamings = tools.journal.unfinished_renamings().unwrap_or_default().into_iter();
    let partings = partings.map(|open| (open.parting.parting, open.parting.happening.at));
    partings.chain(renamings.map(|open| (open.renaming.from, open.renaming.happening.at))).collect()
}

fn cut_short(tools: &Tools<'_>, name: &ConnectionName, since: Timestamp, next: Next) -> Verdict {
    if matches!(tools.records.try_lock(name), Err(CatalogError::Busy { .. })) {
        return Verdict::Well(format!("a process is at work on `{name}`"));
    }
    Verdict::Bad(Trouble::CutShort { since, next })
}

fn one(tools: &Tools<'_>, open: &OpenIntent) -> Verdict {
    let intent = &open.intent;
    let next = match tools.records.find(&intent.connection) {
        Err(_) => Next::Waits,
        Ok(record) => match keep::superfluous(intent, record.as_ref()) {
            None => Next::CrossesOut,
            Some(dead) if *dead == intent.new => Next::RemovesNew,
            Some(_) => Next::RemovesOld,
        },
    };
    cut_short(tools, &intent.connection, intent.since, next)
}
