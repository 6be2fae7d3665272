//! Issues, pull requests and labels: there are none of the first two, and one label.

use serde_json::{Value, json};

use super::url;
use crate::github::access::{Asks, enter};
use crate::github::{Call, Handled, error};
use crate::http::Answer;
use crate::world::github::Repository;

/// The label that every repository has.
const LABEL: &str = "bug";

/// `GET /repos/{owner}/{repo}/issues`
pub(super) fn issues(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, Asks::reading("issues=read"))?;
    Ok(call.page(Vec::new()))
}

/// `GET /repos/{owner}/{repo}/pulls`
pub(super) fn pulls(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, Asks::reading("pull_requests=read"))?;
    Ok(call.page(Vec::new()))
}

/// `POST /repos/{owner}/{repo}/pulls`: with one branch there is nothing to pull.
pub(super) fn open_pull(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, Asks::writing("pull_requests=write"))?;
    let body = call.body()?;
    let missing: Vec<&str> = ["head", "base"].into_iter().filter(|name| !body[*name].is_string()).collect();
    if !missing.is_empty() {
        return Err(error::not_supplied(&missing));
    }
    let known =
        |name: &str| body[name].as_str().is_some_and(|branch| it.resolve(branch).is_ok_and(|sha| sha.is_some()));
    let wrong = |name: &str| json!([{ "resource": "PullRequest", "field": name, "code": "invalid" }]);
    for name in ["head", "base"] {
        if !known(name) {
            return Err(error::validation_failed(&wrong(name)));
        }
    }
    let words = format!("No commits between {0} and {0}", it.default_branch);
    Err(error::validation_failed(&json!([{ "resource": "PullRequest", "code": "custom", "message": words }])))
}

fn label(call: &Call<'_>, it: &Repository) -> Value {
    json!({
        "id": it.id * 10,
        "url": format!("{}/labels/{LABEL}", url(call, it)),
        "name": LABEL,
        "color": "d73a4a",
        "default": true,
        "description": "Something isn't working",
    })
}

/// `GET /repos/{owner}/{repo}/labels`
pub(super) fn labels(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, Asks::reading("issues=read; pull_requests=read"))?;
    let label = label(call, it);
    Ok(call.page(vec![label]))
}

/// `PATCH /repos/{owner}/{repo}/labels/{name}`: what it says is accepted, and not kept.
pub(super) fn edit_label(call: &mut Call<'_>, it: &Repository, name: &str) -> Handled {
    enter(call, it, Asks::writing("issues=write; pull_requests=write"))?;
    if !name.eq_ignore_ascii_case(LABEL) {
        return Err(error::not_found());
    }
    call.body()?;
    Ok(Answer::json(200, &label(call, it)))
}
