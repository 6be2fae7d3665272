//! Clones, fetches and pushes, over HTTP and HTTPS, from every store.

use std::fs;

use super::{DASHBOARD, DIARY, Desk};
use crate::support::secret_service::SecretService;
use crate::support::{Cast as _, Home};

/// A clone, a push and a fetch at both forges, and what must be true afterwards.
fn both_ways(desk: &Desk) {
    for (url, name) in [(desk.at_github(DIARY), "diary"), (desk.at_gitlab(DASHBOARD), "dashboard")] {
        desk.clone(&url, name).succeeds().never_says("connect:");
        desk.push(name, "news").succeeds().never_says("connect:");
        let folder = desk.work().join(name);
        desk.git_in(&folder, ["fetch", "-q"]).ends().succeeds().never_says("connect:");
        let remote = desk.git_in(&folder, ["ls-remote", "origin", "refs/heads/news"]).ends().succeeds();
        assert!(remote.stdout().contains("refs/heads/news"), "{}", remote.shown());
    }
    // git kept nothing of it anywhere.
    let kept = |name: &String| !name.starts_with("connect/");
    for (name, bytes) in desk.home.contents().into_iter().filter(|(name, _)| kept(name)) {
        let text = String::from_utf8_lossy(&bytes);
        for token in [desk.world.github_token("classic"), desk.world.gitlab_token("api")] {
            assert!(!text.contains(&token), "{name}");
        }
    }
}

#[test]
fn from_the_store_plain() {
    let desk = Desk::new();
    desk.clone(&desk.at_github(DIARY), "no").exits(128).never_says("connect:");
    desk.hub().lab().set_up(&[]);
    both_ways(&desk);
}

#[test]
fn over_https() {
    let desk = Desk::with_tls();
    let ca = desk.world.ca_certificate().unwrap().display().to_string();
    desk.home.github(&desk.world, "classic").with(["--ca-cert", &ca]).ends().succeeds().never_says("error");
    desk.home.gitlab(&desk.world, "api").with(["--ca-cert", &ca]).ends().succeeds().never_says("error");
    desk.set_up(&[]);
    both_ways(&desk);
    // The same host by plain http is another.
    let plain = desk.at_github(DIARY).replace("https://", "http://");
    let output = desk.git(["credential", "fill"]).stdin(format!("url={plain}\n\n")).ends().exits(128);
    output.never_says("username=").never_says("ghp_");
}

#[test]
fn below_a_path_of_its_host() {
    let desk = Desk::of(forge_sandbox::Sandbox::builder().gitlab_base_path("/gitlab").start().unwrap());
    desk.lab().set_up(&[]);
    let url = desk.at_gitlab(DASHBOARD);
    assert!(url.contains("/gitlab/agility-game/"), "{url}");
    desk.clone(&url, "dashboard").succeeds().never_says("connect:");
    desk.push("dashboard", "news").succeeds().never_says("connect:");
    // Beside it there may be anybody.
    let beside = format!("url={}\n\n", url.replace("/gitlab/", "/gitlabber/"));
    desk.git(["credential", "fill"]).stdin(beside).ends().exits(128).never_says("username=");
}

fn keep_both(home: &Home, desk: &Desk, store: &[&str]) {
    let (hub, lab) = (desk.world.github_token("classic"), desk.world.gitlab_token("api"));
    let call = |forge: &str, host: &str, token: String| {
        home.connect([forge, "--host", host, "--pat-stdin"]).with(store).stdin(token).ends().succeeds()
    };
    call("github", &desk.world.github_url(), hub).never_says("error");
    call("gitlab", &desk.world.gitlab_url(), lab).never_says("error");
}

#[test]
fn from_the_store_file() {
    use secrecy::ExposeSecret as _;
    let mut desk = Desk::new();
    let identity = age::x25519::Identity::generate();
    let path = desk.home.file("key.txt", identity.to_string().expose_secret());
    desk.home.set_env("CONNECT_AGE_IDENTITY", &path);
    keep_both(&desk.home, &desk, &["--store", "file"]);
    desk.set_up(&[]);
    both_ways(&desk);
}

#[test]
fn from_a_real_keyring() {
    let Some(service) = SecretService::start() else { return };
    let mut desk = Desk::new();
    for (name, value) in service.environment().iter().filter(|(name, _)| name != "HOME") {
        desk.home.set_env(name, value);
    }
    keep_both(&desk.home, &desk, &[]);
    assert!(desk.home.secrets().is_empty());
    desk.set_up(&[]);
    both_ways(&desk);
}

#[test]
fn a_token_that_is_rotated_between_clone_and_push() {
    let desk = Desk::new();
    desk.lab().set_up(&[]);
    desk.clone(&desk.at_gitlab(DASHBOARD), "dashboard").succeeds().never_says("connect:");
    let before = desk.world.gitlab_token("api");
    desk.connect(["rotate", "lab", "--expires-in", "30d"]).ends().succeeds().never_says("error");
    assert!(!desk.world.is_alive_gitlab(&before));
    desk.push("dashboard", "after").succeeds().never_says("connect:");
}

#[test]
fn a_host_without_a_connection() {
    let desk = Desk::new();
    let url = desk.at_github(DIARY);
    desk.set_up(&["--host", &desk.world.github_url()]);
    // Somebody types it once.
    let token = desk.world.github_token("classic");
    let script = format!("#!/bin/sh\ncase \"$1\" in Username*) echo mona;; *) echo {token};; esac\n");
    let askpass = desk.home.file("askpass", &script);
    fs::set_permissions(&askpass, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let with_store = |call: crate::support::call::Call| call.env("CONNECT_STORE", "plain");
    with_store(desk.git(["clone", "-q", &url, "first"]).env("GIT_ASKPASS", &askpass))
        .ends()
        .succeeds()
        .never_says("error");
    fs::remove_file(&askpass).unwrap();
    with_store(desk.git(["clone", "-q", &url, "again"])).ends().succeeds().never_says("fatal");
    assert!(desk.home.records().is_empty());
    // Once it is refused, it is forgotten.
    desk.world.revoke_github("classic");
    with_store(desk.git(["clone", "-q", &url, "third"])).ends().exits(128).never_says("error: ");
    let asked = with_store(desk.git(["credential", "fill"]).stdin(format!("url={url}\n\n"))).ends().exits(128);
    asked.never_says("password=").never_says(&token);
    assert!(desk.home.secrets().is_empty());
}
