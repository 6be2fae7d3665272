//! What time it is.

use jiff::{SignedDuration, Timestamp};

/// A token with less than this left is worth a word everywhere.
pub const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Tells the time: the system's, or one that a test has set.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    fixed: Option<Timestamp>,
}

impl Clock {
    /// The system's clock.
    pub const fn system() -> Self {
        Self { fixed: None }
    }

    /// A clock that stands still.
    pub const fn fixed(at: Timestamp) -> Self {
        Self { fixed: Some(at) }
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.fixed.unwrap_or_else(Timestamp::now)
    }
}
