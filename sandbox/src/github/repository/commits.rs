//! Commits and branches, as git has them.
//!
//! Source: GitHub REST "Commits" and "Branches".

use serde_json::{Value, json};

use super::url;
use crate::git::{CommitInfo, Repo, Signature};
use crate::github::access::{Asks, enter};
use crate::github::{Call, Handled, error};
use crate::http::Answer;
use crate::world::github::Repository;

const READ: Asks = Asks::reading("contents=read");

fn who(signature: &Signature) -> Value {
    json!({ "name": signature.name, "email": signature.email, "date": signature.when.to_string() })
}

/// A commit as git sees it, as answers to writes have it.
pub(super) fn of_git(call: &Call<'_>, it: &Repository, commit: &CommitInfo) -> Value {
    let (url, html) = (url(call, it), format!("{}/{}", call.site, it.full_name()));
    let parent = |sha: &String| {
        json!({
            "sha": sha,
            "url": format!("{url}/git/commits/{sha}"),
            "html_url": format!("{html}/commit/{sha}"),
        })
    };
    json!({
        "sha": commit.sha,
        "node_id": format!("C_{}", commit.sha),
        "url": format!("{url}/git/commits/{}", commit.sha),
        "html_url": format!("{html}/commit/{}", commit.sha),
        "author": who(&commit.author),
        "committer": who(&commit.committer),
        "tree": { "sha": commit.tree, "url": format!("{url}/git/trees/{}", commit.tree) },
        "message": commit.message,
        "parents": commit.parents.iter().map(parent).collect::<Vec<_>>(),
        "verification": unsigned(),
    })
}

fn unsigned() -> Value {
    json!({ "verified": false, "reason": "unsigned", "signature": null, "payload": null, "verified_at": null })
}

fn describe(call: &Call<'_>, it: &Repository, commit: &CommitInfo) -> Value {
    let (api, sha) = (url(call, it), &commit.sha);
    let parent = |sha: &String| {
        let html = format!("{}/{}/commit/{sha}", call.site, it.full_name());
        json!({ "sha": sha, "url": format!("{api}/commits/{sha}"), "html_url": html })
    };
    json!({
        "sha": sha,
        "node_id": format!("C_{sha}"),
        "url": format!("{api}/commits/{sha}"),
        "html_url": format!("{}/{}/commit/{sha}", call.site, it.full_name()),
        "comments_url": format!("{api}/commits/{sha}/comments"),
        "commit": {
            "author": who(&commit.author),
            "committer": who(&commit.committer),
            "message": commit.message,
            "tree": { "sha": commit.tree, "url": format!("{api}/git/trees/{}", commit.tree) },
            "url": format!("{api}/git/commits/{sha}"),
            "comment_count": 0,
            "verification": unsigned(),
        },
        "author": null,
        "committer": null,
        "parents": commit.parents.iter().map(parent).collect::<Vec<_>>(),
    })
}

/// The files that a commit changed, compared with the first of those that it follows.
fn changed(call: &Call<'_>, it: &Repository, git: &Repo, commit: &CommitInfo) -> Result<Vec<Value>, Answer> {
    let changed = git.changed(commit.parents.first().map(String::as_str), &commit.sha)?;
    let (files, sha) = (git.files(&commit.sha)?, &commit.sha);
    let all = [("added", &changed.added), ("modified", &changed.modified), ("removed", &changed.removed)];
    let each = all.into_iter().flat_map(|(status, paths)| paths.iter().map(move |path| (status, path)));
    Ok(each
        .map(|(status, path)| {
            json!({
                "sha": files.get(path),
                "filename": path,
                "status": status,
                "contents_url": format!("{}/contents/{path}?ref={sha}", url(call, it)),
            })
        })
        .collect())
}

/// The 409 of a repository without a commit.
pub(super) fn empty() -> Answer {
    error::refusal(409, "Git Repository is empty.")
}

/// `GET /repos/{owner}/{repo}/commits`: those of the default branch, or of `sha`; of one `path`.
pub(super) fn list(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, READ)?;
    let git = it.git()?;
    if it.is_empty()? {
        return Err(empty());
    }
    let from = call.request.query("sha").unwrap_or_else(|| it.default_branch.clone());
    let head = git.resolve(&from)?.ok_or_else(error::not_found)?;
    let mut commits = git.log(&head)?;
    if let Some(path) = call.request.query("path") {
        let mut touching = Vec::new();
        for commit in commits {
            let before = commit.parents.first().map_or(Ok(None), |parent| git.entry(parent, &path))?;
            if git.entry(&commit.sha, &path)? != before {
                touching.push(commit);
            }
        }
        commits = touching;
    }
    Ok(call.page(commits.iter().map(|commit| describe(call, it, commit)).collect()))
}

/// `GET /repos/{owner}/{repo}/commits/{ref}`
pub(super) fn show(call: &mut Call<'_>, it: &Repository, reference: &str) -> Handled {
    enter(call, it, READ)?;
    let git = it.git()?;
    if it.is_empty()? {
        return Err(empty());
    }
    let sha = git.resolve(reference)?.ok_or_else(|| error::no_commit(reference))?;
    let commit = git.commit_info(&sha)?.ok_or_else(|| error::no_commit(reference))?;
    let mut body = describe(call, it, &commit);
    body["files"] = Value::Array(changed(call, it, &git, &commit)?);
    Ok(Answer::json(200, &body))
}

/// `GET /repos/{owner}/{repo}/branches`
pub(super) fn branches(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, READ)?;
    let branch = |(name, sha): (String, String)| {
        let url = format!("{}/commits/{sha}", url(call, it));
        json!({ "name": name, "commit": { "sha": sha, "url": url }, "protected": false })
    };
    let branches = it.git()?.branches()?.into_iter().map(branch).collect();
    Ok(call.page(branches))
}

/// `GET /repos/{owner}/{repo}/branches/{branch}`
pub(super) fn branch(call: &mut Call<'_>, it: &Repository, name: &str) -> Handled {
    enter(call, it, READ)?;
    let absent = || error::refusal(404, "Branch not found");
    let git = it.git()?;
    let sha = git.head(name)?.ok_or_else(absent)?;
    let commit = git.commit_info(&sha)?.ok_or_else(absent)?;
    let url = format!("{}/branches/{name}", url(call, it));
    let body = json!({
        "name": name,
        "commit": describe(call, it, &commit),
        "_links": { "self": url, "html": format!("{}/{}/tree/{name}", call.site, it.full_name()) },
        "protected": false,
        "protection": { "enabled": false, "required_status_checks": {
            "enforcement_level": "off", "contexts": [], "checks": [],
        } },
        "protection_url": format!("{url}/protection"),
    });
    Ok(Answer::json(200, &body))
}
