//! Another token in a webhook's address.

use reqwest::Method;
use url::Url;

use super::super::super::body::Asking;
use super::super::super::error::ForgeError;
use super::super::super::http::{Call, Repeat};
use super::super::GitHub;
use super::{Config, HooksOf, PRIVATE_TOKEN};
use crate::model::Secret;

impl GitHub {
    /// Puts another token into the query of a webhook's address, and changes nothing else of it. `url` is the address
    /// without the token.
    ///
    /// GitHub REST: "Update a webhook configuration for a repository"; what is not sent stays.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn renew_hook_token<'a>(
        &self,
        token: &Secret,
        at: impl Into<HooksOf<'a>>,
        id: u64,
        url: &Url,
        private_token: &Secret,
    ) -> Result<(), ForgeError> {
        let asking = Asking { url, with: Some((PRIVATE_TOKEN, private_token)) };
        let config = Config { url: Some(asking), ..Config::default() };
        let path = at.into();
        let number = id.to_string();
        let call = self.writing(Method::PATCH, &path.path(&[&number, "config"]), &config, token, Repeat::Safe);
        self.transport.send(&Call { carries: vec![private_token], ..call }).await.map(drop)
    }
}
