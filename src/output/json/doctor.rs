//! `connect doctor`, for programs.

use serde::Serialize;

use super::super::failure::doctor::{Status, Told};
use crate::workflow::doctor::Group;

/// `connect doctor`.
#[derive(Debug, Serialize)]
pub struct Doctor<'a> {
    /// One a link, in the order in which a request needs them.
    checks: Vec<Link<'a>>,
    /// connect's own version.
    version: &'static str,
    /// How many there are of each.
    summary: Summary,
}

#[derive(Debug, Serialize)]
struct Link<'a> {
    group: &'static str,
    name: &'a str,
    status: &'static str,
    message: &'a str,
    mend: Option<String>,
    connection: Option<&'a str>,
    host: Option<&'a str>,
    code: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Summary {
    ok: usize,
    warn: usize,
    fail: usize,
    skipped: usize,
}

impl<'a> Doctor<'a> {
    /// The form in which the links are told to programs.
    pub fn of(told: &'a [Told]) -> Self {
        let count = |status| told.iter().filter(|told| told.status == status).count();
        let summary = Summary {
            ok: count(Status::Ok),
            warn: count(Status::Warn),
            fail: count(Status::Fail),
            skipped: count(Status::Skipped),
        };
        Self { checks: told.iter().map(link).collect(), version: env!("CARGO_PKG_VERSION"), summary }
    }
}

fn link(told: &Told) -> Link<'_> {
    Link {
        group: word(told.group),
        name: &told.name,
        status: told.status.word(),
        message: &told.message,
        mend: (!told.mends.is_empty()).then(|| told.mends.join("\n")),
        connection: told.connection.as_deref(),
        host: told.host.as_deref(),
        code: told.code,
    }
}

const fn word(group: Group) -> &'static str {
    match group {
        Group::Connect => "connect",
        Group::Configuration => "configuration",
        Group::Files => "files",
        Group::Store => "store",
        Group::Environment => "environment",
        Group::Host => "host",
        Group::Connection => "connection",
        Group::Git => "git",
        Group::Journal => "journal",
    }
}
