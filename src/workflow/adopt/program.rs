//! Other programs, run for what they keep. They may ask nobody, neither at the terminal nor over the network, and they
//! have a time limit. Nothing secret is on their command lines.
//!
//! They are run in the folder where they lie: the one that somebody stands in may be a repository of strangers, whose
//! configuration names helpers that git would start.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use zeroize::Zeroizing;

use crate::git::run::program_in;

/// A keyring that has to be unlocked first is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// More than any of them has to say.
const LIMIT: u64 = 1024 * 1024;

/// Variables that would have them answer with something else than what they keep, do something else, or write down what
/// they do; and those of ours that lead to secrets.
const NOT_THEIRS: [&str; 18] = [
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "GITHUB_ENTERPRISE_TOKEN",
    "GH_HOST",
    "GH_DEBUG",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_CONFIG",
    "GIT_TRACE",
    "GIT_TRACE_CURL",
    "GIT_TRACE_SETUP",
    "GIT_TRACE2",
    "GIT_TRACE2_EVENT",
    "GIT_TRACE2_PERF",
    "SSH_ASKPASS",
    "GCM_TRACE",
    "GCM_TRACE_SECRETS",
];

/// Variables that have them ask nobody.
const QUIET: [(&str, &str); 10] = [
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_ASKPASS", ""),
    ("GCM_INTERACTIVE", "never"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GH_PROMPT_DISABLED", "1"),
    ("GH_NO_UPDATE_NOTIFIER", "1"),
    ("GH_NO_EXTENSION_UPDATE_NOTIFIER", "1"),
    ("GH_TELEMETRY", "false"),
    ("DO_NOT_TRACK", "1"),
    ("NO_COLOR", "1"),
];

/// Why nothing came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Silent {
    /// There is no such program, or it does not start.
    #[error("it does not start")]
    Missing,
    /// It was told to stop after its time.
    #[error("it does not answer")]
    TooLong,
    /// It ended with another code than 0, or said far too much.
    #[error("it has nothing to say")]
    Failed,
}

/// Where other programs are, and what they are given.
#[derive(Debug, Clone, Default)]
pub struct Programs {
    /// The folders of PATH.
    pub folders: Vec<PathBuf>,
    /// The environment, without what is connect's own.
    pub environment: Vec<(OsString, OsString)>,
}

/// A program that is to be run.
pub(super) struct Program {
    /// Nothing where there is no such program.
    command: Option<tokio::process::Command>,
    input: Zeroizing<String>,
}

/// What it said.
pub(super) struct Said(Zeroizing<Vec<u8>>);

impl Said {
    /// As text; what is none counts as nothing said.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Programs {
    /// The first of this name in a folder of PATH.
    pub(super) fn named(&self, name: &str) -> Program {
        let path = self.folders.iter().find_map(|folder| program_in(folder, name));
        let command = path.map(|path| {
            let mut command = tokio::process::Command::new(&path);
            command.current_dir(path.parent().unwrap_or(&path)).env_clear();
            command.envs(self.environment.iter().map(|(name, value)| (name, value)));
            NOT_THEIRS.iter().for_each(|variable| {
                command.env_remove(variable);
            });
            command.envs(QUIET).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
            command
        });
        Program { command, input: Zeroizing::new(String::new()) }
    }
}

impl Program {
    fn with(mut self, change: impl FnOnce(&mut tokio::process::Command)) -> Self {
        if let Some(command) = &mut self.command {
            change(command);
        }
        self
    }

    pub fn arguments<S: AsRef<std::ffi::OsStr>>(self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.with(|command| {
            command.args(arguments);
        })
    }

    /// git reads one file, and nothing that anybody has configured.
    pub fn alone(self) -> Self {
        self.with(|command| {
            command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_COUNT", "0").env_remove("GIT_CONFIG_PARAMETERS");
        })
    }

    /// It writes, and takes its lock away when it has: whoever presses Ctrl-C does not wait for it, and does not end it.
    pub fn undisturbed(self) -> Self {
        self.with(|command| {
            command.kill_on_drop(false);
        })
    }

    pub fn input(mut self, text: String) -> Self {
        self.input = Zeroizing::new(text);
        self.with(|command| {
            command.stdin(Stdio::piped());
        })
    }
}

/// Runs it to its end.
///
/// # Errors
/// [`Silent`].
pub(super) async fn run(program: Program) -> Result<Said, Silent> {
    let mut command = program.command.ok_or(Silent::Missing)?;
    let mut child = command.spawn().map_err(|_| Silent::Missing)?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take().ok_or(Silent::Missing)?);
    let work = async {
        if let Some(mut pipe) = stdin {
            let _ = pipe.write_all(program.input.as_bytes()).await;
        }
        // A buffer that grows leaves copies behind, which nobody wipes.
        let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
        let read = stdout.take(LIMIT + 1).read_to_end(&mut bytes).await;
        let ended = child.wait().await;
        let whole = read.is_ok() && u64::try_from(bytes.len()).is_ok_and(|length| length <= LIMIT);
        if whole && ended.is_ok_and(|status| status.success()) { Ok(Said(bytes)) } else { Err(Silent::Failed) }
    };
    tokio::time::timeout(PATIENCE, work).await.unwrap_or(Err(Silent::TooLong))
}
