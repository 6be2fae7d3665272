//! `connect import undo` leaves what others made or changed, and what was there before.

use forge_sandbox::Sandbox;
use serde_json::{Value, json};

use super::standing::*;
use crate::support::Cast as _;

const TEXT: &str = "stages: [test]\nhello:\n  script: [echo]\n";
/// [`TEXT`], and something else, as GitHub takes them.
const OTHER: &str = "c3RhZ2VzOiBbXQo=";

impl Standing {
    /// What undoing leaves, by step, and why.
    fn left(&self, flags: &[&str]) -> Vec<(String, String)> {
        let document = self.undo(&[flags, &["--json"]].concat()).succeeds().document();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        document["left"].as_array().unwrap().iter().map(|it| (text(&it["step"]), text(&it["says"]))).collect()
    }

    /// A file of the repository at a branch; nothing where there is none.
    fn file(&self, path: &str, branch: &str) -> Option<Value> {
        let listed = self.github("GET", &format!("/contents/?ref={branch}"), Value::Null);
        let found = listed.as_array().unwrap().iter().find(|file| file["name"] == path)?.clone();
        Some(found)
    }

    fn branches(&self) -> Vec<String> {
        let listed = self.github("GET", "/branches", Value::Null);
        listed.as_array().unwrap().iter().map(|branch| branch["name"].as_str().unwrap().to_owned()).collect()
    }
}

fn told(left: &[(String, String)]) -> Vec<(&str, &str)> {
    left.iter().map(|(step, why)| (step.as_str(), why.as_str())).collect()
}

const STAYS: (&str, &str) = ("project", "agility-game/home-assistant/store (104) stays; `--delete-project` removes it");

#[test]
fn a_project_that_was_there() {
    let Some(scene) = Standing::begun(Sandbox::builder()) else { return };
    // Somebody has set up half of it by hand: the project, a mirror, an integration.
    let source = format!("{}/{STORE}", scene.world.github_url());
    scene.gitlab_at("POST", "/projects", json!({"path": "store", "namespace_id": 11}));
    scene.gitlab("PUT", "/mirror/pull", json!({"enabled": true, "url": format!("{source}.git")}));
    scene.world.settle();
    let token = scene.world.github_token("classic");
    scene.gitlab(
        "PUT",
        "/integrations/github",
        json!({"token": token, "repository_url": source, "static_context": false}),
    );
    scene.gitlab("PUT", "", json!({"wiki_access_level": "disabled"}));
    let _ = scene.import(&[]).succeeds();
    let record = scene.records().remove(0);
    assert_eq!(record["made"].get("project"), None);
    assert_eq!(
        record["made"]["features"],
        json!({"issues": true, "merge_requests": true, "wiki": false, "snippets": true})
    );
    scene.home.connect(["import", "undo", STORE, "--delete-project", "--yes"]).json().fails(9, "not_our_project");
    scene.is_well();
    let github = record["github"]["connection"].as_str().unwrap().to_owned();
    insta::assert_snapshot!(scene.on_screen(scene.home.connect(["import", "undo", STORE, "--yes"])), @"
    exit 0
    http://127.0.0.1:PORT/agility-game/home-assistant-community-store
      → http://127.0.0.1:PORT/agility-game/home-assistant/store

      ✓ webhook             removed: the webhook on GitHub
      ✓ project token       removed: the access token, kept as
                            `mirror-store-104@127.0.0.1:PORT`
      ✓ features            they are as they were before
      – GitHub integration  it was there before, and has the token that the import
                            gave it
      – pull mirror         it was there before, and has the token that the import
                            gave it
    ");
    let project = scene.project();
    assert_eq!((&project["mirror"]["enabled"], &project["integration"]["active"]), (&json!(true), &json!(true)));
    let shown = scene.gitlab("GET", "", Value::Null);
    let levels = ["issues", "merge_requests", "wiki", "snippets"].map(|it| shown[format!("{it}_access_level")].clone());
    assert_eq!(levels, ["enabled", "enabled", "disabled", "enabled"]);
    assert_eq!((scene.hooks().len(), scene.records().len()), (0, 0));
    // Our token is in the mirror and the integration that stay: whoever rotates it has to know.
    let record = scene.home.record(&github);
    let kinds: Vec<&Value> = record["destinations"].as_array().unwrap().iter().map(|it| &it["kind"]).collect();
    assert_eq!(kinds, ["gitlab-mirror", "gitlab-integration"]);
}

#[test]
fn what_others_have_changed_since() {
    let Some(scene) = Standing::begun(Sandbox::builder()) else { return };
    scene.gitlab_at("POST", "/projects", json!({"path": "store", "namespace_id": 11}));
    let source = format!("{}/{STORE}.git", scene.world.github_url());
    scene.gitlab("PUT", "/mirror/pull", json!({"enabled": true, "url": source}));
    scene.world.settle();
    scene.gitlab("PUT", "/mirror/pull", json!({"enabled": false}));
    let _ = scene.import(&["--ci-template", "minimal"]).exits(9);
    scene.gitlab("PUT", "/mirror/pull", json!({"enabled": true, "url": source}));
    scene.world.settle();
    let _ = scene.import(&["--ci-template", "minimal"]).succeeds();

    let diary = format!("{}/octocat/Hello-World", scene.world.github_url());
    scene.gitlab("PUT", "/integrations/github", json!({"token": "x", "repository_url": diary}));
    scene.gitlab("PUT", "", json!({"issues_access_level": "enabled"}));
    scene.github("PATCH", &format!("{}/config", scene.hook()), json!({"url": "http://127.0.0.1:1/elsewhere"}));
    let file = scene.file(".gitlab-ci.yml", "main").unwrap();
    scene.github("PUT", "/contents/.gitlab-ci.yml", json!({"message": "x", "content": OTHER, "sha": file["sha"]}));
    scene.world.settle();
    let left = scene.left(&[]);
    assert_eq!(
        told(&left),
        [
            ("ci_file", ".gitlab-ci.yml has been changed since"),
            ("webhook", "it leads elsewhere by now"),
            ("integration", "it reports elsewhere by now"),
            ("mirror", "it was there before, and has the token that the import gave it"),
            ("features", "they have been changed since: issues on"),
        ]
    );
    assert_eq!((scene.hooks().len(), scene.project()["integration"]["active"].clone()), (1, json!(true)));
    assert!(scene.file(".gitlab-ci.yml", "main").is_some());
}

#[test]
fn a_mirror_that_leads_elsewhere() {
    let Some(scene) = Standing::new(&[]) else { return };
    let source = format!("{}/octocat/Hello-World.git", scene.world.github_url());
    scene.gitlab("PUT", "/mirror/pull", json!({"enabled": true, "url": source}));
    scene.world.settle();
    assert_eq!(told(&scene.left(&[])), [("mirror", "it mirrors another repository by now"), STAYS]);
    assert_eq!(scene.project()["mirror"]["enabled"], true);
}

#[test]
fn a_file_that_took_anothers_place() {
    let Some(scene) = Standing::begun(Sandbox::builder()) else { return };
    scene.github("PUT", "/contents/.gitlab-ci.yml", json!({"message": "x", "content": OTHER}));
    let file = scene.home.file("ci.yml", TEXT);
    let flags = ["--ci-file", &file, "--overwrite"];
    let _ = scene.import(&flags).succeeds();
    let left = scene.left(&[]);
    assert_eq!(told(&left), [("ci_file", ".gitlab-ci.yml took another file's place; the history has that"), STAYS]);
    assert!(scene.file(".gitlab-ci.yml", "main").is_some());
}

#[test]
fn a_pull_request() {
    let Some(scene) = Standing::new(&["--ci-template", "minimal", "--pull-request"]) else { return };
    assert!(scene.branches().contains(&"add-gitlab-ci".to_owned()));
    insta::assert_snapshot!(scene.on_screen(scene.home.connect(["import", "undo", STORE, "--yes"])), @"
    exit 0
    http://127.0.0.1:PORT/agility-game/home-assistant-community-store
      → http://127.0.0.1:PORT/agility-game/home-assistant/store

      ✓ .gitlab-ci.yml      removed: .gitlab-ci.yml on `add-gitlab-ci`, with pull
                            request #1
      ✓ webhook             removed: the webhook on GitHub
      ✓ GitHub integration  removed: its settings, with the token in them
      ✓ pull mirror         removed: its settings, with the token in them
      ✓ project token       removed: the access token, kept as
                            `mirror-store-104@127.0.0.1:PORT`
      – project             agility-game/home-assistant/store (104) stays;
                            `--delete-project` removes it
    ");
    assert!(!scene.branches().contains(&"add-gitlab-ci".to_owned()));
    let pull = scene.github("GET", "/pulls/1", Value::Null);
    assert_eq!((&pull["state"], &pull["merged"]), (&json!("closed"), &json!(false)));
}

#[test]
fn a_pull_request_that_was_merged() {
    let Some(scene) = Standing::new(&["--ci-template", "minimal", "--pull-request"]) else { return };
    // As GitHub squashes: the same file in a commit of its own.
    let file = scene.github("GET", "/contents/.gitlab-ci.yml?ref=add-gitlab-ci", Value::Null);
    let content = file["content"].as_str().unwrap().replace('\n', "");
    scene.github("PUT", "/contents/.gitlab-ci.yml", json!({"message": "Squashed", "content": content}));
    scene.world.settle();
    let document = scene.undo(&["--json"]).succeeds().document();
    let removed = "the branch `add-gitlab-ci` (.gitlab-ci.yml has come to `main`, and stays there)";
    assert_eq!(document["removed"][0], json!({"step": "ci_file", "says": removed}));
    assert!(scene.file(".gitlab-ci.yml", "main").is_some());
    assert!(!scene.branches().contains(&"add-gitlab-ci".to_owned()));
}

#[test]
fn a_branch_that_others_went_on_from() {
    let Some(scene) = Standing::new(&["--ci-template", "minimal", "--ci-branch", "ci"]) else { return };
    let body = json!({"message": "x", "content": OTHER, "branch": "ci"});
    scene.github("PUT", "/contents/theirs.txt", body);
    assert_eq!(told(&scene.left(&[])), [("ci_file", "the branch `ci` has been changed since"), STAYS]);
    assert!(scene.branches().contains(&"ci".to_owned()));
}

#[test]
fn a_branch_that_was_made_for_the_file() {
    let Some(scene) = Standing::new(&["--ci-template", "minimal", "--ci-branch", "ci"]) else { return };
    assert_eq!(told(&scene.left(&[])), [STAYS]);
    assert!(!scene.branches().contains(&"ci".to_owned()));
}

#[test]
fn what_github_actions_push_with() {
    let Some(scene) = Standing::begun(Sandbox::builder()) else { return };
    let workflows = || scene.github("GET", "/contents/.github/workflows", Value::Null).as_array().unwrap().len();
    let before = workflows();
    let _ = scene.import(&["--sync", "actions", "--wait", "0s"]).succeeds();
    assert_eq!(workflows(), before + 1);
    let secrets = || scene.github("GET", "/actions/secrets", Value::Null)["total_count"].clone();
    assert_eq!(secrets(), 1);
    scene.is_well();
    insta::assert_snapshot!(scene.on_screen(scene.home.connect(["import", "undo", STORE, "--yes"])), @"
    exit 0
    http://127.0.0.1:PORT/agility-game/home-assistant-community-store
      → http://127.0.0.1:PORT/agility-game/home-assistant/store

      ✓ workflow            removed: .github/workflows/mirror-to-gitlab.yml on
                            `main`
      ✓ Actions secret      removed: `GITLAB_MIRROR_TOKEN` on GitHub
      ✓ GitHub integration  removed: its settings, with the token in them
      ✓ project token       removed: the access token, kept as
                            `mirror-store-104@127.0.0.1:PORT`
      – project             agility-game/home-assistant/store (104) stays;
                            `--delete-project` removes it
    ");
    assert_eq!((secrets(), workflows()), (json!(0), before));
    assert_eq!((scene.home.records().len(), scene.home.secrets().len()), (2, 2));
}

#[test]
fn a_repository_that_is_hidden_now() {
    let Some(scene) = Standing::begun(Sandbox::builder()) else { return };
    let firmware = "agility-game/timing-firmware";
    let to = format!("{GROUP}/firmware");
    let _ = scene.home.connect(["import", firmware, "--to", &to, "--store", "plain", "--yes"]).ends().succeeds();
    // The connection is somebody's now who may not see the repository.
    let record = scene.records().remove(0);
    let name = record["github"]["connection"].as_str().unwrap();
    let _ = scene.home.github(&scene.world, "stranger").with(["--name", name, "--yes"]).ends().succeeds();
    let undo = || scene.home.connect(["import", "undo", firmware, "--yes"]).ends();
    insta::assert_snapshot!(undo().shown(), @"
    exit 10
    --- stdout
    integration	removed	its settings, with the token in them
    mirror	removed	its settings, with the token in them
    token	removed	the access token, kept as `mirror-firmware-104@127.0.0.1:PORT`
    webhook	failed	the repository agility-game/timing-firmware is gone, or hidden from `octocat@127.0.0.1:PORT`
    --- stderr
    error: the repository agility-game/timing-firmware is gone, or hidden from `octocat@127.0.0.1:PORT`
      → what connect made there stays on record: let the token see it, and run the command again
      → `--forget-hidden` takes it off the record; it is yours to remove then
    ");
    // Nothing else is left, and the record still has it.
    let _ = undo().exits(3);
    assert_eq!(scene.records()[0]["made"]["hook"], record["made"]["hook"]);
    // Somebody sees the repository again: the webhook goes.
    let _ = scene.home.github(&scene.world, "classic").with(["--name", name, "--yes"]).ends().succeeds();
    insta::assert_snapshot!(undo().succeeds().shown(), @"
    exit 0
    --- stdout
    webhook	removed	the webhook on GitHub
    project	left	agility-game/home-assistant/firmware (104) stays; `--delete-project` removes it
    ");
}
