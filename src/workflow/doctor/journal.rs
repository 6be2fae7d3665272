//! What earlier runs left unfinished.

use jiff::Timestamp;

use super::super::{Tools, keep};
use super::check::{Check, Group, Next, Trouble, Verdict};
use crate::catalog::{CatalogError, OpenIntent};
use crate::model::{Connection, ConnectionName};

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
    for path in tools.journal.unreadable().unwrap_or_default().into_iter().filter(|_| only.is_none()) {
        checks.push(Check::new(Group::Journal, "note", Verdict::Bad(Trouble::JournalUnreadable { path })));
    }
    if checks.len() == before {
        checks.push(Check::new(Group::Journal, "journal", Verdict::Well("nothing is left unfinished".into())));
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
