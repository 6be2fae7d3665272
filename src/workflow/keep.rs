//! How a token gets into its store and its record so that a kill at any point loses neither the
//! old token nor the new one, and leaves none that nobody remembers.
//!
//! The order: an intent in the journal; the new secret under a new id, read back; the record; the
//! old secret away; the intent away.

use crate::catalog::{CatalogError, Intent, OpenIntent, Resting};
use crate::files::Lock;
use crate::model::{Connection, Secret, SecretId, StoreKind};
use crate::store::StoreError;

use super::error::fresh_id;
use super::{Error, Event, Tools, fault};

/// Puts a secret into its store and swaps the record. `connection` is the record to be, in which
/// the secret's id is filled in here; `old` is where the secret it replaces rests. The store `env` is
/// given nothing: there the id is the variable's name already.
pub(super) fn swap(
    tools: &Tools<'_>,
    mut connection: Connection,
    secret: &Secret,
    old: Option<Resting>,
    lock: &Lock,
) -> Result<Connection, Error> {
    let name = connection.name.clone();
    let Some(token) = connection.token.as_mut() else { return Err(Error::NoToken { connection: name }) };
    let kept_in = token.kept_in;
    let store = tools.stores.open(kept_in).map_err(Error::of_store(kept_in, Some(&name)))?;
    if store.is_writable() {
        token.secret = fresh_id()?;
        token.bound = Some(secret.bound_to(&connection.api_url));
    }
    let new = Resting { secret: token.secret.clone(), kept_in };
    let intent = Intent { version: 1, connection: name.clone(), new: new.clone(), old, since: tools.clock.now() };
    let open = tools.journal.open(intent)?;
    fault::point("connect.intent");
    let written = if store.is_writable() {
        tools.say(Event::Keeping { store: kept_in });
        store.put(&new.secret, name.as_str(), secret).map_err(Error::of_store(kept_in, Some(&name)))
    } else {
        Ok(())
    };
    fault::point("connect.stored");
    let recorded = written.and_then(|()| Ok(tools.records.save(&connection, lock)?));
    if let Err(e) = recorded {
        if never_arrived(&e) || removed(tools, &new) {
            open.close()?;
        }
        return Err(e);
    }
    fault::point("connect.recorded");
    let gone = open.intent.old.as_ref().is_none_or(|old| remove_old(tools, old));
    fault::point("connect.replaced");
    if gone {
        open.close()?;
    }
    Ok(connection)
}

/// Whether a store that refused cannot have the secret: it was not reached, or not opened. A write that
/// timed out may still arrive; then the intent has to stay.
pub(super) fn never_arrived(error: &Error) -> bool {
    match error {
        Error::Store { source, .. } => !matches!(
            **source,
            StoreError::TimedOut { .. }
                | StoreError::StillThere
                | StoreError::ReadBackDiffers
                | StoreError::Refused { .. }
        ),
        _ => false,
    }
}

/// Removes a secret that nothing needs any more; says so where that does not work.
pub(super) fn remove_old(tools: &Tools<'_>, old: &Resting) -> bool {
    let gone = removed(tools, old);
    if !gone {
        tools.say(Event::OldRemains { place: place_of(tools, Some(old)) });
    }
    gone
}

/// Puts in order what runs that were cut short have left: of the two secrets of an intent, the one
/// that the record does not name is removed. Those of processes still at work are left alone, and
/// nothing here keeps the caller from its own work.
pub(super) fn tidy(tools: &Tools<'_>) -> Result<(), Error> {
    tools.sweep();
    for open in tools.journal.unfinished()? {
        finish(tools, open)?;
    }
    Ok(())
}

/// Puts one intent in order, unless somebody is still at work on it.
pub(super) fn finish(tools: &Tools<'_>, open: OpenIntent) -> Result<(), Error> {
    let name = open.intent.connection.clone();
    let _lock = match tools.records.try_lock(&name) {
        Ok(lock) => lock,
        Err(CatalogError::Busy { .. }) => return Ok(()),
        Err(e) => return Err(e.into()),
    };
    // A record that does not read must not cost anybody a token.
    let Ok(record) = tools.records.find(&name) else { return Ok(()) };
    let living = record.and_then(|connection| connection.token).map(|token| token.secret);
    let dead = superfluous(&open.intent, living.as_ref());
    if dead.is_none_or(|resting| removed(tools, resting)) {
        open.close()?;
        tools.say(Event::Tidied { connection: name });
    } else {
        let place = place_of(tools, dead);
        tools.say(Event::NotTidied { connection: name, place });
    }
    Ok(())
}

/// Of the two secrets of an intent, the one that the record does not name.
pub(super) fn superfluous<'a>(intent: &'a Intent, living: Option<&SecretId>) -> Option<&'a Resting> {
    if living == Some(&intent.new.secret) { intent.old.as_ref() } else { Some(&intent.new) }
}

pub(super) fn removed(tools: &Tools<'_>, resting: &Resting) -> bool {
    resting.kept_in == StoreKind::Env
        || tools.stores.open(resting.kept_in).and_then(|store| store.remove(&resting.secret)).is_ok()
}

fn place_of(tools: &Tools<'_>, resting: Option<&Resting>) -> String {
    let place = |resting: &Resting| {
        tools.stores.open(resting.kept_in).map_or_else(|_| resting.kept_in.to_string(), |s| s.place(&resting.secret))
    };
    resting.map(place).unwrap_or_default()
}
