//! For which of its repositories a secret of an organisation is: for all, for the private ones, or for those that were
//! selected.
//!
//! Who sends a secret says so each time: without the numbers of the repositories, none is selected any more [I].

use serde_json::{Value, json};

use super::place::{Place, Right};
use crate::github::{Call, Handled, error, repos};
use crate::http::Answer;
use crate::world::github::secret::{Reach, Shared, Visibility};
use crate::world::github::{Account, Role};

/// What the list and the secret itself say of it.
pub(super) fn describe(call: &Call<'_>, it: &Account, name: &str, body: &mut Value) {
    let Some(secret) = it.actions_secrets.get(name) else { return };
    body["visibility"] = json!(secret.visibility.visibility);
    if secret.visibility.visibility == Reach::Selected {
        let url = format!("{}/orgs/{}/actions/secrets/{name}/repositories", call.api, it.login);
        body["selected_repositories_url"] = json!(url);
    }
}

/// The numbers in a body's `selected_repository_ids`: each of one of the organisation's repositories.
fn numbers(call: &Call<'_>, it: &Account, list: &Value) -> Result<Vec<u64>, Answer> {
    let wrong =
        || error::refusal(422, "Invalid request.\n\nselected_repository_ids must be repositories of the organization.");
    let of_organisation =
        |id: &u64| call.github.repositories.iter().any(|repo| repo.id == *id && repo.owner == it.login);
    let list = list.as_array().ok_or_else(wrong)?;
    list.iter().map(|id| id.as_u64().filter(of_organisation).ok_or_else(wrong)).collect()
}

/// What a body wants: the numbers only with `selected`.
pub(super) fn wanted(call: &Call<'_>, it: &Account, body: &Value) -> Result<Visibility, Answer> {
    let word = body["visibility"].as_str().unwrap_or_default();
    let visibility = Reach::named(word).ok_or_else(|| {
        error::refusal(
            422,
            &format!("Invalid request.\n\n{word} is not a member of [\"all\", \"private\", \"selected\"]."),
        )
    })?;
    let selected = match (&body["selected_repository_ids"], visibility) {
        (Value::Null, _) => Vec::new(),
        (list, Reach::Selected) => numbers(call, it, list)?,
        (list, _) if list.as_array().is_some_and(Vec::is_empty) => Vec::new(),
        _ => {
            let words = "Invalid request.\n\nselected_repository_ids may be sent with visibility selected only.";
            return Err(error::refusal(422, words));
        }
    };
    Ok(Visibility { visibility, selected })
}

/// `/orgs/{org}/actions/secrets/{name}/repositories…`
pub(super) fn route(call: &mut Call<'_>, it: &Account, method: &str, name: &str, rest: &[&str]) -> Handled {
    let right = if method == "GET" { Right::Read } else { Right::Write };
    Place::Organization(it).enter(call, right)?;
    let name = name.to_ascii_uppercase();
    let secret = it.actions_secrets.get(&name).ok_or_else(error::not_found)?;
    if (method, rest) == ("GET", &[]) {
        return Ok(list(call, secret));
    }
    if secret.visibility.visibility != Reach::Selected {
        return Err(error::refusal(409, "Conflict: the visibility of the secret is not selected."));
    }
    let mut selected = secret.visibility.selected.clone();
    match (method, rest) {
        ("PUT", []) => selected = numbers(call, it, &call.body()?["selected_repository_ids"])?,
        ("PUT", [id]) => {
            let id: u64 = id.parse().map_err(|_| error::not_found())?;
            let added = numbers(call, it, &json!([id])).map_err(|_| error::not_found())?;
            selected.retain(|known| *known != id);
            selected.extend(added);
        }
        ("DELETE", [id]) => selected.retain(|known| known.to_string() != *id),
        _ => return Err(error::not_found()),
    }
    let now = call.now;
    if let Some(secret) = call.github.account_mut(&it.login).and_then(|it| it.actions_secrets.get_mut(&name)) {
        secret.visibility.selected = selected;
        secret.kept.updated_at = now;
    }
    Ok(Answer::empty(204))
}

/// `GET …/repositories`
fn list(call: &Call<'_>, secret: &Shared) -> Answer {
    let selected = &secret.visibility.selected;
    let repositories = call.github.repositories.iter().filter(|it| selected.contains(&it.id));
    let described: Vec<Value> =
        repositories.map(|it| Value::Object(repos::describe(&call.scene(), it, Role::Admin))).collect();
    call.counted_page("repositories", described.len(), described)
}
