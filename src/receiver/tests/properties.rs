//! What holds for any headers and any body: the same is asked by the fuzz targets in `fuzz/`.

use proptest::prelude::*;

use super::{AT, at, headers, hub, one, signed};
use crate::model::Proof;
use crate::model::letter::{Packing, payload};

const SIGNING: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Bytes that a header may have.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(b'\t'), 32_u8..=126, 128_u8..=255];
    prop_oneof![
        proptest::collection::vec(byte, 0..120),
        "(sha256=)?[0-9a-fA-F]{60,68}".prop_map(String::into_bytes),
        "(v1a?,[A-Za-z0-9+/]{40,46}={0,2} ?){0,4}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn what_was_signed_is_proved_and_nothing_else(
        body in proptest::collection::vec(any::<u8>(), 0..400),
        secret in "[ -~]{1,80}",
        flipped in any::<prop::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let verifier = one(Proof::Signature, &secret);
        let said = headers(&[("x-hub-signature-256", hub(&secret, &body))]);
        prop_assert_eq!(verifier.verify(&said, &body, at(AT)), Ok(()));
        let mut changed = body.clone();
        if changed.is_empty() {
            changed.push(0);
        } else {
            *flipped.get_mut(changed.as_mut_slice()) ^= 1 << bit;
        }
        prop_assert!(verifier.verify(&said, &changed, at(AT)).is_err());

        let verifier = one(Proof::SigningToken, SIGNING);
        let time = AT.to_string();
        let signature = signed(SIGNING, "id.with.dots", &time, &body);
        let said = |id: &str| headers(&[("webhook-id", id), ("webhook-timestamp", &time), ("webhook-signature", &signature)]);
        prop_assert_eq!(verifier.verify(&said("id.with.dots"), &body, at(AT)), Ok(()));
        prop_assert!(verifier.verify(&said("id.with"), &body, at(AT)).is_err());
        prop_assert!(verifier.verify(&said("id.with.dots"), &changed, at(AT)).is_err());
    }

    #[test]
    fn no_header_breaks_it_or_is_believed(
        hub in value(), id in value(), time in value(), signature in value(), token in value(),
        body in proptest::collection::vec(any::<u8>(), 0..60),
    ) {
        let said = headers(&[
            ("x-hub-signature-256", hub),
            ("webhook-id", id),
            ("webhook-timestamp", time),
            ("webhook-signature", signature),
            ("x-gitlab-token", token),
        ]);
        for verifier in [one(Proof::Signature, "s3cret"), one(Proof::SigningToken, SIGNING), one(Proof::Token, "\u{1}")] {
            prop_assert!(verifier.verify(&said, &body, at(AT)).is_err());
            // What is refused before the body is read is never proved by one.
            let _ = verifier.look(&said, at(AT));
        }
    }

    #[test]
    fn a_look_never_refuses_what_would_be_proved(body in proptest::collection::vec(any::<u8>(), 0..60)) {
        let verifier = one(Proof::Signature, "s3cret");
        let said = headers(&[("x-hub-signature-256", hub("s3cret", &body))]);
        prop_assert_eq!(verifier.look(&said, at(AT)), Ok(()));
    }

    #[test]
    fn forms_give_back_the_payload_that_was_put_in(text in any::<String>()) {
        let form = url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", &text).finish();
        let read = payload(Packing::Form, form.as_bytes());
        prop_assert_eq!(read.as_deref(), Some(text.as_str()));
    }

    #[test]
    fn no_form_breaks_it(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = payload(Packing::Form, &bytes);
        let _ = payload(Packing::Json, &bytes);
    }
}
