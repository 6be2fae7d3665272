//! A destination: a place where a copy of a connection's secret was put.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Connection, ConnectionName, Fingerprint, SecretId};

/// One copy of a secret, as the record of its connection lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// What kind of place it is.
    pub kind: DestinationKind,
    /// Which of the connection's secrets is there.
    #[serde(default, skip_serializing_if = "Copied::is_token")]
    pub of: Copied,
    /// The place, for people and for finding it again: a project's or a repository's URL; for a webhook, the API's
    /// URL of the hook; a file's path; a command line.
    pub target: String,
    /// The name that the copy has there: of an Actions secret, of a CI/CD variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For which environment: of an Actions secret, of a CI/CD variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The forge's number for the project, group, repository or organisation, which stays when it is renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// The connection that may write there; nothing where no forge is asked: a file, a command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<ConnectionName>,
    /// The import that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<String>,
    /// Which token was put there; nothing where none was yet, and for webhook secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// Which webhook secret was put there, by its id in the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretId>,
    /// When.
    pub since: Timestamp,
    /// Why the last attempt to put the present one there failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// Which of a connection's secrets a copy is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Copied {
    /// The token.
    #[default]
    Token,
    /// The webhook's secret.
    Webhook,
}

impl Copied {
    /// Whether it is the token.
    pub const fn is_token(&self) -> bool {
        matches!(self, Self::Token)
    }
}

/// What kind of place a copy went to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DestinationKind {
    /// A GitLab project's pull mirror.
    GitlabMirror,
    /// A GitLab project's GitHub integration.
    GitlabIntegration,
    /// A CI/CD variable of a GitLab project, group or instance.
    GitlabVariable,
    /// A secret of GitHub Actions: of a repository, an environment or an organisation.
    GithubSecret,
    /// A GitHub webhook: a GitLab token in its URL, or its secret.
    GithubWebhook,
    /// The secret of a GitLab webhook.
    GitlabWebhook,
    /// A file that only the user may read.
    File,
    /// A command that is given the secret on its standard input.
    Command,
}

impl DestinationKind {
    /// The word in records and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::GitlabMirror => "gitlab-mirror",
            Self::GitlabIntegration => "gitlab-integration",
            Self::GitlabVariable => "gitlab-variable",
            Self::GithubSecret => "github-secret",
            Self::GithubWebhook => "github-webhook",
            Self::GitlabWebhook => "gitlab-webhook",
            Self::File => "file",
            Self::Command => "command",
        }
    }
}

impl Destination {
    /// Whether two speak of the same place.
    pub fn is_same_place(&self, other: &Self) -> bool {
        let has_own_address = matches!(self.kind, DestinationKind::GithubWebhook | DestinationKind::GitlabWebhook);
        self.kind == other.kind
            && self.name == other.name
            && self.environment == other.environment
            && match (self.id, other.id) {
                // Two forges may have the same number for two things.
                (Some(one), Some(other_id)) if !has_own_address => {
                    one == other_id && origin(&self.target) == origin(&other.target)
                }
                _ => self.target == other.target,
            }
    }

    /// Whether what is there is not the connection's present secret.
    pub fn is_stale(&self, connection: &Connection) -> bool {
        match self.of {
            Copied::Token => {
                connection.token.as_ref().is_some_and(|token| Some(&token.fingerprint) != self.fingerprint.as_ref())
            }
            Copied::Webhook => {
                connection.webhook.as_ref().is_some_and(|webhook| Some(&webhook.secret) != self.secret.as_ref())
            }
        }
    }
}

impl Connection {
    /// Writes down what is known of a place, where it stands on the list; at its end if it is new.
    pub fn put_destination(&mut self, destination: &Destination) {
        let is_it = |value: &serde_json::Value| {
            serde_json::from_value::<Destination>(value.clone()).is_ok_and(|known| known.is_same_place(destination))
        };
        let at = self.destinations.iter().position(is_it);
        match (at.and_then(|at| self.destinations.get_mut(at)), serde_json::to_value(destination)) {
            (Some(there), Ok(value)) => *there = value,
            (None, Ok(value)) => self.destinations.push(value),
            // Texts, numbers and times: nothing that JSON has no word for.
            (_, Err(_)) => {}
        }
    }
}

/// Scheme, host and port of an address.
fn origin(target: &str) -> Option<url::Origin> {
    url::Url::parse(target).ok().map(|url| url.origin())
}
