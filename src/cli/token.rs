//! `connect token`

use clap::Args as ClapArgs;

use super::CliError;
use super::session::{AgeKeys, Session};
use crate::output::Exit;
use crate::workflow;

/// Print a token, alone, on stdout
///
/// For scripts: `$(connect token octocat@github.com)`. By URL, the connection that serves it is found:
/// host, port and path must match, then the longest prefix, then the default. No network. A token that
/// has expired is not printed.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect token octocat@github.com
  curl -H @<(printf 'Authorization: Bearer %s' \"$(connect token github.com)\") https://api.github.com/user")]
pub(super) struct Args {
    /// A connection, by name or by a URL it serves
    #[arg(value_name = "NAME|URL")]
    name: String,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let handed = workflow::hand_out(&tools, &self.name)?;
        session.screen.token(&handed).map_err(CliError::Output)?;
        Ok(Exit::Done)
    }
}
