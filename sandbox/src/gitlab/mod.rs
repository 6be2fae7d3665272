//! GitLab's REST API (`/api/v4`), and the one OAuth route beside it.
//!
//! Every answer passes through [`answer`], so that refusals too carry `X-Gitlab-Meta` and
//! `X-Request-Id`, by which clients tell that a GitLab is there before they send it a secret.
//!
//! Sources: GitLab's REST documentation, its OpenAPI description, and recorded exchanges with
//! GitLab 17.11, 18.11, 19.0 and 19.1.

mod access_tokens;
mod auth;
mod background;
pub(crate) mod error;
pub(crate) mod events;
pub(crate) mod git;
mod groups;
mod headers;
pub(crate) mod hooks;
mod import_github;
mod import_status;
mod integrations;
mod lint;
mod members;
mod metadata;
mod mirror;
mod namespaces;
mod oauth;
mod outside;
mod parameters;
mod personal_access_tokens;
mod pipelines;
mod projects;
mod report;
mod repository;
mod rotation;
mod time;
mod user;
mod variables;

use jiff::Timestamp;
use serde_json::Value;

use crate::github::under;
use crate::http::{Answer, Request};
use crate::world::gitlab::rotation::Noted;
use crate::world::gitlab::{Gitlab, Token, TokenKind, User};
use crate::world::version::Version;
use crate::world::{Settings, Tier, World, Write};
pub(crate) use auth::token_name;

/// A handler's answer; `Err` is one too, that of a refusal.
pub(crate) type Handled = Result<Answer, Answer>;

/// What a route asks of a token: one of the scopes, or a fine-grained permission.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Needs {
    pub scopes: &'static [&'static str],
    pub permission: &'static str,
}

/// One request on its way through the routes.
pub(crate) struct Call<'a> {
    pub gitlab: &'a mut Gitlab,
    pub request: &'a Request,
    pub now: Timestamp,
    pub version: Version,
    pub tier: Tier,
    /// The instance's address, with its base path.
    pub site: String,
    /// The path within the instance.
    pub path: String,
    pub rate_limits: bool,
    /// What was chosen before the start.
    pub settings: &'a Settings,
    /// GitHub's address, with its base path.
    pub github_url: String,
    /// What GitHub said of what the request names there.
    outside: Option<outside::Said>,
    /// Who is asking, or why the token that was sent is no good.
    pub caller: Result<Option<Token>, Answer>,
}

impl Call<'_> {
    /// The caller's token, of whatever scope, or GitLab's 401.
    pub fn token(&self) -> Result<Token, Answer> {
        self.caller.clone()?.ok_or_else(error::unauthorized)
    }

    /// The caller's token and user, if the token may do that.
    pub fn allowed(&self, needs: Needs) -> Result<(Token, User), Answer> {
        let token = self.token()?;
        auth::check(&token, needs)?;
        let user = self.gitlab.user(token.user).cloned().ok_or_else(error::unauthorized)?;
        Ok((token, user))
    }

    /// The caller's user, if the token may do that; nobody, if none was sent.
    pub fn viewer(&self, needs: Needs) -> Result<Option<User>, Answer> {
        match self.caller.clone()? {
            None => Ok(None),
            Some(_) => Ok(Some(self.allowed(needs)?.1)),
        }
    }

    /// The caller's access token: what OAuth tokens are not.
    pub fn access_token(&self) -> Result<Token, Answer> {
        let token = self.token()?;
        if token.kind == TokenKind::OAuth {
            return Err(error::bad_request("This endpoint requires token type to be a personal access token"));
        }
        Ok(token)
    }

    /// A list's page, with the headers that count it.
    pub fn page(&self, items: Vec<Value>) -> Answer {
        let page = self.request.page(20);
        let total = items.len();
        let last = page.last(total);
        let neighbour = |number: usize, there: bool| {
            if there { number.to_string() } else { String::new() }
        };
        let links = page.links(&format!("{}{}", self.site, self.path), &self.request.query, total);
        let answer = Answer::json(200, &Value::Array(page.cut(items)))
            .with("x-page", page.number.to_string())
            .with("x-per-page", page.size.to_string())
            .with("x-next-page", neighbour(page.number + 1, page.number < last))
            .with("x-prev-page", neighbour(page.number.saturating_sub(1), page.number > 1))
            .with("x-total", total.to_string())
            .with("x-total-pages", last.to_string());
        match links {
            Some(links) => answer.with("link", links),
            None => answer,
        }
    }
}

/// Answers a request. `instead` is what a fault puts in place of the route's own answer.
pub(crate) fn answer(world: &mut World, request: &Request, instead: Option<Answer>) -> Answer {
    let number = world.next_answer();
    let Some(path) = under(&request.path, &world.settings.gitlab_base_path) else {
        return Answer::text(404, "text/html", "<html><head><title>404 Not Found</title></head></html>\n")
            .with("server", "nginx");
    };
    background::look_at_the_clock(world);
    let said = instead.is_none().then(|| outside::ask(world, request)).flatten();
    let mut call = Call {
        now: world.clock.now(),
        gitlab: &mut world.gitlab,
        request,
        version: world.settings.gitlab_version,
        tier: world.settings.tier,
        site: world.gitlab_url.clone(),
        path: path.to_owned(),
        rate_limits: world.settings.rate_limits,
        settings: &world.settings,
        github_url: world.github_url.clone(),
        outside: said,
        caller: Ok(None),
    };
    call.caller = auth::authenticate(&mut call);
    let own = instead.is_none();
    let answer = match (headers::count(&mut call), instead) {
        (Err(too_many), _) => too_many,
        (Ok(()), Some(answer)) => answer,
        (Ok(()), None) => route(&mut call).unwrap_or_else(|refusal| refusal),
    };
    if own {
        let by = call.caller.as_ref().ok().and_then(Option::as_ref).map(|token| &token.name);
        let path = under(&call.path, "/api/v4").unwrap_or(&call.path);
        let write = Write::of(&request.method, path, by, answer.status);
        call.gitlab.writes.extend(write);
    }
    let answer = headers::complete(&call, answer, number);
    background::start(world);
    answer
}

fn route(call: &mut Call<'_>) -> Handled {
    let segments = Request::segments(&call.path);
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let method = if call.request.method == "HEAD" { "GET" } else { &call.request.method };
    match (method, segments.as_slice()) {
        ("GET", ["oauth", "token", "info"]) => oauth::info(call),
        (method, ["api", "v4", "projects", id, rest @ ..]) => project(call, method, id, rest),
        (method, ["api", "v4", rest @ ..]) => match (method, rest) {
            ("GET", ["version"]) => metadata::version(call),
            ("GET", ["metadata"]) => metadata::show(call),
            ("GET", ["user"]) => user::show(call),
            ("GET", ["personal_access_tokens", "self"]) => personal_access_tokens::show_self(call),
            ("DELETE", ["personal_access_tokens", "self"]) => personal_access_tokens::revoke_self(call),
            ("GET", ["personal_access_tokens", "self", "associations"]) => personal_access_tokens::associations(call),
            ("POST", ["personal_access_tokens", "self", "rotate"]) => rotation::rotate_self(call),
            ("POST", ["personal_access_tokens", id, "rotate"]) => rotation::rotate(call, id),
            ("GET", ["personal_access_tokens", id]) => personal_access_tokens::show(call, id),
            ("GET", ["groups"]) => groups::list(call),
            ("GET", ["groups", id]) => groups::show(call, id),
            (_, ["groups", id, "hooks", rest @ ..]) => hooks::route(call, method, hooks::Of::Groups, id, rest),
            (_, ["groups", id, "variables", rest @ ..]) => {
                variables::route(call, method, variables::Of::Group(id), rest)
            }
            (_, ["groups", id, "access_tokens", rest @ ..]) => {
                access_tokens::route(call, method, access_tokens::Of::Groups, id, rest)
            }
            (_, ["admin", "ci", "variables", rest @ ..]) => {
                variables::route(call, method, variables::Of::Instance, rest)
            }
            ("GET", ["groups", id, "projects"]) => projects::of_group(call, id),
            ("GET", ["groups", id, "members", "all", user]) => members::of_group(call, id, user),
            ("POST", ["import", "github"]) => import_github::begin(call),
            ("POST", ["import", "github", "cancel"]) => import_github::cancel(call),
            ("GET", ["projects"]) => projects::list(call),
            ("POST", ["projects"]) => projects::create(call),
            ("GET", ["namespaces"]) => namespaces::list(call),
            ("GET", ["namespaces", id]) => namespaces::show(call, id),
            ("GET", ["namespaces", path, "exists"]) => namespaces::exists(call, path),
            _ => Err(error::no_such_route()),
        },
        _ => Err(error::no_such_page()),
    }
}

/// `/projects/:id` and what lies below.
fn project(call: &mut Call<'_>, method: &str, id: &str, rest: &[&str]) -> Handled {
    match (method, rest) {
        ("GET", []) => projects::show(call, id),
        ("PUT", []) => projects::edit(call, id),
        ("DELETE", []) => projects::remove(call, id),
        (_, ["access_tokens", rest @ ..]) => access_tokens::route(call, method, access_tokens::Of::Projects, id, rest),
        ("GET", ["ci", "lint"]) => lint::committed(call, id),
        ("POST", ["ci", "lint"]) => lint::validate(call, id),
        (_, ["hooks", rest @ ..]) => hooks::route(call, method, hooks::Of::Projects, id, rest),
        ("GET", ["import"]) => import_status::show(call, id),
        ("GET", ["integrations" | "services", "github"]) => integrations::show(call, id),
        ("PUT", ["integrations" | "services", "github"]) => integrations::set(call, id),
        ("DELETE", ["integrations" | "services", "github"]) => integrations::remove(call, id),
        ("GET", ["members", "all", user]) => members::of_project(call, id, user),
        ("GET", ["mirror", "pull"]) => mirror::show(call, id),
        ("PUT", ["mirror", "pull"]) => mirror::configure(call, id),
        ("POST", ["mirror", "pull"]) => mirror::trigger(call, id),
        ("GET", ["pipelines"]) => pipelines::list(call, id),
        ("GET", ["pipelines", pipeline]) => pipelines::show(call, id, pipeline),
        ("GET", ["repository", "branches"]) => repository::branches(call, id),
        ("GET", ["repository", "branches", branch]) => repository::branch(call, id, branch),
        ("GET", ["repository", "commits", sha]) => repository::commit(call, id, sha),
        ("GET", ["repository", "commits", sha, "statuses"]) => repository::statuses(call, id, sha),
        ("GET", ["repository", "files", path]) => repository::file(call, id, path, false),
        ("GET", ["repository", "files", path, "raw"]) => repository::file(call, id, path, true),
        (_, ["variables", rest @ ..]) => variables::route(call, method, variables::Of::Project(id), rest),
        _ => Err(error::no_such_route()),
    }
}

/// Writes down a request that asks for a rotation, as soon as it comes.
pub(crate) fn note_rotation(gitlab: &mut Gitlab, request: &Request, base_path: &str) -> Option<Noted> {
    let path = route_path(&request.path, base_path);
    let which = auth::rotated(path).filter(|_| request.method == "POST")?;
    let sent = auth::sent_token(request).map(|(token, _)| token);
    Some(gitlab.note_rotation(path, sent.as_deref(), which))
}

/// Is this a path that asks for a rotation?
pub(crate) fn is_rotation(path: &str) -> bool {
    auth::rotated(path).is_some()
}

/// The path by which faults match: without the base path, and without `/api/v4`.
pub(crate) fn route_path<'a>(path: &'a str, base_path: &str) -> &'a str {
    let path = under(path, base_path).unwrap_or(path);
    under(path, "/api/v4").unwrap_or(path)
}
