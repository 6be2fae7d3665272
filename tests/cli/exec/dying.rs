//! Tokens that are dead, or nearly.

use super::{dotcom, lab};
use crate::support::{Cast as _, Home, world};

#[cfg(feature = "test-hooks")]
#[test]
fn a_token_that_expires_within_the_hour() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "expiring").ends().succeeds().never_says("error");
    let call = home.connect(["exec", "octocat@github.com", "--", "true"]);
    let at = |time: &str| call.clone().env("CONNECT_TEST_NOW", time);
    assert_eq!(at("2026-11-06T10:59:59Z").ends().succeeds().stderr(), "");
    insta::assert_snapshot!(at("2026-11-06T11:15:00Z").ends().shown(), @"
    exit 0
    --- stderr
    warning: the token of `octocat@github.com` expires in 45 minutes
    ");
    insta::assert_snapshot!(at("2026-11-06T11:59:30Z").ends().shown(), @"
    exit 0
    --- stderr
    warning: the token of `octocat@github.com` expires within a minute
    ");
    let output = home.connect(["exec", "octocat@github.com", "--json", "--", "true"]);
    assert_eq!(output.env("CONNECT_TEST_NOW", "2026-11-06T11:15:00Z").ends().succeeds().warnings(), ["expires_soon"]);
    insta::assert_snapshot!(at("2026-11-06T12:00:00Z").ends().shown(), @"
    exit 125
    --- stderr
    error: the token of `octocat@github.com` expired at 2026-11-06T12:00:00Z
      → make a new one and connect it under the same name
      → if its life was extended at the forge, `connect status octocat@github.com` finds out
    ");
}

#[test]
fn tokens_that_are_not_handed_out() {
    let (home, world) = (Home::new(), world());
    dotcom(&home, &world);
    lab(&home, &world);
    home.edit_record("lab", |record| record["token"]["health"] = "revoked".into());
    let call = |name: &str| home.connect(["exec", name, "octocat@github.com", "--json", "--", "env"]).ends();
    call("lab").fails(125, "token_revoked");
    call("nobody").fails(125, "no_such_connection");
    home.edit_record("lab", |record| record["token"] = serde_json::Value::Null);
    call("lab").fails(125, "no_token");
}

#[test]
fn a_store_that_does_not_open() {
    let (home, world) = (Home::new(), world());
    dotcom(&home, &world);
    home.edit_record("octocat@github.com", |record| record["token"]["kept_in"] = "keyring".into());
    let output = home.connect(["exec", "octocat@github.com", "--no-input", "--json", "--", "env"]).ends();
    assert_eq!(output.code, Some(125), "{}", output.shown());
    assert_eq!(output.stdout(), "");
}
