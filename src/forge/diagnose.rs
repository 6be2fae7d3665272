//! What an answer to nobody in particular tells: for finding out which link of the chain is broken.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use url::Url;

use super::error::ForgeError;
use super::http::Answer;
use super::words::Scrubber;
use super::{Forge, limits};

/// A forge of the right kind has answered a request without a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What time it is there, to the second (`Date`); nothing where it does not say.
    pub date: Option<Timestamp>,
    /// Its version, where it tells strangers (GitHub Enterprise Server).
    pub version: Option<String>,
    /// Whether it takes the version of the API that connect speaks (GitHub).
    pub api_version: Option<ApiVersion>,
    /// The requests without a token that are left from this address.
    pub remaining: Option<Remaining>,
}

/// What became of the API version that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiVersion {
    /// It was not refused.
    Accepted,
    /// It is no longer answered, or not yet. Update connect, or the server.
    Refused,
}

/// A rate limit's counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remaining {
    /// So many are left.
    pub left: u64,
    /// Of so many, where that is told.
    pub of: Option<u64>,
    /// When it starts anew, where that is told.
    pub until: Option<Timestamp>,
}

impl Answered {
    /// Reads an answer's headers.
    pub(super) fn read(answer: &Answer, version: Option<&str>, api_version: Option<ApiVersion>) -> Self {
        let date = answer.header("date").and_then(|text| DateTimeParser::new().parse_timestamp(text).ok());
        Self {
            date,
            version: version.map(|text| Scrubber::new(None).name(text)),
            api_version,
            remaining: limits::remaining(&answer.headers, date.unwrap_or_else(Timestamp::now)),
        }
    }
}

impl Forge {
    /// As [`Self::look`], and tells what the answer says of the forge, its clock and its limits.
    ///
    /// # Errors
    /// As [`Self::look`].
    pub async fn diagnose(&self) -> Result<Answered, ForgeError> {
        match self {
            Self::GitHub(github) => github.diagnose().await,
            Self::GitLab(gitlab) => gitlab.diagnose().await,
        }
    }
}

/// How many network addresses the host of a URL has, by the system's resolver; nothing where the name is not
/// found within the time limit.
pub async fn address_count(url: &Url, limit: Duration) -> Option<usize> {
    let port = url.port_or_known_default().unwrap_or_default();
    // An IPv6 address has brackets in a URL, and the resolver takes it as it stands there.
    let wanted = format!("{}:{port}", url.host_str()?);
    let looked_up = tokio::time::timeout(limit, tokio::net::lookup_host(wanted)).await;
    looked_up.ok()?.ok().map(Iterator::count).filter(|count| *count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let answer = Answer::made_up(
            401,
            &[
                ("Date", "Sun, 01 Nov 2026 12:00:00 GMT"),
                ("X-RateLimit-Remaining", "58"),
                ("X-RateLimit-Limit", "60"),
                ("X-RateLimit-Reset", "1793538000"),
            ],
            "",
        );
        let read = Answered::read(&answer, Some("3.17.0\u{1b}[31m"), Some(ApiVersion::Accepted));
        assert_eq!(read.date, "2026-11-01T12:00:00Z".parse().ok());
        assert!(read.version.is_some_and(|version| version.starts_with("3.17.0") && !version.contains('\u{1b}')));
        let until = Timestamp::from_second(1_793_538_000).ok();
        assert_eq!(read.remaining, Some(Remaining { left: 58, of: Some(60), until }));
        let read = Answered::read(&Answer::made_up(200, &[("Date", "soon")], ""), None, None);
        assert_eq!((read.date, read.remaining), (None, None));
    }

    #[tokio::test]
    async fn addresses() {
        let count = async |text: &str| match Url::parse(text) {
            Ok(url) => address_count(&url, Duration::from_secs(10)).await,
            Err(_) => None,
        };
        assert_eq!(count("http://127.0.0.1:1").await, Some(1));
        assert_eq!(count("https://[::1]:8443").await, Some(1));
        assert_eq!(count("https://nothing.invalid").await, None);
    }
}
