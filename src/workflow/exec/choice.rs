//! Whose tokens a command gets.
//!
//! Those that are named; else the connection that serves the remote of the folder one stands in; else the defaults:
//! for each place that programs have variables for, the connection that is marked as default there, or the only one.

use super::super::{Address, Error, Tools, existing_name, find_connection, which};
use super::variables::Whose;
use super::{ExecError, Wanted};
use crate::git::{Git, remote};
use crate::model::{Connection, ConnectionName};

/// The places for which programs have variables of their own.
const PLACES: [Whose; 3] = [Whose::Cloud, Whose::Server, Whose::AnyGitLab];

/// Who was chosen.
#[derive(Debug, Default)]
pub(super) struct Choice {
    /// Those whose variables are set, in the order in which they were named.
    pub connections: Vec<Connection>,
    /// Variables that were asked for by name, with the connection of each.
    pub extra: Vec<(String, Connection)>,
    /// Connections of one place among which none is the default, so that none was chosen there.
    pub open: Vec<Vec<ConnectionName>>,
}

/// Chooses; nothing is fetched yet, and nobody is asked but git, which is not even looked for where somebody is named.
pub(super) fn choose(tools: &Tools<'_>, wanted: &Wanted, git: impl FnOnce() -> Option<Git>) -> Result<Choice, Error> {
    let mut choice = Choice::default();
    for name in &wanted.names {
        add(&mut choice.connections, find_connection(&tools.records, name)?);
    }
    if let Some(url) = &wanted.url {
        let address = Address::read(url).ok_or(ExecError::NotAUrl)?;
        add(&mut choice.connections, serving(tools, &address)?);
    }
    for (variable, name) in &wanted.extra {
        choice.extra.push((variable.clone(), find_connection(&tools.records, name)?));
    }
    let named = !choice.connections.is_empty() || !choice.extra.is_empty();
    if named { Ok(choice) } else { by_place(tools, git()) }
}

fn add(connections: &mut Vec<Connection>, one: Connection) {
    if !connections.iter().any(|known| known.name == one.name) {
        connections.push(one);
    }
}

fn serving(tools: &Tools<'_>, address: &Address) -> Result<Connection, Error> {
    let name = which(&tools.records, address)?.name;
    // It may have gone in the meantime.
    tools.record(&existing_name(&tools.records, name.as_str())?)
}

fn by_place(tools: &Tools<'_>, git: Option<Git>) -> Result<Choice, Error> {
    let mut unserved = None;
    let mut found: Vec<Connection> = Vec::new();
    for text in git.map(remote::addresses).unwrap_or_default() {
        let Some(address) = Address::read(&text) else { continue };
        match serving(tools, &address) {
            Ok(connection) => add(&mut found, connection),
            Err(Error::NoneServes { url, .. }) => unserved = Some(url),
            Err(other) => return Err(other),
        }
    }
    match found.as_slice() {
        [_] => return Ok(Choice { connections: found, ..Choice::default() }),
        [] => {}
        // Remotes at several forges, and git itself would take none of them.
        several => {
            let open = several.iter().map(|connection| connection.name.clone()).collect();
            return Err(ExecError::NothingChosen { open, remote: None }.into());
        }
    }
    let choice = defaults(tools)?;
    if choice.connections.is_empty() {
        return Err(ExecError::NothingChosen { open: choice.open.concat(), remote: unserved }.into());
    }
    Ok(choice)
}

fn defaults(tools: &Tools<'_>) -> Result<Choice, Error> {
    let all = tools.records.all()?.filter_map(Result::ok);
    let usable: Vec<Connection> = all.filter(|one| one.token.is_some() && one.made_for.is_none()).collect();
    let mut choice = Choice::default();
    for place in PLACES {
        let there = || usable.iter().filter(|one| one.host().is_ok_and(|host| place.fits(one, &host)));
        let defaults: Vec<&Connection> = there().filter(|one| one.default).collect();
        let only: Vec<&Connection> = there().collect();
        match (defaults.as_slice(), only.as_slice()) {
            ([one], _) | ([], [one]) => choice.connections.push((*one).clone()),
            (_, []) => {}
            _ => choice.open.push(only.iter().map(|one| one.name.clone()).collect()),
        }
    }
    Ok(choice)
}
