//! The system's git, kept away from the user's own settings and credentials.

use std::path::Path;
use std::process::Stdio;
use std::sync::OnceLock;

use tokio::process::Command;

/// What git needs of the environment to be found and to run; nothing else of it is handed on.
const KEPT: &[&str] =
    &["PATH", "PATHEXT", "SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "TMPDIR", "GIT_EXEC_PATH", "LD_LIBRARY_PATH"];

/// Has this machine a git? Asked once.
pub(crate) fn is_there() -> bool {
    static THERE: OnceLock<bool> = OnceLock::new();
    *THERE.get_or_init(|| {
        let asked = std::process::Command::new("git").arg("--version").stdin(Stdio::null()).output();
        asked.is_ok_and(|output| output.status.success())
    })
}

/// A git with these settings besides the repository's own; it dies when nobody waits for it.
pub(super) fn git(repository: &Path, settings: &[(String, String)]) -> Command {
    let mut git = Command::new("git");
    git.env_clear().kill_on_drop(true).current_dir(repository);
    for name in KEPT {
        if let Some(value) = std::env::var_os(name) {
            git.env(name, value);
        }
    }
    // No file of the user's or the machine's has a say, and nobody is asked anything.
    git.env("HOME", repository)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", repository.join("no-such-file"))
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ASKPASS", "true")
        .env("LC_ALL", "C");
    // In the environment, where other users do not see it, and not among the arguments, where they do.
    let own = [("safe.directory".to_owned(), "*".to_owned())];
    let all = own.iter().chain(settings);
    for (number, (name, value)) in all.enumerate() {
        git.env(format!("GIT_CONFIG_KEY_{number}"), name).env(format!("GIT_CONFIG_VALUE_{number}"), value);
    }
    git.env("GIT_CONFIG_COUNT", (settings.len() + own.len()).to_string());
    git
}
