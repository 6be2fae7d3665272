//! `GET /user`: who the token's bearer is.

use serde_json::{Map, Value, json};

use super::{Call, Handled, Needs};
use crate::http::{Answer, fields};

const READ: Needs = Needs { scopes: &["api", "read_api", "read_user"], permission: "User: Read" };

/// What is the same in every user of the sandbox.
fn unremarkable() -> Map<String, Value> {
    fields(json!({
        "public_email": null,
        "state": "active",
        "locked": false,
        "avatar_url": null,
        "created_at": "2025-03-14T09:26:53.589Z",
        "bio": "",
        "location": "",
        "linkedin": "",
        "twitter": "",
        "discord": "",
        "website_url": "",
        "github": "",
        "job_title": "",
        "pronouns": null,
        "organization": "",
        "work_information": null,
        "local_time": null,
        "last_sign_in_at": null,
        "confirmed_at": "2025-03-14T09:26:53.589Z",
        "last_activity_on": null,
        "theme_id": 3,
        "color_scheme_id": 1,
        "current_sign_in_at": null,
        "identities": [],
        "two_factor_enabled": false,
        "external": false,
        "private_profile": false,
        "preferred_language": "en",
        "shared_runners_minutes_limit": null,
        "extra_shared_runners_minutes_limit": null,
        "scim_identities": [],
    }))
}

/// `GET /user`
pub(super) fn show(call: &mut Call<'_>) -> Handled {
    let (_, user) = call.allowed(READ)?;
    let mut body = unremarkable();
    body.extend(fields(json!({
        "id": user.id,
        "username": user.username,
        "name": user.name,
        "web_url": format!("{}/{}", call.site, user.username),
        "bot": user.bot,
        "email": format!("{}@example.com", user.username),
        "projects_limit": if user.bot { 0 } else { 100_000 },
        "can_create_group": !user.bot,
        "can_create_project": !user.bot,
        "commit_email": format!("{}@example.com", user.username),
        "namespace_id": user.namespace_id(),
    })));
    if user.admin {
        body.insert("is_admin".to_owned(), json!(true));
        body.insert("note".to_owned(), Value::Null);
    }
    Ok(Answer::json(200, &Value::Object(body)))
}
