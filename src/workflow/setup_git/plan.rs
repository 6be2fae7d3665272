//! Which lines are needed.

use std::path::{Path, PathBuf};

use url::Url;

use super::{Bench, Plan, SetupGitError, Site, Step, Wanted, asked, sites};
use crate::git::Git;
use crate::git::config::{self, Entry, Helper, Scope};
use crate::workflow::Error;

/// Says what has to be done so that git asks connect. Nothing is changed.
///
/// # Errors
/// [`SetupGitError`], [`GitError`](crate::git::GitError).
pub fn plan(bench: &Bench<'_>, wanted: &Wanted) -> Result<Plan, Error> {
    let value = bench.installed.value().ok_or(SetupGitError::UnwritablePath)?;
    let sites = sites(bench.records, &wanted.hosts)?;
    let in_file = asked::in_file(bench.git, wanted.scope)?;
    let everything = asked::everything(bench.git)?;
    let file = file_of(bench.git, wanted.scope, &in_file)?;
    let mut steps = Vec::new();
    for site in &sites {
        let Some(url) = site.parsed() else { continue };
        let asked = asked::of(&everything, site, &url);
        let look = Look { git: bench.git, site, url: &url, in_file: &in_file, value: &value };
        steps.extend(look.helper(wanted.only && asked.helpers.iter().any(|helper| !helper.is_connect())));
        if site.needs_path && asked.use_http_path.is_none() {
            steps.push(Step::add(&look.key("useHttpPath"), "true"));
        }
    }
    let file_exists = file.as_deref().is_none_or(Path::exists);
    Ok(Plan { scope: wanted.scope, file, file_exists, sites, steps, left: Vec::new(), undo: false })
}

/// What a file says of one host.
struct Look<'a> {
    git: &'a Git,
    site: &'a Site,
    url: &'a Url,
    in_file: &'a [Entry],
    value: &'a str,
}

impl Look<'_> {
    fn key(&self, name: &str) -> String {
        format!("credential.{}.{name}", self.site.url)
    }

    /// The steps that make git ask connect; with `anew`, in a section of its own that forgets all helpers before it.
    fn helper(&self, anew: bool) -> Vec<Step> {
        let ours: Vec<&Entry> = self.in_file.iter().filter(|entry| is_ours(entry, Some(self.site))).collect();
        let (alive, dead): (Vec<&Entry>, Vec<&Entry>) = ours.into_iter().partition(|entry| self.works(entry));
        let remove = |entry: &&Entry| Step::remove(&entry.key(), entry.text());
        let mut steps: Vec<Step> = dead.iter().map(remove).collect();
        if anew {
            steps.extend(alive.iter().map(remove));
            let key = self.own_key();
            steps.extend([Step::add(&key, ""), Step::add(&key, self.value)]);
        } else if alive.is_empty() && !self.is_asked_for_all() {
            steps.push(Step::add(&self.key("helper"), self.value));
        }
        steps.dedup();
        steps
    }

    /// Whether the file has connect asked for this host by a line that is not for it alone.
    fn is_asked_for_all(&self) -> bool {
        config::helpers(self.in_file, self.url)
            .iter()
            .any(|entry| entry.subsection.is_none() && Helper::of(entry.text()).is_connect() && self.works(entry))
    }

    /// Whether what a line names is there.
    fn works(&self, entry: &Entry) -> bool {
        entry.text() == self.value || is_there(self.git, &Helper::of(entry.text()))
    }

    /// The key of a section that is at the end of the file, because it is not there yet: what it forgets stands before
    /// it. A slash at the end of the URL makes another section that means the same.
    fn own_key(&self) -> String {
        let slash = format!("{}/", self.site.url);
        let taken = |subsection: &str| self.in_file.iter().any(|it| it.subsection.as_deref() == Some(subsection));
        let url = if taken(&self.site.url) && !taken(&slash) { &slash } else { &self.site.url };
        format!("credential.{url}.helper")
    }
}

/// Whether a line names connect as the helper of a host, or of any host.
pub(super) fn is_ours(entry: &Entry, site: Option<&Site>) -> bool {
    let Some(pattern) = entry.subsection.as_deref() else { return false };
    entry.section == "credential"
        && entry.name == "helper"
        && Helper::of(entry.text()).is_connect()
        && site.is_none_or(|site| pattern.trim_end_matches('/').eq_ignore_ascii_case(&site.url))
}

/// Whether a helper that is connect can be started.
pub(in super::super) fn is_there(git: &Git, helper: &Helper) -> bool {
    match helper {
        Helper::ConnectByName => git.finds("git-credential-connect").is_some(),
        Helper::ConnectAt(path) => path.is_file(),
        Helper::Other(_) => true,
    }
}

/// Which file git reads and writes; nothing where an old git does not tell before there is something in it.
pub(super) fn file_of(git: &Git, scope: Scope, in_file: &[Entry]) -> Result<Option<PathBuf>, Error> {
    let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
    if scope == Scope::Local {
        let said = git.done(&["rev-parse", "--git-path", "config"])?;
        let text = String::from_utf8_lossy(&said.out);
        return Ok(Some(absolute(PathBuf::from(text.trim_end_matches(['\r', '\n'])))));
    }
    if let Some(file) = in_file.iter().find_map(|entry| entry.file.clone()) {
        return Ok(Some(absolute(file)));
    }
    // git 2.41 and later.
    let variable = if scope == Scope::System { "GIT_CONFIG_SYSTEM" } else { "GIT_CONFIG_GLOBAL" };
    let said = git.run(&["var", variable])?;
    let told: Vec<PathBuf> = String::from_utf8_lossy(&said.out).lines().map(PathBuf::from).collect();
    if said.code == Some(0) && !told.is_empty() {
        // The last is `~/.gitconfig`, which wins; the other is taken where only that is there.
        let there = told.iter().rev().find(|path| path.exists());
        return Ok(there.or(told.last()).cloned());
    }
    let named = git.variable(variable).map(PathBuf::from);
    Ok(named.or_else(|| if scope == Scope::Global { users_own(git) } else { None }))
}

/// Where an older git has the user's file: the second place only where that is there and the first is not
/// (git-config(1), "FILES").
fn users_own(git: &Git) -> Option<PathBuf> {
    let home = PathBuf::from(git.variable("HOME").or_else(|| git.variable("USERPROFILE"))?);
    let folder = git.variable("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty());
    let other = folder.map_or_else(|| home.join(".config"), PathBuf::from).join("git/config");
    let first = home.join(".gitconfig");
    Some(if !first.exists() && other.exists() { other } else { first })
}

/// The pattern by which git takes out this value and no other.
pub(super) fn only(value: &str) -> String {
    config::exactly(value)
}
