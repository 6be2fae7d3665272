//! What GitHub holds for a repository, as far as a set-up puts it there: webhooks, files, pull requests.

use jiff::Timestamp;
use url::Url;

use super::Fingerprint;

/// A webhook of a GitHub repository, without the secrets in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// GitHub's number for it.
    pub id: u64,
    /// Where it delivers to, without user, password, query and fragment.
    pub url: Url,
    /// Of the `private_token` in its query, which GitLab's mirror is triggered with: whether it is a known one.
    pub token: Option<Fingerprint>,
    /// What it tells of: `push`, `pull_request`, `*`.
    pub events: Vec<String>,
    /// Whether it delivers at all.
    pub active: bool,
    /// Whether its deliveries are signed.
    pub has_secret: bool,
    /// Whether it sends JSON, and not a form.
    pub json: bool,
    /// Whether it looks at the receiver's certificate.
    pub verifies_tls: bool,
    /// The status that its last delivery was answered with; nothing where there was none, or no answer.
    pub last_response: Option<u16>,
    /// What GitHub says of that answer.
    pub last_message: Option<String>,
}

/// One time that a webhook was, or was to be, delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// GitHub's number for this attempt.
    pub id: u64,
    /// `X-GitHub-Delivery`: the same for an event and all its attempts.
    pub guid: String,
    /// What it told of: `ping`, `push`.
    pub event: String,
    /// How it went, in GitHub's words: `OK`, `Invalid HTTP Response: 503`.
    pub status: String,
    /// The status it was answered with; nothing where there was no answer.
    pub status_code: Option<u16>,
    /// When.
    pub at: Option<Timestamp>,
    /// Whether somebody asked for it to be sent again.
    pub redelivery: bool,
}

/// A file in a repository, at one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its blob's: what GitHub wants to be told when the file is replaced.
    pub sha: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pull {
    /// Its number in the repository.
    pub number: u64,
    /// Its page.
    pub web_url: String,
}
