//! Issues and labels: there are none of the former, and one of the latter.

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
