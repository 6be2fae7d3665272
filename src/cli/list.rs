//! `connect list`

use clap::Args as ClapArgs;
use jiff::SignedDuration;

use super::CliError;
use super::session::{AgeKeys, Session};
use crate::model::duration;
use crate::output::json::{Connections, Entry};
use crate::output::{Exit, Failure, human};
use crate::workflow::{self, Error};

/// What is kept (asks nobody)
///
/// Reads the records only: no network, no keyring. On a terminal a table; elsewhere one line a
/// connection, fields separated by tabs: name, URL, account, kind, expiry, store, health; for one that receives
/// webhooks two more: by what their deliveries are known, and until when a former secret is accepted.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect list
  connect list --expiring 30d --json")]
pub(super) struct Args {
    /// Only tokens that die within this time (`30d`, `12h`; a bare number means
    /// days) or are dead
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    expiring: Option<SignedDuration>,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let tools = session.tools(AgeKeys::default(), &|_| ());
        let now = tools.clock.now();
        let listed = workflow::list(&tools, self.expiring)?;
        let damaged: Vec<Failure> = listed.damaged.into_iter().map(|e| Failure::of(&Error::from(e))).collect();
        if session.screen.is_json() {
            let entries = listed.connections.iter().map(|connection| Entry::new(connection, now, None));
            let connections = entries.chain(damaged.iter().map(Entry::damaged)).collect();
            session.screen.document(&Connections { connections }).map_err(CliError::Output)?;
        } else {
            let text = human::list(&session.screen, &listed.connections, now);
            session.screen.result(&text).map_err(CliError::Output)?;
            if listed.connections.is_empty() && damaged.is_empty() {
                let hint = if self.expiring.is_some() {
                    "no token dies within that time"
                } else {
                    "nothing is kept yet; `connect github --pat` begins"
                };
                session.screen.note(hint);
            }
            damaged.iter().for_each(|failure| session.screen.failure(failure));
        }
        Ok(Exit::worst(damaged.iter().map(|failure| failure.exit)))
    }
}
