//! What an answer teaches about a token, written into its record: health, end, scopes, the login.
//!
//! Every command that asks a forge ends here, so that `list` and the warnings know the latest without
//! asking. A record that somebody else is changing, or that speaks of another token by now, is left alone:
//! nothing here is worth a wait, and the next answer brings it again.

use jiff::{SignedDuration, Timestamp};

use crate::catalog::Records;
use crate::files::Lock;
use crate::forge::{ForgeError, ForgeErrorKind};
use crate::model::{Account, Connection, Fingerprint, Health, Inspection, Secret, TokenKind};

use super::{Error, Tools};

/// How exactly a record tells when its forge was last asked, where nothing else has changed.
const CHECKED_FRESH: SignedDuration = SignedDuration::from_hours(1);

/// One answer about one connection's token.
#[derive(Debug)]
pub(super) struct Lesson {
    /// The record as it was when the question was asked.
    pub connection: Connection,
    /// Of which token: a variable may hold another by now.
    pub fingerprint: Option<Fingerprint>,
    /// What was said, or why nothing was.
    pub outcome: Result<Inspection, Error>,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Learnt {
    /// The record, with what was learnt.
    pub connection: Connection,
    /// The answer.
    pub outcome: Result<Inspection, Error>,
    /// The login that the account had before.
    pub renamed_from: Option<String>,
    /// When a server had refused the token, if it had before this answer.
    pub refused_at: Option<Timestamp>,
}

/// Writes down what several answers teach, at once: one record after the other would wait for the disk each time.
pub(super) fn all(records: &Records, lessons: Vec<Lesson>, now: Timestamp) -> Vec<Learnt> {
    let mut changes = Vec::with_capacity(lessons.len());
    let mut learnt = Vec::with_capacity(lessons.len());
    for lesson in lessons {
        let before = lesson.connection.clone();
        let one = apply(lesson, now);
        if is_news(&before, &one.connection) {
            changes.push((before, one.connection.clone()));
        }
        learnt.push(one);
    }
    // What cannot be written now is learnt again next time.
    let _ = records.revise(&changes);
    learnt
}

/// Whether there is more to write down than that the forge was asked once more a short while later: a thousand
/// records need not be written anew each time.
fn is_news(before: &Connection, after: &Connection) -> bool {
    let mut after = after.clone();
    if let (Some(now), Some(then)) = (after.token.as_mut(), before.token.as_ref()) {
        if soon_after(then.checked_at, now.checked_at) {
            now.checked_at = then.checked_at;
        }
        if let (Some(at), Some(earlier)) = (now.account_checked_at, then.account_checked_at)
            && soon_after(earlier, at)
        {
            now.account_checked_at = Some(earlier);
        }
    }
    after != *before
}

fn soon_after(earlier: Timestamp, later: Timestamp) -> bool {
    let between = later.duration_since(earlier);
    !between.is_negative() && between < CHECKED_FRESH
}

/// As [`all`], for one answer about a token that was just used.
pub(super) fn one(
    tools: &Tools<'_>,
    connection: Connection,
    secret: &Secret,
    outcome: Result<Inspection, Error>,
) -> (Connection, Result<Inspection, Error>) {
    let before = connection.clone();
    let lesson = Lesson { connection, fingerprint: Some(secret.fingerprint()), outcome };
    match all(&tools.records, vec![lesson], tools.clock.now()).pop() {
        Some(learnt) => (learnt.connection, learnt.outcome),
        None => (before, Err(Error::Interrupted)),
    }
}

/// As [`one`], for a record whose lock the caller has. What is learnt of a token that works is not written down here: the
/// caller goes on to write the record anyway, or the next answer brings it again.
pub(super) fn with_lock(
    tools: &Tools<'_>,
    connection: Connection,
    secret: &Secret,
    outcome: Result<Inspection, Error>,
    lock: &Lock,
) -> (Connection, Result<Inspection, Error>) {
    let before = connection.clone();
    let lesson = Lesson { connection, fingerprint: Some(secret.fingerprint()), outcome };
    let learnt = apply(lesson, tools.clock.now());
    if learnt.outcome.is_err() && is_news(&before, &learnt.connection) {
        // What cannot be written now is learnt again next time.
        let _ = tools.records.save(&learnt.connection, lock);
    }
    (learnt.connection, learnt.outcome)
}

fn apply(lesson: Lesson, now: Timestamp) -> Learnt {
    let Lesson { mut connection, fingerprint, outcome } = lesson;
    let refused_at = connection.token.as_ref().and_then(|token| token.refused_at);
    if let Some((theirs, ours)) = another_account(&connection, outcome.as_ref().ok()) {
        let outcome = Err(Error::OtherAccount { connection: connection.name.clone(), theirs, ours });
        return Learnt { connection, outcome, renamed_from: None, refused_at };
    }
    let health = match &outcome {
        Ok(inspection) => Some(inspection.health),
        Err(Error::Forge { source, .. }) => health_by(source),
        Err(_) => None,
    };
    let before = connection.account.as_ref().map(|account| account.login.clone());
    if let Some(health) = health {
        if let Some(fingerprint) = fingerprint {
            turn_to(&mut connection, fingerprint, outcome.as_ref().ok());
        }
        note(&mut connection, health, outcome.as_ref().ok(), now);
    }
    let after = connection.account.as_ref().map(|account| &account.login);
    let renamed_from = before.filter(|before| after.is_some_and(|after| after != before));
    Learnt { connection, outcome, renamed_from, refused_at }
}

/// The two logins, when the token is another account's than the record says: a variable was given another's
/// token. A renamed account keeps its number.
fn another_account(connection: &Connection, said: Option<&Inspection>) -> Option<(String, String)> {
    let (before, now) = (connection.account.as_ref()?, said?.account.as_ref()?);
    let differ = before.id.zip(now.id).is_some_and(|(before, now)| before != now);
    differ.then(|| (before.login.clone(), now.login.clone()))
}

/// A variable that holds another token by now: what is known of the one before is not true of it.
fn turn_to(connection: &mut Connection, fingerprint: Fingerprint, said: Option<&Inspection>) {
    let Some(token) = connection.token.as_mut().filter(|token| token.fingerprint != fingerprint) else { return };
    token.fingerprint = fingerprint;
    token.kind = said.map_or(TokenKind::Unknown, |said| said.kind.clone());
    token.label = said.and_then(|said| said.label.clone());
    token.id = said.and_then(|said| said.token_id);
    token.refused_at = None;
    (token.scopes, token.expires_at, token.etag) = (None, None, None);
}

fn note(connection: &mut Connection, health: Health, said: Option<&Inspection>, now: Timestamp) {
    let Some(token) = connection.token.as_mut() else { return };
    token.health = health;
    token.checked_at = now;
    // What the forge takes now, it has not refused for good.
    if said.is_some() {
        token.refused_at = None;
    }
    let Some(said) = said else {
        token.etag = None;
        return;
    };
    // An answer that nothing has changed may leave out what has not; and an end that was not told, or not so that
    // it can be read, has not gone away.
    let whole = !said.unchanged && said.health != Health::Limited;
    if whole || said.expires_at.is_some() {
        token.expires_at = said.expires_at;
    }
    if whole || said.scopes.is_some() {
        token.scopes.clone_from(&said.scopes);
    }
    // GitLab before 16.10 rotates by number.
    token.id = token.id.or(said.token_id);
    if !said.unchanged || said.etag.is_some() {
        token.etag.clone_from(&said.etag);
    }
    if said.server_version.is_some() {
        connection.server_version.clone_from(&said.server_version);
    }
    if let Some(account) = &said.account {
        // Without the number a renamed account could not be told from another one.
        let id = account.id.or(connection.account.as_ref().and_then(|account| account.id));
        connection.account = Some(Account { id, ..account.clone() });
        token.account_checked_at = Some(now);
    }
}

/// What an error says of the token; nothing when it says nothing of it.
pub(super) const fn health_by(error: &ForgeError) -> Option<Health> {
    match error.kind {
        ForgeErrorKind::Expired => Some(Health::Expired),
        ForgeErrorKind::Revoked => Some(Health::Revoked),
        ForgeErrorKind::BadCredentials | ForgeErrorKind::UnknownToken => Some(Health::Unknown),
        _ if error.kind.says_not_allowed() => Some(Health::Blocked),
        _ => None,
    }
}
