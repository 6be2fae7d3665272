//! GitLab's webhooks: made, changed, refused.

use crate::lab::{DASHBOARD, GROUP, ask, delete, get, post, put};
use forge_sandbox::{Sandbox, Tier};
use serde_json::{Value, json};

const SIGNING_TOKEN: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAAAAAAAAA=";

fn hooks() -> String {
    format!("{DASHBOARD}/hooks")
}

fn of_group() -> String {
    format!("/groups/{GROUP}/hooks")
}

#[tokio::test]
async fn a_hook_is_made_changed_and_removed() {
    let sandbox = Sandbox::start();
    let body = json!({
        "url": "https://ci.example/hook", "token": "t", "signing_token": SIGNING_TOKEN, "name": "CI", "push_events": false,
        "merge_requests_events": true, "custom_headers": [{ "key": "X-Key", "value": "v" }],
    });
    let made = post(&sandbox, &hooks(), "api", body.clone()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let hook = made.json();
    for (field, value) in [
        ("url", json!("https://ci.example/hook")),
        ("name", json!("CI")),
        ("project_id", json!(101)),
        ("push_events", json!(false)),
        ("merge_requests_events", json!(true)),
        ("repository_update_events", json!(false)),
        ("enable_ssl_verification", json!(true)),
        ("token_present", json!(true)),
        ("signing_token_present", json!(true)),
        ("custom_headers", json!([{ "key": "X-Key" }])),
        ("url_variables", json!([])),
        ("alert_status", json!("executable")),
        ("disabled_until", Value::Null),
        ("branch_filter_strategy", json!("wildcard")),
        ("subgroup_events", Value::Null),
    ] {
        assert_eq!(hook[field], value, "{field}");
    }
    assert!(!made.body.contains(SIGNING_TOKEN) && hook["token"].is_null(), "secrets never come back");
    let twin = post(&sandbox, &hooks(), "api", body).await.json();
    assert_ne!(twin["id"], hook["id"], "nothing is unique: the same again makes two");

    let one = format!("{}/{}", hooks(), hook["id"]);
    let same =
        put(&sandbox, &one, "api", json!({ "url": "https://ci.example/hook", "push_events": true })).await.json();
    assert_eq!((&same["push_events"], &same["token_present"]), (&json!(true), &json!(true)));
    let moved = put(&sandbox, &one, "api", json!({ "url": "https://new.example/hook" })).await.json();
    assert_eq!((&moved["token_present"], &moved["custom_headers"]), (&json!(false), &json!([])));
    assert_eq!(moved["merge_requests_events"], true, "what is not named stays");
    let token = put(&sandbox, &one, "api", json!({ "url": "https://b.example/hook", "token": "u" })).await.json();
    assert_eq!(token["token_present"], true);
    let nothing = put(&sandbox, &one, "api", json!({})).await;
    assert_eq!((nothing.status, nothing.json()), (400, json!({ "error": "No parameters provided" })));

    assert_eq!(delete(&sandbox, &one, "api").await.status, 204);
    let gone = get(&sandbox, &one, "api").await;
    assert_eq!((gone.status, gone.json()), (404, json!({ "message": "404 Not found" })));
    assert_eq!(get(&sandbox, &hooks(), "api").await.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn variables_and_headers_are_set_one_by_one() {
    let sandbox = Sandbox::start();
    let made = post(&sandbox, &hooks(), "api", json!({ "url": "https://ci.example/{tenant}" })).await.json();
    let one = format!("{}/{}", hooks(), made["id"]);
    for (kind, key) in [("url_variables", "tenant"), ("custom_headers", "X-Tenant")] {
        let path = format!("{one}/{kind}/{key}");
        assert_eq!(put(&sandbox, &path, "api", json!({ "value": "acme" })).await.status, 204);
        assert_eq!(get(&sandbox, &one, "api").await.json()[kind], json!([{ "key": key }]));
        assert_eq!(delete(&sandbox, &path, "api").await.status, 204);
        assert_eq!(delete(&sandbox, &path, "api").await.status, 404);
    }
    let empty = put(&sandbox, &format!("{one}/url_variables/tenant"), "api", json!({})).await;
    assert_eq!((empty.status, empty.json()), (400, json!({ "error": "value is missing" })));
}

#[tokio::test]
async fn what_gitlab_does_not_take_is_refused() {
    let sandbox = Sandbox::builder().block_local_network(true).hook_limit(1).start().unwrap();
    let missing = post(&sandbox, &hooks(), "api", json!({})).await;
    assert_eq!((missing.status, missing.json()), (400, json!({ "error": "url is missing" })));
    let at = |more: Value| {
        let mut body = json!({ "url": "https://ci.example/hook" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (body, told) in [
        (at(json!({ "url": "ftp://ci.example" })), json!({ "error": "Invalid url given" })),
        (at(json!({ "url": "http://127.0.0.1:4000/hook" })), json!({ "error": "Invalid url given" })),
        (at(json!({ "url": "https://10.0.0.7/hook" })), json!({ "error": "Invalid url given" })),
        (at(json!({ "push_events_branch_filter": "a b" })), json!({ "error": "Invalid branch filter given" })),
        (
            at(json!({ "push_events_branch_filter": "(", "branch_filter_strategy": "regex" })),
            json!({ "error": "Invalid branch filter given" }),
        ),
        (
            at(json!({ "signing_token": "whsec_c2hvcnQ=" })),
            json!({ "message": { "signing_token": ["must be a whsec_ prefixed, Base64 encoded 32-byte key"] } }),
        ),
    ] {
        let refused = post(&sandbox, &hooks(), "api", body.clone()).await;
        assert_eq!((refused.status, refused.json()), (422, told), "{body}");
    }
    assert_eq!(get(&sandbox, &hooks(), "api").await.json(), json!([]));
    assert_eq!(post(&sandbox, &hooks(), "api", at(json!({}))).await.status, 201);
    let full = post(&sandbox, &hooks(), "api", at(json!({}))).await;
    let told = json!({ "message": { "base": ["Maximum number of project hooks (1) exceeded"] } });
    assert_eq!((full.status, full.json()), (422, told));
}

#[tokio::test]
async fn older_servers_know_less() {
    let signed = json!({ "url": "https://ci.example/hook", "signing_token": SIGNING_TOKEN, "name": "CI" });
    let old = Sandbox::builder().gitlab_version("16.10").start().unwrap();
    let made = post(&old, &hooks(), "api", signed.clone()).await;
    assert_eq!(made.status, 201, "what it does not know it passes over: {}", made.body);
    for field in ["signing_token_present", "token_present", "name", "custom_headers", "milestone_events"] {
        assert_eq!(made.json()[field], Value::Null, "{field}");
    }
    let one = format!("{}/{}", hooks(), made.json()["id"]);
    for (method, rest) in [("POST", "test/push_events"), ("GET", "events"), ("PUT", "custom_headers/x")] {
        assert_eq!(ask(&old, method, &format!("{one}/{rest}"), "api", json!({})).await.status, 404, "{rest}");
    }

    let off = Sandbox::builder().signing_tokens(false).start().unwrap();
    let made = post(&off, &hooks(), "api", signed).await.json();
    assert_eq!(made["signing_token_present"], false, "switched off, one that is sent is silently ignored");
}

#[tokio::test]
async fn projects_are_for_maintainers_and_groups_for_owners_who_pay() {
    let sandbox = Sandbox::start();
    let body = json!({ "url": "https://ci.example/hook" });
    // Each with what `api` (a maintainer), `read-api`, `developer` and `admin` are told.
    for (method, path, told) in [
        ("POST", hooks(), [201, 403, 403, 201]),
        ("GET", hooks(), [200, 200, 403, 200]),
        ("POST", of_group(), [403, 403, 403, 201]),
        ("GET", of_group(), [403, 403, 403, 200]),
    ] {
        for (token, told) in ["api", "read-api", "developer", "admin"].into_iter().zip(told) {
            let body = if method == "POST" { body.clone() } else { Value::Null };
            assert_eq!(ask(&sandbox, method, &path, token, body).await.status, told, "{token} {method} {path}");
        }
    }
    let of_group_hook = get(&sandbox, &of_group(), "admin").await.json()[0].clone();
    assert_eq!((&of_group_hook["group_id"], &of_group_hook["subgroup_events"]), (&json!(GROUP), &json!(false)));
    assert_eq!(of_group_hook["project_id"], Value::Null);
    sandbox.change_tier(Tier::Free);
    assert_eq!(get(&sandbox, &of_group(), "admin").await.status, 403);
    assert_eq!(get(&sandbox, &hooks(), "api").await.status, 200);
    let community = Sandbox::builder().tier(Tier::Community).start().unwrap();
    assert_eq!(get(&community, &of_group(), "admin").await.json(), json!({ "error": "404 Not Found" }));
}
