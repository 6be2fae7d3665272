//! GitHub's webhooks: made, changed, refused; and what they hear.

use crate::client::{Seen, client};
use crate::git::{Git, with};
use crate::listener::Listener;
use forge_sandbox::{GithubSeed, GithubTokenSeed, Sandbox, Seed};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

const STORE: &str = "agility-game/home-assistant-community-store";

async fn ask(sandbox: &Sandbox, token: &str, method: &str, path: &str, body: Value) -> Seen {
    let url = format!("{}/repos/{STORE}/hooks{path}", sandbox.github_api_url());
    ask_at(sandbox, token, method, &url, body).await
}

async fn ask_at(sandbox: &Sandbox, token: &str, method: &str, url: &str, body: Value) -> Seen {
    let request = client().request(Method::from_bytes(method.as_bytes()).unwrap(), url);
    let request = request.bearer_auth(sandbox.github_token(token));
    Seen::of(if body.is_null() { request } else { request.json(&body) }.send().await.unwrap()).await
}

/// Makes a hook and tells its number.
async fn make(sandbox: &Sandbox, body: Value) -> u64 {
    let made = ask(sandbox, "classic", "POST", "", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.json()["id"].as_u64().unwrap()
}

fn message(seen: &Seen) -> String {
    seen.json()["errors"][0]["message"].as_str().unwrap_or_default().to_owned()
}

fn signature(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(body);
    let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

#[tokio::test]
async fn a_hook_is_made_changed_and_deleted() {
    let sandbox = Sandbox::start();
    let body = json!({ "config": { "url": "https://ci.example/hook?private_token=x", "secret": "s" } });
    let made = ask(&sandbox, "classic", "POST", "", body.clone()).await;
    let hook = made.json();
    assert_eq!(made.header("location"), hook["url"].as_str());
    assert_eq!((&hook["events"], &hook["active"]), (&json!(["push"]), &json!(true)));
    let config = json!({
        "url": "https://ci.example/hook?private_token=x", "content_type": "form", "insecure_ssl": "0", "secret": "********",
    });
    assert_eq!(hook["config"], config);
    let again = ask(&sandbox, "classic", "POST", "", body.clone()).await;
    assert_eq!((again.status, message(&again).as_str()), (422, "Hook already exists on this repository"));
    let mut other = body;
    other["events"] = json!(["issues"]);
    make(&sandbox, other).await;

    let path = format!("/{}", hook["id"]);
    let kept =
        ask(&sandbox, "classic", "PATCH", &format!("{path}/config"), json!({ "content_type": "json" })).await.json();
    assert_eq!((&kept["secret"], &kept["content_type"]), (&json!("********"), &json!("json")));
    let edit = json!({ "add_events": ["pull_request"], "remove_events": ["push"], "active": false });
    let edited = ask(&sandbox, "classic", "PATCH", &path, edit).await.json();
    assert_eq!((&edited["events"], &edited["active"]), (&json!(["pull_request"]), &json!(false)));
    assert_eq!(edited["config"]["secret"], "********");
    let url = json!({ "config": { "url": "https://new.example", "content_type": "json", "insecure_ssl": 1 } });
    let edited = ask(&sandbox, "classic", "PATCH", &path, url).await.json();
    let config = json!({ "url": "https://new.example", "content_type": "json", "insecure_ssl": "1" });
    assert_eq!(edited["config"], config, "a config without a secret takes it away");
    assert_eq!(ask(&sandbox, "classic", "DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(ask(&sandbox, "classic", "GET", &path, Value::Null).await.status, 404);
}

#[tokio::test]
async fn what_github_refuses_is_refused() {
    let sandbox = Sandbox::builder().hook_limit(2).refuse_local_hooks(true).start().unwrap();
    let post = async |body: Value| ask(&sandbox, "classic", "POST", "", body).await;
    let at = |url: &str| json!({ "config": { "url": url } });
    for (body, words) in [
        (json!({}), "Config must contain URL for webhooks"),
        (at("nonsense"), "The URL you've entered is not valid. Please make sure the URL includes a scheme."),
        (
            at("http://localhost/x"),
            "url is not supported because it isn't reachable over the public Internet (localhost)",
        ),
        (
            json!({ "config": { "url": "https://a.example" }, "events": ["push", "nonsense"] }),
            "These events are not allowed for this hook: nonsense",
        ),
    ] {
        let refused = post(body).await;
        assert_eq!((refused.status, message(&refused).as_str()), (422, words));
    }
    let named = post(json!({ "name": "cli", "config": { "url": "https://a.example" } })).await.json();
    assert_eq!((&named["errors"][0]["field"], &named["errors"][0]["code"]), (&json!("name"), &json!("invalid")));
    for url in ["https://a.example", "https://b.example"] {
        assert_eq!(post(at(url)).await.status, 201);
    }
    assert_eq!(message(&post(at("https://c.example")).await), "The \"push\" event cannot have more than 2 hooks");
}

#[tokio::test]
async fn each_route_asks_for_its_right() {
    let fine = |name: &str, level: &str| GithubTokenSeed {
        resource_owner: Some("agility-game".into()),
        ..GithubTokenSeed::fine_grained(name, &[("repository_hooks", level)])
    };
    let tokens = vec![
        fine("reads", "read"),
        fine("writes", "write"),
        GithubTokenSeed::classic("read-hook", &["read:repo_hook"]),
        GithubTokenSeed::classic("write-hook", &["write:repo_hook"]),
        GithubTokenSeed::classic("admin-hook", &["admin:repo_hook"]),
    ];
    let github = GithubSeed { tokens, ..Default::default() };
    let sandbox = Sandbox::builder().seed(Seed { github, ..Default::default() }).start().unwrap();
    let id = make(&sandbox, json!({ "config": { "url": "https://ci.example/hook" } })).await;
    // Each with what `reads`, `writes`, `read-hook`, `write-hook`, `admin-hook`, `collaborator` are told.
    let cases = [
        ("GET", "", [200, 200, 200, 200, 200, 404]),
        ("GET", "/config", [200, 200, 200, 200, 200, 404]),
        ("POST", "/pings", [204, 204, 204, 204, 204, 404]),
        ("POST", "/tests", [204, 204, 204, 204, 204, 404]),
        ("GET", "/deliveries", [200, 200, 200, 200, 200, 404]),
        ("PATCH", "", [403, 200, 404, 200, 200, 404]),
        ("PATCH", "/config", [403, 200, 404, 200, 200, 404]),
        ("DELETE", "", [403, 204, 404, 404, 404, 404]),
    ];
    for (method, rest, told) in cases {
        for (token, told) in
            ["reads", "writes", "read-hook", "write-hook", "admin-hook", "collaborator"].into_iter().zip(told)
        {
            let seen = ask(&sandbox, token, method, &format!("/{id}{rest}"), Value::Null).await;
            assert_eq!(seen.status, told, "{token} {method} {rest}");
        }
    }
    let id = make(&sandbox, json!({ "config": { "url": "https://ci.example/hook" } })).await;
    assert_eq!(ask(&sandbox, "admin-hook", "DELETE", &format!("/{id}"), Value::Null).await.status, 204);
}

#[tokio::test]
async fn a_delivery_is_signed_and_remembered() {
    let (sandbox, listener) = (Sandbox::start(), Listener::start());
    let config = json!({ "url": listener.url, "content_type": "json", "secret": "It's a Secret" });
    let id = make(&sandbox, json!({ "config": config, "events": ["push", "pull_request"] })).await;
    sandbox.settle();
    let ping = listener.last();
    assert_eq!(ping.line, "POST /hook HTTP/1.1");
    assert_eq!(ping.header("x-hub-signature-256"), Some(signature("It's a Secret", &ping.body).as_str()));
    assert!(ping.header("x-hub-signature").unwrap().starts_with("sha1="));
    assert!(ping.header("user-agent").unwrap().starts_with("GitHub-Hookshot/"));
    assert_eq!(ping.header("x-github-hook-id"), Some(id.to_string().as_str()));
    assert_eq!(ping.header("x-github-enterprise-version"), Some("3.17.0"));
    let body = ping.json();
    assert_eq!((&body["hook_id"], &body["hook"]["config"]["secret"]), (&json!(id), &json!("********")));
    assert_eq!((&body["repository"]["full_name"], &body["sender"]["login"]), (&json!(STORE), &json!("octocat")));

    let hook = ask(&sandbox, "classic", "GET", &format!("/{id}"), Value::Null).await.json();
    assert_eq!(hook["last_response"], json!({ "code": 200, "status": "active", "message": "OK" }));
    let url = format!("{}/repos/{STORE}", sandbox.github_api_url());
    let put = json!({ "message": "One\n\nTwo", "content": "b25l" });
    let written = ask_at(&sandbox, "classic", "PUT", &format!("{url}/contents/x"), put).await.json();
    sandbox.settle();
    let push = listener.last().json();
    assert_eq!((&push["ref"], &push["after"]), (&json!("refs/heads/main"), &written["commit"]["sha"]));
    assert_eq!((&push["before"], &push["forced"]), (&written["commit"]["parents"][0]["sha"], &json!(false)));
    assert_eq!((&push["commits"][0]["added"], &push["head_commit"]["message"]), (&json!(["x"]), &json!("One\n\nTwo")));
    assert_eq!(
        (&push["pusher"]["name"], &push["commits"][0]["author"]["username"]),
        (&json!("octocat"), &json!("octocat"))
    );

    listener.answer("503 Service Unavailable", "x-why: tired\r\n");
    let pull = json!({ "title": "A seesaw", "head": "seesaw", "base": "main" });
    assert_eq!(ask_at(&sandbox, "classic", "POST", &format!("{url}/pulls"), pull).await.status, 201);
    sandbox.settle();
    let opened = listener.last();
    assert_eq!((opened.header("x-github-event"), &opened.json()["action"]), (Some("pull_request"), &json!("opened")));
    let failed = ask(&sandbox, "classic", "GET", &format!("/{id}/deliveries?status=failure"), Value::Null).await.json();
    assert_eq!(failed.as_array().unwrap().len(), 1);
    assert_eq!((&failed[0]["status"], &failed[0]["status_code"]), (&json!("Invalid HTTP Response: 503"), &json!(503)));
    let one =
        ask(&sandbox, "classic", "GET", &format!("/{id}/deliveries/{}", failed[0]["id"]), Value::Null).await.json();
    assert_eq!((&one["response"]["headers"]["x-why"], &one["response"]["payload"]), (&json!("tired"), &json!("done")));
    assert_eq!(one["request"]["payload"]["number"], 1);

    listener.answer("200 OK", "");
    let attempts = format!("/{id}/deliveries/{}/attempts", failed[0]["id"]);
    assert_eq!(ask(&sandbox, "classic", "POST", &attempts, Value::Null).await.status, 202);
    sandbox.settle();
    assert_eq!(listener.last().header("x-github-delivery"), failed[0]["guid"].as_str());
    let first = ask(&sandbox, "classic", "GET", &format!("/{id}/deliveries?per_page=3"), Value::Null).await;
    assert_eq!(first.json()[0]["redelivery"], true);
    let next = first.header("link").unwrap().split(['<', '>']).nth(1).unwrap().to_owned();
    let rest = ask_at(&sandbox, "classic", "GET", &next, Value::Null).await;
    assert_eq!((rest.json().as_array().unwrap().len(), &rest.json()[0]["event"]), (1, &json!("ping")));
    assert_eq!(listener.events(), ["ping", "push", "pull_request", "pull_request"]);
    sandbox.advance(std::time::Duration::from_secs(8 * 86_400));
    assert_eq!(ask(&sandbox, "classic", "GET", &format!("/{id}/deliveries"), Value::Null).await.json(), json!([]));
}

#[tokio::test]
async fn a_hook_hears_what_it_wants_and_redirects_lead_nowhere() {
    let (sandbox, listener, elsewhere) = (Sandbox::start(), Listener::start(), Listener::start());
    let id = make(&sandbox, json!({ "config": { "url": listener.url }, "events": ["issues"] })).await;
    sandbox.settle();
    let form = listener.last();
    assert_eq!(form.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert!(form.body.starts_with(b"payload=%7B") && form.header("x-hub-signature-256").is_none());
    let put = json!({ "message": "m", "content": "b25l" });
    let url = format!("{}/repos/{STORE}/contents/x", sandbox.github_api_url());
    assert_eq!(ask_at(&sandbox, "classic", "PUT", &url, put).await.status, 201);
    assert_eq!(ask(&sandbox, "classic", "POST", &format!("/{id}/tests"), Value::Null).await.status, 204);
    sandbox.settle();
    assert_eq!(listener.events(), ["ping"]);
    ask(&sandbox, "classic", "PATCH", &format!("/{id}"), json!({ "events": ["*"] })).await.json();
    listener.answer("302 Found", &format!("location: {}\r\n", elsewhere.url));
    assert_eq!(ask(&sandbox, "classic", "POST", &format!("/{id}/tests"), Value::Null).await.status, 204);
    sandbox.settle();
    assert_eq!((listener.events(), elsewhere.events().len()), (vec!["ping".to_owned(), "push".to_owned()], 0));
    let hook = &sandbox.state()["github"]["repositories"][0]["hooks"][0];
    assert_eq!((&hook["has_secret"], &hook["deliveries"][1]["status_code"]), (&json!(false), &json!(302)));
    assert_eq!(hook["last_response"]["message"], "Invalid HTTP Response: 302");

    let away = make(&sandbox, json!({ "config": { "url": "https://ci.example/hook" } })).await;
    sandbox.settle();
    let away = ask(&sandbox, "classic", "GET", &format!("/{away}"), Value::Null).await.json();
    assert_eq!((&away["last_response"]["message"]), (&json!("failed to connect to host")));
}

#[tokio::test]
async fn certificates_are_looked_at_unless_told_otherwise() {
    let (trusted, expired) =
        (Sandbox::builder().tls(true).start().unwrap(), Sandbox::builder().expired_certificate(true).start().unwrap());
    for (sandbox, insecure, message) in [
        (&trusted, "0", "Invalid HTTP Response: 404"),
        (&expired, "0", "peer certificate cannot be verified"),
        (&expired, "1", "Invalid HTTP Response: 404"),
    ] {
        let url = format!("{}/nothing-here", sandbox.gitlab_url());
        let body = json!({ "config": { "url": url, "insecure_ssl": insecure } });
        let client = crate::client::builder().danger_accept_invalid_certs(true).build().unwrap();
        let made = client
            .post(format!("{}/repos/{STORE}/hooks", sandbox.github_api_url()))
            .bearer_auth(sandbox.github_token("classic"))
            .json(&body);
        assert_eq!(made.send().await.unwrap().status(), 201);
        sandbox.settle();
        let hooks = sandbox.state()["github"]["repositories"][0]["hooks"].clone();
        let last = hooks.as_array().unwrap().last().unwrap();
        assert_eq!(last["last_response"]["message"], message);
    }
}

#[tokio::test]
async fn what_git_pushes_hooks_hear() {
    let Some(git) = Git::find() else { return };
    let (sandbox, listener) = (Sandbox::start(), Listener::start());
    let config = json!({ "url": listener.url, "content_type": "json" });
    make(&sandbox, json!({ "config": config, "events": ["push", "pull_request"] })).await;
    let token = sandbox.github_token("classic");
    git.run("", &["clone", "-q", &with(&sandbox.github_url(), "x", &token, &format!("{STORE}.git")), "clone"]).unwrap();
    let pull = json!({ "title": "A seesaw", "head": "seesaw", "base": "main" });
    let url = format!("{}/repos/{STORE}/pulls", sandbox.github_api_url());
    assert_eq!(ask_at(&sandbox, "classic", "POST", &url, pull).await.status, 201);
    git.run("clone", &["checkout", "-q", "seesaw"]).unwrap();
    git.commit("clone", "one", "1");
    let pushed = git.commit("clone", "two", "2");
    git.run("clone", &["push", "-q", "origin", "seesaw"]).unwrap();
    for tag in ["a", "b", "c", "d"] {
        git.run("clone", &["tag", tag]).unwrap();
    }
    git.run("clone", &["push", "-q", "origin", "--tags"]).unwrap();
    git.run("clone", &["push", "-q", "-f", "origin", "seesaw~2:seesaw"]).unwrap();
    git.run("clone", &["push", "-q", "origin", ":seesaw"]).unwrap();
    sandbox.settle();
    let taken = listener.taken();
    let said: Vec<(String, Value)> = taken
        .iter()
        .map(|taken| (taken.header("x-github-event").unwrap().to_owned(), taken.json()["action"].clone()))
        .collect();
    let said: Vec<String> =
        said.iter().map(|(event, action)| format!("{event} {}", action.as_str().unwrap_or("-"))).collect();
    assert_eq!(
        said,
        [
            "ping -",
            "pull_request opened",
            "push -",
            "pull_request synchronize",
            "push -",
            "pull_request synchronize",
            "push -",
            "pull_request closed",
        ],
        "four tags at once make no event"
    );
    let push = taken[2].json();
    assert_eq!((&push["ref"], &push["after"]), (&json!("refs/heads/seesaw"), &json!(pushed)));
    assert_eq!((push["commits"].as_array().unwrap().len(), &push["commits"][1]["added"]), (2, &json!(["two"])));
    assert_eq!(taken[3].json()["pull_request"]["head"]["sha"], json!(pushed));
    assert_eq!((&taken[4].json()["forced"], &taken[6].json()["deleted"]), (&json!(true), &json!(true)));
}
