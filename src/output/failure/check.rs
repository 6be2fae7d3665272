//! What a check says when there is nothing to check, or when a token is not kept because of it.

use serde_json::{Value, json};
use url::Url;

use crate::model::Need;
use crate::model::text::{printable, without_tokens};
use crate::output::Exit;

use super::Failure;

/// A place that the forge does not show to the token.
pub(super) fn hidden(message: String, what: &str, checklist: &[String]) -> Failure {
    let code = match what {
        "repository" => "repository_hidden",
        "group" => "group_hidden",
        _ => "project_hidden",
    };
    let clean = |item: &String| without_tokens(&printable(item, 300));
    let mut failure = Failure::new(Exit::NotFound, code, printable(&message, 300));
    failure = checklist.iter().fold(failure, |failure, item| failure.hint(clean(item)));
    failure.more.insert("checklist".into(), checklist.iter().map(clean).map(Value::String).collect());
    failure
}

/// A token that lacks what it is wanted for, and was not kept.
pub(super) fn permission_missing(message: String, needs: &[Need], page: Option<&Url>) -> Failure {
    lacking(message, needs, page).hint("`--yes` keeps it all the same")
}

/// What is missing, and where it is added.
pub(super) fn lacking(message: String, needs: &[Need], page: Option<&Url>) -> Failure {
    let missing: Vec<&Need> = needs.iter().filter(|need| need.verdict.refuses()).collect();
    let mut failure = Failure::new(Exit::Forbidden, "permission_missing", printable(&message, 300));
    for need in &missing {
        let hint = match &need.add {
            Some(add) => printable(add, 200),
            None => format!("{}: {}", printable(&need.label, 60), printable(&need.why, 200)),
        };
        // What one setting adds is said once.
        if !failure.hints.contains(&hint) {
            failure = failure.hint(hint);
        }
    }
    if let Some(page) = page {
        failure = failure.hint(format!("the page: {page}"));
        failure.more.insert("page".into(), json!(page.as_str()));
    }
    failure
        .more
        .insert("missing".into(), missing.iter().map(|need| Value::String(without_tokens(&need.name))).collect());
    failure
}
