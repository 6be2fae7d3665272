//! More people and tokens than the start has, told in JSON or in Rust.
//!
//! ```json
//! { "github": { "accounts": [ { "login": "mojombo" } ],
//!               "tokens": [ { "name": "mojombo", "login": "mojombo", "scopes": ["repo"] } ] },
//!   "gitlab": { "users": [ { "username": "ada" } ],
//!               "tokens": [ { "name": "bulk", "user": "ada", "scopes": ["api"], "count": 1000,
//!                             "expires_in_days": 30 } ] } }
//! ```
//!
//! A token with a `count` becomes that many, named `bulk-1`, `bulk-2`, and so on.

use serde::{Deserialize, Serialize};

use super::clock::{day, days_later};
use super::github::{Account, AccountKind, Token as GithubToken};
use super::gitlab::{Token as GitlabToken, TokenKind as GitlabKind, User};
use super::{World, start};

/// What is added to both forges.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Seed {
    /// For GitHub.
    pub github: GithubSeed,
    /// For GitLab.
    pub gitlab: GitlabSeed,
}

/// What is added to GitHub.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GithubSeed {
    /// Users.
    pub accounts: Vec<GithubAccountSeed>,
    /// Tokens, of users that are already there or in `accounts`.
    pub tokens: Vec<GithubTokenSeed>,
}

/// A GitHub user.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GithubAccountSeed {
    /// The name under which they log in.
    pub login: String,
    /// Their number; a free one if left out.
    pub id: Option<u64>,
}

/// A GitHub token: classic, or fine-grained when it has permissions.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GithubTokenSeed {
    /// What the sandbox calls it.
    pub name: String,
    /// Whose it is; `octocat`'s if left out.
    pub login: Option<String>,
    /// Of a classic token.
    pub scopes: Vec<String>,
    /// Of a fine-grained token, such as `"contents": "write"`.
    pub permissions: Option<std::collections::BTreeMap<String, String>>,
    /// Negative for one that is dead already; without it, it lives for ever.
    pub expires_in_days: Option<i64>,
    /// Revoked from the start.
    pub revoked: bool,
    /// That many of them.
    pub count: Option<usize>,
}

/// What is added to GitLab.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GitlabSeed {
    /// Users.
    pub users: Vec<GitlabUserSeed>,
    /// Tokens, of users that are already there or in `users`.
    pub tokens: Vec<GitlabTokenSeed>,
}

/// A GitLab user.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GitlabUserSeed {
    /// The name under which they log in.
    pub username: String,
    /// Their number; a free one if left out.
    pub id: Option<u64>,
    /// An administrator.
    pub admin: bool,
}

/// A GitLab access token.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GitlabTokenSeed {
    /// What the sandbox calls it, and its name in GitLab.
    pub name: String,
    /// Whose it is; `maintainer`'s if left out.
    pub user: Option<String>,
    /// What it may.
    pub scopes: Vec<String>,
    /// Negative for one that is dead already; 90 if left out.
    pub expires_in_days: Option<i64>,
    /// Revoked from the start.
    pub revoked: bool,
    /// That many of them.
    pub count: Option<usize>,
}

/// The names of `count` tokens called `name`.
fn names(name: &str, count: Option<usize>) -> Vec<String> {
    match count {
        None => vec![name.to_owned()],
        Some(count) => (1..=count).map(|number| format!("{name}-{number}")).collect(),
    }
}

/// Adds the seed to the world.
pub(crate) fn plant(seed: &Seed, world: &mut World) -> Result<(), String> {
    plant_github(&seed.github, world)?;
    plant_gitlab(&seed.gitlab, world)
}

fn plant_github(seed: &GithubSeed, world: &mut World) -> Result<(), String> {
    let now = world.clock.now();
    let github = &mut world.github;
    for account in &seed.accounts {
        let free = github.accounts.iter().map(|account| account.id).max().unwrap_or(0) + 1;
        github.accounts.push(Account {
            id: account.id.unwrap_or(free),
            login: account.login.clone(),
            name: account.login.clone(),
            kind: AccountKind::User,
            members: std::collections::BTreeMap::new(),
        });
    }
    for token in &seed.tokens {
        let login = token.login.as_deref().unwrap_or("octocat");
        if github.account(login).is_none() {
            return Err(format!("the seed's token `{}` belongs to `{login}`, whom GitHub does not know", token.name));
        }
        for name in names(&token.name, token.count) {
            let made = match &token.permissions {
                None => start::classic(&name, login, &[]),
                Some(permissions) => GithubToken {
                    permissions: permissions.clone(),
                    resource_owner: Some(login.to_owned()),
                    ..start::fine_grained(&name, login, &[])
                },
            };
            let made = GithubToken {
                scopes: token.scopes.clone(),
                revoked: token.revoked,
                expires_at: token.expires_in_days.map(|days| days_later(now, days)),
                ..made
            };
            github.add_token(made);
        }
    }
    Ok(())
}

fn plant_gitlab(seed: &GitlabSeed, world: &mut World) -> Result<(), String> {
    let now = world.clock.now();
    let gitlab = &mut world.gitlab;
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
    for token in &seed.tokens {
        let username = token.user.as_deref().unwrap_or("maintainer");
        let Some(user) = gitlab.user_named(username).map(|user| user.id) else {
            return Err(format!(
                "the seed's token `{}` belongs to `{username}`, whom GitLab does not know",
                token.name
            ));
        };
        for name in names(&token.name, token.count) {
            let made = start::access_token(gitlab, now, &name, user, &[]);
            gitlab.add_token(GitlabToken {
                scopes: token.scopes.clone(),
                revoked: token.revoked,
                expires_on: Some(day(days_later(now, token.expires_in_days.unwrap_or(90)))),
                kind: GitlabKind::Personal,
                ..made
            });
        }
    }
    Ok(())
}
