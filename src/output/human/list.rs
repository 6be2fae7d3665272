//! `connect list`: a table on a terminal, tab-separated lines elsewhere.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::super::screen::Screen;
use super::{account_at_host, health_word, name, shortened, table, time_left, trimmed};
use crate::model::clock::SOON;
use crate::model::text::printable;
use crate::model::{Connection, StoreKind};

/// The table of `connect list`.
pub fn list(screen: &Screen, connections: &[Connection], now: Timestamp) -> String {
    if !screen.is_terminal() {
        let mut text = String::with_capacity(connections.len() * 120);
        for connection in connections {
            plain_line(&mut text, connection);
        }
        return text;
    }
    if connections.is_empty() {
        return String::new();
    }
    // The usual name says whose and where. Where somebody chose another it is said too, if it fits.
    let renamed = |connection: &Connection| connection.name.as_str() != account_at_host(connection);
    if connections.iter().any(renamed) {
        let text = list_table(connections, now, true);
        if text.lines().all(|line| line.chars().count() <= screen.width()) {
            return text;
        }
    }
    list_table(connections, now, false)
}

fn list_table(connections: &[Connection], now: Timestamp, with_account: bool) -> String {
    let mut headings = vec!["NAME", "TOKEN", "EXPIRES", "KEPT IN"];
    if with_account {
        headings.insert(1, "ACCOUNT");
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
        table.add_row(row);
    }
    trimmed(&table)
}

/// One connection on one line, for `cut` and `awk`: times as RFC 3339, `-` for what is not there.
fn plain_line(text: &mut String, connection: &Connection) {
    let token = connection.token.as_ref();
    let expires = token.and_then(|token| token.expires_at).map(|at| at.to_string());
    let _ = writeln!(
        text,
        "{}\t{}\t{}\t{}\t{}\t{}\t{}",
        printable(connection.name.as_str(), 250),
        connection.url,
        connection.account.as_ref().map_or_else(|| "-".into(), |account| name(&account.login)),
        token.map_or("-", |token| token.kind.word()),
        expires.as_deref().unwrap_or("-"),
        token.map_or("-", |token| token.kept_in.word()),
        token.map_or("-", |token| health_word(token.health)),
    );
}

fn kept_in(connection: &Connection) -> String {
    let Some(token) = &connection.token else { return "-".into() };
    let open = if connection.allow_http { ", plain http" } else { "" };
    match token.kept_in {
        StoreKind::Plain => format!("plain !{open}"),
        StoreKind::Env => format!("env: {}{open}", token.secret.as_str()),
        other => format!("{other}{open}"),
    }
}
