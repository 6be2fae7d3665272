//! `connect history`: what happened, who did it, and what accidents do to the file.

#[cfg(feature = "test-hooks")]
mod killed;
mod rotated;

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::call::Running;
use crate::support::{Cast as _, Home, world};

fn path(home: &Home) -> PathBuf {
    home.connect_home().join("state/history.jsonl")
}

fn lines(home: &Home) -> Vec<String> {
    fs::read_to_string(path(home)).unwrap().lines().map(str::to_owned).collect()
}

fn write(home: &Home, lines: &[String]) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(path(home), text).unwrap();
}

/// The entries, by the command.
fn entries(home: &Home) -> Vec<Value> {
    home.connect(["history"]).json().succeeds().document()["entries"].as_array().unwrap().clone()
}

fn events(home: &Home) -> Vec<String> {
    entries(home).iter().map(|entry| entry["event"].as_str().unwrap().to_owned()).collect()
}

/// Without who and where the tests run, and with the columns to be seen.
#[cfg(feature = "test-hooks")]
fn shown(output: &crate::support::Output) -> String {
    let hidden =
        [(r"\t[^\t\n]+@[^\t\n]+\tsha256", "\tUSER@MACHINE\tsha256"), (r"\t[0-9a-f]{32}", "\tID"), ("\t", " | ")];
    hidden.iter().fold(output.shown(), |text, (pattern, word)| {
        regex::Regex::new(pattern).unwrap().replace_all(&text, *word).into_owned()
    })
}

fn whole(home: &Home) {
    home.connect(["history", "--verify"]).ends().succeeds().never_says("error");
}

/// What `--verify` finds wrong.
fn problems(home: &Home) -> Vec<String> {
    let output = home.connect(["history", "--verify"]).json().exits(9);
    assert_eq!(output.error()["code"], "history_broken");
    let document = output.document();
    assert_eq!(document["verified"]["whole"], false);
    let problems = document["verified"]["problems"].as_array().unwrap();
    problems.iter().map(|problem| problem["message"].as_str().unwrap().to_owned()).collect()
}

/// Six entries about two connections, one of which is gone.
fn story(home: &Home, world: &forge_sandbox::Sandbox) {
    for token in ["classic", "classic-readonly"] {
        home.dotcom(world, token).ends().succeeds().never_says("error");
    }
    home.gitlab(world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    home.connect(["disconnect", "lab", "--revoke"]).ends().succeeds().never_says("error");
    home.dotcom(world, "classic").ends().succeeds().never_says("error");
}

#[test]
fn nothing_yet() {
    let home = Home::new();
    insta::assert_snapshot!(home.connect(["history"]).ends().shown(), @"
    exit 0
    --- stderr
    nothing is recorded yet
    ");
    insta::assert_snapshot!(home.connect(["history", "--verify"]).ends().shown(), @"
    exit 0
    --- stderr
    the history is whole: nothing is recorded yet
    ");
    let output = home.connect(["history", "--verify"]).json().succeeds();
    insta::assert_snapshot!(output.stdout(), @r#"{"entries":[],"verified":{"whole":true,"entries":0,"first":null,"last":null,"problems":[]}}"#);
    assert!(!home.connect_home().exists(), "looking makes no folders");
}

#[cfg(feature = "test-hooks")]
#[test]
fn connected_replaced_revoked_and_forgotten() {
    let (home, world) = (Home::new(), world());
    story(&home, &world);
    let output = home.connect(["history"]).ends().succeeds();
    assert_eq!(output.stdout().lines().next().unwrap().split('\t').count(), 12);
    let line = |line: &str| line.split('\t').take(3).collect::<Vec<_>>().join(" ");
    let told: Vec<String> = output.stdout().lines().map(line).collect();
    insta::assert_snapshot!(told.join("\n"), @"
    2026-11-01T12:00:00Z connected octocat@github.com
    2026-11-01T12:00:00Z replaced octocat@github.com
    2026-11-01T12:00:00Z connected lab
    2026-11-01T12:00:00Z revoked lab
    2026-11-01T12:00:00Z disconnected lab
    2026-11-01T12:00:00Z replaced octocat@github.com
    ");
    insta::assert_snapshot!(shown(&home.connect(["history", "lab"]).ends()), @"
    exit 0
    --- stdout
    2026-11-01T12:00:00Z | connected | lab | USER@MACHINE | sha256:… | plain | - | 127.0.0.1:PORT | maintainer | ID | - | -
    2026-11-01T12:00:00Z | revoked | lab | USER@MACHINE | sha256:… | plain | - | 127.0.0.1:PORT | maintainer | ID | - | -
    2026-11-01T12:00:00Z | disconnected | lab | USER@MACHINE | sha256:… | plain | - | 127.0.0.1:PORT | maintainer | ID | - | -
    ");
    insta::assert_snapshot!(home.connect(["history", "--verify", "lab", "--quiet"]).ends().succeeds().stderr(), @"");
    insta::assert_snapshot!(home.connect(["history", "--verify"]).ends().succeeds().stderr(), @"the history is whole: 6 entries from 2026-11-01T12:00:00Z to 2026-11-01T12:00:00Z, each bound to the one before (it shows accidents and gaps, not an owner who rewrites the file)");
}

#[cfg(feature = "test-hooks")]
#[test]
fn at_a_terminal_a_table_of_80_columns() {
    let (home, world) = (Home::new(), world());
    story(&home, &world);
    let ended = home.connect(["history"]).env("NO_COLOR", "1").at_terminal().ends();
    assert_eq!(ended.code, 0);
    let hidden = [(r"[^ ]+@[^ ]*(  [0-9a-f]{8})", "USER@HOST$1"), (r"[0-9a-f]{8}", "HEX"), (r" {2,}", "  ")];
    let table = hidden.iter().fold(ended.screen.clone(), |text, (pattern, word)| {
        regex::Regex::new(pattern).unwrap().replace_all(&text, *word).into_owned()
    });
    insta::assert_snapshot!(table, @"
    WHEN  WHAT  CONNECTION  BY  TOKEN  STORE
    2026-11-01 12:00  connected  octocat@github.com  USER@HOST  HEX  plain
    2026-11-01 12:00  replaced  octocat@github.com  USER@HOST  HEX  plain
    2026-11-01 12:00  connected  lab  USER@HOST  HEX  plain
    2026-11-01 12:00  revoked  lab  USER@HOST  HEX  plain
    2026-11-01 12:00  disconnected  lab  USER@HOST  HEX  plain
    2026-11-01 12:00  replaced  octocat@github.com  USER@HOST  HEX  plain
    ");
    for line in ended.screen.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn an_entry_says_who_and_where_and_never_the_token() {
    let (home, world) = (Home::new(), world());
    story(&home, &world);
    let connected = &entries(&home)[0];
    let record = home.record("octocat@github.com");
    assert_eq!(connected["host"], "github.com");
    assert_eq!(connected["account"], "octocat");
    assert_eq!(connected["store"], "plain");
    assert_eq!((connected["seq"].as_u64(), &connected["prev"]), (Some(1), &Value::Null));
    let last = entries(&home).pop().unwrap();
    assert_eq!((&last["secret"], &last["fingerprint"]), (&record["token"]["secret"], &record["token"]["fingerprint"]));
    for name in ["user", "machine"] {
        assert!(!connected[name].as_str().unwrap().is_empty());
    }
    let text = fs::read_to_string(path(&home)).unwrap();
    for token in [world.github_token("classic"), world.github_token("classic-readonly"), world.gitlab_token("api")] {
        assert!(!text.contains(&token) && !text.contains(&token[4..]));
    }
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(fs::metadata(path(&home)).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn one_connection_and_names_that_were_never_seen() {
    let (home, world) = (Home::new(), world());
    story(&home, &world);
    let about = |name: &str| home.connect(["history", name]).ends().succeeds().stdout().lines().count();
    assert_eq!((about("octocat@github.com"), about("lab")), (3, 3));
    insta::assert_snapshot!(home.connect(["history", "octocat"]).ends().shown(), @"
    exit 3
    --- stderr
    error: nothing is recorded of `octocat`, and there is no such connection
      → did you mean `octocat@github.com`?
    ");
    home.connect(["history", "nobody"]).json().fails(3, "no_such_connection");
    // Kept before there was a history.
    fs::remove_file(path(&home)).unwrap();
    let output = home.connect(["history", "octocat@github.com"]).ends().succeeds();
    assert_eq!(output.stderr(), "nothing is recorded of it\n");
}

#[test]
fn what_changes_nothing_is_not_recorded() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--no-keep"]).ends().succeeds().never_says("error");
    assert!(!path(&home).exists());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    home.connect(["token", "octocat@github.com"]).ends().succeeds().never_says("error");
    home.connect(["status"]).ends().succeeds().never_says("error");
    home.dotcom(&world, "expired").json().exits(4).never_says("x1");
    home.dotcom(&world, "collaborator").with(["--name", "octocat@github.com"]).json().exits(9).never_says("x1");
    assert_eq!(events(&home), ["connected"]);
}

#[test]
fn a_changed_line() {
    let (home, world) = (Home::new(), world());
    story(&home, &world);
    let good = lines(&home);
    for (from, to) in [("octocat", "octodog"), ("\"seq\":2", "\"seq\":3"), ("\"seq\":2", "\"seq\": 2")] {
        let mut bad = good.clone();
        bad[1] = bad[1].replacen(from, to, 1);
        write(&home, &bad);
        assert_eq!(problems(&home), ["line 2 was changed"], "{from}");
        home.connect(["history"]).ends().succeeds().never_says("error");
    }
    let mut bad = good.clone();
    let last = bad.len() - 1;
    bad[last] = bad[last].replace("octocat", "octodog");
    write(&home, &bad);
    assert_eq!(problems(&home), ["line 6 was changed"]);
    insta::assert_snapshot!(home.connect(["history", "--verify", "lab"]).ends().exits(9).stderr().replace(&home.path().display().to_string(), "HOME"), @"
    error: the history is broken: line 6 was changed
      → compare HOME/connect/state/history.jsonl with a backup; what reads is shown all the same
      → to begin anew, move it away together with `history.head` beside it
    ");
    write(&home, &good);
    whole(&home);
}

#[test]
fn lines_that_are_lost_moved_or_doubled() {
    let (home, world) = (Home::new(), world());
    story(&home, &world);
    let good = lines(&home);
    let with = |change: &dyn Fn(&mut Vec<String>)| {
        let mut bad = good.clone();
        change(&mut bad);
        write(&home, &bad);
        problems(&home)
    };
    assert_eq!(with(&|lines| drop(lines.remove(1))), ["an entry is missing before line 2"]);
    assert_eq!(with(&|lines| drop(lines.drain(0..2))), ["2 entries are missing before line 1"]);
    assert_eq!(with(&|lines| drop(lines.pop())), ["an entry is missing at the end, before line 6"]);
    assert_eq!(with(&|lines| lines.clear()), ["6 entries are missing at the end, before line 1"]);
    assert_eq!(with(&|lines| lines.swap(1, 2)), ["line 3 belongs before line 2"]);
    assert_eq!(with(&|lines| lines.insert(2, lines[1].clone())), ["line 3 repeats the number of an earlier one"]);
    assert_eq!(with(&|lines| lines[2] = "{}".into()), ["line 3 is no entry of a history"]);
    assert_eq!(with(&|lines| lines[2] = "x".repeat(1_000_000)), ["line 3 is no entry of a history"]);
    assert_eq!(
        with(&|lines| {
            lines[0] = "\u{0}".into();
            lines.remove(3);
        }),
        ["line 1 is no entry of a history", "an entry is missing before line 4"]
    );
    fs::remove_file(path(&home)).unwrap();
    assert_eq!(problems(&home), ["6 entries are missing at the end, before line 1"]);
}

#[test]
fn a_gap_stays_to_be_seen() {
    let (home, world) = (Home::new(), world());
    story(&home, &world);
    let good = lines(&home);
    write(&home, &good[..4]);
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    assert_eq!(problems(&home), ["2 entries are missing before line 5"]);
    // Who begins anew moves both away.
    for name in ["history.jsonl", "history.head"] {
        fs::remove_file(home.connect_home().join("state").join(name)).unwrap();
    }
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    whole(&home);
    // Without the head the chain is checked all the same.
    fs::remove_file(home.connect_home().join("state/history.head")).unwrap();
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    whole(&home);
    assert_eq!(lines(&home).len(), 2);
}

#[test]
fn damaged_lines_hide_no_others() {
    let (home, world) = (Home::new(), world());
    story(&home, &world);
    let mut bad = lines(&home);
    bad[1] = "{\"seq\":".into();
    bad[3] = "\u{1b}[31m".into();
    write(&home, &bad);
    let output = home.connect(["history"]).ends().succeeds();
    assert_eq!(output.stdout().lines().count(), 4);
    assert!(output.stderr().contains("2 lines cannot be read: 2, 4;"), "{}", output.shown());
    let output = home.connect(["history"]).json().succeeds();
    assert_eq!(output.warnings(), ["history_damaged"]);
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    assert_eq!(lines(&home).len(), 7);
    // Also when it is the last one that is damaged.
    bad[5] = "nothing".into();
    write(&home, &bad);
    fs::remove_file(home.connect_home().join("state/history.head")).unwrap();
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    assert_eq!(home.connect(["history"]).ends().succeeds().stdout().lines().count(), 4);
}

#[test]
fn a_torn_last_line_is_shown_and_repaired_by_the_next_append() {
    let (home, world) = (Home::new(), world());
    story(&home, &world);
    let text = fs::read(path(&home)).unwrap();
    let torn = &text[..text.len() - 100];
    fs::write(path(&home), torn).unwrap();
    insta::assert_snapshot!(home.connect(["history", "octocat@github.com"]).ends().stderr(), @"warning: the last line, 6, is torn: it was not written to its end; the next run that writes repairs it");
    assert_eq!(home.connect(["history"]).json().succeeds().warnings(), ["history_torn"]);
    assert_eq!(problems(&home), ["line 6 is torn: it was not written to its end"]);
    assert_eq!(fs::read(path(&home)).unwrap(), torn, "looking repairs nothing");
    let length = lines(&home)[5].len() as u64;
    fs::remove_file(home.connect_home().join("state/history.head")).unwrap();
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    let entries = entries(&home);
    assert_eq!(
        (entries.len(), &entries[5]["event"], entries[5]["cut"].as_u64()),
        (7, &"repaired".into(), Some(length))
    );
    whole(&home);
}

#[test]
fn a_line_that_lacks_but_its_end_is_completed() {
    let (home, world) = (Home::new(), world());
    story(&home, &world);
    let text = fs::read(path(&home)).unwrap();
    fs::write(path(&home), &text[..text.len() - 1]).unwrap();
    assert_eq!(problems(&home), ["line 6 is torn: it was not written to its end"]);
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    let entries = entries(&home);
    assert_eq!((entries.len(), &entries[6]["event"], entries[6]["cut"].as_u64()), (8, &"repaired".into(), Some(0)));
    whole(&home);
    let ended = home.connect(["history"]).at_terminal().ends();
    assert!(ended.screen.contains("(a line break)"), "{}", ended.screen);
}

#[test]
fn twenty_processes_keep_a_whole_chain() {
    let (home, world) = (Home::new(), world());
    let running: Vec<Running> = (0..20)
        .map(|number| home.dotcom(&world, "classic").with(["--name", &format!("c{}", number % 10)]).begins())
        .collect();
    for call in running {
        call.ends().succeeds().never_says("warning: what was done");
    }
    whole(&home);
    assert_eq!(lines(&home).len(), 20);
}

#[test]
fn what_cannot_be_recorded_is_done_all_the_same() {
    let (home, world) = (Home::new(), world());
    fs::create_dir_all(path(&home)).unwrap();
    let output = home.dotcom(&world, "classic").json().succeeds();
    assert_eq!(output.warnings(), ["history_not_written", "kept_plain"]);
    assert_eq!((home.records().len(), home.secrets().len(), home.journal().len()), (1, 1, 0));
    let output = home.connect(["disconnect", "octocat@github.com"]).ends().succeeds();
    assert!(output.stderr().contains("what was done is done, but it is not in the history"), "{}", output.shown());
    assert_eq!((home.records().len(), home.secrets().len(), home.journal().len()), (0, 0, 0));
}

#[test]
fn events_and_fields_of_later_versions_are_shown() {
    let (home, world) = (Home::new(), world());
    story(&home, &world);
    let mut all = lines(&home);
    all.push(
        r#"{"seq":7,"at":"later","event":"rotated\u001b[31m","connection":"lab","new":{"a":[1]},"hash":"x"}"#.into(),
    );
    write(&home, &all);
    let last = entries(&home).pop().unwrap();
    assert_eq!(last["new"]["a"][0], 1);
    let output = home.connect(["history", "lab"]).ends().succeeds();
    assert!(output.stdout().contains("later\trotated\u{fffd}[31m\tlab\t?@?\t-"), "{}", output.shown());
}

#[test]
fn a_long_history_is_no_trouble() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    let line = lines(&home).remove(0);
    fs::write(path(&home), format!("{line}\n").repeat(100_000)).unwrap();
    assert_eq!(home.connect(["history"]).ends().succeeds().stdout().lines().count(), 100_000);
    assert_eq!(problems(&home).len(), 99_999);
    let output = home.connect(["history", "none", "--verify"]).json();
    output.fails(3, "no_such_connection");
}

/// A pipe in the place of a file is nothing to wait for; nor is one in the place of a lock.
#[test]
fn what_is_no_file_is_not_waited_for() {
    let (home, world) = (Home::new(), world());
    story(&home, &world);
    let pipe = |path: &std::path::Path| {
        let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
        assert!(made.success());
    };
    let start = std::time::Instant::now();
    fs::remove_file(path(&home)).unwrap();
    pipe(&path(&home));
    home.connect(["history"]).json().fails(1, "file_failed");
    home.connect(["history", "--verify"]).json().fails(1, "file_failed");
    let output = home.dotcom(&world, "classic").with(["--name", "new"]).json().succeeds();
    assert_eq!(output.warnings(), ["kept_plain", "history_not_written"].iter().rev().copied().collect::<Vec<_>>());
    fs::remove_file(path(&home)).unwrap();
    let lock = home.connect_home().join("state/locks/new.lock");
    fs::remove_file(&lock).unwrap();
    pipe(&lock);
    home.connect(["rename", "new", "newer"]).json().fails(1, "file_failed");
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn a_line_of_nonsense_on_top_of_the_others_is_the_only_one_blamed() {
    let (home, world) = (Home::new(), world());
    story(&home, &world);
    let mut bad = lines(&home);
    bad.insert(3, "nonsense".into());
    write(&home, &bad);
    assert_eq!(problems(&home), ["line 4 is no entry of a history"]);
}
