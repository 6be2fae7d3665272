//! A connection's token as git is given it, and how it is known again when git tells what became of it.

use crate::git::credential::{Capabilities, Description};
use crate::model::{Connection, Fingerprint, Secret};

use super::choice::user_of;
use super::{Answer, Error, Remark, Tools, hand_out};

/// What our states begin with; helpers take no notice of others'.
const OURS: &str = "connect:";

/// At the end of a state: the token was given although it had been refused, so that its success is news.
const REFUSED: &str = ":refused";

/// The token of a connection, as git takes it. A dead one is not given: the server would refuse it, and git would ask
/// for a password that nobody has.
pub(super) fn token(tools: &Tools<'_>, connection: Connection, wanted: &Description) -> Result<Answer, Error> {
    let dead = |connection, at| Answer { given: None, remarks: vec![Remark::Dead { connection, at }] };
    let handed = match hand_out::hand_out_of(tools, connection) {
        Ok(handed) => handed,
        Err(Error::TokenExpired { connection, at }) => return Ok(dead(connection, Some(at))),
        Err(Error::TokenRevoked { connection }) => return Ok(dead(connection, None)),
        Err(e) => return Err(e),
    };
    let refused_at = handed.connection.token.as_ref().and_then(|token| token.refused_at);
    let name = handed.connection.name.clone();
    let remarks = refused_at.map(|at| Remark::RefusedBefore { connection: name, at }).into_iter().collect();
    let capabilities = Capabilities { authtype: false, state: wanted.capabilities.state };
    let given = Description {
        capabilities,
        username: Some(user_of(&handed.connection, wanted.username.as_deref())),
        state: if capabilities.state {
            vec![state(&handed.secret.fingerprint(), refused_at.is_some())]
        } else {
            vec![]
        },
        password: Some(handed.secret),
        expires: handed.expires_at.map(|at| at.as_second()),
        ..Description::default()
    };
    Ok(Answer { given: Some(Box::new(given)), remarks })
}

fn state(fingerprint: &Fingerprint, refused: bool) -> String {
    format!("{OURS}{}{}", fingerprint.short(), if refused { REFUSED } else { "" })
}

/// Whether what git has used with success is what a connection gave it, by what git gives back. It takes no look at
/// anything else: this is what happens after each fetch and each push. Where the success is news, it is not enough.
pub fn is_ours(used: &Description) -> bool {
    used.password.as_ref().is_some_and(|password| says(used, password, false))
}

fn says(used: &Description, password: &Secret, refused: bool) -> bool {
    let said = state(&password.fingerprint(), refused);
    used.state.contains(&said)
}
