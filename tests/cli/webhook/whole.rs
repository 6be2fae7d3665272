//! From one end to the other: made at the forge, received by connect, and once more when that is asked for.

use serde_json::{Value, json};

use super::{DASHBOARD, STORE, Scene};
use crate::listen::{Listener, listen};
use crate::support::forges::{at_github, at_gitlab};

/// Begins to listen for a connection, and leads its only webhook there.
fn led_to(scene: &Scene, name: &str, place: [&str; 2]) -> Listener {
    let listener = listen(&scene.home, &["--connection", name]);
    let base = format!("http://{}", listener.address);
    let edited = scene.webhook(["edit", "--public-url", &base]).with(place).json().succeeds().document();
    assert_eq!(edited["url"], format!("{base}{}", listener.path(name)));
    listener
}

#[test]
fn a_delivery_of_github_is_received_and_comes_again_when_it_is_asked_for() {
    let scene = Scene::new();
    let name = at_github(&scene.world, "octocat");
    let _ = scene.add().ends().succeeds();
    scene.world.settle();
    let listener = led_to(&scene, &name, ["--repo", STORE]);
    let pinged = scene.webhook(["ping", "--repo", STORE]).json().succeeds().document();
    let guid = pinged["delivery"]["guid"].clone();
    let of = |came: &Value| (came["event"].clone(), came["id"].clone(), came["repeat"].clone());
    assert_eq!(of(&listener.next()), (json!("ping"), guid.clone(), json!(false)));
    let _ = scene.webhook(["redeliver", guid.as_str().unwrap(), "--repo", STORE]).ends().succeeds();
    assert_eq!(of(&listener.next()), (json!("ping"), guid, json!(true)));
    let _ = listener.killed();
}

#[test]
fn a_test_of_gitlab_is_received_by_its_signature() {
    let scene = Scene::new();
    let name = at_gitlab(&scene.world, "maintainer");
    let _ = scene.webhook(["add", "--project", DASHBOARD, "--public-url", scene.receiver.base()]).ends().succeeds();
    let listener = led_to(&scene, &name, ["--project", DASHBOARD]);
    let _ = scene.webhook(["test", "--project", DASHBOARD]).ends().succeeds();
    let came = listener.next();
    assert_eq!((&came["forge"], &came["connection"]), (&json!("gitlab"), &json!(name)));
    let sent = scene.webhook(["deliveries", "--project", DASHBOARD]).json().succeeds().document();
    assert_eq!(came["id"], sent["deliveries"][0]["guid"]);
    let again = scene.webhook(["redeliver", came["id"].as_str().unwrap(), "--project", DASHBOARD]).json().succeeds();
    assert_eq!(again.document()["redelivered"][0]["outcome"], "answered");
    let repeat = listener.next();
    assert_eq!((&repeat["id"], &repeat["repeat"]), (&came["id"], &json!(true)));
    let _ = listener.killed();
}
