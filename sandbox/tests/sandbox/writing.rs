//! What GitHub lets a token write, and how REST shows it.

use crate::client::{Seen, client};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_box::PublicKey;
use crypto_box::aead::OsRng;
use forge_sandbox::{GithubRepositorySeed, GithubSeed, GithubTokenSeed, Sandbox, Seed};
use reqwest::Method;
use serde_json::{Value, json};

const STORE: &str = "/repos/agility-game/home-assistant-community-store";

async fn ask(sandbox: &Sandbox, token: &str, method: &str, path: &str, body: Value) -> Seen {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = client().request(method, format!("{}{path}", sandbox.github_api_url()));
    let request = request.bearer_auth(sandbox.github_token(token));
    Seen::of(if body.is_null() { request } else { request.json(&body) }.send().await.unwrap()).await
}

async fn look(sandbox: &Sandbox, path: &str) -> Seen {
    ask(sandbox, "classic", "GET", path, Value::Null).await
}

fn told(seen: &Seen) -> (u16, String) {
    let body = seen.json();
    let custom = &body["errors"][0]["message"];
    let words = if custom.is_string() { custom } else { &body["message"] };
    (seen.status, words.as_str().unwrap_or_default().to_owned())
}

fn file(content: &str, more: Value) -> Value {
    let mut body = json!({ "message": "Write", "content": STANDARD.encode(content) });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn the_start_is_the_same_everywhere() {
    let (one, other) = (Sandbox::start(), Sandbox::start());
    let branches = |sandbox: &Sandbox| sandbox.state()["github"]["repositories"][0]["branches"].clone();
    assert_eq!(branches(&one), branches(&other));
    assert_eq!(branches(&one).as_object().unwrap().len(), 2);
    let commits = look(&one, &format!("{STORE}/commits")).await.json();
    let said: Vec<&Value> = commits.as_array().unwrap().iter().map(|it| &it["commit"]["message"]).collect();
    assert_eq!(said, ["Test the courses", "Add the first courses", "Begin"]);
    assert_eq!(commits[2]["commit"]["author"]["date"], "2026-10-06T21:30:41Z");
    let beside = look(&one, &format!("{STORE}/commits?sha=seesaw&path=courses")).await.json();
    assert_eq!(beside.as_array().unwrap().len(), 2);
    let list = look(&one, &format!("{STORE}/contents")).await.json();
    let names: Vec<(&Value, &Value)> = list.as_array().unwrap().iter().map(|it| (&it["name"], &it["type"])).collect();
    assert_eq!(names[0], (&json!(".github"), &json!("dir")));
    assert_eq!(names[2], (&json!("README.md"), &json!("file")));
    let raw = client()
        .get(format!("{}{STORE}/contents/courses/list.md?ref=v1.0.0", one.github_api_url()))
        .header("accept", "application/vnd.github.raw+json");
    assert!(raw.send().await.unwrap().text().await.unwrap().contains("tunnels"));
    let branch = look(&one, &format!("{STORE}/branches/seesaw")).await.json();
    assert_eq!(branch["commit"]["parents"][0]["sha"], commits[0]["sha"]);
    assert_eq!(told(&look(&one, &format!("{STORE}/branches/no/such")).await), (404, "Branch not found".into()));
    let no_ref = look(&one, &format!("{STORE}/contents/README.md?ref=none")).await;
    assert_eq!(told(&no_ref), (404, "No commit found for the ref none".into()));
}

#[tokio::test]
async fn files_are_created_updated_and_deleted() {
    let sandbox = Sandbox::start();
    let path = format!("{STORE}/contents/a/b.yml");
    let put = async |token: &str, body: Value| ask(&sandbox, token, "PUT", &path, body).await;
    let created = put("fine-grained-import", file("one", json!({}))).await;
    assert_eq!(created.status, 201);
    let sha = created.json()["content"]["sha"].clone();
    assert_eq!(told(&put("classic", file("two", json!({}))).await).1, "Invalid request.\n\n\"sha\" wasn't supplied.");
    let wrong = put("classic", file("two", json!({ "sha": "0000" }))).await;
    assert_eq!(told(&wrong), (409, "a/b.yml does not match 0000".into()));
    let absent = put("classic", file("two", json!({ "branch": "none" }))).await;
    assert_eq!(told(&absent), (404, "Branch none not found".into()));
    let crooked = put("classic", json!({ "message": "m", "content": "%" })).await;
    assert_eq!(told(&crooked), (422, "content is not valid Base64".into()));
    let author = json!({ "name": "Ada", "email": "ada@example.com", "date": "2026-01-02T03:04:05Z" });
    let updated = put("classic", file("two", json!({ "sha": sha, "author": author }))).await;
    assert_eq!(updated.status, 200);
    let commit = updated.json()["commit"].clone();
    assert_eq!(commit["author"], author);
    assert_eq!(commit["committer"]["email"], "583231+octocat@users.noreply.github.com");
    assert_eq!(look(&sandbox, &path).await.json()["content"], "dHdv\n");

    let sha = updated.json()["content"]["sha"].clone();
    let gone = ask(&sandbox, "classic", "DELETE", &path, json!({ "message": "Away", "sha": sha })).await;
    assert_eq!((gone.status, &gone.json()["content"]), (200, &Value::Null));
    assert_eq!(look(&sandbox, &path).await.status, 404);
    let again = ask(&sandbox, "classic", "DELETE", &path, json!({ "message": "Away", "sha": sha })).await;
    assert_eq!(again.status, 404);
    let outside = ask(&sandbox, "classic", "PUT", &format!("{STORE}/contents/a/.git/x"), file("x", json!({}))).await;
    assert_eq!(told(&outside), (422, "path contains a malformed path component".into()));
}

#[tokio::test]
async fn workflows_take_a_right_of_their_own() {
    let tokens = vec![
        GithubTokenSeed::classic("repo", &["repo"]),
        GithubTokenSeed {
            resource_owner: Some("agility-game".into()),
            ..GithubTokenSeed::fine_grained("contents", &[("contents", "write")])
        },
    ];
    let github = GithubSeed { tokens, ..Default::default() };
    let sandbox = Sandbox::builder().seed(Seed { github, ..Default::default() }).start().unwrap();
    let put = async |token: &str, path: &str| {
        let path = format!("{STORE}/contents/{path}");
        ask(&sandbox, token, "PUT", &path, file("x", json!({}))).await
    };
    assert_eq!(put("contents", ".gitlab-ci.yml").await.status, 201);
    let refused = put("contents", ".github/workflows/x.yml").await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.header("x-accepted-github-permissions"), Some("contents=write,workflows=write"));
    assert_eq!(put("repo", ".github/workflows/x.yml").await.status, 404);
    assert_eq!(put("classic", ".github/workflows/x.yml").await.status, 201);
}

#[tokio::test]
async fn a_branch_a_file_and_a_pull_request() {
    let sandbox = Sandbox::start();
    let post = async |path: &str, body: Value| ask(&sandbox, "classic", "POST", &format!("{STORE}{path}"), body).await;
    let main = look(&sandbox, &format!("{STORE}/git/ref/heads/main")).await.json()["object"]["sha"].clone();
    let branch = json!({ "ref": "refs/heads/connect/ci", "sha": main });
    let made = post("/git/refs", branch.clone()).await;
    assert_eq!((made.status, &made.json()["ref"]), (201, &json!("refs/heads/connect/ci")));
    assert_eq!(told(&post("/git/refs", branch).await), (422, "Reference already exists".into()));
    let nothing = post("/git/refs", json!({ "ref": "refs/heads/x", "sha": "0".repeat(40) })).await;
    assert_eq!(told(&nothing), (422, "Object does not exist".into()));
    assert_eq!(post("/git/refs", json!({ "ref": "x", "sha": main })).await.status, 422);

    let pull = json!({ "title": "Add CI", "head": "connect/ci", "base": "main", "body": "Please." });
    let early = post("/pulls", pull.clone()).await;
    assert_eq!(told(&early), (422, "No commits between main and connect/ci".into()));
    let written = file("stages: []\n", json!({ "branch": "connect/ci" }));
    assert_eq!(ask(&sandbox, "classic", "PUT", &format!("{STORE}/contents/.gitlab-ci.yml"), written).await.status, 201);
    let opened = post("/pulls", pull.clone()).await;
    let body = opened.json();
    assert_eq!((opened.status, &body["number"], &body["state"]), (201, &json!(1), &json!("open")));
    assert!(body["html_url"].as_str().unwrap().ends_with("home-assistant-community-store/pull/1"));
    assert_eq!((&body["head"]["ref"], &body["base"]["sha"]), (&json!("connect/ci"), &main));
    let twice = post("/pulls", pull.clone()).await;
    assert_eq!(told(&twice), (422, "A pull request already exists for agility-game:connect/ci.".into()));
    let found = look(&sandbox, &format!("{STORE}/pulls?head=agility-game:connect/ci&state=open")).await.json();
    assert_eq!(found[0]["title"], "Add CI");
    assert_eq!(look(&sandbox, &format!("{STORE}/pulls?head=agility-game:other")).await.json(), json!([]));

    let away = ask(&sandbox, "classic", "DELETE", &format!("{STORE}/git/refs/heads/connect/ci"), Value::Null).await;
    assert_eq!(away.status, 204);
    let closed = look(&sandbox, &format!("{STORE}/pulls/1")).await.json();
    assert_eq!(closed["state"], "closed", "with its branch");
    assert_eq!(look(&sandbox, &format!("{STORE}/pulls")).await.json(), json!([]));
    let missing = look(&sandbox, &format!("{STORE}/git/ref/heads/connect/ci")).await;
    assert_eq!(missing.status, 404);
    let back =
        ask(&sandbox, "classic", "PATCH", &format!("{STORE}/git/refs/heads/seesaw"), json!({ "sha": main })).await;
    assert_eq!(told(&back), (422, "Update is not a fast forward".into()));
}

#[tokio::test]
async fn statuses_belong_to_their_commit() {
    let sandbox = Sandbox::start();
    let commits = look(&sandbox, &format!("{STORE}/commits")).await.json();
    let (new, old) = (commits[0]["sha"].as_str().unwrap(), commits[1]["sha"].as_str().unwrap());
    let say = async |sha: &str, state: &str, context: &str| {
        let body = json!({ "state": state, "context": context, "target_url": "https://gitlab.example/1" });
        ask(&sandbox, "fine-grained-import", "POST", &format!("{STORE}/statuses/{sha}"), body).await
    };
    for (sha, state, context) in
        [(old, "pending", "ci"), (old, "success", "ci"), (old, "success", "lint"), (new, "failure", "ci")]
    {
        assert_eq!(say(sha, state, context).await.status, 201);
    }
    let unknown = say(&"0".repeat(40), "success", "ci").await;
    assert_eq!(told(&unknown), (422, format!("No commit found for SHA: {}", "0".repeat(40))));
    let combined = async |reference: &str| look(&sandbox, &format!("{STORE}/commits/{reference}/status")).await.json();
    let before = combined("main~").await;
    assert_eq!(before["message"], "Not Found");
    assert_eq!(
        (&combined("main").await["state"], &combined(old).await["state"]),
        (&json!("failure"), &json!("success"))
    );
    assert_eq!(combined(old).await["total_count"], 2);
    let listed = look(&sandbox, &format!("{STORE}/commits/{old}/statuses")).await.json();
    assert_eq!(listed.as_array().unwrap().len(), 3);
    assert_eq!((&listed[2]["state"], &listed[0]["creator"]["login"]), (&json!("pending"), &json!("octocat")));
    assert_eq!(sandbox.state()["github"]["repositories"][0]["statuses"][3]["sha"], new);
}

#[tokio::test]
async fn secrets_are_opened_and_never_shown() {
    let tokens = vec![
        GithubTokenSeed::fine_grained("reads", &[("secrets", "read")]),
        GithubTokenSeed::fine_grained("writes", &[("secrets", "write")]),
    ];
    let github = GithubSeed { tokens, ..Default::default() };
    let sandbox = Sandbox::builder().seed(Seed { github, ..Default::default() }).start().unwrap();
    let secrets = "/repos/octocat/diary/actions/secrets";
    let key = ask(&sandbox, "reads", "GET", &format!("{secrets}/public-key"), Value::Null).await.json();
    let public = STANDARD.decode(key["key"].as_str().unwrap()).unwrap();
    let public = PublicKey::from_slice(&public).unwrap();
    let sealed = |value: &str| json!({ "encrypted_value": STANDARD.encode(public.seal(&mut OsRng, value.as_bytes()).unwrap()), "key_id": key["key_id"] });
    let put = async |token: &str, name: &str, body: Value| {
        ask(&sandbox, token, "PUT", &format!("{secrets}/{name}"), body).await.status
    };
    assert_eq!(put("writes", "gitlab_token", sealed("glpat-one")).await, 201);
    assert_eq!(put("classic", "GITLAB_TOKEN", sealed("glpat-two")).await, 204);
    assert_eq!(put("reads", "GITLAB_TOKEN", sealed("x")).await, 403);
    assert_eq!(put("stranger", "GITLAB_TOKEN", sealed("x")).await, 404);
    let forged = json!({ "encrypted_value": STANDARD.encode([0; 80]), "key_id": key["key_id"] });
    assert_eq!(put("writes", "X", forged).await, 422);
    assert_eq!(put("writes", "GITHUB_X", sealed("x")).await, 422);
    assert_eq!(put("writes", "1X", sealed("x")).await, 422);
    let mut other_key = sealed("x");
    other_key["key_id"] = json!("1");
    assert_eq!(put("writes", "X", other_key).await, 422);

    let list = ask(&sandbox, "reads", "GET", secrets, Value::Null).await;
    assert_eq!((&list.json()["total_count"], &list.json()["secrets"][0]["name"]), (&json!(1), &json!("GITLAB_TOKEN")));
    assert!(!list.body.contains("glpat"));
    let state = sandbox.state();
    let diary = state["github"]["repositories"].as_array().unwrap().iter().find(|it| it["name"] == "diary").unwrap();
    assert_eq!(diary["actions_secrets"], json!({ "GITLAB_TOKEN": "glpat-two" }));
    let gone = async || ask(&sandbox, "writes", "DELETE", &format!("{secrets}/GITLAB_TOKEN"), Value::Null).await.status;
    assert_eq!((gone().await, gone().await), (204, 404));

    let variables = "/repos/octocat/diary/actions/variables";
    let body = json!({ "name": "host", "value": "gitlab.example" });
    assert_eq!(ask(&sandbox, "classic", "POST", variables, body.clone()).await.status, 201);
    assert_eq!(ask(&sandbox, "classic", "POST", variables, body).await.status, 409);
    assert_eq!(
        ask(&sandbox, "classic", "PATCH", &format!("{variables}/HOST"), json!({ "value": "x" })).await.status,
        204
    );
    assert_eq!(look(&sandbox, &format!("{variables}/HOST")).await.json()["value"], "x");
    assert_eq!(ask(&sandbox, "writes", "GET", variables, Value::Null).await.status, 403);
}

#[tokio::test]
async fn repositories_are_renamed_disabled_and_described() {
    let seed = GithubRepositorySeed {
        name: "site".into(),
        without_issues: true,
        description: "A site".into(),
        default_branch: Some("trunk".into()),
        files: [("src/index.html".to_owned(), "<html>".to_owned())].into(),
        ..Default::default()
    };
    let selected = vec!["site".to_owned()];
    let token = GithubTokenSeed {
        repositories: Some(selected),
        ..GithubTokenSeed::fine_grained("site", &[("contents", "read")])
    };
    let github = GithubSeed { repositories: vec![seed], tokens: vec![token], ..Default::default() };
    let sandbox = Sandbox::builder().seed(Seed { github, ..Default::default() }).start().unwrap();
    sandbox.rename_github_repository("octocat/site", "page");
    let body = json!({ "name": "octocat/diary" });
    let disabled = client().post(format!("{}/repositories/disable", sandbox.admin_url())).json(&body);
    assert_eq!(disabled.send().await.unwrap().status(), 204);
    let moved = look(&sandbox, "/repos/octocat/site").await;
    assert_eq!(moved.status, 301);
    let page = ask(&sandbox, "site", "GET", "/repos/octocat/page", Value::Null).await.json();
    assert_eq!((&page["has_issues"], &page["description"]), (&json!(false), &json!("A site")));
    assert_eq!((&page["default_branch"], &page["owner"]["type"]), (&json!("trunk"), &json!("User")));
    assert_eq!(page["clone_url"], json!(format!("{}/octocat/page.git", sandbox.github_url())));
    let file = ask(&sandbox, "site", "GET", "/repos/octocat/page/contents/src/index.html", Value::Null).await.json();
    assert_eq!(file["size"], 6);
    assert_eq!(look(&sandbox, "/repos/octocat/diary").await.json()["disabled"], true);
    let blocked = look(&sandbox, "/repos/octocat/diary/contents").await;
    assert_eq!(told(&blocked), (403, "Repository access blocked".into()));
    let list = ask(&sandbox, "site", "GET", "/user/repos?visibility=all&affiliation=owner", Value::Null).await.json();
    let names: Vec<&Value> = list.as_array().unwrap().iter().map(|it| &it["full_name"]).collect();
    assert_eq!(names, ["octocat/Hello-World", "octocat/page"]);
    let both = ask(&sandbox, "site", "GET", "/user/repos?type=all&visibility=all", Value::Null).await;
    assert_eq!(both.status, 422);
}
