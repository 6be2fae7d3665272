//! CI/CD variables of GitLab projects.

use forge_sandbox::{GitlabGroupSeed, GitlabSeed, GitlabTokenSeed, GitlabUserSeed, Sandbox, Seed, Tier};
use serde_json::{Value, json};

use crate::lab::{DASHBOARD, delete, get, post, project, put};

fn variables() -> String {
    format!("{DASHBOARD}/variables")
}

fn token() -> String {
    format!("{}/TOKEN", variables())
}

#[tokio::test]
async fn a_variable_is_made_read_changed_and_removed() {
    let sandbox = Sandbox::start();
    let body = json!({ "key": "TOKEN", "value": "ghp_0123456789", "masked": true, "protected": true });
    let made = post(&sandbox, &variables(), "api", body).await;
    assert_eq!(made.status, 201);
    let whole = json!({
        "variable_type": "env_var", "key": "TOKEN", "value": "ghp_0123456789", "protected": true, "masked": true,
        "hidden": false, "raw": false, "environment_scope": "*", "description": null,
    });
    assert_eq!(made.json(), whole);
    assert_eq!(get(&sandbox, &token(), "api").await.json(), whole);
    let changed = put(&sandbox, &token(), "api", json!({ "value": "ghp_abcdefghij" })).await.json();
    assert_eq!((&changed["value"], &changed["masked"]), (&json!("ghp_abcdefghij"), &json!(true)));
    assert_eq!(project(&sandbox, "agility-game/home-assistant/dashboard")["variables"][0]["value"], "ghp_abcdefghij");
    assert_eq!(get(&sandbox, &variables(), "api").await.json(), json!([changed]));
    assert_eq!(get(&sandbox, &variables(), "developer").await.status, 403);
    assert_eq!(delete(&sandbox, &token(), "api").await.status, 204);
    let gone = get(&sandbox, &token(), "api").await;
    assert_eq!((gone.status, gone.json()), (404, json!({ "message": "404 Variable Not Found" })));
}

#[tokio::test]
async fn a_key_is_found_by_its_environment() {
    let sandbox = Sandbox::start();
    for scope in ["production", "staging"] {
        let body = json!({ "key": "TOKEN", "value": scope, "environment_scope": scope });
        assert_eq!(post(&sandbox, &variables(), "api", body).await.status, 201);
    }
    assert_eq!(get(&sandbox, &token(), "api").await.status, 409);
    let narrow = |scope: &str| format!("{}?filter[environment_scope]={scope}", token());
    assert_eq!(get(&sandbox, &narrow("staging"), "api").await.json()["value"], "staging");
    let body = json!({ "value": "new", "filter": { "environment_scope": "production" } });
    assert_eq!(put(&sandbox, &token(), "api", body).await.json()["environment_scope"], "production");
    assert_eq!(delete(&sandbox, &narrow("staging"), "api").await.status, 204);
    assert_eq!(get(&sandbox, &token(), "api").await.json()["value"], "new");
}

#[tokio::test]
async fn a_variable_that_cannot_be_is_told_why() {
    let sandbox = Sandbox::start();
    let make = async |body: Value| post(&sandbox, &variables(), "api", body).await.json();
    assert_eq!(make(json!({})).await, json!({ "error": "key is missing, value is missing" }));
    make(json!({ "key": "TOKEN", "value": "x" })).await;
    let again = make(json!({ "key": "TOKEN", "value": "y" })).await;
    assert_eq!(again, json!({ "message": { "key": ["(TOKEN) has already been taken"] } }));
    let short = make(json!({ "key": "SHORT", "value": "x", "masked": true })).await;
    assert_eq!(short, json!({ "message": { "value": ["is invalid"] } }));
    let key = make(json!({ "key": "a-b", "value": "x" })).await;
    assert_eq!(key["message"]["key"][0], "can contain only letters, digits and '_'.");
    let kind = make(json!({ "key": "KIND", "value": "x", "variable_type": "secret" })).await;
    assert_eq!(kind, json!({ "error": "variable_type does not have a valid value" }));
    let hidden = make(json!({ "key": "HIDDEN", "value": "0123456789", "masked_and_hidden": true })).await;
    assert_eq!((&hidden["value"], &hidden["hidden"]), (&Value::Null, &json!(true)));
}

const OF_GROUP: &str = "/groups/agility-game%2Fhome-assistant/variables";
const OF_INSTANCE: &str = "/admin/ci/variables";

/// One who owns the group.
fn with_owner() -> Sandbox {
    let user = GitlabUserSeed { username: "olga".into(), ..Default::default() };
    let members = [("olga".to_owned(), 50)].into();
    let group = GitlabGroupSeed { path: "acme".into(), members, ..Default::default() };
    let token = GitlabTokenSeed { user: Some("olga".into()), ..GitlabTokenSeed::classic("owner", &["api"]) };
    let gitlab = GitlabSeed { users: vec![user], groups: vec![group], tokens: vec![token], ..Default::default() };
    Sandbox::builder().seed(Seed { gitlab, ..Default::default() }).start().unwrap()
}

#[tokio::test]
async fn a_groups_variables_are_its_owners() {
    let sandbox = with_owner();
    let body =
        json!({ "key": "TOKEN", "value": "glpat-0123456789", "masked": true, "environment_scope": "production" });
    assert_eq!(post(&sandbox, OF_GROUP, "api", body.clone()).await.status, 403, "a maintainer does not own it");
    assert_eq!(post(&sandbox, "/groups/acme/variables", "api", body.clone()).await.status, 404);
    let made = post(&sandbox, "/groups/acme/variables", "owner", body.clone()).await;
    assert_eq!((made.status, &made.json()["environment_scope"]), (201, &json!("production")));
    let again = post(&sandbox, "/groups/acme/variables", "owner", body).await;
    assert_eq!(again.json(), json!({ "message": { "key": ["(TOKEN) has already been taken"] } }));
    let hidden = json!({ "key": "TOKEN", "value": "0123456789", "masked_and_hidden": true });
    assert_eq!(post(&sandbox, "/groups/acme/variables", "owner", hidden).await.json()["value"], Value::Null);
    let token = "/groups/acme/variables/TOKEN";
    assert_eq!(get(&sandbox, token, "owner").await.status, 409);
    let narrow = format!("{token}?filter[environment_scope]=production");
    let changed = put(&sandbox, &narrow, "owner", json!({ "value": "glpat-abcdefghij" })).await.json();
    assert_eq!((&changed["value"], &changed["masked"]), (&json!("glpat-abcdefghij"), &json!(true)));
    let everywhere = format!("{token}?filter[environment_scope]=*");
    let shown = put(&sandbox, &everywhere, "owner", json!({ "masked": false })).await;
    assert!(shown.status == 400 && shown.body.contains("masked and hidden variables"), "{}", shown.body);
    assert_eq!(delete(&sandbox, &everywhere, "owner").await.status, 204);
    let state = sandbox.state();
    let group = state["gitlab"]["groups"].as_array().unwrap().iter().find(|it| it["full_path"] == "acme").unwrap();
    assert_eq!(group["variables"].as_array().unwrap().len(), 1);
    let gone = get(&sandbox, "/groups/acme/variables/NONE", "owner").await;
    assert_eq!((gone.status, gone.json()), (404, json!({ "message": "404 GroupVariable Not Found" })));
    sandbox.change_tier(Tier::Free);
    let body = json!({ "key": "FREE", "value": "x", "environment_scope": "production" });
    let free = post(&sandbox, "/groups/acme/variables", "owner", body).await.json();
    assert_eq!(free["environment_scope"], "*", "scopes of groups take a licence");
}

#[tokio::test]
async fn the_instances_variables_are_its_administrators() {
    let sandbox = Sandbox::start();
    let body = json!({ "key": "TOKEN", "value": "glpat-0123456789", "protected": true, "environment_scope": "x" });
    assert_eq!(post(&sandbox, OF_INSTANCE, "api", body.clone()).await.status, 403);
    assert_eq!(get(&sandbox, OF_INSTANCE, "").await.status, 401);
    let made = post(&sandbox, OF_INSTANCE, "admin", body).await;
    let whole = json!({
        "variable_type": "env_var", "key": "TOKEN", "value": "glpat-0123456789", "protected": true, "masked": false,
        "raw": false, "description": null,
    });
    assert_eq!((made.status, made.json()), (201, whole));
    let again = post(&sandbox, OF_INSTANCE, "admin", json!({ "key": "TOKEN", "value": "x" })).await;
    assert_eq!(again.json(), json!({ "message": { "key": ["(TOKEN) has already been taken"] } }));
    let long = put(&sandbox, &format!("{OF_INSTANCE}/TOKEN"), "admin", json!({ "value": "x".repeat(10_001) })).await;
    let said = "The value of the provided variable exceeds the 10000 character limit";
    assert_eq!(long.json(), json!({ "message": { "value": [said] } }));
    let changed = put(&sandbox, &format!("{OF_INSTANCE}/TOKEN"), "admin", json!({ "value": "new" })).await.json();
    assert_eq!((&changed["value"], &changed["protected"]), (&json!("new"), &json!(true)));
    assert_eq!(sandbox.state()["gitlab"]["variables"][0]["value"], "new");
    assert_eq!(delete(&sandbox, &format!("{OF_INSTANCE}/TOKEN"), "admin").await.status, 204);
    let gone = get(&sandbox, &format!("{OF_INSTANCE}/TOKEN"), "admin").await;
    assert_eq!((gone.status, gone.json()), (404, json!({ "message": "404 InstanceVariable Not Found" })));
}

#[tokio::test]
async fn what_is_raw_may_be_masked_with_stranger_letters() {
    let sandbox = Sandbox::start();
    let make = async |body: Value| post(&sandbox, &variables(), "api", body).await.status;
    let strange = "with$ign&more";
    assert_eq!(make(json!({ "key": "A", "value": strange, "masked": true })).await, 400);
    assert_eq!(make(json!({ "key": "A", "value": strange, "masked": true, "raw": true })).await, 201);
    assert_eq!(make(json!({ "key": "B", "value": "two words here", "masked": true, "raw": true })).await, 400);
    assert_eq!(make(json!({ "key": "C", "value": "glpat-AAEC_w~.01.0y", "masked": true })).await, 201);
}
