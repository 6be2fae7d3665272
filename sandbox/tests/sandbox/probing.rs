//! What a GitHub token may, asked route by route as a prober asks.

use crate::client::{Seen, client};
use forge_sandbox::{
    GithubAccountSeed, GithubOrganizationSeed, GithubRepositorySeed, GithubSeed, GithubTokenSeed, Membership, Role,
    Sandbox, Seed,
};
use reqwest::Method;
use serde_json::json;

const VAULT: &str = "/repos/acme/vault";
const ZEROS: &str = "0000000000000000000000000000000000000000";
const NOT_ACCESSIBLE: &str = "Resource not accessible by personal access token";

/// A fine-grained token of `ada`'s for all that is `acme`'s.
fn fine(name: &str, permissions: &[(&str, &str)]) -> GithubTokenSeed {
    let (login, resource_owner) = (Some("ada".into()), Some("acme".into()));
    GithubTokenSeed { login, resource_owner, ..GithubTokenSeed::fine_grained(name, permissions) }
}

fn classic(name: &str, login: &str, scopes: &[&str]) -> GithubTokenSeed {
    GithubTokenSeed { login: Some(login.into()), ..GithubTokenSeed::classic(name, scopes) }
}

fn repository(name: &str, private: bool) -> GithubRepositorySeed {
    let hooks = vec!["https://ci.example/hook".to_owned()];
    GithubRepositorySeed { owner: Some("acme".into()), name: name.into(), private, hooks, ..Default::default() }
}

fn acme() -> GithubOrganizationSeed {
    let members = [("ada", Membership::Admin), ("bob", Membership::Member)];
    let members = members.map(|(login, place)| (login.to_owned(), place)).into();
    GithubOrganizationSeed { login: "acme".into(), members, ..Default::default() }
}

/// `ada` owns `acme`, `bob` is in it, `eve` pushes to its vault.
fn seeded(organization: GithubOrganizationSeed, tokens: Vec<GithubTokenSeed>) -> Sandbox {
    let account = |login: &str| GithubAccountSeed { login: login.into(), ..Default::default() };
    let github = GithubSeed {
        accounts: vec![account("ada"), account("bob"), account("eve")],
        organizations: vec![organization],
        repositories: vec![
            GithubRepositorySeed {
                collaborators: [("eve".to_owned(), Role::Push)].into(),
                former_names: vec!["safe".into()],
                ..repository("vault", true)
            },
            repository("site", false),
            GithubRepositorySeed { archived: true, ..repository("attic", true) },
            GithubRepositorySeed { empty: true, ..repository("void", true) },
        ],
        tokens,
    };
    Sandbox::builder().seed(Seed { github, ..Default::default() }).start().unwrap()
}

async fn ask(sandbox: &Sandbox, token: &str, method: &str, path: &str, body: &str) -> Seen {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = client().request(method, format!("{}{path}", sandbox.dotcom_api_url()));
    if !token.is_empty() {
        request = request.bearer_auth(sandbox.github_token(token));
    }
    Seen::of(request.body(body.to_owned()).send().await.unwrap()).await
}

async fn status(sandbox: &Sandbox, token: &str, method: &str, path: &str) -> u16 {
    ask(sandbox, token, method, path, "{}").await.status
}

/// Every probe: what it asks for, and what it is told when that is granted.
fn probes() -> Vec<(&'static str, String, &'static str, u16)> {
    let probes = [
        ("GET", "/actions/artifacts", "actions=read", 200),
        ("POST", "/actions/workflows/no-such-file.yml/dispatches", "actions=write", 404),
        ("GET", "/actions/permissions", "administration=read", 200),
        ("GET", "/rulesets/rule-suites", "administration=write", 200),
        ("GET", "/commits", "contents=read", 200),
        ("GET", "/branches", "contents=read", 200),
        ("GET", "/contents/README.md", "contents=read", 200),
        ("GET", "/contents", "contents=read", 200),
        ("PUT", "/contents/x", "contents=write", 422),
        ("GET", "/commits/main/statuses", "statuses=read", 200),
        ("GET", "/commits/main/status", "statuses=read", 200),
        ("GET", "/issues", "issues=read", 200),
        ("GET", "/labels", "issues=read", 200),
        ("GET", "/labels", "pull_requests=read", 200),
        ("PATCH", "/labels/no-such-label", "issues=write", 404),
        ("GET", "/pulls", "pull_requests=read", 200),
        ("POST", "/pulls", "pull_requests=write", 422),
        ("GET", "/hooks", "repository_hooks=read", 200),
        ("GET", "/hooks/4294967289", "repository_hooks=read", 404),
        ("PATCH", "/hooks/4294967289", "repository_hooks=write", 404),
        ("GET", "/collaborators", "metadata=read", 200),
        ("GET", "/collaborators/eve/permission", "metadata=read", 200),
    ];
    let mut all: Vec<_> = probes.map(|(method, path, asks, granted)| (method, path.to_owned(), asks, granted)).into();
    all.push(("GET", format!("/commits/{ZEROS}/statuses"), "statuses=read", 404));
    all.push(("POST", format!("/statuses/{ZEROS}"), "statuses=write", 422));
    all
}

#[tokio::test]
async fn each_route_asks_for_its_permission_and_no_other() {
    let names = ["actions", "administration", "contents", "issues", "pull_requests", "repository_hooks", "statuses"];
    let mut tokens = vec![fine("none", &[])];
    for name in names {
        for level in ["read", "write"] {
            tokens.push(fine(&format!("{name}={level}"), &[(name, level)]));
        }
        let others: Vec<(&str, &str)> = names.iter().filter(|it| **it != name).map(|it| (*it, "write")).collect();
        tokens.push(fine(&format!("all but {name}"), &others));
    }
    let sandbox = seeded(acme(), tokens);
    let before = sandbox.state();
    for (method, path, asks, granted) in probes() {
        let path = format!("{VAULT}{path}");
        let (name, level) = asks.split_once('=').unwrap();
        if name == "metadata" {
            assert_eq!(status(&sandbox, "none", method, &path).await, granted, "{method} {path}");
            continue;
        }
        assert_eq!(status(&sandbox, &format!("{name}=write"), method, &path).await, granted, "{method} {path}");
        let read = status(&sandbox, &format!("{name}=read"), method, &path).await;
        assert_eq!(read, if level == "read" { granted } else { 403 }, "{method} {path}");
        let refused = ask(&sandbox, "none", method, &path, "{}").await;
        assert_eq!((refused.status, &refused.json()["message"]), (403, &json!(NOT_ACCESSIBLE)), "{method} {path}");
        let accepted = refused.header("x-accepted-github-permissions").unwrap();
        assert!(accepted.split([';', ',']).any(|pair| pair.trim() == asks), "{method} {path}: {accepted}");
        if !accepted.contains("; ") {
            let others = status(&sandbox, &format!("all but {name}"), method, &path).await;
            assert_eq!(others, 403, "{method} {path}");
        }
    }
    let after = sandbox.state();
    assert_eq!(after["github"]["writes"], json!([]));
    assert_eq!(after["github"]["repositories"], before["github"]["repositories"]);
}

#[tokio::test]
async fn what_is_public_is_read_without_permission_and_written_with_it() {
    let sandbox = seeded(
        acme(),
        vec![
            fine("none", &[]),
            GithubTokenSeed { repositories: Some(vec!["vault".into()]), ..fine("vault", &[("statuses", "write")]) },
            GithubTokenSeed { pending_approval: true, ..fine("pending", &[("statuses", "write")]) },
            fine("all", &[("statuses", "write")]),
            GithubTokenSeed { resource_owner: None, ..fine("own", &[("statuses", "write")]) },
        ],
    );
    for (method, path, asks, granted) in probes() {
        let guarded = ["/hooks", "/actions/permissions", "/rulesets"].iter().any(|part| path.starts_with(part));
        if method == "GET" && asks != "metadata=read" {
            let told = status(&sandbox, "none", method, &format!("/repos/acme/site{path}")).await;
            assert_eq!(told, if guarded { 403 } else { granted }, "{path}");
        }
    }
    let write = format!("/repos/acme/site/statuses/{ZEROS}");
    for (token, told) in [("all", 422), ("vault", 403), ("pending", 403), ("own", 403), ("none", 403), ("", 401)] {
        assert_eq!(status(&sandbox, token, "POST", &write).await, told, "{token}");
    }
    for (token, told) in [("all", 200), ("vault", 200), ("pending", 404), ("own", 404), ("", 404)] {
        assert_eq!(status(&sandbox, token, "GET", VAULT).await, told, "{token}");
    }
    assert_eq!(status(&sandbox, "vault", "GET", "/repos/acme/attic").await, 404);
}

#[tokio::test]
async fn a_classic_token_needs_scopes_and_is_told_404() {
    let sandbox = seeded(
        acme(),
        vec![
            classic("repo", "ada", &["repo"]),
            classic("hooks", "ada", &["admin:repo_hook"]),
            classic("statuses", "ada", &["repo:status"]),
            classic("public", "ada", &["public_repo"]),
        ],
    );
    let hook = format!("{VAULT}/hooks/1");
    assert_eq!(status(&sandbox, "repo", "GET", &format!("{VAULT}/hooks")).await, 200);
    assert_eq!(status(&sandbox, "hooks", "GET", &format!("{VAULT}/hooks")).await, 200);
    assert_eq!(status(&sandbox, "hooks", "GET", VAULT).await, 404);
    assert_eq!(status(&sandbox, "statuses", "POST", &format!("{VAULT}/statuses/{ZEROS}")).await, 422);
    let refused = ask(&sandbox, "public", "PATCH", &hook, "{}").await;
    assert_eq!(refused.status, 404);
    assert_eq!(refused.header("x-oauth-scopes"), Some("public_repo"));
    assert_eq!(refused.header("x-accepted-oauth-scopes"), Some("admin:repo_hook, public_repo, repo, write:repo_hook"));
    assert_eq!(status(&sandbox, "public", "GET", "/repos/acme/site/hooks").await, 200);
    assert_eq!(status(&sandbox, "statuses", "GET", "/repos/acme/site/hooks").await, 404);
}

#[tokio::test]
async fn roles_are_judged_after_the_token() {
    let sandbox = seeded(
        acme(),
        vec![
            classic("owner", "ada", &["repo"]),
            classic("member", "bob", &["repo"]),
            classic("pusher", "eve", &["repo"]),
        ],
    );
    let cases = [
        ("GET", "/hooks", 200, 404, 404, "Not Found"),
        ("PATCH", "/hooks/4294967289", 404, 404, 404, "Not Found"),
        ("GET", "/actions/permissions", 200, 403, 403, "Must have admin rights to Repository."),
        ("GET", "/rulesets/rule-suites", 200, 403, 403, "Must have admin rights to Repository."),
        ("POST", "/actions/workflows/x.yml/dispatches", 404, 404, 403, "Must have admin rights to Repository."),
        ("GET", "/collaborators", 200, 200, 403, "Must have push access to view repository collaborators."),
        (
            "GET",
            "/collaborators/eve/permission",
            200,
            200,
            403,
            "Must have push access to view collaborator permission.",
        ),
        ("GET", "/commits", 200, 200, 200, ""),
    ];
    for (method, path, owner, pusher, member, words) in cases {
        let path = format!("{VAULT}{path}");
        assert_eq!(status(&sandbox, "owner", method, &path).await, owner, "{path}");
        assert_eq!(status(&sandbox, "pusher", method, &path).await, pusher, "{path}");
        let seen = ask(&sandbox, "member", method, &path, "{}").await;
        assert_eq!(seen.status, member, "{path}");
        assert!(words.is_empty() || seen.json()["message"] == words, "{path}: {}", seen.body);
    }
}

#[tokio::test]
async fn archived_and_empty_repositories_say_so() {
    let sandbox = seeded(acme(), vec![classic("owner", "ada", &["repo"])]);
    let attic = ask(&sandbox, "owner", "GET", "/repos/acme/attic", "").await.json();
    assert_eq!((&attic["archived"], &attic["disabled"]), (&json!(true), &json!(false)));
    assert_eq!(status(&sandbox, "owner", "GET", "/repos/acme/attic/hooks").await, 200);
    for (method, path) in [("POST", format!("/statuses/{ZEROS}")), ("PATCH", "/hooks/4294967289".to_owned())] {
        let refused = ask(&sandbox, "owner", method, &format!("/repos/acme/attic{path}"), "{}").await;
        assert_eq!(refused.status, 403, "{path}");
        assert_eq!(refused.json()["message"], "Repository was archived so is read-only.");
    }
    let empty = ask(&sandbox, "owner", "GET", "/repos/acme/void/commits", "").await;
    assert_eq!((empty.status, &empty.json()["message"]), (409, &json!("Git Repository is empty.")));
    assert_eq!(ask(&sandbox, "owner", "GET", "/repos/acme/void/branches", "").await.json(), json!([]));
}

#[tokio::test]
async fn policies_are_in_githubs_words() {
    let tokens = || {
        vec![
            classic("classic", "ada", &["repo"]),
            fine("ninety-days", &[("contents", "read")]),
            GithubTokenSeed { expires_in_days: None, ..fine("for-ever", &[("contents", "read")]) },
            classic("stranger", "monalisa", &["repo"]),
        ]
    };
    let message = async |sandbox: &Sandbox, token: &str, path: &str| {
        let seen = ask(sandbox, token, "GET", path, "").await;
        if seen.status == 403 { seen.json()["message"].as_str().unwrap().to_owned() } else { seen.status.to_string() }
    };
    let (private, public) = ("/repos/acme/vault/commits", "/repos/acme/site/commits");

    let sandbox = seeded(GithubOrganizationSeed { forbids_classic: true, ..acme() }, tokens());
    let words = "`acme` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or \
                 a personal access token with fine-grained permissions.";
    assert_eq!(message(&sandbox, "classic", private).await, words);
    assert_eq!(message(&sandbox, "classic", "/repos/acme/site/hooks").await, words);
    assert_eq!(message(&sandbox, "classic", public).await, "200");
    assert_eq!(message(&sandbox, "ninety-days", private).await, "200");
    assert_eq!(message(&sandbox, "stranger", private).await, "404");
    assert!(!ask(&sandbox, "classic", "GET", "/user/repos", "").await.body.contains("acme/vault"));

    let sandbox = seeded(GithubOrganizationSeed { forbids_fine_grained: true, ..acme() }, tokens());
    assert!(message(&sandbox, "ninety-days", private).await.starts_with("`acme` forbids access via a fine-grained"));
    assert_eq!(message(&sandbox, "ninety-days", public).await, "200");

    let sandbox = seeded(GithubOrganizationSeed { lifetime_limit_days: Some(366), ..acme() }, tokens());
    for path in [private, public] {
        assert_eq!(message(&sandbox, "ninety-days", path).await, "200");
        let refused = message(&sandbox, "for-ever", path).await;
        assert!(refused.contains("lifetime is greater than 366 days"), "{refused}");
        let id = refused.rsplit_once("https://github.com/settings/personal-access-tokens/").unwrap().1;
        assert!(id.parse::<u64>().is_ok(), "{id}");
    }

    let without = |name: &str| GithubTokenSeed { without_sso: vec!["acme".into()], ..fine(name, &[]) };
    let sandbox = seeded(acme(), vec![without("sso")]);
    let refused = ask(&sandbox, "sso", "GET", private, "").await;
    assert!(refused.header("x-github-sso").unwrap().contains("/orgs/acme/sso?"), "before any permission is asked for");

    let sandbox = seeded(GithubOrganizationSeed { ip_allow_list: true, ..acme() }, tokens());
    assert!(message(&sandbox, "classic", private).await.contains("`acme` organization has an IP allow list enabled"));
    assert_eq!(message(&sandbox, "classic", public).await, "200");
}

#[tokio::test]
async fn organisations_tell_their_owners_more() {
    let sandbox = seeded(
        acme(),
        vec![
            classic("owner", "ada", &["admin:org_hook", "read:org", "repo"]),
            classic("member", "bob", &["admin:org_hook", "read:org"]),
            classic("bare", "ada", &["repo"]),
            fine("hooks", &[("organization_hooks", "read")]),
            fine("members", &[("members", "read")]),
            GithubTokenSeed { pending_approval: true, ..fine("pending", &[("organization_hooks", "read")]) },
        ],
    );
    let cases =
        [("owner", 200), ("member", 404), ("bare", 404), ("hooks", 200), ("members", 403), ("pending", 404), ("", 401)];
    for (token, told) in cases {
        assert_eq!(status(&sandbox, token, "GET", "/orgs/acme/hooks").await, told, "{token}");
    }
    assert_eq!(ask(&sandbox, "pending", "GET", "/user/orgs", "").await.json(), json!([]));
    assert_eq!(ask(&sandbox, "", "GET", "/orgs/acme", "").await.json()["login"], "acme");
    for (token, role) in [("owner", "admin"), ("member", "member"), ("members", "admin")] {
        let place = ask(&sandbox, token, "GET", "/user/memberships/orgs/acme", "").await.json();
        assert_eq!((&place["role"], &place["state"]), (&json!(role), &json!("active")), "{token}");
    }
    assert_eq!(status(&sandbox, "hooks", "GET", "/user/memberships/orgs/acme").await, 403);
    let bob = ask(&sandbox, "owner", "GET", "/orgs/acme/memberships/bob", "").await.json();
    assert_eq!((&bob["role"], &bob["user"]["login"]), (&json!("member"), &json!("bob")));
    assert_eq!(status(&sandbox, "owner", "GET", "/orgs/acme/memberships/eve").await, 404);
}

#[tokio::test]
async fn accepted_writes_are_written_down() {
    let sandbox = seeded(acme(), vec![classic("owner", "ada", &["repo"])]);
    let commits = ask(&sandbox, "owner", "GET", &format!("{VAULT}/commits"), "").await.json();
    let sha = commits[0]["sha"].as_str().unwrap().to_owned();
    let statuses = format!("{VAULT}/statuses/{sha}");
    assert_eq!(ask(&sandbox, "owner", "POST", &statuses, "{}").await.status, 422);
    assert_eq!(ask(&sandbox, "owner", "POST", &statuses, "no json").await.status, 400);
    assert_eq!(sandbox.state()["github"]["writes"], json!([]));
    assert_eq!(ask(&sandbox, "owner", "POST", &statuses, r#"{"state":"success"}"#).await.status, 201);
    let combined = ask(&sandbox, "owner", "GET", &format!("{VAULT}/commits/{sha}/status"), "").await.json();
    assert_eq!(combined["state"], "success");
    let file = r#"{"message":"m","content":"aGk="}"#;
    assert_eq!(ask(&sandbox, "owner", "PUT", &format!("{VAULT}/contents/a/b"), file).await.status, 201);
    assert_eq!(ask(&sandbox, "owner", "PUT", &format!("{VAULT}/contents/a/b"), file).await.status, 422);
    let hooks = ask(&sandbox, "owner", "GET", &format!("{VAULT}/hooks"), "").await.json();
    assert_eq!(hooks[0]["config"]["secret"], "********");
    let hook = format!("{VAULT}/hooks/{}", hooks[0]["id"]);
    let edited = ask(&sandbox, "owner", "PATCH", &hook, r#"{"config":{"url":"https://new.example"}}"#).await.json();
    assert_eq!(edited["config"].get("secret"), None, "a config without a secret takes it away");
    let start = format!("{VAULT}/actions/workflows/ci.yml/dispatches");
    assert_eq!(ask(&sandbox, "owner", "POST", &start, r#"{"ref":"main"}"#).await.status, 204);
    let writes = sandbox.state()["github"]["writes"].clone();
    assert_eq!(writes.as_array().unwrap().len(), 4, "{writes}");
    assert_eq!(writes[0], json!({ "method": "POST", "path": statuses, "token": "owner", "status": 201 }));
}

#[tokio::test]
async fn former_names_redirect_what_lies_below_too() {
    let sandbox = seeded(acme(), vec![classic("owner", "ada", &["repo"]), classic("bare", "ada", &[])]);
    let read = ask(&sandbox, "owner", "GET", "/repos/acme/safe/commits?per_page=1", "").await;
    assert_eq!(read.status, 301);
    let target = read.header("location").unwrap().replace(&sandbox.dotcom_api_url(), "");
    assert!(target.starts_with("/repositories/") && target.ends_with("/commits?per_page=1"), "{target}");
    assert_eq!(status(&sandbox, "owner", "GET", &target).await, 200);
    assert_eq!(status(&sandbox, "owner", "PATCH", "/repos/acme/safe/hooks/1").await, 307);
    assert_eq!(status(&sandbox, "bare", "GET", "/repos/acme/safe").await, 404);
}

#[tokio::test]
async fn a_renamed_account_keeps_its_number_and_tokens() {
    let sandbox = seeded(acme(), vec![classic("owner", "ada", &["repo"]), fine("fine", &[("contents", "read")])]);
    let before = ask(&sandbox, "owner", "GET", "/user", "").await.json();
    sandbox.rename_github_account("ada", "lovelace");
    sandbox.rename_github_account("acme", "umbrella");
    let after = ask(&sandbox, "fine", "GET", "/user", "").await.json();
    assert_eq!((&after["login"], &after["id"]), (&json!("lovelace"), &before["id"]));
    assert_eq!(status(&sandbox, "fine", "GET", "/repos/umbrella/vault/commits").await, 200);
    assert_eq!(status(&sandbox, "fine", "GET", "/repos/acme/vault").await, 301);
    let admin = format!("{}/accounts/rename", sandbox.admin_url());
    let rename =
        |to: &str| client().post(&admin).json(&json!({ "forge": "github", "from": "lovelace", "to": to })).send();
    assert_eq!(rename("bob").await.unwrap().status(), 400);
    assert_eq!(rename("ada").await.unwrap().status(), 204);
    assert_eq!(ask(&sandbox, "owner", "GET", "/user", "").await.json()["login"], "ada");
}

#[test]
fn a_seed_that_github_would_not_take_is_refused() {
    let cases = [
        (r#"{ "tokens": [ { "name": "t", "resource_owner": "agility-game" } ] }"#, "is classic"),
        (
            r#"{ "tokens": [ { "name": "t", "login": "monalisa", "resource_owner": "agility-game", "permissions": {} } ] }"#,
            "no member",
        ),
        (r#"{ "tokens": [ { "name": "t", "permissions": {}, "repositories": ["x"] } ] }"#, "selects `x`"),
        (r#"{ "repositories": [ { "name": "diary" } ] }"#, "already"),
        (r#"{ "organizations": [ { "login": "o", "members": { "nobody": "admin" } } ] }"#, "nobody"),
    ];
    for (github, why) in cases {
        let seed: Seed = serde_json::from_str(&format!(r#"{{ "github": {github} }}"#)).unwrap();
        let error = Sandbox::builder().seed(seed).start().unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    for unknown in
        [r#"{ "repositories": [ { "nam": "x" } ] }"#, r#"{ "organizations": [ { "members": { "a": "king" } } ] }"#]
    {
        assert!(serde_json::from_str::<GithubSeed>(unknown).is_err(), "{unknown}");
    }
}
