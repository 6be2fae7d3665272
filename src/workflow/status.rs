//! Status: every forge is asked how its tokens are, many at once; what is learnt goes into the records.

use std::collections::HashMap;
use std::path::PathBuf;

use tokio::task::JoinSet;

use crate::forge::{Depth, Forge, ForgeError, ForgeErrorKind, Transport};
use crate::model::{Connection, Fingerprint, ForgeKind, Health, Inspection, Secret, TokenKind};

use super::tools::host_of;
use super::{Error, Event, Tools};

/// One connection, and what its forge said.
#[derive(Debug)]
pub struct Checked {
    /// The record, with what was learnt.
    pub connection: Connection,
    /// What was said, or what went wrong.
    pub outcome: Result<Inspection, Error>,
}

/// What a forge said, and of which token: a variable may hold another by now.
type Said = (Inspection, Fingerprint);

/// Asks the forges of these connections, in parallel, as far as each host takes it (the transport sees to
/// that). The answer has the order of the question.
///
/// # Errors
/// Never as a whole: each connection has its own outcome.
pub async fn status(tools: &Tools<'_>, connections: Vec<Connection>) -> Vec<Checked> {
    let mut transports = HashMap::new();
    let mut asking = JoinSet::new();
    let mut outcomes: Vec<Option<Result<Said, Error>>> = connections.iter().map(|_| None).collect();
    for (index, connection) in connections.iter().enumerate() {
        match prepare(tools, connection, &mut transports) {
            Err(e) => {
                if let Some(slot) = outcomes.get_mut(index) {
                    *slot = Some(Err(e));
                }
            }
            Ok((forge, secret)) => {
                let oauth = connection.token.as_ref().is_some_and(|token| token.kind == TokenKind::Oauth);
                let fingerprint = secret.fingerprint();
                asking.spawn(async move {
                    let said = if oauth && forge.host().kind() == ForgeKind::GitLab {
                        forge.inspect_oauth(&secret, Depth::Brief).await
                    } else {
                        forge.inspect(&secret, Depth::Brief).await
                    };
                    (index, said.map(|said| (said, fingerprint)))
                });
            }
        }
    }
    let of = connections.len();
    let mut done = outcomes.iter().flatten().count();
    while let Some(finished) = asking.join_next().await {
        let (index, outcome) = match finished {
            Ok(finished) => finished,
            Err(e) if e.is_panic() => std::panic::resume_unwind(e.into_panic()),
            Err(_) => continue,
        };
        done += 1;
        tools.say(Event::Progress { done, of });
        let connection = connections.get(index);
        let host = connection.and_then(|connection| connection.host().ok());
        if let Some(slot) = outcomes.get_mut(index) {
            *slot = Some(outcome.map_err(Error::of_forge(host.as_ref(), connection.map(|c| &c.name))));
        }
    }
    connections
        .into_iter()
        .zip(outcomes)
        .map(|(connection, outcome)| learn(tools, connection, outcome.unwrap_or(Err(Error::Interrupted))))
        .collect()
}

/// What a check needs: the forge, by way of a transport that connections with the same certificates
/// share, and the secret.
fn prepare(
    tools: &Tools<'_>,
    connection: &Connection,
    transports: &mut HashMap<Option<PathBuf>, Transport>,
) -> Result<(Forge, Secret), Error> {
    let (secret, _) = tools.secret_of(connection)?;
    let host = host_of(connection)?;
    let transport = match transports.get(&connection.ca_cert) {
        Some(transport) => transport.clone(),
        None => {
            let transport = tools.transport(connection.ca_cert.as_deref())?;
            transports.insert(connection.ca_cert.clone(), transport.clone());
            transport
        }
    };
    Ok((Forge::new(&host, &transport), secret))
}

/// Writes what was learnt into the record, if it still speaks of the same token. A record that
/// cannot be written now is written next time.
fn learn(tools: &Tools<'_>, connection: Connection, said: Result<Said, Error>) -> Checked {
    let fingerprint = said.as_ref().ok().map(|(_, fingerprint)| fingerprint.clone());
    let outcome = said.map(|(inspection, _)| inspection);
    let health = match &outcome {
        Ok(inspection) => Some(inspection.health),
        Err(Error::Forge { source, .. }) => health_by(source),
        Err(_) => None,
    };
    if let Some((theirs, ours)) = another_account(&connection, outcome.as_ref().ok()) {
        let outcome = Err(Error::OtherAccount { connection: connection.name.clone(), theirs, ours });
        return Checked { connection, outcome };
    }
    let Some(health) = health else { return Checked { connection, outcome } };
    let mut updated = connection.clone();
    note(&mut updated, health, outcome.as_ref().ok(), tools.clock.now());
    if let (Some(token), Some(fingerprint)) = (updated.token.as_mut(), fingerprint) {
        token.fingerprint = fingerprint;
    }
    if let Ok(lock) = tools.records.try_lock(&connection.name)
        && tools.records.find(&connection.name).is_ok_and(|now| now.as_ref() == Some(&connection))
    {
        let _ = tools.records.save(&updated, &lock);
    }
    Checked { connection: updated, outcome }
}

/// The two logins, when the token is another account's than the record says: a variable was given another's
/// token. A renamed account keeps its number.
fn another_account(connection: &Connection, said: Option<&Inspection>) -> Option<(String, String)> {
    let (before, now) = (connection.account.as_ref()?, said?.account.as_ref()?);
    let differ = before.id.zip(now.id).is_some_and(|(before, now)| before != now);
    differ.then(|| (before.login.clone(), now.login.clone()))
}

fn note(connection: &mut Connection, health: Health, said: Option<&Inspection>, now: jiff::Timestamp) {
    let Some(token) = connection.token.as_mut() else { return };
    token.health = health;
    token.checked_at = now;
    let Some(said) = said else { return };
    token.expires_at = said.expires_at;
    token.scopes.clone_from(&said.scopes);
    if said.server_version.is_some() {
        connection.server_version.clone_from(&said.server_version);
    }
    if said.account.is_some() {
        connection.account.clone_from(&said.account);
    }
}

/// What an error says of the token; nothing when it says nothing of it.
const fn health_by(error: &ForgeError) -> Option<Health> {
    match error.kind {
        ForgeErrorKind::Expired => Some(Health::Expired),
        ForgeErrorKind::Revoked => Some(Health::Revoked),
        ForgeErrorKind::BadCredentials | ForgeErrorKind::UnknownToken => Some(Health::Unknown),
        _ if error.kind.says_not_allowed() => Some(Health::Blocked),
        _ => None,
    }
}
