//! Commits and branches: there is one of each, or none in an empty repository.

use serde_json::{Value, json};

use super::url;
use crate::github::access::{Asks, enter};
use crate::github::{Call, Handled, error};
use crate::http::Answer;
use crate::world::github::Repository;

const READ: Asks = Asks::reading("contents=read");

fn describe(call: &Call<'_>, it: &Repository, sha: &str) -> Value {
    let url = url(call, it);
    let who = json!({ "name": it.owner, "email": "octocat@users.noreply.github.com", "date": "2026-10-06T21:30:41Z" });
    json!({
        "sha": sha,
        "url": format!("{url}/commits/{sha}"),
        "html_url": format!("{}/{}/commit/{sha}", call.site, it.full_name()),
        "comments_url": format!("{url}/commits/{sha}/comments"),
        "commit": {
            "author": who.clone(),
            "committer": who,
            "message": "Begin",
            "url": format!("{url}/git/commits/{sha}"),
            "comment_count": 0,
        },
        "author": null,
        "committer": null,
        "parents": [],
    })
}

/// `GET /repos/{owner}/{repo}/commits`
pub(super) fn list(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, READ)?;
    let head = it.head().ok_or_else(|| error::refusal(409, "Git Repository is empty."))?;
    let commit = describe(call, it, &head);
    Ok(call.page(vec![commit]))
}

/// `GET /repos/{owner}/{repo}/commits/{ref}`
pub(super) fn show(call: &mut Call<'_>, it: &Repository, reference: &str) -> Handled {
    enter(call, it, READ)?;
    if it.empty {
        return Err(error::refusal(409, "Git Repository is empty."));
    }
    let sha = it.resolve(reference).ok_or_else(|| error::no_commit(reference))?;
    Ok(Answer::json(200, &describe(call, it, &sha)))
}

/// `GET /repos/{owner}/{repo}/branches`
pub(super) fn branches(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, READ)?;
    let branch = |sha: String| {
        let url = format!("{}/commits/{sha}", url(call, it));
        json!({ "name": it.default_branch, "commit": { "sha": sha, "url": url }, "protected": false })
    };
    Ok(call.page(it.head().map(branch).into_iter().collect()))
}
