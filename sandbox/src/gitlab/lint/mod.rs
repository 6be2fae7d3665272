//! `POST /projects/:id/ci/lint` judges what it is sent, `GET` what is committed. What is no good is
//! no error: the answer is 200 and says so.
//!
//! Source: GitLab REST "CI Lint"; the roles are those of its code (whoever creates pipelines, and
//! whoever reads code).

mod judge;
mod tree;

use serde_json::{Value, json};

use super::parameters::Parameters;
use super::{Call, Handled, Needs, error, projects, repository};
use crate::http::Answer;
use crate::world::gitlab::role;
pub(super) use judge::{Verdict, judge};

const VALIDATE: Needs = Needs { scopes: &["api"], permission: "CI Config: Validate" };
const READ: Needs = Needs { scopes: &["api", "read_api"], permission: "CI Config: Read" };

fn describe(verdict: &Verdict, with_jobs: bool) -> Value {
    let mut body = json!({
        "valid": verdict.is_valid(),
        "errors": verdict.errors,
        "warnings": verdict.warnings,
        "merged_yaml": verdict.merged_yaml,
        "includes": verdict.includes,
    });
    if with_jobs {
        body["jobs"] = json!(verdict.jobs.iter().map(|job| &job.shown).collect::<Vec<_>>());
    }
    body
}

/// `POST /projects/:id/ci/lint`
pub(super) fn validate(call: &mut Call<'_>, id: &str) -> Handled {
    let (_, user) = call.allowed(VALIDATE)?;
    let (_, role) = projects::find(call, id, Some(&user))?;
    let mut sent = Parameters::of(call.request);
    let content = sent.required("content");
    let with_jobs = sent.boolean("include_jobs").unwrap_or(false);
    sent.boolean("dry_run");
    sent.finish()?;
    if role < role::DEVELOPER {
        return Err(error::forbidden());
    }
    Ok(Answer::json(200, &describe(&judge(&content), with_jobs)))
}

/// `GET /projects/:id/ci/lint`
pub(super) fn committed(call: &mut Call<'_>, id: &str) -> Handled {
    let project = repository::look_into(call, id, READ)?;
    let mut sent = Parameters::of(call.request);
    let reference = sent.text("content_ref").or_else(|| sent.text("sha"));
    let with_jobs = sent.boolean("include_jobs").unwrap_or(false);
    sent.boolean("dry_run");
    sent.finish()?;
    if project.is_empty()? {
        return Err(error::message(404, "404 Repository Not Found"));
    }
    let git = project.git()?;
    let sha = match reference {
        Some(reference) => git.resolve(&reference)?,
        None => project.head()?,
    };
    let sha = sha.ok_or_else(|| error::message(404, "404 Commit Not Found"))?;
    let content = project.ci_configuration(&sha)?.unwrap_or_default();
    Ok(Answer::json(200, &describe(&judge(&content), with_jobs)))
}
