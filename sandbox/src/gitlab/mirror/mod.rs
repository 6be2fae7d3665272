//! Pull mirroring: what an instance without a licence has never heard of, and does not admit.
//!
//! | | licensed | not licensed | the Community Edition |
//! | --- | --- | --- | --- |
//! | `GET`, `POST …/mirror/pull` | yes | 400, as if nothing were mirrored | no such route |
//! | `PUT …/mirror/pull` | from 17.6 on | 200, and nothing is done: `enabled` is `false` | no such route |
//! | `mirror` in a project | shown | not there | not there |
//!
//! Source: GitLab REST "Project pull mirroring"; the extended fields came with 17.5.

mod configure;
mod trigger;

use serde_json::{Value, json};

use super::{Call, Handled, Needs, error, projects, time};
use crate::http::{Answer, fields};
use crate::world::Tier;
use crate::world::gitlab::Project;
use crate::world::gitlab::mirror::Mirror;
use crate::world::gitlab::remote::masked;
pub(super) use configure::{Wanted, apply, configure};
pub(super) use trigger::trigger;

const READ: Needs = Needs { scopes: &["api", "read_api"], permission: "Pull Mirror: Read" };

/// Has the instance paid for it?
pub(super) fn is_licensed(call: &Call<'_>) -> bool {
    call.tier == Tier::Premium
}

/// Is the code there at all?
fn check_edition(call: &Call<'_>) -> Result<(), Answer> {
    if call.tier == Tier::Community { Err(error::no_such_route()) } else { Ok(()) }
}

/// The project's mirror, where that is licensed and on.
pub(super) fn of<'a>(call: &Call<'_>, project: &'a Project) -> Option<&'a Mirror> {
    project.mirror.as_ref().filter(|mirror| mirror.enabled && is_licensed(call))
}

/// What a project says of its mirroring, where that is licensed; `mirror` tells that it is.
pub(super) fn mention(call: &Call<'_>, project: &Project, body: &mut Value) {
    if !is_licensed(call) {
        return;
    }
    let mirror = of(call, project);
    body["mirror"] = json!(mirror.is_some());
    if let Some(mirror) = mirror {
        body["mirror_user_id"] = json!(mirror.acts_as);
        body["mirror_trigger_builds"] = json!(mirror.trigger_builds);
        body["only_mirror_protected_branches"] = json!(mirror.only_protected);
        body["mirror_overwrites_diverged_branches"] = json!(mirror.overwrites_diverged);
    }
}

fn not_mirrored() -> Answer {
    error::message(400, "The project is not mirrored")
}

/// A mirror as GitLab shows it, and as one that is off looks.
fn describe(call: &Call<'_>, project: &Project) -> Value {
    let none = Mirror::default();
    let mirror = project.mirror.as_ref().filter(|_| is_licensed(call)).unwrap_or(&none);
    let mut body = fields(json!({
        "id": project.id * 10,
        "update_status": mirror.status.name(),
        "url": (!mirror.url.is_empty()).then(|| masked(&mirror.url)),
        "last_error": mirror.last_error,
        "last_update_at": mirror.last_update_at.map(time::written),
        "last_update_started_at": mirror.last_update_started_at.map(time::written),
        "last_successful_update_at": mirror.last_successful_update_at.map(time::written),
    }));
    if call.version.reaches(17, 5) {
        body.extend(fields(json!({
            "enabled": mirror.enabled,
            "mirror_trigger_builds": mirror.trigger_builds,
            "only_mirror_protected_branches": mirror.only_protected,
            "mirror_overwrites_diverged_branches": mirror.overwrites_diverged,
            "mirror_branch_regex": mirror.branch_regex,
        })));
    }
    Value::Object(body)
}

/// `GET /projects/:id/mirror/pull`
pub(super) fn show(call: &mut Call<'_>, id: &str) -> Handled {
    check_edition(call)?;
    let (project, _) = projects::keep(call, id, READ)?;
    of(call, &project).ok_or_else(not_mirrored)?;
    Ok(Answer::json(200, &describe(call, &project)))
}
