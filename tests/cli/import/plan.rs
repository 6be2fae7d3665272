//! The plan: shown, agreed to or not, and never more than looked at.

use super::*;

fn planned(home: &Home) -> Call {
    import(home, STORE, GROUP).with(["--plan"])
}

#[test]
fn as_lines_with_what_one_should_know_beside_them() {
    let (home, world) = scene();
    let output = planned(&home).with(["--ci-template", "minimal"]).ends().succeeds();
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stdout
    project	make	agility-game/home-assistant/home-assistant-community-store, private, empty; the mirror fills it
    features	make	issues, merge requests, wiki and snippets off: CI/CD only
    mirror	make	pulls the repository every 30 minutes, all branches, with pipelines
    integration	make	pipelines report to GitHub as `ci/gitlab/127.0.0.1`
    token	make	a project access token (role Maintainer, `api`, 365 days), kept as a connection
    webhook	make	GitHub tells GitLab of pushes and pull requests; its URL carries the project token
    ci_file	make	.gitlab-ci.yml on `main`, once GitLab finds it valid
    --- stderr
    127.0.0.1:PORT will hold a copy of the GitHub token of `octocat@127.0.0.1:PORT`
    the webhook's URL carries a GitLab token; administrators of agility-game/home-assistant-community-store can read it there
    GitLab documents CI/CD for external repositories for github.com only
    branches on GitLab that differ from GitHub's are overwritten
    ");
    assert_eq!(writes(&world), Vec::<String>::new(), "only looked at");
    assert!(world.requests().iter().all(|seen| seen.method == "GET"));
    assert_eq!(records(&home), Vec::<Value>::new());
    assert!(home.journal().is_empty());

    let quiet = planned(&home).with(["--quiet"]).ends().succeeds();
    assert_eq!(quiet.stderr(), "");
    assert!(quiet.stdout().starts_with("project\tmake\t"));
}

#[test]
fn at_a_terminal_of_80_columns() {
    let (home, _world) = scene();
    let ended = planned(&home).with(["--ci-template", "minimal", "--pull-request"]).env("NO_COLOR", "1").at_terminal();
    let ended = ended.ends();
    assert_eq!(ended.code, 0);
    insta::assert_snapshot!(scrubbed(&ended.screen, ""), @"
    http://127.0.0.1:PORT/agility-game/home-assistant-community-store
      → http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store

      + project             private, empty; the mirror fills it
      + features            issues, merge requests, wiki and snippets off: CI/CD
                            only
      + pull mirror         pulls the repository every 30 minutes, all branches,
                            with pipelines
      + GitHub integration  pipelines report to GitHub as `ci/gitlab/127.0.0.1`
      + project token       a project access token (role Maintainer, `api`, 365
                            days), kept as a connection
      + webhook             GitHub tells GitLab of pushes and pull requests; its URL
                            carries the project token
      + .gitlab-ci.yml      by a pull request from `add-gitlab-ci`, once GitLab
                            finds it valid

      ! 127.0.0.1:PORT will hold a copy of the GitHub token of
        `octocat@127.0.0.1:PORT`
      ! the webhook's URL carries a GitLab token; administrators of
        agility-game/home-assistant-community-store can read it there
      ! GitLab documents CI/CD for external repositories for github.com only
      ! branches on GitLab that differ from GitHub's are overwritten

    7 to make.
    ");
}

#[test]
fn as_a_document() {
    let (home, world) = scene();
    let output = planned(&home).json().succeeds();
    assert_eq!(output.stderr(), "");
    let document = output.document();
    let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
    let all = ["cautions", "changes", "needs", "project", "project_url", "repository", "repository_url", "steps"];
    assert_eq!(keys, all);
    assert_eq!((&document["repository"], &document["project"]), (&STORE.into(), &PROJECT.into()));
    assert_eq!(document["project_url"], format!("{}/{PROJECT}", world.gitlab_url()));
    assert_eq!(document["changes"], true);
    let needs = document["needs"].as_array().unwrap().iter();
    let needs: Vec<(&str, &str)> =
        needs.map(|it| (it["name"].as_str().unwrap(), it["verdict"].as_str().unwrap())).collect();
    let granted = ["repo", "admin:repo_hook", "admin", "api", "maintainer", "project_creation_level"];
    assert_eq!(needs, granted.map(|need| (need, "granted")));
    let steps: Vec<&Value> = document["steps"].as_array().unwrap().iter().map(|step| &step["step"]).collect();
    assert_eq!(steps, ["project", "features", "mirror", "integration", "token", "webhook"]);
    assert_eq!(document["cautions"].as_array().unwrap().len(), 4);
}

/// With a fine-grained token the permissions are named, each as it was found.
#[test]
fn what_a_fine_grained_token_needs_is_in_it() {
    let (home, _world) = scene_with(Sandbox::builder(), "fine-grained-import", "api");
    let document = planned(&home).with(["--ci-template", "minimal"]).json().succeeds().document();
    let needs = document["needs"].as_array().unwrap().iter();
    let needs: Vec<String> = needs
        .map(|it| {
            let level = it["level"].as_str().unwrap_or("-");
            format!("{} {level} {}", it["name"].as_str().unwrap(), it["verdict"].as_str().unwrap())
        })
        .collect();
    insta::assert_snapshot!(needs.join("\n"), @"
    contents write unknown
    repository_hooks write granted
    statuses write granted
    metadata read granted
    admin - granted
    api - granted
    maintainer - granted
    project_creation_level - granted
    ");
}

#[test]
fn the_exit_code_tells_whether_something_would_change() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let _ = planned(&home).ends().succeeds();
    let _ = planned(&home).with(["--detailed-exitcode"]).ends().exits(9);
    let _ = usual(&home).ends().succeeds();
    world.settle();
    let _ = planned(&home).with(["--detailed-exitcode"]).ends().succeeds();
    let ended = planned(&home).env("NO_COLOR", "1").at_terminal().ends();
    assert!(ended.screen.ends_with("\nNothing to change.\n"), "{}", ended.screen);
    let more = planned(&home).with(["--detailed-exitcode", "--protected-only", "--ci-template", "minimal"]);
    let more = more.ends().exits(9);
    insta::assert_snapshot!(more.shown(), @"
    exit 9
    --- stdout
    project	stands	agility-game/home-assistant/home-assistant-community-store
    features	stands	issues, merge requests, wiki and snippets are off
    mirror	change	pulls the repository every 30 minutes, protected branches, with pipelines; it brings other branches now
    integration	stands	pipelines report to GitHub as `ci/gitlab/127.0.0.1`
    token	stands	kept as `mirror-home-assistant-community-store-104@127.0.0.1:PORT`
    webhook	stands	GitHub tells GitLab of pushes and pull requests
    ci_file	make	.gitlab-ci.yml on `main`, once GitLab finds it valid
    --- stderr
    127.0.0.1:PORT will hold a copy of the GitHub token of `octocat@127.0.0.1:PORT`
    protected branches on GitLab that differ from GitHub's are overwritten
    ");
}

#[test]
fn nobody_there_to_agree() {
    let (home, world) = scene();
    let output = import(&home, STORE, GROUP).with(["--no-input"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 9
    --- stderr
    error: there is something to change, and nobody to agree to it
      → `--plan` shows what would be done; `--yes` agrees to it
    ");
    // A pipe cannot be asked either.
    assert_eq!(import(&home, STORE, GROUP).ends().shown(), output.shown());
    let error = import(&home, STORE, GROUP).with(["--no-input"]).json().fails(9, "needs_a_yes");
    assert_eq!(error["connection"], Value::Null);
    assert_eq!(writes(&world), Vec::<String>::new());
    assert_eq!(project(&world, PROJECT), Value::Null);
    assert_eq!(records(&home), Vec::<Value>::new());
}

#[test]
fn agreed_to_at_a_terminal_or_not() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    for answer in ["n", "", "perhaps"] {
        let mut terminal = import(&home, STORE, GROUP).env("NO_COLOR", "1").at_terminal();
        terminal.sees("6 to make.").sees("Set this up? [y/N]").types(answer);
        let ended = terminal.ends();
        assert_eq!(ended.code, 9, "{}", ended.screen);
        assert!(ended.screen.ends_with("error: nothing was changed\n"), "{}", ended.screen);
    }
    assert_eq!(writes(&world), Vec::<String>::new());
    assert_eq!(records(&home), Vec::<Value>::new());
    let mut terminal = import(&home, STORE, GROUP).with(["--quiet"]).env("NO_COLOR", "1").at_terminal();
    terminal.sees("will hold a copy of the GitHub token").sees("Set this up? [y/N]").types("y");
    let ended = terminal.ends();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    assert_eq!(hooks(&world, STORE).len(), 1);
}

#[test]
fn ctrl_c_at_the_question_changes_nothing() {
    let (home, world) = scene();
    let mut terminal = import(&home, STORE, GROUP).at_terminal();
    terminal.sees("Set this up? [y/N]").control('c');
    let ended = terminal.ends();
    assert_eq!((ended.code, ended.echoes), (130, true), "{}", ended.screen);
    assert_eq!(writes(&world), Vec::<String>::new());
    assert_eq!(records(&home), Vec::<Value>::new());
    assert!(home.journal().is_empty());
}

/// Said before anything is agreed to, in plain words: what is planted where, and who can read it.
#[test]
fn what_one_should_know() {
    let (home, world) = scene();
    let cautions = |flags: &[&str]| {
        let document = planned(&home).with(flags).json().succeeds().document();
        let cautions = document["cautions"].as_array().unwrap().clone();
        let cautions: Vec<String> = cautions.iter().map(|it| it.as_str().unwrap().to_owned()).collect();
        scrubbed(&cautions.join("\n"), "")
    };
    insta::assert_snapshot!(cautions(&[]), @"
    127.0.0.1:PORT will hold a copy of the GitHub token of `octocat@127.0.0.1:PORT`
    the webhook's URL carries a GitLab token; administrators of agility-game/home-assistant-community-store can read it there
    GitLab documents CI/CD for external repositories for github.com only
    branches on GitLab that differ from GitHub's are overwritten
    ");
    let more = ["--mode", "full", "--import-collaborators", "--without-webhook", "--branch-regex", "^main$"];
    insta::assert_snapshot!(cautions(&more), @"
    127.0.0.1:PORT will hold a copy of the GitHub token of `octocat@127.0.0.1:PORT`
    GitLab documents CI/CD for external repositories for github.com only
    127.0.0.1:PORT is given the GitHub token of `octocat@127.0.0.1:PORT` to import with
    collaborators are made members of the project; they may take seats
    branches that match and differ from GitHub's are overwritten
    ");
    let name = crate::support::forges::at_gitlab(&world, "maintainer");
    insta::assert_snapshot!(cautions(&["--hook-token", &name, "--without-integration", "--protected-only"]), @"
    127.0.0.1:PORT will hold a copy of the GitHub token of `octocat@127.0.0.1:PORT`
    the webhook's URL carries a GitLab token; administrators of agility-game/home-assistant-community-store can read it there
    it is the token of `maintainer@127.0.0.1:PORT`, which may do everything that its owner may
    GitLab documents CI/CD for external repositories for github.com only
    protected branches on GitLab that differ from GitHub's are overwritten
    ");
    insta::assert_snapshot!(cautions(&["--sync", "actions", "--without-integration"]), @"
    who may write to the repository can make .github/workflows/mirror-to-gitlab.yml print or use the GitLab token
    GitLab documents CI/CD for external repositories for github.com only
    ");
    insta::assert_snapshot!(cautions(&["--without-mirror", "--without-integration"]), @"GitLab documents CI/CD for external repositories for github.com only");
}
