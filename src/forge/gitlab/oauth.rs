//! `GET /oauth/token/info`: what an OAuth token says of itself. It lies beside the API, not below it.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::http::{Authorization, Call};
use super::GitLab;

/// GitLab docs, "OAuth 2.0 identity provider API". `scopes` and `expires_in_seconds` are the older names.
#[derive(Deserialize)]
pub(super) struct TokenInfo {
    pub(super) resource_owner_id: Option<u64>,
    scope: Option<Scopes>,
    scopes: Option<Scopes>,
    /// Seconds that are left.
    expires_in: Option<i64>,
    expires_in_seconds: Option<i64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Scopes {
    Many(Vec<String>),
    One(String),
}

impl TokenInfo {
    /// The scopes, in whichever form they came.
    pub(super) fn scopes(&self) -> Option<Vec<String>> {
        match self.scope.as_ref().or(self.scopes.as_ref())? {
            Scopes::Many(scopes) => Some(scopes.clone()),
            Scopes::One(text) => Some(text.split_ascii_whitespace().map(str::to_owned).collect()),
        }
    }

    /// When it dies.
    pub(super) fn end(&self, now: Timestamp) -> Option<Timestamp> {
        let left = self.expires_in.or(self.expires_in_seconds)?;
        // GitLab counts in whole seconds.
        let now = Timestamp::from_second(now.as_second()).ok()?;
        now.checked_add(SignedDuration::from_secs(left)).ok()
    }
}

impl GitLab {
    /// What an OAuth token says of itself.
    pub(super) async fn token_info(&self, authorization: Authorization<'_>) -> Result<TokenInfo, ForgeError> {
        let Some(base) = &self.web else {
            // Only when `--api-url` ends otherwise than in /api/v4, on another host than the pages.
            return Err(ForgeError::new(ForgeErrorKind::Unsupported { page: None }, &self.label));
        };
        let call =
            Call { url: base.url(&["oauth", "token", "info"], &[]), base, ..self.reading(&[], &[], authorization) };
        self.transport.send(&call).await?.json(&self.label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_generations_of_names() {
        let now = Timestamp::UNIX_EPOCH;
        for text in [
            r#"{"resource_owner_id":1,"scope":["api","read_user"],"expires_in":7200,"application":{"uid":"x"},"created_at":1}"#,
            r#"{"resource_owner_id":1,"scopes":["api","read_user"],"expires_in_seconds":7200}"#,
            r#"{"resource_owner_id":1,"scope":"api read_user","expires_in":7200}"#,
        ] {
            let info: TokenInfo = serde_json::from_str(text).unwrap_or_else(|error| unreachable!("{error}"));
            assert_eq!(info.scopes(), Some(vec!["api".into(), "read_user".into()]));
            assert_eq!(info.end(now).map(|at| at.as_second()), Some(7200));
        }
        let info: TokenInfo = serde_json::from_str(r#"{"expires_in":null}"#).unwrap_or_else(|e| unreachable!("{e}"));
        assert_eq!(info.end(now), None);
    }
}
