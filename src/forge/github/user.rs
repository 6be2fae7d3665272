//! `GET /user`: whose token it is; and what GitHub tells about the token in headers.

use serde::Deserialize;

use super::super::error::ForgeError;
use super::super::http::{Answer, Authorization};
use super::{GitHub, errors, expiry};
use crate::model::{Account, AccountKind, Secret, TokenKind, shape};

use jiff::Timestamp;

/// GitHub REST: "Get the authenticated user". Needs no permission (fine-grained) and no scope.
#[derive(Deserialize)]
struct User {
    login: String,
    id: Option<u64>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// What the headers of an authenticated answer say about the token.
pub(super) struct TokenFacts {
    /// `X-OAuth-Scopes`; absent for fine-grained and installation tokens.
    pub(super) scopes: Option<Vec<String>>,
    /// `X-OAuth-Client-Id` is there: an OAuth app made the token.
    of_oauth_app: bool,
    /// When it dies; an error is the text that could not be read.
    pub(super) expires_at: Result<Option<Timestamp>, String>,
    /// `X-GitHub-SSO: partial-results; organizations=1,2`.
    pub(super) sso_left_out: Vec<String>,
    /// `X-GitHub-Enterprise-Version`.
    pub(super) server_version: Option<String>,
    /// `ETag`.
    pub(super) etag: Option<String>,
}

/// Nothing known.
impl Default for TokenFacts {
    fn default() -> Self {
        Self {
            scopes: None,
            of_oauth_app: false,
            expires_at: Ok(None),
            sso_left_out: Vec::new(),
            server_version: None,
            etag: None,
        }
    }
}

impl TokenFacts {
    /// Reads an answer's headers.
    pub(super) fn read(answer: &Answer) -> Self {
        Self {
            scopes: answer.header("x-oauth-scopes").map(list),
            of_oauth_app: answer.headers.contains_key("x-oauth-client-id"),
            expires_at: expiry::read(answer),
            sso_left_out: answer.header("x-github-sso").map(left_out).unwrap_or_default(),
            server_version: answer.header("x-github-enterprise-version").map(str::to_owned),
            etag: answer.header("etag").map(str::to_owned),
        }
    }

    /// The kind: by the prefix where there is one, else by what the headers betray. GitHub Enterprise
    /// Server and the tokens from before 2021 have tokens that look otherwise.
    pub(super) fn kind(&self, token: &Secret) -> TokenKind {
        match (shape::github_kind(token), &self.scopes) {
            (TokenKind::Unknown, Some(_)) if self.of_oauth_app => TokenKind::Oauth,
            (TokenKind::Unknown, Some(_)) => TokenKind::Classic,
            (TokenKind::Unknown, None) => TokenKind::FineGrained,
            (kind, _) => kind,
        }
    }
}

/// A header's list, `a, b, c`; empty for an empty one.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// GitHub REST, "Authenticating": organisations left out of a list, as numbers.
pub(super) fn left_out(header: &str) -> Vec<String> {
    let Some(("partial-results", rest)) = header.split_once(';').map(|(word, rest)| (word.trim(), rest)) else {
        return Vec::new();
    };
    rest.split(';').find_map(|part| part.trim().strip_prefix("organizations=")).map(list).unwrap_or_default()
}

impl GitHub {
    /// Who the token acts as, and the answer with its headers.
    pub(super) async fn user(&self, authorization: Authorization<'_>) -> Result<(Account, Answer), ForgeError> {
        let answer = self.get(&["user"], &[], authorization).await?;
        Ok((self.account(&answer)?, answer))
    }

    /// The same, unless it is as it was when GitHub gave out that `ETag`: then without the account. A 304 does
    /// not count against the rate limit (GitHub REST, "Best practices", conditional requests).
    pub(super) async fn user_unless(
        &self,
        authorization: Authorization<'_>,
        etag: &str,
    ) -> Result<(Option<Account>, Answer), ForgeError> {
        let mut call = self.reading(&["user"], &[], authorization);
        call.unless = Some(etag);
        call.judge = |answer| if answer.status == 304 { None } else { errors::judge(answer) };
        let answer = self.transport.send(&call).await?;
        let account = if answer.status == 304 { None } else { Some(self.account(&answer)?) };
        Ok((account, answer))
    }

    fn account(&self, answer: &Answer) -> Result<Account, ForgeError> {
        let user: User = answer.json(&self.label)?;
        let kind = match user.kind.as_deref() {
            Some("User") => AccountKind::User,
            Some("Bot") => AccountKind::Bot,
            Some("Organization") => AccountKind::Organization,
            _ => AccountKind::Unknown,
        };
        Ok(Account { login: user.login, id: user.id, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_left_out() {
        assert_eq!(list("repo, workflow,admin:org"), ["repo", "workflow", "admin:org"]);
        assert!(list("").is_empty());
        assert_eq!(left_out("partial-results; organizations=21955855,20582480"), ["21955855", "20582480"]);
        assert!(left_out("required; url=https://github.com/orgs/o/sso?x=1").is_empty());
        assert!(left_out("").is_empty());
        assert!(left_out("partial-results").is_empty());
    }

    #[test]
    fn kinds() {
        let kind = |headers: &[(&str, &str)], token: &str| {
            TokenFacts::read(&Answer::made_up(200, headers, "")).kind(&Secret::new(token.to_owned()))
        };
        assert_eq!(kind(&[("x-oauth-scopes", "repo")], "ghp_x"), TokenKind::Classic);
        assert_eq!(kind(&[("x-oauth-scopes", "")], "ghu_x"), TokenKind::AppUser);
        assert_eq!(kind(&[], "ghu_x"), TokenKind::AppUser);
        assert_eq!(kind(&[("x-oauth-scopes", "repo")], "gho_x"), TokenKind::Oauth);
        assert_eq!(kind(&[], "github_pat_x"), TokenKind::FineGrained);
        assert_eq!(kind(&[], "something"), TokenKind::FineGrained);
        assert_eq!(kind(&[("x-oauth-scopes", "")], "something"), TokenKind::Classic);
        assert_eq!(kind(&[("x-oauth-scopes", ""), ("x-oauth-client-id", "1")], "something"), TokenKind::Oauth);
        assert_eq!(kind(&[("x-oauth-scopes", "repo")], &"a1".repeat(20)), TokenKind::Legacy);
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(header in "[ -~]{0,60}") {
            let _ = (list(&header), left_out(&header));
            let _ = TokenFacts::read(&Answer::made_up(200, &[("x-github-sso", &header), ("x-oauth-scopes", &header),
                ("github-authentication-token-expiration", &header)], ""));
        }
    }
}
