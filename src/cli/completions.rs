//! `connect completions`, and what a shell asks for at each press of the tab key.

use std::ffi::OsString;

use clap::{Args as ClapArgs, ValueEnum};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{Bash, CompleteEnv, Elvish, EnvCompleter, Fish, Powershell, Zsh};

use super::CliError;
use super::environment::Environment;
use super::session::Session;
use crate::catalog::Records;
use crate::model::{ConnectionName, ForgeKind};
use crate::output::Exit;

/// The variable by which the shell's script says that it wants completions.
const VARIABLE: &str = "CONNECT_COMPLETE";

/// bash would take `octocat@github.com:8443` for three words.
const WHOLE_NAMES: &str = "\
# Names of connections have `@` and `:` in them: they are no breaks between words.
COMP_WORDBREAKS=${COMP_WORDBREAKS//[@:]/}
";

/// Completion for a shell, names of connections included
///
/// Prints a script for the shell to read. The script asks connect itself at each press of the tab key, so
/// it stays right when connect or the connections change; only names are read, no network and no keyring.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  source <(connect completions bash)    # in ~/.bashrc
  source <(connect completions zsh)     # in ~/.zshrc, after compinit
  connect completions fish > ~/.config/fish/completions/connect.fish
  connect completions powershell | Out-String | Invoke-Expression")]
pub(super) struct Args {
    /// Which shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
}

impl Shell {
    fn script(self) -> &'static dyn EnvCompleter {
        match self {
            Self::Bash => &Bash,
            Self::Zsh => &Zsh,
            Self::Fish => &Fish,
            Self::Powershell => &Powershell,
            Self::Elvish => &Elvish,
        }
    }
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let mut script = Vec::new();
        self.shell
            .script()
            .write_registration(VARIABLE, "connect", "connect", "connect", &mut script)
            .map_err(CliError::Output)?;
        if self.shell == Shell::Bash {
            script.extend_from_slice(WHOLE_NAMES.as_bytes());
        }
        session.screen.result(&String::from_utf8_lossy(&script)).map_err(CliError::Output)?;
        Ok(Exit::Done)
    }
}

/// Answers a shell that asks for completions; `false` when none asks. What goes wrong is not said: it would
/// stand in the middle of what is being typed.
pub(super) fn answered() -> bool {
    if !super::environment::is_set(VARIABLE) {
        return false;
    }
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let here = std::env::current_dir().ok();
    CompleteEnv::with_factory(command).var(VARIABLE).bin("connect").try_complete(arguments, here.as_deref()).is_ok()
}

/// The command line, with the names of the connections wherever one is wanted.
fn command() -> clap::Command {
    use clap::CommandFactory as _;
    with_names(super::Cli::command())
}

fn with_names(command: clap::Command) -> clap::Command {
    let named = |arg: clap::Arg| {
        let wanted = arg.get_value_names().is_some_and(|names| names.iter().any(|name| name.starts_with("NAME")));
        if !wanted {
            return arg;
        }
        let candidates = match arg.get_id().as_str() {
            "github" | "status_token" => ArgValueCandidates::new(|| names_of(ForgeKind::GitHub)),
            "gitlab" | "hook_token" => ArgValueCandidates::new(|| names_of(ForgeKind::GitLab)),
            _ => ArgValueCandidates::new(names),
        };
        arg.add(candidates)
    };
    command.mut_args(named).mut_subcommands(with_names)
}

fn names() -> Vec<CompletionCandidate> {
    let Ok(environment) = Environment::read() else { return Vec::new() };
    let names = Records::new(&environment.home).names().unwrap_or_default();
    names.iter().map(candidate).collect()
}

/// Those for which only one forge will do.
fn names_of(forge: ForgeKind) -> Vec<CompletionCandidate> {
    let Ok(environment) = Environment::read() else { return Vec::new() };
    let Ok(all) = Records::new(&environment.home).all() else { return Vec::new() };
    all.filter_map(Result::ok).filter(|it| it.forge == forge).map(|it| candidate(&it.name)).collect()
}

fn candidate(name: &ConnectionName) -> CompletionCandidate {
    CompletionCandidate::new(name.as_str().to_owned())
}
