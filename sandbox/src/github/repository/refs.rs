//! References, as git has them: `heads/main`, `tags/v1`.
//!
//! Source: GitHub REST "Git references"; the refusals are those that users quote.

use std::io::ErrorKind;

use serde_json::{Value, json};

use super::{commits, url};
use crate::git::{Update, is_valid_branch};
use crate::github::access::{Asks, enter};
use crate::github::{Call, Handled, error, events};
use crate::http::Answer;
use crate::world::github::Repository;

const WRITE: Asks = Asks::writing("contents=write; contents=write,workflows=write");

fn describe(call: &Call<'_>, it: &Repository, name: &str, sha: &str) -> Value {
    let url = url(call, it);
    json!({
        "ref": name,
        "node_id": format!("REF_{sha}"),
        "url": format!("{url}/git/{name}"),
        "object": { "sha": sha, "type": "commit", "url": format!("{url}/git/commits/{sha}") },
    })
}

/// `GET /repos/{owner}/{repo}/git/ref/{ref}`
pub(super) fn show(call: &mut Call<'_>, it: &Repository, name: &str) -> Handled {
    enter(call, it, Asks::reading("contents=read"))?;
    if it.is_empty()? {
        return Err(commits::empty());
    }
    let name = format!("refs/{name}");
    let sha = it.git()?.reference(&name)?.ok_or_else(error::not_found)?;
    Ok(Answer::json(200, &describe(call, it, &name, &sha)))
}

/// `GET /repos/{owner}/{repo}/git/matching-refs/{ref}`: those that begin so.
pub(super) fn matching(call: &mut Call<'_>, it: &Repository, prefix: &str) -> Handled {
    enter(call, it, Asks::reading("contents=read"))?;
    if it.is_empty()? {
        return Err(commits::empty());
    }
    let git = it.git()?;
    let mut found = Vec::new();
    for kind in ["heads", "tags", "pull"] {
        for (name, sha) in git.references(&format!("refs/{kind}"))? {
            let name = format!("{kind}/{name}");
            if name.starts_with(prefix) {
                found.push(describe(call, it, &format!("refs/{name}"), &sha));
            }
        }
    }
    Ok(call.page(found))
}

/// A commit that a body names.
fn commit(it: &Repository, body: &Value) -> Result<String, Answer> {
    let sha = body["sha"].as_str().ok_or_else(|| error::not_supplied(&["sha"]))?;
    let known = it.git()?.commit_info(sha)?;
    known.map(|commit| commit.sha).ok_or_else(|| error::refusal(422, "Object does not exist"))
}

/// A write has moved a reference.
fn moved(call: &mut Call<'_>, it: &Repository, update: Update) -> Result<(), Answer> {
    let sender = call.token()?.login;
    events::pushed(call.github, &call.work, it.id, &sender, &[update]);
    Ok(())
}

/// `POST /repos/{owner}/{repo}/git/refs`
pub(super) fn create(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, WRITE)?;
    let body = call.body()?;
    let missing: Vec<&str> = ["ref", "sha"].into_iter().filter(|name| !body[*name].is_string()).collect();
    if !missing.is_empty() {
        return Err(error::not_supplied(&missing));
    }
    if it.is_empty()? {
        return Err(commits::empty());
    }
    let name = body["ref"].as_str().unwrap_or_default().to_owned();
    let short = name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/tags/"));
    if !short.is_some_and(is_valid_branch) {
        return Err(error::refusal(422, &format!("{name} is not a valid ref name.")));
    }
    let sha = commit(it, &body)?;
    it.git()?.create_reference(&name, &sha).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => error::refusal(422, "Reference already exists"),
        _ => error.into(),
    })?;
    moved(call, it, Update { reference: name.clone(), before: None, after: Some(sha.clone()) })?;
    let answer = describe(call, it, &name, &sha);
    let location = answer["url"].as_str().unwrap_or_default().to_owned();
    Ok(Answer::json(201, &answer).with("location", location))
}

fn absent() -> Answer {
    error::refusal(422, "Reference does not exist")
}

/// `PATCH /repos/{owner}/{repo}/git/refs/{ref}`
pub(super) fn edit(call: &mut Call<'_>, it: &Repository, name: &str) -> Handled {
    enter(call, it, WRITE)?;
    let body = call.body()?;
    let name = format!("refs/{name}");
    let git = it.git()?;
    let before = git.reference(&name)?.ok_or_else(absent)?;
    let sha = commit(it, &body)?;
    if !body["force"].as_bool().unwrap_or(false) && !git.is_ancestor(&before, &sha)? {
        return Err(error::refusal(422, "Update is not a fast forward"));
    }
    git.set_reference(&name, &sha)?;
    if before != sha {
        moved(call, it, Update { reference: name.clone(), before: Some(before), after: Some(sha.clone()) })?;
    }
    Ok(Answer::json(200, &describe(call, it, &name, &sha)))
}

/// `DELETE /repos/{owner}/{repo}/git/refs/{ref}`
pub(super) fn delete(call: &mut Call<'_>, it: &Repository, name: &str) -> Handled {
    enter(call, it, WRITE)?;
    let name = format!("refs/{name}");
    let git = it.git()?;
    let before = git.reference(&name)?.ok_or_else(absent)?;
    if name.strip_prefix("refs/heads/") == Some(&it.default_branch) {
        return Err(error::refusal(422, "Cannot delete the default branch"));
    }
    git.delete_reference(&name)?;
    moved(call, it, Update { reference: name, before: Some(before), after: None })?;
    Ok(Answer::empty(204))
}
