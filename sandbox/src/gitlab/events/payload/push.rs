//! Pushes of branches and tags.

use serde_json::{Value, json};

use super::Stage;
use crate::git::{CommitInfo, NOWHERE, Repo, Update};

/// A push tells of no more commits than this.
const MOST_COMMITS: usize = 20;

fn commit(stage: &Stage<'_>, git: &Repo, commit: &CommitInfo) -> Value {
    let changed = git.changed(commit.parents.first().map(String::as_str), &commit.sha).unwrap_or_default();
    json!({
        "id": commit.sha,
        "message": commit.message,
        "title": commit.title(),
        "timestamp": commit.committer.when.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string(),
        "url": stage.page(&format!("/-/commit/{}", commit.sha)),
        "author": { "name": commit.author.name, "email": commit.author.email },
        "added": changed.added,
        "modified": changed.modified,
        "removed": changed.removed,
    })
}

/// The commits of a push, the oldest first.
fn commits(stage: &Stage<'_>, git: &Repo, update: &Update) -> Vec<CommitInfo> {
    let Some(after) = update.after.as_ref().and_then(|after| git.resolve(after).ok().flatten()) else {
        return Vec::new();
    };
    if update.tag().is_some() {
        return git.commit_info(&after).ok().flatten().into_iter().collect();
    }
    // What is new of a new branch is what the default one lacks.
    let trunk = git.head(&stage.project.default_branch).ok().flatten();
    let trunk = trunk.filter(|_| update.branch() != Some(&stage.project.default_branch));
    let known = update.before.clone().or(trunk);
    let mut commits = git.log_without(&after, known.as_deref()).unwrap_or_default();
    commits.reverse();
    commits
}

/// The object that a reference points to now, or did: a tag may have one of its own.
fn target(git: Option<&Repo>, update: &Update) -> Option<String> {
    let after = update.after.as_ref()?;
    let peeled = git.and_then(|git| git.resolve(&update.reference).ok().flatten());
    Some(peeled.filter(|_| update.tag().is_some()).unwrap_or_else(|| after.clone()))
}

/// What a hook is told of a push.
pub(in crate::gitlab::events) fn of(stage: &Stage<'_>, update: &Update) -> Value {
    let git = stage.project.git().ok();
    let found = git.as_ref().map(|git| commits(stage, git, update)).unwrap_or_default();
    told(stage, update, git.as_ref(), &found)
}

fn told(stage: &Stage<'_>, update: &Update, git: Option<&Repo>, found: &[CommitInfo]) -> Value {
    let kind = if update.tag().is_some() { "tag_push" } else { "push" };
    let newest = found.iter().skip(found.len().saturating_sub(MOST_COMMITS));
    let listed: Vec<Value> = newest.filter_map(|it| git.map(|git| commit(stage, git, it))).collect();
    let mut repository = stage.repository();
    let project = stage.project();
    for field in ["git_http_url", "git_ssh_url", "visibility_level"] {
        repository[field] = project[field].clone();
    }
    json!({
        "object_kind": kind,
        "event_name": kind,
        "before": update.before.as_deref().unwrap_or(NOWHERE),
        "after": update.after.as_deref().unwrap_or(NOWHERE),
        "ref": update.reference,
        "ref_protected": update.branch() == Some(&stage.project.default_branch),
        "checkout_sha": target(git, update),
        "message": null,
        "user_id": stage.user.id,
        "user_name": stage.user.name,
        "user_username": stage.user.username,
        "user_email": "",
        "user_avatar": null,
        "project_id": stage.project.id,
        "project": project,
        "commits": listed,
        "total_commits_count": found.len(),
        "push_options": {},
        "repository": repository,
    })
}

/// The newest commits of the default branch, as if they had just come; `of` is `heads` or `tags`.
pub(super) fn sample(stage: &Stage<'_>, of: &str) -> Result<Value, String> {
    let absent = || "Ensure the project has at least one commit.".to_owned();
    let git = stage.project.git().map_err(|_| absent())?;
    let head = stage.project.head().ok().flatten().ok_or_else(absent)?;
    let mut newest: Vec<CommitInfo> = git.log(&head).unwrap_or_default().into_iter().take(3).collect();
    newest.reverse();
    let before = newest.first().and_then(|first| first.parents.first().cloned());
    let reference = format!("refs/{of}/{}", stage.project.default_branch);
    Ok(told(stage, &Update { reference, before, after: Some(head) }, Some(&git), &newest))
}
