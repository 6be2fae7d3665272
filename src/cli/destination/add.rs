//! `connect destination add`

use clap::{Args as ClapArgs, ValueEnum};

use super::super::session::{AgeKeys, Session};
use super::{CliError, FORMS, place};
use crate::model::Copied;
use crate::output::{Exit, Failure, human, json};
use crate::workflow::destination::{Adding, add};
use crate::workflow::existing_name;

/// Put a copy of a secret somewhere, and keep it up to date
///
/// First it is looked whether the place is there and may be written to; then it is put on the list, and the
/// secret is put there and looked at, as far as the place shows it. What else there is of the place stays as it
/// is: how a variable is masked, protected and scoped, which branches a mirror brings. A variable that is not there
/// yet is made masked and protected; an organisation's secret, for its private repositories.
///
/// A token goes to places of its own forge and to those that use it there: a mirror or a webhook that leads
/// elsewhere is refused. A command is run without a shell, with the secret on its standard input and in no
/// variable; it has done its work when it ends with 0.
#[derive(Debug, ClapArgs)]
#[command(after_help = concat_forms())]
pub(super) struct Args {
    /// Whose secret
    #[arg(value_name = "NAME")]
    name: String,

    /// The place, as KIND:TARGET (see below)
    #[arg(long, value_name = "KIND:TARGET")]
    to: String,

    /// The connection that may write there  [default: the one that serves the
    /// place; of several, NAME itself]
    #[arg(long, value_name = "NAME", env = "CONNECT_VIA", hide_env_values = true)]
    via: Option<String>,

    /// Which secret  [default: the token; for webhooks of the same forge, the
    /// webhook's]
    #[arg(long, value_name = "SECRET")]
    secret: Option<Which>,

    /// Put it on the list only; `push` brings the secret
    #[arg(long)]
    no_push: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// The token
    Token,
    /// The webhook's secret
    Webhook,
}

fn concat_forms() -> String {
    format!(
        "{FORMS}\n
Examples:
  connect destination add octocat@github.com \\
      --to gitlab-variable:agility-game/dashboard:GITHUB_TOKEN@production
  connect destination add root@gitlab.com --to file:/etc/app/token
  connect destination add root@gitlab.com --to 'command:kubectl-secret app'

Exit codes:
  0  the secret is there, as far as the place shows it
  1  it was written, and does not work there; the place is listed as stale
  2  the place does not read, or takes no such secret
  3  there is no such connection, or nothing at that place
  5  the connection may not write there
  7  the forge could not be reached
  9  nobody has said which connection may write there; the place leads
     elsewhere, or is another connection's"
    )
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let name = existing_name(&tools.records, &self.name)?;
        let of = self.secret.map(|which| match which {
            Which::Token => Copied::Token,
            Which::Webhook => Copied::Webhook,
        });
        let adding = Adding { to: place(&self.to)?, via: self.via, of, push: !self.no_push };
        let added = session.wait_for(async { Ok(add(&tools, &name, &adding).await?) })?;
        let error = added.outcome.as_ref().and_then(|outcome| outcome.as_ref().err());
        let undo = |failure: Failure| match added.known {
            true => failure,
            false => failure.hint(format!("`{}` takes it off the list", added.undo)),
        };
        let failure = error.map(|error| undo(Failure::of(error).about(&name)));
        if session.screen.is_json() {
            let document = json::DestinationAdded::of(&added, failure.as_ref());
            session.screen.document(&document).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::destination_added(&added)).map_err(CliError::Output)?;
            failure.iter().for_each(|failure| session.screen.failure(failure));
        }
        Ok(failure.map_or(Exit::Done, |failure| failure.exit))
    }
}
