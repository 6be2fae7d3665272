//! A webhook for one run: made at its start, removed at its end, found again after a kill.

use forge_sandbox::{Fault, Sandbox};
use serde_json::{Value, json};

use super::Listener;
use crate::support::forges::{at_github, built};
use crate::support::{Cast as _, Home};

const STORE: &str = "agility-game/home-assistant-community-store";

const PROJECT: &str = "agility-game/home-assistant/dashboard";

fn scene() -> (Home, Sandbox) {
    let (home, world) = (Home::new(), built(Sandbox::builder()));
    home.github(&world, "classic").ends().succeeds().never_says("error");
    (home, world)
}

/// A port that is free now.
fn free() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn listen(home: &Home, address: &str, flags: &[&str]) -> Listener {
    Listener::begins(call(home, address).with(flags))
}

fn call(home: &Home, address: &str) -> crate::support::call::Call {
    let base = format!("http://{address}");
    let words =
        ["webhook", "listen", "--json", "--addr", address, "--temporary", "--repo", STORE, "--public-url", &base];
    home.connect(words).env("CONNECT_STORE", "plain")
}

fn hooks(world: &Sandbox) -> Vec<Value> {
    let (owner, name) = STORE.split_once('/').unwrap();
    let repositories = world.state()["github"]["repositories"].clone();
    let mut repositories = repositories.as_array().unwrap().iter();
    let found = repositories.find(|it| it["owner"] == owner && it["name"] == name).unwrap();
    found["hooks"].as_array().unwrap().clone()
}

#[test]
fn it_is_there_as_long_as_the_run() {
    for signal in ["-INT", "-TERM"] {
        let (home, world) = scene();
        let listener = listen(&home, &free(), &["--events", "push,issues.opened"]);
        assert_eq!(hooks(&world)[0]["events"], json!(["push", "issues"]));
        world.settle();
        let listed = home.connect(["webhook", "list"]).json().succeeds().document();
        assert_eq!(listed["webhooks"][0]["temporary"], true);
        let _ = world.emit_github(STORE, "push", json!({ "after": "a1" })).wait();
        assert_eq!(listener.next()["body"]["after"], "a1");
        // A payload that is none of the wanted.
        let _ = world.emit_github(STORE, "issues", json!({ "action": "closed" })).wait();
        let (code, lines, _) = listener.stops(signal);
        assert_eq!((code, lines, hooks(&world).len()), (Some(0), Vec::new(), 0), "{signal}");
        let record = home.record(&at_github(&world, "octocat"));
        assert_eq!(record["webhook"]["hooks"], Value::Null, "{record:#}");
        assert_eq!(record["webhook"]["public_url"], Value::Null, "the address was for once");
    }
}

/// Whatever the repository and the events are called, the webhook that is made and what is let through are the same.
#[test]
fn what_is_made_is_also_let_through() {
    let (home, world) = scene();
    for repo in [format!("/{STORE}/"), format!("{}/{STORE}", world.github_url())] {
        let (address, flags) = (free(), ["--events", "push"]);
        let base = format!("http://{address}");
        let words = ["webhook", "listen", "--json", "--addr", &address, "--temporary", "--public-url", &base];
        let call = home.connect(words).with(["--repo", &repo]).with(flags).env("CONNECT_STORE", "plain");
        let listener = Listener::begins(call);
        world.settle();
        let _ = world.emit_github(STORE, "push", json!({ "after": "a1" })).wait();
        assert_eq!(listener.next()["body"]["after"], "a1", "{repo}");
        assert_eq!(listener.stops("-INT").0, Some(0));
    }
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    for (events, told) in [("merge_requests", "merge_request"), ("merge_request", "merge_request"), ("job", "build")] {
        let address = free();
        let base = format!("http://{address}");
        let words = ["webhook", "listen", "--json", "--addr", &address, "--temporary", "--public-url", &base];
        let words = home.connect(words).with(["--connection", "lab", "--repo", PROJECT, "--events", events]);
        let listener = Listener::begins(words.env("CONNECT_STORE", "plain"));
        let at = json!({ "path_with_namespace": PROJECT });
        let flag = if told == "build" { "job" } else { "merge_requests" };
        let sent = world.emit_gitlab(PROJECT, flag, json!({ "object_kind": told, "project": at })).wait();
        assert_eq!(sent.iter().map(|one| one.status).collect::<Vec<_>>(), [Some(202)], "{sent:?}");
        assert_eq!(listener.next()["event"], told, "{events}");
        assert_eq!(listener.stops("-INT").0, Some(0));
    }
}

#[test]
fn one_that_a_kill_left_behind_is_taken_over() {
    let (home, world) = scene();
    let address = free();
    let _ = listen(&home, &address, &[]).killed();
    let left = hooks(&world);
    assert_eq!(left.len(), 1);
    let listener = listen(&home, &address, &[]);
    assert_eq!(hooks(&world)[0]["id"], left[0]["id"]);
    let _ = listener.killed();
    // The tunnel has another name the next day.
    let listener = listen(&home, &free(), &[]);
    let now = hooks(&world);
    assert!(now.len() == 1 && now[0]["url"] != left[0]["url"], "{now:#?}");
    assert_eq!(listener.stops("-INT").0, Some(0));
    assert_eq!(hooks(&world).len(), 0);
}

#[test]
#[cfg(feature = "test-hooks")]
fn killed_while_it_is_made() {
    for point in ["webhook.secret.kept", "webhook.hook.made"] {
        let (home, world) = scene();
        let address = free();
        let died = call(&home, &address).env("CONNECT_TEST_FAULT", point).ends();
        assert_eq!(died.signal, Some(6), "{}", died.shown());
        let listener = listen(&home, &address, &[]);
        assert_eq!(hooks(&world).len(), 1, "{point}");
        assert_eq!(listener.stops("-INT").0, Some(0));
        assert_eq!(hooks(&world).len(), 0, "{point}");
    }
}

/// The tunnel has another name by then, and nobody has written the webhook's number down.
#[test]
#[cfg(feature = "test-hooks")]
fn killed_while_it_is_made_and_begun_at_another_address() {
    let (home, world) = scene();
    let died = call(&home, &free()).env("CONNECT_TEST_FAULT", "webhook.hook.made").ends();
    assert_eq!((died.signal, hooks(&world).len()), (Some(6), 1), "{}", died.shown());
    let left = hooks(&world)[0]["id"].clone();
    let listener = listen(&home, &free(), &[]);
    let now = hooks(&world);
    assert!(now.len() == 1 && now[0]["id"] != left, "{now:#?}");
    assert_eq!(listener.stops("-INT").0, Some(0));
    assert_eq!(hooks(&world).len(), 0);
    let webhook = home.record(&at_github(&world, "octocat"))["webhook"].clone();
    assert_eq!((&webhook["hooks"], &webhook["being_made"]), (&Value::Null, &Value::Null), "{webhook:#}");
}

/// What somebody has entered into the web form is nobody's to take away.
#[test]
fn one_that_was_entered_by_hand_stays() {
    let (home, world) = scene();
    let (address, name) = (free(), at_github(&world, "octocat"));
    home.connect(["webhook", "settings", &name, "--store", "plain"]).ends().succeeds().never_says("error");
    let id = home.record(&name)["webhook"]["id"].as_str().unwrap().to_owned();
    let hand = Home::new();
    hand.github(&world, "classic").ends().succeeds().never_says("error");
    for base in [&address, &free()] {
        let url = format!("http://{base}/hooks/{id}");
        let add = ["webhook", "add", "--repo", STORE, "--url", &url, "--events", "star", "--store", "plain"];
        hand.connect(add).ends().succeeds().never_says("error");
    }
    let listener = listen(&home, &address, &["--no-catch-up", "--events", "push"]);
    assert_eq!(listener.stops("-INT").0, Some(0));
    let now = hooks(&world);
    assert!(now.len() == 2 && now.iter().all(|hook| hook["events"] == json!(["star"])), "{now:#?}");
}

/// One that is there to stay is used, and stays.
#[test]
fn a_lasting_one_of_the_same_address_stays() {
    let (home, world) = scene();
    let address = free();
    let base = format!("http://{address}");
    let add = ["webhook", "add", "--repo", STORE, "--public-url", &base, "--store", "plain"];
    home.connect(add).with(["--events", "star,fork"]).ends().succeeds().never_says("error");
    home.connect(["webhook", "edit", "--inactive"]).ends().succeeds().never_says("error");
    let before = hooks(&world);
    world.clear_requests();
    let listener = listen(&home, &address, &["--no-catch-up"]);
    assert_eq!((listener.stops("-INT").0, hooks(&world)), (Some(0), before));
    assert!(world.requests().iter().all(|seen| seen.method == "GET"), "it is left as it is");
}

#[test]
fn it_cannot_be_made_or_taken_away() {
    let (home, world) = scene();
    world.fault(Fault::github().method("POST").path(&format!("/repos/{STORE}/hooks")).once().status(403));
    let address = free();
    let error = call(&home, &address).ends().fails(5, "forbidden");
    assert_eq!(error["connection"], at_github(&world, "octocat"));
    let listener = listen(&home, &address, &[]);
    world.fault(Fault::github().method("DELETE").path(&format!("/repos/{STORE}/hooks")).status(403));
    let (code, _, told) = listener.stops("-INT");
    assert_eq!((code, hooks(&world).len()), (Some(5), 1), "{told:?}");
    assert!(
        told.iter().any(|line| line.contains("webhook_left") && line.contains("connect webhook remove")),
        "{told:?}"
    );
    world.clear_faults();
    // It is still known, and the next run takes it away.
    assert_eq!(listen(&home, &address, &[]).stops("-INT").0, Some(0));
    assert_eq!(hooks(&world).len(), 0);
}

#[test]
fn nothing_is_made_where_the_port_is_taken() {
    let (home, world) = scene();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    call(&home, &taken.local_addr().unwrap().to_string()).ends().fails(1, "cannot_listen");
    assert_eq!(hooks(&world).len(), 0);
    assert!(world.requests().iter().all(|seen| seen.method != "POST"));
}

#[test]
fn what_it_has_to_know() {
    let (home, _world) = scene();
    for flags in [
        &["--temporary"][..],
        &["--temporary", "--repo", STORE],
        &["--temporary", "--repo", "a/b,c/d", "--poll"],
        &["--temporary", "--repo", "owner/*", "--poll"],
        &["--poll", "--addr", "127.0.0.1:1"],
        &["--poll", "--poll-every", "0s"],
        &["--poll", "--poll-every", "30"],
        &["--poll", "--poll-every", "2d"],
    ] {
        let call = home.connect(["webhook", "listen", "--json"]).with(flags.iter().copied());
        let output = call.ends();
        assert_eq!(output.code, Some(2), "{flags:?} {}", output.shown());
    }
}

/// What one run has made is not another's to remove.
#[test]
fn a_second_run_keeps_its_hands_off() {
    let (home, world) = scene();
    let listener = listen(&home, &free(), &[]);
    call(&home, &free()).ends().fails(1, "listener_exists");
    assert_eq!(hooks(&world).len(), 1);
    let _ = world.emit_github(STORE, "push", json!({ "after": "a1" })).wait();
    let delivery = (0..2).map(|_| listener.next()).find(|one| one["event"] == "push").unwrap();
    assert_eq!(delivery["body"]["after"], "a1");
}
