//! What somebody says of a commit.
//!
//! Everything that was ever said is listed, the newest first; of each context, the last word counts.
//! Source: GitHub REST "Commit statuses".

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::url;
use crate::github::access::{Asks, enter};
use crate::github::{Call, Handled, error, user};
use crate::http::Answer;
use crate::world::github::{CommitStatus, Repository};

const READ: Asks = Asks::reading("statuses=read").scopes("repo, repo:status");
const WRITE: Asks = Asks::writing("statuses=write").scopes("public_repo, repo, repo:status");

/// So many may be said of a commit in one context.
const MOST: usize = 1000;

fn describe(call: &Call<'_>, it: &Repository, status: &CommitStatus) -> Value {
    let creator = call.github.account(&status.creator).map(|account| user::simple(&call.scene(), account));
    json!({
        "id": status.id,
        "node_id": user::node_id("SC", status.id),
        "url": format!("{}/statuses/{}", url(call, it), status.sha),
        "state": status.state,
        "context": status.context,
        "description": status.description,
        "target_url": status.target_url,
        "creator": creator,
        "created_at": status.created_at.to_string(),
        "updated_at": status.created_at.to_string(),
    })
}

/// What was said of a commit, the newest first.
fn of<'a>(it: &'a Repository, sha: &str) -> Vec<&'a CommitStatus> {
    it.statuses.iter().rev().filter(|status| status.sha == sha).collect()
}

/// `GET /repos/{owner}/{repo}/commits/{ref}/statuses`
pub(super) fn list(call: &mut Call<'_>, it: &Repository, reference: &str) -> Handled {
    enter(call, it, READ)?;
    let sha = it.resolve(reference)?.ok_or_else(error::not_found)?;
    Ok(call.page(of(it, &sha).into_iter().map(|status| describe(call, it, status)).collect()))
}

/// `GET /repos/{owner}/{repo}/commits/{ref}/status`
pub(super) fn combined(call: &mut Call<'_>, it: &Repository, reference: &str) -> Handled {
    enter(call, it, READ)?;
    let sha = it.resolve(reference)?.ok_or_else(error::not_found)?;
    let mut contexts = BTreeSet::new();
    let mut last = of(it, &sha);
    last.retain(|status| contexts.insert(&status.context));
    let bad = last.iter().any(|status| matches!(status.state.as_str(), "error" | "failure"));
    let state = if bad {
        "failure"
    } else if !last.is_empty() && last.iter().all(|status| status.state == "success") {
        "success"
    } else {
        "pending"
    };
    let statuses: Vec<Value> = last.into_iter().map(|status| describe(call, it, status)).collect();
    let body = json!({
        "state": state,
        "sha": sha,
        "total_count": statuses.len(),
        "statuses": statuses,
        "commit_url": format!("{}/commits/{sha}", url(call, it)),
        "url": format!("{}/commits/{sha}/status", url(call, it)),
    });
    Ok(Answer::json(200, &body))
}

/// `POST /repos/{owner}/{repo}/statuses/{sha}`: the commit is looked for before the body is read.
pub(super) fn create(call: &mut Call<'_>, it: &Repository, sha: &str) -> Handled {
    let entered = enter(call, it, WRITE);
    // Here GitHub names no scopes, recorded traffic says.
    call.accepts("", WRITE.permissions);
    entered?;
    if it.git()?.commit_info(sha)?.is_none() {
        return Err(error::no_commit(sha));
    }
    let body = call.body()?;
    let Some(state @ ("error" | "failure" | "pending" | "success")) = body["state"].as_str() else {
        return Err(error::validation_failed(&json!([{
            "resource": "Status", "code": "custom", "field": "state", "message": "state is not included in the list",
        }])));
    };
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let context = text("context").unwrap_or_else(|| "default".to_owned());
    if of(it, sha).iter().filter(|status| status.context == context).count() >= MOST {
        return Err(error::validation_failed(&json!([{
            "resource": "Status", "code": "custom",
            "message": "This SHA and context has reached the maximum number of statuses.",
        }])));
    }
    let status = CommitStatus {
        id: 30_000_000 + it.id * 1000 + it.statuses.len() as u64,
        sha: sha.to_owned(),
        state: state.to_owned(),
        context,
        description: text("description"),
        target_url: text("target_url"),
        creator: call.token()?.login,
        created_at: call.now,
    };
    let body = describe(call, it, &status);
    let location = body["url"].as_str().unwrap_or_default().to_owned();
    if let Some(kept) = call.github.repository_mut(it.id) {
        kept.statuses.push(status);
    }
    Ok(Answer::json(201, &body).with("location", location))
}
