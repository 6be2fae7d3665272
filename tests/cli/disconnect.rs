//! `connect disconnect`: forgotten everywhere, killed first where that is asked for, or kept whole.

use forge_sandbox::Fault;

use crate::support::forges::at_gitlab;
use crate::support::{Cast as _, Home, world};

#[test]
fn every_place_is_named() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    world.clear_requests();
    insta::assert_snapshot!(home.connect(["disconnect", "octocat@github.com"]).ends().shown(), @"
    exit 0
    --- stdout
    ✓ Forgot `octocat@github.com`
      removed from HOME/connect/data/secrets/ID
      removed from HOME/connect/data/connections/octocat@github.com.json
    ");
    assert_eq!((home.records().len(), home.secrets().len(), home.journal().len()), (0, 0, 0));
    assert!(world.requests().is_empty(), "the forge is not asked");
    assert!(world.is_alive_github("classic"));
}

#[test]
fn revoked_at_github_com_without_credentials() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    world.clear_requests();
    let output = home.connect(["disconnect", "octocat@github.com", "--revoke"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stdout
    ✓ Forgot `octocat@github.com`
      revoked at github.com; it no longer works
      removed from HOME/connect/data/secrets/ID
      removed from HOME/connect/data/connections/octocat@github.com.json
    ");
    assert!(!world.is_alive_github("classic"));
    assert!(home.records().is_empty() && home.secrets().is_empty());
    let revoked = world.requests().into_iter().find(|seen| seen.path == "/credentials/revoke").unwrap();
    assert_eq!(revoked.header("authorization"), None);
}

#[test]
fn revoked_at_gitlab() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").ends().succeeds().never_says("error");
    let name = at_gitlab(&world, "maintainer");
    let document = home.connect(["disconnect", &name, "--revoke"]).json().succeeds().document();
    assert_eq!((document["revoked"].as_bool(), document["name"].as_str()), (Some(true), Some(name.as_str())));
    assert_eq!(document["removed"].as_array().unwrap().len(), 2);
    assert!(!world.is_alive_gitlab("api"));
    assert!(home.records().is_empty() && home.secrets().is_empty());
}

#[test]
fn when_revoking_fails_everything_is_kept() {
    let world = world();
    let revoke = || Fault::github().path("/credentials/revoke");
    for (fault, code) in [
        (revoke().status(500), "server_error"),
        (revoke().drop_before_work(), "connection_lost"),
        (revoke().never_answer(), "timed_out"),
    ] {
        let home = Home::new();
        world.clear_faults();
        home.dotcom(&world, "classic").ends().succeeds().never_says("error");
        world.fault(fault);
        let before = home.contents();
        let call = home.connect(["disconnect", "octocat@github.com", "--revoke", "--timeout", "1"]);
        let error = call.json().fails(7, code);
        assert_eq!(error["connection"], "octocat@github.com");
        let changed: Vec<_> =
            home.contents().into_iter().filter(|(name, bytes)| before.get(name) != Some(bytes)).collect();
        assert!(changed.is_empty(), "{changed:?}");
        assert!(world.is_alive_github("classic"));
    }
}

#[test]
fn a_revocation_whose_answer_was_lost_can_be_repeated() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    world.fault(Fault::gitlab().method("DELETE").once().drop_after_work());
    let first = home.connect(["disconnect", "lab", "--revoke"]).json();
    assert!(!world.is_alive_gitlab("api"));
    if first.code != Some(0) {
        assert_eq!(home.records().len(), 1, "{}", first.shown());
        home.connect(["disconnect", "lab", "--revoke"]).ends().succeeds().never_says("error");
    }
    assert!(home.records().is_empty() && home.secrets().is_empty());
}

#[test]
fn a_revocation_that_does_not_kill_keeps_everything() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    world.fault(Fault::gitlab().method("DELETE").status(204));
    home.connect(["disconnect", "lab", "--revoke"]).json().fails(1, "still_alive");
    assert_eq!((home.records().len(), home.secrets().len()), (1, 1));
}

#[test]
fn a_token_that_is_dead_already_is_forgotten() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    world.revoke_gitlab("api");
    home.connect(["disconnect", "lab", "--revoke"]).ends().succeeds().never_says("error");
    assert!(home.records().is_empty() && home.secrets().is_empty());
}

#[test]
fn an_enterprise_server_has_no_such_call() {
    let (home, world) = (Home::new(), world());
    home.github(&world, "classic").with(["--name", "ghes"]).ends().succeeds().never_says("error");
    let before = home.contents();
    let output = home.connect(["disconnect", "ghes", "--revoke"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 1
    --- stderr
    error: 127.0.0.1:PORT: the forge has no such call
      → do it on http://127.0.0.1:PORT/settings/tokens
    ");
    assert_eq!(
        home.contents().get("connect/data/connections/ghes.json"),
        before.get("connect/data/connections/ghes.json")
    );
    assert_eq!(home.secrets().len(), 1);
    assert!(world.is_alive_github("classic"));
}

#[test]
fn a_variable_is_not_changed() {
    let (home, world) = (Home::new(), world());
    let call =
        home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-env", "GH_TOKEN", "--store", "env"]);
    call.env("GH_TOKEN", &world.github_token("classic")).ends().succeeds().never_says("error");
    insta::assert_snapshot!(home.connect(["disconnect", "octocat@github.com"]).ends().shown(), @"
    exit 0
    --- stdout
    ✓ Forgot `octocat@github.com`
      removed from HOME/connect/data/connections/octocat@github.com.json
      ! still in the variable GH_TOKEN, which connect does not change
    ");
    assert!(home.records().is_empty());
}

#[test]
fn a_variable_whose_token_is_revoked() {
    let (home, world) = (Home::new(), world());
    let token = world.gitlab_token("api");
    let call = home.connect(["gitlab", "--host", &world.gitlab_url(), "--pat-env", "CI_TOKEN", "--store", "env"]);
    call.with(["--name", "ci"]).env("CI_TOKEN", &token).ends().succeeds().never_says("error");
    home.connect(["disconnect", "ci", "--revoke"]).json().fails(8, "variable_missing");
    assert!(world.is_alive_gitlab("api"));
    let document = home.connect(["disconnect", "ci", "--revoke"]).env("CI_TOKEN", &token).json().succeeds().document();
    assert!(document["remaining"][0].as_str().unwrap().contains("CI_TOKEN"), "{document}");
    assert!(!world.is_alive_gitlab("api"));
}

#[test]
fn nothing_of_that_name() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    home.connect(["disconnect", "nobody"]).json().fails(3, "no_such_connection");
    // By name only: what a URL means may change, and this cannot be taken back.
    home.connect(["disconnect", "github.com"]).json().fails(3, "no_such_connection");
    home.connect(["disconnect", "https://github.com"]).json().fails(3, "no_such_connection");
    assert_eq!(home.records().len(), 1);
}

#[test]
fn a_secret_that_is_gone_already() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    std::fs::remove_file(&home.secrets()[0]).unwrap();
    home.connect(["disconnect", "octocat@github.com"]).ends().succeeds().never_says("error");
    assert!(home.records().is_empty());
}
