//! Ending a token's life, and seeing whether it has ended.
//!
//! GitHub has three ways, by where it runs and what the token is: `POST /credentials/revoke` on
//! github.com and *.ghe.com, which refuses any request that is authenticated; the same call on
//! Enterprise Server from 3.21 on, which wants authentication (older ones do not have it); and
//! `DELETE /installation/token` for installation tokens.

use reqwest::Method;
use serde::Serialize;
use url::Url;

use super::super::body::{self, Revealed};
use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::http::{Authorization, BODY_LIMIT, Call, Repeat};
use super::{GitHub, errors, expiry};
use crate::model::host::Flavour;
use crate::model::{Secret, TokenKind, shape};

/// GitHub REST: "Revoke a list of credentials".
#[derive(Serialize)]
struct Revocation<'a> {
    credentials: [Revealed<'a>; 1],
}

impl GitHub {
    /// Revokes the token. It cannot be undone, and its owner gets a mail. The answer proves nothing
    /// (GitHub takes the order and says 202 to every token): ask [`Self::is_dead`] afterwards.
    ///
    /// # Errors
    /// [`ForgeErrorKind::Unsupported`] with the page to do it on, where GitHub has no call for this
    /// token; or what the forge said. After a lost connection it is unknown whether it was done.
    pub async fn revoke(&self, token: &Secret) -> Result<(), ForgeError> {
        let server = self.host.flavour() == Flavour::GitHubServer;
        match (shape::github_kind(token), server) {
            (TokenKind::AppInstallation, _) => self.revoke_installation(token).await,
            // GitHub REST: takes tokens with prefixes only; Enterprise Server 3.21: not by a fine-grained token.
            (TokenKind::Legacy, _) | (TokenKind::FineGrained, true) => Err(self.unsupported(token)),
            (_, false) => self.revoke_credentials(token, Authorization::None).await,
            (_, true) => self.revoke_credentials(token, Authorization::Bearer(token)).await,
        }
    }

    async fn revoke_credentials(&self, token: &Secret, authorization: Authorization<'_>) -> Result<(), ForgeError> {
        let call = Call {
            method: Method::POST,
            body: Some(body::json(&Revocation { credentials: [Revealed(token)] })),
            carries: vec![token],
            repeat: Repeat::Never,
            ..self.reading(&["credentials", "revoke"], &[], authorization)
        };
        match self.transport.send(&call).await {
            Ok(_) => Ok(()),
            Err(error) if error.status == Some(404) => Err(self.unsupported(token)),
            Err(error) => Err(error),
        }
    }

    /// GitHub REST: "Revoke an installation access token".
    async fn revoke_installation(&self, token: &Secret) -> Result<(), ForgeError> {
        let call = Call {
            method: Method::DELETE,
            repeat: Repeat::Never,
            ..self.reading(&["installation", "token"], &[], Authorization::Bearer(token))
        };
        self.transport.send(&call).await.map(drop)
    }

    fn unsupported(&self, token: &Secret) -> ForgeError {
        let kind = ForgeErrorKind::Unsupported { page: Some(self.tokens_page(token)) };
        ForgeError::new(kind, &self.label)
    }

    /// Where a person finds the token.
    fn tokens_page(&self, token: &Secret) -> Url {
        self.host.page(match shape::github_kind(token) {
            TokenKind::FineGrained => "settings/personal-access-tokens",
            TokenKind::Oauth | TokenKind::AppUser => "settings/applications",
            TokenKind::AppInstallation => "settings/installations",
            _ => "settings/tokens",
        })
    }

    /// Whether GitHub no longer accepts the token.
    ///
    /// # Errors
    /// When that could not be found out.
    pub async fn is_dead(&self, token: &Secret) -> Result<bool, ForgeError> {
        match self.get(&["user"], &[], Authorization::Bearer(token)).await {
            Ok(_) => Ok(false),
            Err(error) if error.kind.says_dead() => Ok(true),
            Err(error) if error.kind.says_not_allowed() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A read, ready to be sent or changed.
    pub(in super::super) fn reading<'a>(
        &'a self,
        path: &[&str],
        query: &[(&str, &str)],
        authorization: Authorization<'a>,
    ) -> Call<'a> {
        Call {
            method: Method::GET,
            url: self.base.url(path, query),
            base: &self.base,
            host: &self.label,
            authorization,
            headers: &super::HEADERS,
            typed: &[],
            body: None,
            carries: Vec::new(),
            unless: None,
            limit: BODY_LIMIT,
            repeat: Repeat::Safe,
            judge: errors::judge,
            tells: expiry::told,
        }
    }
}
