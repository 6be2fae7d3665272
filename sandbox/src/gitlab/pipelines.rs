//! Pipelines: begun by commits that come in, listed, shown, and reported to GitHub.
//!
//! Source: GitLab REST "Pipelines", "Commits" (statuses are jobs), "External pull requests".

use std::io;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::lint::judge;
use super::{Call, Handled, Needs, error, repository, time};
use crate::http::Answer;
use crate::world::gitlab::pipeline::{Job, Pipeline};
use crate::world::gitlab::task::{News, Task};
use crate::world::gitlab::{Gitlab, Project};

const READ: Needs = Needs { scopes: &["api", "read_api"], permission: "Pipeline: Read" };

/// Begins a pipeline for a commit, if the commit is there and has a configuration. It is over at
/// once; the GitHub integration, if it is on, reports both its beginning and its end.
///
/// # Errors
///
/// When the repository cannot be read.
pub(super) fn begin(
    gitlab: &mut Gitlab,
    project: u64,
    branch: &str,
    sha: &str,
    source: &str,
    now: Timestamp,
) -> io::Result<Option<u64>> {
    let Some(it) = gitlab.project(project) else {
        return Ok(None);
    };
    if it.git()?.commit_info(sha)?.is_none() {
        return Ok(None);
    }
    let Some(configuration) = it.ci_configuration(sha)? else {
        return Ok(None);
    };
    let verdict = judge(&configuration);
    let iid = it.pipelines.len() as u64 + 1;
    let reports = it.integration.as_ref().is_some_and(|it| it.active && it.pipeline_events);
    let id = gitlab.next_number();
    let mut jobs = Vec::new();
    for job in verdict.jobs.iter().filter(|_| verdict.is_valid()) {
        jobs.push(Job { id: gitlab.next_number(), name: job.name.clone(), stage: job.stage.clone() });
    }
    let pipeline = Pipeline {
        id,
        iid,
        sha: sha.to_owned(),
        branch: branch.to_owned(),
        source: source.to_owned(),
        status: if verdict.is_valid() { "success" } else { "failed" }.to_owned(),
        yaml_errors: (!verdict.is_valid()).then(|| verdict.errors.join(", ")),
        created_at: now,
        jobs,
    };
    if reports {
        let states: &[&str] = if verdict.is_valid() { &["pending", "success"] } else { &["failure"] };
        gitlab.tasks.push(Task::ReportStatus { project, pipeline: id, states });
    }
    gitlab.tasks.push(Task::Tell { project, news: News::Pipeline { id } });
    if let Some(project) = gitlab.project_mut(project) {
        project.pipelines.push(pipeline);
    }
    Ok(Some(id))
}

/// The address of a pipeline's page.
pub(super) fn page(site: &str, project: &Project, pipeline: &Pipeline) -> String {
    format!("{site}/{}/-/pipelines/{}", project.full_path, pipeline.id)
}

/// A pipeline as lists show it.
pub(super) fn shortly(call: &Call<'_>, project: &Project, pipeline: &Pipeline) -> Value {
    json!({
        "id": pipeline.id,
        "iid": pipeline.iid,
        "project_id": project.id,
        "sha": pipeline.sha,
        "ref": pipeline.branch,
        "status": pipeline.status,
        "source": pipeline.source,
        "created_at": time::written(pipeline.created_at),
        "updated_at": time::written(pipeline.created_at),
        "web_url": page(&call.site, project, pipeline),
        "name": null,
    })
}

/// The statuses of a pipeline's commit: its jobs.
pub(super) fn statuses(call: &Call<'_>, project: &Project, pipeline: &Pipeline) -> Vec<Value> {
    let status = |job: &Job| {
        json!({
            "id": job.id,
            "sha": pipeline.sha,
            "ref": pipeline.branch,
            "status": pipeline.status,
            "name": job.name,
            "target_url": format!("{}/{}/-/jobs/{}", call.site, project.full_path, job.id),
            "description": null,
            "created_at": time::written(pipeline.created_at),
            "started_at": time::written(pipeline.created_at),
            "finished_at": time::written(pipeline.created_at),
            "allow_failure": false,
            "coverage": null,
            "pipeline_id": pipeline.id,
        })
    };
    pipeline.jobs.iter().map(status).collect()
}

/// `GET /projects/:id/pipelines`: the newest first.
pub(super) fn list(call: &mut Call<'_>, id: &str) -> Handled {
    let project = repository::look_into(call, id, READ)?;
    let asked = |name: &str, value: &str| call.request.query(name).is_none_or(|wanted| wanted == value);
    let mut list: Vec<Value> = project
        .pipelines
        .iter()
        .rev()
        .filter(|it| asked("source", &it.source) && asked("ref", &it.branch) && asked("sha", &it.sha))
        .filter(|it| asked("status", &it.status))
        .filter(|it| asked("yaml_errors", if it.yaml_errors.is_some() { "true" } else { "false" }))
        .map(|it| shortly(call, &project, it))
        .collect();
    if call.request.query("sort").as_deref() == Some("asc") {
        list.reverse();
    }
    Ok(call.page(list))
}

/// `GET /projects/:id/pipelines/:pipeline_id`, and `latest` for the newest of the default branch.
pub(super) fn show(call: &mut Call<'_>, id: &str, pipeline: &str) -> Handled {
    let project = repository::look_into(call, id, READ)?;
    let latest = |it: &Pipeline| {
        let branch = call.request.query("ref").unwrap_or_else(|| project.default_branch.clone());
        pipeline == "latest" && it.branch == branch
    };
    let found = project.pipelines.iter().rev().find(|it| it.id.to_string() == pipeline || latest(it));
    let found = found.ok_or_else(|| error::message(404, "404 Not found"))?;
    let mut body = shortly(call, &project, found);
    body["yaml_errors"] = json!(found.yaml_errors);
    body["before_sha"] = json!(crate::git::NOWHERE);
    body["tag"] = json!(false);
    body["started_at"] = json!(time::written(found.created_at));
    body["finished_at"] = json!(time::written(found.created_at));
    body["duration"] = json!(0);
    body["coverage"] = Value::Null;
    Ok(Answer::json(200, &body))
}
