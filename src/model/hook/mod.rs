//! Webhooks and what was delivered to them, as both forges tell of them; and what else a set-up puts into a GitHub
//! repository: files, pull requests.
//!
//! Where a webhook lives is a [`Target`]; what it may tell of is in [`event`]. No secret is in here: a forge never
//! gives one back, and a token in an address becomes a fingerprint as soon as it is read.

pub mod event;
mod target;

use jiff::Timestamp;
use url::Url;

use super::Fingerprint;

pub use target::{NotATarget, Target};

/// A webhook, without the secrets in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// The forge's number for it.
    pub id: u64,
    /// Where it delivers to, without user, password, query and fragment.
    pub url: Url,
    /// Of the whole address with all that `url` leaves out: by it two addresses are compared.
    pub address: Fingerprint,
    /// Of the `private_token` in its query, which GitLab's mirror is triggered with: whether it is a known one.
    pub token: Option<Fingerprint>,
    /// What it tells of, in the forge's words: GitHub's `push`, `pull_request`, `*`; GitLab's flags without `_events`.
    pub events: Vec<String>,
    /// What it could tell of and does not, as far as the forge says (GitLab names all that it has; GitHub none).
    pub left_out: Vec<String>,
    /// The forge's number for the place that it belongs to, where the answer has it (GitLab).
    pub of: Option<u64>,
    /// Whether it delivers at all: GitHub's switch; GitLab's, unless it was switched off for good after failures.
    pub active: bool,
    /// Whether a GitHub webhook's deliveries are signed, or a GitLab one's carry `X-Gitlab-Token`; nothing where the
    /// server does not tell.
    pub has_secret: Option<bool>,
    /// Whether a GitLab webhook's deliveries are signed (GitLab 19.0); nothing where the server does not tell.
    pub signs: Option<bool>,
    /// Whether it sends JSON, and not a form. GitLab has nothing else.
    pub json: bool,
    /// Whether it looks at the receiver's certificate.
    pub verifies_tls: bool,
    /// The status that its last delivery was answered with; nothing where there was none, or no answer, or where the
    /// forge does not say (GitLab).
    pub last_response: Option<u16>,
    /// What GitHub says of that answer.
    pub last_message: Option<String>,
    /// What GitLab made of failures.
    pub alert: Option<Alert>,
    /// Until when GitLab delivers nothing, where that has an end.
    pub disabled_until: Option<Timestamp>,
    /// The name that somebody gave it (GitLab).
    pub name: Option<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
}

/// GitLab's `alert_status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alert {
    /// It delivers.
    Executable,
    /// It failed, and pauses.
    TemporarilyDisabled,
    /// It failed too often: somebody has to revive it.
    Disabled,
    /// A word that is not known here.
    Other,
}

impl Alert {
    /// GitLab's word.
    pub fn read(word: &str) -> Self {
        match word {
            "executable" => Self::Executable,
            "temporarily_disabled" => Self::TemporarilyDisabled,
            "disabled" => Self::Disabled,
            _ => Self::Other,
        }
    }

    /// The word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Executable => "executable",
            Self::TemporarilyDisabled => "temporarily_disabled",
            Self::Disabled => "disabled",
            Self::Other => "other",
        }
    }
}

/// One time that a webhook was, or was to be, delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The forge's number for this attempt.
    pub id: u64,
    /// What is the same for an event and all its attempts: `X-GitHub-Delivery`, GitLab's `Idempotency-Key`. Empty where
    /// the forge does not tell.
    pub guid: String,
    /// What it told of, as in [`Hook::events`]: `ping`, `push`.
    pub event: String,
    /// What happened to it: `opened`. GitHub alone tells.
    pub action: Option<String>,
    /// How it went, in the forge's words: `OK`, `Invalid HTTP Response: 503`, `internal error`.
    pub status: String,
    /// The status it was answered with; nothing where there was no answer.
    pub status_code: Option<u16>,
    /// When.
    pub at: Option<Timestamp>,
    /// How long it took, in milliseconds.
    pub took: Option<u64>,
    /// Whether somebody asked for it to be sent again. GitHub alone tells.
    pub redelivery: bool,
}

impl Delivery {
    /// Whether the receiver took it.
    pub fn succeeded(&self) -> bool {
        self.status_code.is_some_and(|code| (200..300).contains(&code))
    }
}

/// A delivery with what was sent and what was answered, as far as the forge keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// The delivery.
    pub delivery: Delivery,
    /// The request's headers, in the forge's order. The values of those that authorise are stars.
    pub request_headers: Vec<(String, String)>,
    /// What was sent: JSON, whatever form it was sent in.
    pub payload: serde_json::Value,
    /// The answer's headers.
    pub response_headers: Vec<(String, String)>,
    /// The answer's body, as far as the forge keeps it.
    pub response: String,
}

/// What came of a test that a forge was asked to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tested {
    /// It is, or will be, sent: how it went is among the deliveries a moment later (GitHub).
    Sent,
    /// The receiver took it (GitLab).
    Taken,
    /// It did not, in the forge's words (GitLab).
    Failed(String),
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
