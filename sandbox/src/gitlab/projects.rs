//! Projects: those that the caller may see.

use serde_json::{Value, json};

use super::groups::{last_part, least_role, searched, switched_on};
use super::{Call, Handled, Needs, namespaces};
use crate::world::gitlab::Project;

const READ: Needs = Needs { scopes: &["api", "read_api"], permission: "Project: Read" };

fn describe(call: &Call<'_>, project: &Project, role: u8) -> Value {
    let url = format!("{}/{}", call.site, project.full_path);
    let namespace = project.full_path.rsplit_once('/').map_or("", |(namespace, _)| namespace);
    let host = call.site.split("://").nth(1).and_then(|rest| rest.split([':', '/']).next()).unwrap_or_default();
    let mut body = json!({
        "id": project.id,
        "description": null,
        "name": project.name,
        "name_with_namespace": format!("{} / {}", namespace.replace('/', " / "), project.name),
        "path": last_part(&project.full_path),
        "path_with_namespace": project.full_path,
        "created_at": "2025-03-14T09:26:53.589Z",
        "default_branch": "main",
        "tag_list": [],
        "topics": [],
        "ssh_url_to_repo": format!("git@{host}:{}.git", project.full_path),
        "http_url_to_repo": format!("{url}.git"),
        "web_url": url,
        "readme_url": null,
        "forks_count": 0,
        "avatar_url": null,
        "star_count": 0,
        "last_activity_at": "2026-08-22T11:25:23.000Z",
        "visibility": project.visibility,
        "namespace": namespaces::of_path(call, namespace),
    });
    if !switched_on(call, "simple") {
        let access = if role > 0 { json!({ "access_level": role, "notification_level": 3 }) } else { Value::Null };
        body["archived"] = json!(project.archived);
        body["empty_repo"] = json!(project.empty);
        body["permissions"] = json!({ "project_access": access, "group_access": null });
    }
    body
}

/// A project as `associations` has it.
pub(super) fn associated(call: &Call<'_>, project: &Project, role: u8) -> Value {
    let namespace = project.full_path.rsplit_once('/').map_or("", |(namespace, _)| namespace);
    json!({
        "id": project.id,
        "description": null,
        "name": project.name,
        "name_with_namespace": format!("{} / {}", namespace.replace('/', " / "), project.name),
        "path": last_part(&project.full_path),
        "path_with_namespace": project.full_path,
        "created_at": "2025-03-14T09:26:53.589Z",
        "access_levels": { "project_access_level": role, "group_access_level": null },
        "visibility": project.visibility,
        "web_url": format!("{}/{}", call.site, project.full_path),
        "namespace": namespaces::of_path(call, namespace),
    })
}

/// `GET /projects`: open to everybody, who then see what is public.
pub(super) fn list(call: &mut Call<'_>) -> Handled {
    let user = match call.caller.clone()? {
        None => None,
        Some(_) => Some(call.allowed(READ)?.1),
    };
    let least = least_role(call).unwrap_or(0).max(if switched_on(call, "membership") { 1 } else { 0 });
    let admin = user.as_ref().is_some_and(|user| user.admin);
    let projects = call
        .gitlab
        .projects
        .iter()
        .map(|project| {
            let role = user.as_ref().map_or(0, |user| call.gitlab.role_in_project(user.id, project));
            (project, role)
        })
        .filter(|(project, role)| (*role > 0 || admin || project.visibility.open_to(user.is_some())) && *role >= least)
        .filter(|(project, _)| searched(call, &project.full_path) || searched(call, &project.name))
        .map(|(project, role)| describe(call, project, role))
        .collect();
    Ok(call.page(projects))
}
