//! What becomes of the old token: revoked and seen to be dead once every copy has followed, or left alone where somebody
//! says so. Until then its secret is kept, named by a note in the journal; whoever is killed in between leaves one that
//! can still be revoked.

use url::Url;

use crate::catalog::{CatalogError, OpenRetiring, Part, Resting, Retiring};
use crate::files::Lock;
use crate::forge::ForgeErrorKind;
use crate::model::{Connection, ConnectionName, Copied, Fingerprint};
use crate::store::StoreError;
use crate::workflow::connect::Answer;
use crate::workflow::remember::Happened;
use crate::workflow::{Error, Tools, disconnect, fault, keep};

/// What has become of an old token.
#[derive(Debug)]
pub enum Settled {
    /// It was revoked, and is seen to be dead.
    Revoked,
    /// It was dead already.
    Dead,
    /// It lives on, because somebody wants it to; connect has forgotten it.
    LeftAlone,
    /// It lives on until somebody says what is to become of it, and is kept until then.
    Undecided,
    /// It lives on, and is kept, because others still have it.
    Waits {
        /// In how many places it is.
        copies: usize,
        /// The other connections whose token it is.
        connections: Vec<ConnectionName>,
    },
    /// It lives on: its forge has no call that revokes it, so a person has to. connect has forgotten it.
    ByHand {
        /// Where.
        page: Option<Url>,
    },
    /// It may live on: its secret was no longer in its store, so that connect cannot revoke it.
    Lost,
    /// Another process has seen to it meanwhile.
    Elsewhere,
    /// It could not be revoked now, and is kept so that this can be tried again.
    Failed(Error),
}

/// Whether an old token is to be revoked.
pub struct Verdict<'a> {
    /// What was said beforehand: `--revoke-old`, `--keep-old`.
    pub said: Option<bool>,
    /// Whom to ask otherwise, with the connection and the old token's fingerprint.
    pub ask: &'a dyn Fn(&ConnectionName, &Fingerprint) -> Answer,
}

/// Brings one old token to its end, as far as that goes now. Nothing here is an error of the rotation: the new token is
/// in place by then.
pub(super) async fn settle(tools: &Tools<'_>, open: OpenRetiring, verdict: &Verdict<'_>) -> Settled {
    let name = open.retiring.before.name.clone();
    match tools.lock(&name) {
        Ok(lock) => with_lock(tools, open, verdict, &lock).await,
        Err(error) => Settled::Failed(error.into()),
    }
}

/// As [`settle`], of what was decided before, and is nobody else's work now.
pub(super) async fn settle_decided(tools: &Tools<'_>, open: OpenRetiring) -> Option<Settled> {
    open.retiring.revoke?;
    let lock = tools.records.try_lock(&open.retiring.before.name).ok()?;
    let nobody = |_: &ConnectionName, _: &Fingerprint| Answer::CannotAsk;
    Some(with_lock(tools, open, &Verdict { said: None, ask: &nobody }, &lock).await)
}

async fn with_lock(tools: &Tools<'_>, open: OpenRetiring, verdict: &Verdict<'_>, _lock: &Lock) -> Settled {
    // Whoever had the lock may have settled it, or have been killed before the new token was kept: then the old one is
    // the connection's still.
    if !open.stands() || never_begun(tools, &open.retiring) {
        return Settled::Elsewhere;
    }
    let said = verdict.said.or(open.retiring.revoke);
    let settled = match still_there(tools, &open.retiring) {
        Ok(_) if said == Some(false) => Settled::LeftAlone,
        Ok((0, connections)) if connections.is_empty() => end(tools, &open.retiring, said, verdict).await,
        Ok((copies, connections)) => Settled::Waits { copies, connections },
        Err(error) => Settled::Failed(error),
    };
    forget(tools, open, settled)
}

/// In how many places the old token still is, by what is on record, and which connections have it as their own. An entry
/// that this version cannot read counts if it speaks of that token.
fn still_there(tools: &Tools<'_>, retiring: &Retiring) -> Result<(usize, Vec<ConnectionName>), Error> {
    let Some(old) = retiring.old() else { return Ok((0, Vec::new())) };
    let (mut count, mut connections) = (0, Vec::new());
    for record in tools.records.all()? {
        let Ok(connection) = record else { continue };
        let has_it =
            |value: &&serde_json::Value| match serde_json::from_value::<crate::model::Destination>((*value).clone()) {
                Ok(known) => known.of == Copied::Token && known.fingerprint.as_ref() == Some(old),
                Err(_) => value.to_string().contains(old.as_str()),
            };
        count += connection.destinations.iter().filter(has_it).count();
        if connection.token.as_ref().is_some_and(|token| token.fingerprint == *old) {
            connections.push(connection.name);
        }
    }
    Ok((count, connections))
}

/// Revokes it, unless it is dead or is to live.
async fn end(tools: &Tools<'_>, retiring: &Retiring, said: Option<bool>, verdict: &Verdict<'_>) -> Settled {
    let before = &retiring.before;
    let secret = match tools.secret_of(before) {
        Ok((secret, _)) => secret,
        Err(Error::Store { source, .. }) if matches!(*source, StoreError::NotFound) => return Settled::Lost,
        Err(error) => return Settled::Failed(error),
    };
    let is_dead = match tools.forge_of(before) {
        Ok(forge) => forge.is_dead(&secret).await,
        Err(error) => return Settled::Failed(error),
    };
    if is_dead.is_ok_and(|dead| dead) {
        return Settled::Dead;
    }
    let Some(old) = retiring.old() else { return Settled::Lost };
    let answer = match said {
        Some(_) => Answer::Yes,
        None => (verdict.ask)(&before.name, old),
    };
    match answer {
        Answer::Yes => {}
        Answer::No => return Settled::LeftAlone,
        Answer::CannotAsk => return Settled::Undecided,
    }
    match disconnect::kill(tools, before, &secret).await {
        Ok(()) => {
            fault::point("guided.revoked");
            tools.remember(&Happened::Revoked, before);
            Settled::Revoked
        }
        Err(Error::Forge { source, .. }) if matches!(source.kind, ForgeErrorKind::Unsupported { .. }) => {
            match source.kind {
                ForgeErrorKind::Unsupported { page } => Settled::ByHand { page },
                _ => Settled::ByHand { page: None },
            }
        }
        Err(error) => Settled::Failed(error),
    }
}

/// Removes the old secret and crosses the note out, where nothing is left to be done with them.
fn forget(tools: &Tools<'_>, open: OpenRetiring, settled: Settled) -> Settled {
    if matches!(settled, Settled::Undecided | Settled::Waits { .. } | Settled::Elsewhere | Settled::Failed(_)) {
        return settled;
    }
    let gone = Part::Token.of(&open.retiring.before).is_none_or(|resting| remove(tools, &resting));
    fault::point("guided.forgotten");
    if gone && let Err(error) = open.close() {
        return Settled::Failed(error.into());
    }
    settled
}

/// Removes a secret that no record names.
fn remove(tools: &Tools<'_>, resting: &Resting) -> bool {
    keep::is_named(tools, resting) || keep::remove_old(tools, resting)
}

/// Crosses out notes of rotations that were killed before the new token was kept: the record names the old one still.
/// Sends nothing; what is left to be revoked waits for [`super::settle_all`].
pub(in crate::workflow) fn tidy(tools: &Tools<'_>) -> Result<(), Error> {
    for open in tools.journal.retiring()? {
        let name = &open.retiring.before.name;
        let _lock = match tools.records.try_lock(name) {
            Ok(lock) => lock,
            Err(CatalogError::Busy { .. }) => continue,
            Err(e) => return Err(e.into()),
        };
        if open.stands() && never_begun(tools, &open.retiring) {
            open.close()?;
        }
    }
    Ok(())
}

/// Whether a record has the old token still, whatever it is called by now and wherever that was moved.
pub(in crate::workflow) fn never_begun(tools: &Tools<'_>, retiring: &Retiring) -> bool {
    let resting = Part::Token.of(&retiring.before);
    let has_it = |record: Connection| {
        record.token.is_some_and(|token| {
            resting.as_ref().is_some_and(|resting| token.secret == resting.secret)
                || (record.name == retiring.before.name && Some(&token.fingerprint) == retiring.old())
        })
    };
    tools.records.all().is_ok_and(|mut all| all.any(|record| record.is_ok_and(has_it)))
}
