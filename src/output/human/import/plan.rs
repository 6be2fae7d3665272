//! What would be done.

use std::fmt::Write as _;

use super::super::super::screen::Screen;
use super::super::super::style::{CARE, QUIET, styled};
use super::{hanging, step_line, step_word};
use crate::model::text::printable;
use crate::workflow::import::{Plan, Planned, State, StepKind};

const fn mark(state: State) -> &'static str {
    match state {
        State::Stands => "✓",
        State::Make => "+",
        State::Change => "~",
        State::Leave => "–",
    }
}

/// The plan: on a terminal a list with marks, elsewhere one line a step, fields separated by tabs.
pub fn plan(screen: &Screen, plan: &Plan) -> String {
    if !screen.is_terminal() {
        return plan.steps.iter().fold(String::new(), |mut text, step| {
            let _ = writeln!(text, "{}\t{}\t{}", step.step.word(), step.state.word(), printable(&step.says, 400));
            text
        });
    }
    plan_page(plan, screen.width())
}

/// A repository that was named by a former name.
pub fn called_now(before: &str, now: &str) -> String {
    format!("{} is called {} now", printable(before, 120), printable(now, 120))
}

/// The plan for people.
pub fn plan_page(plan: &Plan, width: usize) -> String {
    let mut text = format!("{}\n  → {}\n", printable(&plan.repository_url, 200), printable(&plan.project_url, 200));
    if let Some(before) = &plan.renamed_from {
        let words = format!("({})", called_now(before, &plan.repository));
        hanging(&mut text, "  ", 2, &words, width);
    }
    text.push('\n');
    for step in &plan.steps {
        let style = if step.state.acts() { CARE } else { QUIET };
        let words = printable(&words(plan, step), 400);
        step_line(&mut text, &styled(style, mark(step.state)), step.step.word(), &words, width);
    }
    if !plan.cautions.is_empty() {
        text.push('\n');
    }
    for caution in &plan.cautions {
        hanging(&mut text, &format!("  {} ", styled(CARE, "!")), 4, &printable(caution, 400), width);
    }
    let _ = writeln!(text, "\n{}", sum(plan));
    text
}

/// The project's path stands above already, and the file's name in front.
fn words(plan: &Plan, step: &Planned) -> String {
    let known = match step.step {
        StepKind::Project => plan.project.as_str(),
        StepKind::CiFile => step_word(step.step.word()),
        _ => return step.says.clone(),
    };
    let rest = step.says.strip_prefix(known);
    match rest.map(|rest| rest.trim_start_matches([',', ';', ' '])) {
        None => step.says.clone(),
        Some("") => "is there".to_owned(),
        Some(rest) => rest.to_owned(),
    }
}

fn sum(plan: &Plan) -> String {
    let count = |state| plan.steps.iter().filter(|step| step.state == state).count();
    match (count(State::Make), count(State::Change)) {
        (0, 0) => "Nothing to change.".to_owned(),
        (makes, 0) => format!("{makes} to make."),
        (0, changes) => format!("{changes} to change."),
        (makes, changes) => format!("{makes} to make, {changes} to change."),
    }
}
