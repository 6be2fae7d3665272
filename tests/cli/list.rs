//! `connect list`: what is kept, for people at a terminal, for `cut`, and for programs.

use std::fs;

use forge_sandbox::Sandbox;

use crate::support::{Cast as _, Home, world};

/// Three connections: one that never expires, one soon, one late.
fn three(home: &Home, world: &Sandbox) {
    home.dotcom(world, "classic").ends().succeeds().never_says("error");
    home.dotcom(world, "expiring").with(["--name", "soon"]).ends().succeeds().never_says("error");
    home.gitlab(world, "api").with(["--name", "late"]).ends().succeeds().never_says("error");
}

#[test]
fn nothing_yet() {
    let home = Home::new();
    insta::assert_snapshot!(home.connect(["list"]).ends().shown(), @"
    exit 0
    --- stderr
    nothing is kept yet; `connect github --pat` begins
    ");
    let output = home.connect(["list"]).json().succeeds();
    assert_eq!((output.stdout().trim(), output.stderr()), (r#"{"connections":[]}"#, String::new()));
    assert!(!home.connect_home().exists(), "looking makes no folders");
}

#[cfg(feature = "test-hooks")]
#[test]
fn in_a_pipe_one_line_each() {
    let (home, world) = (Home::new(), world());
    three(&home, &world);
    insta::assert_snapshot!(home.connect(["list"]).ends().shown(), @"
    exit 0
    --- stdout
    late	http://127.0.0.1:PORT	maintainer	personal	2027-01-30T00:00:00Z	plain	valid
    octocat@github.com	https://github.com	octocat	classic	-	plain	valid
    soon	https://github.com	octocat	classic	2026-11-06T12:00:00Z	plain	valid
    ");
}

#[cfg(feature = "test-hooks")]
#[test]
fn at_a_terminal_a_table_of_80_columns() {
    let (home, world) = (Home::new(), world());
    three(&home, &world);
    let ended = home.connect(["list"]).env("NO_COLOR", "1").at_terminal().ends();
    assert_eq!(ended.code, 0);
    insta::assert_snapshot!(crate::support::output::scrubbed(&ended.screen, "HOME"), @"
    NAME                TOKEN     EXPIRES   KEPT IN
    late                personal  89 days   plain !
    octocat@github.com  classic   never     plain !
    soon                classic   5 days !  plain !
    ");
    for line in ended.screen.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn a_table_of_long_names_stays_within_80_columns() {
    let (home, world) = (Home::new(), world());
    let long = format!("a-very-{}long-name", "very-".repeat(20));
    home.github(&world, "classic").with(["--name", &long]).ends().succeeds().never_says("error");
    home.gitlab(&world, "project-bot").ends().succeeds().never_says("error");
    for command in ["list", "status"] {
        let ended = home.connect([command]).env("NO_COLOR", "1").at_terminal().ends();
        assert_eq!(ended.code, 0, "{}", ended.screen);
        for line in ended.screen.lines() {
            assert!(line.chars().count() <= 80, "{command}: {line}");
        }
    }
}

#[test]
fn colours_only_where_they_are_wanted() {
    let (home, world) = (Home::new(), world());
    three(&home, &world);
    let error = |flags: &[&str]| home.connect(["token", "none"]).with(flags).ends().stderr();
    assert!(!error(&[]).contains('\u{1b}'));
    assert!(error(&["--color", "always"]).contains('\u{1b}'));
    let screen = |call: crate::support::call::Call| call.at_terminal().ends().screen;
    let none = || home.connect(["token", "none"]).env("TERM", "xterm");
    assert!(screen(none()).contains('\u{1b}'));
    assert!(!screen(none().env("NO_COLOR", "1")).contains('\u{1b}'));
    assert!(!screen(none().with(["--color", "never"])).contains('\u{1b}'));
}

#[cfg(feature = "test-hooks")]
#[test]
fn the_document_has_records_and_days_left() {
    let (home, world) = (Home::new(), world());
    three(&home, &world);
    let document = home.connect(["list"]).json().succeeds().document();
    let connections = document["connections"].as_array().unwrap();
    let days: Vec<(String, Option<i64>)> =
        connections.iter().map(|c| (c["name"].as_str().unwrap().to_owned(), c["days_left"].as_i64())).collect();
    assert_eq!(
        days,
        [("late".to_owned(), Some(89)), ("octocat@github.com".to_owned(), None), ("soon".to_owned(), Some(5))]
    );
    for connection in connections {
        let mut record = connection.clone();
        record.as_object_mut().unwrap().remove("days_left");
        assert_eq!(record, home.record(connection["name"].as_str().unwrap()));
    }
}

#[cfg(feature = "test-hooks")]
#[test]
fn those_that_expire_within_a_time() {
    let (home, world) = (Home::new(), world());
    three(&home, &world);
    let names = |within: &str| -> Vec<String> {
        let document = home.connect(["list", "--expiring", within]).json().succeeds().document();
        document["connections"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("30d"), ["soon"]);
    assert_eq!(names("30"), ["soon"]);
    assert_eq!(names("120h"), ["soon"], "five days to the hour");
    assert!(names("119h").is_empty());
    assert_eq!(names("100d"), ["soon", "late"], "the first to die comes first");
    let output = home.connect(["list", "--expiring", "1h"]).ends().succeeds();
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stderr
    no token dies within that time
    ");
}

#[test]
fn a_damaged_record_is_shown_and_the_others_are_listed() {
    let (home, world) = (Home::new(), world());
    three(&home, &world);
    fs::write(home.record_path("soon"), "{").unwrap();
    let output = home.connect(["list"]).ends().exits(1);
    assert_eq!(output.stdout().lines().count(), 2);
    assert!(output.stderr().contains("soon.json"), "{}", output.shown());
    let output = home.connect(["list"]).json().exits(1);
    let document = output.document();
    assert_eq!(document["connections"].as_array().unwrap().len(), 3);
    assert_eq!(document["connections"][2]["error"]["code"], "record_damaged");
    assert_eq!(output.stderr(), "", "in JSON failures are inside the document");
}

#[test]
fn files_that_are_no_records_are_passed_over() {
    let (home, world) = (Home::new(), world());
    three(&home, &world);
    let folder = home.connect_home().join("data/connections");
    fs::write(folder.join(".tmp-abc"), "{").unwrap();
    fs::write(folder.join("notes.txt"), "mine").unwrap();
    fs::write(folder.join("late.json~"), "{").unwrap();
    let output = home.connect(["list"]).ends().succeeds();
    assert_eq!((output.stdout().lines().count(), output.stderr().as_str()), (3, ""));
}

#[test]
fn names_with_odd_signs_are_found_again() {
    let (home, world) = (Home::new(), world());
    for name in ["Größe", "a/b", "a%2Fb", "..a", ".hidden", ".", "..", "con", "x".repeat(100).as_str(), "日本"] {
        home.dotcom(&world, "classic").with(["--name", name]).ends().succeeds().never_says("error");
        let document = home.connect(["list"]).json().succeeds().document();
        let listed = document["connections"].as_array().unwrap().iter().any(|c| c["name"] == name);
        assert!(listed, "{name}: {document}");
        home.connect(["token", name]).ends().succeeds().never_says("error");
        home.connect(["disconnect", name]).ends().succeeds().never_says("error");
        assert!(home.records().is_empty() && home.secrets().is_empty(), "{name}");
    }
}
