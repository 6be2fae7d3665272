//! Answers that are lost, broken or not given: the run goes on by itself, or ends with 7 and says what stands and what
//! is missing; the same command again comes to the end, with everything there once.

use forge_sandbox::{Effect, Fault};
use serde_json::Value;

use super::site::{Site, has_git};
use crate::support::Output;

/// What can become of one request.
fn effects() -> [(&'static str, Effect); 6] {
    let answer = |status, headers: &[(&str, &str)]| Effect::Answer {
        status,
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: String::new(),
    };
    [
        ("drop_after_work", Effect::DropAfterWork),
        ("drop_before_work", Effect::DropBeforeWork),
        ("half_body", Effect::HalfBody),
        ("500", answer(500, &[])),
        ("502", answer(502, &[])),
        ("429", answer(429, &[("retry-after", "1")])),
    ]
}

fn effect(name: &str) -> Effect {
    effects().into_iter().find(|(known, _)| *known == name).unwrap().1
}

/// A first run that met with something: it came through, or it says what stands and what is missing; of nothing at all
/// there is nothing to be said. Gives what is missing.
fn came_through_or_says(site: &Site, output: &Output, why: &str) -> Option<Vec<String>> {
    if output.code == Some(0) {
        return None;
    }
    assert_eq!(output.code, Some(7), "{why}: {}", output.shown());
    let error = output.error();
    if error["hint"].as_str().unwrap().ends_with("nothing was made") {
        assert_eq!((site.projects().len(), site.imports().len()), (0, 0), "{why}: {error:#}");
        return None;
    }
    let words = |key: &str| -> Vec<String> {
        let list = error[key].as_array().unwrap_or_else(|| panic!("{why}: {error:#}"));
        list.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let (stands, missing) = (words("stands"), words("missing"));
    assert!(!missing.is_empty(), "{why}: {error:#}");
    assert!(stands.iter().all(|step| !missing.contains(step)), "{why}: {error:#}");
    assert!(error["hint"].as_str().unwrap().contains("the same command goes on"), "{why}: {error:#}");
    Some(missing)
}

/// The requests of an import that change something: the forge, the method, the path, and what they are for.
const WRITES: [(&str, &str, &str, &str); 6] = [
    ("gitlab", "POST", "/projects", "project"),
    ("gitlab", "PUT", "/projects/104/integrations/github", "integration"),
    ("gitlab", "POST", "/projects/104/access_tokens", "token"),
    ("gitlab", "PUT", "/projects/104/mirror/pull", "mirror"),
    ("github", "PUT", "/repos/agility-game/home-assistant-community-store/contents", "ci_file"),
    ("github", "POST", "/repos/agility-game/home-assistant-community-store/hooks", "webhook"),
];

fn fault(forge: &str) -> Fault {
    if forge == "gitlab" { Fault::gitlab() } else { Fault::github() }
}

fn one_write(step: &str, what: &str) {
    if !has_git() {
        return;
    }
    let (forge, method, path, _) = WRITES.into_iter().find(|(.., known)| *known == step).unwrap();
    let site = Site::new();
    site.world.fault(fault(forge).method(method).path(path).once().effect(effect(what)));
    let flags = ["--ci-template", "minimal"];
    let first = site.import(flags).json();
    let why = format!("{step}, {what}");
    if let Some(missing) = came_through_or_says(&site, &first, &why) {
        assert!(missing.iter().any(|word| word == step), "{why}: {missing:?}");
    }
    site.import(flags).ends().succeeds().never_says("error");
    site.is_whole(false, &why);
    assert_eq!(site.wrote("github", "PUT", "/contents/.gitlab-ci.yml"), 1, "{why}");
}

/// One test a write and what becomes of it, so that they run side by side.
macro_rules! each_write {
    ($($name:ident $step:literal),+ $(,)?) => {
        $(mod $name {
            #[test] fn is_done_and_the_answer_lost() { super::one_write($step, "drop_after_work"); }
            #[test] fn is_lost() { super::one_write($step, "drop_before_work"); }
            #[test] fn is_half_answered() { super::one_write($step, "half_body"); }
            #[test] fn fails() { super::one_write($step, "500"); }
            #[test] fn meets_a_proxy_that_fails() { super::one_write($step, "502"); }
            #[test] fn comes_too_soon() { super::one_write($step, "429"); }
        })+
    };
}

each_write! {
    project "project",
    integration "integration",
    token "token",
    mirror "mirror",
    ci_file "ci_file",
    webhook "webhook",
}

/// Every write meets with the same, one run after the other: what is made in spite of it is not made again.
#[test]
fn every_answer_is_lost_once() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    let flags = ["--ci-template", "minimal"];
    for (forge, method, path, _) in WRITES {
        // As often as it is asked again by itself.
        site.world.fault(fault(forge).method(method).path(path).times(4).effect(Effect::DropAfterWork));
    }
    for run in 0..WRITES.len() {
        let output = site.import(flags).json();
        let _ = came_through_or_says(&site, &output, &format!("run {run}"));
        assert!(site.projects().len() == 1 && site.hooks().len() <= 1 && site.tokens().len() <= 1, "run {run}");
    }
    site.world.clear_faults();
    site.import(flags).ends().succeeds().never_says("error");
    site.is_whole(false, "at last");
    assert_eq!(site.wrote("github", "PUT", "/contents/.gitlab-ci.yml"), 1);
}

/// Whatever cannot be looked at, nothing is made.
#[test]
fn what_cannot_be_looked_at() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    let repository = "/repos/agility-game/home-assistant-community-store";
    let reads = [
        ("github", "/user".to_owned()),
        ("github", repository.to_owned()),
        ("github", format!("{repository}/git/ref/heads/main")),
        ("github", format!("{repository}/contents/.gitlab-ci.yml")),
        ("github", format!("{repository}/hooks")),
        ("gitlab", "/personal_access_tokens/self".to_owned()),
        ("gitlab", "/groups/agility-game%2Fhome-assistant".to_owned()),
        ("gitlab", "/groups/11/members/all/2".to_owned()),
        ("gitlab", "/projects/agility-game%2Fhome-assistant%2Fstore".to_owned()),
    ];
    for (forge, path) in reads {
        site.world.fault(fault(forge).method("GET").path(&path).status(500));
        let before = site.home.contents();
        let output = site.import(["--ci-template", "minimal"]).json();
        assert_eq!(output.code, Some(7), "{path}: {}", output.shown());
        assert_eq!(output.error()["code"], "server_error", "{path}");
        assert!(output.error()["stands"].is_null(), "{path}: {}", output.shown());
        assert_eq!((site.projects(), site.imports()), (Vec::<Value>::new(), Vec::new()), "{path}");
        let locks = |(name, bytes): (String, Vec<u8>)| (!name.contains("/locks/")).then_some((name, bytes));
        let kept = |all: std::collections::BTreeMap<String, Vec<u8>>| all.into_iter().filter_map(locks).count();
        assert_eq!(kept(site.home.contents()), kept(before), "{path}");
        site.world.clear_faults();
    }
    site.import(["--ci-template", "minimal"]).ends().succeeds().never_says("error");
}

/// All is made, and cannot be seen to work.
#[test]
fn what_cannot_be_proven() {
    if !has_git() {
        return;
    }
    let site = Site::new();
    let flags = ["--ci-template", "minimal"];
    let repository = "/repos/agility-game/home-assistant-community-store";
    let reads = [
        ("github", format!("{repository}/hooks/550000000")),
        ("gitlab", "/projects/104/mirror/pull".to_owned()),
        ("gitlab", "/projects/104/repository/branches/main".to_owned()),
        ("gitlab", "/projects/104/pipelines".to_owned()),
        ("gitlab", "/projects/104/integrations/github".to_owned()),
    ];
    for (forge, path) in reads {
        site.world.fault(fault(forge).method("GET").path(&path).status(500));
        let output = site.import(flags).json();
        assert_eq!(output.code, Some(7), "{path}: {}", output.shown());
        site.world.clear_faults();
    }
    site.import(flags).ends().succeeds().never_says("error");
    site.is_whole(false, "at last");
}
