//! What is in a project's repository: one branch with one commit, or nothing.
//!
//! Guests of a private project see that it is there, and not what is in it.

use serde_json::json;

use super::{Call, Handled, Needs, error, projects};
use crate::http::Answer;
use crate::world::gitlab::{Project, role};

const BRANCHES: Needs = Needs { scopes: &["api", "read_api"], permission: "Branch: Read" };
const STATUSES: Needs = Needs { scopes: &["api", "read_api"], permission: "Commit Status: Read" };

/// The project, if the caller may look into it.
fn look_into(call: &Call<'_>, id: &str, needs: Needs) -> Result<Project, Answer> {
    let viewer = call.viewer(needs)?;
    let (project, role) = projects::find(call, id, viewer.as_ref())?;
    let open = project.visibility.open_to(viewer.is_some());
    if open || role >= role::REPORTER { Ok(project) } else { Err(error::forbidden()) }
}

/// `GET /projects/:id/repository/branches`
pub(super) fn branches(call: &mut Call<'_>, id: &str) -> Handled {
    let project = look_into(call, id, BRANCHES)?;
    let branch = |sha: String| {
        let url = format!("{}/{}/-", call.site, project.full_path);
        json!({
            "name": "main",
            "merged": false,
            "protected": true,
            "default": true,
            "developers_can_push": false,
            "developers_can_merge": false,
            "can_push": true,
            "web_url": format!("{url}/tree/main"),
            "commit": { "id": sha, "short_id": &sha[..8], "title": "Begin", "web_url": format!("{url}/commit/{sha}") },
        })
    };
    Ok(call.page(project.head().map(branch).into_iter().collect()))
}

/// `GET /projects/:id/repository/commits/:sha/statuses`
pub(super) fn statuses(call: &mut Call<'_>, id: &str, reference: &str) -> Handled {
    let project = look_into(call, id, STATUSES)?;
    let known = project.head().is_some_and(|sha| reference == "main" || reference == sha);
    if known { Ok(call.page(Vec::new())) } else { Err(error::message(404, "404 Commit Not Found")) }
}
