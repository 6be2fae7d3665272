//! Handing out for container registries: whose token answers for one, and which there are.
//!
//! A registry is another host than its forge. Which hosts belong to github.com, *.ghe.com and gitlab.com is known; that of a
//! self-managed forge counts only where the user has said so (`connect use NAME --registry HOST`): a guess would
//! send a token to somebody else's machine.

use crate::model::text::printable;
use crate::model::{Connection, Outline, Registry, Secret};

use super::locate::{Address, choose};
use super::{Error, HandedOut, Tools, hand_out};

/// What came of a credential that Docker wants to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offered {
    /// It is the token that a connection has.
    IsKept(crate::model::ConnectionName),
    /// The registry is a connection's, whose token is another one.
    Differs(crate::model::ConnectionName),
    /// The registry is no connection's.
    NotOurs,
}

/// The token for a registry, by what Docker or Podman asks for; nothing where no connection answers for it. No network.
///
/// # Errors
/// [`Error::SeveralServe`], and whatever stands against handing out.
pub fn for_registry(tools: &Tools<'_>, asked: &str) -> Result<Option<HandedOut>, Error> {
    match chosen(&candidates(tools, asked)?, asked)? {
        Some(connection) => hand_out(tools, connection.name.as_str()).map(Some),
        None => Ok(None),
    }
}

/// Whether a credential for a registry is one that we hand out; no store is opened for that.
///
/// # Errors
/// [`Error::Catalog`], and [`Error::SeveralServe`] where it is not clear whose registry it is.
pub fn offered(tools: &Tools<'_>, asked: &str, secret: &Secret) -> Result<Offered, Error> {
    let fingerprint = secret.fingerprint();
    let candidates = candidates(tools, asked)?;
    let has =
        |connection: &&Connection| connection.token.as_ref().is_some_and(|token| token.fingerprint == fingerprint);
    if let Some(same) = candidates.iter().find(has) {
        return Ok(Offered::IsKept(same.name.clone()));
    }
    // The one that is named is the one whose token is handed out: somebody is going to disconnect it.
    Ok(chosen(&candidates, asked)?.map_or(Offered::NotOurs, |other| Offered::Differs(other.name.clone())))
}

/// All registries for which somebody answers without more being said, and the user name for each.
///
/// # Errors
/// [`Error::Catalog`].
pub fn registries(tools: &Tools<'_>) -> Result<Vec<(Registry, String)>, Error> {
    let all = connections(tools)?;
    let mut names: Vec<Registry> = all.iter().flat_map(Connection::registries).collect();
    names.sort_unstable();
    names.dedup();
    let answers = |registry: Registry| {
        let candidates: Vec<Connection> =
            all.iter().filter(|one| one.registries().contains(&registry)).cloned().collect();
        let user = chosen(&candidates, registry.as_str()).ok()??.git_user().to_owned();
        Some((registry, user))
    };
    Ok(names.into_iter().filter_map(answers).collect())
}

/// The connections whose registry it is.
fn candidates(tools: &Tools<'_>, asked: &str) -> Result<Vec<Connection>, Error> {
    let Ok((registry, _)) = Registry::asked(asked) else { return Ok(Vec::new()) };
    let mut found = connections(tools)?;
    found.retain(|connection| connection.registries().contains(&registry));
    Ok(found)
}

fn connections(tools: &Tools<'_>) -> Result<Vec<Connection>, Error> {
    let answers = |connection: &Connection| connection.token.is_some() && connection.made_for.is_none();
    Ok(tools.records.all()?.filter_map(Result::ok).filter(answers).collect())
}

/// The one that answers, by the rules for URLs: the path of an image begins with the owner or group that it belongs to.
fn chosen<'a>(candidates: &'a [Connection], asked: &str) -> Result<Option<&'a Connection>, Error> {
    let Some(first) = candidates.first() else { return Ok(None) };
    let path = Registry::asked(asked).map(|(_, path)| path).unwrap_or_default();
    let several = || Error::SeveralServe {
        url: printable(asked, 200),
        names: candidates.iter().map(|connection| connection.name.clone()).collect(),
    };
    if candidates.iter().any(|other| other.url != first.url) {
        return Err(several());
    }
    let outlines: Vec<Outline> = candidates.iter().map(Outline::from).collect();
    let address = Address::read(&format!("{}/{path}", first.url)).ok_or_else(several)?;
    let name = choose(&outlines, &address).map_err(|_| several())?.name;
    Ok(candidates.iter().find(|connection| connection.name == name))
}
