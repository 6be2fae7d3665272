//! What earlier runs left unfinished.

use super::super::{Tools, keep};
use super::check::{Check, Group, Next, Trouble, Verdict};
use crate::catalog::{CatalogError, OpenIntent};
use crate::model::Connection;

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
    for path in tools.journal.unreadable().unwrap_or_default().into_iter().filter(|_| only.is_none()) {
        checks.push(Check::new(Group::Journal, "note", Verdict::Bad(Trouble::JournalUnreadable { path })));
    }
    if checks.len() == before {
        checks.push(Check::new(Group::Journal, "journal", Verdict::Well("nothing is left unfinished".into())));
    }
}

fn one(tools: &Tools<'_>, open: &OpenIntent) -> Verdict {
    let intent = &open.intent;
    if matches!(tools.records.try_lock(&intent.connection), Err(CatalogError::Busy { .. })) {
        return Verdict::Well(format!("a process is at work on `{}`", intent.connection));
    }
    let next = match tools.records.find(&intent.connection) {
        Err(_) => Next::Waits,
        Ok(record) => {
            let living = record.and_then(|connection| connection.token).map(|token| token.secret);
            match keep::superfluous(intent, living.as_ref()) {
                None => Next::CrossesOut,
                Some(dead) if *dead == intent.new => Next::RemovesNew,
                Some(_) => Next::RemovesOld,
            }
        }
    };
    Verdict::Bad(Trouble::CutShort { since: intent.since, next })
}
