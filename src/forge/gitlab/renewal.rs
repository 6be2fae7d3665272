//! Another token in what a project has already: its pull mirror and its GitHub integration. Nothing else of it is sent,
//! so that nothing else of it changes.

use reqwest::Method;
use serde::Serialize;
use url::Url;

use super::super::address;
use super::super::body::{Revealed, SignedIn};
use super::super::error::ForgeError;
use super::super::http::{Call, Repeat};
use super::GitLab;
use crate::model::Secret;
use crate::model::mirror::{Integration, Mirror};

impl GitLab {
    /// Gives the project's pull mirror another user and password, and has it pull at once (17.6). `url` is where it
    /// pulls from by now: GitLab looks whether it is let in there.
    ///
    /// GitLab REST: "Configure pull mirroring for a project"; what is not sent stays.
    ///
    /// # Errors
    /// [`Unsupported`](super::super::ForgeErrorKind::Unsupported) where GitLab has no such call; or what GitLab said.
    pub async fn renew_mirror(
        &self,
        token: &Secret,
        id: u64,
        url: &Url,
        user: &str,
        password: &Secret,
    ) -> Result<Mirror, ForgeError> {
        #[derive(Serialize)]
        struct Body<'a> {
            enabled: bool,
            url: Url,
            auth_user: &'a str,
            auth_password: Revealed<'a>,
        }
        let body = Body { enabled: true, url: address::bare(url), auth_user: user, auth_password: Revealed(password) };
        self.put_mirror(token, id, &body, password).await
    }

    /// As [`Self::renew_mirror`], for a GitLab before 17.6. Look at the mirror afterwards.
    ///
    /// GitLab REST: "Update a project".
    ///
    /// # Errors
    /// What GitLab said.
    pub async fn renew_mirror_old(
        &self,
        token: &Secret,
        id: u64,
        url: &Url,
        user: &str,
        password: &Secret,
    ) -> Result<(), ForgeError> {
        #[derive(Serialize)]
        struct Body<'a> {
            mirror: bool,
            import_url: SignedIn<'a>,
        }
        let body = Body { mirror: true, import_url: SignedIn { url, user, password } };
        let call = self.writing(Method::PUT, &["projects", &id.to_string()], &body, token, Repeat::Safe);
        self.transport.send(&Call { carries: vec![password], ..call }).await.map(drop)
    }

    /// Gives the project's GitHub integration another token, and switches it on where it was off.
    ///
    /// GitLab REST: "Set up GitHub integration", which insists on both; what is not sent stays.
    ///
    /// # Errors
    /// What GitLab said.
    pub async fn renew_integration(
        &self,
        token: &Secret,
        id: u64,
        github_token: &Secret,
        repository_url: &Url,
    ) -> Result<Integration, ForgeError> {
        #[derive(Serialize)]
        struct Body<'a> {
            token: Revealed<'a>,
            repository_url: Url,
        }
        let body = Body { token: Revealed(github_token), repository_url: address::bare(repository_url) };
        self.put_integration(token, id, &body, github_token).await
    }
}
