//! Many at once: those that forges can be asked for, and those that a person has to make.

use crate::support::forges::at_gitlab;
use crate::support::{Cast as _, Home, world};

#[test]
fn in_a_job_what_needs_a_person_is_listed_with_its_page() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "expiring").with(["--name", "hub"]).ends().succeeds().never_says("error");
    home.gitlab(&world, "expiring").with(["--name", "lab"]).ends().succeeds().never_says("error");
    home.connect(["github", "--webhook-only", "--store", "plain"]).ends().succeeds().never_says("error");
    let old = world.gitlab_token("expiring");
    let call = home.connect(["rotate", "--all", "--within", "14d", "--no-input", "--expires-in", "90d"]);
    insta::assert_snapshot!(call.ends().shown(), @"
    exit 10
    --- stdout
    ✗ hub: the token of `hub` has to be made anew by a person
      → make it on
        https://github.com/settings/tokens/new?description=connect&default_expires_at=90&scopes=admin:org_hook,read:org,repo,workflow
      → then, at a terminal, `connect rotate hub` asks for it, hidden
      → or from a pipe: `connect rotate hub --pat-stdin --revoke-old`
    ✓ lab: rotated, ends 2027-01-30, in 89 days
    2 connections: 1 rotated, 1 failed
    ");
    assert!(!world.is_alive_gitlab(&old) && world.is_alive_github("expiring"));
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
    let old = [world.gitlab_token("expiring"), world.gitlab_token("api")];
    assert!(old.iter().all(|old| world.is_alive_gitlab(old)));
    let mut terminal = home.connect(["rotate", &lab, "other"]).at_terminal();
    terminal.sees("Rotate 2 tokens? [y/N]").types("y");
    let ended = terminal.ends();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    assert!(ended.screen.contains("2 connections: 2 rotated"), "{}", ended.screen);
    assert!(!old.iter().any(|old| world.is_alive_gitlab(old)));
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

/// Whoever presses Ctrl-C while a forge is at it gets the new token all the same, and the others keep theirs.
#[test]
fn interrupted_it_finishes_what_cannot_be_undone() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "expiring").with(["--name", "a"]).ends().succeeds().never_says("error");
    home.gitlab(&world, "api").with(["--name", "b"]).ends().succeeds().never_says("error");
    let old = [world.gitlab_token("expiring"), world.gitlab_token("api")];
    let slow = std::time::Duration::from_millis(400);
    world.fault(forge_sandbox::Fault::gitlab().method("POST").once().delay_after_work(slow));
    world.clear_requests();
    let running = home.connect(["rotate", "a", "b", "--jobs", "1", "--json"]).begins();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !world.requests().iter().any(|seen| seen.path.ends_with("/rotate")) {
        assert!(std::time::Instant::now() < deadline, "it never asks for a rotation");
        std::thread::yield_now();
    }
    let pressed = std::process::Command::new("kill").args(["-INT", &running.id().to_string()]).status();
    assert!(pressed.unwrap().success());
    let output = running.ends().exits(130);
    let document = output.document();
    assert_eq!(document["connections"][0]["rotated"].as_bool(), Some(true), "{document}");
    assert_eq!(document["connections"][1]["rotated"].as_bool(), Some(false), "{document}");
    assert!(!world.is_alive_gitlab(&old[0]) && world.is_alive_gitlab(&old[1]));
    assert_eq!((home.secrets().len(), home.journal().len()), (2, 0));
    let kept = home.connect(["token", "a"]).ends().succeeds().stdout();
    assert!(world.is_alive_gitlab(kept.trim()));
}
