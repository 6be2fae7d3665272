//! The sandbox's own clock.
//!
//! It runs with the machine's, plus whatever a test has added; or, when a test has set it, it
//! stands still and moves only when told to, so that every expiry is exactly what the test expects.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

/// The time at the forges.
#[derive(Debug)]
pub(crate) struct Clock {
    set_to: Option<Timestamp>,
    ahead: SignedDuration,
}

impl Clock {
    pub fn new(set_to: Option<Timestamp>) -> Self {
        Self { set_to, ahead: SignedDuration::ZERO }
    }

    pub fn now(&self) -> Timestamp {
        later(self.set_to.unwrap_or_else(Timestamp::now), self.ahead)
    }

    pub fn advance(&mut self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.ahead = self.ahead.saturating_add(by);
    }
}

/// That much after, or the end of time.
pub(crate) fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// So many days after, or before.
pub(crate) fn days_later(time: Timestamp, days: i64) -> Timestamp {
    // Ten thousand years either way: beyond that there is no date, and jiff would say so loudly.
    let days = days.clamp(-3_650_000, 3_650_000);
    later(time, SignedDuration::from_hours(days * 24))
}

/// The day in UTC.
pub(crate) fn day(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// Milliseconds, seconds, minutes, hours, days or weeks: `50ms`, `90s`, `5m`, `12h`, `5d`, `2w`.
///
/// # Errors
///
/// When it is not written so. A number without a unit is refused: who asks for a latency of `50`
/// does not mean days.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let milliseconds: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 604_800_000,
        _ => {
            return Err(format!("`{text}` is not a duration like 50ms, 30s, 12h or 5d"));
        }
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(milliseconds))
        .map(Duration::from_millis)
        .ok_or_else(|| format!("`{text}` is not a duration like 50ms, 30s, 12h or 5d"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may as well panic")]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_stands_still_until_it_is_moved() {
        let noon: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let mut clock = Clock::new(Some(noon));
        assert_eq!(clock.now(), noon);
        clock.advance(Duration::from_secs(3600));
        assert_eq!(clock.now().to_string(), "2026-11-21T13:00:00Z");
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }

    #[test]
    fn durations_are_read() {
        assert_eq!(parse_duration("50ms"), Ok(Duration::from_millis(50)));
        assert_eq!(parse_duration("5d"), Ok(Duration::from_secs(432_000)));
        assert_eq!(parse_duration("12h"), Ok(Duration::from_secs(43_200)));
        for wrong in ["", "d", "50", "5y", "-1d", "99999999999999999999d"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }
}
