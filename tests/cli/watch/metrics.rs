//! `connect status --format prometheus`, for node_exporter's textfile collector.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use forge_sandbox::{Fault, ReadyMade, Sandbox};

use super::copied;
use super::exposition::{Sample, read};
use crate::support::{Cast as _, Home, world};

fn two(home: &Home, world: &Sandbox) {
    home.dotcom(world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    home.gitlab(world, "expiring").with(["--name", "lab"]).ends().succeeds().never_says("error");
}

/// The value of a metric for a connection.
fn value(samples: &[Sample], name: &str, connection: &str) -> Option<f64> {
    let of =
        |sample: &&Sample| sample.name == name && sample.labels.get("connection").is_some_and(|it| it == connection);
    samples.iter().find(of).map(|sample| sample.value)
}

/// The health that is 1.
fn health(samples: &[Sample], connection: &str) -> Vec<String> {
    let of = |sample: &&Sample| sample.name == "connect_token_health" && sample.labels["connection"] == connection;
    let all: Vec<&Sample> = samples.iter().filter(of).collect();
    assert_eq!(all.len(), 7, "every state has its sample");
    all.iter().filter(|sample| sample.value == 1.0).map(|sample| sample.labels["health"].clone()).collect()
}

#[cfg(feature = "test-hooks")]
#[test]
fn a_page_of_metrics() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    copied(&home, "lab", "https://gitlab.example.com/team", false);
    let output = home.connect(["status", "--format", "prometheus"]).ends();
    read(&output.stdout());
    insta::assert_snapshot!(output.shown(), @r#"
    exit 9
    --- stdout
    # HELP connect_destination_stale Copies of the connection's secrets that are not the present ones.
    # TYPE connect_destination_stale gauge
    connect_destination_stale{connection="hub",forge="github",host="github.com",account="octocat"} 0
    connect_destination_stale{connection="lab",forge="gitlab",host="127.0.0.1:PORT",account="maintainer"} 1
    # HELP connect_records_unreadable Records of connections that do not read.
    # TYPE connect_records_unreadable gauge
    connect_records_unreadable 0
    # HELP connect_status_timestamp_seconds When the forges were asked, in seconds since the Unix epoch.
    # TYPE connect_status_timestamp_seconds gauge
    connect_status_timestamp_seconds 1793534400
    # HELP connect_token_check_success Whether the forge said how the token is: 1, or 0 if it could not be asked, and what is known is older.
    # TYPE connect_token_check_success gauge
    connect_token_check_success{connection="hub",forge="github",host="github.com",account="octocat"} 1
    connect_token_check_success{connection="lab",forge="gitlab",host="127.0.0.1:PORT",account="maintainer"} 1
    # HELP connect_token_days_left Whole days until the token dies, rounded down; negative after that. Missing for a token without an end.
    # TYPE connect_token_days_left gauge
    connect_token_days_left{connection="lab",forge="gitlab",host="127.0.0.1:PORT",account="maintainer"} 4
    # HELP connect_token_expires_timestamp_seconds When the token dies, in seconds since the Unix epoch. Missing for a token without an end.
    # TYPE connect_token_expires_timestamp_seconds gauge
    connect_token_expires_timestamp_seconds{connection="lab",forge="gitlab",host="127.0.0.1:PORT",account="maintainer"} 1793923200
    # HELP connect_token_health What the forge last said of the token: 1 for the word that is true.
    # TYPE connect_token_health gauge
    connect_token_health{connection="hub",forge="github",host="github.com",account="octocat",health="blocked"} 0
    connect_token_health{connection="hub",forge="github",host="github.com",account="octocat",health="expired"} 0
    connect_token_health{connection="hub",forge="github",host="github.com",account="octocat",health="limited"} 0
    connect_token_health{connection="hub",forge="github",host="github.com",account="octocat",health="other"} 0
    connect_token_health{connection="hub",forge="github",host="github.com",account="octocat",health="revoked"} 0
    connect_token_health{connection="hub",forge="github",host="github.com",account="octocat",health="unknown"} 0
    connect_token_health{connection="hub",forge="github",host="github.com",account="octocat",health="valid"} 1
    connect_token_health{connection="lab",forge="gitlab",host="127.0.0.1:PORT",account="maintainer",health="blocked"} 0
    connect_token_health{connection="lab",forge="gitlab",host="127.0.0.1:PORT",account="maintainer",health="expired"} 0
    connect_token_health{connection="lab",forge="gitlab",host="127.0.0.1:PORT",account="maintainer",health="limited"} 0
    connect_token_health{connection="lab",forge="gitlab",host="127.0.0.1:PORT",account="maintainer",health="other"} 0
    connect_token_health{connection="lab",forge="gitlab",host="127.0.0.1:PORT",account="maintainer",health="revoked"} 0
    connect_token_health{connection="lab",forge="gitlab",host="127.0.0.1:PORT",account="maintainer",health="unknown"} 0
    connect_token_health{connection="lab",forge="gitlab",host="127.0.0.1:PORT",account="maintainer",health="valid"} 1
    # HELP connect_token_healthy Whether the token works, by what its forge last said: 1 or 0.
    # TYPE connect_token_healthy gauge
    connect_token_healthy{connection="hub",forge="github",host="github.com",account="octocat"} 1
    connect_token_healthy{connection="lab",forge="gitlab",host="127.0.0.1:PORT",account="maintainer"} 1
    "#);
    let again = home.connect(["status", "--format", "prometheus"]).ends().stdout();
    assert_eq!(again, output.stdout());
}

#[test]
fn a_token_that_is_dead_and_a_forge_that_does_not_answer() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    world.revoke_gitlab("expiring");
    world.fault(Fault::github().ready_made(ReadyMade::ServerError));
    let samples = read(&home.connect(["status", "--format", "prometheus"]).ends().exits(4).stdout());
    assert_eq!(value(&samples, "connect_token_healthy", "lab"), Some(0.0));
    assert_eq!(value(&samples, "connect_token_check_success", "lab"), Some(1.0), "that it is dead is an answer");
    assert_eq!(health(&samples, "lab"), ["revoked"]);
    assert_eq!(value(&samples, "connect_token_healthy", "hub"), Some(1.0), "as far as is known");
    assert_eq!(value(&samples, "connect_token_check_success", "hub"), Some(0.0));
    assert_eq!(health(&samples, "hub"), ["valid"]);
    assert_eq!(value(&samples, "connect_token_days_left", "hub"), None, "it has no end");
}

#[test]
fn the_exit_code_is_that_of_status() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    let metrics = |more: &[&str]| home.connect(["status", "--format", "prometheus"]).with(more).ends();
    let _ = metrics(&[]).succeeds();
    let _ = metrics(&["--min-days", "14"]).exits(6);
    let _ = metrics(&["hub", "--min-days", "14"]).succeeds();
    copied(&home, "hub", "https://gitlab.example.com/team", false);
    let _ = metrics(&[]).exits(9);
    fs::write(home.record_path("lab"), "{").unwrap();
    let output = metrics(&["--quiet"]).exits(9);
    let unread = read(&output.stdout()).into_iter().find(|sample| sample.name == "connect_records_unreadable").unwrap();
    assert_eq!((unread.value, unread.labels.len()), (1.0, 0));
    assert!(output.stderr().contains("lab.json"), "{}", output.stderr());
}

#[test]
fn what_people_and_servers_call_things_stays_one_label() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    home.edit_record("lab", |record| record["account"]["login"] = "we\"ird\\},x=\"1\n\u{1b}[31m".into());
    let samples = read(&home.connect(["status", "--format", "prometheus"]).ends().succeeds().stdout());
    let lab = samples.iter().find(|sample| sample.labels.get("connection").is_some_and(|name| name == "lab")).unwrap();
    assert!(lab.labels["account"].starts_with("we\"ird\\},x=\"1"), "{lab:?}");
    assert!(!lab.labels["account"].contains(char::is_control), "{lab:?}");
    assert_eq!(lab.labels.len(), 4, "{lab:?}");
}

#[test]
fn nothing_kept_is_a_page_too() {
    let samples = read(&Home::new().connect(["status", "--format", "prometheus"]).ends().succeeds().stdout());
    let names: Vec<&str> = samples.iter().map(|sample| sample.name.as_str()).collect();
    assert_eq!(names, ["connect_records_unreadable", "connect_status_timestamp_seconds"]);
}

#[test]
fn a_file_is_replaced_whole_whatever_was_found() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    let folder = home.path().join("textfile");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    let path = folder.join("connect.prom");
    let call = || home.connect(["status", "--format", "prometheus", "--output"]).with([path.display().to_string()]);
    let output = call().by_way_of(["/bin/sh", "-c", "umask 022; \"$@\"", "sh"]).ends().succeeds();
    assert_eq!((output.stdout(), output.stderr()), (String::new(), String::new()));
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&folder)), (0o644, 0o755), "the collector is another user");
    let before = fs::read_to_string(&path).unwrap();
    assert_eq!(value(&read(&before), "connect_token_healthy", "lab"), Some(1.0));
    world.revoke_gitlab("expiring");
    let _ = call().ends().exits(4);
    let after = fs::read_to_string(&path).unwrap();
    assert_eq!(value(&read(&after), "connect_token_healthy", "lab"), Some(0.0), "trouble is what it is for");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside it");
    let _ = home.connect(["status", "--format", "prometheus", "--output", "/nonexistent/x.prom"]).ends().exits(1);
}

#[test]
fn one_form_at_a_time() {
    let home = Home::new();
    for wrong in [
        ["status", "--format", "prometheus", "--json"].as_slice(),
        &["status", "--format", "prometheus", "--watch"],
        &["status", "--output", "x.prom"],
        &["status", "--format", "xml"],
    ] {
        let _ = home.connect(wrong).ends().exits(2);
    }
}

#[test]
fn what_is_meant_comes_from_variables_too_and_a_flag_wins() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    let file = home.path().join("connect.prom");
    let call = || {
        home.connect(["status"])
            .env("CONNECT_STATUS_FORMAT", "prometheus")
            .env("CONNECT_STATUS_OUTPUT", &file.display().to_string())
    };
    assert_eq!(call().ends().succeeds().stdout(), "");
    read(&fs::read_to_string(&file).unwrap());
    fs::remove_file(&file).unwrap();
    assert!(call().with(["--json"]).ends().succeeds().document()["connections"].is_array());
    assert!(!file.exists(), "the flag wins");
    let both = home.connect(["status", "--format", "prometheus", "--json"]).ends().exits(2);
    assert!(both.stderr().contains("cannot be given together"), "{}", both.shown());
    let alone = home.connect(["status", "--output", &file.display().to_string()]).ends().exits(2);
    assert!(alone.stderr().contains("--format prometheus --output"), "{}", alone.shown());
    let listed = home.connect(["status"]).env("CONNECT_STATUS_OUTPUT", &file.display().to_string()).ends().succeeds();
    assert!(listed.stdout().contains("hub"), "without a format there is nothing to write: {}", listed.shown());
}
