//! `connect import list`

use clap::Args as ClapArgs;

use super::super::session::{AgeKeys, Session};
use super::{CliError, typed};
use crate::model::ForgeKind;
use crate::output::{Exit, human, json};
use crate::workflow::import::{self as workflow, Typed};

/// What could be imported, and what was
///
/// The repositories that the GitHub token sees, the account's role in each, whether it can be imported and why not, and
/// the projects it was imported into. Elsewhere than on a terminal one line each, fields separated by tabs: repository,
/// role, yes|no|unknown, why, projects.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect import list
  connect import list agility-game --github octocat@github.com

Exit codes:
  0   listed, even where nothing can be imported
  2   the command line is wrong
  3   there is no such connection, or none to GitHub
  4   the token is not valid: unknown, revoked or expired
  5   the token may not list repositories
  7   GitHub could not be reached or would not answer
  8   the store that keeps the token is missing or locked
  9   several connections could be meant: name one with `--github`")]
pub(super) struct Args {
    /// Only this owner's
    #[arg(value_name = "OWNER", value_parser = typed)]
    owner: Option<Typed>,

    /// The GitHub connection
    #[arg(long, value_name = "NAME")]
    github: Option<String>,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let any = typed("any").map_err(|why| CliError::usage(why, &[]))?;
        let place = self.owner.as_ref().unwrap_or(&any);
        let connection = workflow::connection(&tools, ForgeKind::GitHub, self.github.as_deref(), place)?;
        let owner = self.owner.as_ref().and_then(|owner| owner.path(&connection));
        if owner.as_ref().is_some_and(|owner| owner.contains('/')) {
            return Err(CliError::usage(
                "that is a repository; this takes its owner",
                &["`connect import list OWNER`"],
            ));
        }
        let mut list = session.wait_for(async { Ok(workflow::list(&tools, &connection).await?) })?;
        if let Some(owner) = &owner {
            list.repositories.retain(|row| row.repository.owner.eq_ignore_ascii_case(owner));
            let of_owner = |path: &str| path.split('/').next().is_some_and(|first| first.eq_ignore_ascii_case(owner));
            list.hidden.retain(|import| of_owner(&import.github.path));
        }
        if session.screen.is_json() {
            session.screen.document(&json::Repositories::of(&list)).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::repositories(&session.screen, &list)).map_err(CliError::Output)?;
            if list.repositories.is_empty() {
                let whose = owner.map(|owner| format!(" of {owner}")).unwrap_or_default();
                session.screen.note(&format!("`{}` sees no repository{whose}", connection.name));
            }
        }
        if !list.sso_left_out.is_empty() {
            let words = "organisations with single sign-on are left out: the token is not authorised for them";
            session.screen.warning("sso_partial", words);
        }
        Ok(Exit::Done)
    }
}
