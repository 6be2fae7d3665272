//! GitLab's groups, projects and namespaces, and what a token may see of them.

use crate::client::{Seen, client, get};
use forge_sandbox::{
    CreationLevel, GitlabGroupSeed, GitlabProjectSeed, GitlabSeed, GitlabTokenKind, GitlabTokenSeed, GitlabUserSeed,
    Sandbox, Seed, Tier, Visibility,
};
use serde_json::{Value, json};

fn token(name: &str, user: &str, scopes: &[&str]) -> GitlabTokenSeed {
    GitlabTokenSeed { user: Some(user.into()), ..GitlabTokenSeed::classic(name, scopes) }
}

fn granular(name: &str, permissions: &[&str]) -> GitlabTokenSeed {
    GitlabTokenSeed { user: Some("ada".into()), ..GitlabTokenSeed::granular(name, permissions) }
}

fn members(of: &[(&str, u8)]) -> std::collections::BTreeMap<String, u8> {
    of.iter().map(|(name, role)| ((*name).to_owned(), *role)).collect()
}

/// `ada` keeps `acme`, `bob` develops in it, `gus` is a guest of its vault, `eve` is a stranger.
fn seed(tokens: Vec<GitlabTokenSeed>) -> Seed {
    let user = |username: &str| GitlabUserSeed { username: username.into(), ..Default::default() };
    let project = |path: &str| GitlabProjectSeed { path: path.into(), ..Default::default() };
    let gitlab = GitlabSeed {
        users: ["ada", "bob", "gus", "eve"].map(user).into(),
        groups: vec![
            GitlabGroupSeed {
                path: "acme".into(),
                project_creation_level: CreationLevel::Maintainer,
                members: members(&[("ada", 40), ("bob", 30)]),
                ..Default::default()
            },
            GitlabGroupSeed { path: "acme/tools".into(), visibility: Visibility::Internal, ..Default::default() },
        ],
        projects: vec![
            GitlabProjectSeed {
                members: members(&[("gus", 10)]),
                hooks: vec!["https://ci.example/hook".into()],
                mirrors: Some("https://u:p@github.com/acme/vault.git".into()),
                former_paths: vec!["acme/safe".into()],
                ..project("acme/vault")
            },
            GitlabProjectSeed { archived: true, empty: true, ..project("acme/tools/attic") },
            GitlabProjectSeed { visibility: Visibility::Public, ..project("ada/site") },
        ],
        tokens: [
            tokens,
            vec![
                token("ada", "ada", &["api"]),
                token("bob", "bob", &["read_api"]),
                token("gus", "gus", &["read_api"]),
                token("eve", "eve", &["read_api"]),
                token("user-only", "ada", &["read_user"]),
            ],
        ]
        .concat(),
    };
    Seed { gitlab, ..Default::default() }
}

fn seeded(tokens: Vec<GitlabTokenSeed>) -> Sandbox {
    Sandbox::builder().seed(seed(tokens)).start().unwrap()
}

async fn look(sandbox: &Sandbox, token: &str, path: &str) -> Seen {
    let token = if token.is_empty() { String::new() } else { sandbox.gitlab_token(token) };
    get(&format!("{}{path}", sandbox.gitlab_api_url()), &token).await
}

/// Each route: its path, its permission, and what `ada`, `bob`, `gus`, `eve` and nobody are told.
const ROUTES: &[(&str, &str, [u16; 5])] = &[
    ("/groups/acme", "Group: Read", [200, 200, 200, 404, 404]),
    ("/groups/acme%2Ftools", "Group: Read", [200, 200, 200, 200, 404]),
    ("/groups/acme/projects", "Project: Read", [200, 200, 200, 404, 404]),
    ("/projects/acme%2Fvault", "Project: Read", [200, 200, 200, 404, 404]),
    ("/projects/ada%2Fsite", "Project: Read", [200, 200, 200, 200, 200]),
    ("/projects/acme%2Fvault/hooks", "Webhook: Read", [200, 403, 403, 404, 401]),
    ("/projects/acme%2Fvault/mirror/pull", "Pull Mirror: Read", [200, 403, 403, 404, 401]),
    ("/projects/acme%2Fvault/repository/branches", "Branch: Read", [200, 200, 403, 404, 404]),
    ("/projects/ada%2Fsite/repository/branches", "Branch: Read", [200, 200, 200, 200, 200]),
    ("/projects/acme%2Fvault/repository/commits/main/statuses", "Commit Status: Read", [200, 200, 403, 404, 404]),
    ("/projects/acme%2Fvault/repository/commits/no-such/statuses", "Commit Status: Read", [404, 404, 403, 404, 404]),
    ("/projects/acme%2Fvault/repository/branches/main", "Branch: Read", [200, 200, 403, 404, 404]),
    ("/projects/acme%2Fvault/repository/commits/main", "Commit: Read", [200, 200, 403, 404, 404]),
    ("/projects/acme%2Fvault/ci/lint", "CI Config: Read", [200, 200, 403, 404, 404]),
    ("/projects/acme%2Fvault/pipelines", "Pipeline: Read", [200, 200, 403, 404, 404]),
    ("/projects/ada%2Fsite/pipelines", "Pipeline: Read", [200, 200, 200, 200, 200]),
    ("/projects/acme%2Fvault/import", "Project Import: Read", [200, 200, 200, 404, 401]),
    ("/projects/acme%2Fvault/integrations/github", "Integration: Read", [404, 403, 403, 404, 401]),
    ("/projects/acme%2Fvault/access_tokens", "Resource Access Token: Read", [200, 401, 401, 404, 401]),
    ("/projects/acme%2Fvault/variables", "Variable: Read", [200, 403, 403, 404, 401]),
    ("/namespaces/acme", "Namespace: Read", [200, 200, 404, 404, 401]),
    ("/namespaces/ada", "Namespace: Read", [200, 404, 404, 404, 401]),
    ("/namespaces/acme/exists", "Namespace: Read", [200, 200, 200, 200, 401]),
];

#[tokio::test]
async fn each_route_asks_for_a_role_a_scope_and_a_permission() {
    let mut tokens = vec![granular("none", &["User: Read"])];
    for (_, permission, _) in ROUTES {
        tokens.push(granular(permission, &[permission]));
    }
    let sandbox = seeded(tokens);
    for (path, permission, told) in ROUTES {
        for (token, told) in ["ada", "bob", "gus", "eve", ""].into_iter().zip(told) {
            assert_eq!(look(&sandbox, token, path).await.status, *told, "{token} {path}");
        }
        assert_eq!(look(&sandbox, permission, path).await.status, told[0], "{path}");
        let refused = look(&sandbox, "none", path).await;
        assert_eq!((refused.status, &refused.json()["error"]), (403, &json!("insufficient_granular_scope")), "{path}");
        assert!(refused.body.contains(permission), "{}", refused.body);
        let scope = look(&sandbox, "user-only", path).await;
        assert_eq!((scope.status, &scope.json()["scope"]), (403, &json!("api read_api")), "{path}");
    }
    assert_eq!(sandbox.state()["gitlab"]["writes"], json!([]));
}

#[tokio::test]
async fn groups_and_projects_say_what_they_are() {
    let sandbox = seeded(Vec::new());
    let group = look(&sandbox, "ada", "/groups/acme").await.json();
    assert_eq!((&group["project_creation_level"], &group["visibility"]), (&json!("maintainer"), &json!("private")));
    assert_eq!(look(&sandbox, "ada", &format!("/groups/{}", group["id"])).await.json(), group);
    let tools = look(&sandbox, "ada", "/groups/acme%2Ftools").await.json();
    assert_eq!((&tools["full_path"], &tools["parent_id"]), (&json!("acme/tools"), &group["id"]));
    assert_eq!(look(&sandbox, "eve", "/groups/acme").await.json()["message"], "404 Group Not Found");
    assert_eq!(look(&sandbox, "eve", "/projects/acme%2Fvault").await.json()["message"], "404 Project Not Found");

    let paths = async |path: &str| -> Vec<Value> {
        let list = look(&sandbox, "ada", path).await.json();
        list.as_array().unwrap().iter().map(|it| it["path_with_namespace"].clone()).collect()
    };
    assert_eq!(paths("/groups/acme/projects").await, ["acme/vault"]);
    assert_eq!(paths("/groups/acme/projects?include_subgroups=true").await, ["acme/vault", "acme/tools/attic"]);
    let first = look(&sandbox, "ada", "/groups/acme/projects?include_subgroups=true&per_page=1").await;
    assert_eq!((first.header("x-total"), first.header("x-next-page")), (Some("2"), Some("2")));

    let attic = look(&sandbox, "ada", "/projects/acme%2Ftools%2Fattic").await.json();
    assert_eq!((&attic["archived"], &attic["permissions"]["project_access"]), (&json!(true), &Value::Null));
    assert_eq!(attic["permissions"]["group_access"]["access_level"], 40);
    let site = look(&sandbox, "ada", "/projects/ada%2Fsite").await.json();
    assert_eq!(site["permissions"]["project_access"]["access_level"], 50);
    let empty = look(&sandbox, "ada", "/projects/acme%2Ftools%2Fattic/repository/branches").await;
    assert_eq!(empty.json(), json!([]));
}

#[tokio::test]
async fn members_have_a_level_or_are_not_found() {
    let sandbox = seeded(Vec::new());
    let id = async |token: &str| look(&sandbox, token, "/user").await.json()["id"].clone();
    let (bob, gus) = (id("bob").await, id("gus").await);
    let level = look(&sandbox, "ada", &format!("/groups/acme%2Ftools/members/all/{bob}")).await.json();
    assert_eq!((&level["access_level"], &level["username"]), (&json!(30), &json!("bob")));
    assert_eq!(look(&sandbox, "ada", &format!("/groups/acme/members/all/{gus}")).await.status, 404);
    let guest = look(&sandbox, "ada", &format!("/projects/acme%2Fvault/members/all/{gus}")).await.json();
    assert_eq!(guest["access_level"], 10);
}

#[tokio::test]
async fn what_is_not_paid_for_is_not_mentioned() {
    let paid = seeded(Vec::new());
    let vault = look(&paid, "ada", "/projects/acme%2Fvault").await.json();
    assert_eq!((&vault["mirror"], &vault["mirror_trigger_builds"]), (&json!(true), &json!(false)));
    let site = look(&paid, "ada", "/projects/ada%2Fsite").await.json();
    assert_eq!((&site["mirror"], site.get("mirror_user_id")), (&json!(false), None));
    let mirror = look(&paid, "ada", "/projects/acme%2Fvault/mirror/pull").await.json();
    assert_eq!(
        (&mirror["url"], &mirror["enabled"]),
        (&json!("https://*****:*****@github.com/acme/vault.git"), &json!(true))
    );
    assert_eq!(look(&paid, "ada", "/namespaces/acme").await.json()["plan"], "premium");
    assert_eq!(look(&paid, "bob", "/namespaces/acme").await.json().get("plan"), None);

    let free = Sandbox::builder().tier(Tier::Free).seed(seed(Vec::new())).start().unwrap();
    assert_eq!(look(&free, "ada", "/projects/acme%2Fvault").await.json().get("mirror"), None);
    for (sandbox, path) in [(&free, "acme%2Fvault"), (&paid, "ada%2Fsite")] {
        let refused = look(sandbox, "ada", &format!("/projects/{path}/mirror/pull")).await;
        assert_eq!((refused.status, &refused.json()["message"]), (400, &json!("The project is not mirrored")));
    }
    assert_eq!(look(&free, "ada", "/namespaces/acme").await.json()["plan"], "free");
    let older = Sandbox::builder().gitlab_version("17.4").seed(seed(Vec::new())).start().unwrap();
    let mirror = look(&older, "ada", "/projects/acme%2Fvault/mirror/pull").await.json();
    assert_eq!(mirror.as_object().unwrap().len(), 7);
}

#[tokio::test]
async fn names_are_taken_or_free() {
    let sandbox = seeded(Vec::new());
    let group = look(&sandbox, "ada", "/groups/acme").await.json()["id"].clone();
    let exists = async |path: &str| look(&sandbox, "ada", &format!("/namespaces/{path}")).await.json();
    assert_eq!(exists("acme/exists").await, json!({ "exists": true, "suggests": ["acme1"] }));
    assert_eq!(exists("bob/exists").await["exists"], true);
    assert_eq!(exists("tools/exists").await, json!({ "exists": false, "suggests": [] }));
    assert_eq!(exists(&format!("tools/exists?parent_id={group}")).await["exists"], true);
}

#[tokio::test]
async fn moved_projects_and_renamed_users_keep_their_numbers() {
    let sandbox = seeded(Vec::new());
    let moved = look(&sandbox, "ada", "/projects/acme%2Fsafe/hooks?per_page=1").await;
    let target = moved.header("location").unwrap().to_owned();
    assert_eq!(moved.status, 301);
    assert!(moved.body.contains(&target) && target.ends_with("/hooks?per_page=1"), "{}", moved.body);
    assert_eq!(get(&target, &sandbox.gitlab_token("ada")).await.status, 200);
    assert_eq!(look(&sandbox, "eve", "/projects/acme%2Fsafe").await.status, 404);

    let before = look(&sandbox, "ada", "/user").await.json();
    sandbox.rename_gitlab_user("ada", "lovelace");
    let after = look(&sandbox, "ada", "/user").await.json();
    assert_eq!((&after["username"], &after["id"]), (&json!("lovelace"), &before["id"]));
    assert_eq!(look(&sandbox, "ada", "/projects/lovelace%2Fsite").await.status, 200);
    assert_eq!(look(&sandbox, "ada", "/projects/ada%2Fsite").await.status, 301);
    let body = json!({ "forge": "gitlab", "from": "lovelace", "to": "acme" });
    let taken = client().post(format!("{}/accounts/rename", sandbox.admin_url())).json(&body).send().await.unwrap();
    assert_eq!(taken.status(), 400);
}

#[tokio::test]
async fn every_kind_of_token_can_be_planted() {
    let sandbox = seeded(vec![
        GitlabTokenSeed { kind: GitlabTokenKind::OAuth, expires_in_days: Some(1), ..token("o", "ada", &["api"]) },
        GitlabTokenSeed { kind: GitlabTokenKind::Group, ..token("g", "ada", &["api"]) },
        granular("f", &["Personal Access Token: Read"]),
    ]);
    assert_eq!(look(&sandbox, "o", "/personal_access_tokens/self").await.status, 400);
    assert_eq!(look(&sandbox, "o", "/user").await.status, 200);
    assert_eq!(look(&sandbox, "g", "/personal_access_tokens/self").await.status, 200);
    let granular = look(&sandbox, "f", "/personal_access_tokens/self").await.json();
    assert_eq!((&granular["granular"], &granular["scopes"]), (&json!(true), &json!(["granular"])));
}

#[test]
fn a_seed_that_gitlab_would_not_take_is_refused() {
    let cases = [
        (r#"{ "tokens": [ { "name": "t", "scopes": ["api"], "granular_permissions": [] } ] }"#, "both"),
        (r#"{ "groups": [ { "path": "no/where" } ] }"#, "`no`"),
        (r#"{ "projects": [ { "path": "nobody/x" } ] }"#, "`nobody`"),
        (r#"{ "projects": [ { "path": "root/x", "members": { "root": 42 } } ] }"#, "no role"),
        (r#"{ "projects": [ { "path": "root/attic" } ] }"#, "already"),
    ];
    for (gitlab, why) in cases {
        let seed: Seed = serde_json::from_str(&format!(r#"{{ "gitlab": {gitlab} }}"#)).unwrap();
        let error = Sandbox::builder().seed(seed).start().unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    for unknown in
        [r#"{ "groups": [ { "project_creation_level": "king" } ] }"#, r#"{ "projects": [ { "paths": "x" } ] }"#]
    {
        assert!(serde_json::from_str::<GitlabSeed>(unknown).is_err(), "{unknown}");
    }
}
