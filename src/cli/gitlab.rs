//! `connect gitlab`

use clap::Args as ClapArgs;

use super::CliError;
use super::connecting::{self, Common};
use super::session::Session;
use super::token_input::{self, PatSource, Source};
use crate::model::ForgeKind;
use crate::output::Exit;

/// Check a GitLab token and keep it
///
/// Takes personal, project and group access tokens, and OAuth access tokens. The token is checked with
/// GitLab first: whose it is, what kind, which scopes, until when, and which groups and projects it
/// reaches. Then it is kept in the system's keyring and a record of the connection is written, which
/// never contains the token.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect gitlab --pat
  connect gitlab --host gitlab.example.com:8443 --pat-file token.txt
  connect gitlab --pat-env GITLAB_TOKEN --store env --no-input --json")]
pub(super) struct Args {
    #[command(flatten)]
    source: PatSource,

    #[command(flatten)]
    oauth: OauthSource,

    /// Another GitLab than gitlab.com: `gitlab.example.com`, with a port, or a
    /// base URL
    #[arg(
        long,
        help_heading = "The connection",
        value_name = "HOST",
        env = "CONNECT_GITLAB_HOST",
        hide_env_values = true,
        alias = "hostname"
    )]
    host: Option<String>,

    /// Send requests there, where that does not follow from the host
    #[arg(
        long,
        help_heading = "The connection",
        value_name = "URL",
        env = "CONNECT_GITLAB_API_URL",
        hide_env_values = true
    )]
    api_url: Option<String>,

    #[command(flatten)]
    common: Common,
}

/// The ways to give an OAuth access token. At most one, and none beside the others.
#[derive(Debug, Clone, Default, ClapArgs)]
#[group(id = "oauth_source", multiple = false, conflicts_with = "pat_source")]
struct OauthSource {
    /// Ask for an OAuth access token, hidden; with a value, use that
    #[arg(long, value_name = "TOKEN", num_args = 0..=1)]
    oauth_token: Option<Option<String>>,

    /// Read an OAuth access token from standard input
    #[arg(long)]
    oauth_token_stdin: bool,

    /// Read an OAuth access token from an environment variable
    #[arg(long, value_name = "VAR")]
    oauth_token_env: Option<String>,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let oauth = match (self.oauth.oauth_token, self.oauth.oauth_token_stdin, self.oauth.oauth_token_env) {
            (Some(value), ..) => Some(token_input::on_command_line("--oauth-token", value)?),
            (_, true, _) => Some(Source::Stdin { flag: "--oauth-token-stdin" }),
            (_, _, Some(variable)) => Some(Source::Variable { flag: "--oauth-token-env", name: variable }),
            _ => None,
        };
        let is_oauth = oauth.is_some();
        let source = match oauth {
            Some(source) => Some(source),
            None => self.source.chosen()?,
        };
        connecting::run(
            session,
            ForgeKind::GitLab,
            self.host.as_deref(),
            self.api_url.as_deref(),
            source,
            is_oauth,
            self.common,
        )
    }
}
