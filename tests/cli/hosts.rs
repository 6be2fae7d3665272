//! Which host is meant, what answers there, and whether it may be trusted. The token goes nowhere else.

use std::time::Duration;

use forge_sandbox::{Fault, Sandbox};

use crate::support::call::Call;
use crate::support::forges::{at_gitlab, built};
use crate::support::{Cast as _, Home, world};

/// How many requests carried something like a token.
fn with_credentials(world: &Sandbox) -> usize {
    let tells = |name: &str| matches!(name, "authorization" | "private-token" | "cookie" | "job-token");
    world.requests().iter().filter(|seen| seen.headers.iter().any(|(name, _)| tells(name))).count()
}

fn gitlab_at(home: &Home, host: &str, token: &str) -> Call {
    home.connect(["gitlab", "--host", host, "--pat-stdin", "--store", "plain"]).stdin(token)
}

#[test]
fn the_host_of_the_other_forge() {
    let (home, world) = (Home::new(), world());
    let output = home.connect(["github", "--host", "gitlab.com", "--pat-stdin"]).stdin("x").ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 2
    --- stderr
    error: `gitlab.com` is GitLab
      → `connect gitlab` is for GitLab
    ");
    let call = home.connect(["github", "--host", &world.gitlab_url(), "--pat-stdin", "--store", "plain"]);
    let output = call.clone().stdin(world.github_token("classic")).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 7
    --- stderr
    error: 127.0.0.1:PORT: something else than the forge meant answers there
      → 127.0.0.1:PORT is GitLab: `connect gitlab --host http://127.0.0.1:PORT`
    ");
    let error = call.stdin("x").json().fails(7, "not_a_forge");
    let step = format!("connect gitlab --host {}", world.gitlab_url());
    assert!(error["hint"].as_str().unwrap().contains(&step), "what is to be typed works as it stands: {error}");
    let output = gitlab_at(&home, &world.github_url(), &world.gitlab_token("api")).json();
    assert!(output.error()["hint"].as_str().unwrap().contains("connect github --host"));
    output.fails(7, "not_a_forge");
    assert_eq!(with_credentials(&world), 0);
}

#[test]
fn what_is_no_forge_never_sees_the_token() {
    let world = world();
    world.fault(Fault::gitlab().not_a_forge());
    world.fault(Fault::github().login_page());
    let home = Home::new();
    home.gitlab(&world, "api").json().fails(7, "not_a_forge");
    home.github(&world, "classic").json().fails(7, "not_a_forge");
    assert_eq!(with_credentials(&world), 0);
    assert!(!world.requests().is_empty());
}

#[test]
fn plain_http_to_another_machine_is_refused() {
    let home = Home::new();
    let output = home.connect(["gitlab", "--host", "http://gitlab.example.com", "--pat-stdin"]).stdin("x").ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 2
    --- stderr
    error: plain http would send the token readable over the network
      → use https, or `--allow-http` if you know that the network is yours alone
    ");
    for url in
        ["http://127.0.0.1.example.com", "http://localhost.example.com", "http://10.0.0.1", "http://0x7f000002.x"]
    {
        home.connect(["gitlab", "--host", url, "--pat-stdin"]).stdin("x").json().fails(2, "usage");
        home.connect(["gitlab", "--api-url", url, "--pat-stdin"]).stdin("x").json().fails(2, "usage");
    }
}

#[test]
fn allow_http_is_recorded_and_shown() {
    let (home, world) = (Home::new(), world());
    let url = world.gitlab_url();
    let output = home.gitlab(&world, "api").with(["--allow-http"]).json().succeeds();
    // On loopback nobody else can listen, so there is nothing to warn of.
    assert_eq!(output.document()["url"], url);
    home.connect(["gitlab", "--host", "http://nothing.invalid", "--allow-http", "--pat-stdin"])
        .stdin("x")
        .json()
        .fails(7, "name_not_found");
}

#[test]
fn addresses_that_do_not_read() {
    let home = Home::new();
    for host in ["", "https://", "ftp://gitlab.example.com", "git lab.example.com", "gitlab.example.com:99999"] {
        let output = home.connect(["gitlab", &format!("--host={host}"), "--pat-stdin"]).stdin("x").json();
        output.fails(2, "usage");
    }
    let secret = "https://oauth2:s3cr3t-in-url@gitlab.example.com";
    let output = home.connect(["gitlab", "--host", secret, "--pat-stdin"]).stdin("x").ends().exits(2);
    output.never_says("s3cr3t");
    let output = home.connect(["gitlab", "--host", "gitlab.example.com?private_token=s3cr3t", "--pat-stdin"]);
    let output = output.stdin("x").ends().exits(2);
    output.never_says("s3cr3t");
    let output = home.connect(["github", "--host", "https://github.com/octocat/Hello-World", "--pat-stdin"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 2
    --- stderr
    error: `github.com` is reached without a path
      → `--host github.com` is enough; a repository is named elsewhere
    ");
}

#[test]
fn a_base_path_belongs_to_the_host() {
    let (home, world) = (Home::new(), built(Sandbox::builder().gitlab_base_path("/gitlab").github_base_path("/hub")));
    let record = home.gitlab(&world, "api").json().succeeds().document();
    assert_eq!(record["url"], world.gitlab_url());
    assert!(record["url"].as_str().unwrap().ends_with("/gitlab"), "{record}");
    home.github(&world, "classic").ends().succeeds().never_says("error");
    assert!(world.requests().iter().all(|seen| seen.path.starts_with("/gitlab/") || seen.path.starts_with("/hub/")));
    let root = world.gitlab_url().replace("/gitlab", "");
    gitlab_at(&home, &root, &world.gitlab_token("api")).json().fails(7, "not_a_forge");
}

#[test]
fn a_certificate_that_nobody_trusts() {
    let (home, world) = (Home::new(), built(Sandbox::builder().tls(true)));
    let output = home.gitlab(&world, "api").ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 7
    --- stderr
    error: 127.0.0.1:PORT: the certificate is not trusted
      → give the authority that signed it: `--ca-cert FILE`, or `SSL_CERT_FILE`
    ");
    assert_eq!(with_credentials(&world), 0);
}

#[test]
fn a_certificate_whose_authority_is_named() {
    let world = built(Sandbox::builder().tls(true));
    let authority = world.ca_certificate().unwrap().display().to_string();
    let home = Home::new();
    home.gitlab(&world, "api").with(["--ca-cert", &authority]).ends().succeeds().never_says("error");
    // It is remembered.
    let host = world.gitlab_url().trim_start_matches("https://").to_owned();
    let record = home.record(&format!("maintainer@{host}"));
    assert_eq!(record["ca_cert"], authority);
    home.connect(["status"]).ends().succeeds().never_says("not_trusted");
    // The host alone means https.
    let home = Home::new();
    gitlab_at(&home, &host, &world.gitlab_token("api"))
        .env("SSL_CERT_FILE", &authority)
        .ends()
        .succeeds()
        .never_says("✗");
    home.connect(["status"]).json().exits(7).never_says("✓");
    home.connect(["status"]).env("SSL_CERT_FILE", &authority).ends().succeeds().never_says("✗");
}

#[test]
fn a_certificate_file_that_is_none() {
    let (home, world) = (Home::new(), built(Sandbox::builder().tls(true)));
    let path = home.file("not.pem", "this is no certificate\n");
    home.gitlab(&world, "api").with(["--ca-cert", &path]).json().fails(1, "bad_certificate_file");
    home.gitlab(&world, "api").with(["--ca-cert", "/nonexistent/ca.pem"]).json().fails(1, "file_not_found");
}

#[test]
fn a_certificate_that_has_expired() {
    let (home, world) = (Home::new(), built(Sandbox::builder().expired_certificate(true)));
    let authority = world.ca_certificate().unwrap().display().to_string();
    home.gitlab(&world, "api").with(["--ca-cert", &authority]).json().fails(7, "certificate_expired");
    assert_eq!(with_credentials(&world), 0);
}

#[test]
fn https_where_http_is_spoken() {
    let (home, world) = (Home::new(), world());
    let host = world.gitlab_url().replace("http://", "https://");
    let output = gitlab_at(&home, &host, &world.gitlab_token("api")).json();
    output.fails(7, "tls_failed");
}

#[test]
fn nobody_is_there() {
    let home = Home::new();
    let output = gitlab_at(&home, "nothing.invalid", "x").ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 7
    --- stderr
    error: nothing.invalid: there is no such host name
      → see how `--host` is spelt, and whether this machine is on the right network
    ");
    gitlab_at(&home, "nothing.invalid", "x").json().fails(7, "name_not_found");
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    gitlab_at(&home, &format!("http://{free}"), "x").json().fails(7, "connection_refused");
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let world = world();
    world.fault(Fault::gitlab().never_answer());
    let home = Home::new();
    let error = home.gitlab(&world, "api").with(["--timeout", "1"]).json().fails(7, "timed_out");
    assert!(error["hint"].as_str().unwrap().contains("--timeout"), "{error}");
    assert_eq!(with_credentials(&world), 0, "the first look is without");
}

#[test]
fn a_server_that_is_slow_and_answers_is_waited_for() {
    let (home, world) = (Home::new(), world());
    world.fault(Fault::gitlab().delay(Duration::from_millis(300)));
    home.gitlab(&world, "api").with(["--timeout", "20"]).ends().succeeds().never_says("error");
}

#[test]
fn the_default_name_has_the_port() {
    let (home, world) = (Home::new(), world());
    let record = home.gitlab(&world, "api").json().succeeds().document();
    assert_eq!(record["name"], at_gitlab(&world, "maintainer"));
}

#[test]
fn a_host_from_the_environment_and_a_flag_that_wins() {
    let (home, world) = (Home::new(), world());
    let call = home.connect(["gitlab", "--pat-stdin", "--store", "plain"]).stdin(world.gitlab_token("api"));
    call.clone().env("CONNECT_GITLAB_HOST", &world.gitlab_url()).ends().succeeds().never_says("gitlab.com");
    let call = call.env("CONNECT_GITLAB_HOST", "nothing.invalid");
    call.with(["--host", &world.gitlab_url()]).ends().succeeds().never_says("invalid");
}

#[test]
fn the_platforms_own_places() {
    let (home, world) = (Home::new(), world());
    let call = home.dotcom(&world, "classic").without_env("CONNECT_HOME");
    let places = [("XDG_CONFIG_HOME", "c"), ("XDG_DATA_HOME", "d"), ("XDG_STATE_HOME", "s")];
    let at = |place: &str| home.path().join(place).display().to_string();
    let call = places.iter().fold(call, |call, (name, place)| call.env(name, &at(place)));
    call.ends().succeeds().never_says("error");
    let files = home.contents();
    assert!(files.contains_key("d/connect/connections/octocat@github.com.json"), "{:?}", files.keys());
    let strays = files.keys().filter(|name| name.starts_with("home/") || name.starts_with("tmp/"));
    assert_eq!(strays.collect::<Vec<_>>(), ["home/", "tmp/"]);
    // Without them, the usual ones below the user's home.
    home.dotcom(&world, "classic").without_env("CONNECT_HOME").ends().succeeds().never_says("error");
    let record = "home/.local/share/connect/connections/octocat@github.com.json";
    assert!(!cfg!(target_os = "linux") || home.contents().contains_key(record), "{:?}", home.contents().keys());
}

#[test]
fn a_proxy_that_is_not_there() {
    let (home, world) = (Home::new(), world());
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let call = gitlab_at(&home, "gitlab.example.com", "x").env("HTTPS_PROXY", &format!("http://{free}"));
    let error = call.json();
    assert_eq!(error.code, Some(7), "{}", error.shown());
    assert!(
        ["proxy_failed", "connection_refused"].contains(&error.error()["code"].as_str().unwrap()),
        "{}",
        error.shown()
    );
    let call = home.gitlab(&world, "api").env("HTTP_PROXY", &format!("http://{free}")).env("NO_PROXY", "127.0.0.1");
    call.ends().succeeds().never_says("proxy");
}
