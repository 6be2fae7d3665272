//! Who keeps Actions secrets: a repository, one of its environments, or an organisation; and who is let in there.

use std::collections::BTreeMap;

use crate::github::access::{Asks, enter};
use crate::github::{Call, error, orgs};
use crate::http::Answer;
use crate::world::github::secret::{Environment, Keeper, Shared, Visibility};
use crate::world::github::{Account, Github, Kept, Repository, Role};

const READ: Asks = Asks { open: false, role: Role::Push, ..Asks::reading("secrets=read") };
const WRITE: Asks = Asks::writing("secrets=write").scopes("repo");
/// GitHub's reference asks for "Environments" alone; `secrets=write,environments=write` was recorded too.
const READ_OF_ENVIRONMENT: Asks = Asks { open: false, role: Role::Push, ..Asks::reading("environments=read") };
const WRITE_OF_ENVIRONMENT: Asks = Asks::writing("environments=write").scopes("repo");

/// What a route does to secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    Read,
    Write,
}

/// Whose secrets.
pub(in crate::github) enum Place<'a> {
    Repository(&'a Repository),
    /// An environment of a repository, by its name.
    Environment(&'a Repository, &'a str),
    Organization(&'a Account),
}

impl<'a> Place<'a> {
    /// Lets the caller in, or says why not.
    pub(super) fn enter(&self, call: &mut Call<'_>, right: Right) -> Result<(), Answer> {
        match (self, right) {
            (Self::Repository(it), Right::Read) => enter(call, it, READ).map(|_| ()),
            (Self::Repository(it), Right::Write) => enter(call, it, WRITE).map(|_| ()),
            (Self::Environment(it, _), right) => {
                let asks = if right == Right::Read { READ_OF_ENVIRONMENT } else { WRITE_OF_ENVIRONMENT };
                enter(call, it, asks)?;
                self.environment().map(|_| ()).ok_or_else(error::not_found)
            }
            (Self::Organization(it), Right::Read) => orgs::enter(call, it, "admin:org", "organization_secrets=read"),
            (Self::Organization(it), Right::Write) => orgs::enter(call, it, "admin:org", "organization_secrets=write"),
        }
    }

    fn environment(&self) -> Option<&'a Environment> {
        match self {
            Self::Environment(it, name) => it.environments.get(&name.to_lowercase()),
            Self::Repository(_) | Self::Organization(_) => None,
        }
    }

    pub(super) fn keeper(&self) -> Keeper {
        match self {
            Self::Repository(it) => Keeper::Repository(it.id),
            Self::Environment(it, _) => Keeper::Environment(it.id, self.environment().map_or(0, |it| it.id)),
            Self::Organization(it) => Keeper::Organization(it.id),
        }
    }

    /// As refusals call it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Repository(_) => "repository",
            Self::Environment(..) => "environment",
            Self::Organization(_) => "organization",
        }
    }

    /// What a secret that is sent must have.
    pub(super) fn fields(&self) -> &'static [&'static str] {
        match self {
            Self::Repository(_) | Self::Environment(..) => &["encrypted_value", "key_id"],
            Self::Organization(_) => &["encrypted_value", "key_id", "visibility"],
        }
    }

    /// What is kept there, by name.
    pub(super) fn secrets(&self) -> BTreeMap<&'a String, &'a Kept> {
        match self {
            Self::Repository(it) => it.actions_secrets.iter().collect(),
            Self::Environment(..) => self.environment().into_iter().flat_map(|it| &it.secrets).collect(),
            Self::Organization(it) => it.actions_secrets.iter().map(|(name, it)| (name, &it.kept)).collect(),
        }
    }

    fn of_repository<'g>(&self, github: &'g mut Github) -> Option<&'g mut BTreeMap<String, Kept>> {
        match self {
            Self::Repository(it) => github.repository_mut(it.id).map(|it| &mut it.actions_secrets),
            Self::Environment(it, name) => {
                let environments = github.repository_mut(it.id).map(|it| &mut it.environments)?;
                environments.get_mut(&name.to_lowercase()).map(|it| &mut it.secrets)
            }
            Self::Organization(_) => None,
        }
    }

    pub(super) fn keep(&self, github: &mut Github, name: String, kept: Kept, visibility: Option<Visibility>) {
        if let Some(secrets) = self.of_repository(github) {
            secrets.insert(name, kept);
        } else if let (Self::Organization(it), Some(visibility)) = (self, visibility)
            && let Some(account) = github.account_mut(&it.login)
        {
            account.actions_secrets.insert(name, Shared { kept, visibility });
        }
    }

    /// Was there one?
    pub(super) fn forget(&self, github: &mut Github, name: &str) -> bool {
        match self {
            Self::Organization(it) => {
                github.account_mut(&it.login).is_some_and(|it| it.actions_secrets.remove(name).is_some())
            }
            _ => self.of_repository(github).is_some_and(|secrets| secrets.remove(name).is_some()),
        }
    }
}
