//! `--for` when connecting: a token that lacks what it is wanted for is not kept, unless somebody says so.

use super::*;
use crate::support::{Cast as _, world};

/// `connect github --for …` with a token of this name.
fn wanted(home: &Home, world: &Sandbox, token: &str, wanted: &str) -> Call {
    home.dotcom(world, token).with(["--for", wanted])
}

#[test]
fn what_it_lacks_is_said_and_nothing_is_kept() {
    let (home, world) = (
        Home::new(),
        world_with(vec![classic("few", "ada", &["repo:status"]), classic("all", "ada", &["repo", "workflow"])]),
    );
    let error = wanted(&home, &world, "few", "git").json().fails(5, "permission_missing");
    assert_eq!(error["missing"], serde_json::json!(["repo", "workflow"]));
    assert_eq!(error["page"], "https://github.com/settings/tokens");
    assert!(home.records().is_empty() && home.secrets().is_empty() && home.journal().is_empty());
    insta::assert_snapshot!(wanted(&home, &world, "few", "git").ends().shown(), @"
    exit 5
    --- stderr
    error: the token lacks what it is wanted for: `repo`, `workflow`; it was not kept
      → tick `repo` on the token's page; its value stays the same
      → tick `workflow` on the token's page; its value stays the same
      → the page: https://github.com/settings/tokens
      → `--yes` keeps it all the same
    ");
    let document = wanted(&home, &world, "few", "status").json().succeeds().document();
    assert_eq!(verdicts(&document), [("repo:status".into(), "granted".into())]);
    let document = wanted(&home, &world, "all", "git,webhooks").json().succeeds().document();
    assert_eq!(verdicts(&document).len(), 3);
    assert!(home.dotcom(&world, "all").json().succeeds().document().get("needs").is_none());
    // A kept token stays what it was when the new one lacks something.
    let before = home.contents();
    wanted(&home, &world, "few", "git").json().fails(5, "permission_missing");
    assert_eq!(home.contents(), before);
    assert!(world.requests().iter().all(|seen| !seen.path.contains("/repos/")), "no repository is asked for");
}

#[test]
fn yes_keeps_it_with_a_warning() {
    let (home, world) = (Home::new(), world_with(vec![classic("few", "ada", &["repo:status"])]));
    let output = wanted(&home, &world, "few", "git").with(["--yes"]).json().succeeds();
    assert!(output.warnings().contains(&"permission_missing".to_owned()), "{}", output.shown());
    assert_eq!(verdict(&output.document(), "repo"), "missing");
    assert_eq!(home.records().len(), 1);
    let home = Home::new();
    wanted(&home, &world, "few", "git").with(["--no-input"]).json().fails(5, "permission_missing");
    wanted(&home, &world, "few", "git").with(["--no-keep"]).json().fails(5, "permission_missing");
    assert!(home.records().is_empty());
}

#[test]
fn a_person_is_asked() {
    let (home, world) = (Home::new(), world_with(vec![classic("few", "ada", &["repo:status"])]));
    let path = home.file("token.txt", &world.github_token("few"));
    let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-file", &path, "--store", "plain"]);
    let call = call.with(["--for", "git"]).env("NO_COLOR", "1");
    let mut terminal = call.clone().at_terminal();
    terminal.sees("lacks what it is wanted for").sees("workflow").sees("Keep it all the same? [y/N]").types("n");
    let ended = terminal.ends();
    assert_eq!(ended.code, 5, "{}", ended.screen);
    assert!(home.records().is_empty());
    let mut terminal = call.at_terminal();
    terminal.sees("Keep it all the same? [y/N]").types("y");
    let ended = terminal.ends();
    assert_eq!((ended.code, home.records().len()), (0, 1), "{}", ended.screen);
    assert!(ended.screen.contains("it was kept all the same"), "{}", ended.screen);
}

#[test]
fn a_fine_grained_token_is_kept_with_a_word_on_how_to_find_out() {
    let (home, world) = (Home::new(), world());
    let output = wanted(&home, &world, "fine-grained-import", "import,Contents").ends().succeeds();
    assert!(
        output.stderr().contains("`connect check octocat@github.com --for import,contents=read --repo OWNER/REPO`"),
        "{}",
        output.shown()
    );
    let document = wanted(&home, &world, "fine-grained-import", "import").json().succeeds().document();
    assert_eq!(verdict(&document, "contents"), "unknown");
    assert_eq!(verdict(&document, "metadata"), "granted");
}

#[test]
fn gitlab_too() {
    let (home, world) = (Home::new(), world());
    let wanted = |token: &str, wanted: &str| home.gitlab(&world, token).with(["--for", wanted]);
    let error = wanted("read-api", "webhooks").json().fails(5, "permission_missing");
    assert!(error["page"].as_str().unwrap().ends_with("?name=connect&scopes=api"), "{error}");
    assert!(home.records().is_empty());
    assert_eq!(verdict(&wanted("api", "webhooks").json().succeeds().document(), "api"), "granted");
    let output = wanted("granular", "git").ends().succeeds();
    assert!(output.stderr().contains("--project GROUP/PROJECT"), "{}", output.shown());
}
