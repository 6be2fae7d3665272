//! `connect import undo --plan`, and the list one says yes to: what is there is looked at, and what is shown is what
//! will be done.

use forge_sandbox::Fault;
use serde_json::{Value, json};

use super::standing::*;

impl Standing {
    fn plan(&self, flags: &[&str]) -> crate::support::call::Call {
        self.home.connect(["import", "undo", STORE, "--plan"]).with(flags)
    }

    /// Step and word of each line that a program is told.
    fn rows(output: &str) -> Vec<(String, String)> {
        let word = |text: Option<&str>| text.unwrap_or_default().replace("removed", "remove").replace("left", "leave");
        let row = |line: &str| {
            let mut fields = line.split('\t');
            (word(fields.next()), word(fields.next()))
        };
        output.lines().map(row).collect()
    }

    /// What a plan says is what undoing does, but for the project, which is told at the end.
    fn does_what_it_says(&self) {
        let planned = self.plan(&[]).ends();
        let mut planned = Self::rows(&planned.stdout());
        let mut done = Self::rows(&self.undo(&[]).stdout());
        done.retain(|(step, _)| step != "project");
        planned.sort();
        done.sort();
        assert_eq!(planned, done);
    }
}

#[test]
fn what_others_have_done_since() {
    let Some(scene) = Standing::new(&["--ci-template", "minimal"]) else { return };
    let file = scene.github("GET", "/contents/.gitlab-ci.yml", Value::Null);
    let change = json!({"message": "x", "content": "eDoge3NjcmlwdDogeH0K", "sha": file["sha"]});
    scene.github("PUT", "/contents/.gitlab-ci.yml", change);
    scene.github("DELETE", &scene.hook(), Value::Null);
    scene.gitlab("DELETE", "/integrations/github", Value::Null);
    scene.world.settle();
    let before = (scene.world.state()["github"]["writes"].clone(), scene.home.contents());
    insta::assert_snapshot!(scene.plan(&[]).ends().shown(), @"
    exit 0
    --- stdout
    mirror	remove	its settings, with the token in them
    token	remove	the access token, kept as `mirror-store-104@127.0.0.1:PORT`
    ci_file	leave	.gitlab-ci.yml has been changed since
    webhook	leave	it is gone already
    integration	leave	it is gone already
    ");
    let document = scene.plan(&[]).json().succeeds().document();
    assert_eq!(document["leave"][0], json!({"step": "ci_file", "says": ".gitlab-ci.yml has been changed since"}));
    assert_eq!((document["remove"].as_array().unwrap().len(), &document["failed"]), (2, &json!([])));
    assert!(before == (scene.world.state()["github"]["writes"].clone(), scene.home.contents()), "it only looks");
    let mut terminal = scene.home.connect(["import", "undo", STORE]).env("NO_COLOR", "1").at_terminal();
    let _ = terminal.sees("Remove this? [y/N]").types("n");
    insta::assert_snapshot!(scene.scrubbed(&as_seen(&terminal.ends().screen)), @"
    http://127.0.0.1:PORT/agility-game/home-assistant-community-store
      → http://127.0.0.1:PORT/agility-game/home-assistant/store

      - pull mirror         its settings, with the token in them
      - project token       the access token, kept as
                            `mirror-store-104@127.0.0.1:PORT`
      – .gitlab-ci.yml      .gitlab-ci.yml has been changed since
      – webhook             it is gone already
      – GitHub integration  it is gone already
      – project             stays

    Remove this? [y/N]
    n
    error: nothing was changed
    ");
    scene.does_what_it_says();
}

#[test]
fn a_file_that_took_anothers_place() {
    let Some(scene) = Standing::begun(forge_sandbox::Sandbox::builder()) else { return };
    let put = json!({"message": "x", "content": "eDoge3NjcmlwdDogeH0K"});
    scene.github("PUT", "/contents/.gitlab-ci.yml", put);
    let _ = scene.import(&["--ci-template", "minimal", "--overwrite"]).succeeds();
    let document = scene.plan(&[]).json().succeeds().document();
    assert_eq!(document["leave"][0]["step"], "ci_file", "{document}");
    assert!(document["leave"][0]["says"].as_str().unwrap().contains("took another file's place"), "{document}");
    scene.does_what_it_says();
}

#[test]
fn what_nobody_can_see() {
    let Some(scene) = Standing::new(&["--ci-template", "minimal"]) else { return };
    let number = scene.records()[0]["github"]["id"].to_string();
    let hidden = scene.world.fault(Fault::github().path(&format!("/repositories/{number}")).status(404));
    insta::assert_snapshot!(scene.plan(&[]).ends().shown(), @"
    exit 10
    --- stdout
    integration	remove	its settings, with the token in them
    mirror	remove	its settings, with the token in them
    token	remove	the access token, kept as `mirror-store-104@127.0.0.1:PORT`
    ci_file	failed	the repository agility-game/home-assistant-community-store is gone, or hidden from `octocat@127.0.0.1:PORT`
    webhook	failed	the repository agility-game/home-assistant-community-store is gone, or hidden from `octocat@127.0.0.1:PORT`
    --- stderr
    error: the repository agility-game/home-assistant-community-store is gone, or hidden from `octocat@127.0.0.1:PORT`
      → what connect made there stays on record: let the token see it, and run the command again
      → `--forget-hidden` takes it off the record; it is yours to remove then
    ");
    insta::assert_snapshot!(scene.on_screen(scene.plan(&[])), @"
    exit 10
    http://127.0.0.1:PORT/agility-game/home-assistant-community-store
      → http://127.0.0.1:PORT/agility-game/home-assistant/store

      - GitHub integration  its settings, with the token in them
      - pull mirror         its settings, with the token in them
      - project token       the access token, kept as
                            `mirror-store-104@127.0.0.1:PORT`
      ✗ .gitlab-ci.yml      the repository
                            agility-game/home-assistant-community-store is gone, or
                            hidden from `octocat@127.0.0.1:PORT`
      ✗ webhook             the repository
                            agility-game/home-assistant-community-store is gone, or
                            hidden from `octocat@127.0.0.1:PORT`
        → what connect made there stays on record: let the token see it, and run the
          command again
        → `--forget-hidden` takes it off the record; it is yours to remove then
      – project             stays
    ");
    scene.does_what_it_says();
    assert_eq!(scene.hooks().len(), 1, "it is there all the same");
    // Half of it is undone, and says so; the other half follows when the repository shows itself.
    let (state, drift) = scene.drift();
    let drift: Vec<&str> = drift.iter().map(|(what, _)| what.as_str()).collect();
    assert_eq!((state.as_str(), drift), ("undoing", vec!["ci_file", "webhook"]));
    scene.world.remove_fault(hidden);
    let _ = scene.undo(&[]).succeeds();
    assert_eq!(scene.hooks().len(), 0);
    assert_eq!(scene.drift().0, "undone");
}

#[test]
fn what_is_given_up() {
    let Some(scene) = Standing::new(&[]) else { return };
    let number = scene.records()[0]["github"]["id"].to_string();
    let _hidden = scene.world.fault(Fault::github().path(&format!("/repositories/{number}")).status(404));
    let plan = scene.plan(&["--forget-hidden"]).json().succeeds().document();
    let says = "the repository is gone, or hidden from this token";
    assert_eq!(plan["leave"], json!([{"step": "webhook", "says": says}]));
    let _ = scene.undo(&["--forget-hidden"]).succeeds();
    assert_eq!((scene.drift().0.as_str(), scene.hooks().len()), ("undone", 1));
}

#[test]
#[cfg(feature = "test-hooks")]
fn a_file_that_never_came_there() {
    let Some(mut scene) = Standing::begun(forge_sandbox::Sandbox::builder()) else { return };
    scene.home.set_env("CONNECT_STORE", "plain");
    let call = scene.home.connect(["import", STORE, "--to", PROJECT, "--yes", "--ci-template", "minimal"]);
    let killed = call.env("CONNECT_TEST_FAULT", "import.ci.asked").ends();
    assert_ne!(killed.code, Some(0), "{}", killed.shown());
    let plan = scene.plan(&[]).json().succeeds().document();
    let file = json!({"step": "ci_file", "says": "it is gone already"});
    assert!(plan["leave"].as_array().unwrap().contains(&file), "{plan}");
    scene.does_what_it_says();
}

#[test]
fn what_could_not_be_looked_at() {
    let Some(scene) = Standing::new(&[]) else { return };
    let fault = scene.world.fault(Fault::gitlab().method("GET").path("/projects/104/integrations").status(500));
    let plan = scene.plan(&[]).json().exits(10).document();
    assert_eq!(plan["failed"][0]["step"], "integration", "{plan}");
    scene.world.remove_fault(fault);
    let plan = scene.plan(&[]).json().succeeds().document();
    assert_eq!(plan["failed"], json!([]));
    scene.is_well();
}
