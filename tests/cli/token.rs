//! `connect token`: the token alone, of the right connection, or a reason why not.

use std::fs;

use crate::support::{Cast as _, Home, is_there, world};

#[test]
fn the_token_and_one_newline() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    for wanted in [
        "octocat@github.com",
        "github.com",
        "https://github.com",
        "https://github.com/",
        "https://github.com/octocat/Hello-World.git",
        "https://octocat@github.com/octocat/Hello-World",
        "git@github.com:octocat/Hello-World.git",
        "ssh://git@github.com/octocat/Hello-World",
    ] {
        let output = home.connect(["token", wanted]).ends().succeeds();
        assert_eq!(
            (output.stdout(), output.stderr()),
            (world.github_token("classic") + "\n", String::new()),
            "{wanted}"
        );
    }
    let output = home.connect(["token", "github.com"]).json().succeeds();
    assert_eq!(output.document()["token"], world.github_token("classic"));
    assert_eq!(output.document()["connection"], "octocat@github.com");
}

#[test]
fn not_for_another_host() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    for wanted in [
        "https://github.com.evil.example/x",
        "https://evil.example/https://github.com",
        "https://github.com@evil.example/x",
        "http://github.com/octocat/Hello-World",
        "https://github.com:8443/x",
        "https://api.github.com",
        "https://gitlab.com",
        "git@evil.example:github.com/x",
    ] {
        home.connect(["token", wanted]).json().fails(3, "no_connection_serves");
    }
}

#[test]
fn several_that_could_answer() {
    let (home, world) = (Home::new(), world());
    for (name, token) in [("one", "classic"), ("two", "collaborator")] {
        home.github(&world, token).with(["--name", name]).ends().succeeds().never_says("error");
    }
    let url = world.github_url();
    insta::assert_snapshot!(home.connect(["token", &url]).ends().shown(), @"
    exit 9
    --- stderr
    error: more than one connection serves http://127.0.0.1:PORT/
      → name one of `one`, `two`
      → `connect use NAME --on PREFIX` lets one answer for an owner or a group,
      → `connect use NAME --default` for the whole host
    ");
    home.connect(["token", &url]).json().fails(9, "several_connections_serve");
    assert_eq!(home.connect(["token", "two"]).ends().stdout().trim(), world.github_token("collaborator"));
    home.edit_record("two", |record| record["serves"] = serde_json::json!([format!("{url}/agility-game")]));
    let output = home.connect(["token", &format!("{url}/agility-game/timing-firmware")]).ends().succeeds();
    assert_eq!(output.stdout().trim(), world.github_token("collaborator"));
    home.edit_record("one", |record| record["default"] = true.into());
    assert_eq!(home.connect(["token", &url]).ends().succeeds().stdout().trim(), world.github_token("classic"));
}

#[test]
fn none_and_names_that_are_like_it() {
    let (home, world) = (Home::new(), world());
    insta::assert_snapshot!(home.connect(["token", "octocat"]).ends().shown(), @"
    exit 3
    --- stderr
    error: there is no connection `octocat`
      → `connect list` shows what there is
    ");
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    insta::assert_snapshot!(home.connect(["token", "octocat"]).ends().shown(), @"
    exit 3
    --- stderr
    error: there is no connection `octocat`
      → did you mean `octocat@github.com`?
    ");
    let output = home.connect(["token", "\u{1b}[2Jocto"]).ends().exits(3);
    output.never_says("\u{1b}");
    for wanted in ["../../etc/passwd", "", ".", "/"] {
        home.connect(["token", wanted]).ends().exits(3).never_says("root:");
    }
}

#[test]
fn a_url_with_a_secret_in_it_is_masked() {
    let home = Home::new();
    let output = home.connect(["token", "https://oauth2:s3cr3t@gitlab.com/x?private_token=s3cr3t"]).ends().exits(3);
    output.never_says("s3cr3t");
}

/// A variable is set anew while the record still speaks of the token that was in it before.
#[cfg(feature = "test-hooks")]
#[test]
fn a_variable_may_hold_another_token_by_now() {
    let (home, world) = (Home::new(), world());
    let (dying, lasting) = (world.gitlab_token("expiring"), world.gitlab_token("api"));
    let call = home.connect(["gitlab", "--host", &world.gitlab_url(), "--name", "ci", "--store", "env"]);
    call.with(["--pat-env", "CI_TOKEN"]).env("CI_TOKEN", &dying).ends().succeeds().never_says("error");
    let later = home.connect(["token", "ci"]).env("CONNECT_TEST_NOW", "2026-11-20T00:00:00Z");
    later.clone().env("CI_TOKEN", &dying).json().fails(4, "token_expired");
    let handed = later.env("CI_TOKEN", &lasting).json().succeeds().document();
    assert_eq!((&handed["token"], &handed["expires_at"]), (&lasting.clone().into(), &serde_json::Value::Null));
    let before = home.record("ci")["token"]["fingerprint"].clone();
    home.connect(["status", "ci"]).env("CI_TOKEN", &lasting).ends().succeeds().never_says("error");
    assert_ne!(home.record("ci")["token"]["fingerprint"], before, "status speaks of the token that is there now");
}

#[cfg(feature = "test-hooks")]
#[test]
fn a_token_that_has_expired_is_not_handed_out() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "expiring").ends().succeeds().never_says("error");
    let token = home.connect(["token", "octocat@github.com"]);
    token.clone().env("CONNECT_TEST_NOW", "2026-11-06T11:59:59Z").ends().succeeds().never_says("error");
    let output = token.clone().env("CONNECT_TEST_NOW", "2026-11-06T12:00:00Z").ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 4
    --- stderr
    error: the token of `octocat@github.com` expired at 2026-11-06T12:00:00Z
      → make a new one and connect it under the same name
      → if its life was extended at the forge, `connect status octocat@github.com` finds out
    ");
    token.env("CONNECT_TEST_NOW", "2026-11-06T12:00:00Z").json().fails(4, "token_expired");
}

#[test]
fn a_secret_that_was_removed_or_changed_behind_its_back() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    let path = home.secrets().remove(0);
    let good = fs::read(&path).unwrap();
    let token = home.connect(["token", "octocat@github.com"]);
    let changed = String::from_utf8(good.clone()).unwrap();
    let changed = changed.replace(&world.github_token("classic"), &world.github_token("collaborator"));
    fs::write(&path, changed).unwrap();
    let output = token.clone().json();
    output.never_says("ghp_");
    output.fails(8, "secret_differs");
    for bytes in [&b""[..], b"\xff\xfe\x00", b"{}", &good[..good.len() / 2]] {
        fs::write(&path, bytes).unwrap();
        let output = token.clone().json();
        assert_eq!(output.code, Some(8), "{bytes:?}: {}", output.shown());
        output.never_says("ghp_");
    }
    fs::remove_file(&path).unwrap();
    let error = token.clone().json().fails(8, "secret_missing");
    assert_eq!(error["connection"], "octocat@github.com");
    fs::create_dir(&path).unwrap();
    assert_eq!(token.json().code, Some(8));
}

#[test]
fn a_name_that_looks_like_an_address_is_a_name() {
    let (home, world) = (Home::new(), world());
    home.github(&world, "classic").with(["--name", "gitlab.com"]).ends().succeeds().never_says("error");
    let output = home.connect(["token", "gitlab.com"]).ends().succeeds();
    assert_eq!(output.stdout().trim(), world.github_token("classic"));
    home.connect(["token", "https://gitlab.com"]).json().fails(3, "no_connection_serves");
}

#[test]
fn nothing_is_asked_and_nothing_is_written() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    world.clear_requests();
    let before = home.contents();
    home.connect(["token", "octocat@github.com"]).ends().succeeds().never_says("error");
    home.connect(["list"]).ends().succeeds().never_says("error");
    assert_eq!(home.contents(), before);
    assert!(world.requests().is_empty());
}

/// The program that people have, against a forge that wants the header.
#[test]
fn curl_takes_it_from_a_pipe() {
    use std::process::{Command, Stdio};
    if !is_there("curl") {
        return;
    }
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").ends().succeeds().never_says("error");
    let config = home.connect(["token", &world.gitlab_url(), "--format", "curl"]).ends().succeeds();
    assert_eq!(config.stdout(), format!("header = \"Authorization: Bearer {}\"\n", world.gitlab_token("api")));
    let path = home.file("curl.txt", &config.stdout());
    world.clear_requests();
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--fail", "--config", "-", &format!("{}/api/v4/user", world.gitlab_url())]);
    let output = curl.stdin(Stdio::from(fs::File::open(path).unwrap())).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"maintainer\""), "{output:?}");
    assert_eq!(world.requests().len(), 1);
}

/// curl reads it as everything else does that knows `.netrc`; the caution is about ports, which it does not know.
#[test]
fn lines_of_a_netrc() {
    use std::process::Command;
    if !is_there("curl") {
        return;
    }
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    home.gitlab(&world, "api").ends().succeeds().never_says("error");
    let lines = home.connect(["token", "github.com", "--format", "netrc"]).ends().succeeds();
    let token = world.github_token("classic");
    assert_eq!(
        lines.stdout().lines().next(),
        Some(format!("machine github.com login octocat password {token}").as_str())
    );
    let lines = home.connect(["token", &world.gitlab_url(), "--format", "netrc"]).ends().succeeds();
    assert!(lines.stderr().contains("knows no ports"), "{}", lines.stderr());
    assert_eq!(lines.stdout(), format!("machine 127.0.0.1 login maintainer password {}\n", world.gitlab_token("api")));
    let path = home.file("netrc", &lines.stdout());
    // git's own way in takes a token as a password.
    let url = format!(
        "{}/agility-game/home-assistant/community-store.git/info/refs?service=git-upload-pack",
        world.gitlab_url()
    );
    let curl = Command::new("curl").args(["--silent", "--netrc-file", &path, &url]).output().unwrap();
    assert!(curl.status.success(), "{curl:?}");
    let seen = world.requests().pop().unwrap();
    assert!(seen.header("authorization").is_some_and(|value| value.starts_with("Basic ")), "{seen:?}");
    let both = home.connect(["token", "github.com", "--format", "curl"]).json().succeeds().document();
    assert_eq!(both["token"], token);
    assert_eq!(both["text"], format!("header = \"Authorization: Bearer {token}\"\n"));
}
