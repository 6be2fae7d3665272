//! The GitHub integration of a project: where commit statuses are reported, and with which token.

use jiff::Timestamp;
use serde::Serialize;

/// A project's GitHub integration. The token is not shown, only that there is one.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Integration {
    pub id: u64,
    pub active: bool,
    pub repository_url: String,
    pub static_context: bool,
    pub pipeline_events: bool,
    #[serde(serialize_with = "has_token", rename = "has_token")]
    pub token: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// What GitHub answered to the newest commit status; `None` if nothing was posted or came back.
    pub last_answer: Option<u16>,
}

fn has_token<S: serde::Serializer>(token: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(token.is_some())
}

impl Integration {
    /// Switches it off and blanks what it was told.
    pub fn deactivate(&mut self, now: Timestamp) {
        self.active = false;
        self.token = None;
        self.repository_url.clear();
        self.static_context = true;
        self.updated_at = now;
    }
}
