//! Whom we talk to: GitHub and GitLab, over HTTP.
//!
//! This room turns a question ("whose token is this, and how long does it live?") into requests, and
//! the answers into [`crate::model`]'s nouns. It is the only one that knows URLs, headers, status codes
//! and the vendors' wordings; none of these leave it, but as a [`ForgeError`] that says what happened.
//!
//! It may use `model` and its own libraries, nothing else. It prints nothing, reads no file (a
//! certificate arrives as bytes) and no environment (reqwest's proxy settings apart), and keeps no
//! token: each call is given its [`Authorization`].
//!
//! What a doctor asks is in `diagnose` and `proxy`. How a request goes out is in `http`, how many at once in
//! `crowd`; what may be asked again in `retry`; where a token may go in
//! `base` and `redirect`; why no answer came in `network`; what any answer tells of the token in `observe`; what an error said in `words`. Each forge
//! has a folder, with a file a resource.
//!
//! [`Forge`] is an enum over the two, not a trait: the set is closed. What only one of them can do is
//! a method of that one.

// A ForgeError is made once a failed request, after milliseconds of network: its size costs nothing,
// and boxes in it would be in the way of everybody who matches on the cause.
#![allow(clippy::result_large_err)]

mod address;
mod anonymous;
mod base;
mod body;
mod crowd;
mod diagnose;
mod error;
mod forward;
mod github;
mod gitlab;
mod hooks;
mod http;
mod lenient;
mod limits;
mod network;
mod observe;
mod page;
mod proxy;
mod raw;
mod recognise;
mod redirect;
mod retry;
mod tls;
mod words;

#[cfg(test)]
mod tests;

pub use diagnose::{Answered, ApiVersion, Remaining, address_count};
pub use error::{ForgeError, ForgeErrorKind};
pub use forward::{Forwarder, Passed};
pub use github::{FileChange, GitHub, HooksOf, KeptSecret, NewHook, Probe, Probed, SecretsOf};
pub use gitlab::{
    GitLab, Imported, Manner, Me, NewImport, NewProject, NewProjectToken, NewVariable, Readable, RotateBy, Successor,
    Variable, VariablesOf, successor,
};
pub use hooks::{DeliveryFilter, HookChange, HookSecrets, HookWish, LISTED, bare_address, hook_address};
pub use http::{Authorization, Transport, TransportOptions};
pub use observe::Observer;
pub use proxy::{ProxyAddress, proxy_for};
pub use raw::{Inside, NotAHeader, NotInside, RAW_LIMIT, RawAnswer, RawFailure, RawMethod, RawRequest, typed_header};
pub use tls::count_certificates;

use words::Scrubber;

use crate::model::{ForgeKind, Host, Inspection, Secret, TokenKind};

/// How much is asked when a token is inspected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Everything the forge can say: for taking a token in.
    Full,
    /// Whether it is alive, until when, and whose it is. `kind` is on GitLab no better than personal or
    /// fine-grained; keep what was known.
    Named,
    /// As few requests as possible: is it alive, and until when? On GitLab `account` is then nothing as well.
    Brief,
}

/// How a token that was inspected before is asked about again.
#[derive(Debug, Clone, Copy)]
pub struct Again<'a> {
    /// How much is asked; [`Depth::Full`] is asked as [`Depth::Named`].
    pub depth: Depth,
    /// It is an application's token; GitLab describes these elsewhere.
    pub oauth: bool,
    /// The [`Inspection::etag`] of the last time, if that was of this very token.
    pub etag: Option<&'a str>,
}

/// One GitHub or one GitLab. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Forge {
    /// A GitHub.
    GitHub(GitHub),
    /// A GitLab.
    GitLab(GitLab),
}

impl Forge {
    /// A client for this host. Nothing is sent.
    pub fn new(host: &Host, transport: &Transport) -> Self {
        match host.kind() {
            ForgeKind::GitHub => Self::GitHub(GitHub::new(host, transport)),
            ForgeKind::GitLab => Self::GitLab(GitLab::new(host, transport)),
        }
    }

    /// Its address.
    pub const fn host(&self) -> &Host {
        match self {
            Self::GitHub(github) => github.host(),
            Self::GitLab(gitlab) => gitlab.host(),
        }
    }

    /// Whether a forge of this kind answers there at all, asked without a token. Do so before a token
    /// is first sent to a host that is not the vendor's own: it catches mistakes, not impostors.
    ///
    /// # Errors
    /// [`ForgeErrorKind::NotAForge`], naming the other kind if it is one; or why no answer came.
    pub async fn look(&self) -> Result<(), ForgeError> {
        match self {
            Self::GitHub(github) => github.look().await,
            Self::GitLab(gitlab) => gitlab.look().await,
        }
    }

    /// What the forge tells of the token. What it does not tell is nothing in the [`Inspection`], with
    /// a sentence in `gaps` where that is not as usual.
    ///
    /// # Errors
    /// Why the token is not accepted ([`ForgeError::is_about_token`]), or why no answer came.
    pub async fn inspect(&self, token: &Secret, depth: Depth) -> Result<Inspection, ForgeError> {
        let said = match self {
            Self::GitHub(github) => github.inspect(token, depth).await,
            Self::GitLab(gitlab) => gitlab.inspect(token, depth).await,
        };
        said.map(|inspection| cleaned(inspection, token))
    }

    /// As [`Self::inspect`], for a token that the user says is an OAuth token: GitLab is asked where it
    /// describes these, and on GitHub a token without a prefix counts as one.
    ///
    /// # Errors
    /// As [`Self::inspect`].
    pub async fn inspect_oauth(&self, token: &Secret, depth: Depth) -> Result<Inspection, ForgeError> {
        let mut inspection = match self {
            Self::GitHub(github) => github.inspect(token, depth).await?,
            Self::GitLab(gitlab) => gitlab.inspect_oauth(token, depth).await?,
        };
        if crate::model::shape::github_kind(token) == TokenKind::Unknown {
            inspection.kind = TokenKind::Oauth;
        }
        Ok(cleaned(inspection, token))
    }

    /// Asks about a token that was inspected before. Where the forge answers that nothing has changed, which on
    /// GitHub is free of its rate limit, [`Inspection::unchanged`] says so.
    ///
    /// # Errors
    /// As [`Self::inspect`].
    pub async fn inspect_again(&self, token: &Secret, again: Again<'_>) -> Result<Inspection, ForgeError> {
        let depth = if again.depth == Depth::Full { Depth::Named } else { again.depth };
        let said = match self {
            Self::GitHub(github) => github.inspect_again(token, again.etag.filter(|etag| is_etag(etag))).await,
            Self::GitLab(gitlab) if again.oauth => gitlab.inspect_oauth(token, depth).await,
            Self::GitLab(gitlab) => gitlab.inspect(token, depth).await,
        };
        said.map(|inspection| cleaned(inspection, token))
    }

    /// Ends the token's life at the forge, for good. Sent once, never repeated, no redirect followed.
    ///
    /// # Errors
    /// [`ForgeErrorKind::Unsupported`] with the page to do it on, where there is no call for it; or
    /// what the forge said. After [`ForgeErrorKind::ConnectionLost`] and [`ForgeErrorKind::TimedOut`]
    /// it is unknown whether it was done: ask [`Self::is_dead`].
    pub async fn revoke(&self, token: &Secret) -> Result<(), ForgeError> {
        match self {
            Self::GitHub(github) => github.revoke(token).await,
            Self::GitLab(gitlab) => gitlab.revoke(token).await,
        }
    }

    /// Whether the forge no longer accepts the token. A token that is merely kept out (by a policy, for
    /// want of a scope) is not dead.
    ///
    /// # Errors
    /// When that could not be found out.
    pub async fn is_dead(&self, token: &Secret) -> Result<bool, ForgeError> {
        match self {
            Self::GitHub(github) => github.is_dead(token).await,
            Self::GitLab(gitlab) => gitlab.is_dead(token).await,
        }
    }
}

/// RFC 9110: `"…"` or `W/"…"`, printable and, here, short.
fn is_etag(text: &str) -> bool {
    let opaque = text.trim_start_matches("W/");
    text.len() <= 200
        && opaque.len() >= 2
        && opaque.starts_with('"')
        && opaque.ends_with('"')
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Texts that a server chose end up in names, records and on terminals: without control characters, not
/// endless, and never with the token in them.
fn cleaned(mut inspection: Inspection, token: &Secret) -> Inspection {
    let scrubber = Scrubber::new(Some(token));
    let clean = |text: &mut String| *text = scrubber.name(text);
    let Inspection { account, scopes, label, server_version, reach, sso_left_out, .. } = &mut inspection;
    account.iter_mut().for_each(|account| clean(&mut account.login));
    scopes.iter_mut().flatten().chain(label).chain(server_version).chain(sso_left_out).for_each(clean);
    let places = reach.iter_mut().flat_map(|reach| reach.groups.iter_mut().chain(&mut reach.projects));
    places.for_each(|place| clean(&mut place.path));
    // Sent back as it came, or not at all.
    inspection.etag = inspection.etag.filter(|etag| is_etag(etag) && scrubber.name(etag) == *etag);
    inspection
}
