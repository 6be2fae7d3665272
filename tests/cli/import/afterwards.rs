//! `connect import status` of imports that never came to their end, that are being undone, or that nobody can see: each
//! is told as what it is, and the command that is named does what is left.

use forge_sandbox::{Fault, Sandbox};
use serde_json::{Value, json};

use super::standing::*;
use crate::support::Output;
use crate::support::call::Call;

impl Standing {
    /// An import that is killed at this point.
    #[cfg(feature = "test-hooks")]
    fn killed(flags: &[&str], point: &str) -> Option<Self> {
        let mut scene = Self::begun(Sandbox::builder())?;
        scene.home.set_env("CONNECT_STORE", "plain");
        let call = scene.home.connect(["import", STORE, "--to", PROJECT, "--yes"]).with(flags);
        let killed = call.env("CONNECT_TEST_FAULT", point).ends();
        assert_ne!(killed.code, Some(0), "{}", killed.shown());
        scene.world.settle();
        Some(scene)
    }

    fn entry(&self) -> Value {
        self.status().json().document()["imports"][0].clone()
    }

    /// A command that `status` named.
    fn does(&self, line: &Value) -> Output {
        let ended = self.call(line.as_str().unwrap()).with(["--yes"]).ends();
        self.world.settle();
        ended
    }

    fn call(&self, line: &str) -> Call {
        self.home.connect(line.split(' ').skip(1))
    }

    fn has_file(&self) -> bool {
        let files = self.github("GET", "/contents/", Value::Null);
        files.as_array().unwrap().iter().any(|file| file["name"] == ".gitlab-ci.yml")
    }
}

#[test]
#[cfg(feature = "test-hooks")]
fn killed_before_anything_was_made() {
    let Some(scene) = Standing::killed(&["--ci-template", "minimal"], "import.project.asked") else { return };
    insta::assert_snapshot!(scene.on_screen(scene.status()), @"
    exit 9
    ✗ agility-game/home-assistant-community-store: unfinished
      → http://127.0.0.1:PORT/agility-game/home-assistant/store
      ✗ project: it is not made yet
      ✗ features: issues, merge requests, wiki and snippets are not switched off yet
      ✗ pull mirror: it is not set up yet: nothing is pulled
      ✗ GitHub integration: it is not set up yet: pipelines are not reported to
        GitHub
      ✗ project token: it is not made yet
      ✗ webhook: it is not made yet: GitLab hears of pushes only when it looks,
        every 30 minutes
      ✗ .gitlab-ci.yml: it is not known to be in the repository yet
      mend it: connect import agility-game/home-assistant-community-store --to agility-game/home-assistant/store --ci-template minimal
    ");
    let _ = scene.mended().succeeds();
    scene.is_well();
    assert!(scene.has_file());
}

#[test]
#[cfg(feature = "test-hooks")]
fn a_ci_file_that_never_came_there() {
    let Some(scene) = Standing::killed(&["--ci-template", "minimal"], "import.project.made") else { return };
    let entry = scene.entry();
    assert!(entry["again"].as_str().unwrap().ends_with(" --ci-template minimal"), "{entry}");
    // Whoever leaves the flag out has the rest of it, and is told of what is missing.
    let _ = scene.import(&[]).succeeds();
    let plan = scene.home.connect(["import", STORE, "--to", PROJECT, "--plan"]).ends().succeeds();
    assert!(plan.stdout().contains("\tleave\t.gitlab-ci.yml was asked for and never put there;"), "{}", plan.shown());
    let (state, drift) = scene.drift();
    let says = "it is not known to be in the repository yet".to_owned();
    assert_eq!((state.as_str(), drift), ("unfinished", vec![("ci_file".to_owned(), says)]));
    let _ = scene.does(&scene.entry()["drift"][0]["mend"]).succeeds();
    scene.is_well();
    assert!(scene.has_file());
    assert!(!scene.entry()["again"].as_str().unwrap().contains("--ci"), "it is the users' own now");
}

#[test]
#[cfg(feature = "test-hooks")]
fn a_ci_file_of_ones_own_that_never_came_there() {
    let Some(scene) = Standing::begun(Sandbox::builder()) else { return };
    let path = scene.home.path().join("ci.yml");
    std::fs::write(&path, "x: {script: x}\n").unwrap();
    let flags =
        ["--ci-file", path.to_str().unwrap(), "--ci-branch", "ci", "--pull-request", "--store", "plain", "--yes"];
    let call = scene.home.connect(["import", STORE, "--to", PROJECT]).with(flags);
    let _ = call.env("CONNECT_TEST_FAULT", "import.project.made").ends();
    let entry = scene.entry();
    let again = entry["again"].as_str().unwrap();
    assert!(again.ends_with("--ci-file FILE --ci-branch ci --pull-request"), "{again}");
    let drift = entry["drift"].as_array().unwrap().iter().find(|one| one["what"] == "ci_file").unwrap();
    assert!(drift["says"].as_str().unwrap().contains("put its path in the place of FILE"), "{drift}");
    let again = again.replace("FILE", path.to_str().unwrap());
    let _ = scene.does(&json!(format!("{again} --store plain"))).succeeds();
    scene.is_well();
    // Where nobody wants it any more, that can be said.
    let _ = scene.undo(&[]).succeeds();
}

#[test]
fn whoever_does_not_want_the_file_any_more_says_so() {
    let Some(scene) = Standing::begun(Sandbox::builder()) else { return };
    let fault = scene.world.fault(Fault::gitlab().method("POST").path("/projects/104/ci/lint").status(403));
    let _ = scene.import(&["--ci-template", "minimal"]);
    scene.world.remove_fault(fault);
    assert_eq!(scene.drift().0, "unfinished");
    let _ = scene.import(&["--anew"]).succeeds();
    scene.is_well();
    assert!(!scene.has_file());
}

#[test]
fn a_token_that_was_never_made_was_not_revoked() {
    let Some(mut scene) = Standing::begun(Sandbox::builder()) else { return };
    scene.home.set_env("CONNECT_STORE", "plain");
    let fault = scene.world.fault(Fault::gitlab().method("POST").path("/projects/104/access_tokens").status(403));
    let _ = scene.import(&[]).exits(9);
    scene.world.remove_fault(fault);
    let (state, drift) = scene.drift();
    let token = ("token".to_owned(), "it is not made yet".to_owned());
    assert!(state == "unfinished" && drift.contains(&token), "{state} {drift:?}");
    let _ = scene.mended().succeeds();
    scene.is_well();
}

#[test]
fn half_undone() {
    let Some(scene) = Standing::new(&["--ci-template", "minimal"]) else { return };
    let fault = scene.world.fault(Fault::github().method("DELETE").path(&format!("/repos/{STORE}/hooks")).status(403));
    let _ = scene.undo(&[]).exits(10);
    insta::assert_snapshot!(scene.on_screen(scene.status()), @"
    exit 9
    ✗ agility-game/home-assistant-community-store: undoing
      → http://127.0.0.1:PORT/agility-game/home-assistant/store
      ✗ webhook: it is still to be removed
      its undoing goes on: connect import undo agility-game/home-assistant-community-store --to agility-game/home-assistant/store
    ");
    insta::assert_snapshot!(scene.status().ends().shown(), @"
    exit 9
    --- stdout
    agility-game/home-assistant-community-store	agility-game/home-assistant/store	undoing	webhook	it is still to be removed
    ");
    let listed = scene.home.connect(["import", "list"]).ends().succeeds();
    let row = listed.stdout().lines().find(|line| line.starts_with(STORE)).unwrap().to_owned();
    assert!(row.ends_with("\t-"), "it is not imported any more: {row}");
    scene.world.remove_fault(fault);
    let entry = scene.entry();
    assert_eq!((&entry["undo"], &entry["drift"][0]["mend"]), (&entry["undo"], &entry["undo"]));
    let _ = scene.does(&entry["undo"]).succeeds();
    assert_eq!((scene.hooks().len(), scene.drift().0.as_str()), (0, "undone"));
}

#[test]
#[cfg(feature = "test-hooks")]
fn killed_while_it_is_undone() {
    let Some(scene) = Standing::owned(&[]) else { return };
    let call = scene.home.connect(["import", "undo", STORE, "--delete-project", "--yes"]);
    let _ = call.env("CONNECT_TEST_FAULT", "undo.webhook").ends();
    let entry = scene.entry();
    assert_eq!(entry["state"], "undoing", "{entry}");
    let left: Vec<&Value> = entry["drift"].as_array().unwrap().iter().map(|one| &one["what"]).collect();
    assert_eq!(left, ["webhook", "integration", "mirror", "token", "project"]);
    assert_eq!(entry["undo"], format!("connect import undo {STORE} --to {PROJECT} --delete-project"));
    let _ = scene.does(&entry["undo"]).succeeds();
    assert_eq!((scene.project(), scene.records().len()), (Value::Null, 0));
    insta::assert_snapshot!(scene.status().ends().shown(), @"
    exit 0
    --- stderr
    no import is on record
    ");
}

#[test]
fn importing_again_takes_back_the_undoing() {
    let Some(scene) = Standing::new(&[]) else { return };
    let fault = scene.world.fault(Fault::github().method("DELETE").path(&format!("/repos/{STORE}/hooks")).status(403));
    let _ = scene.undo(&[]).exits(10);
    scene.world.remove_fault(fault);
    let _ = scene.import(&[]).succeeds();
    scene.is_well();
    assert_eq!(scene.hooks().len(), 1);
}

#[test]
fn a_webhook_that_is_there_and_refused_was_not_removed() {
    let Some(scene) = Standing::new(&[]) else { return };
    let number = scene.records()[0]["made"]["token"]["id"].clone();
    // The record is lost: the webhook is somebody else's for all that anybody knows.
    let record =
        scene.home.contents().into_keys().find(|name| name.contains("data/imports/") && name.ends_with(".json"));
    std::fs::remove_file(scene.home.path().join(record.unwrap())).unwrap();
    let _ = scene.home.connect(["disconnect", &format!("mirror-store-104@{}", scene.host())]).ends().succeeds();
    let _ = scene.import(&[]).succeeds();
    scene.is_well();
    scene.gitlab("DELETE", &format!("/access_tokens/{number}"), Value::Null);
    scene.github("POST", &format!("{}/pings", scene.hook()), Value::Null);
    scene.world.settle();
    let (state, drift) = scene.drift();
    let says = |what: &str| drift.iter().find(|(step, _)| step == what).map(|(_, says)| says.as_str());
    assert_eq!(state, "drifted");
    let refused = "there is one that connect did not make, and GitLab answered 401 when it was last told of something";
    assert_eq!(says("webhook"), Some(refused));
    assert!(!drift.iter().any(|(_, says)| says.contains("revoked")), "{drift:?}");
}

impl Standing {
    fn host(&self) -> String {
        self.world.gitlab_url().trim_start_matches("http://").to_owned()
    }
}

#[test]
fn a_repository_that_nobody_can_see() {
    let Some(scene) = Standing::new(&[]) else { return };
    let _hidden = scene.world.fault(Fault::github().path(&format!("/repos/{STORE}")).status(404));
    let document = scene.status().json().exits(3).document();
    let import = &document["imports"][0];
    assert_eq!((&import["state"], &import["error"]["code"]), (&json!("unknown"), &json!("repository_hidden")));
}

#[test]
fn cron_mails_what_is_not_well_and_nothing_else() {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ci.md")).unwrap();
    let line = guide.lines().find(|line| line.contains("connect import status --no-input |")).unwrap();
    let filter = line.split_once('|').unwrap().1;
    let told: String = ["well", "undone", "drifted", "unfinished", "undoing", "unknown"]
        .iter()
        .map(|state| format!("o/r\tgroup/r\t{state}\t-\t-\n"))
        .collect();
    let script = format!("printf '%s' \"$TOLD\" | {filter}");
    let mailed = std::process::Command::new("sh").args(["-c", &script]).env("TOLD", &told).output().unwrap();
    let mailed = String::from_utf8(mailed.stdout).unwrap();
    let states: Vec<&str> = mailed.lines().filter_map(|line| line.split('\t').nth(2)).collect();
    assert_eq!(states, ["drifted", "unfinished", "undoing", "unknown"]);
}
