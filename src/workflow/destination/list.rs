//! Listing the places where copies are, without asking anybody.

use super::super::{Error, Tools};
use super::destinations;
use crate::catalog::CatalogError;
use crate::model::{Connection, ConnectionName, Copied, Destination};

/// A connection, and the places where copies of its secrets are.
#[derive(Debug)]
pub struct Listed {
    /// The connection.
    pub connection: Connection,
    /// The places, in the order in which they are pushed.
    pub destinations: Vec<Destination>,
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
    let of_one = |connection: Connection| Listed { destinations: destinations(&connection), connection };
    if let Some(name) = name {
        return Ok((vec![of_one(tools.record(name)?)], Vec::new()));
    }
    let all = super::super::list(tools, None)?;
    let listed = all.connections.into_iter().map(of_one).filter(|listed| !listed.destinations.is_empty());
    Ok((listed.collect(), all.damaged))
}
