//! Webhooks, and what was delivered to them.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

/// When the hooks of seeds were made.
const SEEDED_AT: Timestamp = Timestamp::constant(1_737_918_072, 0);

/// How the last delivery went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LastResponse {
    pub code: Option<u16>,
    pub status: String,
    pub message: Option<String>,
}

/// A webhook of a repository.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Hook {
    pub id: u64,
    pub active: bool,
    pub events: Vec<String>,
    pub url: String,
    /// `json` or `form`.
    pub content_type: String,
    /// Certificates are not looked at.
    pub insecure_ssl: bool,
    /// Shown as stars, and signed with.
    pub secret: Option<String>,
    /// Made through the Enterprise Server's API, so that its deliveries have that one's addresses.
    pub enterprise: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub last_response: LastResponse,
    /// In the order in which they were sent.
    pub deliveries: Vec<Delivery>,
    /// What is to be sent, in order, by one job at a time.
    #[serde(skip)]
    pub waiting: VecDeque<Envelope>,
    #[serde(skip)]
    pub at_work: bool,
}

impl Hook {
    /// Without anything delivered yet.
    pub fn new(id: u64, url: &str, now: Timestamp) -> Self {
        Self {
            id,
            active: true,
            events: vec!["push".to_owned()],
            url: url.to_owned(),
            content_type: "form".to_owned(),
            insecure_ssl: false,
            secret: None,
            enterprise: false,
            created_at: now,
            updated_at: now,
            last_response: LastResponse { code: None, status: "unused".to_owned(), message: None },
            deliveries: Vec::new(),
            waiting: VecDeque::new(),
            at_work: false,
        }
    }

    /// As a seed has it: in JSON, with a secret.
    pub fn seeded(id: u64, url: &str) -> Self {
        let secret = Some(format!("seeded-secret-{id}"));
        Self { content_type: "json".to_owned(), secret, ..Self::new(id, url, SEEDED_AT) }
    }

    /// Does it want to hear of such events?
    pub fn wants(&self, event: &str) -> bool {
        self.active && self.events.iter().any(|wanted| wanted == "*" || wanted == event)
    }

    pub fn state(&self) -> Value {
        let mut state = json!(self);
        state["has_secret"] = json!(self.secret.is_some());
        state
    }
}

/// Something to be sent to a hook.
#[derive(Debug, Clone)]
pub(crate) struct Envelope {
    /// A redelivery keeps it.
    pub guid: String,
    pub event: String,
    pub action: Option<String>,
    pub payload: Value,
    pub redelivery: bool,
}

/// Something that was sent to a hook.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Delivery {
    pub id: u64,
    pub guid: String,
    pub delivered_at: Timestamp,
    pub redelivery: bool,
    /// Seconds.
    pub duration: f64,
    /// `OK`, `Invalid HTTP Response: 503`, `timed out` …
    pub status: String,
    pub status_code: u16,
    pub event: String,
    pub action: Option<String>,
    /// Where it was sent to.
    pub url: String,
    pub request_headers: BTreeMap<String, String>,
    pub payload: Value,
    pub response_headers: BTreeMap<String, String>,
    pub response_payload: String,
}

impl Delivery {
    /// Did the other side take it?
    pub fn succeeded(&self) -> bool {
        (200..400).contains(&self.status_code)
    }
}
