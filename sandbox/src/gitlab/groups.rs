//! Groups: one, and all that the caller may see.

use serde_json::{Value, json};

use super::{Call, Handled, Needs, error};
use crate::http::Answer;
use crate::world::gitlab::{Group, User, role};

const READ: Needs = Needs { scopes: &["api", "read_api"], permission: "Group: Read" };

/// The last part of a full path.
pub(super) fn last_part(full_path: &str) -> &str {
    full_path.rsplit('/').next().unwrap_or(full_path)
}

/// `Agility Game / Home Assistant`
pub(super) fn full_name(call: &Call<'_>, group: &Group) -> String {
    let parent = group.parent.and_then(|id| call.gitlab.groups.iter().find(|group| group.id == id));
    match parent {
        Some(parent) => format!("{} / {}", full_name(call, parent), group.name),
        None => group.name.clone(),
    }
}

fn describe(call: &Call<'_>, group: &Group) -> Value {
    json!({
        "id": group.id,
        "web_url": format!("{}/groups/{}", call.site, group.full_path),
        "name": group.name,
        "path": last_part(&group.full_path),
        "description": "",
        "visibility": group.visibility,
        "share_with_group_lock": false,
        "require_two_factor_authentication": false,
        "two_factor_grace_period": 48,
        "project_creation_level": group.project_creation_level,
        "auto_devops_enabled": null,
        "subgroup_creation_level": "maintainer",
        "emails_disabled": false,
        "emails_enabled": true,
        "mentions_disabled": null,
        "lfs_enabled": true,
        "archived": false,
        "default_branch": null,
        "default_branch_protection": 2,
        "avatar_url": null,
        "request_access_enabled": true,
        "full_name": full_name(call, group),
        "full_path": group.full_path,
        "created_at": "2025-03-14T09:26:53.589Z",
        "parent_id": group.parent,
        "shared_runners_setting": "enabled",
    })
}

/// A group as `associations` has it.
pub(super) fn associated(call: &Call<'_>, group: &Group, role: u8) -> Value {
    json!({
        "id": group.id,
        "web_url": format!("{}/groups/{}", call.site, group.full_path),
        "name": group.name,
        "parent_id": group.parent,
        "organization_id": 1,
        "access_levels": role,
        "visibility": group.visibility,
    })
}

/// The least role that the request asks for.
pub(super) fn least_role(call: &Call<'_>) -> Option<u8> {
    call.request.query("min_access_level").and_then(|level| level.parse().ok())
}

/// Does `text` contain what the request searches for?
pub(super) fn searched(call: &Call<'_>, text: &str) -> bool {
    call.request.query("search").is_none_or(|wanted| text.to_lowercase().contains(&wanted.to_lowercase()))
}

/// Is the request's switch of that name on?
pub(super) fn switched_on(call: &Call<'_>, name: &str) -> bool {
    call.request.query(name).is_some_and(|value| matches!(value.as_str(), "true" | "1" | "yes" | "on"))
}

/// The group with this number or path as the caller sees it, and their role in it: an
/// administrator's is the highest. One that is hidden is not found.
pub(super) fn find(call: &Call<'_>, id: &str, user: Option<&User>) -> Result<(Group, u8), Answer> {
    let known = |group: &&Group| group.full_path.eq_ignore_ascii_case(id) || group.id.to_string() == id;
    let absent = || error::message(404, "404 Group Not Found");
    let group = call.gitlab.groups.iter().find(known).ok_or_else(absent)?;
    let role = match user {
        Some(user) if user.admin => role::OWNER,
        Some(user) => call.gitlab.role_in_group(user.id, group),
        None => 0,
    };
    // Who has a role below may know what is above.
    let inside = format!("{}/", group.full_path);
    let below = user.is_some_and(|user| {
        let gitlab = &call.gitlab;
        gitlab.groups.iter().any(|it| it.full_path.starts_with(&inside) && gitlab.role_in_group(user.id, it) > 0)
            || gitlab
                .projects
                .iter()
                .any(|it| it.full_path.starts_with(&inside) && gitlab.role_in_project(user.id, it) > 0)
    });
    if role == 0 && !below && !group.visibility.open_to(user.is_some()) {
        return Err(absent());
    }
    Ok((group.clone(), role))
}

/// `GET /groups/:id`: open to everybody, if the group is.
pub(super) fn show(call: &mut Call<'_>, id: &str) -> Handled {
    let user = call.viewer(READ)?;
    let (group, _) = find(call, id, user.as_ref())?;
    Ok(Answer::json(200, &describe(call, &group)))
}

/// `GET /groups`
pub(super) fn list(call: &mut Call<'_>) -> Handled {
    let (_, user) = call.allowed(READ)?;
    let least = least_role(call);
    let groups = call
        .gitlab
        .groups
        .iter()
        .filter(|group| {
            let role = call.gitlab.role_in_group(user.id, group);
            match least {
                Some(least) => role >= least,
                None => role > 0 || user.admin || group.visibility.open_to(true),
            }
        })
        .filter(|group| searched(call, &group.full_path) || searched(call, &group.name))
        .filter(|group| !switched_on(call, "top_level_only") || group.parent.is_none())
        .map(|group| describe(call, group))
        .collect();
    Ok(call.page(groups))
}
