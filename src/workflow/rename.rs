//! Renaming: the record gets another name. The secret stays where it is.

use crate::catalog::{CatalogError, Part, Renaming};
use crate::model::{Connection, ConnectionName};

use super::remember::Happened;
use super::{Error, Event, Tools, fault, keep};

/// Gives a connection another name, and tells the connections that go by way of it (`via`).
///
/// # Errors
/// [`Error::NameTaken`]; nothing is changed then.
pub fn rename(tools: &Tools<'_>, from: &ConnectionName, to: &ConnectionName) -> Result<Connection, Error> {
    keep::tidy(tools)?;
    tools.record(from)?;
    if from == to {
        return tools.record(from);
    }
    // In the order of the names: two processes that rename crosswise never wait for each other.
    let (first, second) = if from < to { (from, to) } else { (to, from) };
    let (one, two) = (tools.records.lock(first)?, tools.records.lock(second)?);
    let (from_lock, to_lock) = if from < to { (&one, &two) } else { (&two, &one) };
    let mut connection = tools.record(from)?;
    if tools.records.path(to).exists() {
        return Err(Error::NameTaken { name: to.clone() });
    }
    // Who puts an unfinished run in order goes by the name: it must not find nobody there.
    if tools.journal.unfinished()?.iter().any(|open| open.intent.connection == *from) {
        return Err(Error::Unfinished { connection: from.clone() });
    }
    connection.name = to.clone();
    let part = if connection.token.is_some() { Part::Token } else { Part::Webhook };
    let happening = tools.happening(&Happened::Renamed { from: from.clone() }, &connection, part);
    let open = tools.journal.rename(Renaming::new(from.clone(), to.clone(), happening))?;
    fault::point("rename.intent");
    tools.records.save(&connection, to_lock)?;
    fault::point("rename.saved");
    tools.records.forget(from, from_lock)?;
    fault::point("rename.forgotten");
    redirect(tools, from, to)?;
    tools.note(&open.renaming.happening);
    fault::point("rename.remembered");
    open.close()?;
    Ok(connection)
}

/// Other connections' destinations name the connection that may write there: they follow.
fn redirect(tools: &Tools<'_>, from: &ConnectionName, to: &ConnectionName) -> Result<(), Error> {
    let goes_by = |connection: &Connection| {
        connection.destinations.iter().any(|destination| destination["via"].as_str() == Some(from.as_str()))
    };
    let names: Vec<ConnectionName> =
        tools.records.all()?.filter_map(Result::ok).filter(goes_by).map(|connection| connection.name).collect();
    for name in names.iter().filter(|name| *name != to) {
        let lock = tools.records.lock(name)?;
        let mut connection = tools.record(name)?;
        redirected(&mut connection, from, to);
        tools.records.save(&connection, &lock)?;
    }
    Ok(())
}

fn redirected(connection: &mut Connection, from: &ConnectionName, to: &ConnectionName) {
    for destination in &mut connection.destinations {
        if destination["via"].as_str() == Some(from.as_str()) {
            destination["via"] = to.as_str().into();
        }
    }
}

/// Finishes renamings that were cut short: of two records with the same secrets, the old one goes.
pub(super) fn finish(tools: &Tools<'_>) -> Result<(), Error> {
    for open in tools.journal.unfinished_renamings()? {
        let (from, to) = (open.renaming.from.clone(), open.renaming.to.clone());
        let (first, second) = if from < to { (&from, &to) } else { (&to, &from) };
        let locks = tools.records.try_lock(first).and_then(|one| Ok((one, tools.records.try_lock(second)?)));
        let (one, two) = match locks {
            Ok(locks) => locks,
            Err(CatalogError::Busy { .. }) => continue,
            Err(e) => return Err(e.into()),
        };
        let from_lock = if from < to { &one } else { &two };
        // A record that does not read must not cost anybody a token.
        let (Ok(old), Ok(new)) = (tools.records.find(&from), tools.records.find(&to)) else { continue };
        match (old, new) {
            (Some(old), Some(new)) if same_secrets(&old, &new) => {
                tools.records.forget(&from, from_lock)?;
                tools.say(Event::Tidied { connection: to.clone() });
            }
            (None, Some(_)) => {}
            // It had not begun, or somebody has made another connection of that name since.
            _ => {
                open.close()?;
                continue;
            }
        }
        drop((one, two));
        redirect(tools, &from, &to)?;
        tools.note_once(&open.renaming.happening);
        open.close()?;
    }
    Ok(())
}

fn same_secrets(one: &Connection, other: &Connection) -> bool {
    let token = |connection: &Connection| connection.token.as_ref().map(|token| token.secret.clone());
    let webhook = |connection: &Connection| connection.webhook.as_ref().map(|webhook| webhook.secret.clone());
    token(one) == token(other) && webhook(one) == webhook(other)
}
