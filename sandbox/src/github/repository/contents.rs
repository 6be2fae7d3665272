//! Files and folders, read and written: a write is a commit on a branch.
//!
//! Below `.github/workflows` a token needs the permission for workflows too. Replacing a file takes
//! its `sha`, that of its blob. Source: GitHub REST "Repository contents".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use percent_encoding::utf8_percent_encode;
use serde_json::{Value, json};

use super::{commits, url};
use crate::git::{Entry, EntryKind, NewCommit, Repo, Signature, Update};
use crate::github::access::{Asks, enter};
use crate::github::{Call, Handled, error, events};
use crate::http::{Answer, PATH};
use crate::world::github::{Account, Repository, TokenKind};

const WRITE: &str = "contents=write; contents=write,workflows=write";
const WRITE_WORKFLOW: &str = "contents=write,workflows=write";

/// What is larger than this comes without its content.
const MOST: usize = 1024 * 1024;

fn describe(call: &Call<'_>, it: &Repository, reference: &str, path: &str, entry: &Entry, size: usize) -> Value {
    let encoded = utf8_percent_encode(path, PATH);
    let (url, html) = (url(call, it), format!("{}/{}", call.site, it.full_name()));
    let (kind, what, git) = match entry.kind {
        EntryKind::Folder => ("dir", "tree", "trees"),
        EntryKind::Submodule => ("submodule", "tree", "trees"),
        EntryKind::Link => ("symlink", "blob", "blobs"),
        EntryKind::File | EntryKind::Executable => ("file", "blob", "blobs"),
    };
    let own = format!("{url}/contents/{encoded}?ref={reference}");
    let git = format!("{url}/git/{git}/{}", entry.sha);
    let page = format!("{html}/{what}/{reference}/{encoded}");
    let raw = entry.kind.is_blob().then(|| format!("{html}/raw/{reference}/{encoded}"));
    json!({
        "name": path.rsplit('/').next().unwrap_or(path),
        "path": path,
        "sha": entry.sha,
        "size": size,
        "url": own,
        "html_url": page,
        "git_url": git,
        "download_url": raw,
        "type": kind,
        "_links": { "self": own, "git": git, "html": page },
    })
}

/// In base64, broken into lines as GitHub breaks them.
fn in_lines(content: &[u8]) -> String {
    let encoded = STANDARD.encode(content);
    let mut lines = String::new();
    for at in (0..encoded.len()).step_by(60) {
        lines.push_str(&encoded[at..encoded.len().min(at + 60)]);
        lines.push('\n');
    }
    lines
}

fn size(git: &Repo, entry: &Entry) -> Result<usize, Answer> {
    Ok(if entry.kind.is_blob() { git.blob(&entry.sha)?.map_or(0, |content| content.len()) } else { 0 })
}

/// `GET /repos/{owner}/{repo}/contents/{path}`: a file, or what is in a folder.
pub(super) fn show(call: &mut Call<'_>, it: &Repository, path: &str) -> Handled {
    enter(call, it, Asks::reading("contents=read"))?;
    if it.is_empty()? {
        return Err(error::refusal(404, "This repository is empty."));
    }
    let git = it.git()?;
    let reference = call.request.query("ref").unwrap_or_else(|| it.default_branch.clone());
    let no_ref = || error::refusal(404, &format!("No commit found for the ref {reference}"));
    let commit = git.resolve(&reference)?.ok_or_else(no_ref)?;
    if let Some(entries) = git.list(&commit, path)? {
        let above = if path.is_empty() { String::new() } else { format!("{path}/") };
        let mut list = Vec::new();
        for entry in &entries {
            let path = format!("{above}{}", entry.name);
            list.push(describe(call, it, &reference, &path, entry, size(&git, entry)?));
        }
        return Ok(Answer::json(200, &Value::Array(list)));
    }
    let entry = git.entry(&commit, path)?.ok_or_else(error::not_found)?;
    let content = git.blob(&entry.sha)?.unwrap_or_default();
    if call.request.header("accept").is_some_and(|accept| accept.contains("raw")) {
        return Ok(Answer::text(200, "application/vnd.github.raw; charset=utf-8", content));
    }
    let mut file = describe(call, it, &reference, path, &entry, content.len());
    let whole = content.len() <= MOST;
    file["content"] = json!(if whole { in_lines(&content) } else { String::new() });
    file["encoding"] = json!(if whole { "base64" } else { "none" });
    Ok(Answer::json(200, &file))
}

/// Whoever the body names, else the caller.
fn signature(named: &Value, caller: &Account, now: Timestamp) -> Signature {
    let email = format!("{}+{}@users.noreply.github.com", caller.id, caller.login);
    let text = |field: &str, own: &str| named[field].as_str().unwrap_or(own).to_owned();
    let when = named["date"].as_str().and_then(|date| date.parse().ok()).unwrap_or(now);
    Signature { name: text("name", &caller.name), email: text("email", &email), when }
}

/// Where and as whom a write is to be committed.
struct Plan {
    git: Repo,
    branch: String,
    commit: NewCommit,
    /// What is there now.
    old: Option<Entry>,
}

/// Lets a write in, and finds out what it is about.
fn plan(call: &mut Call<'_>, it: &Repository, path: &str, body: &Value) -> Result<Plan, Answer> {
    let malformed = path.is_empty() || path.split('/').any(|part| matches!(part, "" | "." | ".." | ".git"));
    if malformed {
        return Err(error::refusal(422, "path contains a malformed path component"));
    }
    let git = it.git()?;
    let branch = body["branch"].as_str().unwrap_or(&it.default_branch);
    let branch = branch.strip_prefix("refs/heads/").unwrap_or(branch).to_owned();
    let head = git.head(&branch)?;
    if head.is_none() && !it.is_empty()? {
        return Err(error::refusal(404, &format!("Branch {branch} not found")));
    }
    let (_, account) = call.account()?;
    let author = signature(&body["author"], &account, call.now);
    let committer = signature(&body["committer"], &account, call.now);
    // Who names a committer and no author has written it, too.
    let author = if body["author"].is_object() { author } else { committer.clone() };
    let message = body["message"].as_str().unwrap_or_default().to_owned();
    let old = match &head {
        Some(head) => git.entry(head, path)?.filter(|entry| entry.kind.is_blob()),
        None => None,
    };
    match (&old, body["sha"].as_str()) {
        (Some(_), None) => return Err(error::not_supplied(&["sha"])),
        (Some(old), Some(sha)) if old.sha != sha => {
            return Err(error::refusal(409, &format!("{path} does not match {sha}")));
        }
        _ => {}
    }
    Ok(Plan { git, branch, commit: NewCommit { message, author, committer, from: None }, old })
}

/// What a write asks for: below `.github/workflows`, a token's right to touch workflows too.
fn enter_to_write(call: &mut Call<'_>, it: &Repository, path: &str) -> Result<(), Answer> {
    let workflow = path.starts_with(".github/workflows/");
    enter(call, it, Asks::writing(if workflow { WRITE_WORKFLOW } else { WRITE }))?;
    let token = call.token()?;
    let scoped = matches!(token.kind, TokenKind::Classic | TokenKind::OAuth);
    // A classic token without the scope is not told what is there.
    if workflow && scoped && !token.has_scope(&["workflow"]) { Err(error::not_found()) } else { Ok(()) }
}

/// Refuses a body without these texts.
fn require(body: &Value, names: &[&'static str]) -> Result<(), Answer> {
    let missing: Vec<&str> = names.iter().copied().filter(|name| !body[*name].is_string()).collect();
    if missing.is_empty() { Ok(()) } else { Err(error::not_supplied(&missing)) }
}

/// `PUT /repos/{owner}/{repo}/contents/{path}`
pub(super) fn put(call: &mut Call<'_>, it: &Repository, path: &str) -> Handled {
    enter_to_write(call, it, path)?;
    let body = call.body()?;
    require(&body, &["message", "content"])?;
    let encoded: String = body["content"].as_str().unwrap_or_default().split_whitespace().collect();
    let content = STANDARD.decode(encoded).map_err(|_| error::refusal(422, "content is not valid Base64"))?;
    let plan = plan(call, it, path, &body)?;
    let size = content.len();
    let sha = commit(call, it, &plan, path, Some(content))?;
    let entry = plan.git.entry(&sha, path)?.ok_or_else(error::not_found)?;
    let file = describe(call, it, &plan.branch, path, &entry, size);
    written(call, it, &plan, if plan.old.is_some() { 200 } else { 201 }, &sha, file)
}

/// `DELETE /repos/{owner}/{repo}/contents/{path}`: parameters in the body, or in the query.
pub(super) fn delete(call: &mut Call<'_>, it: &Repository, path: &str) -> Handled {
    enter_to_write(call, it, path)?;
    let mut body = call.body()?;
    for name in ["message", "sha", "branch"] {
        if let (Value::Null, Some(value)) = (&body[name], call.request.query(name)) {
            body[name] = json!(value);
        }
    }
    require(&body, &["message", "sha"])?;
    let plan = plan(call, it, path, &body)?;
    if plan.old.is_none() {
        return Err(error::not_found());
    }
    let sha = commit(call, it, &plan, path, None)?;
    written(call, it, &plan, 200, &sha, Value::Null)
}

/// Commits the write, and tells whoever wants to hear of pushes.
fn commit(
    call: &mut Call<'_>,
    it: &Repository,
    plan: &Plan,
    path: &str,
    content: Option<Vec<u8>>,
) -> Result<String, Answer> {
    let before = plan.git.head(&plan.branch)?;
    let sha = plan.git.commit(&plan.branch, &[(path.to_owned(), content)], &plan.commit)?;
    let update = Update { reference: format!("refs/heads/{}", plan.branch), before, after: Some(sha.clone()) };
    let sender = call.token()?.login;
    events::pushed(call.github, &call.work, it.id, &sender, &[update]);
    Ok(sha)
}

fn written(call: &Call<'_>, it: &Repository, plan: &Plan, status: u16, sha: &str, file: Value) -> Handled {
    let commit = plan.git.commit_info(sha)?.ok_or_else(error::not_found)?;
    let body = json!({ "content": file, "commit": commits::of_git(call, it, &commit) });
    Ok(Answer::json(status, &body))
}
