//! `connect destination remove`

use clap::Args as ClapArgs;

use super::super::session::{AgeKeys, Session};
use super::{CliError, FORMS, place};
use crate::output::{Exit, human, json};
use crate::workflow::destination::remove;
use crate::workflow::existing_name;

/// Take a place off the list
///
/// The copy that is there stays, and works for as long as the secret does, unless `--delete` takes it away: a
/// variable, a secret of Actions, a file. What an import or `webhook add` has put somewhere is theirs to take away.
#[derive(Debug, ClapArgs)]
#[command(after_help = forms())]
pub(super) struct Args {
    /// Whose secret
    #[arg(value_name = "NAME")]
    name: String,

    /// The place, as KIND:TARGET (see below)
    #[arg(long, value_name = "KIND:TARGET")]
    to: String,

    /// Take the copy away, too: a variable, a secret of Actions, a file
    #[arg(long)]
    delete: bool,
}

fn forms() -> String {
    format!(
        "{FORMS}\n
Examples:
  connect destination remove octocat@github.com --to file:/etc/app/token
  connect destination remove root@gitlab.com --delete \\
      --to github-secret:octocat/hello-world:GITLAB_TOKEN

Exit codes:
  0  done
  3  there is no such connection, or no such place on its list
  9  an import, or a webhook that connect made, owns it"
    )
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let name = existing_name(&tools.records, &self.name)?;
        let to = place(&self.to)?;
        let removed = session.wait_for(async { Ok(remove(&tools, &name, &to, self.delete).await?) })?;
        if session.screen.is_json() {
            session.screen.document(&json::DestinationRemoved::of(&removed)).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::destination_removed(&removed)).map_err(CliError::Output)?;
        }
        Ok(Exit::Done)
    }
}
