//! A whole import, from the first look to the first push that arrives by itself.

use std::time::Duration;

use serde_json::json;

use super::git::Clone;
use super::*;
use crate::support::forges::{at_github, at_gitlab};

#[test]
fn what_now_exists_and_the_steps_on_the_way() {
    if git_is_missing() {
        return;
    }
    let (home, _world) = scene();
    let output = usual(&home).with(["--ci-template", "minimal"]).ends().succeeds();
    insta::assert_snapshot!(scrubbed(&output.stdout(), ""), @"
    repository	agility-game/home-assistant-community-store	http://127.0.0.1:PORT/agility-game/home-assistant-community-store
    project	agility-game/home-assistant/home-assistant-community-store	http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store
    mirror	pulls from GitHub	http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store/-/settings/repository
    integration	reports pipelines to GitHub	http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store/-/settings/integrations/github/edit
    webhook	tells GitLab of push, pull_request	http://127.0.0.1:PORT/agility-game/home-assistant-community-store/settings/hooks/550000000
    token	kept as `mirror-home-assistant-community-store-104@127.0.0.1:PORT`	http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store/-/settings/access_tokens
    ci_file	on `main`	http://127.0.0.1:PORT/agility-game/home-assistant-community-store/blob/main/.gitlab-ci.yml
    pipeline	success	http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store/-/pipelines/1002
    ");
    // Side by side, in whatever order the forges answer.
    let mut steps: Vec<String> = scrubbed(&output.stderr(), "").lines().map(str::to_owned).collect();
    steps.sort();
    insta::assert_snapshot!(steps.join("\n"), @"
    ✓ .gitlab-ci.yml: on `main`
    ✓ GitHub integration: on
    ✓ project token: kept as `mirror-home-assistant-community-store-104@127.0.0.1:PORT`
    ✓ project: http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store
    ✓ pull mirror: on
    ✓ webhook: on
    ");
}

#[test]
fn at_a_terminal_with_what_was_seen_to_work() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let _ = usual(&home).with(["--ci-template", "minimal"]).ends().succeeds();
    world.settle();
    let ended = usual(&home).env("NO_COLOR", "1").at_terminal().ends();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    insta::assert_snapshot!(scrubbed(&ended.screen, ""), @"

    repository          agility-game/home-assistant-community-store
      http://127.0.0.1:PORT/agility-game/home-assistant-community-store
    project             agility-game/home-assistant/home-assistant-community-store
      http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store
    pull mirror         pulls from GitHub
      http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store/-/settings/repository
    GitHub integration  reports pipelines to GitHub
      http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store/-/settings/integrations/github/edit
    webhook             tells GitLab of push, pull_request
      http://127.0.0.1:PORT/agility-game/home-assistant-community-store/settings/hooks/550000000
    project token       kept as
                        `mirror-home-assistant-community-store-104@127.0.0.1:PORT`
      http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store/-/settings/access_tokens
    .gitlab-ci.yml      on `main`
      http://127.0.0.1:PORT/agility-game/home-assistant-community-store/blob/main/.gitlab-ci.yml
    pipeline            success
      http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store/-/pipelines/1002

    ✓ mirror            the last update succeeded
    ✓ commit            `main` is 96017e7be0 on both sides
    ✓ pipeline          1002 has the status `success`
    ✓ webhook           GitLab answered 200
    ✓ integration       statuses are reported to GitHub
    ");
}

/// The token that GitHub's page makes from connect's link: nothing more than the import needs.
#[test]
fn a_fine_grained_token_does() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene_with(Sandbox::builder(), "fine-grained-import", "api");
    let output = usual(&home).with(["--ci-template", "minimal"]).json().succeeds();
    assert_eq!(output.warnings(), Vec::<String>::new());
    assert_eq!(project(&world, PROJECT)["branches"], repository(&world, STORE)["branches"]);
    assert_eq!(hooks(&world, STORE).len(), 1);
}

/// Every field of docs/json.md.
#[test]
fn the_document() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let output = usual(&home).with(["--ci-template", "minimal"]).json().succeeds();
    let document = output.document();
    let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "began_at",
            "commit",
            "finished_at",
            "github",
            "gitlab",
            "id",
            "made",
            "pipelines",
            "project_url",
            "proof",
            "repository_url",
            "setup",
            "steps",
            "version"
        ]
    );
    let kept = record(&home);
    for key in ["id", "version", "github", "gitlab", "setup", "made", "began_at", "finished_at"] {
        assert_eq!(document[key], kept[key], "{key} is as in the file");
    }
    let number = project(&world, PROJECT)["id"].clone();
    let (octocat, maintainer) = (at_github(&world, "octocat"), at_gitlab(&world, "maintainer"));
    let github = json!({ "connection": octocat, "url": world.github_url(), "path": STORE, "id": 142_000_001 });
    assert_eq!(document["github"], github);
    let gitlab = json!({ "connection": maintainer, "url": world.gitlab_url(), "path": PROJECT, "id": number });
    assert_eq!(document["gitlab"], gitlab);
    assert_eq!(document["repository_url"], format!("{}/{STORE}", world.github_url()));
    assert_eq!(document["project_url"], format!("{}/{PROJECT}", world.gitlab_url()));
    let head = repository(&world, STORE)["branches"]["main"].clone();
    assert_eq!(document["commit"], json!({ "github": head, "gitlab": head }));
    let pipeline = &project(&world, PROJECT)["pipelines"][0];
    let url = format!("{}/{PROJECT}/-/pipelines/{}", world.gitlab_url(), pipeline["id"]);
    let shown = json!({ "id": pipeline["id"], "status": "success", "source": "push", "url": url });
    assert_eq!(document["pipelines"], json!([shown]));
    let words = |list: &Value, first: &str, second: &str| -> Vec<String> {
        let entries = list.as_array().unwrap().iter();
        entries.map(|it| format!("{} {}", it[first].as_str().unwrap(), it[second])).collect()
    };
    assert_eq!(
        words(&document["proof"], "what", "works"),
        ["mirror true", "commit true", "pipeline true", "webhook true", "integration true"]
    );
    assert_eq!(
        words(&document["steps"], "step", "state"),
        ["project", "features", "mirror", "integration", "token", "webhook", "ci_file"]
            .map(|step| format!("{step} \"make\""))
    );
    let setup = serde_json::to_string_pretty(&document["setup"]).unwrap();
    insta::assert_snapshot!(scrubbed(&setup, ""), @r#"
    {
      "branches": "all",
      "ci_file": {
        "branch": null,
        "digest": "sha256:…",
        "overwrite": false,
        "pull_request": false
      },
      "collaborators": false,
      "hook_connection": null,
      "integration": true,
      "keep_features": false,
      "mode": "git",
      "project_name": null,
      "status_connection": null,
      "sync": "mirror",
      "visibility": null,
      "webhook": true
    }
    "#);
    let made: Vec<&String> = document["made"].as_object().unwrap().keys().collect();
    assert_eq!(made, ["ci_file", "hook", "hook_token", "integration", "mirror", "project", "token"]);
}

#[test]
fn what_both_forges_then_have() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let _ = usual(&home).with(["--ci-template", "minimal"]).ends().succeeds();
    world.settle();
    let (on_github, on_gitlab) = (repository(&world, STORE), project(&world, PROJECT));
    let number = on_gitlab["id"].as_u64().unwrap();

    assert_eq!(on_gitlab["branches"], on_github["branches"], "the same commits on both sides");
    assert_eq!(on_gitlab["visibility"], "private", "as its group is");
    let off = ["issues", "merge_requests", "wiki", "snippets"].map(|it| on_gitlab["features"][it].clone());
    assert_eq!(off, ["disabled"; 4].map(Value::from));
    assert_eq!(on_gitlab["features"]["builds"], "enabled");

    let mirror = &on_gitlab["mirror"];
    assert_eq!(mirror["url"], format!("{}/{STORE}.git", world.github_url()));
    for yes in ["enabled", "trigger_builds", "overwrites_diverged", "has_password"] {
        assert_eq!(mirror[yes], true, "{yes}");
    }
    assert_eq!((&mirror["only_protected"], &mirror["branch_regex"]), (&json!(false), &Value::Null));

    let integration = &on_gitlab["integration"];
    assert_eq!(integration["repository_url"], format!("{}/{STORE}", world.github_url()));
    for yes in ["active", "static_context", "has_token", "pipeline_events"] {
        assert_eq!(integration[yes], true, "{yes}");
    }

    let tokens = project_tokens(&world, PROJECT);
    assert_eq!(tokens.len(), 1);
    assert_eq!(tokens[0]["scopes"], json!(["api"]));
    assert_eq!(on_gitlab["access_tokens"][0]["access_level"], 40, "maintainer: GitLab wants no less for a mirror");
    #[cfg(feature = "test-hooks")]
    assert_eq!(tokens[0]["expires_on"], "2027-11-01", "after 365 days");

    let hooks = hooks(&world, STORE);
    assert_eq!(hooks.len(), 1);
    let hook = &hooks[0];
    assert_eq!((&hook["active"], &hook["content_type"]), (&json!(true), &json!("json")));
    assert_eq!(hook["events"], json!(["push", "pull_request"]));
    assert_eq!((&hook["insecure_ssl"], &hook["has_secret"]), (&json!(false), &json!(false)));
    let token = tokens[0]["token"].as_str().unwrap();
    let url = format!("{}/projects/{number}/mirror/pull?private_token={token}", world.gitlab_api_url());
    assert_eq!(hook["url"], url);
    assert_eq!(hook["last_response"]["code"], 200, "its ping was answered");

    assert_eq!(on_gitlab["pipelines"].as_array().unwrap().len(), 1);
    assert_eq!(on_gitlab["pipelines"][0]["sha"], on_github["branches"]["main"]);
}

#[test]
fn what_connect_then_knows() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let _ = usual(&home).ends().succeeds();
    let import = record(&home);
    let number = project(&world, PROJECT)["id"].as_u64().unwrap();
    let hook = hooks(&world, STORE)[0]["id"].as_u64().unwrap();
    let (octocat, maintainer) = (at_github(&world, "octocat"), at_gitlab(&world, "maintainer"));
    let bot = at_gitlab(&world, &format!("mirror-home-assistant-community-store-{number}"));

    // Where copies of which token went, and who can write there.
    let place = |it: &Value| {
        assert_eq!(it["import"], import["id"]);
        (it["kind"].clone(), it["target"].clone(), it["id"].clone(), it["via"].clone())
    };
    let target = format!("{}/{PROJECT}", world.gitlab_url());
    let copies: Vec<_> = home.record(&octocat)["destinations"].as_array().unwrap().iter().map(place).collect();
    let of = |kind: &str| (json!(kind), json!(target), json!(number), json!(maintainer));
    assert_eq!(copies, [of("gitlab-mirror"), of("gitlab-integration")]);
    let made = home.record(&bot);
    let target = format!("{}/repos/{STORE}/hooks/{hook}", world.github_api_url());
    let copies: Vec<_> = made["destinations"].as_array().unwrap().iter().map(place).collect();
    assert_eq!(copies, [(json!("github-webhook"), json!(target), json!(142_000_001), json!(octocat))]);
    assert_eq!(home.record(&maintainer)["destinations"], json!([]), "it is nowhere but here");

    // The token that was made is a connection, and in nobody's way.
    assert_eq!((&made["token"]["kind"], &made["token"]["scopes"]), (&json!("project"), &json!(["api"])));
    assert_eq!(made["made_for"], format!("import of {STORE}"));
    let url = format!("{}/{PROJECT}", world.gitlab_url());
    let which = home.connect(["which", &url]).json().succeeds().document();
    assert_eq!(which["connection"], maintainer);
    let token = home.connect(["token", &url]).ends().succeeds();
    assert_eq!(token.stdout().trim(), world.gitlab_token("api"));
    let token = home.connect(["token", &bot]).ends().succeeds();
    assert_eq!(token.stdout().trim(), project_tokens(&world, PROJECT)[0]["token"]);

    let history = home.connect(["history", &bot]).json().succeeds();
    assert_eq!(history.document()["entries"][0]["event"], "connected", "{}", history.shown());
    assert!(home.journal().is_empty());
    let status = home.connect(["status"]).json().succeeds().document();
    assert_eq!(status["connections"].as_array().unwrap().len(), 3, "all three are well");
}

#[test]
fn the_same_again_changes_nothing() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let first = usual(&home).with(["--ci-template", "minimal"]).json().succeeds().document();
    world.settle();
    let (before, wrote, kept) = (world.state(), writes(&world), records(&home));
    let second = usual(&home).with(["--ci-template", "minimal"]).json().succeeds().document();
    assert_eq!(writes(&world), wrote, "not one request that writes");
    assert_eq!(records(&home), kept);
    assert_eq!(second["id"], first["id"]);
    assert!(second["steps"].as_array().unwrap().iter().all(|step| step["state"] == "stands"), "{}", second["steps"]);
    assert!(second["proof"].as_array().unwrap().iter().all(|proven| proven["works"] == true), "{}", second["proof"]);
    let places = |state: &Value| {
        let mut places = [state["github"]["repositories"].clone(), state["gitlab"]["projects"].clone()];
        places.iter_mut().flat_map(|list| list.as_array_mut().unwrap()).for_each(|place| place["mirror"] = Value::Null);
        places
    };
    assert_eq!(places(&world.state()), places(&before));

    // There is nothing to agree to, so nobody needs to be there.
    let plan = import(&home, STORE, GROUP).with(["--plan", "--detailed-exitcode"]).ends().succeeds();
    assert!(plan.stdout().lines().all(|line| line.contains("\tstands\t")), "{}", plan.shown());
    let _ = import(&home, STORE, GROUP).with(["--no-input"]).ends().succeeds();
    assert_eq!(writes(&world), wrote);
}

#[test]
fn a_push_arrives_by_itself_and_its_pipeline_is_reported() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let _ = usual(&home).with(["--ci-template", "minimal"]).ends().succeeds();
    world.settle();
    world.advance(Duration::from_secs(5 * 60));
    let clone = Clone::of(&home, &world, STORE);
    let commit = clone.commit("courses/new.md", "# New\n");
    let _ = clone.git(&["push", "-q", "origin", "HEAD:main", "HEAD:refs/heads/feature/new", ":seesaw"]);
    world.settle();
    let on_gitlab = project(&world, PROJECT);
    assert_eq!(on_gitlab["branches"]["main"], commit);
    assert_eq!(on_gitlab["branches"]["feature/new"], commit);
    let pipelines = on_gitlab["pipelines"].as_array().unwrap();
    assert!(pipelines.iter().any(|pipeline| pipeline["sha"] == commit), "{pipelines:?}");
    let statuses = repository(&world, STORE)["statuses"].clone();
    let of_commit: Vec<&Value> = statuses.as_array().unwrap().iter().filter(|it| it["sha"] == commit).collect();
    assert!(!of_commit.is_empty(), "{statuses}");
    assert!(of_commit.iter().all(|it| it["context"] == "ci/gitlab/127.0.0.1"), "{of_commit:?}");
    assert!(of_commit.iter().any(|it| it["state"] == "success"), "{of_commit:?}");
}
