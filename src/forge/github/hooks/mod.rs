//! `/repos/{owner}/{repo}/hooks` and `/orgs/{org}/hooks`: webhooks.
//!
//! A webhook's address may have a token in it: GitLab's mirror is triggered in no other way. GitHub gives it back to
//! whoever may read webhooks; in [`read`] it is made a fingerprint of as soon as it is read. A secret comes back as
//! stars.
//!
//! A webhook that is edited with a `config` in which the secret is missing loses it, so a change (`change_hook`) goes to
//! two places: what belongs to the `config` to `…/config`, which changes only what it is given, with the secret sent
//! along where it is known; the rest to the webhook without a `config`, which is how GitHub's own extension of `gh`
//! switches its webhook on. Either answer is looked at, and a secret that went missing is put back.

mod read;
mod renewal;

use reqwest::Method;
use serde::Serialize;
use url::Url;

use super::super::body::{Asking, Revealed};
use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::hooks::{HookChange, HookWish};
use super::super::http::{Answer, Authorization, Call, Repeat};
use super::super::page;
use super::super::words::Scrubber;
use super::GitHub;
use crate::model::Secret;
use crate::model::hook::Hook;
use crate::model::place::Repository;

pub(super) use read::answered;

/// The key of the token in an address that GitLab takes without a header.
const PRIVATE_TOKEN: &str = "private_token";

/// Whose webhooks are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HooksOf<'a> {
    /// A repository's.
    Repository {
        /// Its owner's login.
        owner: &'a str,
        /// Its name.
        name: &'a str,
    },
    /// An organisation's, by its login.
    Organization(&'a str),
}

impl<'a> From<&'a Repository> for HooksOf<'a> {
    fn from(repository: &'a Repository) -> Self {
        Self::Repository { owner: &repository.owner, name: &repository.name }
    }
}

impl<'a> HooksOf<'a> {
    /// The path of something below its webhooks.
    pub(super) fn path(self, below: &[&'a str]) -> Vec<&'a str> {
        let mut path = match self {
            Self::Repository { owner, name } => vec!["repos", owner, name, "hooks"],
            Self::Organization(org) => vec!["orgs", org, "hooks"],
        };
        path.extend(below);
        path
    }
}

/// A webhook as it is to be: it sends JSON and looks at certificates.
#[derive(Debug, Clone, Copy)]
pub struct NewHook<'a> {
    /// Where it delivers to, without a token.
    pub url: &'a Url,
    /// A GitLab token for the query of the address, as `private_token`. Every administrator of the repository can read
    /// it there.
    pub private_token: Option<&'a Secret>,
    /// What its deliveries are signed with. Whoever edits a webhook without naming it takes it away.
    pub secret: Option<&'a Secret>,
    /// What it tells of: `push`, `pull_request`.
    pub events: &'a [&'a str],
    /// Whether it delivers at all.
    pub active: bool,
}

/// GitHub REST: "Create a repository webhook", "Update a repository webhook"; the same of organisations.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    config: Option<Config<'a>>,
}

/// GitHub REST: "Update a webhook configuration for a repository"; the same inside a [`Body`].
#[derive(Serialize, Default)]
struct Config<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<Asking<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    insecure_ssl: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<Revealed<'a>>,
}

const fn content_type(json: bool) -> &'static str {
    if json { "json" } else { "form" }
}

const fn insecure(verify: bool) -> &'static str {
    if verify { "0" } else { "1" }
}

fn named(events: &[String]) -> Vec<&str> {
    events.iter().map(String::as_str).collect()
}

impl<'a> NewHook<'a> {
    /// `name` is for new ones, and has to be `web`.
    fn body(&self, name: Option<&'static str>) -> Body<'a> {
        let with = self.private_token.map(|token| (PRIVATE_TOKEN, token));
        let config = Config {
            url: Some(Asking { url: self.url, with }),
            content_type: Some(content_type(true)),
            insecure_ssl: Some(insecure(true)),
            secret: self.secret.map(Revealed),
        };
        Body { name, active: Some(self.active), events: Some(self.events.to_vec()), config: Some(config) }
    }

    fn secrets(&self) -> Vec<&'a Secret> {
        self.private_token.into_iter().chain(self.secret).collect()
    }
}

fn whole<'a>(wish: &HookWish<'a>) -> Body<'a> {
    let config = Config {
        url: Some(Asking { url: wish.url, with: None }),
        content_type: Some(content_type(wish.json)),
        insecure_ssl: Some(insecure(wish.verify_tls)),
        secret: wish.secrets.signs.map(Revealed),
    };
    Body { name: Some("web"), active: Some(wish.active), events: Some(named(wish.events)), config: Some(config) }
}

/// What of a change goes to `…/config`; nothing where nothing does.
fn config<'a>(change: &HookChange<'a>) -> Option<Config<'a>> {
    let changes = change.url.is_some() || change.json.is_some() || change.verify_tls.is_some();
    (changes || change.secrets.signs.is_some()).then(|| Config {
        url: change.url.map(|url| Asking { url, with: None }),
        content_type: change.json.map(content_type),
        insecure_ssl: change.verify_tls.map(insecure),
        secret: change.secrets.signs.map(Revealed),
    })
}

impl GitHub {
    /// The webhooks there, in GitHub's order; but for services of old, which have no address.
    ///
    /// It wants the role `admin` in the repository, or an owner of the organisation; a token without the permission is
    /// answered as though nothing were there.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn hooks<'a>(&self, token: &Secret, at: impl Into<HooksOf<'a>>) -> Result<Vec<Hook>, ForgeError> {
        let call = self.reading(&at.into().path(&[]), &[("per_page", "100")], Authorization::Bearer(token));
        let scrubber = Scrubber::new(Some(token));
        let mut all = Vec::new();
        page::each(&self.transport, call, page::MOST, |answer| {
            let found: Vec<read::Found> = answer.json(&self.label)?;
            all.extend(found.into_iter().filter_map(|one| read::hook(one, &scrubber)));
            Ok(())
        })
        .await?;
        Ok(all)
    }

    /// One webhook; nothing where it is no more.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn hook<'a>(
        &self,
        token: &Secret,
        at: impl Into<HooksOf<'a>>,
        id: u64,
    ) -> Result<Option<Hook>, ForgeError> {
        let answer = self.get(&at.into().path(&[&id.to_string()]), &[], Authorization::Bearer(token)).await;
        match ForgeError::if_there(answer)? {
            Some(answer) => self.one(&answer, &Scrubber::new(Some(token))).map(Some),
            None => Ok(None),
        }
    }

    /// Makes a webhook; GitHub sends it a `ping` at once. Sent once: after a lost connection, look whether it is there.
    ///
    /// # Errors
    /// [`HookExists`](ForgeErrorKind::HookExists), [`TooManyHooks`](ForgeErrorKind::TooManyHooks),
    /// [`HookUrlRefused`](ForgeErrorKind::HookUrlRefused), or what else GitHub said.
    pub async fn create_hook(&self, token: &Secret, repo: &Repository, wish: &NewHook<'_>) -> Result<Hook, ForgeError> {
        let path = HooksOf::from(repo).path(&[]);
        let call = self.writing(Method::POST, &path, &wish.body(Some("web")), token, Repeat::Never);
        self.put(Call { carries: wish.secrets(), ..call }).await
    }

    /// As [`Self::create_hook`], for what somebody wishes who is no set-up of ours.
    pub(in super::super) async fn add_hook(
        &self,
        token: &Secret,
        at: HooksOf<'_>,
        wish: &HookWish<'_>,
    ) -> Result<Hook, ForgeError> {
        let call = self.writing(Method::POST, &at.path(&[]), &whole(wish), token, Repeat::Never);
        self.put(Call { carries: wish.secrets.all(), ..call }).await
    }

    /// Makes a webhook as it is wished, all of it: what it had beside is gone.
    ///
    /// # Errors
    /// As [`Self::create_hook`]; [`NotFound`](ForgeErrorKind::NotFound) where it is no more.
    pub async fn edit_hook(
        &self,
        token: &Secret,
        repo: &Repository,
        id: u64,
        wish: &NewHook<'_>,
    ) -> Result<Hook, ForgeError> {
        let path = HooksOf::from(repo);
        let call = self.writing(Method::PATCH, &path.path(&[&id.to_string()]), &wish.body(None), token, Repeat::Safe);
        self.put(Call { carries: wish.secrets(), ..call }).await
    }

    /// Changes what is named, and nothing else. See the head of this file.
    pub(in super::super) async fn change_hook(
        &self,
        token: &Secret,
        at: HooksOf<'_>,
        id: u64,
        change: &HookChange<'_>,
    ) -> Result<Hook, ForgeError> {
        let number = id.to_string();
        let configure = async |config: &Config<'_>| {
            let call = self.writing(Method::PATCH, &at.path(&[&number, "config"]), config, token, Repeat::Safe);
            self.transport.send(&Call { carries: change.secrets.all(), ..call }).await.map(drop)
        };
        let look = async || {
            let gone = || ForgeError::new(ForgeErrorKind::NotFound, &self.label);
            self.hook(token, at, id).await?.ok_or_else(gone)
        };
        if let Some(config) = config(change) {
            configure(&config).await?;
        }
        let now = if change.active.is_some() || change.events.is_some() {
            let body = Body { name: None, active: change.active, events: change.events.map(named), config: None };
            let call = self.writing(Method::PATCH, &at.path(&[&number]), &body, token, Repeat::Safe);
            self.put(Call { carries: change.secrets.all(), ..call }).await?
        } else {
            look().await?
        };
        match change.secrets.signs {
            Some(secret) if now.has_secret == Some(false) => {
                configure(&Config { secret: Some(Revealed(secret)), ..Config::default() }).await?;
                look().await
            }
            _ => Ok(now),
        }
    }

    async fn put(&self, call: Call<'_>) -> Result<Hook, ForgeError> {
        self.one(&self.transport.send(&call).await?, &call.scrubber())
    }

    fn one(&self, answer: &Answer, scrubber: &Scrubber<'_>) -> Result<Hook, ForgeError> {
        read::hook(answer.json(&self.label)?, scrubber)
            .ok_or_else(|| ForgeError::new(ForgeErrorKind::Malformed, &self.label))
    }

    /// Takes a webhook away. False: there was none.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn delete_hook<'a>(
        &self,
        token: &Secret,
        at: impl Into<HooksOf<'a>>,
        id: u64,
    ) -> Result<bool, ForgeError> {
        let call = self.deleting(&at.into().path(&[&id.to_string()]), token);
        ForgeError::if_there(self.transport.send(&call).await).map(|found| found.is_some())
    }

    /// Has GitHub send a `ping`; how it went is among [`Self::deliveries`] a moment later. To be allowed to read
    /// webhooks is enough.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn ping_hook<'a>(&self, token: &Secret, at: impl Into<HooksOf<'a>>, id: u64) -> Result<(), ForgeError> {
        self.ask_for(token, &at.into().path(&[&id.to_string(), "pings"])).await
    }

    /// A `ping`, or the last push once more; GitHub has no other tests, and for an organisation only the first.
    pub(in super::super) async fn test_hook(
        &self,
        token: &Secret,
        at: HooksOf<'_>,
        id: u64,
        event: &str,
    ) -> Result<(), ForgeError> {
        match (event, at) {
            ("ping", _) => self.ping_hook(token, at, id).await,
            // GitHub REST: "Test the push repository webhook": nothing is sent where it does not tell of pushes.
            ("push", HooksOf::Repository { .. }) => self.ask_for(token, &at.path(&[&id.to_string(), "tests"])).await,
            _ => Err(ForgeError::new(ForgeErrorKind::Unsupported { page: None }, &self.label)),
        }
    }

    async fn ask_for(&self, token: &Secret, path: &[&str]) -> Result<(), ForgeError> {
        let call = Call {
            method: Method::POST,
            repeat: Repeat::Safe,
            ..self.reading(path, &[], Authorization::Bearer(token))
        };
        self.transport.send(&call).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forge::HookSecrets;

    #[test]
    fn what_is_sent() {
        let url = Url::parse("https://h/api/v4/projects/7/mirror/pull").unwrap_or_else(|_| unreachable!());
        let (token, secret) = (Secret::new("glpat-1".into()), Secret::new("s\"".into()));
        let wish =
            NewHook { url: &url, private_token: Some(&token), secret: Some(&secret), events: &["push"], active: true };
        assert_eq!(
            serde_json::to_string(&wish.body(Some("web"))).unwrap_or_default(),
            r#"{"name":"web","active":true,"events":["push"],"config":{"url":"https://h/api/v4/projects/7/mirror/pull?private_token=glpat-1","content_type":"json","insecure_ssl":"0","secret":"s\""}}"#
        );
        let plain = NewHook { private_token: None, secret: None, ..wish };
        assert_eq!(
            serde_json::to_string(&plain.body(None)).unwrap_or_default(),
            r#"{"active":true,"events":["push"],"config":{"url":"https://h/api/v4/projects/7/mirror/pull","content_type":"json","insecure_ssl":"0"}}"#
        );
        assert!(!format!("{wish:?}").contains("glpat-1"));
    }

    fn json(value: &impl Serialize) -> String {
        serde_json::to_string(value).unwrap_or_default()
    }

    #[test]
    fn what_a_change_sends() {
        let (url, secret) =
            (Url::parse("https://h/x?a=b").unwrap_or_else(|_| unreachable!()), Secret::new("hush".into()));
        let secrets = HookSecrets { signs: Some(&secret), token: None };
        assert!(config(&HookChange { active: Some(true), ..HookChange::default() }).is_none());
        let all = HookChange {
            url: Some(&url),
            json: Some(false),
            verify_tls: Some(false),
            secrets,
            ..HookChange::default()
        };
        let sent = config(&all).map(|config| json(&config));
        let expected = r#"{"url":"https://h/x?a=b","content_type":"form","insecure_ssl":"1","secret":"hush"}"#;
        assert_eq!(sent.as_deref(), Some(expected));
        let alone = config(&HookChange { secrets, ..HookChange::default() }).map(|config| json(&config));
        assert_eq!(alone.as_deref(), Some(r#"{"secret":"hush"}"#));
        let body = Body { name: None, active: None, events: Some(vec!["push"]), config: None };
        assert_eq!(json(&body), r#"{"events":["push"]}"#);
    }

    #[test]
    fn where_it_goes() {
        let repo = HooksOf::Repository { owner: "o", name: "r" };
        assert_eq!(repo.path(&["7", "pings"]).join("/"), "repos/o/r/hooks/7/pings");
        assert_eq!(HooksOf::Organization("o").path(&[]).join("/"), "orgs/o/hooks");
    }
}
