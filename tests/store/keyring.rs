//! The keyring: the real Secret Service, and what takes its place when there is none.
//!
//! The library finds its bus through the process's environment, so each case runs in a child: this very
//! test binary once more, told by a variable which case it is.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use connect::model::{SecretId, StoreKind};
use connect::store::{StoreError, StoreOptions};

use crate::contract::{id, keep, options, secret, stores};
use crate::secret_service::{SecretService, SilentBus, no_keyring};

const CASE: &str = "CONNECT_STORE_TEST_CASE";
const ID: &str = "CONNECT_STORE_TEST_ID";

/// Runs one case in a child with this environment.
fn child(case: &str, id: &SecretId, environment: Vec<(String, String)>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "keyring::in_a_child", "--nocapture"]).envs(environment);
    command.env(CASE, case).env(ID, id.as_str()).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    let output = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{case}: {said}");
}

/// Where the cases run. On its own it is nothing.
#[test]
fn in_a_child() {
    let Ok(case) = std::env::var(CASE) else { return };
    let id = SecretId::variable(&std::env::var(ID).unwrap());
    match case.as_str() {
        "contract" => contract(),
        "put" => open(60_000).put(&id, "connect: octocat@github.com", &secret("ghp_x")).unwrap(),
        "get" => assert_eq!(open(60_000).get(&id).unwrap().reveal(), "ghp_x"),
        "locked" => locked(&id),
        "no keyring" => no_keyring_here(&id),
        "silent" => silent(&id),
        other => panic!("no such case: {other}"),
    }
}

fn open(patience: u64) -> std::sync::Arc<dyn connect::store::Store> {
    let home = tempfile::tempdir().unwrap();
    let keyring_patience = Duration::from_millis(patience);
    stores(StoreOptions { keyring_patience, ..options(home.path()) }).open(StoreKind::Keyring).unwrap()
}

fn contract() {
    let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    keep(StoreKind::Keyring, &|| stores(options(home.path())), &|| stores(options(other.path())));
}

fn locked(id: &SecretId) {
    let store = open(20_000);
    assert!(matches!(store.get(id), Err(StoreError::Locked)), "{:?}", store.get(id));
    assert!(matches!(store.put(&crate::contract::id(), "", &secret("x")), Err(StoreError::Locked)));
    assert!(matches!(store.remove(id), Err(StoreError::Locked)));
}

fn no_keyring_here(id: &SecretId) {
    let store = open(60_000);
    assert!(matches!(store.check(), Err(StoreError::NoKeyring { .. })));
    assert!(matches!(store.get(id), Err(StoreError::NoKeyring { .. })));
    assert!(matches!(store.put(id, "", &secret("x")), Err(StoreError::NoKeyring { .. })));
    assert!(matches!(store.remove(id), Err(StoreError::NoKeyring { .. })));
}

fn silent(id: &SecretId) {
    let store = open(200);
    let start = Instant::now();
    assert!(matches!(store.get(id), Err(StoreError::TimedOut { after }) if after == Duration::from_millis(200)));
    let first = start.elapsed();
    assert!(first >= Duration::from_millis(200));
    for _ in 0..100 {
        assert!(matches!(store.put(id, "", &secret("x")), Err(StoreError::TimedOut { .. })));
    }
    assert!(start.elapsed() < first + Duration::from_secs(10), "only the first one waits");
}

#[test]
fn the_secret_service_keeps_the_contract() {
    let Some(service) = SecretService::start() else { return };
    child("contract", &id(), service.environment());
}

#[test]
fn a_locked_keyring_is_told_from_an_empty_one() {
    let Some(mut service) = SecretService::start() else { return };
    let id = id();
    child("put", &id, service.environment());
    child("get", &id, service.environment());
    service.lock();
    child("locked", &id, service.environment());
}

#[test]
fn other_programs_see_the_entry_and_its_label() {
    let Some(service) = SecretService::start() else { return };
    let id = id();
    let secret_tool = |arguments: &[&str]| {
        let mut command = Command::new("secret-tool");
        command.args(arguments).args(["service", "connect", "username", id.as_str()]);
        command.envs(service.environment()).stdin(Stdio::null());
        command
    };
    child("put", &id, service.environment());
    let Ok(found) = secret_tool(&["search"]).output() else {
        return eprintln!("left out: what secret-tool sees (install libsecret-tools)");
    };
    let found = String::from_utf8_lossy(&found.stdout).into_owned();
    assert!(found.contains("label = connect: octocat@github.com"), "{found}");
    assert!(found.contains("secret = ghp_x"), "{found}");
}

#[test]
fn without_a_bus_there_is_no_keyring() {
    child("no keyring", &id(), no_keyring());
}

#[test]
fn a_bus_that_never_answers_is_waited_for_once() {
    let bus = SilentBus::start();
    child("silent", &id(), bus.environment());
}
