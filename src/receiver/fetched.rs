//! From what GitHub's API tells of a delivery to a [`Letter`], for whoever fetches deliveries instead of receiving them.
//!
//! What came over the API is proved by TLS and the token; the signature that the delivery was sent with is over bytes
//! that the API does not show: it gives the payload as JSON, however it was sent. So it is signed anew, with the same
//! secret, over the bytes that there are now, and whoever it is passed on to can verify it.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::letter::{Addressed, NotALetter, letter};
use super::verify::{HUB_SIGNATURE, hub_signature};
use crate::model::{Letter, Secret};

/// The older signature, with SHA-1. Nothing here looks at it, and it fits no more.
const OLD_SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature");

/// Reads a delivery that was fetched: the headers that it was sent with, as GitHub tells them, and its payload.
///
/// # Errors
/// [`NotALetter`].
pub fn fetched(
    to: &Addressed<'_>,
    headers: &[(String, String)],
    payload: Vec<u8>,
    secret: &Secret,
) -> Result<Letter, NotALetter> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            map.append(name, value);
        }
    }
    map.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    map.remove(OLD_SIGNATURE);
    map.remove(HUB_SIGNATURE);
    let signature = hub_signature(secret, &payload).ok().and_then(|text| HeaderValue::from_str(&text).ok());
    if let Some(signature) = signature {
        map.insert(HUB_SIGNATURE, signature);
    }
    letter(to, &map, payload)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::{Key, Verifier};
    use super::*;
    use crate::model::{ForgeKind, Proof};

    #[test]
    fn a_form_becomes_json_and_is_signed_anew() -> Result<(), Box<dyn std::error::Error>> {
        let connection = "work".parse()?;
        let to =
            Addressed { forge: ForgeKind::GitHub, connection: &connection, endpoint: "e", at: Timestamp::UNIX_EPOCH };
        let headers = [
            ("X-GitHub-Event", "push"),
            ("X-GitHub-Delivery", "d-1"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("X-Hub-Signature", "sha1=00"),
            ("X-Hub-Signature-256", "********"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let secret = Secret::new("mysecret".to_owned());
        let letter = fetched(&to, &headers, br#"{"foo":"bar"}"#.to_vec(), &secret)?;
        let value =
            |wanted: &str| letter.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        assert_eq!((letter.event.as_str(), value("content-type")), ("push", Some("application/json")));
        assert_eq!(value("x-hub-signature"), None);
        // The vector that receivers test themselves with.
        let known = "sha256=4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3";
        assert_eq!(value("x-hub-signature-256"), Some(known));
        let mut sent = HeaderMap::new();
        sent.insert(HUB_SIGNATURE, HeaderValue::from_static(known));
        let verifier = Verifier::new(&[Key { proof: Proof::Signature, secret, until: None }])?;
        Ok(verifier.verify(&sent, &letter.body, Timestamp::UNIX_EPOCH)?)
    }
}
