//! Killed at every point of connecting and disconnecting: a working token is there before and after, and
//! the next run puts in order what was left.

#![cfg(feature = "test-hooks")]

use forge_sandbox::Sandbox;
use secrecy::ExposeSecret as _;

use crate::support::call::Call;
use crate::support::{Home, world};

const SIGABRT: i32 = 6;

/// The points of connecting, and whether the new token is the one in the record by then.
const POINTS: [(&str, bool); 5] = [
    ("connect.intent", false),
    ("connect.stored", false),
    ("connect.recorded", true),
    ("connect.remembered", true),
    ("connect.replaced", true),
];

/// A home whose store `file` opens with an age identity.
fn home() -> Home {
    let identity = age::x25519::Identity::generate();
    let home = Home::new();
    let path = home.file("key.txt", identity.to_string().expose_secret());
    home.with_env("CONNECT_AGE_IDENTITY", &path)
}

fn connect(home: &Home, world: &Sandbox, store: &str, token: &str) -> Call {
    connect_as("hub", home, world, store, token)
}

fn connect_as(name: &str, home: &Home, world: &Sandbox, store: &str, token: &str) -> Call {
    home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-stdin", "--store", store, "--name", name])
        .stdin(world.github_token(token))
}

/// Kills a call at a point.
fn killed(call: Call, point: &str) {
    let output = call.env("CONNECT_TEST_FAULT", point).ends();
    assert_eq!(output.signal, Some(SIGABRT), "it did not come to {point}\n{}", output.shown());
}

fn token(home: &Home) -> String {
    home.connect(["token", "hub"]).ends().succeeds().stdout().trim().to_owned()
}

/// Another connection comes and goes; what was left of the first is put in order by the way.
fn passing_by(home: &Home, world: &Sandbox) {
    connect_as("by", home, world, "plain", "stranger").ends().succeeds().never_says("removed as soon as");
    home.connect(["disconnect", "by"]).ends().succeeds().never_says("error");
}

#[test]
fn the_first_token_of_a_connection() {
    let world = world();
    for store in ["plain", "file"] {
        for (point, kept) in POINTS {
            let home = home();
            killed(connect(&home, &world, store, "classic"), point);
            assert_eq!(home.journal().len(), 1, "{store} {point}");
            if kept {
                assert_eq!(token(&home), world.github_token("classic"), "{store} {point}");
            } else {
                home.connect(["token", "hub"]).json().fails(3, "no_such_connection");
            }
            passing_by(&home, &world);
            assert_eq!((home.secrets().len(), home.journal().len()), (usize::from(kept), 0), "{store} {point}");
            // The same again works, whatever was left.
            connect(&home, &world, store, "classic").ends().succeeds().never_says("error");
            assert_eq!(token(&home), world.github_token("classic"), "{store} {point}");
            assert_eq!((home.secrets().len(), home.journal().len()), (1, 0), "{store} {point}");
        }
    }
}

#[test]
fn a_token_that_is_being_replaced() {
    let world = world();
    for store in ["plain", "file"] {
        for (point, new) in POINTS {
            let home = home();
            connect(&home, &world, store, "classic").ends().succeeds().never_says("error");
            killed(connect(&home, &world, store, "classic-readonly"), point);
            let expected = world.github_token(if new { "classic-readonly" } else { "classic" });
            assert_eq!(token(&home), expected, "{store} {point}");
            passing_by(&home, &world);
            assert_eq!(token(&home), expected, "{store} {point}");
            assert_eq!((home.secrets().len(), home.journal().len()), (1, 0), "{store} {point}");
        }
    }
}

#[test]
fn killed_twice_and_from_one_store_to_the_other() {
    let world = world();
    for (first, _) in POINTS {
        for (second, new) in POINTS {
            let home = home();
            connect(&home, &world, "plain", "classic").ends().succeeds().never_says("error");
            killed(connect(&home, &world, "file", "classic-readonly"), first);
            killed(connect(&home, &world, "plain", "oauth"), second);
            let now = token(&home);
            let before = if POINTS.contains(&(first, true)) { "classic-readonly" } else { "classic" };
            assert_eq!(now, world.github_token(if new { "oauth" } else { before }), "{first}, {second}");
            passing_by(&home, &world);
            assert_eq!(token(&home), now, "{first}, {second}");
            assert_eq!((home.secrets().len(), home.journal().len()), (1, 0), "{first}, {second}");
        }
    }
}

#[test]
fn the_next_run_says_what_it_put_in_order() {
    let (home, world) = (home(), world());
    killed(connect(&home, &world, "plain", "classic"), "connect.stored");
    let output = connect(&home, &world, "plain", "classic").ends().succeeds();
    assert!(output.stderr().contains("an earlier run for `hub` was cut short"), "{}", output.shown());
    connect(&home, &world, "plain", "classic").ends().succeeds().never_says("cut short");
}

#[test]
fn an_intent_that_cannot_be_opened_stays_until_it_can() {
    let (home, world) = (home(), world());
    connect(&home, &world, "file", "classic").ends().succeeds().never_says("error");
    killed(connect(&home, &world, "file", "classic-readonly"), "connect.stored");
    // A record that does not read must not cost anybody a token.
    let record = std::fs::read(home.record_path("hub")).unwrap();
    std::fs::write(home.record_path("hub"), "{").unwrap();
    passing_by(&home, &world);
    assert_eq!((home.secrets().len(), home.journal().len()), (2, 1));
    std::fs::write(home.record_path("hub"), record).unwrap();
    passing_by(&home, &world);
    assert_eq!((home.secrets().len(), home.journal().len()), (1, 0));
    assert_eq!(token(&home), world.github_token("classic"));
}

#[test]
fn disconnecting_after_the_token_was_revoked() {
    let (home, world) = (home(), world());
    connect(&home, &world, "plain", "classic").ends().succeeds().never_says("error");
    killed(home.connect(["disconnect", "hub", "--revoke"]), "disconnect.revoked");
    assert!(!world.is_alive_github("classic"));
    assert_eq!((home.records().len(), home.secrets().len()), (1, 1), "dead, and still written down");
    home.connect(["disconnect", "hub", "--revoke"]).ends().succeeds().never_says("error");
    assert_eq!((home.records().len(), home.secrets().len(), home.journal().len()), (0, 0, 0));
}

#[test]
fn disconnecting_after_the_secret_was_removed() {
    let (home, world) = (home(), world());
    connect(&home, &world, "plain", "classic").ends().succeeds().never_says("error");
    killed(home.connect(["disconnect", "hub"]), "disconnect.removed");
    assert_eq!((home.records().len(), home.secrets().len()), (1, 0));
    home.connect(["token", "hub"]).json().fails(8, "secret_missing");
    home.connect(["disconnect", "hub"]).ends().succeeds().never_says("error");
    assert_eq!((home.records().len(), home.journal().len()), (0, 0));
}

#[test]
fn a_point_that_is_never_reached_kills_nobody() {
    let (home, world) = (home(), world());
    connect(&home, &world, "plain", "classic")
        .env("CONNECT_TEST_FAULT", "no.such.point")
        .ends()
        .succeeds()
        .never_says("x1");
    home.connect(["list"]).env("CONNECT_TEST_FAULT", "connect.intent").ends().succeeds().never_says("error");
}
