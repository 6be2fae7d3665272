//! `connect new-token`

use clap::{Args as ClapArgs, ValueEnum};

use super::session::Session;
use super::{CliError, connecting};
use crate::model::{ForgeKind, Wish, duration};
use crate::output::{Exit, human, json};
use crate::workflow::{self, Wanted};

/// What the forge shall call a token when the user does not say.
pub(super) const USUAL_NAME: &str = "connect";

/// How long a token shall live when the user does not say.
pub(super) const USUAL_DAYS: u32 = 90;

/// Print the page that makes the right token
///
/// Prints a link to the forge's own page, pre-filled, and the list of what it fills in: a link cannot
/// choose repositories, and not every server heeds all of it.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect new-token github --for import --repo agility-game/store --open
  connect new-token gitlab --for git,read --expires-in 30d")]
pub(super) struct Args {
    /// github or gitlab
    #[arg(value_name = "FORGE")]
    forge: Forge,

    /// What the token is wanted for: git, import, webhooks, status, read, or single
    /// permissions and scopes, as `Contents=write` or `read_api`
    #[arg(long = "for", value_name = "TASK", required = true, value_delimiter = ',', num_args = 1..)]
    wishes: Vec<Wish>,

    /// The user or organisation that owns the repositories (GitHub)
    #[arg(long, value_name = "ORG")]
    owner: Option<String>,

    /// A repository it is for; may be given several times
    #[arg(short = 'R', long, value_name = "OWNER/REPO", value_parser = repository)]
    repo: Vec<String>,

    /// What the forge shall call the token
    #[arg(long, value_name = "NAME", default_value = USUAL_NAME)]
    token_name: String,

    /// A note for whoever finds the token later
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,

    /// How long it shall live (a bare number means days)  [default: 90d]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    expires_in: Option<jiff::SignedDuration>,

    /// A classic token instead of a fine-grained one (GitHub)
    #[arg(long)]
    classic: bool,

    /// Another host than github.com or gitlab.com
    #[arg(long, value_name = "HOST", alias = "hostname")]
    host: Option<String>,

    /// Open the page in the browser
    #[arg(long)]
    open: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "lowercase")]
enum Forge {
    Github,
    Gitlab,
}

fn repository(text: &str) -> Result<String, &'static str> {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    match text.split_once('/') {
        Some((owner, name)) if part(owner) && name.split('/').all(part) => Ok(text.to_owned()),
        _ => Err("a repository is `OWNER/REPO`"),
    }
}

/// Opens a page in the browser; its link has been printed by then.
pub(super) fn open(session: &Session, page: &workflow::Page) {
    if open::that_detached(page.url.as_str()).is_err() {
        session.screen.warning("no_browser", "no browser could be opened; the link is above");
    }
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let kind = match self.forge {
            Forge::Github => ForgeKind::GitHub,
            Forge::Gitlab => ForgeKind::GitLab,
        };
        if self.classic && kind == ForgeKind::GitLab {
            return Err(CliError::usage("`--classic` is for GitHub; GitLab's page makes one kind", &[]));
        }
        let host = connecting::read_host(kind, self.host.as_deref(), None, false)?;
        let days = self.days(session)?;
        let wanted = Wanted {
            host: &host,
            wishes: &self.wishes,
            owner: self.owner.as_deref(),
            repositories: &self.repo,
            name: &self.token_name,
            description: self.description.as_deref(),
            days: Some(days),
            classic: self.classic,
            self_rotate: true,
        };
        let page = workflow::new_token(&wanted).map_err(|e| CliError::usage(e.to_string(), &[]))?;
        if session.screen.is_json() {
            session.screen.document(&json::TokenPage::of(&page)).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::token_page(&page, &host)).map_err(CliError::Output)?;
        }
        if self.open {
            open(session, &page);
        }
        Ok(Exit::Done)
    }

    /// The lifetime in whole days: the flag's, the configuration's, or the usual one.
    fn days(&self, session: &Session) -> Result<u32, CliError> {
        let configured = match &session.config.expires_in {
            Some(text) => Some(
                duration::parse(text).map_err(|e| CliError::usage(format!("`expires_in` in config.toml: {e}"), &[]))?,
            ),
            None => None,
        };
        let Some(lifetime) = self.expires_in.or(configured) else { return Ok(USUAL_DAYS) };
        let hours = lifetime.as_hours();
        u32::try_from(hours / 24)
            .ok()
            .filter(|days| *days > 0)
            .ok_or_else(|| CliError::usage("a token lives at least a day", &["as in `--expires-in 90d`"]))
    }
}
