//! `connect github`

use clap::Args as ClapArgs;

use super::CliError;
use super::connecting::{self, Common};
use super::session::Session;
use super::token_input::PatSource;
use crate::model::ForgeKind;
use crate::output::Exit;

/// Check a GitHub token and keep it
///
/// The token is checked with GitHub first: whose it is, what kind, which scopes, until when.
/// Then it is kept in the system's keyring and a record of the connection is written, which never
/// contains the token. Connecting a name again replaces its token, once the new one has been checked.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect github --pat
  connect github --pat-stdin < token.txt
  connect github --host github.example.com --ca-cert company.pem --pat
  connect github --pat-env GH_TOKEN --store env --no-input --json
  connect github --webhook-only --public-url https://hooks.example.com")]
pub(super) struct Args {
    #[command(flatten)]
    source: PatSource,

    /// Another GitHub than github.com: `github.example.com`, `acme.ghe.com`, or
    /// a base URL
    #[arg(
        long,
        help_heading = "The connection",
        value_name = "HOST",
        env = "CONNECT_GITHUB_HOST",
        hide_env_values = true,
        alias = "hostname"
    )]
    host: Option<String>,

    /// Send requests there, where that does not follow from the host
    #[arg(
        long,
        help_heading = "The connection",
        value_name = "URL",
        env = "CONNECT_GITHUB_API_URL",
        hide_env_values = true
    )]
    api_url: Option<String>,

    #[command(flatten)]
    common: Common,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let source = self.source.chosen()?;
        connecting::run(
            session,
            ForgeKind::GitHub,
            self.host.as_deref(),
            self.api_url.as_deref(),
            source,
            false,
            self.common,
        )
    }
}
