//! Rotation with a person in it: where the forge cannot be asked for a new token, somebody makes one on its page, and
//! connect takes it over.
//!
//! That is so at GitHub, always, and at GitLab for a token that is expired or revoked, or that lacks the scope. The new
//! one is checked before anything is touched: it has to be another token, of the same account, that may do at least as
//! much. Then it is kept, by the same steps as a token that is connected; every copy follows; and only when none is left
//! behind is the old one revoked and seen to be dead.
//!
//! Revoking needs the old token. So a note in the journal ([`Retiring`]) names its secret before the new one is kept, and
//! the secret stays until it is settled what becomes of it. Killed before the note: nothing has happened. Before the
//! record is swapped: the record has the old token, and the next run crosses the note out. After that:
//! `rotate --resume` pushes and revokes, and says truthfully where somebody has to do it by hand.

mod error;
mod less;
mod page;
mod reach;
mod settle;

pub use error::GuidedError;
pub use page::page;
pub use settle::{Settled, Verdict};
pub(in crate::workflow) use settle::{never_begun, tidy};

use crate::catalog::{Part, Retiring};
use crate::forge::{Depth, Forge, ForgeErrorKind};
use crate::model::shape;
use crate::model::{
    Account, AccountKind, Connection, ConnectionName, Fingerprint, Inspection, Secret, StoreKind, TokenRecord,
};
use crate::workflow::destination::{Pushed, Which, push};
use crate::workflow::keep::{self, Change};
use crate::workflow::remember::Happened;
use crate::workflow::rotate::RotationError;
use crate::workflow::tools::host_of;
use crate::workflow::{Error, Event, Tools, fault};

/// What the user has decided beforehand.
pub struct Policy<'a> {
    /// `--allow-less`: a token that may do less is taken all the same.
    pub allow_less: bool,
    /// Whether the copies are brought along; without it they stay stale.
    pub push: bool,
    /// Whether the old token is to be revoked.
    pub revoke: Verdict<'a>,
}

/// A token that was taken over.
#[derive(Debug)]
pub struct TakenOver {
    /// The connection with the new token, and with what became of the copies.
    pub connection: Connection,
    /// Which token it had before.
    pub old: Fingerprint,
    /// The places that were written to.
    pub pushed: Vec<Pushed>,
    /// Why the places could not be gone through; nothing where they were.
    pub not_pushed: Option<Error>,
    /// What became of the old token.
    pub settled: Settled,
    /// What could not be compared of the two tokens, a sentence each.
    pub unsure: Vec<String>,
    /// What the new token may not do that the old one could, where that was agreed to.
    pub less: Vec<String>,
}

/// Takes over a token that a person has made in place of a connection's.
///
/// # Errors
/// [`GuidedError`] for a token that does not fit, or what the forge and the stores said; everything is then as it was.
/// Once the new token is kept nothing is an error any more: what did not work is in [`TakenOver`].
pub async fn take_over(
    tools: &Tools<'_>,
    name: &ConnectionName,
    new: Secret,
    policy: &Policy<'_>,
) -> Result<TakenOver, Error> {
    keep::tidy(tools)?;
    let seen = tools.record(name)?;
    let old = rotatable(&seen)?.fingerprint.clone();
    if new.fingerprint() == old {
        return Err(GuidedError::SameToken { connection: name.clone() }.into());
    }
    let said = check(tools, &seen, &new).await?;
    same_account(&seen, &said)?;
    let forge = tools.forge_of(&seen)?;
    let compared = compare(tools, &forge, &seen, less::Seen { secret: &new, said: &said }).await?;
    if !compared.lost.is_empty() && !policy.allow_less {
        return Err(GuidedError::MayLess { connection: name.clone(), lost: compared.lost }.into());
    }
    let (connection, open) = exchange(tools, &seen, &new, &said, policy.revoke.said)?;
    let (pushed, not_pushed) = if policy.push && !connection.destinations.is_empty() {
        match push(tools, name, Which::Stale).await {
            Ok(pushed) => (pushed, None),
            Err(error) => (Vec::new(), Some(error)),
        }
    } else {
        (Vec::new(), None)
    };
    fault::point("guided.pushed");
    let settled = settle::settle(tools, open, &policy.revoke).await;
    let connection = tools.records.find(name).ok().flatten().unwrap_or(connection);
    Ok(TakenOver { connection, old, pushed, not_pushed, settled, unsure: compared.unsure, less: compared.lost })
}

/// Goes on with what earlier runs left: the copies that did not follow are pushed, and old tokens are revoked where that
/// was decided then, or is now.
///
/// # Errors
/// When the journal cannot be read; what goes wrong with one token is in its [`Settled`].
pub async fn settle_all(tools: &Tools<'_>, verdict: &Verdict<'_>) -> Result<Vec<(Retiring, Settled)>, Error> {
    keep::tidy(tools)?;
    let mut done = Vec::new();
    for open in tools.journal.retiring()? {
        let retiring = open.retiring.clone();
        if let Some(record) = successor_of(tools, &retiring)
            && !record.stale_destinations().is_empty()
        {
            // Why a place did not follow is in the record; here it counts that it did not.
            drop(push(tools, &record.name, Which::Stale).await);
        }
        done.push((retiring, settle::settle(tools, open, verdict).await));
    }
    Ok(done)
}

/// The record that has the new token by now, whatever it is called. Others that do not read are no matter of this one.
fn successor_of(tools: &Tools<'_>, retiring: &Retiring) -> Option<Connection> {
    let has_it =
        |record: &Connection| record.token.as_ref().is_some_and(|token| token.fingerprint == retiring.successor);
    let same_name = tools.records.find(&retiring.before.name).ok().flatten();
    same_name.or_else(|| tools.records.all().ok()?.filter_map(Result::ok).find(has_it))
}

/// Goes on with the old tokens of which it was decided what is to become of them, and with which no process is at work:
/// those that nothing has any more are revoked, or left alone. No copy is pushed, and nobody is asked.
///
/// # Errors
/// When the journal cannot be read.
pub async fn settle_decided(tools: &Tools<'_>) -> Result<Vec<(Retiring, Settled)>, Error> {
    let mut done = Vec::new();
    for open in tools.journal.retiring()? {
        let retiring = open.retiring.clone();
        if let Some(settled) = settle::settle_decided(tools, open).await {
            done.push((retiring, settled));
        }
    }
    Ok(done)
}

/// The old tokens of a connection that still work, for all that is known. With `revoke` they are revoked first, as far as
/// that goes. The connection's lock is not held.
///
/// # Errors
/// When the journal cannot be read.
pub(in crate::workflow) async fn old_tokens(
    tools: &Tools<'_>,
    connection: &Connection,
    revoke: bool,
) -> Result<Vec<Fingerprint>, Error> {
    let present = connection.token.as_ref().map(|token| &token.fingerprint);
    let is_its = |retiring: &Retiring| retiring.before.name == connection.name || Some(&retiring.successor) == present;
    let mut living = Vec::new();
    for open in tools.journal.retiring()?.into_iter().filter(|open| is_its(&open.retiring)) {
        let old = open.retiring.old().cloned();
        let nobody = |_: &ConnectionName, _: &Fingerprint| crate::workflow::connect::Answer::CannotAsk;
        let verdict = Verdict { said: Some(true), ask: &nobody };
        let dead = revoke
            && matches!(
                settle::settle(tools, open, &verdict).await,
                Settled::Revoked | Settled::Dead | Settled::Elsewhere
            );
        living.extend(old.filter(|_| !dead));
    }
    Ok(living)
}

/// The token that is to be replaced.
fn rotatable(connection: &Connection) -> Result<&TokenRecord, Error> {
    let name = connection.name.clone();
    let Some(token) = &connection.token else { return Err(Error::NoToken { connection: name }) };
    if token.kept_in == StoreKind::Env {
        return Err(RotationError::Variable { connection: name }.into());
    }
    Ok(token)
}

/// Asks the forge about the new token, as for one that is connected.
async fn check(tools: &Tools<'_>, connection: &Connection, new: &Secret) -> Result<Inspection, Error> {
    let host = host_of(connection)?;
    if let Some(warning) = shape::warning(host.kind(), new) {
        tools.say(Event::OddShape(warning));
    }
    let forge = tools.forge_of(connection)?;
    if !host.is_vendors_own() {
        tools.say(Event::Looking { host: host.to_string() });
        forge.look().await.map_err(Error::of_forge(Some(&host), Some(&connection.name)))?;
    }
    tools.say(Event::Checking { host: host.to_string() });
    forge.inspect(new, Depth::Full).await.map_err(Error::of_forge(Some(&host), Some(&connection.name)))
}

/// Refuses another account's token. Each token of a GitLab project or group acts as a bot of its own: of these the
/// project or group counts, which is in the bot's name.
fn same_account(connection: &Connection, said: &Inspection) -> Result<(), Error> {
    let Some(theirs) = &connection.account else { return Ok(()) };
    let same = said.account.as_ref().is_some_and(|ours| match (theirs.id, ours.id) {
        (Some(theirs), Some(ours)) if theirs == ours => true,
        (Some(_), Some(_)) => bot_of(theirs).is_some_and(|owner| bot_of(ours) == Some(owner)),
        _ => theirs.login == ours.login,
    });
    if same {
        return Ok(());
    }
    let ours = said.account.as_ref().map_or("an account that it may not name", |account| &account.login);
    let printable = |login: &str| crate::model::text::printable(login, 60);
    Err(GuidedError::OtherAccount {
        connection: connection.name.clone(),
        theirs: printable(&theirs.login),
        ours: printable(ours),
    }
    .into())
}

/// GitLab docs, "Project access tokens", "Bot users for projects": `project_PROJECT-ID_bot_RANDOM`, of groups alike.
fn bot_of(account: &Account) -> Option<&str> {
    let (owner, _) = account.login.split_once("_bot")?;
    let number = owner.strip_prefix("project_").or_else(|| owner.strip_prefix("group_"))?;
    (account.kind != AccountKind::User && number.bytes().all(|b| b.is_ascii_digit())).then_some(owner)
}

/// Compares the two tokens. An old one that no longer answers, or is no longer in its store, keeps nobody from replacing
/// it; a forge that cannot be reached does.
async fn compare(
    tools: &Tools<'_>,
    forge: &Forge,
    connection: &Connection,
    new: less::Seen<'_>,
) -> Result<less::Compared, Error> {
    let Ok((secret, _)) = tools.secret_of(connection) else {
        return less::compare(tools, forge, connection, None, new).await;
    };
    let old = match forge.inspect(&secret, Depth::Brief).await {
        Ok(said) => Some(said),
        Err(error) if error.is_about_token() || error.kind.says_dead() => None,
        Err(error) if matches!(error.kind, ForgeErrorKind::InvalidRequest) => None,
        Err(error) => return Err(Error::of_forge(connection.host().ok().as_ref(), Some(&connection.name))(error)),
    };
    let old = old.as_ref().map(|said| less::Seen { secret: &secret, said });
    less::compare(tools, forge, connection, old, new).await
}

/// Keeps the new token in place of the old one, whose secret stays, named by a note in the journal.
fn exchange(
    tools: &Tools<'_>,
    seen: &Connection,
    new: &Secret,
    said: &Inspection,
    revoke: Option<bool>,
) -> Result<(Connection, crate::catalog::OpenRetiring), Error> {
    let name = &seen.name;
    let lock = tools.lock(name)?;
    let current = tools.record(name)?;
    let before = rotatable(&current)?;
    let old = before.fingerprint.clone();
    if seen.token.as_ref().is_none_or(|token| token.fingerprint != old) || seen.url != current.url {
        return Err(Error::ChangedMeanwhile { connection: name.clone() });
    }
    let connection = Connection {
        account: said.account.clone().or_else(|| current.account.clone()),
        server_version: said.server_version.clone().or_else(|| current.server_version.clone()),
        token: Some(token_of(tools, before, new, said)),
        ..current.clone()
    };
    let open = tools.journal.retire(Retiring::new(&current, new.fingerprint(), revoke, tools.clock.now()))?;
    fault::point("guided.noted");
    let change = Change { part: Part::Token, secret: new, old: None, happened: Happened::Rotated { old } };
    match keep::swap(tools, connection, change, &lock) {
        Ok(connection) => {
            fault::point("guided.kept");
            Ok((connection, open))
        }
        Err(error) => {
            if never_begun(tools, &open.retiring) {
                open.close()?;
            }
            Err(error)
        }
    }
}

/// What is remembered of the new token; its id in the store is filled in when it is kept.
fn token_of(tools: &Tools<'_>, before: &TokenRecord, new: &Secret, said: &Inspection) -> TokenRecord {
    TokenRecord {
        kind: said.kind.clone(),
        fingerprint: new.fingerprint(),
        bound: None,
        scopes: said.scopes.clone(),
        expires_at: said.expires_at,
        secret: before.secret.clone(),
        kept_in: before.kept_in,
        checked_at: tools.clock.now(),
        account_checked_at: said.account.is_some().then(|| tools.clock.now()),
        etag: said.etag.clone(),
        refused_at: None,
        health: said.health,
        label: said.label.clone(),
        id: said.token_id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(login: &str, kind: AccountKind) -> Account {
        Account { login: login.to_owned(), id: Some(1), kind }
    }

    #[test]
    fn bots_are_known_by_what_they_belong_to() {
        for (login, kind, owner) in [
            ("project_12_bot_0a1b", AccountKind::Bot, Some("project_12")),
            ("project_12_bot", AccountKind::Unknown, Some("project_12")),
            ("group_7_bot_ff", AccountKind::Bot, Some("group_7")),
            ("project_12_bot_0a1b", AccountKind::User, None),
            ("project_x_bot", AccountKind::Bot, None),
            ("octocat", AccountKind::User, None),
        ] {
            assert_eq!(bot_of(&account(login, kind)), owner, "{login}");
        }
    }
}
