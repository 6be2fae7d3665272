//! Who is a member, whether here or from above.

use serde_json::json;

use super::{Call, Handled, Needs, error, groups, projects};
use crate::http::Answer;

const READ: Needs = Needs { scopes: &["api", "read_api"], permission: "Member: Read" };

fn describe(call: &Call<'_>, user: &str, role: u8) -> Handled {
    let user = user.parse().ok().and_then(|id| call.gitlab.user(id)).filter(|_| role > 0);
    let user = user.ok_or_else(error::not_found)?;
    Ok(Answer::json(
        200,
        &json!({
            "id": user.id,
            "username": user.username,
            "name": user.name,
            "state": "active",
            "locked": false,
            "avatar_url": null,
            "web_url": format!("{}/{}", call.site, user.username),
            "access_level": role,
            "created_at": "2025-03-14T09:26:53.589Z",
            "expires_at": null,
            "membership_state": "active",
        }),
    ))
}

/// `GET /groups/:id/members/all/:user_id`
pub(super) fn of_group(call: &mut Call<'_>, id: &str, user: &str) -> Handled {
    let (_, caller) = call.allowed(READ)?;
    let (group, _) = groups::find(call, id, Some(&caller))?;
    let role = user.parse().map_or(0, |user| call.gitlab.role_in_group(user, &group));
    describe(call, user, role)
}

/// `GET /projects/:id/members/all/:user_id`
pub(super) fn of_project(call: &mut Call<'_>, id: &str, user: &str) -> Handled {
    let (_, caller) = call.allowed(READ)?;
    let (project, _) = projects::find(call, id, Some(&caller))?;
    let role = user.parse().map_or(0, |user| call.gitlab.role_in_project(user, &project));
    describe(call, user, role)
}
