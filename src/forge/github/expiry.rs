//! `GitHub-Authentication-Token-Expiration`: when the token dies.
//!
//! GitHub sends it on every authenticated answer, and documents no form. Seen in traffic:
//! `2025-02-04 16:42:10 UTC` (classic and app user tokens, newer fine-grained ones) and
//! `2025-06-29 14:31:52 +0200` (fine-grained ones, in the time zone of whoever made them). RFC 3339 is
//! taken too. What cannot be read is no end, and never "expired".

use jiff::Timestamp;
use jiff::fmt::strtime;

use super::super::http::Answer;

/// The header.
const HEADER: &str = "github-authentication-token-expiration";

/// What an answer says of its token's end, if it can be read.
pub(super) fn told(answer: &Answer) -> Option<Timestamp> {
    read(answer).ok().flatten()
}

/// The same; the error is the text that could not be read.
pub(super) fn read(answer: &Answer) -> Result<Option<Timestamp>, String> {
    match answer.header(HEADER) {
        None | Some("") => Ok(None),
        Some(text) => parse(text).map(Some).ok_or_else(|| text.to_owned()),
    }
}

/// Reads the header's value.
fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let stamp = match text.strip_suffix(" UTC") {
        Some(plain) => in_form("%Y-%m-%d %H:%M:%S %z", &format!("{plain} +0000")),
        None => in_form("%Y-%m-%d %H:%M:%S %z", text).or_else(|| in_form("%Y-%m-%d %H:%M:%S %:z", text)),
    };
    stamp.or_else(|| text.parse().ok())
}

fn in_form(form: &str, text: &str) -> Option<Timestamp> {
    strtime::parse(form, text).ok()?.to_timestamp().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form() {
        for (text, stamp) in [
            ("2025-02-04 16:42:10 UTC", "2025-02-04T16:42:10Z"),
            ("2026-06-28 15:34:58 UTC", "2026-06-28T15:34:58Z"),
            ("2025-06-29 14:31:52 +0200", "2025-06-29T12:31:52Z"),
            ("2023-06-14 15:09:46 -0700", "2023-06-14T22:09:46Z"),
            ("2023-06-14 15:09:46 +05:30", "2023-06-14T09:39:46Z"),
            ("2027-02-01T00:00:00Z", "2027-02-01T00:00:00Z"),
            ("2027-02-01T00:00:00+01:00", "2027-01-31T23:00:00Z"),
            ("  2025-02-04 16:42:10 UTC ", "2025-02-04T16:42:10Z"),
        ] {
            assert_eq!(parse(text).map(|at| at.to_string()).as_deref(), Some(stamp), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_end() {
        for text in
            ["", "never", "2025-02-30 16:42:10 UTC", "2025-02-04", "1738687330", "UTC", "2025-02-04 16:42:10 CET"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in ".{0,40}") {
            let _ = parse(&text);
        }

        #[test]
        fn what_is_written_is_read(seconds in 0i64..4_000_000_000) {
            let at = Timestamp::from_second(seconds).unwrap_or_default();
            proptest::prop_assert_eq!(parse(&at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()), Some(at));
        }
    }
}
