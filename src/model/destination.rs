//! A destination: a place where a copy of a connection's secret was put.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ConnectionName, Fingerprint};

/// One copy of a secret, as the record of its connection lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// What kind of place it is.
    pub kind: DestinationKind,
    /// The place, for people and for finding it again: a project's or a repository's URL; for a webhook, the API's
    /// URL of the hook.
    pub target: String,
    /// The name that the copy has there: of an Actions secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The forge's number for the project or repository, which stays when it is renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// The connection that may write there.
    pub via: ConnectionName,
    /// The import that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<String>,
    /// Which token was put there.
    pub fingerprint: Fingerprint,
    /// When.
    pub since: Timestamp,
}

/// What kind of place a copy went to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DestinationKind {
    /// A GitLab project's pull mirror.
    GitlabMirror,
    /// A GitLab project's GitHub integration.
    GitlabIntegration,
    /// A GitHub webhook whose URL carries a GitLab token.
    GithubWebhook,
    /// A secret of GitHub Actions.
    GithubSecret,
}

impl DestinationKind {
    /// The word in records and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::GitlabMirror => "gitlab-mirror",
            Self::GitlabIntegration => "gitlab-integration",
            Self::GithubWebhook => "github-webhook",
            Self::GithubSecret => "github-secret",
        }
    }
}

impl Destination {
    /// Whether two speak of the same place.
    pub fn is_same_place(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.name == other.name
            && match (self.id, other.id) {
                (Some(one), Some(other_id)) => {
                    one == other_id && (self.kind != DestinationKind::GithubWebhook || self.target == other.target)
                }
                _ => self.target == other.target,
            }
    }
}
