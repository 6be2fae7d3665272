//! Killed between the work and its line in the history: the next run adds what is missing, and nothing twice.

use super::*;
use crate::support::call::Call;

fn killed(call: Call, point: &str) {
    let output = call.env("CONNECT_TEST_FAULT", point).ends();
    assert_eq!(output.signal, Some(6), "it did not come to {point}\n{}", output.shown());
}

#[test]
fn between_the_record_and_the_history_and_healed() {
    let world = world();
    for (point, known) in [
        ("connect.intent", false),
        ("connect.stored", false),
        ("connect.recorded", true),
        ("connect.remembered", true),
        ("connect.replaced", true),
    ] {
        let home = Home::new();
        home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
        killed(home.dotcom(&world, "classic-readonly").with(["--name", "hub"]), point);
        home.dotcom(&world, "stranger").with(["--name", "by"]).ends().succeeds().never_says("error");
        let expected: &[&str] =
            if known { &["connected", "replaced", "connected"] } else { &["connected", "connected"] };
        assert_eq!(events(&home), expected, "{point}");
        if known {
            assert_eq!(entries(&home)[1]["secret"], home.record("hub")["token"]["secret"], "{point}");
        }
        home.dotcom(&world, "stranger").with(["--name", "by"]).ends().succeeds().never_says("error");
        assert_eq!(entries(&home).len(), expected.len() + 1, "{point}");
        whole(&home);
    }
}

#[test]
fn a_variable_that_was_there_before() {
    let (home, world) = (Home::new(), world());
    let connect = |token: &str| {
        home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-env", "GH", "--store", "env"])
            .env("GH", &world.github_token(token))
    };
    connect("classic").ends().succeeds().never_says("error");
    killed(connect("classic-readonly"), "connect.stored");
    connect("classic").ends().succeeds().never_says("error");
    assert_eq!(events(&home), ["connected", "replaced"], "the killed one replaced nothing");
}

#[test]
fn disconnecting() {
    let world = world();
    for (point, gone) in
        [("disconnect.removed", false), ("disconnect.forgotten", true), ("disconnect.remembered", true)]
    {
        let home = Home::new();
        home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
        killed(home.connect(["disconnect", "hub"]), point);
        home.dotcom(&world, "stranger").with(["--name", "by"]).ends().succeeds().never_says("error");
        let expected: &[&str] =
            if gone { &["connected", "disconnected", "connected"] } else { &["connected", "connected"] };
        assert_eq!(events(&home), expected, "{point}");
        assert!(home.journal().is_empty(), "{point}");
        whole(&home);
    }
}
