//! A token is found where it is kept and where it was asked for, and nowhere else.

use std::fs;
use std::time::{Duration, Instant};

use forge_sandbox::{Fault, Sandbox};

use crate::support::call::{Call, Running};
use crate::support::forges::{at_github, at_gitlab};
use crate::support::{Cast as _, Home, world};

/// What would betray a token: all of it, or its middle.
fn betrays(text: &[u8], token: &str) -> bool {
    let middle = &token.as_bytes()[8..token.len() - 8];
    text.windows(middle.len()).any(|window| window == middle)
}

/// The files below a home in which a token is readable.
fn readable_in(home: &Home, token: &str) -> Vec<String> {
    let files = home.contents();
    files.into_iter().filter(|(_, bytes)| betrays(bytes, token)).map(|(name, _)| name).collect()
}

/// Every token is only in the header that authorises, or in the body that revokes it.
fn only_where_it_belongs(world: &Sandbox, token: &str) {
    for seen in world.requests() {
        let place = format!("{} {}", seen.method, seen.path);
        assert!(!betrays(seen.path.as_bytes(), token) && !betrays(seen.query.as_bytes(), token), "{place}");
        for (name, value) in &seen.headers {
            assert!(name == "authorization" || !betrays(value.as_bytes(), token), "{place}: {name}");
        }
        assert!(seen.path.ends_with("/credentials/revoke") || !betrays(&seen.body, token), "{place}");
    }
    let looks: Vec<_> = world.requests().into_iter().filter(|seen| seen.header("authorization").is_none()).collect();
    assert!(!looks.is_empty(), "the first look is without credentials");
}

/// Everything that may be said, as loud as it can be.
fn loud(call: Call, token: &str) {
    for flags in [vec!["-vv"], vec!["-vv", "--json"], vec!["--color", "always"]] {
        let output = call.clone().with(&flags).env("RUST_BACKTRACE", "full").env("RUST_LOG", "trace").ends();
        for stream in [&output.out, &output.err] {
            assert!(!betrays(stream, token), "{flags:?}: {}", output.shown());
        }
    }
}

#[test]
fn through_all_commands_of_github() {
    let (home, world) = (Home::new(), world());
    let token = world.github_token("classic");
    let name = at_github(&world, "octocat");
    loud(home.github(&world, "classic"), &token);
    loud(home.dotcom(&world, "classic"), &token);
    loud(home.connect(["list"]), &token);
    loud(home.connect(["status"]), &token);
    loud(home.connect(["disconnect", &name, "--revoke"]), &token);
    loud(home.connect(["token", "nobody"]), &token);
    let kept = readable_in(&home, &token);
    assert_eq!(kept.len(), 2, "two connections, two files: {kept:?}");
    assert!(kept.iter().all(|name| name.starts_with("connect/data/secrets/")), "{kept:?}");
    let output = home.connect(["token", &name, "-vv"]).ends().succeeds();
    assert_eq!(output.stdout().trim(), token);
    assert!(!betrays(&output.err, &token));
    loud(home.connect(["disconnect", "octocat@github.com", "--revoke"]), &token);
    loud(home.connect(["status"]), &token);
    loud(home.connect(["disconnect", &name]), &token);
    assert_eq!(readable_in(&home, &token), Vec::<String>::new());
    only_where_it_belongs(&world, &token);
}

#[test]
fn through_all_commands_of_gitlab() {
    let (home, world) = (Home::new(), world());
    let token = world.gitlab_token("api");
    let name = at_gitlab(&world, "maintainer");
    loud(home.gitlab(&world, "api"), &token);
    loud(home.connect(["status", &name]), &token);
    let output = home.connect(["token", &name, "-vv"]).ends().succeeds();
    assert_eq!(output.stdout().trim(), token);
    assert!(!betrays(&output.err, &token));
    loud(home.connect(["disconnect", &name, "--revoke"]), &token);
    assert_eq!(readable_in(&home, &token), Vec::<String>::new());
    only_where_it_belongs(&world, &token);
}

/// A webhook's secret is nobody's but its store's: not even the forge is told it here.
#[test]
fn the_secret_of_a_webhook() {
    let world = world();
    let api = world.dotcom_api_url();
    let lab = world.gitlab_url();
    let (github, gitlab) = (["github", "--api-url", &api], ["gitlab", "--host", &lab]);
    for (planted, forge, token) in [
        ("a phrase in a form that must not be seen", github, world.github_token("classic")),
        ("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", gitlab, world.gitlab_token("api")),
        ("a-plain-token-that-must-not-be-seen", gitlab, world.gitlab_token("api")),
    ] {
        let home = Home::new();
        let key = age::x25519::Identity::generate().to_string();
        let path = home.file("key.txt", secrecy::ExposeSecret::expose_secret(&key));
        let home = home.with_env("CONNECT_AGE_IDENTITY", &path);
        let call = |words: &[&str]| home.connect(words).env("TOKEN", &token).stdin(planted);
        let connect = |more: &[&str]| call(&forge).with(["--webhook-secret-stdin", "--store", "plain"]).with(more);
        loud(connect(&["--pat-env", "TOKEN", "--name", "hooks"]), planted);
        loud(connect(&["--webhook-only", "--name", "alone"]), planted);
        loud(connect(&["--webhook-only", "--name", "alone"]).stdin(format!("{planted}\n\nx")), planted);
        let settings = ["webhook", "settings", "hooks", "--webhook-secret-stdin"];
        loud(call(&settings), planted);
        loud(call(&settings[..3]).with(["--public-url", "https://hooks.example.com"]), planted);
        // Somebody types it where an address belongs.
        loud(call(&settings[..3]).with(["--public-url", &format!("https://x:{planted}@example.com")]), planted);
        for words in [
            &["list"][..],
            &["status", "hooks", "alone"],
            &["doctor"],
            &["history"],
            &["store", "show"],
            &["store", "migrate", "hooks", "--to", "file"],
        ] {
            loud(call(words), planted);
        }
        assert_eq!(readable_in(&home, planted).len(), 1, "one of the two is encrypted now");
        loud(call(&["store", "migrate", "hooks", "--to", "plain", "--yes"]), planted);
        let kept = readable_in(&home, planted);
        assert_eq!(kept.len(), 2, "two connections, two files: {kept:?}");
        assert!(kept.iter().all(|name| name.starts_with("connect/data/secrets/")), "{kept:?}");
        let asked = call(&["webhook", "settings", "hooks", "--secret-only", "-vv"]).ends().succeeds();
        assert_eq!(asked.stdout().trim(), planted);
        assert!(!betrays(&asked.err, planted));
        // While it is changed over there are two.
        loud(call(&["webhook", "settings", "hooks", "--new-secret", "--accept-former-for", "7d"]), planted);
        loud(call(&["disconnect", "hooks"]), planted);
        loud(call(&["disconnect", "alone"]), planted);
        assert_eq!(readable_in(&home, planted), Vec::<String>::new());
        for seen in world.requests() {
            let headers = seen.headers.iter().any(|(_, value)| betrays(value.as_bytes(), planted));
            let address = betrays(seen.path.as_bytes(), planted) || betrays(seen.query.as_bytes(), planted);
            assert!(!headers && !address && !betrays(&seen.body, planted), "{} {}", seen.method, seen.path);
        }
    }
}

#[test]
fn by_every_way_in() {
    let world = world();
    let token = world.github_token("classic");
    for flags in [vec!["--pat", token.as_str()], vec!["--pat-env", "THEIRS"], vec!["--pat-file", "/dev/stdin"]] {
        let home = Home::new();
        let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--no-keep"]).with(&flags);
        loud(call.env("THEIRS", &token).stdin(&token), &token);
        assert_eq!(readable_in(&home, &token), Vec::<String>::new(), "{flags:?}");
    }
}

/// Answers that repeat the token in every place that an answer has.
fn echoes(token: &str) -> Vec<Fault> {
    let echo = format!("{{\"message\":\"bad token {token}\",\"errors\":[\"{token}\"]}}");
    let json = ("content-type", "application/json");
    let user = || Fault::github().path("/user");
    vec![
        user().answer(401, &[json], &echo),
        user().answer(403, &[("x-github-sso", token), json], &echo),
        user().answer(422, &[("x-github-request-id", token), json], &echo),
        user().answer(200, &[json], &format!("{{\"login\":\"{token}\",\"id\":")),
        user().answer(200, &[("content-type", token)], "<html>"),
        user().redirect(302, &format!("https://nothing.invalid/?token={token}")),
        user().redirect(302, &format!("https://x:{token}@nothing.invalid/{token}")),
        Fault::github().path("/credentials/revoke").answer(422, &[json], &echo),
    ]
}

#[test]
fn when_the_forge_repeats_it() {
    let world = world();
    let token = world.github_token("classic");
    for fault in echoes(&token) {
        let home = Home::new();
        home.dotcom(&world, "classic").with(["--name", "there"]).ends().succeeds().never_says("error");
        let fault = world.fault(fault);
        loud(home.dotcom(&world, "classic").with(["--name", "new"]), &token);
        loud(home.connect(["status", "there"]), &token);
        if home.records().len() == 2 {
            // The check was not what was disturbed, so the revocation is.
            loud(home.connect(["disconnect", "there", "--revoke"]), &token);
        }
        world.remove_fault(fault);
        assert!(world.is_alive_github("classic"));
        let kept = readable_in(&home, &token);
        assert!(kept.iter().all(|name| name.starts_with("connect/data/secrets/")), "{kept:?}");
    }
}

#[test]
fn when_the_home_is_out_of_order() {
    let world = world();
    let token = world.github_token("classic");
    let nothing = Home::new().with_env("CONNECT_HOME", "/dev/null/connect");
    loud(nothing.dotcom(&world, "classic"), &token);
    let (home, full) = (Home::new(), "trap '' XFSZ; ulimit -f 0; exec \"$@\"");
    loud(home.dotcom(&world, "classic").by_way_of(["/bin/sh", "-c", full, "sh"]), &token);
    assert_eq!(readable_in(&home, &token), Vec::<String>::new());
}

#[test]
fn a_login_that_is_the_token_is_not_written_down() {
    let (home, world) = (Home::new(), world());
    let token = world.github_token("classic");
    let body = format!("{{\"login\":\"{token}\",\"id\":1,\"type\":\"User\"}}");
    world.fault(Fault::github().path("/user").answer(200, &[("content-type", "application/json")], &body));
    loud(home.dotcom(&world, "classic").with(["--no-keep"]), &token);
}

#[test]
fn while_it_is_being_checked() {
    let (home, world) = (Home::new(), world());
    let token = world.github_token("classic");
    world.fault(Fault::github().path("/user").never_answer());
    let running = home.dotcom(&world, "classic").with(["--timeout", "3"]).begins();
    let deadline = Instant::now() + Duration::from_secs(30);
    while !world.requests().iter().any(|seen| seen.path == "/user") {
        assert!(Instant::now() < deadline, "the forge is never asked");
        std::thread::yield_now();
    }
    if cfg!(target_os = "linux") {
        assert_eq!(betrayed_by_proc(&running, &token), Vec::<String>::new());
    }
    assert_eq!(readable_in(&home, &token), Vec::<String>::new());
    running.ends().exits(7).never_says(&token);
}

/// Which of `/proc/PID/…` that others may read show the token.
fn betrayed_by_proc(running: &Running, token: &str) -> Vec<String> {
    let shown = |name: &&str| betrays(&fs::read(format!("/proc/{}/{name}", running.id())).unwrap(), token);
    ["cmdline", "environ", "comm"].iter().filter(|name| shown(name)).map(|name| (*name).to_owned()).collect()
}

#[cfg(feature = "test-hooks")]
#[test]
fn at_every_point_at_which_it_may_be_killed() {
    let world = world();
    let token = world.github_token("classic");
    let identity = age::x25519::Identity::generate().to_string();
    for point in ["connect.intent", "connect.stored", "connect.recorded", "connect.replaced"] {
        for store in ["plain", "file"] {
            let home = Home::new();
            let key = home.file("key.txt", secrecy::ExposeSecret::expose_secret(&identity));
            let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-stdin", "--store", store]);
            let call = call.stdin(&token).env("CONNECT_AGE_IDENTITY", &key).env("CONNECT_TEST_FAULT", point);
            let output = call.ends();
            assert!(output.signal.is_some(), "{}", output.shown());
            assert!(!betrays(&output.err, &token));
            let readable = readable_in(&home, &token);
            let kept = usize::from(store == "plain" && point != "connect.intent");
            assert_eq!(readable.len(), kept, "{point}: {readable:?}");
            assert!(readable.iter().all(|name| name.starts_with("connect/data/secrets/")), "{readable:?}");
        }
    }
}

#[test]
fn a_passphrase_is_a_secret_too() {
    let (home, world) = (Home::new(), world());
    let passphrase = "a passphrase that must not be seen";
    let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-stdin", "--store", "file", "-vv"]);
    let output = call.stdin(world.github_token("classic")).env("CONNECT_PASSPHRASE", passphrase).ends().succeeds();
    output.never_says(passphrase);
    assert_eq!(readable_in(&home, passphrase), Vec::<String>::new());
    assert_eq!(readable_in(&home, &world.github_token("classic")), Vec::<String>::new());
}
