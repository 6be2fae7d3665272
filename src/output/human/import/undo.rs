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
pub fn to_undo(screen: &Screen, undoing: &Undoing) -> String {
    if screen.is_terminal() {
        return self::undoing(undoing, screen.width());
    }
    undoing.steps.iter().fold(String::new(), |mut text, (step, says)| {
        let _ = writeln!(text, "{}\tremove\t{}", step.word(), printable(says, 400));
        text
    })
}

/// What would be undone, for people.
pub fn undoing(undoing: &Undoing, width: usize) -> String {
    let mut text = heading(&undoing.import);
    for (step, says) in &undoing.steps {
        step_line(&mut text, &styled(CARE, "-"), step.word(), &printable(says, 400), width);
    }
    if !undoing.deletes_project {
        step_line(&mut text, &styled(QUIET, "–"), StepKind::Project.word(), "stays", width);
    }
    text
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
    let mut line = |step: StepKind, word: &str, mark: String, says: &str, failure: Option<&Failure>| {
        let says = printable(says, 400);
        if terminal {
            let removed = word == "removed" && step != StepKind::Features;
            let says = if removed { format!("removed: {says}") } else { says };
            step_line(&mut text, &mark, step.word(), &says, width);
            failure.into_iter().for_each(|failure| hints(&mut text, failure, 4, width));
        } else {
            let _ = writeln!(text, "{}\t{word}\t{says}", step.word());
        }
    };
    undone.removed.iter().for_each(|(step, says)| line(*step, "removed", styled(GOOD, "✓"), says, None));
    undone.left.iter().for_each(|(step, says)| line(*step, "left", styled(QUIET, "–"), says, None));
    failures
        .iter()
        .for_each(|(step, failure)| line(*step, "failed", styled(BAD, "✗"), &failure.message, Some(failure)));
    text
}
