//! What programs read. These shapes are documented in `docs/json.md`; fields are added, never renamed.

mod adopt;
mod destination;
mod doctor;
mod history;
mod hook_ends;
mod hooks;
mod import;
mod listen;
mod rotate;
mod rotations;
mod settings;
mod setup_git;
mod stores;
mod webhook;
mod which;

use jiff::Timestamp;
use serde::Serialize;

use crate::model::{Connection, inspection};
use crate::workflow::{self, Field, Page};

use super::failure::Failure;

pub use adopt::Adopted;
pub use destination::{DestinationAdded, DestinationEntry, DestinationRemoved, Destinations, DestinationsPushed};
pub use doctor::Doctor;
pub use history::{History, VerifiedHistory};
pub use hook_ends::{HookPinged, HookRemoved};
pub use hooks::{
    CatchingUp, HookAdded, HookDeliveries, HookEdited, HookEntry, HookExchange, HookRedelivered, Hooks, HooksCaughtUp,
};
pub use import::{ImportPlan, ImportStatuses, Imported, Repositories, Undoing, Undone};
pub use listen::Delivery;
pub(super) use listen::{Listening, Polling};
pub use rotate::{Resumption, Resumptions, RotationPlan, RotationResults};
pub use rotations::RotatedSince;
pub use settings::{Setting, Settings};
pub use setup_git::SetupGit;
pub use stores::{Migration, Stores};
pub use webhook::WebhookPage;
pub use which::{Served, Which};
mod check;

pub use check::{Checkup, NeedEntry};

/// An error, on stderr or inside a list.
#[derive(Debug, Serialize)]
pub struct Problem<'a> {
    /// A stable word for the cause.
    pub code: &'static str,
    /// What happened, in words.
    pub message: &'a str,
    /// What to do next; nothing where there is nothing.
    pub hint: Option<String>,
    /// With which connection, if it was one.
    pub connection: Option<&'a str>,
    /// What only some causes have to tell.
    #[serde(flatten)]
    pub more: &'a serde_json::Map<String, serde_json::Value>,
}

impl<'a> Problem<'a> {
    /// The form in which an error is told to programs.
    pub fn of(failure: &'a Failure) -> Self {
        Self {
            code: failure.code,
            message: &failure.message,
            hint: (!failure.hints.is_empty()).then(|| failure.hints.join("\n")),
            connection: failure.connection.as_deref(),
            more: &failure.more,
        }
    }
}

/// `github` and `gitlab`: the record as its file has it, and what was learnt beside it.
#[derive(Debug, Serialize)]
pub struct Connected<'a> {
    #[serde(flatten)]
    record: Record<'a>,
    /// The groups and projects the token reaches, where the forge tells (GitLab 17.4 and later).
    #[serde(skip_serializing_if = "Option::is_none")]
    reach: Option<Reach<'a>>,
    /// Organisations that single sign-on keeps the token out of, by GitHub's number.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    sso_left_out: &'a [String],
    /// What could not be found out, a sentence each.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    gaps: &'a [String],
    /// What it needs for what `--for` named; not there without `--for`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    needs: Vec<NeedEntry<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Record<'a> {
    Kept(&'a Connection),
    /// Nothing was kept, so there is no store and no id.
    NotKept(serde_json::Value),
}

#[derive(Debug, Serialize)]
struct Reach<'a> {
    groups: Vec<Place<'a>>,
    projects: Vec<Place<'a>>,
    /// There are more than these.
    more: bool,
}

#[derive(Debug, Serialize)]
struct Place<'a> {
    path: &'a str,
    access_level: Option<u32>,
}

impl<'a> Connected<'a> {
    /// The form in which a connection that was just made is told to programs.
    pub fn of(connected: &'a workflow::Connected) -> Self {
        let places = |places: &'a [inspection::Place]| {
            places.iter().map(|place| Place { path: &place.path, access_level: place.access_level }).collect()
        };
        let said = &connected.inspection;
        Self {
            record: match connected.place {
                Some(_) => Record::Kept(&connected.connection),
                None => Record::NotKept(not_kept(&connected.connection)),
            },
            reach: said.reach.as_ref().map(|reach| Reach {
                groups: places(&reach.groups),
                projects: places(&reach.projects),
                more: reach.more,
            }),
            sso_left_out: &said.sso_left_out,
            gaps: &said.gaps,
            needs: connected.needs.iter().map(NeedEntry::of).collect(),
        }
    }
}

fn not_kept(connection: &Connection) -> serde_json::Value {
    let mut record = serde_json::to_value(connection).unwrap_or_default();
    if let Some(token) = record.get_mut("token") {
        token["kept_in"] = serde_json::Value::Null;
        token["secret"] = serde_json::Value::Null;
    }
    record
}

/// `list` and `status`.
#[derive(Debug, Serialize)]
pub struct Connections<'a> {
    /// One object a connection.
    pub connections: Vec<Entry<'a>>,
}

/// A connection in a list: its record, and what belongs to the moment.
#[derive(Debug, Serialize)]
pub struct Entry<'a> {
    /// The record as its file has it; nothing for a record that does not read.
    #[serde(flatten)]
    pub record: Option<&'a Connection>,
    /// Whole days until the token dies; negative after that; nothing for a token without an end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_left: Option<i64>,
    /// How many copies of its secrets are not the present ones; nothing where there are no copies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<usize>,
    /// The login that the account had when it was last asked; only when it has another now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<&'a str>,
    /// When a server refused the token as git used it, where the forge has taken it just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_before: Option<Timestamp>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem<'a>>,
}

impl<'a> Entry<'a> {
    /// A connection as it is at a moment.
    pub fn new(record: &'a Connection, now: Timestamp, failure: Option<&'a Failure>) -> Self {
        let days_left = record.expires_at().map(|at| days_left(at, now));
        let copies = workflow::destination::destinations(record);
        let stale = (!copies.is_empty()).then(|| copies.iter().filter(|copy| copy.is_stale(record)).count());
        Self {
            record: Some(record),
            days_left,
            stale,
            renamed_from: None,
            refused_before: None,
            error: failure.map(Problem::of),
        }
    }

    /// A connection that was just asked about.
    pub fn checked(checked: &'a workflow::Checked, now: Timestamp, failure: Option<&'a Failure>) -> Self {
        let renamed_from = checked.renamed_from.as_deref();
        let still = checked.connection.token.as_ref().and_then(|token| token.refused_at);
        let refused_before = checked.refused_at.filter(|_| still.is_none());
        Self { renamed_from, refused_before, ..Self::new(&checked.connection, now, failure) }
    }

    /// A record that does not read.
    pub fn damaged(failure: &'a Failure) -> Self {
        Self {
            record: None,
            days_left: None,
            stale: None,
            renamed_from: None,
            refused_before: None,
            error: Some(Problem::of(failure)),
        }
    }
}

/// Whole days from now to then, rounded down: 0 on the last day, -1 once it has passed.
pub fn days_left(at: Timestamp, now: Timestamp) -> i64 {
    at.duration_since(now).as_secs().div_euclid(86_400)
}

/// `connect new-token`.
#[derive(Debug, Serialize)]
pub struct TokenPage<'a> {
    /// The page.
    pub url: &'a str,
    /// What the link fills in.
    pub filled_in: Vec<PageField<'a>>,
    /// What has to be done by hand.
    pub by_hand: Vec<PageField<'a>>,
}

impl<'a> TokenPage<'a> {
    /// The form in which a page is told to programs.
    pub fn of(page: &'a Page) -> Self {
        let fields = |fields: &'a [Field]| {
            fields.iter().map(|field| PageField { label: &field.label, value: &field.value }).collect()
        };
        Self { url: page.url.as_str(), filled_in: fields(&page.filled_in), by_hand: fields(&page.by_hand) }
    }
}

/// One field of the page.
#[derive(Debug, Serialize)]
pub struct PageField<'a> {
    /// The label on the page.
    pub label: &'a str,
    /// What belongs there.
    pub value: &'a str,
}

/// `connect token`.
#[derive(Serialize)]
pub(super) struct Token<'a> {
    /// Which connection.
    pub connection: &'a str,
    /// The token itself.
    pub token: &'a str,
    /// When it dies.
    pub expires_at: Option<Timestamp>,
    /// The text of another form that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<&'a str>,
}

/// `connect disconnect`.
#[derive(Debug, Serialize)]
pub struct Disconnected<'a> {
    /// Which connection is gone.
    pub name: &'a str,
    /// Whether its token was killed at the forge.
    pub revoked: bool,
    /// The places it was removed from.
    pub removed: &'a [String],
    /// The places that still have it.
    pub remaining: &'a [String],
    /// Where connect had put copies of it, which are still there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<crate::model::Destination>,
    /// The connections whose copies were written by way of it.
    #[serde(skip_serializing_if = "<[crate::model::ConnectionName]>::is_empty")]
    pub wrote_for: &'a [crate::model::ConnectionName],
    /// The fingerprints of tokens that it had before, which still work.
    #[serde(skip_serializing_if = "<[crate::model::Fingerprint]>::is_empty")]
    pub old_tokens: &'a [crate::model::Fingerprint],
    /// The hooks at the forge that connect had made with its webhook secret, which are still there.
    #[serde(skip_serializing_if = "<[crate::model::KnownHook]>::is_empty")]
    pub hooks: &'a [crate::model::KnownHook],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_down_to_the_instant() {
        let at: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap_or_default();
        for (now, days) in [
            ("2026-11-30T00:00:00Z", 1),
            ("2026-11-30T00:00:01Z", 0),
            ("2026-12-01T00:00:00Z", 0),
            ("2026-12-01T00:00:01Z", -1),
        ] {
            assert_eq!(days_left(at, now.parse().unwrap_or_default()), days, "{now}");
        }
    }
}
