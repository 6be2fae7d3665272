//! Ctrl-C: 130, and nothing is lost by it. What goes on at GitLab goes on.

use std::process::Command;
use std::time::Duration;

use forge_sandbox::{Fault, Sandbox};

use super::site::{PROJECT, REPOSITORY, Site, has_git};
use crate::support::Output;

/// Begins an import and interrupts it as soon as this request has come.
fn interrupted(site: &Site, flags: &[&str], method: &str, path_ends: &str) -> Output {
    let running = site.import([]).with(flags).begins();
    site.has_come(method, path_ends);
    let told = Command::new("kill").args(["-INT", &running.id().to_string()]).status();
    assert!(told.unwrap().success());
    running.ends().exits(130)
}

fn in_the_middle(method: &str, path: &str) {
    if !has_git() {
        return;
    }
    let flags = ["--ci-template", "minimal"];
    let fault = if path.starts_with("/repos") { Fault::github() } else { Fault::gitlab() };
    let fault = fault.method(method).path(path).once();
    let late = Duration::from_millis(800);
    // Never done, and done without that anybody has heard of it.
    for fault in [fault.clone().delay(late), fault.delay_after_work(late)] {
        let site = Site::new();
        site.world.fault(fault);
        let output = interrupted(&site, &flags, method, path);
        assert!(output.stderr().contains("interrupted; something was being changed"), "{}", output.shown());
        assert!(output.stderr().contains("the same command goes on from there"), "{}", output.shown());
        site.import(flags).ends().succeeds().never_says("error");
        site.is_whole(false, path);
        assert_eq!(site.wrote("github", "PUT", "/contents/.gitlab-ci.yml"), 1, "{path}");
    }
}

#[test]
fn while_the_project_is_made() {
    in_the_middle("POST", "/projects");
}

#[test]
fn while_the_token_is_made() {
    in_the_middle("POST", "/projects/104/access_tokens");
}

#[test]
fn while_the_file_is_put() {
    in_the_middle("PUT", "/repos/agility-game/home-assistant-community-store/contents/.gitlab-ci.yml");
}

#[test]
fn while_the_mirror_is_set() {
    in_the_middle("PUT", "/projects/104/mirror/pull");
}

#[test]
fn while_the_webhook_is_made() {
    in_the_middle("POST", "/repos/agility-game/home-assistant-community-store/hooks");
}

#[test]
fn while_gitlab_imports() {
    if !has_git() {
        return;
    }
    let site = Site::built(Sandbox::builder().import_polls(4));
    let flags = ["--mode", "full"];
    let output = interrupted(&site, &flags, "GET", "/projects/104/import");
    assert!(output.stderr().contains("what GitLab has begun goes on"), "{}", output.shown());
    site.import(flags).ends().succeeds().never_says("error");
    site.is_whole(false, "taken up again");
    assert_eq!(site.wrote("gitlab", "POST", "/import/github"), 1);
}

/// What shows that something goes on is one row, or not all of it would be taken away again.
#[test]
fn on_a_terminal_while_gitlab_imports() {
    let site = Site::built(Sandbox::builder().import_polls(200));
    // Not with `--no-input`, where nobody looks on.
    let import =
        site.home.connect(["import", REPOSITORY, "--to", PROJECT, "--yes", "--store", "plain", "--mode", "full"]);
    let mut terminal = import.env("TERM", "xterm").at_terminal();
    let _ = terminal.sees("watching (Ctrl-C only stops that): GitLab's import").control('c');
    let ended = terminal.ends();
    assert_eq!(ended.code, 130, "{}", ended.screen);
    assert!(ended.screen.contains("what GitLab has begun goes on"), "{}", ended.screen);
    let escapes = regex::Regex::new("\u{1b}\\[[0-9;?]*[A-Za-z]").unwrap();
    let plain = escapes.replace_all(&ended.screen, "\r").into_owned();
    for part in plain.split(['\r', '\n']).filter(|part| part.contains("watching")) {
        assert!(part.trim_end_matches("^C").trim_end().chars().count() <= 80, "{part:?}");
    }
}

#[test]
fn while_it_is_taken_back() {
    if !has_git() {
        return;
    }
    let site = Site::owned();
    site.import([]).ends().succeeds().never_says("error");
    let slow = Fault::gitlab().method("PUT").path("/projects/104/mirror/pull").once();
    site.world.clear_requests();
    site.world.fault(slow.delay_after_work(Duration::from_millis(800)));
    let running = site.undo().begins();
    site.has_come("PUT", "/mirror/pull");
    assert!(Command::new("kill").args(["-INT", &running.id().to_string()]).status().unwrap().success());
    running.ends().exits(130).never_says("panicked");
    site.undo().ends().succeeds().never_says("error");
    site.is_bare("interrupted");
}
