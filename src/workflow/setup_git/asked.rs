//! Whom git asks for a host, as its whole configuration has it.

use url::Url;

use super::Site;
use crate::git::config::{self, Entry, Helper, Scope};
use crate::git::{Git, GitError};

/// Whom git asks for a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The host.
    pub url: String,
    /// All that are asked, in their order.
    pub helpers: Vec<Helper>,
    /// Whether helpers are told the path; nothing where that was never said.
    pub use_http_path: Option<bool>,
    /// Whether connect must be told the path.
    pub needs_path: bool,
}

impl Asked {
    /// Whether connect is among them.
    pub fn asks_connect(&self) -> bool {
        self.helpers.iter().any(Helper::is_connect)
    }

    /// Those that are asked before connect.
    pub fn before(&self) -> impl Iterator<Item = &Helper> {
        self.helpers.iter().take_while(|helper| !helper.is_connect()).filter(|_| self.asks_connect())
    }

    /// Those that are told of every token that connect gave out, and may keep it.
    pub fn told(&self) -> impl Iterator<Item = &Helper> {
        self.helpers.iter().filter(|helper| helper.keeps() && self.asks_connect())
    }
}

/// All that git's configuration says of credentials, as it counts in the folder one stands in.
///
/// # Errors
/// [`GitError`].
pub(super) fn everything(git: &Git) -> Result<Vec<Entry>, GitError> {
    matching(git, &["config"], r"^credential\.")
}

/// What one of git's files says of credentials, without what it includes.
pub(super) fn in_file(git: &Git, scope: Scope) -> Result<Vec<Entry>, GitError> {
    matching(git, &["config", scope.flag(), "--no-includes"], r"^credential\.")
}

/// The entries whose keys match. git ends with 1 where there is none.
pub(in super::super) fn matching(git: &Git, command: &[&str], pattern: &str) -> Result<Vec<Entry>, GitError> {
    let arguments = [command, &["--show-scope", "--show-origin", "-z", "--get-regexp", pattern]].concat();
    let said = git.run(&arguments)?;
    match said.code {
        Some(0) => Ok(config::read(&said.out)),
        Some(1) => Ok(Vec::new()),
        _ => Err(said.refusal()),
    }
}

/// Whom git asks for these hosts.
///
/// # Errors
/// [`GitError`].
pub fn asked(git: &Git, sites: &[Site]) -> Result<Vec<Asked>, GitError> {
    let entries = everything(git)?;
    Ok(sites.iter().filter_map(|site| Some(of(&entries, site, &site.parsed()?))).collect())
}

pub(in super::super) fn of(entries: &[Entry], site: &Site, url: &Url) -> Asked {
    Asked {
        url: site.url.clone(),
        helpers: config::helpers(entries, url).iter().map(|entry| Helper::of(entry.text())).collect(),
        use_http_path: config::use_http_path(entries, url),
        needs_path: site.needs_path,
    }
}
