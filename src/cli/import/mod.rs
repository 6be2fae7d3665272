//! `connect import`

mod asking;
mod list;
mod make;
mod pattern;
mod status;
mod undo;
mod words;

use clap::{Args as ClapArgs, Subcommand};

use super::CliError;
use super::session::Session;
use crate::model::text::distance;
use crate::model::{Connection, ForgeKind, Import};
use crate::output::{Exit, Failure};
use crate::workflow::import::{self as workflow, Typed};
use crate::workflow::{Error, Tools};

/// GitLab CI/CD for an external GitHub repository
///
/// Makes a project on GitLab that follows the repository on GitHub: a pull mirror with pipelines, commit statuses
/// reported back, a webhook so that pushes are pulled at once, and if you like a `.gitlab-ci.yml`. What is there
/// already is left or set right, never made twice; cut short anywhere, the same command goes on. It shows the plan and
/// asks first.
///
/// GROUP/PROJECT: a group that exists at the full path gets a project of the repository's name; otherwise the last part
/// is the project's name. Repository and project may be given as URLs, too.
///
/// Pull mirroring and the GitHub integration need GitLab Premium. Without it: `--sync actions` (a workflow of GitHub
/// Actions pushes to GitLab), or `--without-mirror` (brought over once).
///
/// On a terminal a list; elsewhere one line a thing, fields separated by tabs: the plan as step, state, words; what
/// was made as thing, how, link.
#[derive(Debug, ClapArgs)]
#[command(
    subcommand_negates_reqs = true,
    arg_required_else_help = true,
    subcommand_help_heading = "Or",
    override_usage = "connect import [OPTIONS] <OWNER/REPO> --to <GROUP[/PROJECT]>\n       connect import <list|status|undo>",
    after_help = "\
Examples:
  connect import agility-game/store --to agility-game/ci --plan
  connect import agility-game/store --to agility-game/ci --ci-template minimal
  connect import o/r --to group --sync actions --yes
  connect import list
  connect import status o/r
  connect import undo o/r

Exit codes:
  0   it is set up, and nothing of it was seen not to work; what could not be
      seen yet is told (`not_seen_yet`); with `--plan`: looked at
  1   something else is in the way: the file is invalid, there are too many
      webhooks, another process is at work on it
  2   the command line is wrong
  3   the repository, group or connection is not there, or hidden
  4   a token is not valid: unknown, revoked or expired
  5   a token or an account may not do it, or it is not licensed
  7   a forge could not be reached or would not answer, or is not done yet
  8   the token that is made cannot be kept: the store is missing or locked
  9   a decision is needed: the path is taken, or nobody could agree; with
      `--plan --detailed-exitcode`: something would be changed
  10  it is set up, and something of it does not work
  130 interrupted: what GitLab has begun goes on

What stands after a failure is said; the same command goes on from there."
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    make: make::Args,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Status(status::Args),
    Undo(undo::Args),
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        if self.command.is_some() && self.make.is_begun() {
            let hint = "`connect import OWNER/REPO --to GROUP`, or `connect import list|status|undo`";
            return Err(CliError::usage("that is two commands in one", &[hint]));
        }
        match self.command {
            Some(Command::List(args)) => args.run(session),
            Some(Command::Status(args)) => args.run(session),
            Some(Command::Undo(args)) => args.run(session),
            None => self.make.run(session),
        }
    }
}

/// A repository or a project as it is typed.
fn typed(text: &str) -> Result<Typed, &'static str> {
    Typed::read(text).ok_or("a path as `OWNER/REPO` or `GROUP/PROJECT`, or a whole URL")
}

/// A repository as it is typed: never one word, but for one of the commands that was spelt wrongly.
fn repository(text: &str) -> Result<Typed, String> {
    let typed = typed(text)?;
    if text.contains(['/', ':']) {
        return Ok(typed);
    }
    let near = ["list", "status", "undo"].into_iter().find(|command| distance(command, text) <= 2);
    let meant = near.map(|command| format!("; did you mean `connect import {command}`?")).unwrap_or_default();
    Err(format!("one word is no repository{meant}"))
}

/// The one import of a repository that is on record. Records that do not read are told of: it may be one of those.
fn of_repository(
    tools: &Tools<'_>,
    session: &Session,
    repository: &Typed,
    to: Option<&Typed>,
) -> Result<Import, CliError> {
    workflow::tidy(tools)?;
    let (imports, damaged) = workflow::on_record(tools)?;
    for error in damaged {
        let failure = Failure::of(&Error::from(error));
        session.screen.warning("records_unread", &format!("{}: it had no say", failure.message));
    }
    Ok(workflow::of_repository(imports, repository, to)?)
}

/// The connection that was named, or that serves what was typed, and the path there.
fn place(
    tools: &Tools<'_>,
    kind: ForgeKind,
    named: Option<&str>,
    typed: &Typed,
) -> Result<(Connection, String), CliError> {
    let connection = workflow::connection(tools, kind, named, typed)?;
    match typed.path(&connection) {
        Some(path) => Ok((connection, path)),
        None => Err(CliError::usage(
            format!("{} is not at the forge of `{}`", typed.shown(), connection.name),
            &["leave the connection out, or name one of that host"],
        )),
    }
}
