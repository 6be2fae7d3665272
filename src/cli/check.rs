//! `connect check`

use clap::Args as ClapArgs;

use super::CliError;
use super::session::{AgeKeys, Session};
use crate::model::text::is_path_part;
use crate::model::{Connection, ForgeKind, Wish};
use crate::output::{Exit, Failure, Screen, human, json};
use crate::workflow::{self, Address, Checkup, Place};

/// May this token do this? What is missing, and where to add it
///
/// Compares the token's scopes with what the task needs. Fine-grained tokens do not say what they may: with a
/// repository or project it is tried, by reads and by requests that cannot change anything. What cannot be found out
/// without writing is reported as unknown. Whether the account's role allows it, and whether the place is archived, is
/// looked at too.
///
/// Exits with 0 when nothing speaks against it, 5 when something is missing or refused, 3 when the place is hidden.
/// On a terminal a table; elsewhere one line a need, fields separated by tabs: name, level, verdict, why.
#[derive(Debug, ClapArgs)]
#[command(
    override_usage = "connect check [OPTIONS] <NAME|URL> --for <TASK>...",
    after_help = "\
Examples:
  connect check octocat@github.com --for webhooks --repo agility-game/store
  connect check https://github.com/agility-game/store --for git
  connect check bot@gitlab.com --for import --group agility-game
  connect check hub --for Contents=write,\"Commit statuses\" -R o/r --json"
)]
pub(super) struct Args {
    /// A connection, by name or by a URL it serves; the URL of a repository names that too
    #[arg(value_name = "NAME|URL")]
    name: String,

    /// Tasks (git, import, webhooks, status, read), single permissions of GitHub (Contents=write) and scopes
    /// (read:org, read_api)
    #[arg(long = "for", value_name = "TASK", required = true, value_delimiter = ',', num_args = 1..)]
    wishes: Vec<Wish>,

    /// The GitHub repository it is to work in
    #[arg(short = 'R', long, value_name = "OWNER/REPO", value_parser = repository, conflicts_with_all = ["project", "group"])]
    repo: Option<Place>,

    /// The GitLab project it is to work in
    #[arg(long, value_name = "GROUP/PROJECT", value_parser = path, conflicts_with = "group")]
    project: Option<String>,

    /// The GitLab group it is to work in
    #[arg(long, value_name = "GROUP", value_parser = path)]
    group: Option<String>,
}

fn repository(text: &str) -> Result<Place, &'static str> {
    match text.split_once('/') {
        Some((owner, name)) if is_path_part(owner) && is_path_part(name) => {
            Ok(Place::Repository { owner: owner.to_owned(), name: name.to_owned() })
        }
        _ => Err("a repository is `OWNER/REPO`"),
    }
}

fn path(text: &str) -> Result<String, &'static str> {
    let text = text.trim_matches('/');
    if text.split('/').all(is_path_part) { Ok(text.to_owned()) } else { Err("a path is `GROUP/SUBGROUP/PROJECT`") }
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let connection = workflow::find_connection(&tools.records, &self.name)?;
        let place = self.place(&connection)?;
        warn_of_unknown_words(&session.screen, &self.wishes);
        let checkup = session.wait_for(async { Ok(workflow::check(&tools, connection, self.wishes, place).await?) })?;
        let failure = checkup.cut_short.as_ref().map(Failure::of);
        if session.screen.is_json() {
            session.screen.document(&json::Checkup::of(&checkup, failure.as_ref())).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::check(&session.screen, &checkup)).map_err(CliError::Output)?;
            if !session.screen.is_terminal() {
                human::beside(&session.screen, &checkup);
            }
            failure.iter().for_each(|failure| session.screen.failure(failure));
        }
        Ok(exit(&checkup, failure.as_ref()))
    }

    /// What the flags or the URL say, which must fit the forge.
    fn place(&self, connection: &Connection) -> Result<Option<Place>, CliError> {
        let place = match (&self.repo, &self.project, &self.group) {
            (Some(place), ..) => Some(place.clone()),
            (_, Some(path), _) => Some(Place::Project(path.clone())),
            (.., Some(path)) => Some(Place::Group(path.clone())),
            _ => return Ok(self.place_in_url(connection)),
        };
        match (&place, connection.forge) {
            (Some(Place::Repository { .. }), ForgeKind::GitLab) => {
                Err(CliError::usage("`--repo` is for GitHub", &["for GitLab: `--project` or `--group`"]))
            }
            (Some(Place::Project(_) | Place::Group(_)), ForgeKind::GitHub) => {
                Err(CliError::usage("`--project` and `--group` are for GitLab", &["for GitHub: `--repo`"]))
            }
            _ => Ok(place),
        }
    }

    /// `https://github.com/o/r` names a repository beside the connection; a host alone names none.
    fn place_in_url(&self, connection: &Connection) -> Option<Place> {
        if self.name == connection.name.as_str() {
            return None;
        }
        let within = Address::read(&self.name)?.below(&connection.url)?;
        match connection.forge {
            ForgeKind::GitHub => {
                let mut parts = within.split('/');
                let (owner, name) = (parts.next()?, parts.next()?);
                repository(&format!("{owner}/{name}")).ok()
            }
            ForgeKind::GitLab => {
                let path = within.split("/-/").next().and_then(|text| path(text).ok())?;
                Some(Place::Project(path))
            }
        }
    }
}

/// 5 before 7: what is known to be missing will not be found by asking again.
fn exit(checkup: &Checkup, failure: Option<&Failure>) -> Exit {
    if checkup.needs.iter().any(|need| need.verdict.refuses()) {
        Exit::Forbidden
    } else {
        failure.map_or(Exit::Done, |failure| failure.exit)
    }
}

/// Words that connect does not know are taken as they stand, with a warning.
pub(super) fn warn_of_unknown_words(screen: &Screen, wishes: &[Wish]) {
    for (word, similar) in workflow::check::unknown_words(wishes) {
        let meant = similar.map(|similar| format!("; did you mean `{similar}`?")).unwrap_or_default();
        let word = crate::model::text::without_tokens(&crate::model::text::printable(&word, 60));
        screen.warning("unknown_word", &format!("connect knows no task, permission or scope `{word}`{meant}"));
    }
}
