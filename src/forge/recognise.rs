//! Who answers there.
//!
//! GitHub puts `X-GitHub-Request-Id` on every answer, GitLab `X-Gitlab-Meta`; also on refusals, and
//! also to a request without a token. This catches mistakes (a `--host` that is a web site, the other
//! vendor, a sign-in page in between). It does not catch impostors: headers can be copied, and it is
//! the certificate that tells.

use super::error::ForgeErrorKind;
use super::http::Answer;
use crate::model::ForgeKind;

/// Which kind of forge an answer comes from, by its headers.
pub(super) fn forge(answer: &Answer) -> Option<ForgeKind> {
    // GitLab first: a GitLab in front of which somebody relays GitHub's headers is not known, nor the
    // other way round, but an answer must mean one thing.
    if answer.headers.contains_key("x-gitlab-meta") {
        Some(ForgeKind::GitLab)
    } else if answer.headers.contains_key("x-github-request-id") {
        Some(ForgeKind::GitHub)
    } else {
        None
    }
}

/// For [`look`](super::Forge::look): every answer of the right kind is good, whatever its status.
pub(super) fn look(answer: &Answer, wanted: ForgeKind) -> Option<ForgeErrorKind> {
    match forge(answer) {
        Some(found) if found == wanted => None,
        None if answer.status >= 500 => Some(ForgeErrorKind::ServerError),
        None if answer.status == 407 => Some(ForgeErrorKind::ProxyFailed),
        found => Some(ForgeErrorKind::NotAForge { found }),
    }
}

/// What can be said of a refusal before its words are read by the vendor's own rules: that it does
/// not come from the forge at all.
pub(super) fn stranger(answer: &Answer, wanted: ForgeKind) -> Option<ForgeErrorKind> {
    let found = forge(answer);
    let is_json = answer.words().is_json;
    match answer.status {
        407 => Some(ForgeErrorKind::ProxyFailed),
        _ if found == Some(wanted.other()) => Some(ForgeErrorKind::NotAForge { found }),
        500.. | 429 => None,
        _ if found.is_some() || is_json => None,
        404 | 405 | 410 => Some(ForgeErrorKind::NotAForge { found: None }),
        // A gateway's own sign-in, a firewall's page: nothing was said of the token.
        _ => Some(answer.not_json()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_header() {
        let kind = |headers: &[(&str, &str)]| forge(&Answer::made_up(401, headers, ""));
        assert_eq!(kind(&[("X-GitHub-Request-Id", "1")]), Some(ForgeKind::GitHub));
        assert_eq!(kind(&[("X-Gitlab-Meta", "{}")]), Some(ForgeKind::GitLab));
        assert_eq!(kind(&[]), None);
    }

    #[test]
    fn strangers() {
        let judge = |status, headers: &[(&str, &str)], body: &str| {
            stranger(&Answer::made_up(status, headers, body), ForgeKind::GitLab)
        };
        let html = "<html>Sign in</html>";
        assert_eq!(judge(404, &[], html), Some(ForgeErrorKind::NotAForge { found: None }));
        assert_eq!(
            judge(401, &[("content-type", "text/html")], html),
            Some(ForgeErrorKind::NotJson { content_type: Some("text/html".into()) })
        );
        assert_eq!(judge(401, &[], r#"{"message":"401 Unauthorized"}"#), None);
        assert_eq!(judge(401, &[("x-gitlab-meta", "{}")], html), None);
        assert_eq!(
            judge(404, &[("x-github-request-id", "1")], r#"{"message":"Not Found"}"#),
            Some(ForgeErrorKind::NotAForge { found: Some(ForgeKind::GitHub) })
        );
        assert_eq!(judge(502, &[], html), None);
        assert_eq!(judge(429, &[], "Retry later"), None);
        assert_eq!(judge(407, &[], ""), Some(ForgeErrorKind::ProxyFailed));
    }
}
