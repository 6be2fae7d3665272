//! What people read of a rotation, and whether what they are told to do works.

use forge_sandbox::Sandbox;

use crate::support::{Cast as _, Home, world};

fn two() -> (Home, Sandbox) {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "expiring").with(["--name", "lab"]).ends().succeeds().never_says("error");
    let token = world.gitlab_token("oauth");
    home.connect(["gitlab", "--host", &world.gitlab_url(), "--oauth-token-stdin", "--store", "plain", "--name", "app"])
        .stdin(token)
        .ends()
        .succeeds()
        .never_says("error");
    (home, world)
}

#[test]
fn only_those_that_can_be_are_asked_about() {
    let (home, _world) = two();
    let mut terminal = home.connect(["rotate", "lab", "app"]).at_terminal();
    terminal.sees("is not one that GitLab rotates").sees("Rotate 1 token? [y/N]").types("n");
    let ended = terminal.ends();
    assert_eq!(ended.code, 9, "{}", ended.screen);
}

#[test]
fn copies_that_were_left_are_named_with_what_brings_them() {
    let (home, world) = two();
    let file = home.file("copy", "");
    let add = ["destination", "add", "lab", "--to", &format!("file:{file}")];
    home.connect(add).ends().succeeds().never_says("error");
    let old = world.gitlab_token("expiring");
    let left = home.connect(["rotate", "lab", "--no-push"]).ends().succeeds();
    assert!(left.stdout().contains("its copies are the old token's still"), "{}", left.shown());
    assert!(left.stdout().contains("`connect destination push lab --stale`"), "{}", left.shown());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), old);
    let _ = home.connect(["destination", "push", "lab", "--stale"]).ends().succeeds();
    let done = home.connect(["rotate", "lab"]).ends().succeeds();
    assert!(!done.stdout().contains("still"), "{}", done.shown());
}

#[test]
fn an_old_token_that_lives_is_found_on_the_page_that_lists_it() {
    let (home, world) = (Home::new(), world());
    home.github(&world, "expiring").with(["--name", "hub"]).ends().succeeds().never_says("error");
    let call = home.connect(["rotate", "hub", "--pat-stdin", "--keep-old"]).stdin(world.github_token("classic"));
    let kept = call.ends().succeeds();
    let page = format!("revoke it on {}/settings/tokens", world.github_url());
    assert!(kept.stdout().contains(&page), "{}", kept.shown());
}

#[test]
fn the_first_that_lacks_a_rotation_can_be_rotated() {
    let (home, world) = (Home::new(), world());
    home.connect(["gitlab", "--host", &world.gitlab_url(), "--pat-env", "T", "--store", "env", "--name", "a"])
        .env("T", &world.gitlab_token("developer"))
        .ends()
        .succeeds()
        .never_says("error");
    let since = ["history", "--rotated-since", "2027-01-01"];
    let one = home.connect(since).ends().exits(9);
    assert!(one.stderr().contains("`a` is rotated where its variable is set"), "{}", one.shown());
    home.gitlab(&world, "api").with(["--name", "b"]).ends().succeeds().never_says("error");
    let two = home.connect(since).ends().exits(9);
    assert!(two.stderr().contains("`connect rotate b` rotates the first"), "{}", two.shown());
}
