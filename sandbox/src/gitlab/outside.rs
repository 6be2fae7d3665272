//! What the other forge says of what a request names. GitLab asks GitHub before it makes a project:
//! is the repository there for this token, does the address answer?
//!
//! Both forges live in one world, so GitHub's own routes are asked, without the wire between: what
//! they say, refusals and limits included, is what a client of theirs would hear. They are asked
//! before GitLab's route begins, because that one holds GitLab in its hand.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::parameters::Parameters;
use crate::github;
use crate::github::under;
use crate::http::{Answer, Request};
use crate::world::World;
use crate::world::gitlab::remote::Remote;

/// What was said.
#[derive(Debug, Clone)]
pub(super) enum Said {
    /// To `GET /repositories/{id}`, with the token that is to import it.
    Repository(Answer),
    /// To git's first question; why it cannot be fetched, if it cannot.
    Remote(Result<(), String>),
}

/// Where `https://github.com/…` leads: to the sandbox's own GitHub.
pub(super) const DOTCOM: &str = "https://github.com/";

fn get(path: String, query: &str, authorization: Option<String>, version: &str) -> Request {
    let mut headers = vec![("user-agent".to_owned(), format!("GitLab/{version}"))];
    headers.extend(authorization.map(|value| ("authorization".to_owned(), value)));
    Request { method: "GET".to_owned(), path, query: query.to_owned(), headers, body: Bytes::new() }
}

/// Asks GitHub, if the request names something there.
pub(super) fn ask(world: &mut World, request: &Request) -> Option<Said> {
    let path = under(under(&request.path, &world.settings.gitlab_base_path)?, "/api/v4")?;
    match (request.method.as_str(), path) {
        ("POST", "/import/github") => ask_for_repository(world, request),
        ("POST", "/projects") => ask_for_remote(world, request),
        _ => None,
    }
}

fn ask_for_repository(world: &mut World, request: &Request) -> Option<Said> {
    let mut sent = Parameters::of(request);
    let id = sent.number("repo_id")?;
    let token = sent.text("personal_access_token")?;
    // Without a host name it is github.com that is meant.
    let api = if sent.text("github_hostname").is_some() { "/api/v3" } else { "" };
    let path = format!("{}{api}/repositories/{id}", world.settings.github_base_path);
    let version = world.settings.gitlab_version.to_string();
    let asked = get(path, "", Some(format!("token {token}")), &version);
    Some(Said::Repository(github::answer(world, &asked, None)))
}

fn ask_for_remote(world: &mut World, request: &Request) -> Option<Said> {
    let url = Parameters::of(request).text("import_url")?;
    let remote = Remote::parse(&url).ok()?;
    let ours = format!("{}/", world.github_url);
    // Addresses elsewhere are not asked: whether they answer is found out when they are fetched.
    let rest = remote.url.strip_prefix(DOTCOM).or_else(|| remote.url.strip_prefix(&ours))?;
    let path = format!("{}/{}/info/refs", world.settings.github_base_path, rest.trim_end_matches('/'));
    let user = remote.credentials.user.unwrap_or_default();
    let authorization = remote
        .credentials
        .password
        .map(|password| format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
        // A token alone in the address is the user of it.
        .or_else(|| (!user.is_empty()).then(|| format!("Basic {}", STANDARD.encode(format!("{user}:")))));
    let version = world.settings.gitlab_version.to_string();
    let asked = get(path, "service=git-upload-pack", authorization, &version);
    let status = match github::git::enter(world, &asked) {
        Some(Ok(_)) => return Some(Said::Remote(Ok(()))),
        Some(Err(refusal)) => refusal.status,
        None => 404,
    };
    let words = match status {
        401 => "401 Unauthorized".to_owned(),
        403 => "403 Forbidden".to_owned(),
        404 => "404 Not Found".to_owned(),
        301 => "301 Moved Permanently".to_owned(),
        other => other.to_string(),
    };
    Some(Said::Remote(Err(words)))
}
