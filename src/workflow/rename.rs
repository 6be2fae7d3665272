//! Renaming: the record gets another name. The secret stays where it is.

use crate::catalog::{CatalogError, Part, Renaming};
use crate::files::Lock;
use crate::model::{Connection, ConnectionName};

use super::import::ImportError;
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
    let (one, two) = (tools.lock(first)?, tools.lock(second)?);
    let (from_lock, to_lock) = if from < to { (&one, &two) } else { (&two, &one) };
    is_one(tools, from)?;
    // A rotation that is not finished goes by the name: to it the connection would seem to be forgotten, and the new token
    // nobody's.
    if !super::rotate::none_left(tools, from, from_lock)? {
        return Err(Error::Unfinished { connection: from.clone() });
    }
    let mut connection = tools.record(from)?;
    if tools.records.path(to).exists() {
        return Err(Error::NameTaken { name: to.clone() });
    }
    // Who puts an unfinished run in order goes by the name: it must not find nobody there.
    if tools.journal.unfinished()?.iter().any(|open| open.intent.connection == *from) {
        return Err(Error::Unfinished { connection: from.clone() });
    }
    connection.name = to.clone();
    redirected(&mut connection, from, to);
    let happening = tools.happening(&Happened::Renamed { from: from.clone() }, &connection, Part::main_of(&connection));
    let open = tools.journal.rename(Renaming::new(from.clone(), to.clone(), happening))?;
    fault::point("rename.intent");
    tools.records.save(&connection, to_lock)?;
    fault::point("rename.saved");
    tools.records.forget(from, from_lock)?;
    fault::point("rename.forgotten");
    tools.note(&open.renaming.happening);
    fault::point("rename.remembered");
    // Others are locked one at a time, with nothing else in hand: two renamings never wait for each other.
    drop((one, two));
    match redirect(tools, from, to, |name| tools.lock(name)) {
        // An import that is under way knows the old name; the next run tells its record of the new one.
        Err(Error::Import(ImportError::Busy { .. })) => {}
        other => {
            other?;
            open.close()?;
        }
    }
    Ok(connection)
}

/// Refuses to touch a connection of which a renaming that was cut short has left two records, when nobody could put
/// that in order yet: both name one secret, and who replaces or removes it for one takes it from the other. The
/// connection's lock is held.
pub(super) fn is_one(tools: &Tools<'_>, name: &ConnectionName) -> Result<(), Error> {
    for open in tools.journal.unfinished_renamings()? {
        let (from, to) = (&open.renaming.from, &open.renaming.to);
        let other = match name {
            name if name == from => to,
            name if name == to => from,
            _ => continue,
        };
        let (Some(own), twin) = (tools.records.find(name)?, tools.records.find(other)) else { continue };
        if twin.map_or(true, |twin| twin.is_some_and(|twin| same_secrets(&own, &twin))) {
            return Err(Error::Unfinished { connection: name.clone() });
        }
    }
    Ok(())
}

/// How often records are looked through for more destinations: while one is waited for it may be renamed itself.
const ROUNDS: usize = 5;

/// Other connections' destinations name the connection that may write there: they follow. No lock is held.
fn redirect(
    tools: &Tools<'_>,
    from: &ConnectionName,
    to: &ConnectionName,
    lock: impl Fn(&ConnectionName) -> Result<Lock, CatalogError>,
) -> Result<(), Error> {
    let goes_by = |connection: &Connection| {
        connection.destinations.iter().any(|destination| destination["via"].as_str() == Some(from.as_str()))
    };
    for _ in 0..ROUNDS {
        let names: Vec<ConnectionName> =
            tools.records.all()?.filter_map(Result::ok).filter(goes_by).map(|connection| connection.name).collect();
        if names.is_empty() {
            break;
        }
        for name in &names {
            let lock = lock(name)?;
            // It may be gone, or be called otherwise by now.
            if let Ok(Some(mut connection)) = tools.records.find(name) {
                redirected(&mut connection, from, to);
                tools.records.save(&connection, &lock)?;
            }
        }
    }
    super::import::follow_renaming(tools, from, to)
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
        if !open.stands() {
            continue;
        }
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
        tools.note_once(&open.renaming.happening);
        drop((one, two));
        match redirect(tools, &from, &to, |name| tools.records.try_lock(name)) {
            // Whoever is at work on one of them is not waited for; the next run finds the rest.
            Err(Error::Catalog(CatalogError::Busy { .. }) | Error::Import(ImportError::Busy { .. })) => {}
            other => {
                other?;
                open.close()?;
            }
        }
    }
    Ok(())
}

fn same_secrets(one: &Connection, other: &Connection) -> bool {
    Part::all_of(one).eq(Part::all_of(other))
}
