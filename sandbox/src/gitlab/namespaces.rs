//! Namespaces: a user's own, and groups.

use serde_json::{Value, json};

use super::groups::{last_part, searched, switched_on};
use super::{Call, Handled, Needs, error, groups};
use crate::http::Answer;
use crate::world::Tier;
use crate::world::gitlab::{Group, User, role};

const READ: Needs = Needs { scopes: &["api", "read_api"], permission: "Namespace: Read" };

fn of_user(call: &Call<'_>, user: &User) -> Value {
    json!({
        "id": user.namespace_id(),
        "name": user.name,
        "path": user.username,
        "kind": "user",
        "full_path": user.username,
        "parent_id": null,
        "avatar_url": null,
        "web_url": format!("{}/{}", call.site, user.username),
    })
}

fn of_group(call: &Call<'_>, group: &Group) -> Value {
    json!({
        "id": group.id,
        "name": group.name,
        "path": last_part(&group.full_path),
        "kind": "group",
        "full_path": group.full_path,
        "parent_id": group.parent,
        "avatar_url": null,
        "web_url": format!("{}/groups/{}", call.site, group.full_path),
    })
}

/// The namespace with this full path, in short.
pub(super) fn of_path(call: &Call<'_>, full_path: &str) -> Value {
    let group = call.gitlab.groups.iter().find(|group| group.full_path == full_path);
    let user = || call.gitlab.user_named(full_path);
    group.map(|group| of_group(call, group)).or_else(|| user().map(|user| of_user(call, user))).unwrap_or(Value::Null)
}

/// `GET /namespaces`
pub(super) fn list(call: &mut Call<'_>) -> Handled {
    let (_, user) = call.allowed(READ)?;
    let owned_only = switched_on(call, "owned_only");
    let top_level_only = switched_on(call, "top_level_only");
    let mut namespaces = Vec::new();
    if searched(call, &user.username) {
        namespaces.push(plan(call, of_user(call, &user), true));
    }
    for group in &call.gitlab.groups {
        let own = call.gitlab.role_in_group(user.id, group);
        let seen = if owned_only { own >= role::OWNER } else { own > 0 || user.admin };
        if seen && searched(call, &group.full_path) && !(top_level_only && group.parent.is_some()) {
            namespaces.push(plan(call, of_group(call, group), own >= role::MAINTAINER));
        }
    }
    Ok(call.page(namespaces))
}

/// `GET /namespaces/:id`: by number or path.
pub(super) fn show(call: &mut Call<'_>, id: &str) -> Handled {
    let (_, user) = call.allowed(READ)?;
    let absent = || error::message(404, "404 Namespace Not Found");
    let is = |it: &User| it.username.eq_ignore_ascii_case(id) || it.namespace_id().to_string() == id;
    if let Some(owner) = call.gitlab.users.iter().find(|it| is(it)) {
        let own = owner.id == user.id;
        return if own || user.admin {
            Ok(Answer::json(200, &plan(call, of_user(call, owner), true)))
        } else {
            Err(absent())
        };
    }
    let (group, role) = groups::find(call, id, Some(&user)).map_err(|_| absent())?;
    if role == 0 {
        return Err(absent());
    }
    Ok(Answer::json(200, &plan(call, of_group(call, &group), role >= role::MAINTAINER)))
}

/// `GET /namespaces/:path/exists`: is the name taken, at the top or below `parent_id`?
pub(super) fn exists(call: &mut Call<'_>, path: &str) -> Handled {
    call.allowed(READ)?;
    let parent = call.request.query("parent_id").and_then(|id| id.parse::<u64>().ok());
    let group = |name: &str| {
        let named = |it: &&Group| it.parent == parent && last_part(&it.full_path).eq_ignore_ascii_case(name);
        call.gitlab.groups.iter().any(|it| named(&it))
    };
    let user =
        |name: &str| parent.is_none() && call.gitlab.users.iter().any(|it| it.username.eq_ignore_ascii_case(name));
    let taken = |name: &str| group(name) || user(name);
    let suggestion = (1..).map(|number| format!("{path}{number}")).find(|name| !taken(name));
    let suggests: Vec<String> = if taken(path) { suggestion.into_iter().collect() } else { Vec::new() };
    Ok(Answer::json(200, &json!({ "exists": taken(path), "suggests": suggests })))
}

/// What only those who keep the namespace are told.
fn plan(call: &Call<'_>, mut namespace: Value, keeper: bool) -> Value {
    if keeper && call.tier != Tier::Community {
        namespace["plan"] = json!(call.tier.name());
        namespace["trial"] = json!(false);
    }
    if keeper {
        namespace["members_count_with_descendants"] = json!(1);
    }
    namespace
}
