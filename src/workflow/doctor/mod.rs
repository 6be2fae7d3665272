//! Doctor: which link of the chain is broken.
//!
//! The links are looked at in the order in which a request needs them: connect's own files, the stores,
//! the environment, each host, each connection. What cannot be judged because a link before it is broken
//! is skipped, and says so. Nothing is mended here, and nothing is changed but what a store is tried with.

mod ask;
mod check;
mod connections;
mod environment;
mod files;
mod git;
mod hosts;
mod journal;
mod orphans;
mod stores;

use crate::catalog::{CatalogError, Config, ConfigFile, Home};
use crate::git::{Git, GitError};
use crate::model::{Connection, ConnectionName, Outline, StoreKind};

use super::{Error, Tools, find_connection};

pub use check::{Check, Group, Next, Trouble, Verdict};
pub use environment::{ProxySays, ProxyVariable, Surroundings, Unknown};
pub use git::GitTrouble;

/// What is to be examined.
pub struct Question<'a> {
    /// Where connect's files are.
    pub home: &'a Home,
    /// What the environment says.
    pub surroundings: &'a Surroundings,
    /// Only this connection, by name or by a URL it serves.
    pub wanted: Option<&'a str>,
    /// git, if there is one.
    pub git: Result<&'a Git, &'a GitError>,
    /// Whether anybody may be asked.
    pub network: bool,
}

/// What was found.
pub struct Examined {
    /// One a link, in the order in which a request needs them.
    pub checks: Vec<Check>,
    /// The connections that were looked at.
    pub connections: Vec<Connection>,
    /// The names of all connections, those included whose records do not read.
    pub names: Vec<ConnectionName>,
}

/// The records: those that read, and those that do not.
struct Kept {
    connections: Vec<Connection>,
    damaged: Vec<CatalogError>,
}

/// Examines everything, or one connection and what it needs.
///
/// # Errors
/// [`Error::NoSuchConnection`] and its kin when `wanted` names none. Whatever else is wrong is a [`Check`].
pub async fn doctor(tools: &Tools<'_>, question: &Question<'_>) -> Result<Examined, Error> {
    let all = kept(tools);
    let outlines: Vec<Outline> = all.connections.iter().map(Outline::from).collect();
    let chosen = question.wanted.map(|wanted| choose(tools, wanted)).transpose()?;
    let mut checks = connect(question);
    let default_store = configuration(question.home, &mut checks);
    let whole = chosen.is_none();
    files::folders(question.home, &mut checks);
    if whole {
        files::all(question.home, &mut checks);
    }
    let kept = chosen.unwrap_or(all);
    let damaged = kept.damaged.iter().any(|e| !matches!(e, CatalogError::Newer { .. }));
    files::records(kept.damaged, kept.connections.len(), &mut checks);
    if whole {
        let logins = logins(tools, &mut checks);
        orphans::look(question.home, damaged || !logins, &mut checks);
    }
    let default_store = question.surroundings.store.or(default_store).filter(|_| whole);
    let broken = stores::look(tools, question.home, &kept.connections, default_store, &mut checks);
    environment::look(question.surroundings, &kept.connections, &mut checks);
    let names = tools.records.names().unwrap_or_default();
    ask::all(tools, &kept.connections, &broken, question.network, &mut checks).await;
    git::look(question, &kept.connections, &outlines, &mut checks);
    journal::look(tools, question.wanted.map(|_| kept.connections.as_slice()), &mut checks);
    // What was found on the way is told link by link.
    checks.sort_by_key(|check| check.group);
    Ok(Examined { checks, connections: kept.connections, names })
}

fn kept(tools: &Tools<'_>) -> Kept {
    let mut kept = Kept { connections: Vec::new(), damaged: Vec::new() };
    match tools.records.all() {
        Ok(records) => {
            for record in records {
                match record {
                    Ok(connection) => kept.connections.push(connection),
                    Err(e) => kept.damaged.push(e),
                }
            }
        }
        Err(e) => kept.damaged.push(e),
    }
    kept.connections.sort_by(|one, other| one.name.cmp(&other.name));
    kept
}

/// The connection that is meant. One whose record does not read is there all the same.
fn choose(tools: &Tools<'_>, wanted: &str) -> Result<Kept, Error> {
    match find_connection(&tools.records, wanted) {
        Ok(connection) => Ok(Kept { connections: vec![connection], damaged: Vec::new() }),
        Err(Error::Catalog(e)) => Ok(Kept { connections: Vec::new(), damaged: vec![e] }),
        Err(e) => Err(e),
    }
}

/// The logins that git has told and that belong to no connection; says whether they could be counted.
fn logins(tools: &Tools<'_>, checks: &mut Vec<Check>) -> bool {
    let kept = match super::credential::kept(tools) {
        Ok(kept) => kept,
        Err(e) => {
            checks.push(Check::new(Group::Files, "logins", Verdict::failed(e)));
            return false;
        }
    };
    let s = |count: usize| if count == 1 { "" } else { "s" };
    let (count, hosts) = (kept.count(), kept.hosts);
    if count > 0 {
        let words = format!("{count} login{} that git keeps here, for {hosts} host{}", s(count), s(hosts));
        checks.push(Check::new(Group::Files, "logins", Verdict::Well(words)));
    }
    if kept.loose > 0 {
        checks.push(Check::new(Group::Files, "logins", Verdict::Bad(Trouble::LooseLogins { count: kept.loose })));
    }
    true
}

fn connect(question: &Question<'_>) -> Vec<Check> {
    let home = question.home;
    let well = |name: &str, text: String| Check::new(Group::Connect, name, Verdict::Well(text));
    vec![
        well("version", format!("{}, {}", env!("CARGO_PKG_VERSION"), question.surroundings.platform)),
        well("config", home.config.display().to_string()),
        well("data", home.data.display().to_string()),
        well("state", home.state.display().to_string()),
    ]
}

/// Looks at `config.toml`; the default store, as far as one can tell.
fn configuration(home: &Home, checks: &mut Vec<Check>) -> Option<StoreKind> {
    let path = home.config_file();
    let read = Config::read(&path).and_then(|config| Ok((config, ConfigFile::new(home).unknown()?)));
    let (config, unknown) = match read {
        Ok(read) => read,
        Err(e) => {
            checks.push(Check::new(Group::Configuration, "config.toml", Verdict::failed(e)));
            return None;
        }
    };
    let there = if path.exists() { "reads" } else { "there is none: nothing was chosen" };
    checks.push(Check::new(Group::Configuration, "config.toml", Verdict::Well(there.into())));
    if !unknown.is_empty() {
        let trouble = Trouble::UnknownKeys { keys: unknown, path };
        checks.push(Check::new(Group::Configuration, "keys", Verdict::Bad(trouble)));
    }
    Some(config.store.unwrap_or(StoreKind::Keyring))
}
