//! A letter: one delivery of a webhook, verified, with what it says of itself.
//!
//! The body is kept as it came, byte for byte: it is what was signed, and what is forwarded. Everything else is read
//! from the headers, which no forge signs, and from the body, which all sign but those that only send a token.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ConnectionName, ForgeKind};

/// One delivery, as it was received.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// The forge's name for it, the same for all its repetitions: `X-GitHub-Delivery`, `webhook-id`, `Idempotency-Key`.
    pub id: String,
    /// Which kind of forge sent it.
    pub forge: ForgeKind,
    /// For which connection.
    pub connection: ConnectionName,
    /// The last part of the address it came to.
    pub endpoint: String,
    /// What it tells of, in the forge's word: `push`, `pull_request`; on GitLab the payload's `object_kind`.
    pub event: String,
    /// What was done: `opened`, `merge`; where the payload says.
    pub action: Option<String>,
    /// `OWNER/REPO`, `GROUP/PROJECT`; where the payload says.
    pub repository: Option<String>,
    /// Who did it: a login; where the payload says.
    pub sender: Option<String>,
    /// When it came.
    pub received_at: Timestamp,
    /// How the payload is packed.
    pub packing: Packing,
    /// The headers in their order, names in lower case, each byte of a value one character (Latin-1). Never those that
    /// belong to the connection, and never one that holds a secret.
    pub headers: Vec<(String, String)>,
    /// Whether it was received before, and is let through again.
    #[serde(default)]
    pub repeat: bool,
    /// The body as it came.
    #[serde(skip)]
    pub body: Vec<u8>,
}

/// How a payload is packed into a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Packing {
    /// The body is the payload.
    Json,
    /// `application/x-www-form-urlencoded`: the payload is the field `payload` (GitHub).
    Form,
}

impl Letter {
    /// The payload, which is JSON; nothing if the body holds none.
    pub fn payload(&self) -> Option<Cow<'_, str>> {
        payload(self.packing, &self.body)
    }

    /// A copy of all but the body, which may be large.
    pub fn clone_head(&self) -> Self {
        Self {
            id: self.id.clone(),
            connection: self.connection.clone(),
            endpoint: self.endpoint.clone(),
            event: self.event.clone(),
            action: self.action.clone(),
            repository: self.repository.clone(),
            sender: self.sender.clone(),
            headers: self.headers.clone(),
            body: Vec::new(),
            ..*self
        }
    }
}

/// The payload in a body; nothing where a form has no field `payload` or more than one, or JSON is not UTF-8.
pub fn payload(packing: Packing, body: &[u8]) -> Option<Cow<'_, str>> {
    match packing {
        Packing::Json => std::str::from_utf8(body).ok().map(Cow::Borrowed),
        Packing::Form => {
            let mut found = url::form_urlencoded::parse(body).filter(|(name, _)| name == "payload");
            let (_, text) = found.next()?;
            found.next().is_none().then_some(text)
        }
    }
}

impl fmt::Debug for Letter {
    /// Without headers and body: they are not ours to show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter")
            .field("id", &self.id)
            .field("connection", &self.connection)
            .field("event", &self.event)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
