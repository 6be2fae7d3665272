//! One rotation, in the order in which nothing is lost.
//!
//! The connection's lock; the token, which must be the one that is meant, and alive; an intent; a key in the
//! connection's store, read back, which proves that it takes writes; that the forge is about to be asked; the one
//! request; the answer, sealed, on disk. From there [`finish`](super::finish) goes on, as it does in a later run.

use std::time::Duration;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::super::error::fresh_id;
use super::super::remember::Happened;
use super::super::{Error, Event, Tools, fault, learn, rename};
use super::ask::{Asked, ask, by};
use super::{Done, Rotated, RotationError, finish, plan, settle};
use crate::catalog::{CatalogError, OpenRotation, Part, Resting, Rotation};
use crate::files::Lock;
use crate::forge::{Depth, Forge, GitLab, successor};
use crate::model::{Connection, ConnectionName, Fingerprint, Health, Secret};
use crate::store::{EscrowKey, Store};

/// How often, and how long in between, a lock is tried that another process has. It is not waited for in one piece:
/// other rotations of this run hold locks too, and must get on.
const PAUSE: Duration = Duration::from_millis(25);
const PATIENCE: Duration = Duration::from_secs(180);

/// Rotates a connection's token, if it is still the one that `connection` speaks of. Told to stop before the forge is
/// asked, it does not ask.
pub(super) async fn rotate(
    tools: &Tools<'_>,
    connection: Connection,
    expires_on: Date,
    stop: &watch::Receiver<bool>,
) -> Rotated {
    let name = connection.name.clone();
    let meant = connection.token.as_ref().map(|token| token.fingerprint.clone());
    let outcome = Box::pin(locked(tools, &name, meant, expires_on, stop)).await;
    // What has changed is in the record, whatever came of it.
    let connection = tools.records.find(&name).ok().flatten().unwrap_or(connection);
    Rotated { connection, outcome, pushed: Vec::new(), not_pushed: None }
}

/// Waits for the lock of a connection, without keeping the rest of the run from its work; not once it is told to stop.
async fn lock(tools: &Tools<'_>, name: &ConnectionName, stop: &watch::Receiver<bool>) -> Result<Option<Lock>, Error> {
    let until = tokio::time::Instant::now() + PATIENCE;
    let mut waits = false;
    loop {
        match tools.records.try_lock(name) {
            Err(CatalogError::Busy { .. }) if *stop.borrow() => return Ok(None),
            Err(CatalogError::Busy { .. }) if tokio::time::Instant::now() < until => {
                if !std::mem::replace(&mut waits, true) {
                    tools.say(Event::Waiting { connection: name.clone() });
                }
                tokio::time::sleep(PAUSE).await;
            }
            lock => return Ok(Some(lock?)),
        }
    }
}

async fn locked(
    tools: &Tools<'_>,
    name: &ConnectionName,
    meant: Option<Fingerprint>,
    expires_on: Date,
    stop: &watch::Receiver<bool>,
) -> Result<Done, Error> {
    let Some(lock) = lock(tools, name, stop).await? else { return Ok(Done::NotReached) };
    if settle::under_lock(tools, name, &lock).await? {
        return Ok(Done::Meanwhile);
    }
    rename::is_one(tools, name)?;
    let connection = tools.record(name)?;
    if connection.token.as_ref().map(|token| &token.fingerprint) != meant.as_ref() {
        return Ok(Done::Meanwhile);
    }
    let (secret, token) = tools.secret_of(&connection)?;
    let Forge::GitLab(gitlab) = tools.forge_of(&connection)? else {
        return Err(RotationError::NotRotatable { connection: name.clone() }.into());
    };
    let connection = alive(tools, &gitlab, connection, &secret, &lock).await?;
    let by = by(&connection)?;
    let store = tools.stores.open(token.kept_in).map_err(Error::of_store(token.kept_in, Some(name)))?;
    if !store.is_writable() {
        return Err(RotationError::Variable { connection: name.clone() }.into());
    }
    if *stop.borrow() {
        return Ok(Done::NotReached);
    }
    let (mut open, key) = prepare(tools, &connection, store.as_ref())?;
    let answer = match ask(&gitlab, &connection, &secret, by, expires_on).await {
        Asked::Answered(answer) => answer,
        Asked::Refused(error) => {
            settle::nothing_happened(tools, open)?;
            settle::refused(tools, &connection, &error, &lock);
            return Err(error);
        }
        Asked::Unknown(error) => {
            return Err(settle::after_no_answer(tools, open, (&gitlab, &connection), &secret, error, &lock).await);
        }
    };
    fault::point("rotate.answered");
    let old = open.rotation.fingerprint.clone();
    let happening = happening(tools, &connection, &open.rotation, &answer);
    // Without it on disk the answer is still here, and the store may take it.
    let escrowed = key.seal(&answer).map_err(Error::of_store(token.kept_in, Some(name))).and_then(|sealed| {
        open.answered(sealed, happening.clone())?;
        Ok(())
    });
    drop(key);
    fault::point("rotate.escrowed");
    let Some(new) = settle::new_token(&answer, &connection) else {
        return Err(settle::after_odd_answer(tools, open, (&gitlab, &connection), &secret, &lock).await);
    };
    let finished = finish::finish(tools, &connection, &open, &new, Some(&gitlab), &lock).await;
    match (finished, escrowed) {
        (Ok(()), _) => {}
        (Err(Error::Rotation(error @ RotationError::NotStored { .. })), Err(journal)) => {
            return Err(finish::lost(tools, &connection, &error, &journal, &lock));
        }
        (Err(error), _) => return Err(error),
    }
    drop(lock);
    // The token is rotated, whatever remains to be swept.
    let place = open.rotation.old.kept_in.to_string();
    if finish::clear(tools, open).is_err() {
        tools.say(Event::NotTidied { connection: name.clone(), place });
    }
    Ok(Done::Rotated { old })
}

/// Sees that the token lives, and may rotate itself: nothing may be rotated with a dead one. Gives the record with what was
/// learnt.
async fn alive(
    tools: &Tools<'_>,
    gitlab: &GitLab,
    connection: Connection,
    secret: &Secret,
    lock: &Lock,
) -> Result<Connection, Error> {
    let name = connection.name.clone();
    let said = gitlab.inspect(secret, Depth::Brief).await;
    let health = match &said {
        Err(error) if error.kind.says_dead() => Some(learn::health_by(error).unwrap_or(Health::Unknown)),
        _ => None,
    };
    let said = said.map_err(Error::of_forge(connection.host().ok().as_ref(), Some(&name)));
    let (connection, said) = learn::with_lock(tools, connection, secret, said, lock);
    if let Some(health) = health {
        return Err(RotationError::Dead { connection: name, health }.into());
    }
    let said = said?;
    let self_rotate = plan::reaches(connection.server_version.as_deref(), 17, 9);
    if !plan::may_rotate(said.scopes.as_deref(), self_rotate) {
        return Err(RotationError::MayNot { connection: name, self_rotate }.into());
    }
    Ok(connection)
}

/// The intent, the key in the store, and that the forge is about to be asked.
fn prepare(tools: &Tools<'_>, connection: &Connection, store: &dyn Store) -> Result<(OpenRotation, EscrowKey), Error> {
    let name = &connection.name;
    let Some(old) = Part::Token.of(connection) else { return Err(Error::NoToken { connection: name.clone() }) };
    let Some(token) = &connection.token else { return Err(Error::NoToken { connection: name.clone() }) };
    let place = || Ok::<_, Error>(Resting { secret: fresh_id()?, kept_in: old.kept_in });
    let resting = [old.clone(), place()?, place()?];
    let rotation = Rotation::new(name.clone(), token.fingerprint.clone(), resting, tools.clock.now());
    let mut open = tools.journal.rotate(rotation)?;
    fault::point("rotate.intent");
    let key = EscrowKey::generate();
    let kept = store.put(&open.rotation.key.secret, name.as_str(), &key.to_secret());
    let ready = kept.map_err(Error::of_store(old.kept_in, Some(name))).and_then(|()| {
        fault::point("rotate.key");
        open.ask(until(tools))?;
        Ok(())
    });
    if let Err(error) = ready {
        settle::nothing_happened(tools, open)?;
        return Err(error);
    }
    fault::point("rotate.asked");
    Ok((open, key))
}

/// By when a request that begins now has ended, and whatever the forge does about it: its own time limit, twice.
fn until(tools: &Tools<'_>) -> Timestamp {
    let limit = SignedDuration::try_from(tools.transport.timeout * 2).unwrap_or(SignedDuration::from_mins(5));
    let now = tools.clock.now();
    now.checked_add(limit).unwrap_or(now)
}

/// The line of the history, with the new fingerprint and its place.
fn happening(
    tools: &Tools<'_>,
    connection: &Connection,
    rotation: &Rotation,
    answer: &Secret,
) -> crate::catalog::Happening {
    let mut after = connection.clone();
    Part::Token.put(&mut after, rotation.new.clone());
    if let (Some(token), Some(new)) = (after.token.as_mut(), successor(answer)) {
        token.fingerprint = new.token.fingerprint();
    }
    tools.happening(&Happened::Rotated { old: rotation.fingerprint.clone() }, &after, Part::Token)
}
