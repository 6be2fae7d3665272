//! GitHub: github.com, *.ghe.com and Enterprise Server.
//!
//! One file a resource: [`user`] (whose token, and what the headers tell of it), [`meta`] (does a
//! GitHub answer?), [`credentials`] (revocation), [`repos`] (repositories), [`probes`] (what may the token do there?);
//! for a set-up, [`hooks`] and [`deliveries`] (webhooks), [`contents`] (files), [`refs`] (branches), [`pulls`] (pull requests) and
//! [`secrets`] (those of Actions); [`errors`] and [`expiry`] read what GitHub says.
//!
//! GitHub tells little of a token: `GET /user` says whose it is, headers say its scopes (classic
//! and OAuth only) and its end. A fine-grained token's permissions can only be found out by trying,
//! and there is no call that makes, extends or rotates one.

mod contents;
mod credentials;
mod deliveries;
mod errors;
mod expiry;
mod hooks;
mod meta;
mod probes;
mod pulls;
mod refs;
mod repos;
mod secrets;
mod user;

pub use contents::FileChange;
pub use hooks::{HooksOf, NewHook};
pub use probes::{Probe, Probed};
pub use secrets::{KeptSecret, SecretsOf};

use user::TokenFacts;

use reqwest::Method;
use serde::Serialize;

use super::Depth;
use super::base::Base;
use super::body;
use super::error::{ForgeError, ForgeErrorKind};
use super::http::{Answer, Authorization, Call, Repeat, Transport};
use crate::model::place::Repository;
use crate::model::{Health, Host, Inspection, Secret, TokenKind, shape};

/// GitHub REST: the media type, and the version of the API that every instance in support answers.
const HEADERS: [(&str, &str); 2] = [("Accept", "application/vnd.github+json"), ("X-GitHub-Api-Version", "2022-11-28")];

/// One GitHub.
#[derive(Debug, Clone)]
pub struct GitHub {
    host: Host,
    label: String,
    base: Base,
    transport: Transport,
}

impl GitHub {
    /// A client for this instance; nothing is sent.
    pub fn new(host: &Host, transport: &Transport) -> Self {
        Self {
            host: host.clone(),
            label: host.to_string(),
            base: Base::new(host.api_base()),
            transport: transport.clone(),
        }
    }

    /// Its address.
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// Where the token may go.
    pub(super) const fn base(&self) -> &Base {
        &self.base
    }

    pub(super) const fn transport(&self) -> &Transport {
        &self.transport
    }

    /// What GitHub tells of the token. [`Depth::Brief`] asks once; [`Depth::Full`] asks a second time
    /// to see which organisations single sign-on hides.
    ///
    /// # Errors
    /// Why the token is not accepted, or why no answer came.
    pub async fn inspect(&self, token: &Secret, depth: Depth) -> Result<Inspection, ForgeError> {
        let (account, answer) = match self.user(Authorization::Bearer(token)).await {
            Err(error) if is_installation(token, &error) => return self.inspect_installation(token).await,
            other => other?,
        };
        let mut inspection = inspection(token, &TokenFacts::read(&answer));
        inspection.account = Some(account);
        if depth == Depth::Full {
            self.see_sso(token, &mut inspection).await;
        }
        Ok(inspection)
    }

    /// As [`Self::inspect`] with [`Depth::Brief`], unless GitHub says that nothing has changed since it gave out
    /// that `ETag`.
    ///
    /// # Errors
    /// As [`Self::inspect`].
    pub async fn inspect_again(&self, token: &Secret, etag: Option<&str>) -> Result<Inspection, ForgeError> {
        let Some(etag) = etag else { return self.inspect(token, Depth::Brief).await };
        let (account, answer) = self.user_unless(Authorization::Bearer(token), etag).await?;
        let mut inspection = inspection(token, &TokenFacts::read(&answer));
        inspection.unchanged = account.is_none();
        inspection.account = account;
        Ok(inspection)
    }

    /// GitHub REST: "List repositories accessible to the app installation". GitHub has known the token
    /// when it refused `GET /user`; this is asked for its headers, and may be refused as well.
    async fn inspect_installation(&self, token: &Secret) -> Result<Inspection, ForgeError> {
        let path = ["installation", "repositories"];
        let facts = match self.get(&path, &[("per_page", "1")], Authorization::Bearer(token)).await {
            Ok(answer) => TokenFacts::read(&answer),
            Err(error) if error.kind == ForgeErrorKind::NotFound || error.kind.says_not_allowed() => {
                TokenFacts::default()
            }
            Err(error) => return Err(error),
        };
        let mut inspection = inspection(token, &facts);
        inspection.kind = TokenKind::AppInstallation;
        // It belongs to another list than the one that is asked next time.
        inspection.etag = None;
        inspection.gaps.push("an installation token does not say which app it belongs to".to_owned());
        Ok(inspection)
    }

    /// GitHub REST: "List repositories for the authenticated user"; its headers name the organisations
    /// left out for want of single sign-on. The list itself is not read.
    async fn see_sso(&self, token: &Secret, inspection: &mut Inspection) {
        match self.get(&["user", "repos"], &[("per_page", "1")], Authorization::Bearer(token)).await {
            Ok(answer) => {
                let more = TokenFacts::read(&answer).sso_left_out;
                let new: Vec<String> = more.into_iter().filter(|id| !inspection.sso_left_out.contains(id)).collect();
                inspection.sso_left_out.extend(new);
            }
            Err(error) => inspection
                .gaps
                .push(format!("which organisations want single sign-on is not known: {}", error.reason())),
        }
    }

    async fn get(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        authorization: Authorization<'_>,
    ) -> Result<Answer, ForgeError> {
        self.transport.send(&self.reading(path, query, authorization)).await
    }

    /// A request with a JSON body, ready to be sent or changed.
    fn writing<'a>(
        &'a self,
        method: Method,
        path: &[&str],
        body: &impl Serialize,
        token: &'a Secret,
        repeat: Repeat,
    ) -> Call<'a> {
        let body = Some(body::json(body));
        Call { method, body, repeat, ..self.reading(path, &[], Authorization::Bearer(token)) }
    }

    /// A request that takes something away, ready to be sent or changed. Doing it twice is as doing it once.
    fn deleting<'a>(&'a self, path: &[&str], token: &'a Secret) -> Call<'a> {
        Call { method: Method::DELETE, ..self.reading(path, &[], Authorization::Bearer(token)) }
    }
}

/// The path of something in a repository.
fn in_repository<'a>(repo: &'a Repository, below: &[&'a str]) -> Vec<&'a str> {
    ["repos", &repo.owner, &repo.name].into_iter().chain(below.iter().copied()).collect()
}

/// An installation token may not ask `GET /user`: GitHub answers 403 "Resource not accessible by integration".
fn is_installation(token: &Secret, error: &ForgeError) -> bool {
    let refused = matches!(error.kind, ForgeErrorKind::MissingPermission { .. } | ForgeErrorKind::Forbidden);
    let by_words = error.said.as_deref().is_some_and(|said| said.contains("by integration"));
    refused && (by_words || shape::github_kind(token) == TokenKind::AppInstallation)
}

fn inspection(token: &Secret, facts: &TokenFacts) -> Inspection {
    let kind = facts.kind(token);
    let mut gaps = Vec::new();
    let health = if facts.expires_at.is_err() { Health::Limited } else { Health::Valid };
    let expires_at = facts.expires_at.clone().unwrap_or_else(|text| {
        let text = super::words::Scrubber::new(Some(token)).clean(&text);
        gaps.push(format!("when the token expires could not be read from `{text}`"));
        None
    });
    // The empty list that comes with app user tokens says nothing: their permissions are the app's.
    let scopes = facts.scopes.clone().filter(|scopes| !(scopes.is_empty() && kind == TokenKind::AppUser));
    Inspection {
        account: None,
        kind,
        health,
        scopes,
        expires_at,
        label: None,
        token_id: None,
        server_version: facts.server_version.clone(),
        sso_left_out: facts.sso_left_out.clone(),
        reach: None,
        gaps,
        etag: facts.etag.clone(),
        unchanged: false,
    }
}
