//! `connect import`: what would be done, what was done, what is on record. A file a screen; here is what they share.
//!
//! Words hang under themselves and are broken at the width of the terminal; links and commands to be copied stand alone,
//! whole.

mod list;
mod made;
mod plan;
mod status;
mod undo;

use std::fmt::Write as _;

use super::super::failure::Failure;
use super::super::screen::Screen;
use super::super::style::{CARE, GOOD, styled};
use super::check::folded;
use crate::model::ConnectionName;
use crate::model::text::printable;

pub use list::{importable_word, repositories};
pub use made::{file_left, imported, unproven};
pub use plan::{called_now, plan, plan_page};
pub use status::{import_status, status_word};
pub use undo::{to_undo, undoing, undone};

/// How wide the column with the steps' names is.
const NAMES: usize = 19;

/// A step's name for people.
pub fn step_word(word: &str) -> &str {
    match word {
        "ci_file" => ".gitlab-ci.yml",
        "integration" => "GitHub integration",
        "secret" => "Actions secret",
        "token" => "project token",
        "mirror" => "pull mirror",
        other => other,
    }
}

/// A step that is done.
pub fn step_done(step: &str, says: &str) -> String {
    format!("{} {}: {}", styled(GOOD, "✓"), step_word(step), printable(says, 300))
}

/// How far an import has come.
pub fn importing(project: &str, done: u64, of: u64) -> String {
    let count = if of > 0 { format!(", {done} of {of} things so far") } else { String::new() };
    format!("watching (Ctrl-C only stops that): GitLab's import{count}, into {}", printable(project, 120))
}

/// What an import has left out.
pub fn partly_imported(failed: &[String]) -> String {
    let shown: Vec<String> = failed.iter().take(10).map(|what| printable(what, 200)).collect();
    let more = failed.len().saturating_sub(shown.len());
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("GitLab's import left something out: {}{more}", shown.join("; "))
}

/// What is asked where GitLab makes no token for the project alone.
pub fn personal_token(screen: &Screen, connection: &ConnectionName, why: &str) -> String {
    let mut text = String::new();
    let why = format!("GitLab makes no access token for this project alone: {}", printable(why, 200));
    let instead = format!(
        "The token of `{connection}` can be used instead: it may do everything that its owner may, and whoever \
         administers the repository can read it. Use it? [y/N]"
    );
    hanging(&mut text, "", 0, &why, screen.width());
    hanging(&mut text, "", 0, &instead, screen.width());
    text.trim_end().to_owned()
}

/// Words behind something that takes `indent` columns; what does not fit into the width hangs under them.
fn hanging(text: &mut String, first: &str, indent: usize, words: &str, width: usize) {
    let mut lines = folded(words, width.saturating_sub(indent).max(20)).into_iter();
    let _ = writeln!(text, "{first}{}", lines.next().unwrap_or_default());
    for line in lines {
        let _ = writeln!(text, "{:indent$}{line}", "");
    }
}

/// A step behind its mark.
fn step_line(text: &mut String, mark: &str, step: &str, words: &str, width: usize) {
    let first = format!("  {mark} {:<NAMES$} ", step_word(step));
    hanging(text, &first, NAMES + 5, words, width);
}

/// What to do about a failure, a line a hint. Commands and links are there to be copied: they are not broken.
fn hints(text: &mut String, failure: &Failure, indent: usize, width: usize) {
    for hint in &failure.hints {
        let first = format!("{:indent$}{} ", "", styled(CARE, "→"));
        let whole = hint.contains('`') || hint.contains("://");
        hanging(text, &first, indent + 2, &printable(hint, 400), if whole { usize::MAX } else { width });
    }
}
