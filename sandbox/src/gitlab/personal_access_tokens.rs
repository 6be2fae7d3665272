//! What a token can say of itself, and its end.
//!
//! Project and group tokens are rows of the same table and answer alike; OAuth tokens are not, and
//! get 400. A classic token of any scope may look at itself and revoke itself; a fine-grained one
//! needs the permission. Source: GitLab REST "Personal access tokens"; the keys are those of
//! recorded answers (ten at 17.11, twelve from 18 on).

use serde_json::{Value, json};

use super::{Call, Handled, Needs, auth, error, groups, projects, time};
use crate::http::Answer;
use crate::world::gitlab::{Token, role};

const READ: &str = "Personal Access Token: Read";

/// A token as GitLab describes it.
pub(super) fn describe(call: &Call<'_>, token: &Token) -> Value {
    let mut body = json!({
        "id": token.id,
        "name": token.name,
        "revoked": token.revoked,
        "created_at": time::written(token.created_at),
        "description": token.description,
        "scopes": token.scopes,
        "user_id": token.user,
        "last_used_at": token.last_used_at.map(time::written),
        "active": token.is_alive(call.now),
        "expires_at": token.expires_on.map(|date| date.to_string()),
    });
    if call.version.reaches(18, 0) {
        body["granular"] = json!(token.granted.is_some());
        body["last_used_ips"] = json!(if token.last_used_at.is_some() { vec!["127.0.0.1"] } else { Vec::new() });
    }
    body
}

/// `GET /personal_access_tokens/self`
pub(super) fn show_self(call: &mut Call<'_>) -> Handled {
    let token = call.access_token()?;
    auth::check_permission(&token, READ)?;
    Ok(Answer::json(200, &describe(call, &token)))
}

/// `DELETE /personal_access_tokens/self`
pub(super) fn revoke_self(call: &mut Call<'_>) -> Handled {
    let token = call.access_token()?;
    auth::check_permission(&token, "Personal Access Token: Revoke")?;
    if let Some(token) = call.gitlab.token_mut(&token.token) {
        token.revoked = true;
    }
    Ok(Answer::empty(204))
}

/// `GET /personal_access_tokens/:id`: the owner's and an administrator's to read.
///
/// A token that is not the caller's is 401, as one that does not exist; only an administrator is
/// told that it does not.
pub(super) fn show(call: &mut Call<'_>, id: &str) -> Handled {
    let needs = Needs { scopes: &["api", "read_api"], permission: READ };
    let (_, user) = call.allowed(needs)?;
    let id: u64 = id.parse().map_err(|_| error::parameter("id is invalid"))?;
    match call.gitlab.token_with_id(id) {
        Some(token) if user.admin || token.user == user.id => Ok(Answer::json(200, &describe(call, token))),
        None if user.admin => Err(error::not_found()),
        _ => Err(error::unauthorized()),
    }
}

/// `GET /personal_access_tokens/self/associations`, since 17.4: where the bearer has a role.
pub(super) fn associations(call: &mut Call<'_>) -> Handled {
    if !call.version.reaches(17, 4) {
        return Err(error::no_such_route());
    }
    let token = call.access_token()?;
    auth::check_permission(&token, READ)?;
    let least = match call.request.query("min_access_level") {
        None => role::GUEST,
        Some(level) => match level.parse::<u8>() {
            Ok(level @ (10 | 15 | 20 | 30 | 40 | 50)) => level,
            _ => {
                return Err(error::parameter("min_access_level does not have a valid value"));
            }
        },
    };
    let page = call.request.page(20);
    let gitlab = &call.gitlab;
    let groups: Vec<Value> = gitlab
        .groups
        .iter()
        .map(|group| (group, gitlab.role_in_group(token.user, group)))
        .filter(|(_, role)| *role >= least)
        .map(|(group, role)| groups::associated(call, group, role))
        .collect();
    let projects: Vec<Value> = gitlab
        .projects
        .iter()
        .map(|project| (project, gitlab.role_in_project(token.user, project)))
        .filter(|(_, role)| *role >= least)
        .map(|(project, role)| projects::associated(call, project, role))
        .collect();
    let total = groups.len().max(projects.len());
    let body = json!({ "groups": page.cut(groups), "projects": page.cut(projects) });
    let url = format!("{}{}", call.site, call.path);
    let answer =
        Answer::json(200, &body).with("x-page", page.number.to_string()).with("x-per-page", page.size.to_string());
    Ok(match page.links(&url, &call.request.query, total) {
        Some(links) => answer.with("link", links),
        None => answer,
    })
}
