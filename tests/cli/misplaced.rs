//! What belongs elsewhere: tokens typed in the wrong place, records that lead elsewhere, proxies in between.

use crate::support::*;
use forge_sandbox::Fault;

#[test]
fn a_token_in_the_wrong_place_is_not_repeated() {
    let (home, world) = (Home::new(), world());
    let (hub, lab) = (world.github_token("classic"), world.gitlab_token("api"));
    let key = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ";
    let address = format!("https://oauth2:{lab}@gitlab.com/x");
    let url = world.dotcom_api_url();
    let given = ["github", "--api-url", &url, "--pat-stdin", "--store"];
    for secret in [hub.as_str(), lab.as_str(), address.as_str(), key] {
        let calls = [
            home.connect(["token", secret]),
            home.connect(["status", secret]),
            home.connect(["check", secret, "--for", "git"]),
            home.connect(["disconnect", secret]),
            home.connect(["github", "--pat-file", secret]),
            home.connect(["github", "--pat-env", secret]),
            home.connect(["gitlab", "--pat-stdin", "--host", secret]).stdin("x"),
            home.connect(["github", "--pat-stdin", "--ca-cert", secret]).stdin("x"),
            home.connect(given).with(["plain", "--name", secret]).stdin(&hub),
            home.connect(given).with(["file", "--age-identity", secret]).stdin(&hub),
        ];
        for call in calls {
            for output in [call.clone().ends(), call.json()] {
                for part in [hub.as_str(), lab.as_str(), key] {
                    output.never_says(part).never_says(&part.to_lowercase());
                }
                assert!(!output.shown().starts_with("exit 0"), "{}", output.shown());
            }
        }
    }
    assert!(home.records().is_empty() && home.secrets().is_empty());
}

#[test]
fn a_record_that_was_led_elsewhere_takes_no_token_there() {
    let (home, world, elsewhere) = (Home::new(), world(), world());
    let call = home.connect(["gitlab", "--host", &world.gitlab_url(), "--name", "lab", "--store", "plain"]);
    call.with(["--pat-stdin"]).stdin(world.gitlab_token("api")).ends().succeeds().never_says("error");
    home.edit_record("lab", |record| {
        record["url"] = elsewhere.gitlab_url().into();
        record["api_url"] = elsewhere.gitlab_api_url().into();
    });
    let status = home.connect(["status", "lab"]).json().exits(8);
    assert_eq!(status.document()["connections"][0]["error"]["code"], "address_differs");
    home.connect(["disconnect", "lab", "--revoke"]).json().fails(8, "address_differs");
    home.connect(["token", "lab"]).json().fails(8, "address_differs");
    assert!(elsewhere.requests().is_empty());
}

/// Plain http is allowed on loopback because it does not leave the machine.
#[test]
fn a_proxy_does_not_see_what_is_meant_for_this_machine() {
    let (home, world, proxy) = (Home::new(), world(), world());
    let call = home.connect(["gitlab", "--host", &world.gitlab_url(), "--pat-stdin", "--no-keep"]);
    let call = call.stdin(world.gitlab_token("api"));
    let (at, all) = (proxy.gitlab_url(), ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]);
    let call = all.iter().fold(call, |call, variable| call.env(variable, &at));
    let record = call.json().succeeds().document();
    assert_eq!(record["account"]["login"], "maintainer");
    assert!(proxy.requests().is_empty());
    assert!(record["token"]["kept_in"].is_null() && record["token"]["secret"].is_null(), "{record}");
}

#[test]
fn a_revocation_whose_answer_is_lost_is_looked_after() {
    let (home, world) = (Home::new(), world());
    let call = home.connect(["gitlab", "--host", &world.gitlab_url(), "--name", "lab", "--store", "plain"]);
    call.with(["--pat-stdin"]).stdin(world.gitlab_token("api")).ends().succeeds().never_says("error");
    world.fault(Fault::gitlab().method("DELETE").drop_after_work());
    home.connect(["disconnect", "lab", "--revoke"]).ends().succeeds().never_says("error");
    assert!(!world.is_alive_gitlab("api") && home.records().is_empty() && home.secrets().is_empty());
}

#[test]
fn a_token_that_is_known_to_be_revoked_is_not_handed_out() {
    let (home, world) = (Home::new(), world());
    let call = home.connect(["gitlab", "--host", &world.gitlab_url(), "--name", "lab", "--store", "plain"]);
    call.with(["--pat-stdin"]).stdin(world.gitlab_token("api")).ends().succeeds().never_says("error");
    world.revoke_gitlab("api");
    home.connect(["status"]).json().exits(4).never_says("panicked");
    home.connect(["token", "lab"]).json().fails(4, "token_revoked");
    let listed = home.connect(["list", "--expiring", "1d"]).json().succeeds().document();
    assert_eq!(listed["connections"].as_array().map(Vec::len), Some(1), "the dead are listed with the dying");
}

#[test]
fn what_was_said_once_need_not_be_repeated() {
    let (home, world) = (Home::new(), world());
    let first = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--name", "ci", "--store", "env"]);
    let token = world.github_token("classic");
    first.with(["--pat-env", "CI_TOKEN"]).env("CI_TOKEN", &token).ends().succeeds().never_says("error");
    let again = home.connect(["github", "--name", "ci", "--pat-env", "CI_TOKEN"]).env("CI_TOKEN", &token);
    let record = again.json().succeeds().document();
    assert_eq!(record["api_url"], world.dotcom_api_url());
    assert_eq!(record["token"]["kept_in"], "env");
}

#[test]
fn a_variable_set_to_nothing_is_not_set() {
    let (home, world) = (Home::new(), world());
    let call = home.connect(["gitlab", "--host", &world.gitlab_url(), "--pat-stdin", "--store", "plain"]);
    let empty = ["NAME", "STORE", "CA_CERT", "GITLAB_API_URL", "AGE_RECIPIENTS", "AGE_IDENTITY", "TIMEOUT", "JSON"];
    let call = empty.iter().fold(call, |call, name| call.env(&format!("CONNECT_{name}"), ""));
    call.stdin(world.gitlab_token("api")).ends().succeeds().never_says("error");
    assert_eq!(home.records().len(), 1);
}

#[test]
#[cfg(unix)]
fn a_token_that_others_may_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt as _;
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("can read");
    std::fs::set_permissions(&home.secrets()[0], std::fs::Permissions::from_mode(0o644)).unwrap();
    let output = home.connect(["token", "octocat@github.com"]).json().succeeds();
    assert_eq!(output.warnings(), ["secret_readable"], "{}", output.shown());
}

#[test]
#[cfg(unix)]
fn a_folder_that_was_opened_to_others_is_closed_again() {
    use std::os::unix::fs::PermissionsExt as _;
    let (home, world) = (Home::new(), world());
    let secrets = home.connect_home().join("data/secrets");
    std::fs::create_dir_all(&secrets).unwrap();
    std::fs::set_permissions(&secrets, std::fs::Permissions::from_mode(0o777)).unwrap();
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    assert_eq!(std::fs::metadata(&secrets).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_token_is_not_handed_out_for_an_address_that_somebody_wrote_into_its_record() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    home.edit_record("hub", |record| record["url"] = "https://evil.example".into());
    home.connect(["token", "https://evil.example/o/r"]).json().fails(8, "address_differs");
    home.connect(["token", "hub"]).json().fails(8, "address_differs");
    let before = world.requests().len();
    home.connect(["status"]).ends().exits(8).never_says("valid");
    assert_eq!(world.requests().len(), before);
}
