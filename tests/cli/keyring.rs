//! The system's keyring: a real one, a locked one, none, and one that never answers.

use std::time::{Duration, Instant};

use forge_sandbox::Sandbox;

use crate::support::call::Call;
use crate::support::secret_service::{SecretService, SilentBus, no_keyring};
use crate::support::{Home, world};

/// `connect github` for github.com without a word about the store.
fn github(home: &Home, world: &Sandbox, token: &str) -> Call {
    home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-stdin"]).stdin(world.github_token(token))
}

/// A home that sees this bus.
fn home_with(environment: &[(String, String)]) -> Home {
    let mut home = Home::new();
    for (name, value) in environment {
        home.set_env(name, value);
    }
    home
}

#[test]
fn no_keyring_names_the_ways_on_at_once() {
    let (home, world) = (home_with(&no_keyring()), world());
    let start = Instant::now();
    let output = github(&home, &world, "classic").ends();
    assert!(start.elapsed() < Duration::from_millis(3500), "{:?}", start.elapsed());
    insta::assert_snapshot!(output.shown(), @"
    exit 8
    --- stderr
    error: there is no keyring to be reached here: zbus error: Failed to connect to address `unix:path=/nonexistent/bus`: No such file or directory
      → `--store file` keeps tokens encrypted with a passphrase or an age identity
      → `--store env` with `--pat-env VAR` keeps nothing and reads the variable each time (CI)
      → `--store plain` keeps them readable by you and by whoever becomes you
    ");
    github(&home, &world, "classic").json().fails(8, "no_keyring");
    assert_eq!((home.records().len(), home.secrets().len(), home.journal().len()), (0, 0, 0));
}

#[test]
fn a_keyring_that_never_answers_is_given_up() {
    let (bus, world) = (SilentBus::start(), world());
    let home = home_with(&bus.environment());
    let error = github(&home, &world, "classic").json().fails(8, "keyring_timed_out");
    assert!(error["hint"].as_str().unwrap().contains("--store file"), "{error}");
    assert!(home.records().is_empty());
}

#[test]
fn a_real_keyring_from_connect_to_disconnect() {
    let Some(service) = SecretService::start() else { return };
    let (home, world) = (home_with(&service.environment()), world());
    let output = github(&home, &world, "classic").ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stdout
    ✓ Connected octocat at github.com as `octocat@github.com`
      token    classic, sha256:…
      scopes   admin:org_hook, read:org, repo, workflow
      expires  never
      kept in  the keyring, entry `connect` / `ID`
    ");
    assert!(home.secrets().is_empty());
    let token = || home.connect(["token", "octocat@github.com"]).ends();
    assert_eq!(token().succeeds().stdout(), world.github_token("classic") + "\n");
    let first = home.record("octocat@github.com")["token"]["secret"].clone();
    github(&home, &world, "classic-readonly").ends().succeeds().never_says("error");
    assert_eq!(token().succeeds().stdout(), world.github_token("classic-readonly") + "\n");
    let second = home.record("octocat@github.com")["token"]["secret"].clone();
    assert_ne!(first, second);
    home.connect(["list"]).ends().succeeds().never_says("error");
    home.connect(["status"]).ends().succeeds().never_says("error");
    for (name, bytes) in home.contents() {
        assert!(!String::from_utf8_lossy(&bytes).contains(&world.github_token("classic-readonly")), "{name}");
    }
    // The record remembers the old id: nothing is there any more.
    home.edit_record("octocat@github.com", |record| record["token"]["secret"] = first);
    token().exits(8).never_says("ghp_");
    home.edit_record("octocat@github.com", |record| record["token"]["secret"] = second);
    let output = home.connect(["disconnect", "octocat@github.com"]).ends().succeeds();
    assert!(output.stdout().contains("keyring"), "{}", output.shown());
    assert!(home.records().is_empty());
    token().exits(3).never_says("ghp_");
}

#[test]
fn a_locked_keyring() {
    let Some(mut service) = SecretService::start() else { return };
    let (home, world) = (home_with(&service.environment()), world());
    github(&home, &world, "classic").ends().succeeds().never_says("error");
    service.lock();
    let before = home.contents();
    for call in [
        home.connect(["token", "octocat@github.com"]),
        github(&home, &world, "classic-readonly"),
        home.connect(["disconnect", "octocat@github.com"]),
    ] {
        let output = call.json();
        let code = output.error()["code"].as_str().unwrap().to_owned();
        assert!(["keyring_locked", "keyring_timed_out"].contains(&code.as_str()), "{}", output.shown());
        assert_eq!(output.code, Some(8));
        output.never_says("ghp_");
    }
    let changed: Vec<String> = home.contents().keys().filter(|name| !before.contains_key(*name)).cloned().collect();
    assert!(changed.iter().all(|name| name.contains("state/")), "{changed:?}");
    assert_eq!(home.record("octocat@github.com")["account"]["login"], "octocat");
}
