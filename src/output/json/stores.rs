//! `connect store`.

use serde::Serialize;

use crate::model::StoreKind;
use crate::store::{AgeKey, Protection, SystemKeyring};
use crate::workflow::credential::MovedLogins;
use crate::workflow::{Move, Moved, StoreShown};

use super::super::failure::Failure;
use super::super::human::DefaultStore;
use super::Problem;

/// `store show`.
#[derive(Debug, Serialize)]
pub struct Stores<'a> {
    default: Default<'a>,
    stores: Vec<Shown<'a>>,
    /// Records that do not read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    damaged: Vec<Problem<'a>>,
}

#[derive(Debug, Serialize)]
struct Default<'a> {
    store: &'static str,
    source: &'a str,
}

#[derive(Debug, Serialize)]
struct Shown<'a> {
    store: &'static str,
    usable: bool,
    place: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    protection: Option<Protected>,
    holds: Vec<Held<'a>>,
    /// Logins of git's that belong to no connection.
    #[serde(skip_serializing_if = "is_zero")]
    logins: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem<'a>>,
}

#[derive(Debug, Serialize)]
struct Protected {
    by: &'static str,
    /// The age identity's file.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipients: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Held<'a> {
    connection: &'a str,
    secret: &'static str,
}

impl<'a> Stores<'a> {
    /// The form in which the stores are told to programs.
    pub fn of(
        default: &DefaultStore,
        stores: &'a [StoreShown],
        problems: &'a [Option<Failure>],
        damaged: &'a [Failure],
    ) -> Self {
        let shown = |(store, problem): (&'a StoreShown, &'a Option<Failure>)| Shown {
            store: store.kind.word(),
            usable: problem.is_none(),
            place: &store.place,
            protection: store.protection.as_ref().map(protected),
            holds: store
                .holds
                .iter()
                .map(|(name, part)| Held { connection: name.as_str(), secret: part.word() })
                .collect(),
            logins: store.logins,
            error: problem.as_ref().map(Problem::of),
        };
        Self {
            default: Default { store: default.store.word(), source: default.why },
            stores: stores.iter().zip(problems).map(shown).collect(),
            damaged: damaged.iter().map(Problem::of).collect(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

fn protected(protection: &Protection) -> Protected {
    let by = |by| Protected { by, identity: None, recipients: None };
    match protection {
        Protection::Keyring(SystemKeyring::SecretService) => by("secret-service"),
        Protection::Keyring(SystemKeyring::Keychain) => by("keychain"),
        Protection::Keyring(SystemKeyring::CredentialManager) => by("credential-manager"),
        Protection::Age { key, recipients } => {
            let (by, identity) = match key {
                AgeKey::None => ("not-made-yet", None),
                AgeKey::Passphrase(path) => ("passphrase", Some(path.display().to_string())),
                AgeKey::Identity(path) => ("identity", Some(path.display().to_string())),
            };
            Protected { by, identity, recipients: Some(*recipients) }
        }
        Protection::Files => by("permissions"),
        Protection::Nothing => by("nothing"),
    }
}

/// `store migrate`.
#[derive(Debug, Serialize)]
pub struct Migration<'a> {
    connections: Vec<Entry<'a>>,
    /// The logins that git keeps beside them; only where there were some to move.
    #[serde(skip_serializing_if = "Option::is_none")]
    logins: Option<Logins<'a>>,
}

#[derive(Debug, Serialize)]
struct Logins<'a> {
    moved: usize,
    failed: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem<'a>>,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'static str>,
    to: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem<'a>>,
}

impl<'a> Migration<'a> {
    /// The form in which it is told to programs.
    pub fn of(moved: &'a [Moved], failures: &'a [Option<Failure>], damaged: &'a [Failure], to: StoreKind) -> Self {
        let entry = |(moved, failure): (&'a Moved, &'a Option<Failure>)| Entry {
            name: Some(moved.connection.as_str()),
            secret: Some(moved.part.word()),
            from: Some(moved.from.word()),
            to: to.word(),
            result: moved.outcome.as_ref().ok().map(|outcome| word(*outcome)),
            error: failure.as_ref().map(Problem::of),
        };
        let unread = |failure: &'a Failure| {
            let error = Some(Problem::of(failure));
            Entry { name: None, secret: None, from: None, to: to.word(), result: None, error }
        };
        let connections = moved.iter().zip(failures).map(entry).chain(damaged.iter().map(unread)).collect();
        Self { connections, logins: None }
    }

    /// The same with what became of the logins.
    #[must_use]
    pub fn with_logins(self, logins: &MovedLogins, failure: &'a Option<Failure>) -> Self {
        let (moved, failed, error) = (logins.moved, logins.failed, failure.as_ref().map(Problem::of));
        Self { logins: (moved + failed > 0).then_some(Logins { moved, failed, error }), ..self }
    }
}

const fn word(outcome: Move) -> &'static str {
    match outcome {
        Move::Moved => "moved",
        Move::Copied => "copied",
        Move::Already => "already",
        Move::Left => "left",
    }
}
