//! Imports: by the importer, with all that is at GitHub; and by a fetch.

use std::time::Duration;

use forge_sandbox::{
    Builder, Fault, GithubRepositorySeed, GithubSeed, GitlabGroupSeed, GitlabSeed, ReadyMade, Sandbox, Seed, Visibility,
};
use serde_json::{Value, json};

use crate::client::Seen;
use crate::git::Git;
use crate::lab::{get, post, project};

/// The repository's number at GitHub.
const STORE: u64 = 142_000_001;
const FIRMWARE: u64 = 142_000_002;
const TARGET: &str = "agility-game/home-assistant";
const PATH: &str = "agility-game/home-assistant/home-assistant-community-store";
const IMPORT: &str = "/projects/agility-game%2Fhome-assistant%2Fhome-assistant-community-store/import";

fn noon() -> Builder {
    Sandbox::builder().now("2026-11-21T12:00:00Z".parse().unwrap())
}

fn wanted(sandbox: &Sandbox) -> Value {
    json!({ "personal_access_token": sandbox.github_token("classic"), "repo_id": STORE, "target_namespace": TARGET })
}

async fn import(sandbox: &Sandbox, change: Value) -> Seen {
    let mut body = wanted(sandbox);
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    post(sandbox, "/import/github", "api", body).await
}

#[tokio::test]
async fn an_import_is_scheduled_started_and_finished() {
    let sandbox = noon().start().unwrap();
    let stages = json!({ "collaborators_import": false, "attachments_import": true });
    let begun = import(&sandbox, json!({ "optional_stages": stages })).await;
    assert_eq!(begun.status, 201, "{}", begun.body);
    let id = begun.json()["id"].clone();
    let entity = json!({
        "id": id, "name": "home-assistant-community-store", "full_path": format!("/{PATH}"),
        "full_name": "Agility Game / Home Assistant / home-assistant-community-store",
        "refs_url": format!("/{PATH}/refs"), "import_source": "agility-game/home-assistant-community-store",
        "import_status": "scheduled", "human_import_status_name": "scheduled",
        "provider_link": "/agility-game/home-assistant-community-store", "relation_type": null,
        "import_warning": null,
    });
    assert_eq!(begun.json(), entity);
    for status in ["scheduled", "started", "finished", "finished"] {
        let import = get(&sandbox, &format!("/projects/{id}/import"), "api").await.json();
        assert_eq!(import["import_status"], status);
        assert_eq!((&import["import_type"], &import["failed_relations"]), (&json!("github"), &json!([])));
    }
    let import = get(&sandbox, IMPORT, "api").await.json();
    assert_eq!(import["stats"]["imported"], import["stats"]["fetched"]);
    assert_eq!(import["stats"]["imported"]["label"], 1);
    let shown = get(&sandbox, &format!("/projects/{id}"), "api").await.json();
    assert_eq!((&shown["import_status"], &shown["import_type"]), (&json!("finished"), &json!("github")));
    assert_eq!((&shown["empty_repo"], &shown["visibility"]), (&json!(false), &json!("private")));
    assert_eq!(shown["description"], "The store for agility courses");
    let state = project(&sandbox, PATH);
    assert_eq!(state["import"]["optional_stages"], stages);
    let github = format!("{}/repos/agility-game/home-assistant-community-store", sandbox.github_api_url());
    let there = crate::client::get(&format!("{github}/commits/main"), "").await.json()["sha"].clone();
    assert_eq!(state["branches"]["main"], there);
    assert!(!state.to_string().contains(&sandbox.github_token("classic")));
}

#[tokio::test]
async fn versions_and_tokens_are_answered_each_in_their_way() {
    let fine = |sandbox: &Sandbox| json!({ "personal_access_token": sandbox.github_token("fine-grained-import") });
    let sandbox = noon().start().unwrap();
    let warned = import(&sandbox, fine(&sandbox)).await.json();
    assert!(warned["import_warning"].as_str().unwrap().starts_with("Fine-grained personal access tokens"));
    let older = noon().gitlab_version("16.7").start().unwrap();
    let plain = import(&older, fine(&older)).await;
    let keys: Vec<String> = plain.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        (plain.status, keys),
        (201, ["forked", "full_name", "full_path", "id", "name", "refs_url"].map(String::from).into())
    );
}

#[tokio::test]
async fn the_host_of_an_enterprise_server_is_named_as_the_version_wants_it() {
    for (version, suffix, status) in [("19.1", "", 201), ("17.1", "", 422), ("17.1", "/api/v3", 201), ("16.4", "", 201)]
    {
        let sandbox = noon().gitlab_version(version).start().unwrap();
        let hostname = json!({ "github_hostname": format!("{}{suffix}", sandbox.github_url()) });
        assert_eq!(import(&sandbox, hostname).await.status, status, "{version} {suffix}");
    }
    let sandbox = noon().start().unwrap();
    let invalid = import(&sandbox, json!({ "github_hostname": "ftp://x" })).await;
    assert_eq!((invalid.status, invalid.json()), (400, json!({ "errors": "Invalid URL: ftp://x" })));
}

#[tokio::test]
async fn an_import_that_cannot_be_is_told_why() {
    let sandbox = noon().rate_limits(false).start().unwrap();
    let missing = post(&sandbox, "/import/github", "api", json!({})).await;
    let said = "personal_access_token is missing, repo_id is missing, target_namespace is missing";
    assert_eq!((missing.status, missing.json()), (400, json!({ "error": said })));
    let denied = json!({ "error": "Access denied to your GitHub account." });
    for token in ["revoked", "expired"] {
        let seen = import(&sandbox, json!({ "personal_access_token": sandbox.github_token(token) })).await;
        assert_eq!((seen.status, seen.json()), (401, denied.clone()));
    }
    let own = post(&sandbox, "/import/github", "revoked", wanted(&sandbox)).await;
    assert_eq!((own.status, &own.json()["error"]), (401, &json!("invalid_token")), "that one is GitLab's");
    let nowhere = "Namespace or group to import repository into does not exist.";
    let forbidden = "You are not allowed to import projects in this namespace.";
    for (change, why) in [
        (json!({ "target_namespace": "no/where" }), nowhere),
        (json!({ "target_namespace": "root" }), forbidden),
        (json!({ "target_namespace": "agility-game" }), forbidden),
        (json!({ "new_name": "dashboard" }), "Path has already been taken"),
        (json!({ "new_name": "a//b" }), "Name can contain only letters"),
    ] {
        let seen = import(&sandbox, change).await;
        assert_eq!(seen.status, 422, "{why}");
        assert!(seen.json()["errors"].as_str().unwrap().starts_with(why), "{}", seen.body);
    }
    let developer = post(&sandbox, "/import/github", "developer", wanted(&sandbox)).await;
    assert_eq!((developer.status, developer.json()), (422, json!({ "errors": forbidden })));
    let stranger = json!({ "personal_access_token": sandbox.github_token("stranger"), "repo_id": FIRMWARE });
    let seen = import(&sandbox, stranger).await;
    let errors = seen.json()["errors"].as_str().unwrap().to_owned();
    assert!(errors.starts_with("Import failed due to a GitHub error: {") && errors.ends_with("(HTTP 404)"), "{errors}");
    let granular = post(&sandbox, "/import/github", "granular", wanted(&sandbox)).await;
    assert_eq!(granular.status, 201, "the permission is there: {}", granular.body);
}

#[tokio::test]
async fn six_imports_a_minute_and_no_more() {
    let sandbox = noon().start().unwrap();
    for number in 0..6 {
        assert_eq!(import(&sandbox, json!({ "new_name": format!("store-{number}") })).await.status, 201);
    }
    let one_more = import(&sandbox, json!({ "new_name": "store-6" })).await;
    let said = "This endpoint has been requested too many times. Try again later.";
    assert_eq!((one_more.status, one_more.json()), (429, json!({ "message": { "error": said } })));
    sandbox.advance(Duration::from_secs(60));
    assert_eq!(import(&sandbox, json!({ "new_name": "store-6" })).await.status, 201);
}

#[tokio::test]
async fn what_is_public_there_is_as_public_here_as_its_place() {
    let group = GitlabGroupSeed {
        path: "open".into(),
        visibility: Visibility::Public,
        members: [("maintainer".to_owned(), 40)].into(),
        ..Default::default()
    };
    let secret = GithubRepositorySeed {
        owner: Some("agility-game".into()),
        name: "secret".into(),
        id: Some(77),
        private: true,
        ..Default::default()
    };
    let github = GithubSeed { repositories: vec![secret], ..Default::default() };
    let gitlab = GitlabSeed { groups: vec![group], ..Default::default() };
    let sandbox = noon().seed(Seed { github, gitlab }).start().unwrap();
    for (repository, visibility) in [(STORE, "public"), (77, "private")] {
        let begun = import(&sandbox, json!({ "repo_id": repository, "target_namespace": "/open" })).await.json();
        let shown = get(&sandbox, &format!("/projects/{}", begun["id"]), "api").await.json();
        assert_eq!(shown["visibility"], visibility);
    }
}

#[tokio::test]
async fn an_import_takes_as_long_and_ends_as_it_was_told() {
    let sandbox = noon().import_polls(0).import_loses("pull_request", "Validation failed").start().unwrap();
    let _ = import(&sandbox, json!({})).await;
    let import = get(&sandbox, IMPORT, "api").await.json();
    assert_eq!(import["import_status"], "finished");
    let failed = &import["failed_relations"][0];
    assert_eq!(
        (&failed["relation_name"], &failed["exception_message"]),
        (&json!("pull_request"), &json!("Validation failed"))
    );

    let sandbox = noon().import_polls(0).import_error("Repository import failed").start().unwrap();
    let _ = self::import(&sandbox, json!({})).await;
    let import = get(&sandbox, IMPORT, "api").await.json();
    assert_eq!(
        (&import["import_status"], &import["import_error"]),
        (&json!("failed"), &json!("Repository import failed"))
    );
    assert_eq!(project(&sandbox, PATH)["empty"], true);

    let sandbox = noon().start().unwrap();
    let _ = self::import(&sandbox, json!({})).await;
    sandbox.fail_gitlab_import(PATH, "out of room");
    assert_eq!(get(&sandbox, IMPORT, "api").await.json()["import_error"], "out of room");
}

#[tokio::test]
async fn an_import_that_nobody_watches_ends_by_itself() {
    let sandbox = noon().import_polls(1_000).start().unwrap();
    let _ = import(&sandbox, json!({})).await;
    assert_eq!(get(&sandbox, IMPORT, "api").await.json()["import_status"], "scheduled");
    sandbox.advance(Duration::from_secs(60));
    assert_eq!(get(&sandbox, IMPORT, "api").await.json()["import_status"], "finished");
}

#[tokio::test]
async fn an_import_is_cancelled_by_the_owner_while_it_lasts() {
    let sandbox = noon().start().unwrap();
    let id = import(&sandbox, json!({ "target_namespace": "maintainer" })).await.json()["id"].clone();
    let cancel = async |token: &str, id: &Value| {
        post(&sandbox, "/import/github/cancel", token, json!({ "project_id": id })).await
    };
    assert_eq!(cancel("developer", &id).await.status, 403);
    let canceled = cancel("api", &id).await;
    assert_eq!((canceled.status, &canceled.json()["import_status"]), (200, &json!("canceled")));
    let again = cancel("api", &id).await;
    let why = "The import cannot be canceled because it is canceled";
    assert_eq!((again.status, again.json()), (400, json!({ "message": why })));
    assert_eq!(cancel("api", &json!(101)).await.status, 404, "that project was never imported");
}

#[tokio::test]
async fn githubs_limits_are_passed_on_and_answers_may_be_lost() {
    let sandbox = noon().start().unwrap();
    sandbox.fault(Fault::gitlab().method("POST").path("/import/github").once().drop_after_work());
    let lost = crate::client::client()
        .post(format!("{}/import/github", sandbox.gitlab_api_url()))
        .bearer_auth(sandbox.gitlab_token("api"))
        .json(&wanted(&sandbox));
    assert!(lost.send().await.is_err());
    let again = import(&sandbox, json!({})).await;
    assert_eq!(again.status, 422, "it is there already: {}", again.body);
    assert_eq!(project(&sandbox, PATH)["import"]["status"], "scheduled");
    sandbox.fault(Fault::gitlab().path("/import/github").once().ready_made(ReadyMade::RetryLater));
    assert_eq!(import(&sandbox, json!({ "new_name": "x" })).await.status, 429);
}

#[tokio::test]
async fn a_fetch_brings_a_repository_once() {
    if Git::find().is_none() {
        return;
    }
    let sandbox = noon().start().unwrap();
    let token = sandbox.github_token("classic");
    let url = format!("{}/agility-game/timing-firmware.git", sandbox.github_url());
    let secret = url.replace("://", &format!("://octocat:{token}@"));
    let made = post(&sandbox, "/projects", "api", json!({ "path": "fw", "import_url": secret })).await;
    assert_eq!((made.status, &made.json()["import_status"]), (201, &json!("scheduled")), "{}", made.body);
    assert!(!made.body.contains(&token));
    sandbox.settle();
    let import = get(&sandbox, "/projects/maintainer%2Ffw/import", "api").await.json();
    assert_eq!((&import["import_status"], &import["import_type"]), (&json!("finished"), &json!("git")));
    assert_eq!(import.get("stats"), None);
    let shown = get(&sandbox, "/projects/maintainer%2Ffw", "api").await.json();
    assert_eq!((&shown["empty_repo"], &shown["import_url"]), (&json!(false), &json!(url)));
    assert_eq!(shown["mirror"], false);

    let elsewhere = json!({ "path": "far", "import_url": "https://git.example.com/o/r.git" });
    assert_eq!(post(&sandbox, "/projects", "api", elsewhere).await.status, 201);
    sandbox.settle();
    let import = get(&sandbox, "/projects/maintainer%2Ffar/import", "api").await.json();
    assert_eq!(import["import_status"], "failed");
    assert!(import["import_error"].as_str().unwrap().contains("Could not resolve host"), "{import}");
}
