//! GitLab's refusals, in each of the shapes that it has for them.
//!
//! Sources: GitLab REST documentation ("Status codes", "Data validation and error reporting"),
//! `lib/api/api_guard.rb` for the OAuth shapes, and recorded answers.

use serde_json::json;

use crate::http::Answer;

/// `{"message": "…"}`, the most common shape.
pub(crate) fn message(status: u16, text: &str) -> Answer {
    Answer::json(status, &json!({ "message": text }))
}

/// An unknown token, or none: without `WWW-Authenticate`.
pub(crate) fn unauthorized() -> Answer {
    message(401, "401 Unauthorized")
}

/// `400 Bad request - …`
pub(crate) fn bad_request(why: &str) -> Answer {
    message(400, &format!("400 Bad request - {why}"))
}

/// A record that is absent.
pub(crate) fn not_found() -> Answer {
    message(404, "404 Not found")
}

/// A role that is too low.
pub(crate) fn forbidden() -> Answer {
    message(403, "403 Forbidden")
}

/// A place that moved: where to, and in plain text.
pub(crate) fn moved(url: &str) -> Answer {
    let text = format!("This resource has been moved permanently to {url}.");
    Answer::text(301, "text/plain", text).with("location", url)
}

/// `{"error": "…"}`: what Grape says of parameters.
pub(crate) fn parameter(text: &str) -> Answer {
    Answer::json(400, &json!({ "error": text }))
}

/// A path below `/api/v4` that leads nowhere.
pub(crate) fn no_such_route() -> Answer {
    Answer::json(404, &json!({ "error": "404 Not Found" }))
}

/// A path outside the API: a page for people. Rails sends those who are not signed in to do so.
pub(crate) fn no_such_page() -> Answer {
    Answer::text(
        404,
        "text/html; charset=utf-8",
        "<!DOCTYPE html><html><body>The page could not be found</body></html>",
    )
}

/// A token that was known and is no longer good.
fn invalid_token(description: &str) -> Answer {
    oauth(401, &json!({ "error": "invalid_token", "error_description": description })).with(
        "www-authenticate",
        format!(
            "Bearer realm=\"Protected by OAuth 2.0\", error=\"invalid_token\", \
                 error_description=\"{description}\""
        ),
    )
}

fn oauth(status: u16, body: &serde_json::Value) -> Answer {
    Answer::json(status, body)
}

/// A revoked token.
pub(crate) fn revoked() -> Answer {
    invalid_token("Token was revoked. You have to re-authorize from the user.")
}

/// An expired token.
pub(crate) fn expired() -> Answer {
    invalid_token("Token is expired. You can either do re-authorization or token refresh.")
}

/// A classic token without any of the scopes that would do.
pub(crate) fn insufficient_scope(scopes: &[&str]) -> Answer {
    let scopes = scopes.join(" ");
    oauth(
        403,
        &json!({
            "error": "insufficient_scope",
            "error_description": "The request requires higher privileges than provided by the access token.",
            "scope": scopes,
        }),
    )
    .with(
        "www-authenticate",
        format!(
            "Bearer realm=\"Protected by OAuth 2.0\", error=\"insufficient_scope\", \
             error_description=\"The request requires higher privileges than provided by the \
             access token.\", scope=\"{scopes}\""
        ),
    )
}

/// A fine-grained token without the permission. The token itself is valid.
pub(crate) fn insufficient_granular_scope(permission: &str) -> Answer {
    oauth(
        403,
        &json!({
            "error": "insufficient_granular_scope",
            "error_description": format!(
                "Access denied: This operation requires a fine-grained personal access token \
                 with the following permissions: [{permission}]."
            ),
        }),
    )
}

/// `Retry later`, in plain text: the limiter in front of the application.
pub(crate) fn retry_later(seconds: i64) -> Answer {
    Answer::text(429, "text/plain", "Retry later\n").with("retry-after", seconds.to_string())
}

/// The limiter inside the application, with another body.
pub(crate) fn requested_too_many_times() -> Answer {
    let text = "This endpoint has been requested too many times. Try again later.";
    Answer::json(429, &json!({ "message": { "error": text } }))
}
