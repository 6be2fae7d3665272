//! What stands against running a command with tokens.

use crate::model::ConnectionName;

/// Why no command was run.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    /// Two connections want to put their token into one variable. Name one of them.
    #[error("`{one}` and `{other}` both have a token for {variable}")]
    TwoTokens {
        /// The variable.
        variable: String,
        /// The connection that was named first.
        one: ConnectionName,
        /// The other one.
        other: ConnectionName,
    },
    /// Nobody has said which connections, and neither the folder nor the defaults do. Name one.
    #[error("nothing says whose token the command is to have")]
    NothingChosen {
        /// Connections among which none is the default.
        open: Vec<ConnectionName>,
        /// The folder's remote, masked, if it has one that no connection serves.
        remote: Option<String>,
    },
    /// That is no URL.
    #[error("`--url` names no URL")]
    NotAUrl,
}
