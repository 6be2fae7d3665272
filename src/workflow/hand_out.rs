//! Handing out: the token of a connection, for a script.

use jiff::Timestamp;

use crate::model::{Connection, Health, Secret, StoreKind};
use crate::store::StoreError;

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
    hand_out_of(tools, find_connection(&tools.records, wanted)?)
}

/// As [`hand_out`], for a connection that was found already.
pub(super) fn hand_out_of(tools: &Tools<'_>, mut connection: Connection) -> Result<HandedOut, Error> {
    // A variable may hold another token by now, of whose end the record knows nothing.
    if !connection.token.as_ref().is_some_and(|token| token.kept_in == StoreKind::Env) {
        alive(tools, &connection)?;
    }
    let (secret, token) = loop {
        match tools.secret_of(&connection) {
            Err(e) if is_missing(&e) => connection = replaced_meanwhile(tools, &connection, e)?,
            other => break other?,
        }
    };
    let known = secret.fingerprint() == token.fingerprint;
    if known {
        alive(tools, &connection)?;
    }
    Ok(HandedOut { expires_at: token.expires_at.filter(|_| known), connection, secret })
}

fn is_missing(error: &Error) -> bool {
    matches!(error, Error::Store { source, .. } if matches!(**source, StoreError::NotFound))
}

/// The record as it is now, if another process has put the token elsewhere between our reading the record and the
/// store; else what went wrong.
fn replaced_meanwhile(tools: &Tools<'_>, read: &Connection, missing: Error) -> Result<Connection, Error> {
    let now = tools.records.find(&read.name)?;
    let id = |connection: &Connection| connection.token.as_ref().map(|token| token.secret.clone());
    now.filter(|now| id(now) != id(read)).ok_or(missing)
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
