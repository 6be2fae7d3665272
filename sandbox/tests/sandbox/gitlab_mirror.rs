//! Pull mirrors: set, fetched over HTTP from the sandbox's GitHub, triggered, paused.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use forge_sandbox::{Builder, Fault, Sandbox, Tier};
use serde_json::{Value, json};

use crate::client::{Seen, client};
use crate::git::Git;
use crate::lab::{DASHBOARD, GROUP, get, post, project, put};

const STORE: &str = "agility-game/home-assistant-community-store";
const PATH: &str = "agility-game/home-assistant/store";
const PROJECT: &str = "/projects/agility-game%2Fhome-assistant%2Fstore";
const MIRROR: &str = "/projects/agility-game%2Fhome-assistant%2Fstore/mirror/pull";
const MINUTE: Duration = Duration::from_secs(60);

fn noon() -> Builder {
    Sandbox::builder().now("2026-11-21T12:00:00Z".parse().unwrap())
}

/// An empty project, to be mirrored into.
async fn with_project(builder: Builder) -> Sandbox {
    let sandbox = builder.start().unwrap();
    let made = post(&sandbox, "/projects", "api", json!({ "path": "store", "namespace_id": GROUP })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    sandbox
}

fn address(sandbox: &Sandbox) -> String {
    format!("{}/{STORE}.git", sandbox.github_url())
}

/// What a set-up sends.
fn wanted(sandbox: &Sandbox) -> Value {
    json!({
        "enabled": true, "url": address(sandbox), "auth_user": "octocat",
        "auth_password": sandbox.github_token("fine-grained-import"), "mirror_trigger_builds": true,
        "mirror_overwrites_diverged_branches": true, "only_mirror_protected_branches": false,
    })
}

async fn set(sandbox: &Sandbox, body: Value) -> Seen {
    let seen = put(sandbox, MIRROR, "api", body).await;
    sandbox.settle();
    seen
}

/// The branches there, with their commits.
async fn at_github(sandbox: &Sandbox) -> Value {
    let url = format!("{}/repos/{STORE}/branches", sandbox.github_api_url());
    let listed = crate::client::get(&url, &sandbox.github_token("classic")).await.json();
    listed.as_array().unwrap().iter().map(branch).collect::<serde_json::Map<_, _>>().into()
}

fn branch(it: &Value) -> (String, Value) {
    (it["name"].as_str().unwrap().to_owned(), it["commit"]["sha"].clone())
}

/// Commits a file at GitHub.
async fn commit(sandbox: &Sandbox, path: &str, content: &str) {
    let url = format!("{}/repos/{STORE}/contents/{path}", sandbox.github_api_url());
    let body = json!({ "message": format!("Add {path}"), "content": STANDARD.encode(content) });
    let seen = client().put(url).bearer_auth(sandbox.github_token("classic")).json(&body).send().await.unwrap();
    assert_eq!(seen.status(), 201);
}

#[tokio::test]
async fn what_is_at_github_is_here_with_the_same_commits() {
    if Git::find().is_none() {
        return;
    }
    let sandbox = with_project(noon()).await;
    let begun = set(&sandbox, wanted(&sandbox)).await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    let masked = address(&sandbox).replace("://", "://*****:*****@");
    assert_eq!((&begun.json()["enabled"], &begun.json()["url"]), (&json!(true), &json!(masked)));
    assert_eq!(begun.json()["update_status"], "scheduled");
    let after = get(&sandbox, MIRROR, "api").await.json();
    assert_eq!((&after["update_status"], &after["last_error"]), (&json!("finished"), &Value::Null));
    assert_eq!(after["last_successful_update_at"], "2026-11-21T12:00:00.000Z");
    let shown = get(&sandbox, PROJECT, "api").await.json();
    assert_eq!((&shown["mirror"], &shown["mirror_overwrites_diverged_branches"]), (&json!(true), &json!(true)));
    assert_eq!((&shown["empty_repo"], &shown["default_branch"]), (&json!(false), &json!("main")));
    assert_eq!((&shown["import_status"], &shown["import_url"]), (&json!("finished"), &json!(address(&sandbox))));
    let import = get(&sandbox, &format!("{PROJECT}/import"), "api").await.json();
    assert_eq!((&import["import_status"], &import["import_type"]), (&json!("finished"), &json!("git")));
    let state = project(&sandbox, PATH);
    assert_eq!(state["branches"], at_github(&sandbox).await);
    assert_eq!((&state["mirror"]["has_password"], &state["mirror"]["failures"]), (&json!(true), &json!(0)));
    assert!(!state.to_string().contains(&sandbox.github_token("fine-grained-import")));
    assert_eq!(sandbox.state()["gitlab"]["writes"][1]["path"], format!("{PROJECT}/mirror/pull"));
}

#[tokio::test]
async fn over_tls_and_under_paths_it_is_the_same() {
    if Git::find().is_none() {
        return;
    }
    let builder = Sandbox::builder().tls(true).github_base_path("/github").gitlab_base_path("/gitlab");
    let sandbox = with_project(builder).await;
    assert_eq!(set(&sandbox, wanted(&sandbox)).await.status, 200);
    let mirror = project(&sandbox, PATH)["mirror"].clone();
    assert_eq!((&mirror["status"], &mirror["last_error"]), (&json!("finished"), &Value::Null));
}

#[tokio::test]
async fn github_dot_com_is_the_sandboxs_own() {
    if Git::find().is_none() {
        return;
    }
    let sandbox = with_project(noon()).await;
    let url = format!("https://github.com/{STORE}.git");
    let set = set(&sandbox, json!({ "enabled": true, "url": url })).await;
    assert_eq!(set.json()["url"], format!("https://*****:*****@github.com/{STORE}.git"));
    assert_eq!(get(&sandbox, MIRROR, "api").await.json()["update_status"], "finished", "it is public");
}

#[tokio::test]
async fn an_update_comes_when_it_is_asked_for_and_five_minutes_are_over() {
    if Git::find().is_none() {
        return;
    }
    let sandbox = with_project(noon()).await;
    let _ = set(&sandbox, wanted(&sandbox)).await;
    commit(&sandbox, "new.txt", "new").await;
    let pull = async || {
        let answer = post(&sandbox, MIRROR, "api", Value::Null).await;
        sandbox.settle();
        answer.status
    };
    assert_eq!(pull().await, 200);
    assert_ne!(project(&sandbox, PATH)["branches"], at_github(&sandbox).await, "too soon");
    sandbox.advance(5 * MINUTE);
    // Whoever asks next finds it under way.
    assert_eq!(get(&sandbox, MIRROR, "api").await.json()["update_status"], "scheduled");
    sandbox.settle();
    assert_eq!(project(&sandbox, PATH)["branches"], at_github(&sandbox).await);
    assert_eq!(get(&sandbox, MIRROR, "api").await.json()["last_update_at"], "2026-11-21T12:05:00.000Z");

    commit(&sandbox, "newer.txt", "newer").await;
    sandbox.advance(5 * MINUTE);
    assert_eq!(pull().await, 200);
    assert_eq!(project(&sandbox, PATH)["branches"], at_github(&sandbox).await);
    commit(&sandbox, "newest.txt", "newest").await;
    sandbox.advance(30 * MINUTE);
    let _ = get(&sandbox, "/version", "api").await;
    sandbox.settle();
    assert_eq!(project(&sandbox, PATH)["branches"], at_github(&sandbox).await, "it comes of itself");
}

#[tokio::test]
async fn a_dead_token_makes_it_fail_in_gits_words_until_it_is_left_alone() {
    if Git::find().is_none() {
        return;
    }
    let sandbox = with_project(noon()).await;
    let mut body = wanted(&sandbox);
    body["url"] = json!(format!("{}/agility-game/timing-firmware.git", sandbox.github_url()));
    body["auth_password"] = json!(sandbox.github_token("classic"));
    let _ = set(&sandbox, body).await;
    assert_eq!(get(&sandbox, MIRROR, "api").await.json()["update_status"], "finished");
    sandbox.revoke_github("classic");
    sandbox.advance(5 * MINUTE);
    assert_eq!(post(&sandbox, MIRROR, "api", Value::Null).await.status, 200);
    sandbox.settle();
    let failed = get(&sandbox, MIRROR, "api").await.json();
    assert_eq!((&failed["update_status"], &failed["enabled"]), (&json!("failed"), &json!(true)));
    let error = failed["last_error"].as_str().unwrap();
    assert!(error.starts_with("13:fetch remote: ") && error.contains("fatal: Authentication failed for"), "{error}");
    assert_eq!(failed["last_successful_update_at"], "2026-11-21T12:00:00.000Z");

    sandbox.fail_mirror(PATH, 13);
    assert_eq!(project(&sandbox, PATH)["mirror"]["failures"], 14);
    sandbox.advance(60 * MINUTE);
    let paused = post(&sandbox, MIRROR, "api", Value::Null).await;
    assert_eq!(
        (paused.status, paused.json()["message"].clone()),
        (403, json!("Mirroring for the project is on pause"))
    );
    let fresh = json!({ "enabled": true, "auth_password": sandbox.github_token("fine-grained-import") });
    let _ = set(&sandbox, fresh).await;
    let state = project(&sandbox, PATH);
    assert_eq!((&state["mirror"]["failures"], &state["mirror"]["status"]), (&json!(1), &json!("failed")));
    let body = json!({ "enabled": true, "auth_password": sandbox.github_token("oauth") });
    let _ = set(&sandbox, body).await;
    assert_eq!(project(&sandbox, PATH)["mirror"]["status"], "finished", "set anew, it goes on");
}

#[tokio::test]
async fn what_has_gone_its_own_way_is_overwritten_when_told_only() {
    let Some(git) = Git::find() else {
        return;
    };
    let sandbox = with_project(noon()).await;
    let mut body = wanted(&sandbox);
    body["mirror_overwrites_diverged_branches"] = json!(false);
    let _ = set(&sandbox, body).await;
    let url = sandbox.gitlab_url().replace("://", &format!("://x:{}@", sandbox.gitlab_token("api")));
    git.run(".", &["clone", "--quiet", &format!("{url}/{PATH}.git"), "here"]).unwrap();
    git.run("here", &["commit", "--quiet", "--allow-empty", "-m", "Our own way"]).unwrap();
    git.run("here", &["push", "--quiet"]).unwrap();
    commit(&sandbox, "theirs.txt", "theirs").await;
    let ours = project(&sandbox, PATH)["branches"]["main"].clone();
    sandbox.advance(5 * MINUTE);
    let _ = post(&sandbox, MIRROR, "api", Value::Null).await;
    sandbox.settle();
    let state = project(&sandbox, PATH);
    assert_eq!((&state["branches"]["main"], &state["mirror"]["status"]), (&ours, &json!("finished")));
    let _ = set(&sandbox, json!({ "enabled": true, "mirror_overwrites_diverged_branches": true })).await;
    assert_eq!(project(&sandbox, PATH)["branches"], at_github(&sandbox).await);
}

#[tokio::test]
async fn some_branches_or_the_protected_one_but_not_both() {
    if Git::find().is_none() {
        return;
    }
    let both = json!({ "only_mirror_protected_branches": true, "mirror_branch_regex": "^x$" });
    for (body, branches) in [
        (json!({ "mirror_branch_regex": "^see" }), vec!["seesaw"]),
        (json!({ "only_mirror_protected_branches": true }), vec!["main"]),
        (json!({}), vec!["main", "seesaw"]),
    ] {
        let sandbox = with_project(noon()).await;
        let mut wanted = json!({ "enabled": true, "url": address(&sandbox) });
        wanted.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        let _ = set(&sandbox, wanted).await;
        let state = project(&sandbox, PATH);
        let here: Vec<&String> = state["branches"].as_object().unwrap().keys().collect();
        assert_eq!(here, branches, "{body}");
        assert_eq!(set(&sandbox, both.clone()).await.status, 400);
        let cleared = set(&sandbox, json!({ "only_mirror_protected_branches": true })).await.json();
        assert_eq!(cleared["mirror_branch_regex"], Value::Null);
        let wrong = set(&sandbox, json!({ "mirror_branch_regex": "(" })).await;
        assert_eq!(wrong.status, 400);
    }
}

#[tokio::test]
async fn disabling_forgets_who_may_enter() {
    if Git::find().is_none() {
        return;
    }
    let sandbox = with_project(noon()).await;
    let _ = set(&sandbox, wanted(&sandbox)).await;
    let off = set(&sandbox, json!({ "enabled": false })).await;
    assert_eq!((off.status, &off.json()["enabled"]), (200, &json!(false)));
    let mirror = project(&sandbox, PATH)["mirror"].clone();
    assert_eq!((&mirror["has_password"], &mirror["enabled"]), (&json!(false), &json!(false)));
    assert_eq!(get(&sandbox, PROJECT, "api").await.json()["mirror"], false);
    let not_mirrored = json!({ "message": "The project is not mirrored" });
    for seen in [get(&sandbox, MIRROR, "api").await, post(&sandbox, MIRROR, "api", Value::Null).await] {
        assert_eq!((seen.status, seen.json()), (400, not_mirrored.clone()));
    }
}

#[tokio::test]
async fn a_mirror_that_cannot_be_set_is_told_why() {
    let sandbox = with_project(noon()).await;
    let refused = async |body: Value| {
        let seen = set(&sandbox, body).await;
        (seen.status, seen.json())
    };
    let (status, body) = refused(json!({ "colour": "red" })).await;
    assert_eq!(status, 400);
    assert!(body["error"].as_str().unwrap().ends_with("at least one parameter must be provided"));
    assert_eq!(refused(json!({ "enabled": true })).await, (400, json!({ "message": "url is missing" })));
    let blocked = "Url is blocked: Only allowed schemes are http, https, ssh, git";
    for url in ["git@github.com:o/r.git", "file:///etc/passwd"] {
        let body = json!({ "enabled": true, "url": url });
        assert_eq!(refused(body).await, (400, json!({ "message": blocked })), "{url}");
    }
    assert_eq!(refused(json!({ "enabled": "perhaps" })).await, (400, json!({ "error": "enabled is invalid" })));
    assert_eq!(put(&sandbox, MIRROR, "developer", wanted(&sandbox)).await.status, 403);
    assert_eq!(put(&sandbox, MIRROR, "read-api", wanted(&sandbox)).await.status, 403);
    assert!(project(&sandbox, PATH)["mirror"].is_null());
}

#[tokio::test]
async fn without_a_licence_all_is_well_and_nothing_is_done() {
    let sandbox = with_project(noon().tier(Tier::Free)).await;
    let seen = set(&sandbox, wanted(&sandbox)).await;
    assert_eq!((seen.status, &seen.json()["enabled"], &seen.json()["url"]), (200, &json!(false), &Value::Null));
    assert!(project(&sandbox, PATH)["mirror"].is_null());
    assert_eq!(get(&sandbox, MIRROR, "api").await.status, 400);
    assert_eq!(post(&sandbox, MIRROR, "api", Value::Null).await.status, 400);
    let old = put(&sandbox, PROJECT, "api", json!({ "mirror": true, "import_url": address(&sandbox) })).await;
    assert_eq!((old.status, old.json().get("mirror")), (200, None));
    assert!(project(&sandbox, PATH)["mirror"].is_null());
}

#[tokio::test]
async fn before_17_6_a_project_is_told_to_be_a_mirror() {
    if Git::find().is_none() {
        return;
    }
    let sandbox = with_project(noon().gitlab_version("17.4")).await;
    let absent = put(&sandbox, MIRROR, "api", wanted(&sandbox)).await;
    assert_eq!((absent.status, absent.json()), (404, json!({ "error": "404 Not Found" })));
    let token = sandbox.github_token("fine-grained-import");
    let url = address(&sandbox).replace("://", &format!("://octocat:{token}@"));
    let body = json!({
        "mirror": true, "import_url": url, "mirror_trigger_builds": true, "only_mirror_protected_branches": true,
        "mirror_overwrites_diverged_branches": true,
    });
    let told = put(&sandbox, PROJECT, "api", body).await;
    assert_eq!((told.status, &told.json()["mirror"]), (200, &json!(true)), "{}", told.body);
    assert!(!told.body.contains(&token));
    sandbox.settle();
    assert_eq!(get(&sandbox, MIRROR, "api").await.json().as_object().unwrap().len(), 7);
    let mirror = project(&sandbox, PATH)["mirror"].clone();
    assert_eq!((&mirror["status"], &mirror["has_password"]), (&json!("finished"), &json!(true)));
    let body = json!({ "path": "other", "namespace_id": GROUP, "import_url": url, "mirror": true });
    let made = post(&sandbox, "/projects", "api", body).await;
    assert_eq!((made.status, &made.json()["mirror"]), (201, &json!(true)), "{}", made.body);
    let off = put(&sandbox, PROJECT, "api", json!({ "mirror": false })).await.json();
    assert_eq!(off["mirror"], false);
}

#[tokio::test]
async fn a_webhook_comes_in_by_a_token_in_its_address_and_without_a_signature() {
    if Git::find().is_none() {
        return;
    }
    let sandbox = with_project(noon()).await;
    let _ = set(&sandbox, wanted(&sandbox)).await;
    let deliver = async |project: &str, token: &str, signed: bool, body: Value| {
        let url =
            format!("{}{project}/mirror/pull?private_token={}", sandbox.gitlab_api_url(), sandbox.gitlab_token(token));
        let mut request = client().post(url).header("x-github-event", "push").json(&body);
        if signed {
            request = request.header("x-hub-signature", "sha1=0").header("x-hub-signature-256", "sha256=0");
        }
        request.send().await.unwrap().status().as_u16()
    };
    let ping = json!({ "zen": "Keep it logically awesome.", "hook_id": 1 });
    assert_eq!(deliver(PROJECT, "api", false, ping.clone()).await, 200);
    assert_eq!(deliver(PROJECT, "developer", false, ping.clone()).await, 403);
    assert_eq!(deliver(PROJECT, "api", true, ping.clone()).await, 404, "a private project is not even there");
    assert_eq!(deliver("/projects/root%2Fhandbook", "admin", true, ping.clone()).await, 401);

    let pull = |action: &str| {
        let repo = json!({ "full_name": STORE });
        let side = |branch: &str| json!({ "ref": branch, "sha": "0".repeat(40), "repo": repo });
        let pull = json!({ "number": 7, "head": side("seesaw"), "base": side("main") });
        json!({ "action": action, "number": 7, "pull_request": pull })
    };
    assert_eq!(deliver(PROJECT, "api", false, pull("opened")).await, 200);
    assert_eq!(deliver(PROJECT, "api", false, pull("labeled")).await, 422);
    assert_eq!(deliver(PROJECT, "api", false, json!({ "action": "opened", "pull_request": {} })).await, 422);
}

#[tokio::test]
async fn commits_with_a_configuration_begin_pipelines() {
    if Git::find().is_none() {
        return;
    }
    let sandbox = with_project(noon()).await;
    let _ = set(&sandbox, wanted(&sandbox)).await;
    let pipelines = format!("{PROJECT}/pipelines");
    assert_eq!(get(&sandbox, &pipelines, "api").await.json(), json!([]), "there is no configuration yet");
    commit(&sandbox, ".gitlab-ci.yml", "test:\n  script: sh test.sh\n").await;
    sandbox.advance(5 * MINUTE);
    let _ = post(&sandbox, MIRROR, "api", Value::Null).await;
    sandbox.settle();
    let sha = at_github(&sandbox).await["main"].clone();
    let listed = get(&sandbox, &format!("{pipelines}?source=push&ref=main&sha={}", sha.as_str().unwrap()), "api").await;
    assert_eq!((listed.header("x-total"), &listed.json()[0]["status"]), (Some("1"), &json!("success")));
    let shown = get(&sandbox, &format!("{pipelines}/{}", listed.json()[0]["id"]), "api").await.json();
    assert_eq!((&shown["sha"], &shown["yaml_errors"]), (&sha, &Value::Null));
    let statuses = format!("{PROJECT}/repository/commits/main/statuses");
    assert_eq!(get(&sandbox, &statuses, "api").await.json()[0]["name"], "test");
    let none = get(&sandbox, &format!("{pipelines}?source=schedule"), "api").await;
    assert_eq!(none.json(), json!([]));
}

#[tokio::test]
async fn github_may_be_away_while_it_is_fetched_from() {
    if Git::find().is_none() {
        return;
    }
    let sandbox = with_project(noon()).await;
    let fault = sandbox.fault(Fault::github().method("GET").status(503));
    let set_up = set(&sandbox, wanted(&sandbox)).await;
    assert_eq!(set_up.status, 200);
    let failed = get(&sandbox, MIRROR, "api").await.json();
    assert_eq!(failed["update_status"], "failed");
    assert!(failed["last_error"].as_str().unwrap().contains("503"), "{failed}");
    sandbox.remove_fault(fault);
    sandbox.advance(5 * MINUTE);
    let _ = post(&sandbox, MIRROR, "api", Value::Null).await;
    sandbox.settle();
    assert_eq!(get(&sandbox, MIRROR, "api").await.json()["update_status"], "finished");
    assert_eq!(get(&sandbox, DASHBOARD, "api").await.json()["mirror"], false);
}
