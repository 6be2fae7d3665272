//! `connect status`: every forge is asked; the worst that was found is the exit code.

use std::fs;

use forge_sandbox::{Fault, ReadyMade, Sandbox};

use crate::support::{Cast as _, Home, world};

/// `hub` at GitHub and `lab` at GitLab.
fn two(home: &Home, world: &Sandbox) {
    home.dotcom(world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    home.gitlab(world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
}

#[cfg(feature = "test-hooks")]
#[test]
fn all_is_well() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    insta::assert_snapshot!(home.connect(["status"]).ends().shown(), @"
    exit 0
    --- stdout
    lab	valid	2027-01-30T00:00:00Z	89	-
    hub	valid	-	-	-
    --- stderr
    warning: 2 tokens kept readable, in the store `plain`
    ");
    let ended = home.connect(["status"]).env("NO_COLOR", "1").at_terminal().ends();
    assert_eq!(ended.code, 0);
    assert!(ended.screen.contains("NAME"), "{}", ended.screen);
    assert!(ended.screen.contains("✓ valid"), "{}", ended.screen);
}

#[cfg(feature = "test-hooks")]
#[test]
fn a_token_that_was_revoked_and_a_forge_that_fails() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    world.revoke_gitlab("api");
    world.fault(Fault::github().ready_made(ReadyMade::ServerError));
    insta::assert_snapshot!(home.connect(["status"]).ends().shown(), @"
    exit 4
    --- stdout
    lab	token_revoked	2027-01-30T00:00:00Z	89	127.0.0.1:PORT: the token was revoked (Token was revoked. You have to re-authorize from the user.)
    hub	server_error	-	-	github.com: the server failed (Server Error)
    --- stderr
    warning: 2 tokens kept readable, in the store `plain`
    ");
    assert_eq!(home.record("lab")["token"]["health"], "revoked");
    assert_eq!(home.record("hub")["token"]["health"], "valid", "a forge that fails says nothing of the token");
    let ended = home.connect(["status"]).env("NO_COLOR", "1").at_terminal().ends();
    assert_eq!(ended.code, 4);
    for line in ended.screen.lines().take_while(|line| !line.is_empty()) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(ended.screen.contains("connect new-token gitlab"), "{}", ended.screen);
}

#[test]
fn the_worst_is_the_exit_code() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    let status = || home.connect(["status"]).json();
    status().succeeds().never_says("error");
    world.fault(Fault::github().ready_made(ReadyMade::ServerError));
    status().exits(7).never_says("not_valid");
    world.clear_faults();
    world.fault(Fault::github().ready_made(ReadyMade::IpAllowList));
    world.fault(Fault::gitlab().ready_made(ReadyMade::BadGateway));
    status().exits(5).never_says("never");
    world.clear_faults();
    world.revoke_github("classic");
    world.fault(Fault::gitlab().ready_made(ReadyMade::UserBlocked));
    status().exits(4).never_says("never");
    let secret = home.record("lab")["token"]["secret"].as_str().unwrap().to_owned();
    fs::remove_file(home.connect_home().join("data/secrets").join(secret)).unwrap();
    let document = status().exits(8).document();
    assert_eq!(document["connections"][0]["error"]["code"], "secret_missing", "the worst comes first");
    assert_eq!(document["connections"][0]["error"]["connection"], "lab");
    assert_eq!(document["connections"][1]["error"]["code"], "bad_credentials");
}

#[cfg(feature = "test-hooks")]
#[test]
fn tokens_that_expire_soon() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "expiring").with(["--name", "soon"]).ends().succeeds().never_says("error");
    let status = |days: &str| home.connect(["status", "--min-days", days]).ends().code;
    assert_eq!(
        (status("14"), status("14d"), status("5"), status("4"), status("119h")),
        (Some(6), Some(6), Some(6), Some(0), Some(0))
    );
    let by_variable = home.connect(["status"]).env("CONNECT_MIN_DAYS", "14").ends();
    assert_eq!(by_variable.code, Some(6));
    insta::assert_snapshot!(home.connect(["status", "--min-days", "14"]).ends().shown(), @"
    exit 6
    --- stdout
    soon	valid	2026-11-06T12:00:00Z	5	expires in 5 days
    --- stderr
    warning: 1 token kept readable, in the store `plain`
    ");
}

/// The time left is counted to the instant that the token dies, at both forges.
#[cfg(feature = "test-hooks")]
#[test]
fn to_the_second() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "expiring").with(["--name", "hub"]).ends().succeeds().never_says("error");
    home.gitlab(&world, "expiring").with(["--name", "lab"]).ends().succeeds().never_says("error");
    let status = |name: &str, now: &str, within: &str| {
        let call = home.connect(["status", name, "--json", "--min-days", within]).env("CONNECT_TEST_NOW", now);
        let output = call.ends();
        let days = output.document()["connections"][0]["days_left"].as_i64().unwrap();
        (output.code.unwrap(), days)
    };
    // GitHub names an instant.
    assert_eq!(status("hub", "2026-11-01T11:59:59Z", "5"), (0, 5));
    assert_eq!(status("hub", "2026-11-01T12:00:00Z", "5"), (6, 5));
    assert_eq!(status("hub", "2026-11-01T12:00:01Z", "5"), (6, 4));
    assert_eq!(status("hub", "2026-11-01T12:00:01Z", "119h"), (0, 4));
    // GitLab kills it at 00:00 UTC of the date.
    assert_eq!(status("lab", "2026-10-31T23:59:59Z", "5"), (0, 5));
    assert_eq!(status("lab", "2026-11-01T00:00:00Z", "5"), (6, 5));
    assert_eq!(status("lab", "2026-11-05T23:59:59Z", "1s"), (6, 0));
    assert_eq!(status("lab", "2026-11-05T23:59:58Z", "1s"), (0, 0));
    let list = |now: &str| {
        let call = home.connect(["list", "--expiring", "5d", "--json"]).env("CONNECT_TEST_NOW", now);
        call.ends().succeeds().document()["connections"].as_array().unwrap().len()
    };
    assert_eq!([list("2026-10-31T23:59:59Z"), list("2026-11-01T00:00:00Z"), list("2026-11-01T12:00:00Z")], [0, 1, 2]);
}

#[test]
fn what_is_learnt_is_written_down() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    home.edit_record("lab", |record| {
        record["token"]["scopes"] = serde_json::json!(["read_api"]);
        record["token"]["expires_at"] = serde_json::json!(null);
        record["server_version"] = "16.0.0".into();
    });
    home.connect(["status", "lab"]).ends().succeeds().never_says("error");
    let record = home.record("lab");
    assert_eq!(record["token"]["scopes"], serde_json::json!(["api"]));
    assert!(record["token"]["expires_at"].is_string(), "{record}");
    assert_eq!(home.secrets().len(), 2);
}

#[test]
fn only_those_that_are_named() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    let names = |arguments: &[&str]| -> Vec<String> {
        let document = home.connect(["status"]).with(arguments).json().succeeds().document();
        document["connections"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&["lab"]), ["lab"]);
    assert_eq!(names(&["https://github.com/octocat"]), ["hub"]);
    assert_eq!(names(&["lab", "hub", "lab"]).len(), 2, "each is asked once");
    home.connect(["status", "lap"]).json().fails(3, "no_such_connection");
}

#[test]
fn a_damaged_record_does_not_keep_the_others_from_being_asked() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    fs::write(home.record_path("hub"), "{").unwrap();
    let output = home.connect(["status"]).json().exits(1);
    let document = output.document();
    assert_eq!(document["connections"][0]["token"]["health"], "valid");
    assert_eq!(document["connections"][1]["error"]["code"], "record_damaged");
    assert_eq!(fs::read(home.record_path("hub")).unwrap(), b"{");
}

#[test]
fn nothing_to_ask() {
    let home = Home::new();
    let output = home.connect(["status"]).ends().succeeds();
    assert_eq!(output.stdout(), "");
    assert_eq!(home.connect(["status"]).json().succeeds().stdout().trim(), r#"{"connections":[]}"#);
}

#[test]
fn many_at_once_in_the_order_of_their_names() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "c00"]).ends().succeeds().never_says("error");
    let (record, secret) = (home.record("c00"), fs::read(&home.secrets()[0]).unwrap());
    for number in 1..40 {
        let (mut record, name) = (record.clone(), format!("c{number:02}"));
        let id = format!("{number:032x}");
        record["name"] = name.clone().into();
        record["token"]["secret"] = id.clone().into();
        fs::write(home.record_path(&name), record.to_string()).unwrap();
        fs::write(home.connect_home().join("data/secrets").join(id), &secret).unwrap();
    }
    let document = home.connect(["status"]).json().succeeds().document();
    let names: Vec<&str> =
        document["connections"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 40);
    assert!(names.is_sorted());
}

#[test]
fn an_end_that_cannot_be_read_has_not_gone_away() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "expiring").with(["--name", "hub"]).ends().succeeds().never_says("error");
    home.gitlab(&world, "expiring").with(["--name", "lab"]).ends().succeeds().never_says("error");
    let end = |name: &str| home.record(name)["token"]["expires_at"].as_str().unwrap().to_owned();
    let (hub, lab) = (end("hub"), end("lab"));
    let odd = [("github-authentication-token-expiration", "when the cows come home")];
    let body = r#"{"login":"octocat","id":583231,"type":"User","expires_at":"when the cows come home","active":true}"#;
    world.fault(Fault::github().path("/user").answer(200, &odd, body));
    world.fault(Fault::gitlab().path("/personal_access_tokens").answer(200, &[], body));
    home.connect(["status", "--min-days", "3650"]).ends().exits(6).never_says("error");
    assert_eq!((end("hub"), end("lab")), (hub, lab));
    home.connect(["doctor"]).ends().never_says("never");
    let said = home.dotcom(&world, "expiring").with(["--name", "new"]).ends().succeeds().stdout();
    assert!(said.contains("expires  not known"), "{said}");
    assert_eq!(home.record("new")["token"]["health"], "limited");
}

#[test]
fn an_answer_without_the_accounts_number_does_not_make_room_for_another_account() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    let number = home.record("hub")["account"]["id"].clone();
    world.fault(Fault::github().path("/user").once().answer(200, &[], r#"{"login":"kitty"}"#));
    home.connect(["status"]).ends().succeeds().never_says("error");
    assert_eq!(home.record("hub")["account"]["login"], "kitty");
    assert_eq!(home.record("hub")["account"]["id"], number);
    world.fault(Fault::github().path("/user").answer(200, &[], r#"{"login":"mallory","id":666}"#));
    let document = home.connect(["status"]).json().exits(9).document();
    assert_eq!(document["connections"][0]["error"]["code"], "other_account");
    assert_eq!(home.record("hub")["account"]["login"], "kitty");
}

#[test]
fn a_variable_may_hold_a_token_of_another_kind_by_now() {
    let (home, world) = (Home::new(), world());
    let arguments = ["gitlab", "--host", &world.gitlab_url(), "--pat-env", "TOKEN", "--store", "env", "--name", "lab"];
    let kept = home.connect(arguments).env("TOKEN", &world.gitlab_token("oauth")).ends().succeeds();
    kept.never_says("error");
    assert_eq!(home.record("lab")["token"]["kind"], "oauth");
    let with =
        |token: &str, arguments: &[&str]| home.connect(arguments).env("TOKEN", &world.gitlab_token(token)).ends();
    with("api", &["doctor", "lab"]).never_says("✗");
    with("api", &["check", "lab", "--for", "import"]).succeeds().never_says("missing");
    assert_eq!(home.record("lab")["token"]["kind"], "personal");
    with("oauth", &["status"]).succeeds().never_says("unknown");
    assert_eq!(home.record("lab")["token"]["kind"], "oauth");
    with("oauth", &["status"]).succeeds().never_says("unknown");
}

/// The first connection's certificates come by a pipe: while it is waited for, the others change.
#[test]
fn what_was_changed_or_forgotten_in_the_meantime_is_no_alarm() {
    let (home, world) = (Home::new(), world());
    for name in ["a", "b", "c", "d"] {
        home.dotcom(&world, "classic").with(["--name", name]).ends().succeeds().never_says("error");
    }
    let pipe = home.path().join("pipe").display().to_string();
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    home.edit_record("a", |record| record["ca_cert"] = pipe.clone().into());
    let running = home.connect(["status", "--json"]).begins();
    let mut writing = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    home.connect(["disconnect", "b", "--yes"]).ends().succeeds().never_says("error");
    home.dotcom(&world, "classic").with(["--name", "c", "--yes"]).ends().succeeds().never_says("error");
    let secret = home.record("d")["token"]["secret"].as_str().unwrap().to_owned();
    fs::remove_file(home.connect_home().join("data/secrets").join(secret)).unwrap();
    std::io::Write::write_all(&mut writing, b"no certificate").unwrap();
    drop(writing);
    let output = running.ends().exits(8);
    let said: Vec<(String, String)> = output.document()["connections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| [&one["name"], &one["error"]["code"]].map(|text| text.as_str().unwrap_or("-").to_owned()).into())
        .collect();
    let expected = [("d", "secret_missing"), ("a", "bad_certificate_file"), ("c", "-")];
    assert_eq!(said, expected.map(|(name, code)| (name.to_owned(), code.to_owned())));
}
