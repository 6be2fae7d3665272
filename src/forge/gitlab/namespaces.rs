//! `GET /namespaces/:id`: which plan is paid for (gitlab.com, for owners and maintainers).

use serde::Deserialize;

use super::super::error::ForgeError;
use super::super::http::Authorization;
use super::super::words::Scrubber;
use super::GitLab;
use crate::model::Secret;

/// GitLab REST: "Retrieve a namespace". `plan` is not there where nobody pays, or where the account may not know.
#[derive(Deserialize)]
struct Namespace {
    plan: Option<String>,
}

impl GitLab {
    /// The plan's name, as `free`, `premium`, `ultimate_trial`; nothing where GitLab does not tell.
    ///
    /// # Errors
    /// What GitLab said.
    pub async fn plan(&self, token: &Secret, namespace: &str) -> Result<Option<String>, ForgeError> {
        let answer = self.get(&["namespaces", namespace], &[], Authorization::Bearer(token)).await?;
        let found: Namespace = answer.json(&self.label)?;
        Ok(found.plan.map(|plan| Scrubber::new(Some(token)).name(&plan)))
    }
}
