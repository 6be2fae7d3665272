//! Examples of what the sandbox has no routes for: issues, merge requests, notes, releases, wikis …

use serde_json::{Value, json};

use super::Stage;
use crate::git::NOWHERE;

/// The newest commit of the default branch; zeros, if there is none.
fn head(stage: &Stage<'_>) -> String {
    stage.project.head().ok().flatten().unwrap_or_else(|| NOWHERE.to_owned())
}

fn last_commit(stage: &Stage<'_>) -> Value {
    let sha = head(stage);
    json!({
        "id": sha,
        "message": "Begin",
        "title": "Begin",
        "timestamp": stage.now_written(),
        "url": stage.page(&format!("/-/commit/{sha}")),
        "author": { "name": stage.user.name, "email": format!("{}@example.com", stage.user.username) },
    })
}

fn label() -> Value {
    json!({
        "id": 206,
        "title": "API",
        "color": "#ffffff",
        "project_id": 14,
        "created_at": "2025-12-03 17:15:43 UTC",
        "updated_at": "2025-12-03 17:15:43 UTC",
        "template": false,
        "description": "API related issues",
        "type": "ProjectLabel",
        "group_id": null,
    })
}

fn issue_attributes(stage: &Stage<'_>, confidential: bool) -> Value {
    json!({
        "id": 301,
        "iid": 23,
        "title": "Signals of the start gate come late 🐕",
        "description": "The first beam is\r\nnot always seen.",
        "author_id": stage.user.id,
        "assignee_id": stage.user.id,
        "assignee_ids": [stage.user.id],
        "project_id": stage.project.id,
        "milestone_id": null,
        "state": "opened",
        "state_id": 1,
        "confidential": confidential,
        "discussion_locked": null,
        "due_date": null,
        "relative_position": 0,
        "severity": "unknown",
        "type": "Issue",
        "labels": [label()],
        "created_at": stage.now(),
        "updated_at": stage.now(),
        "closed_at": null,
        "updated_by_id": stage.user.id,
        "last_edited_at": null,
        "last_edited_by_id": null,
        "moved_to_id": null,
        "duplicated_to_id": null,
        "time_estimate": 0,
        "total_time_spent": 0,
        "time_change": 0,
        "human_total_time_spent": null,
        "human_time_estimate": null,
        "human_time_change": null,
        "weight": null,
        "health_status": null,
        "url": stage.page("/-/issues/23"),
        "action": "open",
    })
}

fn issue(stage: &Stage<'_>, confidential: bool) -> Value {
    let kind = if confidential { "confidential_issue" } else { "issue" };
    let mut whole = stage.event(
        kind,
        json!({
            "object_attributes": issue_attributes(stage, confidential),
            "labels": [label()],
            "changes": {},
            "repository": stage.repository(),
            "assignees": [stage.user()],
        }),
    );
    whole["object_kind"] = json!("issue");
    whole
}

fn note(stage: &Stage<'_>, confidential: bool) -> Value {
    let mut whole = stage.event(
        if confidential { "confidential_note" } else { "note" },
        json!({
            "project_id": stage.project.id,
            "object_attributes": {
                "id": 1241,
                "note": "Hello world",
                "noteable_type": "Issue",
                "author_id": stage.user.id,
                "created_at": stage.now(),
                "updated_at": stage.now(),
                "project_id": stage.project.id,
                "attachment": null,
                "line_code": null,
                "commit_id": null,
                "noteable_id": 301,
                "system": false,
                "st_diff": null,
                "internal": confidential,
                "action": "create",
                "url": stage.page("/-/issues/23#note_1241"),
            },
            "repository": stage.repository(),
            "issue": issue_attributes(stage, confidential),
        }),
    );
    whole["object_kind"] = json!("note");
    whole
}

fn merge_request(stage: &Stage<'_>) -> Value {
    let project = stage.project();
    stage.event(
        "merge_request",
        json!({
            "object_attributes": {
                "id": 99,
                "iid": 1,
                "target_branch": stage.project.default_branch,
                "source_branch": "seesaw",
                "source_project_id": stage.project.id,
                "target_project_id": stage.project.id,
                "author_id": stage.user.id,
                "assignee_id": stage.user.id,
                "assignee_ids": [stage.user.id],
                "reviewer_ids": [],
                "title": "A seesaw",
                "description": "",
                "milestone_id": null,
                "state": "opened",
                "state_id": 1,
                "merge_status": "unchecked",
                "detailed_merge_status": "mergeable",
                "blocking_discussions_resolved": true,
                "work_in_progress": false,
                "draft": false,
                "first_contribution": false,
                "labels": [label()],
                "created_at": stage.now(),
                "updated_at": stage.now(),
                "merge_commit_sha": null,
                "oldrev": null,
                "head_pipeline_id": null,
                "source": project,
                "target": project,
                "last_commit": last_commit(stage),
                "url": stage.page("/-/merge_requests/1"),
                "action": "open",
            },
            "labels": [label()],
            "changes": { "draft": { "previous": true, "current": false } },
            "repository": stage.repository(),
            "assignees": [stage.user()],
            "reviewers": [],
        }),
    )
}

fn wiki_page(stage: &Stage<'_>) -> Value {
    stage.event(
        "wiki_page",
        json!({
            "wiki": {
                "web_url": stage.page("/-/wikis/home"),
                "git_ssh_url": null,
                "git_http_url": stage.page(".wiki.git"),
                "path_with_namespace": format!("{}.wiki", stage.project.full_path),
                "default_branch": stage.project.default_branch,
            },
            "object_attributes": {
                "slug": "courses",
                "title": "Courses",
                "format": "markdown",
                "message": "Create courses",
                "version_id": head(stage),
                "content": "How courses are measured",
                "url": stage.page("/-/wikis/courses"),
                "action": "create",
                "diff_url": stage.page("/-/wikis/courses/diff"),
            },
        }),
    )
}

fn release(stage: &Stage<'_>) -> Value {
    json!({
        "object_kind": "release",
        "id": 1,
        "created_at": stage.now(),
        "description": "v1.0 has been released",
        "name": "v1.0",
        "released_at": stage.now(),
        "tag": "v1.0",
        "project": stage.project(),
        "url": stage.page("/-/releases/v1.0"),
        "action": "create",
        "assets": {
            "count": 2,
            "links": [],
            "sources": [{ "format": "zip", "url": stage.page("/-/archive/v1.0/source-v1.0.zip") }],
        },
        "commit": last_commit(stage),
    })
}

fn deployment(stage: &Stage<'_>) -> Value {
    json!({
        "object_kind": "deployment",
        "status": "success",
        "status_changed_at": stage.now(),
        "deployment_id": 15,
        "deployable_id": 796,
        "deployable_url": stage.page("/-/jobs/796"),
        "environment": "production",
        "environment_tier": "production",
        "environment_slug": "production",
        "environment_external_url": "https://production.example",
        "project": stage.project(),
        "short_sha": &head(stage)[..8],
        "user": stage.user(),
        "user_url": format!("{}/{}", stage.world.gitlab_url, stage.user.username),
        "commit_url": stage.page(&format!("/-/commit/{}", head(stage))),
        "commit_title": "Begin",
        "ref": stage.project.default_branch,
    })
}

fn token(stage: &Stage<'_>, kind: &str, id: u64) -> Value {
    json!({
        "object_kind": kind,
        "project": stage.project(),
        "object_attributes": {
            "user_id": stage.user.id,
            "created_at": stage.now(),
            "id": id,
            "name": "timing",
            "expires_at": stage.day_in(7 * 24),
        },
        "event_name": format!("expiring_{}", kind.trim_start_matches("resource_")),
    })
}

/// What happens in a group, rather than in a project.
fn of_group(stage: &Stage<'_>, kind: &str) -> Value {
    let project = stage.project();
    let path = stage.project.full_path.rsplit_once('/').map_or("", |(above, _)| above);
    match kind {
        "member" => json!({
            "created_at": stage.now_written(),
            "updated_at": stage.now_written(),
            "group_name": path,
            "group_path": path,
            "group_id": stage.world.gitlab.group_at(path).map(|group| group.id),
            "user_username": stage.user.username,
            "user_name": stage.user.name,
            "user_email": "[REDACTED]",
            "user_id": stage.user.id,
            "group_access": "Guest",
            "group_plan": null,
            "expires_at": null,
            "event_name": "user_add_to_group",
        }),
        "subgroup" => json!({
            "created_at": stage.now_written(),
            "updated_at": stage.now_written(),
            "event_name": "subgroup_create",
            "name": "tools",
            "path": "tools",
            "full_path": format!("{path}/tools"),
            "group_id": 10,
            "parent_group_id": stage.world.gitlab.group_at(path).map(|group| group.id),
            "parent_name": path,
            "parent_path": path,
            "parent_full_path": path,
        }),
        _ => json!({
            "event_name": "project_create",
            "created_at": stage.now_written(),
            "updated_at": stage.now_written(),
            "name": stage.project.name,
            "path": project["path_with_namespace"],
            "path_with_namespace": stage.project.full_path,
            "project_id": stage.project.id,
            "project_namespace_id": 1,
            "owners": [],
            "project_visibility": stage.project.visibility,
        }),
    }
}

/// An example of this kind.
pub(super) fn of(stage: &Stage<'_>, kind: &str) -> Value {
    match kind {
        "issues" => issue(stage, false),
        "confidential_issues" => issue(stage, true),
        "note" => note(stage, false),
        "confidential_note" => note(stage, true),
        "merge_requests" => merge_request(stage),
        "wiki_page" => wiki_page(stage),
        "releases" => release(stage),
        "deployment" => deployment(stage),
        "resource_access_token" => token(stage, "access_token", 25),
        "resource_deploy_token" => token(stage, "deploy_token", 26),
        "feature_flag" => stage.event(
            "feature_flag",
            json!({ "object_attributes": { "id": 6, "name": "photo-finish", "description": "", "active": true } }),
        ),
        "milestone" => stage.event(
            "milestone",
            json!({
                "object_attributes": {
                    "id": 61,
                    "iid": 10,
                    "title": "v1.0",
                    "description": "The first",
                    "state": "active",
                    "created_at": stage.now(),
                    "updated_at": stage.now(),
                    "due_date": stage.day_in(30 * 24),
                    "start_date": stage.day_in(0),
                    "project_id": stage.project.id,
                    "group_id": null,
                },
                "action": "create",
            }),
        ),
        "emoji" => stage.event(
            "emoji",
            json!({
                "project_id": stage.project.id,
                "event_type": "award",
                "object_attributes": {
                    "user_id": stage.user.id,
                    "created_at": stage.now(),
                    "id": 1,
                    "name": "thumbsup",
                    "awardable_type": "Issue",
                    "awardable_id": 301,
                    "updated_at": stage.now(),
                    "action": "award",
                    "awarded_on_url": stage.page("/-/issues/23"),
                },
                "issue": issue_attributes(stage, false),
            }),
        ),
        "vulnerability" => json!({
            "object_kind": "vulnerability",
            "object_attributes": {
                "url": stage.page("/-/security/vulnerabilities/1"),
                "title": "REXML DoS vulnerability",
                "state": "confirmed",
                "project_id": stage.project.id,
                "severity": "high",
                "severity_overridden": false,
                "identifiers": [{ "name": "CVE-2024-43398", "external_id": "CVE-2024-43398", "external_type": "cve" }],
                "issues": [],
                "report_type": "dependency_scanning",
                "confidence": "unknown",
                "created_at": stage.now_written(),
                "updated_at": stage.now_written(),
            },
        }),
        group => of_group(stage, group),
    }
}
