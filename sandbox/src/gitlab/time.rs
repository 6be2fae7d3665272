//! Times as GitLab writes them: RFC 3339 with milliseconds, UTC.

use jiff::Timestamp;

/// `2026-08-22T11:25:23.000Z`
pub(super) fn written(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
