//! Servers that mean ill or are out of order: the token does not follow, the terminal stays whole.

use std::time::Duration;

use forge_sandbox::{Effect, Fault, Sandbox};

use crate::support::{Cast as _, Home, Output, world};

/// Nothing that a terminal would obey.
fn harmless(output: &Output) {
    for (name, stream) in [("stdout", &output.out), ("stderr", &output.err)] {
        let odd = String::from_utf8_lossy(stream).chars().find(|c| c.is_control() && *c != '\n' && *c != '\t');
        assert_eq!(odd, None, "{name}: {stream:?}");
    }
}

/// Whether a token reached this sandbox, in whatever place.
fn reached(world: &Sandbox, token: &str) -> bool {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(token);
    world.requests().iter().any(|seen| {
        seen.headers.iter().any(|(_, value)| value.contains(token))
            || seen.path.contains(token)
            || seen.query.contains(token)
            || text(&seen.body)
    })
}

#[test]
fn a_token_does_not_follow_to_another_host_or_port() {
    let (world, other) = (world(), world());
    let token = world.gitlab_token("api");
    for status in [301, 302, 307, 308] {
        for to in [
            format!("{}/api/v4/user", other.gitlab_url()),
            other.gitlab_url().replace("127.0.0.1", "localhost") + "/api/v4/user",
            format!("http://oauth2:{token}@nothing.invalid/"),
            other.gitlab_url().replace("http://", "//"),
        ] {
            let home = Home::new();
            world.clear_faults();
            world.fault(Fault::gitlab().path("/user").redirect(status, &to));
            world.fault(Fault::gitlab().path("/personal_access_tokens").redirect(status, &to));
            let output = home.gitlab(&world, "api").json();
            output.never_says(&token);
            let error = output.fails(7, "redirected_elsewhere");
            assert!(error["hint"].as_str().unwrap().contains("not taken there"), "{error}");
            assert!(home.records().is_empty());
        }
    }
    assert!(other.requests().is_empty(), "{:?}", other.requests());
}

#[test]
fn the_first_look_does_not_follow_either() {
    let (home, world, other) = (Home::new(), world(), world());
    world.fault(Fault::gitlab().redirect(302, &format!("{}/api/v4/version", other.gitlab_url())));
    home.gitlab(&world, "api").json().fails(7, "redirected_elsewhere");
    assert!(!reached(&world, &world.gitlab_token("api")), "it went before anybody knew what is there");
    assert!(!reached(&other, &world.gitlab_token("api")));
}

#[test]
fn a_token_does_not_follow_from_https_to_http() {
    let secure = crate::support::forges::built(Sandbox::builder().tls(true));
    let (home, open) = (Home::new(), world());
    let authority = secure.ca_certificate().unwrap().display().to_string();
    secure.fault(Fault::gitlab().path("/user").redirect(302, &format!("{}/api/v4/user", open.gitlab_url())));
    let same_port = secure.gitlab_url().replace("https://", "http://");
    let call = home.gitlab(&secure, "api").with(["--ca-cert", &authority]);
    call.clone().json().fails(7, "redirected_elsewhere");
    secure.clear_faults();
    secure.fault(Fault::gitlab().path("/user").redirect(302, &format!("{same_port}/api/v4/user")));
    call.json().fails(7, "redirected_elsewhere");
    assert!(open.requests().is_empty());
}

#[test]
fn a_token_stays_below_the_base_path() {
    let world = crate::support::forges::built(Sandbox::builder().gitlab_base_path("/gitlab"));
    let home = Home::new();
    let root = world.gitlab_url().replace("/gitlab", "");
    world.fault(Fault::gitlab().path("/user").redirect(302, &format!("{root}/other/api/v4/user")));
    home.gitlab(&world, "api").json().fails(7, "redirected_elsewhere");
    assert!(world.requests().iter().all(|seen| seen.path.starts_with("/gitlab/")), "{:?}", world.requests());
}

#[test]
fn a_redirect_within_the_forge_is_followed_and_a_circle_is_left() {
    let (home, world) = (Home::new(), world());
    let to = format!("{}/api/v4/user", world.gitlab_url());
    world.fault(Fault::gitlab().path("/user").once().redirect(302, &to));
    home.gitlab(&world, "api").ends().succeeds().never_says("redirect");
    world.fault(Fault::gitlab().path("/user").redirect(302, &to));
    Home::new().gitlab(&world, "api").json().fails(7, "redirect_loop");
}

#[test]
fn half_an_answer() {
    let (home, world) = (Home::new(), world());
    world.fault(Fault::gitlab().path("/user").half_body());
    home.gitlab(&world, "api").json().fails(7, "connection_lost");
    world.clear_faults();
    world.fault(Fault::gitlab().path("/user").once().half_body());
    home.gitlab(&world, "api").ends().succeeds().never_says("lost");
}

#[test]
fn connections_that_break() {
    let world = world();
    for effect in [Effect::DropBeforeWork, Effect::DropAfterWork] {
        let home = Home::new();
        let before = home.contents();
        world.clear_faults();
        world.fault(Fault::github().path("/user").effect(effect));
        home.dotcom(&world, "classic").json().fails(7, "connection_lost");
        assert_eq!(home.contents(), before);
    }
}

#[test]
fn an_answer_without_end() {
    let (home, world) = (Home::new(), world());
    world.fault(Fault::gitlab().path("/user").endless_body());
    home.gitlab(&world, "api").with(["--timeout", "20"]).json().fails(7, "answer_too_large");
    world.clear_faults();
    world.fault(Fault::gitlab().endless_body());
    let output = home.gitlab(&world, "api").with(["--timeout", "20"]).json();
    assert_eq!(output.code, Some(7), "{}", output.shown());
    assert!(home.records().is_empty());
}

#[test]
fn an_answer_that_drips() {
    let (home, world) = (Home::new(), world());
    world.fault(Fault::gitlab().path("/user").slow_drip(Duration::from_millis(300)));
    home.gitlab(&world, "api").with(["--timeout", "1"]).json().fails(7, "timed_out");
}

#[test]
fn a_login_page_instead_of_an_answer() {
    let (home, world) = (Home::new(), world());
    world.fault(Fault::gitlab().path("/user").login_page());
    let error = home.gitlab(&world, "api").json().fails(7, "not_json");
    assert!(error["hint"].as_str().unwrap().contains("sign-in page or a proxy"), "{error}");
}

#[test]
fn terminal_escapes_in_a_name() {
    let (home, world) = (Home::new(), world());
    world.fault(Fault::gitlab().terminal_escapes());
    world.fault(Fault::github().terminal_escapes());
    harmless(&home.gitlab(&world, "api").ends().succeeds());
    harmless(&home.dotcom(&world, "classic").with(["--color", "never"]).ends().succeeds());
    for arguments in [vec!["list"], vec!["status"], vec!["list", "--json"], vec!["status", "--json", "-vv"]] {
        harmless(&home.connect(&arguments).ends().succeeds());
    }
    for record in home.records() {
        let name = record["name"].as_str().unwrap();
        assert!(!name.contains(char::is_control), "{name:?}");
        harmless(&home.connect(["disconnect", name]).ends().succeeds());
    }
    assert!(home.secrets().is_empty());
}

#[test]
fn terminal_escapes_in_a_refusal() {
    let (home, world) = (Home::new(), world());
    let body = "{\"message\":\"\\u001b]0;owned\\u0007\\u001b[2J\\u009b31m\\r\\nBad \\u202egnis\"}";
    for status in [401, 403, 404, 422, 500] {
        world.clear_faults();
        world.fault(Fault::github().path("/user").answer(status, &[("content-type", "application/json")], body));
        let output = home.dotcom(&world, "classic").ends();
        assert_ne!(output.code, Some(0));
        harmless(&output);
        assert!(!output.stderr().contains('\u{202e}'), "{}", output.stderr());
    }
}

#[test]
fn a_refusal_that_repeats_the_token() {
    let (home, world) = (Home::new(), world());
    let token = world.github_token("classic");
    let body = format!("{{\"message\":\"no such token: {token}\"}}");
    for status in [401, 403, 404, 422, 500] {
        world.clear_faults();
        world.fault(Fault::github().path("/user").answer(status, &[("content-type", "application/json")], &body));
        let output = home.dotcom(&world, "classic").with(["-vv"]).ends();
        assert_ne!(output.code, Some(0));
        output.never_says(&token);
    }
}
