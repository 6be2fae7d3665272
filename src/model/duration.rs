//! Lengths of time as people type them: `90d`, `12h`; a bare number means days.

use jiff::SignedDuration;

/// Why a text is no length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a length of time is a number and `d`, `h`, `m`, `s` or `w`, as in `90d` or `12h`; a bare number means days")]
pub struct NotADuration;

/// Reads `90d`, `12h`, `30m`, `45s`, `2w` or a bare number of days.
///
/// # Errors
/// [`NotADuration`] for anything else, negative and overlong values included.
pub fn parse(text: &str) -> Result<SignedDuration, NotADuration> {
    let text = text.trim();
    let (digits, unit) = match text.char_indices().find(|(_, c)| !c.is_ascii_digit()) {
        Some((at, _)) => text.split_at(at),
        None => (text, "d"),
    };
    let count: i64 = digits.parse().map_err(|_| NotADuration)?;
    let seconds = match unit.trim() {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" | "day" | "days" => 86_400,
        "w" | "weeks" => 604_800,
        _ => return Err(NotADuration),
    };
    // A hundred years is more than anybody means, and keeps every sum with a date in range.
    count
        .checked_mul(seconds)
        .filter(|total| *total <= 100 * 366 * 86_400)
        .map(SignedDuration::from_secs)
        .ok_or(NotADuration)
}

/// What is left, in the unit a person would use: `23 days`, `5 hours`, `12 minutes`,
/// `40 seconds`.
pub fn in_words(left: SignedDuration) -> String {
    let seconds = left.as_secs().unsigned_abs();
    let (count, unit) = match seconds {
        172_800.. => (seconds / 86_400, "day"),
        7_200.. => (seconds / 3_600, "hour"),
        60.. => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_bare_days() {
        assert_eq!(parse("90d").map(|d| d.as_hours()), Ok(90 * 24));
        assert_eq!(parse("14").map(|d| d.as_hours()), Ok(14 * 24));
        assert_eq!(parse("12h").map(|d| d.as_secs()), Ok(43_200));
        for bad in ["", "d", "-1", "1x", "99999999999999999999", "1.5d", "5000000w"] {
            assert_eq!(parse(bad), Err(NotADuration), "{bad}");
        }
    }

    #[test]
    fn words() {
        assert_eq!(in_words(SignedDuration::from_hours(50)), "2 days");
        assert_eq!(in_words(SignedDuration::from_hours(47)), "47 hours");
        assert_eq!(in_words(SignedDuration::from_mins(1)), "1 minute");
    }
}
