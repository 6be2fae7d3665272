//! `connect exec`: a command with the tokens it is to have, and no others.

mod choice;
mod dying;
mod gh;
mod masked;
mod process;
mod variables;

use std::collections::BTreeMap;

use forge_sandbox::Sandbox;

use crate::support::call::Call;
use crate::support::{Cast as _, Home};

/// `octocat@github.com`, with the token `classic`.
fn dotcom(home: &Home, world: &Sandbox) {
    home.dotcom(world, "classic").ends().succeeds().never_says("error");
}

/// `ghes`, at an Enterprise Server, with the token `collaborator`.
fn server(home: &Home, world: &Sandbox) {
    home.github(world, "collaborator").with(["--name", "ghes"]).ends().succeeds().never_says("error");
}

/// `lab`, at a GitLab, with the token `api`.
fn lab(home: &Home, world: &Sandbox) {
    home.gitlab(world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
}

/// What the command's environment is.
fn environment(call: Call) -> BTreeMap<String, String> {
    let output = call.with(["--", "env"]).ends().succeeds();
    assert_eq!(output.stderr(), "");
    let lines = output.stdout();
    lines.lines().filter_map(|line| line.split_once('=')).map(|(name, value)| (name.into(), value.into())).collect()
}

/// The variables of a command that have one of these values.
fn holding(environment: &BTreeMap<String, String>, value: &str) -> Vec<String> {
    environment.iter().filter(|(_, held)| *held == value).map(|(name, _)| name.clone()).collect()
}
