//! `connect import status`: what it says of what is well, and of what cannot be told.

use forge_sandbox::{Fault, Sandbox};
use serde_json::{Value, json};

use super::standing::*;
use crate::support::forges::built;
use crate::support::{Cast as _, Home};

#[test]
fn what_is_well_is_well() {
    let Some(scene) = Standing::new(&["--ci-template", "minimal"]) else { return };
    insta::assert_snapshot!(scene.on_screen(scene.status()), @"
    exit 0
    ✓ agility-game/home-assistant-community-store: well
      → http://127.0.0.1:PORT/agility-game/home-assistant/store
    ");
    insta::assert_snapshot!(scene.status().ends().shown(), @"
    exit 0
    --- stdout
    agility-game/home-assistant-community-store	agility-game/home-assistant/store	well	-	-
    ");
    let document = scene.status().json().succeeds().document();
    let import = &document["imports"][0];
    assert_eq!((&import["state"], &import["drift"]), (&json!("well"), &json!([])));
    assert_eq!(import["again"], format!("connect import {STORE} --to {PROJECT} --store plain"));
    let record = scene.records().remove(0);
    for (field, value) in record.as_object().unwrap() {
        assert_eq!(import[field], *value, "the record is in it: {field}");
    }
    assert!(document.get("damaged").is_none());
    // It reads, and no more.
    let writes =
        |world: &Sandbox| (world.state()["github"]["writes"].clone(), world.state()["gitlab"]["writes"].clone());
    let before = (writes(&scene.world), scene.home.contents());
    let _ = scene.home.connect(["import", "status", &STORE.to_uppercase()]).ends().succeeds();
    let url = format!("{}/{STORE}", scene.world.github_url());
    let _ = scene.home.connect(["import", "status", &url, "--to", PROJECT]).ends().succeeds();
    assert!(before == (writes(&scene.world), scene.home.contents()));
}

#[test]
fn of_what_was_never_imported() {
    let home = Home::new();
    insta::assert_snapshot!(home.connect(["import", "status"]).ends().shown(), @"
    exit 0
    --- stderr
    no import is on record
    ");
    assert_eq!(home.connect(["import", "status"]).json().succeeds().document(), json!({"imports": []}));
    insta::assert_snapshot!(home.connect(["import", "status", "o/r"]).ends().shown(), @"
    exit 3
    --- stderr
    error: no import of o/r is on record
      → `connect import status` shows those that are on record
    ");
    home.connect(["import", "status", "o/r"]).json().fails(3, "no_such_import");
}

#[test]
fn a_file_of_the_users_is_theirs() {
    let Some(scene) = Standing::new(&["--ci-template", "minimal"]) else { return };
    let file = scene.github("GET", "/contents/.gitlab-ci.yml", Value::Null);
    let change = json!({"message": "x", "content": "eDoge3NjcmlwdDogeH0K", "sha": file["sha"]});
    let changed = scene.github("PUT", "/contents/.gitlab-ci.yml", change);
    scene.world.settle();
    scene.is_well();
    let remove = json!({"message": "x", "sha": changed["content"]["sha"]});
    scene.github("DELETE", "/contents/.gitlab-ci.yml", remove);
    scene.world.settle();
    scene.is_well();
}

#[test]
fn several_of_one_repository() {
    let Some(scene) = Standing::new(&[]) else { return };
    let other = format!("{GROUP}/other");
    let _ = scene.home.connect(["import", STORE, "--to", &other, "--store", "plain", "--yes"]).ends().succeeds();
    insta::assert_snapshot!(scene.home.connect(["import", "status", STORE]).ends().shown(), @"
    exit 9
    --- stderr
    error: agility-game/home-assistant-community-store was imported more than once
      → http://127.0.0.1:PORT/agility-game/home-assistant/other
      → http://127.0.0.1:PORT/agility-game/home-assistant/store
      → say which with `--to GROUP/PROJECT`
    ");
    let both = scene.status().ends().succeeds();
    assert_eq!(both.stdout().lines().count(), 2, "{}", both.shown());
    let one = scene.home.connect(["import", "status", STORE, "--to", &other]).ends().succeeds();
    assert_eq!(one.stdout(), format!("{STORE}\t{other}\twell\t-\t-\n"));
    scene.home.connect(["import", "undo", STORE, "--yes"]).json().fails(9, "several_imports");
    scene.home.connect(["import", "status", STORE, "--to", "no/where"]).json().fails(3, "no_such_import");
    let _ = scene.home.connect(["import", "undo", STORE, "--to", &other, "--yes"]).ends().succeeds();
    let after = scene.status().ends().succeeds();
    assert_eq!(after.stdout(), format!("{STORE}\t{other}\tundone\t-\t-\n{STORE}\t{PROJECT}\twell\t-\t-\n"));
    insta::assert_snapshot!(scene.on_screen(scene.status()), @"
    exit 0
    – agility-game/home-assistant-community-store: undone
      → http://127.0.0.1:PORT/agility-game/home-assistant/other
    ✓ agility-game/home-assistant-community-store: well
      → http://127.0.0.1:PORT/agility-game/home-assistant/store
    ");
}

#[test]
fn a_forge_that_is_gone_hides_no_other() {
    let Some(scene) = Standing::new(&[]) else { return };
    let far = built(Sandbox::builder());
    let _ = scene.home.github(&far, "classic").with(["--name", "far-hub"]).ends().succeeds();
    let _ = scene.home.gitlab(&far, "api").with(["--name", "far-lab"]).ends().succeeds();
    let ends = ["--github", "far-hub", "--gitlab", "far-lab", "--store", "plain", "--yes"];
    let _ = scene.home.connect(["import", STORE, "--to", &format!("{GROUP}/far")]).with(ends).ends().succeeds();
    let document = scene.status().json().succeeds().document();
    let again = document["imports"][0]["again"].as_str().unwrap();
    assert!(again.contains("--github far-hub --gitlab far-lab"), "{document}");
    drop(far);
    let shown = scene.status().with(["--timeout", "5"]).ends().exits(7);
    insta::assert_snapshot!(shown.shown(), @"
    exit 7
    --- stdout
    agility-game/home-assistant-community-store	agility-game/home-assistant/far	unknown	connection_refused	127.0.0.1:PORT: nobody answers there
    agility-game/home-assistant-community-store	agility-game/home-assistant/store	well	-	-
    ");
    insta::assert_snapshot!(scene.on_screen(scene.status().with(["--timeout", "5"])), @"
    exit 7
    ? agility-game/home-assistant-community-store: unknown
      → http://127.0.0.1:PORT/agility-game/home-assistant/far
      127.0.0.1:PORT: nobody answers there
      → see that host and port are right, and whether this machine is on the right
        network
    ✓ agility-game/home-assistant-community-store: well
      → http://127.0.0.1:PORT/agility-game/home-assistant/store
    ");
    // What is worse decides.
    scene.github("DELETE", &scene.hook(), Value::Null);
    let document = scene.status().with(["--timeout", "5"]).json().exits(7).document();
    let (far, near) = (&document["imports"][0], &document["imports"][1]);
    assert_eq!((&far["state"], &far["error"]["code"]), (&json!("unknown"), &json!("connection_refused")));
    assert_eq!((&near["state"], near.get("error")), (&json!("drifted"), None));
}

#[test]
fn a_forge_that_fails() {
    let Some(scene) = Standing::new(&[]) else { return };
    let fault = scene.world.fault(Fault::gitlab().path("/projects").status(503));
    let document = scene.status().json().exits(7).document();
    assert_eq!(document["imports"][0]["error"]["code"], "server_error", "{document}");
    scene.world.remove_fault(fault);
    scene.is_well();
}

#[test]
fn records_that_do_not_read() {
    let Some(scene) = Standing::new(&[]) else { return };
    let damaged = scene.home.connect_home().join("data/imports/0123456789abcdef0123456789abcdef.json");
    std::fs::write(&damaged, "{\"version\": 1, \"id\": ").unwrap();
    insta::assert_snapshot!(scene.status().ends().shown(), @"
    exit 1
    --- stdout
    agility-game/home-assistant-community-store	agility-game/home-assistant/store	well	-	-
    --- stderr
    error: HOME/connect/data/imports/ID.json is damaged: line 1, column 21 does not fit
      → restore it from a backup: it says what that import made
      → without one, move it away and import again: what is there is taken as it is
    ");
    let document = scene.status().json().exits(1).document();
    assert_eq!(
        (&document["imports"][0]["state"], &document["damaged"][0]["code"]),
        (&json!("well"), &json!("record_damaged"))
    );
    let named = scene.home.connect(["import", "status", STORE]).json().succeeds();
    assert_eq!(named.warnings(), ["records_unread"]);
    let missing = scene.home.connect(["import", "undo", "o/r", "--yes"]).json();
    assert_eq!(missing.warnings(), ["records_unread"]);
    missing.fails(3, "no_such_import");
    std::fs::write(&damaged, "{\"version\": 99}").unwrap();
    assert!(scene.status().ends().exits(1).stderr().contains("a later version of connect wrote it"));
}

#[test]
fn one_that_never_came_to_its_end() {
    let Some(mut scene) = Standing::begun(Sandbox::builder()) else { return };
    scene.home.set_env("CONNECT_STORE", "plain");
    let call = scene.home.connect(["import", STORE, "--to", PROJECT, "--store", "plain", "--yes", "--keep-features"]);
    let killed = call.env("CONNECT_TEST_FAULT", "import.mirror.made").ends();
    assert_ne!(killed.code, Some(0), "{}", killed.shown());
    scene.world.settle();
    insta::assert_snapshot!(scene.on_screen(scene.status()), @"
    exit 9
    ✗ agility-game/home-assistant-community-store: unfinished
      → http://127.0.0.1:PORT/agility-game/home-assistant/store
      ✗ project token: it is not made yet
      ✗ webhook: it is not made yet: GitLab hears of pushes only when it looks,
        every 30 minutes
      mend it: connect import agility-game/home-assistant-community-store --to agility-game/home-assistant/store --keep-features
    ");
    let _ = scene.mended().succeeds();
    scene.is_well();
    assert_eq!(scene.project()["features"]["wiki"], "enabled", "{}", scene.project()["features"]);
}
