//! What is in a project's repository: branches, commits, files.
//!
//! Guests of a private project see that it is there, and not what is in it. Source: GitLab REST
//! "Branches", "Commits", "Repository files".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::groups::{last_part, searched};
use super::{Call, Handled, Needs, error, projects, time};
use crate::git::{CommitInfo, Repo, Signature};
use crate::http::Answer;
use crate::world::gitlab::{Project, role};

const BRANCHES: Needs = Needs { scopes: &["api", "read_api"], permission: "Branch: Read" };
const COMMITS: Needs = Needs { scopes: &["api", "read_api"], permission: "Commit: Read" };
const STATUSES: Needs = Needs { scopes: &["api", "read_api"], permission: "Commit Status: Read" };
const FILES: Needs = Needs { scopes: &["api", "read_api", "read_repository"], permission: "Repository: Read" };

/// The project, if the caller may look into it.
pub(super) fn look_into(call: &Call<'_>, id: &str, needs: Needs) -> Result<Project, Answer> {
    let viewer = call.viewer(needs)?;
    let (project, role) = projects::find(call, id, viewer.as_ref())?;
    let open = project.visibility.open_to(viewer.is_some());
    if open || role >= role::REPORTER { Ok(project) } else { Err(error::forbidden()) }
}

fn describe_commit(call: &Call<'_>, project: &Project, commit: &CommitInfo) -> Value {
    let written = |who: &Signature| time::written(who.when);
    json!({
        "id": commit.sha,
        "short_id": &commit.sha[..8],
        "created_at": written(&commit.committer),
        "parent_ids": commit.parents,
        "title": commit.title(),
        "message": commit.message,
        "author_name": commit.author.name,
        "author_email": commit.author.email,
        "authored_date": written(&commit.author),
        "committer_name": commit.committer.name,
        "committer_email": commit.committer.email,
        "committed_date": written(&commit.committer),
        "trailers": {},
        "extended_trailers": {},
        "web_url": format!("{}/{}/-/commit/{}", call.site, project.full_path, commit.sha),
    })
}

fn describe_branch(call: &Call<'_>, project: &Project, git: &Repo, name: &str, sha: &str) -> Result<Value, Answer> {
    let commit = git.commit_info(sha)?.ok_or_else(error::not_found)?;
    let default = name == project.default_branch;
    Ok(json!({
        "name": name,
        "merged": false,
        "protected": default,
        "default": default,
        "developers_can_push": false,
        "developers_can_merge": false,
        "can_push": true,
        "web_url": format!("{}/{}/-/tree/{name}", call.site, project.full_path),
        "commit": describe_commit(call, project, &commit),
    }))
}

/// `GET /projects/:id/repository/branches`
pub(super) fn branches(call: &mut Call<'_>, id: &str) -> Handled {
    let project = look_into(call, id, BRANCHES)?;
    let git = project.git()?;
    let mut list = Vec::new();
    for (name, sha) in git.branches()? {
        if searched(call, &name) {
            list.push(describe_branch(call, &project, &git, &name, &sha)?);
        }
    }
    Ok(call.page(list))
}

/// `GET /projects/:id/repository/branches/:branch`
pub(super) fn branch(call: &mut Call<'_>, id: &str, name: &str) -> Handled {
    let project = look_into(call, id, BRANCHES)?;
    let git = project.git()?;
    let sha = git.head(name)?.ok_or_else(|| error::message(404, "404 Branch Not Found"))?;
    Ok(Answer::json(200, &describe_branch(call, &project, &git, name, &sha)?))
}

/// The commit that a branch, a tag or its own name leads to.
fn resolve(project: &Project, reference: &str) -> Result<String, Answer> {
    project.git()?.resolve(reference)?.ok_or_else(|| error::message(404, "404 Commit Not Found"))
}

/// `GET /projects/:id/repository/commits/:sha`
pub(super) fn commit(call: &mut Call<'_>, id: &str, reference: &str) -> Handled {
    let project = look_into(call, id, COMMITS)?;
    let sha = resolve(&project, reference)?;
    let commit = project.git()?.commit_info(&sha)?.ok_or_else(|| error::message(404, "404 Commit Not Found"))?;
    let mut body = describe_commit(call, &project, &commit);
    let pipeline = project.pipelines.iter().rev().find(|pipeline| pipeline.sha == sha);
    body["project_id"] = json!(project.id);
    body["status"] = json!(pipeline.map(|pipeline| &pipeline.status));
    body["last_pipeline"] = pipeline.map_or(Value::Null, |it| super::pipelines::shortly(call, &project, it));
    Ok(Answer::json(200, &body))
}

/// `GET /projects/:id/repository/commits/:sha/statuses`: the newest of each job.
pub(super) fn statuses(call: &mut Call<'_>, id: &str, reference: &str) -> Handled {
    let project = look_into(call, id, STATUSES)?;
    // A project in which nothing was ever committed has no commit that could be missing.
    let sha = resolve(&project, reference)?;
    let of_commit = project.pipelines.iter().filter(|pipeline| pipeline.sha == sha);
    let list = of_commit.flat_map(|pipeline| super::pipelines::statuses(call, &project, pipeline)).collect();
    Ok(call.page(list))
}

/// `GET /projects/:id/repository/files/:path?ref=`, and `…/raw`.
pub(super) fn file(call: &mut Call<'_>, id: &str, path: &str, raw: bool) -> Handled {
    let project = look_into(call, id, FILES)?;
    let reference = call.request.query("ref").filter(|reference| !reference.is_empty());
    let reference = match reference {
        Some(reference) => reference,
        None if raw => "HEAD".to_owned(),
        None => return Err(error::parameter("ref is missing")),
    };
    let sha = resolve(&project, &reference)?;
    let absent = || error::message(404, "404 File Not Found");
    let (blob, content) = project.git()?.read_file(&sha, path)?.ok_or_else(absent)?;
    if raw {
        return Ok(Answer::text(200, "text/plain; charset=utf-8", content));
    }
    let digest: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
    let body = json!({
        "file_name": last_part(path),
        "file_path": path,
        "size": content.len(),
        "encoding": "base64",
        "content": STANDARD.encode(&content),
        "content_sha256": digest,
        "ref": reference,
        "blob_id": blob,
        "commit_id": sha,
        "last_commit_id": sha,
        "execute_filemode": false,
    });
    Ok(Answer::json(200, &body))
}
