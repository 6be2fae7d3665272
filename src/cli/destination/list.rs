//! `connect destination list`

use clap::Args as ClapArgs;

use super::super::session::{AgeKeys, Session};
use super::CliError;
use crate::output::{Exit, Failure, human, json};
use crate::workflow::destination::list;
use crate::workflow::{Error, existing_name};

/// Where copies of the secrets are (asks nobody)
///
/// On a terminal a table; elsewhere one line a place, fields separated by tabs: connection, kind, place, name,
/// environment, which secret, state, since when, by way of which connection, what went wrong, and what names the place
/// after `--to`. The state follows from the records: `current`, `stale` (an older secret is there, or it is not known
/// which), `never` (none was put there yet).
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect destination list
  connect destination list octocat@github.com --json

Exit codes:
  0  done
  3  there is no such connection")]
pub(super) struct Args {
    /// Only of this connection
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let tools = session.tools(AgeKeys::default(), &|_| ());
        let name = self.name.as_ref().map(|name| existing_name(&tools.records, name)).transpose()?;
        let (listed, damaged) = list(&tools, name.as_ref())?;
        let damaged: Vec<Failure> = damaged.into_iter().map(|e| Failure::of(&Error::from(e))).collect();
        if session.screen.is_json() {
            let document = json::Destinations::of(&listed, &damaged);
            session.screen.document(&document).map_err(CliError::Output)?;
        } else {
            let text = human::destinations(&session.screen, &listed);
            session.screen.result(&text).map_err(CliError::Output)?;
            if listed.iter().all(|listed| listed.places.is_empty()) && damaged.is_empty() {
                session.screen.note("no copy of a secret is anywhere; `connect destination add` puts one somewhere");
            }
            damaged.iter().for_each(|failure| session.screen.failure(failure));
        }
        Ok(Exit::worst(damaged.iter().map(|failure| failure.exit)))
    }
}
