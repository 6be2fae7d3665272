//! GitLab's projects: made, changed, moved, removed.

use forge_sandbox::{
    CreationLevel, Fault, GitlabGroupSeed, GitlabSeed, GitlabTokenSeed, Sandbox, Seed, Tier, Visibility,
};
use serde_json::{Value, json};

use crate::lab::{DASHBOARD, GROUP, ask, delete, get, post, project, put};

#[tokio::test]
async fn a_project_is_made_as_it_was_asked_for() {
    let sandbox = Sandbox::builder().now("2026-11-21T12:00:00Z".parse().unwrap()).start().unwrap();
    let wanted = json!({
        "name": "Community Store", "namespace_id": GROUP, "description": "Courses", "issues_access_level": "disabled",
        "wiki_enabled": false, "ci_config_path": "ci.yml",
    });
    let made = post(&sandbox, "/projects", "api", wanted).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.json();
    assert_eq!(made["path_with_namespace"], "agility-game/home-assistant/community-store");
    assert_eq!((&made["creator_id"], &made["created_at"]), (&json!(2), &json!("2026-11-21T12:00:00.000Z")));
    assert_eq!((&made["empty_repo"], &made["default_branch"]), (&json!(true), &Value::Null));
    assert_eq!((&made["issues_access_level"], &made["issues_enabled"]), (&json!("disabled"), &json!(false)));
    assert_eq!((&made["wiki_access_level"], &made["snippets_access_level"]), (&json!("disabled"), &json!("enabled")));
    assert_eq!((&made["import_status"], &made["visibility"]), (&json!("none"), &json!("private")));
    let shown = get(&sandbox, &format!("/projects/{}", made["id"]), "api").await.json();
    assert_eq!(shown, made);
    let writes = sandbox.state()["gitlab"]["writes"].clone();
    assert_eq!(writes, json!([{ "method": "POST", "path": "/projects", "token": "api", "status": 201 }]));

    let own = post(&sandbox, "/projects", "api", json!({ "path": "notes", "initialize_with_readme": true })).await;
    assert_eq!(own.json()["path_with_namespace"], "maintainer/notes");
    assert_eq!((&own.json()["empty_repo"], &own.json()["default_branch"]), (&json!(false), &json!("main")));
    let file = get(&sandbox, "/projects/maintainer%2Fnotes/repository/files/README.md?ref=main", "api").await.json();
    assert_eq!((&file["file_name"], &file["content"]), (&json!("README.md"), &json!("IyBub3Rlcwo=")));
}

#[tokio::test]
async fn a_project_that_cannot_be_is_told_why() {
    let sandbox = Sandbox::start();
    let refused = async |body: Value| {
        let seen = post(&sandbox, "/projects", "api", body).await;
        (seen.status, seen.json())
    };
    let taken = json!(["has already been taken"]);
    let (status, body) = refused(json!({ "name": "Dashboard", "namespace_id": GROUP })).await;
    assert_eq!(status, 400);
    assert_eq!((&body["message"]["name"], &body["message"]["path"]), (&taken, &taken));
    let (_, body) = refused(json!({ "name": "Other", "path": "dashboard", "namespace_id": GROUP })).await;
    assert_eq!((&body["message"]["name"], &body["message"]["path"]), (&Value::Null, &taken));
    let not_valid = json!({ "message": { "namespace": ["is not valid"] } });
    for namespace in [10, 1001, 77_777] {
        assert_eq!(refused(json!({ "name": "x", "namespace_id": namespace })).await, (400, not_valid.clone()));
    }
    let why = json!({ "message": { "visibility_level": ["public is not allowed in a private group."] } });
    let public = json!({ "name": "x", "namespace_id": GROUP, "visibility": "public" });
    assert_eq!(refused(public).await, (400, why));
    let (_, body) = refused(json!({ "namespace_id": GROUP })).await;
    assert_eq!(body, json!({ "error": "name, path are missing, at least one parameter must be provided" }));
    let (_, body) = refused(json!({ "name": "x", "visibility": "secret", "wiki_access_level": "public" })).await;
    let complaints = "visibility does not have a valid value, wiki_access_level does not have a valid value";
    assert_eq!(body, json!({ "error": complaints }));
    let (_, body) = refused(json!({ "name": "x", "path": "a b" })).await;
    assert!(body["message"]["path"][0].as_str().unwrap().starts_with("can contain only letters"));
    let (status, body) = refused(json!({ "name": "x", "import_url": "git@github.com:o/r.git" })).await;
    assert_eq!(status, 400);
    assert!(body["message"]["import_url"][0].as_str().unwrap().starts_with("is blocked"));
    assert_eq!(sandbox.state()["gitlab"]["writes"], json!([]));
    let scope = post(&sandbox, "/projects", "read-api", json!({ "name": "x" })).await;
    assert_eq!((scope.status, &scope.json()["scope"]), (403, &json!("api")));
    let granular = post(&sandbox, "/projects", "granular", json!({ "name": "x" })).await;
    assert!(granular.body.contains("[Project: Create]"), "{}", granular.body);
}

#[tokio::test]
async fn who_may_make_projects_is_the_groups_to_say() {
    let levels = [
        (CreationLevel::NoOne, [400, 400, 400]),
        (CreationLevel::Owner, [400, 400, 201]),
        (CreationLevel::Maintainer, [400, 201, 201]),
        (CreationLevel::Developer, [201, 201, 201]),
        (CreationLevel::Administrator, [400, 400, 201]),
    ];
    for (level, told) in levels {
        let members = [("developer".to_owned(), 30), ("maintainer".to_owned(), 40)].into();
        let group =
            GitlabGroupSeed { path: "acme".into(), project_creation_level: level, members, ..Default::default() };
        let seed = Seed { gitlab: GitlabSeed { groups: vec![group], ..Default::default() }, ..Default::default() };
        let sandbox = Sandbox::builder().seed(seed).start().unwrap();
        let group = get(&sandbox, "/groups/acme", "admin").await.json()["id"].clone();
        for (token, status) in ["developer", "api", "admin"].into_iter().zip(told) {
            let made = post(&sandbox, "/projects", token, json!({ "name": token, "namespace_id": group })).await;
            assert_eq!(made.status, status, "{level:?} {token}");
        }
    }
}

#[tokio::test]
async fn a_project_is_changed_by_those_who_keep_it() {
    let sandbox = Sandbox::start();
    let off = json!({
        "issues_access_level": "disabled", "merge_requests_access_level": "disabled", "wiki_access_level": "disabled",
        "snippets_access_level": "disabled",
    });
    let changed = put(&sandbox, DASHBOARD, "api", off.clone()).await;
    assert_eq!(changed.status, 200);
    for (name, level) in off.as_object().unwrap() {
        assert_eq!(&changed.json()[name], level, "{name}");
    }
    let features = project(&sandbox, "agility-game/home-assistant/dashboard")["features"].clone();
    assert_eq!((&features["wiki"], &features["builds"]), (&json!("disabled"), &json!("enabled")));
    assert_eq!(put(&sandbox, DASHBOARD, "developer", off).await.status, 403);
    let nothing = put(&sandbox, DASHBOARD, "api", json!({ "colour": "red" })).await;
    assert!(nothing.json()["error"].as_str().unwrap().ends_with("at least one parameter must be provided"));
    let branch = put(&sandbox, DASHBOARD, "api", json!({ "default_branch": "no-such" })).await;
    assert!(branch.json()["message"]["base"][0].as_str().unwrap().starts_with("Could not set the default branch"));
    let wider = json!({ "visibility": "internal" });
    assert_eq!(put(&sandbox, DASHBOARD, "api", wider.clone()).await.status, 403);
    let why = put(&sandbox, DASHBOARD, "admin", wider).await;
    assert_eq!(why.json()["message"]["visibility_level"][0], "internal is not allowed in a private group.");
}

#[tokio::test]
async fn a_project_that_moves_leaves_a_redirect_behind() {
    let sandbox = Sandbox::start();
    let id = get(&sandbox, DASHBOARD, "api").await.json()["id"].clone();
    let moved = put(&sandbox, DASHBOARD, "api", json!({ "name": "Panel", "path": "panel" })).await.json();
    assert_eq!((&moved["id"], &moved["name"]), (&id, &json!("Panel")));
    let old = get(&sandbox, DASHBOARD, "api").await;
    assert_eq!(old.status, 301);
    assert!(old.header("location").unwrap().ends_with(&format!("/projects/{id}")));
    sandbox.rename_gitlab_project("agility-game/home-assistant/panel", "agility-game/home-assistant/board");
    let old = put(&sandbox, "/projects/agility-game%2Fhome-assistant%2Fpanel", "api", json!({ "name": "x" })).await;
    let why = json!({ "message": "Non GET methods are not allowed for moved projects" });
    assert_eq!((old.status, old.json()), (405, why));
    let made = post(&sandbox, "/projects", "api", json!({ "path": "panel", "namespace_id": GROUP })).await;
    assert_eq!(made.status, 201, "a redirect reserves nothing");
    let taken = put(&sandbox, &format!("/projects/{id}"), "api", json!({ "path": "panel" })).await;
    assert_eq!(taken.json()["message"], json!({ "path": ["has already been taken"] }));
}

#[tokio::test]
async fn a_project_is_removed_by_its_owner_only() {
    let sandbox = Sandbox::start();
    assert_eq!(delete(&sandbox, DASHBOARD, "api").await.status, 403);
    let gone = delete(&sandbox, DASHBOARD, "admin").await;
    assert_eq!((gone.status, gone.json()), (202, json!({ "message": "202 Accepted" })));
    assert_eq!(delete(&sandbox, DASHBOARD, "admin").await.status, 404);
    assert!(!sandbox.is_alive_gitlab("project-bot"), "its bot goes with it");
}

#[tokio::test]
async fn an_answer_may_be_lost_after_the_work_was_done() {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::gitlab().method("POST").path("/projects").once().drop_after_work());
    let lost = crate::client::client()
        .post(format!("{}/projects", sandbox.gitlab_api_url()))
        .bearer_auth(sandbox.gitlab_token("api"))
        .json(&json!({ "name": "Store", "namespace_id": GROUP }));
    assert!(lost.send().await.is_err());
    let again = post(&sandbox, "/projects", "api", json!({ "name": "Store", "namespace_id": GROUP })).await;
    assert_eq!(again.status, 400);
    assert_eq!(project(&sandbox, "agility-game/home-assistant/store")["creator"], 2);
}

#[tokio::test]
async fn the_community_edition_has_no_routes_for_payers() {
    let sandbox = Sandbox::builder().tier(Tier::Community).gitlab_version("18.11.5").start().unwrap();
    let metadata = get(&sandbox, "/metadata", "api").await.json();
    assert_eq!((&metadata["version"], &metadata["enterprise"]), (&json!("18.11.5"), &json!(false)));
    let no_route = json!({ "error": "404 Not Found" });
    for method in ["GET", "PUT", "POST"] {
        let seen = ask(&sandbox, method, &format!("{DASHBOARD}/mirror/pull"), "api", json!({})).await;
        assert_eq!((seen.status, seen.json()), (404, no_route.clone()), "{method}");
    }
    let github = format!("{DASHBOARD}/integrations/github");
    assert_eq!(put(&sandbox, &github, "api", json!({})).await.json(), no_route);
    let slug = json!({ "error": "slug does not have a valid value" });
    assert_eq!(get(&sandbox, &github, "api").await.json(), slug);
    assert_eq!(delete(&sandbox, &github, "api").await.json(), slug);
    assert_eq!(get(&sandbox, "/namespaces/11", "api").await.json().get("plan"), None);
    assert_eq!(get(&sandbox, DASHBOARD, "api").await.json().get("mirror"), None);
}

#[tokio::test]
async fn an_address_is_asked_before_a_project_is_made_of_it() {
    let group = GitlabGroupSeed { path: "acme".into(), visibility: Visibility::Public, ..Default::default() };
    let tokens = vec![GitlabTokenSeed::classic("keeper", &["api"])];
    let gitlab = GitlabSeed { groups: vec![group], tokens, ..Default::default() };
    let sandbox = Sandbox::builder().seed(Seed { gitlab, ..Default::default() }).start().unwrap();
    let url = |credentials: &str, name: &str| {
        sandbox.github_url().replace("://", &format!("://{credentials}")) + &format!("/agility-game/{name}.git")
    };
    let dead = sandbox.github_token("revoked");
    for (url, why) in [
        (url("", "timing-firmware"), "401 Unauthorized"),
        (url(&format!("octocat:{dead}@"), "timing-firmware"), "401 Unauthorized"),
        (url(&format!("x:{}@", sandbox.github_token("stranger")), "timing-firmware"), "404 Not Found"),
    ] {
        let refused = post(&sandbox, "/projects", "keeper", json!({ "name": "fw", "import_url": url })).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        let message = refused.json()["message"].as_str().unwrap().to_owned();
        assert!(message.ends_with(&format!("endpoint error: {why}")), "{message}");
        assert!(!refused.body.contains(&dead));
    }
    assert_eq!(project(&sandbox, "maintainer/fw"), Value::Null);
}

#[tokio::test]
async fn another_licence_shows_another_project() {
    let sandbox = Sandbox::start();
    assert!(get(&sandbox, DASHBOARD, "api").await.json().get("mirror").is_some());
    let body = json!({ "tier": "free" });
    let url = format!("{}/tier", sandbox.admin_url());
    assert_eq!(crate::client::client().post(url).json(&body).send().await.unwrap().status(), 204);
    assert!(get(&sandbox, DASHBOARD, "api").await.json().get("mirror").is_none());
    sandbox.change_tier(Tier::Premium);
    assert!(get(&sandbox, DASHBOARD, "api").await.json().get("mirror").is_some());
}
