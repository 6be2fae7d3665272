//! `connect webhook remove`

use clap::Args as ClapArgs;

use super::super::CliError;
use super::super::ask::Asker;
use super::super::session::{AgeKeys, Session};
use super::place::PlaceArgs;
use super::words;
use crate::model::hook::Hook;
use crate::output::{Exit, human, json};
use crate::workflow::hooks;

/// Remove a webhook at its forge
///
/// Asks first. The connection's secret stays: other webhooks may have it, and a new one will. One of connect's own that
/// somebody has removed already is forgotten.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect webhook remove --repo agility-game/store
  connect webhook remove 12345678 --repo agility-game/store --yes

Exit codes:
  3  there is no such webhook
  9  nobody could agree; nothing was removed")]
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
        let asker = Asker::new(session);
        let agreed = |hook: &Hook, own: bool| asker.confirm(&human::remove_question(&site.target, hook, own));
        let removed = session.wait_for(async { Ok(hooks::remove(&tools, &site, id, &agreed).await?) })?;
        if session.screen.is_json() {
            session.screen.document(&json::HookRemoved::of(&site, id, &removed)).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::hook_removed(&site, id, &removed)).map_err(CliError::Output)?;
        }
        Ok(Exit::Done)
    }
}
