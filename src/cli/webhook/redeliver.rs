//! `connect webhook redeliver`

use clap::Args as ClapArgs;

use super::super::CliError;
use super::super::session::{AgeKeys, Session};
use super::place::PlaceArgs;
use super::so_far::SoFar;
use super::words::{self, Since};
use crate::output::{Exit, Failure, human, json};
use crate::workflow::hooks::{self, Again, Redelivered, Which};

/// Have the forge deliver once more what was not taken
///
/// With `--failed` all that no attempt has brought to the receiver, the oldest first. A repeat carries the number of the
/// first attempt: `connect webhook listen` is told of it before the forge is asked, and hands it on. GitLab sends five
/// a minute (17.4 and later).
///
/// One line each, on a terminal in words; elsewhere fields separated by tabs: number, event, outcome, words, GUID.
#[derive(Debug, ClapArgs)]
#[command(
    override_usage = "connect webhook redeliver [OPTIONS] <DELIVERY>...\n       connect webhook redeliver [OPTIONS] --failed [--since WHEN]",
    after_help = "\
Examples:
  connect webhook redeliver --failed --since 12h --repo agility-game/store
  connect webhook redeliver 83000000001 --repo agility-game/store
  connect webhook redeliver 0b989ba4-242f-11e5-81e1-c7b6966d2516 --hook 12345678 \\
      --repo agility-game/store

Exit codes:
  0   all were asked for, and those that GitLab has sent were taken
  3   there is no such webhook or delivery
  7   the forge asks for patience
  10  some were not asked for, or not taken
  130 interrupted; what had been asked for is listed"
)]
pub(super) struct Args {
    /// Deliveries, by their number or GUID
    #[arg(value_name = "DELIVERY", required_unless_present = "failed", conflicts_with = "failed")]
    deliveries: Vec<String>,

    /// All that the receiver did not take
    #[arg(long)]
    failed: bool,

    /// Only those from then on: `12h`, or a time as `2026-11-01T12:00:00Z`
    #[arg(long, value_name = "WHEN", value_parser = Since::read, requires = "failed")]
    since: Option<Since>,

    /// The webhook's number  [default: the only one that connect has made there]
    #[arg(long, value_name = "ID", value_parser = words::number)]
    hook: Option<u64>,

    #[command(flatten)]
    place: PlaceArgs,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let so_far = SoFar::default();
        let events = |event| {
            so_far.note(&event);
            screen.event(event);
        };
        let tools = session.tools(AgeKeys::default(), &events);
        let (site, id) = self.place.hook(&tools, self.hook)?;
        let which = if self.failed {
            Which::Failed { since: self.since.map(|since| since.at(session.environment.clock.now())) }
        } else {
            Which::These(self.deliveries)
        };
        let ended = session.wait_for(async { Ok(hooks::redeliver(&tools, &site, id, &which).await?) });
        let interrupted = matches!(ended, Err(CliError::Interrupted));
        let done = if interrupted {
            so_far.take().into_iter().flat_map(|one| one.outcome.unwrap_or_default()).collect()
        } else {
            ended?
        };
        let failure = |one: &Redelivered| match &one.outcome {
            Again::Failed(error) => Some(Failure::of(error)),
            _ => None,
        };
        let failures: Vec<Option<Failure>> = done.iter().map(failure).collect();
        if session.screen.is_json() {
            session
                .screen
                .document(&json::HookRedelivered::of(&site, id, &done, &failures))
                .map_err(CliError::Output)?;
        } else {
            let text = human::hook_redelivered(&session.screen, &done, &failures, None);
            session.screen.result(&text).map_err(CliError::Output)?;
            if done.is_empty() && !interrupted {
                session.screen.note("nothing has failed that the forge remembers");
            }
            if let Some(failure) = failures.iter().flatten().next_back() {
                session.screen.failure(failure);
            }
        }
        if interrupted {
            return Err(CliError::Interrupted);
        }
        let fine = done.iter().filter(|one| one.outcome.is_fine()).count();
        let exits = done.iter().zip(&failures).filter(|(one, _)| !one.outcome.is_fine());
        Ok(Exit::of_changes(fine, exits.map(|(_, failure)| failure.as_ref().map_or(Exit::Failed, |it| it.exit))))
    }
}
