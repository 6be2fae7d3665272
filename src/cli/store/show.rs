//! `connect store show`

use clap::Args as ClapArgs;

use super::super::session::{AgeKeys, Session};
use super::CliError;
use crate::model::StoreKind;
use crate::output::human::DefaultStore;
use crate::output::{Exit, Failure, human, json};
use crate::workflow::{self, Error};

/// The stores: usable or not, how well they protect, what is in them
///
/// Looks at each store without a question and without opening anything: whether it could be used now, where it
/// keeps things, how well and for how long that protects them, and whose secrets are in it. On a terminal a
/// page; elsewhere one line a store, fields separated by tabs: store, default or -, usable or error code, number of
/// secrets, place.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect store show
  connect store show --json | jq -r '.stores[] | select(.usable) | .store'

Exit codes:
  0  done
  1  a record does not read
  8  a store that holds secrets cannot be used now")]
pub(super) struct Args {
    /// Show this one as the default, as other commands would take it
    #[arg(long, value_name = "STORE", env = "CONNECT_STORE", hide_env_values = true)]
    store: Option<StoreKind>,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let tools = session.tools_that_never_ask(&|_| ());
        let default = match (self.store, session.config.store) {
            (Some(store), _) => DefaultStore { store, why: "flag" },
            (None, Some(store)) => DefaultStore { store, why: "config" },
            (None, None) => DefaultStore { store: StoreKind::Keyring, why: "built-in" },
        };
        let shown = workflow::show_stores(&tools)?;
        let problems: Vec<Option<Failure>> =
            shown.stores.iter().map(|store| store.usable.as_ref().err().map(Failure::of)).collect();
        let damaged: Vec<Failure> = shown.damaged.into_iter().map(|e| Failure::of(&Error::from(e))).collect();
        let missed = shown
            .stores
            .iter()
            .zip(&problems)
            .any(|(store, problem)| problem.is_some() && (!store.holds.is_empty() || store.logins > 0));
        let exit = Exit::worst(missed.then_some(Exit::Store).into_iter().chain(damaged.iter().map(|one| one.exit)));
        if session.screen.is_json() {
            let document = json::Stores::of(&default, &shown.stores, &problems, &damaged);
            session.screen.document(&document).map_err(CliError::Output)?;
        } else {
            let page = human::stores(&session.screen, &default, &shown.stores, &problems);
            session.screen.result(&page).map_err(CliError::Output)?;
            damaged.iter().for_each(|failure| session.screen.failure(failure));
        }
        Ok(exit)
    }
}

/// The keys of a store are not needed to look at it.
impl Session {
    fn tools_that_never_ask<'a>(&self, events: &'a (dyn Fn(workflow::Event) + Sync)) -> workflow::Tools<'a> {
        self.tools_asking(AgeKeys::default(), events, false)
    }
}
