//! Refused half-way: by a token that dies, a role that goes, a licence that is none, a limit that is reached, a webhook
//! that is there. It is said at which step, what stands and what is missing; what is others' stays as it is.

use std::time::Duration;

use forge_sandbox::{Fault, Sandbox, Tier};
use serde_json::{Value, json};

use super::by_hand;
use super::site::{PROJECT, REPOSITORY, Site, has_git};
use crate::support::Cast as _;

const HOOKS: &str = "/repos/agility-game/home-assistant-community-store/hooks";
const CONTENTS: &str = "/repos/agility-game/home-assistant-community-store/contents";

/// A write that is refused with each of these, one after the other: how it ends, and at which step it says that it was.
fn refused(fault: &Fault, step: &str, answers: &[(u16, i32)]) {
    if !has_git() {
        return;
    }
    let site = Site::new();
    for (status, exit) in answers {
        let body = json!({ "message": "odd" }).to_string();
        let headers = [("content-type", "application/json"), ("x-gitlab-meta", "{}"), ("server", "github.com")];
        let headers = if step == "webhook" || step == "ci_file" { &headers[..1] } else { &headers[..2] };
        site.world.fault(fault.clone().once().answer(*status, headers, &body));
        let error = site.import(["--ci-template", "minimal"]).json();
        assert_eq!(error.code, Some(*exit), "{step} {status}: {}", error.shown());
        let error = error.error();
        assert_eq!(error["failed"], json!([step]), "{step} {status}: {error:#}");
        assert!(error["missing"].as_array().unwrap().contains(&json!(step)), "{step} {status}: {error:#}");
        assert!(!error["stands"].as_array().unwrap().contains(&json!(step)), "{step} {status}: {error:#}");
    }
    site.import(["--ci-template", "minimal"]).ends().succeeds().never_says("error");
    site.is_whole(false, step);
}

#[test]
fn the_project() {
    let fault = Fault::gitlab().method("POST").path("/projects");
    refused(&fault, "project", &[(403, 5), (404, 3), (422, 1), (400, 1), (401, 4)]);
}

#[test]
fn the_integration() {
    let fault = Fault::gitlab().method("PUT").path("/projects/104/integrations/github");
    refused(&fault, "integration", &[(403, 5), (404, 5), (422, 1), (400, 1), (401, 4)]);
}

#[test]
fn the_token() {
    let fault = Fault::gitlab().method("POST").path("/projects/104/access_tokens");
    refused(&fault, "token", &[(403, 9), (404, 9), (422, 9), (400, 9), (401, 4)]);
}

#[test]
fn the_mirror() {
    let fault = Fault::gitlab().method("PUT").path("/projects/104/mirror/pull");
    refused(&fault, "mirror", &[(403, 5), (404, 1), (422, 1), (400, 1), (401, 4)]);
}

#[test]
fn the_ci_file() {
    let fault = Fault::github().method("PUT").path(CONTENTS);
    refused(&fault, "ci_file", &[(403, 5), (404, 3), (422, 1), (409, 9), (401, 4)]);
}

#[test]
fn the_webhook() {
    let fault = Fault::github().method("POST").path(HOOKS);
    refused(&fault, "webhook", &[(403, 5), (404, 3), (422, 1), (401, 4)]);
}

/// Begins an import, does something as soon as this request has come, and waits for the end.
fn meanwhile(site: &Site, method: &str, path_ends: &str, meddle: impl FnOnce(&Sandbox)) -> crate::support::Output {
    let running = site.import(["--ci-template", "minimal"]).with(["--json"]).begins();
    site.has_come(method, path_ends);
    meddle(&site.world);
    running.ends()
}

#[test]
fn the_gitlab_token_is_revoked_meanwhile() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    site.world.fault(Fault::gitlab().method("PUT").path("/projects/104/mirror/pull").delay(Duration::from_millis(300)));
    let output = meanwhile(&site, "PUT", "/mirror/pull", |world| world.revoke_gitlab("api"));
    let error = output.error();
    assert_eq!((output.code, &error["code"]), (Some(4), &json!("token_revoked")), "{error:#}");
    assert_eq!(error["connection"], site.at_gitlab("maintainer"));
    assert!(error["stands"].as_array().unwrap().contains(&json!("project")), "{error:#}");
    // Another one under the same name, and it goes on.
    site.home.gitlab(&site.world, "expiring").ends().succeeds().never_says("error");
    site.import(["--ci-template", "minimal"]).ends().succeeds().never_says("error");
    site.is_whole(false, "with another token");
}

#[test]
fn the_github_token_is_revoked_meanwhile() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    site.world.fault(Fault::gitlab().method("POST").path("/projects/104/ci/lint").delay(Duration::from_millis(200)));
    let output = meanwhile(&site, "POST", "/ci/lint", |world| world.revoke_github("classic"));
    let error = output.error();
    assert_eq!((output.code, &error["code"]), (Some(4), &json!("bad_credentials")), "{error:#}");
    assert_eq!((&error["failed"], &error["connection"]), (&json!(["ci_file"]), &json!("octocat@github.com")));
    site.home.dotcom(&site.world, "oauth").ends().succeeds().never_says("error");
    site.import(["--ci-template", "minimal"]).ends().succeeds().never_says("error");
    // Mirror and integration have the new one: each copy has the fingerprint of its connection.
    site.is_whole(false, "with another token");
}

#[test]
#[cfg(feature = "test-hooks")]
fn a_token_expires_meanwhile() {
    let site = Site::new();
    site.home.gitlab(&site.world, "expiring").ends().succeeds().never_says("error");
    site.world.fault(Fault::gitlab().method("PUT").path("/projects/104/mirror/pull").delay(Duration::from_millis(300)));
    let days = Duration::from_secs(6 * 24 * 3600);
    let output = meanwhile(&site, "PUT", "/mirror/pull", |world| world.advance(days));
    let error = output.error();
    assert_eq!((output.code, &error["code"]), (Some(4), &json!("token_expired")), "{error:#}");
    assert!(error["stands"].as_array().unwrap().contains(&json!("token")), "{error:#}");
}

#[test]
fn nothing_is_made_where_no_licence_is() {
    let site = Site::built(Sandbox::builder().tier(Tier::Free));
    let output = site.import([]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 5
    --- stderr
    error: pull mirroring is not licensed for agility-game/home-assistant/store
      → GitLab Premium or Ultimate has it; nothing else does
      → `--sync actions`: a workflow of GitHub Actions pushes to GitLab instead
      → `--without-mirror`: the repository is brought over once
    ");
    assert_eq!((site.projects(), site.imports().len(), site.home.journal().len()), (Vec::<Value>::new(), 0, 0));
}

/// Nobody tells before the project is there that it cannot be mirrored.
fn licence_shows_late() -> Site {
    let site = Site::built(Sandbox::builder().tier(Tier::Free));
    let place = json!({ "id": 11, "kind": "group", "full_path": "agility-game/home-assistant" }).to_string();
    let json = [("content-type", "application/json")];
    site.world.fault(Fault::gitlab().path("/namespaces/agility-game%2Fhome-assistant").answer(200, &json, &place));
    site.world.fault(Fault::gitlab().path("/groups/11/projects").answer(200, &json, "[]"));
    site
}

#[test]
fn a_licence_that_shows_late_is_not_gone_round() {
    let site = licence_shows_late();
    let error = site.import([]).json();
    assert_eq!(error.code, Some(5), "{}", error.shown());
    let error = error.error();
    assert_eq!(
        (&error["code"], &error["stands"]),
        (&json!("not_licensed"), &json!(["project", "features"])),
        "{error:#}"
    );
    assert_eq!((site.tokens().len(), site.hooks().len()), (0, 0));
    // As it says: the same project, filled in another way.
    site.import(["--sync", "actions", "--wait", "0s"]).ends().succeeds().never_says("error");
    assert_eq!((site.projects().len(), site.tokens().len(), site.imports().len()), (1, 1, 1));
}

#[test]
fn a_mirror_that_is_answered_and_not_made() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    let json = [("content-type", "application/json")];
    let nothing = json!({ "enabled": false, "url": null, "update_status": "none" }).to_string();
    let mirror = Fault::gitlab().method("PUT").path("/projects/104/mirror/pull");
    site.world.fault(mirror.once().answer(200, &json, &nothing));
    let error = site.import([]).json().error();
    assert_eq!((&error["code"], &error["failed"]), (&json!("not_licensed"), &json!(["mirror"])), "{error:#}");
    assert_eq!(error["missing"], json!(["mirror", "webhook"]));
    assert!(site.imports()[0]["made"]["mirror"].is_null());
    site.import([]).ends().succeeds().never_says("error");
    site.is_whole(false, "licensed by now");
}

#[test]
fn no_tokens_for_projects() {
    if !has_git() {
        return;
    }
    let site = Site::built(Sandbox::builder().project_tokens(false));
    let error = site.import([]).json().error();
    assert_eq!(error["code"], "no_project_token", "{error:#}");
    assert_eq!(error["missing"], json!(["token", "webhook"]));
    // As it says.
    let name = site.at_gitlab("maintainer");
    site.home
        .connect(["import", REPOSITORY, "--to", PROJECT, "--yes", "--hook-token", &name])
        .ends()
        .succeeds()
        .never_says("error");
    assert_eq!((site.tokens().len(), site.hooks().len(), site.kept().len()), (0, 1, 0));
    assert!(site.hooks()[0].ends_with(&site.world.gitlab_token("api")));
    assert_eq!(site.connect(["import", "status"]).code, Some(0));
}

#[test]
fn a_token_that_was_to_live_too_long() {
    let site = Site::new();
    let words = json!({ "message": "400 Bad request - Expiration date must be before 2026-12-01" }).to_string();
    let headers = [("content-type", "application/json"), ("x-gitlab-meta", "{}")];
    site.world.fault(Fault::gitlab().method("POST").path("/projects/104/access_tokens").answer(400, &headers, &words));
    let error = site.import([]).json().error();
    assert_eq!(error["code"], "token_lives_too_long", "{error:#}");
    assert!(error["hint"].as_str().unwrap().contains("--token-expires-in"), "{error:#}");
}

/// Somebody else's webhook.
pub fn hook(site: &Site, url: &str, more: &Value) -> Value {
    let mut config = json!({ "url": url, "content_type": "json" });
    config.as_object_mut().unwrap().extend(more["config"].as_object().cloned().unwrap_or_default());
    let active = more["active"].as_bool().unwrap_or(true);
    let body = json!({ "name": "web", "active": active, "events": ["push", "pull_request"], "config": config });
    let (status, made) = by_hand::github(&site.world, "classic", "POST", HOOKS, &body);
    assert_eq!(status, 201, "{made:#}");
    site.world.settle();
    made
}

/// What of a webhook nobody but its owner changes.
pub fn lasting(site: &Site, id: &Value) -> Value {
    let all = site.repository()["hooks"].take();
    let mut hook = all.as_array().unwrap().iter().find(|hook| hook["id"] == *id).unwrap().clone();
    for key in ["deliveries", "last_response"] {
        hook.as_object_mut().unwrap().remove(key);
    }
    hook
}

#[test]
fn as_many_webhooks_as_there_may_be() {
    if !has_git() {
        return;
    }
    let site = Site::built(Sandbox::builder().hook_limit(2));
    let (one, two) =
        (hook(&site, "http://127.0.0.1:1/one", &json!({})), hook(&site, "http://127.0.0.1:1/two", &json!({})));
    let output = site.import(["--without-integration"]).ends();
    let told = output.shown().lines().filter(|line| !line.starts_with('✓')).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(told, @r#"
    exit 1
    --- stderr
    error: github.com: there are as many webhooks as there may be (Validation Failed; The "push" event cannot have more than 2 hooks)
      → remove one that is no longer needed in the repository's settings, under Webhooks
      → the forge's number for the request is NUMBER
      → `--without-webhook` does without: GitLab then looks for news every 30 minutes
      → it happened at this step: webhook
      → what stands in agility-game/home-assistant/store: project, features, mirror, token
      → what is missing: webhook
      → the same command goes on from here; `connect import undo` takes it back
    "#);
    assert_eq!(site.hooks().len(), 2);
    let (status, _) =
        by_hand::github(&site.world, "classic", "DELETE", &format!("{HOOKS}/{}", two["id"]), &Value::Null);
    assert_eq!(status, 204);
    let before = lasting(&site, &one["id"]);
    site.import([]).ends().succeeds().never_says("error");
    assert_eq!(lasting(&site, &one["id"]), before);
    assert_eq!((site.hooks().len(), site.tokens().len(), site.kept().len()), (2, 1, 1));
}

#[test]
fn webhooks_of_others_to_the_same_mirror_that_do_not_work() {
    if !has_git() {
        return;
    }
    let site = Site::owned();
    let base = format!("{}/projects", site.world.gitlab_api_url());
    let live = site.world.gitlab_token("api");
    let others = [
        hook(&site, &format!("{base}/104/mirror/pull?private_token=glpat-dead"), &json!({})),
        hook(&site, &format!("{base}/104/mirror/pull?private_token={live}"), &json!({ "config": { "secret": "s" } })),
        hook(&site, &format!("{base}/104/mirror/pull?private_token={live}&off=1"), &json!({ "active": false })),
        hook(&site, &format!("{base}/agility-game%2Fhome-assistant%2Fstore/mirror/pull?private_token=no"), &json!({})),
    ];
    let before: Vec<Value> = others.iter().map(|hook| lasting(&site, &hook["id"])).collect();
    site.import([]).ends().succeeds().never_says("error");
    assert_eq!((site.hooks().len(), site.tokens().len()), (5, 1));
    site.import([]).ends().succeeds().never_says("error");
    assert_eq!((site.hooks().len(), site.tokens().len()), (5, 1), "and no more by another run");
    site.undo().ends().succeeds().never_says("error");
    assert_eq!(site.hooks().len(), 4);
    for (hook, before) in others.iter().zip(before) {
        assert_eq!(lasting(&site, &hook["id"]), before);
    }
}

#[test]
fn a_webhook_of_others_that_works_is_enough() {
    if !has_git() {
        return;
    }
    for place in ["104", "agility-game%2Fhome-assistant%2Fstore"] {
        let site = Site::owned();
        site.import(["--without-webhook"]).ends().succeeds().never_says("error");
        let url = format!("{}/projects/{place}/mirror/pull", site.world.gitlab_api_url());
        let live = site.world.gitlab_token("api");
        let theirs = hook(&site, &format!("{url}?private_token={live}"), &json!({}));
        // What was said once holds until it is forgotten.
        site.import(["--anew"]).ends().succeeds().never_says("error");
        assert_eq!((site.hooks().len(), site.tokens().len(), site.kept().len()), (1, 0, 0), "{place}");
        assert!(site.imports()[0]["made"]["hook"].is_null() && site.imports()[0]["setup"]["webhook"] == true);
        site.undo().ends().succeeds().never_says("error");
        assert!(lasting(&site, &theirs["id"])["active"] == true, "{place}");
    }
}

#[test]
fn a_webhook_of_ours_that_others_have_changed_is_set_right() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    site.import([]).ends().succeeds().never_says("error");
    let ours = site.repository()["hooks"][0]["id"].clone();
    let path = format!("{HOOKS}/{ours}");
    for change in [
        json!({ "active": false }),
        json!({ "events": ["push"] }),
        json!({ "config": { "url": "http://127.0.0.1:1/", "content_type": "form" } }),
        json!({ "config": { "url": site.hooks()[0], "content_type": "json", "secret": "s" } }),
    ] {
        assert_eq!(by_hand::github(&site.world, "classic", "PATCH", &path, &change).0, 200);
        assert_eq!(site.connect(["import", "status"]).code, Some(9), "{change}");
        site.import([]).ends().succeeds().never_says("error");
        site.is_whole(false, &change.to_string());
        assert_eq!(site.repository()["hooks"][0]["id"], ours);
    }
}
