//! What lies below a repository, by its name or its number.
//!
//! A former name redirects to the number: 301 for reading, 307 for writing.

mod actions;
mod commits;
mod contents;
mod environments;
mod people;
mod pulls;
mod refs;
mod rules;
mod statuses;
mod threads;
mod variables;

use serde_json::json;

use super::access::reach;
use super::hooks;
use super::secrets::{self, Place};
use super::{Call, Handled, error, repos};
use crate::http::Answer;
use crate::world::github::Repository;
pub(super) use pulls::describe as describe_pull;

/// `/repos/{owner}/{repo}/…`
pub(super) fn by_name(call: &mut Call<'_>, method: &str, owner: &str, name: &str, rest: &[&str]) -> Handled {
    if let Some(repository) = call.github.repository(owner, name).cloned() {
        return route(call, &repository, method, rest);
    }
    call.accepts("repo", "metadata=read");
    let former = format!("{owner}/{name}");
    let moved = call
        .github
        .repositories
        .iter()
        .find(|it| it.former_names.iter().any(|name| name.eq_ignore_ascii_case(&former)))
        .ok_or_else(error::not_found)?;
    reach(call, moved, "repo").ok_or_else(error::not_found)?;
    let rest: String = rest.iter().map(|segment| format!("/{segment}")).collect();
    let query = if call.request.query.is_empty() { String::new() } else { format!("?{}", call.request.query) };
    let url = format!("{}/repositories/{}{rest}{query}", call.api, moved.id);
    let (status, message) = if method == "GET" { (301, "Moved Permanently") } else { (307, "Temporary Redirect") };
    let body = json!({
        "message": message,
        "url": url,
        "documentation_url": "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects",
    });
    Ok(Answer::json(status, &body).with("location", url))
}

/// `/repositories/{id}/…`
pub(super) fn by_id(call: &mut Call<'_>, method: &str, id: &str, rest: &[&str]) -> Handled {
    call.accepts("repo", "metadata=read");
    let id: u64 = id.parse().map_err(|_| error::not_found())?;
    let repository = call.github.repositories.iter().find(|it| it.id == id).cloned();
    route(call, &repository.ok_or_else(error::not_found)?, method, rest)
}

fn route(call: &mut Call<'_>, it: &Repository, method: &str, rest: &[&str]) -> Handled {
    match (method, rest) {
        ("GET", []) => repos::show(call, it),
        ("GET", ["actions", "artifacts"]) => actions::artifacts(call, it),
        ("GET", ["actions", "permissions"]) => actions::permissions(call, it),
        ("POST", ["actions", "workflows", workflow, "dispatches"]) => actions::dispatch(call, it, workflow),
        ("GET", ["rulesets", "rule-suites"]) => rules::suites(call, it),
        ("GET", ["branches"]) => commits::branches(call, it),
        ("GET", ["branches", name @ ..]) => commits::branch(call, it, &name.join("/")),
        ("GET", ["commits"]) => commits::list(call, it),
        ("GET", ["commits", reference @ .., "statuses"]) => statuses::list(call, it, &reference.join("/")),
        ("GET", ["commits", reference @ .., "status"]) => statuses::combined(call, it, &reference.join("/")),
        ("GET", ["commits", reference @ ..]) => commits::show(call, it, &reference.join("/")),
        // The older address of the same, to which `statuses_url` still leads.
        ("GET", ["statuses", reference @ ..]) => statuses::list(call, it, &reference.join("/")),
        ("POST", ["statuses", sha]) => statuses::create(call, it, sha),
        ("GET", ["contents", path @ ..]) => contents::show(call, it, &path.join("/")),
        ("PUT", ["contents", path @ ..]) => contents::put(call, it, &path.join("/")),
        ("DELETE", ["contents", path @ ..]) => contents::delete(call, it, &path.join("/")),
        ("GET", ["issues"]) => threads::issues(call, it),
        ("GET", ["pulls"]) => pulls::list(call, it),
        ("POST", ["pulls"]) => pulls::open(call, it),
        ("GET", ["pulls", number]) => pulls::show(call, it, number),
        ("PATCH", ["pulls", number]) => pulls::edit(call, it, number),
        ("GET", ["git", "ref", name @ ..]) => refs::show(call, it, &name.join("/")),
        ("GET", ["git", "matching-refs", name @ ..]) => refs::matching(call, it, &name.join("/")),
        ("POST", ["git", "refs"]) => refs::create(call, it),
        ("PATCH", ["git", "refs", name @ ..]) => refs::edit(call, it, &name.join("/")),
        ("DELETE", ["git", "refs", name @ ..]) => refs::delete(call, it, &name.join("/")),
        (_, ["actions", "secrets", rest @ ..]) => secrets::route(call, &Place::Repository(it), method, rest),
        (_, ["environments", rest @ ..]) => environments::route(call, it, method, rest),
        (_, ["actions", "variables", rest @ ..]) => variables::route(call, it, method, rest),
        ("GET", ["labels"]) => threads::labels(call, it),
        ("PATCH", ["labels", name]) => threads::edit_label(call, it, name),
        (_, ["hooks", rest @ ..]) => hooks::route(call, hooks::Place::Repository(it), method, rest),
        ("GET", ["collaborators"]) => people::list(call, it),
        ("GET", ["collaborators", login, "permission"]) => people::permission(call, it, login),
        _ => Err(error::not_found()),
    }
}

/// The address of a repository in the API.
fn url(call: &Call<'_>, it: &Repository) -> String {
    format!("{}/repos/{}", call.api, it.full_name())
}
