//! Other people, other machines, other processes, other names: what they do beside an import, between two runs of it
//! and in the middle of one.

use std::time::Duration;

use forge_sandbox::Fault;
use serde_json::{Value, json};

use super::by_hand;
use super::site::{GROUP, PROJECT, REPOSITORY, Site, furnished, has_git, import_from};
use crate::support::{Cast as _, Home, Output};

/// Both at once, and each again until both are through. Gives how often it took.
fn both_until_through(one: &Home, other: &Home) {
    let through = |output: &Output| output.code == Some(0);
    let (first, second) =
        (import_from(one, []).with(["--json"]).begins(), import_from(other, []).with(["--json"]).begins());
    let (mut first, mut second) = (first.ends(), second.ends());
    for _ in 0..3 {
        for output in [&first, &second] {
            // Somebody was quicker: said as that, and nothing half done.
            let said = through(output) || ["project_taken", "busy"].contains(&output.error()["code"].as_str().unwrap());
            assert!(said, "{}", output.shown());
        }
        if through(&first) && through(&second) {
            return;
        }
        first = if through(&first) { first } else { import_from(one, []).json() };
        second = if through(&second) { second } else { import_from(other, []).json() };
    }
    assert!(through(&first) && through(&second), "{}\n{}", first.shown(), second.shown());
}

/// The import that is on record in a home.
fn record(home: &Home) -> Value {
    let folder = std::fs::read_dir(home.connect_home().join("data/imports")).unwrap();
    let mut all: Vec<_> = folder.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect();
    assert_eq!(all.len(), 1);
    serde_json::from_slice(&all.remove(0)).unwrap()
}

fn two_homes(account: &str) {
    if !has_git() {
        return;
    }
    let site = Site::new();
    let theirs = furnished(&site.world, account);
    both_until_through(&site.home, &theirs);
    assert_eq!(site.projects().len(), 1, "{account}");
    // Whoever comes second in the very moment may need a webhook of their own: each has a token that lives.
    let (hooks, tokens) = (site.hooks(), site.tokens());
    assert!((1..=2).contains(&hooks.len()) && hooks.len() == tokens.len(), "{account}: {hooks:?}");
    assert!(tokens.iter().all(|token| hooks.iter().any(|hook| hook.ends_with(token))), "{account}");
    let records = [record(&site.home), record(&theirs)];
    let made = |key: &str| records.iter().filter(|record| record["made"][key].is_object()).count();
    assert_eq!((made("project"), made("mirror"), made("integration")), (1, 1, 1), "{account}: {records:#?}");
    // And no more by further runs.
    for home in [&site.home, &theirs] {
        import_from(home, []).ends().succeeds().never_says("error");
    }
    assert_eq!((site.projects().len(), site.hooks().len(), site.tokens().len()), (1, hooks.len(), tokens.len()));
    // The one who made less takes it back: what the other made stays.
    let (second, first) =
        if records[0]["made"]["project"].is_object() { (&theirs, &site.home) } else { (&site.home, &theirs) };
    second.connect(["import", "undo", REPOSITORY, "--yes"]).ends().succeeds().never_says("error");
    let project = site.projects().remove(0);
    assert_eq!((&project["mirror"]["enabled"], &project["integration"]["active"]), (&json!(true), &json!(true)));
    assert_eq!(record(first)["made"]["project"]["id"], project["id"]);
    import_from(first, []).ends().succeeds().never_says("error");
    assert_eq!((site.hooks().len(), site.tokens().len()), (1, 1), "{account}");
}

#[test]
fn two_people_on_two_machines() {
    two_homes("admin");
}

#[test]
fn one_person_on_two_machines() {
    two_homes("api");
}

#[test]
fn two_processes_in_one_home() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    site.world.fault(Fault::gitlab().method("POST").path("/projects").once().delay(Duration::from_millis(700)));
    let first = site.import([]).with(["--json"]).begins();
    site.has_come("POST", "/projects");
    let error = site.import([]).json().fails(1, "busy");
    assert!(error["message"].as_str().unwrap().contains(REPOSITORY), "{error}");
    site.undo().json().fails(1, "busy");
    assert_eq!(first.ends().code, Some(0));
    site.is_whole(false, "two processes");
}

/// By the name of today and by a former one: it is the same repository.
#[test]
fn two_processes_in_one_home_by_two_names() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    site.world.fault(Fault::gitlab().method("POST").path("/projects").once().delay(Duration::from_millis(700)));
    let first = site.import([]).with(["--json"]).begins();
    site.has_come("POST", "/projects");
    let former = ["import", "agility-game/hacs", "--to", PROJECT, "--yes", "--store", "plain", "--json"];
    site.connect(former).fails(1, "busy");
    assert_eq!(first.ends().code, Some(0));
    site.connect(former).succeeds().never_says("error");
    site.is_whole(false, "two names");
}

const SHOP: &str = "agility-game/home-assistant/shop";

#[test]
fn the_project_is_renamed_between_two_runs() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    site.world.fault(Fault::gitlab().method("PUT").path("/projects/104/mirror/pull").once().status(500));
    assert_eq!(site.import([]).ends().code, Some(7));
    site.world.rename_gitlab_project(PROJECT, SHOP);
    for to in [PROJECT, PROJECT, SHOP, PROJECT, GROUP] {
        let call = site.home.connect(["import", REPOSITORY, "--to", to, "--yes", "--store", "plain"]);
        // To the group: the name that the repository has is free there, and another project is made.
        if to == GROUP {
            let plan = call.with(["--plan"]).ends().succeeds();
            assert!(plan.stdout().contains("project\tstands"), "{}", plan.shown());
            continue;
        }
        call.ends().succeeds().never_says("error");
        site.is_whole(false, to);
        assert_eq!(site.imports()[0]["gitlab"]["path"], SHOP);
    }
    // Another project comes to the old path: it is not taken for this import.
    let body = json!({ "path": "store", "name": "another", "namespace_id": 11 });
    assert_eq!(by_hand::gitlab(&site.world, "api", "POST", "/projects", &body).0, 201);
    site.import([]).json().fails(9, "project_taken");
    assert_eq!(site.connect(["import", REPOSITORY, "--to", SHOP, "--yes"]).code, Some(0));
}

#[test]
fn the_project_is_renamed_in_the_middle() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    let slow = Fault::gitlab().method("POST").path("/projects/104/access_tokens").once();
    site.world.fault(slow.delay(Duration::from_millis(200)));
    let running = site.import(["--ci-template", "minimal"]).with(["--json"]).begins();
    site.has_come("POST", "/access_tokens");
    site.world.rename_gitlab_project(PROJECT, SHOP);
    // GitLab is spoken to by number.
    assert_eq!(running.ends().code, Some(0));
    site.import(["--ci-template", "minimal"]).ends().succeeds().never_says("error");
    site.is_whole(false, "renamed");
    assert_eq!(site.imports()[0]["gitlab"]["path"], SHOP);
}

#[test]
fn the_repository_is_renamed_in_the_middle() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    site.world
        .fault(Fault::gitlab().method("POST").path("/projects/104/ci/lint").once().delay(Duration::from_millis(200)));
    let running = site.import(["--ci-template", "minimal"]).with(["--json"]).begins();
    site.has_come("POST", "/ci/lint");
    site.world.rename_github_repository(REPOSITORY, "courses");
    let error = running.ends().error();
    // GitHub's writes do not follow the old name.
    assert_eq!((&error["code"], &error["failed"]), (&json!("moved"), &json!(["ci_file"])), "{error:#}");
    for name in [REPOSITORY, "agility-game/courses", REPOSITORY] {
        let call = site.home.connect(["import", name, "--to", PROJECT, "--yes", "--store", "plain"]);
        call.with(["--ci-template", "minimal"]).ends().succeeds().never_says("error");
        site.is_whole(false, name);
        assert_eq!(site.imports()[0]["github"]["path"], "agility-game/courses");
    }
    assert_eq!(site.wrote("github", "PUT", "/contents/.gitlab-ci.yml"), 1);
    let mirror = site.projects()[0]["mirror"]["url"].as_str().unwrap().to_owned();
    assert!(mirror.ends_with("/agility-game/courses.git"), "{mirror}");
}

/// The project is removed by its owners; the webhook on GitHub and the kept token are left.
fn deleted_after(site: &Site) {
    assert_eq!(by_hand::gitlab(&site.world, "admin", "DELETE", "/projects/104", &Value::Null).0, 202);
    let before = site.repository()["hooks"][0]["id"].clone();
    site.import([]).ends().succeeds().never_says("error");
    site.is_whole(false, "made anew");
    assert_eq!(site.projects()[0]["id"], 105);
    assert_eq!(site.repository()["hooks"][0]["id"], before, "ours is led to the new project");
    assert!(site.kept()[0]["name"].as_str().unwrap().starts_with("mirror-store-105@"));
}

#[test]
fn the_project_is_deleted_between_two_runs() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    site.import([]).ends().succeeds().never_says("error");
    assert_eq!(site.connect(["import", "status"]).code, Some(0));
    deleted_after(&site);
}

#[test]
#[cfg(feature = "test-hooks")]
fn the_project_is_deleted_after_a_kill() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    super::site::killed(site.import([]), "import.hook.answered");
    deleted_after(&site);
}

#[test]
#[cfg(feature = "test-hooks")]
fn killed_while_it_is_made_anew() {
    if !has_git() {
        return;
    }
    for point in
        ["disconnect.removed", "disconnect.forgotten", "import.recorded", "import.begun", "import.project.made"]
    {
        let site = Site::new();
        site.import([]).ends().succeeds().never_says("error");
        assert_eq!(by_hand::gitlab(&site.world, "admin", "DELETE", "/projects/104", &Value::Null).0, 202);
        super::site::killed(site.import([]), point);
        site.import([]).ends().succeeds().never_says("error");
        site.is_whole(false, point);
    }
}

/// GitLab marks a project for deletion, gives it another name, and keeps it for some days.
#[test]
fn a_project_that_is_marked_for_deletion_is_gone() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    site.import([]).ends().succeeds().never_says("error");
    let doomed = "store-deletion_scheduled-104";
    let renamed = json!({ "name": doomed, "path": doomed });
    let (status, mut shown) = by_hand::gitlab(&site.world, "admin", "PUT", "/projects/104", &renamed);
    assert_eq!(status, 200, "{shown:#}");
    shown["marked_for_deletion_on"] = json!("2026-11-01");
    shown["marked_for_deletion_at"] = json!("2026-11-01");
    let json = [("content-type", "application/json")];
    for path in ["/projects/104", "/projects/agility-game%2Fhome-assistant%2Fstore"] {
        site.world.fault(Fault::gitlab().method("GET").path(path).times(1).answer(200, &json, &shown.to_string()));
    }
    site.import([]).ends().succeeds().never_says("error");
    let projects = site.projects();
    let new = projects.iter().find(|project| project["full_path"] == PROJECT).unwrap();
    assert_eq!((new["id"].as_u64(), projects.len()), (Some(105), 2));
    assert!(site.hooks().len() == 1 && site.hooks()[0].contains("/projects/105/"), "{:?}", site.hooks());
    assert_eq!(site.kept().len(), 1);
}

#[test]
fn every_connection_is_renamed() {
    if !has_git() {
        return;
    }
    let site = Site::owned();
    site.import([]).ends().succeeds().never_says("error");
    let mirror = site.kept()[0]["name"].as_str().unwrap().to_owned();
    let lab = site.at_gitlab("root");
    for (from, to) in [("octocat@github.com", "hub"), (lab.as_str(), "lab"), (mirror.as_str(), "mirror")] {
        site.connect(["rename", from, to]).succeeds().never_says("error");
        site.is_whole(false, to);
    }
    site.import([]).ends().succeeds().never_says("error");
    site.is_whole(false, "by their new names");
    let import = site.imports().remove(0);
    assert_eq!((&import["github"]["connection"], &import["gitlab"]["connection"]), (&json!("hub"), &json!("lab")));
    assert_eq!(import["made"]["hook_token"]["connection"], "mirror");
    site.undo().ends().succeeds().never_says("error");
    site.is_bare("renamed");
}

#[test]
fn a_connection_is_renamed_in_the_middle() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    let slow = Fault::gitlab().method("PUT").path("/projects/104/mirror/pull").once();
    site.world.fault(slow.delay(Duration::from_millis(900)));
    let running = site.import([]).with(["--json"]).begins();
    site.has_come("PUT", "/mirror/pull");
    site.connect(["rename", "octocat@github.com", "hub"]).succeeds().never_says("error");
    // Others are not kept from their work by it.
    site.home.github(&site.world, "classic").ends().succeeds().never_says("error");
    site.connect(["disconnect", &crate::support::forges::at_github(&site.world, "octocat")])
        .succeeds()
        .never_says("error");
    assert_eq!(running.ends().code, Some(0));
    assert_eq!(site.connect(["import", "status"]).code, Some(0));
    site.import([]).ends().succeeds().never_says("error");
    site.is_whole(false, "renamed");
    assert_eq!(site.imports()[0]["made"]["mirror"]["connection"], "hub");
}

#[test]
fn the_mirrors_connection_is_forgotten() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    site.import([]).ends().succeeds().never_says("error");
    let name = site.kept()[0]["name"].as_str().unwrap().to_owned();
    let before = site.tokens();
    let output = site.connect(["disconnect", &name]).succeeds();
    assert!(
        output.stdout().contains("a copy is still at") && output.stdout().contains("(github-webhook)"),
        "{}",
        output.shown()
    );
    assert_eq!(site.connect(["import", "status"]).code, Some(9));
    site.import([]).ends().succeeds().never_says("error");
    site.is_whole(false, "made anew");
    assert_ne!(site.tokens(), before, "the one that nobody keeps is revoked");
}

#[test]
fn the_mirrors_token_is_lost_from_its_store() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    site.import([]).ends().succeeds().never_says("error");
    let secret = site.kept()[0]["token"]["secret"].as_str().unwrap().to_owned();
    let file = site.home.secrets().into_iter().find(|path| path.ends_with(&secret)).unwrap();
    std::fs::remove_file(file).unwrap();
    // As long as it stands, nobody has to look.
    site.import([]).ends().succeeds().never_says("error");
    let hook = site.repository()["hooks"][0]["id"].to_string();
    let path = format!("/repos/{REPOSITORY}/hooks/{hook}");
    assert_eq!(by_hand::github(&site.world, "classic", "DELETE", &path, &Value::Null).0, 204);
    site.import([]).ends().succeeds().never_says("error");
    site.is_whole(false, "another token");
}

#[test]
fn a_connection_is_forgotten_and_made_again_under_another_name() {
    if !has_git() {
        return;
    }
    let site = Site::owned();
    site.import([]).ends().succeeds().never_says("error");
    let output = site.connect(["disconnect", "octocat@github.com"]).succeeds();
    for kind in ["gitlab-mirror", "gitlab-integration"] {
        assert!(output.stdout().contains(&format!("{PROJECT} ({kind})")), "{}", output.shown());
    }
    let error = site.connect(["import", "status", REPOSITORY]);
    assert_ne!(error.code, Some(0), "{}", error.shown());
    site.home.dotcom(&site.world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    site.connect(["disconnect", &site.at_gitlab("root")]).succeeds().never_says("error");
    site.home.gitlab(&site.world, "admin").with(["--name", "lab"]).ends().succeeds().never_says("error");
    site.undo().ends().succeeds().never_says("error");
    site.is_bare("by other names");
}

/// One repository into two projects, and one of the same name on another host into the same group.
#[test]
fn more_than_one_import() {
    if !has_git() {
        return;
    }
    let site = Site::owned();
    site.home.github(&site.world, "classic").ends().succeeds().never_says("error");
    let to = |repository: &str, to: &str| {
        let call = site.home.connect(["import", repository, "--to", to, "--yes", "--store", "plain"]);
        call.ends().succeeds().never_says("error");
    };
    let elsewhere = format!("{}/{REPOSITORY}", site.world.github_url());
    let dotcom = format!("https://github.com/{REPOSITORY}");
    to(&dotcom, PROJECT);
    to(&dotcom, SHOP);
    to(&elsewhere, "agility-game/home-assistant/enterprise");
    assert_eq!((site.projects().len(), site.tokens().len(), site.kept().len(), site.imports().len()), (3, 3, 3, 3));
    // All three know their own.
    to(&dotcom, PROJECT);
    to(&dotcom, SHOP);
    to(&elsewhere, "agility-game/home-assistant/enterprise");
    assert_eq!((site.projects().len(), site.tokens().len(), site.kept().len(), site.imports().len()), (3, 3, 3, 3));
    assert_eq!(site.connect(["import", "status"]).code, Some(0));
    let error = site.connect(["import", "undo", REPOSITORY, "--yes", "--json"]).fails(9, "several_imports");
    assert!(error["hint"].as_str().unwrap().contains("--to"), "{error}");
    let one = ["import", "undo", &dotcom, "--to", SHOP, "--delete-project", "--yes"];
    site.connect(one).succeeds().never_says("error");
    assert_eq!((site.projects().len(), site.tokens().len(), site.kept().len(), site.imports().len()), (2, 2, 2, 2));
    assert_eq!(site.connect(["import", "status"]).code, Some(0));
}
