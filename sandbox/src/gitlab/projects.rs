//! Projects: one, a group's, and all that the caller may see.

use serde_json::{Value, json};

use super::groups::{last_part, least_role, searched, switched_on};
use super::{Call, Handled, Needs, error, groups, mirror, namespaces};
use crate::http::Answer;
use crate::world::gitlab::{Project, User, role};

const READ: Needs = Needs { scopes: &["api", "read_api"], permission: "Project: Read" };

fn describe(call: &Call<'_>, project: &Project, user: Option<&User>) -> Value {
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
        let (direct, inherited) = user.map_or((0, 0), |user| call.gitlab.roles_in_project(user.id, project));
        let access =
            |role: u8| if role > 0 { json!({ "access_level": role, "notification_level": 3 }) } else { Value::Null };
        body["archived"] = json!(project.archived);
        body["empty_repo"] = json!(project.empty);
        // Nobody in particular is told of permissions, nor of licences.
        if user.is_some() {
            body["permissions"] = json!({ "project_access": access(direct), "group_access": access(inherited) });
            mirror::mention(call, project, &mut body);
        }
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

/// The project with this number or path as the caller sees it, and their role in it: an
/// administrator's is the highest. One that is hidden is not found; one that moved is at its number.
pub(super) fn find(call: &Call<'_>, id: &str, user: Option<&User>) -> Result<(Project, u8), Answer> {
    let gitlab = &call.gitlab;
    let known = |project: &&Project| project.full_path.eq_ignore_ascii_case(id) || project.id.to_string() == id;
    let former = |project: &&Project| project.former_paths.iter().any(|path| path.eq_ignore_ascii_case(id));
    let absent = || error::message(404, "404 Project Not Found");
    let found = gitlab.projects.iter().find(known);
    let project = found.or_else(|| gitlab.projects.iter().find(former)).ok_or_else(absent)?;
    let role = match user {
        Some(user) if user.admin => role::OWNER,
        Some(user) => gitlab.role_in_project(user.id, project),
        None => 0,
    };
    if role == 0 && !project.visibility.open_to(user.is_some()) {
        return Err(absent());
    }
    if found.is_none() {
        let rest = call.path.split('/').skip(5).map(|segment| format!("/{segment}")).collect::<String>();
        let query = if call.request.query.is_empty() { String::new() } else { format!("?{}", call.request.query) };
        return Err(error::moved(&format!("{}/api/v4/projects/{}{rest}{query}", call.site, project.id)));
    }
    Ok((project.clone(), role))
}

/// `GET /projects/:id`: open to everybody, if the project is.
pub(super) fn show(call: &mut Call<'_>, id: &str) -> Handled {
    let user = call.viewer(READ)?;
    let (project, _) = find(call, id, user.as_ref())?;
    Ok(Answer::json(200, &describe(call, &project, user.as_ref())))
}

/// The page of those projects that the caller sees and asks for.
fn listed(call: &Call<'_>, user: Option<&User>, wanted: impl Fn(&Project) -> bool) -> Answer {
    let least = least_role(call).unwrap_or(0).max(if switched_on(call, "membership") { 1 } else { 0 });
    let admin = user.is_some_and(|user| user.admin);
    let projects = call
        .gitlab
        .projects
        .iter()
        .filter(|project| wanted(project))
        .filter(|project| {
            let role = user.map_or(0, |user| call.gitlab.role_in_project(user.id, project));
            (role > 0 || admin || project.visibility.open_to(user.is_some())) && role >= least
        })
        .filter(|project| searched(call, &project.full_path) || searched(call, &project.name))
        .map(|project| describe(call, project, user))
        .collect();
    call.page(projects)
}

/// `GET /projects`: open to everybody, who then see what is public.
pub(super) fn list(call: &mut Call<'_>) -> Handled {
    let user = call.viewer(READ)?;
    Ok(listed(call, user.as_ref(), |_| true))
}

/// `GET /groups/:id/projects`: those of the group itself, and with `include_subgroups` all below.
pub(super) fn of_group(call: &mut Call<'_>, id: &str) -> Handled {
    let user = call.viewer(READ)?;
    let (group, _) = groups::find(call, id, user.as_ref())?;
    let below = switched_on(call, "include_subgroups");
    let prefix = format!("{}/", group.full_path);
    let inside =
        |project: &Project| project.full_path.strip_prefix(&prefix).is_some_and(|rest| below || !rest.contains('/'));
    Ok(listed(call, user.as_ref(), inside))
}
