//! From headers and a body to a [`Letter`].
//!
//! Called once the delivery is verified. What is wrong here is a forge's mistake, or something that is not meant for
//! us: the sender is answered with 400.

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, PROXY_AUTHORIZATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

use super::facts::facts;
use super::verify::{GITLAB_TOKEN, WEBHOOK_ID};
use crate::model::letter::payload;
use crate::model::text::printable;
use crate::model::{ConnectionName, ForgeKind, Letter, Packing};

/// Longer names are no event's and no delivery's.
const LONGEST: usize = 200;

const GITHUB_EVENT: HeaderName = HeaderName::from_static("x-github-event");
const GITHUB_DELIVERY: HeaderName = HeaderName::from_static("x-github-delivery");
const GITLAB_EVENT: HeaderName = HeaderName::from_static("x-gitlab-event");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Headers of the connection, not of the message (RFC 9110 §7.6.1), and those that our own client writes anew.
const OF_THE_CONNECTION: [&str; 11] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "proxy-authenticate",
];

/// Headers that hold secrets: GitLab's token, and what people have put before the receiver.
const SECRET: [HeaderName; 4] = [GITLAB_TOKEN, AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE];

/// Why something verified is no delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotALetter {
    /// The content type is none that a forge sends. Answer 415.
    #[error("it is neither JSON nor a form")]
    Packing,
    /// The header with the event is missing, there twice, or unreadable.
    #[error("it does not say which event it tells of")]
    Event,
    /// The header with the delivery's id is missing, there twice, or unreadable.
    #[error("it has no id")]
    Id,
    /// The body is no JSON, or a form without it.
    #[error("its body does not read")]
    Body,
}

/// For whom a delivery is, and when it came.
pub struct Addressed<'a> {
    /// The kind of forge.
    pub forge: ForgeKind,
    /// The connection.
    pub connection: &'a ConnectionName,
    /// The last part of the address.
    pub endpoint: &'a str,
    /// When.
    pub at: Timestamp,
}

/// How the body is packed, by its content type.
///
/// # Errors
/// [`NotALetter::Packing`].
pub(super) fn packing(forge: ForgeKind, headers: &HeaderMap) -> Result<Packing, NotALetter> {
    let said = once(headers, &CONTENT_TYPE).ok_or(NotALetter::Packing)?;
    let kind = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match (forge, kind.as_str()) {
        (_, "application/json") => Ok(Packing::Json),
        (ForgeKind::GitHub, "application/x-www-form-urlencoded") => Ok(Packing::Form),
        _ => Err(NotALetter::Packing),
    }
}

/// Reads a verified delivery.
///
/// # Errors
/// [`NotALetter`].
pub fn letter(to: &Addressed<'_>, headers: &HeaderMap, body: Vec<u8>) -> Result<Letter, NotALetter> {
    let packing = packing(to.forge, headers)?;
    let (event, id) = match to.forge {
        ForgeKind::GitHub => (once(headers, &GITHUB_EVENT), once(headers, &GITHUB_DELIVERY)),
        ForgeKind::GitLab => {
            let named = if headers.contains_key(WEBHOOK_ID) { WEBHOOK_ID } else { IDEMPOTENCY_KEY };
            (once(headers, &GITLAB_EVENT), once(headers, &named))
        }
    };
    let (event, id) = (event.ok_or(NotALetter::Event)?, id.ok_or(NotALetter::Id)?);
    let text = payload(packing, &body).ok_or(NotALetter::Body)?;
    let facts = facts(to.forge, &text).ok_or(NotALetter::Body)?;
    drop(text);
    let fact = |fact: Option<String>| fact.map(|text| printable(&text, LONGEST));
    Ok(Letter {
        id: id.to_owned(),
        forge: to.forge,
        connection: to.connection.clone(),
        endpoint: to.endpoint.to_owned(),
        event: fact(facts.kind).unwrap_or_else(|| plain_event(event)),
        action: fact(facts.action),
        repository: fact(facts.repository),
        sender: fact(facts.sender),
        received_at: to.at,
        packing,
        headers: kept(headers),
        repeat: false,
        body,
    })
}

/// The same for headers that came another way than over HTTP: out of a forge's list of deliveries.
///
/// # Errors
/// [`NotALetter`].
pub fn letter_of(to: &Addressed<'_>, headers: &[(String, String)], body: Vec<u8>) -> Result<Letter, NotALetter> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            map.append(name, value);
        }
    }
    letter(to, &map, body)
}

/// `Merge Request Hook` as `merge_request`: GitLab's header in the words of its payloads. GitHub's is such a word already.
fn plain_event(header: &str) -> String {
    let words = header.trim_end_matches(" Hook").to_ascii_lowercase().replace([' ', '-'], "_");
    printable(&words, LONGEST)
}

/// A header that is there once, is plain ASCII, and neither empty nor endless.
fn once<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut found = headers.get_all(name).iter();
    let text = found.next()?.to_str().ok()?.trim();
    (found.next().is_none() && !text.is_empty() && text.len() <= LONGEST).then_some(text)
}

/// What is kept of the headers; see [`Letter::headers`].
fn kept(headers: &HeaderMap) -> Vec<(String, String)> {
    // What `Connection` names belongs to the connection as well.
    let named: Vec<String> = headers
        .get_all("connection")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    headers
        .iter()
        .filter(|(name, _)| !SECRET.contains(name) && !OF_THE_CONNECTION.contains(&name.as_str()))
        .filter(|(name, _)| !named.iter().any(|other| other == name.as_str()))
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().iter().map(|b| char::from(*b)).collect()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|e| panic!("{e}")));
        }
        map
    }

    fn read(forge: ForgeKind, pairs: &[(&'static str, &str)], body: &str) -> Result<Letter, NotALetter> {
        let connection = "work".parse().unwrap_or_else(|e| panic!("{e}"));
        let to = Addressed { forge, connection: &connection, endpoint: "e", at: Timestamp::UNIX_EPOCH };
        letter(&to, &headers(pairs), body.as_bytes().to_vec())
    }

    const GITHUB: [(&str, &str); 3] =
        [("content-type", "application/json; charset=utf-8"), ("x-github-event", "push"), ("x-github-delivery", "d-1")];

    #[test]
    fn what_is_secret_or_of_the_connection_is_not_kept() {
        let more = [
            ("x-gitlab-token", "s3cret"),
            ("authorization", "Basic x"),
            ("cookie", "a=b"),
            ("connection", "close, X-Hop"),
            ("x-hop", "1"),
            ("host", "here"),
            ("transfer-encoding", "chunked"),
            ("x-custom", "a"),
            ("x-custom", "b"),
        ];
        let letter = read(ForgeKind::GitHub, &[&GITHUB[..], &more[..]].concat(), "{}");
        let names: Vec<String> =
            letter.map(|l| l.headers.into_iter().map(|(n, v)| format!("{n}={v}")).collect()).unwrap_or_default();
        let all = names.join(" ");
        assert_eq!(
            all,
            "content-type=application/json; charset=utf-8 x-github-event=push x-github-delivery=d-1 x-custom=a x-custom=b"
        );
    }

    #[test]
    fn forms_are_githubs_and_hold_one_payload() {
        let form = [("content-type", "application/x-www-form-urlencoded"), GITHUB[1], GITHUB[2]];
        let body = "payload=%7B%22action%22%3A%22opened+it%22%7D";
        let letter = read(ForgeKind::GitHub, &form, body);
        assert_eq!(letter.as_ref().map(|l| l.action.as_deref()), Ok(Some("opened it")));
        assert_eq!(letter.as_ref().ok().and_then(Letter::payload).as_deref(), Some(r#"{"action":"opened it"}"#));
        for bad in ["", "payload=", "other=%7B%7D", "payload=%7B%7D&payload=%7B%7D", "{}"] {
            assert_eq!(read(ForgeKind::GitHub, &form, bad).err(), Some(NotALetter::Body), "{bad}");
        }
        assert_eq!(read(ForgeKind::GitLab, &form, body).err(), Some(NotALetter::Packing));
    }

    #[test]
    fn headers_of_a_forges_list_read_alike() {
        let listed = [("X-GitHub-Event", "push"), ("Content-Type", "application/json"), ("X-GitHub-Delivery", "d-1")];
        let listed = listed.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let connection = "work".parse().unwrap_or_else(|e| panic!("{e}"));
        let to =
            Addressed { forge: ForgeKind::GitHub, connection: &connection, endpoint: "e", at: Timestamp::UNIX_EPOCH };
        let letter = letter_of(&to, &listed, b"{}".to_vec());
        assert_eq!(letter.map(|letter| (letter.id, letter.event)), Ok(("d-1".into(), "push".into())));
    }

    #[test]
    fn an_id_and_an_event_are_there_once() {
        let without = |left_out: usize| -> Vec<_> {
            GITHUB.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, pair)| *pair).collect()
        };
        let doubled = |twice: usize| [&GITHUB[..], &GITHUB[twice..=twice]].concat();
        for (at, why) in [(0, NotALetter::Packing), (1, NotALetter::Event), (2, NotALetter::Id)] {
            assert_eq!(read(ForgeKind::GitHub, &without(at), "{}").err(), Some(why));
            assert_eq!(read(ForgeKind::GitHub, &doubled(at), "{}").err(), Some(why));
        }
    }

    #[test]
    fn gitlabs_events_are_those_of_the_payload_or_of_the_header() {
        let hook =
            [("content-type", "application/json"), ("x-gitlab-event", "Merge Request Hook"), ("idempotency-key", "k")];
        let event = |body: &str| read(ForgeKind::GitLab, &hook, body).map(|letter| letter.event);
        assert_eq!(event(r#"{"object_kind":"merge_request"}"#), Ok("merge_request".into()));
        assert_eq!(event("{}"), Ok("merge_request".into()));
        let signed = [&hook[..], &[("webhook-id", "w")]].concat();
        assert_eq!(read(ForgeKind::GitLab, &signed, "{}").map(|letter| letter.id), Ok("w".into()));
    }
}
