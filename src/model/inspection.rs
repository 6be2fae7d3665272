//! What a forge said about a token when it was asked.

use jiff::Timestamp;

use super::{Account, Health, TokenKind};

/// The outcome of checking a token that the forge knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// Whose it is; nothing when the token may not say.
    pub account: Option<Account>,
    /// What kind it is, by the forge's answer where it tells, else by its shape.
    pub kind: TokenKind,
    /// [`Health::Valid`], or [`Health::Limited`] when it may not say everything, or not so that it can be read: an
    /// end that is nothing is then one that was not told.
    pub health: Health,
    /// The scopes, where the forge names them.
    pub scopes: Option<Vec<String>>,
    /// When it dies.
    pub expires_at: Option<Timestamp>,
    /// The forge's own name for the token (GitLab).
    pub label: Option<String>,
    /// The forge's number for the token (GitLab).
    pub token_id: Option<u64>,
    /// What the server says of its version (GitLab, GitHub Enterprise Server).
    pub server_version: Option<String>,
    /// Organisations that were left out of answers because single sign-on is not authorised for the
    /// token, as GitHub numbers them.
    pub sso_left_out: Vec<String>,
    /// What the token reaches, where the forge can say (GitLab 17.4 and later).
    pub reach: Option<Reach>,
    /// What could not be found out, and why, in a sentence each.
    pub gaps: Vec<String>,
    /// By which the forge can say next time that nothing has changed (GitHub's `ETag`).
    pub etag: Option<String>,
    /// The forge said that nothing has changed since the `etag` it was asked with: what is nothing here is as
    /// it was.
    pub unchanged: bool,
}

/// The groups and projects a token reaches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// Groups, by full path where known, else by name, with the role.
    pub groups: Vec<Place>,
    /// Projects, alike.
    pub projects: Vec<Place>,
    /// There are more than these.
    pub more: bool,
}

/// A group or a project, and the role there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its full path.
    pub path: String,
    /// GitLab's number for the role: 10 Guest, 15 Planner, 20 Reporter, 30 Developer, 40 Maintainer, 50 Owner.
    pub access_level: Option<u32>,
}
