//! What is not a place, not that place's, or nobody's to write to.

use super::*;

#[test]
fn what_is_no_place_is_told_with_its_form() {
    let scene = Scene::new();
    for (to, form) in [
        ("nowhere", "the kinds are gitlab-mirror, "),
        ("file:relative/path", "file:/absolute/path"),
        ("gitlab-variable:a/b", "gitlab-variable:GROUP/PROJECT:NAME"),
        ("gitlab-variable:instance:X@prod", "gitlab-variable:instance:NAME"),
        ("github-secret:o/r:not-a-name", "github-secret:OWNER/REPO:NAME"),
        ("github-secret:o/r:GITHUB_TOKEN", "begins with `GITHUB_`"),
        ("github-webhook:o/r#x", "github-webhook:OWNER/REPO#ID"),
        ("command:'open", "command:WORDS"),
        ("command:curl -H ghp_0123456789abcdef0123", "command:WORDS"),
    ] {
        let output = scene.add(to).ends().exits(2);
        assert!(output.stderr().contains(form), "{to}: {}", output.shown());
        output.never_says("0123456789abcdef");
    }
    assert!(scene.places().is_empty());
}

#[test]
fn a_place_takes_what_it_is_for() {
    let scene = Scene::new();
    let (hub, lab) = (scene.hub(), scene.lab());
    let integration = format!("gitlab-integration:{DASHBOARD}");
    let hook = format!("gitlab-webhook:{DASHBOARD}#1");
    for (name, to) in [(&lab, &integration), (&hub, &hook)] {
        let output = scene.destination(["add", name, "--to", to]).json();
        let _ = output.fails(2, "does_not_fit");
    }
    let output = scene.destination(["add", &lab, "--to", &hook]).json();
    assert_eq!(output.code, Some(3), "it has no webhook secret: {}", output.shown());
}

#[test]
fn who_may_write_there_is_asked_for_where_it_is_not_plain() {
    let scene = Scene::new();
    let second = scene.home.gitlab(&scene.world, "developer").ends().succeeds();
    second.never_says("error");
    let to = format!("gitlab-variable:{DASHBOARD}:GITHUB_TOKEN");
    let output = scene.add(&to).ends().exits(9);
    assert!(output.stderr().contains("--via NAME") && output.stderr().contains(&scene.lab()), "{}", output.shown());
    let developer = at_gitlab(&scene.world, "developer");
    let refused = scene.add(&to).with(["--via", &developer]).ends().exits(5);
    assert!(refused.stderr().contains("a maintainer of the project"), "{}", refused.shown());
    assert!(scene.places().is_empty(), "nothing is recorded");
    let _ = scene.add(&to).with(["--via", &scene.lab()]).ends().succeeds();
    let elsewhere = scene.add("gitlab-mirror:https://gitlab.example.com/a/b").with(["--via", &scene.lab()]).json();
    let _ = elsewhere.fails(2, "other_host");
}

#[test]
fn two_connections_do_not_write_to_one_place() {
    let scene = Scene::new();
    let path = scene.home.file("token", "");
    let to = format!("file:{path}");
    let _ = scene.add(&to).ends().succeeds();
    let output = scene.destination(["add", &scene.lab(), "--to", &to]).json();
    let _ = output.fails(9, "destination_taken");
}

#[test]
fn disconnecting_says_whose_copies_are_written_by_way_of_it() {
    let scene = Scene::new();
    let _ = scene.add(&format!("gitlab-variable:{DASHBOARD}:GITHUB_TOKEN")).ends().succeeds();
    let output = scene.home.connect(["disconnect", &scene.lab()]).ends().succeeds();
    assert!(output.stdout().contains(&scene.hub()), "{}", output.shown());
    scene.replace();
    let output = scene.destination(["push", "--stale"]).ends().exits(3);
    assert!(output.stderr().contains("--via") || output.stdout().contains("--via"), "{}", output.shown());
    assert_eq!(scene.state(), "stale");
}
