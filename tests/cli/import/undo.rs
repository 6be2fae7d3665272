//! `connect import undo`: what connect made goes, and nothing else.

use forge_sandbox::{Fault, Sandbox};
use serde_json::{Value, json};

use super::standing::*;
use crate::support::Cast as _;

/// Everything that somebody could have put there: hooks, files and branches on GitHub; the project on GitLab.
fn seen(scene: &Standing) -> (Vec<Value>, Value, Value) {
    (scene.hooks(), scene.github("GET", "/contents/", Value::Null), scene.github("GET", "/branches", Value::Null))
}

fn lives(scene: &Standing, number: &Value) -> bool {
    let tokens = scene.world.state()["gitlab"]["tokens"].clone();
    tokens.as_array().unwrap().iter().any(|token| token["id"] == *number && token["alive"] == true)
}

#[test]
fn what_was_made_goes() {
    let Some(scene) = Standing::begun(Sandbox::builder()) else { return };
    let (hooks, files, branches) = seen(&scene);
    let connections = scene.home.records();
    let _ = scene.import(&["--ci-template", "minimal"]).succeeds();
    let number = scene.records()[0]["made"]["token"]["id"].clone();
    assert!(lives(&scene, &number));
    scene.home.connect(["import", "undo", STORE, "--no-input"]).json().fails(9, "needs_a_yes");
    scene.is_well();
    insta::assert_snapshot!(scene.home.connect(["import", "undo", STORE, "--plan"]).ends().shown(), @"
    exit 0
    --- stdout
    ci_file	remove	.gitlab-ci.yml on `main`
    webhook	remove	the webhook on GitHub
    integration	remove	its settings, with the token in them
    mirror	remove	its settings, with the token in them
    token	remove	the access token, kept as `mirror-store-104@127.0.0.1:PORT`
    ");
    insta::assert_snapshot!(scene.undo(&[]).shown(), @"
    exit 0
    --- stdout
    ci_file	removed	.gitlab-ci.yml on `main`
    webhook	removed	the webhook on GitHub
    integration	removed	its settings, with the token in them
    mirror	removed	its settings, with the token in them
    token	removed	the access token, kept as `mirror-store-104@127.0.0.1:PORT`
    project	left	agility-game/home-assistant/store (104) stays; `--delete-project` removes it
    ");
    scene.world.settle();
    let after = seen(&scene);
    let names = |files: &Value| files.as_array().unwrap().iter().map(|it| it["name"].clone()).collect::<Vec<_>>();
    assert_eq!((after.0, names(&after.1), names(&after.2)), (hooks, names(&files), names(&branches)));
    let project = scene.project();
    assert_eq!((&project["mirror"]["enabled"], &project["mirror"]["has_password"]), (&json!(false), &json!(false)));
    assert_eq!(project["integration"]["active"], false, "{project}");
    assert!(!lives(&scene, &number));
    // The connections are as they were, but for what was learnt of them; nothing is planted any more.
    let without = |records: Vec<Value>| {
        records.into_iter().map(|it| (it["name"].clone(), it["destinations"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(without(scene.home.records()), without(connections));
    assert_eq!((scene.home.secrets().len(), scene.home.journal().len()), (2, 0));
    let record = scene.records().remove(0);
    assert_eq!((&record["undone_at"], &record["finished_at"]), (&json!("2026-11-01T12:00:00Z"), &Value::Null));
    // Nothing is left to be undone but the project.
    insta::assert_snapshot!(scene.home.connect(["import", "undo", STORE]).ends().shown(), @"
    exit 0
    --- stdout
    project	left	agility-game/home-assistant/store (104) stays; `--delete-project` removes it
    ");
    // And it can be imported again, into the same project.
    let _ = scene.import(&[]).succeeds();
    scene.is_well();
    assert_eq!((scene.records().len(), scene.hooks().len()), (1, 1));
    let _ = scene.undo(&[]).succeeds();
    assert_eq!((scene.hooks().len(), scene.home.records().len()), (0, 2));
}

#[test]
fn it_is_shown_and_asked_about() {
    let Some(scene) = Standing::new(&[]) else { return };
    let undo = || scene.home.connect(["import", "undo", STORE]).env("NO_COLOR", "1");
    let mut terminal = undo().at_terminal();
    let ended = terminal.sees("Remove this? [y/N]").types("");
    let _ = ended;
    let ended = terminal.ends();
    insta::assert_snapshot!(scene.scrubbed(&as_seen(&ended.screen)), @"
    http://127.0.0.1:PORT/agility-game/home-assistant-community-store
      → http://127.0.0.1:PORT/agility-game/home-assistant/store

      - webhook             the webhook on GitHub
      - GitHub integration  its settings, with the token in them
      - pull mirror         its settings, with the token in them
      - project token       the access token, kept as
                            `mirror-store-104@127.0.0.1:PORT`
      – project             stays

    Remove this? [y/N]

    error: nothing was changed
    ");
    assert_eq!(ended.code, 9);
    scene.is_well();
    let mut terminal = undo().at_terminal();
    let _ = terminal.sees("Remove this? [y/N]").types("y");
    let ended = terminal.ends();
    insta::assert_snapshot!(scene.scrubbed(&as_seen(&ended.screen)), @"
    http://127.0.0.1:PORT/agility-game/home-assistant-community-store
      → http://127.0.0.1:PORT/agility-game/home-assistant/store

      - webhook             the webhook on GitHub
      - GitHub integration  its settings, with the token in them
      - pull mirror         its settings, with the token in them
      - project token       the access token, kept as
                            `mirror-store-104@127.0.0.1:PORT`
      – project             stays

    Remove this? [y/N]
    y
    http://127.0.0.1:PORT/agility-game/home-assistant-community-store
      → http://127.0.0.1:PORT/agility-game/home-assistant/store

      ✓ webhook             removed: the webhook on GitHub
      ✓ GitHub integration  removed: its settings, with the token in them
      ✓ pull mirror         removed: its settings, with the token in them
      ✓ project token       removed: the access token, kept as
                            `mirror-store-104@127.0.0.1:PORT`
      – project             agility-game/home-assistant/store (104) stays;
                            `--delete-project` removes it
    ");
    assert_eq!(ended.code, 0);
    assert_eq!(scene.hooks().len(), 0);
}

#[test]
fn the_project_goes_when_its_path_is_typed() {
    let Some(scene) = Standing::owned(&[]) else { return };
    let undo = || scene.home.connect(["import", "undo", STORE, "--delete-project"]).env("NO_COLOR", "1");
    let mut terminal = undo().at_terminal();
    let _ = terminal
        .sees("Remove this? [y/N]")
        .types("y")
        .sees("Type its path to go on:\r\n")
        .sees(&format!("{PROJECT}\r\n"))
        .types("agility-game/store");
    assert_eq!(terminal.ends().code, 9);
    scene.is_well();
    let mut terminal = undo().at_terminal();
    let _ = terminal
        .sees("Remove this? [y/N]")
        .types("y")
        .sees("Type its path to go on:\r\n")
        .sees(&format!("{PROJECT}\r\n"))
        .types(PROJECT);
    let ended = terminal.ends();
    insta::assert_snapshot!(scene.scrubbed(&as_seen(&ended.screen)), @"
    http://127.0.0.1:PORT/agility-game/home-assistant-community-store
      → http://127.0.0.1:PORT/agility-game/home-assistant/store

      - webhook             the webhook on GitHub
      - GitHub integration  its settings, with the token in them
      - pull mirror         its settings, with the token in them
      - project token       the access token, kept as
                            `mirror-store-104@127.0.0.1:PORT`
      - project             agility-game/home-assistant/store itself, with
                            everything in it

    Remove this? [y/N]
    y
    The project is deleted with everything in it. Type its path to go on:
    agility-game/home-assistant/store
    agility-game/home-assistant/store
    http://127.0.0.1:PORT/agility-game/home-assistant-community-store
      → http://127.0.0.1:PORT/agility-game/home-assistant/store

      ✓ webhook             removed: the webhook on GitHub
      ✓ GitHub integration  removed: its settings, with the token in them
      ✓ pull mirror         removed: its settings, with the token in them
      ✓ project token       removed: the access token, kept as
                            `mirror-store-104@127.0.0.1:PORT`
      ✓ project             removed: agility-game/home-assistant/store itself, with
                            everything in it
    ");
    assert_eq!((ended.code, scene.project(), scene.records().len()), (0, Value::Null, 0));
    assert_eq!(scene.home.connect(["import", "status"]).json().succeeds().document(), json!({"imports": []}));
}

#[test]
fn the_project_goes_by_yes_for_its_owners_only() {
    let Some(scene) = Standing::new(&[]) else { return };
    let undone = scene.undo(&["--delete-project"]);
    insta::assert_snapshot!(undone.shown(), @"
    exit 5
    --- stderr
    error: only an owner deletes the project agility-game/home-assistant/store
      → ask for the role owner in agility-game/home-assistant/store, or an owner to delete it
      → without `--delete-project` the rest is undone
    ");
    // Known before anything is removed, and by the plan.
    scene.is_well();
    scene.home.connect(["import", "undo", STORE, "--plan", "--delete-project"]).json().fails(5, "role_too_low");
    let _ = scene.undo(&[]).succeeds();
    // An owner connects in the maintainer's place.
    let name = scene.records()[0]["gitlab"]["connection"].as_str().unwrap().to_owned();
    let _ = scene.home.gitlab(&scene.world, "admin").with(["--name", &name, "--yes"]).ends().succeeds();
    let document = scene.undo(&["--delete-project", "--json"]).succeeds().document();
    assert_eq!(
        (&document["removed"][0]["step"], &document["left"], &document["failed"]),
        (&json!("project"), &json!([]), &json!([]))
    );
    assert_eq!((scene.project(), scene.records().len()), (Value::Null, 0));
}

#[test]
fn what_is_gone_already() {
    let Some(scene) = Standing::owned(&["--ci-template", "minimal"]) else { return };
    scene.github("DELETE", &scene.hook(), Value::Null);
    scene.gitlab("DELETE", "/integrations/github", Value::Null);
    scene.gitlab("PUT", "/mirror/pull", json!({"enabled": false}));
    let number = scene.records()[0]["made"]["token"]["id"].clone();
    scene.gitlab("DELETE", &format!("/access_tokens/{number}"), Value::Null);
    let file = scene.github("GET", "/contents/.gitlab-ci.yml", Value::Null);
    scene.github("DELETE", "/contents/.gitlab-ci.yml", json!({"message": "x", "sha": file["sha"]}));
    insta::assert_snapshot!(scene.undo(&[]).shown(), @"
    exit 0
    --- stdout
    token	removed	the access token, kept as `mirror-store-104@127.0.0.1:PORT`
    ci_file	left	it is gone already
    webhook	left	it is gone already
    integration	left	it is gone already
    mirror	left	it is gone already
    project	left	agility-game/home-assistant/store (104) stays; `--delete-project` removes it
    ");
    assert_eq!((scene.home.records().len(), scene.home.secrets().len()), (2, 2));
    scene.gitlab("DELETE", "", Value::Null);
    insta::assert_snapshot!(scene.undo(&["--delete-project"]).shown(), @"
    exit 3
    --- stdout
    project	failed	the project agility-game/home-assistant/store is gone, or hidden from `root@127.0.0.1:PORT`
    --- stderr
    error: the project agility-game/home-assistant/store is gone, or hidden from `root@127.0.0.1:PORT`
      → what connect made there stays on record: let the token see it, and run the command again
      → `--forget-hidden` takes it off the record; it is yours to remove then
    ");
    assert_eq!(scene.records().len(), 1);
    let _ = scene.undo(&["--forget-hidden"]).succeeds();
    assert_eq!(scene.records().len(), 0);
}

#[test]
fn with_the_project_everything_in_it_is_gone() {
    let Some(scene) = Standing::new(&[]) else { return };
    scene.gitlab("DELETE", "", Value::Null);
    insta::assert_snapshot!(scene.undo(&[]).shown(), @"
    exit 10
    --- stdout
    webhook	removed	the webhook on GitHub
    token	removed	the access token, kept as `mirror-store-104@127.0.0.1:PORT`
    integration	failed	the project agility-game/home-assistant/store is gone, or hidden from `maintainer@127.0.0.1:PORT`
    mirror	failed	the project agility-game/home-assistant/store is gone, or hidden from `maintainer@127.0.0.1:PORT`
    --- stderr
    error: the project agility-game/home-assistant/store is gone, or hidden from `maintainer@127.0.0.1:PORT`
      → what connect made there stays on record: let the token see it, and run the command again
      → `--forget-hidden` takes it off the record; it is yours to remove then
    ");
    assert_eq!(scene.records().len(), 1, "nobody knows that it is gone, but whoever deleted it");
    insta::assert_snapshot!(scene.undo(&["--forget-hidden"]).shown(), @"
    exit 0
    --- stdout
    integration	left	the project is gone, or hidden from this token
    mirror	left	the project is gone, or hidden from this token
    ");
    assert_eq!(scene.records().len(), 0);
    assert_eq!((scene.hooks().len(), scene.home.records().len(), scene.home.secrets().len()), (0, 2, 2));
}

#[test]
fn what_fails_is_tried_again() {
    let Some(scene) = Standing::new(&[]) else { return };
    let fault = scene.world.fault(Fault::gitlab().method("DELETE").path("/projects/104/integrations").status(500));
    insta::assert_snapshot!(scene.undo(&[]).shown(), @"
    exit 10
    --- stdout
    webhook	removed	the webhook on GitHub
    mirror	removed	its settings, with the token in them
    token	removed	the access token, kept as `mirror-store-104@127.0.0.1:PORT`
    integration	failed	127.0.0.1:PORT: the server failed
    --- stderr
    error: 127.0.0.1:PORT: the server failed
      → try again later, or tell the forge's administrator
    ");
    let _ = scene.status().ends().exits(9);
    let document = scene.undo(&["--json"]).document();
    assert_eq!(document["failed"][0]["error"]["code"], "server_error", "{document}");
    scene.world.remove_fault(fault);
    let document = scene.undo(&["--json"]).succeeds().document();
    let steps: Vec<&Value> = document["removed"].as_array().unwrap().iter().map(|it| &it["step"]).collect();
    assert_eq!((steps, &document["failed"]), (vec![&json!("integration")], &json!([])));
    assert_eq!(scene.project()["integration"]["active"], false);
}

#[test]
fn killed_in_between_the_next_run_finishes() {
    for point in ["undo.begun", "undo.webhook", "undo.mirror", "undo.revoked", "undo.settled", "undo.forgotten"] {
        let Some(scene) = Standing::new(&[]) else { return };
        let killed = scene.home.connect(["import", "undo", STORE, "--yes"]).env("CONNECT_TEST_FAULT", point).ends();
        assert_ne!(killed.code, Some(0), "{point}: {}", killed.shown());
        let _ = scene.undo(&[]).succeeds();
        assert_eq!((scene.hooks().len(), scene.home.records().len(), scene.home.secrets().len()), (0, 2, 2), "{point}");
        assert_eq!(scene.home.journal().len(), 0, "{point}");
    }
}

#[test]
fn whoever_has_lost_a_side_is_told_so() {
    let Some(scene) = Standing::new(&[]) else { return };
    let name = scene.records()[0]["github"]["connection"].as_str().unwrap().to_owned();
    let _ = scene.home.connect(["disconnect", &name]).ends().succeeds();
    scene.home.connect(["import", "undo", STORE, "--yes"]).json().fails(3, "no_such_connection");
    assert_eq!((scene.hooks().len(), scene.records().len()), (1, 1), "nothing was removed");
    scene.world.revoke_gitlab("api");
    let _ = scene.home.github(&scene.world, "classic").ends().succeeds();
    scene.home.connect(["import", "undo", STORE, "--yes"]).json().fails(4, "token_revoked");
    assert_eq!((scene.hooks().len(), scene.records().len()), (1, 1), "nothing was removed");
}
