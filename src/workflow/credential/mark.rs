//! What the success or the failure of a connection's token teaches: a mark in its record, and nothing else.
//!
//! A server may refuse a token for an hour, because of an address, of a policy, of a mistake of its own. So what it
//! says through git is written down and told, and neither deletes anything nor keeps the token from being given.

use crate::git::credential::Place;
use crate::model::{Connection, Fingerprint, Secret, StoreKind};

use super::choice::at_host;
use super::{Error, Tools};

/// The connection of a place whose token this is; a variable may hold another by now than its record says.
pub(super) fn whose(tools: &Tools<'_>, place: &Place, password: &Secret) -> Result<Option<Connection>, Error> {
    let fingerprint = password.fingerprint();
    let is_its = |connection: &Connection| {
        connection.token.as_ref().is_some_and(|token| {
            let now = || tools.stores.open(token.kept_in).and_then(|store| store.get(&token.secret));
            token.fingerprint == fingerprint
                || (token.kept_in == StoreKind::Env && now().is_ok_and(|now| now.same_as(password)))
        })
    };
    Ok(at_host(tools, place)?.find(is_its))
}

/// A server has refused the token, or has taken it. Who is at work on the connection knows more than that: nobody is
/// waited for long, and what cannot be written is told again the next time.
pub(super) fn note(tools: &Tools<'_>, connection: &Connection, fingerprint: &Fingerprint, refused: bool) {
    let known = connection.token.as_ref().is_some_and(|token| token.refused_at.is_some());
    if !refused && !known {
        return;
    }
    let Ok(lock) = tools.records.lock_briefly(&connection.name) else { return };
    let Ok(Some(mut now)) = tools.records.find(&connection.name) else { return };
    if let Some(token) = now.token.as_mut().filter(|token| token.fingerprint == *fingerprint) {
        token.refused_at = refused.then(|| tools.clock.now());
        let _ = tools.records.save(&now, &lock);
    }
}
