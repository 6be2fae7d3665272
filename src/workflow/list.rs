//! Listing: what is kept, without asking anybody.

use jiff::SignedDuration;

use crate::catalog::CatalogError;
use crate::model::{Connection, Health};

use super::{Error, Tools};

/// What is kept, and the records that do not read.
#[derive(Debug)]
pub struct Listed {
    /// The connections, by name.
    pub connections: Vec<Connection>,
    /// Records that do not read; each says why.
    pub damaged: Vec<CatalogError>,
}

/// Lists the connections; with `expiring`, those whose token dies within that time or is dead.
///
/// # Errors
/// [`Error::Catalog`] when the folder cannot be read.
pub fn list(tools: &Tools<'_>, expiring: Option<SignedDuration>) -> Result<Listed, Error> {
    let mut listed = Listed { connections: Vec::new(), damaged: Vec::new() };
    let limit = expiring.and_then(|within| tools.clock.now().checked_add(within).ok());
    for record in tools.records.all()? {
        match record {
            Ok(connection) => {
                let dies = connection.expires_at();
                let dead = connection
                    .token
                    .as_ref()
                    .is_some_and(|token| matches!(token.health, Health::Expired | Health::Revoked | Health::Unknown));
                if limit.is_none_or(|limit| dead || dies.is_some_and(|at| at <= limit)) {
                    listed.connections.push(connection);
                }
            }
            Err(e) => listed.damaged.push(e),
        }
    }
    listed.connections.sort_by(|one, other| one.name.cmp(&other.name));
    if expiring.is_some() {
        listed.connections.sort_by_key(Connection::expires_at);
    }
    Ok(listed)
}
