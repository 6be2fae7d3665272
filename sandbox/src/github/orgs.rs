//! Organisations: one, its webhooks, its members, and the caller's own, as far as the token is let
//! see them.
//!
//! Organisations which want single sign-on that this token lacks are left out silently; only
//! `X-GitHub-SSO: partial-results` tells, by number. Source: GitHub REST "Authenticating".

use serde_json::{Value, json};

use super::hooks::{self, Place};
use super::scene::Scene;
use super::{Call, Handled, access, auth, error, secrets, user};
use crate::http::Answer;
use crate::world::github::{Account, AccountKind, Membership, Token, TokenKind};

/// The accounts with these names that the token was not authorised for, as the header has them.
pub(super) fn partial_results(call: &Call<'_>, token: &Token) -> Option<String> {
    let ids: Vec<String> = token
        .without_sso
        .iter()
        .filter_map(|login| call.github.account(login))
        .map(|account| account.id.to_string())
        .collect();
    (!ids.is_empty()).then(|| format!("partial-results; organizations={}", ids.join(",")))
}

/// An organisation as lists and payloads of webhooks have it.
pub(super) fn describe(scene: &Scene<'_>, account: &Account) -> Value {
    let url = format!("{}/orgs/{}", scene.api, account.login);
    json!({
        "login": account.login,
        "id": account.id,
        "node_id": user::node_id("O", account.id),
        "url": url,
        "repos_url": format!("{url}/repos"),
        "events_url": format!("{url}/events"),
        "hooks_url": format!("{url}/hooks"),
        "issues_url": format!("{url}/issues"),
        "members_url": format!("{url}/members{{/member}}"),
        "public_members_url": format!("{url}/public_members{{/member}}"),
        "avatar_url": format!("https://avatars.githubusercontent.com/u/{}?v=4", account.id),
        "description": account.name,
    })
}

/// `GET /user/orgs`
pub(super) fn mine(call: &mut Call<'_>) -> Handled {
    call.accepts("admin:org, read:org, repo, user, write:org", "allows_permissionless_access=true");
    auth::people_only(call)?;
    let (token, account) = call.account()?;
    let enough = ["admin:org", "read:org", "repo", "user", "write:org"];
    if matches!(token.kind, TokenKind::Classic | TokenKind::OAuth) && !token.has_scope(&enough) {
        let message = "You need at least read:org scope or user scope to list your organizations.";
        return Err(error::refusal(403, message));
    }
    let organisations: Vec<Value> = call
        .github
        .accounts
        .iter()
        .filter(|it| it.members.contains_key(&account.login) && !token.without_sso.contains(&it.login))
        .filter(|it| {
            token.kind != TokenKind::FineGrained
                || token.resource_owner.as_ref() == Some(&it.login) && !token.pending_approval
        })
        .map(|it| describe(&call.scene(), it))
        .collect();
    let answer: Answer = call.page(organisations);
    Ok(match partial_results(call, &token) {
        Some(header) => answer.with("x-github-sso", header),
        None => answer,
    })
}

/// The organisation of that name, past single sign-on and its policies.
fn find(call: &Call<'_>, login: &str, guarded: bool) -> Result<Account, Answer> {
    let found = call.github.account(login).filter(|it| it.kind == AccountKind::Organization);
    let organisation = found.cloned().ok_or_else(error::not_found)?;
    access::check_sso(call.caller.as_ref(), &organisation.login)?;
    access::check_policy(call, &organisation.login, guarded)?;
    Ok(organisation)
}

/// Refuses a token with permissions that lacks these; one that the organisation has not approved
/// finds nothing at all.
fn check_permissions(token: &Token, permissions: &str, organisation: &Account) -> Result<(), Answer> {
    let ours = token.resource_owner.as_ref() == Some(&organisation.login);
    if ours && token.pending_approval {
        return Err(error::not_found());
    }
    access::check_permissions(token, permissions, ours)
}

/// `GET /orgs/{org}`: open to everybody.
pub(super) fn show(call: &mut Call<'_>, login: &str) -> Handled {
    call.accepts("admin:org, read:org, repo, user, write:org", "allows_permissionless_access=true");
    let organisation = find(call, login, false)?;
    let mut body = describe(&call.scene(), &organisation);
    body["name"] = json!(organisation.name);
    body["type"] = json!("Organization");
    body["html_url"] = json!(format!("{}/{}", call.site, organisation.login));
    body["created_at"] = json!("2025-01-26T19:01:12Z");
    body["updated_at"] = json!("2026-10-06T21:30:44Z");
    Ok(Answer::json(200, &body))
}

/// `/orgs/{org}/hooks…`: for owners, and hidden from everybody else.
pub(super) fn hooks(call: &mut Call<'_>, method: &str, login: &str, rest: &[&str]) -> Handled {
    call.accepts("admin:org_hook", "organization_hooks=read");
    call.token()?;
    let organisation = find(call, login, true)?;
    hooks::route(call, Place::Organization(&organisation), method, rest)
}

/// `/orgs/{org}/actions/secrets…`: for owners.
pub(super) fn secrets(call: &mut Call<'_>, method: &str, login: &str, rest: &[&str]) -> Handled {
    call.accepts("admin:org", "organization_secrets=read");
    call.token()?;
    let organisation = find(call, login, true)?;
    secrets::route(call, &secrets::Place::Organization(&organisation), method, rest)
}

/// Lets an owner in whose token has that permission, or the scope.
pub(super) fn enter(
    call: &mut Call<'_>,
    organisation: &Account,
    scope: &'static str,
    permission: &'static str,
) -> Result<(), Answer> {
    call.accepts(scope, permission);
    let token = call.token()?;
    if token.has_permissions() {
        check_permissions(&token, permission, organisation)?;
    } else if !token.has_scope(&[scope]) {
        return Err(error::not_found());
    }
    match organisation.members.get(&token.login) {
        Some(Membership::Admin) => Ok(()),
        _ => Err(error::not_found()),
    }
}

/// May the token look at who is a member?
fn check_members(token: &Token, organisation: &Account) -> Result<(), Answer> {
    if token.has_permissions() {
        return check_permissions(token, "members=read", organisation);
    }
    if token.has_scope(&["admin:org", "read:org", "write:org"]) {
        return Ok(());
    }
    Err(error::refusal(403, "You need at least read:org scope or user scope to see organization memberships."))
}

fn describe_membership(call: &Call<'_>, organisation: &Account, member: &Account, place: Membership) -> Answer {
    let url = format!("{}/orgs/{}", call.api, organisation.login);
    Answer::json(
        200,
        &json!({
            "url": format!("{url}/memberships/{}", member.login),
            "state": "active",
            "role": place.name(),
            "direct_membership": true,
            "organization_url": url,
            "user": user::simple(&call.scene(), member),
            "organization": describe(&call.scene(), organisation),
        }),
    )
}

/// `GET /orgs/{org}/memberships/{username}`: for its members.
pub(super) fn membership(call: &mut Call<'_>, login: &str, member: &str) -> Handled {
    call.accepts("admin:org, read:org, write:org", "members=read");
    let token = call.token()?;
    let organisation = find(call, login, true)?;
    check_members(&token, &organisation)?;
    if !organisation.members.contains_key(&token.login) {
        let words =
            format!("You must be a member of {} to see membership information for {member}.", organisation.login);
        return Err(error::refusal(403, &words));
    }
    let member = call.github.account(member).ok_or_else(error::not_found)?;
    let place = organisation.members.get(&member.login).ok_or_else(error::not_found)?;
    Ok(describe_membership(call, &organisation, member, *place))
}

/// `GET /user/memberships/orgs/{org}`
pub(super) fn my_membership(call: &mut Call<'_>, login: &str) -> Handled {
    call.accepts("admin:org, read:org, write:org", "members=read");
    auth::people_only(call)?;
    let (token, account) = call.account()?;
    let organisation = find(call, login, true)?;
    check_members(&token, &organisation)?;
    let place = organisation.members.get(&account.login).ok_or_else(error::not_found)?;
    Ok(describe_membership(call, &organisation, &account, *place))
}
