//! Projects: one, a group's, and all that the caller may see; making, changing and removing them.

mod create;
mod describe;
mod edit;
mod names;
mod settings;

use super::groups::{least_role, searched, switched_on};
use super::{Call, Handled, Needs, error, groups};
use crate::http::Answer;
use crate::world::gitlab::{Project, User, role};

pub(super) use create::{create, may_create};
pub(super) use describe::{associated, import_status, import_type, name_with_namespace, wholly};
pub(super) use edit::{edit, remove};
use names::path_of;
pub(super) use names::{complaints, sentences};

const READ: Needs = Needs { scopes: &["api", "read_api"], permission: "Project: Read" };

/// The project with this number or path as the caller sees it, and their role in it: an
/// administrator's is the highest. One that is hidden is not found; one that moved is at its number,
/// where only reading is redirected to.
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
        if !matches!(call.request.method.as_str(), "GET" | "HEAD") {
            return Err(error::message(405, "Non GET methods are not allowed for moved projects"));
        }
        let rest = call.path.split('/').skip(5).map(|segment| format!("/{segment}")).collect::<String>();
        let query = if call.request.query.is_empty() { String::new() } else { format!("?{}", call.request.query) };
        return Err(error::moved(&format!("{}/api/v4/projects/{}{rest}{query}", call.site, project.id)));
    }
    Ok((project.clone(), role))
}

/// The project, if the token may do that and the user is at least a maintainer there.
pub(super) fn keep(call: &Call<'_>, id: &str, needs: Needs) -> Result<(Project, User), Answer> {
    let (_, user) = call.allowed(needs)?;
    let (project, role) = find(call, id, Some(&user))?;
    if role >= role::MAINTAINER { Ok((project, user)) } else { Err(error::forbidden()) }
}

/// `GET /projects/:id`: open to everybody, if the project is.
pub(super) fn show(call: &mut Call<'_>, id: &str) -> Handled {
    let user = call.viewer(READ)?;
    let (project, _) = find(call, id, user.as_ref())?;
    Ok(Answer::json(200, &describe::as_asked(call, &project, user.as_ref())))
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
        .map(|project| describe::as_asked(call, project, user))
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
