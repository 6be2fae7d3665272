//! Webhooks are made, with a secret that is kept first, and made once.

use forge_sandbox::{Fault, Sandbox};
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{DASHBOARD, STORE, Scene};
use crate::support::forges::{at_github, built};
use crate::support::{Cast as _, Home};

const HOOKS: &str = "/repos/agility-game/home-assistant-community-store/hooks";

#[test]
fn it_is_made_and_what_it_delivers_can_be_verified() {
    let scene = Scene::new();
    let made = scene.add().with(["--events", "push,pull_request"]).ends().succeeds();
    assert_snapshot!(made.shown(), @"
    exit 0
    --- stdout
    ✓ Made webhook 550000000 of agility-game/home-assistant-community-store
      delivers to http://127.0.0.1:PORT/hooks/ID
      events      push, pull_request
      sends       JSON, signed
      state       active
      page        http://127.0.0.1:PORT/agility-game/home-assistant-community-store/settings/hooks/550000000
      secret      made now, kept in HOME/connect/data/secrets/ID
    To receive: `connect webhook listen --connection octocat@127.0.0.1:PORT`
    --- stderr
    warning: the webhook secret is kept readable, by you and by whoever becomes you; `--store keyring` or `--store file` would not
    ");
    scene.world.settle();
    let record = scene.github_record()["webhook"].clone();
    let secret = scene.kept(&record["secret"]);
    let ping = scene.receiver.last();
    assert_eq!(ping.header("x-github-event"), Some("ping"));
    assert_eq!(ping.path, format!("/hooks/{}", record["id"].as_str().unwrap()));
    assert!(ping.is_signed_with(&secret), "by the secret that was kept");
    let hook = &scene.hooks()[0];
    assert_eq!((hook["secret"].as_str(), hook["content_type"].as_str()), (Some(secret.as_str()), Some("json")));
    assert_eq!((hook["insecure_ssl"].as_bool(), &hook["events"]), (Some(false), &json!(["push", "pull_request"])));
    assert_eq!(secret.len(), 64, "32 random bytes");
    assert_eq!(record["hooks"][0]["target"], format!("repo:{STORE}"));
    assert_eq!(record["hooks"][0]["id"], hook["id"]);
    made.never_says(&secret);
    scene.is_secret(&secret);
}

#[test]
fn again_is_the_same_and_only_what_differs_is_changed() {
    let scene = Scene::new();
    let first = scene.add().with(["--events", "push,star"]).json().succeeds().document();
    assert_eq!((first["outcome"].as_str(), first["secret_made"].as_bool()), (Some("made"), Some(true)));
    scene.world.clear_requests();
    let again = scene.add().with(["--events", "star,push"]).json().succeeds().document();
    assert_eq!((again["outcome"].as_str(), &again["id"]), (Some("unchanged"), &first["id"]));
    assert!(scene.world.requests().iter().all(|seen| seen.method == "GET"), "nothing was sent");
    // The base is remembered, and what is not named stays.
    let still = scene.webhook(["add", "--repo", STORE]).json().succeeds().document();
    assert_eq!((still["outcome"].as_str(), &still["events"]), (Some("unchanged"), &json!(["push", "star"])));
    let before = scene.hooks()[0]["secret"].clone();
    let changed = scene.add().with(["--all-events", "--content-type", "form"]).json().succeeds().document();
    assert_eq!((changed["outcome"].as_str(), &changed["events"]), (Some("changed"), &json!(["*"])));
    let hooks = scene.hooks();
    assert_eq!((hooks.len(), &hooks[0]["secret"], hooks[0]["content_type"].as_str()), (1, &before, Some("form")));
    assert_eq!(scene.github_record()["webhook"]["hooks"].as_array().unwrap().len(), 1);
}

#[test]
fn one_secret_for_all_webhooks_of_a_connection() {
    let scene = Scene::new();
    let _ = scene.add().ends().succeeds();
    let org = scene.webhook(["add", "--org", "agility-game", "--url", &scene.receiver.url("org"), "--all-events"]);
    let org = org.json().succeeds().document();
    assert_eq!((org["target"].as_str(), org["secret_made"].as_bool()), (Some("org:agility-game"), Some(false)));
    scene.world.settle();
    let secret = scene.kept(&scene.github_record()["webhook"]["secret"]);
    assert!(scene.receiver.taken().iter().all(|taken| taken.is_signed_with(&secret)));
    assert_eq!(scene.receiver.taken().len(), 2);
    // A given one takes its place; the other webhook is named, which has the former one.
    let given = scene.add().with(["--secret-stdin"]).stdin("a secret that was there before\n").json().succeeds();
    assert_eq!(given.document()["outcome"], "changed");
    assert_eq!(given.warnings(), ["kept_plain", "hook_has_former"]);
    assert_eq!(scene.hooks()[0]["secret"], "a secret that was there before");
    let named = format!("webhook edit {} --org agility-game --secret", org["id"]);
    assert!(given.stderr().contains(&named), "{}", given.shown());
    let _ = scene.home.connect(named.split(' ')).ends().succeeds();
    let _ = scene.webhook(["ping", "--org", "agility-game"]).ends().succeeds();
    assert!(scene.receiver.last().is_signed_with("a secret that was there before"));
}

#[test]
fn in_a_job_the_secret_comes_from_a_variable() {
    let scene = Scene::new();
    let made = scene.add().with(["--secret-env", "HOOK_SECRET", "--store", "env", "--no-input", "--events", "push"]);
    let made = made.with(["-vv"]).env("HOOK_SECRET", "0123456789abcdef0123456789abcdef").json().succeeds();
    made.never_says("0123456789abcdef0123456789abcdef");
    let made = made.document();
    assert_eq!((made["kept_in"].as_str(), made["secret_made"].as_bool()), (Some("env"), Some(false)));
    assert_eq!(scene.hooks()[0]["secret"], "0123456789abcdef0123456789abcdef");
    for bytes in scene.home.contents().values() {
        assert!(!String::from_utf8_lossy(bytes).contains("0123456789abcdef0123456789abcdef"));
    }
    let missing = scene.add().with(["--secret-env", "NOT_SET"]).json();
    let _ = missing.fails(2, "usage");
}

#[test]
fn events_that_are_misspelt_or_unknown() {
    let scene = Scene::new();
    let slip = scene.add().with(["--events", "push,pull_requests"]).json().fails(2, "usage");
    assert!(slip["message"].as_str().unwrap().contains("did you mean `pull_request`?"), "{slip}");
    assert_eq!(scene.world.requests().len(), 0, "nobody was asked");
    let slip = scene.webhook(["add", "--project", DASHBOARD, "--url", "https://h/x", "--events", "merge_request"]);
    assert!(slip.json().fails(2, "usage")["message"].as_str().unwrap().contains("did you mean `merge_requests`?"));
    // GitHub refuses what it does not know; GitLab says nothing.
    let unknown = scene.add().with(["--events", "quantum_leap"]).json();
    assert_eq!(unknown.warnings(), ["unknown_event"]);
    let _ = unknown.fails(1, "invalid_request");
    let (url, events) = (scene.receiver.url("x"), "quantum_leap,push");
    let unknown = scene.webhook(["add", "--project", DASHBOARD, "--url", &url, "--events", events]).json().succeeds();
    assert_eq!(unknown.warnings(), ["unknown_event", "events_not_taken", "kept_plain"]);
    assert_eq!(unknown.document()["events_not_taken"], json!(["quantum_leap"]));
    // To ask for it again would change nothing.
    scene.world.clear_requests();
    let again = scene.webhook(["add", "--project", DASHBOARD, "--url", &url, "--events", events]).json().succeeds();
    assert_eq!((again.document()["outcome"].as_str(), scene.asked("PUT", "")), (Some("unchanged"), 0));
    let as_typed = scene.webhook(["add", "--project", DASHBOARD, "--url", &url, "--events", "pussh", "--as-typed"]);
    assert_eq!(as_typed.json().succeeds().warnings(), ["unknown_event", "events_not_taken"]);
}

#[test]
fn who_may_do_it_is_said() {
    let scene = Scene::with(Sandbox::builder(), "collaborator", "developer");
    let hidden = scene.add().ends().exits(5);
    assert_snapshot!(hidden.shown(), @"
    exit 5
    --- stderr
    error: `hubot@127.0.0.1:PORT` sees the repository agility-game/home-assistant-community-store, and not its webhooks
      → its webhooks are for an administrator of the repository, with the permission `Webhooks`
      → `connect check hubot@127.0.0.1:PORT --for webhooks --repo agility-game/home-assistant-community-store` says what is missing
    ");
    let _ = scene.add().json().fails(5, "webhooks_hidden");
    let gone = scene.webhook(["add", "--repo", "no/such", "--url", "https://h/x"]).json().fails(3, "not_found");
    assert!(gone["hint"].as_str().unwrap().contains("an administrator of the repository"), "{gone}");
    let role = scene.webhook(["add", "--project", DASHBOARD, "--url", "https://h/x"]).json();
    assert_eq!(role.code, Some(5), "{}", role.shown());
    assert!(role.error()["hint"].as_str().unwrap().contains("a maintainer or owner of the project"));
    assert!(scene.home.records().iter().all(|record| record["webhook"].is_null()), "nothing was made, and no secret");
}

#[test]
fn one_of_somebody_else_is_taken_over_only_when_that_is_agreed_to() {
    let scene = Scene::new();
    let url = scene.receiver.url("in");
    // Another home is another person.
    let other = Home::new();
    let _ = other.github(&scene.world, "classic").ends().succeeds();
    let made = other.connect(["webhook", "add", "--repo", STORE, "--url", &url]).json().succeeds().document();
    let theirs = scene.hooks()[0]["secret"].clone();
    let add = || scene.webhook(["add", "--repo", STORE, "--url", &url]);
    let _ = add().json().fails(9, "webhook_not_ours");
    assert!(scene.github_record()["webhook"].is_null(), "no secret was made for nothing");
    let mut asked = add().at_terminal();
    asked.sees("Take it over? [y/N]").types("n");
    assert_eq!(asked.ends().code, 9);
    assert_eq!(scene.hooks()[0]["secret"], theirs);
    let taken = add().with(["--yes"]).json().succeeds().document();
    assert_eq!((taken["outcome"].as_str(), &taken["id"]), (Some("taken_over"), &made["id"]));
    assert_ne!(scene.hooks()[0]["secret"], theirs);
    let shown = scene.webhook(["show"]).json().succeeds().document();
    assert_eq!(shown["own"], true);
}

#[test]
fn an_answer_that_was_lost_is_looked_for() {
    let scene = Scene::new();
    scene.world.fault(Fault::github().method("POST").path(HOOKS).once().drop_after_work());
    let made = scene.add().json().succeeds().document();
    assert_eq!(made["outcome"], "made");
    assert_eq!((scene.hooks().len(), &scene.hooks()[0]["id"]), (1, &made["id"]));
    scene.world.fault(Fault::github().method("POST").path(HOOKS).once().drop_before_work());
    let lost = scene.webhook(["add", "--repo", STORE, "--url", &scene.receiver.url("b")]).json();
    let _ = lost.fails(7, "connection_lost");
    assert_eq!(scene.hooks().len(), 1);
}

#[test]
fn without_a_place_for_the_secret_nothing_is_made() {
    let scene = Scene::new();
    let refused = scene.add().with(["--store", "keyring"]).json();
    assert_eq!(refused.code, Some(8), "{}", refused.shown());
    assert_eq!(scene.hooks().len(), 0);
    let nowhere = scene.webhook(["add", "--repo", STORE]).json().fails(2, "usage");
    assert!(nowhere["hint"].as_str().unwrap().contains("--public-url"), "{nowhere}");
    let whose = scene.webhook(["add", "--url", "https://h/x"]).json().fails(2, "usage");
    assert!(whose["hint"].as_str().unwrap().contains("--group GROUP"), "{whose}");
}

#[test]
fn what_an_address_gives_access_with_is_never_shown() {
    let scene = Scene::new();
    let url = scene.receiver.url("in?key=hushkey").replace("http://", "http://me:hushword@");
    let call = || scene.webhook(["add", "--repo", STORE, "--url", &url, "-vv"]);
    for output in [call().ends(), call().json(), scene.webhook(["list", "--repo", STORE]).ends()] {
        output.clone().succeeds().never_says("hushword").never_says("hushkey");
    }
    assert_eq!((scene.hooks().len(), scene.hooks()[0]["url"].as_str()), (1, Some(url.as_str())));
    for (name, bytes) in scene.home.contents() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains("hushword") && !text.contains("hushkey"), "{name}");
    }
    let wrong = scene.webhook(["add", "--repo", STORE, "--url", "ftp://me:hushword@h/x"]).ends().exits(2);
    wrong.never_says("hushword");
}

#[test]
fn an_address_of_ones_own_machine_is_githubs_to_judge_where_its_api_is_there_too() {
    let (home, world) = (Home::new(), built(Sandbox::builder().refuse_local_hooks(true)));
    let _ = home.dotcom(&world, "classic").ends().succeeds();
    let add = |url: &str| home.connect(["webhook", "add", "--repo", STORE, "--url", url]);
    let refused = add("http://127.0.0.1:8787/x").json().fails(1, "hook_url_refused");
    assert!(refused["message"].as_str().unwrap().contains("public Internet"), "{refused}");
    let plain = add("http://example.com/x").json().succeeds();
    assert_eq!(plain.warnings(), ["plain_http"]);
    let _ = home.connect(["webhook", "list", "--connection", "octocat@github.com"]).ends().succeeds();
}

#[test]
fn a_repository_may_be_named_by_its_address() {
    let scene = Scene::new();
    let url = format!("{}/{STORE}", scene.world.github_url());
    let made = scene.webhook(["add", "-R", &url, "--public-url", scene.receiver.base()]).json().succeeds().document();
    assert_eq!(made["target"], format!("repo:{STORE}"));
    assert_eq!(made["connection"], at_github(&scene.world, "octocat"));
    let other = scene.webhook(["add", "--project", DASHBOARD, "--url", "https://h/x", "--connection"]);
    let _ = other.with([at_github(&scene.world, "octocat")]).json().fails(2, "other_forge");
}

#[cfg(feature = "test-hooks")]
#[test]
fn killed_anywhere_the_same_command_goes_on() {
    for point in ["webhook.secret.kept", "webhook.hook.made"] {
        let scene = Scene::new();
        let killed = scene.add().env("CONNECT_TEST_FAULT", point).ends();
        assert!(killed.signal.is_some(), "{point}\n{}", killed.shown());
        let kept = scene.github_record()["webhook"]["secret"].clone();
        // What is there already can be verified.
        let of_hooks: Vec<_> = scene.hooks().iter().map(|hook| hook["secret"].as_str().unwrap().to_owned()).collect();
        assert!(of_hooks.iter().all(|secret| *secret == scene.kept(&kept)), "{point}");
        let again = scene.add().json().succeeds().document();
        assert_eq!((again["own"].as_bool(), scene.hooks().len()), (Some(true), 1), "{point}");
        let secret = scene.kept(&scene.github_record()["webhook"]["secret"]);
        assert_eq!(scene.hooks()[0]["secret"], secret, "{point}");
        let _ = scene.webhook(["show"]).ends().succeeds();
    }
}

/// What the forge was not told of yet, a later run tells it.
#[test]
fn a_secret_that_the_forge_did_not_get_is_sent_the_next_time() {
    let scene = Scene::new();
    let _ = scene.add().ends().succeeds();
    let had = |secret: &str| scene.hooks()[0]["secret"] == secret;
    let given = "a secret that was there before";
    scene.world.fault(Fault::github().method("PATCH").path(HOOKS).once().status(403));
    let refused = scene.add().with(["--secret-stdin"]).stdin(given).ends();
    assert!(refused.code != Some(0) && !had(given), "{}", refused.shown());
    let again = scene.add().with(["--secret-stdin"]).stdin(given).json().succeeds().document();
    assert_eq!((&again["outcome"], had(given)), (&json!("changed"), true));
    assert_eq!(scene.add().json().succeeds().document()["outcome"], "unchanged");
    // One that was made anew for a form.
    let name = at_github(&scene.world, "octocat");
    let _ = scene.webhook(["settings", &name, "--new-secret"]).ends().succeeds();
    assert!(had(given));
    assert_eq!(scene.add().json().succeeds().document()["outcome"], "changed");
    assert!(had(&super::secret(&scene.home, &name)));
}

#[cfg(feature = "test-hooks")]
#[test]
fn killed_before_the_forge_has_the_new_secret() {
    let scene = Scene::new();
    let _ = scene.add().ends().succeeds();
    let given = "a secret that was there before";
    let killed = scene.add().with(["--secret-stdin"]).stdin(given).env("CONNECT_TEST_FAULT", "webhook.secret.kept");
    assert!(killed.ends().signal.is_some());
    assert_ne!(scene.hooks()[0]["secret"], given);
    assert_eq!(scene.add().json().succeeds().document()["outcome"], "changed");
    assert_eq!(scene.hooks()[0]["secret"], given);
}

/// Killed before the answer was written down, the same line knows its own.
#[test]
#[cfg(feature = "test-hooks")]
fn cut_short_at_an_address_of_ones_own() {
    let scene = Scene::new();
    let add = || scene.webhook(["add", "--repo", STORE, "--url", &scene.receiver.url("in"), "--store", "plain"]);
    let died = add().env("CONNECT_TEST_FAULT", "webhook.hook.made").ends();
    assert_eq!(died.signal, Some(6), "{}", died.shown());
    let document = add().json().succeeds().document();
    assert_eq!((&document["outcome"], scene.hooks().len()), (&"made".into(), 1));
    assert_eq!(scene.github_record()["webhook"]["being_made"], Value::Null);
    let again = add().json().succeeds().document();
    assert_eq!(again["outcome"], "unchanged");
}
