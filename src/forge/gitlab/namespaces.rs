//! `/namespaces/:id`: what projects belong to, and which plan is paid for (gitlab.com, for owners and maintainers).

use serde::Deserialize;

use super::super::error::ForgeError;
use super::super::http::Authorization;
use super::super::lenient;
use super::super::words::Scrubber;
use super::GitLab;
use crate::model::Secret;
use crate::model::place::Namespace;

/// GitLab REST: "Retrieve a namespace". `plan` is not there where nobody pays, or where the account may not know.
#[derive(Deserialize)]
struct Found {
    id: u64,
    full_path: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    plan: Option<String>,
}

impl GitLab {
    /// The namespace of this full path or number; nothing where there is none to be seen.
    ///
    /// # Errors
    /// What GitLab said.
    pub async fn namespace(&self, token: &Secret, path_or_id: &str) -> Result<Option<Namespace>, ForgeError> {
        ForgeError::if_there(self.namespace_at(token, path_or_id).await)
    }

    /// The plan's name, as `free`, `premium`, `ultimate_trial`; nothing where GitLab does not tell.
    ///
    /// # Errors
    /// What GitLab said.
    pub async fn plan(&self, token: &Secret, namespace: &str) -> Result<Option<String>, ForgeError> {
        self.namespace_at(token, namespace).await.map(|found| found.plan)
    }

    async fn namespace_at(&self, token: &Secret, path_or_id: &str) -> Result<Namespace, ForgeError> {
        let answer = self.get(&["namespaces", path_or_id], &[], Authorization::Bearer(token)).await?;
        let found: Found = answer.json(&self.label)?;
        let scrubber = Scrubber::new(Some(token));
        Ok(Namespace {
            id: found.id,
            path: scrubber.name(&found.full_path),
            is_user: found.kind.as_deref() == Some("user"),
            plan: found.plan.map(|plan| scrubber.name(&plan)).filter(|plan| !plan.is_empty()),
        })
    }
}
