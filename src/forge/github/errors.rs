//! What GitHub means by a refusal: status, then headers, then the beginning of the message.
//!
//! The messages are literal, from recorded traffic and GitHub's documentation; GitHub promises none
//! of them, so each is matched by its telling part, and whatever is not recognised keeps its words.

use jiff::Timestamp;
use url::Url;

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
    if let Some(kind) = recognise::stranger(answer, ForgeKind::GitHub) {
        return Some(kind);
    }
    let words = answer.words();
    Some(match answer.status {
        401 => unauthorized(answer),
        403 => forbidden(answer, &words),
        429 => rate_limit(answer, &words),
        404 => missing_scope(answer).unwrap_or(ForgeErrorKind::NotFound),
        400 | 410 if words.mentions("version") => ForgeErrorKind::ApiVersionRetired,
        410 => ForgeErrorKind::NotFound,
        422 => unprocessable(&words),
        451 => ForgeErrorKind::LegalReasons,
        400..=499 => ForgeErrorKind::InvalidRequest,
        500..=599 => ForgeErrorKind::ServerError,
        _ => ForgeErrorKind::Unexpected,
    })
}

/// GitHub REST: 422 is also what is there already, and what is not there.
fn unprocessable(words: &Words) -> ForgeErrorKind {
    match () {
        () if words.mentions("hook already exists") => ForgeErrorKind::HookExists,
        () if words.mentions("cannot have more than") && words.mentions("hooks") => ForgeErrorKind::TooManyHooks,
        () if words.mentions("reachable over the public internet")
            || words.mentions("url you've entered is not valid") =>
        {
            ForgeErrorKind::HookUrlRefused
        }
        () if words.mentions("reference already exists") => ForgeErrorKind::AlreadyTaken,
        () if words.mentions("a pull request already exists") => ForgeErrorKind::AlreadyTaken,
        () if words.mentions("reference does not exist") => ForgeErrorKind::NotFound,
        () => ForgeErrorKind::InvalidRequest,
    }
}

fn unauthorized(answer: &Answer) -> ForgeErrorKind {
    match answer.header("x-github-otp") {
        Some(value) if value.starts_with("required") => ForgeErrorKind::OtpRequired,
        _ => ForgeErrorKind::BadCredentials,
    }
}

fn forbidden(answer: &Answer, words: &Words) -> ForgeErrorKind {
    if words.mentions("number of login attempt") {
        return ForgeErrorKind::LoginLockedOut;
    }
    if is_rate_limit(words) {
        return rate_limit(answer, words);
    }
    if let Some(kind) = policy(answer, words) {
        return kind;
    }
    if words.mentions("resource not accessible by") {
        return ForgeErrorKind::MissingPermission { accepted: accepted_permissions(answer) };
    }
    if words.mentions("suspended") || words.mentions("account has been disabled") {
        return ForgeErrorKind::AccountBlocked;
    }
    if words.mentions("user agent") {
        return ForgeErrorKind::InvalidRequest;
    }
    if let Some(kind) = missing_scope(answer) {
        return kind;
    }
    if words.mentions("must have admin") || words.mentions("must have push") || words.mentions("must be an ") {
        return ForgeErrorKind::RoleTooLow;
    }
    // Only now: a last permitted request can be refused for a reason of its own.
    if limits::is_used_up(&answer.headers) {
        return rate_limit(answer, words);
    }
    ForgeErrorKind::Forbidden
}

/// What an organisation or enterprise forbids.
fn policy(answer: &Answer, words: &Words) -> Option<ForgeErrorKind> {
    let organization = organization(&words.said);
    let sso = answer.header("x-github-sso").filter(|value| value.starts_with("required"));
    if sso.is_some() || words.mentions("SAML enforcement") {
        let organization = sso.and_then(sso_organization).or(organization);
        return Some(ForgeErrorKind::SsoRequired { organization });
    }
    if words.mentions("IP allow list") {
        return Some(ForgeErrorKind::IpNotAllowed { organization });
    }
    if words.mentions("forbids access via") {
        return Some(match () {
            () if words.mentions("lifetime") => {
                ForgeErrorKind::LifetimePolicy { organization, settings_page: settings_page(&words.said) }
            }
            () if words.mentions("(classic). ")
                || words.mentions("token (classic)") && !words.mentions("via a fine-grained") =>
            {
                ForgeErrorKind::ClassicTokenForbidden { organization }
            }
            () if words.mentions("fine-grained") => ForgeErrorKind::FineGrainedForbidden { organization },
            () => ForgeErrorKind::Forbidden,
        });
    }
    None
}

fn is_rate_limit(words: &Words) -> bool {
    words.mentions("rate limit exceeded") || is_secondary(words)
}

fn is_secondary(words: &Words) -> bool {
    words.mentions("secondary rate limit")
        || words.mentions("abuse detection")
        || words.documentation_url.ends_with("secondary-rate-limits")
        || words.documentation_url.ends_with("#abuse-rate-limits")
}

fn rate_limit(answer: &Answer, words: &Words) -> ForgeErrorKind {
    let until = limits::until(&answer.headers, Timestamp::now());
    ForgeErrorKind::RateLimited { until, secondary: is_secondary(words) }
}

/// GitHub REST, "Troubleshooting": `X-Accepted-GitHub-Permissions`, `a=read,b=write; c=read`.
fn accepted_permissions(answer: &Answer) -> Option<String> {
    answer.header("x-accepted-github-permissions").filter(|value| !value.is_empty()).map(str::to_owned)
}

/// GitHub docs, "Scopes for OAuth apps": `X-OAuth-Scopes` is what the token has, any one of
/// `X-Accepted-OAuth-Scopes` would do. A lack of scope is often answered with 404.
fn missing_scope(answer: &Answer) -> Option<ForgeErrorKind> {
    let has = super::user::list(answer.header("x-oauth-scopes")?);
    let needed = super::user::list(answer.header("x-accepted-oauth-scopes")?);
    let lacks = !needed.is_empty() && !needed.iter().any(|scope| has.contains(scope));
    lacks.then_some(ForgeErrorKind::MissingScope { needed, has: Some(has) })
}

/// The organisation or enterprise a message names: `` `ORG` `` or `'ORG'`.
fn organization(said: &str) -> Option<String> {
    let quoted = |quote: char| {
        let mut parts = said.split(quote);
        parts.next()?;
        let name = parts.next()?;
        parts.next()?;
        is_name(name).then(|| name.to_owned())
    };
    quoted('`').or_else(|| quoted('\''))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 100 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// `required; url=https://github.com/orgs/ORG/sso?authorization_request=…`. The URL itself is good for an hour
/// and for anybody who has it: it goes no further than this function.
fn sso_organization(header: &str) -> Option<String> {
    let (_, address) = header.split_once("url=")?;
    let url = Url::parse(address.trim()).ok()?;
    let mut segments = url.path_segments()?;
    segments.find(|segment| matches!(*segment, "orgs" | "enterprises"))?;
    segments.next().filter(|name| is_name(name)).map(str::to_owned)
}

/// The token's own page, which the lifetime policy's message ends with.
fn settings_page(said: &str) -> Option<Url> {
    let word = said.split_whitespace().find(|word| word.starts_with("https://"))?;
    let url = Url::parse(word.trim_end_matches(['.', ',', ')'])).ok()?;
    let is_settings = url.path().starts_with("/settings/") && url.query().is_none() && url.username().is_empty();
    is_settings.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ForgeErrorKind as Kind;

    fn kind(status: u16, headers: &[(&str, &str)], message: &str) -> Option<Kind> {
        let mut all = vec![("x-github-request-id", "7533:3E649A")];
        all.extend_from_slice(headers);
        let body = serde_json::json!({ "message": message, "status": status.to_string() });
        judge(&Answer::made_up(status, &all, &body.to_string()))
    }

    fn org(name: &str) -> Option<String> {
        Some(name.to_owned())
    }

    #[test]
    fn tokens() {
        assert_eq!(kind(200, &[], ""), None);
        assert_eq!(kind(401, &[], "Bad credentials"), Some(Kind::BadCredentials));
        assert_eq!(kind(401, &[], "Requires authentication"), Some(Kind::BadCredentials));
        assert_eq!(kind(401, &[], "A JSON web token could not be decoded"), Some(Kind::BadCredentials));
        assert_eq!(
            kind(401, &[("X-GitHub-OTP", "required; app")], "Must specify two-factor authentication OTP code."),
            Some(Kind::OtpRequired)
        );
        assert_eq!(kind(403, &[], "Max number of login attempt exceeded"), Some(Kind::LoginLockedOut));
        assert_eq!(
            kind(403, &[], "Maximum number of login attempts exceeded. Please try again later."),
            Some(Kind::LoginLockedOut)
        );
        assert_eq!(kind(403, &[], "Sorry. Your account was suspended."), Some(Kind::AccountBlocked));
    }

    #[test]
    fn permissions_and_roles() {
        let accepted = [("X-Accepted-GitHub-Permissions", "issues=read; pull_requests=read")];
        assert_eq!(
            kind(403, &accepted, "Resource not accessible by personal access token"),
            Some(Kind::MissingPermission { accepted: Some("issues=read; pull_requests=read".into()) })
        );
        assert_eq!(
            kind(403, &[], "Resource not accessible by integration"),
            Some(Kind::MissingPermission { accepted: None })
        );
        assert_eq!(kind(403, &[], "Must have admin rights to Repository."), Some(Kind::RoleTooLow));
        assert_eq!(kind(403, &[], "Must have push access to view repository collaborators."), Some(Kind::RoleTooLow));
        assert_eq!(kind(403, &[], "Something new"), Some(Kind::Forbidden));
        let scopes = [("X-OAuth-Scopes", "gist, read:org"), ("X-Accepted-OAuth-Scopes", "admin:repo_hook, repo")];
        let missing = Some(Kind::MissingScope {
            needed: vec!["admin:repo_hook".into(), "repo".into()],
            has: Some(vec!["gist".into(), "read:org".into()]),
        });
        assert_eq!(kind(403, &scopes, "Must have admin rights to Repository."), missing);
        assert_eq!(kind(404, &scopes, "Not Found"), missing);
        let enough = [("X-OAuth-Scopes", "repo"), ("X-Accepted-OAuth-Scopes", "admin:repo_hook, repo")];
        assert_eq!(kind(404, &enough, "Not Found"), Some(Kind::NotFound));
        assert_eq!(
            kind(404, &[("X-OAuth-Scopes", ""), ("X-Accepted-OAuth-Scopes", "")], "Not Found"),
            Some(Kind::NotFound)
        );
    }

    #[test]
    fn policies() {
        let classic = "`acme` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions.";
        assert_eq!(kind(403, &[], classic), Some(Kind::ClassicTokenForbidden { organization: org("acme") }));
        let lifetime = "The 'NixOS' organization forbids access via a fine-grained personal access tokens if the token's lifetime is greater than 366 days. Please adjust your token's lifetime at the following URL: https://github.com/settings/personal-access-tokens/12885303";
        assert_eq!(
            kind(403, &[], lifetime),
            Some(Kind::LifetimePolicy {
                organization: org("NixOS"),
                settings_page: Url::parse("https://github.com/settings/personal-access-tokens/12885303").ok(),
            })
        );
        assert_eq!(
            kind(
                403,
                &[],
                "`acme` forbids access via a fine-grained personal access token. Please use a personal access token (classic)."
            ),
            Some(Kind::FineGrainedForbidden { organization: org("acme") })
        );
        let address = "Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.";
        assert_eq!(kind(403, &[], address), Some(Kind::IpNotAllowed { organization: org("acme") }));
    }

    #[test]
    fn single_sign_on() {
        let header = "required; url=https://github.com/orgs/acme/sso?authorization_request=AZSCKtL4U8yX1H3sCQIVnVgmjmon5fWxks5YrqhJgah0b2tlbl9pZM4EuMz4";
        let message = "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.";
        assert_eq!(
            kind(403, &[("X-GitHub-SSO", header)], message),
            Some(Kind::SsoRequired { organization: org("acme") })
        );
        assert_eq!(kind(403, &[], message), Some(Kind::SsoRequired { organization: None }));
    }

    #[test]
    fn limits() {
        let limited = |until: Option<i64>, secondary| {
            Some(Kind::RateLimited { until: until.and_then(|at| Timestamp::from_second(at).ok()), secondary })
        };
        let used_up = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1900000000")];
        assert_eq!(kind(403, &used_up, "API rate limit exceeded for user ID 1."), limited(Some(1_900_000_000), false));
        assert_eq!(kind(429, &used_up, "API rate limit exceeded"), limited(Some(1_900_000_000), false));
        assert_eq!(kind(403, &[], "You have exceeded a secondary rate limit. Please wait."), limited(None, true));
        assert_eq!(kind(403, &[], "You have triggered an abuse detection mechanism."), limited(None, true));
        assert_eq!(kind(403, &used_up, "Must have admin rights to Repository."), Some(Kind::RoleTooLow));
    }

    #[test]
    fn what_is_there_already() {
        let body = r#"{"message":"Validation Failed","errors":[{"resource":"Hook","code":"custom","message":"Hook already exists on this repository"}],"documentation_url":"https://docs.github.com/rest"}"#;
        let headers = [("x-github-request-id", "1")];
        assert_eq!(judge(&Answer::made_up(422, &headers, body)), Some(Kind::HookExists));
        for (message, expected) in [
            ("Validation Failed: The \"push\" event cannot have more than 20 hooks", Kind::TooManyHooks),
            ("Reference already exists", Kind::AlreadyTaken),
            ("Validation Failed: A pull request already exists for octocat:ci.", Kind::AlreadyTaken),
            ("Reference does not exist", Kind::NotFound),
            ("Validation Failed: No commits between main and ci", Kind::InvalidRequest),
            (
                "url is not supported because it isn't reachable over the public Internet (localhost)",
                Kind::HookUrlRefused,
            ),
        ] {
            assert_eq!(kind(422, &[], message), Some(expected), "{message}");
        }
    }

    #[test]
    fn requests_and_servers() {
        assert_eq!(kind(404, &[], "Not Found"), Some(Kind::NotFound));
        assert_eq!(kind(400, &[], "Problems parsing JSON"), Some(Kind::InvalidRequest));
        assert_eq!(
            kind(400, &[], "\"1999-01-01\" is not a supported version of the API"),
            Some(Kind::ApiVersionRetired)
        );
        assert_eq!(kind(410, &[], "This API version is no longer supported."), Some(Kind::ApiVersionRetired));
        assert_eq!(kind(410, &[], "Issues are disabled for this repo"), Some(Kind::NotFound));
        assert_eq!(kind(422, &[], "Validation Failed"), Some(Kind::InvalidRequest));
        assert_eq!(kind(403, &[], "Missing or invalid User Agent string. See …"), Some(Kind::InvalidRequest));
        assert_eq!(kind(451, &[], "Repository access blocked"), Some(Kind::LegalReasons));
        assert_eq!(kind(500, &[], "Server Error"), Some(Kind::ServerError));
        assert_eq!(kind(304, &[], ""), Some(Kind::Unexpected));
        let html = Answer::made_up(503, &[], "<html>503 Service Unavailable</html>");
        assert_eq!(judge(&html), Some(Kind::ServerError));
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
