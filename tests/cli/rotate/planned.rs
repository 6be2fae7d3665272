//! `connect rotate --dry-run`: what would be done, and nothing is.

use forge_sandbox::Sandbox;

use crate::support::forges::{at_gitlab, built};
use crate::support::{Cast as _, Home, world};

#[test]
fn each_with_its_way_its_end_and_its_copies() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "expiring").with(["--name", "hub"]).ends().succeeds().never_says("error");
    home.gitlab(&world, "expiring").with(["--name", "lab"]).ends().succeeds().never_says("error");
    home.gitlab(&world, "read-api").with(["--name", "reader"]).ends().succeeds().never_says("error");
    let to = format!("file:{}", home.path().join("copy.txt").display());
    home.connect(["destination", "add", "lab", "--to", &to]).ends().succeeds().never_says("error");
    world.clear_requests();
    let before = home.contents();
    let call = home.connect(["rotate", "hub", "lab", "reader", "--dry-run", "--expires-in", "30d"]);
    insta::assert_snapshot!(call.clone().ends().shown(), @r#"
    exit 0
    --- stdout
    hub
      way     you make the new token at github.com, and connect takes it over
      page    https://github.com/settings/tokens/new?description=connect&default_expires_at=30&scopes=admin:org_hook,read:org,repo,workflow
              Note: connect
              Expiration: 30 days
              Scope: admin:org_hook
              Scope: read:org
              Scope: repo
              Scope: workflow
              After making it: "Configure SSO", if the organisation uses
              single sign-on
      ends    2026-11-06, in 5 days → 2026-12-01 (00:00 UTC)
      copies  none that connect knows of
      then    the old token is revoked, once every copy has followed
    lab
      way     127.0.0.1:PORT is asked for a new token; the old one dies there
              and then
      ends    2026-11-06, in 4 days → 2026-12-01 (00:00 UTC)
      copies  1. file HOME/copy.txt
    reader
      way     you make the new token at 127.0.0.1:PORT, and connect takes it
              over
      page    http://127.0.0.1:PORT/-/user_settings/personal_access_tokens?name=read-api&scopes=read_api,self_rotate
              Token name: read-api
              Scope: read_api
              Scope: self_rotate
              Expiration date: 30 days from today (the link cannot say it)
      ends    2027-01-30, in 89 days → 2026-12-01 (00:00 UTC)
      copies  none that connect knows of
      then    the old token is revoked, once every copy has followed

    If another machine has one of these tokens as well, by a copy that is not listed
    here, it stops working there; and if that machine rotates its dead copy, GitLab
    takes it for theft and kills the new token too. One machine rotates a token.
    "#);
    let document = call.json().succeeds().document();
    let connections = document["connections"].as_array().unwrap();
    let told: Vec<_> = connections.iter().map(|it| (it["name"].as_str().unwrap(), it["by"].as_str())).collect();
    assert_eq!(told, [("hub", Some("person")), ("lab", Some("forge")), ("reader", Some("person"))]);
    assert_eq!(connections[1]["would_push"][0]["kind"], "file");
    assert!(connections[0]["page"]["url"].as_str().unwrap().contains("default_expires_at=30"), "{document}");
    assert!(world.requests().is_empty(), "nobody is asked");
    assert_eq!(home.contents(), before);
}

#[test]
fn those_that_die_soon() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "for-ever"]).ends().succeeds().never_says("error");
    home.gitlab(&world, "expiring").ends().succeeds().never_says("error");
    let names = |within: &str| -> Vec<String> {
        let call = home.connect(["rotate", "--all", "--within", within, "--dry-run"]);
        let document = call.json().succeeds().document();
        let connections = document["connections"].as_array().unwrap().clone();
        connections.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("14d"), [at_gitlab(&world, "maintainer")]);
    assert!(names("1d").is_empty());
}

#[test]
fn what_is_missing_is_said_with_what_there_is() {
    let home = Home::new();
    for wrong in [&["rotate"][..], &["rotate", "--within", "14d"]] {
        let output = home.connect(wrong).ends().exits(2);
        let said = output.stderr();
        assert!(said.contains("`connect rotate --all --within 14d`") && said.contains("rotate NAME"), "{said}");
    }
    let output = home.connect(["rotate", "a", "--within", "2d"]).ends().exits(2);
    assert!(output.stderr().contains("`--within` goes with `--all`"), "{}", output.shown());
    let variable = home.connect(["rotate", "a"]).env("CONNECT_WITHIN", "2d").json();
    let _ = variable.fails(3, "no_such_connection");
    let output = home.connect(["rotate", "a", "--expires-on", "soon"]).ends().exits(2);
    assert!(output.stderr().contains("a day is written as `2026-11-01`"), "{}", output.shown());
    let output = home.connect(["rotate", "a", "--jobs", "0"]).ends().exits(2);
    assert!(output.stderr().contains("a whole number, from 1 on"), "{}", output.shown());
}

#[test]
fn a_gitlab_that_rotates_nothing_needs_a_person() {
    let (home, world) = (Home::new(), built(Sandbox::builder().gitlab_version("15.11.0")));
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    let document = home.connect(["rotate", "lab", "--dry-run"]).json().succeeds().document();
    assert_eq!(document["connections"][0]["by"], "person", "{document:#}");
    let output = home.connect(["rotate", "lab"]).json();
    assert_eq!(output.code, Some(9), "{}", output.shown());
    assert_eq!(output.document()["connections"][0]["error"]["code"], "needs_a_person");
}

#[test]
fn called_wrongly() {
    let home = Home::new();
    for wrong in [
        &["rotate"][..],
        &["rotate", "--all"],
        &["rotate", "a", "--all", "--within", "1d"],
        &["rotate", "a", "b", "--pat-stdin"],
        &["rotate", "a", "--expires-in", "1h"],
        &["rotate", "a", "--revoke-old", "--keep-old"],
        &["rotate", "a", "--jobs", "0"],
        &["rotate", "a", "--resume"],
    ] {
        let output = home.connect(wrong).ends();
        assert!(matches!(output.code, Some(2 | 3)), "{wrong:?} {}", output.shown());
        if !wrong.contains(&"--expires-in") {
            assert_eq!(output.code, Some(2), "{wrong:?} {}", output.shown());
        }
    }
    home.connect(["rotate", "nobody"]).json().fails(3, "no_such_connection");
}
