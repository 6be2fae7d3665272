//! The small, telling world that every sandbox starts with.
//!
//! On GitHub: `octocat` owns the organisation `agility-game`, `defunkt` is a member of it; `hubot`
//! may push to one of its repositories and is no member; `monalisa` is a stranger. On GitLab: `root` administrates,
//! `maintainer` and `developer` are what they are called in the group
//! `agility-game/home-assistant`, and two bots bear a project's and a group's token.
//!
//! Unless its name says otherwise, a token belongs to `octocat` on GitHub and to `maintainer` on
//! GitLab, and lives for months.

mod commits;
mod github;
mod gitlab;

pub(crate) use commits::{fill_project, fill_repository, fill_store};
pub(crate) use github::{STORE, classic, fine_grained, github, repository};
pub(crate) use gitlab::{BEGINNING, access_token, gitlab, granular, group, project};

/// The organisation on GitHub, and the group of the same name on GitLab.
pub(crate) const ORGANISATION: &str = "agility-game";
