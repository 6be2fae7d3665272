//! Many at once: those that forges can be asked for, and those that a person has to make.

use crate::support::forges::at_gitlab;
use crate::support::{Cast as _, Home, world};

#[test]
fn in_a_job_what_needs_a_person_is_listed_with_its_page() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "expiring").with(["--name", "hub"]).ends().succeeds().never_says("error");
    home.gitlab(&world, "expiring").with(["--name", "lab"]).ends().succeeds().never_says("error");
    home.connect(["github", "--webhook-only", "--store", "plain"]).ends().succeeds().never_says("error");
    let call = home.connect(["rotate", "--all", "--within", "14d", "--no-input", "--expires-in", "90d"]);
    insta::assert_snapshot!(call.ends().shown(), @"");
    assert!(!world.is_alive_gitlab("expiring") && world.is_alive_github("expiring"));
    // Nothing is left to be done for the one, and the other waits still.
    let document = home.connect(["rotate", "--all", "--within", "14d", "--no-input"]).json().exits(9).document();
    assert_eq!(document["connections"].as_array().unwrap().len(), 1, "{document}");
    assert_eq!(document["connections"][0]["error"]["code"], "needs_a_person");
}

#[test]
fn at_a_terminal_it_is_shown_and_asked() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "expiring").ends().succeeds().never_says("error");
    home.gitlab(&world, "api").with(["--name", "other"]).ends().succeeds().never_says("error");
    let lab = at_gitlab(&world, "maintainer");
    let mut terminal = home.connect(["rotate", &lab, "other"]).at_terminal();
    terminal.sees("One machine rotates a token").sees("Rotate 2 tokens? [y/N]").types("n");
    let ended = terminal.ends();
    assert_eq!(ended.code, 9, "{}", ended.screen);
    assert!(world.is_alive_gitlab("expiring") && world.is_alive_gitlab("api"));
    let mut terminal = home.connect(["rotate", &lab, "other"]).at_terminal();
    terminal.sees("Rotate 2 tokens? [y/N]").types("y");
    let ended = terminal.ends();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    assert!(ended.screen.contains("2 connections: 2 rotated"), "{}", ended.screen);
    assert!(!world.is_alive_gitlab("expiring") && !world.is_alive_gitlab("api"));
}

#[test]
fn one_that_fails_stops_no_other() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").with(["--name", "a"]).ends().succeeds().never_says("error");
    home.gitlab(&world, "expiring").with(["--name", "b"]).ends().succeeds().never_says("error");
    world.fault(forge_sandbox::Fault::gitlab().method("POST").token("api").status(403));
    let document = home.connect(["rotate", "b", "a"]).json().exits(10).document();
    let told: Vec<_> = document["connections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["name"].as_str().unwrap(), it["rotated"].as_bool().unwrap()))
        .collect();
    assert_eq!(told, [("a", false), ("b", true)]);
    // Alone, it ends as its cause does.
    let output = home.connect(["rotate", "a"]).ends();
    assert!(matches!(output.code, Some(5)), "{}", output.shown());
}
