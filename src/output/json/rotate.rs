//! `connect rotate`, for programs.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::super::failure::Failure;
use super::super::rotated::{OldToken, Outcome, PlannedRow, PushedRow, RotatedRow};
use super::{Entry, PageField, Problem};
use crate::model::{ConnectionName, Destination, Fingerprint};
use crate::workflow::destination::Followed;
use crate::workflow::rotate::Way;
use crate::workflow::{Field, Page};

/// `rotate`.
#[derive(Debug, Serialize)]
pub struct RotationResults<'a> {
    connections: Vec<Rotation<'a>>,
}

#[derive(Debug, Serialize)]
struct Rotation<'a> {
    #[serde(flatten)]
    entry: Entry<'a>,
    /// Whether it has a new token.
    rotated: bool,
    /// `forge` or `person`; nothing where it was not rotated here.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_fingerprint: Option<&'a Fingerprint>,
    /// What became of the old token.
    #[serde(skip_serializing_if = "Option::is_none")]
    old_token: Option<Old<'a>>,
    /// The copies that were to follow.
    pushed: Vec<Copy<'a>>,
    /// What could not be compared of the two tokens.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    not_compared: &'a [String],
    /// What the new token may not do that the old one could.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    lost: &'a [String],
}

#[derive(Debug, Serialize)]
struct Old<'a> {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    copies: Option<usize>,
    #[serde(skip_serializing_if = "<[ConnectionName]>::is_empty")]
    connections: &'a [ConnectionName],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem<'a>>,
}

impl<'a> Old<'a> {
    fn of(old: &'a OldToken) -> Self {
        Self {
            state: old.word,
            page: old.page.as_deref(),
            copies: (old.copies > 0).then_some(old.copies),
            connections: &old.connections,
            error: old.failure.as_ref().map(Problem::of),
        }
    }
}

#[derive(Debug, Serialize)]
struct Copy<'a> {
    #[serde(flatten)]
    destination: &'a Destination,
    followed: bool,
    /// Whether it was seen to be there; some places cannot tell.
    verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem<'a>>,
}

impl<'a> Copy<'a> {
    fn of(row: &'a PushedRow) -> Self {
        Self {
            destination: &row.destination,
            followed: row.outcome.is_ok(),
            verified: matches!(row.outcome, Ok(Followed::Verified)),
            error: row.outcome.as_ref().err().map(Problem::of),
        }
    }
}

impl<'a> RotationResults<'a> {
    /// The form in which rotations are told to programs.
    pub fn of(rows: &'a [RotatedRow], damaged: &'a [Failure], now: Timestamp) -> Self {
        let rows = rows.iter().map(|row| Rotation::of(row, now));
        Self { connections: rows.chain(damaged.iter().map(Rotation::damaged)).collect() }
    }
}

impl<'a> Rotation<'a> {
    /// A record that does not read.
    fn damaged(failure: &'a Failure) -> Self {
        Self {
            entry: Entry::damaged(failure),
            rotated: false,
            by: None,
            old_fingerprint: None,
            old_token: None,
            pushed: Vec::new(),
            not_compared: &[],
            lost: &[],
        }
    }

    fn of(row: &'a RotatedRow, now: Timestamp) -> Self {
        let failure = match &row.outcome {
            Outcome::Failed(failure) => Some(failure),
            _ => row.not_pushed.as_ref(),
        };
        let plain = Self {
            entry: Entry::new(&row.connection, now, failure),
            rotated: row.is_rotated(),
            by: None,
            old_fingerprint: None,
            old_token: None,
            pushed: row.pushed.iter().map(Copy::of).collect(),
            not_compared: &[],
            lost: &[],
        };
        match &row.outcome {
            Outcome::Asked { old } => Self {
                by: Some("forge"),
                old_fingerprint: Some(old),
                old_token: Some(Old { state: "dead", page: None, copies: None, connections: &[], error: None }),
                ..plain
            },
            Outcome::Guided { old, old_token, unsure, less } => Self {
                by: Some("person"),
                old_fingerprint: Some(old),
                old_token: Some(Old::of(old_token)),
                not_compared: unsure,
                lost: less,
                ..plain
            },
            _ => plain,
        }
    }
}

/// `rotate --dry-run`.
#[derive(Debug, Serialize)]
pub struct RotationPlan<'a> {
    connections: Vec<Planned<'a>>,
}

#[derive(Debug, Serialize)]
struct Planned<'a> {
    #[serde(flatten)]
    entry: Entry<'a>,
    /// `forge` or `person`; nothing where it cannot be rotated.
    by: Option<&'static str>,
    /// The day at whose start, in UTC, the new token dies.
    expires_on: Option<Date>,
    /// The copies, in the order in which they follow.
    would_push: &'a [Destination],
    /// Where a person makes the new token.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<MakeNew<'a>>,
}

#[derive(Debug, Serialize)]
struct MakeNew<'a> {
    url: &'a str,
    filled_in: Vec<PageField<'a>>,
    by_hand: Vec<PageField<'a>>,
}

impl<'a> MakeNew<'a> {
    fn of(page: &'a Page) -> Self {
        let fields = |fields: &'a [Field]| {
            fields.iter().map(|field| PageField { label: &field.label, value: &field.value }).collect()
        };
        Self { url: page.url.as_str(), filled_in: fields(&page.filled_in), by_hand: fields(&page.by_hand) }
    }
}

impl<'a> RotationPlan<'a> {
    /// The form in which a plan is told to programs.
    pub fn of(rows: &'a [PlannedRow], damaged: &'a [Failure], now: Timestamp) -> Self {
        let planned = |row: &'a PlannedRow| Planned {
            entry: Entry::new(&row.connection, now, row.way.as_ref().err()),
            by: row.way.as_ref().ok().map(|way| by(*way)),
            expires_on: row.way.is_ok().then_some(row.expires_on),
            would_push: &row.destinations,
            page: row.page.as_ref().map(MakeNew::of),
        };
        let damaged = damaged.iter().map(|failure| Planned {
            entry: Entry::damaged(failure),
            by: None,
            expires_on: None,
            would_push: &[],
            page: None,
        });
        Self { connections: rows.iter().map(planned).chain(damaged).collect() }
    }
}

const fn by(way: Way) -> &'static str {
    match way {
        Way::Asked => "forge",
        Way::Guided => "person",
    }
}

/// `rotate --resume`.
#[derive(Debug, Serialize)]
pub struct Resumptions<'a> {
    /// One object a rotation that was left.
    pub connections: Vec<Resumption<'a>>,
}

/// A rotation that an earlier run has left.
#[derive(Debug, Serialize)]
pub struct Resumption<'a> {
    /// Whose token.
    pub name: &'a str,
    /// `finished`: it has the new token; `nothing`: it has its old one; `pending`: that is not known yet; `old_token`: it
    /// has the new one, and this is about the one before; nothing where it could not be settled.
    pub state: Option<&'static str>,
    /// `pending`: by when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// `old_token`: what became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    old_token: Option<Old<'a>>,
    /// Why it could not be settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem<'a>>,
}

impl<'a> Resumption<'a> {
    /// A rotation that the forge had been asked for.
    pub const fn new(
        name: &'a str,
        state: Option<&'static str>,
        until: Option<Timestamp>,
        error: Option<Problem<'a>>,
    ) -> Self {
        Self { name, state, until, old_token: None, error }
    }

    /// An old token that was left alive.
    pub fn old(name: &'a str, old: &'a OldToken) -> Self {
        Self { name, state: Some("old_token"), until: None, old_token: Some(Old::of(old)), error: None }
    }
}
