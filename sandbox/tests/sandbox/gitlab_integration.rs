//! The GitHub integration: set, shown, switched off; and what it tells GitHub.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use forge_sandbox::{Forge, Sandbox, Tier};
use serde_json::{Value, json};

use crate::client::client;
use crate::git::Git;
use crate::lab::{DASHBOARD, GROUP, ask, delete, get, post, project, put};

const STORE: &str = "agility-game/home-assistant-community-store";

fn github() -> String {
    format!("{DASHBOARD}/integrations/github")
}

fn wanted(sandbox: &Sandbox) -> Value {
    let url = format!("{}/{STORE}", sandbox.github_url());
    json!({ "token": sandbox.github_token("fine-grained-import"), "repository_url": url, "static_context": true })
}

#[tokio::test]
async fn an_integration_is_set_shown_and_switched_off() {
    let sandbox = Sandbox::start();
    let absent = get(&sandbox, &github(), "api").await;
    assert_eq!((absent.status, absent.json()), (404, json!({ "message": "404 Integration Not Found" })));
    let made = put(&sandbox, &github(), "api", wanted(&sandbox)).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let made = made.json();
    assert_eq!((&made["slug"], &made["active"]), (&json!("github"), &json!(true)));
    let url = wanted(&sandbox)["repository_url"].clone();
    assert_eq!(made["properties"], json!({ "repository_url": url, "static_context": true }));
    assert!(!made.to_string().contains(&sandbox.github_token("fine-grained-import")));
    let old_path = get(&sandbox, &format!("{DASHBOARD}/services/github"), "api").await.json();
    assert_eq!(old_path, made);
    let state = project(&sandbox, "agility-game/home-assistant/dashboard")["integration"].clone();
    assert_eq!((&state["has_token"], &state["active"], &state["repository_url"]), (&json!(true), &json!(true), &url));
    assert_eq!(delete(&sandbox, &github(), "api").await.status, 204);
    let off = get(&sandbox, &github(), "api").await.json();
    assert_eq!((&off["active"], &off["properties"]["repository_url"]), (&json!(false), &json!("")));
    let state = project(&sandbox, "agility-game/home-assistant/dashboard")["integration"].clone();
    assert_eq!(state["has_token"], false);
}

#[tokio::test]
async fn an_integration_that_cannot_be_set_is_told_why() {
    let sandbox = Sandbox::start();
    let missing = put(&sandbox, &github(), "api", json!({})).await;
    let said = json!({ "error": "token is missing, repository_url is missing" });
    assert_eq!((missing.status, missing.json()), (400, said));
    let wrong = put(&sandbox, &github(), "api", json!({ "token": "x", "repository_url": "nowhere" })).await;
    assert_eq!((wrong.status, wrong.json()), (400, json!({ "message": "400 Bad Request" })));
    assert_eq!(put(&sandbox, &github(), "developer", wanted(&sandbox)).await.status, 403);
    let free = Sandbox::builder().tier(Tier::Free).start().unwrap();
    for method in ["GET", "PUT", "DELETE"] {
        let seen = ask(&free, method, &github(), "api", wanted(&free)).await;
        assert_eq!((seen.status, &seen.json()["message"]), (404, &json!("404 Integration Not Found")), "{method}");
    }
}

/// A project that mirrors the store and has a pipeline for its newest commit.
async fn with_pipeline(sandbox: &Sandbox, integration: Value) -> String {
    let made = post(sandbox, "/projects", "api", json!({ "path": "store", "namespace_id": GROUP })).await.json();
    let id = &made["id"];
    assert_eq!(put(sandbox, &format!("/projects/{id}/integrations/github"), "api", integration).await.status, 200);
    let url = format!("{}/repos/{STORE}/contents/.gitlab-ci.yml", sandbox.github_api_url());
    let body = json!({ "message": "Run it", "content": STANDARD.encode("test:\n  script: sh test.sh\n") });
    let sent = client().put(url).bearer_auth(sandbox.github_token("classic")).json(&body).send().await.unwrap();
    assert_eq!(sent.status(), 201);
    let address = format!("{}/{STORE}.git", sandbox.github_url());
    let mirror =
        json!({ "enabled": true, "url": address, "mirror_trigger_builds": true, "mirror_branch_regex": "main" });
    assert_eq!(put(sandbox, &format!("/projects/{id}/mirror/pull"), "api", mirror).await.status, 200);
    sandbox.settle();
    let pipelines = get(sandbox, &format!("/projects/{id}/pipelines"), "api").await.json();
    assert_eq!(pipelines.as_array().unwrap().len(), 1, "{pipelines}");
    pipelines[0]["sha"].as_str().unwrap().to_owned()
}

async fn statuses(sandbox: &Sandbox, sha: &str) -> Value {
    let url = format!("{}/repos/{STORE}/commits/{sha}/statuses", sandbox.github_api_url());
    crate::client::get(&url, "").await.json()
}

#[tokio::test]
async fn github_hears_how_a_pipeline_stands() {
    if Git::find().is_none() {
        return;
    }
    let sandbox = Sandbox::start();
    let sha = with_pipeline(&sandbox, wanted(&sandbox)).await;
    let heard = statuses(&sandbox, &sha).await;
    let states: Vec<&Value> = heard.as_array().unwrap().iter().map(|status| &status["state"]).collect();
    assert_eq!(states, ["success", "pending"], "the newest first");
    assert_eq!(heard[0]["context"], "ci/gitlab/127.0.0.1");
    assert_eq!(heard[0]["description"], "Pipeline passed on GitLab");
    assert!(heard[0]["target_url"].as_str().unwrap().contains("/agility-game/home-assistant/store/-/pipelines/"));
    let sent: Vec<_> = sandbox.requests().into_iter().filter(|it| it.path.contains("/statuses/")).collect();
    assert_eq!((sent.len(), sent[0].forge, sent[0].header("user-agent")), (2, Forge::GitHub, Some("GitLab/19.1.1")));
    let state = project(&sandbox, "agility-game/home-assistant/store");
    assert_eq!(state["integration"]["last_answer"], 201);
}

#[tokio::test]
async fn without_a_static_context_the_branch_is_named() {
    if Git::find().is_none() {
        return;
    }
    let sandbox = Sandbox::start();
    let mut integration = wanted(&sandbox);
    integration["static_context"] = json!(false);
    integration["repository_url"] = json!(format!("https://github.com/{STORE}"));
    let sha = with_pipeline(&sandbox, integration).await;
    assert_eq!(statuses(&sandbox, &sha).await[0]["context"], "ci/gitlab/main");
}

#[tokio::test]
async fn what_github_refuses_changes_nothing_here() {
    if Git::find().is_none() {
        return;
    }
    let sandbox = Sandbox::start();
    let mut integration = wanted(&sandbox);
    integration["token"] = json!(sandbox.github_token("fine-grained-readonly"));
    let sha = with_pipeline(&sandbox, integration).await;
    assert_eq!(statuses(&sandbox, &sha).await, json!([]));
    let state = project(&sandbox, "agility-game/home-assistant/store");
    assert_eq!(
        (&state["integration"]["last_answer"], &state["pipelines"][0]["status"]),
        (&json!(403), &json!("success"))
    );
}

#[tokio::test]
async fn a_push_at_github_comes_in_by_a_webhook() {
    if Git::find().is_none() {
        return;
    }
    let sandbox = Sandbox::start();
    let begun = with_pipeline(&sandbox, wanted(&sandbox)).await;
    let path = "/projects/agility-game%2Fhome-assistant%2Fstore";
    let made =
        post(&sandbox, &format!("{path}/access_tokens"), "api", json!({ "name": "hook", "scopes": ["api"] })).await;
    let (id, token) = (get(&sandbox, path, "api").await.json()["id"].clone(), made.json()["token"].clone());
    let url =
        format!("{}/projects/{id}/mirror/pull?private_token={}", sandbox.gitlab_api_url(), token.as_str().unwrap());
    let github = format!("{}/repos/{STORE}", sandbox.github_api_url());
    let hook = json!({ "config": { "url": url, "content_type": "json" }, "events": ["push", "pull_request"] });
    let at_github = async |method: &str, path: &str, body: Value| {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = client().request(method, format!("{github}{path}")).bearer_auth(sandbox.github_token("classic"));
        request.json(&body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(at_github("POST", "/hooks", hook).await, 201);
    sandbox.advance(Duration::from_secs(300));
    let file = json!({ "message": "Add a course", "content": STANDARD.encode("hurdles") });
    assert_eq!(at_github("PUT", "/contents/course.md", file).await, 201);
    sandbox.settle();
    let project = project(&sandbox, "agility-game/home-assistant/store");
    assert_ne!(project["branches"]["main"], begun.as_str());
    let newest = project["pipelines"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(newest["sha"], project["branches"]["main"]);
    let heard = statuses(&sandbox, newest["sha"].as_str().unwrap()).await;
    assert_eq!(heard[0]["state"], "success");
    let seen = sandbox.requests();
    let deliveries: Vec<_> =
        seen.iter().filter(|it| it.path.ends_with("/mirror/pull") && it.method == "POST").collect();
    assert!(deliveries.iter().all(|it| it.status == Some(200)) && deliveries.len() >= 2, "a ping and a push");
}
