//! Disconnecting: first, where it is asked for, the token is killed at its forge and seen to be dead;
//! then it is removed from its store; the record goes last, so that whatever fails can be done again.

use std::time::Duration;

use crate::catalog::{Part, Parting, Resting};
use crate::files::Lock;
use crate::forge::{Forge, ForgeErrorKind};
use crate::model::{Connection, ConnectionName, Fingerprint, Secret, StoreKind};

use super::keep;
use super::remember::Happened;
use super::rotate::guided;
use super::tools::host_of;
use super::{Error, Event, Tools, fault};

/// What was done.
#[derive(Debug)]
pub struct Disconnected {
    /// The connection as it was.
    pub connection: Connection,
    /// The places it was removed from, for people.
    pub removed: Vec<String>,
    /// Places that still have the token, or deliveries, which connect cannot remove, for people.
    pub remaining: Vec<String>,
    /// Whether the token was killed at the forge.
    pub revoked: bool,
    /// The others whose copies were written by way of it.
    pub wrote_for: Vec<ConnectionName>,
    /// Tokens that it had before, which still work and are kept until somebody says what is to become of them.
    pub old_tokens: Vec<Fingerprint>,
}

/// How often a forge is asked whether a revoked token is dead: some need a moment.
const LOOKS: u32 = 4;

/// Forgets a connection, everywhere it was kept.
///
/// # Errors
/// [`Error`]; with `revoke`, everything is then still kept unless the token is dead.
pub async fn disconnect(tools: &Tools<'_>, name: &ConnectionName, revoke: bool) -> Result<Disconnected, Error> {
    keep::tidy(tools)?;
    tools.record(name)?;
    let lock = tools.lock(name)?;
    super::rename::is_one(tools, name)?;
    if !super::rotate::none_left(tools, name, &lock)? && revoke {
        // There is, or may be, a token that would live on.
        return Err(Error::Unfinished { connection: name.clone() });
    }
    let connection = tools.record(name)?;
    if revoke {
        let (secret, _) = tools.secret_of(&connection)?;
        kill(tools, &connection, &secret).await?;
        fault::point("disconnect.revoked");
        tools.remember(&Happened::Revoked, &connection);
    }
    let happening = tools.happening(&Happened::Disconnected, &connection, Part::main_of(&connection));
    let open = tools.journal.part(Parting::new(name.clone(), happening.clone()))?;
    let wrote_for = wrote_for(tools, name);
    let mut done = Disconnected {
        connection,
        removed: Vec::new(),
        remaining: Vec::new(),
        revoked: revoke,
        wrote_for,
        old_tokens: Vec::new(),
    };
    if let Err(e) = forget(tools, &mut done, &lock) {
        open.close()?;
        return Err(e);
    }
    fault::point("disconnect.forgotten");
    tools.note(&happening);
    fault::point("disconnect.remembered");
    open.close()?;
    drop(lock);
    done.old_tokens = guided::old_tokens(tools, &done.connection, revoke).await?;
    Ok(done)
}

/// The connections whose copies are written by way of this one. What cannot be read is not theirs to say.
fn wrote_for(tools: &Tools<'_>, name: &ConnectionName) -> Vec<ConnectionName> {
    let Ok(all) = tools.records.all() else { return Vec::new() };
    let goes_by = |other: &Connection| {
        other.name != *name && other.known_destinations().iter().any(|copy| copy.via.as_ref() == Some(name))
    };
    all.filter_map(Result::ok).filter(goes_by).map(|other| other.name).collect()
}

/// Removes the secrets, then the deliveries that wait, then the record, and writes down from where.
fn forget(tools: &Tools<'_>, done: &mut Disconnected, lock: &Lock) -> Result<(), Error> {
    let name = &done.connection.name.clone();
    for (_, Resting { secret, kept_in }) in Part::all_of(&done.connection) {
        let store = tools.stores.open(kept_in).map_err(Error::of_store(kept_in, Some(name)))?;
        if kept_in == StoreKind::Env {
            done.remaining.push(store.place(&secret));
        } else if store.remove(&secret).map_err(Error::of_store(kept_in, Some(name)))? {
            done.removed.push(store.place(&secret));
        }
    }
    fault::point("disconnect.removed");
    forget_deliveries(tools, done);
    if tools.records.forget(name, lock)? {
        done.removed.push(tools.records.path(name).display().to_string());
    }
    Ok(())
}

/// Removes deliveries that were not handed on. Whoever still listens has them, and goes on: that is said, and keeps
/// nothing else from being forgotten.
fn forget_deliveries(tools: &Tools<'_>, done: &mut Disconnected) {
    let Some(webhook) = &done.connection.webhook else { return };
    let place = tools.inboxes.place(&webhook.id).display().to_string();
    match tools.inboxes.remove(&webhook.id) {
        Ok(true) => done.removed.push(place),
        Ok(false) => {}
        Err(why) => {
            let connection = done.connection.name.to_string();
            tools.say(Event::DeliveriesStay { connection, place: place.clone(), why: why.to_string() });
            done.remaining.push(place);
        }
    }
}

/// Kills a token at its forge, and looks whether it is dead. One that was dead already is fine.
pub(super) async fn kill(tools: &Tools<'_>, connection: &Connection, secret: &Secret) -> Result<(), Error> {
    let name = Some(&connection.name);
    let forge = tools.forge_of(connection)?;
    let host = host_of(connection)?;
    tools.say(Event::Revoking { host: host.to_string() });
    match forge.revoke(secret).await {
        Ok(()) => {}
        Err(e) if e.kind.says_dead() => return Ok(()),
        // The answer is missing, the work may be done.
        Err(e) if matches!(e.kind, ForgeErrorKind::ConnectionLost | ForgeErrorKind::TimedOut) => {
            if !forge.is_dead(secret).await.unwrap_or(false) {
                return Err(Error::of_forge(Some(&host), name)(e));
            }
        }
        Err(e) => return Err(Error::of_forge(Some(&host), name)(e)),
    }
    if dead(&forge, secret).await.map_err(Error::of_forge(Some(&host), name))? {
        return Ok(());
    }
    Err(Error::StillAlive { connection: connection.name.clone(), host: host.to_string() })
}

async fn dead(forge: &Forge, secret: &Secret) -> Result<bool, crate::forge::ForgeError> {
    for look in 0..LOOKS {
        if forge.is_dead(secret).await? {
            return Ok(true);
        }
        if look + 1 < LOOKS {
            tokio::time::sleep(Duration::from_millis(250 << look)).await;
        }
    }
    Ok(false)
}
