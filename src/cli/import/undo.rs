//! `connect import undo`

use clap::Args as ClapArgs;

use super::super::session::{AgeKeys, Session};
use super::asking::Asking;
use super::{CliError, of_repository, typed};
use crate::output::{Exit, Failure, human, json};
use crate::workflow::import::{self as workflow, StepKind, Typed, UndoWish, Undoing};

/// Take an import back: what connect made, and nothing else
///
/// Removes the webhook, the integration, the mirror, the access token and its connection, and the files that connect
/// put there, in reverse order, after showing them. What was there before stays, and so does what others have changed
/// since. The project on GitLab stays, unless `--delete-project` is given and its path is typed (or `--yes`).
///
/// What lies where the token sees nothing may be there all the same: it stays on record, and counts as failed.
///
/// Elsewhere than on a terminal one line a thing, fields separated by tabs: thing, removed|left|failed (with
/// `--plan` remove|leave|failed), words.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect import undo agility-game/store --plan
  connect import undo agility-game/store
  connect import undo agility-game/store --delete-project

Exit codes:
  0   it is undone
  3   no such import is on record, or all that is left of it is hidden
  5   only an owner deletes the project; nothing was removed
  9   nobody could agree; nothing was removed
  10  some of it could not be removed; the same command tries again")]
pub(super) struct Args {
    /// The repository on GitHub
    #[arg(value_name = "OWNER/REPO", value_parser = typed)]
    repository: Typed,

    /// The project, where the repository was imported more than once
    #[arg(long, value_name = "GROUP/PROJECT", value_parser = typed)]
    to: Option<Typed>,

    /// Delete the project on GitLab, too, if connect made it
    #[arg(long)]
    delete_project: bool,

    /// Take off the record, too, what lies in a repository or project that is gone, or hidden from the token
    #[arg(long)]
    forget_hidden: bool,

    /// Show what would be removed, and stop
    #[arg(long)]
    plan: bool,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let import = of_repository(&tools, session, &self.repository, self.to.as_ref())?;
        let wish = UndoWish { delete_project: self.delete_project, forget_hidden: self.forget_hidden };
        if self.plan {
            let plan = workflow::undo_plan(&tools, import, wish);
            let undoing = session.wait_for(async { Ok(Box::pin(plan).await?) })?;
            return show(session, &undoing);
        }
        let asking = Asking::new(session);
        let agreed = |undoing: &workflow::Undoing| asking.undo(undoing);
        let undone = session.wait_for(async { Ok(Box::pin(workflow::undo(&tools, import, wish, &agreed)).await?) })?;
        let failures: Vec<(StepKind, Failure)> =
            undone.failed.iter().map(|(step, error)| (*step, Failure::of_import(error))).collect();
        if session.screen.is_json() {
            session.screen.document(&json::Undone::of(&undone, &failures)).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::undone(&session.screen, &undone, &failures)).map_err(CliError::Output)?;
            if !session.screen.is_terminal() {
                tell(session, &failures);
            }
        }
        let done = undone.removed.len() + undone.left.len();
        if done == 0 && failures.is_empty() {
            session.screen.note("connect made nothing there; the import is off the record");
        }
        Ok(Exit::of_changes(done, failures.iter().map(|(_, failure)| failure.exit)))
    }
}

fn show(session: &Session, undoing: &Undoing) -> Result<Exit, CliError> {
    let failures: Vec<(StepKind, Failure)> =
        undoing.failed.iter().map(|(step, error)| (*step, Failure::of(error))).collect();
    if session.screen.is_json() {
        session.screen.document(&json::Undoing::of(undoing, &failures)).map_err(CliError::Output)?;
    } else {
        session.screen.result(&human::to_undo(&session.screen, undoing, &failures)).map_err(CliError::Output)?;
        if !session.screen.is_terminal() {
            tell(session, &failures);
        }
    }
    Ok(Exit::of_changes(undoing.steps.len() + undoing.left.len(), failures.iter().map(|(_, failure)| failure.exit)))
}

/// Why it failed, once a cause: in a repository that is hidden, all that was put there is.
fn tell(session: &Session, failures: &[(StepKind, Failure)]) {
    for (at, (_, failure)) in failures.iter().enumerate() {
        let told = |(_, before): &(StepKind, Failure)| before.message == failure.message;
        if !failures.iter().take(at).any(told) {
            session.screen.failure(failure);
        }
    }
}
