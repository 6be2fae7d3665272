//! Handing out: the token of a connection, for a script.

use crate::model::{Connection, Secret};

use super::{Error, Tools, find_connection};

/// A token, and whose it is.
#[derive(Debug)]
pub struct HandedOut {
    /// The connection.
    pub connection: Connection,
    /// Its token.
    pub secret: Secret,
}

/// Fetches the token of a connection, found by its name or by the URL it serves. No network. A token
/// that has died by what is known is not handed out: a script would only fail later and worse.
///
/// # Errors
/// [`Error`].
pub fn hand_out(tools: &Tools<'_>, wanted: &str) -> Result<HandedOut, Error> {
    let connection = find_connection(&tools.records, wanted)?;
    if let Some(at) = connection.expires_at()
        && at <= tools.clock.now()
    {
        return Err(Error::TokenExpired { connection: connection.name, at });
    }
    let (secret, _) = tools.secret_of(&connection)?;
    Ok(HandedOut { connection, secret })
}
