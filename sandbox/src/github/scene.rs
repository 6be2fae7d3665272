//! What descriptions of people and places need: the world, and what links begin with.
//!
//! Answers take it from their request; deliveries of webhooks, which have none, from the hook.

use crate::world::github::Github;

/// Where a description stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    pub github: &'a Github,
    /// `https://api.github.com`, or `https://HOST/api/v3`.
    pub api: &'a str,
    /// `https://github.com` or `https://HOST`.
    pub site: &'a str,
    /// In the newest version of the API, which has left some fields out.
    pub newest: bool,
}

/// The addresses of one of GitHub's two shapes.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    pub api: String,
    pub site: String,
}

impl Addresses {
    /// Of github.com, or of the Enterprise Server.
    pub fn of(url: &str, enterprise: bool) -> Self {
        match enterprise {
            true => Self { api: format!("{url}/api/v3"), site: url.to_owned() },
            false => Self { api: url.to_owned(), site: "https://github.com".to_owned() },
        }
    }

    /// A scene there.
    pub fn scene<'a>(&'a self, github: &'a Github) -> Scene<'a> {
        Scene { github, api: &self.api, site: &self.site, newest: false }
    }
}
