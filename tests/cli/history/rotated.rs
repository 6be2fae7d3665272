//! `connect history --rotated-since`: evidence that every token of a list was rotated after a day.

use std::fs;

use serde_json::{Value, json};

use super::path;
use crate::support::{Cast as _, Home, world};

/// `hub` and `lab`, connected on the 1st; `lab` was given another token on the 3rd.
fn story(home: &Home, world: &forge_sandbox::Sandbox) {
    home.dotcom(world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    home.gitlab(world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    let new = home.gitlab(world, "expiring").with(["--name", "lab", "--yes"]);
    new.env("CONNECT_TEST_NOW", "2026-11-03T08:00:00Z").ends().succeeds().never_says("error");
}

/// Adds a line as a rotation writes it. The hash is made up: who asks for evidence and not for `--verify` takes it.
fn happened(home: &Home, line: Value) {
    let mut line = line;
    (line["seq"], line["hash"]) = (json!(99), json!("sha256:00"));
    let text = format!("{}{line}\n", fs::read_to_string(path(home)).unwrap());
    fs::write(path(home), text).unwrap();
}

#[cfg(feature = "test-hooks")]
#[test]
fn which_were_and_which_were_not() {
    let (home, world) = (Home::new(), world());
    story(&home, &world);
    let since = |date: &str, more: &[&str]| home.connect(["history", "--rotated-since", date]).with(more).ends();
    let _ = since("2026-11-01", &[]).succeeds();
    let _ = since("2026-11-01T12:00:00Z", &[]).succeeds();
    let _ = since("2026-11-01T12:00:01Z", &[]).exits(9);
    let _ = since("2026-11-02", &["lab"]).succeeds();
    let _ = since("2026-11-02", &["lab", "hub"]).exits(9);
    let _ = since("2026-11-03T08:00:01Z", &["lab"]).exits(9);
    insta::assert_snapshot!(super::shown(&since("2026-11-02", &["--verify"])), @"
    exit 9
    --- stdout
    hub | not-since | - | - | - | - | sha256:… | 0 | 0
    lab | rotated | 2026-11-03T08:00:00Z | replaced | USER@MACHINE | sha256:… | sha256:… | 0 | 0
    --- stderr
    the history is whole: 3 entries from 2026-11-01T12:00:00Z to 2026-11-03T08:00:00Z, each bound to the one before (it shows accidents and gaps, not an owner who rewrites the file)
    1 of 2 tokens did not come since 2026-11-02 00:00 UTC, or nothing tells; `connect rotate hub` rotates the first
    ");
    let ended = home.connect(["history", "--rotated-since", "2026-11-02"]).env("NO_COLOR", "1").at_terminal().ends();
    assert_eq!(ended.code, 9);
    assert!(
        ended.screen.lines().all(|line| line.chars().count() <= 80 || line.starts_with("1 of 2")),
        "{}",
        ended.screen
    );
    assert!(ended.screen.contains("✗ not since"), "{}", ended.screen);
}

#[cfg(feature = "test-hooks")]
#[test]
fn who_did_it_and_what_followed_as_json() {
    let (home, world) = (Home::new(), world());
    story(&home, &world);
    let new = home.record("lab")["token"]["fingerprint"].clone();
    let pushed = json!({ "at": "2026-11-03T08:00:02Z", "event": "pushed", "connection": "lab", "fingerprint": new,
        "destination": "gitlab-mirror", "target": "https://gitlab.example.com/team/app", "user": "alice", "machine": "desk" });
    happened(&home, pushed);
    super::super::watch::copied(&home, "lab", "https://gitlab.example.com/team/stale", false);
    let output = home.connect(["history", "--rotated-since", "2026-11-02", "--json"]).ends().exits(9);
    assert_eq!(output.stderr(), "");
    let document = output.document();
    assert_eq!((&document["since"], &document["rotated"]), (&json!("2026-11-02T00:00:00Z"), &json!(false)));
    assert_eq!(document["verified"], Value::Null);
    let [hub, lab] = document["connections"].as_array().unwrap().as_slice() else { panic!("{document}") };
    assert_eq!((&hub["name"], &hub["rotated"], &hub["at"]), (&json!("hub"), &json!(false), &Value::Null));
    assert_eq!(hub["fingerprint"], home.record("hub")["token"]["fingerprint"]);
    assert_eq!(
        (&lab["rotated"], &lab["event"], &lab["at"]),
        (&json!(true), &json!("replaced"), &json!("2026-11-03T08:00:00Z"))
    );
    assert_eq!(lab["fingerprint"], new);
    assert!(lab["old_fingerprint"].as_str().is_some_and(|old| old.starts_with("sha256:") && *old != new), "{lab}");
    assert!(lab["user"].is_string() && lab["machine"].is_string(), "{lab}");
    let followed = json!([{ "kind": "gitlab-mirror", "target": "https://gitlab.example.com/team/app", "at": "2026-11-03T08:00:02Z" }]);
    assert_eq!(lab["followed"], followed);
    assert_eq!(lab["stale"][0]["target"], "https://gitlab.example.com/team/stale");
    let ended =
        home.connect(["history", "--rotated-since", "2026-11-02", "lab"]).env("NO_COLOR", "1").at_terminal().ends();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    for line in [
        "   gitlab-mirror: https://gitlab.example.com/team/app",
        " ✗ gitlab-variable: https://gitlab.example.com/team/stale did not follow",
    ] {
        assert!(ended.screen.contains(line), "{line} is not in\n{}", ended.screen);
    }
}

#[test]
fn a_rotation_by_the_forge_names_the_token_before() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    let token = home.record("lab")["token"]["fingerprint"].as_str().unwrap().to_owned();
    let new = format!("sha256:{}", "a".repeat(64));
    home.edit_record("lab", |record| record["token"]["fingerprint"] = new.clone().into());
    happened(
        &home,
        json!({ "at": "2027-11-05T08:00:00Z", "event": "rotated", "connection": "lab", "fingerprint": new,
        "old_fingerprint": token, "user": "alice", "machine": "desk" }),
    );
    let document = home.connect(["history", "--rotated-since", "2027-11-05", "lab"]).json().succeeds().document();
    let lab = &document["connections"][0];
    assert_eq!(
        (&lab["event"], &lab["old_fingerprint"], &lab["user"]),
        (&json!("rotated"), &json!(token), &json!("alice"))
    );
}

#[test]
fn what_cannot_be_asked_for() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    for wrong in ["yesterday", "2026-13-01", "01.11.2026"] {
        let _ = home.connect(["history", "--rotated-since", wrong]).ends().exits(2);
    }
    let _ = home.connect(["history", "hub", "hub"]).json().fails(2, "usage");
    let _ = home.connect(["history", "--rotated-since", "2026-11-01", "nobody"]).json().fails(3, "no_such_connection");
    let webhook = ["github", "--host", &world.github_url(), "--webhook-only", "--store", "plain", "--name", "in"];
    home.connect(webhook).ends().succeeds().never_says("error");
    let _ = home.connect(["history", "--rotated-since", "2026-11-01", "in"]).json().fails(3, "no_token");
    let none = Home::new().connect(["history", "--rotated-since", "2026-11-01"]).json().succeeds().document();
    assert_eq!((&none["rotated"], none["connections"].as_array().unwrap().len()), (&json!(true), 0));
}

#[test]
fn a_record_that_does_not_read_is_no_evidence() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    fs::write(home.record_path("hub"), "{").unwrap();
    let output = home.connect(["history", "--rotated-since", "2020-01-01"]).json().exits(1);
    let document = output.document();
    assert_eq!(
        (&document["rotated"], &document["connections"][0]["error"]["code"]),
        (&json!(false), &json!("record_damaged"))
    );
}
