//! `POST /projects/:id/mirror/pull`: an update, please. What GitHub's webhooks are pointed at.
//!
//! A delivery that GitHub has signed takes another way in: GitLab compares the signature with the
//! project's own secret, which no API call can set, and looks at no token then. So a webhook with a
//! secret is refused although the token in its address is right.
//!
//! Sources: GitLab REST "Project pull mirroring" (202 says the page, 200 says the code), and what
//! GitLab's own tests assert.

use serde_json::{Value, json};

use super::{check_edition, is_licensed, not_mirrored, of};
use crate::gitlab::{Call, Handled, Needs, error, pipelines, projects};
use crate::http::Answer;
use crate::world::gitlab::mirror::Asked;
use crate::world::gitlab::task::Task;
use crate::world::gitlab::{Project, Visibility};

const CREATE: Needs = Needs { scopes: &["api"], permission: "Pull Mirror: Create" };

/// What GitHub says of pull requests that GitLab listens to.
const ACTIONS: &[&str] = &["opened", "reopened", "synchronize", "closed"];

/// Refuses a signed delivery: nobody could have told GitLab the secret.
fn refuse_signature(call: &Call<'_>, id: &str) -> Result<(), Answer> {
    if call.request.header("x-hub-signature").is_none() {
        return Ok(());
    }
    let known = |it: &&Project| it.id.to_string() == id || it.full_path.eq_ignore_ascii_case(id);
    match call.gitlab.projects.iter().find(known) {
        Some(project) if project.visibility == Visibility::Public => Err(error::unauthorized()),
        _ => Err(error::message(404, "404 Project Not Found")),
    }
}

/// The pull request in a delivery's body. A form has it in a field, where GitLab does not look.
fn pull_request(call: &Call<'_>) -> Option<Value> {
    let form = call.request.header("content-type").is_some_and(|kind| kind.contains("form-urlencoded"));
    let body: Value = serde_json::from_slice(&call.request.body).ok().filter(|_| !form)?;
    body["pull_request"].is_object().then_some(body)
}

/// A pull request at GitHub becomes a pipeline here, if its commit is here already.
fn process(call: &mut Call<'_>, project: &Project, body: &Value) -> Handled {
    let refuse = || error::message(422, "The pull request event is not processable");
    let action = body["action"].as_str().unwrap_or_default();
    let pull = &body["pull_request"];
    let part = |side: &str, name: &str| pull[side][name].as_str().map(str::to_owned);
    let whole =
        part("head", "ref").zip(part("head", "sha")).zip(part("base", "ref")).filter(|_| pull["number"].is_u64());
    let Some(((branch, sha), _)) = whole.filter(|_| ACTIONS.contains(&action)) else {
        return Err(refuse());
    };
    let repository = |side: &str| pull[side]["repo"]["full_name"].as_str().unwrap_or_default().to_owned();
    let fork = repository("head") != repository("base");
    if !fork && action != "closed" {
        pipelines::begin(call.gitlab, project.id, &branch, &sha, "external_pull_request_event", call.now)?;
    }
    Ok(Answer::json(200, &json!(null)))
}

/// `POST /projects/:id/mirror/pull`
pub(in crate::gitlab) fn trigger(call: &mut Call<'_>, id: &str) -> Handled {
    check_edition(call)?;
    refuse_signature(call, id)?;
    let (project, _) = projects::keep(call, id, CREATE)?;
    of(call, &project).ok_or_else(not_mirrored)?;
    if let Some(body) = pull_request(call).filter(|_| is_licensed(call)) {
        return process(call, &project, &body);
    }
    let now = call.now;
    let asked = call.gitlab.project_mut(project.id).and_then(|project| project.mirror.as_mut()).map(|it| it.ask(now));
    match asked {
        Some(Asked::Paused) => return Err(error::message(403, "Mirroring for the project is on pause")),
        Some(Asked::Begins) => call.gitlab.tasks.push(Task::UpdateMirror { project: project.id }),
        _ => {}
    }
    Ok(Answer::json(200, &json!(null)))
}
