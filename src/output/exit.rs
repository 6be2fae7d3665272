//! Exit codes: a contract with scripts.

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Failed for a reason without a code of its own.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// No such connection, repository, project, hook.
    NotFound = 3,
    /// The token is not valid: unknown, revoked or expired.
    TokenInvalid = 4,
    /// The token is valid but may not do this.
    Forbidden = 5,
    /// Valid, but expires within `--min-days`.
    Expiring = 6,
    /// The forge could not be reached or would not answer.
    Unreachable = 7,
    /// The secret store is missing, locked or refused.
    Store = 8,
    /// It exists already and differs; a decision is needed.
    Differs = 9,
    /// Some of several changes succeeded.
    Partly = 10,
    /// Interrupted.
    Interrupted = 130,
}

/// From the worst to the mildest, for those who looked at several things at once.
const WORST_FIRST: [Exit; 8] = [
    Exit::Store,
    Exit::TokenInvalid,
    Exit::Forbidden,
    Exit::Unreachable,
    Exit::Expiring,
    Exit::Differs,
    Exit::NotFound,
    Exit::Failed,
];

impl Exit {
    /// How several changes end: as the failures do when nothing else was done, else partly.
    pub fn of_changes(done: usize, failed: impl IntoIterator<Item = Self>) -> Self {
        match Self::worst(failed) {
            Self::Done => Self::Done,
            _ if done > 0 => Self::Partly,
            worst => worst,
        }
    }

    /// The number that the process ends with.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The worst of several.
    pub fn worst(several: impl IntoIterator<Item = Self>) -> Self {
        several.into_iter().min_by_key(|exit| exit.rank()).unwrap_or(Self::Done)
    }

    /// Its place among those found when looking at several: 0 is the worst.
    pub fn rank(self) -> usize {
        WORST_FIRST.iter().position(|worse| *worse == self).unwrap_or(WORST_FIRST.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_wins() {
        assert_eq!(Exit::worst([Exit::Done, Exit::Expiring, Exit::Unreachable]), Exit::Unreachable);
        assert_eq!(Exit::worst([Exit::TokenInvalid, Exit::Store, Exit::Done]), Exit::Store);
        assert_eq!(Exit::worst([Exit::Done, Exit::Failed]), Exit::Failed);
        assert_eq!(Exit::worst([]), Exit::Done);
    }
}
