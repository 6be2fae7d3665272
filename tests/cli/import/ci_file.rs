//! The `.gitlab-ci.yml`: judged by GitLab, put into the repository on GitHub, and never over another.

use forge_sandbox::{GithubRepositorySeed, GithubSeed, Seed};
use serde_json::json;

use super::git::Clone;
use super::*;

const PATH: &str = ".gitlab-ci.yml";

/// The last line of the plan, and what is said beside it.
fn last_step(call: Call) -> String {
    let plan = call.with(["--plan"]).ends().succeeds();
    plan.stdout().lines().last().unwrap().to_owned()
}

/// The file on a branch at GitHub.
fn file_on(clone: &Clone, branch: &str) -> String {
    let _ = clone.git(&["fetch", "-q", "--prune"]);
    clone.git(&["show", &format!("origin/{branch}:{PATH}")])
}

#[test]
fn a_first_one_runs_at_once() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let document = usual(&home).with(["--ci-template", "minimal"]).json().succeeds().document();
    let clone = Clone::of(&home, &world, STORE);
    insta::assert_snapshot!(file_on(&clone, "main"), @r#"
    # The least that runs; https://docs.gitlab.com/ci/yaml/ says what else there is.
    stages:
      - test

    hello:
      stage: test
      script:
        - echo "GitLab CI/CD runs for $CI_PROJECT_PATH at $CI_COMMIT_SHORT_SHA"
    "#);
    assert_eq!(clone.git(&["log", "-1", "--format=%s", "origin/main"]), "Run GitLab CI/CD");
    // The first pull brought it: it was there before the mirror.
    assert_eq!(document["pipelines"].as_array().unwrap().len(), 1);
    let pipeline = project(&world, PROJECT)["pipelines"][0].clone();
    assert_eq!(pipeline["jobs"][0]["name"], "hello");
}

#[test]
fn ones_own_as_it_is() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let own = "# ours — with an umlaut: ü\njob:\n  script: [make]\n";
    let path = home.file("ci.yml", own);
    let _ = usual(&home).with(["--ci-file", &path]).ends().succeeds();
    let clone = Clone::of(&home, &world, STORE);
    assert_eq!(format!("{}\n", file_on(&clone, "main")), own);
    assert_eq!(
        last_step(usual(&home).with(["--ci-file", &path])),
        "ci_file\tstands\t.gitlab-ci.yml is there, the same"
    );
}

#[test]
fn one_that_gitlab_finds_invalid_is_put_nowhere() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let bad = home.file("bad.yml", "job:\n  stage: nowhere\n  script: [make]\n");
    let output = usual(&home).with(["--ci-file", &bad]).ends();
    let error = scrubbed(&output.stderr(), "").split_once("error:").unwrap().1.to_owned();
    insta::assert_snapshot!(error, @"
    GitLab finds the `.gitlab-ci.yml` invalid: job job: chosen stage nowhere does not exist; available stages are .pre, build, test, deploy, .post
     → mend the file and run the same command again
     → it happened at this step: ci file
     → what stands in agility-game/home-assistant/home-assistant-community-store: project, features
     → what is missing: mirror, integration, token, webhook, ci file
     → the same command goes on from here; `connect import undo` takes it back
    ");
    assert_eq!(output.code, Some(1));
    let error = usual(&home).with(["--ci-file", &bad]).json().fails(1, "ci_invalid");
    assert_eq!(error["stands"], json!(["project", "features"]));
    assert_eq!(error["missing"], json!(["mirror", "integration", "token", "webhook", "ci_file"]));
    assert_eq!(project_tokens(&world, PROJECT).len(), 0, "no token is planted for it");
    let clone = Clone::of(&home, &world, STORE);
    assert_eq!(clone.git(&["ls-tree", "--name-only", "HEAD", PATH]), "");
    // Mended, the same goes on from there.
    let good = home.file("bad.yml", "job:\n  stage: test\n  script: [make]\n");
    let document = usual(&home).with(["--ci-file", &good]).json().succeeds().document();
    assert_eq!(document["pipelines"].as_array().unwrap().len(), 1);
    assert_eq!(project_tokens(&world, PROJECT).len(), 1);
}

#[test]
fn one_that_differs_is_left_alone_unless_it_is_to_be_replaced() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let clone = Clone::of(&home, &world, STORE);
    let _ = clone.commit(PATH, "theirs:\n  script: [make]\n");
    let _ = clone.git(&["push", "-q", "origin", "HEAD:main"]);
    let ours = || usual(&home).with(["--ci-template", "minimal"]);
    insta::assert_snapshot!(last_step(ours()), @"ci_file	leave	.gitlab-ci.yml is there and differs; it is left alone (`--overwrite` replaces it)");
    insta::assert_snapshot!(last_step(ours().with(["--overwrite"])), @"ci_file	change	.gitlab-ci.yml on `main`; the one that is there is replaced");
    let output = ours().json().succeeds();
    assert_eq!(output.warnings(), ["ci_file_left"], "{}", output.shown());
    let document = output.document();
    assert!(file_on(&clone, "main").starts_with("theirs:"));
    assert_eq!((&document["made"]["ci_file"], document["steps"].as_array().unwrap().len()), (&Value::Null, 7));
    assert_eq!(document["pipelines"].as_array().unwrap().len(), 1, "theirs runs");
    world.settle();

    // GitLab pulls at most every five minutes: what was put there just now comes later, and is no failure.
    let output = ours().with(["--overwrite"]).json().succeeds();
    assert_eq!(output.warnings(), ["not_seen_yet"], "{}", output.shown());
    assert!(file_on(&clone, "main").starts_with("# The least that runs"));
    assert_eq!(output.document()["made"]["ci_file"]["replaced"], true);
    world.settle();
    world.advance(std::time::Duration::from_secs(300));
    let output = ours().with(["--overwrite"]).json().succeeds();
    assert_eq!(output.warnings(), Vec::<String>::new(), "{}", output.shown());
}

/// Nobody goes away believing that it is there, also where connect had put the older one there.
#[test]
fn one_that_was_left_alone_is_told_of() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let _ = usual(&home).with(["--ci-template", "minimal"]).ends().succeeds();
    world.settle();
    let other = home.file("other.yml", "other:\n  script: [make]\n");
    let output = usual(&home).with(["--ci-file", &other]).ends().succeeds();
    let row = output.stdout().lines().find(|line| line.starts_with("ci_file")).unwrap().to_owned();
    insta::assert_snapshot!(scrubbed(&format!("{row}\n{}", output.stderr()), ""), @"
    ci_file	on `main`, left alone: it is another	http://127.0.0.1:PORT/agility-game/home-assistant-community-store/blob/main/.gitlab-ci.yml
    warning: another .gitlab-ci.yml is on `main`, and was left alone; `--overwrite` replaces it
    ");
    let ended = usual(&home).with(["--ci-file", &other]).env("NO_COLOR", "1").at_terminal().ends();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    assert!(ended.screen.contains("warning: another .gitlab-ci.yml is on `main`"), "{}", ended.screen);
    assert!(ended.screen.contains("left alone: it is another"), "{}", ended.screen);
    let _ = usual(&home).with(["--ci-file", &other, "--overwrite", "--quiet"]).ends().succeeds();
    assert!(file_on(&Clone::of(&home, &world, STORE), "main").starts_with("other:"));
}

#[test]
fn on_a_branch_of_its_own() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let on_branch = || usual(&home).with(["--ci-template", "minimal", "--ci-branch", "ci/first"]);
    insta::assert_snapshot!(last_step(on_branch()), @"ci_file	make	.gitlab-ci.yml on `ci/first`, once GitLab finds it valid");
    let document = on_branch().json().succeeds().document();
    assert_eq!(document["made"]["ci_file"]["branch"], "ci/first");
    let clone = Clone::of(&home, &world, STORE);
    assert!(file_on(&clone, "ci/first").starts_with("# The least that runs"));
    assert_eq!(clone.git(&["ls-tree", "--name-only", "origin/main", PATH]), "");
    assert_eq!(project(&world, PROJECT)["branches"], repository(&world, STORE)["branches"], "it is mirrored, too");
    world.settle();
    let wrote = writes(&world);
    let _ = on_branch().ends().succeeds();
    assert_eq!(writes(&world), wrote);
}

/// A branch that is made for it begins with what the default branch has: another file there is seen beforehand.
#[test]
fn on_a_new_branch_beside_another_file() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let clone = Clone::of(&home, &world, STORE);
    let _ = clone.commit(PATH, "theirs:\n  script: [make]\n");
    let _ = clone.git(&["push", "-q", "origin", "HEAD:main"]);
    let on_branch = || usual(&home).with(["--ci-template", "minimal", "--ci-branch", "ci"]);
    insta::assert_snapshot!(last_step(on_branch()), @"ci_file	leave	.gitlab-ci.yml is there and differs; it is left alone (`--overwrite` replaces it)");
    let _ = on_branch().with(["--overwrite"]).ends().succeeds();
    assert!(file_on(&clone, "ci").starts_with("# The least that runs"));
    assert!(file_on(&clone, "main").starts_with("theirs:"));
}

#[test]
fn by_a_pull_request_and_only_one() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let proposed = || usual(&home).with(["--ci-template", "minimal", "--pull-request"]);
    insta::assert_snapshot!(last_step(proposed()), @"ci_file	make	.gitlab-ci.yml by a pull request from `add-gitlab-ci`, once GitLab finds it valid");
    let output = proposed().ends().succeeds();
    let row = output.stdout().lines().find(|line| line.starts_with("ci_file")).unwrap().to_owned();
    insta::assert_snapshot!(scrubbed(&row, ""), @"ci_file	on `add-gitlab-ci`	http://127.0.0.1:PORT/agility-game/home-assistant-community-store/pull/1");
    let pulls = repository(&world, STORE)["pulls"].clone();
    assert_eq!(pulls.as_array().unwrap().len(), 1);
    assert_eq!((&pulls[0]["head"], &pulls[0]["base"]), (&json!("add-gitlab-ci"), &json!("main")));
    let clone = Clone::of(&home, &world, STORE);
    assert_eq!(clone.git(&["ls-tree", "--name-only", "origin/main", PATH]), "", "it is proposed, no more");
    world.settle();
    let wrote = writes(&world);
    let again = proposed().ends().succeeds();
    assert!(again.stdout().contains("/pull/1"), "{}", again.shown());
    assert_eq!(writes(&world), wrote, "no second one");

    // Merged, and the branch deleted: it is where it was to be.
    let _ = clone.git(&["push", "-q", "origin", "origin/add-gitlab-ci:main", ":add-gitlab-ci"]);
    assert_eq!(last_step(proposed()), "ci_file\tstands\t.gitlab-ci.yml is there, the same");
}

/// Another file of connect's for a pull request that is open: the same branch, the same pull request.
#[test]
fn a_pull_request_that_is_open_is_gone_on_with() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let _ = usual(&home).with(["--ci-template", "minimal", "--pull-request"]).ends().succeeds();
    world.settle();
    let other = home.file("other.yml", "other:\n  script: [make]\n");
    let proposed = || usual(&home).with(["--ci-file", &other, "--pull-request"]);
    assert!(last_step(proposed()).contains("differs; it is left alone"));
    let document = proposed().with(["--overwrite"]).json().succeeds().document();
    assert_eq!(document["made"]["ci_file"]["pull"], 1);
    assert_eq!(repository(&world, STORE)["pulls"].as_array().unwrap().len(), 1);
    let clone = Clone::of(&home, &world, STORE);
    assert!(file_on(&clone, "add-gitlab-ci").starts_with("other:"));
}

#[test]
fn files_that_are_none() {
    let (home, world) = scene();
    std::fs::write(home.path().join("latin.yml"), b"job: \xe9\n").unwrap();
    let at = |name: &str| home.path().join(name).display().to_string();
    let refused = |path: &str| usual(&home).with(["--ci-file", path]).ends().shown();
    insta::assert_snapshot!(refused(&home.file("empty.yml", " \n")), @"
    exit 1
    --- stderr
    error: HOME/empty.yml is empty
      → GitLab wants at least one job
    ");
    insta::assert_snapshot!(refused(&at("missing.yml")), @"
    exit 1
    --- stderr
    error: there is no file HOME/missing.yml
      → `--ci-template minimal` puts a first one there
    ");
    insta::assert_snapshot!(refused(&at("latin.yml")), @"
    exit 1
    --- stderr
    error: HOME/latin.yml is not UTF-8
      → GitLab reads nothing else
    ");
    let _ = usual(&home).with(["--ci-file", &at("home")]).ends().exits(1);
    assert_eq!(world.requests(), Vec::new(), "nobody was asked");
}

fn with_an_empty_one() -> (Home, Sandbox) {
    let empty = GithubRepositorySeed { name: "void".into(), empty: true, ..Default::default() };
    let github = GithubSeed { repositories: vec![empty], ..Default::default() };
    scene_of(Sandbox::builder().seed(Seed { github, ..Default::default() }))
}

/// In an empty repository the file is the first commit; there is nothing that it could be proposed to.
#[test]
fn into_an_empty_repository() {
    if git_is_missing() {
        return;
    }
    let (home, world) = with_an_empty_one();
    let first = || import(&home, "octocat/void", GROUP).with(["--yes", "--ci-template", "minimal", "--pull-request"]);
    insta::assert_snapshot!(last_step(first()), @"ci_file	make	.gitlab-ci.yml on `main`, once GitLab finds it valid; it is the first commit");
    let document = first().json().succeeds().document();
    assert_eq!(document["commit"]["github"], document["commit"]["gitlab"]);
    assert_eq!(document["pipelines"].as_array().unwrap().len(), 1);
    let there = repository(&world, "octocat/void");
    assert_eq!(there["branches"].as_object().unwrap().keys().collect::<Vec<_>>(), ["main"]);
    assert_eq!(there["pulls"], json!([]));
}

#[test]
fn an_empty_repository_alone() {
    if git_is_missing() {
        return;
    }
    let (home, world) = with_an_empty_one();
    let bare = || import(&home, "octocat/void", GROUP).with(["--yes"]);
    let document = bare().json().succeeds().document();
    assert_eq!(document["commit"], json!({ "github": null, "gitlab": null }));
    insta::assert_snapshot!(document["proof"][1]["says"].as_str().unwrap(), @"there is no commit yet on either side");
    world.settle();
    let wrote = writes(&world);
    let _ = bare().ends().succeeds();
    assert_eq!(writes(&world), wrote);
    // Its first commit arrives as any other.
    world.advance(std::time::Duration::from_secs(300));
    let output = bare().with(["--ci-template", "minimal"]).json().succeeds();
    assert_eq!(output.warnings(), Vec::<String>::new(), "{}", output.shown());
}
