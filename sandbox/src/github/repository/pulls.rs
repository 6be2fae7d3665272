//! Pull requests between two branches of one repository.
//!
//! Source: GitHub REST "Pulls"; the refusals are those that users quote.

use serde_json::{Value, json};

use crate::github::access::{Asks, enter};
use crate::github::scene::Scene;
use crate::github::{Call, Handled, error, events, user};
use crate::http::Answer;
use crate::world::github::{Pull, Repository};

/// A pull request as answers and deliveries show it.
pub(in crate::github) fn describe(scene: &Scene<'_>, it: &Repository, pull: &Pull) -> Value {
    let api = format!("{}/repos/{}", scene.api, it.full_name());
    let html = format!("{}/{}/pull/{}", scene.site, it.full_name(), pull.number);
    let url = format!("{api}/pulls/{}", pull.number);
    let person = |login: &str| scene.github.account(login).map(|account| user::simple(scene, account));
    let place = json!({
        "id": it.id,
        "name": it.name,
        "full_name": it.full_name(),
        "private": it.private,
        "owner": person(&it.owner),
        "html_url": format!("{}/{}", scene.site, it.full_name()),
        "url": api,
        "clone_url": format!("{}/{}.git", scene.site, it.full_name()),
        "default_branch": it.default_branch,
        "fork": false,
    });
    let end = |branch: &str, sha: &str| {
        json!({
            "label": format!("{}:{branch}", it.owner),
            "ref": branch,
            "sha": sha,
            "user": person(&it.owner),
            "repo": place,
        })
    };
    json!({
        "id": it.id * 1000 + pull.number,
        "node_id": user::node_id("PR", it.id * 1000 + pull.number),
        "number": pull.number,
        "url": url,
        "html_url": html,
        "diff_url": format!("{html}.diff"),
        "patch_url": format!("{html}.patch"),
        "issue_url": format!("{api}/issues/{}", pull.number),
        "statuses_url": format!("{api}/statuses/{}", pull.head_sha),
        "commits_url": format!("{url}/commits"),
        "state": if pull.open { "open" } else { "closed" },
        "locked": false,
        "title": pull.title,
        "body": pull.body,
        "draft": pull.draft,
        "merged": false,
        "merged_at": null,
        "mergeable": null,
        "user": person(&pull.author),
        "head": end(&pull.head, &pull.head_sha),
        "base": end(&pull.base, &pull.base_sha),
        "labels": [],
        "assignees": [],
        "requested_reviewers": [],
        "author_association": "MEMBER",
        "created_at": pull.created_at.to_string(),
        "updated_at": pull.updated_at.to_string(),
        "closed_at": if pull.open { Value::Null } else { json!(pull.updated_at.to_string()) },
    })
}

/// `GET /repos/{owner}/{repo}/pulls`: those that are open, unless `state` says otherwise; from
/// `head` (`owner:branch`), into `base`.
pub(super) fn list(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, Asks::reading("pull_requests=read"))?;
    let state = call.request.query("state").unwrap_or_else(|| "open".to_owned());
    let (head, base) = (call.request.query("head"), call.request.query("base"));
    let wanted = |pull: &&Pull| {
        let in_state = match state.as_str() {
            "all" => true,
            "closed" => !pull.open,
            _ => pull.open,
        };
        // A head without its owner is no filter at all.
        let from = head.as_deref().filter(|head| head.contains(':'));
        let label = format!("{}:{}", it.owner, pull.head);
        in_state && from.is_none_or(|head| head == label) && base.as_ref().is_none_or(|base| *base == pull.base)
    };
    let pulls = it.pulls.iter().rev().filter(wanted);
    Ok(call.page(pulls.map(|pull| describe(&call.scene(), it, pull)).collect()))
}

fn find<'a>(it: &'a Repository, number: &str) -> Result<&'a Pull, Answer> {
    it.pulls.iter().find(|pull| pull.number.to_string() == number).ok_or_else(error::not_found)
}

/// `GET /repos/{owner}/{repo}/pulls/{number}`
pub(super) fn show(call: &mut Call<'_>, it: &Repository, number: &str) -> Handled {
    enter(call, it, Asks::reading("pull_requests=read"))?;
    Ok(Answer::json(200, &describe(&call.scene(), it, find(it, number)?)))
}

fn invalid(field: &str) -> Answer {
    error::validation_failed(&json!([{ "resource": "PullRequest", "field": field, "code": "invalid" }]))
}

fn refused(words: &str) -> Answer {
    error::validation_failed(&json!([{ "resource": "PullRequest", "code": "custom", "message": words }]))
}

/// `POST /repos/{owner}/{repo}/pulls`
pub(super) fn open(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, Asks::writing("pull_requests=write"))?;
    let (_, author) = call.account()?;
    let body = call.body()?;
    let missing: Vec<&str> = ["head", "base"].into_iter().filter(|name| !body[*name].is_string()).collect();
    if !missing.is_empty() {
        return Err(error::not_supplied(&missing));
    }
    let git = it.git()?;
    let named = body["head"].as_str().unwrap_or_default();
    let head = match named.split_once(':') {
        Some((owner, branch)) if owner.eq_ignore_ascii_case(&it.owner) => branch,
        // Forks are none of the sandbox's.
        Some(_) => return Err(invalid("head")),
        None => named,
    };
    let base = body["base"].as_str().unwrap_or_default();
    let head_sha = git.head(head)?.ok_or_else(|| invalid("head"))?;
    let base_sha = git.head(base)?.ok_or_else(|| invalid("base"))?;
    if git.is_ancestor(&head_sha, &base_sha)? {
        return Err(refused(&format!("No commits between {base} and {head}")));
    }
    if it.pulls.iter().any(|pull| pull.open && pull.head == head && pull.base == base) {
        return Err(refused(&format!("A pull request already exists for {}:{head}.", it.owner)));
    }
    let Some(title) = body["title"].as_str().filter(|title| !title.trim().is_empty()) else {
        let error = json!([{ "resource": "Issue", "field": "title", "code": "missing_field" }]);
        return Err(error::validation_failed(&error));
    };
    let pull = Pull {
        number: it.pulls.len() as u64 + 1,
        title: title.to_owned(),
        body: body["body"].as_str().map(str::to_owned),
        draft: body["draft"].as_bool().unwrap_or(false),
        open: true,
        head: head.to_owned(),
        base: base.to_owned(),
        head_sha,
        base_sha,
        author: author.login.clone(),
        created_at: call.now,
        updated_at: call.now,
    };
    git.set_reference(&format!("refs/pull/{}/head", pull.number), &pull.head_sha)?;
    let body = describe(&call.scene(), it, &pull);
    if let Some(kept) = call.github.repository_mut(it.id) {
        kept.pulls.push(pull.clone());
    }
    events::pull_request(call.github, &call.work, it.id, &author.login, &pull, "opened");
    let location = body["url"].as_str().unwrap_or_default().to_owned();
    Ok(Answer::json(201, &body).with("location", location))
}

/// `PATCH /repos/{owner}/{repo}/pulls/{number}`: its title, its body, open or closed.
pub(super) fn edit(call: &mut Call<'_>, it: &Repository, number: &str) -> Handled {
    enter(call, it, Asks::writing("pull_requests=write"))?;
    let sender = call.token()?.login;
    let mut pull = find(it, number)?.clone();
    let body = call.body()?;
    let was_open = pull.open;
    match body["state"].as_str() {
        None => {}
        Some("open") => pull.open = true,
        Some("closed") => pull.open = false,
        Some(_) => return Err(invalid("state")),
    }
    if let Some(title) = body["title"].as_str() {
        title.clone_into(&mut pull.title);
    }
    if let Some(text) = body["body"].as_str() {
        pull.body = Some(text.to_owned());
    }
    pull.updated_at = call.now;
    if let Some(kept) =
        call.github.repository_mut(it.id).and_then(|it| it.pulls.iter_mut().find(|it| it.number == pull.number))
    {
        *kept = pull.clone();
    }
    let action = match (was_open, pull.open) {
        (true, false) => "closed",
        (false, true) => "reopened",
        _ => "edited",
    };
    events::pull_request(call.github, &call.work, it.id, &sender, &pull, action);
    Ok(Answer::json(200, &describe(&call.scene(), it, &pull)))
}
