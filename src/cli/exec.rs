//! `connect exec`

use std::ffi::OsString;
use std::io;

use clap::Args as ClapArgs;
use clap::builder::FalseyValueParser;

use super::CliError;
use super::program::{self, Found};
use super::session::{AgeKeys, Session};
use super::{environment, interrupt};
use crate::git::Git;
use crate::model::text::{printable, without_tokens};
use crate::output::{Exit, human};
use crate::workflow::exec::{self, Ended, Prepared, Stream, Wanted};

/// Run a command with the variables its tools expect
///
/// gh, glab, Terraform, Octokit and python-gitlab take a token from the environment; each has names of its
/// own (docs/programs.md). The command gets those of the connections that are named, and no others: what the
/// shell has left in such variables, and every CONNECT_… one, is taken out first. Without a name: the
/// connection that serves the remote of the folder one stands in, else the defaults. No network, but what the
/// command does; it takes connect's place, so that its exit code and its signals are its own.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect exec -- gh pr list
  connect exec octocat@github.com -- terraform plan
  connect exec --url https://gitlab.example.com/group -- glab mr list
  connect exec --env NODE_AUTH_TOKEN=octocat@github.com -- npm publish
  connect exec --mask ci@gitlab.example.com -- ./release.sh

Exit codes:
  the command's own; with --mask, 128 and its number for a signal; and
  2    the command line is wrong, or two tokens are for one variable
  9    nothing says whose token the command is to have
  125  connect itself failed: no such connection, no token, a dead one
  126  the command is there and cannot be run
  127  there is no such command")]
pub(super) struct Args {
    /// Whose tokens: connections, by name or by a URL they serve
    #[arg(value_name = "NAME")]
    names: Vec<String>,

    /// Also that of the connection that serves this URL
    #[arg(long, value_name = "URL")]
    url: Option<String>,

    /// Put a connection's token into this variable; may be repeated
    #[arg(long = "env", value_name = "VAR=NAME", value_parser = extra)]
    extra: Vec<(String, String)>,

    /// Run it as a child, and strike the tokens out of what it prints
    #[arg(long, env = "CONNECT_MASK", hide_env_values = true, value_parser = FalseyValueParser::new(), action = clap::ArgAction::SetTrue)]
    mask: bool,

    /// The command and its arguments, without a shell
    #[arg(value_name = "COMMAND", last = true, required = true)]
    command: Vec<OsString>,
}

/// What is typed here may be a token in place of a connection's name; it is not repeated.
fn extra(text: &str) -> Result<(String, String), &'static str> {
    let form = "a variable and a connection, as in `NPM_TOKEN=octocat@github.com`";
    let (variable, name) = text.split_once('=').ok_or(form)?;
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_variable = variable.starts_with(starts) && variable.chars().all(|c| starts(c) || c.is_ascii_digit());
    if !is_variable || name.is_empty() {
        return Err(form);
    }
    if variable.starts_with("CONNECT_") {
        return Err("variables of connect's own are not handed on");
    }
    Ok((variable.to_owned(), name.to_owned()))
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let mut words = self.command.into_iter();
        let Some(program) = words.next() else {
            return Err(CliError::usage("there is no command", &["`connect exec NAME -- COMMAND`"]));
        };
        // Before a keyring asks for anything.
        is_there(&program)?;
        let arguments: Vec<OsString> = words.collect();
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        let wanted = Wanted { names: self.names, url: self.url, extra: self.extra };
        let git = || Git::find(environment::program_folders(), environment::for_git()).ok();
        let prepared = exec::prepare(&tools, &wanted, environment::for_programs(), git)?;
        for (name, left) in &prepared.dying {
            session.screen.warning("expires_soon", &human::dies_within_the_hour(name, *left));
        }
        for open in &prepared.open {
            session.screen.note(&human::none_is_default(open));
        }
        if self.mask {
            masked(session, &prepared, &program, &arguments)
        } else {
            replaced(prepared, &program, &arguments)
        }
    }
}

#[cfg(unix)]
fn replaced(prepared: Prepared, program: &OsString, arguments: &[OsString]) -> Result<Exit, CliError> {
    Err(not_run(program, &prepared.replace(program, arguments)))
}

#[cfg(not(unix))]
fn replaced(prepared: Prepared, program: &OsString, arguments: &[OsString]) -> Result<Exit, CliError> {
    // Ctrl-C is for the command; what it ends with is what we end with.
    prepared.run(program, arguments).map(Exit::Command).map_err(|error| not_run(program, &error))
}

fn masked(
    session: &Session,
    prepared: &Prepared,
    program: &OsString,
    arguments: &[OsString],
) -> Result<Exit, CliError> {
    let _heard = interrupt::HeardHere::begin();
    let show = |stream, text: &[u8]| session.screen.pass_on(stream == Stream::Err, text);
    let ended = session.wait_for(async {
        prepared.run_masked(program, arguments, show).await.map_err(|error| not_run(program, &error))
    })?;
    Ok(Exit::Command(match ended {
        Ended::Code(code) => code,
        Ended::Signal(signal) => 128 + (signal & 0x7f),
    }))
}

fn shown(program: &OsString) -> String {
    without_tokens(&printable(&program.to_string_lossy(), 200))
}

fn is_there(program: &OsString) -> Result<(), CliError> {
    match program.to_str().map_or(Found::Runs, program::look) {
        Found::Runs => Ok(()),
        Found::Nothing => Err(CliError::NotRun {
            exit: Exit::NoSuchCommand,
            code: "command_not_found",
            message: format!("there is no command `{}`", shown(program)),
            hint: "what a shell knows by itself needs the shell: `connect exec NAME -- sh -c '…'`",
        }),
        Found::NotExecutable(path) => Err(CliError::NotRun {
            exit: Exit::NotExecutable,
            code: "command_not_executable",
            message: format!("`{}` cannot be run", without_tokens(&printable(&path.to_string_lossy(), 200))),
            hint: "`chmod +x` it, or name what runs it: `connect exec NAME -- sh FILE`",
        }),
    }
}

/// It was there a moment ago.
fn not_run(program: &OsString, error: &io::Error) -> CliError {
    if let Err(gone) = is_there(program) {
        return gone;
    }
    let why = match error.kind() {
        io::ErrorKind::NotFound => "what its first line names to run it is not there".to_owned(),
        kind => kind.to_string(),
    };
    CliError::NotRun {
        exit: Exit::NotExecutable,
        code: "command_not_executable",
        message: format!("`{}` cannot be run: {why}", shown(program)),
        hint: "see whether it runs without connect",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_their_connections() {
        assert_eq!(extra("A_1=octocat@github.com"), Ok(("A_1".into(), "octocat@github.com".into())));
        assert_eq!(extra("_x=a=b"), Ok(("_x".into(), "a=b".into())));
        for wrong in ["", "A", "=a", "A=", "1A=a", "A B=a", "Ä=a", "A-B=a", "CONNECT_HOME=a"] {
            assert!(extra(wrong).is_err(), "{wrong}");
        }
    }
}
