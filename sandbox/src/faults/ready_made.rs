//! Refusals in the vendors' own words, by name.
//!
//! Sources: GitHub REST "Troubleshooting", "Rate limits", and refusals quoted in public issues;
//! GitLab REST "Status codes", `lib/gitlab/auth/user_access_denied_reason.rb`, and its limiters.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::github::error as github;
use crate::gitlab::error as gitlab;
use crate::http::Answer;
use crate::world::start::ORGANISATION;

/// A refusal that is worth a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadyMade {
    /// GitHub, 401: unknown, revoked or expired.
    BadCredentials,
    /// GitHub, 403 with `X-GitHub-SSO`: the token was not authorised for the organisation.
    SsoRequired,
    /// GitHub, 403: the organisation forbids classic tokens.
    ClassicForbidden,
    /// GitHub, 403: the fine-grained token lives longer than the organisation allows; the message
    /// carries the address of its settings.
    LifetimePolicy,
    /// GitHub, 403: the organisation has a list of allowed addresses.
    IpAllowList,
    /// GitHub, 403: too many failed logins, everybody is locked out for a while.
    LoginLocked,
    /// GitHub, 403: the fine-grained token lacks a permission.
    NotAccessibleByToken,
    /// GitHub, 403: the app's token lacks a permission.
    NotAccessibleByIntegration,
    /// GitHub, 403: the user is no administrator of the repository.
    AdminRightsRequired,
    /// GitHub, 403: the hour is used up; `x-ratelimit-reset` is in one minute.
    PrimaryRateLimit,
    /// GitHub, 403 with `Retry-After: 60`: too much at a time.
    SecondaryRateLimit,
    /// GitHub, 429 with `Retry-After: 1`: too much at a time, briefly.
    SecondaryRateLimitBriefly,
    /// GitHub, 503 with a page in HTML.
    Unavailable,
    /// GitHub, 502 with its JSON "Server Error".
    ServerError,
    /// GitLab, 401: the token was revoked.
    TokenRevoked,
    /// GitLab, 403: the user is blocked.
    UserBlocked,
    /// GitLab, 403: the user has not accepted the terms.
    TermsNotAccepted,
    /// GitLab, 403: the group admits other addresses only.
    IpRestricted,
    /// GitLab, 403 `insufficient_scope`.
    InsufficientScope,
    /// GitLab, 403 `insufficient_granular_scope`: the fine-grained token is valid and may not.
    InsufficientGranularScope,
    /// GitLab, 429 in plain text with `Retry-After: 1`: the limiter in front.
    RetryLater,
    /// GitLab, 429 in JSON without `RateLimit` headers: the limiter inside.
    RequestedTooManyTimes,
    /// GitLab, 400: the date that was asked for is too far ahead.
    ExpiryTooFar,
    /// GitLab, 400: a classic token is not rotated where fine-grained ones are wanted.
    LegacyRotationDisabled,
    /// GitLab, 500 in JSON.
    InternalServerError,
    /// GitLab, 502 with a page in HTML.
    BadGateway,
    /// GitLab, 401: a token of a user who demands proof of possession.
    DpopRequired,
}

impl ReadyMade {
    /// The answer, at this time.
    pub(crate) fn answer(self, now: Timestamp) -> Answer {
        match self {
            Self::BadCredentials => github::bad_credentials(),
            Self::SsoRequired => github::sso_required("Personal Access token", ORGANISATION),
            Self::ClassicForbidden => github::refusal(
                403,
                &format!(
                    "`{ORGANISATION}` forbids access via a personal access token (classic). Please use a \
                 GitHub App, OAuth App, or a personal access token with fine-grained permissions."
                ),
            ),
            Self::LifetimePolicy => github::refusal(
                403,
                &format!(
                    "The '{ORGANISATION}' organization forbids access via a fine-grained personal access \
                 tokens if the token's lifetime is greater than 366 days. Please adjust your token's \
                 lifetime at the following URL: https://github.com/settings/personal-access-tokens/12885303"
                ),
            ),
            Self::IpAllowList => github::refusal(
                403,
                &format!(
                    "Although you appear to have the correct authorization credentials, the \
                 `{ORGANISATION}` organization has an IP allow list enabled, and your IP address is \
                 not permitted to access this resource."
                ),
            ),
            Self::LoginLocked => crate::github::login_locked(),
            Self::NotAccessibleByToken => github::not_accessible("personal access token"),
            Self::NotAccessibleByIntegration => github::not_accessible("integration"),
            Self::AdminRightsRequired => github::refusal(403, "Must have admin rights to Repository."),
            Self::PrimaryRateLimit => github::refusal_with_link(
                403,
                "API rate limit exceeded for user ID 583231.",
                "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api",
            )
            .with("x-ratelimit-limit", "5000")
            .with("x-ratelimit-remaining", "0")
            .with("x-ratelimit-used", "5000")
            .with("x-ratelimit-reset", (now.as_second() + 60).to_string()),
            Self::SecondaryRateLimit => secondary(403).with("retry-after", "60"),
            Self::SecondaryRateLimitBriefly => secondary(429).with("retry-after", "1"),
            Self::Unavailable => page(503, "503 Service Unavailable", "No server is available to handle this request."),
            Self::ServerError => Answer::json(502, &json!({ "message": "Server Error" })),
            Self::TokenRevoked => gitlab::revoked(),
            Self::UserBlocked => gitlab::message(403, "403 Forbidden - Your account has been blocked."),
            Self::TermsNotAccepted => gitlab::message(
                403,
                "403 Forbidden - You (@maintainer) must accept the Terms of Service in order to perform \
                 this action. To accept these terms, please access GitLab from a web browser at \
                 http://localhost.",
            ),
            Self::IpRestricted => gitlab::message(403, "403 Forbidden - Your IP address is not allowed"),
            Self::InsufficientScope => gitlab::insufficient_scope(&["api"]),
            Self::InsufficientGranularScope => gitlab::insufficient_granular_scope("Personal Access Token: Read"),
            Self::RetryLater => gitlab::retry_later(1),
            Self::RequestedTooManyTimes => gitlab::requested_too_many_times(),
            Self::ExpiryTooFar => {
                let limit = crate::world::clock::day(crate::world::clock::days_later(now, 30));
                gitlab::bad_request(&format!("Expiration date must be before {limit}"))
            }
            Self::LegacyRotationDisabled => gitlab::bad_request(
                "Rotation of legacy personal access tokens is disabled. Use a fine-grained token instead.",
            ),
            Self::InternalServerError => gitlab::message(500, "500 Internal Server Error"),
            Self::BadGateway => page(502, "502 Bad Gateway", "GitLab is not responding."),
            Self::DpopRequired => Answer::json(
                401,
                &json!({
                    "error": "dpop_error",
                    "error_description": "DPoP validation error: DPoP header is missing",
                }),
            ),
        }
    }
}

fn secondary(status: u16) -> Answer {
    github::refusal_with_link(
        status,
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
    )
}

fn page(status: u16, title: &str, text: &str) -> Answer {
    Answer::text(status, "text/html", format!("<html><body><h1>{title}</h1>\n{text}\n</body></html>\n"))
}
