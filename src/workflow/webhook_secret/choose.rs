//! Which connection's webhook is meant, where that was not said.

use crate::model::Connection;

use super::super::{Address, Error, Tools, find_connection};

/// The connection that was named, by its name or by a URL that it serves. Where none was: the only one that has a
/// webhook; where none has one, the only one there is. Nobody guesses between two.
///
/// # Errors
/// [`Error::NoSuchConnection`], [`Error::NoneServes`], [`Error::SeveralServe`] for what was named;
/// [`Error::NoneNamed`], [`Error::NoConnection`] where nothing was.
pub fn receiving_connection(tools: &Tools<'_>, named: Option<&str>) -> Result<Connection, Error> {
    if let Some(text) = named {
        return match find_connection(&tools.records, text) {
            Err(none @ Error::NoneServes { .. }) => only_receiving(tools, text)?.ok_or(none),
            found => found,
        };
    }
    let mut all = super::super::list(tools, None)?.connections;
    if all.iter().any(|connection| connection.webhook.is_some()) {
        all.retain(|connection| connection.webhook.is_some());
    }
    // What was made for one import alone is nobody's to receive with.
    all.retain(|connection| connection.made_for.is_none());
    match all.len() {
        0 => Err(Error::NoConnection),
        1 => all.pop().ok_or(Error::NoConnection),
        _ => Err(Error::NoneNamed { names: all.into_iter().map(|connection| connection.name).take(12).collect() }),
    }
}

/// The connection without a token at the address, if there is one alone: nothing is asked with it, so no URL finds it
/// otherwise.
fn only_receiving(tools: &Tools<'_>, text: &str) -> Result<Option<Connection>, Error> {
    let Some(address) = Address::read(text) else { return Ok(None) };
    let receives = |it: &Connection| it.token.is_none() && it.webhook.is_some() && address.is_at(&it.url);
    let mut all = super::super::list(tools, None)?.connections;
    all.retain(receives);
    Ok(if all.len() == 1 { all.pop() } else { None })
}
