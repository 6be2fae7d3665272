//! Collaborators and their permissions: told to those who may push.

use serde_json::{Value, json};

use crate::github::access::{Asks, enter};
use crate::github::{Call, Handled, error, user};
use crate::http::Answer;
use crate::world::github::{AccountKind, Repository, Role};

/// Reading what is never everybody's, with the permission that every token has.
const READ: Asks = Asks { open: false, ..Asks::reading("metadata=read").scopes("public_repo, repo") };

/// The word of the older API, and that of the newer.
fn words(role: Option<Role>) -> (&'static str, &'static str) {
    match role {
        None => ("none", ""),
        Some(Role::Pull) => ("read", "read"),
        Some(Role::Triage) => ("read", "triage"),
        Some(Role::Push) => ("write", "write"),
        Some(Role::Maintain) => ("write", "maintain"),
        Some(Role::Admin) => ("admin", "admin"),
    }
}

fn permissions(role: Role) -> Value {
    json!({
        "pull": true,
        "triage": role >= Role::Triage,
        "push": role >= Role::Push,
        "maintain": role >= Role::Maintain,
        "admin": role >= Role::Admin,
    })
}

/// `GET /repos/{owner}/{repo}/collaborators`
pub(super) fn list(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, READ.too_low(Role::Push, "Must have push access to view repository collaborators."))?;
    let owner = call.github.account(&it.owner);
    let mut people = Vec::new();
    for account in call.github.accounts.iter().filter(|account| account.kind == AccountKind::User) {
        let own = it.owner == account.login || owner.is_some_and(|owner| owner.members.contains_key(&account.login));
        if let Some(role) = call.github.role(&account.login, it)
            && (own || it.collaborators.contains_key(&account.login))
        {
            let mut person = user::simple(&call.scene(), account);
            person.insert("permissions".to_owned(), permissions(role));
            person.insert("role_name".to_owned(), json!(words(Some(role)).1));
            people.push(Value::Object(person));
        }
    }
    Ok(call.page(people))
}

/// `GET /repos/{owner}/{repo}/collaborators/{username}/permission`
pub(super) fn permission(call: &mut Call<'_>, it: &Repository, login: &str) -> Handled {
    enter(call, it, READ.too_low(Role::Push, "Must have push access to view collaborator permission."))?;
    let account = call.github.account(login).ok_or_else(|| error::refusal(404, &format!("{login} is not a user")))?;
    let role = call.github.role(&account.login, it);
    let (permission, role_name) = words(role);
    let mut person = user::simple(&call.scene(), account);
    person.insert("permissions".to_owned(), role.map_or(Value::Null, permissions));
    person.insert("role_name".to_owned(), json!(role_name));
    Ok(Answer::json(200, &json!({ "permission": permission, "role_name": role_name, "user": person })))
}
