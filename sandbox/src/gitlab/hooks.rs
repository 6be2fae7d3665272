//! A project's webhooks: for its maintainers. Secrets never come back.

use serde_json::{Value, json};

use super::{Call, Handled, Needs, error, projects};
use crate::world::gitlab::{Project, role};

const READ: Needs = Needs { scopes: &["api", "read_api"], permission: "Webhook: Read" };

fn describe(project: &Project, number: usize, url: &str) -> Value {
    json!({
        "id": project.id * 100 + number as u64,
        "url": url,
        "name": "",
        "description": "",
        "created_at": "2025-03-14T09:26:53.589Z",
        "project_id": project.id,
        "push_events": true,
        "tag_push_events": false,
        "merge_requests_events": false,
        "repository_update_events": false,
        "enable_ssl_verification": true,
        "alert_status": "executable",
        "disabled_until": null,
        "url_variables": [],
        "custom_headers": [],
        "branch_filter_strategy": "wildcard",
    })
}

/// `GET /projects/:id/hooks`
pub(super) fn list(call: &mut Call<'_>, id: &str) -> Handled {
    let (_, user) = call.allowed(READ)?;
    let (project, role) = projects::find(call, id, Some(&user))?;
    if role < role::MAINTAINER {
        return Err(error::forbidden());
    }
    let hooks = project.hooks.iter().enumerate();
    Ok(call.page(hooks.map(|(number, url)| describe(&project, number, url)).collect()))
}
