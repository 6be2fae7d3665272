//! GitLab without what one pays for: said before anything is made, and the ways on.

use std::process::Command;

use forge_sandbox::{GitlabGroupSeed, GitlabSeed, Seed, Tier};
use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::json;

use super::git::Clone;
use super::*;

const WORKFLOW: &str = ".github/workflows/mirror-to-gitlab.yml";

fn unpaid(tier: Tier) -> (Home, Sandbox) {
    let members = [("maintainer".to_owned(), 40)].into();
    let fresh = GitlabGroupSeed { path: "fresh".into(), members, ..Default::default() };
    let gitlab = GitlabSeed { groups: vec![fresh], ..Default::default() };
    scene_of(Sandbox::builder().tier(tier).seed(Seed { gitlab, ..Default::default() }))
}

#[test]
fn without_a_licence_it_is_said_before_anything_is_made() {
    for tier in [Tier::Free, Tier::Community] {
        let (home, world) = unpaid(tier);
        let output = usual(&home).ends();
        insta::allow_duplicates! {
            insta::assert_snapshot!(output.shown(), @"
            exit 5
            --- stderr
            error: pull mirroring is not licensed for agility-game/home-assistant/home-assistant-community-store
              → GitLab Premium or Ultimate has it; nothing else does
              → `--sync actions`: a workflow of GitHub Actions pushes to GitLab instead
              → `--without-mirror`: the repository is brought over once
            ");
        }
        let _ = usual(&home).with(["--plan"]).json().fails(5, "not_licensed");
        assert_eq!(writes(&world), Vec::<String>::new(), "{tier:?}");
        assert_eq!(records(&home), Vec::<Value>::new(), "{tier:?}");
    }
}

/// In a group without projects nobody can tell beforehand. It ends with what stands, and there is a way on from there.
#[test]
fn where_nobody_can_tell_it_ends_with_what_stands() {
    let (home, world) = unpaid(Tier::Community);
    let there = || import(&home, STORE, "fresh").with(["--yes"]);
    let plan = there().with(["--plan"]).ends().succeeds();
    assert!(plan.stderr().contains("whether pull mirroring is licensed there cannot be seen"), "{}", plan.shown());
    insta::assert_snapshot!(there().ends().shown(), @"
    exit 5
    --- stderr
    ✓ project: http://127.0.0.1:PORT/fresh/home-assistant-community-store
    error: pull mirroring is not licensed for fresh/home-assistant-community-store
      → GitLab Premium or Ultimate has it; nothing else does
      → `--sync actions`: a workflow of GitHub Actions pushes to GitLab instead
      → what stands in fresh/home-assistant-community-store: project, features
      → what is missing: mirror, integration, token, webhook
      → `connect import undo` takes it back
    ");
    assert_eq!(writes(&world), ["POST /projects"]);
    let error = there().json().fails(5, "not_licensed");
    assert!(!error["hint"].as_str().unwrap().contains("--without-mirror"), "{error}");
    insta::assert_snapshot!(there().with(["--without-mirror"]).ends().shown(), @"
    exit 9
    --- stderr
    error: fresh/home-assistant-community-store is there, and empty: GitLab brings a repository only into a project that it makes for it
      → `--sync actions`: a workflow of GitHub Actions fills it
      → or `connect import undo OWNER/REPO --delete-project`, and then this again
    ");
    assert_eq!(writes(&world), ["POST /projects"], "and nothing more");
    let _ = there().with(["--sync", "actions", "--wait", "1s"]).ends().succeeds();
    assert_eq!(records(&home).len(), 1, "the same import");
    assert!(repository(&world, STORE)["actions_secrets"]["GITLAB_MIRROR_TOKEN"].is_string());
}

#[test]
fn a_public_repository_is_brought_over_once() {
    if git_is_missing() {
        return;
    }
    let (home, world) = unpaid(Tier::Free);
    let output = usual(&home).with(["--without-mirror"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stdout
    repository	agility-game/home-assistant-community-store	http://127.0.0.1:PORT/agility-game/home-assistant-community-store
    project	agility-game/home-assistant/home-assistant-community-store	http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store
    --- stderr
    ✓ project: http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store
    ");
    let there = project(&world, PROJECT);
    assert_eq!(there["branches"], repository(&world, STORE)["branches"]);
    assert_eq!((&there["import"]["kind"], &there["import"]["status"]), (&json!("git"), &json!("finished")));
    let asked = world.requests().into_iter().find(|seen| seen.path == "/api/v4/projects" && seen.method == "POST");
    let body: Value = serde_json::from_slice(&asked.unwrap().body).unwrap();
    assert_eq!(body["import_url"], format!("{}/{STORE}.git", world.github_url()), "without user and password");
    assert_eq!(hooks(&world, STORE), Vec::<Value>::new());
    let wrote = writes(&world);

    // What is pushed later does not come, and that is no fault.
    let clone = Clone::of(&home, &world, STORE);
    let _ = clone.commit("later.txt", "later\n");
    let _ = clone.git(&["push", "-q", "origin", "HEAD:main"]);
    let document = usual(&home).with(["--without-mirror"]).json().succeeds().document();
    assert_eq!(document["proof"][0]["works"], true, "{document}");
    assert_ne!(document["commit"]["github"], document["commit"]["gitlab"]);
    assert_eq!(writes(&world)[1..], wrote, "but for the push, nothing was written");
}

/// By GitLab's importer: the token goes in its request, and in no address.
#[test]
fn a_private_repository_is_brought_over_once() {
    let (home, world) = unpaid(Tier::Free);
    let output = import(&home, FIRMWARE, GROUP).with(["--yes", "--without-mirror"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stdout
    repository	agility-game/timing-firmware	http://127.0.0.1:PORT/agility-game/timing-firmware
    project	agility-game/home-assistant/timing-firmware	http://127.0.0.1:PORT/agility-game/home-assistant/timing-firmware
    --- stderr
    ✓ project: http://127.0.0.1:PORT/agility-game/home-assistant/timing-firmware
    ✓ features: issues, merge requests, wiki and snippets are off
    ");
    let there = project(&world, &format!("{GROUP}/timing-firmware"));
    assert_eq!(there["branches"], repository(&world, FIRMWARE)["branches"]);
    assert_eq!((&there["import"]["kind"], &there["features"]["issues"]), (&json!("github"), &json!("disabled")));
    let asked = world.requests().into_iter().find(|seen| seen.path == "/api/v4/import/github").unwrap();
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(body["personal_access_token"], world.github_token("classic"));
    let collaborators = &body["optional_stages"]["collaborators_import"];
    assert_eq!((collaborators, body["github_hostname"].as_str().unwrap()), (&json!(false), &*world.github_url()));
    let wrote = writes(&world);
    let _ = import(&home, FIRMWARE, GROUP).with(["--yes", "--without-mirror"]).ends().succeeds();
    assert_eq!(writes(&world), wrote);
}

/// The workflow as GitHub reads it: what its step runs, and with which variables.
fn step(world: &Sandbox, home: &Home) -> (String, Vec<(String, String)>) {
    let clone = Clone::of(home, world, STORE);
    let text = clone.git(&["show", &format!("HEAD:{WORKFLOW}")]);
    std::fs::remove_dir_all(clone.folder()).unwrap();
    let yaml = Yaml::load_from_str(&text).unwrap().remove(0);
    assert_eq!(yaml["permissions"]["contents"].as_str(), Some("read"), "it reads here, and writes there");
    let step = &yaml["jobs"]["mirror"]["steps"][0];
    assert!(
        !step.as_mapping().unwrap().contains_key(&Yaml::value_from_str("uses")),
        "nothing of others' making runs in it"
    );
    let secret = repository(world, STORE)["actions_secrets"]["GITLAB_MIRROR_TOKEN"].as_str().unwrap().to_owned();
    let known = [
        ("${{ github.token }}", world.github_token("installation")),
        ("${{ secrets.GITLAB_MIRROR_TOKEN }}", secret),
        ("${{ github.server_url }}", world.github_url()),
        ("${{ github.repository }}", STORE.to_owned()),
    ];
    let told = |text: &str| known.iter().fold(text.to_owned(), |text, (word, value)| text.replace(word, value));
    let variables = step["env"].as_mapping().unwrap().iter();
    let variables = variables.map(|(name, value)| (name.as_str().unwrap().to_owned(), told(value.as_str().unwrap())));
    (step["run"].as_str().unwrap().to_owned(), variables.collect())
}

/// What a runner does: the script in an empty folder, with bash and git. Every program that it calls is written down
/// with its arguments first, and given back.
fn runs(home: &Home, script: &str, variables: &[(String, String)]) -> String {
    let folder = tempfile::tempdir_in(home.path()).unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::create_dir(at("bin")).unwrap();
    for program in ["git", "base64", "tr"] {
        let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output().unwrap().stdout;
        let real = String::from_utf8(found).unwrap();
        let told = format!("#!/bin/sh\necho {program} \"$@\" >> {}\nexec {} \"$@\"\n", at("called"), real.trim());
        let path = home.file("program", &told);
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        std::fs::rename(path, format!("{}/{program}", at("bin"))).unwrap();
    }
    std::fs::create_dir(at("workspace")).unwrap();
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
        .current_dir(at("workspace"))
        .env_clear()
        .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", at("bin")))
        .env("HOME", folder.path())
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read_to_string(at("called")).unwrap()
}

/// GitLab Free: a workflow pushes. What it does is done here by the very script, with the very secret.
#[test]
fn a_workflow_pushes_instead() {
    if git_is_missing() {
        return;
    }
    let (home, world) = unpaid(Tier::Free);
    let by_actions = || usual(&home).with(["--sync", "actions", "--wait", "1s"]);
    let plan = by_actions().with(["--plan"]).ends().succeeds();
    insta::assert_snapshot!(plan.shown(), @"
    exit 0
    --- stdout
    project	make	agility-game/home-assistant/home-assistant-community-store, private, empty; the workflow fills it
    features	make	issues, merge requests, wiki and snippets off: CI/CD only
    integration	leave	statuses are not reported: the GitHub integration is licensed (Premium), too
    token	make	a project access token (role Maintainer, `write_repository`, 365 days), kept as a connection
    secret	make	`GITLAB_MIRROR_TOKEN`, sealed for GitHub Actions
    workflow	make	.github/workflows/mirror-to-gitlab.yml pushes to GitLab
    --- stderr
    who may write to the repository can make .github/workflows/mirror-to-gitlab.yml print or use the GitLab token
    GitLab documents CI/CD for external repositories for github.com only
    ");
    let output = by_actions().with(["--ci-template", "minimal"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stdout
    repository	agility-game/home-assistant-community-store	http://127.0.0.1:PORT/agility-game/home-assistant-community-store
    project	agility-game/home-assistant/home-assistant-community-store	http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store
    token	kept as `mirror-home-assistant-community-store-104@127.0.0.1:PORT`	http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store/-/settings/access_tokens
    secret	the token of `mirror-home-assistant-community-store-104@127.0.0.1:PORT`	http://127.0.0.1:PORT/agility-game/home-assistant-community-store/settings/secrets/actions
    workflow	on `main`	http://127.0.0.1:PORT/agility-game/home-assistant-community-store/blob/main/.github/workflows/mirror-to-gitlab.yml
    ci_file	on `main`	http://127.0.0.1:PORT/agility-game/home-assistant-community-store/blob/main/.gitlab-ci.yml
    --- stderr
    ✓ project: http://127.0.0.1:PORT/agility-game/home-assistant/home-assistant-community-store
    ✓ project token: kept as `mirror-home-assistant-community-store-104@127.0.0.1:PORT`
    ✓ .gitlab-ci.yml: on `main`
    ✓ Actions secret: GITLAB_MIRROR_TOKEN
    ✓ workflow: .github/workflows/mirror-to-gitlab.yml
    warning: commit: `main` is not on GitLab yet; see http://127.0.0.1:PORT/agility-game/home-assistant-community-store/actions
    ");

    // The secret is the token that is kept, which may push there and nothing else.
    let token = project_tokens(&world, PROJECT).remove(0);
    assert_eq!(token["scopes"], json!(["write_repository"]));
    let (script, variables) = step(&world, &home);
    assert!(variables.contains(&("GITLAB_MIRROR_TOKEN".into(), token["token"].as_str().unwrap().to_owned())));
    assert!(variables.contains(&("TARGET".into(), format!("{}/{PROJECT}.git", world.gitlab_url()))));
    let bot = &records(&home)[0]["made"]["token"]["connection"];
    let kept = home.connect(["token", bot.as_str().unwrap()]).ends().succeeds();
    assert_eq!(kept.stdout().trim(), token["token"]);
    let copies = &home.record(bot.as_str().unwrap())["destinations"];
    assert_eq!((&copies[0]["kind"], &copies[0]["name"]), (&json!("github-secret"), &json!("GITLAB_MIRROR_TOKEN")));

    let called = runs(&home, &script, &variables);
    assert!(called.contains("git push --quiet --prune"), "{called}");
    for (_, secret) in variables.iter().filter(|(name, _)| name.ends_with("_TOKEN")) {
        assert!(!called.contains(&secret[6..20]), "no command line carries a token: {called}");
    }
    let (there, here) = (project(&world, PROJECT), repository(&world, STORE));
    assert_eq!((&there["branches"], &there["tags"]), (&here["branches"], &here["tags"]));
    assert_eq!(there["pipelines"].as_array().unwrap().len(), 1, "{}", there["pipelines"]);

    // A new branch and tag, a commit, and what was deleted.
    let clone = Clone::of(&home, &world, STORE);
    let _ = clone.commit("courses/new.md", "# New\n");
    let _ = clone.git(&["push", "-q", "origin", "HEAD:main", "HEAD:refs/heads/topic", "HEAD:refs/tags/v2", ":seesaw"]);
    let _ = clone.git(&["push", "-q", "origin", ":refs/tags/v1.0.0"]);
    let _ = runs(&home, &script, &variables);
    let (there, here) = (project(&world, PROJECT), repository(&world, STORE));
    assert_eq!((&there["branches"], &there["tags"]), (&here["branches"], &here["tags"]));
    assert_eq!(there["branches"].as_object().unwrap().len(), 2);

    // All of it is there: nothing is made again, and now the commit is seen.
    let wrote = writes(&world);
    let document = by_actions().with(["--ci-template", "minimal"]).json().succeeds().document();
    assert_eq!(writes(&world), wrote);
    assert!(document["steps"].as_array().unwrap().iter().all(|step| step["state"] != "make"), "{}", document["steps"]);
    assert_eq!(document["proof"][0], json!({ "what": "commit", "works": true, "says": document["proof"][0]["says"] }));
}

/// A workflow of that name that somebody else wrote: nothing is made beside it, until it may be replaced.
#[test]
fn a_workflow_that_somebody_wrote_is_replaced_only_when_told_so() {
    if git_is_missing() {
        return;
    }
    let (home, world) = unpaid(Tier::Free);
    let clone = Clone::of(&home, &world, STORE);
    let _ = clone.commit(WORKFLOW, "name: theirs\n");
    let _ = clone.git(&["push", "-q", "origin", "HEAD:main"]);
    let by_actions = || usual(&home).with(["--sync", "actions", "--wait", "1s"]);
    let _ = by_actions().with(["--plan"]).json().fails(9, "workflow_exists");
    let refused = by_actions().ends();
    let said = refused.stderr();
    insta::assert_snapshot!(&said[said.find("error").unwrap()..], @"
    error: agility-game/home-assistant-community-store has another .github/workflows/mirror-to-gitlab.yml already, which connect did not make for this import
      → it may push to the project of another import, which would stop then
      → `--overwrite` replaces it
    ");
    assert_eq!(refused.code, Some(9));
    assert!(writes(&world).iter().all(|write| write.ends_with("/git-receive-pack")), "{:?}", writes(&world));
    let _ = by_actions().with(["--overwrite"]).ends().succeeds();
    let _ = clone.git(&["pull", "-q"]);
    assert!(clone.git(&["show", &format!("HEAD:{WORKFLOW}")]).contains("git push --quiet --prune"));
    // From then on it is connect's.
    let _ = by_actions().ends().succeeds();
}

/// The integration is licensed apart from that: where it is, a workflow and statuses go together.
#[test]
fn with_a_licence_statuses_are_reported_all_the_same() {
    let (home, world) = scene();
    let output = usual(&home).with(["--sync", "actions", "--wait", "1s"]).ends().succeeds();
    assert!(output.stdout().contains("\nintegration\treports pipelines to GitHub\t"), "{}", output.shown());
    assert_eq!(project(&world, PROJECT)["integration"]["active"], true);
    assert_eq!(project(&world, PROJECT)["mirror"], Value::Null);
}
