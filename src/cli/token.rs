//! `connect token`

use clap::{Args as ClapArgs, ValueEnum};

use super::CliError;
use super::session::{AgeKeys, Session};
use crate::output::{Exit, TokenFormat};
use crate::workflow;

/// Print a token, alone, on stdout
///
/// For scripts: `$(connect token octocat@github.com)`. By URL, the connection that serves it is found:
/// host, port and path must match, then the longest prefix, then the default. No network. A token that
/// has expired is not printed.
///
/// `--format netrc` prints lines of a `.netrc`, one for the forge and one for its API where that is another
/// host; `--format curl` what `curl --config -` reads, so that the token is on no command line.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect token octocat@github.com
  connect token github.com --format curl |
      curl --config - https://api.github.com/user
  connect token gitlab.example.com --format netrc")]
pub(super) struct Args {
    /// A connection, by name or by a URL it serves
    #[arg(value_name = "NAME|URL")]
    name: String,

    /// In which form: the token alone, lines of a `.netrc`, a configuration of
    /// curl's
    #[arg(long, value_name = "FORM", default_value = "token")]
    format: Format,
}

/// The word of `--format`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Token,
    Netrc,
    Curl,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let handed = workflow::hand_out(&tools, &self.name)?;
        let format = match self.format {
            Format::Token => TokenFormat::Token,
            Format::Netrc => TokenFormat::Netrc,
            Format::Curl => TokenFormat::Curl,
        };
        session.screen.token(&handed, format).map_err(CliError::Output)?;
        Ok(Exit::Done)
    }
}
