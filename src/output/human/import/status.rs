//! `connect import status`.

use std::fmt::Write as _;

use super::super::super::failure::Failure;
use super::super::super::screen::Screen;
use super::super::super::style::{BAD, CARE, GOOD, QUIET, styled};
use super::{hanging, hints, step_word};
use crate::model::text::printable;
use crate::workflow::import::ImportStatusShown;

/// What was found: on a terminal a paragraph an import, elsewhere one line a difference, fields separated by tabs.
pub fn import_status(screen: &Screen, shown: &[(ImportStatusShown, Option<Failure>)]) -> String {
    shown.iter().fold(String::new(), |mut text, (status, failure)| {
        if screen.is_terminal() {
            paragraph(&mut text, status, failure.as_ref(), screen.width());
        } else {
            lines(&mut text, status, failure.as_ref());
        }
        text
    })
}

fn lines(text: &mut String, status: &ImportStatusShown, failure: Option<&Failure>) {
    let (from, to) = (&status.import.github.path, &status.import.gitlab.path);
    let word = status_word(status, failure);
    let mut line = |what: &str, says: &str| {
        let _ = writeln!(text, "{from}\t{to}\t{word}\t{what}\t{}", printable(says, 400));
    };
    match (failure, status.drift.as_slice()) {
        (Some(failure), _) => line(failure.code, &failure.message),
        (None, []) => line("-", "-"),
        (None, drift) => drift.iter().for_each(|drift| line(drift.what, &drift.says)),
    }
}

fn paragraph(text: &mut String, status: &ImportStatusShown, failure: Option<&Failure>, width: usize) {
    let (from, to) = (&status.import.github, &status.import.gitlab);
    let word = status_word(status, failure);
    let mark = match word {
        "well" => styled(GOOD, "✓"),
        "undone" => styled(QUIET, "–"),
        "unknown" => styled(CARE, "?"),
        _ => styled(BAD, "✗"),
    };
    let begun = if word == "undoing" { "its undoing goes on:" } else { "mend it:" };
    let _ = writeln!(text, "{mark} {}: {word}", printable(&from.path, 200));
    let _ = writeln!(text, "  → {}", styled(QUIET, &printable(&format!("{}/{}", to.url, to.path), 300)));
    let renamed = [(&status.repository_before, &from.path), (&status.project_before, &to.path)];
    for (before, now) in renamed.into_iter().filter_map(|(before, now)| Some((before.as_ref()?, now))) {
        let words = format!("{} is called {} now", printable(before, 200), printable(now, 200));
        hanging(text, &format!("  {} ", styled(CARE, "!")), 4, &words, width);
    }
    for drift in &status.drift {
        let words = format!("{}: {}", step_word(drift.what), printable(&drift.says, 400));
        hanging(text, &format!("  {} ", styled(BAD, "✗")), 4, &words, width);
    }
    let mut mends: Vec<&str> = Vec::new();
    let unfinished = (word == "unfinished").then_some(&status.again);
    for mend in status.drift.iter().map(|drift| &drift.mend).chain(unfinished).chain(&status.undo) {
        if !mends.contains(&mend.as_str()) {
            mends.push(mend);
        }
    }
    for mend in mends {
        // It is there to be copied: whole, on its line.
        let _ = writeln!(text, "  {} {}", styled(CARE, begun), printable(mend, 1000));
    }
    if let Some(failure) = failure {
        hanging(text, "  ", 2, &printable(&failure.message, 400), width);
        hints(text, failure, 2, width);
    }
}

/// One word for how an import is.
pub fn status_word(status: &ImportStatusShown, failure: Option<&Failure>) -> &'static str {
    match () {
        () if failure.is_some() => "unknown",
        () if status.import.undone_at.is_some() => "undone",
        () if status.import.undoing.is_some() => "undoing",
        () if status.import.finished_at.is_none() => "unfinished",
        () if !status.drift.is_empty() => "drifted",
        () => "well",
    }
}
