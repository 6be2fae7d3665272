//! Other ways than the usual one: the importer, older servers, other tokens, other branches.

use serde_json::json;

use super::*;
use crate::support::forges::{at_github, at_gitlab};

/// `step state` of a plan or a run.
fn states(document: &Value) -> Vec<String> {
    let steps = document["steps"].as_array().unwrap().iter();
    steps.map(|step| format!("{} {}", step["step"].as_str().unwrap(), step["state"].as_str().unwrap())).collect()
}

/// The body of the only request of this method and path.
fn sent(world: &Sandbox, method: &str, path: &str) -> Value {
    let all = world.requests().into_iter().filter(|seen| seen.method == method && seen.path == path);
    let mut all: Vec<_> = all.collect();
    assert_eq!(all.len(), 1, "{method} {path}");
    serde_json::from_slice(&all.remove(0).body).unwrap()
}

#[test]
fn with_issues_and_pull_requests() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene_of(Sandbox::builder().import_loses("pull_request", "it could not be read"));
    let plan = usual(&home).with(["--mode", "full", "--plan"]).ends().succeeds();
    insta::assert_snapshot!(plan.stdout().lines().take(2).collect::<Vec<_>>().join("\n"), @"
    project	make	agility-game/home-assistant/home-assistant-community-store, private, with issues, pull requests and the repository
    features	leave	issues, merge requests, wiki and snippets stay as they are
    ");
    let output = usual(&home).with(["--mode", "full"]).json().succeeds();
    assert_eq!(output.warnings(), ["partly_imported"], "{}", output.shown());
    assert!(output.stderr().contains("pull_request: it could not be read"), "{}", output.shown());
    let asked = sent(&world, "POST", "/api/v4/import/github");
    let repo = repository(&world, STORE)["id"].clone();
    assert_eq!((&asked["repo_id"], &asked["target_namespace"]), (&repo, &json!(GROUP)));
    let stages = &asked["optional_stages"];
    assert_eq!((&stages["collaborators_import"], &stages["attachments_import"]), (&json!(false), &json!(true)));
    let there = project(&world, PROJECT);
    assert_eq!(there["branches"], repository(&world, STORE)["branches"]);
    let features = ["issues", "merge_requests", "wiki"].map(|it| there["features"][it].clone());
    assert_eq!(features, ["enabled"; 3].map(Value::from), "what was brought over is seen");
    assert_eq!((&there["mirror"]["enabled"], &there["integration"]["active"]), (&json!(true), &json!(true)));
    assert_eq!(hooks(&world, STORE)[0]["last_response"]["code"], 200);
    world.settle();
    let wrote = writes(&world);
    let again = usual(&home).with(["--mode", "full"]).json().succeeds();
    assert!(states(&again.document()).iter().all(|state| !state.ends_with("make")), "{}", again.shown());
    assert_eq!((writes(&world), again.warnings()), (wrote, Vec::new()));
}

#[test]
fn collaborators_only_when_they_are_asked_for() {
    let (home, world) = scene_with(Sandbox::builder(), "fine-grained-import", "api");
    let output = usual(&home).with(["--mode", "full", "--import-collaborators", "--wait", "0s"]).json();
    // GitLab's own words about the token; in the plan they stood before.
    assert_eq!(output.warnings(), ["forge_warns"], "{}", output.shown());
    let error = output.fails(7, "still_under_way");
    assert_eq!(error["stands"], json!(["project"]));
    let asked = sent(&world, "POST", "/api/v4/import/github");
    assert_eq!(asked["optional_stages"]["collaborators_import"], true);
    let (home, _world) = scene_with(Sandbox::builder(), "fine-grained-import", "api");
    let plan = usual(&home).with(["--mode", "full", "--plan"]).ends().succeeds();
    let words = "GitLab's importer officially takes classic tokens only; this one is fine-grained";
    assert!(plan.stderr().contains(words), "{}", plan.shown());
}

/// The importer makes a project as visible as its group. Said before; and only an owner can change it then.
#[test]
fn the_importer_asks_nobody_who_is_to_see_the_project() {
    let open = |path: &str, role| {
        let visibility = forge_sandbox::Visibility::Public;
        let members = [("maintainer".to_owned(), role)].into();
        forge_sandbox::GitlabGroupSeed { path: path.into(), visibility, members, ..Default::default() }
    };
    let gitlab = forge_sandbox::GitlabSeed { groups: vec![open("ours", 50), open("theirs", 40)], ..Default::default() };
    let seed = forge_sandbox::Seed { gitlab, ..Default::default() };
    let (home, world) = scene_of(Sandbox::builder().seed(seed));
    let full = |to: &str| {
        import(&home, STORE, to).with(["--yes", "--mode", "full", "--visibility", "private", "--wait", "0s"])
    };
    let plan = full("ours").with(["--plan"]).ends().succeeds();
    let said = "GitLab's importer makes the project public; to make it private then, one has to be its owner";
    assert!(plan.stderr().contains(said), "{}", plan.shown());
    let _ = full("ours").ends().exits(7);
    let there = project(&world, "ours/home-assistant-community-store");
    assert_eq!((&there["visibility"], &there["import"]["kind"]), (&json!("private"), &json!("github")));

    let error = full("theirs").json().fails(5, "forbidden");
    assert_eq!(error["stands"], json!(["project"]), "{error}");
    let plan = full("theirs").with(["--plan"]).ends().succeeds();
    assert!(plan.stdout().starts_with("project\tchange\t"), "{}", plan.shown());
}

#[test]
fn the_host_of_an_enterprise_server_as_each_version_wants_it() {
    for (version, more) in
        [("16.4.5", ""), ("16.5.0", "/api/v3"), ("17.1.8", "/api/v3"), ("17.2.0", ""), ("19.1.1", "")]
    {
        let (home, world) = scene_of(Sandbox::builder().gitlab_version(version));
        let _ = usual(&home).with(["--mode", "full", "--wait", "0s"]).ends().exits(7);
        let asked = sent(&world, "POST", "/api/v4/import/github");
        assert_eq!(asked["github_hostname"], format!("{}{more}", world.github_url()), "{version}");
    }
    // For github.com none is sent.
    let home = Home::new();
    let world = built(Sandbox::builder());
    let _ = home.dotcom(&world, "classic").ends().succeeds();
    let _ = home.gitlab(&world, "api").ends().succeeds();
    let _ = usual(&home).with(["--mode", "full", "--wait", "0s"]).ends();
    assert_eq!(sent(&world, "POST", "/api/v4/import/github")["github_hostname"], Value::Null);
}

#[test]
fn an_import_that_fails_is_not_gone_on_with_unless_one_says_so() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene_of(Sandbox::builder().import_error("GitHub closed the door"));
    let full = || usual(&home).with(["--mode", "full"]);
    insta::assert_snapshot!(full().ends().shown(), @"
    exit 1
    --- stderr
    ✓ project: http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store
    error: the import into agility-game/home-assistant/home-assistant-community-store failed: GitHub closed the door
      → `connect import undo OWNER/REPO --delete-project` removes it; then import again
      → or go on by `--anew`, without `--mode full` and `--without-mirror`: a mirror fills it
      → what stands in agility-game/home-assistant/home-assistant-community-store: project
      → what is missing: mirror, integration, token, webhook
      → `connect import undo` takes it back
    ");
    let wrote = writes(&world);
    insta::assert_snapshot!(full().ends().shown(), @"
    exit 1
    --- stderr
    error: the import into agility-game/home-assistant/home-assistant-community-store failed: GitHub closed the door
      → `connect import undo OWNER/REPO --delete-project` removes it; then import again
      → or go on by `--anew`, without `--mode full` and `--without-mirror`: a mirror fills it
    ");
    assert_eq!(writes(&world), wrote);
    // The repository alone will do.
    let document = usual(&home).with(["--anew"]).json().succeeds().document();
    assert_eq!(document["commit"]["github"], document["commit"]["gitlab"]);
    assert_eq!(records(&home).len(), 1, "the same import");
}

#[test]
fn a_private_repository_whose_import_fails() {
    let (home, world) = scene_of(Sandbox::builder().import_error("GitHub closed the door"));
    let once = || import(&home, FIRMWARE, GROUP).with(["--yes", "--without-mirror"]);
    let error = once().json().fails(1, "import_failed");
    assert_eq!(error["stands"], json!(["project"]));
    let wrote = writes(&world);
    let _ = once().json().fails(1, "import_failed");
    assert_eq!(writes(&world), wrote);
}

#[test]
fn an_import_that_takes_its_time_is_taken_up_by_the_next_run() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    insta::assert_snapshot!(usual(&home).with(["--mode", "full", "--wait", "0s"]).ends().shown(), @"
    exit 7
    --- stderr
    ✓ project: http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store
    error: the import into agility-game/home-assistant/home-assistant-community-store is still under way
      → it goes on without being watched; `--wait` says how long to watch
      → what stands in agility-game/home-assistant/home-assistant-community-store: project
      → what is missing: mirror, integration, token, webhook
      → the same command goes on from here; `connect import undo` takes it back
    ");
    let plan = usual(&home).with(["--mode", "full", "--plan"]).ends().succeeds();
    insta::assert_snapshot!(plan.stdout().lines().next().unwrap(), @"project	change	agility-game/home-assistant/home-assistant-community-store; GitLab is still importing into it");
    let document = usual(&home).with(["--mode", "full"]).json().succeeds().document();
    assert_eq!(document["made"]["project"]["id"], document["gitlab"]["id"]);
    assert_eq!(writes(&world).iter().filter(|write| *write == "POST /import/github").count(), 1);
}

/// Who stops watching does not stop it.
#[test]
fn ctrl_c_while_gitlab_imports() {
    let (home, world) = scene_of(Sandbox::builder().import_polls(1_000_000));
    let mut terminal = usual(&home).with(["--mode", "full"]).env("TERM", "xterm").env("NO_COLOR", "1").at_terminal();
    terminal.sees("watching (Ctrl-C only stops that)").sees("GitLab's import").control('c');
    let ended = terminal.ends();
    assert_eq!((ended.code, ended.echoes), (130, true), "{}", ended.screen);
    insta::assert_snapshot!(ended.screen.rsplit_once("interrupted").unwrap().1, @"
    ; what GitLab has begun goes on
      → `connect import status` shows how it stands; the same command goes on from there
    ");
    assert_ne!(project(&world, PROJECT)["import"]["status"], "canceled");
    let plan = usual(&home).with(["--mode", "full", "--plan"]).ends().succeeds();
    assert!(plan.stdout().starts_with("project\tchange\t"), "{}", plan.shown());
    assert_eq!(records(&home).len(), 1);
}

/// Before 17.6 there is no call for the mirror; before 17.5 it does not tell how it is set up.
#[test]
fn older_servers() {
    if git_is_missing() {
        return;
    }
    for version in ["17.5.2", "17.4.1", "16.9.0"] {
        let (home, world) = scene_of(Sandbox::builder().gitlab_version(version));
        let protected = || usual(&home).with(["--protected-only"]);
        let output = protected().json().succeeds();
        assert_eq!(output.warnings(), Vec::<String>::new(), "{version}");
        let number = project(&world, PROJECT)["id"].clone();
        let body = sent(&world, "PUT", &format!("/api/v4/projects/{number}"));
        let source = world.github_url().replace("http://", "");
        let address = format!("http://octocat:{}@{source}/{STORE}.git", world.github_token("classic"));
        assert_eq!(body["import_url"], address, "{version}: in the body, for there is no other way");
        let mirror = project(&world, PROJECT)["mirror"].clone();
        assert_eq!((&mirror["enabled"], &mirror["only_protected"]), (&json!(true), &json!(true)), "{version}");
        assert_eq!((&mirror["trigger_builds"], &mirror["has_password"]), (&json!(true), &json!(true)), "{version}");
        world.settle();
        let wrote = writes(&world);
        let document = protected().json().succeeds().document();
        assert!(states(&document).iter().all(|state| state.ends_with("stands")), "{version}: {}", document["steps"]);
        assert_eq!(writes(&world), wrote, "{version}");
    }
}

/// A regular expression for branches, and the whole of what older servers take, are apart.
#[test]
fn which_branches_come() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let some = || usual(&home).with(["--branch-regex", "^see"]);
    let output = some().json().succeeds();
    assert_eq!(output.warnings(), ["not_seen_yet"], "{}", output.shown());
    insta::assert_snapshot!(output.document()["proof"][1]["says"].as_str().unwrap(), @"`main` is cb9b7e052d on GitHub and nothing on GitLab; it may not be among the branches that are mirrored");
    let there = project(&world, PROJECT)["branches"].clone();
    assert_eq!(there.as_object().unwrap().keys().collect::<Vec<_>>(), ["seesaw"]);
    world.settle();
    let wrote = writes(&world);
    let document = some().json().succeeds().document();
    assert_eq!(writes(&world), wrote, "it is not pulled for again and again");
    assert_eq!(states(&document)[2], "mirror stands");
    // Other branches: the mirror is set anew, and nothing else.
    let document = usual(&home).with(["--anew"]).json().succeeds().document();
    assert_eq!(
        states(&document).iter().filter(|state| !state.ends_with("stands")).collect::<Vec<_>>(),
        ["mirror change"]
    );
    assert_eq!(project(&world, PROJECT)["branches"], repository(&world, STORE)["branches"]);
    let mirror = project(&world, PROJECT)["mirror"].clone();
    assert_eq!((&mirror["branch_regex"], &mirror["only_protected"]), (&Value::Null, &json!(false)));
}

#[test]
fn a_regular_expression_that_gitlab_does_not_read() {
    // What cannot be one at all does not get as far.
    let (home, world) = scene();
    let output = usual(&home).with(["--branch-regex", "release-[9-0]"]).ends();
    assert_eq!(output.code, Some(1), "{}", output.shown());
    let error = usual(&home).with(["--branch-regex", "release-[9-0]"]).json();
    let error = error.error();
    assert!(error["message"].as_str().unwrap().contains("not valid RE2 syntax"), "{error}");
    assert_eq!(error["missing"], json!(["mirror", "webhook"]), "what was refused does not stand");
    assert_eq!(project(&world, PROJECT)["mirror"], Value::Null);
    assert_eq!(project_tokens(&world, PROJECT).len(), 1, "the second run made no other");
    assert_eq!(hooks(&world, STORE), Vec::<Value>::new());
}

#[test]
fn what_is_left_out_is_left_out() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let less = ["--without-webhook", "--without-integration", "--keep-features", "--project-name", "Our shop"];
    let output = usual(&home).with(less).ends().succeeds();
    insta::assert_snapshot!(scrubbed(&output.stdout(), ""), @"
    repository	agility-game/home-assistant-community-store	http://127.0.0.1:PORT/agility-game/home-assistant-community-store
    project	agility-game/home-assistant/Our-shop	http://127.0.0.1:PORT/agility-game/home-assistant/Our-shop
    mirror	pulls from GitHub	http://127.0.0.1:PORT/agility-game/home-assistant/Our-shop/-/settings/repository
    ");
    let there = project(&world, &format!("{GROUP}/Our-shop"));
    assert_eq!((&there["name"], &there["visibility"]), (&json!("Our shop"), &json!("private")));
    assert_eq!((&there["integration"], &there["features"]["issues"]), (&Value::Null, &json!("enabled")));
    assert_eq!((&there["access_tokens"], hooks(&world, STORE)), (&json!([]), Vec::new()));
    assert_eq!(there["branches"], repository(&world, STORE)["branches"]);
    // With all of it afterwards: what was left out is added.
    world.settle();
    let document = usual(&home).with(["--project-name", "Our shop", "--anew"]).json().succeeds().document();
    assert_eq!(
        states(&document),
        ["project stands", "features change", "mirror stands", "integration make", "token make", "webhook make"]
    );
}

/// A token that may do no more than report, instead of the repository's own.
#[test]
fn another_token_for_statuses() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let _ = home.github(&world, "fine-grained-import").with(["--name", "reporter"]).ends().succeeds();
    let hub = at_github(&world, "octocat");
    let run = || usual(&home).with(["--github", &hub, "--status-token", "reporter", "--without-webhook"]);
    let plan = run().with(["--plan"]).ends().succeeds();
    assert!(
        plan.stderr().contains("will hold a copy of the GitHub token of `reporter` for statuses"),
        "{}",
        plan.shown()
    );
    let _ = run().ends().succeeds();
    let number = project(&world, PROJECT)["id"].clone();
    let body = sent(&world, "PUT", &format!("/api/v4/projects/{number}/integrations/github"));
    assert_eq!(body["token"], world.github_token("fine-grained-import"));
    let body = sent(&world, "PUT", &format!("/api/v4/projects/{number}/mirror/pull"));
    assert_eq!(body["auth_password"], world.github_token("classic"));
    let kinds = |name: &str| -> Vec<Value> {
        let record = home.record(name);
        record["destinations"].as_array().unwrap().iter().map(|it| it["kind"].clone()).collect()
    };
    assert_eq!((kinds("reporter"), kinds(&hub)), (vec![json!("gitlab-integration")], vec![json!("gitlab-mirror")]));
    world.settle();
    let wrote = writes(&world);
    let _ = run().ends().succeeds();
    assert_eq!(writes(&world), wrote);
    // Without it the repository's own token takes its place, and the lists follow.
    let _ = usual(&home).with(["--github", &hub, "--without-webhook", "--anew"]).ends().succeeds();
    assert_eq!(kinds("reporter"), Vec::<Value>::new());
    assert_eq!(kinds(&hub), [json!("gitlab-mirror"), json!("gitlab-integration")]);
}

/// Where projects may have no tokens, one is chosen; it is not made, and not revoked either.
#[test]
fn another_token_for_the_webhook() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene_of(Sandbox::builder().project_tokens(false));
    let _ = home.gitlab(&world, "expiring").with(["--name", "trigger"]).ends().succeeds();
    let lab = at_gitlab(&world, "maintainer");
    let run = || usual(&home).with(["--gitlab", &lab, "--hook-token", "trigger"]);
    let output = run().json().succeeds();
    assert_eq!(states(&output.document())[4], "token leave");
    let url = hooks(&world, STORE)[0]["url"].as_str().unwrap().to_owned();
    assert!(url.ends_with(&format!("?private_token={}", world.gitlab_token("expiring"))));
    assert_eq!(output.document()["made"]["token"], Value::Null);
    assert_eq!(home.record("trigger")["destinations"][0]["kind"], "github-webhook");
    world.settle();
    let wrote = writes(&world);
    let _ = run().ends().succeeds();
    assert_eq!(writes(&world), wrote);
}

/// A personal token may do everything that its owner may: only its owner can say that it goes into the webhook's URL.
#[test]
fn without_project_tokens_nobody_agrees_for_the_owner() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene_of(Sandbox::builder().project_tokens(false));
    let output = usual(&home).ends();
    let said = scrubbed(&output.stderr(), "");
    let error = said.split_once("error:").unwrap().1;
    assert_eq!(output.code, Some(9));
    insta::assert_snapshot!(error, @"
    GitLab makes no access token for this project alone: the request was refused (400 Bad request - User does not have permission to create project access token)
     → `--hook-token NAME` uses a token that you choose: whoever administers the repository can read it
     → `--without-webhook` does without: GitLab then looks for news every 30 minutes
     → it happened at this step: token
     → what stands in agility-game/home-assistant/home-assistant-community-store: project, features, mirror, integration
     → what is missing: token, webhook
     → the same command goes on from here; `connect import undo` takes it back
    ");
    let _ = usual(&home).with(["--no-input"]).json();
    assert_eq!(hooks(&world, STORE), Vec::<Value>::new());

    let asked = || {
        let mut terminal = import(&home, STORE, GROUP).env("NO_COLOR", "1").at_terminal();
        terminal.sees("Set this up? [y/N]").types("y").sees("Use it? [y/N]");
        terminal
    };
    let mut terminal = asked();
    terminal.types("n");
    let ended = terminal.ends();
    assert_eq!((ended.code, hooks(&world, STORE)), (9, Vec::new()), "{}", ended.screen);
    let question = ended.screen.split_once("GitLab makes").unwrap().1.split_once("[y/N]").unwrap().0.to_owned();
    insta::assert_snapshot!(scrubbed(&format!("GitLab makes{question}"), ""), @"
    GitLab makes no access token for this project alone: the request was refused
    (400 Bad request - User does not have permission to create project access token)
    The token of `maintainer@127.0.0.1:PORT` can be used instead: it may do
    everything that its owner may, and whoever administers the repository can read
    it. Use it?
    ");
    let mut terminal = asked();
    terminal.types("y");
    let ended = terminal.ends();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    let url = hooks(&world, STORE)[0]["url"].as_str().unwrap().to_owned();
    assert!(url.ends_with(&format!("?private_token={}", world.gitlab_token("api"))));
    assert!(!ended.screen.contains(&world.gitlab_token("api")[6..20]));
    let lab = at_gitlab(&world, "maintainer");
    assert_eq!(home.record(&lab)["destinations"][0]["kind"], "github-webhook");

    // What was agreed to once is not asked again.
    world.settle();
    let wrote = writes(&world);
    let again = usual(&home).json().succeeds().document();
    assert_eq!(states(&again)[4..], ["token leave", "webhook stands"]);
    assert_eq!(writes(&world), wrote);
}
