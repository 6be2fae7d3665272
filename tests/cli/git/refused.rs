//! Tokens that the forge refuses, or would.

use super::{DIARY, Desk};
use crate::support::Cast as _;

#[test]
fn a_token_that_died_at_the_forge_is_kept_and_marked() {
    let desk = Desk::new();
    desk.hub().set_up(&[]);
    desk.clone(&desk.at_github(DIARY), "diary").succeeds().never_says("connect:");
    let token = desk.world.github_token("classic");
    let fault = desk.world.fault(forge_sandbox::Fault::github().path("/octocat/diary.git").token("classic").answer(
        401,
        &[("www-authenticate", "Basic realm=\"GitHub\"")],
        "Invalid username or token.",
    ));
    let folder = desk.work().join("diary");
    let fetch = || desk.git_in(&folder, ["fetch", "-q"]).ends();
    // git takes the token for wrong and has it erased: connect takes note, and keeps it.
    fetch().exits(128).never_says(&token);
    let kept = desk.connect(["token", "hub"]).ends().succeeds();
    assert_eq!(kept.stdout().trim(), token);
    let record = desk.home.record("hub");
    assert!(record["token"]["refused_at"].is_string(), "{record}");
    let again = fetch().exits(128);
    assert!(again.stderr().contains("connect: the token of `hub` was refused"), "{}", again.shown());
    // It works again: the mark goes.
    desk.world.remove_fault(fault);
    let well = fetch().succeeds();
    assert_eq!(well.stderr().matches("connect: ").count(), 1, "{}", well.shown());
    assert!(desk.home.record("hub")["token"]["refused_at"].is_null(), "{}", desk.home.record("hub"));
    fetch().succeeds().never_says("connect:");
}

#[test]
fn a_push_that_a_token_may_not_do() {
    let desk = Desk::new();
    desk.home
        .github(&desk.world, "fine-grained-readonly")
        .with(["--name", "hub"])
        .ends()
        .succeeds()
        .never_says("error");
    desk.set_up(&[]);
    let url = desk.at_github("agility-game/home-assistant-community-store");
    desk.clone(&url, "store").succeeds().never_says("connect:");
    let refused = desk.push("store", "no").exits(128);
    assert!(refused.stderr().contains("403"), "{}", refused.shown());
    // The forge knows the token: that is no reason to doubt it.
    assert!(desk.home.record("hub")["token"]["refused_at"].is_null());
    refused.never_says("connect:");
}

#[cfg(feature = "test-hooks")]
#[test]
fn a_dead_token_is_not_given_out() {
    let desk = Desk::new();
    desk.home.gitlab(&desk.world, "expiring").with(["--name", "lab"]).ends().succeeds().never_says("error");
    desk.set_up(&[]);
    desk.clone(&desk.at_gitlab(super::DASHBOARD), "alive").succeeds().never_says("connect:");
    desk.world.clear_requests();
    let url = desk.at_gitlab(super::DASHBOARD);
    let late =
        desk.git(["clone", "-q", &url, "late"]).env("CONNECT_TEST_NOW", "2099-01-01T00:00:00Z").ends().exits(128);
    let lines: Vec<String> =
        late.stderr().lines().filter(|line| line.starts_with("connect: ")).map(str::to_owned).collect();
    assert_eq!(lines.len(), 1, "{}", late.shown());
    assert!(lines[0].contains("`lab`") && lines[0].contains("expired on"), "{}", late.shown());
    assert!(
        desk.world.requests().iter().all(|request| request.header("authorization").is_none()),
        "a dead token was sent"
    );
}
