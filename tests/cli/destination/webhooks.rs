//! Webhooks that have a connection's webhook secret.

use serde_json::json;

use super::*;
use crate::import::by_hand;

#[test]
fn those_that_connect_has_made_are_on_the_list_and_follow() {
    let scene = Scene::new();
    let add = ["webhook", "add", "--repo", STORE, "--url", "https://hooks.example.com/in"];
    let _ = scene.home.connect(add).ends().succeeds();
    let place = scene.places().remove(0);
    assert_eq!((&place["kind"], &place["of"]), (&json!("github-webhook"), &json!("webhook")));
    assert_eq!(place["state"], "current", "{place:#}");
    let first = scene.repository()["hooks"][0]["secret"].clone();
    let _ = scene.home.connect(["webhook", "settings", &scene.hub(), "--new-secret"]).ends().succeeds();
    assert_eq!(scene.state(), "stale");
    let _ = scene.destination(["push", "--stale"]).ends().succeeds();
    assert_eq!(scene.state(), "current");
    assert_ne!(scene.repository()["hooks"][0]["secret"], first);
    // Moved to another place, it is the same secret.
    let _ = scene.home.connect(["store", "migrate", "--all", "--to", "plain", "--yes"]).ends().succeeds();
    assert_eq!(scene.state(), "current");
}

#[test]
fn one_that_somebody_else_made_gets_the_secret_when_it_is_named() {
    let scene = Scene::new();
    let _ = scene.home.connect(["webhook", "settings", &scene.hub(), "--new-secret"]).ends();
    let body = json!({ "name": "web", "events": ["push"], "config": { "url": "https://ci.example.com/", "content_type": "json" } });
    let (status, hook) = by_hand::github(&scene.world, "classic", "POST", &format!("/repos/{STORE}/hooks"), &body);
    assert_eq!(status, 201, "{hook:#}");
    let made = ["webhook", "add", "--repo", STORE, "--url", "https://hooks.example.com/in"];
    let _ = scene.home.connect(made).ends().succeeds();
    let _ = scene.add(&format!("github-webhook:{STORE}#{}", hook["id"])).ends().succeeds();
    let hooks = scene.repository()["hooks"].clone();
    assert!(hooks[0]["secret"].is_string() && hooks[0]["secret"] == hooks[1]["secret"], "{hooks:#}");
    assert_eq!(scene.places().len(), 2);
    let _ = scene.home.connect(["webhook", "settings", &scene.hub(), "--new-secret"]).ends().succeeds();
    let _ = scene.destination(["push", "--stale"]).ends().succeeds();
    let hooks = scene.repository()["hooks"].clone();
    assert_eq!(hooks[0]["secret"], hooks[1]["secret"], "{hooks:#}");
    assert!(scene.places().iter().all(|place| place["state"] == "current"), "{:#?}", scene.places());
}

/// A webhook that somebody has made on GitLab, below a path such as `projects/7`.
fn on_gitlab(scene: &Scene, token: &str, below: &str) -> Value {
    let body = json!({ "url": "https://ci.example.com/", "push_events": true, "tag_push_events": true });
    let (status, hook) = by_hand::gitlab(&scene.world, token, "POST", &format!("/{below}/hooks"), &body);
    assert_eq!(status, 201, "{hook:#}");
    hook["id"].clone()
}

#[test]
fn on_gitlab_too_and_status_counts_those_that_connect_has_made() {
    let scene = Scene::new();
    let lab = scene.lab();
    let add = ["webhook", "add", "--project", DASHBOARD, "--url", "https://hooks.example.com/in"];
    let _ = scene.home.connect(add).ends().succeeds();
    let id = on_gitlab(&scene, "api", &format!("projects/{}", DASHBOARD.replace('/', "%2F")));
    let to = format!("gitlab-webhook:{DASHBOARD}#{id}");
    let added = scene.destination(["add", &lab, "--to", &to]).json().document();
    assert_eq!(
        (&added["destination"]["of"], &added["destination"]["result"]),
        (&json!("webhook"), &json!("unverifiable"))
    );
    let hooks = || scene.project(DASHBOARD)["hooks"].clone();
    let signs = |hook: &Value| hook["signing_token"].clone();
    assert!(!signs(&hooks()[0]).is_null() && signs(&hooks()[0]) == signs(&hooks()[1]), "{:#}", hooks());
    assert_eq!(hooks()[1]["events"], {
        let mut events = hooks()[1]["events"].clone();
        events.as_array_mut().map(|all| all.len());
        events
    });
    let _ = scene.home.connect(["webhook", "settings", &lab, "--new-secret"]).ends().succeeds();
    let stale = scene.home.connect(["status", &lab]).ends().exits(9);
    assert!(stale.stdout().contains("2 of 2 copies are stale"), "connect's own is one of them: {}", stale.shown());
    let listed = scene.home.connect(["list"]).json().document();
    let entry = listed["connections"].as_array().unwrap().iter().find(|it| it["name"] == lab).unwrap().clone();
    assert_eq!(entry["stale"], 2, "{entry:#}");
    let doctor = scene.home.connect(["doctor", &lab, "--no-network"]).ends();
    assert!(doctor.stdout().contains("2 of 2 copies"), "{}", doctor.shown());
    let before = signs(&hooks()[0]);
    let _ = scene.destination(["push", "--stale"]).ends().succeeds();
    assert!(signs(&hooks()[0]) != before && signs(&hooks()[0]) == signs(&hooks()[1]), "{:#}", hooks());
    let _ = scene.home.connect(["status", &lab]).ends().succeeds();
}

#[test]
fn of_a_group_and_the_command_that_takes_ours_away() {
    let scene = Scene::new();
    let _ = scene.home.gitlab(&scene.world, "admin").with(["--name", "root"]).ends().succeeds();
    let add = ["webhook", "add", "--group", "agility-game", "--url", "https://hooks.example.com/in"];
    let _ = scene.home.connect(add).with(["--connection", "root"]).ends().succeeds();
    let id = on_gitlab(&scene, "admin", "groups/agility-game");
    let to = format!("gitlab-webhook:group=agility-game#{id}");
    let _ = scene.destination(["add", "root", "--to", &to]).ends().succeeds();
    let all = scene.places_of("root");
    let named: Vec<&str> = all.iter().map(|place| place["to"].as_str().unwrap()).collect();
    assert!(named.contains(&to.as_str()), "{named:?}");
    let own = named.iter().find(|named| **named != to).unwrap().to_string();
    let ours = scene.destination(["remove", "root", "--to", &own]).json().fails(9, "destination_taken");
    let hint = ours["hint"].as_str().unwrap();
    let command = hint.split('`').nth(1).unwrap().trim_start_matches("connect ");
    let _ = scene.home.connect(command.split(' ')).with(["--connection", "root", "--yes"]).ends().succeeds();
    assert_eq!(scene.places_of("root").len(), 1, "the hint works: {hint}");
}
