//! A place that the forge does not show: it says 404 to all of these, so they are listed.

use crate::model::{TokenKind, scope};

use super::{Case, Error, Place, Rights, rights};

/// GitHub shows no repository of that name to this token.
pub(super) fn repository(case: &Case<'_>, owner: &str, name: &str) -> Error {
    let login = case.said.account.as_ref().map(|account| account.login.as_str());
    let own = login.is_some_and(|login| login.eq_ignore_ascii_case(owner));
    let full_name = format!("{owner}/{name}");
    let mut list = Vec::new();
    let page = case.host.page("settings/personal-access-tokens");
    match (&case.said.kind, rights(case.connection.forge, &case.said)) {
        (TokenKind::AppInstallation | TokenKind::AppUser, _) => {
            list.push(format!("the app must be installed for {owner}, with {full_name} selected"));
        }
        (_, Rights::Permissions) => {
            list.push(format!("the token's resource owner must be {owner}: one token has one, see {page}"));
            list.push(format!("\"Only select repositories\" must include {full_name}"));
            if !own {
                list.push(format!("if {owner} is an organisation, its owner may still have to approve the token"));
                let whose = login.unwrap_or("the account");
                list.push(format!(
                    "{whose} must be a member: outside collaborators need a classic token (`connect new-token github{} --classic`)",
                    case.host.flag()
                ));
            }
        }
        (_, Rights::Scopes(has)) => {
            if scope::giver(case.connection.forge, has, "repo").is_none() {
                list.push(format!("a private repository needs the scope `repo`; the token has {}", listed(has)));
            }
            if !own {
                list.push(format!("{} must be a member of {owner}, or a collaborator", login.unwrap_or("the account")));
            }
        }
    }
    if !own {
        let tokens = case.host.page("settings/tokens");
        list.push(format!(
            "if {owner} uses single sign-on, the token must be authorised: \"Configure SSO\" on {tokens}"
        ));
    }
    list.push("it may be spelt otherwise, renamed, or deleted".to_owned());
    Error::Hidden { connection: case.connection.name.clone(), what: "repository", path: full_name, checklist: list }
}

fn listed(scopes: &[String]) -> String {
    if scopes.is_empty() { "none".to_owned() } else { format!("`{}`", scopes.join("`, `")) }
}

/// GitLab shows neither a project nor a group of that path.
pub(super) fn gitlab(case: &Case<'_>, place: &Place) -> Error {
    let path = place.path();
    let kind = case.connection.token.as_ref().map(|token| &token.kind);
    let mut list = Vec::new();
    match kind {
        Some(TokenKind::Project) => list.push("a project's token reaches its own project and no other".to_owned()),
        Some(TokenKind::Group) => list.push("a group's token reaches what is in its own group and no other".to_owned()),
        Some(TokenKind::Granular) => list.push(format!("the token's grant must include {path}")),
        _ => {
            let login = case.connection.account.as_ref().map_or("the account", |account| account.login.as_str());
            list.push(format!("{login} must be a member of {path} or of a group above it"));
        }
    }
    list.push("the full path is needed, with all groups: `group/subgroup/project`".to_owned());
    list.push("it may be spelt otherwise, moved, or deleted".to_owned());
    let what = match place {
        Place::Group(_) => "group",
        _ => "project",
    };
    Error::Hidden { connection: case.connection.name.clone(), what, path, checklist: list }
}
