//! `PUT /projects/:id` and `DELETE /projects/:id`.
//!
//! Maintainers edit; who sees a project is for its owners to say, and so is its end. Deprecated
//! attributes of a mirror are taken where mirroring is licensed and dropped in silence where it is
//! not. Sources: GitLab REST "Projects", permissions table, `Projects::UpdateService`.

use serde_json::json;

use super::settings::{Settings, check_visibility, invalid};
use super::{complaints, find, keep, wholly};
use crate::gitlab::parameters::Parameters;
use crate::gitlab::{Call, Handled, Needs, error, mirror};
use crate::http::Answer;
use crate::world::gitlab::features::FEATURES;
use crate::world::gitlab::{Project, namespace_of, role};

const UPDATE: Needs = Needs { scopes: &["api"], permission: "Project: Update" };
const DELETE: Needs = Needs { scopes: &["api"], permission: "Project: Delete" };

/// Attributes that `PUT` takes besides the features.
const ATTRIBUTES: &[&str] = &[
    "ci_config_path",
    "default_branch",
    "description",
    "name",
    "path",
    "visibility",
    "import_url",
    "mirror",
    "mirror_branch_regex",
    "mirror_overwrites_diverged_branches",
    "mirror_trigger_builds",
    "mirror_user_id",
    "only_mirror_protected_branches",
    "archived",
    "auto_devops_enabled",
    "lfs_enabled",
    "merge_method",
    "only_allow_merge_if_pipeline_succeeds",
    "public_jobs",
    "request_access_enabled",
    "shared_runners_enabled",
    "topics",
];

fn check_there_is_something(sent: &mut Parameters) {
    let levels: Vec<String> = FEATURES.iter().map(|feature| format!("{}_access_level", feature.name)).collect();
    let mut names: Vec<&str> = ATTRIBUTES.to_vec();
    names.extend(levels.iter().map(String::as_str));
    names.extend(FEATURES.iter().filter_map(|feature| feature.switch));
    names.sort_unstable();
    sent.at_least_one_of(&names);
}

/// The name and the full path that the project will have, if nothing is against them.
fn renamed(call: &Call<'_>, project: &Project, settings: &Settings) -> Result<(String, String), Answer> {
    let name = settings.name.clone().unwrap_or_else(|| project.name.clone());
    let full_path = match &settings.path {
        Some(path) => format!("{}/{path}", namespace_of(&project.full_path)),
        None => project.full_path.clone(),
    };
    if name == project.name && full_path == project.full_path {
        return Ok((name, full_path));
    }
    match complaints(call, &name, &full_path, Some(project.id)) {
        Some(complaints) => Err(invalid(&json!(complaints))),
        None => Ok((name, full_path)),
    }
}

/// The default branch is one that there is.
fn check_default_branch(project: &Project, settings: &Settings) -> Result<(), Answer> {
    let Some(branch) = &settings.default_branch else {
        return Ok(());
    };
    let git = project.git()?;
    if git.head(branch)?.is_none() && !project.is_empty()? {
        let why =
            format!("Could not set the default branch. Do you have a branch named '{branch}' in your repository?");
        return Err(invalid(&json!({ "base": [why] })));
    }
    Ok(git.set_default_branch(branch)?)
}

/// `PUT /projects/:id`
pub(in crate::gitlab) fn edit(call: &mut Call<'_>, id: &str) -> Handled {
    let (project, user) = keep(call, id, UPDATE)?;
    let mut sent = Parameters::of(call.request);
    check_there_is_something(&mut sent);
    let settings = Settings::of(&mut sent);
    sent.finish()?;

    if let Some(visibility) = settings.visibility.filter(|visibility| *visibility != project.visibility) {
        if !user.admin && call.gitlab.role_in_project(user.id, &project) < role::OWNER {
            return Err(error::forbidden());
        }
        if let Some(namespace) = call.gitlab.namespace_at(namespace_of(&project.full_path)) {
            check_visibility(visibility, namespace.visibility())?;
        }
    }
    check_default_branch(&project, &settings)?;
    let (name, full_path) = renamed(call, &project, &settings)?;
    let remote = settings.remote()?;
    if mirror::is_licensed(call) && (settings.mirror.names_anything() || remote.is_some()) {
        mirror::apply(call, project.id, &user, settings.mirror.clone(), remote)?;
    } else if let (Some(remote), Some(project)) = (remote, call.gitlab.project_mut(project.id)) {
        // Kept, and not fetched: an import happens when a project is made, or never.
        project.import.url = Some(remote.url);
    }
    call.gitlab.move_project(&project.full_path, &full_path).map_err(|why| error::message(400, &why))?;
    if let Some(project) = call.gitlab.project_mut(project.id) {
        project.name = name;
        settings.apply(project);
    }
    let project = call.gitlab.project(project.id).cloned().ok_or_else(error::not_found)?;
    Ok(Answer::json(200, &wholly(call, &project, Some(&user))))
}

/// `DELETE /projects/:id`: for owners.
pub(in crate::gitlab) fn remove(call: &mut Call<'_>, id: &str) -> Handled {
    let (_, user) = call.allowed(DELETE)?;
    let (project, role) = find(call, id, Some(&user))?;
    if role < role::OWNER {
        return Err(error::forbidden());
    }
    call.gitlab.remove_project(project.id);
    Ok(error::message(202, "202 Accepted"))
}
