//! A project as GitLab shows it. Nobody in particular is told of permissions, nor of licences; only
//! those who keep the project are told where it was imported from, and never with credentials.

use serde_json::{Value, json};

use crate::gitlab::groups::{last_part, switched_on};
use crate::gitlab::{Call, mirror, namespaces, time};
use crate::http::fields;
use crate::world::gitlab::features::{AccessLevel, FEATURES};
use crate::world::gitlab::import::ImportKind;
use crate::world::gitlab::{Project, User, namespace_of, role};

/// `Agility Game / Home Assistant / Dashboard`, as far as the sandbox goes: by paths.
pub(in crate::gitlab) fn name_with_namespace(project: &Project) -> String {
    format!("{} / {}", namespace_of(&project.full_path).replace('/', " / "), project.name)
}

/// The import's status, or that of the mirror: GitLab keeps both in one row.
pub(in crate::gitlab) fn import_status(call: &Call<'_>, project: &Project) -> &'static str {
    match mirror::of(call, project) {
        Some(mirror) if !project.import.status.is_under_way() => mirror.status.name(),
        _ => project.import.status.name(),
    }
}

/// `github`, `git`, or nothing.
pub(in crate::gitlab) fn import_type(project: &Project) -> Option<&'static str> {
    match project.import.kind {
        Some(ImportKind::GitHub) => Some("github"),
        Some(ImportKind::Git) => Some("git"),
        None => project.mirror.as_ref().map(|_| "git"),
    }
}

/// Has it no commit? What cannot be read counts as it was at the start.
fn is_empty(project: &Project) -> bool {
    project.is_empty().unwrap_or(project.empty)
}

/// A project as everybody sees it.
pub(super) fn shortly(call: &Call<'_>, project: &Project) -> Value {
    let url = format!("{}/{}", call.site, project.full_path);
    let host = call.site.split("://").nth(1).and_then(|rest| rest.split([':', '/']).next()).unwrap_or_default();
    json!({
        "id": project.id,
        "description": project.description,
        "name": project.name,
        "name_with_namespace": name_with_namespace(project),
        "path": last_part(&project.full_path),
        "path_with_namespace": project.full_path,
        "created_at": time::written(project.created_at),
        "default_branch": (!is_empty(project)).then_some(&project.default_branch),
        "tag_list": [],
        "topics": [],
        "ssh_url_to_repo": format!("git@{host}:{}.git", project.full_path),
        "http_url_to_repo": format!("{url}.git"),
        "web_url": url,
        "readme_url": null,
        "forks_count": 0,
        "avatar_url": null,
        "star_count": 0,
        "last_activity_at": time::written(project.created_at),
        "visibility": project.visibility,
        "namespace": namespaces::of_path(call, namespace_of(&project.full_path)),
    })
}

/// A project with all that the caller may know of it.
pub(in crate::gitlab) fn wholly(call: &Call<'_>, project: &Project, user: Option<&User>) -> Value {
    let mut body = shortly(call, project);
    let mut add = |more: Value| {
        for (name, value) in fields(more) {
            body[name] = value;
        }
    };
    add(json!({
        "archived": project.archived,
        "empty_repo": is_empty(project),
        "creator_id": project.creator,
        "import_status": import_status(call, project),
        "ci_config_path": project.ci_config_path,
        "shared_runners_enabled": true,
        "lfs_enabled": true,
        "request_access_enabled": true,
        "public_jobs": true,
        "merge_method": "merge",
        "_links": { "self": format!("{}/api/v4/projects/{}", call.site, project.id) },
    }));
    for feature in FEATURES {
        let level = project.features.level(feature);
        add(json!({ format!("{}_access_level", feature.name): level }));
        if let Some(switch) = feature.switch {
            add(json!({ switch: level != AccessLevel::Disabled }));
        }
    }
    let Some(user) = user else {
        return body;
    };
    let (direct, inherited) = call.gitlab.roles_in_project(user.id, project);
    let access =
        |role: u8| if role > 0 { json!({ "access_level": role, "notification_level": 3 }) } else { Value::Null };
    add(json!({ "permissions": { "project_access": access(direct), "group_access": access(inherited) } }));
    if user.admin || direct.max(inherited) >= role::MAINTAINER {
        let mirrored = project.mirror.as_ref().filter(|mirror| mirror.enabled).map(|mirror| &mirror.url);
        add(json!({
            "import_url": mirrored.or(project.import.url.as_ref()),
            "import_type": import_type(project),
            "import_error": project.import.error,
        }));
    }
    mirror::mention(call, project, &mut body);
    body
}

/// A project as lists and `GET /projects/:id` show it: `simple` asks for less.
pub(super) fn as_asked(call: &Call<'_>, project: &Project, user: Option<&User>) -> Value {
    if switched_on(call, "simple") { shortly(call, project) } else { wholly(call, project, user) }
}

/// A project as `associations` has it.
pub(in crate::gitlab) fn associated(call: &Call<'_>, project: &Project, role: u8) -> Value {
    json!({
        "id": project.id,
        "description": project.description,
        "name": project.name,
        "name_with_namespace": name_with_namespace(project),
        "path": last_part(&project.full_path),
        "path_with_namespace": project.full_path,
        "created_at": time::written(project.created_at),
        "access_levels": { "project_access_level": role, "group_access_level": null },
        "visibility": project.visibility,
        "web_url": format!("{}/{}", call.site, project.full_path),
        "namespace": namespaces::of_path(call, namespace_of(&project.full_path)),
    })
}
