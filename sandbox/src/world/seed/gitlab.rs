//! GitLab's half of a seed.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::names;
use crate::checksum;
use crate::world::clock::{day, days_later, later};
use crate::world::gitlab::mirror::{Mirror, Status};
use crate::world::gitlab::remote::Remote;
use crate::world::gitlab::{CreationLevel, Gitlab, Group, Project, Token, TokenKind, User, Visibility};
use crate::world::start;

/// What is added to GitLab.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GitlabSeed {
    /// Users.
    pub users: Vec<GitlabUserSeed>,
    /// Groups; those above must come before those below.
    pub groups: Vec<GitlabGroupSeed>,
    /// Projects, in groups or users' own namespaces.
    pub projects: Vec<GitlabProjectSeed>,
    /// Tokens, of users that are already there or in `users`.
    pub tokens: Vec<GitlabTokenSeed>,
}

/// A GitLab user.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GitlabUserSeed {
    /// The name under which they log in.
    pub username: String,
    /// Their number, which stays when they are renamed; a free one if left out.
    pub id: Option<u64>,
    /// An administrator.
    pub admin: bool,
}

/// A GitLab group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GitlabGroupSeed {
    /// Its full path, such as `acme/tools`.
    pub path: String,
    /// Its number; a free one if left out.
    pub id: Option<u64>,
    /// Who sees it; private if left out.
    pub visibility: Visibility,
    /// Who may create projects in it; developers if left out.
    pub project_creation_level: CreationLevel,
    /// Roles by user name: 10 is a guest, 30 a developer, 40 a maintainer, 50 an owner.
    pub members: BTreeMap<String, u8>,
}

/// A GitLab project.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GitlabProjectSeed {
    /// Its full path, such as `acme/tools/site`.
    pub path: String,
    /// Its number; a free one if left out.
    pub id: Option<u64>,
    /// Who sees it; private if left out.
    pub visibility: Visibility,
    /// Roles by user name, besides those that its group hands down.
    pub members: BTreeMap<String, u8>,
    /// Read-only.
    pub archived: bool,
    /// Without a commit.
    pub empty: bool,
    /// Full paths under which it was known before: they redirect.
    pub former_paths: Vec<String>,
    /// The address that it mirrors, on an instance that has paid for it.
    pub mirrors: Option<String>,
    /// The addresses of its webhooks.
    pub hooks: Vec<String>,
}

/// A GitLab access token.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GitlabTokenSeed {
    /// What the sandbox calls it, and its name in GitLab.
    pub name: String,
    /// Whose it is; `maintainer`'s if left out.
    pub user: Option<String>,
    /// What it is; a personal access token if left out.
    pub kind: TokenKind,
    /// The full path of the project or the group that a token of that kind belongs to.
    pub place: Option<String>,
    /// What it may.
    pub scopes: Vec<String>,
    /// What a fine-grained token may instead, in GitLab's words: `User: Read`.
    pub granular_permissions: Option<Vec<String>>,
    /// Negative for one that is dead already; 90 if left out.
    pub expires_in_days: Option<i64>,
    /// Revoked from the start.
    pub revoked: bool,
    /// That many of them.
    pub count: Option<usize>,
}

impl GitlabTokenSeed {
    /// A personal access token of `maintainer`'s with these scopes, for 90 days.
    #[must_use]
    pub fn classic(name: &str, scopes: &[&str]) -> Self {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        Self { name: name.to_owned(), scopes, ..Self::default() }
    }

    /// A fine-grained personal access token of `maintainer`'s, for 90 days.
    #[must_use]
    pub fn granular(name: &str, permissions: &[&str]) -> Self {
        let permissions = permissions.iter().map(|permission| (*permission).to_owned()).collect();
        Self { name: name.to_owned(), granular_permissions: Some(permissions), ..Self::default() }
    }
}

/// Adds the seed.
pub(super) fn plant(seed: &GitlabSeed, gitlab: &mut Gitlab, now: Timestamp) -> Result<(), String> {
    for user in &seed.users {
        let free = gitlab.users.iter().map(|user| user.id).max().unwrap_or(0) + 1;
        gitlab.users.push(User {
            id: user.id.unwrap_or(free),
            username: user.username.clone(),
            name: user.username.clone(),
            admin: user.admin,
            bot: false,
        });
    }
    for group in &seed.groups {
        plant_group(group, gitlab)?;
    }
    for project in &seed.projects {
        plant_project(project, gitlab)?;
    }
    for token in &seed.tokens {
        plant_token(token, gitlab, now)?;
    }
    Ok(())
}

/// The number of a user.
fn user(gitlab: &Gitlab, username: &str, what: &str) -> Result<u64, String> {
    match gitlab.user_named(username) {
        Some(user) => Ok(user.id),
        None => Err(format!("the seed's {what} names `{username}`, whom GitLab does not know")),
    }
}

fn members(gitlab: &Gitlab, seed: &BTreeMap<String, u8>, what: &str) -> Result<BTreeMap<u64, u8>, String> {
    let member = |(username, role): (&String, &u8)| match role {
        5 | 10 | 15 | 20 | 30 | 40 | 50 => Ok((user(gitlab, username, what)?, *role)),
        _ => Err(format!("the seed's {what}: {role} is no role of GitLab's")),
    };
    seed.iter().map(member).collect()
}

/// The namespace that a path lies in, and its last part.
fn split(path: &str) -> (Option<&str>, &str) {
    match path.rsplit_once('/') {
        Some((above, name)) => (Some(above), name),
        None => (None, path),
    }
}

fn plant_group(seed: &GitlabGroupSeed, gitlab: &mut Gitlab) -> Result<(), String> {
    let what = format!("group `{}`", seed.path);
    let (above, name) = split(&seed.path);
    let parent = match above {
        None => None,
        Some(above) => match gitlab.group_at(above) {
            Some(parent) => Some(parent.id),
            None => return Err(format!("the seed's {what} lies in `{above}`, which GitLab does not know")),
        },
    };
    if gitlab.group_at(&seed.path).is_some() {
        return Err(format!("GitLab has a {what} already"));
    }
    let free = gitlab.groups.iter().map(|group| group.id).max().unwrap_or(0) + 1;
    let group = Group {
        visibility: seed.visibility,
        project_creation_level: seed.project_creation_level,
        members: members(gitlab, &seed.members, &what)?,
        ..start::group(seed.id.unwrap_or(free), &seed.path, name, parent, &[])
    };
    gitlab.groups.push(group);
    Ok(())
}

fn plant_project(seed: &GitlabProjectSeed, gitlab: &mut Gitlab) -> Result<(), String> {
    let what = format!("project `{}`", seed.path);
    let (above, name) = split(&seed.path);
    let above = above.unwrap_or_default();
    if gitlab.group_at(above).is_none() && gitlab.user_named(above).is_none() {
        return Err(format!("the seed's {what} lies in `{above}`, which GitLab does not know"));
    }
    if gitlab.projects.iter().any(|project| project.full_path == seed.path) {
        return Err(format!("GitLab has a {what} already"));
    }
    let free = gitlab.projects.iter().map(|project| project.id).max().unwrap_or(0) + 1;
    let project = Project {
        visibility: seed.visibility,
        members: members(gitlab, &seed.members, &what)?,
        archived: seed.archived,
        empty: seed.empty,
        former_paths: seed.former_paths.clone(),
        mirror: seed.mirrors.as_deref().map(mirror).transpose()?,
        hooks: seed.hooks.iter().map(|url| gitlab.new_hook(url, start::BEGINNING)).collect(),
        ..start::project(seed.id.unwrap_or(free), &seed.path, name, Visibility::Private, &[])
    };
    gitlab.projects.push(project);
    Ok(())
}

/// A mirror that was set up long ago and has worked since.
fn mirror(url: &str) -> Result<Mirror, String> {
    let remote = Remote::parse(url).map_err(|why| format!("the seed's mirror of `{url}`: {why}"))?;
    Ok(Mirror {
        enabled: true,
        url: remote.url,
        credentials: remote.credentials,
        acts_as: 1,
        status: Status::Finished,
        ..Mirror::default()
    })
}

fn plant_token(seed: &GitlabTokenSeed, gitlab: &mut Gitlab, now: Timestamp) -> Result<(), String> {
    let user = user(gitlab, seed.user.as_deref().unwrap_or("maintainer"), &format!("token `{}`", seed.name))?;
    if seed.granular_permissions.is_some() && !seed.scopes.is_empty() {
        return Err(format!("the seed's token `{}` has both scopes and fine-grained permissions", seed.name));
    }
    let (project, group) = place(seed, gitlab)?;
    let end = days_later(now, seed.expires_in_days.unwrap_or(90));
    for name in names(&seed.name, seed.count) {
        let made = start::access_token(gitlab, now, &name, user, &[]);
        let made = match &seed.granular_permissions {
            Some(granted) => start::granular(made, granted),
            None => Token { scopes: seed.scopes.clone(), ..made },
        };
        let made = match seed.kind {
            TokenKind::OAuth => Token {
                token: checksum::random_hex(64),
                created_at: later(now, SignedDuration::from_mins(-10)),
                expires_on: None,
                expires_at: Some(end),
                ..made
            },
            _ => Token { expires_on: Some(day(end)), ..made },
        };
        gitlab.add_token(Token { kind: seed.kind, revoked: seed.revoked, project, group, ..made });
    }
    Ok(())
}

/// The numbers of the project or the group that the seed's token belongs to.
fn place(seed: &GitlabTokenSeed, gitlab: &Gitlab) -> Result<(Option<u64>, Option<u64>), String> {
    let Some(path) = seed.place.as_deref() else {
        return Ok((None, None));
    };
    let project = gitlab.projects.iter().find(|it| it.full_path == path).map(|it| it.id);
    let group = gitlab.group_at(path).map(|it| it.id);
    match seed.kind {
        TokenKind::Project if project.is_some() => Ok((project, None)),
        TokenKind::Group if group.is_some() => Ok((None, group)),
        _ => Err(format!("the seed's token `{}` cannot belong to `{path}`", seed.name)),
    }
}
