//! GitLab, as a client meets it.

use std::time::Duration;

use crate::client::{Seen, client, get, send};
use forge_sandbox::{GitlabSeed, GitlabTokenSeed, Sandbox, Seed};
use serde_json::{Value, json};

const SELF: &str = "/personal_access_tokens/self";

fn at(time: &str) -> Sandbox {
    Sandbox::builder().now(time.parse().unwrap()).start().unwrap()
}

async fn look(sandbox: &Sandbox, path: &str, token: &str) -> Seen {
    get(&format!("{}{path}", sandbox.gitlab_api_url()), token).await
}

#[tokio::test]
async fn every_answer_tells_that_a_gitlab_is_there() {
    let sandbox = Sandbox::start();
    for (path, status) in [("/version", 401), ("/metadata", 401), ("/nowhere", 404)] {
        let seen = look(&sandbox, path, "").await;
        assert_eq!(seen.status, status, "{path}");
        let meta: Value = serde_json::from_str(seen.header("x-gitlab-meta").unwrap()).unwrap();
        assert_eq!(meta["version"], "1");
        assert_eq!(meta["correlation_id"], seen.header("x-request-id").unwrap());
        assert!(seen.header("x-runtime").is_some());
    }
    let metadata = look(&sandbox, "/metadata", &sandbox.gitlab_token("read-api")).await;
    assert_eq!(metadata.json()["version"], "19.1.1-ee");
    assert_eq!(metadata.json()["enterprise"], true);
}

#[tokio::test]
async fn a_token_describes_itself_as_its_version_does() {
    let new = look_at_self("19.1.1").await;
    let keys: Vec<&String> = new.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 12, "{keys:?}");
    assert_eq!(new["granular"], false);
    let old = look_at_self("17.11.7").await;
    let keys: Vec<&String> = old.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 10, "{keys:?}");
    assert_eq!(old["scopes"], json!(["api"]));
    assert_eq!(old["active"], true);
}

async fn look_at_self(version: &str) -> Value {
    let sandbox = Sandbox::builder().gitlab_version(version).start().unwrap();
    let seen = look(&sandbox, SELF, &sandbox.gitlab_token("api")).await;
    assert_eq!(seen.status, 200);
    seen.json()
}

#[tokio::test]
async fn dead_tokens_are_told_how_they_died_and_unknown_ones_nothing() {
    let sandbox = Sandbox::start();
    for (name, why) in [
        ("revoked", "Token was revoked. You have to re-authorize from the user."),
        ("expired", "Token is expired. You can either do re-authorization or token refresh."),
    ] {
        let seen = look(&sandbox, SELF, &sandbox.gitlab_token(name)).await;
        assert_eq!(seen.status, 401);
        assert_eq!(seen.json(), json!({ "error": "invalid_token", "error_description": why }));
        assert!(seen.header("www-authenticate").unwrap().contains("error=\"invalid_token\""));
        assert_eq!(seen.header("ratelimit-name"), Some("throttle_unauthenticated_api"));
    }
    let unknown = look(&sandbox, SELF, "glpat-unknown").await;
    assert_eq!(unknown.status, 401);
    assert_eq!(unknown.json(), json!({ "message": "401 Unauthorized" }));
    assert!(unknown.header("www-authenticate").is_none());
}

#[tokio::test]
async fn a_token_dies_as_the_day_of_its_expiry_begins() {
    let sandbox = at("2026-11-21T23:00:00Z");
    let token = sandbox.gitlab_token("expiring");
    assert_eq!(look(&sandbox, SELF, &token).await.json()["expires_at"], "2026-11-26");
    sandbox.advance(Duration::from_secs(4 * 86_400 + 3_599));
    assert_eq!(look(&sandbox, SELF, &token).await.status, 200);
    sandbox.advance(Duration::from_secs(1));
    assert_eq!(look(&sandbox, SELF, &token).await.status, 401);
    assert!(!sandbox.is_alive_gitlab("expiring"));
}

#[tokio::test]
async fn valid_and_not_allowed_to_say_is_403() {
    let sandbox = Sandbox::start();
    let granular = look(&sandbox, SELF, &sandbox.gitlab_token("granular")).await;
    assert_eq!(granular.status, 403);
    assert_eq!(granular.json()["error"], "insufficient_granular_scope");
    assert!(granular.body.contains("Personal Access Token: Read"));
    assert_eq!(look(&sandbox, "/user", &sandbox.gitlab_token("granular")).await.status, 200);
    let telling = look(&sandbox, SELF, &sandbox.gitlab_token("granular-self")).await;
    assert_eq!((&telling.json()["granular"], &telling.json()["scopes"]), (&json!(true), &json!(["granular"])));

    let older = Sandbox::builder().gitlab_version("17.11.7").start().unwrap();
    assert_eq!(look(&older, SELF, &older.gitlab_token("granular")).await.status, 401);
}

#[tokio::test]
async fn tokens_come_in_three_ways() {
    let sandbox = Sandbox::start();
    let token = sandbox.gitlab_token("api");
    let url = format!("{}/user", sandbox.gitlab_api_url());
    let header = client().get(&url).header("PRIVATE-TOKEN", &token).send().await.unwrap();
    assert_eq!(header.status(), 200);
    assert_eq!(get(&format!("{url}?private_token={token}"), "").await.status, 200);
    let seen = sandbox.requests();
    assert_eq!(seen[0].header("private-token"), Some(token.as_str()));
    assert_eq!((seen[1].query.as_str(), seen[1].status), (format!("private_token={token}").as_str(), Some(200)));
}

#[tokio::test]
async fn oauth_tokens_have_a_page_of_their_own() {
    let sandbox = at("2026-11-21T12:00:00Z");
    let token = sandbox.gitlab_token("oauth");
    let refused = look(&sandbox, SELF, &token).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("This endpoint requires token type to be a personal access token"));
    assert_eq!(look(&sandbox, "/user", &token).await.status, 200);
    let url = format!("{}/oauth/token/info", sandbox.gitlab_url());
    let info = get(&url, &token).await;
    assert_eq!((&info.json()["expires_in"], &info.json()["scope"]), (&json!(6600), &json!(["api"])));
    assert_eq!(get(&url, &sandbox.gitlab_token("api")).await.status, 401);
    let rotated = send("POST", &format!("{}{SELF}/rotate", sandbox.gitlab_api_url()), &token).await;
    assert_eq!(rotated.status, 405);
    let header = client().get(format!("{}/user", sandbox.gitlab_api_url())).header("PRIVATE-TOKEN", &token);
    assert_eq!(header.send().await.unwrap().status(), 401);
    sandbox.advance(Duration::from_secs(6600));
    assert_eq!(get(&url, &token).await.status, 401);
}

#[tokio::test]
async fn bots_and_administrators_are_told_apart() {
    let sandbox = Sandbox::start();
    for name in ["project-bot", "group-bot"] {
        assert_eq!(look(&sandbox, "/user", &sandbox.gitlab_token(name)).await.json()["bot"], true);
        assert_eq!(look(&sandbox, SELF, &sandbox.gitlab_token(name)).await.status, 200);
    }
    assert_eq!(look(&sandbox, "/user", &sandbox.gitlab_token("admin")).await.json()["is_admin"], true);
    let person = look(&sandbox, "/user", &sandbox.gitlab_token("api")).await.json();
    assert_eq!((&person["username"], person.get("is_admin")), (&json!("maintainer"), None));
}

#[tokio::test]
async fn associations_tell_roles_from_17_4_on() {
    let sandbox = Sandbox::start();
    let path = format!("{SELF}/associations?min_access_level=40");
    let mine = look(&sandbox, &path, &sandbox.gitlab_token("api")).await.json();
    assert_eq!(mine["groups"][0]["access_levels"], 40);
    assert_eq!(mine["projects"][0]["path_with_namespace"], "agility-game/home-assistant/dashboard");
    let theirs = look(&sandbox, &path, &sandbox.gitlab_token("developer")).await.json();
    assert_eq!(theirs, json!({ "groups": [], "projects": [] }));
    let older = Sandbox::builder().gitlab_version("17.3").start().unwrap();
    assert_eq!(look(&older, &path, &older.gitlab_token("api")).await.status, 404);
}

#[tokio::test]
async fn others_tokens_are_for_administrators() {
    let sandbox = Sandbox::start();
    let id = look(&sandbox, SELF, &sandbox.gitlab_token("api")).await.json()["id"].clone();
    let path = format!("/personal_access_tokens/{id}");
    assert_eq!(look(&sandbox, &path, &sandbox.gitlab_token("read-api")).await.status, 200);
    assert_eq!(look(&sandbox, &path, &sandbox.gitlab_token("developer")).await.status, 401);
    assert_eq!(look(&sandbox, &path, &sandbox.gitlab_token("admin")).await.status, 200);
    let missing = "/personal_access_tokens/99999";
    assert_eq!(look(&sandbox, missing, &sandbox.gitlab_token("api")).await.status, 401);
    assert_eq!(look(&sandbox, missing, &sandbox.gitlab_token("admin")).await.status, 404);
}

async fn rotate(sandbox: &Sandbox, token: &str, body: Value) -> Seen {
    let url = format!("{}{SELF}/rotate", sandbox.gitlab_api_url());
    Seen::of(client().post(url).bearer_auth(token).json(&body).send().await.unwrap()).await
}

#[tokio::test]
async fn rotation_kills_the_old_and_keeps_the_rest() {
    let sandbox = at("2026-11-21T12:00:00Z");
    let old = sandbox.gitlab_token("self-rotate");
    let before = look(&sandbox, SELF, &old).await.json();
    let seen = rotate(&sandbox, &old, json!({ "expires_at": "2027-02-01" })).await;
    assert_eq!(seen.status, 200);
    let after = seen.json();
    assert_eq!(after["expires_at"], "2027-02-01");
    assert_eq!((&after["name"], &after["scopes"]), (&before["name"], &before["scopes"]));
    assert_ne!(after["id"], before["id"]);
    let new = sandbox.gitlab_token("self-rotate");
    assert_eq!(after["token"], new.as_str());
    assert!(!sandbox.is_alive_gitlab(&old) && sandbox.is_alive_gitlab(&new));
    let written = sandbox.state()["gitlab"]["writes"][0].clone();
    let path = format!("{SELF}/rotate");
    assert_eq!(written, json!({ "method": "POST", "path": path, "token": "self-rotate", "status": 200 }));
    assert_eq!(rotate(&sandbox, &new, json!({})).await.json()["expires_at"], "2026-11-28");
}

#[tokio::test]
async fn a_refused_rotation_leaves_the_token_alive() {
    let sandbox = at("2026-11-21T12:00:00Z");
    let token = sandbox.gitlab_token("api");
    for wrong in ["2027-11-22", "2026-11-20", "soon"] {
        let refused = rotate(&sandbox, &token, json!({ "expires_at": wrong })).await;
        assert_eq!(refused.status, 400, "{wrong}");
        assert!(sandbox.is_alive_gitlab(&token), "{wrong}");
    }
    let scope = rotate(&sandbox, &sandbox.gitlab_token("read-api"), json!({})).await;
    assert_eq!((scope.status, &scope.json()["scope"]), (403, &json!("api self_rotate")));
}

#[tokio::test]
async fn rotating_with_a_dead_token_kills_the_living_one() {
    let sandbox = Sandbox::start();
    let old = sandbox.gitlab_token("api");
    assert_eq!(rotate(&sandbox, &old, json!({})).await.status, 200);
    let new = sandbox.gitlab_token("api");
    assert_eq!(look(&sandbox, SELF, &old).await.status, 401);
    assert!(sandbox.is_alive_gitlab(&new), "looking does no harm");
    assert_eq!(rotate(&sandbox, &old, json!({})).await.status, 401);
    assert!(!sandbox.is_alive_gitlab(&new), "rotating does");
}

#[tokio::test]
async fn a_token_revokes_itself() {
    let sandbox = Sandbox::start();
    let token = sandbox.gitlab_token("read-api");
    let seen = send("DELETE", &format!("{}{SELF}", sandbox.gitlab_api_url()), &token).await;
    assert_eq!((seen.status, seen.body.as_str()), (204, ""));
    assert!(!sandbox.is_alive_gitlab(&token));
}

#[tokio::test]
async fn lists_have_pages_roles_and_a_base_path() {
    let sandbox = Sandbox::builder().gitlab_base_path("/gitlab").start().unwrap();
    let token = sandbox.gitlab_token("admin");
    assert!(sandbox.gitlab_api_url().ends_with("/gitlab/api/v4"));
    let first = look(&sandbox, "/projects?per_page=2", &token).await;
    assert_eq!(first.header("x-total"), Some("3"));
    assert_eq!(first.header("x-next-page"), Some("2"));
    assert!(first.header("link").unwrap().contains("/gitlab/api/v4/projects?page=2&per_page=2"));
    let public = look(&sandbox, "/projects", "").await.json();
    assert_eq!(public.as_array().unwrap().len(), 1);
    let kept = look(&sandbox, "/groups?min_access_level=40", &sandbox.gitlab_token("developer")).await;
    assert_eq!(kept.json(), json!([]));
    let namespaces = look(&sandbox, "/namespaces?search=home", &sandbox.gitlab_token("api")).await.json();
    assert_eq!((&namespaces[0]["kind"], &namespaces[0]["plan"]), (&json!("group"), &json!("premium")));
    let outside = get(&format!("{}/api/v4/user", sandbox.gitlab_url().replace("/gitlab", "")), "").await;
    assert_eq!((outside.status, outside.header("x-gitlab-meta")), (404, None));
}

#[tokio::test]
async fn a_seed_brings_a_thousand_tokens() {
    let tokens =
        GitlabTokenSeed { name: "bulk".into(), scopes: vec!["api".into()], count: Some(1000), ..Default::default() };
    let seed = Seed { gitlab: GitlabSeed { tokens: vec![tokens], ..Default::default() }, ..Default::default() };
    let sandbox = Sandbox::builder().seed(seed).start().unwrap();
    assert_eq!(look(&sandbox, SELF, &sandbox.gitlab_token("bulk-1000")).await.json()["name"], "bulk-1000");
}

#[test]
fn a_seed_of_a_strangers_token_is_refused() {
    let seed = r#"{ "gitlab": { "tokens": [ { "name": "x", "user": "nobody" } ] } }"#;
    let seed: Seed = serde_json::from_str(seed).unwrap();
    let error = Sandbox::builder().seed(seed).start().unwrap_err();
    assert!(error.to_string().contains("nobody"), "{error}");
}
