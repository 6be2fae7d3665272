//! Variables that other programs take tokens from. Which there are, and which host each is for, is the business of the
//! room that reads the environment.

use crate::model::{ForgeKind, Secret};

/// A variable with a token.
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The host that its readers would send it to; nothing where they would not know either.
    pub address: Option<String>,
    /// Whose tokens it holds.
    pub forge: ForgeKind,
    /// Its value.
    pub token: Secret,
}
