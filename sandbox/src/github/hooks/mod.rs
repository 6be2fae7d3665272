//! Webhooks of repositories, for their administrators, and of organisations, for their owners; hidden from everybody
//! else.
//!
//! A secret is shown as stars; sending a `config` without one takes it away, unless it is sent to
//! `…/config`, which changes only what it names. Pings and tests of a repository's hook need no more than reading, and
//! deleting takes a wider scope than making. Source: GitHub REST "Repository webhooks", "Organization webhooks"; the
//! scopes are those of recorded traffic, the refusals those that users quote.

mod check;
mod config;
mod deliveries;
mod place;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::scene::Scene;
use super::{Call, Handled, Shape, error, events};
use crate::http::Answer;
use crate::world::github::{Hook, TokenKind};
use check::{invalid, named, refused};
pub(super) use place::Place;
use place::Right;

/// `/repos/{owner}/{repo}/hooks/…`, `/orgs/{org}/hooks/…`
pub(super) fn route(call: &mut Call<'_>, place: Place<'_>, method: &str, rest: &[&str]) -> Handled {
    match (method, rest) {
        ("GET", []) => list(call, place),
        ("POST", []) => create(call, place),
        ("GET", [id]) => show(call, place, id),
        ("PATCH", [id]) => edit(call, place, id),
        ("DELETE", [id]) => delete(call, place, id),
        ("GET", [id, "config"]) => config::show(call, place, id),
        ("PATCH", [id, "config"]) => config::edit(call, place, id),
        ("POST", [id, "pings"]) => ping(call, place, id),
        ("POST", [id, "tests" | "test"]) if matches!(place, Place::Repository(_)) => test(call, place, id),
        ("GET", [id, "deliveries"]) => deliveries::list(call, place, id),
        ("GET", [id, "deliveries", delivery]) => deliveries::show(call, place, id, delivery),
        ("POST", [id, "deliveries", delivery, "attempts"]) => deliveries::again(call, place, id, delivery),
        _ => Err(error::not_found()),
    }
}

/// A hook as all answers and the `ping` show it. An organisation's has no test, and does not say how the last delivery
/// went.
pub(super) fn describe(scene: &Scene<'_>, place: Place<'_>, hook: &Hook, now: Timestamp) -> Value {
    let url = format!("{}/{}", place.url(scene), hook.id);
    let mut body = json!({
        "type": "Organization",
        "id": hook.id,
        "name": "web",
        "active": hook.active,
        "events": hook.events,
        "config": config::describe(hook),
        "updated_at": hook.updated_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "created_at": hook.created_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "url": url,
        "ping_url": format!("{url}/pings"),
        "deliveries_url": format!("{url}/deliveries"),
    });
    if let Place::Repository(_) = place {
        body["type"] = json!("Repository");
        body["test_url"] = json!(format!("{url}/test"));
        body["last_response"] = json!(hook.last_response(now));
    }
    body
}

/// Puts a hook that was changed back into the world.
fn keep(call: &mut Call<'_>, place: Place<'_>, changed: &Hook) {
    let now = call.now;
    if let Some(kept) = call.github.hook_mut(place.home(), changed.id) {
        kept.active = changed.active;
        kept.events.clone_from(&changed.events);
        kept.url.clone_from(&changed.url);
        kept.content_type.clone_from(&changed.content_type);
        kept.insecure_ssl = changed.insecure_ssl;
        kept.secret.clone_from(&changed.secret);
        kept.updated_at = now;
    }
}

/// `GET …/hooks`
fn list(call: &mut Call<'_>, place: Place<'_>) -> Handled {
    place.enter(call, Right::Read)?;
    let described = |hook: &Hook| describe(&call.scene(), place, hook, call.now);
    Ok(call.page(place.hooks(call).map(described).collect()))
}

/// What both kinds of place ask of a new hook.
fn check_new(place: Place<'_>, body: &Value) -> Result<(), Answer> {
    if let Place::Repository(_) = place {
        check::permitted(body, &["name", "config", "events", "active"])?;
    } else if body["name"].is_null() {
        return Err(error::not_supplied(&["name"]));
    }
    if body["name"].as_str().is_some_and(|name| name != "web") {
        return Err(invalid(json!({ "resource": "Hook", "field": "name", "code": "invalid" })));
    }
    if body["config"]["url"].is_string() { Ok(()) } else { Err(refused("Config must contain URL for webhooks")) }
}

/// `POST …/hooks`: a `ping` follows at once.
fn create(call: &mut Call<'_>, place: Place<'_>) -> Handled {
    place.enter(call, Right::Write)?;
    let token = call.token()?;
    let body = call.body()?;
    check_new(place, &body)?;
    let mut hook = Hook::new(550_000_000 + call.github.hooks_made, "", call.now);
    hook.enterprise = call.shape != Shape::Dotcom;
    hook.of_app = token.kind == TokenKind::OAuth;
    hook.active = body["active"].as_bool().unwrap_or(true);
    if let Some(events) = named(place, &body, "events")? {
        hook.events = events;
    }
    config::replace(&mut hook, &body["config"])?;
    check::url(call, &hook.url)?;
    check::others(call, place, &hook)?;
    call.github.hooks_made += 1;
    let body = describe(&call.scene(), place, &hook, call.now);
    let location = format!("{}/{}", place.url(&call.scene()), hook.id);
    let id = hook.id;
    if let Some(hooks) = call.github.hooks_mut(place.home()) {
        hooks.push(hook);
    }
    events::ping(call.github, &call.work, place.home(), id, &token.login, call.now);
    Ok(Answer::json(201, &body).with("location", location))
}

/// `GET …/hooks/{id}`
fn show(call: &mut Call<'_>, place: Place<'_>, id: &str) -> Handled {
    place.enter(call, Right::Read)?;
    let hook = place.hook(call, id)?;
    Ok(Answer::json(200, &describe(&call.scene(), place, hook, call.now)))
}

/// `PATCH …/hooks/{id}`
fn edit(call: &mut Call<'_>, place: Place<'_>, id: &str) -> Handled {
    place.enter(call, Right::Write)?;
    let mut hook = place.hook(call, id)?.clone();
    let body = call.body()?;
    hook.active = body["active"].as_bool().unwrap_or(hook.active);
    if let Some(events) = named(place, &body, "events")? {
        hook.events = events;
    }
    if let Place::Repository(_) = place {
        check::permitted(&body, &["name", "config", "events", "add_events", "remove_events", "active"])?;
        for event in named(place, &body, "add_events")?.into_iter().flatten() {
            if !hook.events.contains(&event) {
                hook.events.push(event);
            }
        }
        let removed = named(place, &body, "remove_events")?.unwrap_or_default();
        hook.events.retain(|event| !removed.contains(event));
    }
    if body["config"].is_object() {
        config::replace(&mut hook, &body["config"])?;
        check::url(call, &hook.url)?;
    }
    check::others(call, place, &hook)?;
    hook.updated_at = call.now;
    keep(call, place, &hook);
    Ok(Answer::json(200, &describe(&call.scene(), place, &hook, call.now)))
}

/// `DELETE …/hooks/{id}`: what still waits for it is not sent.
fn delete(call: &mut Call<'_>, place: Place<'_>, id: &str) -> Handled {
    place.enter(call, Right::Delete)?;
    let id = place.hook(call, id)?.id;
    if let Some(hooks) = call.github.hooks_mut(place.home()) {
        hooks.retain(|hook| hook.id != id);
    }
    Ok(Answer::empty(204))
}

/// `POST …/hooks/{id}/pings`
fn ping(call: &mut Call<'_>, place: Place<'_>, id: &str) -> Handled {
    place.enter(call, Right::Ping)?;
    let (id, sender) = (place.hook(call, id)?.id, call.token()?.login);
    events::ping(call.github, &call.work, place.home(), id, &sender, call.now);
    Ok(Answer::empty(204))
}

/// `POST /repos/{owner}/{repo}/hooks/{id}/tests`: nothing is sent to a hook that hears of no pushes.
fn test(call: &mut Call<'_>, place: Place<'_>, id: &str) -> Handled {
    place.enter(call, Right::Ping)?;
    let (id, sender) = (place.hook(call, id)?.id, call.token()?.login);
    events::test(call.github, &call.work, place.home(), id, &sender);
    Ok(Answer::empty(204))
}
