//! Which folders connect's files are in.

use std::path::{Path, PathBuf};

/// The three folders: choices, data, state. Made when something is first written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// `config.toml`.
    pub config: PathBuf,
    /// `connections/`, `secrets/`, `imports/`, `logins.json`.
    pub data: PathBuf,
    /// `journal/`, `locks/`, `history.jsonl`, `mentions.json`, `git.json`, `spool/`.
    pub state: PathBuf,
}

impl Home {
    /// Everything below one folder, as `CONNECT_HOME` asks for.
    pub fn below(folder: &Path) -> Self {
        Self { config: folder.join("config"), data: folder.join("data"), state: folder.join("state") }
    }

    /// The user's choices.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// One file a connection.
    pub fn connections(&self) -> PathBuf {
        self.data.join("connections")
    }

    /// Only for the stores `file` and `plain`.
    pub fn secrets(&self) -> PathBuf {
        self.data.join("secrets")
    }

    /// One file an import.
    pub fn imports(&self) -> PathBuf {
        self.data.join("imports")
    }

    /// The logins that git has told and that belong to no connection.
    pub fn logins_file(&self) -> PathBuf {
        self.data.join("logins.json")
    }

    /// One file for each thing under way.
    pub fn journal(&self) -> PathBuf {
        self.state.join("journal")
    }

    /// What happened, one line each.
    pub fn history_file(&self) -> PathBuf {
        self.state.join("history.jsonl")
    }

    /// Which line of the history was written last.
    pub fn history_head(&self) -> PathBuf {
        self.state.join("history.head")
    }

    /// Which connections were mentioned today.
    pub fn mentions_file(&self) -> PathBuf {
        self.state.join("mentions.json")
    }

    /// Which lines connect has put into git's configuration.
    pub fn git_lines_file(&self) -> PathBuf {
        self.state.join("git.json")
    }

    /// Deliveries accepted and not yet handed on: one folder a receiving address.
    pub fn spool(&self) -> PathBuf {
        self.state.join("spool")
    }

    /// One file for each connection that was ever written.
    pub fn locks(&self) -> PathBuf {
        self.state.join("locks")
    }
}
