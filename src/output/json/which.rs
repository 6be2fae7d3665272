//! `which` and `use`.

use serde::Serialize;

use crate::model::Connection;
use crate::workflow::{self, Address, Choice, Reason};

/// `connect which`.
#[derive(Debug, Serialize)]
pub struct Which<'a> {
    /// The URL that was asked about, without user and query.
    url: String,
    /// The name of the connection that serves it.
    connection: &'a str,
    /// `prefix`, `default` or `only`.
    reason: &'static str,
    /// The prefix that decided.
    prefix: Option<&'a str>,
    /// The other connections of the same forge.
    others: Vec<Candidate<'a>>,
}

#[derive(Debug, Serialize)]
struct Candidate<'a> {
    connection: &'a str,
    prefix: Option<&'a str>,
    default: bool,
}

impl<'a> Which<'a> {
    /// The form in which a choice is told to programs.
    pub fn of(choice: &'a Choice, address: &Address) -> Self {
        let (reason, prefix) = match &choice.reason {
            Reason::Prefix(prefix) => ("prefix", Some(prefix.as_str())),
            Reason::Default => ("default", None),
            Reason::Only => ("only", None),
        };
        let candidate = |other: &'a workflow::Candidate| Candidate {
            connection: other.name.as_str(),
            prefix: other.prefix.as_deref(),
            default: other.default,
        };
        Self {
            url: address.shown(),
            connection: choice.name.as_str(),
            reason,
            prefix,
            others: choice.others.iter().map(candidate).collect(),
        }
    }
}

/// `connect use`: the record, and what was changed.
#[derive(Debug, Serialize)]
pub struct Served<'a> {
    #[serde(flatten)]
    record: &'a Connection,
    /// Whether anything is different now.
    changed: bool,
    /// The connections that gave something up for it.
    taken_from: Vec<&'a str>,
}

impl<'a> Served<'a> {
    /// The form in which it is told to programs.
    pub fn of(served: &'a workflow::Served) -> Self {
        Self {
            record: &served.connection,
            changed: served.changed,
            taken_from: served.taken_from.iter().map(crate::model::ConnectionName::as_str).collect(),
        }
    }
}
