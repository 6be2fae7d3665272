//! When a token dies is learnt from any answer that says so.

use std::fs::File;

use serde_json::{Value, json};

use crate::support::{Cast as _, Home, Output, world};

const STORE: &str = "agility-game/home-assistant-community-store";

/// A command that has nothing to do with the token's health.
fn lists_webhooks(home: &Home) -> Output {
    home.connect(["webhook", "list", "--repo", STORE, "--connection", "hub"]).ends()
}

fn end(home: &Home) -> Value {
    home.record("hub")["token"]["expires_at"].clone()
}

#[cfg(feature = "test-hooks")]
#[test]
fn an_end_that_was_changed_at_the_forge_is_written_down_without_a_request_more() {
    let (home, world) = (Home::new(), world());
    home.github(&world, "expiring").with(["--name", "hub"]).ends().succeeds().never_says("error");
    assert_eq!(end(&home), "2026-11-06T12:00:00Z");
    world.clear_requests();
    lists_webhooks(&home).succeeds().never_says("error");
    let requests = world.requests().len();
    // As if it had been another when connect last asked.
    for before in [json!("2027-03-01T00:00:00Z"), Value::Null] {
        home.edit_record("hub", |record| record["token"]["expires_at"] = before.clone());
        let record = home.record("hub");
        world.clear_requests();
        lists_webhooks(&home).succeeds().never_says("error");
        assert_eq!(world.requests().len(), requests);
        assert_eq!(end(&home), "2026-11-06T12:00:00Z");
        let mut expected = record;
        expected["token"]["expires_at"] = end(&home);
        assert_eq!(home.record("hub"), expected, "nothing else was learnt");
    }
    let before = home.contents();
    lists_webhooks(&home).succeeds().never_says("error");
    let same = home.contents();
    let path = "connect/data/connections/hub.json";
    assert_eq!(same.get(path), before.get(path));
}

#[test]
fn a_record_that_somebody_else_holds_is_left_alone() {
    let (home, world) = (Home::new(), world());
    home.github(&world, "expiring").with(["--name", "hub"]).ends().succeeds().never_says("error");
    home.edit_record("hub", |record| record["token"]["expires_at"] = "2030-03-01T00:00:00Z".into());
    let lock = File::options().write(true).open(home.connect_home().join("state/locks/hub.lock")).unwrap();
    lock.lock().unwrap();
    lists_webhooks(&home).succeeds().never_says("waiting");
    assert_eq!(end(&home), "2030-03-01T00:00:00Z");
    drop(lock);
    lists_webhooks(&home).succeeds().never_says("error");
    assert_ne!(end(&home), "2030-03-01T00:00:00Z");
}

#[test]
fn what_was_told_of_another_token_is_not_written_down() {
    let (home, world) = (Home::new(), world());
    let kept = home.connect(["github", "--host", &world.github_url(), "--pat-env", "TOKEN", "--store", "env"]);
    kept.with(["--name", "hub"]).env("TOKEN", &world.github_token("classic")).ends().succeeds().never_says("error");
    let list = home.connect(["webhook", "list", "--repo", STORE, "--connection", "hub"]);
    list.env("TOKEN", &world.github_token("expiring")).ends().succeeds().never_says("error");
    assert_eq!(end(&home), Value::Null);
}
