//! From the answer to the end: by the run that has asked, or by a later one that finds the answer in the journal.
//!
//! Each step may have been done before, by a run that was killed after it; doing it again changes nothing.

use super::super::{Error, Tools, fault, keep};
use super::RotationError;
use crate::catalog::{OpenRotation, Part};
use crate::files::Lock;
use crate::forge::{Depth, GitLab, successor};
use crate::model::{Connection, Health, Secret};

/// Puts the new token into its store, looks whether it works, and writes down that the connection has it. With no `gitlab`
/// it is not looked at: there is no network.
pub(super) async fn finish(
    tools: &Tools<'_>,
    connection: &Connection,
    open: &OpenRotation,
    answer: &Secret,
    gitlab: Option<&GitLab>,
    lock: &Lock,
) -> Result<(), Error> {
    let name = &connection.name;
    let rotation = &open.rotation;
    let Some(new) = successor(answer) else {
        return Err(RotationError::Unreadable { connection: name.clone() }.into());
    };
    let kept_in = rotation.new.kept_in;
    let store = tools.stores.open(kept_in).map_err(Error::of_store(kept_in, Some(name)))?;
    let there = store.get(&rotation.new.secret).is_ok_and(|there| there.same_as(&new.token));
    if !there {
        let put = store.put(&rotation.new.secret, name.as_str(), &new.token);
        put.map_err(|source| RotationError::NotStored { connection: name.clone(), source: Box::new(source) })?;
    }
    fault::point("rotate.stored");
    let said = match gitlab {
        Some(gitlab) => gitlab.inspect(&new.token, Depth::Brief).await.map(Some),
        None => Ok(None),
    };
    let mut after = connection.clone();
    Part::Token.put(&mut after, rotation.new.clone());
    if let Some(token) = after.token.as_mut() {
        token.fingerprint = new.token.fingerprint();
        token.bound = Some(new.token.bound_to(&connection.url, &connection.api_url));
        (token.id, token.expires_at) = (new.id, new.expires_at);
        token.scopes = new.scopes.clone().or(token.scopes.take());
        (token.etag, token.checked_at) = (None, tools.clock.now());
        token.health = match &said {
            Ok(Some(said)) => said.health,
            Err(error) if error.kind.says_dead() => Health::Unknown,
            // Nobody was asked, or nobody has answered: the forge has just made it.
            _ => Health::Valid,
        };
        if let Ok(Some(said)) = &said {
            token.expires_at = said.expires_at.or(token.expires_at);
        }
    }
    tools.records.save(&after, lock)?;
    fault::point("rotate.recorded");
    if let Some(happening) = &rotation.happening {
        // Only once the record names the new token is it written, and then nobody comes here again: no need to look for
        // it in the whole history.
        tools.note(happening);
    }
    fault::point("rotate.remembered");
    match said {
        Err(error) if error.kind.says_dead() => Err(RotationError::NewRefused { connection: name.clone() }.into()),
        _ => Ok(()),
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
    dead(tools, connection, Health::Revoked, lock);
    let why = format!("{store}; {journal}");
    RotationError::NowhereToPut { connection: connection.name.clone(), why }.into()
}

/// Writes down that the old token has died. Where that cannot be written, the forge says so again.
pub(super) fn dead(tools: &Tools<'_>, connection: &Connection, health: Health, lock: &Lock) {
    let mut after = connection.clone();
    if let Some(token) = after.token.as_mut() {
        token.health = health;
        token.checked_at = tools.clock.now();
    }
    let _ = tools.records.save(&after, lock);
}
