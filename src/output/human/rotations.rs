//! `connect history --rotated-since`: a table on a terminal, tab-separated lines elsewhere.

use std::fmt::Write as _;

use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::screen::Screen;
use super::super::style::{BAD, CARE, styled};
use super::stale::push;
use super::{counted, shortened, table, trimmed};
use crate::model::StoreKind;
use crate::model::text::printable;
use crate::workflow::{Rotation, Rotations};

/// How much the columns that are never shortened take, with the gaps between all five.
const FIXED: usize = 16 + 9 + 19 + 4 * 2;

/// What is printed of the connections.
pub fn rotations(screen: &Screen, found: &Rotations) -> String {
    if !screen.is_terminal() {
        return found.connections.iter().fold(String::new(), |mut text, one| {
            plain_line(&mut text, one);
            text
        });
    }
    if found.connections.is_empty() {
        return String::new();
    }
    let rows: Vec<[String; 5]> = found.connections.iter().map(row).collect();
    let longest = rows.iter().map(|row| row[3].chars().count()).max().unwrap_or(0).max(2);
    let room = screen.width().saturating_sub(FIXED);
    let who = longest.min((room / 3).max(8));
    let names = room.saturating_sub(who).max(12);
    let mut table = table(&["CONNECTION", "WHEN", "HOW", "BY", "TOKEN"]);
    for [name, when, how, by, token] in rows {
        table.add_row([shortened(&name, names), when, how, shortened(&by, who), token]);
    }
    let table = trimmed(&table);
    let below = std::iter::once(String::new()).chain(found.connections.iter().map(places));
    table.lines().zip(below).fold(String::new(), |mut text, (line, below)| {
        let _ = write!(text, "{line}\n{below}");
        text
    })
}

/// What is said beside the list, and how the run ends.
pub fn rotations_end(screen: &Screen, found: &Rotations, damaged: &[Failure]) -> Exit {
    let lacking: Vec<&Rotation> = found.connections.iter().filter(|one| one.rotated.is_none()).collect();
    let (all, since) = (found.connections.len(), found.since.strftime("%Y-%m-%d %H:%M UTC"));
    match lacking.first() {
        None if all == 0 => screen.note("there is no connection with a token"),
        None => screen.note(&format!("all of {} came since {since}", counted(all, "token"))),
        Some(one) => {
            // What is read from a variable is rotated where that is set.
            let is_kept =
                |one: &&&Rotation| one.connection.token.as_ref().is_some_and(|token| token.kept_in != StoreKind::Env);
            let next = match lacking.iter().find(is_kept) {
                Some(first) => {
                    format!("`connect rotate {}` rotates the first", printable(first.connection.name.as_str(), 250))
                }
                None => {
                    format!("`{}` is rotated where its variable is set", printable(one.connection.name.as_str(), 250))
                }
            };
            let lacking = lacking.len();
            let all = counted(all, "token");
            screen.note(&format!("{lacking} of {all} did not come since {since}, or nothing tells; {next}"));
        }
    }
    // With --json they are in the document.
    if !screen.is_json() {
        damaged.iter().for_each(|failure| screen.failure(failure));
    }
    let differs = lacking.first().map(|_| Exit::Differs);
    Exit::worst(damaged.iter().map(|failure| failure.exit).chain(differs))
}

fn row(one: &Rotation) -> [String; 5] {
    let name = printable(one.connection.name.as_str(), 250);
    let Some(arrival) = &one.rotated else {
        let present = one.connection.token.as_ref().map(|token| brief(token.fingerprint.as_str())).unwrap_or_default();
        return [name, "✗ not since".into(), "-".into(), "-".into(), present];
    };
    let token = match &arrival.old {
        Some(old) => format!("{} → {}", brief(old), brief(&arrival.new)),
        None => brief(&arrival.new),
    };
    [
        name,
        arrival.at.strftime("%Y-%m-%d %H:%M").to_string(),
        printable(&arrival.event, 12),
        printable(&format!("{}@{}", arrival.user, arrival.machine), 200),
        token,
    ]
}

/// What stands below the row: which copies followed, and which did not.
fn places(one: &Rotation) -> String {
    let followed = one.rotated.iter().flat_map(|arrival| &arrival.followed);
    let mut text = String::new();
    let mut stale = one.stale.iter().peekable();
    let is_stale = |kind: &str, target: &str| one.stale.iter().any(|s| s.kind.word() == kind && s.target == target);
    for place in followed.filter(|place| !is_stale(&place.kind, &place.target)) {
        let _ = writeln!(text, "   {}", printable(&format!("{}: {}", place.kind, place.target), 600));
    }
    let any = stale.peek().is_some();
    for copy in stale {
        let words = printable(&format!("{}: {}", copy.kind.word(), copy.target), 600);
        let _ = writeln!(text, " {} {words} did not follow", styled(BAD, "✗"));
    }
    if any {
        let name = printable(one.connection.name.as_str(), 250);
        let _ = writeln!(text, "   {} `{}`", styled(CARE, "→"), push(&name));
    }
    text
}

/// A fingerprint's first digits.
fn brief(fingerprint: &str) -> String {
    printable(fingerprint, 80).trim_start_matches("sha256:").chars().take(8).collect()
}

/// One connection on one line, for `cut` and `awk`; `-` for what is not there.
fn plain_line(text: &mut String, one: &Rotation) {
    let or_none = |text: Option<String>| text.map_or_else(|| "-".to_owned(), |text| printable(&text, 250));
    let arrival = one.rotated.as_ref();
    let fields = [
        Some(one.connection.name.to_string()),
        Some(if arrival.is_some() { "rotated".to_owned() } else { "not-since".to_owned() }),
        arrival.map(|arrival| arrival.at.to_string()),
        arrival.map(|arrival| arrival.event.clone()),
        arrival.map(|arrival| format!("{}@{}", arrival.user, arrival.machine)),
        arrival.and_then(|arrival| arrival.old.clone()),
        one.connection.token.as_ref().map(|token| token.fingerprint.as_str().to_owned()),
        Some(arrival.map_or(0, |arrival| arrival.followed.len()).to_string()),
        Some(one.stale.len().to_string()),
    ];
    let _ = writeln!(text, "{}", fields.map(or_none).join("\t"));
}
