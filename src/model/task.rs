//! What a token is wanted for, and what it needs for that.

use std::fmt;
use std::str::FromStr;

use super::permission::{Level, Permission};

/// A job that a token is to do. Permissions are asked for, and checked, by task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Task {
    /// Fetch and push.
    Git,
    /// Set up GitLab CI/CD for a GitHub repository.
    Import,
    /// Make, change and look into webhooks.
    Webhooks,
    /// Report commit statuses.
    Status,
    /// Look, change nothing.
    Read,
}

/// No task of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tasks are `git`, `import`, `webhooks`, `status` and `read`")]
pub struct NotATask;

const fn permission(key: &'static str, label: &'static str, level: Level) -> Permission {
    Permission { key, label, level }
}

impl Task {
    /// All of them, in the order that help lists them.
    pub const ALL: [Self; 5] = [Self::Git, Self::Import, Self::Webhooks, Self::Status, Self::Read];

    /// The word used on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Git => "git",
            Self::Import => "import",
            Self::Webhooks => "webhooks",
            Self::Status => "status",
            Self::Read => "read",
        }
    }

    /// What a fine-grained GitHub token needs (GitHub docs, "Permissions required for fine-grained
    /// personal access tokens"). `import` writes commit statuses because GitLab reports pipelines
    /// through them.
    pub const fn github_permissions(self) -> &'static [Permission] {
        use Level::{Read, Write};
        match self {
            Self::Git => {
                const {
                    &[
                        permission("contents", "Contents", Write),
                        permission("workflows", "Workflows", Write),
                        permission("metadata", "Metadata", Read),
                    ]
                }
            }
            Self::Import => {
                const {
                    &[
                        permission("actions", "Actions", Write),
                        permission("contents", "Contents", Write),
                        permission("issues", "Issues", Write),
                        permission("repository_hooks", "Webhooks", Write),
                        permission("workflows", "Workflows", Write),
                        permission("statuses", "Commit statuses", Write),
                        permission("metadata", "Metadata", Read),
                    ]
                }
            }
            Self::Webhooks => {
                const { &[permission("repository_hooks", "Webhooks", Write), permission("metadata", "Metadata", Read)] }
            }
            Self::Status => {
                const { &[permission("statuses", "Commit statuses", Write), permission("metadata", "Metadata", Read)] }
            }
            Self::Read => {
                const {
                    &[
                        permission("contents", "Contents", Read),
                        permission("issues", "Issues", Read),
                        permission("pull_requests", "Pull requests", Read),
                        permission("statuses", "Commit statuses", Read),
                        permission("metadata", "Metadata", Read),
                    ]
                }
            }
        }
    }

    /// What a classic GitHub token needs (GitHub docs, "Scopes for OAuth apps"). `repo` includes
    /// repository hooks and statuses; classic scopes know no reading alone of private repositories.
    pub const fn github_scopes(self) -> &'static [&'static str] {
        match self {
            Self::Git | Self::Import => &["repo", "workflow"],
            Self::Webhooks => &["admin:repo_hook"],
            Self::Status => &["repo:status"],
            Self::Read => &["repo", "read:org"],
        }
    }

    /// What a GitLab token needs (GitLab docs, "Personal access token scopes"). `self_rotate`, so
    /// that it can be renewed, is added by the page for all but `api`, which includes it.
    pub const fn gitlab_scopes(self) -> &'static [&'static str] {
        match self {
            Self::Git => &["read_user", "read_repository", "write_repository"],
            Self::Import | Self::Webhooks | Self::Status => &["api"],
            Self::Read => &["read_api", "read_repository"],
        }
    }
}

impl FromStr for Task {
    type Err = NotATask;

    fn from_str(text: &str) -> Result<Self, NotATask> {
        Self::ALL.into_iter().find(|task| task.word() == text).ok_or(NotATask)
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
