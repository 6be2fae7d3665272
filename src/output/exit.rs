//! Exit codes: a contract with scripts.

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// Done.
    Done,
    /// Failed for a reason without a code of its own.
    Failed,
    /// The command line is wrong.
    Usage,
    /// No such connection, repository, project, hook.
    NotFound,
    /// The token is not valid: unknown, revoked or expired.
    TokenInvalid,
    /// The token is valid but may not do this.
    Forbidden,
    /// Valid, but expires within `--min-days`.
    Expiring,
    /// The forge could not be reached or would not answer.
    Unreachable,
    /// The secret store is missing, locked or refused.
    Store,
    /// It exists already and differs; a decision is needed.
    Differs,
    /// Some of several changes succeeded.
    Partly,
    /// Interrupted.
    Interrupted,
    /// `exec`: connect itself failed, and no command was run.
    NotRun,
    /// `exec`: the command is there, and cannot be run.
    NotExecutable,
    /// `exec`: there is no such command.
    NoSuchCommand,
    /// `exec --mask`: as the command ended.
    Command(u8),
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
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::TokenInvalid => 4,
            Self::Forbidden => 5,
            Self::Expiring => 6,
            Self::Unreachable => 7,
            Self::Store => 8,
            Self::Differs => 9,
            Self::Partly => 10,
            Self::Interrupted => 130,
            Self::NotRun => 125,
            Self::NotExecutable => 126,
            Self::NoSuchCommand => 127,
            Self::Command(code) => code,
        }
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
