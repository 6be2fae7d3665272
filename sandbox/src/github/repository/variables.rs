//! Actions variables: like secrets, in the open.
//!
//! Source: GitHub REST "Actions Variables".

use serde_json::{Value, json};

use crate::github::access::{Asks, enter};
use crate::github::secrets::checked;
use crate::github::{Call, Handled, error};
use crate::http::Answer;
use crate::world::github::{Kept, Repository, Role};

const READ: Asks = Asks { open: false, role: Role::Push, ..Asks::reading("actions_variables=read") };
const WRITE: Asks = Asks::writing("actions_variables=write").scopes("repo");

/// `/repos/{owner}/{repo}/actions/variables/…`
pub(super) fn route(call: &mut Call<'_>, it: &Repository, method: &str, rest: &[&str]) -> Handled {
    match (method, rest) {
        ("GET", []) => list(call, it),
        ("POST", []) => create(call, it),
        ("GET", [name]) => show(call, it, name),
        ("PATCH", [name]) => edit(call, it, name),
        ("DELETE", [name]) => delete(call, it, name),
        _ => Err(error::not_found()),
    }
}

fn describe(name: &str, kept: &Kept) -> Value {
    json!({
        "name": name,
        "value": kept.value,
        "created_at": kept.created_at.to_string(),
        "updated_at": kept.updated_at.to_string(),
    })
}

/// `GET …/actions/variables`
fn list(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, READ)?;
    let all = it.actions_variables.iter().map(|(name, kept)| describe(name, kept)).collect();
    let total = it.actions_variables.len();
    Ok(call.counted_page("variables", total, all))
}

/// `GET …/actions/variables/{name}`
fn show(call: &mut Call<'_>, it: &Repository, name: &str) -> Handled {
    enter(call, it, READ)?;
    let name = name.to_ascii_uppercase();
    let kept = it.actions_variables.get(&name).ok_or_else(error::not_found)?;
    Ok(Answer::json(200, &describe(&name, kept)))
}

/// `POST …/actions/variables`: 409 for one that is there.
fn create(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, WRITE)?;
    let body = call.body()?;
    let missing: Vec<&str> = ["name", "value"].into_iter().filter(|name| !body[*name].is_string()).collect();
    if !missing.is_empty() {
        return Err(error::not_supplied(&missing));
    }
    let name = checked(body["name"].as_str().unwrap_or_default(), "Variable")?;
    if it.actions_variables.contains_key(&name) {
        return Err(error::refusal(409, "Already exists - Variable already exists"));
    }
    let value = body["value"].as_str().unwrap_or_default().to_owned();
    let kept = Kept { value, created_at: call.now, updated_at: call.now };
    if let Some(it) = call.github.repository_mut(it.id) {
        it.actions_variables.insert(name, kept);
    }
    Ok(Answer::json(201, &json!({})))
}

/// `PATCH …/actions/variables/{name}`
fn edit(call: &mut Call<'_>, it: &Repository, name: &str) -> Handled {
    enter(call, it, WRITE)?;
    let (body, now) = (call.body()?, call.now);
    let variables = call.github.repository_mut(it.id).map(|it| &mut it.actions_variables);
    let variables = variables.ok_or_else(error::not_found)?;
    let old = name.to_ascii_uppercase();
    let mut kept = variables.get(&old).cloned().ok_or_else(error::not_found)?;
    let new = body["name"].as_str().map_or(Ok(old.clone()), |name| checked(name, "Variable"))?;
    if let Some(value) = body["value"].as_str() {
        value.clone_into(&mut kept.value);
    }
    kept.updated_at = now;
    variables.remove(&old);
    variables.insert(new, kept);
    Ok(Answer::empty(204))
}

/// `DELETE …/actions/variables/{name}`
fn delete(call: &mut Call<'_>, it: &Repository, name: &str) -> Handled {
    enter(call, it, WRITE)?;
    let variables = call.github.repository_mut(it.id).map(|it| &mut it.actions_variables);
    let gone = variables.and_then(|variables| variables.remove(&name.to_ascii_uppercase()));
    if gone.is_some() { Ok(Answer::empty(204)) } else { Err(error::not_found()) }
}
