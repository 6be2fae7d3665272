//! `connect status`: a table on a terminal, tab-separated lines elsewhere.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::super::failure::Failure;
use super::super::json::days_left;
use super::super::screen::Screen;
use super::super::style::{BAD, CARE, styled};
use super::{SOON, counted, health_word, is_plain, shortened, table, time_left, trimmed};
use crate::model::Connection;
use crate::model::duration::in_words;
use crate::model::text::printable;
use crate::workflow::Checked;

/// The table of `connect status`.
///
/// A token that dies `within` this time counts as dying soon.
pub fn status(
    screen: &Screen,
    rows: &[(Checked, Option<Failure>)],
    now: Timestamp,
    within: Option<SignedDuration>,
) -> String {
    let readable = rows.iter().filter(|(checked, _)| is_plain(&checked.connection)).count();
    if readable > 0 {
        let words = format!("{} kept readable, in the store `plain`", counted(readable, "token"));
        screen.warning("kept_plain", &words);
    }
    if !screen.is_terminal() {
        return rows.iter().fold(String::new(), |mut text, row| {
            plain_status(&mut text, row, now, within);
            text
        });
    }
    if rows.is_empty() {
        return String::new();
    }
    let mut table = table(&["NAME", "HEALTH", "TIME LEFT"]);
    for (checked, failure) in rows {
        let connection = &checked.connection;
        let name = shortened(connection.name.as_str(), 40);
        let left = time_left(connection, now, within.unwrap_or(SOON));
        table.add_row([name, verdict(connection, failure.as_ref()), left]);
    }
    let mut text = trimmed(&table);
    for (checked, failure) in rows {
        let Some(failure) = failure else { continue };
        let _ =
            writeln!(text, "\n{} {}: {}", styled(BAD, "✗"), checked.connection.name, printable(&failure.message, 400));
        for hint in &failure.hints {
            let _ = writeln!(text, "  {} {hint}", styled(CARE, "→"));
        }
    }
    text
}

fn plain_status(
    text: &mut String,
    (checked, failure): &(Checked, Option<Failure>),
    now: Timestamp,
    within: Option<SignedDuration>,
) {
    let connection = &checked.connection;
    let word = failure.as_ref().map_or_else(
        || connection.token.as_ref().map_or("-", |token| health_word(token.health)),
        |failure| failure.code,
    );
    let expires = connection.expires_at();
    let _ = writeln!(
        text,
        "{}\t{word}\t{}\t{}\t{}",
        printable(connection.name.as_str(), 250),
        expires.map_or_else(|| "-".into(), |at| at.to_string()),
        expires.map_or_else(|| "-".into(), |at| days_left(at, now).to_string()),
        match (failure, expires.filter(|at| within.is_some_and(|within| at.duration_since(now) <= within))) {
            (Some(failure), _) => printable(&failure.message, 400),
            (None, Some(at)) => format!("expires in {}", in_words(at.duration_since(now))),
            (None, None) => "-".into(),
        },
    );
}

fn verdict(connection: &Connection, failure: Option<&Failure>) -> String {
    match failure {
        Some(failure) => format!("✗ {}", failure.code),
        None => {
            let word = connection.token.as_ref().map_or("-", |token| health_word(token.health));
            format!("✓ {word}")
        }
    }
}
