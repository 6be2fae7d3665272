//! `/projects/:id/hooks` and `/groups/:id/hooks`: webhooks.
//!
//! GitLab has a flag for every event and tells all of them; here they are names without `_events`. A secret never comes
//! back; newer servers say whether there is one. Two kinds are known: `token`, which is sent along as `X-Gitlab-Token`,
//! and since 19.0 `signing_token`, with which deliveries are signed; a server that has no such thing takes no notice
//! of it, so the answer is to be looked at ([`Hook::signs`]).
//!
//! `PUT` wants the address, and drops the `token` where the address changes: it is read first, and both are sent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::super::body::Revealed;
use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::hooks::{HookChange, HookSecrets, HookWish};
use super::super::http::{Authorization, Call, Repeat};
use super::super::words::Scrubber;
use super::super::{address, lenient, page};
use super::GitLab;
use crate::model::Secret;
use crate::model::hook::{Alert, Hook, Target, Tested, event};

/// What is behind the name of every event's flag.
const FLAG: &str = "_events";

/// Told, and not to be asked for.
const ONLY_TOLD: &str = "repository_update";

/// Whose webhooks are meant, by its full path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// A project's.
    Project(&'a str),
    /// A group's. GitLab Premium.
    Group(&'a str),
}

impl<'a> Place<'a> {
    /// The path of something below its webhooks.
    pub(super) fn path(self, below: &[&'a str]) -> Vec<&'a str> {
        let mut path = match self {
            Self::Project(path) => vec!["projects", path, "hooks"],
            Self::Group(path) => vec!["groups", path, "hooks"],
        };
        path.extend(below);
        path
    }

    /// What GitLab has for such a place, as far as it is known.
    fn events(self) -> impl Iterator<Item = &'static str> {
        match self {
            Self::Project(path) => event::all(&Target::GitlabProject(path.to_owned())).collect::<Vec<_>>(),
            Self::Group(path) => event::all(&Target::GitlabGroup(path.to_owned())).collect(),
        }
        .into_iter()
    }

    /// A flag for each event that is known or wished: push is on unless it is switched off.
    fn flags(self, wished: &[String]) -> BTreeMap<String, bool> {
        let known = self.events().map(|name| (format!("{name}{FLAG}"), false));
        let on = wished.iter().map(|name| (format!("{name}{FLAG}"), true));
        known.chain(on).collect()
    }
}

/// GitLab REST: "Retrieve a project webhook", "Retrieve a group hook".
#[derive(Deserialize)]
struct Found {
    id: u64,
    url: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    name: Option<String>,
    /// On unless it is told otherwise.
    #[serde(default)]
    enable_ssl_verification: Value,
    #[serde(default, deserialize_with = "lenient::or_default")]
    alert_status: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    disabled_until: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    created_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::there")]
    token_present: Option<bool>,
    #[serde(default, deserialize_with = "lenient::there")]
    signing_token_present: Option<bool>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    project_id: Option<u64>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    group_id: Option<u64>,
    /// The flags among them.
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// GitLab REST: "Create a project webhook", "Update a project webhook"; the same of groups.
#[derive(Serialize)]
struct Body<'a> {
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    enable_ssl_verification: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_token: Option<Revealed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<Revealed<'a>>,
    #[serde(flatten)]
    flags: BTreeMap<String, bool>,
}

impl<'a> Body<'a> {
    fn new(url: &'a str, verify_tls: Option<bool>, secrets: HookSecrets<'a>, flags: BTreeMap<String, bool>) -> Self {
        Self {
            url,
            enable_ssl_verification: verify_tls,
            signing_token: secrets.signs.map(Revealed),
            token: secrets.token.map(Revealed),
            flags,
        }
    }
}

impl GitLab {
    /// The webhooks there, in GitLab's order. It wants the role of a maintainer in a project, of an owner in a group.
    ///
    /// # Errors
    /// What GitLab said.
    pub(in super::super) async fn hooks(&self, token: &Secret, at: Place<'_>) -> Result<Vec<Hook>, ForgeError> {
        let call = self.reading(&at.path(&[]), &[("per_page", "100")], Authorization::Bearer(token));
        let scrubber = Scrubber::new(Some(token));
        let mut all = Vec::new();
        page::each(&self.transport, call, page::MOST, |answer| {
            let found: Vec<Found> = answer.json(&self.label)?;
            all.extend(found.into_iter().filter_map(|one| hook(one, &scrubber)));
            Ok(())
        })
        .await?;
        Ok(all)
    }

    /// One webhook; nothing where it is no more.
    ///
    /// # Errors
    /// What GitLab said.
    pub(in super::super) async fn hook(
        &self,
        token: &Secret,
        at: Place<'_>,
        id: u64,
    ) -> Result<Option<Hook>, ForgeError> {
        let found = self.found(token, at, id).await?;
        Ok(found.and_then(|found| hook(found, &Scrubber::new(Some(token)))))
    }

    async fn found(&self, token: &Secret, at: Place<'_>, id: u64) -> Result<Option<Found>, ForgeError> {
        let answer = self.get(&at.path(&[&id.to_string()]), &[], Authorization::Bearer(token)).await;
        ForgeError::if_there(answer)?.map(|answer| answer.json(&self.label)).transpose()
    }

    /// Makes a webhook that tells of these events and of no others. Sent once.
    ///
    /// # Errors
    /// [`HookUrlRefused`](ForgeErrorKind::HookUrlRefused), [`TooManyHooks`](ForgeErrorKind::TooManyHooks), or what else
    /// GitLab said.
    pub(in super::super) async fn add_hook(
        &self,
        token: &Secret,
        at: Place<'_>,
        wish: &HookWish<'_>,
    ) -> Result<Hook, ForgeError> {
        let body = Body::new(wish.url.as_str(), Some(wish.verify_tls), wish.secrets, at.flags(wish.events));
        let call = self.writing(Method::POST, &at.path(&[]), &body, token, Repeat::Never);
        self.put(Call { carries: wish.secrets.all(), ..call }).await
    }

    /// Changes what is named, and nothing else.
    ///
    /// # Errors
    /// As [`Self::add_hook`]; [`NotFound`](ForgeErrorKind::NotFound) where it is no more.
    pub(in super::super) async fn change_hook(
        &self,
        token: &Secret,
        at: Place<'_>,
        id: u64,
        change: &HookChange<'_>,
    ) -> Result<Hook, ForgeError> {
        let found = self.found(token, at, id).await?;
        let found = found.ok_or_else(|| ForgeError::new(ForgeErrorKind::NotFound, &self.label))?;
        let url = change.url.map_or(found.url.as_str(), Url::as_str);
        // Flags that a later GitLab has are switched off where others are chosen.
        let told = found.more.keys().filter(|key| is_flag(key)).map(|key| (key.clone(), false));
        let flags = change.events.map(|events| told.chain(at.flags(events)).collect()).unwrap_or_default();
        let body = Body::new(url, change.verify_tls, change.secrets, flags);
        let call = self.writing(Method::PUT, &at.path(&[&id.to_string()]), &body, token, Repeat::Safe);
        self.put(Call { carries: change.secrets.all(), ..call }).await
    }

    async fn put(&self, call: Call<'_>) -> Result<Hook, ForgeError> {
        let found: Found = self.transport.send(&call).await?.json(&self.label)?;
        hook(found, &call.scrubber()).ok_or_else(|| ForgeError::new(ForgeErrorKind::Malformed, &self.label))
    }

    /// Takes a webhook away. False: there was none.
    ///
    /// # Errors
    /// What GitLab said.
    pub(in super::super) async fn delete_hook(
        &self,
        token: &Secret,
        at: Place<'_>,
        id: u64,
    ) -> Result<bool, ForgeError> {
        let call = self.deleting(&at.path(&[&id.to_string()]), token);
        ForgeError::if_there(self.transport.send(&call).await).map(|found| found.is_some())
    }

    /// Has GitLab send an example of an event, and waits for what the receiver says. GitLab 16.11; five a minute.
    ///
    /// GitLab REST: "Trigger a test project webhook".
    ///
    /// # Errors
    /// [`RateLimited`](ForgeErrorKind::RateLimited); [`Unsupported`](ForgeErrorKind::Unsupported) for an event that
    /// GitLab has no example of; or what else it said.
    pub(in super::super) async fn test_hook(
        &self,
        token: &Secret,
        at: Place<'_>,
        id: u64,
        event: &str,
    ) -> Result<Tested, ForgeError> {
        let (id, trigger) = (id.to_string(), format!("{event}{FLAG}"));
        let path = at.path(&[&id, "test", &trigger]);
        let call = Call {
            method: Method::POST,
            repeat: Repeat::Never,
            ..self.reading(&path, &[], Authorization::Bearer(token))
        };
        match self.transport.send(&call).await {
            Ok(_) => Ok(Tested::Taken),
            Err(error) if error.status == Some(422) => Ok(Tested::Failed(error.said.unwrap_or_default())),
            Err(error) if error.status == Some(400) => {
                Err(ForgeError { kind: ForgeErrorKind::Unsupported { page: None }, ..error })
            }
            Err(error) => Err(error),
        }
    }
}

fn is_flag(key: &str) -> bool {
    key.strip_suffix(FLAG).is_some_and(|name| name != ONLY_TOLD)
}

/// Nothing for one whose address is none.
fn hook(found: Found, scrubber: &Scrubber<'_>) -> Option<Hook> {
    let url = Url::parse(&found.url).ok()?;
    let flagged = |on: bool| {
        let flags = found.more.iter().filter(|(key, value)| is_flag(key) && (value.as_bool() == Some(true)) == on);
        flags.filter_map(|(key, _)| Some(scrubber.name(key.strip_suffix(FLAG)?))).collect()
    };
    let (events, left_out) = (flagged(true), flagged(false));
    let alert = found.alert_status.as_deref().map(Alert::read);
    Some(Hook {
        id: found.id,
        address: address::whole(&url),
        url: address::named(url.as_str(), scrubber)?,
        token: None,
        events,
        left_out,
        of: found.project_id.or(found.group_id),
        active: alert != Some(Alert::Disabled),
        has_secret: found.token_present,
        signs: found.signing_token_present,
        json: true,
        verifies_tls: lenient::truth(&found.enable_ssl_verification) != Some(false),
        last_response: None,
        last_message: None,
        alert,
        disabled_until: found.disabled_until,
        name: found.name.map(|name| scrubber.name(&name)).filter(|name| !name.is_empty()),
        created_at: found.created_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Hook> {
        let found = serde_json::from_str(json).unwrap_or_else(|error| unreachable!("{error}"));
        hook(found, &Scrubber::new(Some(&Secret::new("glpat-used".into()))))
    }

    #[test]
    fn a_whole_one() {
        let found = read(
            r#"{"id":7,"url":"https://h/x?key=v","name":"mine","project_id":3,"push_events":true,"tag_push_events":false,
            "merge_requests_events":true,"repository_update_events":true,"push_events_branch_filter":"main",
            "enable_ssl_verification":false,"alert_status":"temporarily_disabled","disabled_until":"2026-11-01T12:05:00.000Z",
            "created_at":"2026-11-01T12:00:00.000Z","token_present":false,"signing_token_present":true,"custom_headers":[]}"#,
        );
        let found = found.unwrap_or_else(|| unreachable!());
        assert_eq!(found.events, ["merge_requests", "push"]);
        assert_eq!((found.left_out.join(","), found.of), ("tag_push".into(), Some(3)));
        assert_eq!((found.url.as_str(), found.name.as_deref()), ("https://h/x", Some("mine")));
        assert_eq!((found.has_secret, found.signs, found.verifies_tls), (Some(false), Some(true), false));
        assert_eq!((found.alert, found.active), (Some(Alert::TemporarilyDisabled), true));
        assert_eq!(found.disabled_until.map(|at| at.as_second()), Some(1_793_534_700));
    }

    #[test]
    fn an_old_one_and_odd_ones() {
        let found = read(r#"{"id":7,"url":"https://h/x","push_events":null,"alert_status":"disabled"}"#);
        let found = found.unwrap_or_else(|| unreachable!());
        assert_eq!((found.has_secret, found.signs, found.verifies_tls), (None, None, true));
        assert_eq!((found.events.len(), found.active), (0, false));
        // GitLab's own variables in an address stand in braces.
        let variable = read(r#"{"id":7,"url":"https://{tenant}.example.com/{key}"}"#);
        assert!(variable.is_some_and(|hook| hook.url.host_str() == Some("{tenant}.example.com")));
        assert_eq!(read(r#"{"id":7,"url":"nowhere"}"#), None);
    }

    #[test]
    fn what_is_sent() {
        let secret = Secret::new("whsec_x".into());
        let secrets = HookSecrets { signs: Some(&secret), token: None };
        let flags = Place::Project("g/p").flags(&["merge_requests".into(), "quantum".into()]);
        let on: Vec<&String> = flags.iter().filter(|(_, on)| **on).map(|(name, _)| name).collect();
        assert_eq!(on, ["merge_requests_events", "quantum_events"]);
        assert_eq!(flags.get("push_events"), Some(&false), "which is on unless it is switched off");
        let body = Body::new("https://h/x", Some(true), secrets, BTreeMap::from([("push_events".into(), true)]));
        assert_eq!(
            serde_json::to_string(&body).unwrap_or_default(),
            r#"{"url":"https://h/x","enable_ssl_verification":true,"signing_token":"whsec_x","push_events":true}"#
        );
    }
}
