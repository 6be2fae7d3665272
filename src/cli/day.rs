//! A day or an instant, as people type it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Reads `2026-11-01`, which is the start of that day in UTC, or an instant as RFC 3339 has it.
///
/// # Errors
/// In words, for anything else.
pub(super) fn parse(text: &str) -> Result<Timestamp, &'static str> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let start = parse_date(text).ok().and_then(|date| date.to_zoned(TimeZone::UTC).ok());
    start.map(|start| start.timestamp()).ok_or("a day is written as `2026-11-01`, an instant as `2026-11-01T08:00:00Z`")
}

/// Reads `2026-11-01`.
///
/// # Errors
/// In words, for anything else.
pub(super) fn parse_date(text: &str) -> Result<Date, &'static str> {
    let text = text.trim();
    let date = if text.len() == "2026-11-01".len() { text.parse().ok() } else { None };
    date.ok_or("a day is written as `2026-11-01`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_instants() {
        for (text, instant) in [
            ("2026-11-01", "2026-11-01T00:00:00Z"),
            ("2026-11-01T08:00:00+02:00", "2026-11-01T06:00:00Z"),
            ("2026-11-01T08:00:00Z", "2026-11-01T08:00:00Z"),
        ] {
            assert_eq!(parse(text).map(|at| at.to_string()), Ok(instant.to_owned()), "{text}");
        }
        for text in ["", "yesterday", "2026-13-01", "2026-02-30", "01.11.2026", "2026-11-01T08:00:00", "20261101"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
