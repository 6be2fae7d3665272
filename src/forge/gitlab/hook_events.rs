//! `…/hooks/:id/events`: how a webhook was delivered in the last seven days, and once more. GitLab 17.3 and 17.4.
//!
//! There is no call for one event alone: it is looked for in the list, in which each has all that was sent and answered.

use std::collections::HashSet;
use std::ops::ControlFlow;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::hooks::{DeliveryFilter, LISTED, WITH_PAYLOADS, shown_header};
use super::super::http::{Authorization, Call, Repeat};
use super::super::words::Scrubber;
use super::super::{lenient, page};
use super::{GitLab, Place};
use crate::model::Secret;
use crate::model::hook::{Delivery, Exchange};

/// The most of an answer's body that is kept, in characters.
const RESPONSE: usize = 64 * 1024;

/// How many are asked for at once: each has its payload with it. Where that is too much, so few that it cannot be.
const PAGES: [usize; 2] = [20, 2];

/// GitLab REST: "List all events for a project webhook".
#[derive(Deserialize)]
struct Found {
    id: u64,
    /// `push_hooks`.
    #[serde(default, deserialize_with = "lenient::or_default")]
    trigger: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    request_headers: Map<String, Value>,
    #[serde(default)]
    request_data: Value,
    #[serde(default, deserialize_with = "lenient::or_default")]
    response_headers: Map<String, Value>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    response_body: Option<String>,
    /// Seconds.
    #[serde(default, deserialize_with = "lenient::or_default")]
    execution_duration: Option<f64>,
    /// `"200"`, `"internal error"`.
    #[serde(default)]
    response_status: Value,
    #[serde(default, deserialize_with = "lenient::or_default")]
    created_at: Option<Timestamp>,
}

/// GitLab REST: "Resend a project webhook event".
#[derive(Deserialize)]
struct Resent {
    #[serde(default)]
    response_status: Value,
}

impl GitLab {
    /// What was delivered, the newest first.
    ///
    /// # Errors
    /// [`NotFound`](super::super::ForgeErrorKind::NotFound) where the webhook is no more, or GitLab is older; or what
    /// else it said.
    pub(in super::super) async fn deliveries(
        &self,
        token: &Secret,
        at: Place<'_>,
        id: u64,
        filter: &DeliveryFilter,
    ) -> Result<Vec<Delivery>, ForgeError> {
        let mut all = Vec::new();
        self.events(token, at, id, |found, scrubber| {
            let one = delivery(found, scrubber);
            let too_old = filter.since.zip(one.at).is_some_and(|(since, at)| at < since);
            // GitLab's own filter leaves out those that nobody answered.
            if !(too_old || (filter.failed && one.succeeded())) {
                all.push(one);
            }
            if too_old || all.len() >= filter.most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .await?;
        all.sort_by_key(|one| std::cmp::Reverse((one.at, one.id)));
        all.truncate(filter.most);
        Ok(all)
    }

    /// One delivery with what was sent and answered; nothing where GitLab does not remember it.
    ///
    /// # Errors
    /// As [`Self::deliveries`].
    pub(in super::super) async fn exchange(
        &self,
        token: &Secret,
        at: Place<'_>,
        id: u64,
        delivery: u64,
    ) -> Result<Option<Exchange>, ForgeError> {
        let mut wanted = None;
        self.events(token, at, id, |found, scrubber| {
            if found.id != delivery {
                return ControlFlow::Continue(());
            }
            wanted = Some(exchange(found, scrubber));
            ControlFlow::Break(())
        })
        .await?;
        Ok(wanted)
    }

    /// Reads event after event, until it is enough: one once, although those that come meanwhile move the others from page
    /// to page.
    async fn events(
        &self,
        token: &Secret,
        at: Place<'_>,
        id: u64,
        mut take: impl FnMut(Found, &Scrubber<'_>) -> ControlFlow<()>,
    ) -> Result<(), ForgeError> {
        let id = id.to_string();
        let path = at.path(&[&id, "events"]);
        let scrubber = Scrubber::new(Some(token));
        let mut seen = HashSet::new();
        let mut outcome = Ok(false);
        for size in PAGES {
            let per_page = size.to_string();
            let call = self.reading(&path, &[("per_page", &per_page)], Authorization::Bearer(token));
            let call = Call { limit: WITH_PAYLOADS, ..call };
            outcome = page::until(&self.transport, call, LISTED.div_ceil(size), |answer| {
                let found: Vec<Found> = answer.json(&self.label)?;
                Ok(found.into_iter().filter(|one| seen.insert(one.id)).try_for_each(|one| take(one, &scrubber)))
            })
            .await;
            if outcome.as_ref().err().is_none_or(|error| error.kind != ForgeErrorKind::TooLarge) {
                break;
            }
        }
        outcome.map(drop)
    }

    /// Has something sent once more, under the same `Idempotency-Key`, and waits for the answer: its status.
    ///
    /// # Errors
    /// [`RateLimited`](super::super::ForgeErrorKind::RateLimited): five a minute;
    /// [`NotFound`](super::super::ForgeErrorKind::NotFound) where GitLab does not remember it; or what else it said.
    pub(in super::super) async fn resend(
        &self,
        token: &Secret,
        at: Place<'_>,
        id: u64,
        delivery: u64,
    ) -> Result<Option<u16>, ForgeError> {
        let (id, delivery) = (id.to_string(), delivery.to_string());
        let path = at.path(&[&id, "events", &delivery, "resend"]);
        let call = Call {
            method: Method::POST,
            repeat: Repeat::Never,
            ..self.reading(&path, &[], Authorization::Bearer(token))
        };
        let resent: Resent = self.transport.send(&call).await?.json(&self.label)?;
        Ok(status(&resent.response_status).1)
    }
}

/// A status as a text, and as a number where it is one.
fn status(value: &Value) -> (String, Option<u16>) {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let code = text.parse().ok().filter(|code| (100..600).contains(code));
    (text, code)
}

fn header<'a>(headers: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str())
}

/// What a flag is called of which the list says how it was triggered: `merge_request_hooks`. GitLab's
/// `app/models/concerns/triggerable_hooks.rs` has the pairs.
fn event(trigger: &str) -> &str {
    let name = trigger.strip_suffix("_hooks").or_else(|| trigger.strip_suffix("_events")).unwrap_or(trigger);
    match name {
        "issue" => "issues",
        "confidential_issue" => "confidential_issues",
        "merge_request" => "merge_requests",
        "release" => "releases",
        other => other,
    }
}

fn delivery(found: Found, scrubber: &Scrubber<'_>) -> Delivery {
    let (said, status_code) = status(&found.response_status);
    // Older ones do not say when; the receiver may.
    let answered_at = || rfc2822::parse(header(&found.response_headers, "date")?).ok().map(|at| at.timestamp());
    Delivery {
        id: found.id,
        guid: scrubber.name(header(&found.request_headers, "idempotency-key").unwrap_or_default()),
        event: scrubber.name(event(&found.trigger)),
        action: None,
        status: scrubber.clean(&said),
        status_code,
        at: found.created_at.or_else(answered_at),
        took: found.execution_duration.and_then(lenient::milliseconds),
        redelivery: false,
    }
}

fn exchange(mut found: Found, scrubber: &Scrubber<'_>) -> Exchange {
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(scrubber.text(text, RESPONSE)),
        other => Some(scrubber.text(&other.to_string(), RESPONSE)),
    };
    let headers = |headers: &Map<String, Value>| {
        let one = |(name, value): (&String, &Value)| Some(shown_header(&scrubber.name(name), &text(value)?));
        headers.iter().filter_map(one).collect()
    };
    // As it is kept: an object, or its text.
    let payload = match found.request_data.take() {
        Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        other => other,
    };
    Exchange {
        request_headers: headers(&found.request_headers),
        response_headers: headers(&found.response_headers),
        response: scrubber.text(found.response_body.as_deref().unwrap_or_default(), RESPONSE),
        payload,
        delivery: delivery(found, scrubber),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Exchange {
        let found = serde_json::from_str(json).unwrap_or_else(|error| unreachable!("{error}"));
        exchange(found, &Scrubber::new(None))
    }

    #[test]
    fn an_event() {
        let told = read(
            r#"{"id":9,"url":"https://h/x","trigger":"push_hooks","request_headers":{"Idempotency-Key":"f5a","X-Gitlab-Token":"hush","X-Gitlab-Event":"Push Hook"},
            "request_data":{"object_kind":"push"},"response_headers":{"Date":"Sun, 01 Nov 2026 12:00:00 GMT"},"response_body":"no","execution_duration":1.0906,"response_status":"503"}"#,
        );
        let it = &told.delivery;
        assert_eq!((it.id, it.guid.as_str(), it.event.as_str()), (9, "f5a", "push"));
        assert_eq!(
            (it.status.as_str(), it.status_code, it.took, it.succeeded()),
            ("503", Some(503), Some(1090), false)
        );
        assert_eq!(it.at.map(|at| at.to_string()).as_deref(), Some("2026-11-01T12:00:00Z"));
        assert!(told.request_headers.contains(&("X-Gitlab-Token".into(), "***".into())));
        assert_eq!(told.payload["object_kind"], "push");
    }

    #[test]
    fn events_are_called_as_their_flags() {
        for (trigger, name) in
            [("push_hooks", "push"), ("merge_request_hooks", "merge_requests"), ("quantum", "quantum")]
        {
            assert_eq!(event(trigger), name);
        }
    }

    #[test]
    fn one_that_nobody_answered() {
        let told =
            read(r#"{"id":9,"trigger":"job_hooks","request_data":"{\"a\":1}","response_status":"internal error"}"#);
        assert_eq!((told.delivery.status.as_str(), told.delivery.status_code), ("internal error", None));
        assert_eq!((told.payload["a"].as_u64(), told.delivery.at), (Some(1), None));
    }
}
