//! Repositories, projects and groups, as far as it matters what an account may do there.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

/// A role in a GitHub repository, from the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads.
    Pull,
    /// Manages issues and pull requests.
    Triage,
    /// Writes.
    Push,
    /// Manages, but for what is dangerous.
    Maintain,
    /// Everything.
    Admin,
}

impl Role {
    /// GitHub's word in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Triage => "triage",
            Self::Push => "push",
            Self::Maintain => "maintain",
            Self::Admin => "admin",
        }
    }
}

/// A GitHub repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// It stays when the name changes.
    pub id: u64,
    /// The owner's login.
    pub owner: String,
    /// Its own name.
    pub name: String,
    /// `public`, `private`, `internal`.
    pub visibility: String,
    /// Nobody writes there.
    pub archived: bool,
    /// The account's role, not the token's: an upper bound. Nothing where GitHub does not say.
    pub role: Option<Role>,
    /// Whether the owner is an organisation.
    pub of_organization: bool,
    /// The branch that counts; GitHub names one also where there is no commit yet.
    pub default_branch: Option<String>,
    /// GitHub has switched it off.
    pub disabled: bool,
    /// What its owner says of it, on one line, at most 500 characters.
    pub description: Option<String>,
    /// Its page.
    pub web_url: String,
    /// Its size is 0: a hint that there is no commit, no more. GitHub counts in the background, in KiB.
    pub empty: bool,
}

impl Repository {
    /// `owner/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// Whether anybody may read it.
    pub fn is_public(&self) -> bool {
        self.visibility == "public"
    }
}

/// GitLab's number for a role.
pub type AccessLevel = u32;

/// GitLab's word for a role's number.
pub const fn role_word(level: AccessLevel) -> &'static str {
    match level {
        50.. => "owner",
        40.. => "maintainer",
        30.. => "developer",
        20.. => "reporter",
        15.. => "planner",
        10.. => "guest",
        5.. => "minimal access",
        _ => "none",
    }
}

/// A GitLab project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// It stays when the path changes.
    pub id: u64,
    /// The full path.
    pub path: String,
    /// `public`, `internal`, `private`.
    pub visibility: String,
    /// Nobody writes there.
    pub archived: bool,
    /// The account's role there; nothing where it has none of its own.
    pub role: Option<AccessLevel>,
    /// Whether the key `mirror` is there: it is only where pull mirroring is licensed.
    pub may_mirror: bool,
    /// Its own name, as people see it.
    pub name: String,
    /// Its page.
    pub web_url: String,
    /// There is no commit yet.
    pub empty: bool,
    /// The branch that counts; nothing where there is no commit yet.
    pub default_branch: Option<String>,
    /// The account that made it, by number.
    pub creator: Option<u64>,
    /// When.
    pub created_at: Option<Timestamp>,
    /// Whether pull mirroring is on.
    pub mirrored: bool,
    /// Where its repository came from, without user, password and query.
    pub import_url: Option<Url>,
    /// What it has beside the repository.
    pub features: Features,
    /// The group or the user that it belongs to, by the number of the namespace.
    pub namespace: Option<u64>,
    /// It is marked for deletion: some days later it goes, unless somebody restores it.
    pub doomed: bool,
}

/// What a GitLab project has beside its repository. True is any level of access but `disabled`; nothing is where
/// GitLab does not say, or where it is to stay as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Features {
    /// Issues.
    pub issues: Option<bool>,
    /// Merge requests.
    pub merge_requests: Option<bool>,
    /// The wiki.
    pub wiki: Option<bool>,
    /// Snippets.
    pub snippets: Option<bool>,
}

impl Features {
    /// None of them: what is left is the repository and CI/CD.
    pub const OFF: Self =
        Self { issues: Some(false), merge_requests: Some(false), wiki: Some(false), snippets: Some(false) };

    /// Those that are not known to be off, in words.
    pub fn on(self) -> Vec<&'static str> {
        let all = [
            (self.issues, "issues"),
            (self.merge_requests, "merge requests"),
            (self.wiki, "wiki"),
            (self.snippets, "snippets"),
        ];
        all.into_iter().filter(|(state, _)| *state != Some(false)).map(|(_, word)| word).collect()
    }
}

/// What GitLab's projects belong to: a user or a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// Its number, which is not the group's or the user's.
    pub id: u64,
    /// The full path.
    pub path: String,
    /// Whether it is a user's own.
    pub is_user: bool,
    /// What is paid for, as `free`, `premium`, `ultimate_trial`; nothing where GitLab does not tell.
    pub plan: Option<String>,
}

/// A GitLab group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// It stays when the path changes.
    pub id: u64,
    /// The full path.
    pub path: String,
    /// `public`, `internal`, `private`.
    pub visibility: String,
    /// Nobody writes there.
    pub archived: bool,
    /// Who may make projects there: `noone`, `owner`, `maintainer`, `developer`, `administrator`; nothing where
    /// GitLab does not say.
    pub project_creation_level: Option<String>,
}
