//! The stores: tried with a throw-away secret, of which nothing is left.

use std::fs;

use super::{Found, two};
use crate::support::secret_service::{SecretService, SilentBus, no_keyring};
use crate::support::{Cast as _, Home, world};

fn home_with(environment: &[(String, String)]) -> Home {
    let mut home = Home::new();
    environment.iter().for_each(|(name, value)| home.set_env(name, value));
    home
}

#[test]
fn no_keyring_at_all() {
    let (home, world) = (home_with(&no_keyring()), world());
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    home.edit_record("hub", |record| record["token"]["kept_in"] = "keyring".into());
    let found = Found::by(&home, &[]).exits(8);
    found.has("store", "keyring", "fail", "no_keyring").is("connection", "token", "skipped");
    found.is("connection", "health", "skipped").is("host", "forge", "ok");
}

#[test]
fn a_keyring_that_never_answers() {
    let bus = SilentBus::start();
    let home = home_with(&bus.environment());
    Found::by(&home, &["--no-network"]).exits(8).has("store", "keyring", "fail", "keyring_timed_out");
}

#[test]
fn a_real_keyring_keeps_nothing_of_it() {
    let Some(service) = SecretService::start() else { return };
    let (home, world) = (home_with(&service.environment()), world());
    let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-stdin", "--name", "hub"]);
    call.stdin(world.github_token("classic")).ends().succeeds().never_says("error");
    let before = entries(&service);
    assert_eq!(before, 1);
    let found = Found::by(&home, &[]).exits(0);
    found.is("store", "keyring", "ok").is("connection", "token", "ok").is("connection", "health", "ok");
    assert!(found.link("store", "keyring")["message"].as_str().unwrap().contains("read back"));
    assert_eq!((entries(&service), home.journal().len()), (before, 0));
    home.connect(["disconnect", "hub"]).ends().succeeds().never_says("error");
    assert_eq!(entries(&service), 0);
}

#[cfg(feature = "test-hooks")]
#[test]
fn killed_while_the_keyring_is_tried() {
    let Some(service) = SecretService::start() else { return };
    let home = home_with(&service.environment());
    for (point, left) in [("doctor.intent", 0), ("doctor.written", 1), ("doctor.removed", 0)] {
        let killed = home.connect(["doctor", "--no-network"]).env("CONNECT_TEST_FAULT", point).ends();
        assert!(killed.signal.is_some(), "{point}\n{}", killed.shown());
        assert_eq!((entries(&service), home.journal().len()), (left, 1), "{point}");
        Found::by(&home, &["--no-network"]).exits(0).is("store", "keyring", "ok").is("journal", "journal", "ok");
        assert_eq!((entries(&service), home.journal().len()), (0, 0), "{point}");
    }
}

#[cfg(feature = "test-hooks")]
#[test]
fn killed_while_files_are_tried_and_tidied_by_any_run_that_writes() {
    use secrecy::ExposeSecret as _;
    let world = world();
    let identity = age::x25519::Identity::generate();
    for store in ["plain", "file"] {
        let home = Home::new();
        let home_file = home.file("key.txt", identity.to_string().expose_secret());
        let home = home.with_env("CONNECT_AGE_IDENTITY", &home_file);
        let connect = || {
            let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-stdin", "--name", "hub"]);
            call.with(["--store", store]).stdin(world.github_token("classic")).ends().succeeds()
        };
        connect().never_says("error");
        let killed = home.connect(["doctor", "hub"]).env("CONNECT_TEST_FAULT", "doctor.written").ends();
        assert!(killed.signal.is_some(), "{}", killed.shown());
        assert_eq!((home.secrets().len(), home.journal().len()), (2, 1), "{store}");
        assert!(connect().stderr().contains("`connect doctor` was cut short"));
        assert_eq!((home.secrets().len(), home.journal().len()), (1, 0), "{store}");
    }
}

#[test]
fn the_file_store_is_opened_as_its_secrets_are() {
    let (home, world) = (Home::new(), world());
    let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-stdin", "--name", "hub"]);
    let call = call.with(["--store", "file"]).stdin(world.github_token("classic"));
    call.env("CONNECT_PASSPHRASE", "open sesame").ends().succeeds().never_says("error");
    let doctor = || home.connect(["doctor", "hub"]);
    Found::of(doctor().env("CONNECT_PASSPHRASE", "open sesame").json()).exits(0).is("store", "file", "ok");
    let found = Found::of(doctor().env("CONNECT_PASSPHRASE", "another").json()).exits(8);
    found.has("store", "file", "fail", "wrong_passphrase").is("connection", "token", "skipped");
    Found::of(doctor().json()).exits(8).has("store", "file", "fail", "passphrase_needed");
}

#[test]
fn a_store_that_is_only_the_default_is_not_begun() {
    let home = Home::new();
    fs::create_dir_all(home.connect_home().join("config")).unwrap();
    fs::write(home.connect_home().join("config/config.toml"), "store = \"file\"\n").unwrap();
    Found::by(&home, &[]).exits(0).is("store", "file", "ok");
    assert!(home.secrets().is_empty() && !home.connect_home().join("data").exists());
}

#[test]
fn a_variable() {
    let (home, world) = (Home::new(), world());
    let call = home.connect(["gitlab", "--host", &world.gitlab_url(), "--pat-env", "GITLAB_TOKEN", "--store", "env"]);
    let call = call.with(["--name", "lab"]);
    call.env("GITLAB_TOKEN", &world.gitlab_token("api")).ends().succeeds().never_says("error");
    let doctor = |token: &str| Found::of(home.connect(["doctor", "lab"]).env("GITLAB_TOKEN", token).json());
    let found = doctor(&world.gitlab_token("api")).exits(0);
    found.is("store", "env", "ok").is("connection", "token", "ok").is("environment", "GITLAB_TOKEN", "ok");
    doctor(&world.gitlab_token("self-rotate")).exits(0).has("connection", "token", "warn", "another_token");
    let found = Found::by(&home, &["lab"]).exits(8);
    found.has("connection", "token", "fail", "variable_missing").is("connection", "scopes", "skipped");
}

#[test]
fn a_secret_that_is_gone_and_a_record_that_was_edited() {
    let (home, world) = (Home::new(), world());
    two(&home, &world);
    home.edit_record("lab", |record| record["api_url"] = "https://elsewhere.invalid/api/v4".into());
    let found = Found::by(&home, &["lab", "--no-network"]).exits(8);
    found.has("connection", "token", "fail", "address_differs");
    let secret = home.record("hub")["token"]["secret"].as_str().unwrap().to_owned();
    let secret = home.connect_home().join("data/secrets").join(secret);
    fs::write(&secret, "another").unwrap();
    Found::by(&home, &["hub"]).exits(8).has("connection", "token", "fail", "secret_differs");
    fs::remove_file(&secret).unwrap();
    Found::by(&home, &["hub"]).exits(8).has("connection", "token", "fail", "secret_missing");
}

/// How many entries of connect's the Secret Service has.
fn entries(service: &SecretService) -> usize {
    let environment = service.environment();
    let address = environment.iter().find(|(name, _)| name == "DBUS_SESSION_BUS_ADDRESS").unwrap().1.clone();
    let bus = zbus::blocking::connection::Builder::address(address.as_str()).unwrap().build().unwrap();
    let path = "/org/freedesktop/secrets";
    let service = zbus::blocking::Proxy::new(&bus, "org.freedesktop.secrets", path, "org.freedesktop.Secret.Service");
    let wanted: std::collections::HashMap<&str, &str> = [("service", "connect")].into_iter().collect();
    let found: (Vec<zbus::zvariant::OwnedObjectPath>, Vec<zbus::zvariant::OwnedObjectPath>) =
        service.unwrap().call("SearchItems", &(wanted,)).unwrap();
    found.0.len() + found.1.len()
}
