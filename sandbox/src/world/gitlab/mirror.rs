//! A pull mirror: where from, with which credentials, and how its last update went.
//!
//! An update is asked for (by `PUT`, by `POST`, or by the clock), started, and ended by whoever
//! fetched. Between two updates lie five minutes at least; after half an hour one comes of itself.
//! Fourteen failures in a row end it until somebody sets the mirror anew.
//!
//! Sources: GitLab REST "Project pull mirroring"; `mirror/troubleshooting` for the fourteen.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::world::clock::later;

/// After so many failures in a row nothing is tried any more.
pub(crate) const HARD_FAILURE: u32 = 14;
/// Between two updates that were asked for.
const INTERVAL: SignedDuration = SignedDuration::from_mins(5);
/// After which an update comes unasked.
const POLL: SignedDuration = SignedDuration::from_mins(30);

/// How an import or a mirror's update stands; GitLab keeps both in one row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// Nothing was ever asked for.
    #[default]
    None,
    Scheduled,
    Started,
    Finished,
    Failed,
    /// Of imports only.
    Canceled,
}

impl Status {
    /// Is somebody at work, or about to be?
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Scheduled | Self::Started)
    }

    /// GitLab's word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Scheduled => "scheduled",
            Self::Started => "started",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }
}

/// Who enters at the other forge. Of these, the state shows only whether there is a password.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub user: Option<String>,
    pub password: Option<String>,
}

/// What comes of asking for an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// It begins now.
    Begins,
    /// One is under way already.
    UnderWay,
    /// It begins when the interval is over.
    Later,
    /// Too many failures: it does not begin at all.
    Paused,
}

/// A project's pull mirror.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Mirror {
    pub enabled: bool,
    /// Without credentials.
    pub url: String,
    #[serde(serialize_with = "has_password", rename = "has_password")]
    pub credentials: Credentials,
    /// The user in whose name it acts.
    pub acts_as: u64,
    pub trigger_builds: bool,
    pub only_protected: bool,
    pub overwrites_diverged: bool,
    pub branch_regex: Option<String>,
    pub status: Status,
    pub last_error: Option<String>,
    pub last_update_at: Option<Timestamp>,
    pub last_update_started_at: Option<Timestamp>,
    pub last_successful_update_at: Option<Timestamp>,
    /// In a row.
    pub failures: u32,
    /// When the next update comes.
    pub due: Option<Timestamp>,
    /// It was set anew during an update: another one follows.
    #[serde(skip)]
    pub again: bool,
}

fn has_password<S: serde::Serializer>(credentials: &Credentials, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(credentials.password.is_some())
}

impl Mirror {
    /// Has it failed so often that it is left alone?
    pub fn is_paused(&self) -> bool {
        self.failures >= HARD_FAILURE
    }

    /// Somebody asks for an update.
    pub fn ask(&mut self, now: Timestamp) -> Asked {
        if self.is_paused() {
            return Asked::Paused;
        }
        if self.status.is_under_way() {
            return Asked::UnderWay;
        }
        match self.last_update_at.map(|last| later(last, INTERVAL)).filter(|end| now < *end) {
            Some(end) => {
                self.due = Some(end);
                Asked::Later
            }
            None => self.force(),
        }
    }

    /// An update without regard to the interval, and with a clean slate: what setting a mirror does.
    pub fn force(&mut self) -> Asked {
        if self.status.is_under_way() {
            return Asked::UnderWay;
        }
        if self.is_paused() {
            self.failures = 0;
        }
        self.status = Status::Scheduled;
        self.due = None;
        Asked::Begins
    }

    /// Has the time of an update come, that was put off or comes of itself?
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.enabled && !self.is_paused() && !self.status.is_under_way() && self.due.is_some_and(|due| due <= now)
    }

    /// Somebody begins to fetch.
    pub fn begin(&mut self, now: Timestamp) {
        self.status = Status::Started;
        self.last_update_started_at = Some(now);
    }

    /// All is fetched.
    pub fn succeed(&mut self, now: Timestamp) {
        self.end(now, Status::Finished);
        self.last_error = None;
        self.last_successful_update_at = Some(now);
        self.failures = 0;
    }

    /// Nothing was fetched, in git's words.
    pub fn fail(&mut self, now: Timestamp, why: &str) {
        self.end(now, Status::Failed);
        self.last_error = Some(why.to_owned());
        self.failures += 1;
    }

    /// It has failed that often in a row, says whoever tests.
    pub fn fail_often(&mut self, now: Timestamp, times: u32) {
        self.end(now, Status::Failed);
        self.last_error = Some("13:fetch remote: \"fatal: the sandbox was told so\\n\": exit status 128.".to_owned());
        self.failures = self.failures.saturating_add(times);
    }

    fn end(&mut self, now: Timestamp, status: Status) {
        self.status = status;
        self.last_update_at = Some(now);
        self.due = Some(later(now, POLL));
    }

    /// Switches it off, and forgets who may enter.
    pub fn disable(&mut self) {
        self.enabled = false;
        self.credentials = Credentials::default();
        self.due = None;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may as well panic")]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }

    fn enabled() -> Mirror {
        Mirror { enabled: true, ..Mirror::default() }
    }

    #[test]
    fn five_minutes_lie_between_two_updates_and_thirty_bring_one() {
        let mut mirror = enabled();
        assert_eq!(mirror.ask(at(0)), Asked::Begins);
        assert_eq!(mirror.ask(at(0)), Asked::UnderWay);
        mirror.begin(at(0));
        mirror.succeed(at(1));
        assert_eq!(mirror.ask(at(2)), Asked::Later);
        assert!(!mirror.is_due(at(5)) && mirror.is_due(at(6)));
        assert_eq!(mirror.ask(at(6)), Asked::Begins);
        mirror.succeed(at(7));
        assert!(!mirror.is_due(at(36)) && mirror.is_due(at(37)));
    }

    #[test]
    fn fourteen_failures_end_it_until_it_is_set_anew() {
        let mut mirror = enabled();
        for _ in 0..HARD_FAILURE {
            assert_eq!(mirror.force(), Asked::Begins);
            mirror.fail(at(0), "no");
        }
        assert_eq!(mirror.ask(at(60)), Asked::Paused);
        assert!(!mirror.is_due(at(600)));
        assert_eq!(mirror.force(), Asked::Begins);
        assert_eq!(mirror.failures, 0);
    }

    #[test]
    fn the_state_never_shows_the_password() {
        let credentials = Credentials { user: Some("u".to_owned()), password: Some("secret".to_owned()) };
        let shown = serde_json::to_value(Mirror { credentials, ..enabled() }).unwrap();
        assert_eq!(shown["has_password"], true);
        assert!(!shown.to_string().contains("secret"));
    }
}
