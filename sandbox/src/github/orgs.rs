//! `GET /user/orgs`: the organisations of the caller, as far as the token is let see them.
//!
//! Organisations which want single sign-on that this token lacks are left out silently; only
//! `X-GitHub-SSO: partial-results` tells, by number. Source: GitHub REST "Authenticating".

use serde_json::{Value, json};

use super::{Call, Handled, auth, error, user};
use crate::http::Answer;
use crate::world::github::{Account, Token, TokenKind};

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

fn describe(call: &Call<'_>, account: &Account) -> Value {
    let url = format!("{}/orgs/{}", call.api, account.login);
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
        .filter(|it| token.kind != TokenKind::FineGrained || token.resource_owner.as_ref() == Some(&it.login))
        .map(|it| describe(call, it))
        .collect();
    let answer: Answer = call.page(organisations);
    Ok(match partial_results(call, &token) {
        Some(header) => answer.with("x-github-sso", header),
        None => answer,
    })
}
