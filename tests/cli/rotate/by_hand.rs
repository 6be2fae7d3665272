//! A person makes the new token: given by a pipe or at the prompt, refused where it does not fit, and the old one
//! revoked only when nothing has it any more.

use forge_sandbox::{Fault, Sandbox};
use serde_json::Value;

use crate::support::call::Call;
use crate::support::forges::{at_github, at_gitlab};
use crate::support::{Cast as _, Home, Output, world};

const NAME: &str = "octocat@github.com";
const REPOSITORY: &str = "agility-game/home-assistant-community-store";

/// A home with a GitHub token that dies in five days.
fn expiring() -> (Home, Sandbox) {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "expiring").ends().succeeds().never_says("error");
    (home, world)
}

/// `rotate`, with the new token by a pipe.
fn piped(home: &Home, world: &Sandbox, token: &str) -> Call {
    home.connect(["rotate", NAME, "--pat-stdin"]).stdin(world.github_token(token))
}

fn token(home: &Home) -> String {
    home.connect(["token", NAME]).ends().succeeds().stdout().trim().to_owned()
}

/// The only connection of the document.
fn only(output: &Output) -> Value {
    let document = output.document();
    assert_eq!(document["connections"].as_array().unwrap().len(), 1, "{document}");
    document["connections"][0].clone()
}

/// It was refused for this, and everything is as it was.
fn refused(home: &Home, call: Call, exit: i32, code: &str) -> Value {
    let before = home.contents();
    let output = call.json().exits(exit);
    let connection = only(&output);
    assert_eq!((connection["rotated"].as_bool(), connection["error"]["code"].as_str()), (Some(false), Some(code)));
    let kept = |contents: &std::collections::BTreeMap<String, Vec<u8>>| {
        let kept = contents.iter().filter(|(name, _)| name.contains("/data/") || name.contains("journal"));
        kept.map(|(name, bytes)| (name.clone(), bytes.clone())).collect::<Vec<_>>()
    };
    assert_eq!(kept(&home.contents()), kept(&before));
    connection["error"].clone()
}

#[test]
fn by_a_pipe_and_the_old_one_is_revoked_and_dead() {
    let (home, world) = expiring();
    let old = home.record(NAME)["token"].clone();
    world.clear_requests();
    insta::assert_snapshot!(piped(&home, &world, "classic").with(["--revoke-old"]).ends().shown(), @"");
    assert!(!world.is_alive_github("expiring") && world.is_alive_github("classic"));
    assert_eq!(token(&home), world.github_token("classic"));
    assert_eq!((home.secrets().len(), home.journal().len()), (1, 0));
    let revoked = world.requests().into_iter().find(|seen| seen.path == "/credentials/revoke").unwrap();
    assert_eq!(revoked.header("authorization"), None);
    let history = home.connect(["history", "--json"]).ends().succeeds().document();
    let entries = history["entries"].as_array().unwrap();
    let [.., rotated, revoked] = entries.as_slice() else { panic!("{history}") };
    assert_eq!((rotated["event"].as_str(), revoked["event"].as_str()), (Some("rotated"), Some("revoked")));
    assert_eq!(rotated["old_fingerprint"], old["fingerprint"]);
    assert_eq!(revoked["fingerprint"], old["fingerprint"]);
}

#[test]
fn left_alone_where_that_is_said() {
    let (home, world) = expiring();
    let connection = only(&piped(&home, &world, "classic").with(["--keep-old"]).json().succeeds());
    assert_eq!(connection["old_token"]["state"], "left_alone");
    assert_eq!((connection["rotated"].as_bool(), connection["by"].as_str()), (Some(true), Some("person")));
    assert!(world.is_alive_github("expiring"));
    assert_eq!((home.secrets().len(), home.journal().len()), (1, 0));
}

#[test]
fn undecided_until_somebody_says_what_is_to_become_of_it() {
    let (home, world) = expiring();
    insta::assert_snapshot!(piped(&home, &world, "classic").ends().shown(), @"");
    assert!(world.is_alive_github("expiring"));
    assert_eq!((home.secrets().len(), home.journal().len()), (2, 1));
    let doctor = home.connect(["doctor", "--json"]).ends().document();
    assert!(doctor.to_string().contains("old_token_lives"), "{doctor}");
    let resumed = only(&home.connect(["rotate", "--resume"]).json().succeeds());
    assert_eq!(resumed["old_token"]["state"], "undecided");
    insta::assert_snapshot!(home.connect(["rotate", "--resume", "--revoke-old"]).ends().shown(), @"");
    assert!(!world.is_alive_github("expiring"));
    assert_eq!((home.secrets().len(), home.journal().len()), (1, 0));
    home.connect(["rotate", "--resume"]).ends().succeeds().never_says("old token");
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let (home, world) = expiring();
    refused(&home, piped(&home, &world, "collaborator"), 9, "other_account");
    refused(&home, piped(&home, &world, "expiring"), 9, "same_token");
    refused(&home, piped(&home, &world, "revoked"), 4, "bad_credentials");
    let error = refused(&home, piped(&home, &world, "classic-readonly"), 5, "may_do_less");
    assert_eq!(error["lost"].as_array().unwrap().len(), 3, "{error}");
    insta::assert_snapshot!(piped(&home, &world, "classic-readonly").ends().shown(), @"");
    let taken =
        only(&piped(&home, &world, "classic-readonly").with(["--allow-less", "--revoke-old"]).json().succeeds());
    assert_eq!(taken["lost"].as_array().unwrap().len(), 3, "{taken}");
    assert_eq!(token(&home), world.github_token("classic-readonly"));
}

#[test]
fn fine_grained_tokens_are_tried_where_they_are_of_use() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "fine-grained-import").ends().succeeds().never_says("error");
    home.connect(["use", NAME, "--on", REPOSITORY]).ends().succeeds().never_says("error");
    let error = refused(&home, piped(&home, &world, "fine-grained-readonly"), 5, "may_do_less");
    assert!(error["lost"].to_string().contains("Webhooks"), "{error}");
    // A classic token that may do all of it; what elsewhere would be lost nobody can tell.
    let taken = only(&piped(&home, &world, "classic").with(["--revoke-old"]).json().succeeds());
    assert!(taken["not_compared"][0].as_str().unwrap().contains(REPOSITORY), "{taken}");
    assert!(!world.is_alive_github("fine-grained-import"));
}

#[test]
fn nobody_is_there_to_make_it() {
    let (home, _world) = expiring();
    let error = refused(&home, home.connect(["rotate", NAME]), 9, "needs_a_person");
    assert!(error["page"].as_str().unwrap().starts_with("https://github.com/settings/tokens/new?"), "{error}");
    insta::assert_snapshot!(home.connect(["rotate", NAME]).ends().shown(), @"");
}

#[test]
fn at_the_prompt_after_one_that_does_not_fit() {
    let (home, world) = expiring();
    let mut terminal = home.connect(["rotate", NAME]).at_terminal();
    terminal.sees("https://github.com/settings/tokens/new?").sees("(hidden): ").types(&world.github_token("stranger"));
    terminal.sees("this token belongs to monalisa").sees("(hidden): ").types(&world.github_token("classic"));
    terminal.sees("Revoke the old token").sees("[y/N]").types("y");
    let ended = terminal.ends();
    assert_eq!((ended.code, ended.echoes), (0, true), "{}", ended.screen);
    assert!(ended.screen.contains("the old token is revoked"), "{}", ended.screen);
    assert!(!ended.screen.contains(&world.github_token("classic")), "{}", ended.screen);
    assert!(!world.is_alive_github("expiring"));
    assert_eq!(token(&home), world.github_token("classic"));
}

#[test]
fn at_the_prompt_one_that_may_do_less_is_asked_about() {
    let (home, world) = expiring();
    let mut terminal = home.connect(["rotate", NAME, "--keep-old"]).at_terminal();
    terminal.sees("(hidden): ").types(&world.github_token("classic-readonly"));
    terminal.sees("it lacks the scope `repo`").sees("Take it all the same? [y/N]").types("y");
    let ended = terminal.ends();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    assert!(world.is_alive_github("expiring"));
    assert_eq!(token(&home), world.github_token("classic-readonly"));
}

#[test]
fn ctrl_c_at_the_prompt_changes_nothing() {
    let (home, world) = expiring();
    let mut terminal = home.connect(["rotate", NAME]).at_terminal();
    terminal.sees("(hidden): ").control('c');
    let ended = terminal.ends();
    assert_eq!((ended.code, ended.echoes), (130, true), "{}", ended.screen);
    assert_eq!(token(&home), world.github_token("expiring"));
    assert_eq!((home.secrets().len(), home.journal().len()), (1, 0));
}

#[test]
fn the_copies_follow_before_the_old_one_is_revoked() {
    let (home, world) = expiring();
    let file = home.path().join("copies/token.txt");
    std::fs::create_dir(file.parent().unwrap()).unwrap();
    let to = format!("file:{}", file.display());
    home.connect(["destination", "add", NAME, "--to", &to]).ends().succeeds().never_says("error");
    std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    let behind = only(&piped(&home, &world, "classic").with(["--revoke-old"]).json().exits(10));
    assert_eq!((behind["rotated"].as_bool(), behind["old_token"]["state"].as_str()), (Some(true), Some("waits")));
    assert_eq!(
        (behind["pushed"][0]["followed"].as_bool(), behind["old_token"]["copies"].as_u64()),
        (Some(false), Some(1))
    );
    assert!(world.is_alive_github("expiring"), "a place uses it still");
    let resumed = home.connect(["rotate", "--resume"]).ends();
    assert_eq!(resumed.code, Some(9), "{}", resumed.shown());
    // Mended, the copy follows and the old one goes: that it shall was said the first time.
    std::fs::create_dir(file.parent().unwrap()).unwrap();
    home.connect(["rotate", "--resume"]).ends().succeeds().never_says("error");
    assert_eq!(std::fs::read_to_string(&file).unwrap().trim(), world.github_token("classic"));
    assert!(!world.is_alive_github("expiring"));
    assert_eq!((home.secrets().len(), home.journal().len()), (1, 0));
}

#[test]
fn a_revocation_that_fails_is_tried_again() {
    let (home, world) = expiring();
    world.fault(Fault::github().path("/credentials/revoke").once().status(500));
    let connection = only(&piped(&home, &world, "classic").with(["--revoke-old"]).json().exits(10));
    assert_eq!(connection["old_token"]["error"]["code"], "server_error", "{connection}");
    assert_eq!(token(&home), world.github_token("classic"));
    home.connect(["rotate", "--resume"]).ends().succeeds().never_says("error");
    assert!(!world.is_alive_github("expiring"));
    assert_eq!((home.secrets().len(), home.journal().len()), (1, 0));
}

#[test]
fn an_enterprise_server_without_that_call() {
    let (home, world) = (Home::new(), world());
    home.github(&world, "expiring").ends().succeeds().never_says("error");
    let name = at_github(&world, "octocat");
    let call = home.connect(["rotate", &name, "--pat-stdin", "--revoke-old"]).stdin(world.github_token("classic"));
    insta::assert_snapshot!(call.ends().shown(), @"");
    assert!(world.is_alive_github("expiring"));
    assert_eq!((home.secrets().len(), home.journal().len()), (1, 0));
}

#[test]
fn a_gitlab_token_that_has_died_is_made_anew() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "expiring").ends().succeeds().never_says("error");
    let name = at_gitlab(&world, "maintainer");
    world.revoke_gitlab("expiring");
    home.connect(["status"]).ends().exits(4).never_says("panicked");
    let output = home.connect(["rotate", &name]).json().exits(4);
    let error = only(&output)["error"].clone();
    assert_eq!(error["code"], "token_revoked", "{error}");
    assert!(error["page"].as_str().unwrap().contains("/-/user_settings/personal_access_tokens?"), "{error}");
    let call = home.connect(["rotate", &name, "--pat-stdin"]).stdin(world.gitlab_token("api"));
    let connection = only(&call.json().succeeds());
    assert_eq!(connection["old_token"]["state"], "dead", "{connection}");
    assert_eq!((home.secrets().len(), home.journal().len()), (1, 0));
}

#[test]
fn what_is_read_from_a_variable_is_nobodys_to_rotate_here() {
    let (home, world) = (Home::new(), world());
    let home = home.with_env("HUB_TOKEN", &world.github_token("expiring"));
    home.connect(["github", "--host", "github.com", "--api-url", &world.dotcom_api_url()])
        .with(["--pat-env", "HUB_TOKEN", "--store", "env"])
        .ends()
        .succeeds()
        .never_says("error");
    refused(&home, piped(&home, &world, "classic"), 8, "store_read_only");
}
