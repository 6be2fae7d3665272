//! Connections: what their forges say of their tokens, and what their records promise in vain.

use forge_sandbox::Sandbox;

use super::{Found, two};
use crate::support::{Cast as _, Home, world};

#[test]
fn tokens_that_died() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    world.revoke_gitlab("api");
    world.revoke_github("classic");
    let found = Found::by(&home, &["lab"]).exits(4);
    found.has("connection", "health", "fail", "token_revoked").is("connection", "expiry", "skipped");
    Found::by(&home, &["hub"]).exits(4).has("connection", "health", "fail", "bad_credentials");
    // The keyring, which is the default, is missing here: that is worse.
    Found::by(&home, &[]).exits(8).has("store", "keyring", "fail", "no_keyring");
}

#[cfg(feature = "test-hooks")]
#[test]
fn tokens_that_die_soon() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "expiring").with(["--name", "soon"]).ends().succeeds().never_says("error");
    let found = Found::by(&home, &["soon"]).exits(0);
    found.has("connection", "expiry", "warn", "expires_soon");
    assert_eq!(found.link("connection", "expiry")["message"], "it expires in 5 days");
    let later = home.connect(["doctor", "soon", "--no-network"]).env("CONNECT_TEST_NOW", "2027-11-01T12:00:00Z");
    let found = Found::of(later.json()).exits(4);
    found.has("connection", "expiry", "fail", "token_expired").is("connection", "health", "skipped");
    let asked = home.connect(["doctor", "soon"]).env("CONNECT_TEST_NOW", "2027-11-01T12:00:00Z");
    let found = Found::of(asked.json()).exits(1);
    found.has("host", "clock", "fail", "clock_wrong").is("connection", "health", "ok");
    found.is("connection", "expiry", "skipped");
}

#[test]
fn what_a_record_promises_in_vain() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    home.edit_record("hub", |record| {
        record["serves"] = serde_json::json!(["https://github.com/octocat", "https://gitlab.com/octocat"]);
    });
    let found = Found::by(&home, &["hub"]).exits(0);
    found.has("connection", "serves", "warn", "never_serves").has("connection", "kept in", "warn", "kept_plain");
    home.edit_record("lab", |record| record["url"] = "ftp://nowhere".into());
    Found::by(&home, &["lab", "--no-network"]).exits(1).has("connection", "address", "fail", "record_damaged");
}

#[test]
fn a_token_without_scopes_and_one_whose_scopes_nobody_names() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "fine-grained-import").with(["--name", "fine"]).ends().succeeds().never_says("error");
    Found::by(&home, &["fine"]).exits(0).is("connection", "scopes", "ok");
    two(&home, &world);
    let found = Found::by(&home, &["hub"]).exits(0);
    assert_eq!(found.link("connection", "scopes")["message"], "admin:org_hook, read:org, repo, workflow");
    no_scopes(&home, &world);
}

fn no_scopes(home: &Home, world: &Sandbox) {
    use forge_sandbox::Fault;
    let headers = [("content-type", "application/json"), ("x-oauth-scopes", "")];
    world.fault(Fault::github().path("/user").answer(
        200,
        &headers,
        r#"{"login":"octocat","id":583231,"type":"User"}"#,
    ));
    Found::by(home, &["hub"]).exits(0).has("connection", "scopes", "warn", "no_scopes");
}
