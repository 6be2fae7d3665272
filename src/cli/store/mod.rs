//! `connect store`

mod migrate;
mod show;
#[path = "use.rs"]
mod use_;

use clap::{Args as ClapArgs, Subcommand};

use super::CliError;
use super::session::Session;
use crate::output::Exit;

/// Where secrets are kept; move them
///
/// Secrets are kept in the system's keyring, in age-encrypted files, in plain files that only you can read, or
/// not at all (`env`: a variable is read each time).
#[derive(Debug, ClapArgs)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  connect store show
  connect store use file
  connect store migrate --all --to file"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Show(show::Args),
    Use(use_::Args),
    Migrate(migrate::Args),
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        match self.command {
            Command::Show(args) => args.run(session),
            Command::Use(args) => args.run(session),
            Command::Migrate(args) => args.run(session),
        }
    }
}
