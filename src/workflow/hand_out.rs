//! Handing out: the token of a connection, for a script.

use jiff::Timestamp;

use crate::model::{Connection, Health, Secret, StoreKind};

use super::{Error, Tools, find_connection};

/// A token, and whose it is.
#[derive(Debug)]
pub struct HandedOut {
    /// The connection.
    pub connection: Connection,
    /// Its token.
    pub secret: Secret,
    /// When it dies, by what is known of this very token.
    pub expires_at: Option<Timestamp>,
}

/// Fetches the token of a connection, found by its name or by the URL it serves. No network. A token
/// that has died by what is known is not handed out: a script would only fail later and worse.
///
/// # Errors
/// [`Error`].
pub fn hand_out(tools: &Tools<'_>, wanted: &str) -> Result<HandedOut, Error> {
    let connection = find_connection(&tools.records, wanted)?;
    // A variable may hold another token by now, of whose end the record knows nothing.
    if !connection.token.as_ref().is_some_and(|token| token.kept_in == StoreKind::Env) {
        alive(tools, &connection)?;
    }
    let (secret, token) = tools.secret_of(&connection)?;
    let known = secret.fingerprint() == token.fingerprint;
    if known {
        alive(tools, &connection)?;
    }
    Ok(HandedOut { expires_at: token.expires_at.filter(|_| known), connection, secret })
}

fn alive(tools: &Tools<'_>, connection: &Connection) -> Result<(), Error> {
    if connection.token.as_ref().is_some_and(|token| token.health == Health::Revoked) {
        return Err(Error::TokenRevoked { connection: connection.name.clone() });
    }
    match connection.expires_at() {
        Some(at) if at <= tools.clock.now() => Err(Error::TokenExpired { connection: connection.name.clone(), at }),
        _ => Ok(()),
    }
}
