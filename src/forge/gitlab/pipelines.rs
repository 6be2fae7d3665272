//! `/projects/:id/pipelines`, `/projects/:id/ci/lint`, and what a branch is at: what CI/CD makes of a commit.

use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::super::error::ForgeError;
use super::super::http::{Authorization, Repeat};
use super::super::words::Scrubber;
use super::super::{address, lenient};
use super::GitLab;
use crate::model::Secret;
use crate::model::mirror::{Lint, Pipeline};

/// GitLab REST: "Validate sample CI/CD configuration". What is wrong with the configuration is told with 200.
#[derive(Deserialize)]
struct Found {
    valid: bool,
    #[serde(default, deserialize_with = "lenient::those_that_fit")]
    errors: Vec<String>,
}

/// GitLab REST: "List project pipelines".
#[derive(Deserialize)]
struct Listed {
    id: u64,
    #[serde(default, deserialize_with = "lenient::or_default")]
    status: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    source: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    sha: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    web_url: Option<String>,
}

/// GitLab REST: "Retrieve a repository branch".
#[derive(Deserialize)]
struct Branch {
    commit: Commit,
}

#[derive(Deserialize)]
struct Commit {
    id: String,
}

impl GitLab {
    /// What GitLab would make of this `.gitlab-ci.yml` in the project. Nothing is run, nothing kept.
    ///
    /// # Errors
    /// What GitLab said; that the configuration is wrong is none.
    pub async fn lint(&self, token: &Secret, id: u64, content: &str) -> Result<Lint, ForgeError> {
        #[derive(Serialize)]
        struct Body<'a> {
            content: &'a str,
        }
        let path = ["projects", &id.to_string(), "ci", "lint"];
        let call = self.writing(Method::POST, &path, &Body { content }, token, Repeat::Safe);
        let found: Found = self.transport.send(&call).await?.json(&self.label)?;
        let scrubber = Scrubber::new(Some(token));
        let clean = |texts: Vec<String>| texts.iter().filter_map(|text| scrubber.some(text)).collect();
        Ok(Lint { valid: found.valid, errors: clean(found.errors) })
    }

    /// The newest twenty pipelines of the project, or of one commit in it, the newest first.
    ///
    /// # Errors
    /// What GitLab said.
    pub async fn pipelines(&self, token: &Secret, id: u64, sha: Option<&str>) -> Result<Vec<Pipeline>, ForgeError> {
        let path = ["projects", &id.to_string(), "pipelines"];
        let query: Vec<(&str, &str)> = [("per_page", "20")].into_iter().chain(sha.map(|sha| ("sha", sha))).collect();
        let answer = self.get(&path, &query, Authorization::Bearer(token)).await?;
        let found: Vec<Listed> = answer.json(&self.label)?;
        let scrubber = Scrubber::new(Some(token));
        Ok(found.into_iter().map(|one| self.pipeline(one, &scrubber)).collect())
    }

    fn pipeline(&self, found: Listed, scrubber: &Scrubber<'_>) -> Pipeline {
        Pipeline {
            id: found.id,
            status: scrubber.name(&found.status),
            source: found.source.map(|source| scrubber.name(&source)),
            sha: scrubber.name(&found.sha),
            web_url: address::page(found.web_url.as_deref(), self.host.web_base().clone(), scrubber),
        }
    }

    /// The commit that a branch is at; nothing where there is no such branch, or no commit in the project.
    ///
    /// # Errors
    /// [`NotFound`](super::super::ForgeErrorKind::NotFound) where there is no such project; or what else GitLab said.
    pub async fn branch_head(&self, token: &Secret, id: u64, branch: &str) -> Result<Option<String>, ForgeError> {
        let path = ["projects", &id.to_string(), "repository", "branches", branch];
        let found = match self.get(&path, &[], Authorization::Bearer(token)).await {
            Err(error) if error.mentions("project not found") => return Err(error),
            outcome => ForgeError::if_there(outcome)?,
        };
        let Some(answer) = found else { return Ok(None) };
        let branch: Branch = answer.json(&self.label)?;
        Ok(Some(Scrubber::new(Some(token)).name(&branch.commit.id)))
    }
}
