//! `connect import`: stories of people who bring a repository from GitHub to GitLab, told to the built program, against
//! forges between which git really moves.

mod afterwards;
mod beforehand;
pub mod by_hand;
mod ci_file;
mod drift;
mod git;
mod hostile;
mod interrupted;
mod killed;
mod left;
mod list;
mod lost;
mod modes;
mod not_ours;
mod others;
mod pipeline;
mod places;
mod plan;
mod refused;
mod remembered;
mod requests;
mod screens;
mod secrets;
mod site;
mod standing;
mod status;
mod story;
mod theirs;
mod tiers;
mod undo;
mod undo_plan;

use std::process::Command;

use forge_sandbox::{Builder, Sandbox};
use serde_json::Value;

use crate::support::call::Call;
use crate::support::forges::built;
use crate::support::output::scrubbed;
use crate::support::{Cast as _, Home};

/// A public repository with three commits, two branches and a tag, on the Enterprise Server.
const STORE: &str = "agility-game/home-assistant-community-store";
/// A private one with one commit.
const FIRMWARE: &str = "agility-game/timing-firmware";
/// A private group in which `maintainer` is one.
const GROUP: &str = "agility-game/home-assistant";
/// Where [`STORE`] goes.
const PROJECT: &str = "agility-game/home-assistant/home-assistant-community-store";

/// Whether the stories in which something is pulled or pushed have to be left out; says so.
#[allow(clippy::print_stderr, reason = "what is left out is said")]
fn git_is_missing() -> bool {
    let missing = Command::new("git").arg("--version").output().is_err();
    if missing {
        eprintln!("left out: git is missing on this machine");
    }
    missing
}

/// Both forges as they are, and a home in which both are connected: a classic token of the repository's owner, and the
/// maintainer's.
fn scene() -> (Home, Sandbox) {
    scene_of(Sandbox::builder())
}

/// The same in a world with choices.
fn scene_of(builder: Builder) -> (Home, Sandbox) {
    scene_with(builder, "classic", "api")
}

/// The same with the tokens that the world calls so.
fn scene_with(builder: Builder, github: &str, gitlab: &str) -> (Home, Sandbox) {
    let (home, world) = (Home::new(), built(builder));
    let _ = home.github(&world, github).ends().succeeds();
    let _ = home.gitlab(&world, gitlab).ends().succeeds();
    world.clear_requests();
    (home, world)
}

/// `connect import REPOSITORY --to PLACE --store plain`
fn import(home: &Home, repository: &str, to: &str) -> Call {
    home.connect(["import", repository, "--to", to, "--store", "plain"])
}

/// The usual: [`STORE`] into [`GROUP`], agreed to.
fn usual(home: &Home) -> Call {
    import(home, STORE, GROUP).with(["--yes"])
}

/// A project as the admin of the sandbox sees it; nothing where there is none.
fn project(world: &Sandbox, path: &str) -> Value {
    let projects = world.state()["gitlab"]["projects"].clone();
    projects.as_array().unwrap().iter().find(|project| project["full_path"] == path).cloned().unwrap_or_default()
}

/// A repository as the admin of the sandbox sees it.
fn repository(world: &Sandbox, full_name: &str) -> Value {
    let (owner, name) = full_name.split_once('/').unwrap();
    let repositories = world.state()["github"]["repositories"].clone();
    let mut repositories = repositories.as_array().unwrap().iter();
    repositories.find(|it| it["owner"] == owner && it["name"] == name).cloned().unwrap()
}

/// The webhooks of a repository.
fn hooks(world: &Sandbox, full_name: &str) -> Vec<Value> {
    repository(world, full_name)["hooks"].as_array().unwrap().clone()
}

/// The access tokens of a project's bots that still live.
fn project_tokens(world: &Sandbox, path: &str) -> Vec<Value> {
    let number = project(world, path)["id"].clone();
    let tokens = world.state()["gitlab"]["tokens"].clone();
    let is_of_it = |token: &&Value| token["project"] == number && token["alive"] == true;
    tokens.as_array().unwrap().iter().filter(is_of_it).cloned().collect()
}

/// Every request with which something was changed, `METHOD path`, GitHub's before GitLab's.
fn writes(world: &Sandbox) -> Vec<String> {
    let state = world.state();
    let both = ["github", "gitlab"].map(|forge| state[forge]["writes"].as_array().unwrap().clone()).concat();
    let line = |write: &Value| format!("{} {}", write["method"].as_str().unwrap(), write["path"].as_str().unwrap());
    both.iter().map(line).collect()
}

/// The only import on record.
fn record(home: &Home) -> Value {
    let mut all = records(home);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// All imports on record.
fn records(home: &Home) -> Vec<Value> {
    let is_record = |name: &str| name.starts_with("connect/data/imports/") && name.ends_with(".json");
    let files = home.contents().into_iter().filter(|(name, _)| is_record(name));
    files.map(|(_, bytes)| serde_json::from_slice(&bytes).unwrap()).collect()
}
