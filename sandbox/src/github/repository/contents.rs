//! Files. A repository with a commit has a `README.md`.
//!
//! Below `.github/workflows` a token needs the permission for workflows too. Replacing a file takes
//! its `sha`. Source: GitHub REST "Repository contents".

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::url;
use crate::github::access::{Asks, enter};
use crate::github::{Call, Handled, error};
use crate::http::Answer;
use crate::world::github::Repository;

const WRITE: &str = "contents=write; contents=write,workflows=write";
const WRITE_WORKFLOW: &str = "contents=write,workflows=write";

/// The name of a file's content.
fn blob(content: &str) -> String {
    Sha256::digest(content.as_bytes()).iter().take(20).map(|byte| format!("{byte:02x}")).collect()
}

fn describe(call: &Call<'_>, it: &Repository, path: &str, content: &str) -> Value {
    json!({
        "name": path.rsplit('/').next().unwrap_or(path),
        "path": path,
        "sha": blob(content),
        "size": content.len(),
        "url": format!("{}/contents/{path}?ref={}", url(call, it), it.default_branch),
        "html_url": format!("{}/{}/blob/{}/{path}", call.site, it.full_name(), it.default_branch),
        "git_url": format!("{}/git/blobs/{}", url(call, it), blob(content)),
        "type": "file",
    })
}

/// `GET /repos/{owner}/{repo}/contents/{path}`: a file, or what is in a folder.
pub(super) fn show(call: &mut Call<'_>, it: &Repository, path: &str) -> Handled {
    enter(call, it, Asks::reading("contents=read"))?;
    if it.empty {
        return Err(error::refusal(404, "This repository is empty."));
    }
    if call.request.query("ref").is_some_and(|reference| it.resolve(&reference).is_none()) {
        let reference = call.request.query("ref").unwrap_or_default();
        return Err(error::refusal(404, &format!("No commit found for the ref {reference}")));
    }
    if let Some(content) = it.files.get(path) {
        let mut file = describe(call, it, path, content);
        file["content"] = json!(content);
        file["encoding"] = json!("base64");
        return Ok(Answer::json(200, &file));
    }
    let folder = if path.is_empty() { String::new() } else { format!("{path}/") };
    let inside = it.files.iter().filter(|(name, _)| name.starts_with(&folder));
    let files: Vec<Value> = inside.map(|(name, content)| describe(call, it, name, content)).collect();
    if files.is_empty() { Err(error::not_found()) } else { Ok(Answer::json(200, &Value::Array(files))) }
}

/// `PUT /repos/{owner}/{repo}/contents/{path}`
pub(super) fn put(call: &mut Call<'_>, it: &Repository, path: &str) -> Handled {
    let permissions = if path.starts_with(".github/workflows/") { WRITE_WORKFLOW } else { WRITE };
    enter(call, it, Asks::writing(permissions))?;
    let body = call.body()?;
    let missing: Vec<&str> = ["message", "content"].into_iter().filter(|name| !body[*name].is_string()).collect();
    if !missing.is_empty() {
        return Err(error::not_supplied(&missing));
    }
    let content = body["content"].as_str().unwrap_or_default().to_owned();
    let old = it.files.get(path).map(|content| blob(content));
    match (old.as_deref(), body["sha"].as_str()) {
        (Some(_), None) => return Err(error::not_supplied(&["sha"])),
        (Some(old), Some(sha)) if old != sha => {
            return Err(error::refusal(409, &format!("{path} does not match {sha}")));
        }
        _ => {}
    }
    if let Some(kept) = call.github.repository_mut(it.id) {
        kept.files.insert(path.to_owned(), content.clone());
        kept.commits += 1;
        kept.empty = false;
    }
    let commit = call.github.repository(&it.owner, &it.name).and_then(Repository::head);
    let file = describe(call, it, path, &content);
    let status = if old.is_some() { 200 } else { 201 };
    Ok(Answer::json(status, &json!({ "content": file, "commit": { "sha": commit } })))
}
