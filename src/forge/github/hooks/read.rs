//! What GitHub tells of a webhook.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::super::super::words::Scrubber;
use super::super::super::{address, lenient};
use super::PRIVATE_TOKEN;
use crate::model::hook::Hook;
use crate::model::{Fingerprint, Secret};

/// GitHub REST: "Get a repository webhook", "Get an organization webhook".
#[derive(Deserialize)]
pub(super) struct Found {
    id: u64,
    #[serde(default, deserialize_with = "lenient::or_default")]
    active: bool,
    #[serde(default, deserialize_with = "lenient::those_that_fit")]
    events: Vec<String>,
    config: Told,
    #[serde(default, deserialize_with = "lenient::or_default")]
    last_response: Response,
    #[serde(default, deserialize_with = "lenient::or_default")]
    created_at: Option<Timestamp>,
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

/// Nothing for one without an address.
pub(super) fn hook(found: Found, scrubber: &Scrubber<'_>) -> Option<Hook> {
    let (url, address, token) = taken_apart(&found.config.url?)?;
    Some(Hook {
        id: found.id,
        url: address::named(url.as_str(), scrubber)?,
        address,
        token,
        events: found.events.iter().map(|event| scrubber.name(event)).collect(),
        left_out: Vec::new(),
        of: None,
        active: found.active,
        has_secret: Some(found.config.secret.is_some_and(|secret| !secret.is_empty())),
        signs: None,
        json: found.config.content_type.as_deref() == Some("json"),
        verifies_tls: lenient::truth(&found.config.insecure_ssl) != Some(true),
        last_response: answered(found.last_response.code),
        last_message: found.last_response.message.and_then(|text| scrubber.some(&text)),
        alert: None,
        disabled_until: None,
        name: None,
        created_at: found.created_at,
    })
}

/// An address without what may not be seen, the fingerprint of all of it, and that of the token in it.
fn taken_apart(text: &str) -> Option<(Url, Fingerprint, Option<Fingerprint>)> {
    let url = Url::parse(text).ok().filter(Url::has_host)?;
    let token = url.query_pairs().find(|(key, value)| key == PRIVATE_TOKEN && !value.is_empty());
    let print = token.map(|(_, value)| Secret::new(value.into_owned()).fingerprint());
    Some((address::bare(&url), address::whole(&url), print))
}

/// GitHub says 0 where there was no answer.
pub(in super::super) fn answered(code: Option<u16>) -> Option<u16> {
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
            r#"{"type":"Repository","id":12345678,"name":"web","active":true,"events":["push","pull_request"],"created_at":"2026-11-01T12:00:00Z",
            "config":{"content_type":"json","insecure_ssl":"0","secret":"********",
                "url":"https://me:pw@gitlab.com/api/v4/projects/7/mirror/pull?x=1&private_token=glpat-abc%2Bd#f"},
            "last_response":{"code":422,"status":"misconfigured","message":"Invalid HTTP Response: 422"}}"#,
        );
        let expected = Hook {
            id: 12_345_678,
            url: Url::parse("https://gitlab.com/api/v4/projects/7/mirror/pull").unwrap_or_else(|_| unreachable!()),
            address: Fingerprint::of(
                b"https://me:pw@gitlab.com/api/v4/projects/7/mirror/pull?x=1&private_token=glpat-abc%2Bd",
            ),
            token: Some(Secret::new("glpat-abc+d".into()).fingerprint()),
            events: vec!["push".into(), "pull_request".into()],
            left_out: Vec::new(),
            of: None,
            active: true,
            has_secret: Some(true),
            signs: None,
            json: true,
            verifies_tls: true,
            last_response: Some(422),
            last_message: Some("Invalid HTTP Response: 422".into()),
            alert: None,
            disabled_until: None,
            name: None,
            created_at: "2026-11-01T12:00:00Z".parse().ok(),
        };
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn odd_ones() {
        let found = read(r#"{"id":1,"config":{"url":"https://h/x","insecure_ssl":1,"content_type":null,"secret":""}}"#);
        let found = found.unwrap_or_else(|| unreachable!());
        assert!(!found.active && found.has_secret == Some(false) && !found.json && !found.verifies_tls);
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

    proptest::proptest! {
        #[test]
        fn no_token_is_left_in_an_address(token in "[ -~]{4,40}", path in "[a-z/]{0,20}", key in "(private_token|x)") {
            let url = format!("https://me:{token}@h/{path}");
            if let Ok(mut url) = Url::parse(&url) {
                url.query_pairs_mut().append_pair("a", "b").append_pair(&key, &token);
                let (bare, _, print) = taken_apart(url.as_str()).unwrap_or_else(|| unreachable!());
                proptest::prop_assert!(bare.query().is_none() && bare.password().is_none());
                proptest::prop_assert!(bare.username().is_empty());
                let expected = Secret::new(token).fingerprint();
                proptest::prop_assert_eq!(print, (key == PRIVATE_TOKEN).then_some(expected));
            }
        }

        #[test]
        fn no_address_panics(text in "\\PC{0,60}") {
            let _ = taken_apart(&text);
        }
    }
}
