//! GitLab's people, places and tokens.

mod content;
pub(crate) mod features;
pub(crate) mod hook;
pub(crate) mod import;
pub(crate) mod integration;
pub(crate) mod mirror;
pub(crate) mod pipeline;
mod places;
pub(crate) mod remote;
pub(crate) mod rotation;
pub(crate) mod task;
pub(crate) mod variable;

use std::collections::{BTreeMap, HashMap};

use super::Write;
use super::clock::day;
use crate::git;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use features::Features;
use hook::{Home, Hook, Trial};
use import::Import;
use integration::Integration;
use mirror::Mirror;
use pipeline::Pipeline;
pub(crate) use places::{Namespace, ProjectDraft, namespace_of};
pub use rotation::{Family, Rotation};
use task::Task;
use variable::Variable;

/// A person or a bot.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct User {
    pub id: u64,
    pub username: String,
    pub name: String,
    pub admin: bool,
    pub bot: bool,
}

/// The roles, as the numbers that GitLab gives them.
pub(crate) mod role {
    pub const GUEST: u8 = 10;
    pub const REPORTER: u8 = 20;
    pub const DEVELOPER: u8 = 30;
    pub const MAINTAINER: u8 = 40;
    pub const OWNER: u8 = 50;
}

/// Who sees a group or a project.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Those with a role in it.
    #[default]
    Private,
    /// Everybody with a token.
    Internal,
    /// Everybody.
    Public,
}

impl Visibility {
    /// Does somebody without a role see it? `known` is whether they have a token.
    pub(crate) fn open_to(self, known: bool) -> bool {
        self == Self::Public || known && self == Self::Internal
    }
}

/// Who may create projects in a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CreationLevel {
    /// Nobody.
    NoOne,
    /// Owners.
    Owner,
    /// Maintainers and owners.
    Maintainer,
    /// Developers and those above.
    #[default]
    Developer,
    /// Administrators of the instance.
    Administrator,
}

/// A group; what a user is in it, they are in all that is below.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Group {
    pub id: u64,
    pub full_path: String,
    pub name: String,
    pub visibility: Visibility,
    pub project_creation_level: CreationLevel,
    pub parent: Option<u64>,
    pub members: BTreeMap<u64, u8>,
    /// Where its licence has them.
    pub hooks: Vec<Hook>,
    pub variables: Vec<Variable>,
}

/// A project in a group, or in a user's own namespace.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Project {
    pub id: u64,
    pub full_path: String,
    pub name: String,
    pub visibility: Visibility,
    pub members: BTreeMap<u64, u8>,
    pub archived: bool,
    /// Without a commit at the start; [`Project::is_empty`] knows how it is now.
    pub empty: bool,
    /// Full paths under which it was known before: they redirect.
    pub former_paths: Vec<String>,
    pub hooks: Vec<Hook>,
    pub description: Option<String>,
    /// The number of the user who made it.
    pub creator: u64,
    pub created_at: Timestamp,
    pub default_branch: String,
    pub features: Features,
    /// `.gitlab-ci.yml` if none is named.
    pub ci_config_path: Option<String>,
    pub import: Import,
    /// What it mirrors, or did. Counts only where the instance has paid for it.
    pub mirror: Option<Mirror>,
    pub integration: Option<Integration>,
    pub pipelines: Vec<Pipeline>,
    pub variables: Vec<Variable>,
    /// Where its commits are.
    #[serde(skip)]
    pub git: git::Place,
}

/// What a token is. The first three are rows of one table and answer alike.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenKind {
    /// A person's, or a service account's.
    #[default]
    Personal,
    /// Of a project's bot.
    Project,
    /// Of a group's bot.
    Group,
    /// Given to an application.
    #[serde(rename = "oauth")]
    OAuth,
}

/// A token: its bearer, and what it may.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Token {
    pub id: u64,
    /// What the world calls it; a rotation hands the name on to the new token.
    pub name: String,
    pub token: String,
    pub kind: TokenKind,
    pub user: u64,
    pub description: Option<String>,
    pub scopes: Vec<String>,
    /// Of fine-grained tokens: what was granted, in GitLab's words (`User: Read`).
    pub granted: Option<Vec<String>>,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    /// Of access tokens: dead from the first moment of this day, UTC.
    pub expires_on: Option<Date>,
    /// Of OAuth tokens: dead from then.
    pub expires_at: Option<Timestamp>,
    pub revoked: bool,
    /// All tokens that came from one by rotation.
    pub family: u64,
    /// Of project tokens: the project's number.
    pub project: Option<u64>,
    /// Of group tokens: the group's number.
    pub group: Option<u64>,
}

impl Token {
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_on.is_some_and(|end| end <= day(now)) || self.expires_at.is_some_and(|end| end <= now)
    }

    pub fn is_alive(&self, now: Timestamp) -> bool {
        !self.revoked && !self.is_expired(now)
    }
}

/// All of one GitLab instance.
#[derive(Debug, Default)]
pub(crate) struct Gitlab {
    pub users: Vec<User>,
    pub groups: Vec<Group>,
    pub projects: Vec<Project>,
    pub tokens: Vec<Token>,
    by_token: HashMap<String, usize>,
    /// Requests in the present minute, by user or `anonymous`.
    pub usage: HashMap<String, (i64, u32)>,
    /// Every request that changed something, in order.
    pub writes: Vec<Write>,
    /// What requests have left to be done in the background.
    pub tasks: Vec<Task>,
    /// GitHub imports in the present minute, by user.
    pub imports: HashMap<u64, (i64, u32)>,
    /// Tests and resendings of webhooks in the present minute, by the kind, the home of the hook, and the user.
    pub trials: HashMap<(&'static str, Home, u64), (i64, u32)>,
    /// What a request must wait for before it is answered.
    pub trial: Option<Trial>,
    /// How many webhooks were made, and how much was delivered to them.
    pub hooks_made: u64,
    pub delivered: u64,
    /// The CI/CD variables that every project has.
    pub instance_variables: Vec<Variable>,
    /// Every call that asked for a rotation, in order.
    pub rotations: Vec<Rotation>,
    last_id: u64,
    last_number: u64,
    last_project: u64,
    last_user: u64,
}

impl Gitlab {
    /// These people and places, and no token yet.
    pub fn of(users: Vec<User>, groups: Vec<Group>, projects: Vec<Project>) -> Self {
        Self { users, groups, projects, ..Self::default() }
    }

    /// A number that no token has had.
    pub fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub fn add_token(&mut self, token: Token) {
        self.by_token.insert(token.token.clone(), self.tokens.len());
        self.tokens.push(token);
    }

    /// By what is sent on the wire.
    pub fn token(&self, token: &str) -> Option<&Token> {
        self.by_token.get(token).map(|index| &self.tokens[*index])
    }

    pub fn token_mut(&mut self, token: &str) -> Option<&mut Token> {
        self.by_token.get(token).map(|index| &mut self.tokens[*index])
    }

    pub fn token_with_id(&self, id: u64) -> Option<&Token> {
        self.tokens.iter().find(|token| token.id == id && token.kind != TokenKind::OAuth)
    }

    /// By the name that the world gives it: the newest of that name, which after a rotation is the
    /// one that lives.
    pub fn named(&self, name: &str) -> Option<&Token> {
        self.tokens.iter().rev().find(|token| token.name == name)
    }

    pub fn user(&self, id: u64) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub fn user_named(&self, username: &str) -> Option<&User> {
        self.users.iter().find(|user| user.username == username)
    }

    pub fn group(&self, id: u64) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    pub fn group_mut(&mut self, id: u64) -> Option<&mut Group> {
        self.groups.iter_mut().find(|group| group.id == id)
    }

    pub fn group_at(&self, full_path: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.full_path == full_path)
    }

    /// The user's role in a group, handed down from the groups above it.
    pub fn role_in_group(&self, user: u64, group: &Group) -> u8 {
        let here = group.members.get(&user).copied().unwrap_or(0);
        let above = group
            .parent
            .and_then(|parent| self.groups.iter().find(|group| group.id == parent))
            .map_or(0, |parent| self.role_in_group(user, parent));
        here.max(above)
    }

    /// The user's role in a project, handed down from its group; in one's own namespace, owner.
    pub fn role_in_project(&self, user: u64, project: &Project) -> u8 {
        let (direct, inherited) = self.roles_in_project(user, project);
        direct.max(inherited)
    }

    /// The same, in two: the project's own, and what its group hands down.
    pub fn roles_in_project(&self, user: u64, project: &Project) -> (u8, u8) {
        let here = project.members.get(&user).copied().unwrap_or(0);
        let namespace = project.full_path.rsplit_once('/').map_or("", |(namespace, _)| namespace);
        let inherited = self.group_at(namespace).map_or(0, |group| self.role_in_group(user, group));
        let own = self.user(user).is_some_and(|user| user.username == namespace);
        (here.max(if own { role::OWNER } else { 0 }), inherited)
    }

    /// Gives a user another name. They keep their number and tokens; the old paths of their
    /// projects redirect.
    pub fn rename(&mut self, username: &str, new: &str) -> Result<(), String> {
        if self.user_named(new).is_some() || self.group_at(new).is_some() {
            return Err(format!("GitLab has somebody called `{new}` already"));
        }
        let Some(user) = self.users.iter_mut().find(|user| user.username == username) else {
            return Err(format!("GitLab has no user called `{username}`"));
        };
        new.clone_into(&mut user.username);
        for project in &mut self.projects {
            if let Some(rest) = project.full_path.strip_prefix(&format!("{username}/")) {
                let moved = format!("{new}/{rest}");
                project.former_paths.push(std::mem::replace(&mut project.full_path, moved));
            }
        }
        Ok(())
    }

    /// Revokes a token by its name or spelled out. Was there one?
    pub fn revoke(&mut self, token: &str) -> bool {
        let named = self.named(token).map(|named| named.token.clone());
        let found = self.token_mut(&named.unwrap_or_else(|| token.to_owned()));
        found.map(|token| token.revoked = true).is_some()
    }

    pub fn state(&self, now: Timestamp) -> Value {
        let tokens: Vec<Value> = self
            .tokens
            .iter()
            .map(|token| {
                let mut value = json!(token);
                value["alive"] = json!(token.is_alive(now));
                value
            })
            .collect();
        json!({
            "users": self.users,
            "groups": self.groups,
            "projects": self.projects.iter().map(|project| self.project_state(project)).collect::<Vec<_>>(),
            "variables": self.instance_variables,
            "tokens": tokens,
            "writes": self.writes,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may as well panic")]
mod tests {
    use super::*;

    #[test]
    fn roles_are_handed_down() {
        let gitlab = crate::world::start::gitlab(Timestamp::UNIX_EPOCH);
        let project = &gitlab.projects[0];
        let id = |name: &str| gitlab.user_named(name).unwrap().id;
        assert_eq!(gitlab.role_in_project(id("maintainer"), project), role::MAINTAINER);
        assert_eq!(gitlab.role_in_project(id("developer"), project), role::DEVELOPER);
        assert_eq!(gitlab.role_in_project(id("root"), project), role::OWNER);
    }
}
