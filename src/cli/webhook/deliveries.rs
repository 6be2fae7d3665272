//! `connect webhook deliveries`

use clap::Args as ClapArgs;

use super::super::CliError;
use super::super::session::{AgeKeys, Session};
use super::place::PlaceArgs;
use super::words::{self, Since};
use crate::forge::DeliveryFilter;
use crate::output::{Exit, human, json};
use crate::workflow::hooks;

/// What a webhook delivered lately, and how it went
///
/// As the forge remembers it: three days on github.com, seven on Enterprise Server and GitLab (17.3 and later). The
/// newest first.
///
/// On a terminal a table; elsewhere one line each, fields separated by tabs: number, time, event, action, status,
/// milliseconds, GUID.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect webhook deliveries --repo agility-game/store --failed --since 12h
  connect webhook deliveries 7 --project agility-game/ci --json
  connect webhook deliveries --repo agility-game/store --show 83000000001")]
pub(super) struct Args {
    /// The webhook's number  [default: the only one that connect has made there]
    #[arg(value_name = "ID", value_parser = words::number)]
    id: Option<u64>,

    #[command(flatten)]
    place: PlaceArgs,

    /// Only those that the receiver did not take
    #[arg(long)]
    failed: bool,

    /// Only those from then on: `12h`, or a time as `2026-11-01T12:00:00Z`
    #[arg(long, value_name = "WHEN", value_parser = Since::read)]
    since: Option<Since>,

    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,

    /// One of them, by its number or its GUID, with all that was sent and answered
    #[arg(long, value_name = "DELIVERY", conflicts_with_all = ["failed", "since", "limit"])]
    show: Option<String>,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let (site, id) = self.place.hook(&tools, self.id)?;
        if let Some(delivery) = &self.show {
            let exchange = session.wait_for(async { Ok(hooks::exchange(&site, id, delivery).await?) })?;
            if session.screen.is_json() {
                session.screen.document(&json::HookExchange::of(&site, id, &exchange)).map_err(CliError::Output)?;
            } else {
                session.screen.result(&human::hook_exchange(&exchange)).map_err(CliError::Output)?;
            }
            return Ok(Exit::Done);
        }
        let filter = DeliveryFilter {
            failed: self.failed,
            since: self.since.map(|since| since.at(session.environment.clock.now())),
            most: usize::try_from(self.limit).unwrap_or(usize::MAX),
        };
        let deliveries = session.wait_for(async { Ok(hooks::recent(&site, id, &filter).await?) })?;
        if session.screen.is_json() {
            session.screen.document(&json::HookDeliveries::of(&site, id, &deliveries)).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::hook_deliveries(&session.screen, &deliveries)).map_err(CliError::Output)?;
            human::after_deliveries(&session.screen, &site, id, &deliveries, self.failed);
        }
        Ok(Exit::Done)
    }
}
