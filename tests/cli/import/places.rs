//! Where from, and where to: what names mean, and what is said when it cannot be done. Nothing is made in any of these
//! refusals.

use std::collections::BTreeMap;

use forge_sandbox::{
    CreationLevel, GithubOrganizationSeed, GithubRepositorySeed, GithubSeed, GitlabGroupSeed, GitlabProjectSeed,
    GitlabSeed, Seed, Visibility,
};

use super::*;
use crate::support::forges::{at_github, at_gitlab};

fn group(path: &str, role: u8) -> GitlabGroupSeed {
    let members = BTreeMap::from([("maintainer".to_owned(), role)]);
    GitlabGroupSeed { path: path.into(), members, ..Default::default() }
}

/// `maintainer` is one in `acme` (private), `acme/tools` and `open` (public); a developer in `watching`; nobody in `theirs`.
fn acme() -> Builder {
    let empty = GitlabProjectSeed { path: "acme/void".into(), empty: true, ..Default::default() };
    let mirrors = Some("https://github.com/o/other.git".to_owned());
    let other = GitlabProjectSeed { path: "acme/other".into(), mirrors, ..Default::default() };
    let gitlab = GitlabSeed {
        groups: vec![
            group("acme", 40),
            group("acme/tools", 40),
            GitlabGroupSeed { visibility: Visibility::Public, ..group("open", 40) },
            group("watching", 30),
            GitlabGroupSeed { project_creation_level: CreationLevel::NoOne, ..group("closed", 40) },
            GitlabGroupSeed { project_creation_level: CreationLevel::Owner, ..group("owners", 40) },
            GitlabGroupSeed { path: "theirs".into(), visibility: Visibility::Public, ..Default::default() },
        ],
        projects: vec![
            GitlabProjectSeed { path: "acme/taken".into(), ..Default::default() },
            GitlabProjectSeed { path: "acme/old".into(), archived: true, ..Default::default() },
            empty,
            other,
        ],
        ..Default::default()
    };
    let repository = |name: &str| GithubRepositorySeed { name: name.into(), ..Default::default() };
    let github = GithubSeed {
        repositories: vec![
            GithubRepositorySeed { archived: true, ..repository("attic") },
            GithubRepositorySeed { private: true, ..repository("vault") },
            repository(".github"),
        ],
        ..Default::default()
    };
    Sandbox::builder().seed(Seed { github, gitlab })
}

/// Where the plan puts it, and who will see it: the first line of the plan.
fn goes(home: &Home, repository: &str, to: &str, flags: &[&str]) -> String {
    let plan = import(home, repository, to).with(["--plan"]).with(flags).ends().succeeds();
    let first = plan.stdout().lines().next().unwrap().to_owned();
    first.strip_prefix("project\tmake\t").unwrap().replace(", empty; the mirror fills it", "")
}

#[test]
fn a_group_takes_it_by_its_name_and_anything_else_is_the_project() {
    let (home, world) = scene_of(acme());
    let goes = |repository: &str, to: &str, flags: &[&str]| goes(&home, repository, to, flags);
    let name = "home-assistant-community-store";
    assert_eq!(goes(STORE, "acme", &[]), format!("acme/{name}, private"));
    assert_eq!(goes(STORE, "acme/tools", &[]), format!("acme/tools/{name}, private"));
    assert_eq!(goes(STORE, "acme/tools/shop", &[]), "acme/tools/shop, private");
    assert_eq!(goes(STORE, "maintainer", &[]), format!("maintainer/{name}, public"));
    assert_eq!(goes(STORE, "maintainer/shop", &[]), "maintainer/shop, public");
    assert_eq!(goes("octocat/.github", "acme", &[]), "acme/github, private", "as GitLab takes names");
    assert_eq!(goes(STORE, "acme", &["--project-name", "Our shop"]), "acme/Our-shop, called \"Our shop\", private");

    // As public as the repository is and the group allows, unless it is said otherwise.
    assert_eq!(goes(STORE, "open", &[]), format!("open/{name}, public"));
    assert_eq!(goes(STORE, "open", &["--visibility", "internal"]), format!("open/{name}, internal"));
    assert_eq!(goes("octocat/vault", "open", &[]), "open/vault, private");

    // Whole addresses, as a browser or git has them.
    let (hub, lab) = (world.github_url(), world.gitlab_url());
    assert_eq!(goes(&format!("{hub}/{STORE}"), &format!("{lab}/acme/shop"), &[]), "acme/shop, private");
    assert_eq!(goes(&format!("{hub}/{STORE}.git"), &format!("{lab}/acme/"), &[]), format!("acme/{name}, private"));
    assert_eq!(goes(&format!("{hub}/{STORE}/"), &format!("{lab}/acme/shop/-/settings"), &[]), "acme/shop, private");
}

/// What is said when a repository cannot go to a place.
fn refused(home: &Home, repository: &str, to: &str, flags: &[&str]) -> String {
    import(home, repository, to).with(["--yes"]).with(flags).ends().shown()
}

#[test]
fn a_place_that_is_not_there() {
    let (home, world) = scene_of(acme());
    insta::assert_snapshot!(refused(&home, STORE, "nowhere/at/all", &[]), @"
    exit 3
    --- stderr
    error: there is no group `nowhere/at/all`, or `maintainer@127.0.0.1:PORT` may not know of it
      → there is neither a group nor a user namespace at `nowhere/at/all`
      → nor at `nowhere/at`, which a new project could go into
      → connect makes projects, not groups: make the group first, or look at its full path
      → a group that the account is no member of is hidden from it
    ");
    let error = import(&home, STORE, "nowhere").json().fails(3, "group_hidden");
    assert_eq!(error["checklist"].as_array().unwrap().len(), 3, "{error}");
    assert_eq!(writes(&world), Vec::<String>::new());
}

#[test]
fn a_repository_that_is_not_shown() {
    let (home, _world) = scene_of(acme());
    insta::assert_snapshot!(refused(&home, "agility-game/nothing", "acme", &[]), @r#"
    exit 3
    --- stderr
    error: there is no repository `agility-game/nothing`, or `octocat@127.0.0.1:PORT` may not know of it
      → octocat must be a member of agility-game, or a collaborator
      → if agility-game uses single sign-on, the token must be authorised: "Configure SSO" on http://127.0.0.1:PORT/settings/tokens
      → it may be spelt otherwise, renamed, or deleted
    "#);
    let (home, world) = scene_with(acme(), "fine-grained-import", "api");
    insta::assert_snapshot!(refused(&home, FIRMWARE, "acme", &[]), @r#"
    exit 3
    --- stderr
    error: there is no repository `agility-game/timing-firmware`, or `octocat@127.0.0.1:PORT` may not know of it
      → the token's resource owner must be agility-game: one token has one, see http://127.0.0.1:PORT/settings/personal-access-tokens
      → "Only select repositories" must include agility-game/timing-firmware
      → if agility-game is an organisation, its owner may still have to approve the token
      → octocat must be a member: outside collaborators need a classic token (`connect new-token github --host http://127.0.0.1:PORT --classic`)
      → if agility-game uses single sign-on, the token must be authorised: "Configure SSO" on http://127.0.0.1:PORT/settings/tokens
      → it may be spelt otherwise, renamed, or deleted
    "#);
    let _ = import(&home, FIRMWARE, "acme").json().fails(3, "repository_hidden");
    assert_eq!(writes(&world), Vec::<String>::new());
}

#[test]
fn an_archived_repository_and_an_archived_project() {
    let (home, world) = scene_of(acme());
    insta::assert_snapshot!(refused(&home, "octocat/attic", "acme", &[]), @"
    exit 5
    --- stderr
    error: the import cannot be done, and nothing was made: octocat/attic is archived: nobody writes there
      → an administrator can unarchive it in its settings
    ");
    insta::assert_snapshot!(refused(&home, STORE, "acme/old", &[]), @"
    exit 5
    --- stderr
    error: the import cannot be done, and nothing was made: acme/old is archived: nobody writes there
      → an owner can unarchive it in its settings
    ");
    let error = import(&home, "octocat/attic", "acme").json().fails(5, "permission_missing");
    assert_eq!(error["connection"], at_github(&world, "octocat"));
    let error = import(&home, STORE, "acme/old").json().fails(5, "permission_missing");
    assert_eq!(error["connection"], at_gitlab(&world, "maintainer"));
    assert_eq!(writes(&world), Vec::<String>::new());
    // What only reads of it may be done.
    assert!(goes(&home, "octocat/attic", "acme", &["--without-mirror"]).starts_with("acme/attic, private"));
    let reads = ["--without-webhook", "--without-integration"];
    assert_eq!(goes(&home, "octocat/attic", "acme", &reads), "acme/attic, private");
}

#[test]
fn an_account_with_too_low_a_role() {
    let (home, world) = scene_of(acme());
    insta::assert_snapshot!(refused(&home, STORE, "watching", &[]), @"
    exit 5
    --- stderr
    error: the import cannot be done, and nothing was made: the account's role is developer
      → ask for the role maintainer in watching
    ");
    insta::assert_snapshot!(refused(&home, STORE, "theirs", &[]), @"
    exit 5
    --- stderr
    error: the import cannot be done, and nothing was made: the account has no role in theirs
      → ask for the role maintainer in theirs
    ");
    insta::assert_snapshot!(refused(&home, STORE, "closed", &[]), @r#"
    exit 5
    --- stderr
    error: the import cannot be done, and nothing was made: who may create projects there is set to `noone`
      → an owner can change "Roles allowed to create projects" in the group's settings
    "#);
    insta::assert_snapshot!(refused(&home, STORE, "owners", &[]), @"
    exit 5
    --- stderr
    error: the import cannot be done, and nothing was made: who may create projects there is set to `owner`
      → ask for the role owner in owners
    ");
    let error = import(&home, STORE, "watching").json().fails(5, "role_too_low");
    assert_eq!(error["connection"], at_gitlab(&world, "maintainer"));
    assert_eq!(writes(&world), Vec::<String>::new());

    // On GitHub: who may push, and who may only read.
    for token in ["collaborator", "stranger"] {
        let (home, world) = scene_with(Sandbox::builder(), token, "api");
        let error = import(&home, STORE, GROUP).json().fails(5, "role_too_low");
        assert_eq!(error["hint"], format!("ask for the role `admin` in {STORE}"));
        assert_eq!(writes(&world), Vec::<String>::new());
    }
}

/// Who administers the instance needs no role in the group.
#[test]
fn an_administrator_of_the_instance_may() {
    let (home, _world) = scene_with(acme(), "classic", "admin");
    assert_eq!(goes(&home, STORE, "acme/shop", &[]), "acme/shop, private");
}

#[test]
fn a_token_that_may_too_little() {
    let refused = |github: &str, gitlab: &str| {
        let (home, world) = scene_with(Sandbox::builder(), github, gitlab);
        let said = usual(&home).with(["--ci-template", "minimal"]).ends().exits(5).shown();
        assert_eq!(writes(&world), Vec::<String>::new(), "{github} {gitlab}");
        said
    };
    insta::assert_snapshot!(refused("classic-readonly", "api"), @"
    exit 5
    --- stderr
    error: the import cannot be done, and nothing was made: the token lacks `repo`, `admin:repo_hook`
      → tick `repo` on the token's page; its value stays the same
      → tick `admin:repo_hook` on the token's page; its value stays the same
      → the page: http://127.0.0.1:PORT/settings/tokens
    ");
    insta::assert_snapshot!(refused("fine-grained-readonly", "api"), @r#"
    exit 5
    --- stderr
    error: the import cannot be done, and nothing was made: the token lacks `repository_hooks`, `statuses`
      → set Webhooks to "Read and write", and select agility-game/home-assistant-community-store under "Repository access"
      → set Commit statuses to "Read and write", and select agility-game/home-assistant-community-store under "Repository access"
      → the page: http://127.0.0.1:PORT/settings/personal-access-tokens
    "#);
    insta::assert_snapshot!(refused("sso", "api"), @r#"
    exit 5
    --- stderr
    error: the import cannot be done, and nothing was made: GET repos/agility-game/home-assistant-community-store: 403, the token is not authorised for single sign-on (Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.)
      → choose "Configure SSO" beside the token on http://127.0.0.1:PORT/settings/tokens
      → the page: http://127.0.0.1:PORT/settings/tokens
    "#);
    insta::assert_snapshot!(refused("classic", "read-api"), @"
    exit 5
    --- stderr
    error: the import cannot be done, and nothing was made: the token lacks `api`
      → make another token with the scope `api`: `connect new-token gitlab --for import`
      → the page: http://127.0.0.1:PORT/-/user_settings/personal_access_tokens?name=connect&scopes=api
    ");
    insta::assert_snapshot!(refused("classic", "granular"), @"
    exit 5
    --- stderr
    error: 127.0.0.1:PORT: the fine-grained token lacks a permission (Access denied: This operation requires a fine-grained personal access token with the following permissions: [Group: Read].)
      → the token is valid; its grant cannot be edited, so make another with that permission
    ");
    insta::assert_snapshot!(refused("classic", "project-bot"), @"
    exit 5
    --- stderr
    error: the import cannot be done, and nothing was made: the account has no role in agility-game/home-assistant
      → ask for the role maintainer in agility-game/home-assistant
    ");
}

/// What an import needs depends on what it is to do: a workflow wants more than a mirror.
#[test]
fn a_fine_grained_token_for_a_workflow() {
    let (home, world) = scene_with(Sandbox::builder(), "fine-grained-import", "api");
    let output = usual(&home).with(["--sync", "actions"]).ends();
    insta::assert_snapshot!(output.shown(), @r#"
    exit 5
    --- stderr
    error: the import cannot be done, and nothing was made: the token lacks `secrets`
      → set Secrets to "Read and write", and select agility-game/home-assistant-community-store under "Repository access"
      → the page: http://127.0.0.1:PORT/settings/personal-access-tokens
    "#);
    assert_eq!(writes(&world), Vec::<String>::new());
}

/// A policy of the organisation is told as such.
#[test]
fn an_organisation_that_forbids_the_kind_of_token() {
    let organization = |forbids_classic| GithubOrganizationSeed {
        login: "agility-game".into(),
        forbids_classic,
        forbids_fine_grained: !forbids_classic,
        ..Default::default()
    };
    for (forbids_classic, token) in [(true, "classic"), (false, "fine-grained-import")] {
        let github = GithubSeed { organizations: vec![organization(forbids_classic)], ..Default::default() };
        let seed = Seed { github, ..Default::default() };
        let (home, world) = scene_with(Sandbox::builder().seed(seed), token, "api");
        let output = usual(&home).json();
        assert_eq!(output.code, Some(5), "{}", output.shown());
        assert!(output.stderr().contains("forbids"), "{}", output.shown());
        assert_eq!(writes(&world), Vec::<String>::new());
    }
}

#[test]
fn a_place_that_is_taken() {
    let (home, world) = scene_of(acme());
    insta::assert_snapshot!(refused(&home, STORE, "acme/taken", &[]), @"
    exit 9
    --- stderr
    error: acme/taken is taken: a project is there, and it is no import of this repository
      → choose another place: `--to GROUP/PROJECT`
    ");
    insta::assert_snapshot!(refused(&home, STORE, "acme/void", &[]), @"
    exit 9
    --- stderr
    error: acme/void is taken: an empty project is there, which connect did not make
      → choose another place: `--to GROUP/PROJECT`
    ");
    insta::assert_snapshot!(refused(&home, STORE, "acme/other", &[]), @"
    exit 9
    --- stderr
    error: acme/other is taken: the project there mirrors https://github.com/o/other.git
      → choose another place: `--to GROUP/PROJECT`
    ");
    let error = import(&home, STORE, "acme/taken").json().fails(9, "project_taken");
    assert_eq!(error["connection"], at_gitlab(&world, "maintainer"));
    assert_eq!(writes(&world), Vec::<String>::new());
}

#[test]
fn a_group_that_takes_nothing_so_visible() {
    let (home, world) = scene_of(acme());
    insta::assert_snapshot!(refused(&home, STORE, "acme", &["--visibility", "public"]), @"
    exit 5
    --- stderr
    error: acme is private: no project in it can be public
      → `--visibility private` is as far as it goes; an owner can let more people see the group
    ");
    let _ = import(&home, STORE, "acme").with(["--visibility", "internal"]).json().fails(5, "visibility_refused");
    assert_eq!(writes(&world), Vec::<String>::new());
}

/// A project that was set up by hand, or by somebody else, and mirrors this very repository is taken as it is.
#[test]
fn a_project_that_mirrors_this_repository_is_not_counted_as_made() {
    if git_is_missing() {
        return;
    }
    let (other, world) = scene();
    let _ = usual(&other).with(["--without-webhook", "--keep-features"]).ends().succeeds();
    world.settle();
    let home = Home::new();
    let _ = home.github(&world, "classic").ends().succeeds();
    let _ = home.gitlab(&world, "api").ends().succeeds();
    let number = project(&world, PROJECT)["id"].clone();
    let document = usual(&home).json().succeeds().document();
    let states: Vec<String> = document["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| format!("{} {}", step["step"].as_str().unwrap(), step["state"].as_str().unwrap()))
        .collect();
    assert_eq!(
        states,
        ["project stands", "features change", "mirror stands", "integration stands", "token make", "webhook make"]
    );
    assert_eq!(document["gitlab"]["id"], number);
    let made: Vec<&String> = document["made"].as_object().unwrap().keys().collect();
    assert_eq!(made, ["features", "hook", "hook_token", "token"]);
    let before = serde_json::json!({ "issues": true, "merge_requests": true, "wiki": true, "snippets": true });
    assert_eq!(document["made"]["features"], before, "so that `undo` can put them back");
}

#[test]
fn a_repository_that_was_renamed_is_followed() {
    if git_is_missing() {
        return;
    }
    let (home, world) = scene();
    let plan = import(&home, "agility-game/hacs", GROUP).with(["--plan"]).ends().succeeds();
    assert!(plan.stdout().starts_with(&format!("project\tmake\t{PROJECT}, ")), "{}", plan.shown());
    let renamed = format!("agility-game/hacs is called {STORE} now");
    assert!(plan.stderr().starts_with(&renamed), "{}", plan.shown());
    let document = import(&home, "agility-game/hacs", GROUP).with(["--plan"]).json().succeeds().document();
    assert_eq!((&document["renamed_from"], &document["repository"]), (&"agility-game/hacs".into(), &STORE.into()));

    let _ = import(&home, "agility-game/hacs", GROUP).with(["--yes"]).ends().succeeds();
    let mirror = project(&world, PROJECT)["mirror"].clone();
    assert_eq!(mirror["url"], format!("{}/{STORE}.git", world.github_url()), "a mirror follows no redirect");
    world.settle();

    // Renamed since: by either name it is the same import, and what leads to the old name is set right.
    world.rename_github_repository(STORE, "store");
    let first = record(&home);
    let document = import(&home, "agility-game/store", GROUP).with(["--yes"]).json().succeeds().document();
    assert_eq!(document["id"], first["id"]);
    assert_eq!(document["gitlab"]["path"], PROJECT, "nothing is made twice");
    let mirror = project(&world, PROJECT)["mirror"].clone();
    assert_eq!(mirror["url"], format!("{}/agility-game/store.git", world.github_url()));
    assert_eq!(record(&home)["github"]["path"], "agility-game/store");
    world.settle();
    let wrote = writes(&world);
    let document = usual(&home).json().succeeds().document();
    assert_eq!((&document["id"], &document["gitlab"]["path"]), (&first["id"], &PROJECT.into()));
    assert_eq!(writes(&world), wrote, "nothing to do any more");
    assert_eq!(project_tokens(&world, PROJECT).len(), 1);
    assert_eq!(hooks(&world, "agility-game/store").len(), 1);
}

#[test]
fn connections_of_the_wrong_forge_and_of_none() {
    let (home, world) = scene();
    let (hub, lab) = (at_github(&world, "octocat"), at_gitlab(&world, "maintainer"));
    insta::assert_snapshot!(refused(&home, STORE, GROUP, &["--github", &lab]), @"
    exit 2
    --- stderr
    error: `maintainer@127.0.0.1:PORT` is not a connection to GitHub
      → `connect list` shows which connection is for which forge
    ");
    let error = import(&home, STORE, GROUP).with(["--gitlab", &hub]).json().fails(2, "other_forge");
    assert_eq!(error["connection"], hub);
    let _ = import(&home, STORE, GROUP).with(["--status-token", &lab]).json().fails(2, "other_forge");
    let _ = import(&home, STORE, GROUP).with(["--hook-token", &hub]).json().fails(2, "other_forge");
    let _ = import(&home, STORE, GROUP).with(["--gitlab", "nobody"]).json().fails(3, "no_such_connection");
    let there = format!("{}/{STORE}", world.github_url());
    let _ = import(&home, STORE, &there).json().fails(2, "other_forge");
    let elsewhere = import(&home, "https://elsewhere.example/o/r", GROUP).json();
    let _ = elsewhere.fails(3, "no_connection_serves");

    let empty = Home::new();
    insta::assert_snapshot!(refused(&empty, STORE, GROUP, &[]), @"
    exit 3
    --- stderr
    error: there is no connection to GitHub
      → make one first: `connect github --pat`
    ");
    let _ = empty.github(&world, "classic").ends().succeeds();
    insta::assert_snapshot!(refused(&empty, STORE, GROUP, &[]), @"
    exit 3
    --- stderr
    error: there is no connection to GitLab
      → make one first: `connect gitlab --pat`
    ");
    assert_eq!(writes(&world), Vec::<String>::new());
}

/// Two accounts at one host, two hosts: what is not clear is asked for, never guessed.
#[test]
fn several_connections_and_several_hosts() {
    let (home, world) = scene();
    let _ = home.gitlab(&world, "developer").ends().succeeds();
    let error = import(&home, STORE, GROUP).json().fails(9, "several_connections_serve");
    assert!(error["hint"].as_str().unwrap().contains(&at_gitlab(&world, "developer")), "{error}");
    let lab = at_gitlab(&world, "maintainer");
    let _ = import(&home, STORE, GROUP).with(["--plan", "--gitlab", &lab]).ends().succeeds();
    let _ = home.connect(["use", &lab, "--on", "agility-game"]).ends().succeeds();
    let _ = import(&home, STORE, GROUP).with(["--plan"]).ends().succeeds();

    // Another host beside it: the path alone does not say which.
    let other = built(Sandbox::builder());
    let _ = home.github(&other, "classic").ends().succeeds();
    let output = import(&home, STORE, GROUP).with(["--plan"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 3
    --- stderr
    error: there are connections to more than one GitHub
      → http://127.0.0.1:PORT
      → http://127.0.0.1:PORT
      → name one with `--github NAME`, or give a whole URL
    ");
    let _ = import(&home, &format!("{}/{STORE}", world.github_url()), GROUP).with(["--plan"]).ends().succeeds();
    let hub = at_github(&world, "octocat");
    let _ = import(&home, STORE, GROUP).with(["--plan", "--github", &hub]).ends().succeeds();
    // The vendor's own goes before others.
    let _ = home.dotcom(&world, "classic").ends().succeeds();
    let plan = import(&home, STORE, GROUP).with(["--plan"]).ends().succeeds();
    assert!(plan.stderr().contains("`octocat@github.com`"), "{}", plan.shown());
    assert!(!plan.stderr().contains("github.com only"), "{}", plan.shown());
}

/// A command line that is wrong: nothing of it that could be a token is repeated.
#[test]
fn arguments_that_do_not_fit() {
    let (home, world) = scene();
    let (hub, lab) = ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "glpat-16C7e42F292c6912E771");
    let wrong = |arguments: &[&str]| home.connect(["import"]).with(arguments).ends().exits(2);
    for arguments in [
        vec![hub, "--to", GROUP],
        vec![&format!("agility-game/{hub}"), "--to", GROUP],
        vec![STORE, "--to", lab],
        vec![STORE, "--to", GROUP, "--visibility", lab],
        vec![STORE, "--to", GROUP, "--project-name", lab],
        vec![STORE, "--to", GROUP, "--ci-template", lab],
        vec![STORE, "--to", GROUP, "--ci-template", "minimal", "--ci-branch", lab],
        vec![STORE, "--to", GROUP, "--wait", lab],
        vec![STORE, "--to", GROUP, lab],
    ] {
        let output = wrong(&arguments);
        output.never_says(&lab[6..]).never_says(&hub[4..]);
    }
    for arguments in [
        vec!["owner", "--to", GROUP],
        vec!["o/r/more", "--to", GROUP],
        vec![STORE, "--to", "a//b"],
        vec![STORE, "--to", "../up"],
        vec![STORE],
        vec!["--to", GROUP],
        vec![STORE, "--to", GROUP, "--overwrite"],
        vec![STORE, "--to", GROUP, "--pull-request"],
        vec![STORE, "--to", GROUP, "--ci-branch", "x"],
        vec![STORE, "--to", GROUP, "--import-collaborators"],
        vec![STORE, "--to", GROUP, "--sync", "actions", "--without-webhook"],
        vec![STORE, "--to", GROUP, "--sync", "actions", "--without-mirror"],
        vec![STORE, "--to", GROUP, "--without-mirror", "--protected-only"],
        vec![STORE, "--to", GROUP, "--protected-only", "--branch-regex", "^x"],
        vec![STORE, "--to", GROUP, "--without-integration", "--status-token", "x"],
        vec![STORE, "--to", GROUP, "--ci-template", "minimal", "--ci-file", "x"],
        vec![STORE, "--to", GROUP, "--token-expires-in", "500d"],
        vec![STORE, "--to", GROUP, "--token-expires-in", "1h"],
        vec![STORE, "--to", GROUP, "--store", "env"],
        vec![STORE, "--to", GROUP, "--detailed-exitcode"],
        vec![STORE, "--to", GROUP, "list"],
    ] {
        let _ = wrong(&arguments);
    }
    assert_eq!(world.requests(), Vec::new(), "nobody was asked");
    insta::assert_snapshot!(wrong(&["owner", "--to", GROUP]).shown(), @"
    exit 2
    --- stderr
    error: the value of `<OWNER/REPO>` does not fit: one word is no repository
      → `connect help import` lists what it takes
    ");
    insta::assert_snapshot!(wrong(&[STORE, "--to", GROUP, "--sync", "actions", "--without-webhook"]).shown(), @"
    exit 2
    --- stderr
    error: there is no mirror that these flags could be for
      → leave out `--protected-only`, `--branch-regex` and `--without-webhook`
    ");
    insta::assert_snapshot!(wrong(&[STORE, "--to", GROUP, "--token-expires-in", "500d"]).shown(), @"
    exit 2
    --- stderr
    error: GitLab makes tokens for 1 to 365 days (to 400 where its admins allow that)
      → as in `--token-expires-in 180d`
    ");
    insta::assert_snapshot!(wrong(&[STORE, "--to", GROUP, "--store", "env"]).shown(), @"
    exit 2
    --- stderr
    error: the store `env` keeps nothing, and a token is to be made and kept
      → `--store file`, or `--hook-token NAME` for a token that is there, or `--without-webhook`
    ");
}
