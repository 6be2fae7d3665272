//! What can go wrong with a rotation, beside what goes wrong everywhere. Each says what became of the old token, and
//! of the new one if there is one.

use jiff::Timestamp;

use crate::catalog::CatalogError;
use crate::model::{ConnectionName, Health};
use crate::store::StoreError;

/// What stands against a rotation, or what came of it. Each says what the caller does about it.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// The token is read from a variable, so that a new one could not be put there. Keep it in a store, or rotate it
    /// where the variable is set.
    #[error("the token of `{connection}` is read from a variable, where no new one can be put")]
    Variable {
        /// Whose.
        connection: ConnectionName,
    },
    /// Such tokens are not rotated by their forge: those of applications. Make a new one.
    #[error("the token of `{connection}` is not one that GitLab rotates")]
    NotRotatable {
        /// Whose.
        connection: ConnectionName,
    },
    /// It may not rotate itself: that takes `api` or `self_rotate`. Make a new one, with one of these.
    #[error("the token of `{connection}` may not rotate itself: {}", needed(*self_rotate))]
    MayNot {
        /// Whose.
        connection: ConnectionName,
        /// Whether this GitLab knows the scope `self_rotate`.
        self_rotate: bool,
    },
    /// This GitLab rotates a token only by its number, and that is not known.
    #[error("the number of the token of `{connection}` is not known, and this GitLab rotates by number only")]
    NoNumber {
        /// Whose.
        connection: ConnectionName,
    },
    /// Other connections have the very same token, which would die there. Forget them, or give them tokens of their own.
    #[error("the token of `{connection}` is that of {} too: rotating it would kill it there", listed(others))]
    Shared {
        /// Whose.
        connection: ConnectionName,
        /// The others.
        others: Vec<ConnectionName>,
    },
    /// It has died: nothing rotates it any more. Make a new one.
    #[error("the token of `{connection}` {}: it cannot be rotated any more", died(*health))]
    Dead {
        /// Whose.
        connection: ConnectionName,
        /// How.
        health: Health,
    },
    /// The forge was asked and its answer never arrived, and the old token has died. Make a new one.
    #[error("GitLab rotated the token of `{connection}`, and its answer, with the new token, never arrived")]
    AnswerLost {
        /// Whose.
        connection: ConnectionName,
    },
    /// The forge was asked and its answer did not arrive; the old token works still, but the request may be under
    /// way. Look again after that time.
    #[error("it is not known yet whether GitLab rotates the token of `{connection}`; the old one works so far")]
    Unsettled {
        /// Whose.
        connection: ConnectionName,
        /// By when that is certain.
        until: Timestamp,
        /// Why there was no answer, where this run has asked.
        why: Option<String>,
    },
    /// The new token is in the store, and the forge does not accept it. Make a new one.
    #[error("GitLab gave a new token for `{connection}`, and does not accept it")]
    NewRefused {
        /// Whose.
        connection: ConnectionName,
    },
    /// The new token could not be put into its store. It is safe in the journal, sealed; finish later.
    #[error("the new token of `{connection}` could not be put into its store: {source}")]
    NotStored {
        /// Whose.
        connection: ConnectionName,
        /// Why not.
        source: Box<StoreError>,
    },
    /// The new token is in its store, and that could not be written down. Finish later.
    #[error("the new token of `{connection}` is in its store, and its record could not be written: {source}")]
    NotRecorded {
        /// Whose.
        connection: ConnectionName,
        /// Why not.
        source: Box<CatalogError>,
    },
    /// The new token could be put nowhere: neither its store nor the journal took it, though both had just taken
    /// others. Make a new one.
    #[error("GitLab rotated the token of `{connection}`, and there was nowhere to put the new one: {why}")]
    NowhereToPut {
        /// Whose.
        connection: ConnectionName,
        /// What the store and the journal said.
        why: String,
    },
    /// The answer to a rotation does not read, and the old token has died. It stays in the journal, sealed.
    #[error("GitLab's answer to the rotation of `{connection}` has no new token in it")]
    Unreadable {
        /// Whose.
        connection: ConnectionName,
    },
    /// The key to what the journal holds is no longer in its store.
    #[error("the new token of `{connection}` is in the journal, and the key to it no longer in its store")]
    KeyLost {
        /// Whose.
        connection: ConnectionName,
    },
    /// The end that was asked for is further away than this forge lets a token live. The old token works.
    #[error("GitLab does not let the token of `{connection}` live that long: {why}")]
    TooLong {
        /// Whose.
        connection: ConnectionName,
        /// What it says.
        why: String,
    },
}

fn listed(names: &[ConnectionName]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

const fn needed(self_rotate: bool) -> &'static str {
    if self_rotate {
        "it has neither `api` nor `self_rotate`"
    } else {
        "it lacks `api`, and before GitLab 17.9 nothing less will do"
    }
}

const fn died(health: Health) -> &'static str {
    match health {
        Health::Expired => "has expired",
        Health::Revoked => "was revoked",
        _ => "is not known to GitLab",
    }
}
