//! `…/hooks/{id}/deliveries`: how a webhook was delivered, and once more.
//!
//! The list comes in pages that follow a cursor, the newest first. It tells how each went; what was sent and answered is
//! asked for one by one.

use std::ops::ControlFlow;

use jiff::Timestamp;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::error::ForgeError;
use super::super::hooks::{DeliveryFilter, WITH_PAYLOADS, shown_header};
use super::super::http::{Authorization, Call, Repeat};
use super::super::words::Scrubber;
use super::super::{lenient, page};
use super::hooks::answered;
use super::{GitHub, HooksOf};
use crate::model::Secret;
use crate::model::hook::{Delivery, Exchange};

/// The most of an answer's body that is kept, in characters.
const RESPONSE: usize = 64 * 1024;

/// GitHub REST: "List deliveries for a repository webhook", and of an organization's.
#[derive(Deserialize)]
struct Delivered {
    id: u64,
    #[serde(default, deserialize_with = "lenient::or_default")]
    guid: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    delivered_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    redelivery: bool,
    /// Seconds.
    #[serde(default, deserialize_with = "lenient::or_default")]
    duration: Option<f64>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    status: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    status_code: Option<u16>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    event: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    action: Option<String>,
}

/// GitHub REST: "Get a delivery for a repository webhook".
#[derive(Deserialize)]
struct Whole {
    #[serde(flatten)]
    delivered: Delivered,
    #[serde(default, deserialize_with = "lenient::or_default")]
    request: Message,
    #[serde(default, deserialize_with = "lenient::or_default")]
    response: Message,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Message {
    #[serde(deserialize_with = "lenient::or_default")]
    headers: Map<String, Value>,
    payload: Value,
}

impl GitHub {
    /// The last deliveries, the newest first, `most` at most. GitHub keeps them for three days, Enterprise Server for
    /// seven.
    ///
    /// # Errors
    /// [`NotFound`](super::super::ForgeErrorKind::NotFound) where the webhook is no more; or what else GitHub said.
    pub async fn deliveries<'a>(
        &self,
        token: &Secret,
        at: impl Into<HooksOf<'a>>,
        id: u64,
        most: usize,
    ) -> Result<Vec<Delivery>, ForgeError> {
        self.deliveries_by(token, at.into(), id, &DeliveryFilter { failed: false, since: None, most }).await
    }

    /// As [`Self::deliveries`], those that are wanted.
    pub(in super::super) async fn deliveries_by(
        &self,
        token: &Secret,
        at: HooksOf<'_>,
        id: u64,
        filter: &DeliveryFilter,
    ) -> Result<Vec<Delivery>, ForgeError> {
        let (number, size) = (id.to_string(), filter.most.clamp(1, 100));
        let size_text = size.to_string();
        let mut query = vec![("per_page", size_text.as_str())];
        if filter.failed {
            query.push(("status", "failure"));
        }
        let call = self.reading(&at.path(&[&number, "deliveries"]), &query, Authorization::Bearer(token));
        let scrubber = Scrubber::new(Some(token));
        let mut all = Vec::new();
        page::until(&self.transport, call, filter.most.div_ceil(size), |answer| {
            let found: Vec<Delivered> = answer.json(&self.label)?;
            let too_old = |one: &Delivered| filter.since.zip(one.delivered_at).is_some_and(|(since, at)| at < since);
            let end = found.iter().any(too_old);
            // An older server may not know the filter.
            let wanted = found.into_iter().filter(|one| !too_old(one)).map(|one| delivery(one, &scrubber));
            all.extend(wanted.filter(|one| !(filter.failed && one.succeeded())));
            Ok(if end { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })
        .await?;
        all.truncate(filter.most);
        Ok(all)
    }

    /// One delivery with what was sent and answered; nothing where GitHub does not remember it.
    ///
    /// # Errors
    /// What GitHub said.
    pub(in super::super) async fn exchange(
        &self,
        token: &Secret,
        at: HooksOf<'_>,
        id: u64,
        delivery: u64,
    ) -> Result<Option<Exchange>, ForgeError> {
        let (id, delivery) = (id.to_string(), delivery.to_string());
        let path = at.path(&[&id, "deliveries", &delivery]);
        let call = Call { limit: WITH_PAYLOADS, ..self.reading(&path, &[], Authorization::Bearer(token)) };
        let Some(answer) = ForgeError::if_there(self.transport.send(&call).await)? else { return Ok(None) };
        Ok(Some(exchange(answer.json(&self.label)?, &Scrubber::new(Some(token)))))
    }

    /// Has something delivered once more, under the same GUID. GitHub answers before it has done so.
    ///
    /// # Errors
    /// [`NotFound`](super::super::ForgeErrorKind::NotFound) where GitHub does not remember it; or what else it said.
    pub(in super::super) async fn redeliver(
        &self,
        token: &Secret,
        at: HooksOf<'_>,
        id: u64,
        delivery: u64,
    ) -> Result<(), ForgeError> {
        let (id, delivery) = (id.to_string(), delivery.to_string());
        let path = at.path(&[&id, "deliveries", &delivery, "attempts"]);
        let call = Call {
            method: Method::POST,
            repeat: Repeat::Never,
            ..self.reading(&path, &[], Authorization::Bearer(token))
        };
        self.transport.send(&call).await.map(drop)
    }
}

fn exchange(found: Whole, scrubber: &Scrubber<'_>) -> Exchange {
    let headers = |message: &Message| {
        let header =
            |(name, value): (&String, &Value)| Some(shown_header(&scrubber.name(name), &text(value, scrubber)?));
        message.headers.iter().filter_map(header).collect()
    };
    Exchange {
        request_headers: headers(&found.request),
        response_headers: headers(&found.response),
        response: text(&found.response.payload, scrubber).unwrap_or_default(),
        payload: found.request.payload,
        delivery: delivery(found.delivered, scrubber),
    }
}

/// A value as a text; nothing for null.
fn text(value: &Value, scrubber: &Scrubber<'_>) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(scrubber.text(&text, RESPONSE))
}

fn delivery(found: Delivered, scrubber: &Scrubber<'_>) -> Delivery {
    Delivery {
        id: found.id,
        guid: scrubber.name(&found.guid),
        event: scrubber.name(&found.event),
        action: found.action.map(|action| scrubber.name(&action)).filter(|action| !action.is_empty()),
        status: scrubber.clean(&found.status),
        status_code: answered(found.status_code),
        at: found.delivered_at,
        took: found.duration.and_then(lenient::milliseconds),
        redelivery: found.redelivery,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deliveries_of_the_documentation() {
        let json = r#"[{"id":12345678,"guid":"0b989ba4-242f-11e5-81e1-c7b6966d2516","delivered_at":"2019-06-03T00:57:16Z","redelivery":false,"duration":0.27,"status":"OK","status_code":200,"event":"issues","action":"opened","installation_id":123,"repository_id":456,"throttled_at":null},
            {"id":2,"delivered_at":null,"status":"timed out","status_code":0,"event":null}]"#;
        let found: Vec<Delivered> = serde_json::from_str(json).unwrap_or_default();
        let found: Vec<Delivery> = found.into_iter().map(|one| delivery(one, &Scrubber::new(None))).collect();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].status_code, found[0].at.map(Timestamp::as_second)), (Some(200), Some(1_559_523_436)));
        assert_eq!((found[0].took, found[0].action.as_deref()), (Some(270), Some("opened")));
        assert_eq!((found[1].status_code, found[1].event.as_str(), found[1].at), (None, "", None));
    }

    #[test]
    fn what_was_sent_and_answered() {
        let json = r#"{"id":3,"guid":"g","event":"push","status":"OK","status_code":200,
            "request":{"headers":{"X-GitHub-Delivery":"g","Authorization":"Bearer hush","X-Hub-Signature-256":"sha256=1"},"payload":{"zen":"x"}},
            "response":{"headers":{"Set-Cookie":"a=b"},"payload":"fine"}}"#;
        let found = serde_json::from_str(json).unwrap_or_else(|error| unreachable!("{error}"));
        let told = exchange(found, &Scrubber::new(None));
        let headers: Vec<String> = told.request_headers.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(headers, ["Authorization=***", "X-GitHub-Delivery=g", "X-Hub-Signature-256=sha256=1"]);
        assert_eq!((told.response.as_str(), told.response_headers[0].1.as_str()), ("fine", "***"));
        assert_eq!((told.payload["zen"].as_str(), told.delivery.id), (Some("x"), 3));
        let bare = serde_json::from_str(r#"{"id":3,"request":null}"#).unwrap_or_else(|error| unreachable!("{error}"));
        assert!(exchange(bare, &Scrubber::new(None)).payload.is_null());
    }
}
