//! `connect destination push`

use clap::Args as ClapArgs;

use super::super::session::{AgeKeys, Session};
use super::CliError;
use crate::output::{Exit, Failure, human, json};
use crate::workflow::destination::{Pushed, Which, list, push};
use crate::workflow::{Error, existing_name};

/// Bring the present secrets to the places on the list
///
/// Each place gets the secret, and is looked at afterwards. One that fails stays on the list as stale, with what
/// went wrong, and does not keep the others from getting theirs. With names, all places of these connections;
/// with `--stale`, only those that do not have the present secret, of these connections or of all.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect destination push --stale
  connect destination push octocat@github.com
  connect destination push octocat@github.com --stale --json

Exit codes:
  0   every place has the secret, as far as it shows
  3   there is no such connection
  10  some places failed; where all did, the code of the worst:
      1, 3, 4, 5, 7, 8 or 9")]
pub(super) struct Args {
    /// Of which connections
    #[arg(value_name = "NAME", required_unless_present = "stale")]
    names: Vec<String>,

    /// Only places that do not have the present secret
    #[arg(long)]
    stale: bool,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let mut damaged = Vec::new();
        let mut names = Vec::new();
        if self.names.is_empty() {
            let (listed, unread) = list(&tools, None)?;
            names.extend(listed.into_iter().map(|listed| listed.connection.name));
            damaged.extend(unread.into_iter().map(|e| Failure::of(&Error::from(e))));
        } else {
            for name in &self.names {
                let name = existing_name(&tools.records, name)?;
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        let which = if self.stale { Which::Stale } else { Which::All };
        let pushed: Vec<Pushed> = session.wait_for(async {
            let mut all = Vec::new();
            for name in &names {
                all.extend(push(&tools, name, which).await?);
            }
            Ok(all)
        })?;
        let failures: Vec<Option<Failure>> = pushed
            .iter()
            .map(|one| one.outcome.as_ref().err().map(|error| Failure::of(error).about(&one.connection)))
            .collect();
        let done = failures.iter().filter(|failure| failure.is_none()).count();
        let exit = Exit::of_changes(done, failures.iter().flatten().chain(&damaged).map(|failure| failure.exit));
        if session.screen.is_json() {
            let document = json::DestinationsPushed::of(&pushed, &failures, &damaged);
            session.screen.document(&document).map_err(CliError::Output)?;
        } else {
            let text = human::destinations_pushed(&pushed, &failures);
            session.screen.result(&text).map_err(CliError::Output)?;
            if pushed.is_empty() {
                session.screen.note(if self.stale { "no copy is stale" } else { "no copy of that is anywhere" });
            }
            damaged.iter().for_each(|failure| session.screen.failure(failure));
        }
        Ok(exit)
    }
}
