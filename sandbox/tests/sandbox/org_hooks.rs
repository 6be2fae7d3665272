//! Webhooks of GitHub's organisations: for their owners, and told of what happens in all their repositories.

use crate::client::{Seen, client};
use crate::listener::Listener;
use forge_sandbox::{GithubSeed, GithubTokenSeed, Sandbox, Seed};
use reqwest::Method;
use serde_json::{Value, json};

const STORE: &str = "agility-game/home-assistant-community-store";

async fn ask(sandbox: &Sandbox, token: &str, method: &str, path: &str, body: Value) -> Seen {
    let url = format!("{}/orgs/agility-game/hooks{path}", sandbox.dotcom_api_url());
    let request = client().request(Method::from_bytes(method.as_bytes()).unwrap(), url);
    let request = request.bearer_auth(sandbox.github_token(token));
    Seen::of(if body.is_null() { request } else { request.json(&body) }.send().await.unwrap()).await
}

async fn get(sandbox: &Sandbox, path: &str) -> Value {
    ask(sandbox, "classic", "GET", path, Value::Null).await.json()
}

fn named(url: &str) -> Value {
    json!({ "name": "web", "config": { "url": url, "content_type": "json", "secret": "s" } })
}

#[tokio::test]
async fn a_hook_of_an_organisation_is_made_changed_and_deleted() {
    let (sandbox, listener) = (Sandbox::start(), Listener::start());
    let made = ask(&sandbox, "classic", "POST", "", named(&listener.url)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let hook = made.json();
    let url = format!("{}/orgs/agility-game/hooks/{}", sandbox.dotcom_api_url(), hook["id"]);
    assert_eq!((made.header("location"), &hook["url"]), (Some(url.as_str()), &json!(url)));
    assert_eq!((&hook["type"], &hook["config"]["secret"]), (&json!("Organization"), &json!("********")));
    assert_eq!((&hook["test_url"], &hook["last_response"]), (&Value::Null, &Value::Null));
    sandbox.settle();
    let ping = listener.last();
    let target = ["type", "id"].map(|name| ping.header(&format!("x-github-hook-installation-target-{name}")).unwrap());
    assert_eq!(target, ["organization", "42000001"]);
    assert_eq!(ping.header("x-github-enterprise-host"), None, "it was made at github.com");
    let told = ping.json();
    assert_eq!((&told["organization"]["login"], &told["hook"]["id"]), (&json!("agility-game"), &hook["id"]));
    assert_eq!((&told["repository"], &told["sender"]["login"]), (&Value::Null, &json!("octocat")));

    let again = ask(&sandbox, "classic", "POST", "", named(&listener.url)).await;
    assert_eq!(again.json()["errors"][0]["message"], "Hook already exists on this organization");
    let nameless = ask(&sandbox, "classic", "POST", "", json!({ "config": { "url": listener.url } })).await;
    assert_eq!(
        (nameless.status, &nameless.json()["message"]),
        (422, &json!("Invalid request.\n\n\"name\" wasn't supplied."))
    );
    let path = format!("/{}", hook["id"]);
    let edited = ask(&sandbox, "classic", "PATCH", &path, json!({ "events": ["team", "push"] })).await.json();
    assert_eq!((&edited["events"], &edited["config"]["secret"]), (&json!(["team", "push"]), &json!("********")));
    let config = ask(&sandbox, "classic", "PATCH", &format!("{path}/config"), json!({ "content_type": "form" })).await;
    assert_eq!((&config.json()["secret"], &config.json()["content_type"]), (&json!("********"), &json!("form")));
    let bare = json!({ "config": { "url": listener.url } });
    let bare = ask(&sandbox, "classic", "PATCH", &path, bare).await.json();
    assert_eq!(bare["config"]["secret"], Value::Null, "a config without a secret takes it away");

    assert_eq!(ask(&sandbox, "classic", "POST", &format!("{path}/tests"), Value::Null).await.status, 404);
    assert_eq!(ask(&sandbox, "classic", "POST", &format!("{path}/pings"), Value::Null).await.status, 204);
    sandbox.settle();
    let listed = get(&sandbox, &format!("{path}/deliveries")).await;
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["repository_id"]), (2, &Value::Null));
    let attempts = format!("{path}/deliveries/{}/attempts", listed[1]["id"]);
    assert_eq!(ask(&sandbox, "classic", "POST", &attempts, Value::Null).await.status, 202);
    sandbox.settle();
    assert_eq!(listener.last().header("x-github-delivery"), listed[1]["guid"].as_str());
    assert_eq!(ask(&sandbox, "classic", "DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(get(&sandbox, "").await, json!([]));
}

#[tokio::test]
async fn it_hears_of_all_repositories() {
    let (sandbox, listener) = (Sandbox::start(), Listener::start());
    let made = ask(&sandbox, "classic", "POST", "", named(&listener.url)).await.json();
    let put = client()
        .put(format!("{}/repos/{STORE}/contents/x", sandbox.dotcom_api_url()))
        .bearer_auth(sandbox.github_token("classic"))
        .json(&json!({ "message": "One", "content": "b25l" }));
    assert_eq!(put.send().await.unwrap().status(), 201);
    sandbox.settle();
    let push = listener.last();
    assert_eq!((push.header("x-github-event"), &push.json()["repository"]["full_name"]), (Some("push"), &json!(STORE)));
    assert!(push.json()["repository"]["url"].as_str().unwrap().starts_with(&sandbox.dotcom_api_url()));
    let listed = get(&sandbox, &format!("/{}/deliveries", made["id"])).await;
    assert!(listed[0]["repository_id"].is_u64(), "{listed}");
}

#[tokio::test]
async fn owners_alone_are_let_in() {
    let fine = |name: &str, level: &str| GithubTokenSeed {
        resource_owner: Some("agility-game".into()),
        ..GithubTokenSeed::fine_grained(name, &[("organization_hooks", level)])
    };
    let scoped = |name: &str, login: Option<&str>, scope: &str| GithubTokenSeed {
        login: login.map(str::to_owned),
        ..GithubTokenSeed::classic(name, &[scope])
    };
    let tokens = vec![
        fine("reads", "read"),
        fine("writes", "write"),
        scoped("of-repositories", None, "admin:repo_hook"),
        scoped("of-a-member", Some("defunkt"), "admin:org_hook"),
    ];
    let github = GithubSeed { tokens, ..Default::default() };
    let sandbox = Sandbox::builder().seed(Seed { github, ..Default::default() }).start().unwrap();
    let made = ask(&sandbox, "classic", "POST", "", named("https://ci.example/hook")).await.json();
    let one = format!("/{}", made["id"]);
    // Each with what `reads`, `writes`, `of-repositories`, `of-a-member` are told.
    let cases = [
        ("GET", String::new(), [200, 200, 404, 404]),
        ("GET", format!("{one}/deliveries"), [200, 200, 404, 404]),
        ("POST", format!("{one}/pings"), [403, 204, 404, 404]),
        ("PATCH", one.clone(), [403, 200, 404, 404]),
        ("DELETE", one.clone(), [403, 204, 404, 404]),
    ];
    for (method, path, told) in cases {
        let tokens = ["reads", "writes", "of-repositories", "of-a-member"];
        for (token, told) in tokens.into_iter().zip(told) {
            let seen = ask(&sandbox, token, method, &path, Value::Null).await;
            assert_eq!(seen.status, told, "{token} {method} {path}");
        }
    }
}

#[tokio::test]
async fn an_app_and_people_do_not_see_each_others() {
    let app = GithubTokenSeed { of_app: true, ..GithubTokenSeed::classic("app", &["admin:org_hook"]) };
    let github = GithubSeed { tokens: vec![app], ..Default::default() };
    let sandbox = Sandbox::builder().seed(Seed { github, ..Default::default() }).start().unwrap();
    for (token, other, url) in [("classic", "app", "https://a.example"), ("app", "classic", "https://b.example")] {
        let made = ask(&sandbox, token, "POST", "", named(url)).await.json();
        let one = format!("/{}", made["id"]);
        assert_eq!(ask(&sandbox, token, "GET", "", Value::Null).await.json().as_array().unwrap().len(), 1);
        assert_eq!(ask(&sandbox, token, "GET", &one, Value::Null).await.status, 200);
        assert_eq!(ask(&sandbox, other, "GET", &one, Value::Null).await.status, 404, "{token}'s, asked for by {other}");
    }
}

#[tokio::test]
async fn github_com_forgets_earlier_than_an_enterprise_server() {
    let (sandbox, listener) = (Sandbox::start(), Listener::start());
    let made = ask(&sandbox, "classic", "POST", "", named(&listener.url)).await.json();
    sandbox.settle();
    let path = format!("orgs/agility-game/hooks/{}/deliveries", made["id"]);
    let listed = async |api: String| {
        let request = client().get(format!("{api}/{path}")).bearer_auth(sandbox.github_token("classic"));
        Seen::of(request.send().await.unwrap()).await.json()
    };
    let delivery = listed(sandbox.dotcom_api_url()).await[0]["id"].clone();
    sandbox.advance(std::time::Duration::from_secs(4 * 86_400));
    assert_eq!(listed(sandbox.dotcom_api_url()).await, json!([]));
    let attempts = format!("/{}/deliveries/{delivery}/attempts", made["id"]);
    assert_eq!(ask(&sandbox, "classic", "POST", &attempts, Value::Null).await.status, 404, "nor can it be sent again");
    assert_eq!(listed(sandbox.github_api_url()).await[0]["id"], delivery);
}

#[tokio::test]
async fn after_a_month_nobody_knows_how_the_last_delivery_went() {
    let (sandbox, listener) = (Sandbox::start(), Listener::start());
    let hooks = format!("{}/repos/{STORE}/hooks", sandbox.dotcom_api_url());
    let request =
        |method: Method, url: &str| client().request(method, url).bearer_auth(sandbox.github_token("classic"));
    let sent = request(Method::POST, &hooks).json(&json!({ "config": { "url": listener.url } })).send().await.unwrap();
    let made = Seen::of(sent).await.json();
    sandbox.settle();
    let url = made["url"].as_str().unwrap();
    let last = async || Seen::of(request(Method::GET, url).send().await.unwrap()).await.json()["last_response"].clone();
    assert_eq!(last().await["code"], 200);
    sandbox.advance(std::time::Duration::from_secs(31 * 86_400));
    assert_eq!(last().await, json!({ "code": null, "status": "unused", "message": null }));
}
