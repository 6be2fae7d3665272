//! Who is asking: the headers that GitHub looks at before it looks at anything else.
//!
//! Source: GitHub REST "Authenticating to the REST API" (`Bearer` or `token`; basic
//! authentication with the token as password; failed logins lock) and recorded refusals.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;

use super::{Call, Handled, error};
use crate::http::{Answer, Request};
use crate::world::clock::later;
use crate::world::github::Github;

/// How long the lock lasts. GitHub says "temporarily"; ten minutes are the sandbox's own choice.
const LOCKED_FOR: SignedDuration = SignedDuration::from_mins(10);

/// GitHub refuses requests that do not say what sent them.
pub(super) fn user_agent(call: &Call<'_>) -> Result<(), Answer> {
    match call.request.header("user-agent") {
        Some(agent) if !agent.trim().is_empty() => Ok(()),
        _ => Err(error::refusal(
            403,
            "Missing or invalid User Agent string. See \
             https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent-required",
        )),
    }
}

/// The token in the `Authorization` header.
pub(super) fn sent_token(request: &Request) -> Option<String> {
    let header = request.header("authorization")?;
    let (scheme, value) = header.split_once(' ')?;
    let value = value.trim();
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
        let (user, password) = decoded.split_once(':')?;
        // The token may be either half, as git's clients have it.
        let token = if password.is_empty() || password == "x-oauth-basic" { user } else { password };
        return Some(token.to_owned());
    }
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
    known.then(|| value.to_owned())
}

/// What the world calls the token of this request, good or not.
pub(crate) fn token_name(github: &Github, request: &Request) -> Option<String> {
    let sent = sent_token(request);
    sent.and_then(|token| github.token(&token)).map(|token| token.name.clone())
}

/// Finds the caller. A token that is sent must be good, even where none is needed.
pub(super) fn authenticate(call: &mut Call<'_>) -> Result<(), Answer> {
    if call.request.header("authorization").is_none() {
        return Ok(());
    }
    if call.github.locked_until.is_some_and(|end| call.now < end) {
        return Err(login_locked());
    }
    let now = call.now;
    let found = sent_token(call.request)
        .and_then(|token| call.github.token(&token).cloned())
        .filter(|token| token.is_alive(now));
    match found {
        Some(token) => {
            call.github.failed_logins = 0;
            call.caller = Some(token);
            Ok(())
        }
        None => {
            call.github.failed_logins += 1;
            if call.login_lock.is_some_and(|most| call.github.failed_logins >= most) {
                call.github.failed_logins = 0;
                call.github.locked_until = Some(later(now, LOCKED_FOR));
            }
            Err(error::bad_credentials())
        }
    }
}

/// What everybody is told, the right token too, after too many failed logins.
pub(crate) fn login_locked() -> Answer {
    error::refusal(403, "Max number of login attempt exceeded")
}

/// Refuses the token of an app's installation where only people may ask.
pub(super) fn people_only(call: &Call<'_>) -> Handled {
    use crate::world::github::TokenKind;
    match call.token()?.kind {
        TokenKind::Installation => Err(error::not_accessible("integration")),
        _ => Ok(Answer::empty(200)),
    }
}
