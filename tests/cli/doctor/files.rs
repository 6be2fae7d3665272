//! connect's own files: configuration, modes, strangers, records, orphans, the journal.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::{Found, two};
use crate::support::{Cast as _, Home, world};

/// Sets a mode behind connect's back.
fn chmod(path: &std::path::Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn local(home: &Home) -> Found {
    fs::create_dir_all(home.connect_home().join("config")).unwrap();
    chmod(&home.connect_home().join("config"), 0o700);
    let config = home.connect_home().join("config/config.toml");
    if !config.exists() {
        fs::write(config, "store = \"plain\"\n").unwrap();
    }
    Found::by(home, &["--no-network"])
}

#[test]
fn a_configuration_that_does_not_read() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    fs::create_dir_all(home.connect_home().join("config")).unwrap();
    fs::write(home.connect_home().join("config/config.toml"), "store = \"vault\"\n").unwrap();
    home.connect(["list"]).json().fails(1, "config_damaged");
    let found = local(&home).exits(1);
    found.has("configuration", "config.toml", "fail", "config_damaged").is("store", "plain", "ok");
    fs::write(home.connect_home().join("config/config.toml"), "stroe = \"file\"\nstore = \"plain\"\n").unwrap();
    local(&home).exits(0).has("configuration", "keys", "warn", "unknown_key");
}

#[test]
fn modes_that_let_others_in() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    local(&home).exits(0).is("files", "connections", "ok").is("files", "files", "ok");
    chmod(&home.connect_home().join("data/connections"), 0o755);
    chmod(&home.record_path("hub"), 0o644);
    let found = local(&home).exits(0);
    found.has("files", "connections", "warn", "folder_open").has("files", "file", "warn", "file_open");
    chmod(&home.secrets()[0], 0o640);
    let found = local(&home).exits(8);
    found.has("files", "file", "fail", "secret_readable");
    assert_eq!(home.secrets()[0].metadata().unwrap().permissions().mode() & 0o777, 0o640, "it only looks");
    // What is to be typed works as it stands.
    for check in &found.checks {
        let mend = check["mend"].as_str().unwrap_or_default().lines().next().unwrap_or_default();
        if let Some(command) = mend.strip_prefix('`').filter(|mend| mend.starts_with("chmod")) {
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", command.trim_end_matches('`')]).env("HOME", home.path().join("home"));
            assert!(shell.status().unwrap().success(), "{mend}");
        }
    }
    local(&home).exits(0).is("files", "files", "ok").is("files", "connections", "ok");
}

#[test]
fn a_pipe_where_a_record_should_be() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    let pipe = home.connect_home().join("data/connections/pipe.json");
    assert!(Command::new("mkfifo").args(["-m", "600"]).arg(&pipe).status().unwrap().success());
    let list = home.connect(["list"]).json().exits(1);
    assert_eq!(list.document()["connections"].as_array().unwrap().len(), 3, "{}", list.shown());
    home.connect(["token", "hub"]).ends().succeeds().never_says("error");
    local(&home).exits(1).has("files", "file", "fail", "not_a_file");
    fs::remove_file(&pipe).unwrap();
    let note = home.connect_home().join("state/journal/connect-0.json");
    assert!(Command::new("mkfifo").args(["-m", "600"]).arg(&note).status().unwrap().success());
    local(&home).exits(1).has("files", "file", "fail", "not_a_file");
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    // A file that the user names may be one.
    let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--store", "plain", "--name", "by-pipe"]);
    let script = "exec \"$@\" --pat-file <(printf %s \"$THEIRS\")";
    let call = call.env("THEIRS", &world.github_token("classic")).by_way_of(["/bin/bash", "-c", script, "bash"]);
    call.ends().succeeds().never_says("error");
}

#[test]
fn records_that_do_not_read() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    fs::write(home.record_path("hub"), "{").unwrap();
    home.edit_record("lab", |record| record["version"] = 7.into());
    let found = local(&home).exits(1);
    found.has("files", "record", "fail", "record_damaged").has("files", "record", "fail", "record_newer");
    found.is("files", "orphans", "skipped");
    fs::remove_file(home.record_path("hub")).unwrap();
    let found = local(&home).exits(1);
    assert_eq!(found.links("files", "orphan").len(), 1, "a later version's record names its own");
}

#[test]
fn what_nothing_names_any_more() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    local(&home).is("files", "orphans", "ok");
    fs::remove_file(home.record_path("hub")).unwrap();
    fs::write(home.connect_home().join("data/connections/.tmp-abc"), "x").unwrap();
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(60);
    let half = fs::File::options().write(true).open(home.connect_home().join("data/connections/.tmp-abc")).unwrap();
    half.set_modified(old).unwrap();
    drop(half);
    let found = local(&home).exits(0);
    found.has("files", "orphan", "warn", "orphan").has("files", "file", "warn", "left_over");
}

#[cfg(feature = "test-hooks")]
#[test]
fn a_run_that_was_cut_short() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    let again = home.dotcom(&world, "classic-readonly").with(["--name", "hub"]);
    let killed = again.env("CONNECT_TEST_FAULT", "connect.stored").ends();
    assert!(killed.signal.is_some(), "{}", killed.shown());
    let found = local(&home).exits(0);
    found.has("journal", "run", "warn", "cut_short").is("files", "orphans", "ok");
    assert_eq!(found.link("journal", "run")["connection"], "hub");
    assert!(found.link("journal", "run")["message"].as_str().unwrap().contains("never recorded"));
    Found::by(&home, &["lab", "--no-network"]).is("journal", "journal", "ok");
    fs::write(home.record_path("hub"), "{").unwrap();
    let found = local(&home);
    assert!(found.link("journal", "run")["message"].as_str().unwrap().contains("until its record reads"));
    fs::write(home.connect_home().join("state/journal/rotation-1.json"), "{\"version\":9}").unwrap();
    local(&home).has("journal", "note", "warn", "journal_unreadable");
}

#[test]
fn a_disk_that_takes_nothing() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    let full = "trap '' XFSZ; ulimit -f 0; exec \"$@\"";
    let call = home.connect(["doctor", "--no-network"]).by_way_of(["/bin/sh", "-c", full, "sh"]);
    let found = Found::of(call.json());
    found.has("files", "connections", "fail", "disk_full").has("files", "journal", "fail", "disk_full");
}
