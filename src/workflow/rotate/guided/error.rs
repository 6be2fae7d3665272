//! Why a token that a person has made is not taken in place of the one there is.

use crate::model::ConnectionName;

/// What stands against it. Nothing was changed, and the old token works as before.
#[derive(Debug, thiserror::Error)]
pub enum GuidedError {
    /// It is the very token that is to be replaced. Make a new one.
    #[error("this is the token that `{connection}` has already, not a new one")]
    SameToken {
        /// Which connection.
        connection: ConnectionName,
    },
    /// It belongs to somebody else. Make it as the right account.
    #[error("`{connection}` is the connection of {theirs}; this token belongs to {ours}")]
    OtherAccount {
        /// Which connection.
        connection: ConnectionName,
        /// Whose it is.
        theirs: String,
        /// Whose token was given.
        ours: String,
    },
    /// It may do less than the old one. Add what is missing, or agree to it.
    #[error("the new token may do less than that of `{connection}`: {}", lost.join("; "))]
    MayLess {
        /// Which connection.
        connection: ConnectionName,
        /// What the old one may do and the new one may not, a phrase each.
        lost: Vec<String>,
    },
    /// The forge has no way to rotate it, and there is nobody to make a new one.
    #[error("the token of `{connection}` has to be made anew by a person")]
    NeedsAPerson {
        /// Which connection.
        connection: ConnectionName,
        /// Where.
        page: String,
    },
}
