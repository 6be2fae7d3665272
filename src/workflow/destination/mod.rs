//! Destinations: the places where connect has put copies of a connection's secrets, so that whoever replaces a secret
//! knows where the new one has to go, and brings it there.
//!
//! A place is typed as `KIND:TARGET` (`wish`), recorded as a [`Destination`], looked at (`spot`), written to
//! (`gitlab`, `github`, `hooks`, `local`), and looked at again. It is on the record before anything is written to it: a
//! run that is killed in between leaves it there, stale. Whether a copy is stale is never written down: it follows from
//! the record, in which the connection's token has another fingerprint than the copy.
//!
//! A token goes to places of its own forge, and to those that use it there: a pull mirror or an integration that leads
//! elsewhere is refused. What is at a place beside the secret (how a variable is masked, which branches a mirror
//! brings) stays as it is.

mod add;
mod error;
mod github;
mod gitlab;
mod hooks;
mod list;
mod local;
mod push;
mod remove;
mod side;
mod spot;
mod wish;

use crate::model::text::printable;
use crate::model::{Connection, Destination};

use super::Error;

pub use add::{Added, Adding, Made, add};
pub use error::{DestinationError, forms};
pub use list::{Listed, Place, State, list, stale, state};
pub use push::{Followed, Pushed, Which, destinations, push, without_place};
pub use remove::{Removed, remove};
pub use wish::{KINDS, To};

/// A place in words: its address, with what it is called there.
pub fn shown(destination: &Destination) -> String {
    let mut text = wish::hook_in_words(destination).unwrap_or_else(|| destination.target.clone());
    if let Some(environment) = &destination.environment {
        text = format!("{text} (environment {environment})");
    }
    if let Some(name) = &destination.name {
        text = format!("{name} of {text}");
    }
    printable(&text, 300)
}

/// It was written, and then seen not to be there or not to work.
fn does_not_work(connection: &Connection, destination: &Destination, why: &str) -> Error {
    DestinationError::DoesNotWork {
        connection: connection.name.clone(),
        place: shown(destination),
        why: why.to_owned(),
    }
    .into()
}
