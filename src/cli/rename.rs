//! `connect rename`

use clap::Args as ClapArgs;

use super::CliError;
use super::session::{AgeKeys, Session};
use crate::model::ConnectionName;
use crate::output::{Exit, human};
use crate::workflow::{self, existing_name};

/// Give a connection another name
///
/// The token stays where it is, and what the connection serves stays as it is. Destinations that are written
/// by way of it follow. Its earlier history stays under the old name.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect rename octocat@github.com work

Exit codes:
  0  done
  3  there is no such connection
  8  what an earlier run for it left cannot be put in order now
  9  there is a connection of the new name already")]
pub(super) struct Args {
    /// Which connection
    #[arg(value_name = "NAME")]
    name: String,

    /// What to call it
    #[arg(value_name = "NEW-NAME")]
    new_name: ConnectionName,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let name = existing_name(&tools.records, &self.name)?;
        let connection = workflow::rename(&tools, &name, &self.new_name)?;
        if session.screen.is_json() {
            session.screen.document(&connection).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::renamed_to(&name, &connection)).map_err(CliError::Output)?;
        }
        Ok(Exit::Done)
    }
}
