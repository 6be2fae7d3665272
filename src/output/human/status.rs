//! `connect status`: a table on a terminal, tab-separated lines elsewhere.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::super::failure::Failure;
use super::super::json::days_left;
use super::super::screen::Screen;
use super::super::style::{BAD, CARE, QUIET, styled};
use super::stale::{refused_at, refused_lines, refused_words, stale_lines, stale_words};
use super::{
    counted, former_left, health_word, is_plain, is_webhook_plain, name, shortened, table, time_left, trimmed,
};
use crate::model::Connection;
use crate::model::clock::SOON;
use crate::model::duration::in_words;
use crate::model::text::printable;
use crate::workflow::Checked;

/// How many characters the bar has.
const BAR: usize = 8;
/// What stands between two columns.
const GAP: usize = 2;
/// From so much time left on, the bar is full.
const FULL: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The table of `connect status`.
///
/// A token that dies `within` this time counts as dying soon.
pub fn status(
    screen: &Screen,
    rows: &[(Checked, Option<Failure>)],
    now: Timestamp,
    within: Option<SignedDuration>,
) -> String {
    let tokens = rows.iter().filter(|(checked, _)| is_plain(&checked.connection)).count();
    let webhooks = rows.iter().filter(|(checked, _)| is_webhook_plain(&checked.connection)).count();
    for (readable, what) in [(tokens, "token"), (webhooks, "webhook secret")] {
        if readable > 0 {
            let words = format!("{} kept readable, in the store `plain`", counted(readable, what));
            screen.warning("kept_plain", &words);
        }
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
    let soon = within.unwrap_or(SOON);
    let cells: Vec<[String; 3]> = rows
        .iter()
        .map(|(checked, failure)| {
            let connection = &checked.connection;
            [verdict(connection, failure.as_ref()), time_left(connection, now, soon), bar(connection, now)]
        })
        .collect();
    let widest = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let others = widest(0).max(6) + widest(1).max(9) + BAR + 4 * GAP;
    let room = screen.width().saturating_sub(others).max(16);
    let mut table = table(&["NAME", "HEALTH", "TIME LEFT", ""]);
    for ((checked, _), [verdict, left, bar]) in rows.iter().zip(cells) {
        table.add_row([shortened(checked.connection.name.as_str(), room), verdict, left, bar]);
    }
    let mut text = trimmed(&table);
    for (checked, _) in rows {
        text.push_str(&other_name(checked));
        text.push_str(&change_over(&checked.connection, now));
        text.push_str(&stale_lines(&checked.connection));
        text.push_str(&refused_lines(&checked.connection, checked.refused_at));
    }
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

/// A bar for the time left: full from [`FULL`] on, so that all are to the same scale.
fn bar(connection: &Connection, now: Timestamp) -> String {
    let Some(at) = connection.expires_at() else { return String::new() };
    let left = at.duration_since(now);
    if !left.is_positive() {
        return "░".repeat(BAR);
    }
    let filled = usize::try_from(left.as_secs().saturating_mul(8) / FULL.as_secs()).unwrap_or(BAR).min(BAR - 1) + 1;
    format!("{}{}", "█".repeat(filled), "░".repeat(BAR - filled))
}

/// An account keeps its number when its login changes; a connection keeps its name.
fn other_name(checked: &Checked) -> String {
    let account = checked.connection.account.as_ref();
    let Some((before, account)) = checked.renamed_from.as_ref().zip(account) else { return String::new() };
    let (before, after) = (name(before), name(&account.login));
    format!(
        "\n{} {}: the account {before} is called {after} now\n  {} `connect rename` gives the connection another name, if you like\n",
        styled(CARE, "!"),
        checked.connection.name,
        styled(CARE, "→"),
    )
}

/// While a webhook's secret is changed over, somebody still has to change it at the forge.
fn change_over(connection: &Connection, now: Timestamp) -> String {
    let Some(left) = former_left(connection, now) else { return String::new() };
    let name = printable(connection.name.as_str(), 250);
    format!("\n{} {name}: the former webhook secret is accepted for another {}\n", styled(CARE, "!"), in_words(left))
}

/// The last line under `--watch`.
pub fn watching(now: Timestamp, pause: SignedDuration) -> String {
    styled(QUIET, &format!("{}; again in {}, Ctrl-C ends", now.strftime("%H:%M:%S UTC"), in_words(pause)))
}

/// What is said beside the lines for programs when an account has another name now.
pub fn renamed(screen: &Screen, checked: &Checked) {
    if let Some((before, account)) = checked.renamed_from.as_ref().zip(checked.connection.account.as_ref()) {
        let (before, after) = (name(before), name(&account.login));
        let words = format!("`{}`: the account {before} is called {after} now", checked.connection.name);
        screen.warning("account_renamed", &words);
    }
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
        remark(
            checked,
            failure.as_ref(),
            expires.filter(|at| within.is_some_and(|within| at.duration_since(now) <= within)),
            now
        ),
    );
}

/// What there is to say of a connection, in one field: what is wrong, that the token dies soon, that copies lag behind.
fn remark(checked: &Checked, failure: Option<&Failure>, soon: Option<Timestamp>, now: Timestamp) -> String {
    let connection = &checked.connection;
    let first = match (failure, soon) {
        (Some(failure), _) => Some(printable(&failure.message, 400)),
        (None, Some(at)) if at > now => Some(format!("expires in {}", in_words(at.duration_since(now)))),
        (None, Some(at)) => Some(format!("expired {} ago", in_words(at.duration_since(now)))),
        (None, None) => connection.token.is_none().then(|| "webhook only".to_owned()),
    };
    let refused = checked.refused_at.map(|at| refused_words(at, refused_at(connection).is_none()));
    let all: Vec<String> = first.into_iter().chain(stale_words(connection)).chain(refused).collect();
    if all.is_empty() { "-".into() } else { all.join("; ") }
}

fn verdict(connection: &Connection, failure: Option<&Failure>) -> String {
    match failure {
        Some(failure) => format!("✗ {}", failure.code),
        None if connection.token.is_none() => "· webhook only".to_owned(),
        None => {
            let word = connection.token.as_ref().map_or("-", |token| health_word(token.health));
            format!("✓ {word}")
        }
    }
}
