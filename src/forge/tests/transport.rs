//! Time limits, redirects, repetitions, bodies: what holds for every call.

use std::time::Instant;

use super::*;

const USER: &str = r#"{"login":"octocat","id":583231,"type":"User"}"#;

async fn ask(forge: &Forge) -> Result<Inspection, ForgeErrorKind> {
    forge.inspect(&secret("ghp_abcdefgh"), Depth::Brief).await.map_err(|error| error.kind)
}

fn hurried(server: &Server, milliseconds: u64) -> Forge {
    let host = Host::parse(ForgeKind::GitHub, "github.com", Some(&server.url()), false).unwrap();
    Forge::new(&host, &transport(Duration::from_millis(milliseconds)))
}

#[tokio::test]
async fn reads_follow_redirects_within_the_base_with_the_token() {
    let server = Server::new(|seen, _| match seen.path.as_str() {
        "/api/v3/user" => reply(301, &[("Location", "/api/v3/elsewhere?x=1")], ""),
        _ => reply(200, &[], USER),
    })
    .await;
    assert!(ask(&server.ghes()).await.is_ok());
    assert_eq!(server.lines(), ["GET /api/v3/user", "GET /api/v3/elsewhere?x=1"]);
    assert!(server.seen().iter().all(|seen| seen.header("authorization") == Some("Bearer ghp_abcdefgh")));
}

#[tokio::test]
async fn the_token_goes_to_no_other_origin_and_no_other_path() {
    let other = Server::new(|_, _| reply(200, &[], USER)).await;
    let there = format!("{}/api/v3/user?token=t", other.url());
    let expected = ForgeErrorKind::RedirectedElsewhere { to: other.url() };
    let server = Server::new(move |_, _| reply(302, &[("Location", &there)], "")).await;
    assert_eq!(ask(&server.ghes()).await, Err(expected));
    assert!(other.seen().is_empty());

    let server = Server::new(|_, _| reply(302, &[("Location", "/login?return_to=x")], "")).await;
    assert_eq!(ask(&server.ghes()).await, Err(ForgeErrorKind::RedirectedElsewhere { to: server.url() }));
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn circles_end() {
    let server = Server::new(|_, _| reply(307, &[("Location", "/user")], "")).await;
    assert_eq!(ask(&server.github()).await, Err(ForgeErrorKind::TooManyRedirects));
    assert_eq!(server.seen().len(), 6);
}

#[tokio::test]
async fn revocations_follow_nothing_and_are_sent_once() {
    for kind in [ForgeKind::GitHub, ForgeKind::GitLab] {
        for answer in [307u16, 302, 503, 429, 500, 0] {
            let server = Server::new(move |_, _| match answer {
                0 => Reply::Bytes(Vec::new()),
                302 | 307 => reply(answer, &[("Location", "/api/v4/somewhere")], ""),
                _ => reply(answer, &[("Retry-After", "0")], ""),
            })
            .await;
            let forge = if kind == ForgeKind::GitHub { server.github() } else { server.gitlab() };
            let error = forge.revoke(&secret("ghp_abcdefgh")).await.unwrap_err();
            assert_eq!(server.seen().len(), 1, "{kind} {answer}: {error}");
        }
    }
}

#[tokio::test]
async fn reads_are_asked_again_when_the_server_was_away() {
    for status in [502, 503, 504, 429] {
        let server = Server::new(move |_, before| match before {
            0 => reply(status, &[("Retry-After", "0")], "<html>away</html>"),
            _ => reply(200, &[], USER),
        })
        .await;
        assert!(ask(&server.github()).await.is_ok());
        assert_eq!(server.seen().len(), 2, "{status}");
    }
    let server = Server::new(|_, before| match before {
        0 => Reply::Bytes(Vec::new()),
        _ => reply(200, &[], USER),
    })
    .await;
    assert!(ask(&server.github()).await.is_ok());
}

#[tokio::test]
async fn verdicts_are_not_asked_again() {
    for (status, headers) in
        [(401, ("X-A", "b")), (403, ("Retry-After", "1")), (404, ("X-A", "b")), (500, ("X-A", "b"))]
    {
        let server = Server::new(move |_, _| reply(status, &[headers], r#"{"message":"Bad credentials"}"#)).await;
        assert!(ask(&server.github()).await.is_err());
        assert_eq!(server.seen().len(), 1, "{status}");
    }
    let server = Server::new(|_, _| reply(429, &[("Retry-After", "3600")], r#"{"message":"x"}"#)).await;
    let start = Instant::now();
    assert!(matches!(ask(&server.github()).await, Err(ForgeErrorKind::RateLimited { until: Some(_), .. })));
    assert_eq!(server.seen().len(), 1);
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn the_time_limit_covers_the_whole_answer() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{".to_vec();
    let silent = Server::new(|_, _| Reply::Hang(Vec::new())).await;
    let (half, slow) = (head.clone(), head);
    let stuck = Server::new(move |_, _| Reply::Hang(half.clone())).await;
    let dripping = Server::new(move |_, _| Reply::Drip(slow.clone())).await;
    for server in [silent, stuck, dripping] {
        let start = Instant::now();
        assert_eq!(ask(&hurried(&server, 250)).await, Err(ForgeErrorKind::TimedOut));
        assert!(start.elapsed() < Duration::from_secs(3));
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn half_an_answer_is_a_lost_connection() {
    let server = Server::new(|_, _| {
        Reply::Bytes(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"login\":".to_vec(),
        )
    })
    .await;
    assert_eq!(ask(&hurried(&server, 1_000)).await, Err(ForgeErrorKind::ConnectionLost));
    let server = Server::new(|_, _| Reply::Bytes(Vec::new())).await;
    assert_eq!(ask(&hurried(&server, 1_000)).await, Err(ForgeErrorKind::ConnectionLost));
}

#[tokio::test]
async fn answers_that_are_none_of_the_apis() {
    let html = [("Content-Type", "text/html; charset=utf-8")];
    let server = Server::new(move |_, _| reply(200, &html, "<html>Sign in</html>")).await;
    let content_type = Some("text/html; charset=utf-8".to_owned());
    assert_eq!(ask(&server.github()).await, Err(ForgeErrorKind::NotJson { content_type }));

    let server = Server::new(|_, _| reply(200, &[], r#"{"id":1}"#)).await;
    assert_eq!(ask(&server.github()).await, Err(ForgeErrorKind::Malformed));

    let server = Server::new(|_, _| Reply::Bytes(b"220 smtp.example.com ESMTP\r\n".to_vec())).await;
    assert_eq!(ask(&server.github()).await, Err(ForgeErrorKind::NotAForge { found: None }));
}

#[tokio::test]
async fn bodies_have_a_limit_and_errors_need_not_be_whole() {
    let server = Server::new(|_, _| bytes(200, &[], &vec![b' '; 8 * 1024 * 1024 + 1])).await;
    assert_eq!(ask(&server.github()).await, Err(ForgeErrorKind::TooLarge));
    let server = Server::new(|_, _| bytes(404, &[("X-GitHub-Request-Id", "1")], &vec![b'x'; 1024 * 1024])).await;
    assert_eq!(ask(&server.github()).await, Err(ForgeErrorKind::NotFound));
    let server = Server::new(|_, _| bytes(422, &[("X-GitHub-Request-Id", "A:1")], b"\xff\xfe oops")).await;
    let error = server.github().inspect(&secret("ghp_abcdefgh"), Depth::Brief).await.unwrap_err();
    assert_eq!(
        (error.kind, error.status, error.request_id.as_deref()),
        (ForgeErrorKind::InvalidRequest, Some(422), Some("A:1"))
    );
    assert_eq!(error.said.as_deref(), Some("\u{fffd}\u{fffd} oops"));
}

#[tokio::test]
async fn nobody_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let start = Instant::now();
    let gone = |api: String| {
        let host = Host::parse(ForgeKind::GitLab, "gitlab.com", Some(&api), true).unwrap();
        Forge::new(&host, &transport(Duration::from_secs(30)))
    };
    let error = gone(format!("http://127.0.0.1:{port}/api/v4")).look().await.unwrap_err();
    assert_eq!((error.kind, error.host.as_str()), (ForgeErrorKind::ConnectionRefused, "gitlab.com"));
    assert!(start.elapsed() < Duration::from_secs(5));
    let error = gone("http://nowhere.invalid/api/v4".into()).look().await.unwrap_err();
    assert_eq!(error.kind, ForgeErrorKind::NameNotFound);
}

#[test]
fn a_bad_certificate_file_builds_nothing() {
    let options = TransportOptions { ca_certificates: Some(b"no certificate".to_vec()), ..TransportOptions::default() };
    assert_eq!(Transport::new(&options).map_err(|error| error.kind).err(), Some(ForgeErrorKind::CannotBuild));
}

#[tokio::test]
async fn what_no_header_can_carry_is_not_sent() {
    let server = Server::new(|_, _| reply(200, &[], USER)).await;
    let error = server.github().inspect(&secret("ghp_\n"), Depth::Brief).await.unwrap_err();
    assert_eq!(error.kind, ForgeErrorKind::NotSendable);
    assert!(server.seen().is_empty());
}

#[test]
fn a_refusing_proxy_is_named_as_such() {
    let runtime = runtime();
    let server = runtime.block_on(Server::new(|_, _| reply(403, &[], "no")));
    let proxy = server.url();
    std::thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
    in_own_process("forge::tests::transport::proxied", &[("HTTPS_PROXY", &proxy), ("NO_PROXY", ""), ("no_proxy", "")]);
    assert!(server.lines().iter().all(|line| line == "CONNECT api.github.com:443"), "{:?}", server.lines());
    assert!(!server.seen().is_empty());
}

#[tokio::test]
#[ignore = "run by a_refusing_proxy_is_named_as_such, with HTTPS_PROXY"]
async fn proxied() {
    if !is_own_process() {
        return;
    }
    let forge = Forge::new(&Host::vendor(ForgeKind::GitHub).unwrap(), &transport(Duration::from_secs(5)));
    assert_eq!(ask(&forge).await, Err(ForgeErrorKind::ProxyFailed));
}

#[test]
fn calls_may_run_on_any_thread() {
    fn is_send<T: Send>(_: &T) {}
    let forge = Forge::new(&Host::vendor(ForgeKind::GitLab).unwrap(), &transport(Duration::from_secs(1)));
    let token = secret("x");
    is_send(&forge.inspect(&token, Depth::Full));
    is_send(&forge.revoke(&token));
    let Forge::GitLab(gitlab) = forge else { unreachable!() };
    is_send(&gitlab.project_tokens(&token, 1));
    is_send(&gitlab.drop_mirror_old(&token, 1));
    let github = GitHub::new(&Host::vendor(ForgeKind::GitHub).unwrap(), &transport(Duration::from_secs(1)));
    is_send(&github.repositories(&token));
}
