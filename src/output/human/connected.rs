//! What `connect github` and `connect gitlab` say.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::super::json::days_left;
use super::super::screen::Screen;
use super::super::style::{GOOD, styled};
use super::webhook::{WEBHOOK_READABLE, hooks_to_change};
use super::{counted, host, is_plain, is_webhook_plain, name, without_end};
use crate::model::Connection;
use crate::model::duration::in_words;
use crate::model::inspection::Reach;
use crate::model::text::printable;
use crate::workflow::Connected;

/// What `connect github` and `connect gitlab` say at the end.
pub fn connected(connected: &Connected, now: Timestamp) -> String {
    let connection = &connected.connection;
    let account = connection.account.as_ref().map_or_else(|| "an account it may not name".into(), |a| name(&a.login));
    let mark = styled(GOOD, "✓");
    let mut text = match (&connected.place, connected.replaced) {
        (None, _) => format!("{mark} The token is {account}'s at {}; nothing was kept\n", host(connection)),
        (Some(_), false) => {
            format!("{mark} Connected {account} at {} as `{}`\n", host(connection), name(connection.name.as_str()))
        }
        (Some(_), true) => {
            format!("{mark} Replaced the token of `{}`, {account} at {}\n", connection.name, host(connection))
        }
    };
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "  {label:<9}{value}");
    };
    if let Some(token) = &connection.token {
        line("token", &format!("{}, {}", token.kind.word(), token.fingerprint.short()));
        line("scopes", &scopes(connection));
        line("expires", &expiry(connection, now));
    }
    if let Some(version) = &connection.server_version {
        line("server", &format!("{} {}", connection.forge, printable(version, 40)));
    }
    if let Some(place) = &connected.place {
        line("kept in", place);
    }
    if let Some((webhook, place)) = connection.webhook.as_ref().zip(connected.webhook_place.as_ref()) {
        line("webhook", &format!("{}, in {place}", webhook.proof.in_words()));
    }
    if let Some(reach) = &connected.inspection.reach {
        line("reaches", &reached(reach));
    }
    text
}

/// What is worth a warning once the token has been checked.
pub fn cautions(screen: &Screen, connected: &Connected, now: Timestamp) {
    let connection = &connected.connection;
    if let Some(days) = connection.expires_at().map(|at| days_left(at, now)).filter(|days| *days < 7) {
        let words = if days < 0 {
            "some time ago, by what the forge says".to_owned()
        } else if days == 0 {
            "within a day".to_owned()
        } else {
            format!("in {days} days")
        };
        let verb = if days < 0 { "expired" } else { "expires" };
        screen.warning("expires_soon", &format!("the token {verb} {words}"));
    }
    if connected.place.is_some() && is_plain(connection) {
        screen.warning("kept_plain", "the token is kept readable, by you and by whoever becomes you; `--store keyring` or `--store file` would not");
    }
    if connected.webhook_place.is_some() && is_webhook_plain(connection) {
        screen.warning("kept_plain", WEBHOOK_READABLE);
    }
    if connected.webhook_replaced {
        hooks_to_change(screen, connection, None);
    }
    if connection.allow_http {
        screen.warning("plain_http", "the token travels readable over the network");
    }
    if !connected.inspection.sso_left_out.is_empty() {
        screen.warning(
            "sso_partial",
            &format!(
                "the token does not reach {} with single sign-on; authorise it with \"Configure SSO\" on {}/settings/tokens",
                counted(connected.inspection.sso_left_out.len(), "organisation"),
                connection.url
            ),
        );
    }
    for gap in &connected.inspection.gaps {
        screen.note(&format!("not found out: {}", printable(gap, 300)));
    }
}

fn expiry(connection: &Connection, now: Timestamp) -> String {
    match connection.expires_at() {
        None => without_end(connection).into(),
        Some(at) if at <= now => format!("expired, at {}", at.strftime("%Y-%m-%d %H:%M UTC")),
        Some(at) => format!("in {}, at {}", in_words(at.duration_since(now)), at.strftime("%Y-%m-%d %H:%M UTC")),
    }
}

fn scopes(connection: &Connection) -> String {
    match connection.token.as_ref().and_then(|token| token.scopes.as_ref()) {
        None => "not told (what it may do shows when it is used)".into(),
        Some(scopes) if scopes.is_empty() => "none".into(),
        Some(scopes) => printable(&scopes.join(", "), 300),
    }
}

fn reached(reach: &Reach) -> String {
    let more = if reach.more { ", and more" } else { "" };
    let some: Vec<String> =
        reach.groups.iter().chain(&reach.projects).take(3).map(|place| printable(&place.path, 60)).collect();
    let examples = if some.is_empty() { String::new() } else { format!(": {}", some.join(", ")) };
    let (groups, projects) = (counted(reach.groups.len(), "group"), counted(reach.projects.len(), "project"));
    format!("{groups}, {projects}{more}{examples}")
}
