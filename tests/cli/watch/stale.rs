//! Copies of a secret that was replaced are shown wherever connections are looked at.

use serde_json::json;

use super::copied;
use crate::support::{Cast as _, Home, world};

#[cfg(feature = "test-hooks")]
#[test]
fn list_and_status_name_them_and_the_mend() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    copied(&home, "lab", "https://gitlab.example.com/team", true);
    assert!(!home.connect(["status"]).ends().succeeds().shown().contains("stale"));
    copied(&home, "lab", "https://gitlab.example.com/other", false);
    insta::assert_snapshot!(home.connect(["list"]).ends().shown(), @"
    exit 0
    --- stdout
    lab	http://127.0.0.1:PORT	maintainer	personal	2027-01-30T00:00:00Z	plain	valid
    --- stderr
    warning: `lab`: 1 of 2 copies is stale; `connect destination push lab --stale` mends that
    ");
    insta::assert_snapshot!(home.connect(["status", "--min-days", "100"]).ends().shown(), @"
    exit 6
    --- stdout
    lab	valid	2027-01-30T00:00:00Z	89	expires in 89 days; 1 of 2 copies is stale
    --- stderr
    warning: 1 token kept readable, in the store `plain`
    ");
    for command in ["list", "status"] {
        let ended = home.connect([command]).env("NO_COLOR", "1").at_terminal().ends();
        assert_eq!(ended.code, if command == "list" { 0 } else { 9 });
        for line in [
            "! lab: 1 of 2 copies is stale",
            "gitlab-variable DEPLOY_TOKEN of https://gitlab.example.com/other",
            "`connect destination push lab --stale`",
        ] {
            assert!(ended.screen.contains(line), "{line} is not in\n{}", ended.screen);
        }
        assert!(ended.screen.lines().all(|line| line.chars().count() <= 80), "{}", ended.screen);
        let entry = &home.connect([command]).json().document()["connections"][0];
        assert_eq!((&entry["stale"], entry["destinations"].as_array().unwrap().len()), (&json!(1), 2));
    }
    assert_eq!(home.record("lab")["stale"], json!(null), "that is not written down");
}

#[test]
fn they_are_the_mildest_that_status_ends_with() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "expiring").with(["--name", "lab"]).ends().succeeds().never_says("error");
    copied(&home, "lab", "https://gitlab.example.com/team", false);
    let _ = home.connect(["status"]).ends().exits(9);
    let _ = home.connect(["status", "--min-days", "14"]).ends().exits(6);
    world.revoke_gitlab("expiring");
    let _ = home.connect(["status"]).ends().exits(4);
}

#[test]
fn a_new_token_makes_them_so() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    copied(&home, "lab", "https://gitlab.example.com/team", true);
    let stale = || home.connect(["status"]).json().document()["connections"][0]["stale"].clone();
    assert_eq!(stale(), 0);
    home.gitlab(&world, "expiring").with(["--name", "lab", "--yes"]).ends().succeeds().never_says("error");
    assert_eq!(stale(), 1);
}

#[test]
fn one_that_only_receives_is_told_of_too() {
    let (home, world) = (Home::new(), world());
    let arguments = ["github", "--host", &world.github_url(), "--webhook-only", "--store", "plain", "--name", "in"];
    home.connect(arguments).ends().succeeds().never_says("error");
    assert!(home.connect(["status"]).json().succeeds().document()["connections"].as_array().unwrap().is_empty());
    home.edit_record("in", |record| {
        record["destinations"] = json!([{ "kind": "github-webhook", "of": "webhook", "target": "https://api.github.com/repos/a/b/hooks/1",
            "secret": "0".repeat(32), "since": "2026-10-01T08:00:00Z" }]);
    });
    let document = home.connect(["status"]).json().exits(9).document();
    assert_eq!((&document["connections"][0]["name"], &document["connections"][0]["stale"]), (&json!("in"), &json!(1)));
}

#[test]
fn the_doctor_names_the_command() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    copied(&home, "lab", "https://gitlab.example.com/team", true);
    let link = |exit: i32| {
        let document = home.connect(["doctor", "lab"]).json().exits(exit).document();
        document["checks"].as_array().unwrap().iter().find(|check| check["name"] == "copies").unwrap().clone()
    };
    assert_eq!((&link(0)["status"], &link(0)["message"]), (&json!("ok"), &json!("1, with the present secret")));
    copied(&home, "lab", "https://gitlab.example.com/other", false);
    let bad = link(9);
    assert_eq!((&bad["status"], &bad["code"]), (&json!("fail"), &json!("stale_copies")));
    assert_eq!(bad["mend"], "`connect destination push lab --stale`");
}
