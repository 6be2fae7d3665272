//! Signatures and tokens: the published vectors, and everything that is not quite one.

use super::super::verify::{BadKey, Refusal};
use super::{AT, Key, Verifier, at, headers, hub, key, one, signed};
use crate::model::Proof;

/// Standard Webhooks' own.
const SIGNING: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const TIME: &str = "1614265330";
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

fn github(verifier: &Verifier, signature: &str, body: &[u8]) -> Result<(), Refusal> {
    verifier.verify(&headers(&[("x-hub-signature-256", signature)]), body, at(AT))
}

fn standard(verifier: &Verifier, id: &str, time: &str, signature: &str, now: i64) -> Result<(), Refusal> {
    let said = headers(&[("webhook-id", id), ("webhook-timestamp", time), ("webhook-signature", signature)]);
    verifier.verify(&said, BODY, at(now))
}

#[test]
fn githubs_published_vectors() {
    for (secret, body, digest) in [
        // docs.github.com, "Validating webhook deliveries"
        (
            "It's a Secret to Everybody",
            "Hello, World!",
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        ),
        // octokit/webhooks-methods, test/verify.test.ts
        ("mysecret", r#"{"foo":"bar"}"#, "4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3"),
        // The same, with control characters and hearts.
        (
            "development",
            r#"{"foo":"Foo\n\u001B[34mbar: ♥♥♥♥♥♥♥♥\nthis-is-lost\u001B[0m\u001B[2K"}"#,
            "afecc3caa27548bb90d51a50384cb2868b9a3327b4ad6a01c9bd4ed0f8b0b12c",
        ),
    ] {
        let verifier = one(Proof::Signature, secret);
        let signature = format!("sha256={digest}");
        assert_eq!(github(&verifier, &signature, body.as_bytes()), Ok(()), "{secret}");
        assert_eq!(github(&verifier, &signature.to_uppercase().replace("SHA", "sha"), body.as_bytes()), Ok(()));
        assert_eq!(github(&verifier, &signature, format!("{body} ").as_bytes()), Err(Refusal::Wrong));
        assert_eq!(github(&one(Proof::Signature, "another"), &signature, body.as_bytes()), Err(Refusal::Wrong));
    }
}

#[test]
fn bodies_are_bytes_forms_and_emoji_included() {
    let verifier = one(Proof::Signature, "mysecret");
    for body in
        ["payload=%7B%22zen%22%3A%22a+b%22%7D".as_bytes(), "{\"a\":\"🦀\u{7}\"}".as_bytes(), b"\xff\x00\xfe", b""]
    {
        assert_eq!(github(&verifier, &hub("mysecret", body), body), Ok(()));
        assert_eq!(github(&verifier, &hub("mysecret ", body), body), Err(Refusal::Wrong));
    }
}

#[test]
fn standard_webhooks_published_vector() {
    let verifier = one(Proof::SigningToken, SIGNING);
    assert_eq!(standard(&verifier, ID, TIME, SIGNATURE, AT), Ok(()));
    // Among others, of other versions and other keys.
    let other = signed("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", ID, TIME, BODY);
    for several in [
        format!("{SIGNATURE} {other}"),
        format!("{other} {SIGNATURE}"),
        format!("v1a,c2lnbmVkIHdpdGggYSBwdWJsaWMga2V5 v2,x {SIGNATURE}"),
        format!("  {SIGNATURE}  "),
    ] {
        assert_eq!(standard(&verifier, ID, TIME, &several, AT), Ok(()), "{several}");
    }
    assert_eq!(standard(&verifier, ID, TIME, &other, AT), Err(Refusal::Wrong));
    assert_eq!(standard(&verifier, "msg_another", TIME, SIGNATURE, AT), Err(Refusal::Wrong));
    assert_eq!(standard(&verifier, ID, "1614265331", SIGNATURE, AT), Err(Refusal::Wrong));
}

#[test]
fn replays_and_clocks_that_are_ahead_are_stale() {
    let verifier = one(Proof::SigningToken, SIGNING);
    for (now, outcome) in [
        (AT + 300, Ok(())),
        (AT - 300, Ok(())),
        (AT + 301, Err(Refusal::Stale)),
        (AT - 301, Err(Refusal::Stale)),
        (0, Err(Refusal::Stale)),
    ] {
        assert_eq!(standard(&verifier, ID, TIME, SIGNATURE, now), outcome, "{now}");
    }
    // A part of a second counts too.
    let said = headers(&[("webhook-id", ID), ("webhook-timestamp", TIME), ("webhook-signature", SIGNATURE)]);
    let late = "2021-02-25T15:07:10.001Z".parse().unwrap();
    assert_eq!(at(AT + 300).to_string(), "2021-02-25T15:07:10Z");
    assert_eq!(verifier.verify(&said, BODY, late), Err(Refusal::Stale));
}

#[test]
fn what_is_missing_doubled_or_malformed_is_refused() {
    let hub_verifier = one(Proof::Signature, "mysecret");
    let good = hub("mysecret", BODY);
    let none: [(&str, &str); 0] = [];
    let verify = |pairs: &[(&'static str, &str)]| hub_verifier.verify(&headers(pairs), BODY, at(AT));
    assert_eq!(verify(&none), Err(Refusal::Missing));
    assert_eq!(verify(&[("x-hub-signature", "sha1=00")]), Err(Refusal::Missing));
    assert_eq!(verify(&[("x-gitlab-token", "mysecret")]), Err(Refusal::Missing));
    assert_eq!(verify(&[("x-hub-signature-256", &good), ("x-hub-signature-256", &good)]), Err(Refusal::Doubled));
    for malformed in [
        "",
        "sha256=",
        "sha256",
        &good[7..],
        &good[..good.len() - 1],
        &format!("{good}0"),
        &format!("{good},{good}"),
        &format!(" {good}"),
        &good.replacen("sha256", "sha1", 1),
        &good.replacen("sha256", "SHA256", 1),
        &format!("sha256={}", "g".repeat(64)),
        &format!("sha256=+{}", "0".repeat(63)),
    ] {
        assert_eq!(verify(&[("x-hub-signature-256", malformed)]), Err(Refusal::Malformed), "{malformed:?}");
    }

    let verifier = one(Proof::SigningToken, SIGNING);
    let all = [("webhook-id", ID), ("webhook-timestamp", TIME), ("webhook-signature", SIGNATURE)];
    for n in 0..3 {
        let without: Vec<_> = all.iter().enumerate().filter(|(at, _)| *at != n).map(|(_, pair)| *pair).collect();
        assert_eq!(verifier.verify(&headers(&without), BODY, at(AT)), Err(Refusal::Missing));
        let doubled = [&all[..], &all[n..=n]].concat();
        assert_eq!(verifier.verify(&headers(&doubled), BODY, at(AT)), Err(Refusal::Doubled));
    }
    for time in
        ["", "x", "+1614265330", "-1", " 1614265330", "1614265330.0", "16142653300000000", "99999999999999999999"]
    {
        assert_eq!(standard(&verifier, ID, time, SIGNATURE, AT), Err(Refusal::Malformed), "{time:?}");
    }
    for signature in
        ["", " ", "v1", "v1,", "v1,!!", "v1,AAAA", &SIGNATURE[3..], "v2,AAAA", &format!("{SIGNATURE},{SIGNATURE}")]
    {
        assert_eq!(standard(&verifier, ID, TIME, signature, AT), Err(Refusal::Malformed), "{signature:?}");
    }
    let flood = vec![SIGNATURE; 17].join(" ");
    assert_eq!(standard(&verifier, ID, TIME, &flood, AT), Err(Refusal::Malformed));
}

#[test]
fn plain_tokens_where_there_is_nothing_better() {
    let verifier = one(Proof::Token, "hunter2-and-more");
    let verify = |token: &str| verifier.verify(&headers(&[("x-gitlab-token", token)]), BODY, at(AT));
    assert_eq!(verify("hunter2-and-more"), Ok(()));
    for wrong in ["", "hunter2-and-mor", "hunter2-and-more ", "Hunter2-and-more"] {
        assert_eq!(verify(wrong), Err(Refusal::Wrong), "{wrong:?}");
    }
    let twice = headers(&[("x-gitlab-token", "hunter2-and-more"), ("x-gitlab-token", "hunter2-and-more")]);
    assert_eq!(verifier.verify(&twice, BODY, at(AT)), Err(Refusal::Doubled));
}

#[test]
fn there_is_no_way_down_from_a_signature_to_a_token() {
    let token = headers(&[("x-gitlab-token", "plain")]);
    // Nor for the secret itself, nor for a former plain token beside it.
    for keys in [
        vec![key(Proof::SigningToken, SIGNING, None)],
        vec![key(Proof::SigningToken, SIGNING, None), key(Proof::Token, "plain", Some(AT + 60))],
    ] {
        let verifier = Verifier::new(&keys).unwrap();
        assert_eq!(verifier.verify(&token, BODY, at(AT)), Err(Refusal::Missing));
        assert_eq!(verifier.look(&token, at(AT)), Err(Refusal::Missing));
        let bare = headers(&[("x-gitlab-token", SIGNING)]);
        assert_eq!(verifier.verify(&bare, BODY, at(AT)), Err(Refusal::Missing));
        // A right token does not mend a wrong signature.
        let wrong = [("webhook-id", ID), ("webhook-timestamp", TIME), ("webhook-signature", "v1,AAAA")];
        let both = [&wrong[..], &[("x-gitlab-token", "plain")]].concat();
        assert_eq!(verifier.verify(&headers(&both), BODY, at(AT)), Err(Refusal::Malformed));
    }
}

#[test]
fn two_secrets_hold_until_the_change_over_ends() {
    let keys = [key(Proof::Signature, "new", None), key(Proof::Signature, "old", Some(AT + 60))];
    let verifier = Verifier::new(&keys).unwrap();
    let verify = |secret: &str, now: i64| {
        verifier.verify(&headers(&[("x-hub-signature-256", hub(secret, BODY))]), BODY, at(now))
    };
    for (secret, now, outcome) in [
        ("new", AT, Ok(())),
        ("old", AT, Ok(())),
        ("old", AT + 59, Ok(())),
        ("old", AT + 60, Err(Refusal::Wrong)),
        ("new", AT + 600, Ok(())),
        ("other", AT, Err(Refusal::Wrong)),
    ] {
        assert_eq!(verify(secret, now), outcome, "{secret} {}", now - AT);
    }
}

#[test]
fn keys_that_prove_nothing_are_refused() {
    let bad = |keys: &[Key]| Verifier::new(keys).err();
    assert_eq!(bad(&[]), Some(BadKey::None));
    assert_eq!(bad(&[key(Proof::Signature, "old", Some(AT))]), Some(BadKey::None));
    assert_eq!(bad(&[key(Proof::Signature, "", None)]), Some(BadKey::Empty));
    assert_eq!(bad(&[key(Proof::Token, "", None)]), Some(BadKey::Empty));
    for damaged in
        ["whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!", &SIGNING[..SIGNING.len() - 1]]
    {
        assert_eq!(bad(&[key(Proof::SigningToken, damaged, None)]), Some(BadKey::SigningToken), "{damaged}");
    }
    let verifier = one(Proof::Signature, "a secret to look for");
    assert!(!format!("{verifier:?}").contains("secret to look for"));
}
