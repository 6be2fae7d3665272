//! GitHub's REST API, in both of its shapes.
//!
//! One port serves `api.github.com` at its root and an Enterprise Server under `/api/v3`: the same
//! world, but other rules on versions, rate limits and revocation. Every answer passes through
//! [`answer`], so the headers that a client relies upon are on errors too, as at GitHub.
//!
//! Sources: GitHub REST documentation and OpenAPI description (2022-11-28), and the recorded
//! traffic in the test suites of PyGithub, github-api and octokit.

mod access;
mod auth;
mod credentials;
pub(crate) mod error;
pub(crate) mod events;
pub(crate) mod git;
mod headers;
mod hooks;
mod installation;
mod meta;
mod orgs;
mod rate_limit;
mod repos;
mod repository;
mod root;
mod scene;
mod secrets;
mod user;
mod versions;

use jiff::Timestamp;
use serde_json::Value;

use crate::http::{Answer, Request};
use crate::work::Work;
use crate::world::github::{Account, Github, Token};
use crate::world::version::Version;
use crate::world::{World, Write};
pub(crate) use auth::{login_locked, token_name};
use scene::{Addresses, Scene};

/// Which GitHub is being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Dotcom,
    EnterpriseServer(Version),
}

/// A handler's answer; `Err` is one too, that of a refusal.
pub(crate) type Handled = Result<Answer, Answer>;

/// One request on its way through the routes.
pub(crate) struct Call<'a> {
    pub github: &'a mut Github,
    pub request: &'a Request,
    pub now: Timestamp,
    pub shape: Shape,
    /// `https://api.github.com`, or `https://HOST/api/v3`: what links begin with.
    pub api: String,
    /// `https://github.com` or `https://HOST`: what pages for people begin with.
    pub site: String,
    /// The path within the API.
    pub path: String,
    pub rate_limits: bool,
    pub login_lock: Option<u32>,
    pub hook_limit: usize,
    pub refuse_local_hooks: bool,
    /// Where that is done which goes on behind the answer.
    pub work: Work,
    /// The API version that was asked for, or the default.
    pub version: &'static str,
    /// The token that was sent and is good.
    pub caller: Option<Token>,
    /// What this route would accept; told in headers.
    accepted_scopes: Option<&'static str>,
    accepted_permissions: Option<&'static str>,
}

impl Call<'_> {
    /// What links of answers to this request begin with.
    fn scene(&self) -> Scene<'_> {
        Scene { github: self.github, api: &self.api, site: &self.site, newest: self.version == versions::NEWEST }
    }

    /// The caller's token, or GitHub's 401.
    pub fn token(&self) -> Result<Token, Answer> {
        self.caller.clone().ok_or_else(error::requires_authentication)
    }

    /// The caller's account.
    pub fn account(&self) -> Result<(Token, Account), Answer> {
        let token = self.token()?;
        let account = self.github.account(&token.login).cloned().ok_or_else(error::bad_credentials)?;
        Ok((token, account))
    }

    /// Says what the route wants: for classic tokens and for those with permissions.
    pub fn accepts(&mut self, scopes: &'static str, permissions: &'static str) {
        self.accepted_scopes = Some(scopes);
        self.accepted_permissions = Some(permissions);
    }

    /// The body, which is a JSON object; one without anything if there is none.
    pub fn body(&self) -> Result<Value, Answer> {
        if self.request.body.is_empty() {
            return Ok(Value::Object(serde_json::Map::new()));
        }
        let body: Value = serde_json::from_slice(&self.request.body).map_err(|_| error::problems_parsing_json())?;
        if body.is_object() { Ok(body) } else { Err(error::refusal(400, "Body should be a JSON object")) }
    }

    /// The page of a list that is counted inside an object, under a name of its own.
    pub fn counted_page(&self, name: &str, total: usize, items: Vec<Value>) -> Answer {
        let page = self.page(items);
        let items: Value = serde_json::from_slice(&page.body).unwrap_or_default();
        let mut body = serde_json::Map::new();
        body.insert("total_count".to_owned(), total.into());
        body.insert(name.to_owned(), items);
        Answer { body: Value::Object(body).to_string().into(), ..page }
    }

    /// A list's page with its `Link` header.
    pub fn page(&self, items: Vec<Value>) -> Answer {
        let page = self.request.page(30);
        let total = items.len();
        let url = format!("{}{}", self.api, self.path);
        let answer = Answer::json(200, &Value::Array(page.cut(items)));
        match page.links(&url, &self.request.query, total) {
            Some(links) => answer.with("link", links),
            None => answer,
        }
    }
}

/// A request at the beginning of its way; `None` if it is for nothing that is GitHub's.
fn begin<'a>(world: &'a mut World, request: &'a Request) -> Option<Call<'a>> {
    let path = under(&request.path, &world.settings.github_base_path)?;
    let (shape, path) = match under(path, "/api/v3") {
        Some(rest) => (Shape::EnterpriseServer(world.settings.ghes_version), rest),
        None => (Shape::Dotcom, path),
    };
    let addresses = Addresses::of(&world.github_url, shape != Shape::Dotcom);
    Some(Call {
        now: world.clock.now(),
        github: &mut world.github,
        request,
        shape,
        api: addresses.api,
        site: addresses.site,
        path: path.to_owned(),
        rate_limits: world.settings.rate_limits && shape == Shape::Dotcom,
        login_lock: world.settings.login_lock,
        hook_limit: world.settings.hook_limit.unwrap_or(if shape == Shape::Dotcom { 20 } else { 250 }),
        refuse_local_hooks: world.settings.refuse_local_hooks,
        work: world.work.clone(),
        version: versions::OLDEST,
        caller: None,
        accepted_scopes: None,
        accepted_permissions: None,
    })
}

/// Answers a request. `instead` is what a fault puts in place of the route's own answer.
pub(crate) fn answer(world: &mut World, request: &Request, instead: Option<Answer>) -> Answer {
    let number = world.next_answer();
    let Some(mut call) = begin(world, request) else {
        return nothing_here();
    };
    let own = instead.is_none();
    let answer = handle(&mut call, instead).unwrap_or_else(|refusal| refusal);
    if own {
        let by = call.caller.as_ref().map(|token| &token.name);
        let write = Write::of(&request.method, &call.path, by, answer.status);
        call.github.writes.extend(write);
    }
    headers::complete(&mut call, answer, number)
}

fn handle(call: &mut Call<'_>, instead: Option<Answer>) -> Handled {
    auth::user_agent(call)?;
    call.version = versions::selected(call)?;
    auth::authenticate(call)?;
    rate_limit::count(call)?;
    match instead {
        Some(answer) => {
            // Who is told that they are unknown is told nothing of their token.
            if answer.status == 401 {
                call.caller = None;
            }
            Ok(answer)
        }
        None => route(call),
    }
}

fn route(call: &mut Call<'_>) -> Handled {
    let segments = Request::segments(&call.path);
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    // GitHub answers HEAD wherever it answers GET; the server leaves the body out.
    let request = call.request;
    let method = if request.method == "HEAD" { "GET" } else { request.method.as_str() };
    // The path of contents may be empty, and clients then write it so.
    if call.path.len() > 1 && call.path.ends_with('/') && !call.path.ends_with("/contents/") {
        return Err(error::not_found());
    }
    match (method, segments.as_slice()) {
        ("GET", []) => root::show(call),
        ("GET", ["meta"]) => meta::show(call),
        ("GET", ["versions"]) => versions::list(call),
        ("GET", ["rate_limit"]) => rate_limit::show(call),
        ("GET", ["user"]) => user::show(call),
        ("GET", ["user", "repos"]) => repos::mine(call),
        ("GET", ["user", "orgs"]) => orgs::mine(call),
        ("GET", ["user", "memberships", "orgs", org]) => orgs::my_membership(call, org),
        ("GET", ["orgs", org]) => orgs::show(call, org),
        (method, ["orgs", org, "hooks", rest @ ..]) => orgs::hooks(call, method, org, rest),
        (method, ["orgs", org, "actions", "secrets", rest @ ..]) => orgs::secrets(call, method, org, rest),
        ("GET", ["orgs", org, "memberships", login]) => orgs::membership(call, org, login),
        (method, ["repos", owner, name, rest @ ..]) => repository::by_name(call, method, owner, name, rest),
        (method, ["repositories", id, rest @ ..]) => repository::by_id(call, method, id, rest),
        ("POST", ["credentials", "revoke"]) => credentials::revoke(call),
        ("DELETE", ["installation", "token"]) => installation::revoke_token(call),
        _ => Err(error::not_found()),
    }
}

/// The rest of `path` below `prefix`, if it is below.
pub(crate) fn under<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    path.strip_prefix(prefix).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The path by which faults match: without the base path, and without `/api/v3`.
pub(crate) fn route_path<'a>(path: &'a str, base_path: &str) -> &'a str {
    let path = under(path, base_path).unwrap_or(path);
    under(path, "/api/v3").unwrap_or(path)
}

/// What a web server says outside the base path: no forge is there, and no forge's header.
fn nothing_here() -> Answer {
    Answer::text(404, "text/html", "<html><head><title>404 Not Found</title></head></html>\n").with("server", "nginx")
}
