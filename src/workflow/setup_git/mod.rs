//! Letting git ask connect: lines in git's configuration, for the hosts of connections and no others.
//!
//! The plan says which lines go into which file, and which come out; it is shown before anything is written. It is made of
//! what git says of its configuration, and git itself writes it. Other helpers are left as they are. git asks all
//! that count for a host, in the order of its configuration, and takes the first answer, so a helper that stands before
//! connect may answer first; `only` puts an empty helper in front of connect's, which makes git forget those for this host
//! (gitcredentials(7)), as gh's own set-up does.
//!
//! What was added is written down ([`GitLines`](crate::catalog::GitLines)), so that undoing takes out exactly that. Lines that name connect are taken
//! out whether or not they were written down: they can mean nothing else.

mod asked;
mod carry_out;
mod plan;
mod sites;
mod undo;

use std::path::PathBuf;

use crate::catalog::{Home, Records};
use crate::git::Git;
use crate::git::config::{Installed, Scope};

pub use asked::{Asked, asked};
pub(super) use asked::{matching, of};
pub use carry_out::carry_out;
pub(super) use plan::is_there;
pub use plan::plan;
pub use sites::{Site, needs_path, sites};
pub use undo::plan as plan_undo;

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// For these hosts, as they were typed; none means those that connections have.
    pub hosts: Vec<String>,
    /// Into which of git's files.
    pub scope: Scope,
    /// No other helper is to be asked, or told, for these hosts.
    pub only: bool,
}

/// What the work is done with.
pub struct Bench<'a> {
    /// git.
    pub git: &'a Git,
    /// Where connect's own files are.
    pub home: &'a Home,
    /// The connections.
    pub records: &'a Records,
    /// How connect is named to git.
    pub installed: &'a Installed,
}

/// A line that is added or taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Added, or taken out.
    pub adds: bool,
    /// `credential.https://github.com.helper`
    pub key: String,
    /// Its value.
    pub value: String,
}

impl Step {
    fn add(key: &str, value: &str) -> Self {
        Self { adds: true, key: key.to_owned(), value: value.to_owned() }
    }

    fn remove(key: &str, value: &str) -> Self {
        Self { adds: false, key: key.to_owned(), value: value.to_owned() }
    }

    /// The key in its parts: section and URL, and the name.
    pub fn parts(&self) -> (&str, &str) {
        let (rest, name) = self.key.rsplit_once('.').unwrap_or(("", &self.key));
        (rest.strip_prefix("credential.").unwrap_or_default(), name)
    }
}

/// What is going to be done.
#[derive(Debug, Clone)]
pub struct Plan {
    /// In which of git's files.
    pub scope: Scope,
    /// Where that file is, as far as git tells before it is written.
    pub file: Option<PathBuf>,
    /// Whether it is there.
    pub file_exists: bool,
    /// For which hosts.
    pub sites: Vec<Site>,
    /// The steps, in their order.
    pub steps: Vec<Step>,
    /// Lines that were meant to be taken out and stay, and why.
    pub left: Vec<Left>,
    /// Whether connect is taken out.
    pub undo: bool,
}

/// A line that is not taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// Why git's configuration is left as it is.
#[derive(Debug, thiserror::Error)]
pub enum SetupGitError {
    /// No connection has a token, and no host was named: connect one, or name a host.
    #[error("there is no connection that git could be given a token of")]
    NoHosts,
    /// What was named is no host: see how it is written.
    #[error("this is not a host that git can be set up for: {why}")]
    NotAHost {
        /// Why not.
        why: String,
    },
    /// Nobody can be asked whether that may be done: `--yes` says so.
    #[error("git's configuration is not changed without a yes")]
    NotConfirmed {
        /// The flags that say what was to be written where.
        flags: String,
    },
    /// The path of connect's own program cannot be written into a configuration: move the program.
    #[error("the path of connect has characters that git's configuration cannot hold")]
    UnwritablePath,
    /// The machine's file is an administrator's.
    #[error("git may not write the system's configuration: {complaint}")]
    NotRoot {
        /// What git said.
        complaint: String,
        /// The command without the rest: the hosts, so that the administrator's own connections do not matter.
        hosts: Vec<String>,
    },
    /// git took the lines, and does not ask connect all the same.
    #[error("git took the lines, and does not ask connect for {}", urls.join(", "))]
    NotAsked {
        /// For which hosts.
        urls: Vec<String>,
    },
    /// Some steps were taken, then git refused one.
    #[error("{done} of {all} lines were written, then {source}")]
    Halfway {
        /// How many.
        done: usize,
        /// Of how many.
        all: usize,
        /// What stopped it.
        source: crate::git::GitError,
    },
}
