//! `connect store migrate`

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::super::ask::Asker;
use super::super::session::{AgeKeys, Session};
use super::CliError;
use crate::model::StoreKind;
use crate::output::{Exit, Failure, human, json};
use crate::workflow::{self, Error, Migration};

/// Move secrets to another store
///
/// Each token and webhook secret is read, compared with its record, written to the new store under a new id,
/// read back and compared; then the record names the new place, and only then the old one is removed. Cut short
/// anywhere, there is a good copy, and running it again finishes.
///
/// What is read from a variable is left alone unless its connection is named or `--from env` is given; then it is
/// copied, and the variable stays: it is nobody's to remove. To `plain` needs a yes, because whoever can read
/// your files can read what is there. A passphrase is asked for once, and not again when it was wrong.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect store migrate --all --to file
  connect store migrate octocat@github.com --to keyring
  connect store migrate --all --from plain --to keyring --json

Exit codes:
  0   all are there
  3   there is no such connection; nothing was moved
  8   none could be moved: a store cannot be used, or does not open
  9   to `plain` without a yes; nothing was moved
  10  some could not be moved")]
pub(super) struct Args {
    /// Which connections
    #[arg(value_name = "NAME", required_unless_present = "all", conflicts_with = "all")]
    names: Vec<String>,

    /// All connections
    #[arg(long)]
    all: bool,

    /// Where to: keyring, file or plain
    #[arg(long, value_name = "STORE")]
    to: StoreKind,

    /// Only what is in this store
    #[arg(long, value_name = "STORE")]
    from: Option<StoreKind>,

    /// For the store `file`: the age identity that opens it
    #[arg(long, value_name = "FILE", env = "CONNECT_AGE_IDENTITY", hide_env_values = true)]
    age_identity: Option<PathBuf>,

    /// With `--to file`: encrypt to this age recipient as well (a team)
    #[arg(
        long,
        value_name = "RECIPIENT",
        value_delimiter = ',',
        env = "CONNECT_AGE_RECIPIENTS",
        hide_env_values = true
    )]
    age_recipient: Vec<String>,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        if self.to == StoreKind::Env {
            return Err(CliError::usage(
                "the store `env` keeps nothing, so nothing can be moved there",
                &["connect again with `--pat-env VAR --store env` to read the token from a variable"],
            ));
        }
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let keys = AgeKeys { identity: self.age_identity, recipients: self.age_recipient };
        let tools = session.tools(keys, &events);
        let names = self.names.iter().map(|name| workflow::existing_name(&tools.records, name));
        let names = if self.all { None } else { Some(names.collect::<Result<Vec<_>, _>>()?) };
        let wanted = Migration { names, from: self.from, to: self.to };
        let asker = Asker::new(session);
        let weaker = |count: usize| asker.confirm(&human::weaker_question(count));
        let mut done = session.wait_for(async { Ok(workflow::migrate(&tools, &wanted, &weaker)?) })?;
        let failures: Vec<Option<Failure>> =
            done.moved.iter().map(|moved| moved.outcome.as_ref().err().map(Failure::of)).collect();
        let damaged: Vec<Failure> = done.damaged.drain(..).map(|e| Failure::of(&Error::from(e))).collect();
        let logins = done.logins.error.as_ref().map(Failure::of);
        let failed = failures.iter().flatten().chain(&damaged).chain(&logins).map(|failure| failure.exit);
        let well = failures.iter().filter(|failure| failure.is_none()).count() + done.logins.moved;
        let exit = Exit::of_changes(well, failed);
        if session.screen.is_json() {
            let document =
                json::Migration::of(&done.moved, &failures, &damaged, self.to).with_logins(&done.logins, &logins);
            session.screen.document(&document).map_err(CliError::Output)?;
        } else {
            let page = human::migrated(&done.moved, &failures, self.to)
                + &human::migrated_logins(&done.logins, &logins, self.to);
            session.screen.result(&page).map_err(CliError::Output)?;
            damaged.iter().for_each(|failure| session.screen.failure(failure));
        }
        human::migration_ends(&session.screen, &done, self.to);
        Ok(exit)
    }
}
