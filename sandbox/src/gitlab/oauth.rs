//! `GET /oauth/token/info`: what an OAuth token can say of itself. At the instance's root.
//!
//! Source: GitLab "OAuth 2.0 identity provider API".

use serde_json::json;

use super::{Call, Handled, error};
use crate::http::Answer;
use crate::world::gitlab::TokenKind;

/// The application that the world's OAuth tokens were given to.
const APPLICATION: &str = "1cb242f495280beb4291e64bee2a17f330902e499882fe8e1e2aa875519cab33";

/// `GET /oauth/token/info`
pub(super) fn info(call: &mut Call<'_>) -> Handled {
    let token = match call.caller.clone() {
        Ok(Some(token)) if token.kind == TokenKind::OAuth => token,
        Err(refusal) if refusal.header("www-authenticate").is_some() => return Err(refusal),
        // Doorkeeper speaks here, not the API: an unknown token has its shape too.
        _ => {
            let description = "The access token is invalid";
            let body = json!({ "error": "invalid_token", "error_description": description, "state": "unauthorized" });
            return Err(Answer::json(401, &body).with(
                "www-authenticate",
                format!("Bearer realm=\"GitLab\", error=\"invalid_token\", error_description=\"{description}\""),
            ));
        }
    };
    let expires_in = token.expires_at.map(|end| end.as_second() - call.now.as_second());
    let user = call.gitlab.user(token.user).ok_or_else(error::unauthorized)?;
    Ok(Answer::json(
        200,
        &json!({
            "resource_owner_id": user.id,
            "scope": token.scopes,
            "expires_in": expires_in,
            "application": { "uid": APPLICATION },
            "created_at": token.created_at.as_second(),
            "scopes": token.scopes,
            "expires_in_seconds": expires_in,
        }),
    ))
}
