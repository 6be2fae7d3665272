//! What `connect rotate` says: the plan, the questions, and what became of each token and of its copies.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::super::failure::Failure;
use super::super::rotated::{OldToken, Outcome, PlannedRow, PushedRow, RotatedRow};
use super::super::style::{BAD, CARE, GOOD, QUIET, STRONG, styled};
use super::stores::wrapped;
use super::{counted, fields, host, time_left};
use crate::model::duration::in_words;
use crate::model::text::printable;
use crate::model::{Connection, Destination, Fingerprint, ForgeKind, TokenKind};
use crate::workflow::Page;
use crate::workflow::destination::{self, Followed};
use crate::workflow::rotate::Way;

/// How wide a line of words is, beside what stands in front of it.
const WIDTH: usize = 72;

/// What is to be known before a token is rotated that is used elsewhere too.
pub const SHARED: &str = "\
If another machine has one of these tokens as well, by a copy that is not listed
here, it stops working there; and if that machine rotates its dead copy, GitLab
takes it for theft and kills the new token too. One machine rotates a token.";

/// What `rotate --dry-run` prints, and what stands above the question.
pub fn rotation_plan(rows: &[PlannedRow], now: Timestamp) -> String {
    let mut text = String::new();
    for row in rows {
        let name = printable(row.connection.name.as_str(), 250);
        match &row.way {
            Err(failure) => not_done(&mut text, &name, failure),
            Ok(way) => {
                let _ = writeln!(text, "{}", styled(STRONG, &name));
                planned(&mut text, row, *way, now);
            }
        }
    }
    if rows.iter().any(|row| matches!(row.way, Ok(Way::Asked))) {
        let _ = writeln!(text, "\n{}", styled(QUIET, SHARED));
    }
    text
}

fn planned(text: &mut String, row: &PlannedRow, way: Way, now: Timestamp) {
    let mut line = |label: &str, words: &str| {
        for (at, words) in wrapped(words, WIDTH - 8).iter().enumerate() {
            let _ = writeln!(text, "  {:<8}{words}", if at == 0 { label } else { "" });
        }
    };
    let at = host(&row.connection);
    let how = match way {
        Way::Asked => format!("{at} is asked for a new token; the old one dies there and then"),
        Way::Guided => format!("you make the new token at {at}, and connect takes it over"),
    };
    line("way", &how);
    if let Some(page) = row.page.as_ref().filter(|_| way == Way::Guided) {
        line("page", page.url.as_str());
        row.fields().for_each(|field| line("", &format!("{}: {}", field.label, printable(&field.value, 300))));
    }
    line("ends", &format!("{} → {} (00:00 UTC)", ends(&row.connection, now), row.expires_on));
    let copies: Vec<&Destination> = row.destinations.iter().filter(|copy| copy.of.is_token()).collect();
    match copies.as_slice() {
        [] => line("copies", "none that connect knows of"),
        copies => copies.iter().enumerate().for_each(|(at, copy)| {
            line(if at == 0 { "copies" } else { "" }, &format!("{}. {}", at + 1, place(copy)));
        }),
    }
    if way == Way::Guided {
        line("then", "the old token is revoked, once every copy has followed");
    }
}

/// The present end, and how long it is till then.
fn ends(connection: &Connection, now: Timestamp) -> String {
    let Some(at) = connection.expires_at() else {
        return time_left(connection, now, jiff::SignedDuration::ZERO);
    };
    let left = at.duration_since(now);
    let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
    if left.is_positive() { format!("{day}, in {}", in_words(left)) } else { format!("{day}, over") }
}

/// A copy's place in words.
fn place(copy: &Destination) -> String {
    format!("{} {}", copy.kind.word(), printable(&destination::shown(copy), 300))
}

/// What `rotate` did, a paragraph a connection and a summary.
pub fn rotated(rows: &[RotatedRow], now: Timestamp) -> String {
    let mut text = String::new();
    for row in rows {
        one(&mut text, row, now);
    }
    if rows.len() > 1 {
        let _ = writeln!(text, "{}", summary(rows));
    }
    text
}

fn one(text: &mut String, row: &RotatedRow, now: Timestamp) {
    let name = printable(row.connection.name.as_str(), 250);
    let done = |text: &mut String, words: &str| {
        let _ = writeln!(text, "{} {}: {words}, ends {}", styled(GOOD, "✓"), name, ends(&row.connection, now));
    };
    match &row.outcome {
        Outcome::Asked { .. } => done(text, "rotated"),
        Outcome::Guided { .. } => done(text, "the new token is in place"),
        Outcome::Meanwhile => done(text, "another process has rotated it meanwhile"),
        Outcome::NotReached => {
            let _ = writeln!(text, "= {name}: not rotated; it was stopped before");
        }
        Outcome::Failed(failure) => not_done(text, &name, failure),
    }
    for copy in &row.pushed {
        pushed(text, copy);
    }
    if let Some(failure) = &row.not_pushed {
        hanging(text, "  ", &styled(BAD, "✗"), &format!("the copies did not follow: {}", failure.message));
        hints(text, "    ", failure);
    } else if row.behind() > 0 {
        hanging(text, "  ", &styled(CARE, "→"), &format!("`connect destination push {name} --stale` tries again"));
    } else if row.is_left_behind() {
        hanging(text, "  ", &styled(CARE, "!"), "its copies are the old token's still");
        hanging(
            text,
            "  ",
            &styled(CARE, "→"),
            &format!("`connect destination push {name} --stale` brings them along"),
        );
    }
    if let Outcome::Guided { old_token, unsure, less, .. } = &row.outcome {
        less.iter().for_each(|words| hanging(text, "  ", &styled(CARE, "!"), &format!("it may do less: {words}")));
        unsure.iter().for_each(|words| hanging(text, "  ", &styled(CARE, "!"), words));
        self::old_token(text, old_token, &row.connection);
    }
}

fn pushed(text: &mut String, copy: &PushedRow) {
    let place = place(&copy.destination);
    match &copy.outcome {
        Ok(Followed::Verified) => hanging(text, "  ", &styled(GOOD, "✓"), &place),
        Ok(Followed::Unverifiable) => {
            hanging(text, "  ", &styled(GOOD, "✓"), &format!("{place}: written; this place does not show it"));
        }
        Err(failure) => {
            let why = destination::without_place(&failure.message, &copy.destination);
            hanging(text, "  ", &styled(BAD, "✗"), &format!("{place}: {why}"));
            // That it is tried again by `push` stands below them all.
            if failure.code != "copy_failed" {
                hints(text, "    ", failure);
            }
        }
    }
}

/// Where the forge lists the account's tokens. A project's and a group's are on pages of their own.
fn tokens_page(connection: &Connection) -> Option<String> {
    let kind = &connection.token.as_ref()?.kind;
    let path = match (connection.forge, kind) {
        (ForgeKind::GitHub, TokenKind::FineGrained) => "settings/personal-access-tokens",
        (ForgeKind::GitHub, TokenKind::Classic) => "settings/tokens",
        (ForgeKind::GitLab, TokenKind::Personal | TokenKind::Granular) => "-/user_settings/personal_access_tokens",
        _ => return None,
    };
    connection.host().ok().map(|host| host.page(path).to_string())
}

/// What became of the old token, and what is left to be done about it.
fn old_token(text: &mut String, old: &OldToken, connection: &Connection) {
    let host = host(connection);
    let listed = tokens_page(connection).map_or_else(|| format!("at {host}"), |page| format!("on {page}"));
    let good = |text: &mut String, words: &str| hanging(text, "  ", &styled(GOOD, "✓"), words);
    let care = |text: &mut String, words: &str| hanging(text, "  ", &styled(CARE, "!"), words);
    let next = |text: &mut String, words: &str| hanging(text, "    ", &styled(CARE, "→"), words);
    match old.word {
        "revoked" => good(text, &format!("the old token is revoked; {host} no longer accepts it")),
        "dead" => good(text, &format!("the old token is dead; {host} does not accept it")),
        "left_alone" => {
            care(text, "the old token still works: it was left alone, and connect has forgotten it");
            next(text, &format!("revoke it {listed}"));
        }
        "elsewhere" => care(text, "another process has seen to the old token"),
        "lost" => {
            care(text, "the old token was no longer in its store, so it may still work");
            next(text, &format!("revoke it {listed}"));
        }
        "undecided" => {
            care(text, "the old token still works, and nobody has said what is to become of it");
            next(text, "`connect rotate --resume --revoke-old` revokes it");
            next(text, "`connect rotate --resume --keep-old` leaves it alone, and forgets it");
        }
        "waits" => {
            if old.copies > 0 {
                let (places, it) = match old.copies {
                    1 => ("1 place has it still".to_owned(), "mend that"),
                    more => (format!("{} have it still", counted(more, "place")), "mend these"),
                };
                care(text, &format!("the old token still works: {places}"));
                next(text, &format!("{it}, then `connect rotate --resume` goes on"));
            }
            for name in &old.connections {
                let name = printable(name.as_str(), 250);
                care(text, &format!("the old token still works: it is that of `{name}`, too"));
                next(text, &format!("`connect rotate {name}`, or disconnect it; then `connect rotate --resume`"));
            }
        }
        "by_hand" => {
            care(text, &format!("the old token still works: {host} has no call that revokes it"));
            if let Some(page) = &old.page {
                next(text, &format!("delete it on {page}"));
            }
        }
        _ => {
            let why = old.failure.as_ref().map_or("", |failure| failure.message.as_str());
            care(text, &format!("the old token could not be revoked, and may still work: {why}"));
            next(text, "`connect rotate --resume` tries again");
        }
    }
}

fn not_done(text: &mut String, name: &str, failure: &Failure) {
    hanging(text, "", &styled(BAD, "✗"), &format!("{name}: {}", printable(&failure.message, 400)));
    hints(text, "  ", failure);
}

fn hints(text: &mut String, indent: &str, failure: &Failure) {
    for hint in &failure.hints {
        hanging(text, indent, &styled(CARE, "→"), hint);
    }
}

/// A mark and words, in as many lines as they take.
fn hanging(text: &mut String, indent: &str, mark: &str, words: &str) {
    for (at, words) in wrapped(words, WIDTH).iter().enumerate() {
        let _ = writeln!(text, "{indent}{} {words}", if at == 0 { mark } else { " " });
    }
}

fn summary(rows: &[RotatedRow]) -> String {
    let count = |is: fn(&RotatedRow) -> bool| rows.iter().filter(|row| is(row)).count();
    let told = [
        (count(RotatedRow::is_rotated), "rotated"),
        (count(|row| matches!(row.outcome, Outcome::Failed(_))), "failed"),
        (count(|row| matches!(row.outcome, Outcome::NotReached)), "not reached"),
    ];
    let mut told: Vec<String> =
        told.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")).collect();
    let (copies, behind) = rows.iter().fold((0, 0), |(all, left), row| (all + row.pushed.len(), left + row.behind()));
    if copies > 0 {
        told.push(format!("{} of {} followed", copies - behind, counted(copies, "copy").replace("copys", "copies")));
    }
    format!("{}: {}", counted(rows.len(), "connection"), told.join(", "))
}

/// What is asked before several tokens are rotated.
pub fn rotation_question(count: usize) -> String {
    format!("Rotate {}?", counted(count, "token"))
}

/// What is asked before an old token is revoked.
pub fn revoke_question(connection: &str, old: &Fingerprint) -> String {
    format!("Revoke the old token of `{}` ({}…)? It cannot be undone.", printable(connection, 250), old.short())
}

/// What is asked before a token is taken that may do less.
pub const TAKE_LESS: &str = "Take it all the same?";

/// What stands above the hidden prompt for a new token.
pub fn make_new(connection: &Connection, page: &Page) -> String {
    let mut text = format!(
        "\n`{}` needs a new token. Make it at {}:\n\n  {}\n\n",
        printable(connection.name.as_str(), 250),
        host(connection),
        styled(STRONG, page.url.as_str())
    );
    fields(&mut text, &page.filled_in);
    fields(&mut text, &page.by_hand);
    text
}

/// What the hidden prompt for it says.
pub fn new_token_prompt(connection: &Connection) -> String {
    format!("The new token of `{}` (hidden): ", printable(connection.name.as_str(), 250))
}

/// What `rotate --resume` says of an old token.
pub fn old_token_resumed(connection: &Connection, old: &OldToken) -> String {
    let mut text = format!("{}\n", styled(STRONG, &printable(connection.name.as_str(), 250)));
    old_token(&mut text, old, connection);
    text
}

/// What `rotate --resume` says of a rotation that the forge had been asked for.
pub fn rotation_resumed(
    name: &str,
    state: Option<&str>,
    until: Option<Timestamp>,
    failure: Option<&Failure>,
) -> String {
    let mut text = String::new();
    let name = printable(name, 250);
    match (state, failure) {
        (Some("finished"), _) => {
            hanging(&mut text, "", &styled(GOOD, "✓"), &format!("{name}: finished; the new token is in place"));
        }
        (Some("nothing"), _) => {
            hanging(&mut text, "", &styled(GOOD, "✓"), &format!("{name}: nothing had happened; the old token works"));
        }
        (Some(_), _) => {
            let until = until.map_or_else(String::new, |until| format!("; after {until} it can be told"));
            let words = format!("{name}: the old token works so far, and its forge may still be at work{until}");
            hanging(&mut text, "", &styled(CARE, "!"), &words);
        }
        (None, Some(failure)) => not_done(&mut text, &name, failure),
        (None, None) => {}
    }
    text
}
