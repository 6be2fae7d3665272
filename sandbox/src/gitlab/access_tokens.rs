//! A project's access tokens: each has a bot of its own, who is a member with the role that the
//! token was given.
//!
//! Who may not see them hears 401, who may not make or revoke one 400. A token that bots use makes
//! no further tokens, and nobody makes one that may do more than they may.
//!
//! Sources: GitLab REST "Project access tokens", `lib/api/resource_access_tokens.rb`,
//! `ResourceAccessTokens::CreateService`.

use serde_json::{Value, json};

use super::groups::searched;
use super::parameters::Parameters;
use super::personal_access_tokens as personal;
use super::{Call, Handled, Needs, error, projects, rotation};
use crate::checksum;
use crate::http::Answer;
use crate::world::gitlab::{Project, Token, TokenKind, User, role};

const READ: Needs = Needs { scopes: &["api", "read_api"], permission: "Resource Access Token: Read" };
const CREATE: Needs = Needs { scopes: &["api"], permission: "Resource Access Token: Create" };
const DELETE: Needs = Needs { scopes: &["api"], permission: "Resource Access Token: Delete" };
const ROTATE: Needs = Needs { scopes: &["api"], permission: "Resource Access Token: Rotate" };

/// What a bot's token may be allowed.
const SCOPES: &[&str] = &[
    "api",
    "read_api",
    "read_repository",
    "write_repository",
    "read_registry",
    "write_registry",
    "read_virtual_registry",
    "write_virtual_registry",
    "create_runner",
    "manage_runner",
    "ai_features",
    "k8s_proxy",
    "self_rotate",
];

fn describe(call: &Call<'_>, project: &Project, token: &Token) -> Value {
    let mut body = personal::describe(call, token);
    body["access_level"] = json!(project.members.get(&token.user).copied());
    body
}

/// Keeps the user the project, by their role?
fn keeps(role: u8) -> bool {
    role >= role::MAINTAINER
}

fn enter(call: &Call<'_>, id: &str, needs: Needs) -> Result<(Project, User, u8), Answer> {
    let (_, user) = call.allowed(needs)?;
    let (project, role) = projects::find(call, id, Some(&user))?;
    Ok((project, user, role))
}

/// The project's token with this number.
fn token_of(call: &Call<'_>, project: &Project, id: &str) -> Option<Token> {
    let all = call.gitlab.tokens.iter();
    all.into_iter()
        .find(|token| {
            token.project == Some(project.id) && token.id.to_string() == id && token.kind == TokenKind::Project
        })
        .cloned()
}

fn not_found() -> Answer {
    error::message(404, "404 project Access Token Not Found")
}

/// `GET /projects/:id/access_tokens`
pub(super) fn list(call: &mut Call<'_>, id: &str) -> Handled {
    let (project, _, role) = enter(call, id, READ)?;
    if !keeps(role) {
        return Err(error::unauthorized());
    }
    let state = call.request.query("state");
    let revoked = call.request.query("revoked");
    let tokens = call
        .gitlab
        .tokens
        .iter()
        .filter(|token| token.project == Some(project.id))
        .filter(|token| searched(call, &token.name))
        .filter(|token| state.as_ref().is_none_or(|state| (state == "active") == token.is_alive(call.now)))
        .filter(|token| revoked.as_ref().is_none_or(|revoked| (revoked == "true") == token.revoked))
        .map(|token| describe(call, &project, token))
        .collect();
    Ok(call.page(tokens))
}

/// `GET /projects/:id/access_tokens/:token_id`
pub(super) fn show(call: &mut Call<'_>, id: &str, token: &str) -> Handled {
    let (project, _, role) = enter(call, id, READ)?;
    if !keeps(role) {
        return Err(error::unauthorized());
    }
    let token = token_of(call, &project, token).ok_or_else(not_found)?;
    Ok(Answer::json(200, &describe(call, &project, &token)))
}

/// `POST /projects/:id/access_tokens`
pub(super) fn create(call: &mut Call<'_>, id: &str) -> Handled {
    let (project, user, role) = enter(call, id, CREATE)?;
    let mut sent = Parameters::of(call.request);
    let name = sent.required("name");
    let scopes = sent.list("scopes");
    match &scopes {
        None => sent.complain("scopes is missing"),
        Some(scopes) if !scopes.iter().all(|scope| SCOPES.contains(&scope.as_str())) => {
            sent.complain("scopes does not have a valid value");
        }
        Some(_) => {}
    }
    let level = |word: &str| word.parse::<u8>().ok().filter(|level| matches!(level, 10 | 15 | 20 | 30 | 40 | 50));
    let access_level = sent.choice("access_level", level).unwrap_or(role::MAINTAINER);
    let description = sent.text("description");
    // Before 18 the date had to be named.
    if !call.version.reaches(18, 0) && sent.text("expires_at").is_none_or(|date| date.is_empty()) {
        sent.complain("expires_at is missing");
    }
    sent.finish()?;
    let expires_on = rotation::wanted_expiry(call, 365)?;
    if !keeps(role) || user.bot || !call.settings.project_tokens {
        return Err(error::bad_request("User does not have permission to create project access token"));
    }
    if access_level > role {
        return Err(error::bad_request("Access level of the token contains permissions not held by the creating user"));
    }
    let bot = call.gitlab.add_project_bot(project.id, &name, access_level);
    let id = call.gitlab.next_id();
    let token = Token {
        id,
        name,
        token: checksum::gitlab_routable(bot),
        kind: TokenKind::Project,
        user: bot,
        description,
        scopes: scopes.unwrap_or_default(),
        granted: None,
        created_at: call.now,
        last_used_at: None,
        expires_on: Some(expires_on),
        expires_at: None,
        revoked: false,
        family: id,
        project: Some(project.id),
    };
    call.gitlab.add_token(token.clone());
    let project = call.gitlab.project(project.id).cloned().ok_or_else(error::not_found)?;
    let mut body = describe(call, &project, &token);
    body["token"] = json!(token.token);
    Ok(Answer::json(201, &body))
}

/// `DELETE /projects/:id/access_tokens/:token_id`
pub(super) fn revoke(call: &mut Call<'_>, id: &str, token: &str) -> Handled {
    let (project, user, role) = enter(call, id, DELETE)?;
    let token = token_of(call, &project, token).ok_or_else(not_found)?;
    if !keeps(role) {
        let bot = call.gitlab.user(token.user).map_or_else(String::new, |bot| bot.name.clone());
        return Err(error::bad_request(&format!("{} cannot delete {bot}", user.name)));
    }
    if let Some(token) = call.gitlab.token_mut(&token.token) {
        token.revoked = true;
    }
    // The bot leaves with its token.
    if let Some(project) = call.gitlab.project_mut(project.id) {
        project.members.remove(&token.user);
    }
    Ok(Answer::empty(204))
}

fn rotated(call: &mut Call<'_>, project: &Project, old: &Token) -> Handled {
    let expires_on = rotation::wanted_expiry(call, 7)?;
    if old.revoked {
        return Err(error::bad_request("Token already revoked"));
    }
    let new = rotation::replace(call, old, expires_on);
    let mut body = describe(call, project, &new);
    body["token"] = json!(new.token);
    Ok(Answer::json(200, &body))
}

/// `POST /projects/:id/access_tokens/:token_id/rotate`: by somebody who keeps the project, and by
/// no bot. Only an administrator is told that there is no such token.
pub(super) fn rotate(call: &mut Call<'_>, id: &str, token: &str) -> Handled {
    let (project, user, role) = enter(call, id, ROTATE)?;
    let found = token_of(call, &project, token).filter(|token| keeps(role) && !token.is_expired(call.now));
    match found {
        Some(_) if user.bot => Err(error::unauthorized()),
        Some(token) => rotated(call, &project, &token),
        None if user.admin => Err(error::not_found()),
        None => Err(error::unauthorized()),
    }
}

/// `POST /projects/:id/access_tokens/self/rotate`: a project's token, by itself.
pub(super) fn rotate_self(call: &mut Call<'_>, id: &str) -> Handled {
    let old = call.token()?;
    let scopes: &'static [&'static str] = if call.version.reaches(17, 9) { &["api", "self_rotate"] } else { &["api"] };
    let (project, _, _) = enter(call, id, Needs { scopes, ..ROTATE })?;
    if old.project != Some(project.id) {
        return Err(error::message(405, "405 Method Not Allowed"));
    }
    rotated(call, &project, &old)
}
