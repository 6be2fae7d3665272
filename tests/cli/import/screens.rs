//! What stands on a terminal of 80 columns, in a pipe, and in JSON, from the plan to the end.

use forge_sandbox::{Fault, Sandbox};
use serde_json::Value;

use super::standing::*;
use crate::support::call::Call;

fn call(scene: &Standing) -> Call {
    scene.home.connect(["import", STORE, "--to", PROJECT, "--store", "plain", "--ci-template", "minimal"])
}

#[test]
fn the_plan() {
    let Some(scene) = Standing::begun(Sandbox::builder()) else { return };
    insta::assert_snapshot!(scene.on_screen(call(&scene).with(["--plan"])), @"
    exit 0
    http://127.0.0.1:PORT/agility-game/home-assistant-community-store
      → http://127.0.0.1:PORT/agility-game/home-assistant/store

      + project             private, empty; the mirror fills it
      + features            issues, merge requests, wiki and snippets off: CI/CD
                            only
      + pull mirror         pulls the repository every 30 minutes, all branches,
                            with pipelines
      + GitHub integration  pipelines report to GitHub as `ci/gitlab/127.0.0.1`
      + project token       a project access token (role Maintainer, `api`, 365
                            days), kept as a connection
      + webhook             GitHub tells GitLab of pushes and pull requests; its URL
                            carries the project token
      + .gitlab-ci.yml      on `main`, once GitLab finds it valid

      ! 127.0.0.1:PORT will hold a copy of the GitHub token of
        `octocat@127.0.0.1:PORT`
      ! the webhook's URL carries a GitLab token; administrators of
        agility-game/home-assistant-community-store can read it there
      ! GitLab documents CI/CD for external repositories for github.com only
      ! branches on GitLab that differ from GitHub's are overwritten

    7 to make.
    ");
    let painted = call(&scene).with(["--plan", "--color", "always"]).at_terminal().ends();
    assert!(painted.screen.contains('\u{1b}'), "{}", painted.screen);
    let piped = call(&scene).with(["--plan", "--quiet"]).ends().succeeds();
    assert_eq!((piped.stderr().as_str(), piped.stdout().lines().count()), ("", 7), "{}", piped.shown());
    let _ = call(&scene).with(["--plan", "--detailed-exitcode"]).ends().exits(9);
}

#[test]
fn asked_and_answered() {
    let Some(scene) = Standing::begun(Sandbox::builder()) else { return };
    for answer in ["", "n", "perhaps"] {
        let mut terminal = call(&scene).env("NO_COLOR", "1").at_terminal();
        let _ = terminal.sees("Set this up? [y/N]").types(answer);
        let ended = terminal.ends();
        assert!(ended.code == 9 && ended.screen.contains("error: nothing was changed"), "{}", ended.screen);
    }
    assert_eq!((scene.project(), scene.records().len()), (Value::Null, 0));
    let mut terminal = call(&scene).env("NO_COLOR", "1").at_terminal();
    let _ = terminal.sees("Set this up? [y/N]").types("y");
    let ended = terminal.ends();
    assert_eq!(ended.code, 0, "{}", ended.screen);
}

#[test]
fn nothing_to_change() {
    let Some(scene) = Standing::new(&["--ci-template", "minimal"]) else { return };
    insta::assert_snapshot!(scene.on_screen(call(&scene).with(["--plan"])), @"
    exit 0
    http://127.0.0.1:PORT/agility-game/home-assistant-community-store
      → http://127.0.0.1:PORT/agility-game/home-assistant/store

      ✓ project             is there
      ✓ features            issues, merge requests, wiki and snippets are off
      ✓ pull mirror         pulls the repository every 30 minutes, all branches,
                            with pipelines
      ✓ GitHub integration  pipelines report to GitHub as `ci/gitlab/127.0.0.1`
      ✓ project token       kept as `mirror-store-104@127.0.0.1:PORT`
      ✓ webhook             GitHub tells GitLab of pushes and pull requests
      ✓ .gitlab-ci.yml      is there, the same

    Nothing to change.
    ");
    let quiet = call(&scene).with(["--quiet"]).ends().succeeds();
    assert_eq!((quiet.stderr().as_str(), quiet.stdout().lines().count()), ("", 8), "{}", quiet.shown());
}

#[test]
fn it_is_set_up_and_does_not_work() {
    let Some(scene) = Standing::begun(Sandbox::builder()) else { return };
    let fault = scene.world.fault(Fault::github().path(&format!("/{STORE}.git")).status(503));
    let piped = call(&scene).with(["--yes"]).ends().exits(10);
    let told = scene.scrubbed(&piped.stderr());
    let mut told: Vec<&str> = told.lines().collect();
    // These three go side by side.
    told[1..4].sort_unstable();
    insta::assert_snapshot!(told.join("\n"), @r#"
    ✓ project: http://127.0.0.1:PORT/agility-game/home-assistant/store
    ✓ .gitlab-ci.yml: on `main`
    ✓ GitHub integration: on
    ✓ project token: kept as `mirror-store-104@127.0.0.1:PORT`
    ✓ pull mirror: on
    ✓ webhook: on
    warning: mirror: its update failed: 13:fetch remote: "fatal: unable to access 'http://127.0.0.1:PORT/agility-game/home-assistant-community-store.git/': The requested URL returned error: 503\n": exit status 128.
    warning: commit: `main` is 96017e7be0 on GitHub and nothing on GitLab
    it is set up and does not work yet; once the cause is gone, the same command looks again
    "#);
    scene.world.remove_fault(fault);
    let _ = call(&scene).with(["--yes"]).ends().succeeds();
    scene.is_well();
}

/// Every field of every document is in docs/json.md.
#[test]
fn every_field_is_documented() {
    let Some(scene) = Standing::begun(Sandbox::builder()) else { return };
    let document = |words: &[&str]| scene.home.connect(words).json().succeeds().document();
    let mut documents = vec![call(&scene).with(["--plan"]).json().succeeds().document()];
    documents.push(call(&scene).with(["--yes"]).json().succeeds().document());
    scene.world.settle();
    documents.push(document(&["import", "list"]));
    scene.github("PATCH", &scene.hook(), serde_json::json!({"active": false}));
    documents.push(scene.status().json().exits(9).document());
    documents.push(document(&["import", "undo", STORE, "--plan"]));
    documents.push(document(&["import", "undo", STORE, "--yes"]));
    documents.push(document(&["history"]));
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/json.md")).unwrap();
    let mut missing = Vec::new();
    for document in &documents {
        fields(document, &mut |name| {
            let known = [format!("`{name}`"), format!("\"{name}\""), format!(".{name}`")];
            if !known.iter().any(|known| text.contains(known)) {
                missing.push(name.to_owned());
            }
        });
    }
    assert_eq!(missing, Vec::<String>::new());
}

/// The names of all fields, but for what is in `setup` and `made`, which are the record's own.
fn fields(value: &Value, each: &mut dyn FnMut(&str)) {
    match value {
        Value::Array(list) => list.iter().for_each(|one| fields(one, each)),
        Value::Object(object) => {
            for (name, value) in object {
                each(name);
                if !matches!(name.as_str(), "setup" | "made") {
                    fields(value, each);
                }
            }
        }
        _ => {}
    }
}
