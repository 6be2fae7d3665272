//! `connect status`

use std::collections::HashSet;

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};
use jiff::{SignedDuration, Timestamp};

use super::CliError;
use super::environment;
use super::session::{AgeKeys, Session};
use crate::files;
use crate::model::{Connection, ConnectionName, duration};
use crate::output::json::{Connections, Entry};
use crate::output::{Exit, Failure, human, prometheus};
use crate::workflow::{self, Checked, Error, Tools};

/// Less would be a burden to the forges, and nothing changes as quickly.
const LEAST_PAUSE: SignedDuration = SignedDuration::from_secs(1);

/// Ask the forges: alive? how long still?
///
/// Asks for every connection, or those named, in parallel, and goes on when some do not answer; the worst
/// come first. What the forges say goes into the records, so that `connect list` has it too. The exit
/// code is the worst found: 8 store, 4 token not valid, 5 not allowed, 7 unreachable, 6 expires within
/// `--min-days`, 9 copies that are not of the present secret. On a terminal a table, with a bar that is full
/// from 90 days on; elsewhere one line a connection, fields separated by tabs: name, health or error code,
/// expiry, days left, message.
///
/// With `--format prometheus` metrics instead, for node_exporter's textfile collector. The exit code is not 0
/// when a token is in trouble, so in cron let `--output` write the file: it is replaced whole whatever was found.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect status
  connect status --min-days 14 --json
  connect status --watch=10m
  connect status --format prometheus \\
      --output /var/lib/node_exporter/textfile/connect.prom")]
pub(super) struct Args {
    /// Only these connections, by name or by a URL they serve
    #[arg(value_name = "NAME|URL")]
    names: Vec<String>,

    /// Exit with 6 when a token dies within this time (a bare number means days)
    #[arg(long, value_name = "N", value_parser = duration::parse, env = "CONNECT_MIN_DAYS", hide_env_values = true)]
    min_days: Option<SignedDuration>,

    /// Stay, and ask again every so often (5m unless said); for a terminal left open
    #[arg(long, value_name = "EVERY", value_parser = duration::parse, num_args = 0..=1, require_equals = true, default_missing_value = "5m", conflicts_with = "json")]
    watch: Option<SignedDuration>,

    /// Print metrics, in the text format of Prometheus (not with `--json`, `--watch`)
    #[arg(long, value_name = "FORMAT", env = "CONNECT_STATUS_FORMAT", hide_env_values = true)]
    format: Option<Format>,

    /// Put them into this file, which is replaced whole, so that nobody reads half of it
    #[arg(long, value_name = "FILE", env = "CONNECT_STATUS_OUTPUT", hide_env_values = true)]
    output: Option<PathBuf>,
}

/// What `--format` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Prometheus,
}

/// One round: what was asked, and how it is told.
struct Round {
    rows: Vec<(Checked, Option<Failure>)>,
    damaged: Vec<Failure>,
    now: Timestamp,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let metrics = self.wants_metrics(session)?;
        match self.watch {
            Some(every) => self.stay(session, &tools, every),
            None => self.once(session, &tools, metrics),
        }
    }

    /// Whether metrics are wanted. Of two forms of which one was typed and one comes from a variable, that is meant which
    /// was typed.
    fn wants_metrics(&self, session: &Session) -> Result<bool, CliError> {
        let variables = ["CONNECT_STATUS_FORMAT", "CONNECT_STATUS_OUTPUT", "CONNECT_JSON"];
        let [format, output, json] = variables.map(environment::is_set);
        let (json_typed, format_typed) = (session.screen.is_json() && !json, self.format.is_some() && !format);
        if self.output.is_some() && self.format.is_none() && !output {
            let hints = ["`--format prometheus --output FILE` writes metrics"];
            return Err(CliError::usage("`--output` goes with `--format`", &hints));
        }
        let other = if json_typed { Some("--json") } else { self.watch.map(|_| "--watch") };
        match other {
            Some(other) if format_typed => {
                Err(CliError::usage(format!("`--format` cannot be given together with `{other}`"), &[]))
            }
            Some(_) => Ok(false),
            None => Ok(self.format.is_some()),
        }
    }

    fn once(&self, session: &Session, tools: &Tools<'_>, metrics: bool) -> Result<Exit, CliError> {
        let Round { rows, damaged, now } = self.ask(session, tools)?;
        if metrics {
            let text = prometheus(&rows, damaged.len(), now);
            match &self.output {
                Some(path) => files::publish(path, text.as_bytes()).map_err(Error::from)?,
                None => session.screen.result(&text).map_err(CliError::Output)?,
            }
            damaged.iter().for_each(|failure| session.screen.failure(failure));
        } else if session.screen.is_json() {
            let entries = rows.iter().map(|(checked, failure)| Entry::checked(checked, now, failure.as_ref()));
            let connections = entries.chain(damaged.iter().map(Entry::damaged)).collect();
            session.screen.document(&Connections { connections }).map_err(CliError::Output)?;
        } else {
            let text = human::status(&session.screen, &rows, now, self.min_days);
            session.screen.result(&text).map_err(CliError::Output)?;
            if !session.screen.is_terminal() {
                rows.iter().for_each(|(checked, _)| human::renamed(&session.screen, checked));
            }
            damaged.iter().for_each(|failure| session.screen.failure(failure));
        }
        Ok(self.exit(&rows, &damaged, now))
    }

    /// Until Ctrl-C, which is how one leaves; the exit code is that of the last round.
    fn stay(&self, session: &Session, tools: &Tools<'_>, every: SignedDuration) -> Result<Exit, CliError> {
        if !session.screen.is_terminal() {
            let hints = ["leave `--watch` out, and run `connect status` as often as you like"];
            return Err(CliError::usage("`--watch` is for a terminal that is left open", &hints));
        }
        let pause = every.max(LEAST_PAUSE);
        let mut last = None;
        loop {
            let Round { rows, damaged, now } = match (self.ask(session, tools), last) {
                (Err(CliError::Interrupted), Some(exit)) => return Ok(exit),
                (round, _) => round?,
            };
            last = Some(self.exit(&rows, &damaged, now));
            let text = human::status(&session.screen, &rows, now, self.min_days);
            let text = format!("{text}\n{}", human::watching(now, pause));
            session.screen.page(&text).map_err(CliError::Output)?;
            damaged.iter().for_each(|failure| session.screen.failure(failure));
            let pause = std::time::Duration::try_from(pause).unwrap_or_default();
            let waited = session.wait_for(async {
                tokio::time::sleep(pause).await;
                Ok(())
            });
            match (waited, last) {
                (Err(CliError::Interrupted), Some(exit)) => return Ok(exit),
                (other, _) => other?,
            }
        }
    }

    fn ask(&self, session: &Session, tools: &Tools<'_>) -> Result<Round, CliError> {
        let (connections, damaged) = self.connections(tools)?;
        let checked = session.wait_for(async { Ok(workflow::status(tools, connections).await) })?;
        let now = tools.clock.now();
        let mut rows: Vec<(Checked, Option<Failure>)> = checked
            .into_iter()
            .map(|checked| {
                let failure = checked.outcome.as_ref().err().map(Failure::of);
                (checked, failure)
            })
            .collect();
        rows.sort_by_key(|(checked, failure)| self.urgency(&checked.connection, failure.as_ref(), now));
        Ok(Round { rows, damaged, now })
    }

    /// The worst first: by what is wrong, then by what dies next.
    fn urgency(
        &self,
        connection: &Connection,
        failure: Option<&Failure>,
        now: Timestamp,
    ) -> (usize, bool, Option<Timestamp>) {
        let stale = || if is_stale(connection) { Exit::Differs } else { Exit::Done };
        let soon = || if self.dies_soon(connection, now) { Exit::Expiring } else { stale() };
        let at = connection.expires_at();
        (failure.map_or_else(soon, |failure| failure.exit).rank(), at.is_none(), at)
    }

    fn exit(&self, rows: &[(Checked, Option<Failure>)], damaged: &[Failure], now: Timestamp) -> Exit {
        let expiring =
            rows.iter().filter(|(checked, _)| self.dies_soon(&checked.connection, now)).map(|_| Exit::Expiring);
        let failures = rows.iter().filter_map(|(_, failure)| failure.as_ref()).chain(damaged);
        let stale = rows.iter().filter(|(checked, _)| is_stale(&checked.connection)).map(|_| Exit::Differs);
        Exit::worst(failures.map(|failure| failure.exit).chain(expiring).chain(stale))
    }

    fn connections(&self, tools: &Tools<'_>) -> Result<(Vec<Connection>, Vec<Failure>), CliError> {
        if self.names.is_empty() {
            let listed = workflow::list(tools, None)?;
            let damaged = listed.damaged.into_iter().map(|e| Failure::of(&Error::from(e))).collect();
            // Nothing to ask of connections that only receive, unless a copy of their secret lags behind.
            let is_told = |c: &Connection| c.token.is_some() || is_stale(c);
            return Ok((listed.connections.into_iter().filter(is_told).collect(), damaged));
        }
        let found: Result<Vec<Connection>, Error> =
            self.names.iter().map(|name| workflow::find_connection(&tools.records, name)).collect();
        let mut named: HashSet<ConnectionName> = HashSet::new();
        let mut found = found?;
        found.retain(|connection| named.insert(connection.name.clone()));
        Ok((found, Vec::new()))
    }

    fn dies_soon(&self, connection: &Connection, now: Timestamp) -> bool {
        let limit = self.min_days.and_then(|within| now.checked_add(within).ok());
        limit.is_some_and(|limit| connection.expires_at().is_some_and(|at| at <= limit))
    }
}

/// Whether a place has a secret still that is not the present one.
fn is_stale(connection: &Connection) -> bool {
    !workflow::destination::stale(connection).is_empty()
}
