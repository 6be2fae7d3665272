//! Rotating: tokens get successors before they die, and none is lost on the way.
//!
//! GitLab kills the old token the moment it answers, so that for a while its answer is the only thing in the world that
//! holds the new one. What is done about that is in `one`: the answer goes, sealed, to disk before anything else is
//! done with it; and in `settle`: a later run finishes what an earlier one has left, by what is on disk and by asking
//! the forge whether the old token still works, and never by asking for a rotation again.
//!
//! GitHub has no call for it: a person makes the new token (`guided`).
//!
//! Two machines must not share one token: the one that rotates second does so with a token that is dead, which GitLab
//! takes for a theft and answers by killing the successor too. So nothing is rotated before the forge has said that the
//! token lives.

mod ask;
mod error;
mod finish;
pub mod guided;
mod one;
mod plan;
mod settle;

use jiff::SignedDuration;
use jiff::civil::Date;
use tokio::sync::watch;

use futures_util::stream::{self, StreamExt as _};

use super::destination::{self, Pushed};
use super::{Crew, Error, Event, Tools};
use crate::catalog::CatalogError;
use crate::model::{Connection, ConnectionName, Destination, Fingerprint};

pub use error::RotationError;
pub use plan::plan;
pub use settle::{Resumed, Settled, finish_answered, none_left, resume};

/// How long a new token lives, unless somebody says otherwise, in days.
pub const DAYS: u32 = 90;

/// Which tokens.
#[derive(Debug, Clone)]
pub enum Chosen {
    /// Those of these connections.
    Named(Vec<ConnectionName>),
    /// All that die within this time.
    All {
        /// How soon.
        within: SignedDuration,
    },
}

/// When the new tokens are to die.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// After [`DAYS`].
    Default,
    /// After so many days.
    Days(u32),
    /// At 00:00 UTC of that day.
    On(Date),
}

/// What is to be rotated.
#[derive(Debug, Clone)]
pub struct Rotating {
    /// Which tokens.
    pub chosen: Chosen,
    /// How long the new ones live.
    pub lifetime: Lifetime,
}

/// How a token gets a successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// GitLab is asked for one.
    Asked,
    /// A person makes one.
    Guided,
}

/// What is to be done.
#[derive(Debug)]
pub struct Plan {
    /// The tokens, by name.
    pub turns: Vec<Turn>,
    /// Records that do not read, where all were to be gone through: nobody knows when their tokens die.
    pub damaged: Vec<CatalogError>,
}

/// One token that is to be rotated.
#[derive(Debug)]
pub struct Turn {
    /// The record as it is now.
    pub connection: Connection,
    /// How, or why it cannot be.
    pub way: Result<Way, Error>,
    /// The copies that follow, in their order.
    pub destinations: Vec<Destination>,
    /// When the new one dies: at the start of that day, UTC.
    pub expires_on: Date,
}

/// One token, and what became of it.
#[derive(Debug)]
pub struct Rotated {
    /// The record, as it is now.
    pub connection: Connection,
    /// What became of it.
    pub outcome: Result<Done, Error>,
    /// The copies that were brought the new token, by [`follow`].
    pub pushed: Vec<Pushed>,
    /// Why the copies could not be gone through; nothing where they were.
    pub not_pushed: Option<Error>,
}

/// How a rotation ended, if nothing went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// The connection has a new token, which works.
    Rotated {
        /// The old one, which is dead.
        old: Fingerprint,
    },
    /// Another process rotated it in the meantime, or what an earlier run had left of a rotation was finished.
    Meanwhile,
    /// A person has to make the new token.
    Person,
    /// It was stopped before this one's turn.
    NotReached,
}

/// Rotates tokens by asking their forges, `jobs` at once; one that fails holds up no other. Once it is told to stop,
/// those under way are finished and no others begun. The answer has the order of the question.
pub async fn rotate<'scope>(
    tools: &'scope Tools<'_>,
    crew: &Crew<'scope, '_>,
    turns: Vec<Turn>,
    jobs: usize,
    stop: watch::Receiver<bool>,
) -> Vec<Rotated> {
    let of = turns.len();
    let mut done = 0;
    let rotated = |connection, outcome| Rotated { connection, outcome, pushed: Vec::new(), not_pushed: None };
    let one = async move |turn: Turn| {
        let Turn { connection, way, expires_on, .. } = turn;
        let stopped = *stop.borrow();
        match way {
            Err(error) => rotated(connection, Err(error)),
            Ok(_) if stopped => rotated(connection, Ok(Done::NotReached)),
            Ok(Way::Guided) => rotated(connection, Ok(Done::Person)),
            Ok(Way::Asked) => one::rotate(tools, connection, expires_on, &stop).await,
        }
    };
    let progress = || {
        done += 1;
        tools.say(Event::Progress { done, of });
    };
    crew.each(turns, jobs, one, progress).await
}

/// Brings new tokens to the places where copies of the old ones are, `jobs` connections at once. To be called when all
/// are rotated: a token that was new when it was planted may itself be needed to plant another. What cannot be brought
/// stays stale on its record.
pub async fn follow(tools: &Tools<'_>, rotated: &mut [Rotated], jobs: usize) {
    let one = async |rotated: &mut Rotated| {
        if !matches!(rotated.outcome, Ok(Done::Rotated { .. } | Done::Meanwhile)) {
            return;
        }
        // The record was read when the rotation ended.
        if !destination::destinations(&rotated.connection).iter().any(|it| it.is_stale(&rotated.connection)) {
            return;
        }
        match Box::pin(destination::push(tools, &rotated.connection.name, destination::Which::Stale)).await {
            Ok(pushed) => rotated.pushed = pushed,
            // The connection has gone meanwhile, or its record does not read: it was rotated all the same.
            Err(error) => rotated.not_pushed = Some(error),
        }
        if let Ok(Some(now)) = tools.records.find(&rotated.connection.name) {
            rotated.connection = now;
        }
    };
    stream::iter(rotated.iter_mut()).for_each_concurrent(jobs.max(1), one).await;
}
