//! Webhooks at the forges: made, looked at, changed, tried out, removed. A file a verb.
//!
//! A webhook lives at a [`Target`](crate::model::hook::Target); a [`Site`] is that together with what it is spoken to with. All webhooks of a connection
//! have one secret, which is kept before the forge is asked for anything: killed anywhere, nothing is left that delivers
//! and cannot be verified. Those that connect has made are in the connection's record; what it did not make it changes
//! only when told to, and never so that a secret is lost that it does not know.

mod add;
mod catch_up;
mod differ;
mod edit;
mod error;
mod find;
mod list;
mod ping;
mod recent;
mod redeliver;
mod remove;
mod site;
mod temporary;
mod wish;

pub use add::{Added, NewHook, Outcome, add};
pub use catch_up::{CaughtUp, catch_up, window};
pub use edit::{EditEvents, Edited, HookEdit, edit};
pub use error::HooksError;
pub use find::{TargetKind, TypedTarget, find, made, site, target_of};
pub use list::{Listed, State, list, own, show};
pub use ping::{Pinged, ping};
pub use recent::{all_since, exchange, recent};
pub use redeliver::{Again, Redelivered, Which, redeliver};
pub use remove::{Removed, remove};
pub use site::Site;
pub use temporary::{set_up, take_down};
pub use wish::{EventWish, HookUrl};
