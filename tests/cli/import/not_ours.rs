//! What looks like an import's own and is somebody else's: it is not taken for made by connect, and not removed by it.

use serde_json::{Value, json};

use super::by_hand;
use super::site::{PROJECT, REPOSITORY, Site, has_git};

/// Asked for and never answered, and somebody else made the project meanwhile: it is set up, and stays theirs.
#[test]
#[cfg(feature = "test-hooks")]
fn a_project_that_somebody_else_made_in_between() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    super::site::killed(site.import([]), "import.project.asked");
    assert!(site.imports()[0]["made"]["project"].is_object());
    let body = json!({ "path": "store", "name": "store", "namespace_id": 11, "mirror": true,
        "import_url": format!("https://github.com/{REPOSITORY}.git") });
    let (status, project) = by_hand::gitlab(&site.world, "admin", "POST", "/projects", &body);
    assert_eq!(status, 201, "{project}");
    site.world.settle();
    site.import([]).ends().succeeds().never_says("error");
    assert_eq!(site.imports()[0]["made"]["project"], Value::Null);
    site.undo().json().fails(9, "not_our_project");
    assert_eq!(site.projects()[0]["full_path"], PROJECT);
}

/// A way of syncing that needs no webhook does not talk a later one out of it.
#[test]
fn a_webhook_is_back_with_the_mirror() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    site.import(["--sync", "actions", "--wait", "1s"]).ends().succeeds().never_says("error");
    let plan = site.import(["--sync", "mirror", "--plan"]).json().succeeds().document();
    let steps: Vec<&str> =
        plan["steps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert!(steps.contains(&"webhook"), "{steps:?}");
}

/// GitHub takes no second hook to the same URL. One that somebody else put there with the very token is not adopted.
#[test]
fn a_webhook_with_the_same_url_stays_theirs() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    let own = site.at_gitlab("maintainer");
    let named = |flags: &[&str]| site.import([]).with(["--hook-token", &own]).with(flags);
    site.import(["--without-webhook"]).ends().succeeds().never_says("error");
    let id = site.projects()[0]["id"].as_u64().unwrap();
    let url = format!(
        "{}/projects/{id}/mirror/pull?private_token={}",
        site.world.gitlab_api_url(),
        site.world.gitlab_token("api")
    );
    let hook = json!({ "name": "web", "active": true, "events": ["push", "pull_request"],
        "config": { "url": url, "content_type": "json", "insecure_ssl": "0" } });
    let theirs = by_hand::github(&site.world, "classic", "POST", &format!("/repos/{REPOSITORY}/hooks"), &hook);
    assert_eq!(theirs.0, 201, "{}", theirs.1);
    let output = named(&["--sync", "mirror"]).ends();
    assert_eq!(site.hooks().len(), 1, "{}", output.shown());
    assert_eq!(site.imports()[0]["made"]["hook"], Value::Null, "{}", output.shown());
    let _ = site.home.connect(["import", "undo", REPOSITORY, "--yes"]).ends();
    assert_eq!(site.hooks(), [url]);
}
