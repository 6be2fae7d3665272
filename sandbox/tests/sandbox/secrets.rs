//! Actions secrets of environments and organisations; those of repositories are in `writing`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_box::PublicKey;
use crypto_box::aead::OsRng;
use forge_sandbox::{GithubSeed, GithubTokenSeed, Sandbox, Seed};
use serde_json::{Value, json};

use crate::client::{Seen, client};

const DIARY: &str = "/repos/octocat/diary";
const OF_ORG: &str = "/orgs/agility-game/actions/secrets";
/// A repository of the organisation, and the other one.
const STORE: u64 = 142_000_001;
const FIRMWARE: u64 = 142_000_002;

async fn ask(sandbox: &Sandbox, token: &str, method: &str, path: &str, body: Value) -> Seen {
    let url = format!("{}{path}", sandbox.github_api_url());
    let mut request = client().request(method.parse().unwrap(), url).bearer_auth(sandbox.github_token(token));
    if !body.is_null() {
        request = request.json(&body);
    }
    Seen::of(request.send().await.unwrap()).await
}

async fn get(sandbox: &Sandbox, token: &str, path: &str) -> Seen {
    ask(sandbox, token, "GET", path, Value::Null).await
}

/// A value sealed for whoever has secrets at that path.
async fn sealed(sandbox: &Sandbox, token: &str, secrets: &str, value: &str) -> Value {
    let key = get(sandbox, token, &format!("{secrets}/public-key")).await.json();
    let public = PublicKey::from_slice(&STANDARD.decode(key["key"].as_str().unwrap()).unwrap()).unwrap();
    let sealed = public.seal(&mut OsRng, value.as_bytes()).unwrap();
    json!({ "encrypted_value": STANDARD.encode(sealed), "key_id": key["key_id"] })
}

fn with_fine_grained(tokens: Vec<GithubTokenSeed>) -> Sandbox {
    let github = GithubSeed { tokens, ..Default::default() };
    Sandbox::builder().seed(Seed { github, ..Default::default() }).start().unwrap()
}

#[tokio::test]
async fn an_environment_has_secrets_of_its_own() {
    let sandbox = with_fine_grained(vec![
        GithubTokenSeed::fine_grained("environments", &[("environments", "write")]),
        GithubTokenSeed::fine_grained("secrets", &[("secrets", "write")]),
    ]);
    let environment = format!("{DIARY}/environments/Production");
    let secrets = format!("{environment}/secrets");
    let key = get(&sandbox, "classic", &format!("{secrets}/public-key")).await;
    assert_eq!(key.status, 404, "the environment must be there");
    assert_eq!(ask(&sandbox, "environments", "PUT", &environment, Value::Null).await.status, 403);
    let made = ask(&sandbox, "classic", "PUT", &environment, json!({ "wait_timer": 30 })).await;
    assert_eq!((made.status, &made.json()["name"]), (200, &json!("Production")));
    let listed = get(&sandbox, "classic", &format!("{DIARY}/environments")).await.json();
    assert_eq!((&listed["total_count"], &listed["environments"][0]["name"]), (&json!(1), &json!("Production")));

    let body = sealed(&sandbox, "environments", &secrets, "glpat-one").await;
    let secret = format!("{secrets}/gitlab_token");
    assert_eq!(ask(&sandbox, "environments", "PUT", &secret, body.clone()).await.status, 201);
    assert_eq!(ask(&sandbox, "secrets", "PUT", &secret, body.clone()).await.status, 403);
    // The name's case does not matter, nor whether the repository is called by its number.
    let by_id = "/repositories/1300192/environments/production/secrets/GITLAB_TOKEN";
    assert_eq!(ask(&sandbox, "classic", "PUT", by_id, body).await.status, 204);
    let elsewhere = sealed(&sandbox, "classic", &format!("{DIARY}/actions/secrets"), "glpat-two").await;
    assert_eq!(ask(&sandbox, "classic", "PUT", &secret, elsewhere).await.status, 422, "sealed for the repository");
    let list = get(&sandbox, "environments", &secrets).await;
    assert_eq!((&list.json()["total_count"], &list.json()["secrets"][0]["name"]), (&json!(1), &json!("GITLAB_TOKEN")));
    assert!(!list.body.contains("glpat"));
    let state = sandbox.state();
    let diary = state["github"]["repositories"].as_array().unwrap().iter().find(|it| it["name"] == "diary").unwrap();
    assert_eq!(diary["environments"]["Production"]["secrets"], json!({ "GITLAB_TOKEN": "glpat-one" }));
    assert_eq!(diary["actions_secrets"], json!({}));

    assert_eq!(ask(&sandbox, "classic", "DELETE", &environment, Value::Null).await.status, 204);
    assert_eq!(get(&sandbox, "classic", &secrets).await.status, 404);
}

#[tokio::test]
async fn an_organisations_secret_is_for_the_repositories_that_were_chosen() {
    let sandbox = with_fine_grained(vec![
        GithubTokenSeed {
            resource_owner: Some("agility-game".into()),
            ..GithubTokenSeed::fine_grained("org", &[("organization_secrets", "write")])
        },
        GithubTokenSeed { login: Some("defunkt".into()), ..GithubTokenSeed::classic("member", &["admin:org"]) },
        GithubTokenSeed::classic("owner", &["admin:org"]),
    ]);
    assert_eq!(get(&sandbox, "classic", OF_ORG).await.status, 404, "`admin:org` it takes");
    assert_eq!(get(&sandbox, "member", OF_ORG).await.status, 404, "and an owner");
    let mut body = sealed(&sandbox, "org", OF_ORG, "glpat-one").await;
    let secret = format!("{OF_ORG}/GITLAB_TOKEN");
    let put = async |body: &Value| ask(&sandbox, "org", "PUT", &secret, body.clone()).await.status;
    assert_eq!(put(&body).await, 422, "without a visibility");
    body["visibility"] = json!("all");
    body["selected_repository_ids"] = json!([STORE]);
    assert_eq!(put(&body).await, 422, "numbers go with `selected` only");
    body["visibility"] = json!("selected");
    body["selected_repository_ids"] = json!([1_296_269]);
    assert_eq!(put(&body).await, 422, "somebody else's repository");
    body["selected_repository_ids"] = json!([STORE]);
    assert_eq!(put(&body).await, 201);
    assert_eq!(put(&body).await, 204);

    let shown = get(&sandbox, "owner", &secret).await.json();
    assert_eq!(shown["visibility"], "selected");
    let repositories = format!("{secret}/repositories");
    assert!(shown["selected_repositories_url"].as_str().unwrap().ends_with(&repositories));
    let more = format!("{repositories}/{FIRMWARE}");
    assert_eq!(ask(&sandbox, "owner", "PUT", &more, Value::Null).await.status, 204);
    let listed = get(&sandbox, "owner", &repositories).await.json();
    assert_eq!((&listed["total_count"], &listed["repositories"][1]["id"]), (&json!(2), &json!(FIRMWARE)));
    let state = || sandbox.state()["github"]["accounts"][1]["actions_secrets"]["GITLAB_TOKEN"].clone();
    let whole = json!({ "value": "glpat-one", "visibility": "selected", "selected_repositories": [STORE, FIRMWARE] });
    assert_eq!(state(), whole);

    body.as_object_mut().unwrap().remove("selected_repository_ids");
    assert_eq!(put(&body).await, 204);
    assert_eq!(state()["selected_repositories"], json!([]), "who does not name them again has none");
    body["visibility"] = json!("private");
    assert_eq!(put(&body).await, 204);
    assert_eq!(ask(&sandbox, "owner", "PUT", &more, Value::Null).await.status, 409);
    assert_eq!(ask(&sandbox, "org", "DELETE", &secret, Value::Null).await.status, 204);
    assert_eq!(get(&sandbox, "owner", &secret).await.status, 404);
}
