//! From the answer to the end: by the run that has asked, or by a later one that finds the answer in the journal.
//!
//! Each step may have been done before, by a run that was killed after it; doing it again changes nothing.

use std::time::Duration;

use super::super::remember::Happened;
use super::super::{Error, Tools, fault, keep};
use super::RotationError;
use crate::catalog::{OpenRotation, Part};
use crate::files::Lock;
use crate::forge::{Depth, ForgeError, GitLab, Successor};
use crate::model::{Connection, Health, Inspection, Secret};

/// How often a new token is looked at that is not accepted: a GitLab that reads from several databases may need a moment
/// to know it everywhere.
const LOOKS: u32 = 3;

/// Puts the new token into its store, looks whether it works, and writes down that the connection has it. With no `gitlab`
/// it is not looked at: there is no network.
pub(super) async fn finish(
    tools: &Tools<'_>,
    connection: &Connection,
    open: &OpenRotation,
    new: &Successor,
    gitlab: Option<&GitLab>,
    lock: &Lock,
) -> Result<(), Error> {
    let name = &connection.name;
    let rotation = &open.rotation;
    let kept_in = rotation.new.kept_in;
    let store = tools.stores.open(kept_in).map_err(Error::of_store(kept_in, Some(name)))?;
    let there = store.get(&rotation.new.secret).is_ok_and(|there| there.same_as(&new.token));
    if !there {
        let put = store.put(&rotation.new.secret, name.as_str(), &new.token);
        put.map_err(|source| RotationError::NotStored { connection: name.clone(), source: Box::new(source) })?;
    }
    fault::point("rotate.stored");
    let said = match gitlab {
        Some(gitlab) => looked_at(gitlab, &new.token).await.map(Some),
        None => Ok(None),
    };
    let mut after = connection.clone();
    Part::Token.put(&mut after, rotation.new.clone());
    if let Some(token) = after.token.as_mut() {
        token.fingerprint = new.token.fingerprint();
        token.bound = Some(new.token.bound_to(&connection.url, &connection.api_url));
        (token.id, token.expires_at) = (new.id, new.expires_at);
        token.scopes = new.scopes.clone().or(token.scopes.take());
        (token.etag, token.checked_at, token.refused_at) = (None, tools.clock.now(), None);
        token.health = match &said {
            Ok(Some(said)) => said.health,
            Err(error) if error.kind.says_dead() => Health::Unknown,
            // Nobody was asked, or nobody has answered: the forge has just made it.
            _ => Health::Valid,
        };
        if let Ok(Some(said)) = &said {
            token.expires_at = said.expires_at.or(token.expires_at);
            token.id = token.id.or(said.token_id);
        }
    }
    let recorded = tools.records.save(&after, lock);
    recorded.map_err(|source| RotationError::NotRecorded { connection: name.clone(), source: Box::new(source) })?;
    fault::point("rotate.recorded");
    // Only once the record names the new token is it written, and then nobody comes here again: no need to look for it in
    // the whole history.
    match &rotation.happening {
        Some(happening) => tools.note(happening),
        None => tools.remember(&Happened::Rotated { old: rotation.fingerprint.clone() }, &after),
    }
    fault::point("rotate.remembered");
    match said {
        Err(error) if error.kind.says_dead() => Err(RotationError::NewRefused { connection: name.clone() }.into()),
        _ => Ok(()),
    }
}

/// What GitLab says of the new token, which it has just made.
async fn looked_at(gitlab: &GitLab, token: &Secret) -> Result<Inspection, ForgeError> {
    let mut look = 1;
    loop {
        match gitlab.inspect(token, Depth::Brief).await {
            Err(error) if error.kind.says_dead() && look < LOOKS => {
                tokio::time::sleep(Duration::from_millis(100 << look)).await;
                look += 1;
            }
            said => return said,
        }
    }
}

/// Removes what is not needed any more: the old token, which is dead, the key, and the intent.
pub(super) fn clear(tools: &Tools<'_>, open: OpenRotation) -> Result<(), Error> {
    let old = keep::remove_old_before(tools, &open.rotation.old, &open.rotation.key);
    fault::point("rotate.replaced");
    if old && keep::removed(tools, &open.rotation.key) {
        fault::point("rotate.cleared");
        open.done()?;
    }
    Ok(())
}

/// The answer is neither in the journal nor in the store: the token is lost, and the record says so.
pub(super) fn lost(
    tools: &Tools<'_>,
    connection: &Connection,
    store: &RotationError,
    journal: &Error,
    lock: &Lock,
) -> Error {
    dead(tools, connection, Health::Revoked, Lost::New, lock);
    let why = format!("{store}; {journal}");
    RotationError::NowhereToPut { connection: connection.name.clone(), why }.into()
}

/// Whether a new token went with the old one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// GitLab has made one, and nobody has it.
    New,
    /// Nothing is known of one.
    Nothing,
}

/// Writes down that the old token has died, and into the history, once, that a new one was lost. Where the record cannot
/// be written, the forge says so again.
pub(super) fn dead(tools: &Tools<'_>, connection: &Connection, health: Health, lost: Lost, lock: &Lock) {
    let mut after = connection.clone();
    let known = connection.token.as_ref().is_some_and(|token| token.health == health);
    if let Some(token) = after.token.as_mut() {
        token.health = health;
        token.checked_at = tools.clock.now();
    }
    let _ = tools.records.save(&after, lock);
    if lost == Lost::New && !known {
        tools.remember(&Happened::Lost, &after);
    }
}
