//! What somebody says of a commit.

use serde_json::{Value, json};

use super::url;
use crate::github::access::{Asks, enter};
use crate::github::{Call, Handled, error};
use crate::http::Answer;
use crate::world::github::{CommitStatus, Repository};

const READ: Asks = Asks::reading("statuses=read").scopes("repo, repo:status");
const WRITE: Asks = Asks::writing("statuses=write").scopes("public_repo, repo, repo:status");

fn describe(call: &Call<'_>, it: &Repository, sha: &str, status: &CommitStatus) -> Value {
    json!({
        "id": status.id,
        "url": format!("{}/statuses/{sha}", url(call, it)),
        "state": status.state,
        "context": status.context,
        "description": status.description,
        "target_url": status.target_url,
        "creator": { "login": status.creator },
    })
}

/// `GET /repos/{owner}/{repo}/commits/{ref}/statuses`
pub(super) fn list(call: &mut Call<'_>, it: &Repository, reference: &str) -> Handled {
    enter(call, it, READ)?;
    let sha = it.resolve(reference)?.ok_or_else(error::not_found)?;
    Ok(call.page(it.statuses.iter().rev().map(|status| describe(call, it, &sha, status)).collect()))
}

/// `GET /repos/{owner}/{repo}/commits/{ref}/status`
pub(super) fn combined(call: &mut Call<'_>, it: &Repository, reference: &str) -> Handled {
    enter(call, it, READ)?;
    let sha = it.resolve(reference)?.ok_or_else(error::not_found)?;
    let all = |state: &str| !it.statuses.is_empty() && it.statuses.iter().all(|status| status.state == state);
    let bad = it.statuses.iter().any(|status| matches!(status.state.as_str(), "error" | "failure"));
    let state = if bad {
        "failure"
    } else if all("success") {
        "success"
    } else {
        "pending"
    };
    let statuses: Vec<Value> = it.statuses.iter().map(|status| describe(call, it, &sha, status)).collect();
    let body = json!({ "state": state, "sha": sha, "total_count": statuses.len(), "statuses": statuses });
    Ok(Answer::json(200, &body))
}

/// `POST /repos/{owner}/{repo}/statuses/{sha}`: the commit is looked for before the body is read.
pub(super) fn create(call: &mut Call<'_>, it: &Repository, sha: &str) -> Handled {
    let entered = enter(call, it, WRITE);
    // Here GitHub names no scopes, recorded traffic says.
    call.accepts("", WRITE.permissions);
    entered?;
    if it.head()?.as_deref() != Some(sha) {
        return Err(error::no_commit(sha));
    }
    let body = call.body()?;
    let Some(state @ ("error" | "failure" | "pending" | "success")) = body["state"].as_str() else {
        return Err(error::validation_failed(&json!([{
            "resource": "Status", "code": "custom", "field": "state", "message": "state is not included in the list",
        }])));
    };
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let status = CommitStatus {
        id: 30_000_000 + it.id * 1000 + it.statuses.len() as u64,
        state: state.to_owned(),
        context: text("context").unwrap_or_else(|| "default".to_owned()),
        description: text("description"),
        target_url: text("target_url"),
        creator: call.token()?.login,
    };
    let answer = Answer::json(201, &describe(call, it, sha, &status));
    if let Some(kept) = call.github.repository_mut(it.id) {
        kept.statuses.push(status);
    }
    Ok(answer)
}
