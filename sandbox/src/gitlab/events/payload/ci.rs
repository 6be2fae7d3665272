//! Pipelines and their jobs.

use serde_json::{Value, json};

use super::Stage;
use crate::git::NOWHERE;
use crate::gitlab::pipelines;
use crate::world::gitlab::pipeline::{Job, Pipeline};

/// `2026-11-21 17:25:16 UTC`
fn at(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn is_over(status: &str) -> bool {
    status != "pending"
}

/// What a pipeline was begun for.
fn commit(stage: &Stage<'_>, pipeline: &Pipeline) -> Value {
    let git = stage.project.git().ok();
    let found = git.and_then(|git| git.commit_info(&pipeline.sha).ok().flatten());
    found.map_or(Value::Null, |commit| {
        json!({
            "id": commit.sha,
            "message": commit.message,
            "title": commit.title(),
            "timestamp": commit.committer.when.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string(),
            "url": stage.page(&format!("/-/commit/{}", commit.sha)),
            "author": { "name": commit.author.name, "email": commit.author.email },
        })
    })
}

fn build(stage: &Stage<'_>, pipeline: &Pipeline, job: &Job, status: &str) -> Value {
    let ended = is_over(status).then(|| at(pipeline.created_at));
    json!({
        "id": job.id,
        "stage": job.stage,
        "name": job.name,
        "status": status,
        "created_at": at(pipeline.created_at),
        "started_at": ended,
        "finished_at": ended,
        "duration": is_over(status).then_some(0.0),
        "queued_duration": 0.0,
        "failure_reason": null,
        "when": "on_success",
        "manual": false,
        "allow_failure": false,
        "user": stage.user(),
        "runner": null,
        "artifacts_file": { "filename": null, "size": null },
        "environment": null,
    })
}

/// A pipeline with this status.
pub(in crate::gitlab::events) fn pipeline(stage: &Stage<'_>, pipeline: &Pipeline, status: &str) -> Value {
    let mut stages: Vec<&str> = pipeline.jobs.iter().map(|job| job.stage.as_str()).collect();
    stages.dedup();
    let builds: Vec<Value> = pipeline.jobs.iter().map(|job| build(stage, pipeline, job, status)).collect();
    json!({
        "object_kind": "pipeline",
        "object_attributes": {
            "id": pipeline.id,
            "iid": pipeline.iid,
            "name": null,
            "ref": pipeline.branch,
            "tag": false,
            "sha": pipeline.sha,
            "before_sha": NOWHERE,
            "source": pipeline.source,
            "status": status,
            "detailed_status": match status {
                "success" => "passed",
                other => other,
            },
            "stages": stages,
            "created_at": at(pipeline.created_at),
            "finished_at": is_over(status).then(|| at(pipeline.created_at)),
            "duration": is_over(status).then_some(0),
            "queued_duration": 0,
            "protected_ref": pipeline.branch == stage.project.default_branch,
            "variables": [],
            "url": pipelines::page(&stage.world.gitlab_url, stage.project, pipeline),
        },
        "merge_request": null,
        "user": stage.user(),
        "project": stage.project(),
        "commit": commit(stage, pipeline),
        "builds": builds,
    })
}

/// A job with this status.
pub(in crate::gitlab::events) fn job(stage: &Stage<'_>, pipeline: &Pipeline, job: &Job, status: &str) -> Value {
    let ended = is_over(status).then(|| at(pipeline.created_at));
    json!({
        "object_kind": "build",
        "ref": pipeline.branch,
        "tag": false,
        "before_sha": NOWHERE,
        "sha": pipeline.sha,
        "retries_count": 0,
        "build_id": job.id,
        "build_name": job.name,
        "build_stage": job.stage,
        "build_status": status,
        "build_created_at": at(pipeline.created_at),
        "build_started_at": ended,
        "build_finished_at": ended,
        "build_duration": is_over(status).then_some(0.0),
        "build_queued_duration": 0.0,
        "build_allow_failure": false,
        "build_failure_reason": if status == "failed" { "script_failure" } else { "unknown_failure" },
        "pipeline_id": pipeline.id,
        "runner": null,
        "project_id": stage.project.id,
        "project_name": format!("{} / {}", stage.project.full_path.rsplit_once('/').map_or("", |it| it.0), stage.project.name),
        "user": stage.user(),
        "commit": {
            "id": pipeline.id,
            "name": null,
            "sha": pipeline.sha,
            "message": commit(stage, pipeline)["message"],
            "author_name": commit(stage, pipeline)["author"]["name"],
            "status": status,
            "duration": is_over(status).then_some(0),
        },
        "repository": stage.repository(),
        "project": stage.project(),
        "environment": null,
    })
}

/// The newest pipeline, or the first of its jobs.
pub(super) fn sample(stage: &Stage<'_>, of: &str) -> Result<Value, String> {
    let newest = stage.project.pipelines.last();
    if of == "pipeline" {
        let newest = newest.ok_or("Ensure the project has CI pipelines.")?;
        return Ok(pipeline(stage, newest, &newest.status));
    }
    let found = newest.and_then(|newest| Some((newest, newest.jobs.first()?)));
    let (newest, first) = found.ok_or("Ensure the project has CI jobs.")?;
    Ok(job(stage, newest, first, &newest.status))
}
