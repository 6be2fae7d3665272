//! `connect rename`: another name, the same token, whatever happens in between.

use forge_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::call::Call;
use crate::support::{Cast as _, Home, Output, world};

fn connect(home: &Home, world: &Sandbox, name: &str, token: &str) {
    home.dotcom(world, token).with(["--name", name]).ends().succeeds().never_says("error");
}

fn rename(home: &Home, from: &str, to: &str) -> Call {
    home.connect(["rename", from, to])
}

fn token(home: &Home, name: &str) -> String {
    home.connect(["token", name]).ends().succeeds().stdout().trim().to_owned()
}

fn names(home: &Home) -> Vec<String> {
    home.records().iter().map(|record| record["name"].as_str().unwrap().to_owned()).collect()
}

/// The lines of the history that are about renamings: `from → to`.
fn renamings(home: &Home) -> Vec<String> {
    let history = home.connect(["history", "--verify"]).json().succeeds().document();
    assert_eq!(history["verified"]["whole"], true, "{history}");
    let entries = history["entries"].as_array().unwrap().iter().filter(|entry| entry["event"] == "renamed");
    entries
        .map(|entry| format!("{} → {}", entry["from"].as_str().unwrap(), entry["connection"].as_str().unwrap()))
        .collect()
}

/// A destination of `name` that is written by way of another connection.
fn add_destination(home: &Home, name: &str, via: &str) {
    home.edit_record(name, |record| {
        record["destinations"] = json!([{ "kind": "later", "via": via }, { "kind": "alone" }]);
    });
}

fn via(home: &Home, name: &str) -> Value {
    home.record(name)["destinations"][0]["via"].clone()
}

#[test]
fn the_token_stays_and_the_record_follows() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    let old = "octocat@github.com";
    home.connect(["use", old, "--on", "agility-game", "--default"]).ends().succeeds().never_says("error");
    let before = home.record(old);
    insta::assert_snapshot!(rename(&home, old, "work").ends().shown(), @"
    exit 0
    --- stdout
    ✓ `octocat@github.com` is called `work` now
    ");
    let mut after = home.record("work");
    assert_eq!(after["name"], "work");
    after["name"] = old.into();
    assert_eq!(after, before);
    assert_eq!(names(&home), ["work"]);
    assert_eq!((home.secrets().len(), home.journal().len()), (1, 0));
    assert_eq!(token(&home, "work"), world.github_token("classic"));
    assert_eq!(token(&home, "https://github.com/agility-game/x"), world.github_token("classic"));
    assert_eq!(renamings(&home), ["octocat@github.com → work"]);
    home.connect(["token", old]).json().fails(3, "no_such_connection");
    let shown = home.connect(["history", old]).ends().succeeds();
    assert!(shown.stdout().contains("renamed"), "{}", shown.shown());
    // The old name is free.
    home.dotcom(&world, "classic-readonly").ends().succeeds().never_says("error");
    assert_eq!(token(&home, "work"), world.github_token("classic"));
    assert_eq!(token(&home, old), world.github_token("classic-readonly"));
}

#[test]
fn to_programs_and_quietly() {
    let (home, world) = (Home::new(), world());
    connect(&home, &world, "a", "classic");
    let document = rename(&home, "a", "b").json().succeeds().document();
    assert_eq!(document, home.record("b"));
    let output = rename(&home, "b", "c").with(["--quiet"]).ends().succeeds();
    assert_eq!((output.stdout().as_str(), output.stderr().as_str()), ("✓ `b` is called `c` now\n", ""));
}

#[test]
fn names_of_every_kind() {
    let (home, world) = (Home::new(), world());
    connect(&home, &world, "a", "classic");
    let long = "x".repeat(200);
    let mut before = "a".to_owned();
    for name in ["Work", "work", "WORK", "a/b", "..", "nul", "ä ö ü 猫", "100%", "a\"b'c`d$e", long.as_str(), "a"] {
        rename(&home, &before, name).ends().succeeds().never_says("error");
        assert_eq!(names(&home), [name]);
        assert_eq!(token(&home, name), world.github_token("classic"), "{name}");
        before = name.to_owned();
    }
    for name in ["", " ", "a ", "-x", "https://github.com", "a\nb", "a\u{1b}[31m", "ghp_s3cr3ts3cr3t", &"x".repeat(201)]
    {
        let output = rename(&home, "a", name).ends().exits(2);
        output.never_says("s3cr3t").never_says("\u{1b}[31m");
    }
    assert_eq!(names(&home), ["a"]);
    assert_eq!(home.journal().len(), 0);
}

#[test]
fn a_name_that_is_taken() {
    let (home, world) = (Home::new(), world());
    connect(&home, &world, "a", "classic");
    connect(&home, &world, "b", "stranger");
    let before = home.contents();
    insta::assert_snapshot!(rename(&home, "a", "b").ends().shown(), @"
    exit 9
    --- stderr
    error: there is a connection `b` already
      → choose another name, or `connect disconnect b` first
    ");
    rename(&home, "a", "b").with(["--yes"]).json().fails(9, "name_taken");
    // Also by one that does not read.
    let record = std::fs::read(home.record_path("b")).unwrap();
    std::fs::write(home.record_path("b"), "{").unwrap();
    rename(&home, "a", "b").json().fails(9, "name_taken");
    rename(&home, "b", "c").json().fails(1, "record_damaged");
    std::fs::write(home.record_path("b"), record).unwrap();
    let error = rename(&home, "c", "d").json().fails(3, "no_such_connection");
    assert!(error["hint"].as_str().unwrap().contains("connect list"), "{error}");
    // Its own name is nobody else's.
    rename(&home, "a", "a").ends().succeeds().never_says("error");
    let kept = |contents: std::collections::BTreeMap<String, Vec<u8>>| -> Vec<(String, Vec<u8>)> {
        contents.into_iter().filter(|(name, _)| !name.contains("/locks/")).collect()
    };
    assert_eq!(kept(home.contents()), kept(before));
}

#[test]
fn destinations_go_by_the_new_name() {
    let (home, world) = (Home::new(), world());
    for (name, account) in [("a", "classic"), ("b", "stranger"), ("c", "collaborator")] {
        connect(&home, &world, name, account);
    }
    add_destination(&home, "b", "a");
    add_destination(&home, "c", "b");
    add_destination(&home, "a", "a");
    rename(&home, "a", "z").ends().succeeds().never_says("error");
    assert_eq!([via(&home, "b"), via(&home, "c"), via(&home, "z")], ["z", "b", "z"]);
    assert_eq!(home.record("b")["destinations"][1], json!({ "kind": "alone" }));
}

#[test]
fn crosswise_and_all_at_once() {
    let (home, world) = (Home::new(), world());
    for round in 0..4 {
        for (name, account) in [("a", "classic"), ("b", "stranger")] {
            if !names(&home).iter().any(|there| there == name) {
                connect(&home, &world, name, account);
            }
        }
        let calls =
            [rename(&home, "a", "b"), rename(&home, "b", "a"), rename(&home, "a", "c"), rename(&home, "b", "c")];
        let outputs: Vec<Output> = calls.map(Call::begins).into_iter().map(|call| call.ends()).collect();
        for output in &outputs {
            assert!(matches!(output.code, Some(0 | 3 | 9)), "round {round}: {}", output.shown());
        }
        assert_eq!((home.records().len(), home.journal().len()), (2, 0), "round {round}");
        assert_eq!(home.secrets().len(), 2, "round {round}");
        let mut tokens: Vec<String> = names(&home).iter().map(|name| token(&home, name)).collect();
        let mut both = vec![world.github_token("classic"), world.github_token("stranger")];
        tokens.sort();
        both.sort();
        assert_eq!(tokens, both, "round {round}");
        for name in names(&home) {
            home.connect(["disconnect", &name]).ends().succeeds().never_says("error");
        }
    }
}

/// Two that go by way of each other, both renamed at once: nobody waits for the other.
#[test]
fn two_that_go_by_way_of_each_other() {
    let (home, world) = (Home::new(), world());
    connect(&home, &world, "a", "classic");
    connect(&home, &world, "b", "stranger");
    let (mut one, mut other) = ("a".to_owned(), "b".to_owned());
    for round in 0..5 {
        add_destination(&home, &one, &other);
        add_destination(&home, &other, &one);
        let (to_one, to_other) = (format!("y{round}"), format!("z{round}"));
        let calls = [rename(&home, &one, &to_one), rename(&home, &other, &to_other)];
        let start = std::time::Instant::now();
        for call in calls.map(Call::begins) {
            call.ends().succeeds().never_says("error");
        }
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
        (one, other) = (to_one, to_other);
        assert_eq!([via(&home, &one), via(&home, &other)], [other.clone(), one.clone()], "round {round}");
        assert_eq!(home.journal().len(), 0);
    }
}

#[cfg(feature = "test-hooks")]
mod killed {
    use super::*;

    /// The points, and under which names the token is found after the kill.
    const POINTS: [(&str, &[&str]); 4] = [
        ("rename.intent", &["a"]),
        ("rename.saved", &["a", "b"]),
        ("rename.forgotten", &["b"]),
        ("rename.remembered", &["b"]),
    ];

    fn killed(home: &Home, point: &str) {
        let output = rename(home, "a", "b").env("CONNECT_TEST_FAULT", point).ends();
        assert_eq!(output.signal, Some(6), "{point}\n{}", output.shown());
    }

    #[test]
    fn the_next_run_that_writes_puts_it_in_order() {
        let world = world();
        for (point, found) in POINTS {
            let home = Home::new();
            connect(&home, &world, "a", "classic");
            connect(&home, &world, "other", "stranger");
            add_destination(&home, "other", "a");
            killed(&home, point);
            assert_eq!(home.journal().len(), 1, "{point}");
            for name in found {
                assert_eq!(token(&home, name), world.github_token("classic"), "{point}");
            }
            // Looking changes nothing.
            home.connect(["list"]).ends().succeeds().never_says("error");
            assert_eq!(home.journal().len(), 1, "{point}");
            connect(&home, &world, "by", "collaborator");
            let last = *found.last().unwrap();
            assert_eq!(names(&home), [last, "by", "other"], "{point}");
            assert_eq!((home.secrets().len(), home.journal().len()), (3, 0), "{point}");
            assert_eq!(token(&home, last), world.github_token("classic"), "{point}");
            let renamed = last == "b";
            assert_eq!(via(&home, "other"), last, "{point}");
            assert_eq!(renamings(&home), if renamed { vec!["a → b"] } else { vec![] }, "{point}");
            // The same again finishes, or there is nothing left to do.
            let again = rename(&home, "a", "b").json();
            if renamed {
                again.fails(3, "no_such_connection");
            } else {
                again.succeeds().never_says("error");
            }
            assert_eq!(token(&home, "b"), world.github_token("classic"), "{point}");
        }
    }

    /// Whatever the next one that writes is, the token is lost to none of its two names.
    #[test]
    fn whoever_comes_next() {
        let world = world();
        let next: [(&str, &[&str]); 6] = [
            ("the same", &["rename", "a", "b"]),
            ("back", &["rename", "b", "a"]),
            ("on", &["rename", "b", "c"]),
            ("elsewhere", &["rename", "a", "c"]),
            ("moved", &["store", "migrate", "--all", "--to", "file"]),
            ("shaped", &["use", "b", "--on", "agility-game"]),
        ];
        for (point, _) in POINTS {
            for (case, words) in next {
                let home = Home::new().with_env("CONNECT_PASSPHRASE", "correct horse battery staple");
                connect(&home, &world, "a", "classic");
                killed(&home, point);
                let output = home.connect(words).ends();
                assert!(matches!(output.code, Some(0 | 3)), "{point} {case}\n{}", output.shown());
                connect(&home, &world, "by", "stranger");
                let names: Vec<String> = names(&home).into_iter().filter(|name| name != "by").collect();
                assert_eq!(names.len(), 1, "{point} {case}");
                assert_eq!(token(&home, &names[0]), world.github_token("classic"), "{point} {case}");
                assert_eq!((home.secrets().len(), home.journal().len()), (2, 0), "{point} {case}");
            }
        }
    }

    #[test]
    fn a_new_token_under_the_old_name() {
        let world = world();
        for (point, found) in POINTS {
            let home = Home::new();
            connect(&home, &world, "a", "classic");
            killed(&home, point);
            connect(&home, &world, "a", "classic-readonly");
            assert_eq!(token(&home, "a"), world.github_token("classic-readonly"), "{point}");
            if found.contains(&"b") {
                assert_eq!(token(&home, "b"), world.github_token("classic"), "{point}");
            }
            assert_eq!(home.secrets().len(), home.records().len(), "{point}");
        }
    }

    /// The new record does not read: which of the two is to go cannot be said, so nothing that would touch the
    /// secret is done until it does.
    #[test]
    fn with_a_new_record_that_does_not_read() {
        let (home, world) = (Home::new(), world());
        connect(&home, &world, "a", "classic");
        killed(&home, "rename.saved");
        let record = std::fs::read(home.record_path("b")).unwrap();
        std::fs::write(home.record_path("b"), "{").unwrap();
        home.dotcom(&world, "classic-readonly").with(["--name", "a"]).json().fails(8, "unfinished");
        home.connect(["disconnect", "a"]).json().fails(8, "unfinished");
        rename(&home, "a", "c").json().fails(8, "unfinished");
        assert_eq!(
            home.connect(["store", "migrate", "a", "--to", "file"])
                .env("CONNECT_PASSPHRASE", "correct horse battery staple")
                .ends()
                .code,
            Some(8)
        );
        assert_eq!(token(&home, "a"), world.github_token("classic"));
        std::fs::write(home.record_path("b"), record).unwrap();
        connect(&home, &world, "by", "stranger");
        assert_eq!(names(&home), ["b", "by"]);
        assert_eq!(token(&home, "b"), world.github_token("classic"));
    }

    /// A token was being replaced when the run was killed, and its store cannot be opened now.
    #[test]
    fn an_unfinished_run_for_the_old_name() {
        let Some(mut service) = crate::support::secret_service::SecretService::start() else { return };
        let (mut home, world) = (Home::new(), world());
        for (name, value) in service.environment() {
            home.set_env(&name, &value);
        }
        connect(&home, &world, "a", "classic");
        let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-stdin", "--name", "a"]);
        let call = call.with(["--store", "keyring"]).stdin(world.github_token("classic-readonly"));
        let output = call.env("CONNECT_TEST_FAULT", "connect.stored").ends();
        assert_eq!(output.signal, Some(6), "{}", output.shown());
        service.lock();
        insta::assert_snapshot!(rename(&home, "a", "b").ends().shown(), @"
        exit 8
        --- stderr
        warning: an earlier run for `a` was cut short and left a secret in the keyring, entry `connect` / `ID`; it is removed as soon as that can be opened
        error: an earlier run for `a` was cut short, and what it left cannot be put in order now
          → run the command again, if that run has only just ended
          → `connect doctor a` says which store or record stands in the way
        ");
        rename(&home, "a", "b").json().fails(8, "unfinished");
        assert_eq!(names(&home), ["a"]);
        assert_eq!(token(&home, "a"), world.github_token("classic"));
    }
}
