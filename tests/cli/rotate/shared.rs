//! One token in several places of one home, records that do not read, and old tokens that were to be revoked: nothing is
//! killed that is still in use, and nothing is passed over in silence.

use forge_sandbox::Sandbox;

use crate::support::{Cast as _, Home, world};

fn lab(home: &Home, world: &Sandbox, name: &str) {
    home.gitlab(world, "api").with(["--name", name]).ends().succeeds().never_says("error");
}

fn hub(home: &Home, world: &Sandbox, name: &str) {
    home.dotcom(world, "expiring").with(["--name", name]).ends().succeeds().never_says("error");
}

/// Asked for both, GitLab would take the second for a theft and kill the successor that the first got.
#[test]
fn two_connections_with_one_token_are_not_rotated() {
    let (home, world) = (Home::new(), world());
    lab(&home, &world, "one");
    lab(&home, &world, "two");
    let document = home.connect(["rotate", "one", "two"]).json().exits(9).document();
    for row in document["connections"].as_array().unwrap() {
        assert_eq!((&row["rotated"], row["error"]["code"].as_str()), (&false.into(), Some("token_shared")), "{row}");
    }
    insta::assert_snapshot!(home.connect(["rotate", "--all", "--within", "400d", "--dry-run"]).ends().shown(), @"
    exit 9
    --- stdout
    ✗ one: the token of `one` is that of `two` too: rotating it would kill it
      there
      → nothing was changed
      → `connect disconnect two` forgets it there
      → then rotate it
    ✗ two: the token of `two` is that of `one` too: rotating it would kill it
      there
      → nothing was changed
      → `connect disconnect one` forgets it there
      → then rotate it
    ");
    assert_eq!(world.family("api").calls, 0);
    home.connect(["disconnect", "two"]).ends().succeeds().never_says("error");
    home.connect(["rotate", "one"]).ends().succeeds().never_says("error");
    assert!(!world.family("api").killed);
}

#[test]
fn an_old_token_that_another_connection_has_is_not_revoked() {
    let (home, world) = (Home::new(), world());
    hub(&home, &world, "hub");
    hub(&home, &world, "other");
    let rotate = || home.connect(["rotate", "hub", "--pat-stdin", "--revoke-old"]).stdin(world.github_token("classic"));
    insta::assert_snapshot!(rotate().ends().shown(), @"
    exit 10
    --- stdout
    ✓ hub: the new token is in place, ends never
      ! the old token still works: it is that of `other`, too
        → `connect rotate other`, or disconnect it; then `connect rotate --resume`
    ");
    assert!(world.is_alive_github("expiring"), "`other` has it");
    let resumed = home.connect(["rotate", "--resume"]).json().exits(9).document();
    assert_eq!(resumed["connections"][0]["old_token"]["connections"][0], "other", "{resumed}");
    home.connect(["disconnect", "other"]).ends().succeeds().never_says("error");
    // It was said that it is to be revoked: whoever asks the forges next sees to it.
    home.connect(["status"]).ends().succeeds().never_says("error");
    assert!(!world.is_alive_github("expiring"));
    assert_eq!((home.secrets().len(), home.journal().len()), (1, 0));
}

#[test]
fn records_that_do_not_read_are_told_of() {
    let (home, world) = (Home::new(), world());
    lab(&home, &world, "lab");
    std::fs::write(home.record_path("damaged"), "{").unwrap();
    let all = ["rotate", "--all", "--within", "400d"];
    for call in [home.connect(all).with(["--dry-run"]), home.connect(all)] {
        let dry = call.command().get_args().any(|arg| arg == "--dry-run");
        let document = call.json().exits(if dry { 1 } else { 10 }).document();
        let rows = document["connections"].as_array().unwrap();
        assert_eq!(rows.len(), 2, "{document}");
        assert_eq!(rows[1]["error"]["code"], "record_damaged", "{document}");
    }
    let told = home.connect(all).ends().exits(10);
    assert!(told.stderr().contains("damaged.json"), "{}", told.shown());
}

#[cfg(feature = "test-hooks")]
#[test]
fn what_was_decided_is_done_by_whoever_asks_a_forge_next() {
    for (point, kept) in
        [("guided.noted", false), ("connect.stored", false), ("guided.kept", true), ("guided.pushed", true)]
    {
        for (said, revoked) in [("--revoke-old", true), ("--keep-old", false)] {
            let (home, world) = (Home::new(), world());
            hub(&home, &world, "hub");
            let rotate = home.connect(["rotate", "hub", "--pat-stdin", said]).stdin(world.github_token("classic"));
            assert_eq!(rotate.env("CONNECT_TEST_FAULT", point).ends().signal, Some(6));
            // Without the network nothing is done about it.
            home.connect(["token", "hub"]).ends().succeeds().never_says("error");
            assert!(world.is_alive_github("expiring"));
            home.connect(["status"]).ends().succeeds().never_says("error");
            assert_eq!(world.is_alive_github("expiring"), !(kept && revoked), "{point} {said}");
            home.connect(["rotate", "--resume"]).ends().succeeds().never_says("error");
            assert_eq!((home.secrets().len(), home.journal().len()), (1, 0), "{point} {said}");
        }
    }
}

#[test]
fn who_is_disconnected_may_have_an_old_token_that_works() {
    for revoke in [false, true] {
        let (home, world) = (Home::new(), world());
        hub(&home, &world, "hub");
        let rotate = home.connect(["rotate", "hub", "--pat-stdin"]).stdin(world.github_token("classic"));
        rotate.ends().succeeds().never_says("error");
        if revoke {
            home.connect(["disconnect", "hub", "--revoke"]).ends().succeeds().never_says("before");
            assert!(!world.is_alive_github("classic"));
        } else {
            let told = home.connect(["disconnect", "hub"]).ends().succeeds();
            assert!(told.stdout().contains("the token that it had before"), "{}", told.shown());
            assert!(told.stdout().contains("`connect rotate --resume --revoke-old`"), "{}", told.shown());
            assert!(world.is_alive_github("expiring"));
            home.connect(["rotate", "--resume", "--revoke-old"]).ends().succeeds().never_says("error");
        }
        assert!(!world.is_alive_github("expiring"));
        assert_eq!((home.secrets().len(), home.journal().len()), (0, 0));
    }
}
