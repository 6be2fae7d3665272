//! What `connect doctor` says of git.

use std::fs;

use serde_json::Value;

use super::Desk;
use crate::support::Cast as _;

/// Nothing else is to be found: there is no keyring, and none is wanted.
fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.home.set_env("CONNECT_STORE", "plain");
    desk
}

/// The links of git, as `name status code`; with them the exit code.
fn links(desk: &Desk) -> (Vec<String>, i32) {
    links_by(desk.connect(["doctor", "--no-network"]).without_env("GIT_DIR"))
}

fn links_by(call: crate::support::call::Call) -> (Vec<String>, i32) {
    let output = call.json();
    let word = |check: &Value, field: &str| check[field].as_str().unwrap_or("-").to_owned();
    let document = output.document();
    let checks = document["checks"].as_array().unwrap().iter().filter(|check| check["group"] == "git");
    let bad = |check: &Value| check["status"] == "warn" || check["status"] == "fail";
    for check in checks.clone().filter(|check| bad(check)) {
        assert!(check["mend"].as_str().is_some_and(|mend| !mend.is_empty()), "{check}");
    }
    let lines = checks.skip(1).map(|check| {
        let name = if check["host"].is_string() { "HOST".to_owned() } else { word(check, "name") };
        format!("{name} {} {}", word(check, "status"), word(check, "code"))
    });
    (lines.collect(), output.code.unwrap())
}

#[test]
fn whom_git_asks() {
    let desk = desk();
    assert_eq!(links(&desk).0, Vec::<String>::new(), "nobody has anything to give");
    desk.hub();
    assert_eq!(links(&desk), (vec!["helper skipped -".into()], 0));
    desk.set_up(&[]);
    assert_eq!(links(&desk), (vec!["HOST ok -".into()], 0));
    desk.lab();
    // In the order of their addresses.
    let (mut lines, code) = links(&desk);
    lines.sort();
    assert_eq!((lines, code), (vec!["HOST ok -".into(), "HOST warn git_not_asked".into()], 0));
    desk.set_up(&["--undo"]);
    fs::write(desk.gitconfig(), "[credential]\n\thelper = store\n").unwrap();
    desk.set_up(&[]);
    let output = desk.connect(["doctor", "--no-network", "--quiet", "hub"]).without_env("GIT_DIR").ends();
    if desk.git_is_of_age() {
        insta::assert_snapshot!(desk.shown(&output), @"
    exit 0
    --- stdout
    connection hub
      ! kept in  the token is kept readable, in the store `plain`
        → `connect store migrate 'hub' --to keyring` (or `--to file`)

    git
      ! http://GITHUB  git asks `store` before connect: what they know is
                                taken
        → `connect setup-git --host http://GITHUB --only` has git ask and tell connect alone there
      ! http://GITHUB  git tells `store` every token of connect's that
                                works; what is told may be kept there, `store` in a
                                readable file
        → `connect setup-git --host http://GITHUB --only` has git ask and tell connect alone there

    21 well, 3 to look at, 9 skipped
    ");
    }
    desk.set_up(&["--only"]);
    assert_eq!(links(&desk).0, ["HOST ok -", "HOST ok -"]);
    // git for whom PATH leads elsewhere.
    let (lines, code) = links_by(desk.connect(["doctor", "--no-network"]).env("PATH", "/nonexistent"));
    assert_eq!((lines, code), (vec![], 0));
}

#[test]
fn what_keeps_it_from_asking() {
    let desk = desk();
    desk.hub();
    desk.home.github(&desk.world, "collaborator").with(["--name", "bot"]).ends().succeeds().never_says("error");
    desk.set_up(&[]);
    let config = |key: &str, value: &str| {
        desk.git(["config", "--global", key, value]).ends().succeeds().never_says("error");
    };
    desk.home.connect(["use", "bot", "--on", "agility-game"]).ends().succeeds().never_says("error");
    assert_eq!(links(&desk).0, ["HOST warn git_no_path"]);
    desk.set_up(&[]);
    assert_eq!(links(&desk).0, ["HOST ok -"]);
    let url = desk.world.github_url();
    // What GitLab's manual has people write there names nobody.
    config("credential.username", "oauth2");
    assert_eq!(links(&desk).0, ["HOST ok -"]);
    config("credential.username", "mona");
    config(&format!("http.{url}/.extraHeader"), "AUTHORIZATION: basic c2VjcmV0");
    config(&format!("url.git@{}:.insteadOf", url.replace("http://", "")), &format!("{url}/"));
    let netrc = desk.home.path().join("home/.netrc");
    fs::write(&netrc, "machine example.com login machine password 127.0.0.1\n").unwrap();
    assert!(!links(&desk).0.contains(&"HOST warn git_netrc".to_owned()));
    fs::write(&netrc, "machine 127.0.0.1 login octocat password hunter2\n").unwrap();
    let expected = ["HOST warn git_header", "HOST warn git_netrc", "HOST warn git_by_ssh", "HOST warn git_other_user"];
    assert_eq!(links(&desk).0, expected);
    for key in ["credential.username", &format!("http.{url}/.extraHeader")] {
        desk.git(["config", "--global", "--unset", key]).ends().succeeds().never_says("error");
    }
    fs::remove_file(netrc).unwrap();
    // What CI scripts write. Nobody reads in the answer what it was.
    let with_login = url.replace("://", "://oauth2:hunter2@");
    config(&format!("url.{with_login}/.insteadOf"), &format!("{url}/"));
    let (lines, _) = links(&desk);
    assert!(lines.contains(&"HOST warn git_login_put_in".to_owned()), "{lines:?}");
    desk.connect(["doctor", "--no-network"]).without_env("GIT_DIR").ends().never_says("hunter2");
    fs::remove_file(desk.gitconfig()).unwrap();
    desk.set_up(&["--undo"]);
    config(&format!("credential.{url}.helper"), "/gone/git-credential-connect");
    let (lines, code) = links(&desk);
    assert_eq!((lines, code), (vec!["HOST fail git_helper_gone".into(), "HOST warn git_no_path".into()], 1));
}

#[test]
fn a_remote_with_a_token_is_named_without_it() {
    let desk = desk();
    desk.hub();
    desk.git(["init", "-q", "here"]).ends().succeeds().never_says("error");
    let folder = desk.work().join("here");
    let token = desk.world.github_token("classic");
    let url = format!("https://octocat:{token}@github.com/octocat/diary.git");
    desk.git_in(&folder, ["remote", "add", "origin", &url]).ends().succeeds().never_says("error");
    let doctor = |more: &[&str]| {
        let call = desk.home.connect(["doctor", "--no-network", "--quiet"]).with(more).without_env("GIT_DIR");
        super::at(&folder, call).ends().exits(8)
    };
    let output = doctor(&[]);
    output.never_says(&token);
    if desk.git_is_of_age() {
        insta::assert_snapshot!(desk.shown(&output), @"
    exit 8
    --- stdout
    connection hub
      ! kept in  the token is kept readable, in the store `plain`
        → `connect store migrate 'hub' --to keyring` (or `--to file`)

    git
      ✗ remote origin  the URL of the remote `origin` has a password in it, which is
                       readable in `.git/config`
        → `git remote set-url origin https://github.com/octocat/diary.git`
        → make a new token in place of that one, if others could read the folder

    23 well, 1 to look at, 1 broken, 10 skipped
    ");
    }
    let report = doctor(&["--report"]);
    report.never_says(&token).never_says("diary").never_says("origin");
}
