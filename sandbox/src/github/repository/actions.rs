//! Actions: artifacts, the permissions that actions have, and starting a workflow.

use serde_json::json;

use super::url;
use crate::github::access::{ADMIN_RIGHTS, Asks, enter};
use crate::github::{Call, Handled, error, versions};
use crate::http::Answer;
use crate::world::github::{Repository, Role};

/// The only workflow that every repository with a commit has.
const WORKFLOW: &str = "ci.yml";

/// `GET /repos/{owner}/{repo}/actions/artifacts`
pub(super) fn artifacts(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, Asks::reading("actions=read"))?;
    Ok(Answer::json(200, &json!({ "total_count": 0, "artifacts": [] })))
}

/// `GET /repos/{owner}/{repo}/actions/permissions`
pub(super) fn permissions(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, Asks::reading("administration=read").of_admins(Some(ADMIN_RIGHTS)))?;
    Ok(Answer::json(200, &json!({ "enabled": true, "allowed_actions": "all", "sha_pinning_required": false })))
}

/// `POST /repos/{owner}/{repo}/actions/workflows/{file}/dispatches`: 404 for a file that is none,
/// whatever the body says. 204, and 200 from 2026-03-10 on.
pub(super) fn dispatch(call: &mut Call<'_>, it: &Repository, workflow: &str) -> Handled {
    enter(call, it, Asks::writing("actions=write").scopes("repo").too_low(Role::Push, ADMIN_RIGHTS))?;
    if it.is_empty()? || workflow != WORKFLOW {
        return Err(error::not_found());
    }
    let body = call.body()?;
    let reference = body["ref"].as_str().ok_or_else(|| error::not_supplied(&["ref"]))?;
    if it.resolve(reference)?.is_none() {
        return Err(error::refusal(422, &format!("No ref found for: {reference}")));
    }
    if call.version != versions::NEWEST {
        return Ok(Answer::empty(204));
    }
    let run = format!("{}/actions/runs/1", url(call, it));
    Ok(Answer::json(200, &json!({ "workflow_run_id": 1, "run_url": run })))
}
