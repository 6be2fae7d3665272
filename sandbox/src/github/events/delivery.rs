//! Sending what waits for a hook: in order, signed, once.
//!
//! A delivery has ten seconds (thirty on an Enterprise Server) and is never repeated by itself;
//! redirects are not followed. Source: GitHub docs "Webhook events and payloads" (headers),
//! "Validating webhook deliveries", "Handling failed webhook deliveries".

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::Sha256;

use crate::client::{self, Failure, Incoming, Outgoing};
use crate::server::Shared;
use crate::work::Work;
use crate::world::World;
use crate::world::github::{Delivery, Envelope, Github, Hook, LastResponse};

/// Puts something into a hook's queue, and sees to it that somebody empties it.
pub(in crate::github) fn enqueue(github: &mut Github, work: &Work, repository: u64, hook: u64, envelope: Envelope) {
    let Some(found) = find(github, repository, hook) else {
        return;
    };
    found.waiting.push_back(envelope);
    if !std::mem::replace(&mut found.at_work, true) {
        work.later(move |shared| run(shared, repository, hook));
    }
}

fn find(github: &mut Github, repository: u64, hook: u64) -> Option<&mut Hook> {
    github.repository_mut(repository)?.hooks.iter_mut().find(|it| it.id == hook)
}

/// Sends until nothing waits, or the hook is gone.
async fn run(shared: Arc<Shared>, repository: u64, hook: u64) {
    loop {
        let next = next(&mut shared.world(), repository, hook);
        let Some((outgoing, delivery)) = next else {
            return;
        };
        let began = Instant::now();
        let outcome = client::post(&outgoing).await;
        let delivery = Delivery { duration: began.elapsed().as_secs_f64(), ..delivery };
        if let Some(hook) = find(&mut shared.world().github, repository, hook) {
            record(hook, delivery, outcome);
        }
    }
}

/// Takes the next letter out of the queue, ready to be sent.
fn next(world: &mut World, repository: u64, hook: u64) -> Option<(Outgoing, Delivery)> {
    let now = world.clock.now();
    let version = world.settings.ghes_version.to_string();
    let authority = world.ca_certificate.clone();
    let host = world.github_url.split("://").nth(1).unwrap_or_default().to_owned();
    let number = world.github.delivered + 1;
    let hook = find(&mut world.github, repository, hook)?;
    let Some(envelope) = hook.waiting.pop_front() else {
        hook.at_work = false;
        return None;
    };
    let body = body(hook, &envelope);
    let mut headers = headers(hook, &envelope, repository, &body);
    if hook.enterprise {
        headers.push(("X-GitHub-Enterprise-Version".to_owned(), version));
        headers.push(("X-GitHub-Enterprise-Host".to_owned(), host));
    }
    let delivery = Delivery {
        id: 83_000_000_000 + number,
        guid: envelope.guid,
        delivered_at: now,
        redelivery: envelope.redelivery,
        duration: 0.0,
        status: String::new(),
        status_code: 0,
        event: envelope.event,
        action: envelope.action,
        url: hook.url.clone(),
        request_headers: headers.iter().cloned().collect(),
        payload: envelope.payload,
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

fn body(hook: &Hook, envelope: &Envelope) -> Bytes {
    let payload = envelope.payload.to_string();
    match hook.content_type.as_str() {
        "json" => payload.into(),
        _ => form_urlencoded::Serializer::new(String::new()).append_pair("payload", &payload).finish().into(),
    }
}

fn headers(hook: &Hook, envelope: &Envelope, repository: u64, body: &[u8]) -> Vec<(String, String)> {
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
        ("X-GitHub-Hook-Installation-Target-ID", repository.to_string()),
        ("X-GitHub-Hook-Installation-Target-Type", "repository".to_owned()),
    ];
    if let Some(secret) = &hook.secret {
        headers.push(("X-Hub-Signature", format!("sha1={}", sha1_of(secret, body))));
        headers.push(("X-Hub-Signature-256", format!("sha256={}", sha256_of(secret, body))));
    }
    headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// HMAC takes keys of every length, so neither of these two ever fails.
fn sha1_of(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes());
    mac.map(|mac| hex(&mac.chain_update(body).finalize().into_bytes())).unwrap_or_default()
}

fn sha256_of(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    mac.map(|mac| hex(&mac.chain_update(body).finalize().into_bytes())).unwrap_or_default()
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
    hook.deliveries.push(delivery);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_githubs_own_example() {
        let (secret, body) = ("It's a Secret to Everybody", b"Hello, World!");
        assert_eq!(sha256_of(secret, body), "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
    }
}
