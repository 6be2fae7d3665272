//! `/repos/{owner}/{repo}/pulls`: pull requests.

use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::super::error::ForgeError;
use super::super::http::{Authorization, Repeat};
use super::super::words::Scrubber;
use super::super::{address, lenient, page};
use super::{GitHub, in_repository};
use crate::model::Secret;
use crate::model::hook::Pull;
use crate::model::place::Repository;

/// GitHub REST: "Get a pull request".
#[derive(Deserialize)]
struct Found {
    number: u64,
    #[serde(default, deserialize_with = "lenient::or_default")]
    html_url: Option<String>,
}

impl GitHub {
    /// The open pull requests that want a branch of this very repository merged.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn pulls(&self, token: &Secret, repo: &Repository, head_branch: &str) -> Result<Vec<Pull>, ForgeError> {
        let head = format!("{}:{head_branch}", repo.owner);
        let query = [("state", "open"), ("head", head.as_str()), ("per_page", "100")];
        let path = in_repository(repo, &["pulls"]);
        let call = self.reading(&path, &query, Authorization::Bearer(token));
        let mut all = Vec::new();
        page::each(&self.transport, call, page::MOST, |answer| {
            let found: Vec<Found> = answer.json(&self.label)?;
            all.extend(found.into_iter().map(|one| self.pull(one, repo, token)));
            Ok(())
        })
        .await?;
        Ok(all)
    }

    /// Opens a pull request from one branch of the repository to another. Sent once.
    ///
    /// # Errors
    /// [`AlreadyTaken`](super::super::ForgeErrorKind::AlreadyTaken) where one is open for that branch; or what else
    /// GitHub said, as that there is nothing to merge.
    pub async fn open_pull(
        &self,
        token: &Secret,
        repo: &Repository,
        head: &str,
        base: &str,
        title: &str,
        body: &str,
    ) -> Result<Pull, ForgeError> {
        #[derive(Serialize)]
        struct Body<'a> {
            title: &'a str,
            head: &'a str,
            base: &'a str,
            body: &'a str,
        }
        let path = in_repository(repo, &["pulls"]);
        let body = Body { title, head, base, body };
        let call = self.writing(Method::POST, &path, &body, token, Repeat::Never);
        let answer = self.transport.send(&call).await?;
        Ok(self.pull(answer.json(&self.label)?, repo, token))
    }

    /// Closes a pull request without merging it.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn close_pull(&self, token: &Secret, repo: &Repository, number: u64) -> Result<(), ForgeError> {
        #[derive(Serialize)]
        struct Body {
            state: &'static str,
        }
        let path = ["repos", &repo.owner, &repo.name, "pulls", &number.to_string()];
        let call = self.writing(Method::PATCH, &path, &Body { state: "closed" }, token, Repeat::Safe);
        self.transport.send(&call).await.map(drop)
    }

    fn pull(&self, found: Found, repo: &Repository, token: &Secret) -> Pull {
        let page = self.host.page(&format!("{}/pull/{}", repo.full_name(), found.number));
        let web_url = address::page(found.html_url.as_deref(), page, &Scrubber::new(Some(token)));
        Pull { number: found.number, web_url }
    }
}
