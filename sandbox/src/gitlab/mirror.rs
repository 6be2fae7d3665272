//! Pull mirroring: what an instance without a licence has never heard of, and does not admit.
//!
//! Source: GitLab REST "Project pull mirroring"; the extended fields came with 17.5.

use serde_json::{Value, json};

use super::{Call, Handled, Needs, error, projects};
use crate::http::{Answer, fields};
use crate::world::Tier;
use crate::world::gitlab::{Project, role};

const READ: Needs = Needs { scopes: &["api", "read_api"], permission: "Pull Mirror: Read" };

/// The address that the project mirrors, where that is licensed.
fn mirrored<'a>(call: &Call<'_>, project: &'a Project) -> Option<&'a str> {
    project.mirrors.as_deref().filter(|_| call.tier == Tier::Premium)
}

/// What a project says of its mirroring, where that is licensed; `mirror` tells that it is.
pub(super) fn mention(call: &Call<'_>, project: &Project, body: &mut Value) {
    if call.tier != Tier::Premium {
        return;
    }
    body["mirror"] = json!(project.mirrors.is_some());
    if project.mirrors.is_some() {
        body["mirror_user_id"] = json!(1);
        body["mirror_trigger_builds"] = json!(false);
        body["only_mirror_protected_branches"] = json!(false);
        body["mirror_overwrites_diverged_branches"] = json!(false);
    }
}

/// `https://*****:*****@host/path`
fn masked(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (place, path) = rest.split_once('/').map_or((rest, ""), |(place, path)| (place, path));
            let host = place.rsplit('@').next().unwrap_or(place);
            format!("{scheme}://*****:*****@{host}/{path}")
        }
        None => url.to_owned(),
    }
}

/// `GET /projects/:id/mirror/pull`
pub(super) fn show(call: &mut Call<'_>, id: &str) -> Handled {
    let (_, user) = call.allowed(READ)?;
    let (project, role) = projects::find(call, id, Some(&user))?;
    if role < role::MAINTAINER {
        return Err(error::forbidden());
    }
    let url = mirrored(call, &project).ok_or_else(|| error::message(400, "The project is not mirrored"))?;
    let mut body = fields(json!({
        "id": project.id * 10,
        "update_status": "finished",
        "url": masked(url),
        "last_error": null,
        "last_update_at": "2026-08-22T11:25:23.000Z",
        "last_update_started_at": "2026-08-22T11:25:20.000Z",
        "last_successful_update_at": "2026-08-22T11:25:23.000Z",
    }));
    if call.version.reaches(17, 5) {
        body.extend(fields(json!({
            "enabled": true,
            "mirror_trigger_builds": false,
            "only_mirror_protected_branches": false,
            "mirror_overwrites_diverged_branches": false,
            "mirror_branch_regex": null,
        })));
    }
    Ok(Answer::json(200, &Value::Object(body)))
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn addresses_hide_who_may_enter() {
        assert_eq!(masked("https://u:p@github.com/o/r.git"), "https://*****:*****@github.com/o/r.git");
        assert_eq!(masked("https://github.com/o/r.git"), "https://*****:*****@github.com/o/r.git");
    }
}
