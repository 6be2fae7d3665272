//! What we remember: records of connections, what is under way, the user's choices. Never a secret.
//!
//! Every file here is small, readable JSON or TOML, written whole or not at all (`files`). A record
//! is changed only by who holds the connection's [`Lock`](crate::files::Lock), so that two processes never mix two records.

mod config;
mod error;
mod home;
mod journal;
mod records;
mod renaming;

pub use config::Config;
pub use error::CatalogError;
pub use home::Home;
pub use journal::{Intent, Journal, OpenIntent, Resting};
pub use records::Records;
pub use renaming::{OpenRenaming, Renaming};
