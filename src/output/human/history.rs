//! `connect history`: a table on a terminal, tab-separated lines elsewhere.

use std::fmt::Write as _;
use std::path::Path;

use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::screen::Screen;
use super::{counted, shortened, table, trimmed};
use crate::catalog::history::{Entry, Flaw, FlawKind, Verified};
use crate::model::text::printable;
use crate::workflow::HistoryRead;

/// How many flaws are named one by one.
const NAMED: usize = 8;

/// How much the columns that are never shortened take, with the gaps between all six.
const FIXED: usize = 16 + 12 + 8 + 6 * 2;

/// What `connect history` prints, entry by entry.
pub struct HistoryPage {
    /// The width of the terminal; nothing for a pipe.
    width: Option<usize>,
    lines: String,
    rows: Vec<[String; 6]>,
    /// What stands under each row.
    places: Vec<Option<String>>,
}

impl HistoryPage {
    /// An empty page.
    pub fn new(screen: &Screen) -> Self {
        let width = screen.is_terminal().then(|| screen.width());
        Self { width, lines: String::new(), rows: Vec::new(), places: Vec::new() }
    }

    /// Adds the next entry.
    pub fn add(&mut self, entry: &Entry) {
        if self.width.is_some() {
            self.rows.push(row(entry));
            self.places.push(place(entry));
        } else {
            plain_line(&mut self.lines, entry);
        }
    }

    /// The whole page.
    pub fn text(self) -> String {
        let Some(width) = self.width else { return self.lines };
        if self.rows.is_empty() {
            return String::new();
        }
        let longest = |column: usize| {
            self.rows.iter().filter_map(|row| row.get(column)).map(|text| text.chars().count()).max().unwrap_or(0)
        };
        let (stores, who) = (longest(5).max(5), longest(3).max(2));
        let room = width.saturating_sub(FIXED + stores);
        let who = who.min((room / 3).max(8));
        let names = room.saturating_sub(who).max(12);
        let mut table = table(&["WHEN", "WHAT", "CONNECTION", "BY", "TOKEN", "STORE"]);
        for [when, what, connection, by, fingerprint, store] in self.rows {
            table.add_row([when, what, shortened(&connection, names), shortened(&by, who), fingerprint, store]);
        }
        let (table, places) = (trimmed(&table), std::iter::once(None).chain(self.places));
        table.lines().zip(places).fold(String::new(), |mut text, (line, place)| {
            let _ = writeln!(text, "{line}");
            place.iter().for_each(|place| text.extend([place.as_str(), "\n"]));
            text
        })
    }
}

/// What was read beside the entries is said on stderr. Gives how the run ends.
pub fn history_ends(screen: &Screen, read: &HistoryRead, path: &Path, of_one: bool) -> Exit {
    let Some(verified) = &read.verified else {
        say_what_does_not_read(screen, read);
        if read.shown == 0 && read.torn.is_none() && read.unreadable.is_empty() {
            screen.note(if of_one { "nothing is recorded of it" } else { "nothing is recorded yet" });
        }
        return Exit::Done;
    };
    if verified.flaws.is_empty() {
        screen.note(&whole(verified));
        return Exit::Done;
    }
    let failure = broken(verified, path);
    screen.failure(&failure);
    failure.exit
}

/// A flaw in words: `line 7 was changed`.
pub fn flaw_in_words(flaw: &Flaw) -> String {
    let line = flaw.line;
    match flaw.kind {
        FlawKind::Torn => format!("line {line} is torn: it was not written to its end"),
        FlawKind::Unreadable => format!("line {line} is no entry of a history"),
        FlawKind::Changed => format!("line {line} was changed"),
        FlawKind::Unlinked => {
            format!("line {line} does not follow on line {}: one of the two was rewritten", line.saturating_sub(1))
        }
        FlawKind::Missing { count: 1 } => format!("an entry is missing before line {line}"),
        FlawKind::Missing { count } => format!("{count} entries are missing before line {line}"),
        FlawKind::Misplaced { before } => format!("line {line} belongs before line {before}"),
        FlawKind::Repeated => format!("line {line} repeats the number of an earlier one"),
        FlawKind::Shortened { count: 1 } => format!("an entry is missing at the end, before line {line}"),
        FlawKind::Shortened { count } => format!("{count} entries are missing at the end, before line {line}"),
    }
}

fn whole(verified: &Verified) -> String {
    let (Some(first), Some(last)) = (&verified.first, &verified.last) else {
        return "the history is whole: nothing is recorded yet".into();
    };
    let entries = if verified.entries == 1 { "1 entry".into() } else { format!("{} entries", verified.entries) };
    format!(
        "the history is whole: {entries} from {} to {}, each bound to the one before (it shows accidents and gaps, not an owner who rewrites the file)",
        printable(first, 40),
        printable(last, 40)
    )
}

fn broken(verified: &Verified, path: &Path) -> Failure {
    let mut told: Vec<String> = verified.flaws.iter().take(NAMED).map(flaw_in_words).collect();
    let more = verified.flaws.len().saturating_sub(NAMED);
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    Failure::new(Exit::Differs, "history_broken", format!("the history is broken: {}", told.join("; ")))
        .hint(format!("compare {} with a backup; what reads is shown all the same", path.display()))
        .hint("to begin anew, move it away together with `history.head` beside it")
}

fn say_what_does_not_read(screen: &Screen, read: &HistoryRead) {
    if let Some(line) = read.torn {
        let words = format!(
            "the last line, {line}, is torn: it was not written to its end; the next run that writes repairs it"
        );
        screen.warning("history_torn", &words);
    }
    let numbers: Vec<String> = read.unreadable.iter().take(NAMED).map(ToString::to_string).collect();
    if !numbers.is_empty() {
        let more = if read.unreadable.len() > NAMED { " and more" } else { "" };
        let lines = counted(read.unreadable.len(), "line");
        let words =
            format!("{lines} cannot be read: {}{more}; `connect history --verify` says more", numbers.join(", "));
        screen.warning("history_damaged", &words);
    }
}

fn row(entry: &Entry) -> [String; 6] {
    let shown = |name: &str, limit| entry.field(name).map_or_else(|| "-".into(), |text| printable(text, limit));
    let from = entry.field("from").map(|from| printable(from, 250));
    let what = shown("event", 12);
    let (mut connection, mut store) = (shown("connection", 250), shown("store", 12));
    match (what.as_str(), from) {
        ("renamed", Some(from)) => connection = format!("{from} → {connection}"),
        ("migrated", Some(from)) => store = format!("{} → {store}", shortened(&from, 7)),
        _ => {}
    }
    if what == "repaired" {
        connection = match entry.number("cut") {
            Some(0) | None => "(a line break)".into(),
            Some(bytes) => format!("({} cut off)", counted(usize::try_from(bytes).unwrap_or(usize::MAX), "byte")),
        };
    }
    let fingerprint = match entry.field("part") {
        Some(part) => format!("({})", printable(part, 14)),
        None => shown("fingerprint", 80).trim_start_matches("sha256:").chars().take(8).collect(),
    };
    [when(&shown("at", 40)), what, connection, by(entry), fingerprint, store]
}

/// What stands under the row, whole: where a copy of a token went, what was imported into what.
fn place(entry: &Entry) -> Option<String> {
    if let Some(old) = entry.field("old_fingerprint") {
        let old: String = printable(old, 80).trim_start_matches("sha256:").chars().take(8).collect();
        return Some(format!("   in place of {old}"));
    }
    let target = entry.field("target")?;
    let words = match (entry.field("repository"), entry.field("destination")) {
        (Some(from), _) => format!("{from} → {target}"),
        (None, Some(kind)) => format!("{kind}: {target}"),
        (None, None) => return None,
    };
    Some(format!("   {}", printable(&words, 600)))
}

/// `2026-11-01 12:00`, or what stands there when it is no time.
fn when(at: &str) -> String {
    let time: Result<jiff::Timestamp, _> = at.parse();
    time.map_or_else(|_| shortened(at, 16), |at| at.strftime("%Y-%m-%d %H:%M").to_string())
}

fn by(entry: &Entry) -> String {
    let shown = |name: &str| entry.field(name).map_or_else(|| "?".into(), |text| printable(text, 100));
    format!("{}@{}", shown("user"), shown("machine"))
}

/// One entry on one line, for `cut` and `awk`; `-` for what is not there.
fn plain_line(text: &mut String, entry: &Entry) {
    let shown = |name: &str| entry.field(name).map_or_else(|| "-".into(), |text| printable(text, 250));
    let _ = write!(text, "{}\t{}\t{}\t{}", shown("at"), shown("event"), shown("connection"), by(entry));
    for name in ["fingerprint", "store", "from", "host", "account", "secret", "target", "repository"] {
        // What was there before: a store, a name, or a token.
        let name = if name == "from" && entry.field("old_fingerprint").is_some() { "old_fingerprint" } else { name };
        let _ = write!(text, "\t{}", shown(name));
    }
    text.push('\n');
}
