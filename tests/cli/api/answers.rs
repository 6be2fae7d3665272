//! What is printed.

use forge_sandbox::{Fault, ReadyMade};

use super::connections;
use crate::support::{Home, world};

#[test]
fn a_refusal_is_an_answer_too() {
    let (home, world) = (Home::new(), world());
    connections(&home, &world);
    let call = home.connect(["api", "octocat@github.com", "repos/octocat/nothing"]);
    insta::assert_snapshot!(call.ends().shown(), @r#"
    exit 3
    --- stdout
    {"documentation_url":"https://docs.github.com/rest","message":"Not Found","status":"404"}--- stderr
    error: github.com: not found, or hidden from this token (Not Found)
    "#);
    for (fault, code, word) in [
        (Fault::github().ready_made(ReadyMade::BadCredentials), 4, "bad_credentials"),
        (Fault::github().ready_made(ReadyMade::SsoRequired), 5, "sso_required"),
        (Fault::github().ready_made(ReadyMade::PrimaryRateLimit), 7, "rate_limited"),
        (
            Fault::github().answer(422, &[("x-github-request-id", "1")], "{\"message\":\"Validation Failed\"}"),
            1,
            "invalid_request",
        ),
    ] {
        world.clear_faults();
        world.fault(fault);
        let output = home.connect(["api", "octocat@github.com", "user", "--json"]).ends();
        assert_eq!((output.code, output.error()["code"].as_str()), (Some(code), Some(word)), "{}", output.shown());
        assert!(output.document()["message"].is_string(), "{}", output.shown());
        assert_eq!(output.error()["connection"], "octocat@github.com");
        output.never_says(&world.github_token("classic"));
    }
}

#[test]
fn a_project_in_two_steps() {
    let (home, world) = (Home::new(), world());
    connections(&home, &world);
    let asked = |path: &str| home.connect(["api", "lab", path]).ends().exits(3).stderr();
    let hint = "at a GitLab, a project's path is one step: `projects/GROUP%2FPROJECT`";
    assert!(asked("projects/agility-game/home-assistant").contains(hint));
    for right in ["projects/agility-game%2Fnothing", "projects/999999/issues", "groups/nothing"] {
        assert!(!asked(right).contains(hint), "{right}");
    }
}

#[test]
fn bytes_are_as_they_came() {
    let (home, world) = (Home::new(), world());
    connections(&home, &world);
    let body = "{\"b\": 12345678901234567890,\n \"a\":\"\u{202e}x\"}  ";
    world.fault(Fault::github().answer(200, &[("content-type", "application/json"), ("x-a", "b")], body));
    let call = home.connect(["api", "octocat@github.com", "user"]);
    assert_eq!(call.clone().ends().succeeds().stdout(), body);
    let shown = call.clone().with(["-i"]).ends().succeeds().stdout();
    let (head, rest) = shown.split_once("\n\n").unwrap();
    assert!(head.starts_with("HTTP 200 OK\n") && head.contains("\nx-a: b"), "{head}");
    assert_eq!(rest, body);
    // At a terminal it is made readable, and does nothing there.
    let screen = call.clone().at_terminal().ends().screen;
    assert!(screen.contains("  \"b\": 12345678901234567890,\n  \"a\": \"\u{fffd}x\"\n}"), "{screen}");
    world.clear_faults();
    world.fault(Fault::github().answer(200, &[("content-type", "text/plain")], "a\u{1b}[31m\tb\n"));
    assert_eq!(call.clone().ends().succeeds().stdout(), "a\u{1b}[31m\tb\n");
    let screen = call.at_terminal().ends().screen;
    assert!(!screen.contains('\u{1b}') && screen.contains("[31m"), "{screen}");
}

#[test]
fn no_body_at_all() {
    let (home, world) = (Home::new(), world());
    connections(&home, &world);
    world.fault(Fault::github().answer(204, &[], ""));
    let output = home.connect(["api", "octocat@github.com", "user", "-X", "DELETE"]).ends().succeeds();
    assert_eq!((output.stdout().as_str(), output.stderr().as_str()), ("", ""));
    world.clear_faults();
    let output = home.connect(["api", "octocat@github.com", "user", "-X", "HEAD", "-i"]).ends().succeeds();
    assert!(output.stdout().starts_with("HTTP 200 OK\n"), "{}", output.shown());
    // What has not changed is no failure.
    world.fault(Fault::github().answer(304, &[("etag", "\"1\"")], ""));
    let call = home.connect(["api", "octocat@github.com", "user", "-i", "-H", "If-None-Match: \"1\""]);
    assert!(call.ends().succeeds().stdout().starts_with("HTTP 304 Not Modified\n"));
}

#[test]
fn nobody_answers() {
    let (home, world) = (Home::new(), world());
    connections(&home, &world);
    world.fault(Fault::github().never_answer());
    let call = home.connect(["api", "octocat@github.com", "user", "--timeout", "1"]);
    call.json().fails(7, "timed_out");
    world.clear_faults();
    world.fault(Fault::github().endless_body());
    assert_eq!(home.connect(["api", "octocat@github.com", "user", "--timeout", "1"]).ends().code, Some(7));
}

/// A token that was typed into a query, or comes back in an answer, is in no log.
#[test]
fn nothing_is_logged() {
    let (home, world) = (Home::new(), world());
    connections(&home, &world);
    let before = home.contents();
    let token = world.gitlab_token("api");
    for path in ["user?private_token=s3cr3t", "nothing?private_token=s3cr3t", "../x?private_token=s3cr3t"] {
        let output = home.connect(["api", "lab", path, "-f", "password=s3cr3t", "-vv"]).env("RUST_LOG", "trace").ends();
        output.never_says(&token).never_says("s3cr3t");
    }
    assert_eq!(home.contents(), before, "nothing is written");
}
