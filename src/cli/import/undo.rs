//! `connect import undo`

use clap::Args as ClapArgs;

use super::super::session::{AgeKeys, Session};
use super::asking::Asking;
use super::{CliError, typed};
use crate::output::{Exit, Failure, human, json};
use crate::workflow::import::{self as workflow, StepKind, Typed, UndoWish};

/// Take an import back: what connect made, and nothing else
///
/// Removes the webhook, the integration, the mirror, the access token and its connection, and the files that connect
/// put there, in reverse order, after showing them. What was there before stays, and so does what others have changed
/// since. The project on GitLab stays, unless `--delete-project` is given and its path is typed.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect import undo agility-game/store
  connect import undo agility-game/store --delete-project

Exit codes:
  0   it is undone
  3   no such import is on record
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
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let import = workflow::of_repository(&tools, &self.repository, self.to.as_ref())?;
        let wish = UndoWish { delete_project: self.delete_project };
        let asking = Asking::new(session);
        let agreed = |undoing: &workflow::Undoing| asking.undo(undoing);
        let undone = session.wait_for(async { Ok(Box::pin(workflow::undo(&tools, import, wish, &agreed)).await?) })?;
        let failures: Vec<(StepKind, Failure)> =
            undone.failed.iter().map(|(step, error)| (*step, Failure::of(error))).collect();
        if session.screen.is_json() {
            session.screen.document(&json::Undone::of(&undone, &failures)).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::undone(&session.screen, &undone, &failures)).map_err(CliError::Output)?;
        }
        let done = undone.removed.len() + undone.left.len();
        Ok(Exit::of_changes(done, failures.iter().map(|(_, failure)| failure.exit)))
    }
}
