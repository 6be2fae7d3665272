//! What would be rotated, and how: by what the records say, without any network.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::super::{Error, Tools, destination, list};
use super::{Chosen, DAYS, Lifetime, Plan, Rotating, RotationError, Turn, Way};
use crate::model::{Connection, ConnectionName, Fingerprint, ForgeKind, Health, StoreKind, TokenKind, TokenRecord};

/// The tokens that are to be rotated, by name. One that cannot be rotated is among them, with the reason; so is one that
/// other connections have as well: two that are rotated at once with one token are a theft to GitLab.
///
/// # Errors
/// [`Error::NoSuchConnection`], [`Error::Catalog`].
pub fn plan(tools: &Tools<'_>, wanted: &Rotating) -> Result<Plan, Error> {
    let now = tools.clock.now();
    let all = list(tools, None)?;
    let shared = shared(&all.connections);
    let mut damaged = Vec::new();
    let mut connections = match &wanted.chosen {
        Chosen::Named(names) => names.iter().map(|name| tools.record(name)).collect::<Result<Vec<_>, _>>()?,
        Chosen::All { within } => {
            let dies =
                |connection: &Connection| connection.expires_at().is_some_and(|end| end.duration_since(now) <= *within);
            damaged = all.damaged;
            all.connections.into_iter().filter(dies).collect()
        }
    };
    connections.sort_by(|one, other| one.name.cmp(&other.name));
    connections.dedup_by(|one, other| one.name == other.name);
    let expires_on = end(wanted.lifetime, now);
    let turn = |connection: Connection| {
        let destinations = destination::destinations(&connection);
        let way = way(&connection, now).and_then(|way| alone(&connection, way, &shared));
        Turn { connection, way, destinations, expires_on }
    };
    Ok(Plan { turns: connections.into_iter().map(turn).collect(), damaged })
}

/// The tokens that more than one connection has, with these.
fn shared(all: &[Connection]) -> HashMap<Fingerprint, Vec<ConnectionName>> {
    let mut holders: HashMap<Fingerprint, Vec<ConnectionName>> = HashMap::with_capacity(all.len());
    for connection in all {
        if let Some(token) = &connection.token {
            holders.entry(token.fingerprint.clone()).or_default().push(connection.name.clone());
        }
    }
    holders.retain(|_, names| names.len() > 1);
    holders
}

/// Refuses to ask for the successor of a token that another connection has as well. What a person makes leaves the old
/// one alive for as long as that.
fn alone(connection: &Connection, way: Way, shared: &HashMap<Fingerprint, Vec<ConnectionName>>) -> Result<Way, Error> {
    let holders = connection.token.as_ref().and_then(|token| shared.get(&token.fingerprint));
    match holders {
        Some(holders) if way == Way::Asked => {
            let others = holders.iter().filter(|name| **name != connection.name).cloned().collect();
            Err(RotationError::Shared { connection: connection.name.clone(), others }.into())
        }
        _ => Ok(way),
    }
}

/// The day at whose start the new token dies: so many days from today, UTC, as GitLab reckons them, so that 365 of them are
/// not too many. What is left of today is not counted.
fn end(lifetime: Lifetime, now: Timestamp) -> Date {
    let today = now.to_zoned(TimeZone::UTC).date();
    let days = match lifetime {
        Lifetime::On(date) => return date,
        Lifetime::Default => DAYS,
        Lifetime::Days(days) => days,
    };
    today.checked_add(i64::from(days).days()).unwrap_or(Date::MAX)
}

/// How a connection's token gets a successor.
fn way(connection: &Connection, now: Timestamp) -> Result<Way, Error> {
    let name = || connection.name.clone();
    let token = connection.token.as_ref().ok_or_else(|| Error::NoToken { connection: name() })?;
    if token.kept_in == StoreKind::Env {
        return Err(RotationError::Variable { connection: name() }.into());
    }
    if connection.forge == ForgeKind::GitHub {
        return Ok(Way::Guided);
    }
    if token.kind == TokenKind::Oauth {
        return Err(RotationError::NotRotatable { connection: name() }.into());
    }
    if let Some(health) = dead(token, now) {
        return Err(RotationError::Dead { connection: name(), health }.into());
    }
    // GitLab docs, "Personal access tokens API": rotated by id since 16.0, by themselves since 16.10.
    if !reaches(connection.server_version.as_deref(), 16, 0) {
        return Ok(Way::Guided);
    }
    let self_rotate = knows_self_rotate(connection);
    if !may_rotate(token.scopes.as_deref(), self_rotate) {
        return Err(RotationError::MayNot { connection: name(), self_rotate }.into());
    }
    Ok(Way::Asked)
}

fn dead(token: &TokenRecord, now: Timestamp) -> Option<Health> {
    match token.health {
        health @ (Health::Expired | Health::Revoked | Health::Unknown) => Some(health),
        _ if token.expires_at.is_some_and(|end| end <= now) => Some(Health::Expired),
        _ => None,
    }
}

/// Whether the connection's GitLab knows the scope `self_rotate` (GitLab docs: since 17.9).
pub(super) fn knows_self_rotate(connection: &Connection) -> bool {
    reaches(connection.server_version.as_deref(), 17, 9)
}

/// Whether it may rotate itself, as far as that is known: `api` may, and since 17.9 `self_rotate` (GitLab docs, "Personal
/// access token scopes"). What a fine-grained token may do is not in its scopes.
pub(super) fn may_rotate(scopes: Option<&[String]>, self_rotate: bool) -> bool {
    scopes.is_none_or(|scopes| {
        scopes.iter().any(|scope| scope == "api" || scope == "granular" || (self_rotate && scope == "self_rotate"))
    })
}

/// Whether a GitLab is of that version or later; one that has not said is taken for a present one.
pub(super) fn reaches(version: Option<&str>, major: u32, minor: u32) -> bool {
    let Some(version) = version else { return true };
    let mut parts = version.split(['.', '-']).map(|part| part.parse::<u32>().ok());
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(found), Some(less)) => (found, less) >= (major, minor),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert!(reaches(None, 16, 10) && reaches(Some("odd"), 16, 10));
        assert!(reaches(Some("16.10.0-ee"), 16, 10) && reaches(Some("18.0"), 16, 10));
        assert!(!reaches(Some("16.9.8"), 16, 10) && !reaches(Some("15.11.13-ce.0"), 16, 10));
    }

    #[test]
    fn scopes() {
        let may = |scopes: &[&str], self_rotate| {
            may_rotate(Some(&scopes.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>()), self_rotate)
        };
        assert!(may(&["read_user", "api"], false) && may(&["granular"], false) && may_rotate(None, false));
        assert!(may(&["self_rotate"], true) && !may(&["self_rotate"], false) && !may(&["read_api"], true));
    }
}
