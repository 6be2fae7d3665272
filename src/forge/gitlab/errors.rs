//! What GitLab means by a refusal: status, then OAuth's code, then the message.
//!
//! A 403 alone is ambiguous (scope, role, feature, block, terms, network address): the body decides,
//! and a bare `403 Forbidden` stays [`ForgeErrorKind::Forbidden`] instead of being guessed at.
//! Sources: GitLab `lib/api/api_guard.rb` and `lib/api/helpers.rb` (MIT), REST API documentation,
//! recorded answers of 17.11 to 19.1.

use jiff::Timestamp;

use super::super::error::ForgeErrorKind;
use super::super::http::Answer;
use super::super::words::Words;
use super::super::{limits, recognise};
use crate::model::ForgeKind;

/// The cause of a refusal; nothing for an answer that is none.
pub(super) fn judge(answer: &Answer) -> Option<ForgeErrorKind> {
    if answer.is_good() {
        return None;
    }
    if let Some(kind) = recognise::stranger(answer, ForgeKind::GitLab) {
        return Some(kind);
    }
    let words = answer.words();
    Some(match answer.status {
        401 => unauthorized(&words),
        403 => forbidden(&words),
        404 | 410 => ForgeErrorKind::NotFound,
        429 => {
            let until = limits::until(&answer.headers, Timestamp::now());
            ForgeErrorKind::RateLimited { until, secondary: false }
        }
        400 if wants_granular(&words) => ForgeErrorKind::GranularRequired,
        451 => ForgeErrorKind::LegalReasons,
        400..=499 => invalid(&words),
        500..=599 => ForgeErrorKind::ServerError,
        _ => ForgeErrorKind::Unexpected,
    })
}

fn unauthorized(words: &Words) -> ForgeErrorKind {
    match words.error.as_str() {
        "dpop_error" => ForgeErrorKind::DpopRequired,
        "invalid_token" if words.mentions("revoked") => ForgeErrorKind::Revoked,
        "invalid_token" if words.mentions("impersonation") => ForgeErrorKind::ImpersonationDisabled,
        "invalid_token" if words.mentions("expired") => ForgeErrorKind::Expired,
        _ => ForgeErrorKind::UnknownToken,
    }
}

fn forbidden(words: &Words) -> ForgeErrorKind {
    match words.error.as_str() {
        "insufficient_scope" => {
            let needed = words.scope.split_ascii_whitespace().map(str::to_owned).collect();
            return ForgeErrorKind::MissingScope { needed, has: None };
        }
        "insufficient_granular_scope" => return ForgeErrorKind::MissingGranularPermission,
        _ => {}
    }
    let any = |tellings: &[&str]| tellings.iter().any(|telling| words.mentions(telling));
    match () {
        () if wants_granular(words) => ForgeErrorKind::GranularRequired,
        () if any(&["terms of service", "accept the terms"]) => ForgeErrorKind::TermsNotAccepted,
        () if any(&["blocked", "deactivated", "banned", "pending approval"]) => ForgeErrorKind::AccountBlocked,
        () if any(&["SAML", "group SSO", "single sign-on"]) => ForgeErrorKind::SsoRequired { organization: None },
        () if any(&["IP address", "ip restriction"]) => ForgeErrorKind::IpNotAllowed { organization: None },
        () if says_imports_off(words) => ForgeErrorKind::ImportsOff,
        () if any(&["rate limit", "too many times"]) => ForgeErrorKind::RateLimited { until: None, secondary: false },
        () => ForgeErrorKind::Forbidden,
    }
}

/// GitLab's models say what they miss in sentences of their own, whatever the status.
fn invalid(words: &Words) -> ForgeErrorKind {
    match () {
        () if words.mentions("already been taken") || words.mentions("already exists") => ForgeErrorKind::AlreadyTaken,
        () if words.mentions("namespace is not valid") => ForgeErrorKind::NamespaceNotValid,
        () if says_imports_off(words) => ForgeErrorKind::ImportsOff,
        // GitLab REST, "Redirects": reads are led to the new path, nothing else is.
        () if words.mentions("not allowed for moved projects") => ForgeErrorKind::Moved,
        () if words.mentions("maximum number of") && words.mentions("hooks") => ForgeErrorKind::TooManyHooks,
        () if refuses_url(words) => ForgeErrorKind::HookUrlRefused,
        () => ForgeErrorKind::InvalidRequest,
    }
}

/// "Invalid url given"; of the model itself "url is blocked: Requests to localhost are not allowed". Only webhooks have a
/// field of that name.
fn refuses_url(words: &Words) -> bool {
    let is_blocked = |part: &str| part.to_ascii_lowercase().starts_with("url is blocked");
    words.mentions("invalid url given") || words.said.split("; ").any(is_blocked)
}

/// "git import source is disabled", "Import source is disabled".
fn says_imports_off(words: &Words) -> bool {
    words.mentions("import")
        && words.mentions("source")
        && (words.mentions("disabled") || words.mentions("not enabled"))
}

/// "Rotation of legacy personal access tokens is disabled. Use a fine-grained token instead."
fn wants_granular(words: &Words) -> bool {
    words.mentions("use a fine-grained")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ForgeErrorKind as Kind;

    fn kind(status: u16, body: &str) -> Option<Kind> {
        judge(&Answer::made_up(status, &[("x-gitlab-meta", "{}")], body))
    }

    #[test]
    fn tokens() {
        let invalid = |text: &str| kind(401, &format!(r#"{{"error":"invalid_token","error_description":"{text}"}}"#));
        assert_eq!(invalid("Token was revoked. You have to re-authorize from the user."), Some(Kind::Revoked));
        assert_eq!(
            invalid("Token is expired. You can either do re-authorization or token refresh."),
            Some(Kind::Expired)
        );
        assert_eq!(
            invalid("Token is an impersonation token but impersonation was disabled."),
            Some(Kind::ImpersonationDisabled)
        );
        assert_eq!(invalid("The access token is invalid"), Some(Kind::UnknownToken));
        assert_eq!(kind(401, r#"{"message":"401 Unauthorized"}"#), Some(Kind::UnknownToken));
        assert_eq!(
            kind(401, r#"{"error":"dpop_error","error_description":"DPoP validation error"}"#),
            Some(Kind::DpopRequired)
        );
        assert_eq!(kind(401, ""), Some(Kind::UnknownToken));
    }

    #[test]
    fn refusals() {
        assert_eq!(
            kind(
                403,
                r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_api read_user"}"#
            ),
            Some(Kind::MissingScope { needed: vec!["api".into(), "read_api".into(), "read_user".into()], has: None })
        );
        assert_eq!(
            kind(
                403,
                r#"{"error":"insufficient_granular_scope","error_description":"Access denied: Your Personal Access Token lacks the required permissions: [read_user]"}"#
            ),
            Some(Kind::MissingGranularPermission)
        );
        for (message, expected) in [
            ("403 Forbidden", Kind::Forbidden),
            ("403 Forbidden - Your account has been blocked.", Kind::AccountBlocked),
            (
                "Your account is pending approval from your GitLab administrator and hence blocked.",
                Kind::AccountBlocked,
            ),
            (
                "403 Forbidden - You (@x) must accept the Terms of Service in order to perform this action.",
                Kind::TermsNotAccepted,
            ),
            ("This action is restricted by SAML.", Kind::SsoRequired { organization: None }),
            ("Your IP address is not allowed", Kind::IpNotAllowed { organization: None }),
        ] {
            let body = serde_json::json!({ "message": message }).to_string();
            assert_eq!(kind(403, &body), Some(expected), "{message}");
        }
    }

    #[test]
    fn the_rest() {
        assert_eq!(kind(204, ""), None);
        assert_eq!(kind(404, r#"{"message":"404 Project Not Found"}"#), Some(Kind::NotFound));
        assert_eq!(kind(404, r#"{"error":"404 Not Found"}"#), Some(Kind::NotFound));
        assert_eq!(kind(400, r#"{"error":"content is missing"}"#), Some(Kind::InvalidRequest));
        assert_eq!(kind(400, r#"{"message":{"namespace":["is not valid"]}}"#), Some(Kind::NamespaceNotValid));
        assert_eq!(kind(400, r#"{"message":{"path":["has already been taken"]}}"#), Some(Kind::AlreadyTaken));
        assert_eq!(kind(409, r#"{"message":"409 Already exists"}"#), Some(Kind::AlreadyTaken));
        let moved = r#"{"message":"Non GET methods are not allowed for moved projects"}"#;
        assert_eq!(kind(405, moved), Some(Kind::Moved));
        assert_eq!(kind(422, r#"{"error":"Invalid url given"}"#), Some(Kind::HookUrlRefused));
        let blocked = r#"{"message":{"url":["is blocked: Requests to localhost are not allowed"]}}"#;
        assert_eq!(kind(422, blocked), Some(Kind::HookUrlRefused));
        assert_eq!(kind(422, &blocked.replace("\"url", "\"import_url")), Some(Kind::InvalidRequest));
        let full = r#"{"message":{"base":["Maximum number of project hooks (100) exceeded"]}}"#;
        assert_eq!(kind(422, full), Some(Kind::TooManyHooks));
        assert_eq!(
            kind(400, r#"{"message":{"import_source_disabled":["git import source is disabled"]}}"#),
            Some(Kind::ImportsOff)
        );
        assert_eq!(
            kind(422, r#"{"message":"https://:@github.com/U/R.git endpoint error: 401 Unauthorized"}"#),
            Some(Kind::InvalidRequest)
        );
        assert_eq!(
            kind(
                400,
                r#"{"message":"400 Bad request - Rotation of legacy personal access tokens is disabled. Use a fine-grained token instead."}"#
            ),
            Some(Kind::GranularRequired)
        );
        assert_eq!(kind(405, r#"{"message":"405 Method Not Allowed"}"#), Some(Kind::InvalidRequest));
        assert_eq!(kind(422, r#"{"errors":"Unprocessable"}"#), Some(Kind::InvalidRequest));
        let limited = Some(Kind::RateLimited { until: None, secondary: false });
        assert_eq!(kind(429, "Retry later\n"), limited);
        assert_eq!(
            kind(429, r#"{"message":{"error":"This endpoint has been requested too many times. Try again later."}}"#),
            limited
        );
        assert_eq!(kind(502, "<html>GitLab is not responding</html>"), Some(Kind::ServerError));
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_said_has_a_cause(status in 300u16..600, header in "[ -~]{0,60}", body in ".{0,120}") {
            let headers = ["x-github-sso", "x-oauth-scopes", "x-accepted-oauth-scopes", "x-github-otp", "retry-after"];
            let headers: Vec<(&str, &str)> = headers.iter().map(|name| (*name, header.as_str())).collect();
            let message = serde_json::json!({ "message": body, "error": body, "scope": body }).to_string();
            for body in [&body, &message] {
                proptest::prop_assert!(judge(&Answer::made_up(status, &headers, body)).is_some());
            }
        }
    }
}
