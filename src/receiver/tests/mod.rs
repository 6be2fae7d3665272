//! What the receiver takes and what it refuses.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod examples;
mod properties;
mod server;
mod tls;
mod verify;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::KeyInit as _;
use hmac::{Hmac, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;

use super::{Key, Verifier};
use crate::model::{Proof, Secret};

/// The time at which most of the tests take place: that of Standard Webhooks' own vector.
const AT: i64 = 1_614_265_330;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn headers<V: AsRef<[u8]>>(pairs: &[(&'static str, V)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        map.append(*name, axum::http::HeaderValue::from_bytes(value.as_ref()).unwrap());
    }
    map
}

fn key(proof: Proof, secret: &str, until: Option<i64>) -> Key {
    Key { proof, secret: Secret::new(secret.to_owned()), until: until.map(at) }
}

fn one(proof: Proof, secret: &str) -> Verifier {
    Verifier::new(&[key(proof, secret, None)]).unwrap()
}

fn digest(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

/// What GitHub sends in `X-Hub-Signature-256`.
fn hub(secret: &str, body: &[u8]) -> String {
    digest(secret.as_bytes(), &[body]).iter().fold("sha256=".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// One signature of `webhook-signature`.
fn signed(secret: &str, id: &str, time: &str, body: &[u8]) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let parts = [id.as_bytes(), b".", time.as_bytes(), b".", body];
    format!("v1,{}", STANDARD.encode(digest(&key, &parts)))
}
