//! `connect webhook`

mod listen;
pub(super) mod settings;

use clap::{Args as ClapArgs, Subcommand};

use super::CliError;
use super::session::Session;
use crate::output::Exit;

/// Webhooks: their secrets, where they deliver, what arrives
///
/// A connection has at most one webhook secret and one receiving address, `BASE/hooks/<id>`, for all the hooks that
/// deliver to it.
#[derive(Debug, ClapArgs)]
#[command(arg_required_else_help = true)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Listen(Box<listen::Args>),
    Settings(Box<settings::Args>),
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        match self.command {
            Command::Listen(args) => args.run(session),
            Command::Settings(args) => args.run(session),
        }
    }
}
