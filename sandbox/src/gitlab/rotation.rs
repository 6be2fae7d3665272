//! `POST /personal_access_tokens/self/rotate`, and by number: the old token dies as the new one is
//! born.
//!
//! Both happen in one transaction: a refusal leaves the old token alive. Without `expires_at` the
//! new one lives a week. More than 365 days ahead is refused, 400 where the flag
//! `buffered_token_expiration_limit` is on (17.6), fewer where the instance's administrators said so. Rotating with a
//! revoked token is treated as theft (see `auth`). Source: GitLab REST "Rotate a personal access token",
//! `PersonalAccessTokens::RotateService`, and the validations of `PersonalAccessToken`.

use jiff::civil::Date;
use serde_json::json;

use super::{Call, Handled, Needs, auth, error, personal_access_tokens};
use crate::checksum;
use crate::http::Answer;
use crate::world::clock::{day, days_later};
use crate::world::gitlab::{Token, TokenKind};

/// How many days ahead a token may expire.
fn longest(call: &Call<'_>) -> i64 {
    let usual = if call.settings.buffered_expiry && call.version.reaches(17, 6) { 400 } else { 365 };
    call.settings.token_lifetime.map_or(usual, |days| i64::from(days).min(usual))
}

/// The date that was asked for, within the limits; that many days from now if none was.
pub(super) fn wanted_expiry(call: &Call<'_>, otherwise: i64) -> Result<Date, Answer> {
    let Some(wanted) = call.request.parameter("expires_at").filter(|date| !date.is_empty()) else {
        return Ok(day(days_later(call.now, otherwise.min(longest(call)))));
    };
    let date: Date = wanted.parse().map_err(|_| error::parameter("expires_at is invalid"))?;
    let limit = day(days_later(call.now, longest(call)));
    if date > limit {
        return Err(error::bad_request(&format!("Expiration date must be before {limit}")));
    }
    if date < day(call.now) {
        return Err(error::bad_request("Expiration date can't be in the past"));
    }
    Ok(date)
}

/// The same for a rotation, which knew no date before 16.6.
pub(super) fn wanted_expiry_of_rotation(call: &Call<'_>) -> Result<Date, Answer> {
    if call.version.reaches(16, 6) { wanted_expiry(call, 7) } else { Ok(day(days_later(call.now, 7))) }
}

/// The scopes with which a token may rotate itself: `self_rotate` came with 17.9.
pub(super) fn scopes_for_self(call: &Call<'_>) -> &'static [&'static str] {
    if call.version.reaches(17, 9) { &["api", "self_rotate"] } else { &["api"] }
}

/// Kills the old token and lets a new one live on in its place: the same name, bearer and rights,
/// another number.
pub(super) fn replace(call: &mut Call<'_>, old: &Token, expires_on: Date) -> Token {
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
    call.gitlab.add_token(new.clone());
    call.gitlab.note_birth(old.id, new.id);
    new
}

/// Refuses a classic token of a human's where the instance wants fine-grained ones.
fn check_legacy(call: &Call<'_>, old: &Token) -> Result<(), Answer> {
    let bot = call.gitlab.user(old.user).is_some_and(|user| user.bot);
    if call.settings.fine_grained_only && old.granted.is_none() && !bot {
        let words = "Rotation of legacy personal access tokens is disabled. Use a fine-grained token instead.";
        return Err(error::bad_request(words));
    }
    Ok(())
}

fn rotated(call: &mut Call<'_>, old: &Token) -> Handled {
    let expires_on = wanted_expiry_of_rotation(call)?;
    check_legacy(call, old)?;
    let new = replace(call, old, expires_on);
    let mut body = personal_access_tokens::describe(call, &new);
    body["token"] = json!(new.token);
    Ok(Answer::json(200, &body))
}

/// `POST /personal_access_tokens/self/rotate`, since 16.10 (16.9 knew it and did not say so).
pub(super) fn rotate_self(call: &mut Call<'_>) -> Handled {
    if !call.version.reaches(16, 9) {
        return Err(error::parameter("id is invalid"));
    }
    let old = call.token()?;
    if old.kind == TokenKind::OAuth {
        return Err(error::message(405, "405 Method Not Allowed"));
    }
    auth::check(&old, Needs { scopes: scopes_for_self(call), permission: "Personal Access Token: Rotate" })?;
    rotated(call, &old)
}

/// `POST /personal_access_tokens/:id/rotate`, since 16.0: one's own, or anybody's for an
/// administrator.
pub(super) fn rotate(call: &mut Call<'_>, id: &str) -> Handled {
    if !call.version.reaches(16, 0) {
        return Err(error::no_such_route());
    }
    let (_, user) = call.allowed(Needs { scopes: &["api"], permission: "Personal Access Token: Rotate" })?;
    let id: u64 = id.parse().map_err(|_| error::parameter("id is invalid"))?;
    match call.gitlab.token_with_id(id).cloned() {
        Some(old) if user.admin || old.user == user.id => {
            if old.revoked {
                return Err(error::bad_request("Token already revoked"));
            }
            rotated(call, &old)
        }
        None if user.admin => Err(error::not_found()),
        _ => Err(error::unauthorized()),
    }
}
