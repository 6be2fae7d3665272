//! Killed at every point of an import, and of taking one back: the same command again comes to the end, with
//! everything there once, and `doctor` says so in between.

#![cfg(feature = "test-hooks")]

use super::site::{PROJECT, REPOSITORY, Site, has_git, killed};

/// One test a point, so that they run side by side.
macro_rules! at_every_point {
    ($story:ident: $($name:ident $point:literal),+ $(,)?) => {
        mod $story {
            $(#[test] fn $name() { super::$story($point); })+
        }
    };
}

/// What is told between the two runs: by `doctor`, unless nothing was begun yet.
fn tells(site: &Site, point: &str, command: &str) {
    let open = site.unfinished();
    let mends = |check: &serde_json::Value| check["mend"].as_str().is_some_and(|mend| mend.contains(command));
    assert!(open.iter().any(mends), "{point}: {open:#?}");
}

fn by_mirror(point: &str) {
    if !has_git() {
        return;
    }
    let site = Site::new();
    let flags = ["--ci-template", "minimal"];
    killed(site.import(flags), point);
    // Before it is said to be under way nothing was made.
    if point != "import.recorded" {
        tells(&site, point, &format!("connect import {REPOSITORY} --to "));
    }
    site.import(flags).ends().succeeds().never_says("error");
    site.is_whole(false, point);
    assert_eq!(site.wrote("github", "PUT", "/contents/.gitlab-ci.yml"), 1, "{point}");
}

at_every_point! { by_mirror:
    recorded "import.recorded",
    begun "import.begun",
    project_asked "import.project.asked",
    project_answered "import.project.answered",
    project_made "import.project.made",
    integration_asked "import.integration.asked",
    integration_answered "import.integration.answered",
    integration_made "import.integration.made",
    ci_asked "import.ci.asked",
    ci_answered "import.ci.answered",
    ci_made "import.ci.made",
    token_swept "import.token.swept",
    token_asked "import.token.asked",
    token_answered "import.token.answered",
    token_intent "connect.intent",
    token_stored "connect.stored",
    token_recorded "connect.recorded",
    token_remembered "connect.remembered",
    token_replaced "connect.replaced",
    token_kept "import.token.kept",
    token_made "import.token.made",
    mirror_asked "import.mirror.asked",
    mirror_answered "import.mirror.answered",
    mirror_made "import.mirror.made",
    hook_asked "import.hook.asked",
    hook_answered "import.hook.answered",
    hook_made "import.hook.made",
    copied "import.copied",
    finished "import.finished",
}

/// Before anything is made a store is tried with a throw-away secret.
#[test]
fn while_a_store_is_tried() {
    if !has_git() {
        return;
    }
    for point in ["doctor.intent", "doctor.written", "doctor.removed"] {
        let site = Site::new();
        killed(site.import([]), point);
        assert_eq!((site.projects().len(), site.imports().len(), site.home.journal().len()), (0, 0, 1), "{point}");
        site.import([]).ends().succeeds().never_says("error");
        site.is_whole(false, point);
    }
}

fn by_actions(point: &str) {
    let site = Site::new();
    let flags = ["--sync", "actions", "--ci-template", "minimal", "--wait", "1s"];
    killed(site.import(flags), point);
    tells(&site, point, &format!("connect import {REPOSITORY} --to "));
    site.import(flags).ends().succeeds().never_says("error");
    site.is_whole(true, point);
    assert_eq!(site.wrote("github", "PUT", "/contents/.gitlab-ci.yml"), 1, "{point}");
    assert_eq!(site.wrote("github", "PUT", "/mirror-to-gitlab.yml"), 1, "{point}");
}

at_every_point! { by_actions:
    token_made "import.token.made",
    ci_made "import.ci.made",
    secret_asked "import.secret.asked",
    secret_answered "import.secret.answered",
    secret_made "import.secret.made",
    workflow_asked "import.workflow.asked",
    workflow_made "import.workflow.made",
}

fn by_pull_request(point: &str) {
    if !has_git() {
        return;
    }
    let site = Site::owned();
    let flags = ["--ci-template", "minimal", "--pull-request"];
    killed(site.import(flags), point);
    site.import(flags).ends().succeeds().never_says("error");
    site.is_whole(false, point);
    let repository = site.repository();
    let pulls = repository["pulls"].as_array().unwrap();
    assert_eq!(pulls.len(), 1, "{point}: {pulls:#?}");
    assert!(repository["branches"]["add-gitlab-ci"].is_string(), "{point}");
    assert_eq!(site.wrote("github", "PUT", "/contents/.gitlab-ci.yml"), 1, "{point}");
    assert_eq!(site.imports()[0]["made"]["ci_file"]["pull"], pulls[0]["number"], "{point}");
    site.undo().ends().succeeds().never_says("error");
    site.is_bare(point);
    assert_eq!(site.repository()["pulls"][0]["open"], false, "{point}");
}

at_every_point! { by_pull_request:
    branch_asked "import.branch.asked",
    branch_made "import.branch.made",
    ci_asked "import.ci.asked",
    ci_answered "import.ci.answered",
    ci_made "import.ci.made",
    pull_asked "import.pull.asked",
    pull_answered "import.pull.answered",
}

fn by_importer(point: &str) {
    if !has_git() {
        return;
    }
    let site = Site::new();
    let flags = ["--mode", "full"];
    killed(site.import(flags), point);
    site.import(flags).ends().succeeds().never_says("error");
    site.is_whole(false, point);
    assert!(site.wrote("gitlab", "POST", "/import/github") == 1 && site.wrote("gitlab", "POST", "/projects") == 0);
}

at_every_point! { by_importer:
    project_asked "import.project.asked",
    project_answered "import.project.answered",
    project_made "import.project.made",
}

/// A private repository is brought over once by the importer, and what CI/CD alone does not need is switched off then.
fn privately(point: &str) {
    let site = Site::owned();
    let firmware = "agility-game/timing-firmware";
    let import = || site.home.connect(["import", firmware, "--to", PROJECT, "--without-mirror", "--yes"]);
    killed(import(), point);
    import().ends().succeeds().never_says("error");
    assert_eq!((site.projects().len(), site.home.journal().len()), (1, 0), "{point}");
    assert_eq!(site.projects()[0]["features"]["issues"], "disabled", "{point}");
    // connect made the project: how its features were is nobody's concern.
    assert!(site.imports()[0]["made"]["features"].is_null(), "{point}");
}

at_every_point! { privately:
    project_answered "import.project.answered",
    features_asked "import.features.asked",
    features_made "import.features.made",
}

fn once(point: &str) {
    if !has_git() {
        return;
    }
    let site = Site::owned();
    let flags = ["--without-mirror", "--without-integration"];
    killed(site.import(flags), point);
    site.import(flags).ends().succeeds().never_says("error");
    assert_eq!((site.projects().len(), site.tokens().len(), site.home.journal().len()), (1, 0, 0), "{point}");
    assert!(site.projects()[0]["branches"]["main"].is_string(), "{point}");
    site.undo().ends().succeeds().never_says("error");
    site.is_bare(point);
}

at_every_point! { once:
    project_asked "import.project.asked",
    project_answered "import.project.answered",
    project_made "import.project.made",
}

fn undoing(point: &str) {
    if !has_git() {
        return;
    }
    let site = Site::owned();
    site.import(["--ci-template", "minimal"]).ends().succeeds().never_says("error");
    killed(site.undo(), point);
    if point == "undo.forgotten" {
        // All is done but for crossing the note out.
        site.undo().json().fails(3, "no_such_import");
    } else {
        if point != "import.recorded" {
            tells(&site, point, &format!("connect import undo {REPOSITORY}"));
        }
        site.undo().ends().succeeds().never_says("error");
    }
    site.is_bare(point);
}

at_every_point! { undoing:
    recorded "import.recorded",
    begun "undo.begun",
    ci_file "undo.ci_file",
    webhook "undo.webhook",
    integration "undo.integration",
    mirror "undo.mirror",
    revoked "undo.revoked",
    disconnecting "disconnect.removed",
    disconnected "disconnect.forgotten",
    noted "disconnect.remembered",
    token "undo.token",
    project "undo.project",
    settled "undo.settled",
    forgotten "undo.forgotten",
}

/// An import that never came to its end is undone as it is.
fn undoing_what_was_cut_short(point: &str) {
    if !has_git() {
        return;
    }
    let site = Site::owned();
    killed(site.import(["--ci-template", "minimal"]), point);
    site.undo().ends().succeeds().never_says("error");
    site.is_bare(point);
}

at_every_point! { undoing_what_was_cut_short:
    recorded "import.recorded",
    project_asked "import.project.asked",
    project_answered "import.project.answered",
    project_made "import.project.made",
    integration_answered "import.integration.answered",
    ci_answered "import.ci.answered",
    token_asked "import.token.asked",
    token_answered "import.token.answered",
    token_stored "connect.stored",
    token_recorded "connect.recorded",
    token_kept "import.token.kept",
    mirror_answered "import.mirror.answered",
    hook_asked "import.hook.asked",
    hook_answered "import.hook.answered",
    finished "import.finished",
}
