//! Where webhooks live.

use std::fmt;
use std::str::FromStr;

use crate::model::ForgeKind;
use crate::model::text::begins_like_a_token;

/// What a webhook belongs to. As a text `repo:OWNER/NAME`, `org:NAME`, `project:PATH`, `group:PATH`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// A repository on GitHub.
    GithubRepo {
        /// Its owner's login.
        owner: String,
        /// Its name.
        name: String,
    },
    /// An organisation on GitHub, by its login.
    GithubOrg(String),
    /// A project on GitLab, by its full path.
    GitlabProject(String),
    /// A group on GitLab, by its full path.
    GitlabGroup(String),
}

/// Why a text names nothing that has webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is `repo:OWNER/NAME`, `org:NAME`, `project:PATH` or `group:PATH`")]
pub struct NotATarget;

impl Target {
    /// A repository from `OWNER/NAME`.
    pub fn repo(text: &str) -> Option<Self> {
        let (owner, name) = text.split_once('/')?;
        let good = is_part(owner) && is_part(name);
        good.then(|| Self::GithubRepo { owner: owner.to_owned(), name: name.to_owned() })
    }

    /// An organisation from its login.
    pub fn org(text: &str) -> Option<Self> {
        is_part(text).then(|| Self::GithubOrg(text.to_owned()))
    }

    /// A project from its full path.
    pub fn project(text: &str) -> Option<Self> {
        (text.contains('/') && text.split('/').all(is_part)).then(|| Self::GitlabProject(text.to_owned()))
    }

    /// A group from its full path.
    pub fn group(text: &str) -> Option<Self> {
        text.split('/').all(is_part).then(|| Self::GitlabGroup(text.to_owned()))
    }

    /// Whose it is.
    pub const fn forge(&self) -> ForgeKind {
        match self {
            Self::GithubRepo { .. } | Self::GithubOrg(_) => ForgeKind::GitHub,
            Self::GitlabProject(_) | Self::GitlabGroup(_) => ForgeKind::GitLab,
        }
    }

    /// Its path at the forge: `OWNER/NAME`, `NAME`, `GROUP/PROJECT`.
    pub fn path(&self) -> String {
        match self {
            Self::GithubRepo { owner, name } => format!("{owner}/{name}"),
            Self::GithubOrg(path) | Self::GitlabProject(path) | Self::GitlabGroup(path) => path.clone(),
        }
    }

    /// What it is: `repo`, `org`, `project`, `group`. So the flags are called, too.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::GithubRepo { .. } => "repo",
            Self::GithubOrg(_) => "org",
            Self::GitlabProject(_) => "project",
            Self::GitlabGroup(_) => "group",
        }
    }

    /// The same in words for people: `repository`, `organisation`, `project`, `group`.
    pub const fn noun(&self) -> &'static str {
        match self {
            Self::GithubRepo { .. } => "repository",
            Self::GithubOrg(_) => "organisation",
            Self::GitlabProject(_) => "project",
            Self::GitlabGroup(_) => "group",
        }
    }

    /// Who may look at its webhooks and change them. GitHub docs: "About webhooks"; GitLab docs: "Webhooks".
    pub const fn who(&self) -> &'static str {
        match self {
            Self::GithubRepo { .. } => "an administrator of the repository, with the permission `Webhooks`",
            Self::GithubOrg(_) => "an owner of the organisation, with the permission `Webhooks` of the organisation",
            Self::GitlabProject(_) => "a maintainer or owner of the project, with the scope `api`",
            Self::GitlabGroup(_) => "an owner of the group, with the scope `api`; and the group needs GitLab Premium",
        }
    }

    /// The flag that leads a command there: `--repo OWNER/NAME`.
    pub fn flag(&self) -> String {
        format!("--{} {}", self.word(), self.path())
    }

    /// Whether two texts name the same place; forges take no notice of case.
    pub fn is_same(&self, other: &Self) -> bool {
        self.word() == other.word() && self.path().eq_ignore_ascii_case(&other.path())
    }

    /// The page of one of its webhooks, below the forge's address.
    pub fn page(&self, id: u64) -> String {
        match self {
            Self::GithubRepo { owner, name } => format!("{owner}/{name}/settings/hooks/{id}"),
            Self::GithubOrg(org) => format!("organizations/{org}/settings/hooks/{id}"),
            Self::GitlabProject(path) => format!("{path}/-/hooks/{id}/edit"),
            Self::GitlabGroup(path) => format!("groups/{path}/-/hooks/{id}/edit"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.word(), self.path())
    }
}

impl FromStr for Target {
    type Err = NotATarget;

    fn from_str(text: &str) -> Result<Self, NotATarget> {
        let (word, path) = text.split_once(':').ok_or(NotATarget)?;
        match word {
            "repo" => Self::repo(path),
            "org" => Self::org(path),
            "project" => Self::project(path),
            "group" => Self::group(path),
            _ => None,
        }
        .ok_or(NotATarget)
    }
}

/// A part of a path, as both forges take it; nothing that leads elsewhere, and no token in the wrong place.
fn is_part(part: &str) -> bool {
    !part.is_empty()
        && !matches!(part, "." | "..")
        && part.len() <= 255
        && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        && !begins_like_a_token(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_texts() {
        for text in ["repo:o/r", "org:agility-game", "project:a/b/c", "group:a", "group:a/b"] {
            let read: Result<Target, _> = text.parse();
            assert_eq!(read.map(|target| target.to_string()).as_deref(), Ok(text));
        }
        for bad in
            ["", "o/r", "repo:o", "repo:o/r/x", "org:a/b", "project:a", "group:", "repo:../r", "user:x", "org:ghp_0123"]
        {
            assert_eq!(bad.parse::<Target>(), Err(NotATarget), "{bad}");
        }
    }

    #[test]
    fn the_same_place() {
        let target = |text: &str| text.parse::<Target>().unwrap_or_else(|_| unreachable!("{text}"));
        assert!(target("repo:O/r").is_same(&target("repo:o/R")));
        assert!(!target("group:a/b").is_same(&target("project:a/b")));
    }

    proptest::proptest! {
        #[test]
        fn what_reads_is_written_alike(text in "(repo|org|project|group|x):[a-zA-Z0-9_./-]{0,20}") {
            if let Ok(target) = text.parse::<Target>() {
                proptest::prop_assert_eq!(target.to_string(), text);
            }
        }
    }
}
