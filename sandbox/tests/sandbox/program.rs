//! The program: its first line, its arguments, its end.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use crate::client::get;
use serde_json::Value;

/// Ends the program however the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_forge-sandbox"))
}

fn first_line(command: &mut Command) -> (Running, Value) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let stdout = child.stdout.take().unwrap();
    let running = Running(child);
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    (running, serde_json::from_str(&line).unwrap())
}

#[tokio::test]
async fn the_first_line_says_where_everything_is() {
    let mut seed = tempfile::NamedTempFile::new().unwrap();
    seed.write_all(br#"{ "gitlab": { "tokens": [ { "name": "mine", "scopes": ["api"] } ] } }"#).unwrap();
    let arguments = ["--tier", "free", "--gitlab-version", "18.11", "--latency", "1ms", "--seed"];
    let (_running, directory) = first_line(program().args(arguments).arg(seed.path()));
    for key in ["github", "gitlab", "dotcom_api_url", "admin_url", "ca_certificate"] {
        assert!(directory.get(key).is_some(), "{key}");
    }
    let names = [
        "classic",
        "classic-readonly",
        "fine-grained-import",
        "fine-grained-readonly",
        "expiring",
        "expired",
        "revoked",
        "sso",
        "collaborator",
    ];
    for name in names {
        assert!(directory["github"]["tokens"][name].is_string(), "{name}");
    }
    let names = [
        "api",
        "read-api",
        "self-rotate",
        "granular",
        "expiring",
        "expired",
        "revoked",
        "developer",
        "project-bot",
        "oauth",
        "mine",
    ];
    for name in names {
        assert!(directory["gitlab"]["tokens"][name].is_string(), "{name}");
    }
    let api = directory["gitlab"]["api_url"].as_str().unwrap();
    let token = directory["gitlab"]["tokens"]["mine"].as_str().unwrap();
    let metadata = get(&format!("{api}/metadata"), token).await.json();
    assert_eq!(metadata["version"], "18.11.0-ee");
}

#[test]
fn wrong_arguments_are_told() {
    for arguments in [["--latency", "soon"], ["--gitlab-version", "newest"], ["--seed", "/nowhere.json"]] {
        let output = program().args(arguments).stdin(Stdio::null()).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(stderr.contains("error:"), "{stderr}");
    }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_and_its_files() {
    let (mut running, directory) = first_line(program().arg("--tls"));
    let certificate = directory["ca_certificate"].as_str().unwrap().to_owned();
    assert!(std::path::Path::new(&certificate).exists());
    let killed = Command::new("kill").args(["-TERM", &running.0.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert!(running.0.wait().unwrap().success());
    assert!(!std::path::Path::new(&certificate).exists());
}
