//! Ctrl-C while another process has the connection: nothing is waited for, and nothing is begun.

use std::time::Duration;

use forge_sandbox::Fault;

use super::crash::{asked, connected, in_order, rotate};
use crate::support::{Home, world};

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
