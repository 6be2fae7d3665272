//! Answers to a rotation that are none: from a proxy in between, without a token, with the old one.

use forge_sandbox::Fault;
use serde_json::json;

use super::crash::{LATER, asked, connected, in_order, rotate, token};
use crate::support::{Home, world};

#[test]
fn no_new_token_in_it_then_the_old_one_works_still() {
    let answers = |old: &str| {
        let fault = || Fault::gitlab().rotation().once();
        let json = [("content-type", "application/json"), ("x-gitlab-meta", "{}")];
        [
            fault().login_page(),
            fault().answer(200, &json, "{}"),
            fault().answer(204, &json, ""),
            fault().answer(200, &json, r#"{"token":"glpat-new"#),
            fault().answer(200, &json, r#"{"token":"with a\nnew line"}"#),
            fault().answer(200, &json, &json!({ "token": old, "expires_at": "2026-12-01" }).to_string()),
            fault().answer(408, &json, r#"{"message":"408 Request Timeout"}"#),
            fault().endless_body(),
        ]
    };
    let of = answers("").len();
    for at in 0..of {
        let (world, home) = (world(), Home::new());
        let old = world.gitlab_token("api");
        connected(&home, &world, "plain");
        world.fault(answers(&old).into_iter().nth(at).unwrap());
        let output = rotate(&home).json();
        assert!(output.stdout().contains("rotation_unsettled"), "{at}: {}", output.shown());
        assert_eq!(output.code, Some(7), "{at}: {}", output.shown());
        assert_eq!((token(&home), home.record("lab")["token"]["health"].as_str()), (old.clone(), Some("valid")));
        // Its time is over: it was no rotation, and there may be one.
        let output = rotate(&home).env("CONNECT_TEST_NOW", LATER).ends().succeeds();
        assert!(output.stdout().contains("rotated"), "{at}: {}", output.shown());
        let new = token(&home);
        assert!(new != old && world.is_alive_gitlab(&new), "{at}");
        assert_eq!(world.family("api").rotated, 1, "{at}");
        in_order(&home, "no answer");
    }
}

#[test]
fn no_new_token_in_it_and_the_old_one_is_dead_then_that_is_said_once() {
    let (world, home) = (world(), Home::new());
    connected(&home, &world, "plain");
    world.fault(Fault::gitlab().rotation().once().answer(200, &[("x-gitlab-meta", "{}")], "{}"));
    drop(rotate(&home).ends().exits(7));
    world.revoke_gitlab(&world.gitlab_token("api"));
    for _ in 0..2 {
        let output = home.connect(["rotate", "--resume"]).json().exits(4);
        assert!(output.stdout().contains("answer_unreadable"), "{}", output.shown());
    }
    let history = home.connect(["history", "lab", "--json"]).ends().succeeds().stdout();
    assert_eq!(history.matches(r#""event":"lost""#).count(), 1, "{history}");
    // Another token, and nothing is left of all that.
    let other = world.gitlab_token("expiring");
    let taken = home.connect(["rotate", "lab", "--pat-stdin", "--allow-less"]).stdin(&other);
    drop(taken.ends().succeeds());
    drop(home.connect(["rotate", "--resume"]).ends().succeeds());
    assert_eq!((token(&home), asked(&world)), (other, 1));
    in_order(&home, "another");
}
