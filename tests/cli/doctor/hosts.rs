//! The way to a forge: variables, names, proxies, certificates, what answers, and what time it is there.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use forge_sandbox::{Fault, ReadyMade, Sandbox};

use super::{Found, two};
use crate::support::forges::built;
use crate::support::{Cast as _, Home, world};

/// A home with one connection whose record leads to `url` without ever having been there. The token's own
/// address is not looked at before the host is.
fn led_to(url: &str) -> Home {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    home.edit_record("lab", |record| {
        record["url"] = url.into();
        record["api_url"] = format!("{url}/api/v4").into();
    });
    home
}

#[test]
fn nobody_listens() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let found = Found::by(&led_to(&format!("http://{free}")), &["lab"]);
    found.is("host", "name", "ok").has("host", "request", "fail", "connection_refused");
    for name in ["forge", "version", "clock", "rate limit"] {
        found.is("host", name, "skipped");
    }
    found.is("connection", "health", "skipped");
}

#[test]
fn a_name_that_nobody_has() {
    let found = Found::by(&led_to("https://nothing.invalid"), &["lab"]);
    found.has("host", "name", "fail", "name_not_found").is("host", "request", "skipped");
}

#[test]
fn a_proxy_that_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 2048]);
            let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    let home = led_to("https://gitlab.acme.example");
    let call = home.connect(["doctor", "lab"]).env("HTTPS_PROXY", &format!("http://me:s3cr3t@{proxy}"));
    let found = Found::of(call.clone().json());
    found.has("host", "request", "fail", "proxy_failed");
    assert_eq!(found.link("host", "proxy")["message"], format!("http://***@{proxy}"));
    assert_eq!(found.link("host", "name")["message"], "the proxy looks it up");
    assert_eq!(found.link("environment", "HTTPS_PROXY")["message"], format!("http://***@{proxy}"));
    found.output.never_says("s3cr3t");
    let found = Found::of(call.env("NO_PROXY", ".acme.example,10.0.0.0/8").env("https_proxy", "http://a:b@c@d").json());
    assert_eq!(found.link("host", "proxy")["message"], "none");
    assert_eq!(found.link("environment", "NO_PROXY")["message"], "2 entries");
    found.has("environment", "https_proxy", "fail", "proxy_unreadable");
}

#[test]
fn certificates() {
    let (home, world) = (Home::new(), built(Sandbox::builder().tls(true)));
    let authority = world.ca_certificate().unwrap().display().to_string();
    home.gitlab(&world, "api").with(["--name", "lab", "--ca-cert", &authority]).ends().succeeds().never_says("✗");
    let found = Found::by(&home, &["lab"]);
    found.is("host", "certificates", "ok").is("host", "request", "ok").is("connection", "health", "ok");
    assert!(found.link("host", "certificates")["message"].as_str().unwrap().contains("and 1 in "));
    home.edit_record("lab", |record| record["ca_cert"] = home.file("not.pem", "no certificate\n").into());
    let found = Found::by(&home, &["lab"]).exits(1);
    found.has("host", "certificates", "fail", "bad_certificate_file").is("host", "request", "skipped");
    home.edit_record("lab", |record| record["ca_cert"] = serde_json::Value::Null);
    let found = Found::by(&home, &["lab"]).exits(7);
    found.has("host", "request", "fail", "certificate_not_trusted");
    let call = home.connect(["doctor", "lab"]);
    let found = Found::of(call.clone().env("SSL_CERT_FILE", &authority).json());
    found.is("environment", "SSL_CERT_FILE", "ok").is("host", "request", "ok");
    let found = Found::of(call.env("SSL_CERT_FILE", "/nonexistent/ca.pem").env("SSL_CERT_DIR", "/nonexistent").json());
    found.has("environment", "SSL_CERT_FILE", "fail", "no_certificates");
    found.has("environment", "SSL_CERT_DIR", "fail", "no_certificates");
}

#[test]
fn a_certificate_that_has_expired() {
    let world = built(Sandbox::builder().expired_certificate(true));
    let home = led_to(&world.gitlab_url());
    let authority = world.ca_certificate().unwrap().display().to_string();
    home.edit_record("lab", |record| record["ca_cert"] = authority.into());
    Found::by(&home, &["lab"]).has("host", "request", "fail", "certificate_expired");
}

#[test]
fn something_else_answers() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    world.fault(Fault::gitlab().not_a_forge());
    let found = Found::by(&home, &["lab"]).exits(7);
    found.is("host", "request", "ok").has("host", "forge", "fail", "not_a_forge");
    found.is("host", "clock", "skipped").is("connection", "health", "skipped");
    world.clear_faults();
    world.fault(Fault::gitlab().never_answer());
    let found = Found::by(&home, &["lab", "--timeout", "1"]).exits(7);
    found.has("host", "request", "fail", "timed_out");
}

#[cfg(feature = "test-hooks")]
#[test]
fn clocks_that_differ() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    for (now, status, code) in [
        ("2026-11-01T12:00:59Z", "ok", None),
        ("2026-11-01T12:02:00Z", "warn", Some("clock_off")),
        ("2026-11-01T11:57:00Z", "warn", Some("clock_off")),
        ("2026-11-01T12:06:00Z", "fail", Some("clock_wrong")),
        ("2026-10-31T12:00:00Z", "fail", Some("clock_wrong")),
    ] {
        let output = home.connect(["doctor", "hub"]).env("CONNECT_TEST_NOW", now).json();
        let found = Found::of(output.exits(i32::from(status == "fail")));
        match code {
            None => found.is("host", "clock", status),
            Some(code) => found.has("host", "clock", status, code),
        };
    }
    let found = Found::of(home.connect(["doctor", "hub"]).env("CONNECT_TEST_NOW", "2026-11-01T12:02:00Z").json());
    let message = &found.link("host", "clock")["message"];
    assert_eq!(message, "this machine's clock is 2 minutes ahead of the forge's");
}

#[test]
fn limits_and_versions() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    home.github(&world, "classic").with(["--name", "server"]).ends().succeeds().never_says("error");
    let found = Found::by(&home, &["server"]).exits(0);
    assert!(found.link("host", "version")["message"].as_str().unwrap().starts_with("3.17"));
    let found = Found::by(&home, &["hub"]).exits(0);
    assert!(found.link("host", "rate limit")["message"].as_str().unwrap().contains(" of 60 requests"));
    assert!(found.links("host", "version").is_empty(), "github.com has none");
    let found = Found::by(&home, &["lab"]).exits(0);
    assert!(found.link("host", "version")["message"].as_str().unwrap().starts_with("19.1.1"));
    let body = r#"{"message":"The API version is not supported"}"#;
    world.fault(Fault::github().path("/meta").answer(400, &[("content-type", "application/json")], body));
    Found::by(&home, &["hub"]).exits(1).has("host", "API version", "fail", "api_version_retired");
    world.clear_faults();
    world.fault(Fault::github().path("/user").ready_made(ReadyMade::IpAllowList));
    Found::by(&home, &["hub"]).exits(5).has("connection", "health", "fail", "ip_not_allowed");
}

#[test]
fn each_host_is_asked_once_and_somebody_has_to_answer_for_it() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    home.dotcom(&world, "stranger").with(["--name", "other"]).ends().succeeds().never_says("error");
    let before = world.requests().len();
    let found = Found::by(&home, &[]);
    found.has("host", "default", "warn", "none_chosen");
    let looks = world.requests().split_off(before).iter().filter(|seen| seen.path.ends_with("/meta")).count();
    assert_eq!(looks, 1);
    home.edit_record("hub", |record| record["default"] = true.into());
    Found::by(&home, &[]).is("host", "default", "ok");
    home.edit_record("other", |record| record["default"] = true.into());
    Found::by(&home, &[]).has("host", "default", "warn", "several_defaults");
}

#[test]
fn variables_that_others_obey() {
    let home = Home::new();
    let call = home.connect(["doctor", "--no-network"]).env("GH_TOKEN", "ghp_v4lue").env("CONNECT_JSNO", "v4lue");
    let call = call.env("CONNECT_ZZZZZZZZ", "v4lue").env("CONNECT_NO_INPUT", "1").env("GITLAB_HOST", "v4lue");
    let found = Found::of(call.env("NO_COLOR", "1").json());
    found.has("environment", "GH_TOKEN", "warn", "overridden").has("environment", "GITLAB_HOST", "warn", "overridden");
    found.has("environment", "CONNECT_JSNO", "warn", "unknown_variable").is("environment", "CONNECT_NO_INPUT", "ok");
    assert_eq!(found.link("environment", "CONNECT_JSNO")["mend"], "did you mean `CONNECT_JSON`?");
    found.has("environment", "CONNECT_ZZZZZZZZ", "warn", "unknown_variable").is("environment", "NO_COLOR", "ok");
    found.output.never_says("v4lue");
}
