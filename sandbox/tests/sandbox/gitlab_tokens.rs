//! Access tokens of GitLab projects, and rotation by number.

use std::time::Duration;

use forge_sandbox::{GitlabSeed, GitlabTokenSeed, Sandbox, Seed};
use serde_json::{Value, json};

use crate::client::get as get_url;
use crate::lab::{DASHBOARD, delete, get, post, project};

const PATH: &str = "agility-game/home-assistant/dashboard";

fn tokens() -> String {
    format!("{DASHBOARD}/access_tokens")
}

fn at_noon() -> Sandbox {
    Sandbox::builder().now("2026-11-21T12:00:00Z".parse().unwrap()).start().unwrap()
}

fn wanted(name: &str) -> Value {
    json!({ "name": name, "scopes": ["api"], "expires_at": "2027-11-21" })
}

#[tokio::test]
async fn a_projects_token_has_a_bot_that_is_a_member() {
    let sandbox = at_noon();
    let made = post(&sandbox, &tokens(), "api", wanted("webhook")).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.json();
    assert_eq!((&made["access_level"], &made["expires_at"]), (&json!(40), &json!("2027-11-21")));
    assert_eq!(made["token"], sandbox.gitlab_token("webhook").as_str());
    let bot = get(&sandbox, "/user", "webhook").await.json();
    assert_eq!((&bot["bot"], &bot["id"]), (&json!(true), &made["user_id"]));
    assert!(bot["username"].as_str().unwrap().starts_with("project_101_bot_"));
    let member = get(&sandbox, &format!("{DASHBOARD}/members/all/{}", bot["id"]), "api").await.json();
    assert_eq!(member["access_level"], 40);
    assert_eq!(get(&sandbox, "/personal_access_tokens/self", "webhook").await.json()["id"], made["id"]);

    let listed = get(&sandbox, &format!("{}?state=active&search=web", tokens()), "api").await.json();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["id"]), (1, &made["id"]));
    assert_eq!(listed[0].get("token"), None);
    let shown = get(&sandbox, &format!("{}/{}", tokens(), made["id"]), "api").await.json();
    assert_eq!(shown["name"], "webhook");
    let state = project(&sandbox, PATH)["access_tokens"].clone();
    assert_eq!((&state[1]["name"], &state[1]["revoked"]), (&json!("webhook"), &json!(false)));

    let gone = delete(&sandbox, &format!("{}/{}", tokens(), made["id"]), "api").await;
    assert_eq!((gone.status, gone.body.as_str()), (204, ""));
    assert!(!sandbox.is_alive_gitlab("webhook"));
    let absent = delete(&sandbox, &format!("{}/99999", tokens()), "api").await;
    assert_eq!((absent.status, absent.json()["message"].clone()), (404, json!("404 project Access Token Not Found")));
}

#[tokio::test]
async fn a_token_that_cannot_be_made_is_told_why() {
    let sandbox = at_noon();
    let refused = async |token: &str, body: Value| post(&sandbox, &tokens(), token, body).await;
    let missing = refused("api", json!({})).await;
    assert_eq!(missing.json(), json!({ "error": "name is missing, scopes is missing" }));
    let wrong = json!({ "name": "x", "scopes": ["api", "sudo"], "access_level": 45 });
    let wrong = refused("api", wrong).await.json();
    let said = "scopes does not have a valid value, access_level does not have a valid value";
    assert_eq!(wrong, json!({ "error": said }));
    let late = refused("api", json!({ "name": "x", "scopes": ["api"], "expires_at": "2027-11-22" })).await;
    assert_eq!(late.json()["message"], "400 Bad request - Expiration date must be before 2027-11-21");
    let mut high = wanted("x");
    high["access_level"] = json!(50);
    let high = refused("api", high).await;
    assert!(high.body.contains("permissions not held by the creating user"), "{}", high.body);
    let may_not = "400 Bad request - User does not have permission to create project access token";
    for token in ["developer", "project-bot"] {
        let refused = refused(token, wanted("x")).await;
        assert_eq!((refused.status, &refused.json()["message"]), (400, &json!(may_not)), "{token}");
    }
    assert_eq!(get(&sandbox, &tokens(), "developer").await.status, 401);
    let off = Sandbox::builder().project_tokens(false).start().unwrap();
    let refused = post(&off, &tokens(), "api", json!({ "name": "x", "scopes": ["api"] })).await;
    assert_eq!((refused.status, &refused.json()["message"]), (400, &json!(may_not)));

    let undated = json!({ "name": "undated", "scopes": ["api"] });
    let made = post(&sandbox, &tokens(), "api", undated.clone()).await.json();
    assert_eq!(made["expires_at"], "2027-11-21");
    let older = Sandbox::builder().gitlab_version("17.11.7").start().unwrap();
    let refused = post(&older, &tokens(), "api", undated).await;
    assert_eq!(refused.json(), json!({ "error": "expires_at is missing" }));
}

#[tokio::test]
async fn a_projects_token_is_rotated_by_its_keeper_or_itself() {
    let sandbox = at_noon();
    let made = post(&sandbox, &tokens(), "api", wanted("webhook")).await.json();
    let old = sandbox.gitlab_token("webhook");
    let path = format!("{}/{}/rotate", tokens(), made["id"]);
    let expires = json!({ "expires_at": "2027-01-01" });
    assert_eq!(post(&sandbox, &path, "project-bot", expires.clone()).await.status, 401);
    assert_eq!(post(&sandbox, &path, "developer", expires.clone()).await.status, 401);
    let rotated = post(&sandbox, &path, "api", expires).await;
    assert_eq!((rotated.status, &rotated.json()["expires_at"]), (200, &json!("2027-01-01")));
    assert_eq!(rotated.json()["access_level"], 40);
    assert!(!sandbox.is_alive_gitlab(&old));

    let own = format!("{}/self/rotate", tokens());
    let rotated = post(&sandbox, &own, "webhook", Value::Null).await;
    assert_eq!((rotated.status, &rotated.json()["expires_at"]), (200, &json!("2026-11-28")));
    assert_eq!(post(&sandbox, &own, "api", Value::Null).await.status, 405);
    let again = get_url(&format!("{}{}", sandbox.gitlab_api_url(), "/user"), &old).await;
    assert_eq!(again.status, 401);
    assert!(sandbox.is_alive_gitlab("webhook"), "looking with a dead one does no harm");
    sandbox.advance(Duration::from_secs(86_400 * 8));
    assert!(!sandbox.is_alive_gitlab("webhook"));
}

#[tokio::test]
async fn tokens_are_rotated_by_number_before_they_could_by_themselves() {
    let sandbox = Sandbox::builder().gitlab_version("16.8").start().unwrap();
    let own = post(&sandbox, "/personal_access_tokens/self/rotate", "api", Value::Null).await;
    assert_eq!((own.status, own.json()), (400, json!({ "error": "id is invalid" })));
    let id = get(&sandbox, "/personal_access_tokens/self", "api").await.json()["id"].clone();
    let path = format!("/personal_access_tokens/{id}/rotate");
    assert_eq!(post(&sandbox, &path, "developer", Value::Null).await.status, 401);
    let rotated = post(&sandbox, &path, "api", Value::Null).await;
    assert_eq!(rotated.status, 200);
    assert_eq!(rotated.json()["token"], sandbox.gitlab_token("api").as_str());
}

#[tokio::test]
async fn a_fine_grained_token_needs_the_permission() {
    let granted = ["Resource Access Token: Create", "Resource Access Token: Read"];
    let tokens_of = |name: &str, granted: &[&str]| GitlabTokenSeed::granular(name, granted);
    let gitlab = GitlabSeed {
        tokens: vec![tokens_of("may", &granted), tokens_of("may-not", &["Project: Read"])],
        ..Default::default()
    };
    let sandbox = Sandbox::builder().seed(Seed { gitlab, ..Default::default() }).start().unwrap();
    let body = json!({ "name": "hook", "scopes": ["api"] });
    assert_eq!(post(&sandbox, &tokens(), "may", body.clone()).await.status, 201);
    let refused = post(&sandbox, &tokens(), "may-not", body).await;
    assert!(refused.body.contains("[Resource Access Token: Create]"), "{}", refused.body);
}
