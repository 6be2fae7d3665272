//! What git is given, what is kept of what it says, and what is not.
//!
//! A connection answers for the URLs that it serves ([`get`]). What git says of its token afterwards is news and no
//! order: that it was taken ([`store`]) or refused ([`erase`]); the token itself is only ever changed by the commands
//! that are for that. For every other place, and for other users of the same place, logins are kept as any helper
//! of git keeps them.
//!
//! Nothing here asks a forge, goes on with what another run has left, or waits long for anybody: a push that waits is
//! worse than one that asks.

mod changes;
mod choice;
mod given;
mod kept;
mod logins;
mod mark;

use std::time::Duration;

use jiff::Timestamp;

use crate::git::credential::{Description, NoPlace, Place};
use crate::model::{ConnectionName, StoreKind};

use super::{Error, Tools, hand_out};
pub(super) use choice::names_nobody;
use choice::{Chosen, Why};
pub use given::is_ours;
pub use kept::{KeptLogins, MovedLogins, kept, relocate};

/// How long another process may be at the logins: each is done within a moment, but may have to wait for a keyring.
const PATIENCE: Duration = Duration::from_secs(5);

/// What git is told, and what is said to the user by the way.
#[derive(Debug, Default)]
pub struct Answer {
    /// What git is given; nothing when there is nothing for it.
    pub given: Option<Box<Description>>,
    /// A line each.
    pub remarks: Vec<Remark>,
}

/// What the user is to know of it, though git goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// More than one connection fits, and none is taken.
    Several {
        /// Which ones.
        names: Vec<ConnectionName>,
        /// For what.
        place: String,
        /// Git has not said the path, by which they might be told apart.
        without_path: bool,
    },
    /// The forge is below a path of its host, and git has not said the path.
    PathNeeded {
        /// Whose forge.
        connection: ConnectionName,
        /// The forge's address.
        url: String,
        /// What git calls the host, for its configuration.
        place: String,
    },
    /// The token is dead by what is known, and was not given.
    Dead {
        /// Whose.
        connection: ConnectionName,
        /// When it died; nothing where it was revoked.
        at: Option<Timestamp>,
    },
    /// A login was not kept.
    NotKept {
        /// Where it is for.
        place: String,
        /// Why not.
        why: &'static str,
    },
    /// The token was given although it was refused the last time.
    RefusedBefore {
        /// Whose.
        connection: ConnectionName,
        /// When.
        at: Timestamp,
    },
}

/// Looks for what git wants. No network.
///
/// # Errors
/// [`Error`]: a store that is locked, a record that does not lead where it did. Git goes on without.
pub fn get(tools: &Tools<'_>, wanted: &Description) -> Result<Answer, Error> {
    let Some(place) = place_of(wanted)? else { return Ok(Answer::default()) };
    let user = wanted.username.as_deref();
    let of_that_user = || match user.filter(|user| !user.is_empty()) {
        Some(user) => logins::find(tools, &place, Some(user), wanted),
        None => Ok(Answer::default()),
    };
    match choice::choose(tools, &place, user)? {
        Chosen::Connection(connection) => given::token(tools, *connection, wanted),
        Chosen::Unless(connection) => match of_that_user()? {
            Answer { given: None, .. } => given::token(tools, *connection, wanted),
            answer => Ok(answer),
        },
        Chosen::None(why) => match of_that_user()? {
            Answer { given: None, .. } => Ok(Answer { given: None, remarks: vec![why.told(&place)] }),
            answer => Ok(answer),
        },
        Chosen::Nobody => logins::find(tools, &place, user, wanted),
    }
}

/// Learns that something was used with success. A connection's token is where it belongs already; every other login is
/// kept in the store `kind`, for `lifetime` seconds where that is given.
///
/// # Errors
/// [`Error`]; then nothing was kept, and what was kept before is as it was.
pub fn store(
    tools: &Tools<'_>,
    used: &Description,
    kind: StoreKind,
    lifetime: Option<u32>,
) -> Result<Option<Remark>, Error> {
    let Some(place) = place_of(used)? else { return Ok(None) };
    if let Some(password) = &used.password
        && let Some(connection) = mark::whose(tools, &place, password)?
    {
        mark::note(tools, &connection, &password.fingerprint(), false);
        return Ok(None);
    }
    logins::keep(tools, &place, used, kind, lifetime)
}

/// Learns that something was refused. A connection's token gets a mark; every other login is forgotten.
///
/// # Errors
/// [`Error`]; then nothing was forgotten.
pub fn erase(tools: &Tools<'_>, refused: &Description) -> Result<(), Error> {
    let Some(place) = place_of(refused)? else { return Ok(()) };
    if let Some(password) = &refused.password
        && let Some(connection) = mark::whose(tools, &place, password)?
    {
        mark::note(tools, &connection, &password.fingerprint(), true);
    }
    logins::forget(tools, &place, refused)
}

/// Where it is for; nothing for what is none of ours.
fn place_of(description: &Description) -> Result<Option<Place>, Error> {
    match description.place() {
        Ok(place) => Ok(Some(place)),
        Err(NoPlace::Local) => Ok(None),
        Err(why) => Err(Error::NoPlace(why)),
    }
}

impl Why {
    fn told(self, place: &Place) -> Remark {
        let shown = format!("{}://{}", place.protocol, place.host);
        match self {
            Self::Several(names) => Remark::Several { names, place: shown, without_path: place.path.is_none() },
            Self::PathNeeded(connection) => {
                Remark::PathNeeded { connection: connection.name, url: connection.url, place: shown }
            }
        }
    }
}
