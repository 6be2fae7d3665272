//! Headers that prove a delivery, by somebody who does not know the secret: nothing breaks, and nothing is believed.
//!
//! The input is lines: a header a line, `name:value`, then an empty line, then the body.

#![no_main]

use connect::model::{Proof, Secret};
use connect::receiver::{Key, Verifier};
use http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;

const SIGNING: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

fuzz_target!(|input: &[u8]| {
    let mut headers = HeaderMap::new();
    let mut rest = input;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let line = &rest[..end];
        rest = &rest[end + 1..];
        if line.is_empty() {
            break;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = HeaderName::from_bytes(&line[..colon]);
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(&line[colon + 1..])) {
            headers.append(name, value);
        }
    }
    let now = jiff::Timestamp::UNIX_EPOCH;
    for (proof, secret) in [
        (Proof::Signature, "a secret that nobody guesses"),
        (Proof::SigningToken, SIGNING),
        (Proof::Token, "\u{1}a token that no header can carry"),
    ] {
        let key = Key { proof, secret: Secret::new(secret.to_owned()), until: None };
        let verifier = Verifier::new(&[key]).expect("the keys are good");
        assert!(verifier.verify(&headers, rest, now).is_err());
        let _ = verifier.look(&headers, now);
    }
});
