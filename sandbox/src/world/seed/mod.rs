//! More people, places and tokens than the start has, told in JSON or in Rust.
//!
//! ```json
//! { "github": { "accounts": [ { "login": "mojombo" } ],
//!               "organizations": [ { "login": "acme", "members": { "mojombo": "admin" },
//!                                    "forbids_classic": true } ],
//!               "repositories": [ { "owner": "acme", "name": "vault", "private": true,
//!                                   "archived": true } ],
//!               "tokens": [ { "name": "vault", "login": "mojombo", "resource_owner": "acme",
//!                             "repositories": ["vault"], "permissions": { "contents": "read" } } ] },
//!   "gitlab": { "users": [ { "username": "ada" } ],
//!               "groups": [ { "path": "acme", "members": { "ada": 40 } } ],
//!               "projects": [ { "path": "acme/site", "visibility": "public" } ],
//!               "tokens": [ { "name": "bulk", "user": "ada", "scopes": ["api"], "count": 1000,
//!                             "expires_in_days": 30 } ] } }
//! ```
//!
//! A token with a `count` becomes that many, named `bulk-1`, `bulk-2`, and so on. What names
//! somebody or something that does not exist is refused, as are unknown keys.

mod github;
mod gitlab;

use serde::{Deserialize, Serialize};

use super::World;
pub use github::{GithubAccountSeed, GithubOrganizationSeed, GithubRepositorySeed, GithubSeed, GithubTokenSeed};
pub use gitlab::{GitlabGroupSeed, GitlabProjectSeed, GitlabSeed, GitlabTokenSeed, GitlabUserSeed};

/// What is added to both forges.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Seed {
    /// For GitHub.
    pub github: GithubSeed,
    /// For GitLab.
    pub gitlab: GitlabSeed,
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
    let now = world.clock.now();
    github::plant(&seed.github, &mut world.github, now)?;
    gitlab::plant(&seed.gitlab, &mut world.gitlab, now)
}
