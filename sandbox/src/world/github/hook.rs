//! Webhooks, and what was delivered to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Account, Github, Repository};
use crate::mail::{Line, Payload, unshared};
use crate::world::clock::later;

/// When the hooks of seeds were made.
const SEEDED_AT: Timestamp = Timestamp::constant(1_737_918_072, 0);

/// After that many days without a delivery, nobody knows how the last one went.
const FORGOTTEN_AFTER_DAYS: i64 = 30;

/// Where a hook lives, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Home {
    Repository(u64),
    Organization(u64),
}

impl Home {
    /// GitHub's word for it in headers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Repository(_) => "repository",
            Self::Organization(_) => "organization",
        }
    }

    pub fn number(self) -> u64 {
        match self {
            Self::Repository(id) | Self::Organization(id) => id,
        }
    }
}

/// How the last delivery went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LastResponse {
    pub code: Option<u16>,
    pub status: String,
    pub message: Option<String>,
}

impl LastResponse {
    /// Before the first one.
    fn unused() -> Self {
        Self { code: None, status: "unused".to_owned(), message: None }
    }
}

/// A webhook of a repository or an organisation.
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
    /// Made by an OAuth app: an organisation's are hidden from its people, and theirs from the app.
    pub of_app: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub last_response: LastResponse,
    /// In the order in which they were sent.
    #[serde(serialize_with = "unshared")]
    pub deliveries: Vec<Arc<Delivery>>,
    /// What is to be sent.
    #[serde(skip)]
    pub line: Line<Envelope>,
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
            of_app: false,
            created_at: now,
            updated_at: now,
            last_response: LastResponse::unused(),
            deliveries: Vec::new(),
            line: Line::default(),
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

    /// How the last delivery went, as far as that is remembered.
    pub fn last_response(&self, now: Timestamp) -> LastResponse {
        let oldest = later(now, SignedDuration::from_hours(-24 * FORGOTTEN_AFTER_DAYS));
        let known = self.deliveries.last().is_some_and(|last| last.delivered_at >= oldest);
        if known { self.last_response.clone() } else { LastResponse::unused() }
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
    pub payload: Payload,
    /// Of events that happen in a repository.
    pub repository: Option<u64>,
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
    pub repository: Option<u64>,
    /// Where it was sent to.
    pub url: String,
    pub request_headers: BTreeMap<String, String>,
    pub payload: Payload,
    pub response_headers: BTreeMap<String, String>,
    pub response_payload: String,
}

impl Delivery {
    /// Did the other side take it?
    pub fn succeeded(&self) -> bool {
        (200..400).contains(&self.status_code)
    }
}

impl Github {
    fn organisation_mut(&mut self, id: u64) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|it| it.id == id)
    }

    pub fn repository_of(&self, id: u64) -> Option<&Repository> {
        self.repositories.iter().find(|it| it.id == id)
    }

    /// The hooks of a repository or an organisation.
    pub fn hooks(&self, home: Home) -> &[Hook] {
        match home {
            Home::Repository(id) => self.repository_of(id).map_or(&[], |it| it.hooks.as_slice()),
            Home::Organization(id) => self.accounts.iter().find(|it| it.id == id).map_or(&[], |it| it.hooks.as_slice()),
        }
    }

    pub fn hooks_mut(&mut self, home: Home) -> Option<&mut Vec<Hook>> {
        match home {
            Home::Repository(id) => self.repository_mut(id).map(|it| &mut it.hooks),
            Home::Organization(id) => self.organisation_mut(id).map(|it| &mut it.hooks),
        }
    }

    pub fn hook(&self, home: Home, id: u64) -> Option<&Hook> {
        self.hooks(home).iter().find(|hook| hook.id == id)
    }

    pub fn hook_mut(&mut self, home: Home, id: u64) -> Option<&mut Hook> {
        self.hooks_mut(home)?.iter_mut().find(|hook| hook.id == id)
    }

    /// Everywhere that hooks may be.
    pub fn homes(&self) -> impl Iterator<Item = Home> {
        let repositories = self.repositories.iter().map(|it| Home::Repository(it.id));
        repositories.chain(self.accounts.iter().map(|it| Home::Organization(it.id)))
    }

    /// Everywhere that hooks may hear of what happens in a repository: there, and at the organisation that owns it.
    pub fn homes_above(&self, repository: u64) -> Vec<Home> {
        let owner = self.repository_of(repository).and_then(|it| self.account(&it.owner));
        let organisation = owner.filter(|owner| owner.kind == super::AccountKind::Organization);
        let above = organisation.map(|owner| Home::Organization(owner.id));
        [Home::Repository(repository)].into_iter().chain(above).collect()
    }
}
