//! What came while nobody listened: asked for again, at the next start and by `connect webhook catch-up`.

use forge_sandbox::{Builder, Fault, Sandbox};
use serde_json::{Value, json};

use super::{Listener, listen};
use crate::support::forges::{at_github, at_gitlab, built};
use crate::support::output::Output;
use crate::support::{Cast as _, Home};

const STORE: &str = "agility-game/home-assistant-community-store";
const DASHBOARD: &str = "agility-game/home-assistant/dashboard";

/// A home that is connected to both forges.
fn scene(builder: Builder) -> (Home, Sandbox) {
    let (home, world) = (Home::new(), built(builder));
    home.github(&world, "classic").ends().succeeds().never_says("error");
    home.gitlab(&world, "api").ends().succeeds().never_says("error");
    (home, world)
}

fn connect(home: &Home, words: &[&str]) -> Output {
    home.connect(words.iter().copied()).ends()
}

/// A webhook of the repository, at an address where nobody listens yet; gives the address.
fn add(home: &Home, place: &[&str]) -> String {
    let free = free();
    let base = format!("http://{free}");
    let add = ["webhook", "add", "--public-url", &base, "--store", "plain"];
    connect(home, &[&add[..], place].concat()).succeeds().never_says("error");
    free
}

/// The port of a listener that has ended is free for the next one.
fn free() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn at(home: &Home, address: &str, flags: &[&str]) -> Listener {
    let words = ["webhook", "listen", "--json", "--addr", address];
    Listener::begins(home.connect(words).with(flags))
}

fn number(world: &Sandbox, repository: &str, number: u64) {
    let _ = world.emit_github(repository, "push", json!({ "after": format!("{number:040}") })).wait();
}

#[test]
fn at_the_start_of_the_next_run() {
    let (home, world) = scene(Sandbox::builder());
    let address = add(&home, &["--repo", STORE]);
    world.settle();
    number(&world, STORE, 1);
    number(&world, STORE, 2);
    let name = at_github(&world, "octocat");
    let listener = at(&home, &address, &["--connection", &name]);
    // The ping was missed as well.
    let events: Vec<Value> = (0..3).map(|_| listener.next()["event"].clone()).collect();
    assert_eq!(events, ["ping", "push", "push"]);
    // What comes now comes once, and nothing is asked for twice.
    number(&world, STORE, 3);
    assert_eq!(listener.next()["body"]["after"], format!("{:040}", 3));
    let (code, left, _) = listener.stops("-TERM");
    assert_eq!((code, left), (Some(0), Vec::new()));
    let listener = at(&home, &address, &["--connection", &name]);
    number(&world, STORE, 4);
    assert_eq!(listener.next()["body"]["after"], format!("{:040}", 4));
}

#[test]
fn not_at_the_start_when_told_so() {
    let (home, world) = scene(Sandbox::builder());
    let address = add(&home, &["--repo", STORE]);
    world.settle();
    let name = at_github(&world, "octocat");
    let listener = at(&home, &address, &["--connection", &name, "--no-catch-up"]);
    number(&world, STORE, 1);
    assert_eq!(listener.next()["event"], "push");
    assert_eq!(listener.stops("-INT").1, [""; 0]);
}

#[test]
fn by_the_command() {
    let (home, world) = scene(Sandbox::builder());
    let address = add(&home, &["--repo", STORE]);
    world.settle();
    number(&world, STORE, 1);
    let name = at_github(&world, "octocat");
    let listener = at(&home, &address, &["--connection", &name, "--no-catch-up"]);
    let document = connect(&home, &["webhook", "catch-up", "--json"]).succeeds().document();
    let one = &document["caught_up"][0];
    assert_eq!(
        [&one["connection"], &one["target"], &one["error"]],
        [&json!(name), &json!(format!("repo:{STORE}")), &Value::Null]
    );
    let asked: Vec<&Value> = one["redelivered"].as_array().unwrap().iter().map(|one| &one["outcome"]).collect();
    assert_eq!(asked, ["asked", "asked"]);
    let ids = listener.ids(2);
    let said: Vec<Value> = one["redelivered"].as_array().unwrap().iter().map(|one| one["guid"].clone()).collect();
    assert_eq!(json!(ids), json!(said));
    world.settle();
    let nothing = connect(&home, &["webhook", "catch-up", "--connection", &name]).succeeds();
    assert_eq!((nothing.stdout(), nothing.stderr().contains("nothing was missed")), (String::new(), true));
    // No older than that.
    drop(listener);
    number(&world, STORE, 2);
    let document =
        connect(&home, &["webhook", "catch-up", "--since", "2026-11-01T12:00:01Z", "--json"]).succeeds().document();
    assert_eq!(document["caught_up"][0]["redelivered"], json!([]));
}

/// GitLab sends it while it is asked, and five a minute at most.
#[test]
fn gitlab_is_asked_as_well() {
    let (home, world) = scene(Sandbox::builder());
    let address = add(&home, &["--project", DASHBOARD]);
    for number in 1..=3 {
        let _ = world.emit_gitlab(DASHBOARD, "push", json!({ "checkout_sha": format!("{number:040}") })).wait();
    }
    let name = at_gitlab(&world, "maintainer");
    let listener = at(&home, &address, &["--connection", &name]);
    let shas: Vec<Value> = (0..3).map(|_| listener.next()["body"]["checkout_sha"].clone()).collect();
    assert_eq!(shas, [1, 2, 3].map(|number| json!(format!("{number:040}"))));
}

#[test]
fn a_webhook_that_is_no_more_or_a_token_that_is_dead() {
    let (home, world) = scene(Sandbox::builder());
    let address = add(&home, &["--repo", STORE]);
    world.settle();
    let name = at_github(&world, "octocat");
    world.revoke_github(&world.github_token("classic"));
    let error = connect(&home, &["webhook", "catch-up", "--connection", &name, "--json"]).document();
    assert_eq!(error["caught_up"][0]["error"]["code"], "bad_credentials", "{error:#}");
    assert_eq!(connect(&home, &["webhook", "catch-up", "--connection", &name]).code, Some(4));
    // It listens all the same.
    let listener = at(&home, &address, &["--connection", &name]);
    let (code, message) = listener.warning();
    assert!(code == "not_caught_up" && message.contains("could not ask"), "{message}");
    assert_eq!(listener.stops("-TERM").0, Some(0));
}

/// The forge's clock says when it delivered; this machine's is an hour ahead.
#[test]
#[cfg(feature = "test-hooks")]
fn a_clock_that_is_ahead() {
    let (home, world) = scene(Sandbox::builder());
    let ahead = |words: &[&str]| home.connect(words.iter().copied()).env("CONNECT_TEST_NOW", "2026-11-01T13:00:00Z");
    let base = format!("http://{}", free());
    let add = ["webhook", "add", "--repo", STORE, "--public-url", &base, "--store", "plain"];
    ahead(&add).ends().succeeds().never_says("error");
    world.settle();
    number(&world, STORE, 1);
    let document = ahead(&["webhook", "catch-up", "--json"]).ends().document();
    let asked = document["caught_up"][0]["redelivered"].as_array().unwrap().iter().map(|one| one["event"].clone());
    assert_eq!(asked.collect::<Vec<_>>(), ["ping", "push"], "{document:#}");
}

/// What goes to other addresses is nothing that the receiver waits for.
#[test]
fn webhooks_that_deliver_elsewhere_are_left_alone() {
    let (home, world) = scene(Sandbox::builder());
    let add = ["webhook", "add", "--repo", STORE, "--store", "plain"];
    let closed = format!("http://{}/build", free());
    for place in
        [["--url", "https://connect.invalid/x"], ["--public-url", "https://connect.invalid"], ["--url", &closed]]
    {
        connect(&home, &[&add[..], &place].concat()).succeeds().never_says("error");
    }
    world.settle();
    number(&world, STORE, 1);
    world.clear_requests();
    let document = connect(&home, &["webhook", "catch-up", "--json"]).succeeds().document();
    assert_eq!((&document["caught_up"], world.requests().len()), (&json!([]), 0));
    assert!(!is_noted(&home));
}

/// Else a repeat that nobody has asked for would be let through, for days.
#[test]
fn nothing_is_expected_that_the_forge_has_refused() {
    let (home, world) = scene(Sandbox::builder());
    let _ = add(&home, &["--repo", STORE]);
    world.settle();
    world.fault(Fault::github().method("POST").path(&format!("/repos/{STORE}/hooks")).status(403));
    let refused = connect(&home, &["webhook", "catch-up", "--json"]).document();
    assert_eq!(refused["caught_up"][0]["redelivered"][0]["outcome"], "failed", "{refused:#}");
    assert!(!is_noted(&home));
}

fn is_noted(home: &Home) -> bool {
    home.contents().keys().any(|name| name.contains("/expected/") && !name.ends_with('/'))
}

#[test]
fn nothing_to_ask_for() {
    let home = super::home();
    let said = connect(&home, &["webhook", "catch-up"]).succeeds();
    assert!(said.stderr().contains("connect has made no webhook"), "{}", said.shown());
    connect(&home, &["webhook", "catch-up", "--connection", "nobody", "--json"]).fails(3, "no_such_connection");
    // A connection that only receives has nothing to ask with, and listens as ever.
    let listener = listen(&home, &[]);
    assert_eq!(listener.github("d-1", "push", "{}"), 202);
    assert_eq!(listener.ids(1), ["d-1"]);
}
