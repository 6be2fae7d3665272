//! What is asked of GitLab, and what is made of the answers.

use super::*;
use crate::model::inspection::{Place, Reach};
use crate::model::{Account, AccountKind, Health};

const META: (&str, &str) = ("X-Gitlab-Meta", r#"{"correlation_id":"c","version":"1"}"#);
const SELF: &str = r#"{"id":42,"name":"ci","revoked":false,"created_at":"2026-06-17T10:00:00.000Z","description":"","scopes":["api"],"user_id":7,"last_used_at":null,"active":true,"expires_at":"2027-02-01","granular":false,"last_used_ips":[]}"#;
const ASSOCIATIONS: &str = r#"{"groups":[{"id":1,"web_url":"http://h/groups/agility-game/home-assistant","name":"Home Assistant","access_levels":40}],"projects":[{"id":2,"name":"P","path_with_namespace":"agility-game/p","access_levels":{"project_access_level":null,"group_access_level":30}}]}"#;
const SCOPE: &str = r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_api read_user"}"#;
const GRANULAR: &str =
    r#"{"error":"insufficient_granular_scope","error_description":"lacks read_personal_access_token"}"#;

fn ok(body: &str) -> Reply {
    reply(200, &[META], body)
}

fn refuse(status: u16, body: &str) -> Reply {
    reply(status, &[META], body)
}

#[tokio::test]
async fn a_personal_token_in_full() {
    let server = Server::new(|seen, _| match seen.path.as_str() {
        "/api/v4/personal_access_tokens/self" => ok(SELF),
        "/api/v4/user" => ok(r#"{"id":7,"username":"root","bot":false}"#),
        "/api/v4/metadata" => ok(r#"{"version":"19.1.1-ee","enterprise":true}"#),
        _ => ok(ASSOCIATIONS),
    })
    .await;
    let found = server.gitlab().inspect(&secret("glpat-abcdefgh"), Depth::Full).await.unwrap();
    let account = Account { login: "root".into(), id: Some(7), kind: AccountKind::User };
    assert_eq!(found.account, Some(account));
    assert_eq!((found.kind, found.health), (TokenKind::Personal, Health::Valid));
    assert_eq!(found.scopes, Some(vec!["api".into()]));
    assert_eq!(found.expires_at.map(|at| at.to_string()).as_deref(), Some("2027-02-01T00:00:00Z"));
    assert_eq!((found.label.as_deref(), found.token_id), (Some("ci"), Some(42)));
    assert_eq!(found.server_version.as_deref(), Some("19.1.1-ee"));
    let place = |path: &str, level| Place { path: path.into(), access_level: Some(level) };
    let reach = Reach {
        groups: vec![place("agility-game/home-assistant", 40)],
        projects: vec![place("agility-game/p", 30)],
        more: false,
    };
    assert_eq!(found.reach, Some(reach));
    assert!(found.gaps.is_empty(), "{:?}", found.gaps);
    assert_eq!(server.seen().len(), 4);
    assert!(server.seen().iter().all(|seen| seen.header("authorization") == Some("Bearer glpat-abcdefgh")));
    assert!(server.seen().iter().all(|seen| seen.header("private-token").is_none()));
}

#[tokio::test]
async fn in_brief_it_is_one_request() {
    let server = Server::new(|_, _| ok(SELF)).await;
    let found = server.gitlab().inspect(&secret("glpat-abcdefgh"), Depth::Brief).await.unwrap();
    assert_eq!((found.kind, found.account, found.token_id), (TokenKind::Personal, None, Some(42)));
    assert_eq!(server.lines(), ["GET /api/v4/personal_access_tokens/self"]);
}

#[tokio::test]
async fn bots_and_tokens_that_may_not_read_their_user() {
    let server = Server::new(|seen, _| match seen.path.as_str() {
        "/api/v4/personal_access_tokens/self" => ok(SELF),
        "/api/v4/user" => ok(r#"{"id":9,"username":"project_123_bot_4ffca233","bot":true}"#),
        _ => refuse(404, r#"{"error":"404 Not Found"}"#),
    })
    .await;
    let found = server.gitlab().inspect(&secret("glpat-abcdefgh"), Depth::Full).await.unwrap();
    assert_eq!(found.kind, TokenKind::Project);
    assert_eq!(found.account.map(|account| account.kind), Some(AccountKind::Bot));
    assert_eq!((found.reach, found.server_version), (None, None), "an older GitLab");

    let server = Server::new(|seen, _| match seen.path.as_str() {
        "/api/v4/personal_access_tokens/self" => ok(SELF),
        _ => refuse(403, SCOPE),
    })
    .await;
    let found = server.gitlab().inspect(&secret("glpat-abcdefgh"), Depth::Full).await.unwrap();
    assert_eq!(found.account, Some(Account { login: "user-7".into(), id: Some(7), kind: AccountKind::Unknown }));
    assert_eq!((found.health, found.gaps.len()), (Health::Valid, 3));
}

#[tokio::test]
async fn a_fine_grained_token_that_may_not_say_is_valid() {
    let server = Server::new(|_, _| refuse(403, GRANULAR)).await;
    for depth in [Depth::Brief, Depth::Full] {
        let found = server.gitlab().inspect(&secret("glpat-abcdefgh"), depth).await.unwrap();
        assert_eq!((found.kind, found.health, found.account), (TokenKind::Granular, Health::Limited, None));
        assert!(!found.gaps.is_empty());
    }
    assert_eq!(server.gitlab().is_dead(&secret("glpat-abcdefgh")).await, Ok(false));
}

#[tokio::test]
async fn dead_tokens() {
    let invalid = |text: &str| format!(r#"{{"error":"invalid_token","error_description":"{text}"}}"#);
    for (status, body, kind) in [
        (401, invalid("Token was revoked. You have to re-authorize from the user."), ForgeErrorKind::Revoked),
        (
            401,
            invalid("Token is expired. You can either do re-authorization or token refresh."),
            ForgeErrorKind::Expired,
        ),
        (401, r#"{"message":"401 Unauthorized"}"#.to_owned(), ForgeErrorKind::UnknownToken),
        (200, r#"{"id":1,"revoked":true,"active":false}"#.to_owned(), ForgeErrorKind::Revoked),
        (
            200,
            r#"{"id":1,"revoked":false,"active":false,"expires_at":"2020-01-01"}"#.to_owned(),
            ForgeErrorKind::Expired,
        ),
    ] {
        let server = Server::new(move |_, _| reply(status, &[META], &body)).await;
        let error = server.gitlab().inspect(&secret("glpat-abcdefgh"), Depth::Full).await.unwrap_err();
        assert_eq!(error.kind, kind);
        assert!(error.is_about_token() && error.kind.says_dead());
        assert_eq!(server.gitlab().is_dead(&secret("glpat-abcdefgh")).await, Ok(true));
        assert_eq!(server.seen().len(), 2, "a verdict is asked for once");
    }
}

#[tokio::test]
async fn an_oauth_token_is_asked_beside_the_api() {
    let server = Server::new(|seen, _| match seen.path.as_str() {
        "/base/api/v4/personal_access_tokens/self" => refuse(
            400,
            r#"{"message":"400 Bad request - This endpoint requires token type to be a personal access token"}"#,
        ),
        "/base/oauth/token/info" => {
            ok(r#"{"resource_owner_id":7,"scope":["read_user"],"expires_in":7200,"created_at":1}"#)
        }
        "/base/api/v4/user" => ok(r#"{"id":7,"username":"root"}"#),
        _ => ok(r#"{"version":"19.1.1"}"#),
    })
    .await;
    let forge = server.forge(ForgeKind::GitLab, &format!("{}/base", server.url()), "/base/api/v4");
    let token = secret("abcdefgh");
    let found = forge.inspect(&token, Depth::Full).await.unwrap();
    assert_eq!((&found.kind, found.scopes.as_deref()), (&TokenKind::Oauth, Some(&["read_user".to_owned()][..])));
    assert!(found.expires_at.is_some() && found.gaps.is_empty(), "{:?}", found.gaps);
    assert_eq!(found.account.map(|account| account.login).as_deref(), Some("root"));
    assert_eq!(forge.is_dead(&token).await, Ok(false));
    let page = format!("{}/base/-/user_settings/applications", server.url()).parse().ok();
    let error = forge.revoke(&token).await.unwrap_err();
    assert_eq!(error.kind, ForgeErrorKind::Unsupported { page });
    let before = server.seen().len();
    forge.inspect_oauth(&token, Depth::Brief).await.unwrap();
    assert_eq!(server.seen().len(), before + 1);
}

#[tokio::test]
async fn where_requests_go_follows_the_api_url() {
    let server = Server::new(|seen, _| match seen.path.as_str() {
        "/oauth/token/info" => ok(r#"{"resource_owner_id":7}"#),
        _ => refuse(400, r#"{"message":"400 Bad request"}"#),
    })
    .await;
    let forge = server.forge(ForgeKind::GitLab, "gitlab.com", "/api/v4");
    forge.inspect(&secret("abcdefgh"), Depth::Brief).await.unwrap();
    assert_eq!(server.lines(), ["GET /api/v4/personal_access_tokens/self", "GET /oauth/token/info"]);
    // An address that ends otherwise has no known place for it, and gitlab.com is not asked instead.
    let forge = server.forge(ForgeKind::GitLab, "gitlab.com", "/proxy");
    let error = forge.inspect(&secret("abcdefgh"), Depth::Brief).await.unwrap_err();
    assert_eq!(error.kind, ForgeErrorKind::Unsupported { page: None });
}

#[tokio::test]
async fn reach_is_read_page_by_page_up_to_a_limit() {
    let server = Server::new(|seen, _| match seen.path.as_str() {
        "/api/v4/personal_access_tokens/self" => ok(SELF),
        "/api/v4/user" => ok(r#"{"id":7,"username":"root"}"#),
        "/api/v4/metadata" => ok("{}"),
        path => {
            let page = path.matches('x').count();
            let next =
                format!("</api/v4/personal_access_tokens/self/associations?p={}>; rel=\"next\"", "x".repeat(page + 1));
            reply(200, &[META, ("Link", &next)], ASSOCIATIONS)
        }
    })
    .await;
    let found = server.gitlab().inspect(&secret("glpat-abcdefgh"), Depth::Full).await.unwrap();
    let reach = found.reach.unwrap();
    assert_eq!((reach.groups.len(), reach.more), (3, true));
}

#[tokio::test]
async fn revocation() {
    let server = Server::new(|_, _| Reply::Bytes(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())).await;
    server.gitlab().revoke(&secret("glpat-abcdefgh")).await.unwrap();
    assert_eq!(server.lines(), ["DELETE /api/v4/personal_access_tokens/self"]);
}
