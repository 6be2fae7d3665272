//! `connect history --rotated-since`.

use jiff::Timestamp;
use serde::Serialize;

use super::super::failure::Failure;
use super::{Problem, VerifiedHistory};
use crate::model::Connection;
use crate::workflow::{self, Rotation};

/// Which tokens came since a moment.
#[derive(Debug, Serialize)]
pub struct RotatedSince<'a> {
    since: Timestamp,
    /// Whether all of them did.
    rotated: bool,
    connections: Vec<Entry<'a>>,
    /// How the chain of the history was found, with `--verify`.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<VerifiedHistory>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Entry<'a> {
    Read(Box<Read<'a>>),
    Unread { error: Problem<'a> },
}

#[derive(Debug, Serialize)]
struct Read<'a> {
    name: &'a str,
    forge: &'static str,
    host: String,
    account: Option<&'a str>,
    fingerprint: Option<&'a str>,
    expires_at: Option<Timestamp>,
    rotated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_fingerprint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<&'a str>,
    followed: Vec<Place<'a>>,
    stale: Vec<Place<'a>>,
}

#[derive(Debug, Serialize)]
struct Place<'a> {
    kind: &'a str,
    target: &'a str,
    at: Timestamp,
}

impl<'a> RotatedSince<'a> {
    /// The form in which it is told to programs.
    pub fn of(found: &'a workflow::Rotations, damaged: &'a [Failure]) -> Self {
        let unread = damaged.iter().map(|failure| Entry::Unread { error: Problem::of(failure) });
        Self {
            since: found.since,
            rotated: damaged.is_empty() && found.connections.iter().all(|one| one.rotated.is_some()),
            connections: found.connections.iter().map(|one| Entry::Read(Box::new(read(one)))).chain(unread).collect(),
            verified: found.read.verified.as_ref().map(VerifiedHistory::of),
        }
    }
}

fn read(one: &Rotation) -> Read<'_> {
    let (connection, arrival) = (&one.connection, one.rotated.as_ref());
    let token = connection.token.as_ref();
    Read {
        name: connection.name.as_str(),
        forge: connection.forge.word(),
        host: host(connection),
        account: connection.account.as_ref().map(|account| account.login.as_str()),
        fingerprint: token.map(|token| token.fingerprint.as_str()),
        expires_at: connection.expires_at(),
        rotated: arrival.is_some(),
        at: arrival.map(|arrival| arrival.at),
        event: arrival.map(|arrival| arrival.event.as_str()),
        old_fingerprint: arrival.and_then(|arrival| arrival.old.as_deref()),
        user: arrival.map(|arrival| arrival.user.as_str()),
        machine: arrival.map(|arrival| arrival.machine.as_str()),
        followed: arrival
            .iter()
            .flat_map(|arrival| &arrival.followed)
            .map(|place| Place { kind: &place.kind, target: &place.target, at: place.at })
            .collect(),
        stale: one
            .stale
            .iter()
            .map(|copy| Place { kind: copy.kind.word(), target: &copy.target, at: copy.since })
            .collect(),
    }
}

fn host(connection: &Connection) -> String {
    connection.host().map_or_else(|_| connection.url.clone(), |host| host.to_string())
}
