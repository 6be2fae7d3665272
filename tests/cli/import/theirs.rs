//! A webhook that somebody else made and that leads to the project: it is relied upon as long as it works, and seen to.

use serde_json::{Value, json};

use super::by_hand;
use super::refused::{hook, lasting};
use super::site::{Site, has_git};
use crate::support::Cast as _;
use crate::support::call::Call;
use crate::support::output::scrubbed;

/// An import without a webhook, and a webhook of somebody else's with another token of the maintainer's.
fn with_theirs() -> (Site, Value) {
    let site = Site::owned();
    site.import(["--without-webhook"]).ends().succeeds().never_says("error");
    let url = format!("{}/projects/104/mirror/pull", site.world.gitlab_api_url());
    let theirs =
        hook(&site, &format!("{url}?private_token={}", site.world.gitlab_token("expiring")), &json!({}))["id"].clone();
    (site, theirs)
}

/// What was said once, `--without-webhook`, holds until it is forgotten.
fn import(site: &Site) -> Call {
    let own = site.imports()[0]["gitlab"]["connection"].as_str().unwrap().to_owned();
    site.import(["--anew", "--gitlab", &own])
}

/// `webhook` and `token` of the plan.
fn planned(site: &Site) -> String {
    let plan = import(site).with(["--plan"]).ends().succeeds().stdout();
    plan.lines().filter(|line| line.starts_with("webhook") || line.starts_with("token")).collect::<Vec<_>>().join("\n")
}

/// How the webhook was found, and what there is in its row.
fn proven(document: &Value) -> Value {
    let proof = document["proof"].as_array().unwrap();
    proof.iter().find(|proven| proven["what"] == "webhook").cloned().unwrap_or_default()
}

#[test]
fn it_is_pinged_before_it_is_relied_upon() {
    if !has_git() {
        return;
    }
    let (site, theirs) = with_theirs();
    insta::assert_snapshot!(planned(&site), @"
    token	leave	not needed: the webhook has one
    webhook	stands	GitHub tells GitLab of pushes and pull requests, by a webhook that connect did not make
    ");
    let output = import(&site).ends().succeeds();
    let row = output.stdout().lines().find(|line| line.starts_with("webhook")).unwrap().to_owned();
    insta::assert_snapshot!(scrubbed(&row, ""), @"webhook	tells GitLab of push, pull_request; connect did not make it	https://github.com/agility-game/home-assistant-community-store/settings/hooks/550000000");
    let pings = |site: &Site| {
        let hook = site.repository()["hooks"][0].take();
        hook["deliveries"].as_array().unwrap().iter().filter(|it| it["event"] == "ping").count()
    };
    assert_eq!(pings(&site), 2, "GitHub's own, and the one that was asked for");
    let document = import(&site).json().succeeds().document();
    assert_eq!(proven(&document), json!({ "what": "webhook", "works": true, "says": "GitLab answered 200" }));
    assert!(document["made"].get("hook").is_none(), "{document}");
    assert_eq!((site.hooks().len(), site.tokens().len()), (1, 0));
    // Its owner's token dies: GitHub knows nothing of it as long as nobody pushes.
    site.world.revoke_gitlab("expiring");
    assert!(planned(&site).contains("webhook\tstands"));
    let before = lasting(&site, &theirs);
    let output = import(&site).ends().exits(10);
    let told: Vec<String> =
        output.stderr().lines().filter(|line| line.contains("webhook")).map(str::to_owned).collect();
    insta::assert_snapshot!(told.join("\n"), @"warning: webhook: GitLab answered 401: GitLab does not accept the token in its URL; connect did not make this webhook; the same command makes one beside it");
    // As it says.
    insta::assert_snapshot!(planned(&site), @"
    token	make	a project access token (role Maintainer, `api`, 365 days), kept as a connection
    webhook	make	GitHub tells GitLab of pushes and pull requests; its URL carries the project token; the one that is there, which connect did not make, does not work
    ");
    import(&site).ends().succeeds().never_says("error");
    assert_eq!((site.hooks().len(), site.tokens().len()), (2, 1));
    assert_eq!(site.connect(["import", "status"]).code, Some(0));
    import(&site).ends().succeeds().never_says("error");
    assert_eq!((site.hooks().len(), site.tokens().len()), (2, 1), "and no more");
    site.undo().ends().succeeds().never_says("error");
    assert_eq!(lasting(&site, &theirs), before);
    assert_eq!(site.hooks().len(), 1);
}

/// The token in it is a connection's, too, and that one was told that it is dead.
#[test]
fn one_with_a_token_that_is_known_to_be_dead_does_not_stand() {
    if !has_git() {
        return;
    }
    let (site, _) = with_theirs();
    site.home.gitlab(&site.world, "expiring").with(["--name", "theirs"]).ends().succeeds().never_says("error");
    assert!(planned(&site).contains("webhook\tstands"));
    site.world.revoke_gitlab("expiring");
    assert_eq!(site.connect(["status", "theirs"]).code, Some(4));
    insta::assert_snapshot!(planned(&site), @"
    token	make	a project access token (role Maintainer, `api`, 365 days), kept as a connection
    webhook	make	GitHub tells GitLab of pushes and pull requests; its URL carries the project token; the one that is there, which connect did not make, does not work
    ");
    import(&site).ends().succeeds().never_says("error");
    assert_eq!((site.hooks().len(), site.tokens().len()), (2, 1));
    assert_eq!(site.connect(["import", "status"]).code, Some(0));
}

/// Ours was removed by somebody who made one of their own: the proof is about theirs.
#[test]
fn one_in_the_place_of_ours() {
    if !has_git() {
        return;
    }
    let site = Site::owned();
    site.import([]).ends().succeeds().never_says("error");
    let ours = site.repository()["hooks"][0]["id"].clone();
    let path = format!("/repos/{}/hooks/{ours}", super::site::REPOSITORY);
    assert_eq!(by_hand::github(&site.world, "classic", "DELETE", &path, &Value::Null).0, 204);
    let url = format!("{}/projects/104/mirror/pull", site.world.gitlab_api_url());
    hook(&site, &format!("{url}?private_token={}", site.world.gitlab_token("expiring")), &json!({}));
    let document = import(&site).json().succeeds().document();
    assert_eq!(proven(&document)["works"], true, "{document:#}");
    assert_eq!(site.hooks().len(), 1);
}
