//! How long to wait, as the forges say it in headers.
//!
//! Sources: RFC 9110 (`Retry-After`: seconds or a date); GitHub REST, "Rate limits"
//! (`x-ratelimit-remaining`, `x-ratelimit-reset` in seconds since 1970, secondary limits often without
//! either); GitLab, "Rate limits" (`RateLimit-Remaining`, `RateLimit-Reset`, alike).

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderMap;

use super::diagnose::Remaining;

/// A year: whatever is later was not meant.
const LONGEST: i64 = 366 * 86_400;

/// Until when the forge wants to be left alone, if it says.
pub(super) fn until(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    retry_after(headers, now).or_else(|| is_used_up(headers).then(|| reset(headers, now)).flatten())
}

/// `Retry-After`, in either form.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let text = text(headers, "retry-after")?;
    match text.parse::<i64>() {
        Ok(seconds) => later(now, seconds),
        Err(_) => DateTimeParser::new().parse_timestamp(text).ok(),
    }
}

/// Whether a counter says that no request is left.
pub(super) fn is_used_up(headers: &HeaderMap) -> bool {
    ["x-ratelimit-remaining", "ratelimit-remaining"].iter().any(|name| text(headers, name) == Some("0"))
}

/// How many requests are left, where a counter says.
pub(super) fn remaining(headers: &HeaderMap, now: Timestamp) -> Option<Remaining> {
    let number = |names: [&str; 2]| names.iter().find_map(|name| text(headers, name)?.parse().ok());
    Some(Remaining {
        left: number(["x-ratelimit-remaining", "ratelimit-remaining"])?,
        of: number(["x-ratelimit-limit", "ratelimit-limit"]),
        until: reset(headers, now),
    })
}

/// When the counter starts anew. A small number is not a time but a number of seconds, as the draft
/// standard has it and proxies send it.
fn reset(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let text = text(headers, "x-ratelimit-reset").or_else(|| text(headers, "ratelimit-reset"))?;
    let seconds: i64 = text.parse().ok()?;
    match seconds {
        ..1_000_000_000 => later(now, seconds),
        _ => Timestamp::from_second(seconds).ok(),
    }
}

fn later(now: Timestamp, seconds: i64) -> Option<Timestamp> {
    now.checked_add(SignedDuration::from_secs(seconds.clamp(0, LONGEST))).ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn ask(pairs: &[(&'static str, &str)]) -> Option<i64> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        let now = Timestamp::from_second(1_700_000_000).unwrap_or_default();
        until(&headers, now).map(|at| at.as_second() - 1_700_000_000)
    }

    #[test]
    fn every_form() {
        assert_eq!(ask(&[]), None);
        assert_eq!(ask(&[("retry-after", "3")]), Some(3));
        assert_eq!(ask(&[("retry-after", "Tue, 14 Nov 2023 22:13:25 GMT")]), Some(5));
        assert_eq!(ask(&[("retry-after", "-4")]), Some(0));
        assert_eq!(ask(&[("retry-after", "soon")]), None);
        assert_eq!(ask(&[("x-ratelimit-reset", "1700000007")]), None, "requests are left");
        assert_eq!(ask(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1700000007")]), Some(7));
        assert_eq!(ask(&[("ratelimit-remaining", "0"), ("ratelimit-reset", "1700000060")]), Some(60));
        assert_eq!(ask(&[("ratelimit-remaining", "0"), ("ratelimit-reset", "60")]), Some(60));
        assert_eq!(
            ask(&[("retry-after", "2"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1700000099")]),
            Some(2)
        );
        assert_eq!(ask(&[("retry-after", "9223372036854775807")]), Some(LONGEST));
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(value in "[ -~]{0,40}", number: i64) {
            let _ = ask(&[("retry-after", &value)]);
            let _ = ask(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &number.to_string())]);
        }
    }
}
