//! git's credential helper: what git is given for which URL, what is kept of what it says, and what is refused.
//!
//! Here the helper is started as git starts it, with git's own lines; the stories with git itself are in `git/`.

mod attacks;
mod choice;
mod logins;
mod marks;
mod others;

use std::collections::BTreeMap;

use crate::support::call::Call;
use crate::support::{Home, Output};

/// The program that git starts.
pub const HELPER: &str = env!("CARGO_BIN_EXE_git-credential-connect");

/// A question of git's to the helper: the operation, and attributes as `key=value`.
fn ask(home: &Home, operation: &str, attributes: &[&str]) -> Call {
    let lines: String = attributes.iter().map(|attribute| format!("{attribute}\n")).collect();
    home.connect([operation]).program(HELPER).stdin(lines + "\n")
}

/// What the helper answers, by attribute; it must end well.
fn get(home: &Home, attributes: &[&str]) -> BTreeMap<String, String> {
    let output = ask(home, "get", attributes).ends().succeeds();
    assert_eq!(output.stderr(), "", "for {attributes:?}");
    read(&output)
}

fn read(output: &Output) -> BTreeMap<String, String> {
    let text = output.stdout();
    text.lines().map(|line| line.split_once('=').unwrap()).map(|(key, value)| (key.into(), value.into())).collect()
}

/// The user name and the password of an answer.
fn login(answer: &BTreeMap<String, String>) -> (&str, &str) {
    let of = |key: &str| answer.get(key).map_or("-", String::as_str);
    (of("username"), of("password"))
}

/// The same of one question.
fn given(home: &Home, attributes: &[&str]) -> (String, String) {
    let answer = get(home, attributes);
    let (user, password) = login(&answer);
    (user.to_owned(), password.to_owned())
}

/// That git gets no answer, and nobody is told anything.
#[track_caller]
fn nothing(home: &Home, attributes: &[&str]) {
    let output = ask(home, "get", attributes).ends().succeeds();
    assert_eq!((output.stdout(), output.stderr()), (String::new(), String::new()), "for {attributes:?}");
}

/// That an operation ends well and in silence.
#[track_caller]
fn silently(home: &Home, operation: &str, attributes: &[&str]) {
    let output = ask(home, operation, attributes).ends().succeeds();
    assert_eq!((output.stdout(), output.stderr()), (String::new(), String::new()), "{operation} {attributes:?}");
}

#[test]
fn what_it_is_capable_of() {
    let home = Home::new();
    let expected = "version 0\ncapability authtype\ncapability state\n";
    assert_eq!(ask(&home, "capability", &[]).ends().succeeds().stdout(), expected);
    assert_eq!(home.connect(["git-credential", "capability"]).ends().succeeds().stdout(), expected);
    silently(&home, "a-later-operation", &["protocol=https", "host=example.com"]);
    assert!(!home.connect_home().exists(), "nothing was kept, and no folder made");
}

#[test]
fn how_it_is_called() {
    let home = Home::new();
    insta::assert_snapshot!(home.connect([""; 0]).program(HELPER).ends().shown(), @"
    exit 2
    --- stderr
    connect: usage: git-credential-connect [--lifetime SECS] get|store|erase|capability
    ");
    insta::assert_snapshot!(home.connect(["--store", "plain", "get"]).program(HELPER).ends().shown(), @"
    exit 2
    --- stderr
    connect: usage: git-credential-connect [--lifetime SECS] get|store|erase|capability
    ");
    for word in ["--help", "-h", "--version"] {
        let asked = home.connect([word]).program(HELPER).ends().succeeds();
        assert!(asked.stdout().contains("git-credential-connect") && asked.stderr().is_empty(), "{}", asked.shown());
    }
}

#[test]
fn the_end_of_the_question_need_not_be_the_end_of_the_pipe() {
    let home = Home::new();
    let mut child = ask(&home, "get", &[]).command();
    let mut child = child.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut pipe, b"protocol=https\nhost=example.com\n\n").unwrap();
    assert!(child.wait().unwrap().success(), "and the pipe is open still");
    drop(pipe);
}
