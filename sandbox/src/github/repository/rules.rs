//! How rulesets judged pushes: for those who may administrate, and a reading that takes the
//! permission to write.

use serde_json::json;

use crate::github::access::{ADMIN_RIGHTS, Asks, enter};
use crate::github::{Call, Handled};
use crate::http::Answer;
use crate::world::github::Repository;

/// `GET /repos/{owner}/{repo}/rulesets/rule-suites`
pub(super) fn suites(call: &mut Call<'_>, it: &Repository) -> Handled {
    enter(call, it, Asks::reading("administration=write").of_admins(Some(ADMIN_RIGHTS)))?;
    Ok(Answer::json(200, &json!([])))
}
