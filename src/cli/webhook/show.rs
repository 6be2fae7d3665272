//! `connect webhook show`

use clap::Args as ClapArgs;

use super::super::CliError;
use super::super::session::{AgeKeys, Session};
use super::place::PlaceArgs;
use super::words;
use crate::output::{Exit, human, json};
use crate::workflow::hooks;

/// One webhook: where it delivers to, what it tells of, how it does
///
/// Shows GitHub's last response, and whether GitLab has switched it off after failures, with the way to revive it. A
/// secret never comes back from a forge; whether there is one does.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect webhook show
  connect webhook show --repo agility-game/store
  connect webhook show 12345678 --repo agility-game/store --json")]
pub(super) struct Args {
    /// Its number  [default: the only one that connect has made there]
    #[arg(value_name = "ID", value_parser = words::number)]
    id: Option<u64>,

    #[command(flatten)]
    place: PlaceArgs,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let (site, id) = self.place.hook(&tools, self.id)?;
        let listed = session.wait_for(async { Ok(hooks::show(&site, id).await?) })?;
        let now = session.environment.clock.now();
        if session.screen.is_json() {
            session.screen.document(&json::HookEntry::of(&listed, None, now)).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::hook(&listed, now)).map_err(CliError::Output)?;
        }
        Ok(Exit::Done)
    }
}
