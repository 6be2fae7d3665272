//! Bringing the present secret to the places where copies of it are, one after the other. A place that fails does not
//! keep the others from getting theirs; it stays stale, with why, until a later push mends it.
//!
//! The record is locked for as long as it is written and no longer: forges are slow. So two processes may be at one
//! place at once, and which of them was the last there, neither knows. Whoever finds when it writes the record that
//! another has put another secret there meanwhile says so by leaving the place stale.

use super::super::remember::Happened;
use super::super::{Error, Event, Tools, fault, import};
use super::spot::{Payload, Spot};
use super::{hooks, shown};
use crate::catalog::Part;
use crate::model::text::{printable, without_tokens};
use crate::model::{Connection, ConnectionName, Copied, Destination, DestinationKind};

/// What became of one place.
#[derive(Debug)]
pub struct Pushed {
    /// Whose secret.
    pub connection: ConnectionName,
    /// The place, as the record has it now.
    pub destination: Destination,
    /// Whether the secret is there.
    pub outcome: Result<Followed, Error>,
}

/// How far it was seen that a place has the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// It is there, and works as far as the place shows.
    Verified,
    /// It was taken without an error, and the place cannot tell more.
    Unverifiable,
}

/// Which places get it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that do not have the present secret.
    Stale,
    /// All.
    All,
}

/// All places where copies of a connection's secrets are: those on its list, and the webhooks that connect has made.
pub fn destinations(connection: &Connection) -> Vec<Destination> {
    let listed = connection.known_destinations();
    let is_listed = |it: &Destination| listed.iter().any(|known| known.is_same_place(it));
    let derived: Vec<Destination> = hooks::derived(connection).into_iter().filter(|it| !is_listed(it)).collect();
    listed.into_iter().chain(derived).collect()
}

/// Whether a place that connect's own webhooks are is on no list.
pub(super) fn is_derived(connection: &Connection, destination: &Destination) -> bool {
    !connection.known_destinations().iter().any(|known| known.is_same_place(destination))
}

/// Brings the present secrets of a connection to the places where copies of them are. In the order of the record, and
/// on after a failure.
///
/// # Errors
/// [`Error::NoSuchConnection`], [`Error::Catalog`]; what goes wrong with one place, its secret included, is in its
/// [`Pushed::outcome`].
pub async fn push(tools: &Tools<'_>, name: &ConnectionName, which: Which) -> Result<Vec<Pushed>, Error> {
    let connection = tools.record(name)?;
    let is_meant = |it: &Destination| which == Which::All || it.is_stale(&connection);
    let meant: Vec<Destination> = destinations(&connection).into_iter().filter(is_meant).collect();
    let mut all = Vec::with_capacity(meant.len());
    for destination in meant {
        all.push(Box::pin(push_one(tools, &connection, destination)).await?);
    }
    Ok(all)
}

/// Brings it to one place, and writes down what became of it.
pub(super) async fn push_one(
    tools: &Tools<'_>,
    connection: &Connection,
    destination: Destination,
) -> Result<Pushed, Error> {
    tools.say(match destination.kind {
        DestinationKind::Command => Event::Running,
        _ => Event::Changing { what: shown(&destination) },
    });
    if is_derived(connection, &destination) {
        return own_hook(tools, connection, destination).await;
    }
    let payload = Payload::read(tools, connection, destination.of);
    let outcome = match &payload {
        Ok(payload) => carry(tools, connection, &destination, payload).await,
        Err(_) => Ok((Followed::Unverifiable, None)),
    };
    fault::point("push.written");
    let (outcome, arrived) = match (outcome, payload) {
        (_, Err(error)) | (Err(error), Ok(_)) => (Err(error), None),
        (Ok((followed, id)), Ok(payload)) => (Ok(followed), Some((payload, id))),
    };
    let written = note(tools, &connection.name, &destination, arrived.as_ref(), outcome.as_ref().err())?;
    fault::point("push.recorded");
    Ok(Pushed { connection: connection.name.clone(), destination: written.unwrap_or(destination), outcome })
}

/// What is said of a place beside it, where it need not be named again.
pub fn without_place<'a>(message: &'a str, destination: &Destination) -> &'a str {
    let rest = message.strip_prefix(&shown(destination)).and_then(|rest| rest.strip_prefix(": "));
    rest.unwrap_or(message)
}

async fn carry(
    tools: &Tools<'_>,
    connection: &Connection,
    destination: &Destination,
    payload: &Payload,
) -> Result<(Followed, Option<u64>), Error> {
    let spot = Spot::look(tools, connection, destination).await?;
    fault::point("push.looked");
    let followed = spot.write(tools, connection, destination, payload).await?;
    Ok((followed, spot.id()))
}

/// One of the webhooks that connect has made: the connection's own record says what it has.
async fn own_hook(tools: &Tools<'_>, connection: &Connection, destination: Destination) -> Result<Pushed, Error> {
    let outcome = hooks::renew_own(tools, connection, &destination).await;
    let now = tools.record(&connection.name)?;
    let written = hooks::derived(&now).into_iter().find(|it| it.is_same_place(&destination));
    let destination = written.unwrap_or(destination);
    if outcome.is_ok() {
        remember(tools, &Happened::Pushed(Box::new(destination.clone())), &now, &destination);
    }
    Ok(Pushed { connection: connection.name.clone(), destination, outcome })
}

fn remember(tools: &Tools<'_>, happened: &Happened, connection: &Connection, destination: &Destination) {
    let part = if destination.of == Copied::Token { Part::Token } else { Part::Webhook };
    tools.note(&tools.happening(happened, connection, part));
}

/// Writes down what became of it, in the record as it is by now, and gives that; nothing where the place has been
/// taken off the list meanwhile.
fn note(
    tools: &Tools<'_>,
    name: &ConnectionName,
    before: &Destination,
    arrived: Option<&(Payload, Option<u64>)>,
    error: Option<&Error>,
) -> Result<Option<Destination>, Error> {
    let now = tools.clock.now();
    let mut next = before.clone();
    next.trouble = error.map(|error| printable(&without_tokens(without_place(&error.to_string(), before)), 300));
    if let Some((payload, id)) = arrived {
        (next.fingerprint, next.secret) = payload.mark();
        (next.since, next.id) = (now, next.id.or(*id));
        if let Some(fingerprint) = &next.fingerprint {
            import::followed(tools, name, &next, fingerprint, now)?;
        }
    }
    let lock = tools.lock(name)?;
    super::super::rename::is_one(tools, name)?;
    let Some(mut current) = tools.records.find(name)? else { return Ok(None) };
    let Some(known) = current.known_destinations().into_iter().find(|known| known.is_same_place(before)) else {
        return Ok(None);
    };
    let mark = |it: &Destination| (it.fingerprint.clone(), it.secret.clone());
    let other_was_there = known != *before && mark(&known) != mark(&next);
    let unproven = arrived.is_none() && !before.is_stale(&current);
    if other_was_there || unproven {
        (next.fingerprint, next.secret) = (None, None);
    }
    // A renaming may have come in between.
    next.via.clone_from(&known.via);
    current.put_destination(&next);
    tools.records.save(&current, &lock)?;
    drop(lock);
    if arrived.is_some() {
        let first = mark(before) == (None, None);
        let copy = Box::new(next.clone());
        let happened = if first { Happened::Planted(copy) } else { Happened::Pushed(copy) };
        remember(tools, &happened, &current, &next);
    }
    Ok(Some(next))
}
