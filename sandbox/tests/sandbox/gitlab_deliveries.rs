//! What GitLab's webhooks hear: signed, logged, tested, sent again, given up.

use std::time::Duration;

use crate::git::{Git, with};
use crate::lab::{DASHBOARD, GROUP, get, post, put};
use crate::listener::{Listener, Taken};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use forge_sandbox::Sandbox;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

const PROJECT: &str = "agility-game/home-assistant/dashboard";
const SIGNING_TOKEN: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAAAAAAAAA=";

/// Makes a hook with these fields, and tells its path.
async fn make(sandbox: &Sandbox, listener: &Listener, more: Value) -> String {
    let mut body = json!({ "url": listener.url });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = post(sandbox, &format!("{DASHBOARD}/hooks"), "api", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    format!("{DASHBOARD}/hooks/{}", made.json()["id"])
}

fn events(listener: &Listener) -> Vec<String> {
    listener.taken().iter().map(|taken| taken.header("x-gitlab-event").unwrap().to_owned()).collect()
}

/// As Standard Webhooks have it.
fn signature(taken: &Taken) -> String {
    let key = STANDARD.decode(SIGNING_TOKEN.trim_start_matches("whsec_")).unwrap();
    let head = format!("{}.{}.", taken.header("webhook-id").unwrap(), taken.header("webhook-timestamp").unwrap());
    let mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    let signed = mac.chain_update(head.as_bytes()).chain_update(&taken.body).finalize().into_bytes();
    format!("v1,{}", STANDARD.encode(signed))
}

#[tokio::test]
async fn a_delivery_is_signed_and_logged() {
    let (sandbox, listener) = (Sandbox::start(), Listener::start());
    let fields = json!({
        "token": "plain", "signing_token": SIGNING_TOKEN, "merge_requests_events": true,
        "custom_headers": [{ "key": "X-Key", "value": "secret" }, { "key": "X-Gitlab-Event", "value": "mine" }],
    });
    let hook = make(&sandbox, &listener, fields).await;
    let emission =
        sandbox.emit_gitlab(PROJECT, "merge_requests", json!({ "object_attributes": { "iid": 7, "title": "🐕" } }));
    let told = emission.wait();
    assert_eq!((told.len(), told[0].status, told[0].said.as_str()), (1, Some(200), "done"));
    let taken = listener.last();
    assert_eq!(taken.header("x-gitlab-event"), Some("Merge Request Hook"), "GitLab's own headers win");
    assert_eq!((taken.header("x-gitlab-token"), taken.header("x-key")), (Some("plain"), Some("secret")));
    assert_eq!(taken.header("x-gitlab-instance"), Some(sandbox.gitlab_url().as_str()));
    assert_eq!(taken.header("user-agent"), Some("GitLab/19.1.1"));
    assert_eq!(taken.header("content-type"), Some("application/json"));
    assert_eq!(taken.header("idempotency-key"), Some(told[0].id.as_str()));
    assert_eq!(taken.header("webhook-id"), taken.header("idempotency-key"));
    assert_eq!(taken.header("webhook-timestamp"), Some(sandbox.now().as_second().to_string().as_str()));
    assert_eq!(taken.header("webhook-signature"), Some(signature(&taken).as_str()));
    for name in ["x-gitlab-webhook-uuid", "x-gitlab-event-uuid"] {
        assert_eq!(taken.header(name).map(str::len), Some(36), "{name}");
    }
    let body = taken.json();
    assert_eq!((&body["object_kind"], &body["object_attributes"]["iid"]), (&json!("merge_request"), &json!(7)));
    assert_eq!(body["project"]["path_with_namespace"], PROJECT);

    let log = get(&sandbox, &format!("{hook}/events"), "api").await;
    let entry = log.json()[0].clone();
    assert_eq!((&entry["trigger"], &entry["response_status"]), (&json!("merge_request_hooks"), &json!("200")));
    assert_eq!((&entry["request_data"], &entry["response_body"]), (&body, &json!("done")));
    let headers = &entry["request_headers"];
    assert_eq!([&headers["X-Gitlab-Token"], &headers["X-Key"]], [&json!("[REDACTED]"); 2]);
    assert!(!log.body.contains("plain") && !log.body.contains("\"secret\""), "{}", log.body);
    sandbox.advance(Duration::from_secs(8 * 86_400));
    assert_eq!(get(&sandbox, &format!("{hook}/events"), "api").await.json(), json!([]));
}

#[tokio::test]
async fn what_git_pushes_hooks_hear_in_the_project_and_above() {
    let Some(git) = Git::find() else { return };
    let (sandbox, here, above, elsewhere) = (Sandbox::start(), Listener::start(), Listener::start(), Listener::start());
    make(&sandbox, &here, json!({ "tag_push_events": true, "push_events_branch_filter": "release/*" })).await;
    make(&sandbox, &elsewhere, json!({ "push_events": false, "issues_events": true })).await;
    let group = post(&sandbox, &format!("/groups/{GROUP}/hooks"), "admin", json!({ "url": above.url })).await;
    assert_eq!(group.status, 201, "{}", group.body);
    let token = sandbox.gitlab_token("api");
    let url = with(&sandbox.gitlab_url(), "x", &token, &format!("{PROJECT}.git"));
    git.run("", &["clone", "-q", &url, "clone"]).unwrap();
    let one = git.commit("clone", "one", "1");
    git.run("clone", &["tag", "v1"]).unwrap();
    git.run("clone", &["push", "-q", "origin", "HEAD:main", "HEAD:release/1.0", "v1"]).unwrap();
    git.run("clone", &["tag", "v2"]).unwrap();
    git.run("clone", &["push", "-q", "origin", ":release/1.0", "v2"]).unwrap();
    sandbox.settle();
    let said = |listener: &Listener| -> Vec<String> {
        listener.taken().iter().map(|it| it.json()["ref"].as_str().unwrap().to_owned()).collect()
    };
    let mut heard = said(&here);
    heard.sort();
    assert_eq!(heard, ["refs/heads/release/1.0", "refs/heads/release/1.0", "refs/tags/v1", "refs/tags/v2"]);
    let mut heard = said(&above);
    heard.sort();
    assert_eq!(heard, ["refs/heads/main", "refs/heads/release/1.0", "refs/heads/release/1.0"]);
    assert_eq!(elsewhere.taken().len(), 0);
    let main = above.taken().into_iter().find(|it| it.json()["ref"] == "refs/heads/main").unwrap();
    assert_eq!((&main.json()["after"], &main.json()["user_username"]), (&json!(one), &json!("maintainer")));
    assert_eq!(main.json()["commits"][0]["added"], json!(["one"]));
    let shared = |listener: &Listener, name: &str| {
        let found = listener.taken().into_iter().find(|it| it.json()["ref"] == "refs/heads/release/1.0").unwrap();
        found.header(name).unwrap().to_owned()
    };
    assert_eq!(shared(&here, "x-gitlab-event-uuid"), shared(&above, "x-gitlab-event-uuid"));
    assert_ne!(shared(&here, "x-gitlab-webhook-uuid"), shared(&above, "x-gitlab-webhook-uuid"));
}

#[tokio::test]
async fn a_test_tells_what_the_receiver_said() {
    let (sandbox, listener) = (Sandbox::start(), Listener::start());
    let hook = make(&sandbox, &listener, json!({})).await;
    let test = async |trigger: &str| post(&sandbox, &format!("{hook}/test/{trigger}"), "api", Value::Null).await;
    for trigger in ["push_events", "issues_events"] {
        let tested = test(trigger).await;
        assert_eq!((tested.status, tested.json()), (201, json!({ "message": "201 Created" })), "{trigger}");
    }
    assert_eq!(events(&listener), ["Push Hook", "Issue Hook"], "what it does not subscribe to, too");
    let wrong = test("nonsense").await;
    assert_eq!((wrong.status, wrong.json()), (400, json!({ "error": "trigger does not have a valid value" })));
    listener.answer("503 Service Unavailable", "");
    let failed = test("push_events").await;
    assert_eq!((failed.status, failed.json()), (422, json!({ "message": "done" })));
    listener.answer("200 OK", "");
    assert_eq!(test("note_events").await.status, 201);
    assert_eq!(test("releases_events").await.status, 201);
    let too_many = test("push_events").await;
    assert_eq!(too_many.status, 429);
    assert_eq!(
        too_many.json()["message"]["error"],
        "This endpoint has been requested too many times. Try again later."
    );
    sandbox.advance(Duration::from_secs(60));
    assert_eq!(test("push_events").await.status, 201);
}

#[tokio::test]
async fn what_failed_is_found_and_sent_again() {
    let (sandbox, listener) = (Sandbox::start(), Listener::start());
    let hook = make(&sandbox, &listener, json!({ "issues_events": true })).await;
    for (status, iid) in [("500 Oops", 1), ("404 Gone", 2), ("200 OK", 3)] {
        listener.answer(status, "");
        assert_eq!(sandbox.emit_gitlab(PROJECT, "issues", json!({ "number": iid })).wait().len(), 1);
    }
    let listed = async |query: &str| -> Vec<String> {
        let log = get(&sandbox, &format!("{hook}/events?{query}"), "api").await;
        assert_eq!(log.status, 200, "{}", log.body);
        let log = log.json();
        log.as_array().unwrap().iter().map(|it| it["response_status"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(listed("").await, ["200", "404", "500"]);
    assert_eq!(listed("status=server_failure").await, ["500"]);
    assert_eq!(listed("status=client_failure").await, ["404"]);
    assert_eq!(listed("status=successful").await, ["200"]);
    assert_eq!(listed("status=404").await, ["404"]);
    assert_eq!(listed("per_page=1&page=3").await, ["500"]);
    let odd = get(&sandbox, &format!("{hook}/events?status=bad"), "api").await;
    assert_eq!((odd.status, odd.json()), (400, json!({ "error": "status does not have a valid value" })));

    let first = listener.taken()[0].clone();
    let failed = get(&sandbox, &format!("{hook}/events?status=500"), "api").await.json()[0]["id"].clone();
    let again = post(&sandbox, &format!("{hook}/events/{failed}/resend"), "api", Value::Null).await;
    assert_eq!((again.status, again.json()), (201, json!({ "response_status": 200 })));
    let resent = listener.last();
    assert_eq!(resent.header("idempotency-key"), first.header("idempotency-key"), "the same key, the same body");
    assert_eq!(resent.body, first.body);
    assert_eq!(post(&sandbox, &format!("{hook}/events/1/resend"), "api", Value::Null).await.status, 404);
    put(&sandbox, &hook, "api", json!({ "url": format!("{}?moved", listener.url) })).await.json();
    let moved = post(&sandbox, &format!("{hook}/events/{failed}/resend"), "api", Value::Null).await;
    assert_eq!(moved.status, 422, "{}", moved.body);
}

#[tokio::test]
async fn a_hook_that_fails_is_put_off_given_up_and_revived() {
    let sandbox = Sandbox::builder().auto_disable_hooks(true).start().unwrap();
    let listener = Listener::start();
    let hook = make(&sandbox, &listener, json!({ "issues_events": true })).await;
    listener.answer("500 Oops", "");
    let fail = |times: usize| {
        for _ in 0..times {
            assert_eq!(sandbox.emit_gitlab(PROJECT, "issues", Value::Null).wait().len(), 1);
        }
    };
    let status = async || {
        let hook = get(&sandbox, &hook, "api").await.json();
        (hook["alert_status"].as_str().unwrap().to_owned(), hook["disabled_until"].clone())
    };
    fail(3);
    assert_eq!(status().await, ("executable".to_owned(), Value::Null));
    fail(1);
    let (alert, until) = status().await;
    assert_eq!(alert, "temporarily_disabled");
    let until: jiff::Timestamp = until.as_str().unwrap().parse().unwrap();
    assert_eq!(
        until.duration_since(sandbox.now()).as_secs().clamp(59, 60),
        until.duration_since(sandbox.now()).as_secs()
    );
    assert!(sandbox.emit_gitlab(PROJECT, "issues", Value::Null).is_empty(), "it is told nothing meanwhile");
    for _ in 4..40 {
        sandbox.advance(Duration::from_secs(86_401));
        fail(1);
    }
    assert_eq!(status().await.0, "disabled");
    sandbox.advance(Duration::from_secs(30 * 86_400));
    assert_eq!(status().await, ("disabled".to_owned(), Value::Null));

    let test = format!("{hook}/test/push_events");
    assert_eq!(post(&sandbox, &test, "api", Value::Null).await.status, 422);
    assert_eq!(status().await.0, "disabled");
    listener.answer("200 OK", "");
    assert_eq!(post(&sandbox, &test, "api", Value::Null).await.status, 201);
    assert_eq!(status().await.0, "executable");
    assert_eq!(sandbox.emit_gitlab(PROJECT, "issues", Value::Null).wait()[0].status, Some(200));
}

#[tokio::test]
async fn a_repeated_job_keeps_its_key() {
    let sandbox = Sandbox::builder().hook_retries(2).start().unwrap();
    let listener = Listener::start();
    let hook = make(&sandbox, &listener, json!({})).await;
    listener.answer("502 Bad Gateway", "");
    let told = sandbox.emit_gitlab(PROJECT, "push", Value::Null).wait();
    assert_eq!(told.iter().map(|it| it.status).collect::<Vec<_>>(), [Some(502); 3]);
    let keys: Vec<Taken> = listener.taken();
    assert!(keys.iter().all(|it| it.header("idempotency-key") == keys[0].header("idempotency-key")));
    let log = get(&sandbox, &format!("{hook}/events"), "api").await.json();
    assert_eq!(log.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn nobody_at_the_other_end_is_an_internal_error() {
    let (sandbox, listener) = (Sandbox::start(), Listener::start());
    let hook = make(&sandbox, &listener, json!({ "url": "https://ci.example/{key}" })).await;
    let told = sandbox.emit_gitlab(PROJECT, "push", Value::Null).wait();
    assert_eq!((told[0].status, told[0].said.as_str()), (None, "Failed to open TCP connection (Connection refused)"));
    let log = get(&sandbox, &format!("{hook}/events?status=server_failure"), "api").await.json();
    assert_eq!(log[0]["response_status"], "internal error");
    let tested = post(&sandbox, &format!("{hook}/test/push_events"), "api", Value::Null).await;
    assert_eq!(tested.json()["message"], "Failed to open TCP connection (Connection refused)");
    let put_in = format!("{}/{{key}}", listener.url);
    put(&sandbox, &hook, "api", json!({ "url": put_in, "url_variables": [{ "key": "key", "value": "s3cret" }] }))
        .await
        .json();
    assert_eq!(sandbox.emit_gitlab(PROJECT, "push", Value::Null).wait()[0].status, Some(200));
    assert_eq!(listener.last().line, "POST /hook/s3cret HTTP/1.1");
    let log = get(&sandbox, &format!("{hook}/events?status=200"), "api").await;
    assert!(!log.body.contains("s3cret") && log.json()[0]["url"] == put_in, "{}", log.body);
}

#[tokio::test]
async fn certificates_are_looked_at_unless_told_otherwise() {
    let expired = Sandbox::builder().expired_certificate(true).start().unwrap();
    let sandbox = Sandbox::start();
    let url = format!("{}/nothing-here", expired.github_url());
    let made = post(&sandbox, &format!("{DASHBOARD}/hooks"), "api", json!({ "url": url })).await.json();
    let hook = format!("{DASHBOARD}/hooks/{}", made["id"]);
    let deliver = || sandbox.emit_gitlab(PROJECT, "push", Value::Null).wait().remove(0);
    let refused = deliver();
    assert!(refused.status.is_none() && refused.said.ends_with("certificate verify failed"), "{refused:?}");
    put(&sandbox, &hook, "api", json!({ "enable_ssl_verification": false })).await.json();
    assert_eq!(deliver().status, Some(404));
}
