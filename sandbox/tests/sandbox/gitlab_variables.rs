//! CI/CD variables of GitLab projects.

use forge_sandbox::Sandbox;
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
