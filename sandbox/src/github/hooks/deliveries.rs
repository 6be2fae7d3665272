//! What was delivered, the newest first, for three days (seven on an Enterprise Server); and once
//! more, when somebody asks.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Place, Right};
use crate::github::events::delivery::enqueue;
use crate::github::{Call, Handled, Shape, error};
use crate::http::Answer;
use crate::world::clock::later;
use crate::world::github::{Delivery, Envelope, Hook};

fn describe(delivery: &Delivery) -> Value {
    json!({
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": delivery.delivered_at.to_string(),
        "redelivery": delivery.redelivery,
        "duration": (delivery.duration * 100.0).round() / 100.0,
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": null,
        "repository_id": delivery.repository,
        "throttled_at": null,
    })
}

/// Those that are still remembered, the newest first.
fn remembered<'a>(call: &Call<'_>, hook: &'a Hook) -> impl Iterator<Item = &'a Delivery> {
    let days = if call.shape == Shape::Dotcom { 3 } else { 7 };
    let oldest = later(call.now, SignedDuration::from_hours(-24 * days));
    hook.deliveries.iter().rev().map(AsRef::as_ref).filter(move |delivery| delivery.delivered_at >= oldest)
}

fn one<'a>(call: &Call<'_>, hook: &'a Hook, id: &str) -> Result<&'a Delivery, Answer> {
    remembered(call, hook).find(|delivery| delivery.id.to_string() == id).ok_or_else(error::not_found)
}

/// `GET …/hooks/{id}/deliveries`: its pages follow a cursor.
pub(super) fn list(call: &mut Call<'_>, place: Place<'_>, id: &str) -> Handled {
    place.enter(call, Right::Read)?;
    let hook = place.hook(call, id)?;
    let wanted = match call.request.query("status").as_deref() {
        None => None,
        Some("success") => Some(true),
        Some("failure") => Some(false),
        Some(_) => {
            let error = json!([{ "resource": "HookDelivery", "field": "status", "code": "invalid" }]);
            return Err(error::validation_failed(&error));
        }
    };
    let cursor = match call.request.query("cursor") {
        None => u64::MAX,
        Some(cursor) => {
            let id = cursor.strip_prefix("v1_").and_then(|id| id.parse().ok());
            id.ok_or_else(|| error::refusal(400, "Invalid cursor"))?
        }
    };
    let fitting =
        |delivery: &&Delivery| delivery.id <= cursor && wanted.is_none_or(|wanted| delivery.succeeded() == wanted);
    let size = call.request.page(30).size;
    let mut found: Vec<&Delivery> = remembered(call, hook).filter(fitting).take(size + 1).collect();
    let next = if found.len() > size { found.pop() } else { None };
    let answer = Answer::json(200, &found.into_iter().map(describe).collect());
    let Some(next) = next else {
        return Ok(answer);
    };
    let status = call.request.query("status").map(|status| format!("&status={status}")).unwrap_or_default();
    let url = format!("{}{}?per_page={size}{status}&cursor=v1_{}", call.api, call.path, next.id);
    Ok(answer.with("link", format!("<{url}>; rel=\"next\"")))
}

/// `GET …/hooks/{id}/deliveries/{delivery}`
pub(super) fn show(call: &mut Call<'_>, place: Place<'_>, id: &str, delivery: &str) -> Handled {
    place.enter(call, Right::Read)?;
    let delivery = one(call, place.hook(call, id)?, delivery)?;
    let mut body = describe(delivery);
    body["url"] = json!(delivery.url);
    body["request"] = json!({ "headers": delivery.request_headers, "payload": delivery.payload });
    body["response"] = json!({ "headers": delivery.response_headers, "payload": delivery.response_payload });
    Ok(Answer::json(200, &body))
}

/// `POST …/hooks/{id}/deliveries/{delivery}/attempts`: the same event under the
/// same GUID, as the hook is set now.
pub(super) fn again(call: &mut Call<'_>, place: Place<'_>, id: &str, delivery: &str) -> Handled {
    place.enter(call, Right::Write)?;
    let hook = place.hook(call, id)?;
    let delivery = one(call, hook, delivery)?;
    let envelope = Envelope {
        guid: delivery.guid.clone(),
        event: delivery.event.clone(),
        action: delivery.action.clone(),
        payload: delivery.payload.clone(),
        repository: delivery.repository,
        redelivery: true,
    };
    enqueue(call.github, &call.work, place.home(), hook.id, envelope, None);
    Ok(Answer::json(202, &json!({})))
}
