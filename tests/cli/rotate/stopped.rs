//! Ctrl-C while another process has the connection: nothing is waited for, and nothing is begun.

use std::time::Duration;

use forge_sandbox::Fault;

use super::crash::{asked, connected, in_order, rotate};
use crate::support::{Cast as _, Home, world};

/// Waits until a process hears Ctrl-C itself (its mask of caught signals, in hexadecimal).
fn hears(process: u32) {
    let caught = |status: &str| {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        mask.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).is_ok_and(|mask| mask & 0b10 != 0))
    };
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while !std::fs::read_to_string(format!("/proc/{process}/status")).is_ok_and(|status| caught(&status)) {
        assert!(std::time::Instant::now() < deadline, "it never listens");
        std::thread::yield_now();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn who_waits_for_another_process_stops_at_once() {
    let (world, home) = (world(), Home::new());
    connected(&home, &world, "plain");
    let old = home.record("lab")["token"]["fingerprint"].clone();
    world.fault(Fault::gitlab().rotation().once().delay_after_work(Duration::from_millis(1500)));
    let first = rotate(&home).begins();
    while asked(&world) == 0 {
        std::thread::yield_now();
    }
    let second = home.connect(["rotate", "lab", "--json"]).begins();
    hears(second.id());
    let pressed = std::process::Command::new("kill").args(["-INT", &second.id().to_string()]).status();
    assert!(pressed.unwrap().success());
    let second = second.ends().exits(130);
    assert_eq!(home.record("lab")["token"]["fingerprint"], old, "the first is at it still\n{}", second.shown());
    assert_eq!(second.document()["connections"][0]["rotated"], false, "{}", second.shown());
    drop(first.ends().succeeds());
    assert_eq!(asked(&world), 1);
    in_order(&home, "stopped");
}

/// Ctrl-C while the old token is being revoked: the new one is kept by then, and that is said.
#[test]
fn what_a_person_has_made_and_was_kept_is_not_said_to_be_left() {
    let (world, home) = (world(), Home::new());
    home.dotcom(&world, "expiring").with(["--name", "hub"]).ends().succeeds().never_says("error");
    world.fault(Fault::github().path("/credentials/revoke").once().delay(Duration::from_millis(1500)));
    let rotate = home.connect(["rotate", "hub", "--pat-stdin", "--revoke-old", "--json"]);
    let running = rotate.stdin(world.github_token("classic")).begins();
    while !world.requests().iter().any(|seen| seen.path == "/credentials/revoke") {
        std::thread::yield_now();
    }
    let pressed = std::process::Command::new("kill").args(["-INT", &running.id().to_string()]).status();
    assert!(pressed.unwrap().success());
    let output = running.ends().exits(130);
    assert_eq!(output.document()["connections"][0]["rotated"], true, "{}", output.shown());
    home.connect(["rotate", "--resume"]).ends().succeeds().never_says("error");
    assert!(!world.is_alive_github("expiring") && world.is_alive_github("classic"));
    assert_eq!((home.secrets().len(), home.journal().len()), (1, 0));
}
