//! `connect github`: every kind of token, checked and kept.

use serde_json::json;

use crate::support::forges::at_github;
use crate::support::{Cast as _, Home, world};

#[test]
fn a_classic_token_of_github_com() {
    let (home, world) = (Home::new(), world());
    let output = home.dotcom(&world, "classic").ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stdout
    ✓ Connected octocat at github.com as `octocat@github.com`
      token    classic, sha256:…
      scopes   admin:org_hook, read:org, repo, workflow
      expires  never
      kept in  HOME/connect/data/secrets/ID
    --- stderr
    warning: the token is kept readable, by you and by whoever becomes you; `--store keyring` or `--store file` would not
    ");
    assert_eq!(home.record("octocat@github.com")["url"], "https://github.com");
}

#[cfg(feature = "test-hooks")]
#[test]
fn a_token_of_an_enterprise_server() {
    let (home, world) = (Home::new(), world());
    let output = home.github(&world, "fine-grained-import").ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stdout
    ✓ Connected octocat at 127.0.0.1:PORT as `octocat@127.0.0.1:PORT`
      token    fine-grained, sha256:…
      scopes   not told (what it may do shows when it is used)
      expires  in 90 days, at 2027-01-30 12:00 UTC
      server   GitHub 3.17.0
      kept in  HOME/connect/data/secrets/ID
    --- stderr
    warning: the token is kept readable, by you and by whoever becomes you; `--store keyring` or `--store file` would not
    ");
}

#[test]
fn the_record_in_json_is_the_record_on_disk() {
    let (home, world) = (Home::new(), world());
    let told = home.dotcom(&world, "classic").json().succeeds().document();
    assert_eq!(told, home.record("octocat@github.com"));
    assert_eq!(told["account"], json!({ "login": "octocat", "id": 583231, "kind": "user" }));
    assert_eq!(told["token"]["kept_in"], "plain");
    assert_eq!(told["webhook"], json!(null));
}

/// Name, kind, scopes, days to live and account of every living token of github.com.
#[test]
fn every_kind_of_token_is_told_apart() {
    let world = world();
    let wide = json!(["admin:org_hook", "read:org", "repo", "workflow"]);
    let cases = [
        ("classic", "classic", wide.clone(), None, "octocat"),
        ("classic-readonly", "classic", json!(["read:org", "read:user"]), None, "octocat"),
        ("fine-grained-import", "fine-grained", json!(null), Some(90), "octocat"),
        ("fine-grained-readonly", "fine-grained", json!(null), Some(30), "octocat"),
        ("expiring", "classic", wide.clone(), Some(5), "octocat"),
        ("sso", "classic", wide, None, "octocat"),
        ("collaborator", "classic", json!(["repo"]), None, "hubot"),
        ("member", "classic", json!(["repo"]), None, "defunkt"),
        ("stranger", "classic", json!(["repo"]), None, "monalisa"),
        ("oauth", "oauth", json!(["gist", "read:org", "repo"]), None, "octocat"),
        ("app-user", "app-user", json!(null), Some(0), "octocat"),
    ];
    for (name, kind, scopes, days, login) in cases {
        let home = Home::new();
        let record = home.dotcom(&world, name).json().succeeds().document();
        assert_eq!(record["token"]["kind"], kind, "{name}");
        assert_eq!(record["token"]["scopes"], scopes, "{name}");
        assert_eq!(record["account"]["login"], login, "{name}");
        let expires = record["token"]["expires_at"].as_str().map(|at| at.parse::<jiff::Timestamp>().unwrap());
        let left = expires.map(|at| (at.as_second() - world.now().as_second()) / 86_400);
        assert_eq!(left, days, "{name}");
    }
}

#[test]
fn an_apps_installation_is_nobodys_account() {
    let (home, world) = (Home::new(), world());
    let record = home.dotcom(&world, "installation").json().succeeds().document();
    assert_eq!(record["token"]["kind"], "app-installation");
    assert_eq!(record["account"], json!(null));
    assert_eq!(home.connect(["token", "github.com"]).ends().stdout(), world.github_token("installation") + "\n");
}

#[test]
fn dead_tokens_are_refused_and_nothing_is_kept() {
    let world = world();
    for name in ["expired", "revoked"] {
        let home = Home::new();
        let before = home.contents();
        let error = home.dotcom(&world, name).json().fails(4, "bad_credentials");
        assert!(error["hint"].as_str().unwrap().contains("connect new-token github"), "{error}");
        assert_eq!(home.contents(), before, "{name}");
    }
}

#[test]
fn a_token_that_nobody_knows() {
    let (home, world) = (Home::new(), world());
    let before = home.contents();
    let output = home.dotcom(&world, "classic").stdin("ghp_wr0ngwr0ngwr0ngwr0ngwr0ngwr0ngwr0ng").ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 4
    --- stderr
    warning: this token looks mistyped or cut off: its length or checksum does not fit
    error: github.com: the token is not accepted: unknown, revoked or expired (Bad credentials)
      → GitHub does not say which; see whether it is still listed on https://github.com/settings/tokens
      → make a new one: `connect new-token github --for TASK`
    ");
    output.never_says("wr0ng");
    assert_eq!(home.contents(), before);
}

#[test]
fn organisations_behind_single_sign_on_are_named() {
    let (home, world) = (Home::new(), world());
    let output = home.dotcom(&world, "sso").ends();
    insta::assert_snapshot!(output.shown(), @r#"
    exit 0
    --- stdout
    ✓ Connected octocat at github.com as `octocat@github.com`
      token    classic, sha256:…
      scopes   admin:org_hook, read:org, repo, workflow
      expires  never
      kept in  HOME/connect/data/secrets/ID
    --- stderr
    warning: the token is kept readable, by you and by whoever becomes you; `--store keyring` or `--store file` would not
    warning: the token does not reach 1 organisation with single sign-on; authorise it with "Configure SSO" on https://github.com/settings/tokens
    "#);
}

#[test]
fn no_keep_reports_and_keeps_nothing() {
    let (home, world) = (Home::new(), world());
    let before = home.contents();
    let output = home.dotcom(&world, "classic").with(["--no-keep"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stdout
    ✓ The token is octocat's at github.com; nothing was kept
      token    classic, sha256:…
      scopes   admin:org_hook, read:org, repo, workflow
      expires  never
    ");
    let told = home.dotcom(&world, "classic").with(["--no-keep"]).json().succeeds().document();
    assert_eq!(told["account"]["login"], "octocat");
    assert_eq!(home.contents(), before);
}

#[test]
fn a_name_of_ones_own_and_two_tokens_of_one_account() {
    let (home, world) = (Home::new(), world());
    for name in ["work", "play"] {
        let record = home.dotcom(&world, "classic").with(["--name", name]).json().succeeds().document();
        assert_eq!(record["name"], name);
    }
    assert_eq!((home.records().len(), home.secrets().len()), (2, 2));
}

#[test]
fn quiet_prints_the_result_and_nothing_else() {
    let (home, world) = (Home::new(), world());
    let output = home.dotcom(&world, "classic").with(["--quiet"]).ends().succeeds();
    assert!(output.stdout().starts_with("✓ Connected octocat"), "{}", output.shown());
}

#[test]
fn the_enterprise_servers_address_is_the_connections() {
    let (home, world) = (Home::new(), world());
    home.github(&world, "classic").ends().succeeds().never_says("github.com");
    let record = home.record(&at_github(&world, "octocat"));
    assert_eq!(record["api_url"], world.github_api_url());
    assert_eq!(record["server_version"], "3.17.0");
}
