//! The headers on every one of GitHub's answers.
//!
//! Their exact forms are those of recorded traffic: classic tokens carry their expiry as
//! `2027-02-01 00:00:00 UTC` beside `X-OAuth-Scopes`, fine-grained ones as
//! `2027-02-01 02:00:00 +0200` (their maker's time zone) without any scopes header.

use jiff::{Timestamp, tz::Offset, tz::TimeZone};
use sha2::{Digest as _, Sha256};

use super::{Call, Shape, rate_limit, versions};
use crate::http::Answer;
use crate::world::github::{Token, TokenKind};

/// The client id that OAuth tokens of the sandbox were given to.
const OAUTH_CLIENT: &str = "178c6fc778ccc68e1d6a";

/// Adds what GitHub adds, and answers 304 to those who know the answer already.
pub(super) fn complete(call: &mut Call<'_>, answer: Answer, number: u64) -> Answer {
    let mut answer = conditional(call, answer);
    answer.set("x-github-request-id", request_id(number));
    answer.set("server", "github.com");
    answer.set("x-github-media-type", "github.v3; format=json");
    if versions::supported(call.shape).contains(&call.version) {
        answer.set("x-github-api-version-selected", call.version);
    }
    if let Shape::EnterpriseServer(version) = call.shape {
        answer.set("x-github-enterprise-version", version.to_string());
    }
    if let Some(token) = &call.caller {
        tell_token(call, token, &mut answer);
    }
    if answer.status == 304 {
        rate_limit::refund(call);
    }
    rate_limit::tell(call, &mut answer);
    answer
}

fn tell_token(call: &Call<'_>, token: &Token, answer: &mut Answer) {
    match token.kind {
        TokenKind::Classic | TokenKind::OAuth => {
            answer.set("x-oauth-scopes", token.scopes.join(", "));
            answer.set("x-accepted-oauth-scopes", call.accepted_scopes.unwrap_or_default());
        }
        // A user's token of an app has the header, with nothing in it.
        TokenKind::AppUser => answer.set("x-oauth-scopes", ""),
        TokenKind::FineGrained | TokenKind::Installation => {}
    }
    if token.kind == TokenKind::OAuth {
        answer.set("x-oauth-client-id", OAUTH_CLIENT);
    }
    if token.has_permissions()
        && let Some(permissions) = call.accepted_permissions
    {
        answer.set("x-accepted-github-permissions", permissions);
    }
    if let Some(expiry) = expiration(token) {
        answer.set("github-authentication-token-expiration", expiry);
    }
}

/// When the token dies, in the form that belongs to its kind.
fn expiration(token: &Token) -> Option<String> {
    let end = token.expires_at?;
    match token.kind {
        TokenKind::Classic | TokenKind::OAuth | TokenKind::AppUser => Some(utc(end)),
        TokenKind::FineGrained => {
            let zone = TimeZone::fixed(Offset::constant(2));
            Some(end.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S %z").to_string())
        }
        TokenKind::Installation => None,
    }
}

fn utc(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// `7533:3E649A:1D5F7A:2A3B4C:6740E1F2`, with the answer's number in it.
pub(super) fn request_id(number: u64) -> String {
    let tail = crate::checksum::random_hex(20).to_uppercase();
    format!("{:04X}:{}:{}:{}", number & 0xFFFF, &tail[..6], &tail[6..12], &tail[12..])
}

fn conditional(call: &Call<'_>, mut answer: Answer) -> Answer {
    let readable = matches!(call.request.method.as_str(), "GET" | "HEAD");
    if !readable || answer.status != 200 {
        return answer;
    }
    // The tag is weak, and another token's answer has another one, as at GitHub.
    let whose = call.caller.as_ref().map_or("", |token| &token.token);
    let digest = Sha256::new().chain_update(whose).chain_update([0]).chain_update(&answer.body).finalize();
    let tag: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{tag}\"");
    answer.set("cache-control", "private, max-age=60, s-maxage=60");
    answer.set("vary", "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With");
    answer.set("etag", format!("W/{tag}"));
    let known = call
        .request
        .header("if-none-match")
        .is_some_and(|known| known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag));
    if known {
        answer.status = 304;
        answer.body = bytes::Bytes::new();
        answer.remove("content-type");
    }
    answer
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may as well panic")]
mod tests {
    use super::*;
    use crate::world::start;

    #[test]
    fn each_kind_tells_its_expiry_in_its_own_form() {
        let end: Timestamp = "2027-02-01T00:00:00Z".parse().unwrap();
        let classic = Token { expires_at: Some(end), ..start::classic("c", "octocat", &[]) };
        assert_eq!(expiration(&classic).as_deref(), Some("2027-02-01 00:00:00 UTC"));
        let fine = Token { expires_at: Some(end), ..start::fine_grained("f", "octocat", &[]) };
        assert_eq!(expiration(&fine).as_deref(), Some("2027-02-01 02:00:00 +0200"));
    }
}
