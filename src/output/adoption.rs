//! What came of tokens that other tools had left, as people and programs are told of it.

use std::path::PathBuf;

use super::report::Places;
use super::{Exit, Failure};
use crate::model::{Connection, ConnectionName};
use crate::workflow::Connected;
use crate::workflow::adopt::{Cleared, Scan, Untaken};

/// What was found, and what was done with it.
pub struct Adoption<'a> {
    /// What was found.
    pub scan: &'a Scan,
    /// What became of each token, in the same order; nothing where nothing was to be done.
    pub fates: &'a [Fate],
    /// The files that copies were to be removed from.
    pub files: &'a [(PathBuf, Result<Cleared, Failure>)],
    /// What the user's home is called.
    pub places: &'a Places,
}

/// What became of a token.
#[derive(Debug, PartialEq)]
pub enum Fate {
    /// It is kept.
    Kept {
        /// By this name.
        connection: ConnectionName,
        /// Its record.
        record: Box<Connection>,
    },
    /// A connection had it already.
    Known,
    /// The user does not want its host to be asked.
    Declined,
    /// Nobody could be asked whether its host may be.
    NotAsked,
    /// Nothing says which host it is for.
    Nowhere,
    /// It was not kept.
    Failed(Box<Failure>),
}

impl Fate {
    /// What became of it when it was checked and to be kept.
    pub fn of(taken: Result<Connected, Untaken>) -> Self {
        match taken {
            Ok(connected) => {
                Self::Kept { connection: connected.connection.name.clone(), record: Box::new(connected.connection) }
            }
            Err(error) => Self::Failed(Box::new(Failure::of_untaken(&error))),
        }
    }

    /// The word in JSON.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Kept { .. } => "kept",
            Self::Known => "known",
            Self::Declined => "declined",
            Self::NotAsked => "not_confirmed",
            Self::Nowhere => "no_host",
            Self::Failed(_) => "failed",
        }
    }

    /// How a run ends because of it, if it does.
    pub fn exit(&self) -> Option<Exit> {
        match self {
            Self::Failed(failure) => Some(failure.exit),
            _ => None,
        }
    }
}

impl Adoption<'_> {
    /// Whether there is anything to be done: a copy in a file, or a token that no connection has.
    pub fn is_something(&self) -> bool {
        self.scan.strays.iter().any(|stray| stray.is_readable() || stray.known.is_none())
    }
}
