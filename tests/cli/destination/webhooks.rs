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
