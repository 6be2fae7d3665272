//! The linter, and what is in a project's repository.

use forge_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::git::Git;
use crate::lab::{DASHBOARD, get, post};

fn lint() -> String {
    format!("{DASHBOARD}/ci/lint")
}

#[tokio::test]
async fn a_configuration_is_judged() {
    let sandbox = Sandbox::start();
    let good = json!({ "content": "test:\n  script: [cargo test]\n", "include_jobs": true });
    let verdict = post(&sandbox, &lint(), "developer", good).await;
    assert_eq!(verdict.status, 200);
    let verdict = verdict.json();
    assert_eq!((&verdict["valid"], &verdict["errors"], &verdict["warnings"]), (&json!(true), &json!([]), &json!([])));
    assert!(verdict["merged_yaml"].as_str().unwrap().starts_with("---\ntest:\n"));
    assert_eq!((&verdict["jobs"][0]["name"], &verdict["jobs"][0]["stage"]), (&json!("test"), &json!("test")));
    let bad = post(&sandbox, &lint(), "api", json!({ "content": "a: [1" })).await;
    assert_eq!((bad.status, &bad.json()["valid"], bad.json().get("jobs")), (200, &json!(false), None));
    assert!(bad.json()["errors"][0].as_str().unwrap().starts_with("(<unknown>): "));
    let missing = post(&sandbox, &lint(), "api", json!({})).await;
    assert_eq!((missing.status, missing.json()), (400, json!({ "error": "content is missing" })));
    let scope = post(&sandbox, &lint(), "read-api", json!({ "content": "x" })).await;
    assert_eq!(scope.status, 403);
    let granular = post(&sandbox, &lint(), "granular", json!({ "content": "x" })).await;
    assert!(granular.body.contains("[CI Config: Validate]"), "{}", granular.body);
}

#[tokio::test]
async fn what_is_committed_is_judged_and_shown_and_run() {
    let sandbox = Sandbox::start();
    let absent = get(&sandbox, &lint(), "api").await;
    let nothing = json!(["Please provide content of .gitlab-ci.yml"]);
    assert_eq!((absent.status, &absent.json()["errors"]), (200, &nothing));
    let lost = get(&sandbox, &format!("{}?content_ref=no-such", lint()), "api").await;
    assert_eq!((lost.status, lost.json()), (404, json!({ "message": "404 Commit Not Found" })));
    let Some(git) = Git::find() else {
        return;
    };
    let url = sandbox.gitlab_url().replace("://", &format!("://x:{}@", sandbox.gitlab_token("api")));
    let url = format!("{url}/agility-game/home-assistant/dashboard.git");
    git.run(".", &["clone", "--quiet", &url, "here"]).unwrap();
    git.write("here/.gitlab-ci.yml", "build:\n  stage: build\n  script: make\n");
    git.run("here", &["add", "."]).unwrap();
    git.run("here", &["commit", "--quiet", "-m", "Build it"]).unwrap();
    git.run("here", &["push", "--quiet"]).unwrap();
    let sha = git.run("here", &["rev-parse", "HEAD"]).unwrap().trim().to_owned();
    assert_eq!(get(&sandbox, &lint(), "api").await.json()["valid"], true);
    let latest = get(&sandbox, &format!("{DASHBOARD}/pipelines/latest"), "api").await.json();
    assert_eq!((&latest["sha"], &latest["source"]), (&json!(sha), &json!("push")));
    let commit = get(&sandbox, &format!("{DASHBOARD}/repository/commits/{sha}"), "api").await.json();
    assert_eq!((&commit["title"], &commit["status"]), (&json!("Build it"), &json!("success")));
    let branch = get(&sandbox, &format!("{DASHBOARD}/repository/branches/main"), "api").await.json();
    assert_eq!((&branch["commit"]["id"], &branch["default"]), (&json!(sha), &json!(true)));
    let file = format!("{DASHBOARD}/repository/files/.gitlab-ci.yml");
    let raw = get(&sandbox, &format!("{file}/raw"), "api").await;
    assert_eq!(raw.body, "build:\n  stage: build\n  script: make\n");
    assert_eq!(get(&sandbox, &file, "api").await.json(), json!({ "error": "ref is missing" }));
    for (path, words) in [
        ("/repository/branches/no-such", "404 Branch Not Found"),
        ("/repository/files/no-such?ref=main", "404 File Not Found"),
        ("/repository/commits/no-such", "404 Commit Not Found"),
    ] {
        let seen = get(&sandbox, &format!("{DASHBOARD}{path}"), "api").await;
        assert_eq!((seen.status, &seen.json()["message"]), (404, &Value::from(words)));
    }
}
