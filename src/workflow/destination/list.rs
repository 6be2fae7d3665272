//! Listing the places where copies are, without asking anybody.

use super::super::{Error, Tools};
use super::{destinations, wish};
use crate::catalog::CatalogError;
use crate::model::{Connection, ConnectionName, Copied, Destination};

/// A connection, and the places where copies of its secrets are.
#[derive(Debug)]
pub struct Listed {
    /// The connection.
    pub connection: Connection,
    /// The places, in the order in which they are pushed.
    pub places: Vec<Place>,
}

/// A place on a list.
#[derive(Debug)]
pub struct Place {
    /// As the record has it.
    pub destination: Destination,
    /// As it is typed after `--to`.
    pub to: String,
}

/// How a copy stands to the connection's present secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is the present one.
    Current,
    /// It is an older one, or what is there is not known.
    Stale,
    /// None was put there yet.
    Never,
}

impl State {
    /// The word for people and programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Stale => "stale",
            Self::Never => "never",
        }
    }
}

/// How a copy stands to the present secret.
pub fn state(destination: &Destination, connection: &Connection) -> State {
    let nothing = match destination.of {
        Copied::Token => destination.fingerprint.is_none(),
        Copied::Webhook => destination.secret.is_none(),
    };
    match destination.is_stale(connection) {
        false => State::Current,
        true if nothing && destination.trouble.is_none() => State::Never,
        true => State::Stale,
    }
}

/// The places of one connection, or of all that have any; and records that do not read.
///
/// # Errors
/// [`Error::NoSuchConnection`], [`Error::Catalog`].
pub fn list(tools: &Tools<'_>, name: Option<&ConnectionName>) -> Result<(Vec<Listed>, Vec<CatalogError>), Error> {
    let of_one = |connection: Connection| {
        let place = |destination: Destination| Place { to: typed(tools, &connection, &destination), destination };
        Listed { places: destinations(&connection).into_iter().map(place).collect(), connection }
    };
    if let Some(name) = name {
        return Ok((vec![of_one(tools.record(name)?)], Vec::new()));
    }
    let all = super::super::list(tools, None)?;
    let listed = all.connections.into_iter().map(of_one).filter(|listed| !listed.places.is_empty());
    Ok((listed.collect(), all.damaged))
}

/// Those of a connection's copies that are not of its present secrets; connect's own webhooks are among them.
pub fn stale(connection: &Connection) -> Vec<Destination> {
    destinations(connection).into_iter().filter(|it| it.is_stale(connection)).collect()
}

/// A place of a connection's as it is typed after `--to`. A path is one of the forge of the connection that writes there;
/// where that is no more, it is a whole address.
pub(super) fn typed(tools: &Tools<'_>, connection: &Connection, destination: &Destination) -> String {
    let name = destination.via.as_ref();
    let via = name.filter(|name| **name != connection.name).and_then(|name| tools.records.find(name).ok().flatten());
    let own = name.filter(|name| **name == connection.name).map(|_| connection);
    wish::typed(destination, via.as_ref().or(own))
}
