//! Sending what waits for a hook: signed, once, unless the sandbox was told to try again.
//!
//! A delivery has ten seconds; redirects are not followed, and count as success. Where hooks are
//! disabled of themselves, one that is disabled is sent nothing, and nothing is written down.
//!
//! Sources: `web_hook_service.rb`, GitLab docs "Webhooks" (headers, signing tokens), Standard Webhooks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use crate::client::{Failure, Incoming, Outgoing};
use crate::mail::{self, Line, Mailbox, hmac_sha256};
use crate::world::World;
use crate::world::gitlab::hook::{Entry, Home, Hook, Letter};

/// How much of an answer is written down.
const MOST_OF_ANSWER: usize = 8 * 1024;

/// What is written down instead of a secret.
const REDACTED: &str = "[REDACTED]";

/// What is written down as the status when nothing came back.
const INTERNAL_ERROR: &str = "internal error";

/// Whose line.
#[derive(Debug, Clone, Copy)]
pub(in crate::gitlab) struct HookBox {
    pub home: Home,
    pub hook: u64,
}

/// What is known of a letter on its way.
#[derive(Debug)]
pub(in crate::gitlab) struct Sent {
    letter: Letter,
    entry: Entry,
}

impl Mailbox for HookBox {
    type Letter = Letter;
    type Sent = Sent;

    fn line(self, world: &mut World) -> Option<&mut Line<Letter>> {
        world.gitlab.hook_mut(self.home, self.hook).map(|hook| &mut hook.line)
    }

    fn address(self, world: &mut World, letter: &Letter) -> Option<(Outgoing, Sent)> {
        let now = world.clock.now();
        let disables = world.settings.auto_disable_hooks;
        let hook = world.gitlab.hook_mut(self.home, self.hook)?;
        if disables && !hook.is_executable(now) {
            return None;
        }
        match prepare(world, self, letter) {
            Ok(ready) => Some(ready),
            Err((sent, why)) => {
                write_down(world, self, *sent, Err(why), 0.0);
                None
            }
        }
    }

    fn record(self, world: &mut World, sent: Sent, outcome: Result<Incoming, Failure>, seconds: f64) -> Option<Letter> {
        let retries = world.settings.hook_retries;
        let letter = sent.letter.clone();
        let outcome = outcome.map_err(|failure| words(failure).to_owned());
        let well = write_down(world, self, sent, outcome, seconds);
        (!well && letter.tries < retries).then(|| Letter { tries: letter.tries + 1, ..letter })
    }
}

/// What GitLab tells of a delivery to which nothing came back.
fn words(failure: Failure) -> &'static str {
    match failure {
        Failure::TimedOut => "Net::ReadTimeout with #<TCPSocket:(closed)>",
        Failure::Certificate => "SSL_connect returned=1 errno=0 state=error: certificate verify failed",
        Failure::Garbled => "end of file reached",
        Failure::Elsewhere | Failure::Unreachable => "Failed to open TCP connection (Connection refused)",
    }
}

/// Sends a letter at once, while somebody waits for it, to a hook that may be disabled. `Ok` is the receiver's status
/// and body, `Err` why there is none.
pub(in crate::gitlab) async fn send_now(
    shared: &crate::server::Shared,
    mailbox: HookBox,
    letter: &Letter,
) -> Result<(u16, String), String> {
    let ready = {
        let mut world = shared.world();
        world.gitlab.hook_mut(mailbox.home, mailbox.hook).ok_or("Hook not found")?;
        match prepare(&mut world, mailbox, letter) {
            Ok(ready) => ready,
            Err((sent, why)) => {
                write_down(&mut world, mailbox, *sent, Err(why.clone()), 0.0);
                return Err(why);
            }
        }
    };
    let (outgoing, sent) = ready;
    let (outcome, seconds) = mail::send(&outgoing).await;
    let outcome = outcome.map_err(|failure| words(failure).to_owned());
    let told = match &outcome {
        Ok(answer) => Ok((answer.status, String::from_utf8_lossy(&answer.body).into_owned())),
        Err(why) => Err(why.clone()),
    };
    write_down(&mut shared.world(), mailbox, sent, outcome, seconds);
    told
}

/// Makes a request of a letter; or says why that is not possible.
fn prepare(world: &mut World, mailbox: HookBox, letter: &Letter) -> Result<(Outgoing, Sent), (Box<Sent>, String)> {
    world.gitlab.delivered += 1;
    let (number, now, version) = (world.gitlab.delivered, world.clock.now(), world.settings.gitlab_version);
    let origin = Url::parse(&world.gitlab_url).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let authority = world.ca_certificate.clone();
    let absent = Hook::new(0, "", now);
    let hook = world.gitlab.hook_mut(mailbox.home, mailbox.hook).map_or(&absent, |hook| &*hook);
    let mut entry = Entry {
        id: 900_000 + number,
        created_at: now,
        url: hook.url.clone(),
        trigger: letter.trigger.clone(),
        request_headers: BTreeMap::new(),
        request_data: letter.payload.clone(),
        response_headers: BTreeMap::new(),
        response_body: String::new(),
        response_status: INTERNAL_ERROR.to_owned(),
        error: None,
        execution_duration: 0.0,
        header: letter.header.clone(),
        event_uuid: letter.event_uuid.clone(),
        key: letter.key.clone(),
    };
    let body = match body(hook, &letter.payload) {
        Ok(body) if body.len() <= mail::MOST => body,
        Ok(_) => return Err((sent(letter, entry), "Limit exceeded: the request is larger than 25 MB".to_owned())),
        Err(why) => return Err((sent(letter, entry), why)),
    };
    let mut headers = own_headers(hook, letter, &origin, &version.to_string(), now, &body);
    if !version.reaches(17, 4) {
        headers.retain(|(name, _)| name != "Idempotency-Key");
    }
    let (url, authorization) = without_userinfo(&hook.target());
    let others = hook.custom_headers.iter().filter(|(name, _)| {
        !headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)) && !name.eq_ignore_ascii_case("host")
    });
    let others: Vec<(String, String)> = others.map(|(name, value)| (name.clone(), value.clone())).collect();
    let shown = |(name, value): &(String, String)| {
        let secret = name == "X-Gitlab-Token" || others.iter().any(|(other, _)| other == name);
        (name.clone(), if secret { REDACTED.to_owned() } else { value.clone() })
    };
    entry.request_headers = headers.iter().chain(&others).map(shown).collect();
    headers.extend(others);
    headers.extend(authorization.map(|value| ("Authorization".to_owned(), value)));
    let verify = hook.enable_ssl_verification;
    let outgoing = Outgoing { url, headers, body, verify, authority, limit: Duration::from_secs(10) };
    Ok((outgoing, *sent(letter, entry)))
}

fn sent(letter: &Letter, entry: Entry) -> Box<Sent> {
    Box::new(Sent { letter: letter.clone(), entry })
}

/// What is sent: the payload, or what the hook's template makes of it.
fn body(hook: &Hook, payload: &Value) -> Result<Bytes, String> {
    let Some(template) = hook.custom_webhook_template.as_deref().filter(|template| !template.is_empty()) else {
        return Ok(payload.to_string().into());
    };
    let rendered = render(template, payload);
    serde_json::from_str::<Value>(&rendered)
        .map(|rendered| rendered.to_string().into())
        .map_err(|error| format!("Error while parsing rendered custom webhook template: {error}"))
}

/// Puts `{{a.b}}` in: what is at that place in the payload, a text without its quotes.
fn render(template: &str, payload: &Value) -> String {
    let mut rendered = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((path, behind)) = after.split_once("}}") else {
            break;
        };
        rendered.push_str(before);
        let value = path.split('.').try_fold(payload, |value, part| value.get(part)).unwrap_or(&Value::Null);
        let text = value.to_string();
        rendered.push_str(if value.is_string() { &text[1..text.len() - 1] } else { &text });
        rest = behind;
    }
    rendered.push_str(rest);
    rendered
}

fn own_headers(
    hook: &Hook,
    letter: &Letter,
    origin: &str,
    version: &str,
    now: Timestamp,
    body: &[u8],
) -> Vec<(String, String)> {
    let mut headers = vec![
        ("Content-Type", "application/json".to_owned()),
        ("User-Agent", format!("GitLab/{version}")),
        ("Idempotency-Key", letter.key.clone()),
        ("X-Gitlab-Event", letter.header.clone()),
        ("X-Gitlab-Webhook-UUID", mail::guid()),
        ("X-Gitlab-Instance", origin.to_owned()),
        ("X-Gitlab-Event-UUID", letter.event_uuid.clone()),
    ];
    if let Some(token) = &hook.token {
        headers.push(("X-Gitlab-Token", token.replace(['\r', '\n'], "")));
    }
    if let Some(token) = &hook.signing_token {
        let seconds = now.as_second().to_string();
        headers.push(("webhook-id", letter.key.clone()));
        headers.push(("webhook-signature", signature(token, &letter.key, &seconds, body)));
        headers.push(("webhook-timestamp", seconds));
    }
    headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// `v1,…`: over the number, the time and the body, by the bytes that the token spells.
fn signature(token: &str, id: &str, seconds: &str, body: &[u8]) -> String {
    let key = STANDARD.decode(token.trim_start_matches("whsec_")).unwrap_or_default();
    let signed = hmac_sha256(&key, &[id.as_bytes(), b".", seconds.as_bytes(), b".", body]);
    format!("v1,{}", STANDARD.encode(signed))
}

/// User and password of an address are sent as a header.
fn without_userinfo(target: &str) -> (String, Option<String>) {
    let Ok(mut url) = Url::parse(target) else {
        return (target.to_owned(), None);
    };
    if url.username().is_empty() && url.password().is_none() {
        return (target.to_owned(), None);
    }
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pair = format!("{}:{}", decode(url.username()), decode(url.password().unwrap_or_default()));
    // An address with a user has a host, and so may lose the user.
    let (_, _) = (url.set_username(""), url.set_password(None));
    (url.to_string(), Some(format!("Basic {}", STANDARD.encode(pair))))
}

/// `Content-Type`, from `content-type`.
fn capitalised(name: &str) -> String {
    let part = |part: &str| part[..1.min(part.len())].to_uppercase() + &part[1.min(part.len())..];
    name.split('-').map(part).collect::<Vec<_>>().join("-")
}

/// As much of an answer as is written down.
fn beginning(text: &str) -> &str {
    let end = (0..=MOST_OF_ANSWER.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

/// Writes down how it went, and what that means for the hook. Did it go well?
fn write_down(
    world: &mut World,
    mailbox: HookBox,
    sent: Sent,
    outcome: Result<Incoming, String>,
    seconds: f64,
) -> bool {
    let now = world.clock.now();
    let disables = world.settings.auto_disable_hooks;
    let strict = !world.settings.gitlab_version.reaches(17, 11);
    let mut entry = sent.entry;
    entry.execution_duration = seconds;
    let mut status = 0;
    match outcome {
        Ok(answer) => {
            status = answer.status;
            entry.response_status = status.to_string();
            entry.response_body = beginning(&String::from_utf8_lossy(&answer.body)).to_owned();
            entry.response_headers =
                answer.headers.into_iter().map(|(name, value)| (capitalised(&name), value)).collect();
        }
        Err(why) => entry.error = Some(why),
    }
    let well = (200..400).contains(&status);
    if let Some(hook) = world.gitlab.hook_mut(mailbox.home, mailbox.hook) {
        hook.log.push(Arc::new(entry));
        match well {
            true => hook.succeed(),
            false if disables => hook.fail(now, strict && (400..500).contains(&status)),
            false => {}
        }
    }
    well
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_signature_is_that_of_standard_webhooks() {
        let (id, seconds) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330");
        let made = signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", id, seconds, br#"{"test": 2432232314}"#);
        assert_eq!(made, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn templates_are_rendered() {
        let payload = json!({ "object_kind": "push", "project": { "id": 7, "name": "a \"b\"" } });
        let rendered =
            render(r#"{"event":"{{object_kind}}","id":{{project.id}},"n":"{{project.name}}","x":{{y}}}"#, &payload);
        assert_eq!(rendered, r#"{"event":"push","id":7,"n":"a \"b\"","x":null}"#);
    }

    #[test]
    fn users_in_addresses_become_a_header() {
        let (url, header) = without_userinfo("http://me:p%40ss@127.0.0.1:80/x");
        assert_eq!((url.as_str(), header.as_deref()), ("http://127.0.0.1/x", Some("Basic bWU6cEBzcw==")));
        assert_eq!(without_userinfo("http://127.0.0.1/x"), ("http://127.0.0.1/x".to_owned(), None));
    }
}
