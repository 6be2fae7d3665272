//! `connect import status`

use clap::Args as ClapArgs;

use super::super::session::{AgeKeys, Session};
use super::{CliError, of_repository, typed};
use crate::output::{Exit, Failure, human, json};
use crate::workflow::Error;
use crate::workflow::import::{self as workflow, ImportStatusShown, Typed};

/// Is it still as it was set up, and how is it mended?
///
/// Compares what exists with what was set up: a mirror that fails or is paused, a token in it that has ended, a webhook
/// that was removed or is refused, an integration that was switched off; and names the command that mends it. What is in
/// the `.gitlab-ci.yml` is yours to change. Without a repository, all imports on record. Nothing is changed.
///
/// Elsewhere than on a terminal one line a difference, fields separated by tabs: repository, project, state (well,
/// drifted, unfinished, undoing, undone, unknown), thing, words.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect import status
  connect import status agility-game/store --json

Exit codes:
  0   all is as it was set up
  3   no such import is on record, or the repository is gone or hidden
  9   something is not, or an import or its undoing never came to its end
  4, 5, 7, 8 as `connect status` has them: it could not be looked at")]
pub(super) struct Args {
    /// The repository on GitHub
    #[arg(value_name = "OWNER/REPO", value_parser = typed)]
    repository: Option<Typed>,

    /// The project, where the repository was imported more than once
    #[arg(long, value_name = "GROUP/PROJECT", value_parser = typed)]
    to: Option<Typed>,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        workflow::tidy(&tools)?;
        let (imports, damaged) = match &self.repository {
            Some(repository) => (vec![of_repository(&tools, session, repository, self.to.as_ref())?], Vec::new()),
            None => workflow::on_record(&tools)?,
        };
        let shown = session.wait_for(async { Ok(Box::pin(workflow::statuses(&tools, imports)).await) })?;
        let shown: Vec<(ImportStatusShown, Option<Failure>)> = shown
            .into_iter()
            .map(|one| (one.error.as_ref().map(Failure::of_import), one))
            .map(|(f, one)| (one, f))
            .collect();
        let damaged: Vec<Failure> = damaged.into_iter().map(|e| Failure::of(&Error::from(e))).collect();
        if session.screen.is_json() {
            session.screen.document(&json::ImportStatuses::of(&shown, &damaged)).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::import_status(&session.screen, &shown)).map_err(CliError::Output)?;
            damaged.iter().for_each(|failure| session.screen.failure(failure));
            if shown.is_empty() && damaged.is_empty() {
                session.screen.note("no import is on record");
            }
        }
        let failed = shown.iter().filter_map(|(_, failure)| failure.as_ref()).chain(&damaged);
        let exits: Vec<Exit> = failed.map(|failure| failure.exit).collect();
        // What could not be looked at has an exit code of its own.
        let words = shown.iter().map(|(one, failure)| human::status_word(one, failure.as_ref()));
        let odd = words.into_iter().any(|word| !matches!(word, "well" | "undone" | "unknown"));
        Ok(Exit::worst(exits.into_iter().chain(odd.then_some(Exit::Differs))))
    }
}
