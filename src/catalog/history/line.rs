//! One line of the history: how it is hashed, written and read.
//!
//! The hash stands last and covers the bytes of the line in front of `,"hash":`. So every version can check the
//! lines of every other, whatever fields they have.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{CatalogError, Happening, Head};
use crate::model::Fingerprint;

/// What stands in front of the hash.
const MARK: &str = ",\"hash\":\"";

/// A line that reads: an object with a place in the chain. Its other fields may be those of a later version.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    text: String,
    fields: Map<String, Value>,
    seq: u64,
}

impl Entry {
    /// Reads a line; nothing when it is no line of a history.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let fields: Map<String, Value> = serde_json::from_str(text).ok()?;
        let seq = fields.get("seq")?.as_u64()?;
        fields.get("hash")?.as_str()?;
        Some(Self { text: text.to_owned(), fields, seq })
    }

    /// The line as it stands in the file: one JSON object.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A field's text, where it has one.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.as_str()
    }

    /// A field's number, where it has one.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.fields.get(name)?.as_u64()
    }

    /// Whether it is about a connection: of that name, or renamed from it.
    pub fn is_about(&self, name: &str) -> bool {
        self.names().any(|named| named == name)
    }

    /// The names of connections in it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let before = self.field("from").filter(|_| self.field("event") == Some("renamed"));
        self.field("connection").into_iter().chain(before)
    }

    pub(super) const fn seq(&self) -> u64 {
        self.seq
    }

    pub(super) fn hash(&self) -> &str {
        self.field("hash").unwrap_or_default()
    }

    /// Whether the hash is that of the line.
    pub(super) fn is_sound(&self) -> bool {
        let hashed = self.text.rfind(MARK).and_then(|at| self.text.get(..at));
        hashed.is_some_and(|hashed| Fingerprint::of(hashed.as_bytes()).as_str() == self.hash())
    }
}

/// A line without its hash.
#[derive(Serialize)]
struct Body<'a> {
    seq: u64,
    #[serde(flatten)]
    happening: &'a Happening,
    /// The hash of the line before; nothing in the first.
    prev: Option<&'a str>,
}

/// Adds the line for a happening that follows on another.
pub(super) fn add(text: &mut Vec<u8>, happening: &Happening, before: Option<&Head>) -> Result<Head, CatalogError> {
    let seq = before.map_or(0, |head| head.seq).saturating_add(1);
    let body = Body { seq, happening, prev: before.map(|head| head.hash.as_str()) };
    let mut line = serde_json::to_string(&body).map_err(|e| CatalogError::History { why: e.to_string() })?;
    line.pop();
    let hash = Fingerprint::of(line.as_bytes()).as_str().to_owned();
    text.extend_from_slice(line.as_bytes());
    text.extend_from_slice(format!("{MARK}{hash}\"}}\n").as_bytes());
    Ok(Head { seq, hash })
}
