//! What is asked of GitHub, and what is made of the answers.

use super::*;
use crate::model::{Account, AccountKind, Health};

const USER: &str = r#"{"login":"octocat","id":583231,"type":"User","new_field":{"a":[1]}}"#;

#[tokio::test]
async fn a_classic_token() {
    let server = Server::new(|_, _| {
        reply(
            200,
            &[
                ("X-OAuth-Scopes", "repo, workflow"),
                ("GitHub-Authentication-Token-Expiration", "2027-02-04 16:42:10 UTC"),
                ("X-GitHub-Enterprise-Version", "3.17.0"),
            ],
            USER,
        )
    })
    .await;
    let found = server.github().inspect(&secret("ghp_abcdefgh"), Depth::Brief).await.unwrap();
    let account = Account { login: "octocat".into(), id: Some(583_231), kind: AccountKind::User };
    assert_eq!(found.account, Some(account));
    assert_eq!((found.kind, found.health), (TokenKind::Classic, Health::Valid));
    assert_eq!(found.scopes, Some(vec!["repo".into(), "workflow".into()]));
    assert_eq!(found.expires_at.map(|at| at.to_string()).as_deref(), Some("2027-02-04T16:42:10Z"));
    assert_eq!(found.server_version.as_deref(), Some("3.17.0"));
    assert!(found.gaps.is_empty());

    let seen = &server.seen()[0];
    assert_eq!(seen.line(), "GET /user");
    assert_eq!(server.seen().len(), 1, "brief is one request");
    assert_eq!(seen.header("authorization"), Some("Bearer ghp_abcdefgh"));
    assert_eq!(seen.header("accept"), Some("application/vnd.github+json"));
    assert_eq!(seen.header("x-github-api-version"), Some("2022-11-28"));
    assert_eq!(seen.header("user-agent"), Some(concat!("connect/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(seen.header("referer"), None);
}

#[tokio::test]
async fn a_fine_grained_token_and_what_single_sign_on_hides() {
    let server = Server::new(|seen, _| match seen.path.as_str() {
        "/api/v3/user" => reply(200, &[("GitHub-Authentication-Token-Expiration", "soon")], USER),
        _ => reply(200, &[("X-GitHub-SSO", "partial-results; organizations=21955855,20582480")], "[]"),
    })
    .await;
    let found = server.ghes().inspect(&secret("github_pat_abcdefgh"), Depth::Full).await.unwrap();
    assert_eq!((found.kind, found.scopes, found.expires_at), (TokenKind::FineGrained, None, None));
    assert_eq!(found.sso_left_out, ["21955855", "20582480"]);
    assert_eq!(found.gaps, ["when the token expires could not be read from `soon`"]);
    assert_eq!(server.lines(), ["GET /api/v3/user", "GET /api/v3/user/repos?per_page=1"]);
}

#[tokio::test]
async fn a_second_question_that_fails_is_a_gap() {
    let server = Server::new(|seen, _| match seen.path.as_str() {
        "/user" => reply(200, &[("X-OAuth-Scopes", "")], USER),
        _ => reply(403, &[], r#"{"message":"Something new"}"#),
    })
    .await;
    let found = server.github().inspect(&secret("ghu_abcdefgh"), Depth::Full).await.unwrap();
    assert_eq!((found.kind, found.scopes), (TokenKind::AppUser, None));
    assert_eq!(found.gaps.len(), 1);
}

#[tokio::test]
async fn an_installation_token() {
    let refusal = r#"{"message":"Resource not accessible by integration","status":"403"}"#;
    let server = Server::new(move |seen, _| match seen.path.as_str() {
        "/user" => reply(403, &[], refusal),
        _ => reply(200, &[], r#"{"total_count":1,"repositories":[]}"#),
    })
    .await;
    let token = secret("ghs_123_eyJhbGciOi.abc.def");
    let found = server.github().inspect(&token, Depth::Full).await.unwrap();
    assert_eq!((found.account, found.kind, found.health), (None, TokenKind::AppInstallation, Health::Valid));
    assert_eq!(server.lines(), ["GET /user", "GET /installation/repositories?per_page=1"]);
    assert_eq!(server.github().is_dead(&token).await, Ok(false));

    let server = Server::new(move |seen, _| match seen.path.as_str() {
        "/user" => reply(403, &[], refusal),
        _ => reply(404, &[], r#"{"message":"Not Found"}"#),
    })
    .await;
    let found = server.github().inspect(&token, Depth::Brief).await.unwrap();
    assert_eq!((found.kind, found.health), (TokenKind::AppInstallation, Health::Valid));

    let server = Server::new(|_, _| reply(204, &[], "")).await;
    server.github().revoke(&token).await.unwrap();
    assert_eq!(server.lines(), ["DELETE /installation/token"]);
    assert_eq!(server.seen()[0].header("authorization"), Some("Bearer ghs_123_eyJhbGciOi.abc.def"));
}

#[tokio::test]
async fn dead_tokens() {
    let server = Server::new(|_, _| reply(401, &[], r#"{"message":"Bad credentials"}"#)).await;
    let token = secret("ghp_abcdefgh");
    let error = server.github().inspect(&token, Depth::Full).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ForgeErrorKind::BadCredentials, Some(401)));
    assert_eq!((error.said.as_deref(), error.host.as_str()), (Some("Bad credentials"), "github.com"));
    assert_eq!(server.github().is_dead(&token).await, Ok(true));

    let server = Server::new(|_, _| reply(403, &[], r#"{"message":"Max number of login attempt exceeded"}"#)).await;
    assert!(server.github().is_dead(&token).await.is_err(), "a lock-out is no verdict");
}

#[tokio::test]
async fn revocation_on_github_com_carries_no_authorization() {
    let server = Server::new(|_, _| reply(202, &[], "{}")).await;
    for token in ["ghp_abcdefgh", "github_pat_abcdefgh", "gho_abcdefgh"] {
        server.github().revoke(&secret(token)).await.unwrap();
    }
    for seen in server.seen() {
        assert_eq!(seen.line(), "POST /credentials/revoke");
        assert_eq!(seen.header("authorization"), None);
        assert_eq!(seen.header("content-type"), Some("application/json"));
    }
    assert_eq!(server.seen()[0].body, r#"{"credentials":["ghp_abcdefgh"]}"#);
}

#[tokio::test]
async fn revocation_on_enterprise_server() {
    let server = Server::new(|_, _| reply(202, &[], "")).await;
    server.ghes().revoke(&secret("ghp_abcdefgh")).await.unwrap();
    assert_eq!(server.lines(), ["POST /api/v3/credentials/revoke"]);
    assert_eq!(server.seen()[0].header("authorization"), Some("Bearer ghp_abcdefgh"));

    let old = Server::new(|_, _| reply(404, &[], r#"{"message":"Not Found"}"#)).await;
    for (token, page, requests) in [
        ("ghp_abcdefgh", "/settings/tokens", 1),
        ("github_pat_abcdefgh", "/settings/personal-access-tokens", 1),
        (&"0123456789".repeat(4), "/settings/tokens", 1),
    ] {
        let error = old.ghes().revoke(&secret(token)).await.unwrap_err();
        let page = format!("{}{page}", old.url()).parse().ok();
        assert_eq!(error.kind, ForgeErrorKind::Unsupported { page });
        assert_eq!(old.seen().len(), requests, "only the first is worth asking");
    }
}

#[tokio::test]
async fn looking_takes_any_answer_of_the_right_kind() {
    for status in [200, 401, 403, 404, 500] {
        let server = Server::new(move |_, _| reply(status, &[("X-GitHub-Request-Id", "1")], "")).await;
        server.ghes().look().await.unwrap();
        assert_eq!(server.seen()[0].header("authorization"), None);
        let as_gitlab = server.gitlab().look().await.map_err(|error| error.kind);
        assert_eq!(as_gitlab, Err(ForgeErrorKind::NotAForge { found: Some(ForgeKind::GitHub) }));
    }
    let site = Server::new(|_, _| reply(200, &[("Content-Type", "text/html")], "<html>Welcome</html>")).await;
    let nothing = site.ghes().look().await.map_err(|error| error.kind);
    assert_eq!(nothing, Err(ForgeErrorKind::NotAForge { found: None }));
}
