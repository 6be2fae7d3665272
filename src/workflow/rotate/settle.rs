//! What earlier runs have left, and what is known when no answer came.
//!
//! With the answer in the journal, or the new token in its store, a rotation is finished, network or not. Without it only
//! the forge can tell, and it is asked in the one way that is safe: whether the old token still works. If it does, nothing
//! has happened, but that is certain only once the request's own time limit has passed. If it was revoked, the answer
//! was lost, and is said to be.

use jiff::Timestamp;

use super::super::{Error, Event, Tools, keep, learn};
use super::finish::Lost;
use super::{RotationError, finish};
use crate::catalog::{CatalogError, OpenRotation};
use crate::files::Lock;
use crate::forge::{Depth, Forge, ForgeError, GitLab, Successor, successor};
use crate::model::{Connection, ConnectionName, Health, Secret};
use crate::store::{EscrowKey, StoreError};

/// How a rotation that was left stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The connection has its new token.
    Finished,
    /// Nothing had happened: it has its old one, which works.
    Nothing,
    /// That is not known before this time; it has its old one, which works so far.
    Pending {
        /// When.
        until: Timestamp,
    },
}

/// A rotation that was left, and how it stands now.
#[derive(Debug)]
pub struct Resumed {
    /// Whose token.
    pub connection: ConnectionName,
    /// How it stands, or why that could not be settled.
    pub outcome: Result<Settled, Error>,
}

/// Settles what earlier runs have left, asking the forges where that is needed. What another process is at work on is
/// left alone.
///
/// # Errors
/// [`Error::Catalog`], where the journal cannot be read.
pub async fn resume(tools: &Tools<'_>) -> Result<Vec<Resumed>, Error> {
    let mut resumed = Vec::new();
    for open in tools.journal.unfinished_rotations()? {
        let connection = open.rotation.rotating.clone();
        let lock = match tools.records.try_lock(&connection) {
            Ok(lock) => lock,
            Err(CatalogError::Busy { .. }) => continue,
            Err(error) => {
                resumed.push(Resumed { connection, outcome: Err(error.into()) });
                continue;
            }
        };
        let Some(outcome) = settle(tools, open, &lock, Network::Used).await.transpose() else { continue };
        resumed.push(Resumed { connection, outcome });
    }
    Ok(resumed)
}

/// Settles what can be settled without any network, as what the journal has the answer of, and says what cannot. Nothing
/// here keeps the caller from its own work.
///
/// # Errors
/// [`Error::Catalog`], where the journal cannot be read.
pub fn finish_answered(tools: &Tools<'_>) -> Result<(), Error> {
    for open in tools.journal.unfinished_rotations()? {
        let connection = open.rotation.rotating.clone();
        let place = open.rotation.new.kept_in.to_string();
        let Ok(lock) = tools.records.try_lock(&connection) else { continue };
        match now_or_never(settle(tools, open, &lock, Network::Left)) {
            Some(Ok(Some(Settled::Finished | Settled::Nothing))) => tools.say(Event::Tidied { connection }),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => tools.say(Event::RotationLeft { connection, place }),
        }
    }
    Ok(())
}

/// What waits for nothing is done at once.
fn now_or_never<T>(future: impl Future<Output = T>) -> Option<T> {
    futures_util::FutureExt::now_or_never(future)
}

/// As [`finish_answered`], of one connection whose lock the caller has, and says whether nothing is left of it: whoever
/// gives the connection another name or forgets it takes from the rest what it goes by.
///
/// # Errors
/// [`Error::Catalog`], where the journal cannot be read.
pub fn none_left(tools: &Tools<'_>, name: &ConnectionName, lock: &Lock) -> Result<bool, Error> {
    let mut left = 0;
    for open in tools.journal.unfinished_rotations()?.into_iter().filter(|open| open.rotation.rotating == *name) {
        match now_or_never(settle(tools, open, lock, Network::Left)) {
            Some(Ok(Some(Settled::Finished | Settled::Nothing) | None)) => {}
            _ => left += 1,
        }
    }
    Ok(left == 0)
}

/// Whether the forge may be asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Network {
    Used,
    Left,
}

/// Settles what was left of a connection, whose lock the caller has. Whether that has given it a new token: then it needs
/// no other.
///
/// # Errors
/// Why it cannot be settled now: then it must not be rotated either.
pub(super) async fn under_lock(tools: &Tools<'_>, name: &ConnectionName, lock: &Lock) -> Result<bool, Error> {
    let mut finished = false;
    for open in tools.journal.unfinished_rotations_of(name)? {
        match settle(tools, open, lock, Network::Used).await? {
            Some(Settled::Pending { until }) => {
                return Err(RotationError::Unsettled { connection: name.clone(), until, why: None }.into());
            }
            Some(Settled::Finished) => finished = true,
            Some(Settled::Nothing) | None => {}
        }
    }
    Ok(finished)
}

/// Settles one. Nothing, if another process has done so.
async fn settle(
    tools: &Tools<'_>,
    open: OpenRotation,
    lock: &Lock,
    network: Network,
) -> Result<Option<Settled>, Error> {
    let Some(open) = open.again()? else { return Ok(None) };
    let name = &open.rotation.rotating;
    let record = tools.records.find(name)?;
    let token = record.as_ref().and_then(|connection| connection.token.as_ref());
    if token.is_some_and(|token| token.secret == open.rotation.new.secret) {
        if let Some(happening) = &open.rotation.happening {
            tools.note_once(happening);
        }
        finish::clear(tools, open)?;
        return Ok(Some(Settled::Finished));
    }
    let (Some(connection), true) = (&record, token.is_some_and(|token| token.fingerprint == open.rotation.fingerprint))
    else {
        return without_record(tools, open).map(Some);
    };
    match found(tools, connection, &open) {
        Ok(Some(new)) => {
            // Where it cannot be looked at, it is kept all the same.
            let gitlab = if network == Network::Used { gitlab_of(tools, connection).ok() } else { None };
            finish::finish(tools, connection, &open, &new, gitlab.as_ref(), lock).await?;
            finish::clear(tools, open)?;
            Ok(Some(Settled::Finished))
        }
        Ok(None) => unanswered(tools, connection, open, lock, network).await.map(Some),
        Err(error) => {
            // What it needs may come back. Until then nobody is given a dead token.
            if network == Network::Used
                && matches!(error, Error::Rotation(RotationError::KeyLost { .. }))
                && let Ok((secret, _)) = tools.secret_of(connection)
                && let Ok(Some(health)) = health_of(&gitlab_of(tools, connection)?, &secret).await
            {
                finish::dead(tools, connection, health, Lost::New, lock);
            }
            Err(error)
        }
    }
}

/// The connection was forgotten, or given another token since: what was put into the stores for it goes. What any record
/// names stays, whatever the connection is called by now.
fn without_record(tools: &Tools<'_>, open: OpenRotation) -> Result<Settled, Error> {
    if keep::is_named(tools, &open.rotation.new) {
        finish::clear(tools, open)?;
        return Ok(Settled::Finished);
    }
    if keep::is_named(tools, &open.rotation.old) {
        return Err(Error::Unfinished { connection: open.rotation.rotating });
    }
    if keep::removed(tools, &open.rotation.new) && keep::removed(tools, &open.rotation.old) {
        nothing_happened(tools, open)?;
    }
    Ok(Settled::Nothing)
}

/// No answer is to be had, or none with a new token in it.
async fn unanswered(
    tools: &Tools<'_>,
    connection: &Connection,
    mut open: OpenRotation,
    lock: &Lock,
    network: Network,
) -> Result<Settled, Error> {
    let now = tools.clock.now();
    if now < open.rotation.since {
        // The clock was set back: by it, the request would be under way for as long as that. What cannot be written is
        // reckoned anew the next time.
        let _ = open.begins_at(now);
    }
    let Some(until) = open.rotation.asked_until else {
        nothing_happened(tools, open)?;
        return Ok(Settled::Nothing);
    };
    if network == Network::Left {
        return Ok(Settled::Pending { until });
    }
    let (secret, _) = tools.secret_of(connection)?;
    // A plain look with the old token is not taken for a reuse.
    let health = health_of(&gitlab_of(tools, connection)?, &secret).await;
    match health.map_err(Error::of_forge(connection.host().ok().as_ref(), Some(&connection.name)))? {
        Some(Health::Revoked) => Err(answer_lost(tools, connection, open, lock)),
        _ if now < until => Ok(Settled::Pending { until }),
        // What it died of says nothing of the rotation.
        Some(health) => {
            finish::dead(tools, connection, health, Lost::Nothing, lock);
            nothing_happened(tools, open)?;
            Err(RotationError::Dead { connection: connection.name.clone(), health }.into())
        }
        None => {
            nothing_happened(tools, open)?;
            Ok(Settled::Nothing)
        }
    }
}

/// What the forge says of the old token: nothing if it lives, or is merely kept out.
async fn health_of(gitlab: &GitLab, secret: &Secret) -> Result<Option<Health>, ForgeError> {
    match gitlab.inspect(secret, Depth::Brief).await {
        Ok(_) => Ok(None),
        Err(error) if error.kind.says_dead() => Ok(Some(learn::health_by(&error).unwrap_or(Health::Unknown))),
        Err(error) if error.kind.says_not_allowed() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The forge was asked just now, and no answer came, or none that says what was done.
pub(super) async fn after_no_answer(
    tools: &Tools<'_>,
    open: OpenRotation,
    (gitlab, connection): (&GitLab, &Connection),
    secret: &Secret,
    error: ForgeError,
    lock: &Lock,
) -> Error {
    let name = connection.name.clone();
    let until = open.rotation.asked_until.unwrap_or_else(|| tools.clock.now());
    let why = error.reason();
    match health_of(gitlab, secret).await {
        Ok(Some(Health::Revoked)) => answer_lost(tools, connection, open, lock),
        // The server itself has said that it failed, and what it was at is over.
        Ok(None) if error.status == Some(500) => match nothing_happened(tools, open) {
            Ok(()) => Error::of_forge(connection.host().ok().as_ref(), Some(&name))(error),
            Err(error) => error,
        },
        _ => RotationError::Unsettled { connection: name, until, why: Some(why) }.into(),
    }
}

/// The forge has answered just now, and there is no new token in that: it may not have been the forge that did.
pub(super) async fn after_odd_answer(
    tools: &Tools<'_>,
    open: OpenRotation,
    (gitlab, connection): (&GitLab, &Connection),
    secret: &Secret,
    lock: &Lock,
) -> Error {
    let until = open.rotation.asked_until.unwrap_or_else(|| tools.clock.now());
    if let Ok(Some(Health::Revoked)) = health_of(gitlab, secret).await {
        return answer_lost(tools, connection, open, lock);
    }
    let why = Some("there is no new token in the answer".to_owned());
    RotationError::Unsettled { connection: connection.name.clone(), until, why }.into()
}

/// The forge has refused, and may have said that the token has died since it was looked at: another machine was faster.
pub(super) fn refused(tools: &Tools<'_>, connection: &Connection, error: &Error, lock: &Lock) {
    if let Error::Forge { source, .. } = error
        && source.kind.says_dead()
    {
        let health = learn::health_by(source).unwrap_or(Health::Unknown);
        finish::dead(tools, connection, health, Lost::Nothing, lock);
    }
}

/// Takes back what was prepared.
pub(super) fn nothing_happened(tools: &Tools<'_>, open: OpenRotation) -> Result<(), Error> {
    if keep::removed(tools, &open.rotation.key) {
        open.close()?;
    }
    Ok(())
}

/// An answer that is in the journal, and has no token in it, stays there until the connection has another token.
fn answer_lost(tools: &Tools<'_>, connection: &Connection, open: OpenRotation, lock: &Lock) -> Error {
    finish::dead(tools, connection, Health::Revoked, Lost::New, lock);
    if open.rotation.escrow.is_some() {
        return RotationError::Unreadable { connection: connection.name.clone() }.into();
    }
    // What cannot be removed is tried again.
    let _ = nothing_happened(tools, open);
    RotationError::AnswerLost { connection: connection.name.clone() }.into()
}

fn gitlab_of(tools: &Tools<'_>, connection: &Connection) -> Result<GitLab, Error> {
    match tools.forge_of(connection)? {
        Forge::GitLab(gitlab) => Ok(gitlab),
        Forge::GitHub(_) => Err(RotationError::NotRotatable { connection: connection.name.clone() }.into()),
    }
}

/// The new token, where it is to be had: out of the escrow, or, where the journal took nothing, out of the store.
fn found(tools: &Tools<'_>, connection: &Connection, open: &OpenRotation) -> Result<Option<Successor>, Error> {
    let rotation = &open.rotation;
    if let Some(sealed) = &rotation.escrow {
        return Ok(new_token(&opened(tools, open, sealed)?, connection));
    }
    if rotation.asked_until.is_none() {
        return Ok(None);
    }
    let there = tools.stores.open(rotation.new.kept_in).and_then(|store| store.get(&rotation.new.secret));
    match there {
        Ok(token) => Ok(Some(Successor { token, id: None, scopes: None, expires_at: None })),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(Error::of_store(rotation.new.kept_in, Some(&connection.name))(error)),
    }
}

/// What an answer has of a new token: nothing, if there is none in it but the one that the connection has.
pub(super) fn new_token(answer: &Secret, connection: &Connection) -> Option<Successor> {
    let old = connection.token.as_ref().map(|token| &token.fingerprint);
    successor(answer).filter(|new| Some(&new.token.fingerprint()) != old)
}

/// The answer, out of the escrow.
fn opened(tools: &Tools<'_>, open: &OpenRotation, sealed: &str) -> Result<Secret, Error> {
    let (name, resting) = (&open.rotation.rotating, &open.rotation.key);
    let failed = || Error::of_store(resting.kept_in, Some(name));
    let lost = || RotationError::KeyLost { connection: name.clone() };
    let key = match tools.stores.open(resting.kept_in).map_err(failed())?.get(&resting.secret) {
        Err(StoreError::NotFound) => return Err(lost().into()),
        key => EscrowKey::from_secret(&key.map_err(failed())?),
    };
    Ok(key.and_then(|key| key.open(sealed)).ok_or_else(lost)?)
}
