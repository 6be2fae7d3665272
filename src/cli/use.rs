//! `connect use`

use clap::Args as ClapArgs;

use super::CliError;
use super::ask::Asker;
use super::session::{AgeKeys, Session};
use crate::model::Registry;
use crate::output::{Exit, human, json};
use crate::workflow::{self, Serving, existing_name};

/// Let a connection serve an owner, a group, a host
///
/// With several accounts on one host this says which answers where: for the longest prefix that fits,
/// else the default of the host. A prefix is a URL (`https://github.com/agility-game`) or a path at the
/// connection's own host (`agility-game`, `group/subgroup`). Without a flag it shows how it is. A prefix
/// that another connection serves goes over with a yes or `--yes`; the default of a host goes over without a
/// question, as there can only be one.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect use work@github.com --on agility-game --on agility-labs
  connect use octocat@github.com --default
  connect use me@git.example.com --registry registry.example.com
  connect use work@github.com --not-on agility-labs
  connect use work@github.com

Exit codes:
  0  done
  2  a prefix is at another address, or does not read
  3  there is no such connection, or it does not serve that prefix
  9  another connection serves the prefix, and nobody said yes")]
pub(super) struct Args {
    /// Which connection
    #[arg(value_name = "NAME")]
    name: String,

    /// Serve this owner, group or URL before others do
    #[arg(long, value_name = "PREFIX", value_delimiter = ',')]
    on: Vec<String>,

    /// Serve it no longer
    #[arg(long, value_name = "PREFIX", value_delimiter = ',')]
    not_on: Vec<String>,

    /// The container registry of its forge, where that cannot be known:
    /// `registry.example.com`, `git.example.com:5050`
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    registry: Vec<Registry>,

    /// No longer hand its token out for this registry
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    not_registry: Vec<Registry>,

    /// Answer for the host when nothing more precise does
    #[arg(long)]
    default: bool,

    /// No longer be the default of the host
    #[arg(long, conflicts_with = "default")]
    not_default: bool,
}

impl Args {
    /// `connect switch NAME`: what users of gh type.
    pub(super) const fn switch_to(name: String) -> Self {
        Self {
            name,
            on: Vec::new(),
            not_on: Vec::new(),
            registry: Vec::new(),
            not_registry: Vec::new(),
            default: true,
            not_default: false,
        }
    }

    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let name = existing_name(&tools.records, &self.name)?;
        let default = match (self.default, self.not_default) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        let (registries, not_registries) = (self.registry, self.not_registry);
        let serving = Serving { on: self.on, not_on: self.not_on, default, registries, not_registries };
        let served = workflow::serve(&tools, &name, &serving, &Asker::new(session))?;
        if session.screen.is_json() {
            session.screen.document(&json::Served::of(&served)).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::served(&served)).map_err(CliError::Output)?;
        }
        Ok(Exit::Done)
    }
}
