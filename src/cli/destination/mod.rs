//! `connect destination`

mod add;
mod list;
mod push;
mod remove;

use clap::{Args as ClapArgs, Subcommand};

use super::CliError;
use super::session::Session;
use crate::output::Exit;
use crate::workflow::destination::{DestinationError, To};

/// The form of a place. Shown by the commands that take one.
const FORMS: &str = "\
Places, as KIND:TARGET; a path may be a whole address:
  gitlab-mirror:GROUP/PROJECT            the password of a pull mirror
  gitlab-integration:GROUP/PROJECT       the token of the GitHub integration
  gitlab-variable:GROUP/PROJECT:NAME[@ENVIRONMENT]      a CI/CD variable
  gitlab-variable:group=GROUP:NAME[@ENVIRONMENT]        of a group
  gitlab-variable:instance:NAME                         of the instance
  github-secret:OWNER/REPO:NAME          a secret of GitHub Actions
  github-secret:OWNER/REPO@ENVIRONMENT:NAME             of an environment
  github-secret:ORG:NAME                                of an organisation
  github-webhook:OWNER/REPO#ID, ORG#ID   a webhook's secret; of a connection to
                                         GitLab, the token in its address
  gitlab-webhook:GROUP/PROJECT#ID, group=GROUP#ID       a webhook's secret
  file:/absolute/path                    a file, 0600, replaced whole
  command:WORDS                          a command that reads the secret";

/// Where copies of a secret go
///
/// A place that is on a connection's list gets its token, or its webhook secret, whenever that is
/// replaced, and is looked at afterwards. What `connect import` and `connect webhook add` have put somewhere is
/// on the list already. A copy that is not the present one is stale, until `push` mends it.
#[derive(Debug, ClapArgs)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  connect destination add octocat@github.com \\
      --to gitlab-variable:agility-game/dashboard:GITHUB_TOKEN
  connect destination list
  connect destination push --stale"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Add(add::Args),
    List(list::Args),
    Remove(remove::Args),
    Push(push::Args),
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        match self.command {
            Command::Add(args) => args.run(session),
            Command::List(args) => args.run(session),
            Command::Remove(args) => args.run(session),
            Command::Push(args) => args.run(session),
        }
    }
}

/// A place as it was typed. It is read when the command runs: what is wrong with it is then told as everything else.
fn place(text: &str) -> Result<To, CliError> {
    To::read(text).map_err(|error: DestinationError| CliError::from(crate::workflow::Error::from(error)))
}
