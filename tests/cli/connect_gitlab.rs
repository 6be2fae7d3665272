//! `connect gitlab`: personal, project, group, fine-grained and OAuth tokens, checked and kept.

use serde_json::json;

use crate::support::forges::{at_gitlab, built};
use crate::support::{Cast as _, Home, world};
use forge_sandbox::{Sandbox, Tier};

#[cfg(feature = "test-hooks")]
#[test]
fn a_personal_access_token() {
    let (home, world) = (Home::new(), world());
    let output = home.gitlab(&world, "api").ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stdout
    ✓ Connected maintainer at 127.0.0.1:PORT as `maintainer@127.0.0.1:PORT`
      token    personal, sha256:…
      scopes   api
      expires  in 89 days, at 2027-01-30 00:00 UTC
      server   GitLab 19.1.1-ee
      kept in  HOME/connect/data/secrets/ID
      reaches  1 group, 1 project: agility-game/home-assistant, agility-game/home-assistant/dashboard
    --- stderr
    warning: the token is kept readable, by you and by whoever becomes you; `--store keyring` or `--store file` would not
    ");
}

#[test]
fn the_record_in_json_is_the_record_on_disk() {
    let (home, world) = (Home::new(), world());
    let mut told = home.gitlab(&world, "api").json().succeeds().document();
    // What it reaches belongs to the moment and is not written down.
    let reach = told.as_object_mut().unwrap().remove("reach").unwrap();
    assert_eq!(reach["groups"][0]["path"], "agility-game/home-assistant");
    assert_eq!(told, home.record(&at_gitlab(&world, "maintainer")));
    assert_eq!(told["api_url"], world.gitlab_api_url());
    assert_eq!(told["server_version"], "19.1.1-ee");
}

/// Every living token: kind, scopes, whose.
#[test]
fn every_kind_of_token_is_told_apart() {
    let world = world();
    let cases = [
        ("api", "personal", json!(["api"]), "maintainer", "user"),
        ("read-api", "personal", json!(["read_api"]), "maintainer", "user"),
        ("self-rotate", "personal", json!(["read_api", "self_rotate"]), "maintainer", "user"),
        ("expiring", "personal", json!(["api"]), "maintainer", "user"),
        ("developer", "personal", json!(["api"]), "developer", "user"),
        ("admin", "personal", json!(["admin_mode", "api", "sudo"]), "root", "user"),
        ("granular-self", "granular", json!(["granular"]), "maintainer", "user"),
        ("project-bot", "project", json!(["api"]), "project_101_bot_", "bot"),
        ("group-bot", "group", json!(["api"]), "group_11_bot_", "bot"),
        ("oauth", "oauth", json!(["api"]), "maintainer", "user"),
    ];
    for (name, kind, scopes, login, account) in cases {
        let home = Home::new();
        let record = home.gitlab(&world, name).json().succeeds().document();
        assert_eq!(record["token"]["kind"], kind, "{name}");
        assert_eq!(record["token"]["scopes"], scopes, "{name}");
        assert!(record["account"]["login"].as_str().unwrap().starts_with(login), "{name}: {}", record["account"]);
        assert_eq!(record["account"]["kind"], account, "{name}");
    }
}

#[test]
fn a_date_of_expiry_is_the_start_of_that_day() {
    let (home, world) = (Home::new(), world());
    let record = home.gitlab(&world, "expiring").json().succeeds().document();
    let at: jiff::Timestamp = record["token"]["expires_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(at.as_second() % 86_400, 0);
    let days = (at.as_second() - world.now().as_second()).div_euclid(86_400);
    assert_eq!(days, 4, "five days, of which today is not whole");
}

#[test]
fn a_fine_grained_token_that_may_not_say_who_it_is() {
    let (home, world) = (Home::new(), world());
    let output = home.gitlab(&world, "granular").ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stdout
    ✓ Connected maintainer at 127.0.0.1:PORT as `maintainer@127.0.0.1:PORT`
      token    granular, sha256:…
      scopes   not told (what it may do shows when it is used)
      expires  not known
      kept in  HOME/connect/data/secrets/ID
    --- stderr
    warning: the token is kept readable, by you and by whoever becomes you; `--store keyring` or `--store file` would not
    not found out: the token may not describe itself, so its end is not known: the fine-grained token lacks a permission (Access denied: This operation requires a fine-grained personal access token with the following permissions: [Personal Access Token: Read].)
    not found out: the server's version is not known: the fine-grained token lacks a permission (Access denied: This operation requires a fine-grained personal access token with the following permissions: [Metadata: Read].)
    not found out: what the token reaches is not known: the fine-grained token lacks a permission (Access denied: This operation requires a fine-grained personal access token with the following permissions: [Personal Access Token: Read].)
    ");
}

#[test]
fn dead_tokens_are_refused_by_cause_and_nothing_is_kept() {
    let world = world();
    for (name, code) in [("expired", "token_expired"), ("revoked", "token_revoked")] {
        let home = Home::new();
        let before = home.contents();
        let error = home.gitlab(&world, name).json().fails(4, code);
        assert!(error["hint"].as_str().unwrap().contains("connect new-token gitlab"), "{error}");
        assert_eq!(home.contents(), before, "{name}");
    }
}

#[test]
fn a_token_that_nobody_knows() {
    let (home, world) = (Home::new(), world());
    let output = home.gitlab(&world, "api").stdin("glpat-wr0ngwr0ngwr0ngwr0n").ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 4
    --- stderr
    warning: this token looks mistyped or cut off: its length or checksum does not fit
    error: 127.0.0.1:PORT: the token is not known there (401 Unauthorized)
      → see that it is a personal, project or group access token of this very host
      → make a new one: `connect new-token gitlab --host http://127.0.0.1:PORT --for TASK`
    ");
    output.never_says("wr0ng");
}

#[test]
fn an_oauth_token_by_its_own_flags() {
    let world = world();
    let token = world.gitlab_token("oauth");
    let host = world.gitlab_url();
    let calls = [
        (vec!["--oauth-token-stdin"], true),
        (vec!["--oauth-token-env", "THEIRS"], false),
        (vec!["--oauth-token", token.as_str()], false),
    ];
    for (flags, by_pipe) in calls {
        let home = Home::new();
        world.clear_requests();
        let call = home.connect(["gitlab", "--host", &host, "--store", "plain"]).with(&flags).env("THEIRS", &token);
        let record = call.stdin(if by_pipe { token.as_str() } else { "" }).json().succeeds().document();
        assert_eq!(record["token"]["kind"], "oauth", "{flags:?}");
        assert!(world.requests().iter().any(|seen| seen.path == "/oauth/token/info"), "{flags:?}");
    }
}

#[test]
fn older_and_free_servers() {
    for (version, tier) in [("16.0.0", Tier::Free), ("17.3.0", Tier::Premium), ("18.11.0", Tier::Free)] {
        let home = Home::new();
        let world = built(Sandbox::builder().gitlab_version(version).tier(tier));
        let record = home.gitlab(&world, "api").json().succeeds().document();
        assert!(record["server_version"].as_str().unwrap().starts_with(version), "{record}");
        assert_eq!(record["token"]["scopes"], json!(["api"]), "{version}");
    }
}

#[test]
fn no_keep_reports_and_keeps_nothing() {
    let (home, world) = (Home::new(), world());
    let before = home.contents();
    let told = home.gitlab(&world, "developer").with(["--no-keep"]).json().succeeds().document();
    assert_eq!(told["account"]["login"], "developer");
    assert_eq!(home.contents(), before);
}
