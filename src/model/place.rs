//! Repositories, projects and groups, as far as it matters what an account may do there.

use serde::Serialize;

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
