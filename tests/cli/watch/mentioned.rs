//! A token that dies within a week is mentioned by the commands that use it, once a day.

#![cfg(feature = "test-hooks")]

use std::fs;

use crate::support::{Cast as _, Home, Output, world};

/// A call at another time than the tests' own.
fn checks(home: &Home, name: &str, now: &str, more: &[&str]) -> Output {
    home.connect(["check", name, "--for", "read"]).with(more).env("CONNECT_TEST_NOW", now).ends()
}

fn mentions(output: &Output) -> bool {
    output.stderr().contains(" dies in ")
}

#[test]
fn once_a_day_with_what_to_do() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "expiring").with(["--name", "lab"]).ends().succeeds().never_says("error");
    insta::assert_snapshot!(checks(&home, "lab", "2026-11-01T13:00:00Z", &[]).stderr(), @"warning: the token of `lab` dies in 4 days; `connect rotate lab` replaces it");
    assert!(!mentions(&checks(&home, "lab", "2026-11-01T23:59:59Z", &[])));
    assert!(mentions(&checks(&home, "lab", "2026-11-02T00:00:00Z", &[])), "a new day");
    assert!(!mentions(&checks(&home, "lab", "2026-11-02T00:00:01Z", &[])));
}

#[test]
fn within_seven_days_and_not_before() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "expiring").with(["--name", "lab"]).ends().succeeds().never_says("error");
    assert_eq!(home.record("lab")["token"]["expires_at"], "2026-11-06T00:00:00Z", "00:00 UTC of GitLab's date");
    assert!(!mentions(&checks(&home, "lab", "2026-10-29T23:59:59Z", &[])));
    assert!(mentions(&checks(&home, "lab", "2026-10-30T00:00:00Z", &[])));
    home.gitlab(&world, "api").with(["--name", "late"]).ends().succeeds().never_says("error");
    assert!(!mentions(&checks(&home, "late", "2026-11-01T12:00:00Z", &[])));
}

#[test]
fn never_under_json_or_quiet_and_not_by_those_who_only_look() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "expiring").with(["--name", "lab"]).ends().succeeds().never_says("error");
    for silent in ["--json", "--quiet"] {
        checks(&home, "lab", "2026-11-01T12:00:00Z", &[silent]).never_says(" dies in ");
    }
    for command in [["status"].as_slice(), &["list"], &["doctor"], &["history"], &["token", "lab"]] {
        home.connect(command).ends().never_says(" dies in ");
    }
    assert!(!home.connect_home().join("state/mentions.json").exists(), "silence is no mention");
    assert!(mentions(&checks(&home, "lab", "2026-11-01T12:00:00Z", &[])));
}

#[test]
fn a_token_that_is_printed_for_a_person() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "expiring").with(["--name", "lab"]).ends().succeeds().never_says("error");
    let ended = home.connect(["token", "lab"]).env("NO_COLOR", "1").at_terminal().ends();
    assert!(ended.screen.contains("the token of `lab` dies in 4 days"), "{}", ended.screen);
}

#[test]
fn each_connection_for_itself_and_one_in_a_variable_otherwise() {
    let (home, world) = (Home::new(), world());
    for name in ["a", "b"] {
        home.gitlab(&world, "expiring").with(["--name", name]).ends().succeeds().never_says("error");
    }
    assert!(mentions(&checks(&home, "a", "2026-11-01T12:00:00Z", &[])));
    assert!(mentions(&checks(&home, "b", "2026-11-01T12:00:00Z", &[])));
    let arguments = ["gitlab", "--host", &world.gitlab_url(), "--pat-env", "TOKEN", "--store", "env", "--name", "c"];
    let token = world.gitlab_token("expiring");
    home.connect(arguments).env("TOKEN", &token).ends().succeeds().never_says("error");
    let output = home.connect(["check", "c", "--for", "read"]).env("TOKEN", &token).ends();
    assert!(
        output.stderr().contains("`connect new-token gitlab --for TASK` makes one to put into TOKEN"),
        "{}",
        output.shown()
    );
}

#[test]
fn a_mark_that_cannot_be_kept_is_no_reason_to_fail() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "expiring").with(["--name", "lab"]).ends().succeeds().never_says("error");
    fs::create_dir(home.connect_home().join("state/mentions.json")).unwrap();
    for _ in 0..2 {
        assert!(mentions(&checks(&home, "lab", "2026-11-01T12:00:00Z", &[]).succeeds()));
    }
    fs::remove_dir(home.connect_home().join("state/mentions.json")).unwrap();
    fs::write(home.connect_home().join("state/mentions.json"), "{\"lab\":").unwrap();
    assert!(mentions(&checks(&home, "lab", "2026-11-01T12:00:00Z", &[]).succeeds()));
    assert!(!mentions(&checks(&home, "lab", "2026-11-01T12:00:00Z", &[]).succeeds()));
}

#[test]
fn an_end_that_was_put_off_at_the_forge_is_no_alarm() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    home.edit_record("lab", |record| record["token"]["expires_at"] = "2026-11-03T00:00:00Z".into());
    assert!(!mentions(&checks(&home, "lab", "2026-11-01T12:00:00Z", &[])));
}
