//! Sending what waits for a hook: in order, signed, once.
//!
//! A delivery has ten seconds (thirty on an Enterprise Server) and is never repeated by itself;
//! redirects are not followed. Source: GitHub docs "Webhook events and payloads" (headers),
//! "Validating webhook deliveries", "Handling failed webhook deliveries".

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::client::{Failure, Incoming, Outgoing};
use crate::mail::{self, Line, Mailbox, hmac_sha1, hmac_sha256};
use crate::work::Work;
use crate::world::World;
use crate::world::github::{Delivery, Envelope, Github, Home, Hook, LastResponse};

/// Whose line.
#[derive(Debug, Clone, Copy)]
struct HookBox {
    home: Home,
    hook: u64,
}

/// Puts something into a hook's line, and sees to it that somebody empties it: `at_once` jobs at most, or as many as the
/// sandbox was told.
pub(in crate::github) fn enqueue(
    github: &mut Github,
    work: &Work,
    home: Home,
    hook: u64,
    envelope: Envelope,
    at_once: Option<usize>,
) {
    let at_once = at_once.unwrap_or_else(|| work.deliveries_at_once());
    if let Some(found) = github.hook_mut(home, hook) {
        mail::enqueue(&mut found.line, HookBox { home, hook }, envelope, work, at_once);
    }
}

impl Mailbox for HookBox {
    type Letter = Envelope;
    type Sent = Delivery;

    fn line(self, world: &mut World) -> Option<&mut Line<Envelope>> {
        world.github.hook_mut(self.home, self.hook).map(|hook| &mut hook.line)
    }

    /// What is larger than GitHub sends is not sent, and nothing is written down.
    fn address(self, world: &mut World, letter: &Envelope) -> Option<(Outgoing, Delivery)> {
        let now = world.clock.now();
        let version = world.settings.ghes_version.to_string();
        let authority = world.ca_certificate.clone();
        let host = world.github_url.split("://").nth(1).unwrap_or_default().to_owned();
        let number = world.github.delivered + 1;
        let hook = world.github.hook_mut(self.home, self.hook)?;
        let body = body(hook, letter);
        if body.len() > mail::MOST {
            return None;
        }
        let mut headers = headers(hook, letter, self.home, &body);
        if hook.enterprise {
            headers.push(("X-GitHub-Enterprise-Version".to_owned(), version));
            headers.push(("X-GitHub-Enterprise-Host".to_owned(), host));
        }
        let delivery = Delivery {
            id: 83_000_000_000 + number,
            guid: letter.guid.clone(),
            delivered_at: now,
            redelivery: letter.redelivery,
            duration: 0.0,
            status: String::new(),
            status_code: 0,
            event: letter.event.clone(),
            action: letter.action.clone(),
            repository: letter.repository,
            url: hook.url.clone(),
            request_headers: headers.iter().cloned().collect(),
            payload: letter.payload.clone(),
            response_headers: BTreeMap::new(),
            response_payload: String::new(),
        };
        let outgoing = Outgoing {
            url: hook.url.clone(),
            headers,
            body,
            verify: !hook.insecure_ssl,
            authority,
            limit: Duration::from_secs(if hook.enterprise { 30 } else { 10 }),
        };
        world.github.delivered = number;
        Some((outgoing, delivery))
    }

    /// GitHub never tries again by itself.
    fn record(
        self,
        world: &mut World,
        sent: Delivery,
        outcome: Result<Incoming, Failure>,
        seconds: f64,
    ) -> Option<Envelope> {
        if let Some(hook) = world.github.hook_mut(self.home, self.hook) {
            record(hook, Delivery { duration: seconds, ..sent }, outcome);
        }
        None
    }
}

fn body(hook: &Hook, envelope: &Envelope) -> Bytes {
    let payload = envelope.payload.to_string();
    match hook.content_type.as_str() {
        "json" => payload.into(),
        _ => form_urlencoded::Serializer::new(String::new()).append_pair("payload", &payload).finish().into(),
    }
}

fn headers(hook: &Hook, envelope: &Envelope, home: Home, body: &[u8]) -> Vec<(String, String)> {
    let kind = match hook.content_type.as_str() {
        "json" => "application/json",
        _ => "application/x-www-form-urlencoded",
    };
    let mut headers = vec![
        ("User-Agent", "GitHub-Hookshot/0b1a2c3".to_owned()),
        ("Accept", "*/*".to_owned()),
        ("Content-Type", kind.to_owned()),
        ("X-GitHub-Delivery", envelope.guid.clone()),
        ("X-GitHub-Event", envelope.event.clone()),
        ("X-GitHub-Hook-ID", hook.id.to_string()),
        ("X-GitHub-Hook-Installation-Target-ID", home.number().to_string()),
        ("X-GitHub-Hook-Installation-Target-Type", home.word().to_owned()),
    ];
    if let Some(secret) = &hook.secret {
        headers.push(("X-Hub-Signature", format!("sha1={}", hex(&hmac_sha1(secret.as_bytes(), body)))));
        headers.push(("X-Hub-Signature-256", format!("sha256={}", hex(&hmac_sha256(secret.as_bytes(), &[body])))));
    }
    headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes down how it went.
fn record(hook: &mut Hook, mut delivery: Delivery, outcome: Result<Incoming, Failure>) {
    let (code, status, message) = match &outcome {
        Ok(answer) if (200..300).contains(&answer.status) => (answer.status, "active", "OK".to_owned()),
        Ok(answer) => (answer.status, "failed", format!("Invalid HTTP Response: {}", answer.status)),
        Err(Failure::TimedOut) => (504, "timeout", "timed out".to_owned()),
        Err(Failure::Certificate) => (502, "connection_error", "peer certificate cannot be verified".to_owned()),
        Err(Failure::Garbled) => (502, "connection_error", "invalid response".to_owned()),
        Err(Failure::Elsewhere | Failure::Unreachable) => {
            (502, "connection_error", "failed to connect to host".to_owned())
        }
    };
    delivery.status_code = code;
    message.clone_into(&mut delivery.status);
    if let Ok(answer) = outcome {
        delivery.response_headers = answer.headers.into_iter().collect();
        delivery.response_payload = String::from_utf8_lossy(&answer.body).into_owned();
    }
    hook.last_response = LastResponse { code: Some(code), status: status.to_owned(), message: Some(message) };
    hook.deliveries.push(Arc::new(delivery));
}
