//! What jobs of a repository may deploy to, and what lies below: its Actions secrets.
//!
//! Source: GitHub REST "Deployment environments". Protection rules are taken and forgotten: nothing is deployed here.

use serde_json::{Value, json};

use super::url;
use crate::github::access::{Asks, enter};
use crate::github::secrets::{self, Place};
use crate::github::user::node_id;
use crate::github::{Call, Handled, error};
use crate::http::Answer;
use crate::world::github::Repository;
use crate::world::github::secret::Environment;

const READ: Asks = Asks::reading("actions=read");
const WRITE: Asks = Asks::writing("administration=write").scopes("repo").of_admins(None);

/// The longest name.
const LONGEST: usize = 255;

/// `/repos/{owner}/{repo}/environments…`
pub(super) fn route(call: &mut Call<'_>, it: &Repository, method: &str, rest: &[&str]) -> Handled {
    match (method, rest) {
        ("GET", []) => list(call, it),
        ("GET", [name]) => show(call, it, name),
        ("PUT", [name]) => put(call, it, name),
        ("DELETE", [name]) => delete(call, it, name),
        (_, [name, "secrets", rest @ ..]) => secrets::route(call, &Place::Environment(it, name), method, rest),
        _ => Err(error::not_found()),
    }
}

fn describe(call: &Call<'_>, it: &Repository, environment: &Environment) -> Value {
    json!({
        "id": environment.id,
        "node_id": node_id("EN", environment.id),
        "name": environment.name,
        "url": format!("{}/environments/{}", url(call, it), environment.name),
        "html_url": format!(
            "{}/{}/deployments/activity_log?environments_filter={}", call.site, it.full_name(), environment.name
        ),
        "created_at": environment.created_at.to_string(),
        "updated_at": environment.updated_at.to_string(),
        "can_admins_bypass": true,
        "protection_rules": [],
        "deployment_branch_policy": null,
    })
}

/// `GET …/environments`
fn list(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, READ)?;
    let all = it.environments.values().map(|environment| describe(call, it, environment)).collect();
    Ok(call.counted_page("environments", it.environments.len(), all))
}

/// `GET …/environments/{name}`
fn show(call: &mut Call<'_>, it: &Repository, name: &str) -> Handled {
    enter(call, it, READ)?;
    let environment = it.environments.get(&name.to_lowercase()).ok_or_else(error::not_found)?;
    Ok(Answer::json(200, &describe(call, it, environment)))
}

/// `PUT …/environments/{name}`: makes one, or says again what is there.
fn put(call: &mut Call<'_>, it: &Repository, name: &str) -> Handled {
    enter(call, it, WRITE)?;
    call.body()?;
    if name.is_empty() || name.chars().count() > LONGEST {
        return Err(error::refusal(422, "Validation error, name is too long (maximum is 255 characters)"));
    }
    let now = call.now;
    let environment = match it.environments.get(&name.to_lowercase()) {
        Some(known) => Environment { updated_at: now, ..known.clone() },
        None => Environment {
            id: call.github.next_environment(),
            name: name.to_owned(),
            created_at: now,
            updated_at: now,
            secrets: std::collections::BTreeMap::new(),
        },
    };
    let body = describe(call, it, &environment);
    if let Some(it) = call.github.repository_mut(it.id) {
        it.environments.insert(name.to_lowercase(), environment);
    }
    Ok(Answer::json(200, &body))
}

/// `DELETE …/environments/{name}`: its secrets go with it.
fn delete(call: &mut Call<'_>, it: &Repository, name: &str) -> Handled {
    enter(call, it, WRITE)?;
    let gone = call.github.repository_mut(it.id).and_then(|it| it.environments.remove(&name.to_lowercase()));
    if gone.is_some() { Ok(Answer::empty(204)) } else { Err(error::not_found()) }
}
