//! What imports have put somewhere follows, and the import's own record knows it.

use std::time::Duration;

use serde_json::json;

use super::*;

const PROJECT: &str = "agility-game/home-assistant/store";

fn has_git() -> bool {
    let there = std::process::Command::new("git").arg("--version").output().is_ok_and(|said| said.status.success());
    if !there {
        assert!(std::env::var_os("CI").is_none(), "CI has a git");
        eprintln!("left out: there is no git");
    }
    there
}

#[test]
fn a_mirror_and_an_integration_follow_and_the_import_agrees() {
    if !has_git() {
        return;
    }
    let scene = Scene::new();
    let _ = scene.home.connect(["import", STORE, "--to", PROJECT, "--yes", "--store", "plain"]).ends().succeeds();
    scene.world.settle();
    let kinds: Vec<Value> = scene.places().iter().map(|place| place["kind"].clone()).collect();
    assert_eq!(kinds, [json!("gitlab-mirror"), json!("gitlab-integration")]);
    scene.replace();
    scene.world.advance(Duration::from_secs(600));
    let document = scene.destination(["push", "--stale"]).json().document();
    let results: Vec<&Value> =
        document["connections"][0]["destinations"].as_array().unwrap().iter().map(|place| &place["result"]).collect();
    assert_eq!(results, [&json!("verified"), &json!("unverifiable")], "{document:#}");
    let token = scene.world.github_token("second");
    let put = |path_ends: &str| {
        let all = scene.world.requests();
        let is_it = |seen: &&forge_sandbox::SeenRequest| seen.method == "PUT" && seen.path.ends_with(path_ends);
        String::from_utf8(all.iter().rev().find(is_it).unwrap().body.clone()).unwrap()
    };
    assert!(put("/mirror/pull").contains(&token) && put("/integrations/github").contains(&token));
    let mirror = scene.project(PROJECT)["mirror"].clone();
    assert_eq!((&mirror["trigger_builds"], &mirror["status"]), (&json!(true), &json!("finished")), "{mirror:#}");
    let _ = scene.home.connect(["import", "status"]).ends().succeeds();
    assert!(scene.places().iter().all(|place| place["state"] == "current"), "{:#?}", scene.places());
    let kept = scene.home.records().into_iter().find(|it| it["made_for"].is_string()).unwrap();
    let name = kept["name"].as_str().unwrap();
    let document = scene.destination(["push", name]).json().document();
    assert_eq!(document["connections"][0]["destinations"][0]["result"], "verified", "{document:#}");
    let ours = scene.destination(["remove", &scene.hub(), "--to", &format!("gitlab-mirror:{PROJECT}")]).json();
    let _ = ours.fails(9, "destination_taken");
}

#[test]
fn a_mirror_that_leads_elsewhere_gets_no_token() {
    if !has_git() {
        return;
    }
    let scene = Scene::new();
    let _ = scene.home.connect(["import", STORE, "--to", PROJECT, "--yes", "--store", "plain"]).ends().succeeds();
    scene.world.settle();
    let to = format!("gitlab-mirror:{PROJECT}");
    let output = scene.destination(["add", &scene.lab(), "--to", &to]).json();
    assert_eq!(output.code, Some(9), "{}", output.shown());
    scene.replace();
    scene.world.fail_mirror(PROJECT, 1);
    scene.world.revoke_github("second");
    scene.world.advance(Duration::from_secs(600));
    let output = scene.destination(["push", "--stale"]).ends();
    assert_ne!(output.code, Some(0), "{}", output.shown());
    assert!(scene.places().iter().any(|place| place["state"] == "stale"), "{:#?}", scene.places());
}

/// Before 17.6 a mirror has no settings of its own in the API: its address is the project's.
#[test]
fn a_mirror_of_an_older_gitlab_follows_too() {
    if !has_git() {
        return;
    }
    let scene = Scene::on(Sandbox::builder().gitlab_version("17.5.0"));
    let _ = scene.home.connect(["import", STORE, "--to", PROJECT, "--yes", "--store", "plain"]).ends().succeeds();
    scene.world.settle();
    scene.replace();
    scene.world.advance(Duration::from_secs(600));
    let document = scene.destination(["push", "--stale"]).json().document();
    let first = document["connections"][0]["destinations"][0].clone();
    assert_eq!((&first["kind"], &first["result"]), (&json!("gitlab-mirror"), &json!("verified")), "{document:#}");
    let token = scene.world.github_token("second");
    let all = scene.world.requests();
    let carries = |seen: &&forge_sandbox::SeenRequest| String::from_utf8_lossy(&seen.body).contains(&token);
    let puts: Vec<&str> = all.iter().filter(carries).map(|seen| seen.path.as_str()).collect();
    assert!(
        puts.iter().any(|path| path.rsplit_once("/projects/").is_some_and(|(_, id)| !id.contains('/'))),
        "{puts:?}"
    );
    assert!(scene.places().iter().all(|place| place["state"] == "current"), "{:#?}", scene.places());
}
