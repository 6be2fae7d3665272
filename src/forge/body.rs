//! What is sent, and the few forms in which a secret goes out in it; and the one in which one comes.
//!
//! A secret beside the token that authorises is in the JSON of a body: as it is, in the user part of an address (a
//! mirror's, on old servers), or in its query (the webhook that triggers a mirror). Each form is a type here that
//! serialises and does nothing else. The bytes are wiped when they were handed on.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serialize, Serializer};
use url::Url;
use zeroize::Zeroizing;

use crate::model::Secret;

/// More than any body with a secret needs: what grows is copied, and the copy left behind is not wiped.
const ROOM: usize = 4096;

/// What stands for itself in every part of an address (RFC 3986, "unreserved").
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The bytes of a JSON body.
pub(super) fn json(value: &impl Serialize) -> Zeroizing<Vec<u8>> {
    let mut body = Zeroizing::new(Vec::with_capacity(ROOM));
    // Texts, numbers and structs of them: nothing that JSON has no word for.
    if serde_json::to_writer(&mut *body, value).is_err() {
        body.clear();
    }
    body
}

/// A secret as it is.
pub(super) struct Revealed<'a>(pub(super) &'a Secret);

impl Revealed<'_> {
    fn text(&self) -> &str {
        self.0.reveal()
    }

    fn escaped(&self) -> PercentEncode<'_> {
        escaped(self.text())
    }
}

impl Serialize for Revealed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

/// A text as it is written in an address, in any part of it.
pub(super) fn escaped(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

/// An address with a user and a password in it.
pub(super) struct SignedIn<'a> {
    /// Without either.
    pub(super) url: &'a Url,
    pub(super) user: &'a str,
    pub(super) password: &'a Secret,
}

impl Serialize for SignedIn<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let url = super::address::bare(self.url);
        let (scheme, rest) = url.as_str().split_once("://").unwrap_or(("https", ""));
        let (user, password) = (escaped(self.user), Revealed(self.password));
        serializer.collect_str(&format_args!("{scheme}://{user}:{}@{rest}", password.escaped()))
    }
}

/// An address with a secret as a value of its query, where there is one.
pub(super) struct Asking<'a> {
    pub(super) url: &'a Url,
    /// The value's key, and the value.
    pub(super) with: Option<(&'a str, &'a Secret)>,
}

impl Serialize for Asking<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some((key, secret)) = self.with else { return serializer.serialize_str(self.url.as_str()) };
        let mark = if self.url.query().is_some() { '&' } else { '?' };
        let (address, _) = self.url.as_str().split_once('#').unwrap_or((self.url.as_str(), ""));
        serializer.collect_str(&format_args!("{address}{mark}{}={}", escaped(key), Revealed(secret).escaped()))
    }
}

/// A token that a forge has made. Nothing that no header could carry: what is taken for one may go into a URL.
pub(super) fn secret<'de, D: Deserializer<'de>>(value: D) -> Result<Secret, D::Error> {
    let text = Zeroizing::new(String::deserialize(value)?);
    let is_one = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    if is_one { Ok(Secret::new(text.to_string())) } else { Err(D::Error::custom("no token")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap_or_else(|_| unreachable!("{text}"))
    }

    fn written(value: &impl Serialize) -> String {
        String::from_utf8_lossy(&json(value)).into_owned()
    }

    #[test]
    fn each_form() {
        let secret = Secret::new("glpat-a_b.c\"@:/?&é".into());
        assert_eq!(written(&Revealed(&secret)), r#""glpat-a_b.c\"@:/?&é""#);
        let there = url("https://me:pw@github.com:8443/o/r.git?x=1#f");
        assert_eq!(
            written(&SignedIn { url: &there, user: "o'c@t", password: &secret }),
            r#""https://o%27c%40t:glpat-a_b.c%22%40%3A%2F%3F%26%C3%A9@github.com:8443/o/r.git""#
        );
        let with = Some(("private_token", &secret));
        assert_eq!(
            written(&Asking { url: &url("https://h/api/v4/projects/7/mirror/pull#f"), with }),
            r#""https://h/api/v4/projects/7/mirror/pull?private_token=glpat-a_b.c%22%40%3A%2F%3F%26%C3%A9""#
        );
        assert_eq!(
            written(&Asking { url: &url("https://h/x?a=b"), with: Some(("k", &Secret::new("v".into()))) }),
            r#""https://h/x?a=b&k=v""#
        );
        assert_eq!(written(&Asking { url: &url("https://h/x?a=b"), with: None }), r#""https://h/x?a=b""#);
    }

    proptest::proptest! {
        #[test]
        fn what_goes_in_comes_out(text in "\\PC{1,40}") {
            let secret = Secret::new(text.clone());
            let there = url("https://h/x");
            let asking = serde_json::to_value(Asking { url: &there, with: Some(("k", &secret)) });
            let asked = asking.ok().and_then(|value| Url::parse(value.as_str()?).ok());
            let found = asked.and_then(|url| url.query_pairs().next().map(|(_, value)| value.into_owned()));
            proptest::prop_assert_eq!(found.as_deref(), Some(text.as_str()));
            let signed = serde_json::to_value(SignedIn { url: &there, user: &text, password: &secret });
            let signed = signed.ok().and_then(|value| Url::parse(value.as_str()?).ok());
            let fits = signed.is_some_and(|url| {
                let password = url.password().unwrap_or_default();
                let decoded = percent_encoding::percent_decode_str(password).decode_utf8_lossy().into_owned();
                url.host_str() == Some("h") && url.path() == "/x" && decoded == text
            });
            proptest::prop_assert!(fits);
        }
    }
}
