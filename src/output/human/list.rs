//! `connect list`: a table on a terminal, tab-separated lines elsewhere.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::super::screen::Screen;
use super::stale::{refused_at, refused_lines, refused_warning, stale_lines, stale_warning};
use super::{account_at_host, former_left, health_word, name, shortened, table, time_left, trimmed};
use crate::model::clock::SOON;
use crate::model::duration::in_words;
use crate::model::text::printable;
use crate::model::{Connection, SecretId, StoreKind};

/// The table of `connect list`.
pub fn list(screen: &Screen, connections: &[Connection], now: Timestamp) -> String {
    if !screen.is_terminal() {
        let mut text = String::with_capacity(connections.len() * 120);
        for connection in connections {
            plain_line(&mut text, connection);
        }
        for connection in connections {
            stale_warning(screen, connection);
            refused_warning(screen, connection);
        }
        return text;
    }
    if connections.is_empty() {
        return String::new();
    }
    // The usual name says whose and where. Where somebody chose another it is said too, if it fits.
    let renamed =
        |connection: &Connection| connection.token.is_some() && connection.name.as_str() != account_at_host(connection);
    if connections.iter().any(renamed) {
        let text = list_table(connections, now, true);
        if text.lines().all(|line| line.chars().count() <= screen.width()) {
            return with_stale(text, connections);
        }
    }
    with_stale(list_table(connections, now, false), connections)
}

/// The table, and below it the copies that lag behind.
fn with_stale(mut text: String, connections: &[Connection]) -> String {
    connections.iter().for_each(|connection| text.push_str(&stale_lines(connection)));
    connections.iter().for_each(|one| text.push_str(&refused_lines(one, refused_at(one))));
    text
}

fn list_table(connections: &[Connection], now: Timestamp, with_account: bool) -> String {
    let mut headings = vec!["NAME", "TOKEN", "EXPIRES", "KEPT IN"];
    if with_account {
        headings.insert(1, "ACCOUNT");
    }
    let with_webhook = connections.iter().any(|connection| connection.webhook.is_some());
    if with_webhook {
        headings.push("WEBHOOK");
    }
    let mut table = table(&headings);
    for connection in connections {
        let mut row = vec![
            shortened(connection.name.as_str(), 36),
            connection.token.as_ref().map_or("-", |token| token.kind.word()).to_owned(),
            time_left(connection, now, SOON),
            kept_in(connection),
        ];
        if with_account {
            row.insert(1, shortened(&account_at_host(connection), 30));
        }
        if with_webhook {
            row.push(webhook(connection, now));
        }
        table.add_row(row);
    }
    trimmed(&table)
}

/// One connection on one line, for `cut` and `awk`: times as RFC 3339, `-` for what is not there.
fn plain_line(text: &mut String, connection: &Connection) {
    let token = connection.token.as_ref();
    let expires = token.and_then(|token| token.expires_at).map(|at| at.to_string());
    let _ = write!(
        text,
        "{}\t{}\t{}\t{}\t{}\t{}\t{}",
        printable(connection.name.as_str(), 250),
        connection.url,
        connection.account.as_ref().map_or_else(|| "-".into(), |account| name(&account.login)),
        token.map_or("-", |token| token.kind.word()),
        expires.as_deref().unwrap_or("-"),
        token
            .map(|token| token.kept_in)
            .or(connection.webhook.as_ref().map(|it| it.kept_in))
            .map_or("-", StoreKind::word),
        token.map_or("-", |token| health_word(token.health)),
    );
    if let Some(webhook) = &connection.webhook {
        let former = webhook.former.as_ref().map_or_else(|| "-".into(), |former| former.until.to_string());
        let _ = write!(text, "\t{}\t{former}", webhook.proof.word());
    }
    text.push('\n');
}

/// What a delivery is known by, and for how long the secret before still holds.
fn webhook(connection: &Connection, now: Timestamp) -> String {
    let Some(webhook) = &connection.webhook else { return "-".into() };
    let proof = webhook.proof.word();
    match former_left(connection, now) {
        Some(left) => format!("{proof}, former one {}", in_words(left)),
        None => proof.to_owned(),
    }
}

fn kept_in(connection: &Connection) -> String {
    let token = connection.token.as_ref().map(|token| (token.kept_in, &token.secret));
    let webhook = connection.webhook.as_ref().map(|webhook| (webhook.kept_in, &webhook.secret));
    let (store, elsewhere) = match (token, webhook) {
        (None, None) => return "-".into(),
        (Some((kept_in, secret)), Some((other, _))) if other != kept_in => {
            let open = if other == StoreKind::Plain { " !" } else { "" };
            (place(kept_in, secret), format!(", webhook {other}{open}"))
        }
        (Some((kept_in, secret)), _) | (None, Some((kept_in, secret))) => (place(kept_in, secret), String::new()),
    };
    let open = if connection.allow_http { ", plain http" } else { "" };
    format!("{store}{elsewhere}{open}")
}

fn place(kept_in: StoreKind, secret: &SecretId) -> String {
    match kept_in {
        StoreKind::Plain => "plain !".into(),
        StoreKind::Env => format!("env: {}", secret.as_str()),
        other => other.to_string(),
    }
}
