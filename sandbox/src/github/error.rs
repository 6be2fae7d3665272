//! GitHub's refusals, in GitHub's words.
//!
//! Source: GitHub REST "Troubleshooting the REST API", the OpenAPI `basic-error` and
//! `validation-error` schemas (`status` is a string there), and recorded answers.

use serde_json::{Value, json};

use crate::http::Answer;

/// Where the answers send their reader.
const DOCUMENTATION: &str = "https://docs.github.com/rest";

/// A refusal with a message.
pub(crate) fn refusal(status: u16, message: &str) -> Answer {
    refusal_with_link(status, message, DOCUMENTATION)
}

/// A refusal with a message and a page of its own.
pub(crate) fn refusal_with_link(status: u16, message: &str, link: &str) -> Answer {
    let body = json!({
        "message": message,
        "documentation_url": link,
        "status": status.to_string(),
    });
    Answer::json(status, &body)
}

/// Unknown, revoked and expired tokens are all told the same.
pub(crate) fn bad_credentials() -> Answer {
    refusal(401, "Bad credentials")
}

/// No token was sent where one is needed.
pub(crate) fn requires_authentication() -> Answer {
    refusal(401, "Requires authentication")
}

/// Absent, or hidden from this token: GitHub does not say which.
pub(crate) fn not_found() -> Answer {
    refusal(404, "Not Found")
}

/// What a token with permissions hears where they do not suffice.
pub(crate) fn not_accessible(by: &str) -> Answer {
    refusal(403, &format!("Resource not accessible by {by}"))
}

/// A repository that GitHub has disabled.
pub(crate) fn blocked() -> Answer {
    let body = json!({
        "message": "Repository access blocked",
        "block": { "reason": "tos", "created_at": "2026-10-06T21:30:41Z", "html_url": "https://github.com/tos" },
    });
    Answer::json(403, &body)
}

/// A body that breaks the route's rules.
pub(crate) fn validation_failed(errors: &Value) -> Answer {
    let body = json!({
        "message": "Validation Failed",
        "errors": errors,
        "documentation_url": DOCUMENTATION,
        "status": "422",
    });
    Answer::json(422, &body)
}

/// A body without what the route cannot do without.
pub(crate) fn not_supplied(names: &[&str]) -> Answer {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let verb = if names.len() == 1 { "wasn't" } else { "weren't" };
    refusal(422, &format!("Invalid request.\n\n{} {verb} supplied.", quoted.join(", ")))
}

/// A commit that the repository does not have.
pub(crate) fn no_commit(sha: &str) -> Answer {
    refusal(422, &format!("No commit found for SHA: {sha}"))
}

/// A body that is not JSON.
pub(crate) fn problems_parsing_json() -> Answer {
    refusal(400, "Problems parsing JSON")
}

/// An organisation with SAML single sign-on and a token that was not authorised for it.
///
/// `url` lives for one hour and is a credential of its own.
pub(crate) fn sso_required(bearer: &str, organisation: &str) -> Answer {
    let request = crate::checksum::random_hex(40);
    refusal_with_link(
        403,
        &format!(
            "Resource protected by organization SAML enforcement. You must grant your {bearer} \
             access to this organization."
        ),
        "https://docs.github.com/articles/authenticating-to-a-github-organization-with-saml-single-sign-on/",
    )
    .with(
        "x-github-sso",
        format!("required; url=https://github.com/orgs/{organisation}/sso?authorization_request={request}"),
    )
}
