//! `/repos/{owner}/{repo}/git/refs`: branches.

use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::http::{Authorization, Repeat};
use super::super::words::Scrubber;
use super::{GitHub, in_repository};
use crate::model::Secret;
use crate::model::place::Repository;

/// GitHub REST: "Get a reference".
#[derive(Deserialize)]
struct Found {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    sha: String,
}

impl GitHub {
    /// The commit that a branch is at; nothing where there is no such branch, or no commit in the repository.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn branch_head(
        &self,
        token: &Secret,
        repo: &Repository,
        branch: &str,
    ) -> Result<Option<String>, ForgeError> {
        match self.get(&at(repo, "ref", branch), &[], Authorization::Bearer(token)).await {
            Ok(answer) => {
                let found: Found = answer.json(&self.label)?;
                Ok(Some(Scrubber::new(Some(token)).name(&found.object.sha)))
            }
            // GitHub REST: 409 is an empty repository.
            Err(error) if error.status == Some(409) => Ok(None),
            Err(error) => ForgeError::if_there(Err(error)),
        }
    }

    /// The commits that a commit follows: one, none for a first one, several for a merge.
    ///
    /// GitHub REST: "Get a commit".
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn parents(&self, token: &Secret, repo: &Repository, commit: &str) -> Result<Vec<String>, ForgeError> {
        #[derive(Deserialize)]
        struct Commit {
            parents: Vec<Object>,
        }
        let answer = self.get(&in_repository(repo, &["commits", commit]), &[], Authorization::Bearer(token)).await?;
        let found: Commit = answer.json(&self.label)?;
        let scrubber = Scrubber::new(Some(token));
        Ok(found.parents.iter().map(|parent| scrubber.name(&parent.sha)).collect())
    }

    /// Makes a branch at a commit. False: it was there already, wherever it is at.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn create_branch(
        &self,
        token: &Secret,
        repo: &Repository,
        branch: &str,
        sha: &str,
    ) -> Result<bool, ForgeError> {
        #[derive(Serialize)]
        struct Body<'a> {
            r#ref: String,
            sha: &'a str,
        }
        let path = ["repos", &repo.owner, &repo.name, "git", "refs"];
        let body = Body { r#ref: format!("refs/heads/{branch}"), sha };
        let call = self.writing(Method::POST, &path, &body, token, Repeat::Never);
        match self.transport.send(&call).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind == ForgeErrorKind::AlreadyTaken => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes a branch away, wherever it is at. False: there was none.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn delete_branch(&self, token: &Secret, repo: &Repository, branch: &str) -> Result<bool, ForgeError> {
        let call = self.deleting(&at(repo, "refs", branch), token);
        ForgeError::if_there(self.transport.send(&call).await).map(|found| found.is_some())
    }
}

/// The slashes of a branch's name stay slashes.
fn at<'a>(repo: &'a Repository, kind: &'a str, branch: &'a str) -> Vec<&'a str> {
    let mut all = vec!["repos", &repo.owner, &repo.name, "git", kind, "heads"];
    all.extend(branch.split('/'));
    all
}
