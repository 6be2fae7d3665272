//! `connect import undo`.

use std::fmt::Write as _;

use super::super::super::failure::Failure;
use super::super::super::screen::Screen;
use super::super::super::style::{BAD, CARE, GOOD, QUIET, styled};
use super::{hints, step_line};
use crate::model::Import;
use crate::model::text::printable;
use crate::workflow::import::{StepKind, Undoing, Undone};

/// What would be undone: on a terminal a list, elsewhere one line a thing, fields separated by tabs.
pub fn to_undo(screen: &Screen, undoing: &Undoing, failures: &[(StepKind, Failure)]) -> String {
    if screen.is_terminal() {
        return self::undoing(undoing, failures, screen.width());
    }
    let mut text = String::new();
    let mut line = |step: &StepKind, word: &str, says: &str| {
        let _ = writeln!(text, "{}\t{word}\t{}", step.word(), printable(says, 400));
    };
    undoing.steps.iter().for_each(|(step, says)| line(step, "remove", says));
    undoing.left.iter().for_each(|(step, says)| line(step, "leave", says));
    failures.iter().for_each(|(step, failure)| line(step, "failed", &failure.message));
    text
}

/// What would be undone, for people.
pub fn undoing(undoing: &Undoing, failures: &[(StepKind, Failure)], width: usize) -> String {
    let mut text = heading(&undoing.import);
    for (step, says) in &undoing.steps {
        step_line(&mut text, &styled(CARE, "-"), step.word(), &printable(says, 400), width);
    }
    for (step, why) in &undoing.left {
        step_line(&mut text, &styled(QUIET, "–"), step.word(), &printable(why, 400), width);
    }
    for (step, failure) in failures {
        failed(&mut text, *step, failure, failures, width);
    }
    let mut told = undoing.left.iter().map(|(step, _)| step).chain(failures.iter().map(|(step, _)| step));
    if !undoing.deletes_project && !told.any(|step| *step == StepKind::Project) {
        step_line(&mut text, &styled(QUIET, "–"), StepKind::Project.word(), "stays", width);
    }
    text
}

/// What could not be removed, and what to do about it, once a cause.
fn failed(text: &mut String, step: StepKind, failure: &Failure, all: &[(StepKind, Failure)], width: usize) {
    step_line(text, &styled(BAD, "✗"), step.word(), &printable(&failure.message, 400), width);
    let last = all.iter().rev().find(|(_, other)| other.message == failure.message);
    if last.is_some_and(|(last, _)| *last == step) {
        hints(text, failure, 4, width);
    }
}

fn heading(import: &Import) -> String {
    let (from, to) = (&import.github, &import.gitlab);
    let place = |url: &str, path: &str| printable(&format!("{url}/{path}"), 300);
    format!("{}\n  → {}\n\n", place(&from.url, &from.path), place(&to.url, &to.path))
}

/// What was undone.
pub fn undone(screen: &Screen, undone: &Undone, failures: &[(StepKind, Failure)]) -> String {
    let (terminal, width) = (screen.is_terminal(), screen.width());
    let mut text = if terminal { heading(&undone.import) } else { String::new() };
    let mut line = |step: StepKind, word: &str, mark: String, says: &str| {
        let says = printable(says, 400);
        if terminal {
            let removed = word == "removed" && step != StepKind::Features;
            let says = if removed { format!("removed: {says}") } else { says };
            step_line(&mut text, &mark, step.word(), &says, width);
        } else {
            let _ = writeln!(text, "{}\t{word}\t{says}", step.word());
        }
    };
    undone.removed.iter().for_each(|(step, says)| line(*step, "removed", styled(GOOD, "✓"), says));
    undone.left.iter().for_each(|(step, says)| line(*step, "left", styled(QUIET, "–"), says));
    for (step, failure) in failures {
        if terminal {
            failed(&mut text, *step, failure, failures, width);
        } else {
            let _ = writeln!(text, "{}\tfailed\t{}", step.word(), printable(&failure.message, 400));
        }
    }
    text
}
