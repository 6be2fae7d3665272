//! `connect disconnect`

use clap::Args as ClapArgs;

use super::CliError;
use super::session::{AgeKeys, Session};
use crate::output::{Exit, human, json};
use crate::workflow;

/// Forget a connection, everywhere it was kept
///
/// Removes the token from its store, deliveries that wait to be handed on, then the record, and names each place. With `--revoke` the token
/// is first killed at the forge, and seen to be dead; when that fails, everything is kept.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect disconnect octocat@github.com
  connect disconnect old@gitlab.com --revoke")]
pub(super) struct Args {
    /// Which connection
    #[arg(value_name = "NAME")]
    name: String,

    /// Kill the token at the forge first
    #[arg(long)]
    revoke: bool,
}

impl Args {
    /// `connect logout NAME`: what users of gh type.
    pub(super) const fn of(name: String) -> Self {
        Self { name, revoke: false }
    }

    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        // By name only: what a URL means may change, and this cannot be taken back.
        let name = workflow::existing_name(&tools.records, &self.name)?;
        let done = session.wait_for(async { Ok(workflow::disconnect(&tools, &name, self.revoke).await?) })?;
        if session.screen.is_json() {
            let document = json::Disconnected {
                name: done.connection.name.as_str(),
                revoked: done.revoked,
                removed: &done.removed,
                remaining: &done.remaining,
                copies: done.connection.known_destinations(),
                wrote_for: &done.wrote_for,
                old_tokens: &done.old_tokens,
                hooks: done.connection.webhook.as_ref().map_or(&[], |webhook| &webhook.hooks),
            };
            session.screen.document(&document).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::disconnected(&done)).map_err(CliError::Output)?;
        }
        Ok(Exit::Done)
    }
}
