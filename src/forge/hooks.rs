//! Webhooks of both forges, asked for alike: what each of them does in its own way is in its own folder.
//!
//! A secret goes to a forge and never comes back, so a change has to see to it that it stays: see
//! [`Forge::change_hook`].

use jiff::Timestamp;
use url::Url;

use super::error::{ForgeError, ForgeErrorKind};
use super::github::HooksOf;
use super::gitlab::Place;
use super::{Forge, GitHub, GitLab, address};
use crate::model::hook::{Delivery, Exchange, Hook, Target, Tested};
use crate::model::{Fingerprint, Secret};

/// What a webhook's deliveries are known by.
#[derive(Debug, Clone, Copy, Default)]
pub struct HookSecrets<'a> {
    /// What they are signed with: GitHub's secret, GitLab's signing token (`whsec_` and 32 bytes in base64).
    pub signs: Option<&'a Secret>,
    /// What GitLab sends along in plain, as `X-Gitlab-Token`.
    pub token: Option<&'a Secret>,
}

impl<'a> HookSecrets<'a> {
    pub(super) fn all(self) -> Vec<&'a Secret> {
        self.signs.into_iter().chain(self.token).collect()
    }
}

/// A webhook that is to be made.
#[derive(Debug, Clone, Copy)]
pub struct HookWish<'a> {
    /// Where it is to deliver to.
    pub url: &'a Url,
    /// What it is to tell of, in the forge's words; see [`crate::model::hook::event::read`].
    pub events: &'a [String],
    /// Whether it sends JSON, and not a form. GitLab has nothing else.
    pub json: bool,
    /// Whether it looks at the receiver's certificate.
    pub verify_tls: bool,
    /// Whether it delivers at all. GitLab has no switch for it.
    pub active: bool,
    /// What its deliveries are known by.
    pub secrets: HookSecrets<'a>,
}

/// What is to become of a webhook. What is nothing stays as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct HookChange<'a> {
    /// Where it is to deliver to.
    pub url: Option<&'a Url>,
    /// All that it is to tell of.
    pub events: Option<&'a [String]>,
    /// Whether it sends JSON, and not a form.
    pub json: Option<bool>,
    /// Whether it looks at the receiver's certificate.
    pub verify_tls: Option<bool>,
    /// Whether it delivers at all.
    pub active: Option<bool>,
    /// What its deliveries are known by. To be given wherever it is known, also where it shall stay: some changes
    /// take it away unless it is sent along.
    pub secrets: HookSecrets<'a>,
}

/// Which deliveries are wanted.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryFilter {
    /// Only those that the receiver did not take.
    pub failed: bool,
    /// Only those from then on.
    pub since: Option<Timestamp>,
    /// At most so many, the newest.
    pub most: usize,
}

/// The most that is read of an answer with what was delivered in it, in bytes. GitHub docs, "Webhook events and payloads":
/// a payload has 25 MB at most; written as JSON anew it may have three times as many.
pub(super) const WITH_PAYLOADS: usize = 80 * 1024 * 1024;

/// So many deliveries are read of one webhook's list at most: ten thousand are a busy day's.
pub const LISTED: usize = 100_000;

/// A forge and what of it is meant.
enum At<'a> {
    GitHub(&'a GitHub, HooksOf<'a>),
    GitLab(&'a GitLab, Place<'a>),
}

impl Forge {
    fn at<'a>(&'a self, target: &'a Target) -> Result<At<'a>, ForgeError> {
        match (self, target) {
            (Self::GitHub(github), Target::GithubRepo { owner, name }) => {
                Ok(At::GitHub(github, HooksOf::Repository { owner, name }))
            }
            (Self::GitHub(github), Target::GithubOrg(org)) => Ok(At::GitHub(github, HooksOf::Organization(org))),
            (Self::GitLab(gitlab), Target::GitlabProject(path)) => Ok(At::GitLab(gitlab, Place::Project(path))),
            (Self::GitLab(gitlab), Target::GitlabGroup(path)) => Ok(At::GitLab(gitlab, Place::Group(path))),
            _ => Err(ForgeError::new(ForgeErrorKind::Unsupported { page: None }, &self.host().to_string())),
        }
    }

    /// All webhooks there, in the forge's order.
    ///
    /// # Errors
    /// [`NotFound`](ForgeErrorKind::NotFound) also where the token may not know of the place or of its webhooks; or
    /// what else the forge said.
    pub async fn hooks_at(&self, token: &Secret, target: &Target) -> Result<Vec<Hook>, ForgeError> {
        match self.at(target)? {
            At::GitHub(github, at) => github.hooks(token, at).await,
            At::GitLab(gitlab, at) => gitlab.hooks(token, at).await,
        }
    }

    /// One of them; nothing where it is no more.
    ///
    /// # Errors
    /// What the forge said.
    pub async fn hook_at(&self, token: &Secret, target: &Target, id: u64) -> Result<Option<Hook>, ForgeError> {
        match self.at(target)? {
            At::GitHub(github, at) => github.hook(token, at, id).await,
            At::GitLab(gitlab, at) => gitlab.hook(token, at, id).await,
        }
    }

    /// Makes one. Sent once: after a lost connection, look whether it is there. GitLab takes the same address twice.
    ///
    /// # Errors
    /// [`HookExists`](ForgeErrorKind::HookExists), [`TooManyHooks`](ForgeErrorKind::TooManyHooks),
    /// [`HookUrlRefused`](ForgeErrorKind::HookUrlRefused), or what else the forge said.
    pub async fn add_hook(&self, token: &Secret, target: &Target, wish: &HookWish<'_>) -> Result<Hook, ForgeError> {
        match self.at(target)? {
            At::GitHub(github, at) => github.add_hook(token, at, wish).await,
            At::GitLab(gitlab, at) => gitlab.add_hook(token, at, wish).await,
        }
    }

    /// Changes of one what is named, and nothing else: the secret stays, as far as the forge lets it. Whoever has no
    /// secret to send along compares [`Hook::has_secret`] with what it was.
    ///
    /// # Errors
    /// As [`Self::add_hook`]; [`NotFound`](ForgeErrorKind::NotFound) where it is no more.
    pub async fn change_hook(
        &self,
        token: &Secret,
        target: &Target,
        id: u64,
        change: &HookChange<'_>,
    ) -> Result<Hook, ForgeError> {
        match self.at(target)? {
            At::GitHub(github, at) => github.change_hook(token, at, id, change).await,
            At::GitLab(gitlab, at) => gitlab.change_hook(token, at, id, change).await,
        }
    }

    /// Takes one away. False: there was none.
    ///
    /// # Errors
    /// What the forge said.
    pub async fn remove_hook(&self, token: &Secret, target: &Target, id: u64) -> Result<bool, ForgeError> {
        match self.at(target)? {
            At::GitHub(github, at) => github.delete_hook(token, at, id).await,
            At::GitLab(gitlab, at) => gitlab.delete_hook(token, at, id).await,
        }
    }

    /// Has the forge send something at once: on GitHub a `ping`, or the last push where `push` is named; on GitLab an
    /// example of the event, which it waits for.
    ///
    /// # Errors
    /// [`Unsupported`](ForgeErrorKind::Unsupported) for an event that the forge makes no test of;
    /// [`RateLimited`](ForgeErrorKind::RateLimited): GitLab makes five tests a minute; or what else the forge said.
    pub async fn test_hook(&self, token: &Secret, target: &Target, id: u64, event: &str) -> Result<Tested, ForgeError> {
        match self.at(target)? {
            At::GitHub(github, at) => github.test_hook(token, at, id, event).await.map(|()| Tested::Sent),
            At::GitLab(gitlab, at) => gitlab.test_hook(token, at, id, event).await,
        }
    }

    /// What it delivered, the newest first. The forges remember three days (github.com) or seven.
    ///
    /// # Errors
    /// [`NotFound`](ForgeErrorKind::NotFound) where the webhook is no more; or what else the forge said.
    pub async fn deliveries_at(
        &self,
        token: &Secret,
        target: &Target,
        id: u64,
        filter: &DeliveryFilter,
    ) -> Result<Vec<Delivery>, ForgeError> {
        match self.at(target)? {
            At::GitHub(github, at) => github.deliveries_by(token, at, id, filter).await,
            At::GitLab(gitlab, at) => gitlab.deliveries(token, at, id, filter).await,
        }
    }

    /// One delivery, with what was sent and answered; nothing where the forge does not remember it.
    ///
    /// # Errors
    /// What the forge said.
    pub async fn exchange_at(
        &self,
        token: &Secret,
        target: &Target,
        id: u64,
        delivery: u64,
    ) -> Result<Option<Exchange>, ForgeError> {
        match self.at(target)? {
            At::GitHub(github, at) => github.exchange(token, at, id, delivery).await,
            At::GitLab(gitlab, at) => gitlab.exchange(token, at, id, delivery).await,
        }
    }

    /// Has something delivered once more, under the same [`Delivery::guid`]. What GitLab, which waits for it, says of
    /// the answer; nothing on GitHub.
    ///
    /// # Errors
    /// [`NotFound`](ForgeErrorKind::NotFound) where the forge does not remember it; or what else the forge said.
    pub async fn redeliver_at(
        &self,
        token: &Secret,
        target: &Target,
        id: u64,
        delivery: u64,
    ) -> Result<Option<u16>, ForgeError> {
        match self.at(target)? {
            At::GitHub(github, at) => github.redeliver(token, at, id, delivery).await.map(|()| None),
            At::GitLab(gitlab, at) => gitlab.resend(token, at, id, delivery).await,
        }
    }
}

/// The fingerprint of an address with all that is in it, as [`Hook::address`] has it.
pub fn hook_address(url: &Url) -> Fingerprint {
    address::whole(url)
}

/// An address without user, password, query and fragment, as [`Hook::url`] has it.
pub fn bare_address(url: &Url) -> Url {
    address::bare(url)
}

/// Headers in an exchange as they may be shown and kept: the values of those that authorise are stars. Signatures stay:
/// they say nothing without the secret, and whoever reads deliveries instead of receiving them verifies by them.
pub(super) fn shown_header(name: &str, value: &str) -> (String, String) {
    let low = name.to_ascii_lowercase();
    let tells = ["token", "secret", "password", "authorization", "cookie", "api-key", "apikey"];
    let hidden = tells.iter().any(|word| low.contains(word));
    (name.to_owned(), if hidden { "***".to_owned() } else { value.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_authorises_is_not_shown() {
        for name in ["X-Gitlab-Token", "Authorization", "Cookie", "set-cookie", "X-Api-Key"] {
            assert_eq!(shown_header(name, "hush").1, "***", "{name}");
        }
        for name in ["X-Hub-Signature-256", "Idempotency-Key", "webhook-signature", "X-GitHub-Delivery"] {
            assert_eq!(shown_header(name, "seen").1, "seen", "{name}");
        }
    }
}
