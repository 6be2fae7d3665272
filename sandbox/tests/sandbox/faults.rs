//! What goes wrong when a test says so, and the admin's door.

use std::time::{Duration, Instant};

use crate::client::{Seen, client, get, send};
use forge_sandbox::{Fault, GithubSeed, GithubTokenSeed, ReadyMade, Sandbox, Seed};
use serde_json::{Value, json};

fn user(sandbox: &Sandbox) -> (String, String) {
    (format!("{}/user", sandbox.github_api_url()), sandbox.github_token("classic"))
}

#[tokio::test]
async fn a_lost_answer_has_done_its_work() {
    let sandbox = Sandbox::start();
    let rotate = "/personal_access_tokens/self/rotate";
    sandbox.fault(Fault::gitlab().method("POST").path(rotate).once().drop_after_work());
    let old = sandbox.gitlab_token("api");
    let url = format!("{}{rotate}", sandbox.gitlab_api_url());
    assert!(client().post(&url).bearer_auth(&old).send().await.is_err());
    assert!(!sandbox.is_alive_gitlab(&old));
    assert!(sandbox.is_alive_gitlab("api"), "a new one lives, and nobody was told");
    assert_eq!(sandbox.requests()[0].status, None);
}

#[tokio::test]
async fn a_dropped_request_has_done_nothing() {
    let sandbox = Sandbox::start();
    sandbox.fault(Fault::gitlab().once().drop_before_work());
    let token = sandbox.gitlab_token("api");
    let url = format!("{}/personal_access_tokens/self", sandbox.gitlab_api_url());
    assert!(client().delete(&url).bearer_auth(&token).send().await.is_err());
    assert!(sandbox.is_alive_gitlab(&token));
    assert_eq!(get(&url, &token).await.status, 200);
}

#[tokio::test]
async fn delays_and_silence_are_felt() {
    let sandbox = Sandbox::start();
    let (url, token) = user(&sandbox);
    sandbox.fault(Fault::github().once().delay(Duration::from_millis(60)));
    let start = Instant::now();
    assert_eq!(get(&url, &token).await.status, 200);
    assert!(start.elapsed() >= Duration::from_millis(60));
    sandbox.fault(Fault::github().once().never_answer());
    let silent = client().get(&url).timeout(Duration::from_millis(80)).send().await;
    assert!(silent.unwrap_err().is_timeout());
}

#[tokio::test]
async fn who_hangs_up_on_a_late_answer_finds_the_work_done_or_not() {
    let sandbox = Sandbox::start();
    let url = format!("{}/personal_access_tokens/self", sandbox.gitlab_api_url());
    let late = Duration::from_secs(60);
    for (fault, done) in [(Fault::gitlab().delay(late), false), (Fault::gitlab().delay_after_work(late), true)] {
        sandbox.fault(fault.once());
        let token = sandbox.gitlab_token("api");
        let asked = client().delete(&url).bearer_auth(&token).timeout(Duration::from_millis(300)).send().await;
        assert!(asked.unwrap_err().is_timeout());
        assert_eq!(sandbox.is_alive_gitlab(&token), !done);
    }
}

#[tokio::test]
async fn bodies_break_off_and_never_end() {
    let sandbox = Sandbox::start();
    let (url, token) = user(&sandbox);
    sandbox.fault(Fault::github().once().half_body());
    let half = client().get(&url).bearer_auth(&token).send().await.unwrap();
    assert!(half.content_length().unwrap() > 0);
    assert!(half.text().await.is_err());

    sandbox.fault(Fault::github().once().endless_body());
    let mut endless = client().get(&url).bearer_auth(&token).send().await.unwrap();
    let mut read = 0;
    while read < 8 * 1024 * 1024 {
        read += endless.chunk().await.unwrap().unwrap().len();
    }
    drop(endless);

    sandbox.fault(Fault::github().once().slow_drip(Duration::ZERO));
    assert_eq!(get(&url, &token).await.json()["login"], "octocat");
}

#[tokio::test]
async fn other_answers_keep_the_forges_headers_but_a_proxys_do_not() {
    let sandbox = Sandbox::start();
    let (url, token) = user(&sandbox);
    sandbox.fault(Fault::github().once().answer(500, &[("x-cause", "test")], "oops"));
    let seen = get(&url, &token).await;
    assert_eq!((seen.status, seen.body.as_str(), seen.header("x-cause")), (500, "oops", Some("test")));
    assert!(seen.header("x-github-request-id").is_some());

    sandbox.fault(Fault::github().once().login_page());
    let page = get(&url, &token).await;
    assert_eq!((page.status, page.header("x-github-request-id")), (200, None));
    assert!(page.header("content-type").unwrap().starts_with("text/html"));

    sandbox.fault(Fault::github().once().not_a_forge());
    let other = get(&url, &token).await;
    assert_eq!((other.status, other.header("x-github-request-id")), (200, None));

    sandbox.fault(Fault::github().once().redirect(307, "https://elsewhere.example/"));
    let redirect = get(&url, &token).await;
    assert_eq!((redirect.status, redirect.header("location")), (307, Some("https://elsewhere.example/")));

    sandbox.fault(Fault::github().once().terminal_escapes());
    let login = get(&url, &token).await.json()["login"].clone();
    assert!(login.as_str().unwrap().starts_with("\u{1b}["), "{login}");
}

#[tokio::test]
async fn refusals_are_in_the_vendors_words() {
    let sandbox = Sandbox::start();
    let (url, token) = user(&sandbox);
    let cases = [
        (ReadyMade::SsoRequired, 403, "Resource protected by organization SAML enforcement."),
        (ReadyMade::ClassicForbidden, 403, "`agility-game` forbids access via a personal access token (classic)."),
        (ReadyMade::LifetimePolicy, 403, "https://github.com/settings/personal-access-tokens/12885303"),
        (ReadyMade::IpAllowList, 403, "IP allow list enabled"),
        (ReadyMade::LoginLocked, 403, "Max number of login attempt exceeded"),
        (ReadyMade::NotAccessibleByToken, 403, "Resource not accessible by personal access token"),
        (ReadyMade::PrimaryRateLimit, 403, "API rate limit exceeded for user ID 583231."),
        (ReadyMade::SecondaryRateLimit, 403, "You have exceeded a secondary rate limit."),
        (ReadyMade::Unavailable, 503, "<h1>503 Service Unavailable</h1>"),
    ];
    for (name, status, words) in cases {
        sandbox.fault(Fault::github().once().ready_made(name));
        let seen = get(&url, &token).await;
        assert_eq!(seen.status, status, "{name:?}");
        assert!(seen.body.contains(words), "{name:?}: {}", seen.body);
        assert_eq!(seen.header("x-oauth-scopes"), Some("admin:org_hook, read:org, repo, workflow"), "{name:?}");
    }
    let url = format!("{}/user", sandbox.gitlab_api_url());
    let token = sandbox.gitlab_token("api");
    sandbox.fault(Fault::gitlab().once().ready_made(ReadyMade::RetryLater));
    let plain = get(&url, &token).await;
    assert_eq!((plain.status, plain.body.as_str(), plain.header("retry-after")), (429, "Retry later\n", Some("1")));
    sandbox.fault(Fault::gitlab().once().ready_made(ReadyMade::RequestedTooManyTimes));
    let limiter = get(&url, &token).await;
    assert_eq!((limiter.status, limiter.header("ratelimit-limit")), (429, None));
    assert_eq!(limiter.body.len(), 89);
}

#[tokio::test]
async fn faults_go_when_they_are_cleared() {
    let sandbox = Sandbox::start();
    let (url, token) = user(&sandbox);
    let id = sandbox.fault(Fault::github().status(502));
    assert_eq!(get(&url, &token).await.status, 502);
    sandbox.remove_fault(id);
    assert_eq!(get(&url, &token).await.status, 200);
    sandbox.fault(Fault::github().status(502));
    sandbox.clear_faults();
    assert_eq!(get(&url, &token).await.status, 200);
}

fn bulk() -> Sandbox {
    let tokens = GithubTokenSeed { name: "bulk".into(), count: Some(50), ..Default::default() };
    let github = GithubSeed { tokens: vec![tokens], ..Default::default() };
    Sandbox::builder().seed(Seed { github, ..Default::default() }).start().unwrap()
}

#[tokio::test]
async fn chosen_tokens_fail_each_in_its_own_way_and_the_others_do_not() {
    let sandbox = bulk();
    let url = format!("{}/user", sandbox.dotcom_api_url());
    let fault = |token: &str| Fault::github().path("/user").token(token);
    sandbox.fault(fault("bulk-1").never_answer());
    sandbox.fault(fault("bulk-2").ready_made(ReadyMade::BadCredentials));
    sandbox.fault(fault("bulk-3").answer(429, &[("retry-after", "7")], ""));
    sandbox.fault(fault("bulk-4").status(500));
    sandbox.fault(fault("bulk-5").half_body());
    sandbox.fault(fault("revoked").ready_made(ReadyMade::Unavailable));
    let ask = async |token: &str| {
        let request = client().get(&url).bearer_auth(sandbox.github_token(token)).timeout(Duration::from_millis(500));
        let response = request.send().await.map_err(|error| error.is_timeout())?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        response.text().await.map_err(|error| error.is_timeout())?;
        Ok::<_, bool>((status, headers))
    };
    assert!(ask("bulk-1").await.unwrap_err(), "it hangs");
    let (status, headers) = ask("bulk-2").await.unwrap();
    assert_eq!((status, headers.get("x-oauth-scopes")), (401, None));
    let (status, headers) = ask("bulk-3").await.unwrap();
    assert_eq!((status, headers["retry-after"].to_str().unwrap()), (429, "7"));
    assert_eq!(ask("bulk-4").await.unwrap().0, 500);
    assert!(!ask("bulk-5").await.unwrap_err(), "it breaks off");
    assert_eq!(ask("revoked").await.unwrap().0, 401, "who is refused anyway is not answered otherwise");
    for token in ["bulk-10", "bulk-11", "bulk-50"] {
        assert_eq!(ask(token).await.unwrap().0, 200, "{token}");
    }
    assert_eq!(get(&url, "").await.status, 401);
}

#[tokio::test]
async fn gitlabs_tokens_are_told_apart_too() {
    let sandbox = Sandbox::start();
    let url = format!("{}/user", sandbox.gitlab_api_url());
    sandbox.fault(Fault::gitlab().token("api").ready_made(ReadyMade::TokenRevoked));
    sandbox.fault(Fault::gitlab().token("developer").ready_made(ReadyMade::InternalServerError));
    let revoked = get(&url, &sandbox.gitlab_token("api")).await;
    assert_eq!((revoked.status, &revoked.json()["error"]), (401, &json!("invalid_token")));
    let by_header = client().get(&url).header("private-token", sandbox.gitlab_token("developer")).send().await.unwrap();
    assert_eq!(by_header.status(), 500);
    assert_eq!(get(&url, &sandbox.gitlab_token("read-api")).await.status, 200);
}

#[tokio::test]
async fn requests_that_hang_do_not_keep_the_sandbox() {
    let sandbox = Sandbox::start();
    let (url, token) = user(&sandbox);
    sandbox.fault(Fault::github().never_answer());
    let hanging: Vec<_> = (0..20).map(|_| tokio::spawn(client().get(&url).bearer_auth(&token).send())).collect();
    while sandbox.requests().len() < 20 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let start = Instant::now();
    drop(sandbox);
    assert!(start.elapsed() < Duration::from_secs(2));
    for request in hanging {
        assert!(request.await.unwrap().is_err());
    }
}

async fn post(url: &str, body: Value) -> Seen {
    Seen::of(client().post(url).json(&body).send().await.unwrap()).await
}

#[tokio::test]
async fn the_admin_looks_and_meddles() {
    let sandbox = Sandbox::builder().now("2026-11-21T12:00:00Z".parse().unwrap()).start().unwrap();
    let admin = sandbox.admin_url();
    let (url, token) = user(&sandbox);

    let fault = json!({ "forge": "github", "path": "/user", "token": "classic", "times": 1, "effect": { "kind": "answer", "status": 502 } });
    assert_eq!(post(&format!("{admin}/faults"), fault).await.status, 201);
    assert_eq!(get(&format!("{admin}/faults"), "").await.json()[0]["id"], 1);
    assert_eq!(get(&url, &token).await.status, 502);
    assert_eq!(get(&format!("{admin}/faults"), "").await.json(), json!([]));
    let wrong = post(&format!("{admin}/faults"), json!({ "forge": "bitbucket" })).await;
    assert_eq!(wrong.status, 400);

    let seen = get(&format!("{admin}/requests"), "").await.json();
    assert_eq!((&seen[0]["path"], &seen[0]["status"]), (&json!("/api/v3/user"), &json!(502)));
    assert_eq!(send("DELETE", &format!("{admin}/requests"), "").await.status, 204);
    assert!(sandbox.requests().is_empty());

    let clock = post(&format!("{admin}/clock"), json!({ "advance": "5d" })).await;
    assert_eq!(clock.json()["now"], "2026-11-26T12:00:00Z");
    assert!(!sandbox.is_alive_github("expiring"));

    let revoke = format!("{admin}/tokens/revoke");
    assert_eq!(post(&revoke, json!({ "forge": "github", "name": "classic" })).await.status, 204);
    assert_eq!(get(&url, &token).await.status, 401);
    assert_eq!(post(&revoke, json!({ "forge": "github", "name": "none" })).await.status, 400);

    let state = get(&format!("{admin}/state"), "").await.json();
    assert_eq!(state, sandbox.state());
    assert_eq!(state["github"]["tokens"][0]["alive"], false);
    assert!(get(&admin, "").await.body.contains("POST   /faults"));
}
