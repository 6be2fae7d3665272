//! Webhooks: for administrators, and hidden from everybody else.
//!
//! A secret is shown as stars; sending a `config` without one takes it away, unless it is sent to
//! `…/config`, which changes only what it names. Pings and tests need no more than reading, and
//! deleting takes a wider scope than making. Source: GitHub REST "Repository webhooks"; the scopes
//! are those of recorded traffic, the refusals those that users quote.

mod config;
mod deliveries;

use serde_json::{Value, json};

use super::url;
use crate::github::access::{Asks, enter};
use crate::github::events;
use crate::github::scene::Scene;
use crate::github::{Call, Handled, Shape, error};
use crate::http::Answer;
use crate::loopback::{host_of, is_loopback};
use crate::world::github::{Hook, Repository};

const READ: Asks = Asks::reading("repository_hooks=read")
    .scopes("admin:repo_hook, public_repo, read:repo_hook, repo, write:repo_hook")
    .of_admins(None);
const WRITE: Asks = Asks::writing("repository_hooks=write")
    .scopes("admin:repo_hook, public_repo, repo, write:repo_hook")
    .of_admins(None);
const DELETE: Asks = WRITE.scopes("admin:repo_hook, public_repo, repo");

/// What a repository's hook may want to hear of.
const EVENTS: &str = "\
    branch_protection_configuration branch_protection_rule check_run check_suite code_scanning_alert \
    commit_comment create custom_property_values delete dependabot_alert deploy_key deployment \
    deployment_status discussion discussion_comment fork gollum issue_comment issue_dependencies issues \
    label member meta milestone package page_build ping project project_card project_column public \
    pull_request pull_request_review pull_request_review_comment pull_request_review_thread push \
    registry_package release repository repository_advisory repository_import repository_ruleset \
    repository_vulnerability_alert secret_scanning_alert secret_scanning_alert_location \
    secret_scanning_scan security_and_analysis star status sub_issues team_add watch workflow_job \
    workflow_run";

/// `/repos/{owner}/{repo}/hooks/…`
pub(super) fn route(call: &mut Call<'_>, it: &Repository, method: &str, rest: &[&str]) -> Handled {
    match (method, rest) {
        ("GET", []) => list(call, it),
        ("POST", []) => create(call, it),
        ("GET", [id]) => show(call, it, id),
        ("PATCH", [id]) => edit(call, it, id),
        ("DELETE", [id]) => delete(call, it, id),
        ("GET", [id, "config"]) => config::show(call, it, id),
        ("PATCH", [id, "config"]) => config::edit(call, it, id),
        ("POST", [id, "pings"]) => ping(call, it, id),
        ("POST", [id, "tests" | "test"]) => test(call, it, id),
        ("GET", [id, "deliveries"]) => deliveries::list(call, it, id),
        ("GET", [id, "deliveries", delivery]) => deliveries::show(call, it, id, delivery),
        ("POST", [id, "deliveries", delivery, "attempts"]) => deliveries::again(call, it, id, delivery),
        _ => Err(error::not_found()),
    }
}

/// A hook as all answers and the `ping` show it.
pub(in crate::github) fn describe(scene: &Scene<'_>, it: &Repository, hook: &Hook) -> Value {
    let url = format!("{}/repos/{}/hooks/{}", scene.api, it.full_name(), hook.id);
    json!({
        "type": "Repository",
        "id": hook.id,
        "name": "web",
        "active": hook.active,
        "events": hook.events,
        "config": config::describe(hook),
        "updated_at": hook.updated_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "created_at": hook.created_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "url": url,
        "test_url": format!("{url}/test"),
        "ping_url": format!("{url}/pings"),
        "deliveries_url": format!("{url}/deliveries"),
        "last_response": hook.last_response,
    })
}

fn find<'a>(it: &'a Repository, id: &str) -> Result<&'a Hook, Answer> {
    it.hooks.iter().find(|hook| hook.id.to_string() == id).ok_or_else(error::not_found)
}

/// Puts a hook that was changed back into the world.
fn keep(call: &mut Call<'_>, it: &Repository, changed: &Hook) {
    let hooks = call.github.repository_mut(it.id).map(|it| &mut it.hooks);
    if let Some(kept) = hooks.and_then(|hooks| hooks.iter_mut().find(|hook| hook.id == changed.id)) {
        kept.active = changed.active;
        kept.events.clone_from(&changed.events);
        kept.url.clone_from(&changed.url);
        kept.content_type.clone_from(&changed.content_type);
        kept.insecure_ssl = changed.insecure_ssl;
        kept.secret.clone_from(&changed.secret);
        kept.updated_at = call.now;
    }
}

fn invalid(error: Value) -> Answer {
    error::validation_failed(&json!([error]))
}

/// A refusal in words of its own.
fn refused(words: &str) -> Answer {
    invalid(json!({ "resource": "Hook", "code": "custom", "message": words }))
}

/// The names in a list of events: those that there are.
fn named(body: &Value, name: &str) -> Result<Option<Vec<String>>, Answer> {
    let Some(list) = body[name].as_array() else {
        return Ok(None);
    };
    let events: Vec<String> = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let known = |event: &str| event == "*" || EVENTS.split_whitespace().any(|known| known == event);
    let unknown: Vec<&str> = events.iter().map(String::as_str).filter(|event| !known(event)).collect();
    if unknown.is_empty() {
        Ok(Some(events))
    } else {
        Err(refused(&format!("These events are not allowed for this hook: {}", unknown.join(", "))))
    }
}

/// Refuses an address that GitHub could not reach, or that is none.
fn check_url(call: &Call<'_>, url: &str) -> Result<(), Answer> {
    let told = |words: &str| invalid(json!({ "resource": "Hook", "field": "url", "code": "custom", "message": words }));
    let web = url.starts_with("http://") || url.starts_with("https://");
    let Some(host) = host_of(url).filter(|_| web && !url.contains(char::is_whitespace)) else {
        return Err(told("The URL you've entered is not valid. Please make sure the URL includes a scheme."));
    };
    if call.refuse_local_hooks && is_loopback(host) {
        let words = format!("url is not supported because it isn't reachable over the public Internet ({host})");
        return Err(told(&words));
    }
    Ok(())
}

/// Refuses what the repository's other hooks do not leave room for.
fn check_others(call: &Call<'_>, it: &Repository, hook: &Hook) -> Result<(), Answer> {
    let others = || it.hooks.iter().filter(|other| other.id != hook.id);
    let shared = |other: &Hook| other.events.iter().any(|event| hook.events.contains(event));
    let same = |other: &Hook| {
        (&other.url, &other.content_type, other.insecure_ssl) == (&hook.url, &hook.content_type, hook.insecure_ssl)
    };
    if others().any(|other| same(other) && shared(other)) {
        return Err(refused("Hook already exists on this repository"));
    }
    for event in &hook.events {
        if others().filter(|other| other.events.contains(event)).count() >= call.hook_limit {
            let words = format!("The \"{event}\" event cannot have more than {} hooks", call.hook_limit);
            return Err(refused(&words));
        }
    }
    Ok(())
}

/// `GET /repos/{owner}/{repo}/hooks`
fn list(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, READ)?;
    Ok(call.page(it.hooks.iter().map(|hook| describe(&call.scene(), it, hook)).collect()))
}

/// `POST /repos/{owner}/{repo}/hooks`: a `ping` follows at once.
fn create(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, WRITE)?;
    let sender = call.token()?.login;
    let body = call.body()?;
    if body["name"].as_str().is_some_and(|name| name != "web") {
        return Err(invalid(json!({ "resource": "Hook", "field": "name", "code": "invalid" })));
    }
    if !body["config"]["url"].is_string() {
        return Err(refused("Config must contain URL for webhooks"));
    }
    let mut hook = Hook::new(550_000_000 + call.github.hooks_made, "", call.now);
    hook.enterprise = call.shape != Shape::Dotcom;
    hook.active = body["active"].as_bool().unwrap_or(true);
    if let Some(events) = named(&body, "events")? {
        hook.events = events;
    }
    config::replace(&mut hook, &body["config"])?;
    check_url(call, &hook.url)?;
    check_others(call, it, &hook)?;
    call.github.hooks_made += 1;
    let body = describe(&call.scene(), it, &hook);
    let location = format!("{}/hooks/{}", url(call, it), hook.id);
    let id = hook.id;
    if let Some(kept) = call.github.repository_mut(it.id) {
        kept.hooks.push(hook);
    }
    events::ping(call.github, &call.work, it.id, id, &sender);
    Ok(Answer::json(201, &body).with("location", location))
}

/// `GET /repos/{owner}/{repo}/hooks/{id}`
fn show(call: &mut Call<'_>, it: &Repository, id: &str) -> Handled {
    enter(call, it, READ)?;
    Ok(Answer::json(200, &describe(&call.scene(), it, find(it, id)?)))
}

/// `PATCH /repos/{owner}/{repo}/hooks/{id}`
fn edit(call: &mut Call<'_>, it: &Repository, id: &str) -> Handled {
    enter(call, it, WRITE)?;
    let mut hook = find(it, id)?.clone();
    let body = call.body()?;
    hook.active = body["active"].as_bool().unwrap_or(hook.active);
    if let Some(events) = named(&body, "events")? {
        hook.events = events;
    }
    for event in named(&body, "add_events")?.into_iter().flatten() {
        if !hook.events.contains(&event) {
            hook.events.push(event);
        }
    }
    let removed = named(&body, "remove_events")?.unwrap_or_default();
    hook.events.retain(|event| !removed.contains(event));
    if body["config"].is_object() {
        config::replace(&mut hook, &body["config"])?;
        check_url(call, &hook.url)?;
    }
    check_others(call, it, &hook)?;
    hook.updated_at = call.now;
    keep(call, it, &hook);
    Ok(Answer::json(200, &describe(&call.scene(), it, &hook)))
}

/// `DELETE /repos/{owner}/{repo}/hooks/{id}`
fn delete(call: &mut Call<'_>, it: &Repository, id: &str) -> Handled {
    enter(call, it, DELETE)?;
    let id = find(it, id)?.id;
    if let Some(kept) = call.github.repository_mut(it.id) {
        kept.hooks.retain(|hook| hook.id != id);
    }
    Ok(Answer::empty(204))
}

/// `POST /repos/{owner}/{repo}/hooks/{id}/pings`
fn ping(call: &mut Call<'_>, it: &Repository, id: &str) -> Handled {
    enter(call, it, READ)?;
    let (id, sender) = (find(it, id)?.id, call.token()?.login);
    events::ping(call.github, &call.work, it.id, id, &sender);
    Ok(Answer::empty(204))
}

/// `POST /repos/{owner}/{repo}/hooks/{id}/tests`: nothing is sent to a hook that hears of no pushes.
fn test(call: &mut Call<'_>, it: &Repository, id: &str) -> Handled {
    enter(call, it, READ)?;
    let (id, sender) = (find(it, id)?.id, call.token()?.login);
    events::test(call.github, &call.work, it.id, id, &sender);
    Ok(Answer::empty(204))
}
