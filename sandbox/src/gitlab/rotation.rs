//! `POST /personal_access_tokens/self/rotate`: the old token dies as the new one is born.
//!
//! Both happen in one transaction: a refusal leaves the old token alive. Without `expires_at` the
//! new one lives a week; more than 365 days ahead is refused. Rotating with a revoked token is
//! treated as theft (see `auth`). Source: GitLab REST "Rotate a personal access token" and the
//! rotation service.

use jiff::civil::Date;
use serde_json::json;

use super::{Call, Handled, Needs, auth, error, personal_access_tokens};
use crate::checksum;
use crate::http::Answer;
use crate::world::clock::{day, days_later};
use crate::world::gitlab::{Token, TokenKind};

/// The date that was asked for, within the limits.
fn wanted_expiry(call: &Call<'_>) -> Result<Date, Answer> {
    let Some(wanted) = call.request.parameter("expires_at").filter(|date| !date.is_empty()) else {
        return Ok(day(days_later(call.now, 7)));
    };
    let date: Date = wanted.parse().map_err(|_| error::parameter("expires_at is invalid"))?;
    let limit = day(days_later(call.now, 365));
    if date > limit {
        return Err(error::bad_request(&format!("Expiration date must be before {limit}")));
    }
    if date < day(call.now) {
        return Err(error::bad_request("Expiration date can't be in the past"));
    }
    Ok(date)
}

/// `POST /personal_access_tokens/self/rotate`
pub(super) fn rotate_self(call: &mut Call<'_>) -> Handled {
    let old = call.token()?;
    if old.kind == TokenKind::OAuth {
        return Err(error::message(405, "405 Method Not Allowed"));
    }
    // `self_rotate` came with 17.9; before, nothing but `api` would do.
    let scopes: &'static [&'static str] = if call.version.reaches(17, 9) { &["api", "self_rotate"] } else { &["api"] };
    auth::check(&old, Needs { scopes, permission: "Personal Access Token: Rotate" })?;
    let expires_on = wanted_expiry(call)?;
    let routable = old.token.matches('.').count() == 2;
    let new = Token {
        id: call.gitlab.next_id(),
        token: if routable { checksum::gitlab_routable(old.user) } else { checksum::gitlab_classic() },
        created_at: call.now,
        last_used_at: None,
        expires_on: Some(expires_on),
        ..old.clone()
    };
    if let Some(old) = call.gitlab.token_mut(&old.token) {
        old.revoked = true;
    }
    let mut body = personal_access_tokens::describe(call, &new);
    body["token"] = json!(new.token);
    call.gitlab.add_token(new);
    Ok(Answer::json(200, &body))
}
