//! `connect setup-git`

use clap::Args as ClapArgs;

use super::ask::Asker;
use super::session::Session;
use super::{CliError, environment, installed};
use crate::catalog::Records;
use crate::git::Git;
use crate::git::config::Scope;
use crate::model::text::printable;
use crate::output::{Exit, human, json};
use crate::workflow::setup_git::{self, Bench, Plan, Wanted};
use crate::workflow::{Answer, Error};

/// Let git ask connect for the hosts of its connections
///
/// Adds connect to git's configuration as a credential helper, for the hosts that connections have, or for those
/// named, and for no others. What is going to be written is shown first. git itself writes it. Where several
/// connections of one host differ by what they serve, git is told to name the path as well (`useHttpPath`).
///
/// Other helpers stay as they are. git asks all that count for a host, in the order of its configuration, and tells
/// all of them what has worked: one that stands before connect may answer first, and one that keeps what it
/// is told keeps connect's tokens. `--only` has git ask and tell connect alone for these hosts. `--undo`
/// takes out what was added, and nothing else.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect setup-git
  connect setup-git --host github.com --only --yes
  connect setup-git --dry-run
  connect setup-git --undo

Exit codes:
  0  git asks connect; with `--undo`: no longer
  1  there is no git, or it could not write its configuration
  2  what was named is no host
  3  there is no connection, and no host was named
  9  nobody said yes")]
pub(super) struct Args {
    /// Only for this host, as in `github.com` or `https://example.com/gitlab`;
    /// there need be no connection for it
    #[arg(long, value_name = "HOST", value_delimiter = ',', env = "CONNECT_GIT_HOST", hide_env_values = true)]
    host: Vec<String>,

    /// Into the machine's configuration, for all its users
    #[arg(long, group = "scope")]
    system: bool,

    /// Into the user's configuration  [default]
    #[arg(long, group = "scope")]
    global: bool,

    /// Into the configuration of the repository one stands in
    #[arg(long, group = "scope")]
    local: bool,

    /// No other helper is asked or told for these hosts
    #[arg(long, conflicts_with = "undo")]
    only: bool,

    /// Take out what was added, and nothing else
    #[arg(long)]
    undo: bool,

    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let git = Git::find(environment::program_folders(), environment::for_git())?;
        let records = Records::new(&session.environment.home);
        let scope = match (self.system, self.local) {
            (true, _) => Scope::System,
            (_, true) => Scope::Local,
            _ => Scope::Global,
        };
        let installed = installed::find(&git, scope)?;
        let bench = Bench { git: &git, home: &session.environment.home, records: &records, installed: &installed };
        let wanted = Wanted { hosts: self.host, scope, only: self.only };
        let plan = if self.undo { setup_git::plan_undo(&bench, &wanted)? } else { setup_git::plan(&bench, &wanted)? };
        if self.dry_run {
            return shown(session, &git, &plan);
        }
        if !plan.steps.is_empty() {
            agree(session, &plan, &wanted)?;
        }
        let asked = setup_git::carry_out(&bench, &plan, &wanted)?;
        if session.screen.is_json() {
            session.screen.document(&json::SetupGit::of(&plan, &asked, false)).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::git_set_up(&plan, &asked, true)).map_err(CliError::Output)?;
        }
        Ok(Exit::Done)
    }
}

/// Shows the plan, and whom git asks as it is.
fn shown(session: &Session, git: &Git, plan: &Plan) -> Result<Exit, CliError> {
    let asked = setup_git::asked(git, &plan.sites)?;
    if session.screen.is_json() {
        session.screen.document(&json::SetupGit::of(plan, &asked, true)).map_err(CliError::Output)?;
    } else if plan.steps.is_empty() {
        session.screen.result(&human::git_set_up(plan, &asked, false)).map_err(CliError::Output)?;
    } else {
        session.screen.result(&in_words(plan)).map_err(CliError::Output)?;
    }
    Ok(Exit::Done)
}

/// The plan, with `~` for the user's home.
fn in_words(plan: &Plan) -> String {
    let places = environment::places();
    human::setup_git_plan(plan, |path| places.tilde(path))
}

/// Shows what is going to be written, and asks.
fn agree(session: &Session, plan: &Plan, wanted: &Wanted) -> Result<(), CliError> {
    if session.global.yes {
        session.screen.note(in_words(plan).trim_end());
        return Ok(());
    }
    if session.may_ask() {
        session.screen.ask(in_words(plan).trim_end());
    }
    let question = if plan.undo { "Take these lines out?" } else { "Write these lines?" };
    match Asker::new(session).confirm(question) {
        Answer::Yes => Ok(()),
        Answer::No => Err(Error::Declined.into()),
        Answer::CannotAsk => Err(setup_git::SetupGitError::NotConfirmed { flags: flags(plan, wanted) }.into()),
    }
}

/// What was typed, so that a look at the same plan can be named.
fn flags(plan: &Plan, wanted: &Wanted) -> String {
    let hosts = wanted.hosts.iter().map(|host| format!(" --host {}", printable(host, 200)));
    let scope = if wanted.scope == Scope::Global { String::new() } else { format!(" {}", wanted.scope.flag()) };
    let only = if wanted.only { " --only" } else { "" };
    let undo = if plan.undo { " --undo" } else { "" };
    format!("{}{scope}{only}{undo}", hosts.collect::<String>())
}
