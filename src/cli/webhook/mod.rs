//! `connect webhook`

mod add;
mod catch_up;
mod deliveries;
mod edit;
mod handing_on;
mod list;
mod listen;
mod ping;
mod place;
mod redeliver;
mod remove;
pub(super) mod settings;
mod show;
mod so_far;
mod words;

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
    Add(Box<add::Args>),
    List(list::Args),
    Show(show::Args),
    Edit(Box<edit::Args>),
    #[command(visible_alias = "test")]
    Ping(ping::Args),
    Deliveries(deliveries::Args),
    Redeliver(redeliver::Args),
    Remove(remove::Args),
    Listen(Box<listen::Args>),
    CatchUp(catch_up::Args),
    Settings(Box<settings::Args>),
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        match self.command {
            Command::Add(args) => args.run(session),
            Command::List(args) => args.run(session),
            Command::Show(args) => args.run(session),
            Command::Edit(args) => args.run(session),
            Command::Ping(args) => args.run(session),
            Command::Deliveries(args) => args.run(session),
            Command::Redeliver(args) => args.run(session),
            Command::Remove(args) => args.run(session),
            Command::Listen(args) => args.run(session),
            Command::CatchUp(args) => args.run(session),
            Command::Settings(args) => args.run(session),
        }
    }
}
