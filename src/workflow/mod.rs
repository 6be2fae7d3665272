//! What happens: one file a verb, each of which reads as the story of that verb.
//!
//! A workflow takes what it needs as arguments ([`Tools`]: records, stores, a clock, somebody who
//! listens) and returns values. It does not parse arguments, it does not print, and it knows
//! no HTTP; it says what is going on as [`Event`]s, and what went wrong as an [`Error`].

pub mod adopt;
pub mod api;
pub mod check;
mod connect;
pub mod credential;
mod crew;
pub mod destination;
mod disconnect;
pub mod doctor;
mod error;
mod event;
pub mod exec;
pub mod fault;
mod hand_out;
mod history;
pub mod hooks;
pub mod import;
mod keep;
mod learn;
mod list;
pub mod listen;
mod locate;
mod migrate;
mod new_token;
mod pace;
mod registry;
mod remember;
mod rename;
pub mod rotate;
mod rotations;
mod serve;
pub mod setup_git;
mod status;
mod stores;
mod tools;
mod webhook_secret;
mod witness;

pub use check::{Checkup, Place, Seen, check};
pub use connect::{Answer, Connected, Decide, NewConnection, connect};
pub use crew::Crew;
pub use disconnect::{Disconnected, disconnect};
pub use error::Error;
pub use event::Event;
pub use hand_out::{HandedOut, hand_out};
pub use history::{HistoryRead, history};
pub use list::{Listed, list};
pub use locate::{Address, Candidate, Choice, Reason, choose, existing_name, find_connection, which};
pub use migrate::{Migrated, Migration, Move, Moved, migrate};
pub use new_token::{CannotAsk, Field, Page, Wanted, new_token};
pub use registry::{Offered, for_registry, offered, registries};
pub use rename::rename;
pub use rotations::{Arrival, Followed, Rotation, Rotations, rotations};
pub use serve::{Served, Serving, serve};
pub use status::{Checked, status};
pub use stores::{StoreShown, StoresShown, show_stores, use_store};
pub use tools::Tools;
pub use webhook_secret::{
    KeptWebhook, NewReceiver, NewWebhookSecret, WebhookKey, fetch as fetch_webhook_keys,
    fetch_plain as fetch_webhook_token, forget_hook, keep as keep_webhook_secret, note_hook, receive,
    receiving_connection,
};
pub use witness::{DiesSoon, Witness, settle};
