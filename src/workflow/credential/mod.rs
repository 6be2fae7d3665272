//! What git is given, what is kept of what it says, and what is not.
//!
//! A connection answers for the URLs that it serves ([`get`]). What git says of its token afterwards is news and no
//! order: that it was taken ([`store`]) or refused ([`erase`]); the token itself is only ever changed by the commands
//! that are for that. For every other place, and for other users of the same place, [`logins`] are kept as any helper
//! of git keeps them.
//!
//! Nothing here asks a forge, goes on with what another run has left, or waits long for anybody: a push that waits is
//! worse than one that asks.

mod choice;
mod given;

use jiff::Timestamp;

use crate::git::credential::{Description, NoPlace, Place};
use crate::model::{ConnectionName, ForgeKind};

use super::{Error, Tools, hand_out};
use choice::{Chosen, Why};
pub use given::is_ours;

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
        /// At which forge: it decides how the next one is made.
        forge: ForgeKind,
        /// When it died; nothing where it was revoked.
        at: Option<Timestamp>,
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
    let place = match wanted.place() {
        Ok(place) => place,
        Err(NoPlace::Local) => return Ok(Answer::default()),
        Err(why) => return Err(Error::NoPlace(why)),
    };
    match choice::choose(tools, &place, wanted.username.as_deref())? {
        Chosen::Connection(connection) | Chosen::Unless(connection) => given::token(tools, *connection, wanted),
        Chosen::None(why) => Ok(Answer { given: None, remarks: vec![why.told(&place)] }),
        Chosen::Nobody => Ok(Answer::default()),
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
