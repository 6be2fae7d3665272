//! Webhooks: for administrators, and hidden from everybody else.
//!
//! A secret is shown as stars; sending a `config` without one takes it away. Source: GitHub REST
//! "Repository webhooks"; the scopes are those of recorded traffic.

use serde_json::{Value, json};

use super::url;
use crate::github::access::{Asks, enter};
use crate::github::{Call, Handled, error};
use crate::http::Answer;
use crate::world::github::{Hook, Repository};

const READ: Asks = Asks::reading("repository_hooks=read")
    .scopes("admin:repo_hook, public_repo, read:repo_hook, repo, write:repo_hook")
    .of_admins(None);
const WRITE: Asks = Asks::writing("repository_hooks=write")
    .scopes("admin:repo_hook, public_repo, repo, write:repo_hook")
    .of_admins(None);

fn describe(call: &Call<'_>, it: &Repository, hook: &Hook) -> Value {
    let url = format!("{}/hooks/{}", url(call, it), hook.id);
    let mut config = json!({ "url": hook.url, "content_type": "json", "insecure_ssl": "0" });
    if hook.has_secret {
        config["secret"] = json!("********");
    }
    json!({
        "type": "Repository",
        "id": hook.id,
        "name": "web",
        "active": hook.active,
        "events": hook.events,
        "config": config,
        "updated_at": "2026-10-06T21:30:44Z",
        "created_at": "2025-01-26T19:01:12Z",
        "url": url,
        "test_url": format!("{url}/test"),
        "ping_url": format!("{url}/pings"),
        "deliveries_url": format!("{url}/deliveries"),
        "last_response": { "code": null, "status": "unused", "message": null },
    })
}

fn find<'a>(it: &'a Repository, id: &str) -> Result<&'a Hook, Answer> {
    it.hooks.iter().find(|hook| hook.id.to_string() == id).ok_or_else(error::not_found)
}

/// `GET /repos/{owner}/{repo}/hooks`
pub(super) fn list(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, READ)?;
    Ok(call.page(it.hooks.iter().map(|hook| describe(call, it, hook)).collect()))
}

/// `GET /repos/{owner}/{repo}/hooks/{id}`
pub(super) fn show(call: &mut Call<'_>, it: &Repository, id: &str) -> Handled {
    enter(call, it, READ)?;
    Ok(Answer::json(200, &describe(call, it, find(it, id)?)))
}

/// `PATCH /repos/{owner}/{repo}/hooks/{id}`
pub(super) fn edit(call: &mut Call<'_>, it: &Repository, id: &str) -> Handled {
    enter(call, it, WRITE)?;
    let mut hook = find(it, id)?.clone();
    let body = call.body()?;
    hook.active = body["active"].as_bool().unwrap_or(hook.active);
    if let Some(events) = body["events"].as_array() {
        hook.events = events.iter().filter_map(|event| event.as_str().map(str::to_owned)).collect();
    }
    if body["config"].is_object() {
        hook.has_secret = body["config"]["secret"].is_string();
        hook.url = body["config"]["url"].as_str().map_or(hook.url, str::to_owned);
    }
    let answer = Answer::json(200, &describe(call, it, &hook));
    if let Some(kept) = call.github.repository_mut(it.id).and_then(|it| it.hooks.iter_mut().find(|it| it.id == hook.id))
    {
        *kept = hook;
    }
    Ok(answer)
}
