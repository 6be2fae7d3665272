//! What GitHub does not take for a hook, in the words that users quote.

use serde_json::{Value, json};

use super::Place;
use crate::github::{Call, error};
use crate::http::Answer;
use crate::loopback::{host_of, is_private};
use crate::world::github::Hook;

/// What a hook may want to hear of.
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

/// What an organisation's may, besides.
const OF_ORGANISATIONS: &str = "\
    custom_property membership org_block organization personal_access_token_request projects_v2 \
    projects_v2_item projects_v2_status_update team";

pub(super) fn invalid(error: Value) -> Answer {
    error::validation_failed(&json!([error]))
}

/// A refusal in words of its own.
pub(super) fn refused(words: &str) -> Answer {
    invalid(json!({ "resource": "Hook", "code": "custom", "message": words }))
}

/// The names in a list of events: those that there are.
pub(super) fn named(place: Place<'_>, body: &Value, name: &str) -> Result<Option<Vec<String>>, Answer> {
    let Some(list) = body[name].as_array() else {
        return Ok(None);
    };
    let more = if matches!(place, Place::Organization(_)) { OF_ORGANISATIONS } else { "" };
    let known: Vec<&str> = EVENTS.split_whitespace().chain(more.split_whitespace()).chain(["*"]).collect();
    let events: Vec<String> = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let unknown: Vec<&str> = events.iter().map(String::as_str).filter(|event| !known.contains(event)).collect();
    if unknown.is_empty() {
        Ok(Some(events))
    } else {
        Err(refused(&format!("These events are not allowed for this hook: {}", unknown.join(", "))))
    }
}

/// Refuses what the route does not know.
pub(super) fn permitted(body: &Value, keys: &[&str]) -> Result<(), Answer> {
    let strange = body.as_object().into_iter().flatten().map(|(key, _)| key).find(|key| !keys.contains(&key.as_str()));
    match strange {
        None => Ok(()),
        Some(key) => Err(error::refusal(422, &format!("Invalid request.\n\n\"{key}\" is not a permitted key."))),
    }
}

/// Refuses an address that GitHub could not reach, or that is none.
pub(super) fn url(call: &Call<'_>, url: &str) -> Result<(), Answer> {
    let told = |words: &str| invalid(json!({ "resource": "Hook", "field": "url", "code": "custom", "message": words }));
    let web = url.starts_with("http://") || url.starts_with("https://");
    let Some(host) = host_of(url).filter(|_| web && !url.contains(char::is_whitespace)) else {
        return Err(told("The URL you've entered is not valid. Please make sure the URL includes a scheme."));
    };
    if call.refuse_local_hooks && is_private(host) {
        let words = format!("url is not supported because it isn't reachable over the public Internet ({host})");
        return Err(told(&words));
    }
    Ok(())
}

/// Refuses what the place's other hooks do not leave room for.
pub(super) fn others(call: &Call<'_>, place: Place<'_>, hook: &Hook) -> Result<(), Answer> {
    let all = call.github.hooks(place.home());
    let others = || all.iter().filter(|other| other.id != hook.id);
    let shared = |other: &Hook| other.events.iter().any(|event| hook.events.contains(event));
    let same = |other: &Hook| {
        (&other.url, &other.content_type, other.insecure_ssl) == (&hook.url, &hook.content_type, hook.insecure_ssl)
    };
    if others().any(|other| same(other) && shared(other)) {
        return Err(refused(&format!("Hook already exists on this {}", place.name())));
    }
    for event in &hook.events {
        if others().filter(|other| other.events.contains(event)).count() >= call.hook_limit {
            let words = format!("The \"{event}\" event cannot have more than {} hooks", call.hook_limit);
            return Err(refused(&words));
        }
    }
    Ok(())
}
