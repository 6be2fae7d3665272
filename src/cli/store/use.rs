//! `connect store use`

use clap::Args as ClapArgs;

use super::super::session::{AgeKeys, Session};
use super::CliError;
use crate::catalog::ConfigFile;
use crate::model::StoreKind;
use crate::output::{Exit, Failure, human, json};
use crate::workflow;

/// Make a store the default for new secrets
///
/// Writes `store` into `config.toml`, after a look whether that store can be used here and now. What is kept
/// already stays where it is: `connect store migrate` moves it. A flag (`--store`, `CONNECT_STORE`) still
/// wins, and a connection that exists keeps its store.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect store use file
  connect store use keyring --yes

Exit codes:
  0  done
  1  config.toml does not read, or cannot be written
  8  the store cannot be used now; `--yes` chooses it all the same")]
pub(super) struct Args {
    /// keyring, file, plain or env
    #[arg(value_name = "STORE")]
    store: StoreKind,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let tools = session.tools_asking(AgeKeys::default(), &|_| (), false);
        let config = ConfigFile::new(&session.environment.home);
        let problem = workflow::use_store(&tools, &config, self.store, session.global.yes)?;
        let screen = &session.screen;
        if screen.is_json() {
            let setting = json::Setting { key: "store", value: self.store.word(), source: "config" };
            screen.document(&setting).map_err(CliError::Output)?;
        } else {
            screen.result(&human::store_chosen(self.store)).map_err(CliError::Output)?;
        }
        if let Some(problem) = problem {
            screen.warning("store_not_usable", &format!("it cannot be used now: {}", Failure::of(&problem).message));
        }
        if self.store == StoreKind::Plain {
            screen.warning("kept_plain", "new tokens will be kept readable, by you and by whoever becomes you");
        }
        Ok(Exit::Done)
    }
}
