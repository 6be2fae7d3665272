//! `connect doctor`: groups with headings, a line a link, the mend below it.

use std::fmt::Write as _;

use super::super::failure::doctor::{Status, Told};
use super::super::style::{BAD, CARE, GOOD, QUIET, STRONG, styled};
use crate::model::text::printable;
use crate::workflow::doctor::Group;

/// The longest name that others are aligned to.
const WIDEST: usize = 30;

/// The links; with `quiet` only those that are not well. Nothing when there is nothing to say.
pub fn doctor(told: &[Told], width: usize, quiet: bool) -> String {
    let shown: Vec<&Told> = told.iter().filter(|told| !quiet || is_concern(told.status)).collect();
    if quiet && shown.is_empty() {
        return String::new();
    }
    let mut text = String::new();
    for group in shown.chunk_by(|one, other| heading(one) == heading(other)) {
        let Some(first) = group.first() else { continue };
        let _ = writeln!(text, "{}", styled(STRONG, &heading(first)));
        let column = group.iter().map(|told| told.name.chars().count()).max().unwrap_or(0).min(WIDEST);
        group.iter().for_each(|told| line(&mut text, told, column, width));
        text.push('\n');
    }
    text.push_str(&counts(told));
    text
}

const fn is_concern(status: Status) -> bool {
    matches!(status, Status::Warn | Status::Fail)
}

fn heading(told: &Told) -> String {
    let named =
        |word: &str, name: &Option<String>| format!("{word} {}", printable(name.as_deref().unwrap_or("?"), 250));
    match told.group {
        Group::Connect => "connect".into(),
        Group::Configuration => "configuration".into(),
        Group::Files => "files".into(),
        Group::Store => "stores".into(),
        Group::Environment => "environment".into(),
        Group::Host => named("host", &told.host),
        Group::Connection => named("connection", &told.connection),
        Group::Git => "git".into(),
        Group::Journal => "unfinished".into(),
    }
}

fn line(text: &mut String, told: &Told, column: usize, width: usize) {
    let mark = match told.status {
        Status::Ok => styled(GOOD, "✓"),
        Status::Warn => styled(CARE, "!"),
        Status::Fail => styled(BAD, "✗"),
        Status::Skipped => styled(QUIET, "–"),
    };
    let name = printable(&told.name, 60);
    let whose = match (told.group, &told.connection) {
        (Group::Journal, Some(connection)) => format!("`{connection}`: "),
        _ => String::new(),
    };
    let message = printable(&format!("{whose}{}", told.message), 600);
    let indent = column + 6;
    let mut lines = wrapped(&message, width.saturating_sub(indent).max(30)).into_iter();
    let _ = writeln!(text, "  {mark} {name:<column$}  {}", lines.next().unwrap_or_default());
    for more in lines {
        let _ = writeln!(text, "{:indent$}{more}", "");
    }
    for mend in &told.mends {
        // Not wrapped: it is there to be copied.
        let _ = writeln!(text, "    {} {}", styled(CARE, "→"), printable(mend, 1000));
    }
}

/// Breaks a text between words. A word that is too long stays whole.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn counts(told: &[Told]) -> String {
    let count = |status| told.iter().filter(|told| told.status == status).count();
    let mut parts = vec![format!("{} well", count(Status::Ok))];
    for (status, word) in [(Status::Warn, "to look at"), (Status::Fail, "broken"), (Status::Skipped, "skipped")] {
        let count = count(status);
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    format!("{}\n", parts.join(", "))
}
