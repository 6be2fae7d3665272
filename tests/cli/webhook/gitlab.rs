//! GitLab's webhooks: signed where it can, with a plain token where it cannot, and revived when it has given them up.

use forge_sandbox::{Sandbox, Tier};
use serde_json::json;

use super::{DASHBOARD, Scene};
use crate::support::call::Call;
use crate::support::forges::at_gitlab;
use crate::support::{Cast as _, Home};

fn add(scene: &Scene) -> Call {
    scene.webhook(["add", "--project", DASHBOARD, "--public-url", scene.receiver.base()])
}

#[test]
fn signed_where_the_server_takes_it() {
    let scene = Scene::new();
    let made = add(&scene).with(["--events", "push,merge_requests"]).json().succeeds().document();
    assert_eq!(
        (&made["proof"], &made["signs"], &made["has_secret"]),
        (&json!("signing-token"), &json!(true), &json!(false))
    );
    let record = scene.gitlab_record()["webhook"].clone();
    let secret = scene.kept(&record["secret"]);
    assert_eq!((record["proof"].as_str(), &record["hooks"][0]["target_id"]), (Some("signing-token"), &json!(101)));
    let _ = scene.webhook(["test", "--event", "merge_requests"]).ends().succeeds();
    let came = scene.receiver.last();
    assert!(came.is_signed_by_token(&secret));
    assert_eq!((came.header("x-gitlab-token"), came.json()["object_kind"].as_str()), (None, Some("merge_request")));
    scene.is_secret(&secret);
    // With the plain token as well, when it is asked for.
    let both = add(&scene).with(["--with-token"]).json().succeeds().document();
    assert_eq!((&both["outcome"], &both["with_token"]), (&json!("changed"), &json!(true)));
    let _ = scene.webhook(["test"]).ends().succeeds();
    let token = scene.kept(&scene.gitlab_record()["webhook"]["token"]["secret"]);
    assert_eq!(scene.receiver.last().header("x-gitlab-token"), Some(token.as_str()));
    assert!(scene.receiver.last().is_signed_by_token(&secret));
    let again = add(&scene).with(["--with-token"]).json().succeeds().document();
    assert_eq!(again["outcome"], "unchanged");
}

#[test]
fn a_plain_token_on_an_older_server() {
    let scene = Scene::of(Sandbox::builder().gitlab_version("18.11"));
    let made = add(&scene).with(["--with-token"]).json().succeeds().document();
    assert_eq!((&made["proof"], &made["with_token"]), (&json!("token"), &json!(false)));
    let secret = scene.kept(&scene.gitlab_record()["webhook"]["secret"]);
    let _ = scene.webhook(["ping"]).ends().succeeds();
    assert_eq!(scene.receiver.last().header("x-gitlab-token"), Some(secret.as_str()));
    let again = add(&scene).json().succeeds().document();
    assert_eq!(again["outcome"], "unchanged");
}

#[test]
fn a_server_that_says_it_could_and_does_not() {
    let scene = Scene::of(Sandbox::builder().signing_tokens(false));
    let made = add(&scene).json().succeeds().document();
    assert_eq!((&made["proof"], &made["secret_made"]), (&json!("token"), &json!(true)));
    let secret = scene.kept(&scene.gitlab_record()["webhook"]["secret"]);
    assert_eq!((scene.project_hooks().len(), &scene.project_hooks()[0]["token"]), (1, &json!(secret)));
    assert_eq!(scene.home.secrets().len(), 3, "two tokens and the secret: nothing is left over");
    let _ = scene.webhook(["remove", "--yes"]).ends().succeeds();
    // One that was given is not used in a way that proves less, and nothing is left that nobody can verify.
    let signing = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    let refused = add(&scene).with(["--secret-stdin"]).stdin(signing).json().fails(1, "signing_not_taken");
    assert!(refused["hint"].as_str().unwrap().contains("plain token"), "{refused}");
    assert_eq!(scene.project_hooks().len(), 0);
    // Nor is one that was given before: it may have been entered elsewhere, by hand.
    let name = at_gitlab(&scene.world, "maintainer");
    let settings = scene.webhook(["settings", &name, "--webhook-secret-stdin"]).stdin(signing);
    let _ = settings.ends().succeeds();
    let refused = add(&scene).json().fails(1, "signing_not_taken");
    let instead = format!("connect webhook settings {name} --new-secret --plain-token");
    assert!(refused["hint"].as_str().unwrap().contains(&instead), "{refused}");
    assert_eq!((super::secret(&scene.home, &name).as_str(), scene.project_hooks().len()), (signing, 0));
    let words: Vec<&str> = instead.split(' ').skip(1).collect();
    let _ = scene.home.connect(words).ends().succeeds();
    assert_eq!(add(&scene).json().succeeds().document()["proof"], "token");
}

#[test]
fn a_group_wants_its_owner_and_a_licence() {
    let scene = Scene::new();
    let group = |tail: &[&str]| {
        let call = scene.webhook(["add", "--group", "agility-game", "--url", &scene.receiver.url("group")]);
        call.with(tail)
    };
    let refused = scene.webhook(["add", "--group", "agility-game/home-assistant", "--url", "https://h/x"]).json();
    let refused = refused.fails(5, "forbidden");
    assert!(refused["hint"].as_str().unwrap().contains("an owner of the group"), "{refused}");
    assert!(refused["hint"].as_str().unwrap().contains("Premium"), "{refused}");
    let _ = scene.home.gitlab(&scene.world, "admin").ends().succeeds();
    let root = at_gitlab(&scene.world, "root");
    let made = group(&["--events", "subgroup,push", "--connection", &root]).json().succeeds().document();
    assert_eq!((&made["target"], &made["events"]), (&json!("group:agility-game"), &json!(["push", "subgroup"])));
    scene.world.change_tier(Tier::Free);
    let _ = group(&["--connection", &root]).json().fails(5, "forbidden");
}

#[test]
fn a_new_address_keeps_the_token_that_is_known_and_does_not_lose_one_that_is_not() {
    let scene = Scene::of(Sandbox::builder().gitlab_version("18.11"));
    let made = add(&scene).json().succeeds().document();
    let token = scene.project_hooks()[0]["token"].clone();
    assert!(token.is_string());
    let url = scene.receiver.url("new");
    let edited = scene.webhook(["edit", "--url", &url]).json().succeeds().document();
    assert_eq!((&edited["url"], &scene.project_hooks()[0]["token"]), (&json!(url), &token));
    let id = made["id"].to_string();
    let other = Home::new();
    let _ = other.gitlab(&scene.world, "api").ends().succeeds();
    let edit = |flags: &[&str]| other.connect(["webhook", "edit", &id, "--project", DASHBOARD]).with(flags);
    let elsewhere = scene.receiver.url("elsewhere");
    let _ = edit(&["--url", &elsewhere]).json().fails(9, "would_lose_secret");
    assert_eq!(scene.project_hooks()[0]["url"], url);
    let events = edit(&["--add-events", "note"]).json().succeeds().document();
    assert_eq!((&events["own"], &scene.project_hooks()[0]["token"]), (&json!(false), &token));
    let _ = edit(&["--url", &elsewhere, "--secret", "--json"]).ends();
    let _ = edit(&["--inactive"]).json().fails(2, "usage");
}

#[test]
fn one_that_gitlab_has_given_up_is_shown_and_revived() {
    let scene = Scene::of(Sandbox::builder().auto_disable_hooks(true));
    let _ = add(&scene).ends().succeeds();
    scene.receiver.answers(500);
    for _ in 0..4 {
        let _ = scene.webhook(["ping"]).ends().exits(1);
    }
    let listed = scene.webhook(["list"]).json().succeeds().document();
    let hook = &listed["webhooks"][0];
    assert_eq!((&hook["state"], &hook["alert"]), (&json!("paused"), &json!("temporarily_disabled")));
    assert!(hook["revive"].as_str().unwrap().contains("connect webhook test"), "{hook}");
    let shown = scene.webhook(["show"]).ends().succeeds().stdout();
    assert!(shown.contains("paused by GitLab") && shown.contains("connect webhook test"), "{shown}");
    scene.receiver.answers(200);
    let _ = scene.webhook(["ping"]).ends().succeeds();
    let shown = scene.webhook(["show"]).json().succeeds().document();
    assert_eq!(shown["state"], "active");
}

#[test]
fn what_was_not_taken_is_sent_once_more_and_its_answer_told() {
    let scene = Scene::new();
    let _ = add(&scene).ends().succeeds();
    scene.receiver.answers(503);
    for _ in 0..2 {
        let _ = scene.webhook(["ping"]).ends().exits(1);
    }
    let failed = scene.webhook(["deliveries", "--failed"]).json().succeeds().document();
    assert_eq!(failed["deliveries"].as_array().unwrap().len(), 2);
    let refused = scene.webhook(["redeliver", "--failed"]).json().exits(1).document();
    assert_eq!(refused["redelivered"][0]["answered_with"], 503);
    scene.receiver.answers(204);
    let taken = scene.webhook(["redeliver", "--failed"]).json().succeeds().document();
    let taken = taken["redelivered"].as_array().unwrap();
    assert!(taken.len() == 2 && taken.iter().all(|one| one["answered_with"] == 204), "{taken:#?}");
    assert_eq!(scene.receiver.last().header("idempotency-key"), taken[1]["guid"].as_str());
    let shown = scene.webhook(["deliveries", "--show", taken[0]["guid"].as_str().unwrap()]).json().succeeds();
    assert_eq!(shown.document()["request"]["body"]["object_kind"], "push");
}

#[test]
fn a_server_that_tells_of_no_deliveries() {
    let scene = Scene::of(Sandbox::builder().gitlab_version("17.2"));
    let _ = add(&scene).ends().succeeds();
    let _ = scene.webhook(["ping"]).ends().succeeds();
    let error = scene.webhook(["deliveries"]).json().fails(1, "no_deliveries");
    assert!(error["hint"].as_str().unwrap().contains("/-/hooks/"), "{error}");
}

#[test]
fn a_project_that_was_renamed() {
    let scene = Scene::new();
    let id = add(&scene).json().succeeds().document()["id"].to_string();
    let renamed = "agility-game/home-assistant/panel";
    scene.world.rename_gitlab_project(DASHBOARD, renamed);
    let moved = scene.webhook(["remove", "--yes"]).json();
    assert_eq!((moved.code, moved.error()["code"].as_str()), (Some(3), Some("moved")), "{}", moved.shown());
    assert!(moved.error()["hint"].as_str().unwrap().contains("--project"), "{}", moved.shown());
    // By the project's number it is known to be connect's own, and is written down anew.
    let at = |command: &str| scene.webhook([command, &id, "--project", renamed, "--yes"]).json().succeeds().document();
    assert_eq!(at("show")["own"], true);
    let again = scene.webhook(["add", "--project", renamed]).json().succeeds().document();
    assert_eq!((again["outcome"].as_str(), again["id"].to_string()), (Some("unchanged"), id.clone()));
    assert_eq!(scene.gitlab_record()["webhook"]["hooks"][0]["target"], format!("project:{renamed}"));
    assert_eq!(at("remove")["own"], true);
    assert!(scene.gitlab_record()["webhook"]["hooks"].is_null());
}

#[test]
fn an_address_that_gitlab_does_not_deliver_to() {
    let scene = Scene::of(Sandbox::builder().block_local_network(true));
    let refused = add(&scene).json().fails(1, "hook_url_refused");
    assert!(refused["hint"].as_str().unwrap().contains("Outbound requests"), "{refused}");
    assert_eq!(scene.project_hooks().len(), 0);
}
