//! `connect which`

use clap::Args as ClapArgs;

use super::CliError;
use super::session::{AgeKeys, Session};
use crate::output::{Exit, human, json};
use crate::workflow::{self, Address};

/// Which connection serves a URL, and why
///
/// Scheme, host, port and base path must match exactly; then the longest prefix that a connection serves
/// (`connect use`), then the default of the host, then the only one. Over ssh only host and path count. Asks
/// nobody. Off a terminal one line, fields separated by tabs: name, reason (prefix, default or only), the
/// prefix or -.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect which https://github.com/agility-game/timing-firmware
  connect which git@gitlab.example.com:agility-game/x.git

Exit codes:
  0  done
  2  that is no URL
  3  no connection serves it
  9  more than one does, and none is the default")]
pub(super) struct Args {
    /// A web or git address, with or without scheme, or `git@host:owner/repo`
    #[arg(value_name = "URL")]
    url: String,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let tools = session.tools(AgeKeys::default(), &|_| ());
        let address = Address::read(&self.url).ok_or_else(|| {
            let hints = ["as in `https://github.com/owner/repo`, `gitlab.com/group` or `git@host:owner/repo`"];
            CliError::usage("that is no URL", &hints)
        })?;
        let choice = workflow::which(&tools.records, &address)?;
        human::unread(&session.screen, choice.unread);
        if session.screen.is_json() {
            session.screen.document(&json::Which::of(&choice, &address)).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::which(&session.screen, &choice)).map_err(CliError::Output)?;
        }
        Ok(Exit::Done)
    }
}
