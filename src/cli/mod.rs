//! What the user types: the path of a file is the path of its command. One `Args` and one `run` each.
//!
//! Only this room knows clap, prompts and the environment. It turns what was typed into arguments for
//! a workflow, and gives what comes back to the room that prints.

mod adopt;
mod api;
mod ask;
mod check;
mod completions;
mod config;
mod connecting;
mod day;
mod destination;
mod disconnect;
mod docker_credential;
mod doctor;
mod environment;
mod error;
mod exec;
mod git_credential;
mod github;
mod gitlab;
mod habits;
mod helper;
mod history;
mod import;
mod installed;
mod interrupt;
mod list;
mod man;
mod new_token;
mod options;
mod passphrase;
mod program;
mod rename;
mod rotate;
mod session;
mod settling;
mod setup_git;
mod status;
mod store;
mod terminal;
mod token;
mod token_input;
mod usage;
mod r#use;
mod webhook;
mod webhook_input;
mod which;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

pub use docker_credential::docker_credential_main;

use crate::output::{Exit, Screen};
use environment::Environment;
use error::CliError;
pub use git_credential::git_credential_main;
use options::Global;
use session::Session;

/// Keeps the tokens that tie GitHub and GitLab together: checks them before it keeps them, keeps them
/// in the system's keyring, and hands them out.
#[derive(Debug, Parser)]
#[command(
    name = "connect",
    version,
    help_template = HELP,
    disable_help_subcommand = false,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 80
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Grouped as people look for them. A test compares it with the commands there are.
const HELP: &str = "\
{about}

{usage-heading} {usage}

Connect
  github       Check a GitHub token and keep it
  gitlab       Check a GitLab token and keep it
  new-token    Print the page that makes the right token
  check        May this token do this? What is missing, and where to add it
  disconnect   Forget a connection, everywhere it was kept

Look
  list         What is kept (asks nobody)
  status       Ask the forges: alive? how long still?
  which        Which connection serves a URL, and why
  use          Let a connection serve an owner, a group, a host
  history      Who connected, replaced, revoked what, when
  doctor       Which link of the chain is broken, and how to mend it

Hand out
  token        Print a token, alone, on stdout
  exec         Run a command with the variables its tools expect
  api          One authorised request, the answer on stdout
  setup-git    Let git ask connect for the hosts of its connections
  adopt        Find tokens that other tools left lying about, take them in

Set up
  import       GitLab CI/CD for an external GitHub repository
  webhook      Webhooks: their secrets, where they deliver, what arrives

Keep
  rotate       Replace tokens before they die, and bring every copy along
  destination  Where copies of a secret go
  store        Where secrets are kept; move them
  rename       Give a connection another name
  config       The choices that are remembered
  completions  Completion for a shell, names of connections included
  man          The manual, for man(1)

Options everywhere
{options}

Examples
  connect github --pat
  connect gitlab --host gitlab.example.com --pat-env GITLAB_TOKEN \
      --store env --no-input --json
  connect check octocat@github.com --for git --repo octocat/hello-world
  connect status --min-days 14
  connect token octocat@github.com

`connect help COMMAND` says more about each.
";

#[derive(Debug, Subcommand)]
enum Command {
    Github(Box<github::Args>),
    Gitlab(Box<gitlab::Args>),
    NewToken(Box<new_token::Args>),
    Check(Box<check::Args>),
    Destination(destination::Args),
    Disconnect(disconnect::Args),
    Doctor(doctor::Args),
    List(list::Args),
    Status(status::Args),
    Which(which::Args),
    Use(r#use::Args),
    Token(token::Args),
    SetupGit(setup_git::Args),
    #[command(hide = true)]
    GitCredential(git_credential::Args),
    Exec(exec::Args),
    Api(Box<api::Args>),
    Adopt(Box<adopt::Args>),
    Import(Box<import::Args>),
    Webhook(Box<webhook::Args>),
    Rename(rename::Args),
    Rotate(Box<rotate::Args>),
    History(history::Args),
    Store(store::Args),
    Config(config::Args),
    Completions(completions::Args),
    Man(man::Args),
    #[command(hide = true)]
    Login(Box<habits::Login>),
    #[command(hide = true)]
    Logout(habits::Logout),
    #[command(hide = true)]
    Switch(habits::Switch),
}

/// Parses the command line, does what it says, and gives the exit code.
pub fn main() -> ExitCode {
    if completions::answered() {
        return ExitCode::SUCCESS;
    }
    let command = environment::without_empty_variables(Cli::command());
    let matches = match command.try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return usage::report(&error),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return usage::report(&error),
    };
    if let Command::GitCredential(args) = cli.command {
        return args.run();
    }
    let screen = Screen::new(cli.global.settings());
    let imports = matches!(cli.command, Command::Import(_));
    let runs_another = matches!(cli.command, Command::Exec(_));
    let ended = match Environment::read() {
        Ok(environment) if matches!(cli.command, Command::Doctor(_)) => {
            settled(cli.command, &Session::in_spite_of_all(cli.global, environment, screen.clone()))
        }
        Ok(environment) => {
            // Whoever mends the configuration cannot need one that reads.
            let mends = matches!(cli.command, Command::Config(_));
            Session::new(cli.global, environment, screen.clone(), mends)
                .and_then(|session| settled(cli.command, &session))
        }
        Err(error) => Err(error),
    };
    screen.clear();
    let exit = ended.unwrap_or_else(|error| {
        let failure = if matches!(error, CliError::Interrupted) { screen.interrupted() } else { error.failure() };
        let failure = if imports { failure.for_import() } else { failure };
        let failure = if runs_another { failure.for_exec() } else { failure };
        screen.failure(&failure);
        failure.exit
    });
    ExitCode::from(exit.code())
}

/// Runs the command and, however it ends, keeps what was told of its tokens by the way.
fn settled(command: Command, session: &Session) -> Result<Exit, CliError> {
    if mentions(&command, &session.global) {
        session.witness.mention();
    }
    let ended = run(command, session);
    session.settle();
    ended
}

/// Whether tokens that die soon are mentioned: by the commands that work with them, to people who want to hear it. A
/// token is printed for scripts; only where a terminal is at both ends somebody reads along.
fn mentions(command: &Command, global: &Global) -> bool {
    let works = match command {
        Command::Check(_) | Command::Import(_) | Command::Webhook(_) | Command::Destination(_) => true,
        Command::Token(_) | Command::Api(_) => terminal::is_read_by_people(),
        _ => false,
    };
    works && !global.quiet && !global.json
}

fn run(command: Command, session: &Session) -> Result<Exit, CliError> {
    settling::settle(&command, session);
    match command {
        Command::Github(args) => args.run(session),
        Command::Gitlab(args) => args.run(session),
        Command::NewToken(args) => args.run(session),
        Command::Check(args) => args.run(session),
        Command::Destination(args) => args.run(session),
        Command::Disconnect(args) => args.run(session),
        Command::Doctor(args) => args.run(session),
        Command::List(args) => args.run(session),
        Command::Status(args) => args.run(session),
        Command::Which(args) => args.run(session),
        Command::Use(args) => args.run(session),
        Command::Token(args) => args.run(session),
        Command::SetupGit(args) => args.run(session),
        // It has its own way, above.
        Command::GitCredential(_) => Ok(Exit::Done),
        Command::Exec(args) => args.run(session),
        Command::Api(args) => args.run(session),
        Command::Adopt(args) => args.run(session),
        Command::Import(args) => args.run(session),
        Command::Webhook(args) => args.run(session),
        Command::Rename(args) => args.run(session),
        Command::Rotate(args) => args.run(session),
        Command::History(args) => args.run(session),
        Command::Store(args) => args.run(session),
        Command::Config(args) => args.run(session),
        Command::Completions(args) => args.run(session),
        Command::Man(args) => args.run(session),
        Command::Login(args) => args.run(session),
        Command::Logout(args) => args.run(session),
        Command::Switch(args) => args.run(session),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_is_in_the_grouped_help() {
        for command in Cli::command().get_subcommands().filter(|command| !command.is_hide_set()) {
            let line = format!("\n  {} ", command.get_name());
            assert!(command.get_name() == "help" || HELP.contains(&line), "{} is missing", command.get_name());
        }
    }
}
