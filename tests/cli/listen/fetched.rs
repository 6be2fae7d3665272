//! `--poll`: deliveries are read from GitHub's API, and nothing has to reach this machine.

use forge_sandbox::{Fault, Sandbox};
use serde_json::{Value, json};

use super::{Listener, Target, hub};
use crate::support::forges::{at_github, built};
use crate::support::{Cast as _, Home};

const STORE: &str = "agility-game/home-assistant-community-store";
const FAST: [&str; 3] = ["--poll", "--poll-every", "1s"];

fn scene() -> (Home, Sandbox) {
    let (home, world) = (Home::new(), built(Sandbox::builder()));
    home.github(&world, "classic").ends().succeeds().never_says("error");
    (home, world)
}

/// A webhook that delivers to nobody.
fn add(home: &Home, flags: &[&str]) {
    let add = ["webhook", "add", "--repo", STORE, "--url", "https://connect.invalid/", "--store", "plain"];
    home.connect(add).with(flags.iter().copied()).ends().succeeds().never_says("error");
}

fn poll(home: &Home, flags: &[&str]) -> Listener {
    Listener::begins(home.connect(["webhook", "listen", "--json"]).with(FAST).with(flags.iter().copied()))
}

fn emit(world: &Sandbox, after: &str) {
    let _ = world.emit_github(STORE, "push", json!({ "after": after })).wait();
}

fn after(delivery: &Value) -> &str {
    delivery["body"]["after"].as_str().unwrap_or_default()
}

#[test]
fn what_happened_and_what_happens() {
    let (home, world) = scene();
    add(&home, &[]);
    world.settle();
    emit(&world, "a1");
    let listener = poll(&home, &[]);
    assert_eq!(listener.next()["event"], "ping");
    let first = listener.next();
    assert_eq!((after(&first), &first["connection"]), ("a1", &json!(at_github(&world, "octocat"))));
    emit(&world, "a2");
    assert_eq!(after(&listener.next()), "a2");
    assert_eq!(listener.stops("-INT").0, Some(0));
    // What was handed on is not fetched again.
    emit(&world, "a3");
    world.clear_requests();
    let listener = poll(&home, &[]);
    assert_eq!(after(&listener.next()), "a3");
    let fetched = world.requests().iter().filter(|seen| is_one_delivery(&seen.path)).count();
    assert_eq!(fetched, 1);
}

fn is_one_delivery(path: &str) -> bool {
    path.rsplit_once("/deliveries/").is_some_and(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A form is JSON in the API: it is signed anew for whoever it is passed on to.
#[test]
fn passed_on_signed() {
    let (home, world) = scene();
    add(&home, &["--content-type", "form"]);
    world.settle();
    let target = Target::start();
    target.answers(&[200]);
    let listener = poll(&home, &["--forward", &target.url, "--events", "ping"]);
    let seen = target.next();
    let name = at_github(&world, "octocat");
    let secret = home.connect(["webhook", "settings", &name, "--secret-only"]).ends().succeeds().stdout();
    assert_eq!(seen.header("x-hub-signature-256"), Some(hub(secret.trim_end(), &seen.body).as_str()));
    assert_eq!(seen.header("content-type"), Some("application/json"));
    let delivery = listener.next();
    assert_eq!(serde_json::from_slice::<Value>(&seen.body).unwrap(), delivery["body"]);
}

#[test]
fn what_is_asked_for_again_comes_again() {
    let (home, world) = scene();
    add(&home, &[]);
    world.settle();
    let listener = poll(&home, &[]);
    let ping = listener.next();
    let again = ["webhook", "redeliver", ping["id"].as_str().unwrap(), "--repo", STORE];
    home.connect(again).ends().succeeds().never_says("error");
    let repeat = listener.next();
    assert_eq!((&repeat["id"], &repeat["repeat"]), (&ping["id"], &json!(true)));
}

#[test]
fn a_webhook_for_this_run() {
    let (home, world) = scene();
    let words = ["webhook", "listen", "--json", "--temporary", "--repo", STORE];
    let listener = Listener::begins(home.connect(words).with(FAST).env("CONNECT_STORE", "plain"));
    assert_eq!(listener.next()["event"], "ping");
    emit(&world, "b1");
    assert_eq!(after(&listener.next()), "b1");
    assert_eq!(listener.stops("-INT").0, Some(0));
    let state = world.state().to_string();
    assert!(!state.contains("connect.invalid"), "it is removed");
}

#[test]
fn a_forge_that_fails_for_a_while() {
    let (home, world) = scene();
    add(&home, &[]);
    world.settle();
    let listener = poll(&home, &[]);
    let _ = listener.next();
    world.fault(Fault::github().method("GET").path(&format!("/repos/{STORE}/hooks")).status(502));
    let (code, message) = listener.warning();
    assert_eq!(code, "not_polled", "{message}");
    world.clear_faults();
    emit(&world, "c1");
    assert_eq!(after(&listener.next()), "c1");
    // A token that is dead does not come back.
    world.revoke_github(&world.github_token("classic"));
    let (status, _, told) = listener.ends();
    assert_eq!(status, Some(4), "{told:?}");
}

/// One that the forge has forgotten since, or that is larger than anything it delivers, is passed over; a large one is not.
#[test]
fn one_delivery_holds_up_no_other() {
    let (home, world) = scene();
    add(&home, &[]);
    world.settle();
    emit(&world, "e1");
    let _ = world.emit_github(STORE, "push", json!({ "after": "e2", "pad": "x".repeat(9 << 20) })).wait();
    let id = home.record(&at_github(&world, "octocat"))["webhook"]["hooks"][0]["id"].to_string();
    let listed = home.connect(["webhook", "deliveries", "--repo", STORE]).json().succeeds().document();
    let number = |event: &str, nth: usize| {
        let all = listed["deliveries"].as_array().unwrap().iter().filter(|one| one["event"] == event);
        all.rev().nth(nth).unwrap()["id"].to_string()
    };
    let one = |number: &str| format!("/repos/{STORE}/hooks/{id}/deliveries/{number}");
    world.fault(Fault::github().method("GET").path(&one(&number("ping", 0))).status(404));
    world.fault(Fault::github().method("GET").path(&one(&number("push", 0))).endless_body());
    let listener = poll(&home, &[]);
    assert_eq!(after(&listener.next()), "e2");
    let (code, message) = listener.warning();
    assert!(code == "delivery_refused" && message.contains("too large"), "{message}");
    emit(&world, "e3");
    assert_eq!(after(&listener.next()), "e3");
}

/// Neither one whose list does not come nor one that is no more holds up the others.
#[test]
fn each_webhook_by_itself() {
    let (home, world) = scene();
    add(&home, &[]);
    let other = ["webhook", "add", "--repo", "octocat/hello-world", "--url", "https://connect.invalid/2"];
    let made = home.connect(other).json().succeeds().document();
    world.settle();
    let lists = format!("/repos/{STORE}/hooks");
    world.fault(Fault::github().method("GET").path(&lists).status(502));
    let listener = poll(&home, &["--events", "push"]);
    assert_eq!(listener.warning().0, "not_polled");
    let _ = world.emit_github("octocat/hello-world", "push", json!({ "after": "d1" })).wait();
    assert_eq!(after(&listener.next()), "d1");
    world.clear_faults();
    let state = Home::new();
    state.github(&world, "classic").ends().succeeds().never_says("error");
    let remove = ["webhook", "remove", &made["id"].to_string(), "--repo", "octocat/hello-world", "--yes"];
    state.connect(remove).ends().succeeds().never_says("error");
    let given_up = (0..20).map(|_| listener.warning().1).find(|message| message.contains("not tried again"));
    assert!(given_up.is_some());
    emit(&world, "d2");
    assert_eq!(after(&listener.next()), "d2");
    assert_eq!(listener.stops("-INT").0, Some(0));
}

#[test]
fn nothing_to_fetch() {
    let (home, world) = scene();
    home.connect(["webhook", "listen", "--poll"]).json().fails(3, "no_webhook");
    home.connect(["gitlab", "--webhook-only", "--name", "lab", "--host", &world.gitlab_url(), "--store", "plain"])
        .ends()
        .succeeds()
        .never_says("error");
    home.connect(["webhook", "listen", "--poll", "--connection", "lab"]).json().fails(2, "not_polled");
}

/// Several webhooks of one repository each have the push in their lists: only the one for this run is read.
#[test]
fn once_however_many_webhooks_there_are() {
    let (home, world) = scene();
    add(&home, &[]);
    home.connect(["webhook", "add", "--repo", STORE, "--url", "https://ci.example.com/in", "--store", "plain"])
        .ends()
        .succeeds()
        .never_says("error");
    world.settle();
    let words = ["webhook", "listen", "--json", "--temporary", "--repo", STORE, "--events", "push"];
    let listener = Listener::begins(home.connect(words).with(FAST).env("CONNECT_STORE", "plain"));
    emit(&world, "d1");
    assert_eq!(after(&listener.next()), "d1");
    emit(&world, "d2");
    assert_eq!(after(&listener.next()), "d2");
    assert_eq!(listener.stops("-INT").1, [""; 0]);
}

/// Whoever says how often means that it is fetched.
#[test]
fn how_often_is_for_who_fetches() {
    let home = super::home();
    let error = super::does_not_listen(&home, &["--poll-every", "5m"]).fails(2, "usage");
    assert!(error["message"].as_str().unwrap().contains("--poll"), "{error}");
    assert!(error["hint"].is_string(), "{error}");
    home.connect(["webhook", "listen", "--poll-every", "30s"]).json().fails(2, "usage");
    // A variable is there for other runs as well.
    let call = home.connect(["webhook", "listen", "--json", "--addr", "127.0.0.1:0"]);
    drop(Listener::begins(call.env("CONNECT_WEBHOOK_POLL_EVERY", "5m")));
}
