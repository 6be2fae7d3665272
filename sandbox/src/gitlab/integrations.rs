//! The GitHub integration of a project, under its new path and its old one (`services`).
//!
//! | | Premium | not licensed | the Community Edition |
//! | --- | --- | --- | --- |
//! | `PUT` | 200, and active from then on | 404 | no such route |
//! | `GET` | 200, or 404 if it was never set | 404 | 400: no such slug |
//! | `DELETE` | 204: off, and blank | 404 | 400 |
//!
//! What an instance without a licence answers is inferred: the integration is on its list of those
//! that are disabled, so it is not found. The token never comes back.
//!
//! Source: GitLab REST "Project integrations", `lib/api/integrations.rb`.

use serde_json::{Value, json};

use super::parameters::Parameters;
use super::{Call, Handled, Needs, error, projects, time};
use crate::http::{Answer, fields};
use crate::world::Tier;
use crate::world::gitlab::integration::Integration;
use crate::world::gitlab::remote::Remote;

const READ: Needs = Needs { scopes: &["api", "read_api"], permission: "Integration: Read" };
const UPDATE: Needs = Needs { scopes: &["api"], permission: "Integration: Update" };
const DELETE: Needs = Needs { scopes: &["api"], permission: "Integration: Delete" };

fn no_integration() -> Answer {
    error::message(404, "404 Integration Not Found")
}

/// Refuses where the integration is not paid for, or not even there.
fn check_licence(call: &Call<'_>) -> Result<(), Answer> {
    match call.tier {
        Tier::Premium => Ok(()),
        Tier::Free => Err(no_integration()),
        Tier::Community if call.request.method == "PUT" => Err(error::no_such_route()),
        Tier::Community => Err(error::parameter("slug does not have a valid value")),
    }
}

fn describe(integration: &Integration) -> Value {
    let mut body = fields(json!({
        "id": integration.id,
        "title": "GitHub",
        "slug": "github",
        "created_at": time::written(integration.created_at),
        "updated_at": time::written(integration.updated_at),
        "active": integration.active,
        "inherited": false,
        "pipeline_events": integration.pipeline_events,
        "properties": {
            "repository_url": integration.repository_url,
            "static_context": integration.static_context,
        },
    }));
    let others = [
        "commit_events",
        "push_events",
        "issues_events",
        "incident_events",
        "alert_events",
        "confidential_issues_events",
        "merge_requests_events",
        "tag_push_events",
        "deployment_events",
        "note_events",
        "confidential_note_events",
        "wiki_page_events",
        "job_events",
        "comment_on_event_enabled",
    ];
    body.extend(others.map(|event| (event.to_owned(), json!(true))));
    Value::Object(body)
}

/// `GET /projects/:id/integrations/github`
pub(super) fn show(call: &mut Call<'_>, id: &str) -> Handled {
    let (project, _) = projects::keep(call, id, READ)?;
    check_licence(call)?;
    let integration = project.integration.as_ref().ok_or_else(no_integration)?;
    Ok(Answer::json(200, &describe(integration)))
}

/// `PUT /projects/:id/integrations/github`
pub(super) fn set(call: &mut Call<'_>, id: &str) -> Handled {
    if call.tier == Tier::Community {
        check_licence(call)?;
    }
    let (project, _) = projects::keep(call, id, UPDATE)?;
    let mut sent = Parameters::of(call.request);
    let token = sent.required("token");
    let repository_url = sent.required("repository_url");
    let static_context = sent.boolean("static_context");
    let pipeline_events = sent.boolean("pipeline_events");
    sent.finish()?;
    check_licence(call)?;
    let refused = || error::message(400, "400 Bad Request");
    let remote = Remote::parse(&repository_url).map_err(|_| refused())?;
    if token.is_empty() || !remote.url.starts_with("http") {
        return Err(refused());
    }
    let before = project.integration.as_ref();
    let integration = Integration {
        id: before.map_or_else(|| call.gitlab.next_number(), |it| it.id),
        active: true,
        repository_url,
        // A check that GitHub requires must always have one name: on, unless it is switched off.
        static_context: static_context.or(before.map(|it| it.static_context)).unwrap_or(true),
        pipeline_events: pipeline_events.or(before.map(|it| it.pipeline_events)).unwrap_or(true),
        token: Some(token),
        created_at: before.map_or(call.now, |it| it.created_at),
        updated_at: call.now,
        last_answer: None,
    };
    let body = describe(&integration);
    if let Some(project) = call.gitlab.project_mut(project.id) {
        project.integration = Some(integration);
    }
    Ok(Answer::json(200, &body))
}

/// `DELETE /projects/:id/integrations/github`
pub(super) fn remove(call: &mut Call<'_>, id: &str) -> Handled {
    let (project, _) = projects::keep(call, id, DELETE)?;
    check_licence(call)?;
    let now = call.now;
    if let Some(integration) = call.gitlab.project_mut(project.id).and_then(|it| it.integration.as_mut()) {
        integration.deactivate(now);
    }
    Ok(Answer::empty(204))
}
