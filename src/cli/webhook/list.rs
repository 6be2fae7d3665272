//! `connect webhook list`

use clap::Args as ClapArgs;

use super::super::CliError;
use super::super::session::{AgeKeys, Session};
use super::place::PlaceArgs;
use crate::output::{Exit, Failure, human, json};
use crate::workflow::hooks::{self, Listed, State};

/// The webhooks of a place, or those that connect has made anywhere
///
/// With a repository, organisation, project or group all of its webhooks, whoever made them. Without one those that
/// connect has made, with `--connection` of one connection; each is asked for at its forge.
///
/// On a terminal a table; elsewhere one line each, fields separated by tabs: number, place, address, own|other, state,
/// events, connection, temporary or `-`. State is active, delivering, failing, paused, disabled, off, gone or unknown.
/// A temporary one is for one run of `connect webhook listen`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect webhook list
  connect webhook list --repo agility-game/store
  connect webhook list --group agility-game --json")]
pub(super) struct Args {
    #[command(flatten)]
    place: PlaceArgs,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let listed = match self.place.typed() {
            Some(_) => {
                let site = self.place.site(&tools)?;
                session.wait_for(async { Ok(hooks::list(&site).await?) })?
            }
            None => session.wait_for(async { Ok(hooks::own(&tools, self.place.connection.as_deref()).await?) })?,
        };
        show(session, &listed, self.place.typed().is_some())
    }
}

fn show(session: &Session, listed: &[Listed], of_place: bool) -> Result<Exit, CliError> {
    let failed = |one: &Listed| match &one.state {
        State::Unknown(_, error) => Some(Failure::of(error)),
        _ => None,
    };
    let failures: Vec<Option<Failure>> = listed.iter().map(failed).collect();
    let now = session.environment.clock.now();
    if session.screen.is_json() {
        session.screen.document(&json::Hooks::of(listed, &failures, now)).map_err(CliError::Output)?;
    } else {
        session.screen.result(&human::hook_list(&session.screen, listed, of_place, now)).map_err(CliError::Output)?;
        if listed.is_empty() {
            let words = if of_place { "there is no webhook" } else { "connect has made no webhook" };
            session.screen.note(words);
        }
        let mut said: Vec<&Failure> = Vec::new();
        for failure in failures.iter().flatten() {
            if !said.contains(&failure) {
                session.screen.failure(failure);
                said.push(failure);
            }
        }
    }
    Ok(Exit::worst(failures.iter().flatten().map(|failure| failure.exit)))
}
