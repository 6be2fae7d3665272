//! What we remember: records of connections, what is under way, what happened, the user's choices. Never a secret.
//!
//! Every file here is small, readable JSON or TOML, written whole or not at all (`files`). A record
//! is changed only by who holds the connection's [`Lock`](crate::files::Lock), so that two processes never mix two records.
//! The exception is [`Inbox`]: deliveries come thousands a second, and are kept in a database.

mod change_over;
mod config;
mod error;
mod git_lines;
pub mod history;
mod home;
mod imports;
mod inbox;
mod journal;
mod logins;
mod mentions;
mod records;
mod renaming;
mod retiring;
mod rotation;

pub use change_over::{ChangeOver, OpenChangeOver};
pub use config::{Config, ConfigFile, Key};
pub use error::CatalogError;
pub use git_lines::{GitLine, GitLines};
pub use history::{Actor, Happening, History};
pub use home::Home;
pub use imports::{Importing, Imports, OpenImporting, is_busy};
pub use inbox::{Inbox, InboxError, Inboxes, Room, Stored};
pub use journal::{Intent, Journal, OpenIntent, OpenParting, Part, Parting, Resting};
pub use logins::{Login, LoginIndex, Logins};
pub use mentions::Mentions;
pub use records::Records;
pub use renaming::{OpenRenaming, Renaming};
pub use retiring::{OpenRetiring, Retiring};
pub use rotation::{OpenRotation, Rotation};
