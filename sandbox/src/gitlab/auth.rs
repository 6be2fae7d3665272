//! Who is asking, and with which right.
//!
//! A token comes as `Authorization: Bearer`, `PRIVATE-TOKEN` or `private_token=`; OAuth tokens as
//! `Bearer` or `access_token=`. Source: GitLab REST "Authentication", `auth_finders.rb`.

use jiff::Timestamp;

use super::{Call, Needs, error, git};
use crate::http::{Answer, Request};
use crate::world::gitlab::{Gitlab, Token, TokenKind};

/// How a token came: `access_token=` and Bearer may be OAuth, `PRIVATE-TOKEN` never is.
pub(super) fn sent_token(request: &Request) -> Option<(String, bool)> {
    let bearer = request
        .header("authorization")
        .and_then(|header| header.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| (token.trim().to_owned(), true));
    bearer
        .or_else(|| request.header("private-token").map(|token| (token.to_owned(), false)))
        .or_else(|| request.query("private_token").map(|token| (token, false)))
        .or_else(|| request.query("access_token").map(|token| (token, true)))
}

/// What the world calls the token of this request, good or not.
pub(crate) fn token_name(gitlab: &Gitlab, request: &Request) -> Option<String> {
    let sent = sent_token(request).map(|(token, _)| token).or_else(|| git::sent(request).map(|(_, password)| password));
    sent.and_then(|token| gitlab.token(&token)).map(|token| token.name.clone())
}

/// Finds the caller: nobody, somebody, or a refusal that every route will pass on.
pub(super) fn authenticate(call: &mut Call<'_>) -> Result<Option<Token>, Answer> {
    let Some((sent, may_be_oauth)) = sent_token(call.request) else {
        return Ok(None);
    };
    let mut token = call
        .gitlab
        .token(&sent)
        .filter(|token| may_be_oauth || token.kind != TokenKind::OAuth)
        // Fine-grained tokens came with 18.10; an older instance has never heard of them.
        .filter(|token| token.granted.is_none() || call.version.reaches(18, 10))
        .cloned()
        .ok_or_else(error::unauthorized)?;
    if token.revoked {
        // Since 16.3 one of the two who rotate with it is taken for a thief.
        if rotated(&call.path).is_some() && token.kind != TokenKind::OAuth && call.version.reaches(16, 3) {
            call.gitlab.revoke_family(token.family);
        }
        return Err(error::revoked());
    }
    if token.is_expired(call.now) {
        return Err(error::expired());
    }
    let now = call.now;
    note_use(&mut token, now);
    if let Some(kept) = call.gitlab.token_mut(&sent) {
        kept.last_used_at = token.last_used_at;
    }
    Ok(Some(token))
}

/// Writes down that the token was used: every ten minutes at most, as GitLab does.
pub(super) fn note_use(token: &mut Token, now: Timestamp) {
    if token.last_used_at.is_none_or(|last| now.as_second() - last.as_second() >= 600) {
        token.last_used_at = Some(now);
    }
}

/// Which token a path that ends in `…access_tokens/(<id>|self)/rotate` is for: `self`, or a number.
pub(super) fn rotated(path: &str) -> Option<&str> {
    let segments: Vec<&str> = path.trim_end_matches('/').rsplit('/').take(3).collect();
    match segments.as_slice() {
        ["rotate", which, tokens] => {
            let named = *which == "self" || !which.is_empty() && which.bytes().all(|byte| byte.is_ascii_digit());
            (named && tokens.ends_with("access_tokens")).then_some(*which)
        }
        _ => None,
    }
}

/// May the token do this?
pub(super) fn check(token: &Token, needs: Needs) -> Result<(), Answer> {
    match &token.granted {
        Some(granted) if granted.iter().any(|permission| permission == needs.permission) => Ok(()),
        Some(_) => Err(error::insufficient_granular_scope(needs.permission)),
        None if token.scopes.iter().any(|scope| needs.scopes.contains(&scope.as_str())) => Ok(()),
        None => Err(error::insufficient_scope(needs.scopes)),
    }
}

/// May the token do this, where a classic one of any scope may?
pub(super) fn check_permission(token: &Token, permission: &str) -> Result<(), Answer> {
    match &token.granted {
        Some(granted) if !granted.iter().any(|granted| granted == permission) => {
            Err(error::insufficient_granular_scope(permission))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may as well panic")]
mod tests {
    use super::rotated;

    #[test]
    fn rotations_are_told_by_their_path() {
        assert_eq!(rotated("/api/v4/personal_access_tokens/self/rotate"), Some("self"));
        assert_eq!(rotated("/api/v4/projects/7/access_tokens/12/rotate"), Some("12"));
        assert_eq!(rotated("/api/v4/personal_access_tokens/self"), None);
        assert_eq!(rotated("/api/v4/personal_access_tokens/other/rotate"), None);
    }
}
