//! What the tests of the built program stand on: a sealed home, a call, what came of it, a terminal.

#![allow(dead_code, reason = "each test binary that includes these uses a part of them")]

pub mod call;
pub mod forges;
pub mod home;
pub mod output;
pub mod secret_service;
pub mod terminal;

pub use forges::{Cast, NOW, world};
pub use home::Home;
pub use output::{Output, scrubbed};

/// Whether the machine has a program that a test would have to do with; without it the test is left out, and says so.
pub fn is_there(program: &str) -> bool {
    let there = std::process::Command::new(program).arg("--version").output().is_ok();
    if !there {
        eprintln!("left out: {program} is not installed");
    }
    there
}
