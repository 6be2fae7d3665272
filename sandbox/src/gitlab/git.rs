//! A project's git over HTTP: `/{namespace}/{project}.git/…`, with a token as the password.
//!
//! Any user name goes with an access token; an OAuth token's is `oauth2`. To fetch takes
//! `read_repository` (`api` and `read_api` have it) and a reporter; to push takes
//! `write_repository` or `api` and a developer, and to push to the default branch, which is
//! protected, a maintainer. Without `.git` the address redirects.
//!
//! Sources: GitLab docs "Personal access tokens" (scopes), "Roles and permissions", "Protected
//! branches"; `git_access.rb` for the words.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{auth, background, error, pipelines};
use crate::git::Visit;
use crate::git::http::{Wanted, refused, wanted};
use crate::github::under;
use crate::http::{Answer, Request};
use crate::world::gitlab::task::{News, Task};
use crate::world::gitlab::{Project, Token, TokenKind, role};
use crate::world::{World, Write};

const READ: &[&str] = &["api", "read_api", "read_repository", "write_repository"];
const WRITE: &[&str] = &["api", "write_repository"];

/// What git shows its user.
fn say(status: u16, words: &str) -> Answer {
    Answer::text(status, "text/plain; charset=utf-8", format!("{words}\n"))
}

/// Who are you?
fn denied(site: &str) -> Answer {
    say(
        401,
        &format!(
            "HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect \
             or you're required to use a token instead of a password. If a token was provided, it was either \
             incorrect, expired, or improperly scoped. See \
             {site}/help/topics/git/troubleshooting_git.md#error-on-git-fetch-http-basic-access-denied"
        ),
    )
    .with("www-authenticate", "Basic realm=\"GitLab\"")
}

fn not_found() -> Answer {
    say(404, "The project you were looking for could not be found or you don't have permission to view it.")
}

/// User and password, as git sends them.
pub(super) fn sent(request: &Request) -> Option<(String, String)> {
    let (scheme, pair) = request.header("authorization")?.split_once(' ')?;
    let pair = String::from_utf8(STANDARD.decode(pair.trim()).ok()?).ok()?;
    let (user, password) = pair.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| (user.to_owned(), password.to_owned()))
}

/// Lets a request to a project's git in, or refuses it; `None` if it is none.
pub(crate) fn enter(world: &mut World, request: &Request) -> Option<Result<Visit, Answer>> {
    let path = under(&request.path, &world.settings.gitlab_base_path)?;
    let wanted = wanted(request, path)?;
    if wanted.repository.starts_with("api/v4/") {
        return None;
    }
    if !wanted.dot_git {
        let location = format!("{}/{}.git{}", world.gitlab_url, wanted.repository, wanted.rest());
        return Some(Err(error::moved(&location)));
    }
    Some(may(world, request, wanted))
}

/// The token of the request: none, or a good one.
fn authenticate(world: &mut World, request: &Request) -> Result<Option<Token>, Answer> {
    if request.header("authorization").is_none() {
        return Ok(None);
    }
    let now = world.clock.now();
    let site = world.gitlab_url.clone();
    let (user, password) = sent(request).ok_or_else(|| denied(&site))?;
    let token = world.gitlab.token_mut(&password).ok_or_else(|| denied(&site))?;
    let fits = token.kind != TokenKind::OAuth || user == "oauth2";
    if !fits || !token.is_alive(now) || user.is_empty() {
        return Err(denied(&site));
    }
    auth::note_use(token, now);
    Ok(Some(token.clone()))
}

/// Has the token one of the scopes, or the fine-grained permission?
fn grants(token: &Token, scopes: &[&str], permission: &str) -> bool {
    match &token.granted {
        Some(granted) => granted.iter().any(|granted| granted == permission),
        None => token.scopes.iter().any(|scope| scopes.contains(&scope.as_str())),
    }
}

/// The project that is at this path, or once was.
fn find<'a>(world: &'a World, path: &str) -> Option<(&'a Project, bool)> {
    let projects = &world.gitlab.projects;
    let here = projects.iter().find(|project| project.full_path.eq_ignore_ascii_case(path));
    let was = |project: &&Project| project.former_paths.iter().any(|former| former.eq_ignore_ascii_case(path));
    here.map(|project| (project, false)).or_else(|| projects.iter().find(was).map(|project| (project, true)))
}

fn may(world: &mut World, request: &Request, wanted: Wanted) -> Result<Visit, Answer> {
    let site = world.gitlab_url.clone();
    let token = authenticate(world, request)?;
    // A token that is good for nothing here is as good as none.
    if token.as_ref().is_some_and(|token| !grants(token, READ, "Code: Read") && !grants(token, WRITE, "Code: Push")) {
        return Err(denied(&site));
    }
    let user = token.as_ref().and_then(|token| world.gitlab.user(token.user).cloned());
    let hidden = || if token.is_none() { denied(&site) } else { not_found() };
    let (project, former) = find(world, &wanted.repository).ok_or_else(hidden)?;
    let role = match &user {
        Some(user) if user.admin => role::OWNER,
        Some(user) => world.gitlab.role_in_project(user.id, project),
        None => 0,
    };
    let open = project.visibility.open_to(user.is_some());
    if role == 0 && !open {
        return Err(hidden());
    }
    if former {
        return Err(error::moved(&format!("{site}/{}.git{}", project.full_path, wanted.rest())));
    }
    if role < role::REPORTER && !open {
        return Err(say(403, "You are not allowed to download code from this project."));
    }
    let mut visit = Visit::new(project.git()?, wanted, project.id, request);
    visit.user = user.map(|user| user.username);
    visit.token = token.as_ref().map(|token| token.name.clone());
    if visit.wanted.writes() {
        let token = token.as_ref().ok_or_else(|| denied(&site))?;
        may_push(project, token, role, &visit)?;
    }
    Ok(visit)
}

fn may_push(project: &Project, token: &Token, role: u8, visit: &Visit) -> Result<(), Answer> {
    if !grants(token, WRITE, "Code: Push") {
        return Err(say(403, "You are not allowed to upload code."));
    }
    if role < role::DEVELOPER {
        return Err(say(403, "You are not allowed to push code to this project."));
    }
    if project.archived {
        return Err(say(403, "You can't push code to an archived project."));
    }
    let protected = format!("refs/heads/{}", project.default_branch);
    let touched = visit.push.commands.iter().find(|command| command.name == protected);
    let beginning = visit.repo.branches()?.is_empty();
    match touched {
        // Who may push makes the first commit, and protects the branch by that.
        Some(_) if role < role::MAINTAINER && !beginning => Err(refused(
            &visit.push,
            "pre-receive hook declined",
            "GitLab: You are not allowed to push code to protected branches on this project.",
        )),
        Some(command) if command.new == crate::git::NOWHERE => Err(refused(
            &visit.push,
            "pre-receive hook declined",
            "GitLab: The default branch of a project cannot be deleted.",
        )),
        _ => Ok(()),
    }
}

/// What comes after git's work.
pub(crate) fn leave(world: &mut World, visit: &Visit, answer: Answer) -> Answer {
    let updates = visit.updates();
    if updates.is_empty() {
        return answer;
    }
    let path = format!("/{}.git{}", visit.wanted.repository, visit.wanted.rest());
    world.gitlab.writes.extend(Write::of("POST", &path, visit.token.as_ref(), answer.status));
    let now = world.clock.now();
    let news = News::Pushed { user: visit.user.clone(), updates: updates.clone() };
    world.gitlab.tasks.push(Task::Tell { project: visit.place, news });
    for (branch, sha) in updates.iter().filter_map(|update| update.branch().zip(update.after.as_ref())) {
        // What cannot be read makes no pipeline.
        let _ = pipelines::begin(&mut world.gitlab, visit.place, branch, sha, "push", now);
    }
    background::start(world);
    answer
}
