//! What a set-up asks of GitHub: repositories, webhooks, files, branches, pull requests, Actions secrets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_box::SecretKey;
use crypto_box::aead::OsRng;
use url::Url;

use super::*;
use crate::model::hook::{File, Pull};
use crate::model::place::{Repository, Role};

const REPOSITORY: &str = r#"{"id":7,"name":"store","full_name":"acme/store","owner":{"login":"acme","type":"Organization"},"private":true,"html_url":"https://github.com/acme/store","description":" A\u001b[31m store\n","archived":false,"disabled":false,"default_branch":"main","size":0,"permissions":{"admin":true,"pull":true},"new_field":[1]}"#;

/// The repository that the calls are about.
pub(super) fn store() -> Repository {
    Repository {
        id: 7,
        owner: "acme".into(),
        name: "store".into(),
        visibility: "private".into(),
        archived: false,
        role: Some(Role::Admin),
        of_organization: true,
        default_branch: Some("main".into()),
        disabled: false,
        description: None,
        web_url: "https://github.com/acme/store".into(),
        empty: false,
    }
}

fn token() -> Secret {
    secret("ghp_abcdefgh")
}

fn empty(status: u16) -> Reply {
    Reply::Bytes(format!("HTTP/1.1 {status} X\r\nConnection: close\r\n\r\n").into_bytes())
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn a_repository_by_name_and_by_number() {
    let server = Server::new(|seen, _| match seen.path.as_str() {
        "/repos/old/name" => reply(301, &[("Location", "/repositories/7")], r#"{"message":"Moved Permanently"}"#),
        _ => reply(200, &[], REPOSITORY),
    })
    .await;
    let expected = Repository { description: Some("A\u{fffd}[31m store".into()), empty: true, ..store() };
    assert_eq!(server.hub().repository(&token(), "old", "name").await, Ok(expected.clone()));
    assert_eq!(server.hub().repository_by_id(&token(), 7).await, Ok(expected));
    assert_eq!(server.lines(), ["GET /repos/old/name", "GET /repositories/7", "GET /repositories/7"]);
}

#[tokio::test]
async fn a_repository_of_which_little_is_told() {
    let server = Server::new(|_, _| {
        reply(200, &[], r#"{"id":7,"name":"store","owner":{"login":"acme","type":7},"html_url":"javascript:1","size":"0","default_branch":null,"permissions":[],"visibility":null}"#)
    })
    .await;
    let found = server.hub().repository(&token(), "acme", "store").await.unwrap();
    assert_eq!((found.web_url.as_str(), found.empty), ("https://github.com/acme/store", false));
    assert_eq!((found.default_branch, found.role, found.of_organization), (None, None, false));
    let server = Server::new(|_, _| reply(200, &[], r#"{"name":"store","owner":{"login":"acme"}}"#)).await;
    let error = server.hub().repository_by_id(&token(), 7).await.unwrap_err();
    assert_eq!(error.kind, ForgeErrorKind::Malformed, "without its number it is of no use");
}

#[tokio::test]
async fn all_repositories_and_who_is_left_out() {
    let server = Server::new(|seen, _| {
        let left_out = ("X-GitHub-SSO", "partial-results; organizations=21955855,20582480");
        if seen.path.contains("page=2") {
            reply(200, &[left_out], "[]")
        } else {
            let next = "</user/repos?affiliation=x&page=2>; rel=\"next\"";
            reply(200, &[left_out, ("Link", next)], &format!("[{REPOSITORY}]"))
        }
    })
    .await;
    let (all, left_out) = server.hub().repositories(&token()).await.unwrap();
    assert_eq!((all.len(), all[0].id), (1, 7));
    assert_eq!(left_out, ["21955855", "20582480"], "each once");
    assert_eq!(
        server.lines()[0],
        "GET /user/repos?affiliation=owner%2Ccollaborator%2Corganization_member&sort=full_name&per_page=100"
    );
    assert_eq!(server.seen().len(), 2);

    let endless = Server::new(|_, before| {
        reply(200, &[("Link", &format!("</user/repos?page={}>; rel=\"next\"", before + 2))], "[]")
    })
    .await;
    endless.hub().repositories(&token()).await.unwrap();
    assert_eq!(endless.seen().len(), 100, "a list has an end");
}

const HOOK: &str = r#"{"id":42,"name":"web","active":true,"events":["push","pull_request"],"config":{"content_type":"json","insecure_ssl":"0","url":"https://gitlab.com/api/v4/projects/9/mirror/pull?private_token=glpat-plantedplanted1"},"last_response":{"code":null,"status":"unused","message":null}}"#;

#[tokio::test]
async fn a_webhook_is_made_edited_pinged_and_removed() {
    let server = Server::new(|seen, _| match seen.method.as_str() {
        "DELETE" => empty(204),
        "POST" if seen.path.ends_with("pings") => empty(204),
        "POST" => reply(201, &[], HOOK),
        _ => reply(200, &[], HOOK),
    })
    .await;
    let url = Url::parse("https://gitlab.com/api/v4/projects/9/mirror/pull").unwrap();
    let planted = secret("glpat-plantedplanted1");
    let wish = NewHook {
        url: &url,
        private_token: Some(&planted),
        secret: None,
        events: &["push", "pull_request"],
        active: true,
    };
    let hub = server.hub();
    let made = hub.create_hook(&token(), &store(), &wish).await.unwrap();
    assert_eq!((made.id, &made.url, made.token.as_ref()), (42, &url, Some(&planted.fingerprint())));
    assert!(made.active && made.json && made.verifies_tls && made.has_secret == Some(false));
    assert!(!format!("{made:?} {wish:?}").contains("plantedplanted1"));
    assert_eq!(hub.edit_hook(&token(), &store(), 42, &wish).await.unwrap(), made);
    assert_eq!(hub.hook(&token(), &store(), 42).await, Ok(Some(made)));
    hub.ping_hook(&token(), &store(), 42).await.unwrap();
    assert_eq!(hub.delete_hook(&token(), &store(), 42).await, Ok(true));

    assert_eq!(
        server.lines(),
        [
            "POST /repos/acme/store/hooks",
            "PATCH /repos/acme/store/hooks/42",
            "GET /repos/acme/store/hooks/42",
            "POST /repos/acme/store/hooks/42/pings",
            "DELETE /repos/acme/store/hooks/42"
        ]
    );
    let seen = server.seen();
    let config = r#""config":{"url":"https://gitlab.com/api/v4/projects/9/mirror/pull?private_token=glpat-plantedplanted1","content_type":"json","insecure_ssl":"0"}"#;
    let common = format!(r#""active":true,"events":["push","pull_request"],{config}}}"#);
    assert_eq!(seen[0].body, format!(r#"{{"name":"web",{common}"#));
    assert_eq!(seen[1].body, format!("{{{common}"));
    for seen in &seen {
        assert_eq!(seen.header("authorization"), Some("Bearer ghp_abcdefgh"));
        assert_eq!(seen.header("content-type").is_some(), !seen.body.is_empty());
    }
}

#[tokio::test]
async fn webhooks_page_by_page() {
    let server = Server::new(|seen, _| {
        if seen.path.contains("page=2") {
            reply(200, &[], r#"[{"id":43,"name":"email","config":{"address":"a@b"}}]"#)
        } else {
            let next = "</repositories/7/hooks?page=2>; rel=\"next\"";
            reply(200, &[("Link", next)], &format!("[{HOOK}]"))
        }
    })
    .await;
    let all = server.hub().hooks(&token(), &store()).await.unwrap();
    assert_eq!(all.iter().map(|hook| hook.id).collect::<Vec<_>>(), [42], "services of old have no address");
    assert_eq!(server.lines(), ["GET /repos/acme/store/hooks?per_page=100", "GET /repositories/7/hooks?page=2"]);
}

#[tokio::test]
async fn webhooks_that_may_not_be() {
    let url = Url::parse("https://h/x").unwrap();
    let wish = NewHook { url: &url, private_token: None, secret: None, events: &["push"], active: true };
    for (message, kind) in [
        ("Hook already exists on this repository", ForgeErrorKind::HookExists),
        ("The \"push\" event cannot have more than 20 hooks", ForgeErrorKind::TooManyHooks),
        ("url is not supported because it isn't reachable over the public Internet", ForgeErrorKind::HookUrlRefused),
    ] {
        let error = serde_json::json!([{ "resource": "Hook", "code": "custom", "message": message }]);
        let body = serde_json::json!({ "message": "Validation Failed", "errors": error }).to_string();
        let server = Server::new(move |_, _| reply(422, &[], &body)).await;
        let error = server.hub().create_hook(&token(), &store(), &wish).await.unwrap_err();
        assert_eq!(error.kind, kind);
        assert!(error.said.is_some_and(|said| said.contains(message)));
        assert_eq!(server.seen().len(), 1);
    }
    let gone = Server::new(|_, _| reply(404, &[], r#"{"message":"Not Found"}"#)).await;
    assert_eq!(gone.hub().hook(&token(), &store(), 1).await, Ok(None));
    assert_eq!(gone.hub().delete_hook(&token(), &store(), 1).await, Ok(false));
    let error = gone.hub().edit_hook(&token(), &store(), 1, &wish).await.unwrap_err();
    assert_eq!(error.kind, ForgeErrorKind::NotFound);
    let scopes = [("X-OAuth-Scopes", "repo:status"), ("X-Accepted-OAuth-Scopes", "admin:repo_hook, repo")];
    let renamed = Server::new(|_, _| reply(307, &[("Location", "/repositories/7/hooks")], "{}")).await;
    let error = renamed.hub().create_hook(&token(), &store(), &wish).await.unwrap_err();
    assert_eq!((error.kind, renamed.seen().len()), (ForgeErrorKind::Moved, 1));
    let hidden = Server::new(move |_, _| reply(404, &scopes, r#"{"message":"Not Found"}"#)).await;
    assert!(hidden.hub().hook(&token(), &store(), 1).await.is_err(), "hidden is not gone");
}

#[tokio::test]
async fn what_makes_something_is_sent_once_and_what_sets_something_until_it_is_answered() {
    let away = || Server::new(|_, before| if before == 0 { empty(502) } else { reply(200, &[], HOOK) });
    let url = Url::parse("https://h/x").unwrap();
    let wish = NewHook { url: &url, private_token: None, secret: None, events: &["push"], active: true };
    let server = away().await;
    let error = server.hub().create_hook(&token(), &store(), &wish).await.unwrap_err();
    assert_eq!((error.kind, server.seen().len()), (ForgeErrorKind::ServerError, 1));
    let server = away().await;
    server.hub().edit_hook(&token(), &store(), 42, &wish).await.unwrap();
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn deliveries_up_to_a_number() {
    let server = Server::new(|seen, before| {
        let ids = (0..100).map(|n| serde_json::json!({ "id": before * 100 + n, "event": "push", "status": "OK" }));
        let body = serde_json::Value::from_iter(ids).to_string();
        let next = format!("<{}&cursor=v{before}>; rel=\"next\"", seen.path);
        reply(200, &[("Link", &next)], &body)
    })
    .await;
    let found = server.hub().deliveries(&token(), &store(), 42, 150).await.unwrap();
    assert_eq!((found.len(), found[149].id), (150, 149));
    assert_eq!(
        server.lines(),
        [
            "GET /repos/acme/store/hooks/42/deliveries?per_page=100",
            "GET /repos/acme/store/hooks/42/deliveries?per_page=100&cursor=v0"
        ]
    );
    let few = server.hub().deliveries(&token(), &store(), 42, 5).await.unwrap();
    assert_eq!((few.len(), server.lines()[2].ends_with("per_page=5")), (5, true));
}

#[tokio::test]
async fn a_file_is_read_written_and_removed() {
    let server = Server::new(|seen, _| match (seen.method.as_str(), seen.path.as_str()) {
        ("GET", "/repos/acme/store/contents/.gitlab-ci.yml?ref=ci%2Fx") => {
            reply(200, &[], r#"{"type":"file","encoding":"base64","sha":"b10b","size":5,"content":"aGVs\nbG8=\n"}"#)
        }
        ("GET", path) if path.contains("folder") => reply(200, &[], r#"[{"type":"file","name":"x"}]"#),
        ("GET", path) if path.contains("link") => reply(200, &[], r#"{"type":"symlink","sha":"1","target":"x"}"#),
        ("GET", path) if path.contains("huge") => {
            reply(200, &[], r#"{"type":"file","encoding":"none","sha":"1","content":""}"#)
        }
        ("GET", _) => reply(404, &[], r#"{"message":"This repository is empty."}"#),
        ("PUT", _) => reply(201, &[], r#"{"content":{"sha":"b10b"},"commit":{"sha":"c0111117"}}"#),
        _ => reply(200, &[], r#"{"content":null,"commit":{"sha":"c0111117"}}"#),
    })
    .await;
    let hub = server.hub();
    let file = hub.file(&token(), &store(), ".gitlab-ci.yml", "ci/x").await;
    assert_eq!(file, Ok(Some(File { sha: "b10b".into(), content: b"hello".to_vec() })));
    assert_eq!(hub.file(&token(), &store(), "none", "main").await, Ok(None));
    for (path, kind) in [
        ("folder", ForgeErrorKind::InvalidRequest),
        ("link", ForgeErrorKind::InvalidRequest),
        ("huge", ForgeErrorKind::TooLarge),
    ] {
        assert_eq!(hub.file(&token(), &store(), path, "main").await.unwrap_err().kind, kind, "{path}");
    }
    let before = server.seen().len();
    let change = FileChange {
        path: "/.github/workflows/a b.yml",
        branch: "ci/x",
        message: "Add CI\n\nBody",
        content: "\u{e9}\n".as_bytes(),
        replaces: None,
    };
    assert_eq!(hub.put_file(&token(), &store(), &change).await.as_deref(), Ok("c0111117"));
    let change = FileChange { replaces: Some("b10b"), ..change };
    hub.put_file(&token(), &store(), &change).await.unwrap();
    hub.delete_file(&token(), &store(), change.path, "ci/x", "Remove CI", "b10b").await.unwrap();
    let seen = server.seen().split_off(before);
    let path = "/repos/acme/store/contents/.github/workflows/a%20b.yml";
    let lines: Vec<String> = seen.iter().map(Seen::line).collect();
    assert_eq!(lines, [format!("PUT {path}"), format!("PUT {path}"), format!("DELETE {path}")]);
    let written = r#"{"message":"Add CI\n\nBody","branch":"ci/x","content":"w6kK""#;
    assert_eq!(seen[0].body, format!("{written}}}"));
    assert_eq!(seen[1].body, format!(r#"{written},"sha":"b10b"}}"#));
    assert_eq!(seen[2].body, r#"{"message":"Remove CI","branch":"ci/x","sha":"b10b"}"#);
}

#[tokio::test]
async fn a_file_that_somebody_else_changed() {
    let change = FileChange { path: "x", branch: "main", message: "m", content: b"", replaces: Some("1") };
    for (status, message) in [(409, "x does not match 1"), (422, "Invalid request.\n\n\"sha\" wasn't supplied.")] {
        let body = serde_json::json!({ "message": message }).to_string();
        let server = Server::new(move |_, _| reply(status, &[], &body)).await;
        let error = server.hub().put_file(&token(), &store(), &change).await.unwrap_err();
        assert_eq!((error.kind, server.seen().len()), (ForgeErrorKind::Conflict, 1));
    }
}

#[tokio::test]
async fn branches() {
    let server = Server::new(|seen, _| match (seen.method.as_str(), seen.path.as_str()) {
        ("GET", "/repos/acme/store/git/ref/heads/ci/x") => {
            reply(200, &[], r#"{"ref":"refs/heads/ci/x","object":{"type":"commit","sha":"c0ffee"}}"#)
        }
        ("GET", path) if path.contains("empty") => reply(409, &[], r#"{"message":"Git Repository is empty."}"#),
        ("POST", _) if seen.body.contains("refs/heads/new") => reply(201, &[], r#"{"ref":"refs/heads/new"}"#),
        ("POST", _) => reply(422, &[], r#"{"message":"Reference already exists"}"#),
        ("DELETE", path) if path.ends_with("ci/x") => empty(204),
        ("DELETE", _) => reply(422, &[], r#"{"message":"Reference does not exist"}"#),
        _ => reply(404, &[], r#"{"message":"Not Found"}"#),
    })
    .await;
    let hub = server.hub();
    assert_eq!(hub.branch_head(&token(), &store(), "ci/x").await, Ok(Some("c0ffee".into())));
    assert_eq!(hub.branch_head(&token(), &store(), "none").await, Ok(None));
    assert_eq!(hub.branch_head(&token(), &store(), "empty").await, Ok(None));
    assert_eq!(hub.create_branch(&token(), &store(), "new", "c0ffee").await, Ok(true));
    assert_eq!(hub.create_branch(&token(), &store(), "ci/x", "c0ffee").await, Ok(false));
    assert_eq!(hub.delete_branch(&token(), &store(), "ci/x").await, Ok(true));
    assert_eq!(hub.delete_branch(&token(), &store(), "none").await, Ok(false));
    let seen = server.seen();
    assert_eq!(seen[3].line(), "POST /repos/acme/store/git/refs");
    assert_eq!(seen[3].body, r#"{"ref":"refs/heads/new","sha":"c0ffee"}"#);
    assert_eq!(seen[5].line(), "DELETE /repos/acme/store/git/refs/heads/ci/x");
}

#[tokio::test]
async fn pull_requests() {
    let server = Server::new(|seen, before| match (seen.method.as_str(), before) {
        ("GET", _) => reply(200, &[], r#"[{"number":3,"html_url":"https://github.com/acme/store/pull/3"}]"#),
        ("POST", 1) => reply(201, &[], r#"{"number":4}"#),
        ("POST", _) => reply(
            422,
            &[],
            r#"{"message":"Validation Failed","errors":[{"resource":"PullRequest","code":"custom","message":"A pull request already exists for acme:ci."}]}"#,
        ),
        _ => reply(200, &[], r#"{"number":4,"state":"closed"}"#),
    })
    .await;
    let hub = server.hub();
    let pull = |number| Pull { number, web_url: format!("https://github.com/acme/store/pull/{number}") };
    assert_eq!(hub.pulls(&token(), &store(), "ci/x").await, Ok(vec![pull(3)]));
    assert_eq!(hub.open_pull(&token(), &store(), "ci", "main", "T", "B").await, Ok(pull(4)));
    let error = hub.open_pull(&token(), &store(), "ci", "main", "T", "B").await.unwrap_err();
    assert_eq!(error.kind, ForgeErrorKind::AlreadyTaken);
    hub.close_pull(&token(), &store(), 4).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].line(), "GET /repos/acme/store/pulls?state=open&head=acme%3Aci%2Fx&per_page=100");
    assert_eq!(seen[1].line(), "POST /repos/acme/store/pulls");
    assert_eq!(seen[1].body, r#"{"title":"T","head":"ci","base":"main","body":"B"}"#);
    assert_eq!(
        (seen[3].line(), seen[3].body.as_str()),
        ("PATCH /repos/acme/store/pulls/4".into(), r#"{"state":"closed"}"#)
    );
}

#[tokio::test]
async fn an_actions_secret_is_sealed() {
    let own = SecretKey::generate(&mut OsRng);
    let key = STANDARD.encode(own.public_key().as_bytes());
    let server = Server::new(move |seen, _| match (seen.method.as_str(), seen.path.as_str()) {
        ("GET", path) if path.ends_with("public-key") => {
            reply(200, &[], &serde_json::json!({ "key_id": "568250167242549743", "key": key }).to_string())
        }
        ("GET", _) => reply(
            200,
            &[],
            r#"{"total_count":1,"secrets":[{"name":"GITLAB_TOKEN","created_at":"2026-01-01T00:00:00Z"}]}"#,
        ),
        ("PUT", _) => reply(201, &[], "{}"),
        ("DELETE", path) if path.ends_with("GITLAB_TOKEN") => empty(204),
        _ => reply(404, &[], r#"{"message":"Not Found"}"#),
    })
    .await;
    let hub = server.hub();
    let planted = secret("glpat-plantedplanted1");
    hub.put_actions_secret(&token(), &store(), "GITLAB_TOKEN", &planted).await.unwrap();
    assert_eq!(hub.actions_secrets(&token(), &store()).await, Ok(vec!["GITLAB_TOKEN".to_owned()]));
    assert_eq!(hub.delete_actions_secret(&token(), &store(), "GITLAB_TOKEN").await, Ok(true));
    assert_eq!(hub.delete_actions_secret(&token(), &store(), "OTHER").await, Ok(false));
    assert_eq!(
        server.lines(),
        [
            "GET /repos/acme/store/actions/secrets/public-key",
            "PUT /repos/acme/store/actions/secrets/GITLAB_TOKEN",
            "GET /repos/acme/store/actions/secrets?per_page=100",
            "DELETE /repos/acme/store/actions/secrets/GITLAB_TOKEN",
            "DELETE /repos/acme/store/actions/secrets/OTHER"
        ]
    );
    let body = &server.seen()[1].body;
    assert!(!body.contains("planted"));
    let body = json(body);
    assert_eq!(body["key_id"], "568250167242549743");
    let sealed = STANDARD.decode(body["encrypted_value"].as_str().unwrap()).unwrap();
    assert_eq!(own.unseal(&sealed).unwrap(), b"glpat-plantedplanted1");

    let none = Server::new(|_, _| reply(200, &[], r#"{"key_id":"1","key":"no key"}"#)).await;
    let error = none.hub().put_actions_secret(&token(), &store(), "X", &planted).await.unwrap_err();
    assert_eq!((error.kind, none.seen().len()), (ForgeErrorKind::Malformed, 1), "nothing was sent");
}
