//! A repository or an organisation, whichever has the hooks that are asked for: who is let in, and what its hooks
//! are called.

use crate::github::access::{Asks, enter};
use crate::github::scene::Scene;
use crate::github::{Call, error, orgs};
use crate::http::Answer;
use crate::world::github::{Account, Home, Hook, Repository, TokenKind};

const READ: Asks = Asks::reading("repository_hooks=read")
    .scopes("admin:repo_hook, public_repo, read:repo_hook, repo, write:repo_hook")
    .of_admins(None);
const WRITE: Asks = Asks::writing("repository_hooks=write")
    .scopes("admin:repo_hook, public_repo, repo, write:repo_hook")
    .of_admins(None);
const DELETE: Asks = WRITE.scopes("admin:repo_hook, public_repo, repo");

/// What a route does to hooks. An organisation lets nobody ping who may only read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    Read,
    Ping,
    Write,
    Delete,
}

/// Whose hooks.
#[derive(Clone, Copy)]
pub(in crate::github) enum Place<'a> {
    Repository(&'a Repository),
    Organization(&'a Account),
}

impl<'a> Place<'a> {
    pub fn home(self) -> Home {
        match self {
            Self::Repository(it) => Home::Repository(it.id),
            Self::Organization(it) => Home::Organization(it.id),
        }
    }

    /// Lets the caller in, or says why not.
    pub(super) fn enter(self, call: &mut Call<'_>, right: Right) -> Result<(), Answer> {
        match (self, right) {
            (Self::Repository(it), Right::Read | Right::Ping) => enter(call, it, READ).map(|_| ()),
            (Self::Repository(it), Right::Write) => enter(call, it, WRITE).map(|_| ()),
            (Self::Repository(it), Right::Delete) => enter(call, it, DELETE).map(|_| ()),
            (Self::Organization(it), Right::Read) => orgs::enter(call, it, "admin:org_hook", "organization_hooks=read"),
            (Self::Organization(it), _) => orgs::enter(call, it, "admin:org_hook", "organization_hooks=write"),
        }
    }

    /// Those that the caller may know of: an organisation's people do not see what an app has made there, nor the app
    /// what they have.
    pub(super) fn hooks(self, call: &Call<'_>) -> impl Iterator<Item = &'a Hook> + use<'a> {
        let (hooks, kind) = match self {
            Self::Repository(it) => (&it.hooks, None),
            Self::Organization(it) => (&it.hooks, call.caller.as_ref().map(|token| token.kind)),
        };
        hooks.iter().filter(move |hook| match kind {
            Some(TokenKind::Classic) => !hook.of_app,
            Some(TokenKind::OAuth) => hook.of_app,
            _ => true,
        })
    }

    /// The one of that number.
    pub(super) fn hook(self, call: &Call<'_>, id: &str) -> Result<&'a Hook, Answer> {
        self.hooks(call).find(|hook| hook.id.to_string() == id).ok_or_else(error::not_found)
    }

    /// Where its hooks are in the API.
    pub(super) fn url(self, scene: &Scene<'_>) -> String {
        match self {
            Self::Repository(it) => format!("{}/repos/{}/hooks", scene.api, it.full_name()),
            Self::Organization(it) => format!("{}/orgs/{}/hooks", scene.api, it.login),
        }
    }

    /// As refusals call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Repository(_) => "repository",
            Self::Organization(_) => "organization",
        }
    }
}
