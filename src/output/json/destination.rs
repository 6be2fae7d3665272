//! `connect destination`.

use jiff::Timestamp;
use serde::Serialize;

use super::super::failure::Failure;
use super::Problem;
use crate::model::{Connection, Copied, Destination};
use crate::workflow::destination::{Added, Followed, Listed, Made, Place, Pushed, Removed, state};

/// A place where a copy of a secret is.
#[derive(Debug, Serialize)]
pub struct DestinationEntry<'a> {
    kind: &'static str,
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'a str>,
    of: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    import: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<&'a str>,
    /// What names the place again, after `--to`; only in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
    /// `current`, `stale`, `never`; not there where the record was not at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    since: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<&'a str>,
    /// `verified`, `unverifiable`; only where it was just written.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem<'a>>,
}

impl<'a> DestinationEntry<'a> {
    /// A place as the record has it.
    pub fn of(destination: &'a Destination, connection: Option<&Connection>) -> Self {
        Self {
            kind: destination.kind.word(),
            target: &destination.target,
            name: destination.name.as_deref(),
            environment: destination.environment.as_deref(),
            of: if destination.of == Copied::Token { "token" } else { "webhook" },
            via: destination.via.as_ref().map(|via| via.as_str()),
            import: destination.import.as_deref(),
            fingerprint: destination.fingerprint.as_ref().map(|fingerprint| fingerprint.as_str()),
            to: None,
            state: connection.map(|connection| state(destination, connection).word()),
            since: destination.since,
            trouble: destination.trouble.as_deref(),
            result: None,
            error: None,
        }
    }

    /// A place that was just written to, and what became of it.
    pub fn pushed(pushed: &'a Pushed, failure: Option<&'a Failure>) -> Self {
        let result = pushed.outcome.as_ref().ok().map(|followed| word(*followed));
        Self { result, error: failure.map(Problem::of), ..Self::of(&pushed.destination, None) }
    }
}

const fn word(followed: Followed) -> &'static str {
    match followed {
        Followed::Verified => "verified",
        Followed::Unverifiable => "unverifiable",
    }
}

/// `destination list`, `destination push`.
#[derive(Debug, Serialize)]
pub struct Destinations<'a> {
    connections: Vec<Entry<'a>>,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    destinations: Vec<DestinationEntry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem<'a>>,
}

fn unread<'a>(damaged: &'a [Failure]) -> impl Iterator<Item = Entry<'a>> {
    damaged.iter().map(|failure| Entry { name: None, destinations: Vec::new(), error: Some(Problem::of(failure)) })
}

impl<'a> Destinations<'a> {
    /// The form in which the lists are told to programs.
    pub fn of(listed: &'a [Listed], damaged: &'a [Failure]) -> Self {
        let entry = |listed: &'a Listed| {
            let one = |place: &'a Place| DestinationEntry {
                to: Some(&place.to),
                ..DestinationEntry::of(&place.destination, Some(&listed.connection))
            };
            let destinations = listed.places.iter().map(one).collect();
            Entry { name: Some(listed.connection.name.as_str()), destinations, error: None }
        };
        Self { connections: listed.iter().map(entry).chain(unread(damaged)).collect() }
    }
}

/// `destination push`: the same form, with what became of each.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct DestinationsPushed<'a>(Destinations<'a>);

impl<'a> DestinationsPushed<'a> {
    /// The form in which it is told to programs.
    pub fn of(pushed: &'a [Pushed], failures: &'a [Option<Failure>], damaged: &'a [Failure]) -> Self {
        let mut connections: Vec<Entry<'a>> = Vec::new();
        for (one, failure) in pushed.iter().zip(failures) {
            let (name, entry) = (one.connection.as_str(), DestinationEntry::pushed(one, failure.as_ref()));
            match connections.last_mut().filter(|last| last.name == Some(name)) {
                Some(last) => last.destinations.push(entry),
                None => connections.push(Entry { name: Some(name), destinations: vec![entry], error: None }),
            }
        }
        connections.extend(unread(damaged));
        Self(Destinations { connections })
    }
}

/// `destination add`.
#[derive(Debug, Serialize)]
pub struct DestinationAdded<'a> {
    name: &'a str,
    /// Whether it was on the list before.
    known: bool,
    /// What came into being with it, and who gets it; `null` where the place had one before.
    made: Option<MadeAnew<'a>>,
    destination: DestinationEntry<'a>,
}

/// What came into being where there was nothing of that name.
#[derive(Debug, Serialize)]
struct MadeAnew<'a> {
    /// `protected`: jobs of protected branches and tags alone; `private`: an organisation's private repositories.
    r#for: &'static str,
    /// Where that is changed.
    page: &'a str,
}

impl<'a> MadeAnew<'a> {
    fn of(made: &'a Made) -> Self {
        match made {
            Made::Variable { page } => Self { r#for: "protected", page },
            Made::OrganisationSecret { page } => Self { r#for: "private", page },
        }
    }
}

impl<'a> DestinationAdded<'a> {
    /// The form in which it is told to programs.
    pub fn of(added: &'a Added, failure: Option<&'a Failure>) -> Self {
        let result = added.outcome.as_ref().and_then(|outcome| outcome.as_ref().ok());
        let entry = DestinationEntry::of(&added.destination, Some(&added.connection));
        let result = result.map(|followed| word(*followed));
        let destination = DestinationEntry { result, error: failure.map(Problem::of), ..entry };
        let made = added.made.as_ref().map(MadeAnew::of);
        Self { name: added.connection.name.as_str(), known: added.known, made, destination }
    }
}

/// `destination remove`.
#[derive(Debug, Serialize)]
pub struct DestinationRemoved<'a> {
    name: &'a str,
    destination: DestinationEntry<'a>,
    /// Whether the copy was taken away, too; `null` where it was left.
    deleted: Option<bool>,
}

impl<'a> DestinationRemoved<'a> {
    /// The form in which it is told to programs.
    pub fn of(removed: &'a Removed) -> Self {
        let destination = DestinationEntry::of(&removed.destination, None);
        Self { name: removed.connection.name.as_str(), destination, deleted: removed.deleted }
    }
}
