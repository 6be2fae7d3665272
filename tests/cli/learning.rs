//! What an answer teaches about a token goes into its record, whichever command asked.

use serde_json::Value;

use crate::support::{Cast as _, Home, world};

/// How many requests of GitHub's hourly limit a user has spent.
fn used(world: &forge_sandbox::Sandbox) -> Vec<Value> {
    world.state()["github"]["usage"].as_object().unwrap().values().map(|usage| usage["used"].clone()).collect()
}

#[test]
fn a_renamed_account_is_followed_and_told_of() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    world.rename_github_account("octocat", "tentacle");
    let output = home.connect(["status"]).json().succeeds();
    let entry = &output.document()["connections"][0];
    assert_eq!(entry["renamed_from"], "octocat");
    assert_eq!(entry["account"]["login"], "tentacle");
    assert_eq!(home.record("hub")["account"]["login"], "tentacle");
    assert_eq!(home.record("hub")["account"]["id"], 583_231);
    let again = home.connect(["status"]).json().succeeds();
    assert_eq!(again.document()["connections"][0]["renamed_from"], Value::Null, "it is told once");
}

#[test]
fn people_are_told_what_an_account_is_called_now() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    world.rename_github_account("octocat", "tentacle");
    let output = home.connect(["status"]).ends().succeeds();
    assert!(output.stderr().contains("`hub`: the account octocat is called tentacle now"), "{}", output.stderr());
    world.rename_github_account("tentacle", "octopus");
    let ended = home.connect(["status"]).env("NO_COLOR", "1").at_terminal().ends();
    assert!(ended.screen.contains("hub: the account tentacle is called octopus now"), "{}", ended.screen);
}

#[cfg(feature = "test-hooks")]
#[test]
fn at_gitlab_the_name_is_looked_up_again_after_a_day() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    let before = home.record("lab")["account"]["login"].as_str().unwrap().to_owned();
    world.rename_gitlab_user(&before, "somebody-else");
    world.clear_requests();
    home.connect(["status"]).ends().succeeds().never_says("error");
    assert_eq!(world.requests().len(), 1, "one request is enough within a day");
    assert_eq!(home.record("lab")["account"]["login"], before);
    let tomorrow = home.connect(["status"]).env("CONNECT_TEST_NOW", "2026-11-02T12:00:01Z").json().succeeds();
    assert_eq!(tomorrow.document()["connections"][0]["renamed_from"], before);
    assert_eq!(home.record("lab")["account"]["login"], "somebody-else");
}

#[test]
fn a_github_that_has_nothing_new_is_asked_for_free() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "expiring").with(["--name", "hub"]).ends().succeeds().never_says("error");
    let (record, spent) = (home.record("hub"), used(&world));
    assert!(record["token"]["etag"].is_string(), "{record}");
    home.connect(["status"]).ends().succeeds().never_says("error");
    assert_eq!(used(&world), spent, "a 304 does not count");
    let after = home.record("hub");
    for field in ["scopes", "expires_at", "etag", "health", "fingerprint"] {
        assert_eq!(after["token"][field], record["token"][field], "{field}");
    }
    assert_eq!(after["account"], record["account"]);
    world.revoke_github("expiring");
    home.connect(["status"]).json().exits(4).never_says("valid\"");
    assert_eq!(home.record("hub")["token"]["health"], "unknown");
    assert_eq!(home.record("hub")["token"]["etag"], Value::Null);
}

#[test]
fn an_etag_that_is_none_is_not_sent() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    for odd in ["no quotes", "\"line\r\nX-Odd: 1\"", ""] {
        home.edit_record("hub", |record| record["token"]["etag"] = odd.into());
        world.clear_requests();
        home.connect(["status"]).ends().succeeds().never_says("error");
        let headers = format!("{:?}", world.requests()).to_lowercase();
        assert!(!headers.contains("if-none-match") && !headers.contains("x-odd"), "{headers}");
    }
}

#[test]
fn a_check_and_a_doctor_learn_too() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    for command in [vec!["check", "lab", "--for", "read"], vec!["doctor", "lab"]] {
        home.edit_record("lab", |record| {
            record["token"]["expires_at"] = Value::Null;
            record["token"]["health"] = "unknown".into();
        });
        let _ = home.connect(&command).ends();
        let record = home.record("lab");
        assert_eq!(record["token"]["health"], "valid", "{command:?}");
        assert!(record["token"]["expires_at"].is_string(), "{command:?}");
    }
    world.revoke_gitlab("api");
    let _ = home.connect(["check", "lab", "--for", "read"]).json().fails(4, "token_revoked");
    assert_eq!(home.record("lab")["token"]["health"], "revoked");
}

#[cfg(feature = "test-hooks")]
#[test]
fn that_nothing_has_changed_is_noted_once_an_hour() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    let status = |now: &str| home.connect(["status"]).env("CONNECT_TEST_NOW", now).ends().succeeds();
    let before = home.records();
    status("2026-11-01T12:59:59Z").never_says("error");
    assert_eq!(home.records(), before);
    status("2026-11-01T13:00:00Z").never_says("error");
    for name in ["hub", "lab"] {
        assert_eq!(home.record(name)["token"]["checked_at"], "2026-11-01T13:00:00Z", "{name}");
    }
}
