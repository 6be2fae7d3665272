//! `connect use`: what a connection serves, and whose it was before.

use std::fs;

use forge_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::call::Call;
use crate::support::{Cast as _, Home, Output, world};

/// Two accounts at github.com: `work` and `home`.
fn two(home: &Home, world: &Sandbox) {
    for (name, token) in [("work", "classic"), ("home", "stranger")] {
        home.dotcom(world, token).with(["--name", name]).ends().succeeds().never_says("error");
    }
}

fn use_(home: &Home, words: &[&str]) -> Call {
    home.connect(["use"]).with(words)
}

fn is_used(home: &Home, words: &[&str]) -> Output {
    use_(home, words).ends().succeeds()
}

/// What the records say: prefixes, and whether it is the default.
fn served(home: &Home, name: &str) -> (Vec<String>, bool) {
    let record = home.record(name);
    let prefixes = record["serves"].as_array().unwrap().iter().map(|prefix| prefix.as_str().unwrap().to_owned());
    (prefixes.collect(), record["default"].as_bool().unwrap())
}

fn is_written(home: &Home, name: &str, prefixes: &[&str], default: bool) {
    let prefixes: Vec<String> = prefixes.iter().map(|prefix| format!("https://github.com{prefix}")).collect();
    assert_eq!(served(home, name), (prefixes, default), "{name}");
}

#[test]
fn owners_by_path_and_by_url() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    insta::assert_snapshot!(is_used(&home, &["work", "--on", "agility-game", "--on", "https://github.com/Acme/"]).shown(), @"
    exit 0
    --- stdout
    ✓ work
      serves https://github.com/agility-game
      serves https://github.com/Acme
    ");
    is_written(&home, "work", &["/agility-game", "/Acme"], false);
    // Forges take no notice of case; the same again changes nothing.
    insta::assert_snapshot!(is_used(&home, &["work", "--on", "AGILITY-GAME,acme"]).shown(), @"
    exit 0
    --- stdout
    · work
      serves https://github.com/agility-game
      serves https://github.com/Acme
      nothing was changed
    ");
    is_written(&home, "work", &["/agility-game", "/Acme"], false);
    insta::assert_snapshot!(is_used(&home, &["work", "--not-on", "acme", "--on", "agility-game/timing-firmware.git"]).shown(), @"
    exit 0
    --- stdout
    ✓ work
      serves https://github.com/agility-game
      serves https://github.com/agility-game/timing-firmware
    ");
    is_written(&home, "work", &["/agility-game", "/agility-game/timing-firmware"], false);
    // Written twice in one line, kept once.
    is_used(&home, &["home", "--on", "octo,OCTO,https://github.com/octo"]).never_says("error");
    is_written(&home, "home", &["/octo"], false);
}

#[test]
fn without_a_flag_it_shows_how_it_is() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    insta::assert_snapshot!(is_used(&home, &["work"]).shown(), @"
    exit 0
    --- stdout
    · work
      serves https://github.com when no other does
      nothing was changed
    ");
    is_used(&home, &["work", "--on", "agility-game", "--default"]).never_says("error");
    let before = home.contents();
    insta::assert_snapshot!(is_used(&home, &["work"]).shown(), @"
    exit 0
    --- stdout
    · work
      serves https://github.com/agility-game
      is the default of https://github.com
      nothing was changed
    ");
    assert_eq!(home.contents(), before);
}

/// To look is nothing that a home that cannot be written, or somebody else at work, keeps one from.
#[test]
fn to_look_needs_no_lock() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    fs::remove_dir_all(home.connect_home().join("state/locks")).unwrap();
    is_used(&home, &["work"]).never_says("error");
    assert!(!home.connect_home().join("state/locks").exists());
}

#[test]
fn the_default_goes_over_without_a_question() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    is_used(&home, &["lab", "--default"]).never_says("gave");
    is_used(&home, &["work", "--default"]).never_says("gave");
    insta::assert_snapshot!(use_(&home, &["home", "--default", "--no-input"]).ends().shown(), @"
    exit 0
    --- stdout
    ✓ home
      is the default of https://github.com
      ! `work` gave that up
    ");
    is_written(&home, "work", &[], false);
    is_written(&home, "home", &[], true);
    assert!(served(&home, "lab").1, "another host's");
    is_used(&home, &["home", "--not-default"]).never_says("gave");
    is_written(&home, "home", &[], false);
    // What users of gh type.
    home.connect(["use", "work", "--default", "--not-default"]).ends().exits(2).never_says("panicked");
}

#[test]
fn a_prefix_of_another_goes_over_with_a_yes() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    is_used(&home, &["home", "--on", "agility-game,octo"]).never_says("error");
    let before = home.contents();
    insta::assert_snapshot!(use_(&home, &["work", "--on", "Agility-Game", "--no-input"]).ends().shown(), @"
    exit 9
    --- stderr
    error: https://github.com/Agility-Game is served by `home`
      → `--yes` takes it over
    ");
    use_(&home, &["work", "--on", "agility-game", "--no-input"]).json().fails(9, "served_by_another");
    // Without a terminal there is nobody to ask either.
    use_(&home, &["work", "--on", "agility-game"]).json().fails(9, "served_by_another");
    let mut terminal = use_(&home, &["work", "--on", "agility-game"]).env("NO_COLOR", "1").at_terminal();
    terminal.sees("https://github.com/agility-game is served by `home`").sees("[y/N]").types("n");
    let ended = terminal.ends();
    assert_eq!(ended.code, 9, "{}", ended.screen);
    assert_eq!(served(&home, "home").0.len(), 2);
    let mut terminal = use_(&home, &["work", "--on", "agility-game"]).env("NO_COLOR", "1").at_terminal();
    terminal.sees("[y/N]").control('c');
    let ended = terminal.ends();
    assert_eq!(ended.code, 130, "{}", ended.screen);
    let records = |all: &std::collections::BTreeMap<String, Vec<u8>>| -> Vec<Vec<u8>> {
        all.iter().filter(|(name, _)| name.contains("connections/")).map(|(_, bytes)| bytes.clone()).collect()
    };
    assert_eq!(records(&home.contents()), records(&before));
    let mut terminal = use_(&home, &["work", "--on", "agility-game"]).env("NO_COLOR", "1").at_terminal();
    terminal.sees("[y/N]").types("y");
    let ended = terminal.ends();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    is_written(&home, "work", &["/agility-game"], false);
    is_written(&home, "home", &["/octo"], false);
    insta::assert_snapshot!(use_(&home, &["work", "--on", "octo", "--yes"]).ends().shown(), @"
    exit 0
    --- stdout
    ✓ work
      serves https://github.com/agility-game
      serves https://github.com/octo
      ! `home` gave that up
    ");
    is_written(&home, "home", &[], false);
}

/// What cannot be done as a whole takes nothing from anybody.
#[test]
fn nothing_is_taken_where_something_is_wrong() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    is_used(&home, &["home", "--on", "agility-game", "--default"]).never_says("error");
    let words = ["work", "--on", "agility-game", "--not-on", "nobody", "--default", "--yes"];
    use_(&home, &words).json().fails(3, "not_served");
    is_written(&home, "home", &["/agility-game"], true);
    is_written(&home, "work", &[], false);
    use_(&home, &["work", "--on", "agility-game", "--on", "a b", "--yes"]).json().fails(2, "not_a_prefix");
    is_written(&home, "home", &["/agility-game"], true);
}

#[test]
fn what_is_no_prefix() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    let before = home.contents();
    insta::assert_snapshot!(use_(&home, &["work", "--on", "https://gitlab.com/agility-game"]).ends().shown(), @"
    exit 2
    --- stderr
    error: `work` cannot serve `https://gitlab.com/agility-game`: that is at another address
      → an owner or a group at its host, as in `https://github.com/OWNER` or `OWNER`
    ");
    insta::assert_snapshot!(use_(&home, &["work", "--on", "gitlab.com/agility-game"]).ends().shown(), @"
    exit 2
    --- stderr
    error: `work` cannot serve `https://gitlab.com/agility-game`: that looks like another host; for a group of that name give the whole URL
      → an owner or a group at its host, as in `https://github.com/OWNER` or `OWNER`
    ");
    for prefix in [
        "http://github.com/agility-game",
        "https://github.com:8443/agility-game",
        "https://github.com.evil.test/x",
        "https://ada:s3cr3t@evil.test/x",
        "https://ada:s3/cr3t@evil.test/x",
        "https://evil.test/x?private_token=s3cr3t",
        "https://evil.test/x#s3cr3t",
        "https://ada:s3cr3t",
        "ada:s3cr3t@evil.test",
        "git@evil.test:x",
        "file:///etc/passwd",
        "a/../b",
        "../b",
        "a//b",
        "a b",
        "a%2fb",
        "a?s3cr3t",
        "a\\b",
    ] {
        let error = use_(&home, &["work", "--on", prefix]).json();
        error.never_says("s3cr3t").never_says("cr3t@");
        error.fails(2, "not_a_prefix");
        use_(&home, &["work", "--not-on", prefix]).json().fails(2, "not_a_prefix");
    }
    assert_eq!(home.contents(), before);
    // At its own host a password is left out.
    is_used(&home, &["work", "--on", "https://ada:s3cr3t@github.com/x?key=s3cr3t"]).never_says("s3cr3t");
    is_written(&home, "work", &["/x"], false);
    use_(&home, &["work", "--not-on", "nobody"]).json().fails(3, "not_served");
    insta::assert_snapshot!(use_(&home, &["work", "--not-on", "nobody"]).ends().shown(), @"
    exit 3
    --- stderr
    error: `work` does not serve https://github.com/nobody
      → `connect use work` shows what it serves
    ");
}

#[test]
fn at_a_base_path() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    home.edit_record("lab", |record| record["url"] = "https://example.com:8443/gitlab".into());
    for (text, path) in [
        ("group/sub", "/group/sub"),
        ("example.com:8443/gitlab/other", "/other"),
        ("git@example.com:third/x.git", "/third/x"),
        ("https://example.com:8443/gitlab", ""),
    ] {
        is_used(&home, &["lab", "--on", text]).never_says("error");
        let last = served(&home, "lab").0.pop().unwrap();
        assert_eq!(last, format!("https://example.com:8443/gitlab{path}"), "{text}");
    }
    use_(&home, &["lab", "--on", "https://example.com:8443/group"]).json().fails(2, "not_a_prefix");
}

#[test]
fn which_connection() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    let error = use_(&home, &["wor", "--default"]).json().fails(3, "no_such_connection");
    assert!(error["hint"].as_str().unwrap().contains("`work`"), "{error}");
    fs::write(home.record_path("work"), "{").unwrap();
    use_(&home, &["work", "--default"]).json().fails(1, "record_damaged");
    // One that does not read keeps the others from nothing.
    is_used(&home, &["home", "--default"]).never_says("error");
    assert_eq!(fs::read(home.record_path("work")).unwrap(), b"{");
}

#[test]
fn to_programs() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    is_used(&home, &["home", "--default"]).never_says("error");
    let document = use_(&home, &["work", "--on", "agility-game", "--default"]).json().succeeds().document();
    let told =
        |document: &Value| ["name", "serves", "default", "changed", "taken_from"].map(|field| document[field].clone());
    let serves = json!(["https://github.com/agility-game"]);
    assert_eq!(told(&document), ["work".into(), serves.clone(), true.into(), true.into(), json!(["home"])]);
    let document = use_(&home, &["work"]).json().succeeds().document();
    assert_eq!(told(&document), ["work".into(), serves, true.into(), false.into(), json!([])]);
    assert_eq!(document["token"]["fingerprint"], home.record("work")["token"]["fingerprint"]);
}

/// Everybody wants the same: in the end one has it, and nobody waits for ever.
#[test]
fn all_at_once() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "c0"]).ends().succeeds().never_says("error");
    let record = home.record("c0");
    let names: Vec<String> = (0..8).map(|number| format!("c{number}")).collect();
    for name in &names {
        let mut record = record.clone();
        record["name"] = name.clone().into();
        fs::write(home.record_path(name), record.to_string()).unwrap();
    }
    for _ in 0..3 {
        let running: Vec<_> = names
            .iter()
            .map(|name| use_(&home, &[name, "--default", "--on", "agility-game", "--yes"]).begins())
            .collect();
        for call in running {
            let output = call.ends();
            assert!(matches!(output.code, Some(0 | 9)), "{}", output.shown());
        }
        let defaults = names.iter().filter(|name| served(&home, name).1).count();
        let serving = names.iter().filter(|name| !served(&home, name).0.is_empty()).count();
        assert_eq!((defaults, serving), (1, 1));
    }
}

#[test]
fn one_prefix_is_not_wanted_and_unwanted_at_once() {
    let (home, world) = (Home::new(), world());
    home.github(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    home.connect(["use", "hub", "--on", "agility-game", "--not-on", "Agility-Game/"]).json().fails(2, "not_a_prefix");
    assert_eq!(home.record("hub")["serves"], serde_json::json!([]));
}

#[test]
fn a_name_that_turns_the_writing_is_none() {
    let home = Home::new();
    home.connect(["rename", "hub", "hub\u{202e}moc"]).json().fails(2, "usage");
}
