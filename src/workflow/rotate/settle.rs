//! What earlier runs have left, and what is known when no answer came.
//!
//! With the answer in the journal a rotation is finished, network or not. Without it only the forge can tell, and
//! it is asked in the one way that is safe: whether the old token still works. If it does, nothing has happened, but that is
//! certain only once the request's own time limit has passed. If it does not, the answer was lost, and is said to be.

use jiff::Timestamp;

use super::super::{Error, Event, Tools, keep};
use super::{RotationError, finish};
use crate::catalog::{CatalogError, OpenRotation};
use crate::files::Lock;
use crate::forge::{Forge, ForgeError, GitLab};
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
            Some(Err(_)) | None => tools.say(Event::NotTidied { connection, place }),
        }
    }
    Ok(())
}

/// What waits for nothing is done at once.
fn now_or_never<T>(future: impl Future<Output = T>) -> Option<T> {
    futures_util::FutureExt::now_or_never(future)
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
    // It was forgotten, or given another token since.
    let (Some(connection), true) = (&record, token.is_some_and(|token| token.fingerprint == open.rotation.fingerprint))
    else {
        let gone = keep::removed(tools, &open.rotation.new);
        if gone {
            nothing_happened(tools, open)?;
        }
        return Ok(Some(Settled::Nothing));
    };
    if open.rotation.escrow.is_some() {
        let answer = opened(tools, &open)?;
        let gitlab = (network == Network::Used).then(|| gitlab_of(tools, connection)).transpose()?;
        finish::finish(tools, connection, &open, &answer, gitlab.as_ref(), lock).await?;
        finish::clear(tools, open)?;
        return Ok(Some(Settled::Finished));
    }
    let Some(until) = open.rotation.asked_until else {
        nothing_happened(tools, open)?;
        return Ok(Some(Settled::Nothing));
    };
    if network == Network::Left {
        return Ok(Some(Settled::Pending { until }));
    }
    let (secret, _) = tools.secret_of(connection)?;
    // A plain look with the old token is not taken for a reuse.
    match gitlab_of(tools, connection)?.is_dead(&secret).await {
        Ok(true) => Err(answer_lost(tools, connection, open, lock)),
        Ok(false) if tools.clock.now() >= until => {
            nothing_happened(tools, open)?;
            Ok(Some(Settled::Nothing))
        }
        Ok(false) => Ok(Some(Settled::Pending { until })),
        Err(error) => Err(Error::of_forge(connection.host().ok().as_ref(), Some(name))(error)),
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
    match gitlab.is_dead(secret).await {
        Ok(true) => answer_lost(tools, connection, open, lock),
        // The server itself has said that it failed, and what it was at is over.
        Ok(false) if error.status == Some(500) => match nothing_happened(tools, open) {
            Ok(()) => Error::of_forge(connection.host().ok().as_ref(), Some(&name))(error),
            Err(error) => error,
        },
        _ => RotationError::Unsettled { connection: name, until, why: Some(why) }.into(),
    }
}

/// Takes back what was prepared.
pub(super) fn nothing_happened(tools: &Tools<'_>, open: OpenRotation) -> Result<(), Error> {
    if keep::removed(tools, &open.rotation.key) {
        open.close()?;
    }
    Ok(())
}

fn answer_lost(tools: &Tools<'_>, connection: &Connection, open: OpenRotation, lock: &Lock) -> Error {
    finish::dead(tools, connection, Health::Revoked, lock);
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

/// The answer, out of the escrow.
fn opened(tools: &Tools<'_>, open: &OpenRotation) -> Result<Secret, Error> {
    let (name, resting) = (&open.rotation.rotating, &open.rotation.key);
    let failed = || Error::of_store(resting.kept_in, Some(name));
    let lost = || RotationError::KeyLost { connection: name.clone() };
    let key = match tools.stores.open(resting.kept_in).map_err(failed())?.get(&resting.secret) {
        Err(StoreError::NotFound) => return Err(lost().into()),
        key => EscrowKey::from_secret(&key.map_err(failed())?),
    };
    let sealed = open.rotation.escrow.as_deref().unwrap_or_default();
    Ok(key.and_then(|key| key.open(sealed)).ok_or_else(lost)?)
}
