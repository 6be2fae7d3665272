//! `connect status`

use std::collections::HashSet;

use clap::Args as ClapArgs;

use super::CliError;
use super::session::{AgeKeys, Session};
use crate::model::{Connection, ConnectionName, duration};
use crate::output::json::{Connections, Entry};
use crate::output::{Exit, Failure, human};
use crate::workflow::{self, Checked, Error};

/// Ask the forges: alive? how long still?
///
/// Asks for every connection, or those named, in parallel, and goes on when some do not answer.
/// The exit code is the worst found: 8 store, 4 token not valid, 5 not allowed, 7 unreachable,
/// 6 expires within `--min-days`. On a terminal a table; elsewhere one line a connection, fields
/// separated by tabs: name, health or error code, expiry, days left, message.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect status
  connect status --min-days 14 --json")]
pub(super) struct Args {
    /// Only these connections, by name or by a URL they serve
    #[arg(value_name = "NAME|URL")]
    names: Vec<String>,

    /// Exit with 6 when a token dies within this time (a bare number means days)
    #[arg(long, value_name = "N", value_parser = duration::parse, env = "CONNECT_MIN_DAYS", hide_env_values = true)]
    min_days: Option<jiff::SignedDuration>,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let (connections, damaged) = self.connections(&tools)?;
        let checked = session.wait_for(async { Ok(workflow::status(&tools, connections).await) })?;
        let now = tools.clock.now();
        let rows: Vec<(Checked, Option<Failure>)> = checked
            .into_iter()
            .map(|checked| {
                let failure = checked.outcome.as_ref().err().map(Failure::of);
                (checked, failure)
            })
            .collect();
        let expiring =
            rows.iter().filter(|(checked, _)| self.dies_soon(&checked.connection, now)).map(|_| Exit::Expiring);
        let failures = rows.iter().filter_map(|(_, failure)| failure.as_ref()).chain(&damaged);
        let exit = Exit::worst(failures.map(|failure| failure.exit).chain(expiring));
        if session.screen.is_json() {
            let entries = rows.iter().map(|(checked, failure)| Entry::new(&checked.connection, now, failure.as_ref()));
            let connections = entries.chain(damaged.iter().map(Entry::damaged)).collect();
            session.screen.document(&Connections { connections }).map_err(CliError::Output)?;
        } else {
            session
                .screen
                .result(&human::status(&session.screen, &rows, now, self.min_days))
                .map_err(CliError::Output)?;
            damaged.iter().for_each(|failure| session.screen.failure(failure));
        }
        Ok(exit)
    }

    fn connections(&self, tools: &workflow::Tools<'_>) -> Result<(Vec<Connection>, Vec<Failure>), CliError> {
        if self.names.is_empty() {
            let listed = workflow::list(tools, None)?;
            let damaged = listed.damaged.into_iter().map(|e| Failure::of(&Error::from(e))).collect();
            // Nothing to ask of connections that only receive.
            return Ok((listed.connections.into_iter().filter(|c| c.token.is_some()).collect(), damaged));
        }
        let found: Result<Vec<Connection>, Error> =
            self.names.iter().map(|name| workflow::find_connection(&tools.records, name)).collect();
        let mut named: HashSet<ConnectionName> = HashSet::new();
        let mut found = found?;
        found.retain(|connection| named.insert(connection.name.clone()));
        Ok((found, Vec::new()))
    }

    fn dies_soon(&self, connection: &Connection, now: jiff::Timestamp) -> bool {
        let limit = self.min_days.and_then(|within| now.checked_add(within).ok());
        limit.is_some_and(|limit| connection.expires_at().is_some_and(|at| at <= limit))
    }
}
