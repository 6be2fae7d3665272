//! Said before anything is made: what cannot come to a good end, and what would not be heard of otherwise.

use forge_sandbox::{GithubRepositorySeed, GithubSeed, Sandbox, Seed};
use serde_json::{Value, json};

use super::by_hand;
use super::site::{GROUP, PROJECT, REPOSITORY, Site, has_git};

/// Nothing was made anywhere, and nothing is on record.
fn is_untouched(site: &Site) {
    assert_eq!((site.projects(), site.tokens().len(), site.imports().len()), (Vec::<Value>::new(), 0, 0));
}

#[test]
fn a_pattern_that_no_regular_expression_can_be() {
    let site = Site::new();
    site.world.clear_requests();
    insta::assert_snapshot!(site.import(["--branch-regex", "("]).ends().shown(), @"
    exit 2
    --- stderr
    error: the value of `--branch-regex` does not fit: a `(` in it is never closed
      → `connect help import` lists what it takes
    ");
    for pattern in ["", "*", "feature/**", "[a", "(?!main)", "a\\"] {
        for flag in ["--plan", "--yes"] {
            site.home
                .connect(["import", REPOSITORY, "--to", PROJECT, flag, "--branch-regex", pattern])
                .json()
                .fails(2, "usage");
        }
    }
    assert!(site.world.requests().is_empty());
    is_untouched(&site);
    site.import(["--branch-regex", "^(main|release/.*)$", "--plan"]).ends().succeeds().never_says("error");
}

#[test]
fn as_many_webhooks_as_github_takes() {
    let site = Site::new();
    for number in 0..20 {
        let body = json!({ "name": "web", "active": false, "events": ["push"],
            "config": { "url": format!("http://127.0.0.1:1/{number}"), "content_type": "json" } });
        let made = by_hand::github(&site.world, "classic", "POST", &format!("/repos/{REPOSITORY}/hooks"), &body);
        assert_eq!(made.0, 201, "{}", made.1);
    }
    insta::assert_snapshot!(site.import(["--plan"]).ends().shown(), @"
    exit 1
    --- stderr
    error: agility-game/home-assistant-community-store has 20 webhooks that tell of `push` already, which is as many as there may be
      → nothing was made; remove one that is no longer needed in the repository's settings, under Webhooks
      → `--without-webhook` does without: GitLab then looks for news every 30 minutes
    ");
    site.import([]).json().fails(1, "too_many_hooks");
    is_untouched(&site);
    site.import(["--plan", "--without-webhook"]).ends().succeeds().never_says("error");
    site.import(["--plan", "--sync", "actions"]).ends().succeeds().never_says("error");
}

#[test]
fn a_repository_that_github_has_disabled() {
    let banned = GithubRepositorySeed {
        owner: Some("octocat".into()),
        name: "banned".into(),
        private: true,
        disabled: true,
        ..Default::default()
    };
    let github = GithubSeed { repositories: vec![banned], ..Default::default() };
    let site = Site::built(Sandbox::builder().seed(Seed { github, ..Default::default() }));
    insta::assert_snapshot!(site.connect(["import", "octocat/banned", "--to", GROUP, "--plan"]).shown(), @"
    exit 5
    --- stderr
    error: GitHub has disabled octocat/banned: nobody reads or writes there
      → its owner finds the reason on the repository's page, and can write to GitHub Support
    ");
    let import = ["import", "octocat/banned", "--to", GROUP, "--yes", "--store", "plain"];
    site.home.connect(import).json().fails(5, "repository_disabled");
    is_untouched(&site);
}

#[test]
fn a_token_for_a_webhook_that_is_not_wanted() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    let name = site.at_gitlab("maintainer");
    insta::assert_snapshot!(site.import(["--without-webhook", "--hook-token", &name]).ends().shown(), @"
    exit 2
    --- stderr
    error: there is no webhook that the token could be for
      → leave out `--hook-token`: nothing is planted on GitHub
    ");
    site.import(["--without-mirror", "--hook-token", &name]).json().fails(2, "usage");
    // Without one once, and with the token for one now: that holds.
    site.import(["--without-webhook"]).with(["--wait", "0s"]).ends().never_says("error");
    let plan = site.import(["--plan", "--hook-token", &name]).ends().succeeds();
    assert!(plan.stdout().contains("webhook\tmake"), "{}", plan.shown());
    // There it is planted as a secret.
    site.import(["--sync", "actions", "--hook-token", &name, "--plan"]).ends().succeeds().never_says("error");
}

#[test]
fn the_address_as_git_has_it() {
    let site = Site::new();
    let plan = site.connect(["import", &format!("{REPOSITORY}.git"), "--to", GROUP, "--plan", "--json"]).document();
    assert_eq!((&plan["repository"], &plan["renamed_from"]), (&json!(REPOSITORY), &Value::Null));
    assert_eq!(plan["project"], format!("{GROUP}/home-assistant-community-store"));
}

#[test]
fn a_command_that_is_spelt_wrongly() {
    let site = Site::new();
    insta::assert_snapshot!(site.connect(["import", "lst"]).shown(), @"
    exit 2
    --- stderr
    error: the value of `<OWNER/REPO>` does not fit: one word is no repository; did you mean `connect import list`?
      → `connect help import` lists what it takes
    ");
    let error = site.home.connect(["import", "octocat", "--to", GROUP]).json().fails(2, "usage");
    assert!(!error.to_string().contains("did you mean"), "{error}");
}

#[test]
fn what_the_project_will_be_called() {
    let site = Site::new();
    let first = |flags: &[&str]| {
        let plan = site.home.connect(["import", REPOSITORY, "--to", GROUP, "--plan"]).with(flags).ends().succeeds();
        plan.stdout().lines().next().unwrap().to_owned()
    };
    insta::assert_snapshot!(first(&["--project-name", "Home Store"]), @r#"project	make	agility-game/home-assistant/Home-Store, called "Home Store", private, empty; the mirror fills it"#);
    // It is the path, and no title of its own.
    insta::assert_snapshot!(first(&["--project-name", "store"]), @"project	make	agility-game/home-assistant/store, private, empty; the mirror fills it");
    insta::assert_snapshot!(first(&["--project-name", "Home Store", "--mode", "full"]), @"project	make	agility-game/home-assistant/Home-Store, private, with issues, pull requests and the repository");
}

/// Whoever imports needs a token for that, and nobody has to guess a word for it.
#[test]
fn a_token_that_is_dead_is_made_anew_for_this() {
    let site = Site::new();
    site.world.revoke_github("classic");
    insta::assert_snapshot!(site.import([]).ends().shown(), @"
    exit 4
    --- stderr
    error: github.com: the token is not accepted: unknown, revoked or expired (Bad credentials)
      → GitHub does not say which; see whether it is still listed on https://github.com/settings/tokens
      → make a new one: `connect new-token github --for import`
    ");
    let status = site.home.connect(["import", "list"]).ends();
    assert!(status.stderr().contains("--for import`"), "{}", status.shown());
}
