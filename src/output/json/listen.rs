//! Deliveries as programs read them: one object a line.

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::model::{ConnectionName, ForgeKind, Letter};
use crate::workflow::listen::ReceivingAddress;

/// `webhook listen --json`: one delivery.
#[derive(Debug, Serialize)]
pub struct Delivery<'a> {
    /// The forge's name for it, the same for all its repetitions.
    id: &'a str,
    forge: ForgeKind,
    connection: &'a str,
    event: &'a str,
    action: Option<&'a str>,
    repository: Option<&'a str>,
    sender: Option<&'a str>,
    received_at: Timestamp,
    /// Names in lower case; values of a name that came several times are joined by a comma.
    #[serde(serialize_with = "as_object")]
    headers: &'a [(String, String)],
    /// The payload, whatever it was packed into; nothing if there is none.
    body: Option<Cow<'a, RawValue>>,
    /// It was received before, and let through again.
    repeat: bool,
}

impl<'a> Delivery<'a> {
    /// The form in which a delivery is told to programs.
    pub fn of(letter: &'a Letter) -> Self {
        let body = letter.payload().and_then(|text| match text {
            Cow::Borrowed(text) if is_one_line(text) => serde_json::from_str(text).ok().map(Cow::Borrowed),
            // Between values a line break means nothing, and inside of them there is none: it would be no JSON.
            text => RawValue::from_string(text.replace(['\n', '\r'], " ")).ok().map(Cow::Owned),
        });
        Self {
            id: &letter.id,
            forge: letter.forge,
            connection: letter.connection.as_str(),
            event: &letter.event,
            action: letter.action.as_deref(),
            repository: letter.repository.as_deref(),
            sender: letter.sender.as_deref(),
            received_at: letter.received_at,
            headers: &letter.headers,
            body,
            repeat: letter.repeat,
        }
    }

    /// On one line.
    ///
    /// # Errors
    /// None that is known.
    pub fn line(&self) -> std::io::Result<String> {
        serde_json::to_string(self).map_err(std::io::Error::other)
    }
}

fn is_one_line(text: &str) -> bool {
    // Each of these looks for one byte, which is what processors are quick at.
    !text.as_bytes().contains(&b'\n') && !text.as_bytes().contains(&b'\r')
}

fn as_object<S: Serializer>(headers: &&[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut object: Vec<(&str, String)> = Vec::with_capacity(headers.len());
    for (name, value) in *headers {
        match object.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => {
                values.push_str(", ");
                values.push_str(value);
            }
            None => object.push((name, value.clone())),
        }
    }
    serializer.collect_map(object)
}

/// On stderr, once deliveries are fetched.
#[derive(Debug, Serialize)]
pub(in crate::output) struct Polling<'a> {
    /// In seconds.
    every: f64,
    webhooks: Vec<Polled<'a>>,
}

#[derive(Debug, Serialize)]
struct Polled<'a> {
    connection: &'a str,
    /// `repo:OWNER/NAME`, `org:ORG`.
    target: &'a str,
    id: u64,
}

impl<'a> Polling<'a> {
    pub(in crate::output) fn of(every: Duration, webhooks: &'a [(ConnectionName, String, u64)]) -> Self {
        let polled = |(connection, target, id): &'a (ConnectionName, String, u64)| Polled {
            connection: connection.as_str(),
            target,
            id: *id,
        };
        Self { every: every.as_secs_f64(), webhooks: webhooks.iter().map(polled).collect() }
    }
}

/// On stderr, once deliveries are received.
#[derive(Debug, Serialize)]
pub(in crate::output) struct Listening<'a> {
    at: &'a str,
    addresses: Vec<Address<'a>>,
}

#[derive(Debug, Serialize)]
struct Address<'a> {
    connection: &'a str,
    url: &'a str,
    public_url: Option<&'a str>,
    /// Deliveries of an earlier run that wait to be handed on.
    waiting: u64,
}

impl<'a> Listening<'a> {
    pub(in crate::output) fn of(at: &'a str, addresses: &'a [ReceivingAddress]) -> Self {
        let address = |address: &'a ReceivingAddress| Address {
            connection: address.connection.as_str(),
            url: &address.here,
            public_url: address.outside.as_deref(),
            waiting: address.waiting,
        };
        Self { at, addresses: addresses.iter().map(address).collect() }
    }
}
