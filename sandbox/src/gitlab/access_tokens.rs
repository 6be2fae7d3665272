//! Access tokens of projects and groups: each has a bot of its own, who is a member with the role that the
//! token was given.
//!
//! A project's are its maintainers', a group's its owners'. Who may not see them hears 401, who may not make or revoke
//! one 400. A token that bots use makes no further tokens, and nobody makes one that may do more than they may.
//!
//! Sources: GitLab REST "Project access tokens" and "Group access tokens", `lib/api/resource_access_tokens.rb`,
//! `ResourceAccessTokens::CreateService`, `ProjectAccessTokens::RotateService`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::groups::searched;
use super::parameters::Parameters;
use super::personal_access_tokens as personal;
use super::{Call, Handled, Needs, error, groups, projects, rotation};
use crate::checksum;
use crate::http::Answer;
use crate::world::gitlab::{Token, TokenKind, User, role};

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

/// What has tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Projects,
    Groups,
}

impl Of {
    /// As refusals call it.
    fn name(self) -> &'static str {
        match self {
            Self::Projects => "project",
            Self::Groups => "group",
        }
    }

    fn kind(self) -> TokenKind {
        match self {
            Self::Projects => TokenKind::Project,
            Self::Groups => TokenKind::Group,
        }
    }

    /// The number of the place that a token belongs to, if it is one of these.
    fn place_of(self, token: &Token) -> Option<u64> {
        match self {
            Self::Projects => token.project,
            Self::Groups => token.group,
        }
    }
}

/// A project or a group that the caller has found.
struct Entered {
    of: Of,
    id: u64,
    members: BTreeMap<u64, u8>,
    user: User,
    role: u8,
}

impl Entered {
    /// Keeps the caller the place, by their role?
    fn keeps(&self) -> bool {
        let least = match self.of {
            Of::Projects => role::MAINTAINER,
            Of::Groups => role::OWNER,
        };
        self.role >= least
    }

    fn has(&self, token: &Token) -> bool {
        self.of.place_of(token) == Some(self.id)
    }

    fn describe(&self, call: &Call<'_>, token: &Token) -> Value {
        let mut body = personal::describe(call, token);
        body["access_level"] = json!(self.members.get(&token.user).copied());
        body
    }

    /// The same with the token itself, as it is told once.
    fn tell(&self, call: &Call<'_>, status: u16, token: &Token) -> Answer {
        let mut body = self.describe(call, token);
        body["token"] = json!(token.token);
        Answer::json(status, &body)
    }

    /// The token with this number.
    fn token(&self, call: &Call<'_>, id: &str) -> Option<Token> {
        let known = |token: &&Token| self.has(token) && token.id.to_string() == id && token.kind == self.of.kind();
        call.gitlab.tokens.iter().find(known).cloned()
    }

    fn not_found(&self) -> Answer {
        error::message(404, &format!("404 {} Access Token Not Found", self.of.name()))
    }
}

/// `…/access_tokens` of a project or a group, and what lies below. Rotating came with 16.0, and a token's rotating of
/// itself with 17.9: before, `self` was no number that any token has.
pub(super) fn route(call: &mut Call<'_>, method: &str, of: Of, id: &str, rest: &[&str]) -> Handled {
    match (method, rest) {
        ("GET", []) => list(call, of, id),
        ("POST", []) => create(call, of, id),
        ("GET", [token]) => show(call, of, id, token),
        ("DELETE", [token]) => revoke(call, of, id, token),
        ("POST", ["self", "rotate"]) if call.version.reaches(17, 9) => rotate_self(call, of, id),
        ("POST", [token, "rotate"]) if call.version.reaches(16, 0) => rotate(call, of, id, token),
        _ => Err(error::no_such_route()),
    }
}

fn enter(call: &Call<'_>, of: Of, id: &str, needs: Needs) -> Result<Entered, Answer> {
    let (_, user) = call.allowed(needs)?;
    let (id, members, role) = match of {
        Of::Projects => {
            let (project, role) = projects::find(call, id, Some(&user))?;
            (project.id, project.members, role)
        }
        Of::Groups => {
            let (group, role) = groups::find(call, id, Some(&user))?;
            (group.id, group.members, role)
        }
    };
    Ok(Entered { of, id, members, user, role })
}

/// `GET …/access_tokens`
fn list(call: &mut Call<'_>, of: Of, id: &str) -> Handled {
    let place = enter(call, of, id, READ)?;
    if !place.keeps() {
        return Err(error::unauthorized());
    }
    let state = call.request.query("state");
    let revoked = call.request.query("revoked");
    let tokens = call
        .gitlab
        .tokens
        .iter()
        .filter(|token| place.has(token))
        .filter(|token| searched(call, &token.name))
        .filter(|token| state.as_ref().is_none_or(|state| (state == "active") == token.is_alive(call.now)))
        .filter(|token| revoked.as_ref().is_none_or(|revoked| (revoked == "true") == token.revoked))
        .map(|token| place.describe(call, token))
        .collect();
    Ok(call.page(tokens))
}

/// `GET …/access_tokens/:token_id`
fn show(call: &mut Call<'_>, of: Of, id: &str, token: &str) -> Handled {
    let place = enter(call, of, id, READ)?;
    if !place.keeps() {
        return Err(error::unauthorized());
    }
    let token = place.token(call, token).ok_or_else(|| place.not_found())?;
    Ok(Answer::json(200, &place.describe(call, &token)))
}

/// `POST …/access_tokens`
fn create(call: &mut Call<'_>, of: Of, id: &str) -> Handled {
    let mut place = enter(call, of, id, CREATE)?;
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
    if !place.keeps() || place.user.bot || !call.settings.project_tokens {
        let words = format!("User does not have permission to create {} access token", of.name());
        return Err(error::bad_request(&words));
    }
    if access_level > place.role {
        return Err(error::bad_request("Access level of the token contains permissions not held by the creating user"));
    }
    let (project, group) = match of {
        Of::Projects => (Some(place.id), None),
        Of::Groups => (None, Some(place.id)),
    };
    let bot = match of {
        Of::Projects => call.gitlab.add_project_bot(place.id, &name, access_level),
        Of::Groups => call.gitlab.add_group_bot(place.id, &name, access_level),
    };
    place.members.insert(bot, access_level);
    let id = call.gitlab.next_id();
    let token = Token {
        id,
        name,
        token: checksum::gitlab_routable(bot),
        kind: of.kind(),
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
        project,
        group,
    };
    call.gitlab.add_token(token.clone());
    Ok(place.tell(call, 201, &token))
}

/// `DELETE …/access_tokens/:token_id`
fn revoke(call: &mut Call<'_>, of: Of, id: &str, token: &str) -> Handled {
    let place = enter(call, of, id, DELETE)?;
    let token = place.token(call, token).ok_or_else(|| place.not_found())?;
    if !place.keeps() {
        let bot = call.gitlab.user(token.user).map_or_else(String::new, |bot| bot.name.clone());
        return Err(error::bad_request(&format!("{} cannot delete {bot}", place.user.name)));
    }
    if let Some(token) = call.gitlab.token_mut(&token.token) {
        token.revoked = true;
    }
    // The bot leaves with its token.
    let members = match of {
        Of::Projects => call.gitlab.project_mut(place.id).map(|it| &mut it.members),
        Of::Groups => call.gitlab.group_mut(place.id).map(|it| &mut it.members),
    };
    if let Some(members) = members {
        members.remove(&token.user);
    }
    Ok(Answer::empty(204))
}

fn rotated(call: &mut Call<'_>, place: &Entered, old: &Token) -> Handled {
    let expires_on = rotation::wanted_expiry_of_rotation(call)?;
    if old.revoked {
        return Err(error::bad_request("Token already revoked"));
    }
    let new = rotation::replace(call, old, expires_on);
    Ok(place.tell(call, 200, &new))
}

/// `POST …/access_tokens/:token_id/rotate`: by somebody who keeps the place, and by no bot. Only an administrator is
/// told that there is no such token.
fn rotate(call: &mut Call<'_>, of: Of, id: &str, token: &str) -> Handled {
    let place = enter(call, of, id, ROTATE)?;
    let found = place.token(call, token).filter(|token| place.keeps() && !token.is_expired(call.now));
    match found {
        Some(_) if place.user.bot => Err(error::unauthorized()),
        Some(token) => rotated(call, &place, &token),
        None if place.user.admin => Err(error::not_found()),
        None => Err(error::unauthorized()),
    }
}

/// `POST …/access_tokens/self/rotate`: a project's or a group's token, by itself.
fn rotate_self(call: &mut Call<'_>, of: Of, id: &str) -> Handled {
    let old = call.token()?;
    let place = enter(call, of, id, Needs { scopes: rotation::scopes_for_self(call), ..ROTATE })?;
    if !place.has(&old) {
        return Err(error::message(405, "405 Method Not Allowed"));
    }
    rotated(call, &place, &old)
}
