//! Killed at every point of a rotation: the token in the store works, or it is said truthfully that the answer never
//! arrived; and GitLab is never asked a second time for one intent.

#![cfg(feature = "test-hooks")]

use forge_sandbox::{Fault, Sandbox};
use secrecy::ExposeSecret as _;

use crate::support::call::Call;
use crate::support::{Home, Output, world};

const SIGABRT: i32 = 6;

/// The points, and what is to be had after each: nothing has happened, the answer is lost, the new token is there.
const POINTS: [(&str, After); 10] = [
    ("rotate.intent", After::Nothing),
    ("rotate.key", After::Nothing),
    ("rotate.asked", After::Unsettled),
    ("rotate.answered", After::Lost),
    ("rotate.escrowed", After::New),
    ("rotate.stored", After::New),
    ("rotate.recorded", After::New),
    ("rotate.remembered", After::New),
    ("rotate.replaced", After::New),
    ("rotate.cleared", After::New),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    Nothing,
    Unsettled,
    Lost,
    New,
}

/// Later than any request that was under way at the tests' time.
pub(super) const LATER: &str = "2026-11-01T12:10:00Z";

fn home() -> Home {
    let identity = age::x25519::Identity::generate();
    let home = Home::new();
    let path = home.file("key.txt", identity.to_string().expose_secret());
    home.with_env("CONNECT_AGE_IDENTITY", &path)
}

/// A connection to GitLab whose token may rotate itself.
pub(super) fn connected(home: &Home, world: &Sandbox, store: &str) {
    connected_with(home, world, store, "api");
}

pub(super) fn connected_with(home: &Home, world: &Sandbox, store: &str, token: &str) {
    let call =
        home.connect(["gitlab", "--host", &world.gitlab_url(), "--pat-stdin", "--store", store, "--name", "lab"]);
    drop(call.stdin(world.gitlab_token(token)).ends().succeeds());
}

pub(super) fn rotate(home: &Home) -> Call {
    home.connect(["rotate", "lab", "--expires-in", "30d"])
}

pub(super) fn killed(call: Call, point: &str) {
    let output = call.env("CONNECT_TEST_FAULT", point).ends();
    assert_eq!(output.signal, Some(SIGABRT), "it did not come to {point}\n{}", output.shown());
}

pub(super) fn token(home: &Home) -> String {
    home.connect(["token", "lab"]).ends().succeeds().stdout().trim().to_owned()
}

/// How often GitLab was asked for a rotation.
pub(super) fn asked(world: &Sandbox) -> usize {
    world.requests().iter().filter(|request| request.path.ends_with("/rotate")).count()
}

/// Nothing is left in the stores and the journal but the one token.
pub(super) fn in_order(home: &Home, what: &str) {
    assert_eq!((home.secrets().len(), home.journal().len()), (1, 0), "{what}");
}

/// Neither token is in any file of the home.
fn nowhere_to_be_read(home: &Home, tokens: &[&str], what: &str) {
    for (file, bytes) in home.contents() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!tokens.iter().any(|token| text.contains(token)), "{what}: {file}");
    }
}

fn rotated_lines(home: &Home) -> usize {
    let history = home.connect(["history", "lab", "--json"]).ends().succeeds().stdout();
    history.matches(r#""event":"rotated""#).count()
}

fn check(home: &Home, world: &Sandbox, old: &str, after: After, what: &str) {
    match after {
        After::Nothing | After::Unsettled => {
            assert_eq!(token(home), old, "{what}");
            assert!(world.is_alive_gitlab(old), "{what}");
        }
        After::New => {
            let new = token(home);
            assert!(new != old && world.is_alive_gitlab(&new) && !world.is_alive_gitlab(old), "{what}");
            assert_eq!(rotated_lines(home), 1, "{what}");
        }
        After::Lost => {}
    }
}

#[test]
fn each_point_and_then_whoever_uses_the_token_next() {
    let world = world();
    for store in ["plain", "file"] {
        for (point, after) in POINTS {
            let world = if after == After::Nothing { &world } else { &crate::support::world() };
            let (home, what) = (home(), format!("{store} {point}"));
            let old = world.gitlab_token("api");
            connected(&home, world, store);
            killed(rotate(&home), point);
            if store == "file" {
                nowhere_to_be_read(&home, &[&old, &world.gitlab_token("api")], &what);
            }
            // No network.
            check(&home, world, &old, after, &what);
            let left = home.journal().iter().filter(|note| note.extension().is_some_and(|e| e == "json")).count();
            assert_eq!(left, usize::from(matches!(after, After::Unsettled | After::Lost)), "{what}");
            // The forge is asked how things stand.
            let status = home.connect(["status", "lab", "--json"]).ends();
            match after {
                After::Lost => {
                    assert!(status.stderr().contains("answer_lost"), "{what}\n{}", status.shown());
                    drop(status.exits(4));
                }
                _ => drop(status.succeeds()),
            }
            check(&home, world, &old, after, &what);
            if after != After::Unsettled {
                in_order(&home, &what);
            }
            assert_eq!(asked(world), usize::from(!matches!(after, After::Nothing | After::Unsettled)), "{what}");
        }
    }
}

#[test]
fn each_point_and_then_the_same_again() {
    for (point, after) in POINTS {
        let (world, home) = (world(), home());
        let old = world.gitlab_token("api");
        connected(&home, &world, "file");
        killed(rotate(&home), point);
        let again = rotate(&home).env("CONNECT_TEST_NOW", LATER).ends();
        if after == After::Lost {
            drop(again.exits(4));
            assert_eq!(asked(&world), 1, "{point}");
            // The new one, which nobody has, was not killed either: nobody has rotated with a dead token.
            let new = world.gitlab_token("api");
            assert!(!world.is_alive_gitlab(&old) && new != old && world.is_alive_gitlab(&new), "{point}");
        } else {
            drop(again.succeeds());
            check(&home, &world, &old, After::New, point);
            assert_eq!(asked(&world), 1, "{point}");
        }
        in_order(&home, point);
    }
}

#[test]
fn killed_twice() {
    for (first, after) in POINTS.into_iter().filter(|(_, after)| *after == After::New) {
        for (second, _) in POINTS
            .into_iter()
            .filter(|(point, _)| ["rotate.stored", "rotate.recorded", "rotate.replaced"].contains(point))
        {
            let (world, home) = (world(), home());
            let old = world.gitlab_token("api");
            connected(&home, &world, "plain");
            killed(rotate(&home), first);
            // It may be past that point already.
            drop(home.connect(["rotate", "--resume"]).env("CONNECT_TEST_FAULT", second).ends());
            drop(home.connect(["rotate", "--resume"]).ends().succeeds());
            check(&home, &world, &old, after, &format!("{first}, {second}"));
            in_order(&home, &format!("{first}, {second}"));
            assert_eq!(asked(&world), 1);
        }
    }
}

#[test]
fn the_answer_is_cut_off_after_the_work() {
    for effect in [
        Fault::gitlab().path("/personal_access_tokens/self/rotate").drop_after_work(),
        Fault::gitlab().path("/personal_access_tokens/self/rotate").half_body(),
    ] {
        let (world, home) = (world(), home());
        connected(&home, &world, "plain");
        world.fault(effect);
        let error = home.connect(["rotate", "lab", "--json"]).ends();
        says(&error, 4, "answer_lost");
        assert_eq!(asked(&world), 1);
        in_order(&home, "answer lost");
        assert_eq!(home.record("lab")["token"]["health"], "revoked");
        let history = home.connect(["history", "lab", "--json"]).ends().succeeds().stdout();
        assert_eq!(history.matches(r#""event":"lost""#).count(), 1, "{history}");
        // Nothing is rotated with a dead token: GitLab would take that for a theft.
        drop(home.connect(["rotate", "lab", "--json"]).ends().exits(4));
        assert_eq!(asked(&world), 1);
    }
}

#[test]
fn the_connection_is_cut_before_the_work() {
    let (world, home) = (world(), home());
    let old = world.gitlab_token("api");
    connected(&home, &world, "plain");
    world.fault(Fault::gitlab().path("/personal_access_tokens/self/rotate").once().drop_before_work());
    says(&rotate(&home).ends(), 7, "rotation_unsettled");
    // It may be under way still, for all that is known.
    says(&rotate(&home).ends(), 7, "rotation_unsettled");
    assert_eq!(asked(&world), 1);
    check(&home, &world, &old, After::Nothing, "cut before");
    let output = home.connect(["rotate", "--resume"]).env("CONNECT_TEST_NOW", LATER).ends().succeeds();
    assert_eq!(home.journal().len(), 0, "{}", output.shown());
    drop(rotate(&home).env("CONNECT_TEST_NOW", LATER).ends().succeeds());
    check(&home, &world, &old, After::New, "cut before, and once more");
    assert_eq!(asked(&world), 2);
}

/// The code is told in words or in JSON.
fn says(output: &Output, exit: i32, code: &str) {
    assert_eq!(output.code, Some(exit), "{}", output.shown());
    let words = match code {
        "answer_lost" => "never arrived",
        "rotation_unsettled" => "it is not known yet",
        other => other,
    };
    let all = format!("{}{}", output.stdout(), output.stderr());
    assert!(all.contains(code) || all.contains(words), "{}", output.shown());
}
