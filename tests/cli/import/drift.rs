//! Every way in which an import drifts is seen, and the command that `status` names mends it.

use std::time::Duration;

use forge_sandbox::{GithubSeed, GithubTokenSeed, Sandbox, Seed, Tier};
use serde_json::{Value, json};

use super::standing::*;
use crate::support::Cast as _;

fn also(name: &str) -> Seed {
    let token = GithubTokenSeed::classic(name, &["repo", "admin:repo_hook", "read:org"]);
    Seed { github: GithubSeed { tokens: vec![token], ..Default::default() }, ..Default::default() }
}

impl Standing {
    /// One thing has drifted, is told like this, and is mended; or several, told in this order.
    fn drifts(&self, expected: &[(&str, &str)]) {
        let (state, drift) = self.drift();
        let drift: Vec<(&str, String)> =
            drift.iter().map(|(what, says)| (what.as_str(), self.scrubbed(says))).collect();
        let drift: Vec<(&str, &str)> = drift.iter().map(|(what, says)| (*what, says.as_str())).collect();
        assert_eq!((state.as_str(), drift.as_slice()), ("drifted", expected));
        let mended = self.mended();
        assert_eq!(mended.code, Some(0), "{}", mended.shown());
        self.is_well();
    }
}

#[test]
fn at_gitlab() {
    let Some(scene) = Standing::new(&[]) else { return };
    scene.world.fail_mirror(PROJECT, 1);
    let why = "its last update failed, and is tried again: 13:fetch remote: \"fatal: the sandbox was told so\\n\": exit status 128.";
    scene.drifts(&[("mirror", why)]);
    scene.gitlab("PUT", "/mirror/pull", json!({"enabled": false}));
    scene.drifts(&[("mirror", "it is switched off: nothing is pulled any more")]);
    scene.gitlab("PUT", "/mirror/pull", json!({"only_mirror_protected_branches": true}));
    scene.world.settle();
    scene.drifts(&[("mirror", "it brings other branches now")]);
    scene.gitlab("PUT", "/mirror/pull", json!({"mirror_trigger_builds": false}));
    scene.world.settle();
    scene.drifts(&[("mirror", "it starts no pipelines now")]);
    scene.gitlab("PUT", "", json!({"wiki_access_level": "enabled", "issues_access_level": "private"}));
    scene.drifts(&[("features", "issues, wiki are on")]);
}

#[test]
fn the_mirror_is_given_up() {
    let Some(scene) = Standing::new(&[]) else { return };
    scene.world.fail_mirror(PROJECT, 14);
    scene.github("PUT", "/contents/new", json!({"message": "x", "content": "eA=="}));
    scene.world.settle();
    insta::assert_snapshot!(scene.on_screen(scene.status()), @r#"
    exit 9
    ✗ agility-game/home-assistant-community-store: drifted
      → http://127.0.0.1:PORT/agility-game/home-assistant/store
      ✗ pull mirror: its last update failed, and GitLab has given it up: 13:fetch
        remote: "fatal: the sandbox was told so\n": exit status 128.
      ✗ webhook: GitLab answered 403 when it was last told of something
      mend it: connect import agility-game/home-assistant-community-store --to agility-game/home-assistant/store --store plain
    "#);
    let _ = scene.mended().succeeds();
    scene.is_well();
}

#[test]
fn the_integration() {
    let Some(scene) = Standing::new(&[]) else { return };
    scene.gitlab("DELETE", "/integrations/github", Value::Null);
    scene.drifts(&[("integration", "it is switched off: pipelines are not reported to GitHub")]);
    let elsewhere = json!({"token": "x", "repository_url": format!("{}/octocat/diary", scene.world.github_url())});
    scene.gitlab("PUT", "/integrations/github", elsewhere);
    scene.drifts(&[("integration", "it reports to http://127.0.0.1:PORT/octocat/diary")]);
    let same = json!({"token": "x", "repository_url": format!("{}/{STORE}", scene.world.github_url()), "static_context": false});
    scene.gitlab("PUT", "/integrations/github", same);
    scene.drifts(&[("integration", "its context changes with the branch")]);
}

#[test]
fn the_webhook() {
    let Some(scene) = Standing::new(&[]) else { return };
    for (change, says) in [
        (json!({"active": false}), "it is switched off"),
        (json!({"events": ["issues"]}), "it does not tell of pushes and pull requests"),
    ] {
        scene.github("PATCH", &scene.hook(), change);
        scene.drifts(&[("webhook", says)]);
    }
    let config = format!("{}/config", scene.hook());
    for (change, says) in [
        (json!({"secret": "s"}), "it has a secret, for which GitLab refuses it"),
        (json!({"content_type": "form"}), "it sends forms, which GitLab does not read"),
        (json!({"insecure_ssl": "1"}), "it does not verify certificates"),
    ] {
        scene.github("PATCH", &config, change);
        scene.drifts(&[("webhook", says)]);
    }
    scene.github("DELETE", &scene.hook(), Value::Null);
    scene.drifts(&[("webhook", "it was removed: GitLab hears of pushes only when it looks, every 30 minutes")]);
    assert_eq!(scene.hooks().len(), 1);
}

#[test]
fn the_token_in_the_webhook_is_dead() {
    let Some(scene) = Standing::new(&[]) else { return };
    let number = scene.records()[0]["made"]["token"]["id"].clone();
    scene.gitlab("DELETE", &format!("/access_tokens/{number}"), Value::Null);
    scene.github("POST", &format!("{}/pings", scene.hook()), Value::Null);
    scene.world.settle();
    insta::assert_snapshot!(scene.on_screen(scene.status()), @"
    exit 9
    ✗ agility-game/home-assistant-community-store: drifted
      → http://127.0.0.1:PORT/agility-game/home-assistant/store
      ✗ project token: it was revoked or has ended, or its connection was forgotten
      ✗ webhook: it has an older token
      mend it: connect import agility-game/home-assistant-community-store --to agility-game/home-assistant/store --store plain
    ");
    let _ = scene.mended().succeeds();
    scene.is_well();
    assert_eq!(scene.hooks().len(), 1);
}

#[test]
fn the_token_in_the_webhook_ends_soon() {
    let Some(mut scene) = Standing::new(&["--token-expires-in", "40d"]) else { return };
    let old = scene.kept_token();
    scene.later(26);
    scene.is_well();
    scene.later(27);
    scene.drifts(&[("token", "it ends on 2026-12-11"), ("webhook", "the token in it ends soon")]);
    assert!(!scene.world.is_alive_gitlab(&old), "the one before is revoked");
    assert!(scene.world.is_alive_gitlab(&scene.kept_token()));
    assert_eq!(scene.home.secrets().len(), 3, "and no longer kept");
}

#[test]
fn another_token_is_connected() {
    let Some(scene) = Standing::of(Sandbox::builder().seed(also("second")), &[]) else { return };
    let _ = scene.home.github(&scene.world, "second").ends().succeeds();
    scene.drifts(&[("mirror", "it has an older token"), ("integration", "it has an older token")]);
    let record = scene.home.record(&format!("octocat@{}", scene.world.github_url().trim_start_matches("http://")));
    let planted: Vec<&Value> = record["destinations"].as_array().unwrap().iter().map(|it| &it["fingerprint"]).collect();
    assert_eq!(planted, [&record["token"]["fingerprint"], &record["token"]["fingerprint"]]);
}

#[test]
fn the_users_token_is_dead() {
    let Some(scene) = Standing::of(Sandbox::builder().seed(also("second")), &[]) else { return };
    scene.world.revoke_github("classic");
    insta::assert_snapshot!(scene.on_screen(scene.status()), @"
    exit 4
    ? agility-game/home-assistant-community-store: unknown
      → http://127.0.0.1:PORT/agility-game/home-assistant/store
      127.0.0.1:PORT: the token is not accepted: unknown, revoked or expired (Bad
      credentials)
      → GitHub does not say which; see whether it is still listed on http://127.0.0.1:PORT/settings/tokens
      → make a new one: `connect new-token github --host http://127.0.0.1:PORT --for import`
    ");
    scene.status().ends().exits(4).never_says("well");
    let _ = scene.home.github(&scene.world, "second").ends().succeeds();
    let (state, drift) = scene.drift();
    assert_eq!((state.as_str(), drift.len()), ("drifted", 2), "{drift:?}");
    let _ = scene.mended().succeeds();
    scene.is_well();
}

#[test]
fn the_users_token_ends_soon() {
    let Some(scene) = Standing::begun(Sandbox::builder()) else { return };
    let _ = scene.home.github(&scene.world, "expiring").with(["--name", "reporter"]).ends().succeeds();
    let _ = scene.import(&["--github", "octocat@host", "--status-token", "reporter"]).exits(3);
    let name = format!("octocat@{}", scene.world.github_url().trim_start_matches("http://"));
    let _ = scene.import(&["--github", &name, "--status-token", "reporter"]).succeeds();
    insta::assert_snapshot!(scene.on_screen(scene.status()), @"
    exit 9
    ✗ agility-game/home-assistant-community-store: drifted
      → http://127.0.0.1:PORT/agility-game/home-assistant/store
      ✗ GitHub integration: the token of `reporter`, which it has, ends on
        2026-11-06
      mend it: connect github --name reporter --pat
    ");
    let document = scene.status().json().exits(9).document();
    let import = &document["imports"][0];
    assert_eq!(import["drift"][0]["mend"], "connect github --name reporter --pat");
    let again = import["again"].as_str().unwrap();
    assert!(again.contains(&format!("--github {name} ")) && again.contains("--status-token reporter"), "{again}");
}

#[test]
fn the_project_is_gone() {
    let Some(scene) = Standing::new(&[]) else { return };
    let before = scene.kept_token();
    scene.gitlab("DELETE", "", Value::Null);
    scene.drifts(&[("project", "it is gone, and what was set up in it with it; or it is hidden from this token")]);
    assert_eq!(scene.hooks().len(), 1, "the old one leads to the new project");
    assert_ne!(scene.kept_token(), before);
    assert_eq!((scene.records().len(), scene.home.records().len()), (1, 3));
}

#[test]
fn both_sides_are_called_otherwise() {
    let Some(scene) = Standing::new(&[]) else { return };
    let moved = format!("{GROUP}/shop");
    scene.world.rename_gitlab_project(PROJECT, &moved);
    insta::assert_snapshot!(scene.on_screen(scene.status()), @"
    exit 0
    ✓ agility-game/home-assistant-community-store: well
      → http://127.0.0.1:PORT/agility-game/home-assistant/shop
      ! agility-game/home-assistant/store is called agility-game/home-assistant/shop
        now
    ");
    scene.is_well();
    let status = |to: &str| scene.home.connect(["import", "status", STORE, "--to", to]).ends();
    let _ = status(&moved).succeeds();
    let _ = status(PROJECT).exits(3);
    // Whoever imports into it by its new name, or by its old one, does not make another.
    for to in [&moved, PROJECT] {
        let _ = scene.home.connect(["import", STORE, "--to", to, "--store", "plain", "--yes"]).ends().succeeds();
    }
    assert_eq!(scene.records().len(), 1);

    scene.world.rename_github_repository(STORE, "shop");
    insta::assert_snapshot!(scene.on_screen(scene.status()), @"
    exit 9
    ✗ agility-game/shop: drifted
      → http://127.0.0.1:PORT/agility-game/home-assistant/shop
      ! agility-game/home-assistant-community-store is called agility-game/shop now
      ✗ pull mirror: it pulls from
        http://127.0.0.1:PORT/agility-game/home-assistant-community-store.git
      ✗ GitHub integration: it reports to
        http://127.0.0.1:PORT/agility-game/home-assistant-community-store
      mend it: connect import agility-game/shop --to agility-game/home-assistant/shop --store plain
    ");
    let (_, drift) = scene.drift();
    let drift: Vec<_> = drift.iter().map(|(what, _)| what.as_str()).collect();
    assert_eq!(drift, ["mirror", "integration"]);
    let _ = scene.mended().succeeds();
    scene.is_well();
    assert_eq!((scene.records().len(), scene.hooks().len()), (1, 1));
    assert_eq!(scene.records()[0]["github"]["path"], "agility-game/shop");
}

#[test]
fn the_licence_lapses() {
    let Some(scene) = Standing::new(&["--without-webhook"]) else { return };
    scene.world.change_tier(Tier::Free);
    insta::assert_snapshot!(scene.on_screen(scene.status()), @"
    exit 9
    ✗ agility-game/home-assistant-community-store: drifted
      → http://127.0.0.1:PORT/agility-game/home-assistant/store
      ✗ pull mirror: it is no longer licensed for agility-game/home-assistant/store;
        GitHub Actions can push instead
      mend it: connect import agility-game/home-assistant-community-store --to agility-game/home-assistant/store --sync actions
    ");
    let document = scene.status().json().exits(9).document();
    let mend = document["imports"][0]["drift"][0]["mend"].as_str().unwrap();
    assert_eq!(mend, format!("connect import {STORE} --to {PROJECT} --sync actions"));
    let secrets = || scene.github("GET", "/actions/secrets", Value::Null)["total_count"].clone();
    assert_eq!(secrets(), 0);
    let _ = scene
        .home
        .connect(mend.split(' ').skip(1))
        .with(["--store", "plain", "--yes", "--wait", "0h"])
        .ends()
        .succeeds();
    assert_eq!(secrets(), 1);
    scene.is_well();
}

impl Standing {
    /// The token that is kept for the webhook.
    fn kept_token(&self) -> String {
        self.home.connect(["token", &self.kept()]).ends().succeeds().stdout().trim_end().to_owned()
    }

    /// So many days after the beginning, for both forges and for the program.
    fn later(&mut self, days: i64) {
        let then =
            crate::support::NOW.parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_hours(24 * days);
        let by = then.duration_since(self.world.now());
        self.world.advance(Duration::try_from(by).unwrap());
        self.home.set_env("CONNECT_TEST_NOW", &then.to_string());
    }
}
