//! Places at a forge: variables, secrets of Actions.

use serde_json::json;

use super::*;
use crate::import::by_hand;

#[test]
fn a_new_variable_is_masked_and_protected() {
    let scene = Scene::new();
    let _ = scene.add(&format!("gitlab-variable:{DASHBOARD}:GITHUB_TOKEN@production")).ends().succeeds();
    let variable = scene.project(DASHBOARD)["variables"][0].clone();
    assert_eq!(variable["value"], scene.world.github_token("classic"));
    assert_eq!(
        (&variable["masked"], &variable["protected"], &variable["raw"]),
        (&json!(true), &json!(true), &json!(true))
    );
    assert_eq!(variable["environment_scope"], "production");
    let place = scene.places().remove(0);
    assert_eq!((&place["name"], &place["environment"]), (&json!("GITHUB_TOKEN"), &json!("production")));
    assert_eq!((&place["via"], &place["state"]), (&json!(scene.lab()), &json!("current")));
}

#[test]
fn of_a_variable_that_is_there_only_the_value_changes() {
    let scene = Scene::new();
    let path = format!("/projects/{}/variables", DASHBOARD.replace('/', "%2F"));
    for (scope, description) in [("staging", "for the tests"), ("*", "for all else")] {
        let body = json!({ "key": "GITHUB_TOKEN", "value": "what-was-there", "masked": false, "protected": false,
            "raw": false, "variable_type": "file", "environment_scope": scope, "description": description });
        assert_eq!(by_hand::gitlab(&scene.world, "api", "POST", &path, &body).0, 201);
    }
    let _ = scene.add(&format!("gitlab-variable:{DASHBOARD}:GITHUB_TOKEN@staging")).ends().succeeds();
    let variables = scene.project(DASHBOARD)["variables"].clone();
    let expected = json!({ "key": "GITHUB_TOKEN", "value": scene.world.github_token("classic"), "masked": false,
        "protected": false, "raw": false, "variable_type": "file", "environment_scope": "staging",
        "description": "for the tests", "hidden": false });
    assert_eq!(variables[0], expected);
    assert_eq!(variables[1]["value"], "what-was-there");
    scene.replace();
    let document = scene.destination(["push", &scene.hub(), "--stale"]).json().document();
    assert_eq!(document["connections"][0]["destinations"][0]["result"], "verified", "{document:#}");
    assert_eq!(scene.project(DASHBOARD)["variables"][0]["value"], scene.world.github_token("second"));
}

#[test]
fn a_hidden_variable_cannot_be_compared() {
    let scene = Scene::new();
    let path = format!("/projects/{}/variables", DASHBOARD.replace('/', "%2F"));
    let body = json!({ "key": "TOKEN", "value": "what-was-there", "masked_and_hidden": true });
    assert_eq!(by_hand::gitlab(&scene.world, "api", "POST", &path, &body).0, 201);
    let document = scene.add(&format!("gitlab-variable:{DASHBOARD}:TOKEN")).json().document();
    assert_eq!(document["destination"]["result"], "unverifiable", "{document:#}");
    assert_eq!(scene.project(DASHBOARD)["variables"][0]["value"], scene.world.github_token("classic"));
}

#[test]
fn a_secret_of_actions_is_sealed_and_follows() {
    let scene = Scene::new();
    let to = format!("github-secret:{STORE}:gitlab_token");
    let add = ["add", &scene.lab(), "--to", &to];
    let _ = scene.destination(add).ends().succeeds();
    assert_eq!(scene.repository()["actions_secrets"]["GITLAB_TOKEN"], scene.world.gitlab_token("api"));
    let place = scene.places_of(&scene.lab()).remove(0);
    assert_eq!((&place["kind"], &place["name"]), (&json!("github-secret"), &json!("GITLAB_TOKEN")));
    // It is found by its number, whatever its name is by now.
    scene.world.rename_github_repository(STORE, "renamed");
    let _ = scene.destination(["push", &scene.lab()]).ends().succeeds();
    let gone = scene.destination(["remove", &scene.lab(), "--delete", "--to", &to]).ends().succeeds();
    assert!(gone.stdout().contains("is gone"), "{}", gone.shown());
}

/// Each brings the present token there, whoever comes first, and each sees it there.
#[test]
fn pushes_at_once_leave_the_present_token_there() {
    let scene = Scene::new();
    let file = scene.home.file("app-token", "");
    for to in [format!("gitlab-variable:{DASHBOARD}:GITHUB_TOKEN"), format!("file:{file}")] {
        let _ = scene.add(&to).ends().succeeds();
    }
    scene.replace();
    let slow = forge_sandbox::Fault::gitlab().method("PUT").path("/variables/");
    scene.world.fault(slow.delay(std::time::Duration::from_millis(100)));
    let all: Vec<_> = (0..4).map(|_| scene.destination(["push", "--stale"]).begins()).collect();
    for output in all.into_iter().map(crate::support::call::Running::ends) {
        output.succeeds().never_says("error");
    }
    let new = scene.world.github_token("second");
    assert_eq!(scene.project(DASHBOARD)["variables"][0]["value"], new);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), new);
    for place in scene.places() {
        assert_eq!((&place["state"], &place["trouble"]), (&json!("current"), &serde_json::Value::Null), "{place:#}");
    }
    let history = scene.home.connect(["history", "--verify"]).ends();
    history.succeeds().never_says("error");
}

/// One brings the old token while another connects a new one and brings that: whatever is there in the end, the list says
/// the truth of it, and a push mends it.
#[test]
fn a_push_that_is_overtaken_does_not_call_the_place_current() {
    let scene = Scene::new();
    let to = format!("gitlab-variable:{DASHBOARD}:GITHUB_TOKEN");
    let _ = scene.add(&to).ends().succeeds();
    let slow = forge_sandbox::Fault::gitlab().method("PUT").path("/variables/").once();
    scene.world.fault(slow.delay(std::time::Duration::from_millis(600)));
    scene.world.clear_requests();
    let first = scene.destination(["push", &scene.hub()]).begins();
    while !scene.world.requests().iter().any(|seen| seen.method == "PUT") {
        std::thread::yield_now();
    }
    scene.replace();
    let _ = scene.destination(["push", "--stale"]).ends();
    let _ = first.ends();
    let (old, new) = (scene.world.github_token("classic"), scene.world.github_token("second"));
    let there = scene.project(DASHBOARD)["variables"][0]["value"].clone();
    assert!(there == old || there == new, "{there}");
    assert!(there == new || scene.state() == "stale", "the old one is there, and the list says that the new one is");
    let _ = scene.destination(["push", "--stale"]).ends().succeeds();
    assert_eq!(scene.project(DASHBOARD)["variables"][0]["value"], new);
    assert_eq!(scene.state(), "current");
}

#[test]
fn a_forge_that_cannot_be_reached_leaves_it_stale_with_the_reason() {
    let scene = Scene::new();
    let _ = scene.add(&format!("gitlab-variable:{DASHBOARD}:GITHUB_TOKEN")).ends().succeeds();
    scene.replace();
    scene.world.revoke_gitlab("api");
    let output = scene.destination(["push", "--stale"]).ends().exits(4);
    assert!(output.stdout().contains("revoked"), "{}", output.shown());
    let place = scene.places().remove(0);
    assert_eq!(place["state"], "stale");
    assert!(place["trouble"].as_str().unwrap().contains("revoked"), "{place:#}");
}

#[test]
fn no_token_is_anywhere_but_where_it_belongs() {
    let scene = Scene::new();
    let to = format!("gitlab-variable:{DASHBOARD}:GITHUB_TOKEN");
    let loud = scene.add(&to).with(["-vv"]).env("RUST_LOG", "trace").ends().succeeds();
    let token = scene.world.github_token("classic");
    loud.never_says(&token[8..30]);
    for seen in scene.world.requests() {
        assert!(!seen.path.contains(&token) && !seen.query.contains(&token), "{} {}", seen.method, seen.path);
    }
    let history = scene.home.connect(["history", "--json"]).ends().succeeds();
    history.never_says(&token[8..30]);
}

#[test]
fn variables_of_groups_and_of_the_instance() {
    let scene = Scene::new();
    let _ = scene.home.gitlab(&scene.world, "admin").ends().succeeds();
    let admin = scene.home.records().into_iter().map(|it| it["name"].as_str().unwrap().to_owned());
    let admin = admin.into_iter().find(|name| *name != scene.hub() && *name != scene.lab()).unwrap();
    for to in
        ["gitlab-variable:group=agility-game/home-assistant:GITHUB_TOKEN", "gitlab-variable:instance:GITHUB_TOKEN"]
    {
        let document = scene.add(to).with(["--via", &admin]).json().document();
        assert_eq!(document["destination"]["result"], "verified", "{document:#}");
    }
    scene.replace();
    let _ = scene.destination(["push", "--stale"]).ends().succeeds();
    assert!(scene.places().iter().all(|place| place["state"] == "current"), "{:#?}", scene.places());
}

#[test]
fn secrets_of_environments_and_of_organisations() {
    let scene = Scene::new();
    let lab = scene.lab();
    let _ = scene.home.github(&scene.world, "owner").ends().succeeds();
    let path = format!("/repos/{STORE}/environments/production");
    let (status, said) = by_hand::github(&scene.world, "classic", "PUT", &path, &json!({}));
    assert!(matches!(status, 200 | 201), "{status} {said:#}");
    for to in
        [format!("github-secret:{STORE}@production:GITLAB_TOKEN"), "github-secret:agility-game:GITLAB_TOKEN".into()]
    {
        let document = scene.destination(["add", &lab, "--to", &to]).json().document();
        assert_eq!(document["destination"]["state"], "current", "{document:#}");
    }
    let state = scene.world.state()["github"].to_string();
    assert!(state.matches(&scene.world.gitlab_token("api")).count() >= 2, "both have it");
}
