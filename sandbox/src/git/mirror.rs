//! Fetching from elsewhere, as a pull mirror and an import do: the system's `git fetch`, over HTTP.
//!
//! What is fetched lies below `refs/upstream` first, hidden from clients; then each branch and tag
//! that is wanted follows, unless it has gone its own way here.
//!
//! Source: GitLab "Pull mirroring" (what diverged stays, unless overwriting is on; branches that
//! are gone upstream stay), `UpdateMirrorService`.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Repo, process};
use crate::loopback::{host_of, is_loopback};

/// Which branches shall follow.
type Filter = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// From where, as whom, and what of it.
pub(crate) struct Fetch {
    /// Without user or password.
    pub url: String,
    pub user: String,
    /// No credentials are sent without one.
    pub password: Option<String>,
    /// The authority that the other side's certificate must come from.
    pub ca_certificate: Option<PathBuf>,
    /// What an address begins with, and where it is instead: `https://github.com/` is the sandbox.
    pub instead_of: Vec<(String, String)>,
    /// All of them, unless said otherwise.
    pub wants: Option<Filter>,
    /// Shall a branch that has gone its own way here be set back to what it is there?
    pub overwrite_diverged: bool,
    /// After that long, it is given up.
    pub limit: Duration,
}

impl Fetch {
    /// Everything that is at an address, for those who need no credentials, within a minute.
    pub fn from(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            user: String::new(),
            password: None,
            ca_certificate: None,
            instead_of: Vec::new(),
            wants: None,
            overwrite_diverged: false,
            limit: Duration::from_secs(60),
        }
    }

    /// Where that really is.
    fn place(&self) -> String {
        let replaced = self.instead_of.iter().find_map(|(there, here)| {
            let rest = self.url.strip_prefix(there.as_str())?;
            Some(format!("{here}{rest}"))
        });
        replaced.unwrap_or_else(|| self.url.clone())
    }

    fn settings(&self) -> Vec<(String, String)> {
        let seconds = self.limit.as_secs().max(1).to_string();
        // The low speed ends git's helper too, which is no child of ours that could be killed.
        let mut settings = vec![
            ("http.followRedirects".to_owned(), "false".to_owned()),
            ("http.lowSpeedLimit".to_owned(), "1".to_owned()),
            ("http.lowSpeedTime".to_owned(), seconds),
        ];
        if let Some(password) = &self.password {
            let pair = STANDARD.encode(format!("{}:{password}", self.user));
            settings.push(("http.extraHeader".to_owned(), format!("Authorization: Basic {pair}")));
        }
        if let Some(file) = &self.ca_certificate {
            settings.push(("http.sslCAInfo".to_owned(), file.display().to_string()));
        }
        settings
    }
}

/// A branch or a tag that is elsewhere now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moved {
    pub name: String,
    /// `None` for one that is new.
    pub old: Option<String>,
    pub new: String,
}

/// What fetching has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fetched {
    pub branches: Vec<Moved>,
    pub tags: Vec<Moved>,
    /// Branches that have gone their own way here and were left alone.
    pub diverged: Vec<String>,
}

/// Why nothing was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FetchError {
    /// Git's own.
    pub words: String,
}

impl From<io::Error> for FetchError {
    fn from(error: io::Error) -> Self {
        Self { words: error.to_string() }
    }
}

/// Runs git, and tells what it says on its standard output.
async fn run(into: &Repo, fetch: &Fetch, arguments: &[&str]) -> Result<String, FetchError> {
    let failed = |words: String| FetchError { words };
    if !process::is_there() {
        return Err(failed("git is missing on this machine".to_owned()));
    }
    let place = fetch.place();
    if !host_of(&place).is_some_and(is_loopback) {
        let host = host_of(&place).unwrap_or_default();
        return Err(failed(format!("fatal: unable to access '{}/': Could not resolve host: {host}", fetch.url)));
    }
    let mut git = process::git(into.path(), &fetch.settings());
    let at = arguments.iter().map(|argument| if *argument == HERE { place.as_str() } else { argument });
    git.args(at).stdin(Stdio::null());
    let output = match tokio::time::timeout(fetch.limit, git.output()).await {
        Ok(output) => output?,
        Err(_) => return Err(failed(format!("fetch timed out after {} seconds", fetch.limit.as_secs()))),
    };
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(failed(String::from_utf8_lossy(&output.stderr).replace(&place, &fetch.url).trim().to_owned()))
    }
}

/// Stands for the address among the arguments.
const HERE: &str = "{place}";

/// The default branch of the other side; `None` if it has no commit.
pub(crate) async fn remote_head(into: &Repo, fetch: &Fetch) -> Result<Option<String>, FetchError> {
    let said = run(into, fetch, &["ls-remote", "--symref", HERE, "HEAD"]).await?;
    let branch = said.lines().find_map(|line| line.strip_prefix("ref: refs/heads/")?.strip_suffix("\tHEAD"));
    Ok(branch.map(str::to_owned))
}

/// Fetches, and lets the branches and tags follow.
pub(crate) async fn fetch(into: &Repo, fetch: &Fetch) -> Result<Fetched, FetchError> {
    let arguments = [
        "fetch",
        "--prune",
        "--no-tags",
        "--quiet",
        "--no-write-fetch-head",
        "--no-auto-maintenance",
        HERE,
        "+refs/heads/*:refs/upstream/heads/*",
        "+refs/tags/*:refs/upstream/tags/*",
    ];
    run(into, fetch, &arguments).await?;
    let mut fetched = Fetched::default();
    for (name, new) in into.references("refs/upstream/heads")? {
        if fetch.wants.as_ref().is_some_and(|wants| !wants(&name)) {
            continue;
        }
        let old = into.head(&name)?;
        if old.as_deref() == Some(new.as_str()) {
            continue;
        }
        let follows = match &old {
            Some(old) => into.is_ancestor(old, &new)?,
            None => true,
        };
        // What is ahead here has not gone its own way: it only waits to be pushed.
        let ahead = match &old {
            Some(old) if !follows => into.is_ancestor(&new, old)?,
            _ => false,
        };
        if follows || fetch.overwrite_diverged {
            into.set_reference(&format!("refs/heads/{name}"), &new)?;
            fetched.branches.push(Moved { name, old, new });
        } else if !ahead {
            fetched.diverged.push(name);
        }
    }
    for (name, new) in into.references("refs/upstream/tags")? {
        let tag = format!("refs/tags/{name}");
        let old = into.reference(&tag)?;
        if old.as_deref() != Some(new.as_str()) {
            into.set_reference(&tag, &new)?;
            fetched.tags.push(Moved { name, old, new });
        }
    }
    Ok(fetched)
}
