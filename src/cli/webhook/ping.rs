//! `connect webhook ping`, or `test`

use std::time::Duration;

use clap::Args as ClapArgs;
use jiff::SignedDuration;

use super::super::CliError;
use super::super::session::{AgeKeys, Session};
use super::place::PlaceArgs;
use super::words;
use crate::model::duration;
use crate::model::hook::event;
use crate::output::{Exit, human, json};
use crate::workflow::hooks;

/// How long GitHub may take to deliver a ping.
const MOMENT: Duration = Duration::from_secs(15);

/// Have the forge try a webhook out
///
/// It says whether the receiver took what was sent. GitHub sends a ping, GitLab an example of what the webhook tells of.
/// A test that is taken revives a webhook that GitLab has switched off after failures. GitLab makes five tests a minute.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect webhook ping --repo agility-game/store
  connect webhook test 7 --project agility-game/ci --event merge_requests

Exit codes:
  0  the receiver took it, or GitHub has not yet said how it went
  1  the receiver did not take it
  3  there is no such webhook")]
pub(super) struct Args {
    /// Its number  [default: the only one that connect has made there]
    #[arg(value_name = "ID", value_parser = words::number)]
    id: Option<u64>,

    #[command(flatten)]
    place: PlaceArgs,

    /// What is sent: on GitHub ping or push (the last one once more), on GitLab an
    /// example of the event
    #[arg(long, value_name = "EVENT")]
    event: Option<String>,

    /// How long to wait until GitHub says how it went  [default: 15s]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    wait: Option<SignedDuration>,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let (site, id) = self.place.hook(&tools, self.id)?;
        let patience = self.wait.map_or(MOMENT, |wait| Duration::try_from(wait).unwrap_or_default());
        let event = match &self.event {
            Some(text) => Some(
                event::read(&site.target, text)
                    .ok_or_else(|| CliError::usage("that is no event's name", &["as in `--event push`"]))?,
            ),
            None => None,
        };
        let pinged =
            session.wait_for(async { Ok(hooks::ping(&tools, &site, id, event.as_deref(), patience).await?) })?;
        if session.screen.is_json() {
            session.screen.document(&json::HookPinged::of(&site, id, &pinged)).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::hook_pinged(&site, id, &pinged)).map_err(CliError::Output)?;
        }
        Ok(if pinged.taken == Some(false) { Exit::Failed } else { Exit::Done })
    }
}
