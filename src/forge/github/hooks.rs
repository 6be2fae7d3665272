//! `/repos/{owner}/{repo}/hooks`: webhooks.
//!
//! A webhook's address may have a token in it: GitLab's mirror is triggered in no other way. GitHub gives it back to
//! whoever may read webhooks; here it is made a fingerprint of as soon as it is read. A secret comes back as stars.

use reqwest::Method;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::super::body::{Asking, Revealed};
use super::super::error::{ForgeError, ForgeErrorKind};
use super::super::http::{Answer, Authorization, Call, Repeat};
use super::super::words::Scrubber;
use super::super::{address, lenient, page};
use super::{GitHub, in_repository};
use crate::model::hook::Hook;
use crate::model::place::Repository;
use crate::model::{Fingerprint, Secret};

/// The key of the token in an address that GitLab takes without a header.
const PRIVATE_TOKEN: &str = "private_token";

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

/// GitHub REST: "Create a repository webhook", "Update a repository webhook".
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    active: bool,
    events: &'a [&'a str],
    config: Config<'a>,
}

#[derive(Serialize)]
struct Config<'a> {
    url: Asking<'a>,
    content_type: &'static str,
    insecure_ssl: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<Revealed<'a>>,
}

impl<'a> NewHook<'a> {
    /// `name` is for new ones, and has to be `web`.
    fn body(&self, name: Option<&'static str>) -> Body<'a> {
        Body {
            name,
            active: self.active,
            events: self.events,
            config: Config {
                url: Asking { url: self.url, with: self.private_token.map(|token| (PRIVATE_TOKEN, token)) },
                content_type: "json",
                insecure_ssl: "0",
                secret: self.secret.map(Revealed),
            },
        }
    }

    fn secrets(&self) -> Vec<&'a Secret> {
        self.private_token.into_iter().chain(self.secret).collect()
    }
}

/// GitHub REST: "Get a repository webhook".
#[derive(Deserialize)]
struct Found {
    id: u64,
    #[serde(default, deserialize_with = "lenient::or_default")]
    active: bool,
    #[serde(default, deserialize_with = "lenient::those_that_fit")]
    events: Vec<String>,
    config: Told,
    #[serde(default, deserialize_with = "lenient::or_default")]
    last_response: Response,
}

#[derive(Deserialize)]
struct Told {
    /// Services of old had none.
    #[serde(default, deserialize_with = "wiped")]
    url: Option<Zeroizing<String>>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    content_type: Option<String>,
    /// `"1"`, `"0"`, and once numbers.
    #[serde(default)]
    insecure_ssl: Value,
    /// `********`.
    #[serde(default, deserialize_with = "lenient::or_default")]
    secret: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Response {
    #[serde(deserialize_with = "lenient::or_default")]
    code: Option<u16>,
    #[serde(deserialize_with = "lenient::or_default")]
    message: Option<String>,
}

fn wiped<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Zeroizing<String>>, D::Error> {
    Option::<String>::deserialize(value).map(|text| text.map(Zeroizing::new))
}

impl GitHub {
    /// The repository's webhooks, in GitHub's order; but for services of old, which have no address.
    ///
    /// It wants the role `admin`; a token without the permission is answered as though nothing were there.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn hooks(&self, token: &Secret, repo: &Repository) -> Result<Vec<Hook>, ForgeError> {
        let path = in_repository(repo, &["hooks"]);
        let call = self.reading(&path, &[("per_page", "100")], Authorization::Bearer(token));
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
    /// What GitHub said.
    pub async fn hook(&self, token: &Secret, repo: &Repository, id: u64) -> Result<Option<Hook>, ForgeError> {
        let path = ["repos", &repo.owner, &repo.name, "hooks", &id.to_string()];
        let answer = self.get(&path, &[], Authorization::Bearer(token)).await;
        match ForgeError::if_there(answer)? {
            Some(answer) => self.one(&answer, &Scrubber::new(Some(token))).map(Some),
            None => Ok(None),
        }
    }

    /// Makes a webhook; GitHub sends it a `ping` at once. Sent once: after a lost connection, look whether it is there.
    ///
    /// # Errors
    /// [`HookExists`](ForgeErrorKind::HookExists), [`TooManyHooks`](ForgeErrorKind::TooManyHooks), or what else GitHub
    /// said, as that it cannot reach the address.
    pub async fn create_hook(&self, token: &Secret, repo: &Repository, wish: &NewHook<'_>) -> Result<Hook, ForgeError> {
        let path = in_repository(repo, &["hooks"]);
        let call = self.writing(Method::POST, &path, &wish.body(Some("web")), token, Repeat::Never);
        self.put(Call { carries: wish.secrets(), ..call }).await
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
        let path = ["repos", &repo.owner, &repo.name, "hooks", &id.to_string()];
        let call = self.writing(Method::PATCH, &path, &wish.body(None), token, Repeat::Safe);
        self.put(Call { carries: wish.secrets(), ..call }).await
    }

    async fn put(&self, call: Call<'_>) -> Result<Hook, ForgeError> {
        self.one(&self.transport.send(&call).await?, &call.scrubber())
    }

    fn one(&self, answer: &Answer, scrubber: &Scrubber<'_>) -> Result<Hook, ForgeError> {
        hook(answer.json(&self.label)?, scrubber).ok_or_else(|| ForgeError::new(ForgeErrorKind::Malformed, &self.label))
    }

    /// Takes a webhook away. False: there was none.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn delete_hook(&self, token: &Secret, repo: &Repository, id: u64) -> Result<bool, ForgeError> {
        let call = self.deleting(&["repos", &repo.owner, &repo.name, "hooks", &id.to_string()], token);
        ForgeError::if_there(self.transport.send(&call).await).map(|found| found.is_some())
    }

    /// Has GitHub send a `ping`; how it went is among [`Self::deliveries`] a moment later. To be allowed to read
    /// webhooks is enough.
    ///
    /// # Errors
    /// What GitHub said.
    pub async fn ping_hook(&self, token: &Secret, repo: &Repository, id: u64) -> Result<(), ForgeError> {
        let path = ["repos", &repo.owner, &repo.name, "hooks", &id.to_string(), "pings"];
        let call = Call {
            method: Method::POST,
            repeat: Repeat::Safe,
            ..self.reading(&path, &[], Authorization::Bearer(token))
        };
        self.transport.send(&call).await.map(drop)
    }
}

/// Nothing for one without an address.
fn hook(found: Found, scrubber: &Scrubber<'_>) -> Option<Hook> {
    let (url, token) = taken_apart(found.config.url?)?;
    Some(Hook {
        id: found.id,
        url: address::named(url.as_str(), scrubber)?,
        token,
        events: found.events.iter().map(|event| scrubber.name(event)).collect(),
        active: found.active,
        has_secret: found.config.secret.is_some_and(|secret| !secret.is_empty()),
        json: found.config.content_type.as_deref() == Some("json"),
        verifies_tls: lenient::truth(&found.config.insecure_ssl) != Some(true),
        last_response: answered(found.last_response.code),
        last_message: found.last_response.message.and_then(|text| scrubber.some(&text)),
    })
}

/// An address without what may not be seen, and the fingerprint of the token in it.
fn taken_apart(text: Zeroizing<String>) -> Option<(Url, Option<Fingerprint>)> {
    let url = Url::parse(&text).ok().filter(Url::has_host)?;
    let token = url.query_pairs().find(|(key, value)| key == PRIVATE_TOKEN && !value.is_empty());
    let print = token.map(|(_, value)| Secret::new(value.into_owned()).fingerprint());
    Some((address::bare(&url), print))
}

/// GitHub says 0 where there was no answer.
pub(super) fn answered(code: Option<u16>) -> Option<u16> {
    code.filter(|code| *code != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Hook> {
        let found = serde_json::from_str(json).unwrap_or_else(|error| unreachable!("{error}"));
        hook(found, &Scrubber::new(Some(&Secret::new("ghp_used".into()))))
    }

    #[test]
    fn a_whole_one() {
        let found = read(
            r#"{"type":"Repository","id":12345678,"name":"web","active":true,"events":["push","pull_request"],
            "config":{"content_type":"json","insecure_ssl":"0","secret":"********",
                "url":"https://me:pw@gitlab.com/api/v4/projects/7/mirror/pull?x=1&private_token=glpat-abc%2Bd#f"},
            "last_response":{"code":422,"status":"misconfigured","message":"Invalid HTTP Response: 422"}}"#,
        );
        let expected = Hook {
            id: 12_345_678,
            url: Url::parse("https://gitlab.com/api/v4/projects/7/mirror/pull").unwrap_or_else(|_| unreachable!()),
            token: Some(Secret::new("glpat-abc+d".into()).fingerprint()),
            events: vec!["push".into(), "pull_request".into()],
            active: true,
            has_secret: true,
            json: true,
            verifies_tls: true,
            last_response: Some(422),
            last_message: Some("Invalid HTTP Response: 422".into()),
        };
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn odd_ones() {
        let found = read(r#"{"id":1,"config":{"url":"https://h/x","insecure_ssl":1,"content_type":null,"secret":""}}"#);
        let found = found.unwrap_or_else(|| unreachable!());
        assert!(!found.active && !found.has_secret && !found.json && !found.verifies_tls);
        assert_eq!((found.token, found.last_response, found.events.len()), (None, None, 0));
        for (insecure, verifies) in [("null", true), (r#""1""#, false), (r#""0""#, true), ("0", true), ("[]", true)] {
            let json = format!(r#"{{"id":1,"config":{{"url":"https://h/x","insecure_ssl":{insecure}}}}}"#);
            assert_eq!(read(&json).map(|hook| hook.verifies_tls), Some(verifies), "{insecure}");
        }
        for none in [r#"{"id":1,"config":{}}"#, r#"{"id":1,"config":{"url":"nowhere"}}"#] {
            assert_eq!(read(none), None, "{none}");
        }
        let unused = read(
            r#"{"id":1,"config":{"url":"http://h/"},"last_response":{"code":0,"status":"unused","message":null}}"#,
        );
        assert_eq!(unused.map(|hook| (hook.last_response, hook.last_message)), Some((None, None)));
    }

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

    proptest::proptest! {
        #[test]
        fn no_token_is_left_in_an_address(token in "[ -~]{4,40}", path in "[a-z/]{0,20}", key in "(private_token|x)") {
            let url = format!("https://me:{token}@h/{path}");
            if let Ok(mut url) = Url::parse(&url) {
                url.query_pairs_mut().append_pair("a", "b").append_pair(&key, &token);
                let (bare, print) = taken_apart(Zeroizing::new(url.into())).unwrap_or_else(|| unreachable!());
                proptest::prop_assert!(bare.query().is_none() && bare.password().is_none());
                proptest::prop_assert!(bare.username().is_empty());
                let expected = Secret::new(token).fingerprint();
                proptest::prop_assert_eq!(print, (key == PRIVATE_TOKEN).then_some(expected));
            }
        }

        #[test]
        fn no_address_panics(text in "\\PC{0,60}") {
            let _ = taken_apart(Zeroizing::new(text));
        }
    }
}
