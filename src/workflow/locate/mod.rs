//! Which connection is meant: by name, or by the URL it is to serve.
//!
//! For a URL, scheme, host, port and base path must match exactly; then the longest `serves` prefix
//! wins, then the one marked default for that host, then the only one. Where more than one is left,
//! none is chosen.

mod address;
mod choice;

pub use address::Address;
pub use choice::{Candidate, Choice, Reason, choose, which};

use crate::catalog::Records;
use crate::model::text::printable;
use crate::model::{Connection, ConnectionName};

use super::Error;

/// Reads what the user typed. A name that exists is a name, whatever else it looks like.
///
/// # Errors
/// [`Error::NoSuchConnection`] when it is neither an existing name nor anything like a URL.
pub fn find_connection(records: &Records, text: &str) -> Result<Connection, Error> {
    if let Ok(name) = text.parse::<ConnectionName>()
        && let Some(connection) = records.find(&name)?
    {
        return Ok(connection);
    }
    match Address::read(text) {
        Some(address) => {
            let name = which(records, &address)?.name;
            // It may have gone in the meantime.
            records.find(&name)?.ok_or_else(|| no_such(records, text))
        }
        None => Err(no_such(records, text)),
    }
}

/// The name of a connection that is there, whether or not its record reads.
///
/// # Errors
/// [`Error::NoSuchConnection`].
pub fn existing_name(records: &Records, text: &str) -> Result<ConnectionName, Error> {
    match text.parse::<ConnectionName>() {
        Ok(name) if records.path(&name).exists() => Ok(name),
        _ => Err(no_such(records, text)),
    }
}

/// The error for a name that is not there, with the names that are like it.
pub(super) fn no_such(records: &Records, wanted: &str) -> Error {
    let similar = alike(records.names().unwrap_or_default(), wanted);
    Error::NoSuchConnection { wanted: printable(wanted, 80), similar }
}

/// The names that are like another: one contains the other.
pub(super) fn alike(names: impl IntoIterator<Item = ConnectionName>, wanted: &str) -> Vec<ConnectionName> {
    let wanted_low = wanted.to_lowercase();
    let is_alike = |name: &ConnectionName| {
        let name = name.as_str().to_lowercase();
        !wanted_low.is_empty() && (name.contains(&wanted_low) || wanted_low.contains(&name))
    };
    names.into_iter().filter(is_alike).take(5).collect()
}
