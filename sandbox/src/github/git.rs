//! A repository's git over HTTP: `/{owner}/{repo}.git/…`, with a token as the password.
//!
//! Any user name goes with a token. What is hidden is not found, and who says nothing of
//! themselves is asked who they are. The refusals are plain text, which git shows after `remote:`.
//! An old name redirects to the new one; with and without `.git` is the same.
//!
//! Sources: GitHub docs "About remote repositories", "Permissions required for fine-grained
//! personal access tokens", and what users quote from git's output.

use serde_json::Value;

use super::{Call, access, auth, begin, events, under};
use crate::git::http::{refused, wanted};
use crate::git::{Update, Visit};
use crate::http::{Answer, Request};
use crate::world::github::{Repository, Role, Token, TokenKind};
use crate::world::{World, Write};

/// What git shows its user.
fn say(status: u16, words: &str) -> Answer {
    Answer::text(status, "text/plain; charset=utf-8", format!("{words}\n"))
}

/// Who are you?
fn ask_who(words: &str) -> Answer {
    say(401, words).with("www-authenticate", "Basic realm=\"GitHub\"")
}

fn not_found() -> Answer {
    say(404, "Repository not found.")
}

fn not_granted() -> Answer {
    say(403, "Write access to repository not granted.")
}

/// The words of a refusal by the API, for git.
fn reworded(refusal: &Answer) -> Answer {
    let body: Value = serde_json::from_slice(&refusal.body).unwrap_or_default();
    say(refusal.status, body["message"].as_str().unwrap_or("Forbidden"))
}

/// Lets a request to a repository's git in, or refuses it; `None` if it is none.
pub(crate) fn enter(world: &mut World, request: &Request) -> Option<Result<Visit, Answer>> {
    let path = under(&request.path, &world.settings.github_base_path)?;
    let wanted = wanted(request, path)?;
    let (owner, name) = wanted.repository.split_once('/')?;
    // Below these lies the API.
    if name.contains('/') || matches!(owner, "api" | "repos" | "repositories" | "orgs") {
        return None;
    }
    let number = world.next_answer();
    let mut call = begin(world, request)?;
    let entered = match call.github.repository(owner, name).cloned() {
        Some(repository) => may(&mut call, &repository, wanted.writes()).and_then(|token| {
            let mut visit = Visit::new(repository.git()?, wanted, repository.id, request);
            visit.user = token.as_ref().map(|token| token.login.clone());
            visit.token = token.map(|token| token.name);
            Ok(visit)
        }),
        None => Err(absent(&mut call, &wanted.repository, &wanted.rest())),
    };
    Some(entered.map_err(|refusal| complete(refusal, number)))
}

/// What is on all of GitHub's answers about git.
fn complete(answer: Answer, number: u64) -> Answer {
    answer.with("server", "GitHub-Babel/3.0").with("x-github-request-id", super::headers::request_id(number))
}

/// The token of the request: none, or a good one.
fn authenticate(call: &mut Call<'_>) -> Result<Option<Token>, Answer> {
    match auth::authenticate(call) {
        Ok(()) => Ok(call.caller.clone()),
        Err(refusal) if refusal.status == 401 => {
            Err(ask_who("Invalid username or token. Password authentication is not supported for Git operations."))
        }
        Err(refusal) => Err(reworded(&refusal)),
    }
}

/// A name that no repository has: it may be an old one.
fn absent(call: &mut Call<'_>, name: &str, rest: &str) -> Answer {
    let token = match authenticate(call) {
        Ok(token) => token,
        Err(refusal) => return refusal,
    };
    let former = |it: &&Repository| it.former_names.iter().any(|former| former.eq_ignore_ascii_case(name));
    let moved = call.github.repositories.iter().find(former);
    match moved.filter(|it| access::reach(call, it, "repo").is_some()) {
        // `api` is the sandbox's own address here, whatever the site is called.
        Some(it) => {
            say(301, "Moved Permanently").with("location", format!("{}/{}.git{rest}", call.api, it.full_name()))
        }
        None if token.is_none() => ask_who("Repository not found."),
        None => not_found(),
    }
}

/// May this caller fetch from there, or push to it?
fn may(call: &mut Call<'_>, it: &Repository, writes: bool) -> Result<Option<Token>, Answer> {
    let token = authenticate(call)?;
    let role = access::reach(call, it, "repo");
    let Some(role) = role else {
        return Err(if token.is_none() { ask_who("Repository not found.") } else { not_found() });
    };
    if it.disabled {
        return Err(say(403, "Access to this repository has been disabled by GitHub staff."));
    }
    let guarded = it.private || writes;
    access::check_sso(token.as_ref().filter(|_| guarded), &it.owner).map_err(|_| sso(&it.owner))?;
    access::check_policy(call, &it.owner, guarded).map_err(|refusal| reworded(&refusal))?;
    if !guarded {
        return Ok(token);
    }
    let Some(token) = token else {
        return Err(ask_who("No anonymous write access."));
    };
    let level = if writes { "write" } else { "read" };
    if token.has_permissions() {
        if !token.selects(it) || !token.grants("contents", level) {
            return Err(not_granted());
        }
    } else if !token.has_scope(if it.private { &["repo"] } else { &["repo", "public_repo"] }) {
        return Err(not_granted());
    }
    if writes && role < Role::Push {
        return Err(say(403, &format!("Permission to {}.git denied to {}.", it.full_name(), token.login)));
    }
    if writes && it.archived {
        return Err(say(403, "This repository was archived so it is read-only."));
    }
    Ok(Some(token))
}

fn sso(organisation: &str) -> Answer {
    say(
        403,
        &format!(
            "The '{organisation}' organization has enabled or enforced SAML SSO. To access this repository, you must \
             use the HTTPS remote with a personal access token or SSH with an SSH key and passphrase that has been \
             authorized for this organization. Visit \
             https://docs.github.com/articles/authenticating-to-a-github-organization-with-saml-single-sign-on/ for \
             more information."
        ),
    )
}

/// What comes after git's work: a push becomes events, or is taken back.
pub(crate) fn leave(world: &mut World, visit: &Visit, answer: Answer) -> Answer {
    let number = world.next_answer();
    let updates = visit.updates();
    if updates.is_empty() {
        return complete(answer, number);
    }
    if let Some(path) = forbidden_workflow(world, visit, &updates) {
        return match take_back(visit, &updates) {
            Ok(()) => complete(refused(&visit.push, &path, ""), number),
            Err(error) => complete(error.into(), number),
        };
    }
    let sender = visit.user.clone().unwrap_or_default();
    events::pushed(&mut world.github, &world.work, visit.place, &sender, &updates);
    let path = format!("/{}.git{}", visit.wanted.repository, visit.wanted.rest());
    world.github.writes.extend(Write::of("POST", &path, visit.token.as_ref(), answer.status));
    complete(answer, number)
}

/// Why the token may not push this: it changes a workflow and has no right to.
fn forbidden_workflow(world: &World, visit: &Visit, updates: &[Update]) -> Option<String> {
    let token = world.github.named(visit.token.as_deref()?)?;
    let (bearer, lacks) = match token.kind {
        TokenKind::Classic if !token.has_scope(&["workflow"]) => ("a Personal Access Token", "`workflow` scope"),
        TokenKind::OAuth if !token.has_scope(&["workflow"]) => ("an OAuth App", "`workflow` scope"),
        TokenKind::FineGrained if !token.grants("workflows", "write") => {
            ("a Personal Access Token", "`workflows` permission")
        }
        TokenKind::AppUser | TokenKind::Installation if !token.grants("workflows", "write") => {
            ("a GitHub App", "`workflows` permission")
        }
        _ => return None,
    };
    // The same file on another branch may be pushed again.
    let pushed: Vec<&str> = updates.iter().filter_map(Update::branch).collect();
    let mut known = visit.repo.branches().ok()?;
    known.retain(|(name, _)| !pushed.contains(&name.as_str()));
    let known: Vec<String> = known.into_iter().map(|(_, sha)| sha).collect();
    for update in updates {
        let Some(after) = &update.after else {
            continue;
        };
        let files = visit.repo.files(after).ok()?;
        for (path, blob) in files.iter().filter(|(path, _)| path.starts_with(".github/workflows/")) {
            let is_known = (known.iter().chain(&update.before))
                .filter_map(|sha| visit.repo.entry(sha, path).ok().flatten())
                .any(|entry| entry.sha == *blob);
            if !is_known {
                return Some(format!(
                    "refusing to allow {bearer} to create or update workflow `{path}` without {lacks}"
                ));
            }
        }
    }
    None
}

/// Sets everything back to what it was before the push.
fn take_back(visit: &Visit, updates: &[Update]) -> std::io::Result<()> {
    for update in updates {
        match &update.before {
            Some(before) => visit.repo.set_reference(&update.reference, before)?,
            None => {
                visit.repo.delete_reference(&update.reference)?;
            }
        }
    }
    Ok(())
}
