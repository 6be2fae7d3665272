//! Other programs, run for what they keep. They may ask nobody, neither at the terminal nor over the network, and they
//! have a time limit. Nothing secret is on their command lines.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use zeroize::Zeroizing;

/// A keyring that has to be unlocked first is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// More than any of them has to say.
const LIMIT: u64 = 1024 * 1024;

/// Variables that would have them answer with something else than what they keep, do something else, or write down what
/// they do; and those of ours that lead to secrets.
const NOT_THEIRS: [&str; 21] = [
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
    "CONNECT_PASSPHRASE",
    "CONNECT_PASSPHRASE_FILE",
    "CONNECT_AGE_IDENTITY",
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

/// A program that is to be run.
pub(super) struct Program {
    command: tokio::process::Command,
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

impl Program {
    pub fn new(name: &str) -> Self {
        let mut command = tokio::process::Command::new(name);
        NOT_THEIRS.iter().for_each(|variable| {
            command.env_remove(variable);
        });
        command.envs(QUIET).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        Self { command, input: Zeroizing::new(String::new()) }
    }

    pub fn arguments<S: AsRef<std::ffi::OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.command.args(arguments);
        self
    }

    /// git reads one file, and nothing that anybody has configured.
    pub fn alone(mut self) -> Self {
        self.command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_COUNT", "0").env_remove("GIT_CONFIG_PARAMETERS");
        self
    }

    pub fn input(mut self, text: String) -> Self {
        self.command.stdin(Stdio::piped());
        self.input = Zeroizing::new(text);
        self
    }
}

/// Runs it to its end.
///
/// # Errors
/// [`Silent`].
pub(super) async fn run(mut program: Program) -> Result<Said, Silent> {
    let mut child = program.command.spawn().map_err(|_| Silent::Missing)?;
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
