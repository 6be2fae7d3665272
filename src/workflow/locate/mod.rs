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
        // As git's short form it would be one by ssh, which fits a forge at any port of that host.
        Some(_) if names_a_port(text) => Err(no_such(records, text)),
        Some(address) => {
            let name = which(records, &address)?.name;
            // It may have gone in the meantime.
            records.find(&name)?.ok_or_else(|| no_such(records, text))
        }
        None => Err(no_such(records, text)),
    }
}

/// Whether a text has the form of names at a port of their own, `login@host:8443`. Over ssh everybody is `git`.
fn names_a_port(text: &str) -> bool {
    let named = without_port(text).and_then(|place| place.split_once('@'));
    named.is_some_and(|(login, host)| login != "git" && !login.contains('/') && !host.contains('/'))
}

/// What is in front of a port; nothing where there is none.
fn without_port(text: &str) -> Option<&str> {
    text.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map(|(place, _)| place)
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

/// The names that are like another: one contains the other, whatever their ports are.
pub(super) fn alike(names: impl IntoIterator<Item = ConnectionName>, wanted: &str) -> Vec<ConnectionName> {
    let wanted_low = wanted.to_lowercase();
    let wanted_low = without_port(&wanted_low).unwrap_or(&wanted_low);
    let is_alike = |name: &ConnectionName| {
        let name = name.as_str().to_lowercase();
        let name = without_port(&name).unwrap_or(&name);
        !wanted_low.is_empty() && (name.contains(wanted_low) || wanted_low.contains(name))
    };
    names.into_iter().filter(is_alike).take(5).collect()
}
