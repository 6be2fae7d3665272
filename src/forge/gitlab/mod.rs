//! GitLab: gitlab.com and self-managed ones.
//!
//! One file a resource: [`personal_access_tokens`] (what a token says of itself, what it reaches, its
//! revocation), [`rotation`], [`user`] (whose it is), [`metadata`] (which GitLab), [`oauth`] (tokens of applications), [`projects`], [`groups`] and [`namespaces`] (what the account may do there);
//! for a set-up, [`imports`], [`mirrors`], [`integrations`], [`pipelines`] and [`project_tokens`];
//! for copies of tokens, [`renewal`] (what mirrors and integrations hold) and [`variables`];
//! [`hooks`] and [`hook_events`] (webhooks and what they delivered); [`errors`] reads what GitLab says.
//!
//! GitLab tells much of a token, to the token itself. Three answers are to be kept apart: valid, not
//! valid, and valid but not allowed to say (a fine-grained token without the permission).

mod errors;
mod groups;
mod hook_events;
mod hooks;
mod imports;
mod integrations;
mod metadata;
mod mirrors;
mod namespaces;
mod oauth;
mod personal_access_tokens;
mod pipelines;
mod project_tokens;
mod projects;
mod renewal;
mod rotation;
mod user;
mod variables;

pub use hooks::Place;
pub use imports::{Imported, NewImport};
pub use project_tokens::NewProjectToken;
pub use projects::{NewProject, Readable};
pub use rotation::{RotateBy, Successor, successor};
pub use user::Me;
pub use variables::{Manner, NewVariable, Variable, VariablesOf};

use jiff::Timestamp;
use reqwest::Method;
use serde::Serialize;

use self::personal_access_tokens::SelfDescription;
use super::Depth;
use super::base::Base;
use super::body;
use super::error::{ForgeError, ForgeErrorKind};
use super::http::{Answer, Authorization, BODY_LIMIT, Call, Repeat, Transport};
use super::observe;
use super::words::Scrubber;
use crate::model::{Account, AccountKind, Health, Host, Inspection, Secret, TokenKind};

const HEADERS: [(&str, &str); 1] = [("Accept", "application/json")];

/// One GitLab.
#[derive(Debug, Clone)]
pub struct GitLab {
    host: Host,
    label: String,
    base: Base,
    /// Where `/oauth/token/info` is: the same origin, without `/api/v4`.
    web: Option<Base>,
    transport: Transport,
}

impl GitLab {
    /// A client for this instance; nothing is sent.
    pub fn new(host: &Host, transport: &Transport) -> Self {
        let base = Base::new(host.api_base());
        let same_origin = host.api_base().origin() == host.web_base().origin();
        let web = base.without("/api/v4").or_else(|| same_origin.then(|| Base::new(host.web_base())));
        Self { host: host.clone(), label: host.to_string(), base, web, transport: transport.clone() }
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

    /// What GitLab tells of the token, whichever kind it is. [`Depth::Brief`] asks once; then
    /// `account` is nothing, and `kind` is [`TokenKind::Personal`] also for the tokens of projects,
    /// groups and service accounts, whose bots only [`Depth::Full`] sees.
    ///
    /// # Errors
    /// Why the token is not accepted, or why no answer came.
    pub async fn inspect(&self, token: &Secret, depth: Depth) -> Result<Inspection, ForgeError> {
        match self.describe_self(Authorization::Bearer(token)).await {
            Ok(found) => match found.verdict() {
                Some(kind) => Err(ForgeError { status: Some(200), ..ForgeError::new(kind, &self.label) }),
                None => self.complete(token, from_description(token, &found), found.user_id, depth).await,
            },
            Err(error) if error.kind == ForgeErrorKind::MissingGranularPermission => {
                self.complete(token, limited(&error), None, depth).await
            }
            // Not a personal access token.
            Err(error) if error.status == Some(400) => self.inspect_oauth(token, depth).await,
            // Before 15.5 there was no such call.
            Err(error) if error.kind == ForgeErrorKind::NotFound => self.inspect_by_user(token).await,
            Err(error) => Err(error),
        }
    }

    /// As [`Self::inspect`], for a token that is said to be an application's.
    ///
    /// # Errors
    /// Why the token is not accepted, or why no answer came.
    pub async fn inspect_oauth(&self, token: &Secret, depth: Depth) -> Result<Inspection, ForgeError> {
        let info = self.token_info(Authorization::Bearer(token)).await?;
        let inspection = Inspection {
            scopes: info.scopes(),
            expires_at: info.end(Timestamp::now()),
            ..blank(TokenKind::Oauth, Health::Valid)
        };
        self.complete(token, inspection, info.resource_owner_id, depth).await
    }

    /// For servers that cannot describe a token: at least whose it is.
    async fn inspect_by_user(&self, token: &Secret) -> Result<Inspection, ForgeError> {
        let owner = self.user(Authorization::Bearer(token)).await?;
        let mut inspection = blank(owner.kind.unwrap_or(TokenKind::Personal), Health::Limited);
        inspection.account = Some(owner.account);
        inspection.gaps.push("this GitLab (before 15.5) does not tell a token's scopes and end".to_owned());
        Ok(inspection)
    }

    /// Adds what further calls tell. A token that may not say whose it is stays a valid one; but an answer
    /// that is missing for another reason is no answer.
    async fn complete(
        &self,
        token: &Secret,
        mut inspection: Inspection,
        user_id: Option<u64>,
        depth: Depth,
    ) -> Result<Inspection, ForgeError> {
        let by = Authorization::Bearer(token);
        match depth {
            Depth::Brief => return Ok(inspection),
            Depth::Named => {
                // Whose it is is worth asking, and nothing fails for want of it.
                inspection.account = self.user(by).await.ok().map(|owner| owner.account);
                return Ok(inspection);
            }
            Depth::Full => {}
        }
        let is_oauth = inspection.kind == TokenKind::Oauth;
        let associations = async {
            // The call is for personal access tokens only.
            if is_oauth { Ok(None) } else { self.associations(by).await }
        };
        let (user, version, reach) = tokio::join!(self.user(by), self.version(by), associations);
        match user {
            Ok(owner) => {
                inspection.account = Some(owner.account);
                if inspection.kind == TokenKind::Personal {
                    inspection.kind = owner.kind.unwrap_or(TokenKind::Personal);
                }
            }
            Err(error) if !error.kind.says_not_allowed() => return Err(error),
            Err(error) => {
                inspection.account = user_id.map(by_number);
                inspection.gaps.push(format!("the account's name is not known: {}", error.reason()));
            }
        }
        match version {
            Ok(version) => inspection.server_version = version.map(|text| Scrubber::new(Some(token)).clean(&text)),
            Err(error) => inspection.gaps.push(format!("the server's version is not known: {}", error.reason())),
        }
        match reach {
            Ok(reach) => inspection.reach = reach,
            Err(error) => inspection.gaps.push(format!("what the token reaches is not known: {}", error.reason())),
        }
        Ok(inspection)
    }

    /// A read, ready to be sent or changed.
    pub(super) fn reading<'a>(
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
            headers: &HEADERS,
            typed: &[],
            body: None,
            carries: Vec::new(),
            unless: None,
            limit: BODY_LIMIT,
            repeat: Repeat::Safe,
            judge: errors::judge,
            tells: observe::nothing,
        }
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

    async fn get(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        authorization: Authorization<'_>,
    ) -> Result<Answer, ForgeError> {
        self.transport.send(&self.reading(path, query, authorization)).await
    }
}

fn blank(kind: TokenKind, health: Health) -> Inspection {
    Inspection {
        account: None,
        kind,
        health,
        scopes: None,
        expires_at: None,
        label: None,
        token_id: None,
        server_version: None,
        sso_left_out: Vec::new(),
        reach: None,
        gaps: Vec::new(),
        etag: None,
        unchanged: false,
    }
}

fn from_description(token: &Secret, found: &SelfDescription) -> Inspection {
    let kind = if found.is_granular() { TokenKind::Granular } else { TokenKind::Personal };
    let mut inspection = blank(kind, Health::Valid);
    inspection.expires_at = found.end().unwrap_or_else(|text| {
        let text = Scrubber::new(Some(token)).clean(&text);
        inspection.health = Health::Limited;
        inspection.gaps.push(format!("when the token expires could not be read from `{text}`"));
        None
    });
    inspection.scopes.clone_from(&found.scopes);
    inspection.label.clone_from(&found.name);
    inspection.token_id = found.id;
    inspection
}

/// A fine-grained token that may not describe itself: genuine, and that is all.
fn limited(error: &ForgeError) -> Inspection {
    let mut inspection = blank(TokenKind::Granular, Health::Limited);
    inspection.gaps.push(format!("the token may not describe itself, so its end is not known: {}", error.reason()));
    inspection
}

/// The account of a token that may not read its user: named by its number, as GitLab names it in no
/// other way to such a token.
fn by_number(id: u64) -> Account {
    Account { login: format!("user-{id}"), id: Some(id), kind: AccountKind::Unknown }
}
