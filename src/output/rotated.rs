//! What `connect rotate` has to tell, in the form from which the page for people and the document for programs are made:
//! the engine's outcomes and those of the rotations with a person in them, side by side.

use super::{Exit, Failure};
use crate::model::{Connection, ConnectionName, Destination, Fingerprint};
use crate::workflow::destination::{Followed, Pushed};
use crate::workflow::rotate::guided::{Settled, TakenOver};
use crate::workflow::rotate::{Done, Rotated, Turn, Way};
use crate::workflow::{Field, Page};

/// One connection, and what became of it.
#[derive(Debug)]
pub struct RotatedRow {
    /// The record as it is now.
    pub connection: Connection,
    /// What became of its token.
    pub outcome: Outcome,
    /// The copies that were to follow.
    pub pushed: Vec<PushedRow>,
    /// Why the copies could not be gone through at all.
    pub not_pushed: Option<Failure>,
}

/// What became of a token.
#[derive(Debug)]
pub enum Outcome {
    /// The forge has given a new one; the old one died there and then.
    Asked {
        /// Which it was.
        old: Fingerprint,
    },
    /// A person has made a new one.
    Guided {
        /// Which it was.
        old: Fingerprint,
        /// What became of it.
        old_token: OldToken,
        /// What could not be compared of the two.
        unsure: Vec<String>,
        /// What the new one may not do, where that was agreed to.
        less: Vec<String>,
    },
    /// Another process has rotated it meanwhile.
    Meanwhile,
    /// It was stopped before this one's turn.
    NotReached,
    /// It has its old token still, or the error says what it has.
    Failed(Failure),
}

/// What became of the token before.
#[derive(Debug)]
pub struct OldToken {
    /// The word in JSON.
    pub word: &'static str,
    /// Why it lives on, where something went wrong.
    pub failure: Option<Failure>,
    /// Where a person revokes it.
    pub page: Option<String>,
    /// In how many places it still is.
    pub copies: usize,
    /// The other connections that have it.
    pub connections: Vec<ConnectionName>,
}

/// One copy, and whether it followed.
#[derive(Debug)]
pub struct PushedRow {
    /// Where it is.
    pub destination: Destination,
    /// Whether it was seen to be there, or why it did not follow.
    pub outcome: Result<Followed, Failure>,
}

impl PushedRow {
    fn of(pushed: Pushed) -> Self {
        let outcome = pushed.outcome.map_err(|error| Failure::of(&error));
        Self { destination: pushed.destination, outcome }
    }
}

impl OldToken {
    /// As it is told.
    pub fn of(settled: Settled) -> Self {
        let plain = |word| Self { word, failure: None, page: None, copies: 0, connections: Vec::new() };
        match settled {
            Settled::Revoked => plain("revoked"),
            Settled::Dead => plain("dead"),
            Settled::LeftAlone => plain("left_alone"),
            Settled::Undecided => plain("undecided"),
            Settled::Lost => plain("lost"),
            Settled::Elsewhere => plain("elsewhere"),
            Settled::Waits { copies, connections } => Self { copies, connections, ..plain("waits") },
            Settled::ByHand { page } => Self { page: page.map(|page| page.to_string()), ..plain("by_hand") },
            Settled::Failed(error) => Self { failure: Some(Failure::of(&error)), ..plain("failed") },
        }
    }

    /// Whether something is left to be done that was to be done.
    pub fn is_behind(&self) -> bool {
        matches!(self.word, "failed" | "waits")
    }
}

impl RotatedRow {
    /// A rotation that the forge was asked for.
    pub fn of(rotated: Rotated) -> Self {
        let Rotated { connection, outcome, pushed, not_pushed } = rotated;
        let outcome = match outcome {
            Ok(Done::Rotated { old }) => Outcome::Asked { old },
            Ok(Done::Meanwhile) => Outcome::Meanwhile,
            Ok(Done::Person | Done::NotReached) => Outcome::NotReached,
            Err(error) => Outcome::Failed(Failure::of(&error)),
        };
        let pushed = pushed.into_iter().map(PushedRow::of).collect();
        Self { connection, outcome, pushed, not_pushed: not_pushed.map(|error| Failure::of(&error)) }
    }

    /// A token that a person has made.
    pub fn taken_over(taken: TakenOver) -> Self {
        let TakenOver { connection, old, pushed, not_pushed, settled, unsure, less } = taken;
        Self {
            connection,
            outcome: Outcome::Guided { old, old_token: OldToken::of(settled), unsure, less },
            pushed: pushed.into_iter().map(PushedRow::of).collect(),
            not_pushed: not_pushed.map(|error| Failure::of(&error)),
        }
    }

    /// A token that a person has made, in a run that was stopped after it was kept: what was to follow is left.
    pub fn cut_short(connection: Connection, old: Fingerprint) -> Self {
        let outcome =
            Outcome::Guided { old, old_token: OldToken::of(Settled::Undecided), unsure: Vec::new(), less: Vec::new() };
        let mut row = Self { connection, outcome, pushed: Vec::new(), not_pushed: None };
        row.leave_copies();
        row
    }

    /// One that could not be.
    pub const fn failed(connection: Connection, failure: Failure) -> Self {
        Self { connection, outcome: Outcome::Failed(failure), pushed: Vec::new(), not_pushed: None }
    }

    /// One whose turn did not come.
    pub const fn not_reached(connection: Connection) -> Self {
        Self { connection, outcome: Outcome::NotReached, pushed: Vec::new(), not_pushed: None }
    }

    /// Says of the copies that they were not reached, where some of them were to follow.
    pub fn leave_copies(&mut self) {
        if self.is_rotated() && self.pushed.is_empty() && !self.connection.stale_destinations().is_empty() {
            let failure = Failure::new(Exit::Interrupted, "interrupted", "it was stopped before");
            let name = &self.connection.name;
            let push = format!("`connect destination push {name} --stale` brings them along");
            self.not_pushed = Some(failure.hint(push));
        }
    }

    /// Whether it has a new token.
    pub const fn is_rotated(&self) -> bool {
        matches!(self.outcome, Outcome::Asked { .. } | Outcome::Guided { .. } | Outcome::Meanwhile)
    }

    /// How many copies did not follow.
    pub fn behind(&self) -> usize {
        self.pushed.iter().filter(|pushed| pushed.outcome.is_err()).count()
    }

    /// Whether its copies were left as they are, as `--no-push` has it.
    pub fn is_left_behind(&self) -> bool {
        let here = matches!(self.outcome, Outcome::Asked { .. } | Outcome::Guided { .. });
        let stale = || self.connection.stale_destinations().iter().any(|copy| copy.of.is_token());
        here && self.pushed.is_empty() && self.not_pushed.is_none() && stale()
    }

    /// What went wrong with it: with the token, or with what was to follow.
    fn exits(&self) -> impl Iterator<Item = Exit> {
        let token = match &self.outcome {
            Outcome::Failed(failure) => Some(failure.exit),
            Outcome::Guided { old_token, .. } if old_token.is_behind() => {
                Some(old_token.failure.as_ref().map_or(Exit::Differs, |failure| failure.exit))
            }
            _ => None,
        };
        let copies = self.pushed.iter().filter_map(|pushed| pushed.outcome.as_ref().err());
        token.into_iter().chain(copies.chain(&self.not_pushed).map(|failure| failure.exit))
    }
}

/// How the run ends: as its one failure does where nothing was done, 10 where some of it was. `damaged` are the records
/// that could not be gone through.
pub fn rotation_exit(rows: &[RotatedRow], damaged: &[Failure]) -> Exit {
    let done = rows.iter().filter(|row| row.is_rotated()).count();
    Exit::of_changes(done, rows.iter().flat_map(RotatedRow::exits).chain(damaged.iter().map(|failure| failure.exit)))
}

/// One connection, and what would become of it.
#[derive(Debug)]
pub struct PlannedRow {
    /// The record as it is.
    pub connection: Connection,
    /// How it gets a new token, or why it does not.
    pub way: Result<Way, Failure>,
    /// Where a person makes the new one, where that is needed.
    pub page: Option<Page>,
    /// The copies, in the order in which they follow.
    pub destinations: Vec<Destination>,
    /// When the new one dies.
    pub expires_on: jiff::civil::Date,
}

impl PlannedRow {
    /// A turn as it is told; `page` is where a person would make the token.
    pub fn of(turn: &Turn, page: Option<Page>) -> Self {
        let way = match &turn.way {
            // A person can do what the forge does not.
            Err(_) if page.is_some() => Ok(Way::Guided),
            Err(error) => Err(Failure::of(error)),
            Ok(way) => Ok(*way),
        };
        let (connection, destinations) = (turn.connection.clone(), turn.destinations.clone());
        Self { connection, way, page, destinations, expires_on: turn.expires_on }
    }

    /// The fields of the page that a person goes through.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.page.iter().flat_map(|page| page.filled_in.iter().chain(&page.by_hand))
    }
}
