//! The one request that must never be sent twice, and what is known when no answer comes.

use jiff::civil::Date;

use super::super::Error;
use super::super::tools::host_of;
use super::RotationError;
use super::plan::reaches;
use crate::forge::{ForgeError, ForgeErrorKind, GitLab, RotateBy};
use crate::model::{Connection, Secret};

/// What came of asking.
pub(super) enum Asked {
    /// The whole answer.
    Answered(Secret),
    /// Nothing was done; the old token works as before.
    Refused(Error),
    /// Nobody knows yet.
    Unknown(ForgeError),
}

/// How this GitLab is to be asked: by the token's number where it is too old for anything else.
pub(super) fn by(connection: &Connection) -> Result<RotateBy, Error> {
    if reaches(connection.server_version.as_deref(), 16, 10) {
        return Ok(RotateBy::Itself);
    }
    let id = connection.token.as_ref().and_then(|token| token.id);
    id.map(RotateBy::Id).ok_or_else(|| RotationError::NoNumber { connection: connection.name.clone() }.into())
}

/// Asks, once.
pub(super) async fn ask(gitlab: &GitLab, connection: &Connection, secret: &Secret, by: RotateBy, end: Date) -> Asked {
    match gitlab.rotate(secret, by, end).await {
        Ok(answer) => Asked::Answered(answer),
        // 408 is what somebody in between says who has waited in vain: for what, it does not say.
        Err(error) if error.status == Some(408) => Asked::Unknown(error),
        Err(error) if error.was_refused() || error.never_left() => Asked::Refused(refused(connection, error)),
        Err(error) => Asked::Unknown(error),
    }
}

fn refused(connection: &Connection, error: ForgeError) -> Error {
    let name = &connection.name;
    // GitLab's models word it "Expiration date must be before …", older ones "expires_at is invalid".
    let about_end = error.reason().to_ascii_lowercase().contains("expir");
    if error.kind == ForgeErrorKind::InvalidRequest && about_end {
        return RotationError::TooLong { connection: name.clone(), why: error.reason() }.into();
    }
    Error::of_forge(host_of(connection).ok().as_ref(), Some(name))(error)
}
