//! Running a command with the tokens it is to have, and no others.
//!
//! [`prepare`] chooses the connections (`choice.rs`), decides which variables their tokens go into (`variables.rs`), and
//! only then fetches them. What comes of it is an environment for one process. Either that process takes the place of
//! this one ([`Prepared::replace`]), so that nothing stands between it and its terminal, its parent and its signals; or
//! it runs as a child whose output goes through a mask ([`Prepared::run_masked`]).

mod choice;
mod error;
mod masked;
mod run;
mod variables;

use std::collections::BTreeMap;
use std::ffi::OsString;

use jiff::SignedDuration;

use super::hand_out::hand_out_of;
use super::{Error, Tools};
use crate::git::Git;
use crate::model::{Connection, ConnectionName, Host, Secret};

pub use error::ExecError;
pub use masked::{Ended, Stream};
pub use variables::is_known as is_known_variable;
use variables::{Holds, VARIABLES};

/// A token with less than this left may die under the command's hands.
const SOON: SignedDuration = SignedDuration::from_hours(1);

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Connections, by name or by a URL they serve.
    pub names: Vec<String>,
    /// A URL; the connection that serves it.
    pub url: Option<String>,
    /// Variables beside those of the table, each with a connection.
    pub extra: Vec<(String, String)>,
}

/// What a command's environment gets.
#[derive(Debug)]
pub struct Prepared {
    /// The connections whose tokens are in it.
    pub connections: Vec<ConnectionName>,
    /// Those whose tokens expire within the hour, with what is left.
    pub dying: Vec<(ConnectionName, SignedDuration)>,
    /// Connections of one place among which none is the default, so that none was chosen there.
    pub open: Vec<Vec<ConnectionName>>,
    secrets: Vec<Secret>,
    /// The variables, with the token's place among the secrets.
    tokens: BTreeMap<String, usize>,
    addresses: Vec<(&'static str, String)>,
    environment: Vec<(OsString, OsString)>,
}

/// Which connection's token a variable gets, by its place in the list.
type Assigned = BTreeMap<String, usize>;

/// Chooses the connections and fetches their tokens. `environment` is what the command has of ours, without anything of
/// connect's; `git` finds the one that knows the folder's remotes. No network.
///
/// # Errors
/// [`ExecError`]; and as [`hand_out`](super::hand_out).
pub fn prepare(
    tools: &Tools<'_>,
    wanted: &Wanted,
    environment: Vec<(OsString, OsString)>,
    git: impl FnOnce() -> Option<Git>,
) -> Result<Prepared, Error> {
    let environment: Vec<(OsString, OsString)> =
        environment.into_iter().filter(|(name, _)| !name.to_str().is_some_and(is_known_variable)).collect();
    let choice = choice::choose(tools, wanted, git)?;
    let named = choice.connections.len();
    let mut connections = choice.connections;
    let tokens = assign(&mut connections, named, choice.extra)?;
    let hosts = connections.iter().map(super::tools::host_of).collect::<Result<Vec<Host>, Error>>()?;
    let (mut secrets, mut dying) = (Vec::new(), Vec::new());
    for connection in &connections {
        let handed = hand_out_of(tools, connection.clone())?;
        let left = handed.expires_at.map(|end| end.duration_since(tools.clock.now()));
        if let Some(left) = left.filter(|left| *left <= SOON) {
            dying.push((connection.name.clone(), left));
        }
        secrets.push(handed.secret);
    }
    Ok(Prepared {
        addresses: addresses(&tokens, &hosts),
        connections: connections.into_iter().map(|connection| connection.name).collect(),
        dying,
        open: choice.open,
        secrets,
        tokens,
        environment,
    })
}

/// Decides which variable gets whose token. The first `named` connections get the variables that are usual for them;
/// those of `extra` are added to the list, and get the one that was asked for.
fn assign(
    connections: &mut Vec<Connection>,
    named: usize,
    extra: Vec<(String, Connection)>,
) -> Result<Assigned, Error> {
    let mut assigned = Assigned::new();
    for (at, connection) in connections.iter().enumerate().take(named) {
        let host = super::tools::host_of(connection)?;
        for variable in VARIABLES {
            let (whose, first_only) = match variable.holds {
                Holds::Token(whose) => (whose, false),
                Holds::FirstToken(whose) => (whose, true),
                Holds::Address(..) | Holds::Nothing => continue,
            };
            let taken = assigned.contains_key(variable.name);
            if whose.fits(connection, &host) && !(first_only && taken) {
                put(&mut assigned, connections, variable.name, at)?;
            }
        }
    }
    // What was asked for by name is not what comes by itself.
    let is_first_only = |name: &str| {
        VARIABLES.iter().any(|variable| variable.name == name && matches!(variable.holds, Holds::FirstToken(_)))
    };
    let mut by_name = Vec::new();
    for (variable, connection) in extra {
        let known = connections.iter().position(|known| known.name == connection.name);
        let at = known.unwrap_or(connections.len());
        if known.is_none() {
            connections.push(connection);
        }
        if is_first_only(&variable) && !by_name.contains(&variable) {
            assigned.remove(&variable);
        }
        put(&mut assigned, connections, &variable, at)?;
        by_name.push(variable);
    }
    Ok(assigned)
}

fn put(assigned: &mut Assigned, connections: &[Connection], variable: &str, at: usize) -> Result<(), Error> {
    match assigned.insert(variable.to_owned(), at) {
        Some(before) if before != at => {
            let name = |at: usize| connections.get(at).map(|connection| connection.name.clone());
            match (name(before), name(at)) {
                (Some(one), Some(other)) => {
                    Err(ExecError::TwoTokens { variable: variable.to_owned(), one, other }.into())
                }
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// Where the tokens belong that were put into variables.
fn addresses(tokens: &Assigned, hosts: &[Host]) -> Vec<(&'static str, String)> {
    let address = |variable: &variables::Variable| {
        let Holds::Address(with, text) = variable.holds else { return None };
        let first = with.iter().filter_map(|name| tokens.get(*name)).min()?;
        Some((variable.name, text(hosts.get(*first)?)?))
    };
    VARIABLES.iter().filter(|variable| !tokens.contains_key(variable.name)).filter_map(address).collect()
}
