//! What people are told of a place: in the words with which they name it, and with a next step that works.

use serde_json::json;

use super::*;
use crate::import::by_hand;

#[test]
fn a_new_variable_says_which_jobs_get_it() {
    let scene = Scene::new();
    let to = format!("gitlab-variable:{DASHBOARD}:GITHUB_TOKEN@production");
    insta::assert_snapshot!(scene.add(&to).ends().shown(), @"
    exit 0
    --- stdout
    ✓ Put the token of `octocat@127.0.0.1:PORT` there
      place  gitlab-variable GITHUB_TOKEN of http://127.0.0.1:PORT/agility-game/home-assistant/dashboard (environment production)
      via    `maintainer@127.0.0.1:PORT`
      seen   it is there
      new    masked, and protected: no job gets it but those of protected branches
             and tags; to change that: http://127.0.0.1:PORT/agility-game/home-assistant/dashboard/-/settings/ci_cd
    ");
    let again = scene.add(&to).ends().succeeds();
    assert!(!again.stdout().contains("protected"), "it was there: {}", again.shown());
    let document = scene.add(&format!("gitlab-variable:{DASHBOARD}:OTHER")).json().document();
    assert_eq!(document["made"]["for"], "protected", "{document:#}");
    assert!(scene.add(&to).json().document()["made"].is_null());
}

#[test]
fn what_the_list_shows_names_the_place_again() {
    let scene = Scene::new();
    let path = scene.home.file("app-token", "");
    let _ = scene.home.connect(["webhook", "settings", &scene.lab(), "--new-secret"]).ends();
    let hooks = format!("/projects/{}/hooks", DASHBOARD.replace('/', "%2F"));
    let body = json!({ "url": "https://ci.example.com/", "push_events": true });
    let (status, hook) = by_hand::gitlab(&scene.world, "api", "POST", &hooks, &body);
    assert_eq!(status, 201, "{hook:#}");
    for to in [
        format!("gitlab-variable:{}/{DASHBOARD}:A_TOKEN@review/*", scene.world.gitlab_url()),
        format!("github-secret:{STORE}:A_TOKEN"),
        format!("gitlab-webhook:{DASHBOARD}#{}", hook["id"]),
        format!("file:{path}"),
        "command:sh -c 'cat > /dev/null'".to_owned(),
    ] {
        let add = scene.destination(["add", &scene.lab(), "--to", &to, "--no-push"]).ends().succeeds();
        assert!(add.stdout().contains("destination push"), "{}", add.shown());
    }
    let named: Vec<String> =
        scene.places_of(&scene.lab()).iter().map(|place| place["to"].as_str().unwrap().to_owned()).collect();
    assert_eq!(named[0], format!("gitlab-variable:{DASHBOARD}:A_TOKEN@review/*"));
    assert_eq!(named[2], format!("gitlab-webhook:{DASHBOARD}#{}", hook["id"]));
    for to in named {
        let gone = scene.destination(["remove", &scene.lab(), "--to", &to]).ends().succeeds();
        assert!(gone.stdout().contains("no copy was ever put there"), "{}", gone.shown());
    }
    assert!(scene.places_of(&scene.lab()).is_empty());
}

#[cfg(feature = "test-hooks")]
#[test]
fn at_a_terminal_places_are_as_they_are_typed() {
    let scene = Scene::new();
    let made = ["webhook", "add", "--repo", STORE, "--url", "https://hooks.example.com/in"];
    let _ = scene.home.connect(made).ends().succeeds();
    let ended = scene.destination(["list"]).env("NO_COLOR", "1").at_terminal().ends();
    assert!(ended.screen.contains("  agility") && ended.screen.contains("#550000000  current"), "{}", ended.screen);
    assert!(!ended.screen.contains("api/v3") && ended.screen.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn what_a_forge_refuses_says_where_and_with_whose_token() {
    let scene = Scene::new();
    let group = scene.add("gitlab-variable:group=agility-game/home-assistant:TOKEN").ends().exits(5);
    insta::assert_snapshot!(group.shown(), @"
    exit 5
    --- stderr
    error: TOKEN of http://127.0.0.1:PORT/groups/agility-game/home-assistant: the request was refused (403 Forbidden)
      → who may write there: an owner of the group, with the scope `api`
      → `maintainer@127.0.0.1:PORT` was used; `connect destination add` with `--via NAME` names another
    ");
    let to = format!("github-secret:{STORE}@production:TOKEN");
    let environment = scene.destination(["add", &scene.lab(), "--to", &to]).ends().exits(3);
    assert!(environment.stderr().contains("makes no environment"), "{}", environment.shown());
    let elsewhere = scene.add("gitlab-variable:https://gitlab.example.com/a/b:TOKEN").json();
    let error = elsewhere.fails(9, "which_via");
    assert_eq!(error["connection"], scene.hub());
    assert!(error["hint"].as_str().unwrap().contains("connect gitlab --pat"), "no other host's is named: {error:#}");
    let unfit = scene.destination(["add", &scene.lab(), "--to", &format!("gitlab-integration:{DASHBOARD}")]).ends();
    assert!(unfit.stderr().contains("takes a GitHub token, not the GitLab token of"), "{}", unfit.shown());
}

#[test]
fn a_place_that_is_anothers_comes_with_the_command_that_frees_it() {
    let scene = Scene::new();
    let to = format!("file:{}", scene.home.file("a token", ""));
    let _ = scene.add(&to).ends().succeeds();
    let taken = scene.destination(["add", &scene.lab(), "--to", &to]).json().fails(9, "destination_taken");
    assert!(taken["message"].as_str().unwrap().contains(&scene.hub()), "{taken:#}");
    let hint = taken["hint"].as_str().unwrap();
    assert!(hint.contains(&format!("--to '{to}'")), "{hint}");
    let _ = scene.destination(["remove", &scene.hub(), "--to", &to]).ends().succeeds();
    let _ = scene.destination(["add", &scene.lab(), "--to", &to]).ends().succeeds();
}

#[test]
fn a_folder_that_is_not_there_is_seen_before_anything_is_recorded() {
    let scene = Scene::new();
    let path = scene.home.path().join("nowhere/token");
    let error = scene.add(&format!("file:{}", path.display())).json().fails(3, "no_such_place");
    assert!(error["message"].as_str().unwrap().contains("there is no folder"), "{error:#}");
    let folder = scene.add(&format!("file:{}", scene.home.path().display())).json().fails(3, "no_such_place");
    assert!(folder["message"].as_str().unwrap().contains("no file"), "{folder:#}");
    assert!(scene.places().is_empty());
}

#[test]
fn a_command_that_there_is_not() {
    let scene = Scene::new();
    let output = scene.add("command:no-such-command-anywhere").ends().exits(1);
    assert!(output.stderr().contains("there is no such command"), "{}", output.shown());
    let undo = format!("`connect destination remove {} --to command:no-such-command-anywhere`", scene.hub());
    assert!(output.stderr().contains(&undo), "{}", output.shown());
    let place = scene.places().remove(0);
    assert_eq!(place["trouble"], "there is no such command", "the place is named beside it");
    let kept = scene.destination(["remove", &scene.hub(), "--delete", "--to", "command:no-such-command-anywhere"]);
    let error = kept.json().fails(2, "not_deletable");
    assert!(error["hint"].as_str().unwrap().contains("without `--delete`"), "{error:#}");
    assert_eq!(scene.places().len(), 1);
    let gone = scene.destination(["remove", &scene.hub(), "--to", "command:no-such-command-anywhere"]).ends();
    assert!(gone.stdout().contains("not known"), "{}", gone.shown());
}

#[cfg(feature = "test-hooks")]
#[test]
fn what_a_command_says_stands_on_lines_of_its_own() {
    let scene = Scene::new();
    let to = "command:sh -c 'cat >/dev/null; echo said; echo and more >&2; exit 3'";
    let _ = scene.add(to).with(["--no-push"]).ends().succeeds();
    let ended = scene.destination(["push", "--stale"]).env("NO_COLOR", "1").at_terminal().ends();
    let lines: Vec<&str> = ended.screen.lines().map(str::trim_end).collect();
    assert!(lines.contains(&"said") && lines.contains(&"and more"), "{}", ended.screen);
    assert_eq!(ended.screen.matches("sh -c 'cat").count(), 1, "the place is named once: {}", ended.screen);
}
