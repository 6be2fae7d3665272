//! GitHub, as a client meets it.

use std::time::Duration;

use crate::client::{Seen, builder, client, get, send};
use forge_sandbox::{GithubAccountSeed, GithubSeed, GithubTokenSeed, Sandbox, Seed};
use serde_json::json;

const STORE: &str = "/repos/agility-game/home-assistant-community-store";

fn at(time: &str) -> Sandbox {
    Sandbox::builder().now(time.parse().unwrap()).start().unwrap()
}

#[tokio::test]
async fn a_classic_token_tells_its_scopes_and_its_expiry_in_utc() {
    let sandbox = at("2026-11-21T12:00:00Z");
    let seen = get(&format!("{}/user", sandbox.dotcom_api_url()), &sandbox.github_token("expiring")).await;
    assert_eq!(seen.status, 200);
    assert_eq!(seen.json()["login"], "octocat");
    assert_eq!(seen.json()["id"], 583_231);
    assert_eq!(seen.header("x-oauth-scopes"), Some("admin:org_hook, read:org, repo, workflow"));
    assert_eq!(seen.header("github-authentication-token-expiration"), Some("2026-11-26 12:00:00 UTC"));
    assert_eq!(seen.header("x-ratelimit-remaining"), Some("4999"));
    assert_eq!(seen.header("x-github-api-version-selected"), Some("2022-11-28"));
    assert!(seen.header("x-github-request-id").is_some());
    assert!(seen.header("x-github-enterprise-version").is_none());
}

#[tokio::test]
async fn a_fine_grained_token_tells_no_scopes_and_its_expiry_in_its_makers_zone() {
    let sandbox = at("2026-11-21T12:00:00Z");
    let token = sandbox.github_token("fine-grained-import");
    let seen = get(&format!("{}/user", sandbox.github_api_url()), &token).await;
    assert_eq!(seen.status, 200);
    assert!(seen.header("x-oauth-scopes").is_none());
    assert_eq!(seen.header("github-authentication-token-expiration"), Some("2027-02-19 14:00:00 +0200"));
    assert_eq!(seen.header("x-accepted-github-permissions"), Some("allows_permissionless_access=true"));
    assert_eq!(seen.header("x-github-enterprise-version"), Some("3.17.0"));
    assert!(seen.header("x-ratelimit-limit").is_none(), "limits are off on Enterprise Server");
}

#[tokio::test]
async fn unknown_revoked_and_expired_tokens_are_told_the_same() {
    let sandbox = Sandbox::start();
    let url = format!("{}/user", sandbox.dotcom_api_url());
    let mut bodies = Vec::new();
    for token in ["ghp_unknown", &sandbox.github_token("revoked"), &sandbox.github_token("expired")] {
        let seen = get(&url, token).await;
        assert_eq!(seen.status, 401);
        assert!(seen.header("x-github-request-id").is_some());
        bodies.push(seen.json());
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    assert_eq!(bodies[0]["message"], "Bad credentials");
    assert_eq!(bodies[0]["status"], "401");
    assert_eq!(get(&url, "").await.json()["message"], "Requires authentication");
}

#[tokio::test]
async fn the_other_kinds_answer_in_their_own_ways() {
    let sandbox = Sandbox::start();
    let url = format!("{}/user", sandbox.dotcom_api_url());
    let oauth = get(&url, &sandbox.github_token("oauth")).await;
    assert!(oauth.header("x-oauth-client-id").is_some());
    let app_user = get(&url, &sandbox.github_token("app-user")).await;
    assert_eq!((app_user.status, app_user.header("x-oauth-scopes")), (200, Some("")));
    let installation = get(&url, &sandbox.github_token("installation")).await;
    assert_eq!(installation.status, 403);
    assert_eq!(installation.json()["message"], "Resource not accessible by integration");
}

#[tokio::test]
async fn basic_authentication_and_the_word_token_are_taken_too() {
    let sandbox = Sandbox::start();
    let url = format!("{}/user", sandbox.github_api_url());
    let token = sandbox.github_token("classic");
    let basic = client().get(&url).basic_auth("octocat", Some(&token)).send().await.unwrap();
    assert_eq!(basic.status(), 200);
    let word = client().get(&url).header("authorization", format!("token {token}")).send().await.unwrap();
    assert_eq!(word.status(), 200);
}

#[tokio::test]
async fn a_request_must_name_its_agent_and_a_known_version() {
    let sandbox = Sandbox::start();
    let url = format!("{}/meta", sandbox.dotcom_api_url());
    let nameless = builder().user_agent("").build().unwrap().get(&url).send().await.unwrap();
    let nameless = Seen::of(nameless).await;
    assert_eq!(nameless.status, 403);
    assert!(nameless.body.contains("Missing or invalid User Agent string"), "{}", nameless.body);

    let version = |version: &'static str| client().get(&url).header("x-github-api-version", version).send();
    assert_eq!(version("2022-11-28").await.unwrap().status(), 200);
    let newest = version("2026-03-10").await.unwrap();
    assert_eq!(newest.headers()["x-github-api-version-selected"], "2026-03-10");
    let unknown = Seen::of(version("v3").await.unwrap()).await;
    assert_eq!(unknown.status, 400);
    assert!(unknown.body.contains("is not a supported version"), "{}", unknown.body);
}

#[tokio::test]
async fn what_is_known_already_is_304_and_free() {
    let sandbox = Sandbox::start();
    let url = format!("{}/user", sandbox.dotcom_api_url());
    let token = sandbox.github_token("classic");
    let first = get(&url, &token).await;
    let etag = first.header("etag").unwrap().to_owned();
    let again = client().get(&url).bearer_auth(&token).header("if-none-match", etag).send().await.unwrap();
    let again = Seen::of(again).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(again.header("x-ratelimit-remaining"), first.header("x-ratelimit-remaining"));
}

#[tokio::test]
async fn what_is_known_of_one_token_is_news_to_another() {
    let sandbox = at("2026-11-21T12:00:00Z");
    let url = format!("{}/user", sandbox.dotcom_api_url());
    let tag = async |name: &str| get(&url, &sandbox.github_token(name)).await.header("etag").unwrap().to_owned();
    let (classic, expiring) = (tag("classic").await, tag("expiring").await);
    assert!(classic.starts_with("W/\""), "{classic}");
    assert_ne!(classic, expiring);
    let ask = async |name: &str, tags: &str| {
        let request = client().get(&url).bearer_auth(sandbox.github_token(name)).header("if-none-match", tags);
        Seen::of(request.send().await.unwrap()).await
    };
    assert_eq!(ask("classic", &expiring).await.status, 200);
    let known = ask("expiring", &format!("\"other\", {expiring}")).await;
    assert_eq!((known.status, known.body.as_str()), (304, ""));
    assert_eq!(known.header("x-oauth-scopes"), Some("admin:org_hook, read:org, repo, workflow"));
    assert_eq!(known.header("github-authentication-token-expiration"), Some("2026-11-26 12:00:00 UTC"));
    assert_eq!(known.header("date"), Some("Sat, 21 Nov 2026 12:00:00 GMT"));
    assert_eq!(known.header("etag"), Some(expiring.as_str()));
    sandbox.revoke_github("expiring");
    assert_eq!(ask("expiring", &expiring).await.status, 401, "nobody knows that from a tag");
}

#[tokio::test]
async fn roles_are_the_users_and_hidden_repositories_are_not_found() {
    let sandbox = Sandbox::start();
    let api = sandbox.github_api_url();
    let permissions = async |name: &str| {
        get(&format!("{api}{STORE}"), &sandbox.github_token(name)).await.json()["permissions"].clone()
    };
    assert_eq!(permissions("fine-grained-readonly").await["admin"], true);
    let collaborator = permissions("collaborator").await;
    assert_eq!((&collaborator["admin"], &collaborator["push"]), (&json!(false), &json!(true)));
    assert_eq!(permissions("stranger").await["push"], false);

    let hidden = format!("{api}/repos/agility-game/timing-firmware");
    assert_eq!(get(&hidden, &sandbox.github_token("classic")).await.status, 200);
    assert_eq!(get(&hidden, &sandbox.github_token("member")).await.status, 200);
    for name in ["stranger", "classic-readonly", "fine-grained-import"] {
        assert_eq!(get(&hidden, &sandbox.github_token(name)).await.status, 404, "{name}");
    }
}

#[tokio::test]
async fn a_former_name_redirects_to_the_number() {
    let sandbox = Sandbox::start();
    let token = sandbox.github_token("classic");
    let moved = get(&format!("{}/repos/agility-game/hacs", sandbox.github_api_url()), &token).await;
    assert_eq!(moved.status, 301);
    let target = moved.header("location").unwrap();
    assert!(target.starts_with(&sandbox.github_api_url()), "{target}");
    let there = get(target, &token).await;
    assert_eq!(there.json()["full_name"], "agility-game/home-assistant-community-store");
}

#[tokio::test]
async fn single_sign_on_refuses_and_leaves_out() {
    let sandbox = Sandbox::start();
    let api = sandbox.dotcom_api_url();
    let token = sandbox.github_token("sso");
    assert_eq!(get(&format!("{api}/user"), &token).await.status, 200);
    let refused = get(&format!("{api}{STORE}"), &token).await;
    assert_eq!(refused.status, 403);
    let header = refused.header("x-github-sso").unwrap();
    assert!(header.starts_with("required; url=https://github.com/orgs/agility-game/sso?"), "{header}");
    let list = get(&format!("{api}/user/repos"), &token).await;
    assert_eq!(list.header("x-github-sso"), Some("partial-results; organizations=42000001"));
    assert!(!list.body.contains("agility-game/"));
}

#[tokio::test]
async fn lists_have_pages() {
    let sandbox = Sandbox::start();
    let token = sandbox.github_token("classic");
    let url = format!("{}/user/repos?per_page=3", sandbox.github_api_url());
    let first = get(&url, &token).await;
    assert_eq!(first.json().as_array().unwrap().len(), 3);
    let link = first.header("link").unwrap();
    let next = link.split_once('<').unwrap().1.split_once('>').unwrap().0;
    assert_eq!(get(next, &token).await.json().as_array().unwrap().len(), 1);
    let orgs = get(&format!("{}/user/orgs", sandbox.github_api_url()), &token).await;
    assert_eq!(orgs.json()[0]["login"], "agility-game");
}

async fn revoke(url: &str, with: &str, body: serde_json::Value) -> u16 {
    let mut request = client().post(url).json(&body);
    if !with.is_empty() {
        request = request.bearer_auth(with);
    }
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn revocation_is_for_the_unauthenticated_on_dotcom() {
    let sandbox = Sandbox::start();
    let url = format!("{}/credentials/revoke", sandbox.dotcom_api_url());
    let token = sandbox.github_token("classic");
    let body = json!({ "credentials": [token, "ghp_nobodys"] });
    assert_eq!(revoke(&url, &token, body.clone()).await, 403);
    assert!(sandbox.is_alive_github(&token));
    assert_eq!(revoke(&url, "", json!({})).await, 422);
    assert_eq!(revoke(&url, "", json!({ "credentials": [] })).await, 422);
    assert_eq!(revoke(&url, "", body).await, 202);
    assert!(!sandbox.is_alive_github("classic"));
    assert_eq!(get(&format!("{}/user", sandbox.dotcom_api_url()), &token).await.status, 401);
}

#[tokio::test]
async fn revocation_is_for_the_authenticated_on_newer_enterprise_servers() {
    let old = Sandbox::start();
    let url = format!("{}/credentials/revoke", old.github_api_url());
    let token = old.github_token("classic");
    assert_eq!(revoke(&url, "", json!({ "credentials": [token] })).await, 404);

    let new = Sandbox::builder().ghes_version("3.21").start().unwrap();
    let url = format!("{}/credentials/revoke", new.github_api_url());
    let token = new.github_token("classic");
    let body = json!({ "credentials": [new.github_token("expiring")] });
    assert_eq!(revoke(&url, "", body.clone()).await, 401);
    assert_eq!(revoke(&url, &new.github_token("fine-grained-import"), body.clone()).await, 403);
    assert_eq!(revoke(&url, &token, body).await, 202);
    assert!(!new.is_alive_github("expiring"));
}

#[tokio::test]
async fn an_installation_gives_its_token_back() {
    let sandbox = Sandbox::start();
    let url = format!("{}/installation/token", sandbox.dotcom_api_url());
    assert_eq!(send("DELETE", &url, &sandbox.github_token("classic")).await.status, 403);
    assert_eq!(send("DELETE", &url, &sandbox.github_token("installation")).await.status, 204);
    assert!(!sandbox.is_alive_github("installation"));
}

#[tokio::test]
async fn too_many_failed_logins_lock_everybody_out() {
    let sandbox = Sandbox::builder().login_lock(3).start().unwrap();
    let url = format!("{}/user", sandbox.dotcom_api_url());
    let token = sandbox.github_token("classic");
    for _ in 0..3 {
        assert_eq!(get(&url, "ghp_wrong").await.status, 401);
    }
    let locked = get(&url, &token).await;
    assert_eq!(locked.status, 403);
    assert!(locked.body.contains("Max number of login attempt exceeded"), "{}", locked.body);
    sandbox.advance(Duration::from_secs(3600));
    assert_eq!(get(&url, &token).await.status, 200);
}

#[tokio::test]
async fn the_hour_of_the_unauthenticated_ends_after_sixty() {
    let sandbox = at("2026-11-21T12:00:00Z");
    let url = format!("{}/meta", sandbox.dotcom_api_url());
    for _ in 0..60 {
        assert_eq!(get(&url, "").await.status, 200);
    }
    let refused = get(&url, "").await;
    assert_eq!((refused.status, refused.header("x-ratelimit-remaining")), (403, Some("0")));
    let limit = get(&format!("{}/rate_limit", sandbox.dotcom_api_url()), "").await;
    assert_eq!((limit.status, &limit.json()["resources"]["core"]["remaining"]), (200, &json!(0)));
    sandbox.advance(Duration::from_secs(3600));
    assert_eq!(get(&url, "").await.status, 200);
    assert_eq!(get(&url, "").await.header("date"), Some("Sat, 21 Nov 2026 13:00:00 GMT"));
    let enterprise = get(&format!("{}/rate_limit", sandbox.github_api_url()), "").await;
    assert_eq!(enterprise.status, 404);
}

#[tokio::test]
async fn a_seed_brings_people_and_tokens() {
    let seed = Seed {
        github: GithubSeed {
            accounts: vec![GithubAccountSeed { login: "ada".into(), ..Default::default() }],
            tokens: vec![GithubTokenSeed {
                name: "bulk".into(),
                login: Some("ada".into()),
                scopes: vec!["repo".into()],
                count: Some(200),
                ..Default::default()
            }],
            ..Default::default()
        },
        ..Default::default()
    };
    let sandbox = Sandbox::builder().seed(seed).github_base_path("forge/").start().unwrap();
    assert!(sandbox.github_api_url().ends_with("/forge/api/v3"));
    let url = format!("{}/user", sandbox.github_api_url());
    assert_eq!(get(&url, &sandbox.github_token("bulk-200")).await.json()["login"], "ada");
    let outside = sandbox.github_url().replace("/forge", "/user");
    let outside = get(&outside, "").await;
    assert_eq!((outside.status, outside.header("x-github-request-id")), (404, None));
}

#[tokio::test]
async fn the_map_and_the_versions_follow_the_version() {
    let sandbox = Sandbox::start();
    let api = sandbox.dotcom_api_url();
    let map = get(&format!("{api}/"), &sandbox.github_token("classic")).await;
    assert!(map.header("x-oauth-scopes").is_some());
    assert_eq!(map.json()["current_user_url"], format!("{api}/user"));
    assert!(map.json().get("hub_url").is_some());
    let newer = client().get(&api).header("x-github-api-version", "2026-03-10").send().await.unwrap();
    assert!(Seen::of(newer).await.json().get("hub_url").is_none());
    let versions = get(&format!("{api}/versions"), "").await.json();
    assert_eq!(versions, json!(["2026-03-10", "2022-11-28"]));
    let enterprise = sandbox.github_api_url();
    assert_eq!(get(&format!("{enterprise}/versions"), "").await.status, 404);
    assert_eq!(get(&format!("{enterprise}/meta"), "").await.json()["installed_version"], "3.17.0");
    assert_eq!(get(&format!("{enterprise}/meta/"), "").await.status, 404);
}

#[test]
fn unknown_names_are_answered_with_the_known_ones() {
    let sandbox = Sandbox::start();
    let asked = std::panic::AssertUnwindSafe(|| sandbox.github_token("clasic"));
    let panic = std::panic::catch_unwind(asked).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("`clasic`") && message.contains("fine-grained-import"), "{message}");
}
