//! `connect webhook catch-up`

use clap::Args as ClapArgs;

use super::super::CliError;
use super::super::session::{AgeKeys, Session};
use super::so_far::SoFar;
use super::words::Since;
use crate::model::ConnectionName;
use crate::output::json::CatchingUp;
use crate::output::{Exit, human, json};
use crate::workflow::hooks;
use crate::workflow::receiving_connection;

/// Have the forges deliver once more what a receiver missed while it was off
///
/// At each webhook that connect has made to `BASE/hooks/ID`, all that no attempt has brought, the oldest first, as far
/// back as the forge remembers: three days on github.com, seven on GitHub Enterprise Server and GitLab. `connect webhook
/// listen` does so at its start; this is for a receiver that is running. GitLab sends five a minute (17.4 and later), and
/// is waited for. Of webhooks to other addresses, `connect webhook redeliver --failed` asks for what was not taken.
///
/// One line each, on a terminal in words, below its webhook; elsewhere fields separated by tabs: number, event, outcome,
/// words, GUID, the webhook's number, its place.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect webhook catch-up
  connect webhook catch-up --connection work --since 12h --json

Exit codes:
  0   all were asked for, and those that GitLab has sent were taken
  7   a forge could not be reached, or asks for patience
  10  some were not asked for, or not taken
  130 interrupted; what had been asked for is listed")]
pub(super) struct Args {
    /// Whose webhooks, by name; several times for several. Without it, those of all
    /// connections
    #[arg(long, value_name = "NAME", env = "CONNECT_CONNECTION", hide_env_values = true, value_delimiter = ',')]
    connection: Vec<String>,

    /// Only what is as young as that: `12h`, or a time as `2026-11-01T12:00:00Z`
    #[arg(long, value_name = "WHEN", value_parser = Since::read)]
    since: Option<Since>,
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
        let named = |name: &String| Ok(receiving_connection(&tools, Some(name))?.name);
        let names: Vec<ConnectionName> = self.connection.iter().map(named).collect::<Result<_, CliError>>()?;
        let since = self.since.map(|since| since.at(session.environment.clock.now()));
        let ended = session.wait_for(async { Ok(hooks::catch_up(&tools, &names, since, true).await?) });
        let interrupted = matches!(ended, Err(CliError::Interrupted));
        let all = if interrupted { so_far.take() } else { ended? };
        let all: Vec<CatchingUp> = all.into_iter().map(CatchingUp::new).collect();
        if session.screen.is_json() {
            session.screen.document(&json::HooksCaughtUp::of(&all)).map_err(CliError::Output)?;
        } else if !interrupted || !all.is_empty() {
            show(session, &all)?;
        }
        if interrupted {
            return Err(CliError::Interrupted);
        }
        let done = || all.iter().filter_map(|one| Some((one.of.outcome.as_ref().ok()?, &one.failures)));
        let fine = done().flat_map(|(done, _)| done).filter(|one| one.outcome.is_fine()).count();
        let not_fine = done().flat_map(|(done, failures)| done.iter().zip(failures));
        let not_fine = not_fine.filter(|(one, _)| !one.outcome.is_fine());
        let exits = not_fine.map(|(_, failure)| failure.as_ref().map_or(Exit::Failed, |it| it.exit));
        let whole = all.iter().filter_map(|one| one.whole.as_ref()).map(|failure| failure.exit);
        Ok(Exit::of_changes(fine, exits.chain(whole)))
    }
}

fn show(session: &Session, all: &[CatchingUp]) -> Result<(), CliError> {
    let mut asked = 0;
    for CatchingUp { of, failures, whole } in all {
        let done = of.outcome.as_deref().unwrap_or_default();
        asked += done.len();
        if !done.is_empty() || whole.is_some() {
            let text = human::hook_caught_up(&session.screen, of)
                + &human::hook_redelivered(&session.screen, done, failures, Some(of));
            session.screen.result(&text).map_err(CliError::Output)?;
        }
        if let Some(failure) = whole.as_ref().or(failures.iter().flatten().next_back()) {
            session.screen.failure(failure);
        }
    }
    if all.is_empty() {
        session.screen.note("connect has made no webhook to a receiver of its own that a token could ask about");
    } else if asked == 0 && all.iter().all(|one| one.whole.is_none()) {
        session.screen.note("nothing was missed that the forges remember");
    }
    Ok(())
}
