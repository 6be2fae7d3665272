//! A secret of an organisation: who gets it stays as it is, and a new one says who gets it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_box::PublicKey;
use crypto_box::aead::OsRng;
use serde_json::json;

use super::*;
use crate::import::by_hand;

const SECRETS: &str = "/orgs/agility-game/actions/secrets";
const TO: &str = "github-secret:agility-game:GITLAB_TOKEN";
/// The number of the organisation's public repository.
const STORE_ID: u64 = 142_000_001;

/// A home in which the connection to GitHub may write the organisation's secrets.
fn owner() -> Scene {
    let scene = Scene::new();
    let _ = scene.home.github(&scene.world, "owner").ends().succeeds();
    scene
}

/// Somebody makes the secret on GitHub, for selected repositories.
fn by_somebody(scene: &Scene) {
    let (_, key) = by_hand::github(&scene.world, "owner", "GET", &format!("{SECRETS}/public-key"), &json!(null));
    let public = PublicKey::from_slice(&STANDARD.decode(key["key"].as_str().unwrap()).unwrap()).unwrap();
    let sealed = STANDARD.encode(public.seal(&mut OsRng, b"what-was-there").unwrap());
    let body = json!({ "encrypted_value": sealed, "key_id": key["key_id"], "visibility": "selected",
        "selected_repository_ids": [STORE_ID] });
    let (status, said) = by_hand::github(&scene.world, "owner", "PUT", &format!("{SECRETS}/GITLAB_TOKEN"), &body);
    assert_eq!(status, 201, "{said:#}");
}

fn selected(scene: &Scene) -> (Value, Vec<u64>) {
    let get = |path: String| by_hand::github(&scene.world, "owner", "GET", &path, &json!(null)).1;
    let it = get(format!("{SECRETS}/GITLAB_TOKEN"));
    let list = get(format!("{SECRETS}/GITLAB_TOKEN/repositories"));
    let ids = list["repositories"].as_array().into_iter().flatten().map(|it| it["id"].as_u64().unwrap());
    (it["visibility"].clone(), ids.collect())
}

#[test]
fn the_repositories_that_were_selected_stay_so() {
    let scene = owner();
    by_somebody(&scene);
    let add = ["add", &scene.lab(), "--to", TO];
    let added = scene.destination(add).ends().succeeds();
    assert!(!added.stdout().contains("new "), "it was there: {}", added.shown());
    assert_eq!(selected(&scene), (json!("selected"), vec![STORE_ID]));
    let token = scene.world.gitlab_token("api");
    assert!(scene.world.state()["github"].to_string().contains(&token));
    let _ = scene.home.connect(["rotate", &scene.lab()]).ends().succeeds();
    assert_eq!(selected(&scene), (json!("selected"), vec![STORE_ID]));
    let state = scene.world.state()["github"].to_string();
    assert!(!state.contains(&token) && scene.places_of(&scene.lab())[0]["state"] == "current");
}

#[test]
fn a_new_one_is_for_the_private_repositories_and_says_so() {
    let scene = owner();
    let added = scene.destination(["add", &scene.lab(), "--to", TO]).ends().succeeds();
    assert!(added.stdout().contains("private repositories alone"), "{}", added.shown());
    assert!(added.stdout().contains("/organizations/agility-game/settings/secrets/actions"), "{}", added.shown());
    assert_eq!(selected(&scene).0, "private");
}
