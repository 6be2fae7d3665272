//! Webhooks are looked at, changed, tried out and removed; what was not taken is delivered once more.

use std::time::{Duration, Instant};

use forge_sandbox::Fault;
use insta::assert_snapshot;
use serde_json::json;

use super::{STORE, Scene};
use crate::support::forges::at_github;
use crate::support::{Cast as _, Home, Output};

#[test]
fn all_of_a_place_and_all_that_connect_has_made() {
    let scene = Scene::new();
    let none = scene.webhook(["list"]).ends().succeeds();
    assert_snapshot!(none.shown(), @"
    exit 0
    --- stderr
    connect has made no webhook
    ");
    let other = Home::new();
    let _ = other.github(&scene.world, "classic").ends().succeeds();
    let theirs = ["webhook", "add", "--repo", STORE, "--url", &scene.receiver.url("theirs"), "--events", "star"];
    let _ = other.connect(theirs).ends().succeeds();
    let _ = scene.add().with(["--events", "push,pull_request"]).ends().succeeds();
    scene.world.settle();
    let lines = scene.webhook(["list", "--repo", STORE]).ends().succeeds().stdout();
    let fields: Vec<Vec<&str>> = lines.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!((fields[0][3], fields[0][5], fields[1][3], fields[1][5]), ("other", "star", "own", "push,pull_request"));
    assert!(fields.iter().all(|fields| fields.len() == 8 && fields[7] == "-" && fields[4] == "delivering"), "{lines}");
    assert_snapshot!(scene.webhook(["show"]).ends().shown(), @"
    exit 0
    --- stdout
    Webhook 550000001 of agility-game/home-assistant-community-store, connect's own
      delivers to http://127.0.0.1:PORT/hooks/ID
      events      push, pull_request
      sends       JSON, signed
      state       delivering, last answered with 200
      page        http://127.0.0.1:PORT/agility-game/home-assistant-community-store/settings/hooks/550000001
      made        2026-11-01 12:00 UTC
      connection  octocat@127.0.0.1:PORT
    ");
    let own = scene.webhook(["list"]).json().succeeds().document();
    assert_eq!(own["webhooks"].as_array().unwrap().len(), 1);
    assert_eq!((&own["webhooks"][0]["own"], &own["webhooks"][0]["state"]), (&json!(true), &json!("delivering")));
    let seen = scene.webhook(["list"]).at_terminal().ends();
    assert!(seen.screen.lines().all(|line| line.chars().count() <= 80), "{}", seen.screen);
    assert!(seen.screen.contains("DELIVERS TO") && seen.screen.contains("• made by connect"), "{}", seen.screen);
    // Of one place: that needs no column, and hosts are whole.
    let seen = scene.webhook(["list", "--repo", STORE]).at_terminal().ends().screen;
    assert!(seen.lines().all(|line| line.chars().count() <= 80) && !seen.contains(" OF "), "{seen}");
    let host = scene.receiver.base().trim_end_matches('/').to_owned();
    assert_eq!(seen.lines().filter(|line| line.contains(&host)).count(), 2, "{seen}");
    assert!(seen.contains("push, pull_request") && seen.contains("theirs"), "{seen}");
}

#[test]
fn one_that_somebody_removed_is_told_and_forgotten() {
    let scene = Scene::new();
    let made = scene.add().json().succeeds().document();
    let other = Home::new();
    let _ = other.github(&scene.world, "classic").ends().succeeds();
    let id = made["id"].to_string();
    let _ = other.connect(["webhook", "remove", &id, "--repo", STORE, "--yes"]).ends().succeeds();
    let listed = scene.webhook(["list"]).json().succeeds().document();
    assert_eq!(listed["webhooks"][0]["state"], "gone");
    let shown = scene.webhook(["show"]).json().fails(3, "no_such_webhook");
    assert_eq!(shown["connection"], at_github(&scene.world, "octocat"));
    let removed = scene.webhook(["remove", "--no-input"]).json().succeeds().document();
    assert_eq!((&removed["removed"], &removed["own"]), (&json!(false), &json!(true)));
    assert!(scene.github_record()["webhook"]["hooks"].is_null());
    let _ = scene.webhook(["remove"]).json().fails(3, "no_such_webhook");
}

#[test]
fn it_is_removed_after_a_question() {
    let scene = Scene::new();
    let _ = scene.add().ends().succeeds();
    let secret = scene.github_record()["webhook"]["secret"].clone();
    let _ = scene.webhook(["remove"]).json().fails(9, "needs_a_yes");
    let mut asked = scene.webhook(["remove"]).at_terminal();
    asked.sees("Remove it? [y/N]").types("n");
    assert_eq!(asked.ends().code, 9);
    assert_eq!(scene.hooks().len(), 1);
    let mut asked = scene.webhook(["remove", "--repo", STORE]).at_terminal();
    asked.sees("Remove it? [y/N]").types("y");
    assert_eq!(asked.ends().code, 0);
    assert_eq!(scene.hooks().len(), 0);
    assert_eq!(scene.github_record()["webhook"]["secret"], secret, "the secret stays");
    let again = scene.add().json().succeeds().document();
    assert_eq!((again["outcome"].as_str(), again["secret_made"].as_bool()), (Some("made"), Some(false)));
}

#[test]
fn a_change_is_what_was_named_and_the_secret_stays() {
    let scene = Scene::new();
    let _ = scene.add().with(["--events", "push,star"]).ends().succeeds();
    let secret = scene.hooks()[0]["secret"].clone();
    let edit = |flags: &[&str]| scene.webhook(["edit"]).with(flags).json().succeeds().document();
    let changed = edit(&["--add-events", "release", "--remove-events", "star"]);
    assert_eq!((&changed["changed"], &changed["events"]), (&json!(true), &json!(["push", "release"])));
    let url = scene.receiver.url("elsewhere");
    assert_eq!(edit(&["--url", &url])["url"], url);
    assert_eq!(scene.github_record()["webhook"]["hooks"][0]["url"], url);
    assert_eq!(edit(&["--inactive"])["state"], "off");
    assert_eq!(edit(&["--active", "--skip-tls-verify"])["verifies_tls"], false);
    scene.world.clear_requests();
    assert_eq!(edit(&["--url", &url, "--active"])["changed"], false);
    assert!(scene.world.requests().iter().all(|seen| seen.method == "GET"), "nothing was sent");
    assert_eq!(scene.hooks()[0]["secret"], secret);
    // A slip would have left it as it was, and said that all is well.
    let slip = scene.webhook(["edit", "--remove-events", "relese"]).json().fails(2, "usage");
    assert!(slip["message"].as_str().unwrap().contains("did you mean `release`?"), "{slip}");
    let _ = scene.webhook(["edit", "--remove-events", "quantum_leap"]).ends().succeeds();
    let _ = scene.webhook(["edit"]).json().fails(2, "usage");
    let named = scene.webhook(["show", "abc"]).ends().exits(2);
    assert!(named.stderr().contains("a webhook is named by its number"), "{}", named.shown());
    let _ = scene.webhook(["edit", "1", "--repo", STORE, "--active"]).json().fails(3, "no_such_webhook");
}

#[test]
fn one_of_somebody_else_is_changed_without_its_secret_being_known() {
    let scene = Scene::new();
    let other = Home::new();
    let _ = other.github(&scene.world, "classic").ends().succeeds();
    let made = other.connect(["webhook", "add", "--repo", STORE, "--url", &scene.receiver.url("theirs")]).json();
    let id = made.succeeds().document()["id"].to_string();
    let theirs = scene.hooks()[0]["secret"].clone();
    let edited = scene.webhook(["edit", &id, "--repo", STORE, "--url", &scene.receiver.url("new"), "--events", "star"]);
    let edited = edited.json().succeeds().document();
    assert_eq!((&edited["own"], &edited["secret_lost"]), (&json!(false), &json!(false)));
    assert_eq!(scene.hooks()[0]["secret"], theirs, "GitHub keeps it where only the rest is sent");
    assert!(scene.github_record()["webhook"].is_null());
    let taken = scene.webhook(["edit", &id, "--repo", STORE, "--secret"]).with(["--json"]).ends().succeeds();
    assert_eq!(taken.document()["own"], true);
    assert_ne!(scene.hooks()[0]["secret"], theirs);
}

#[test]
fn tried_out() {
    let scene = Scene::new();
    let _ = scene.add().ends().succeeds();
    scene.world.settle();
    let pinged = scene.webhook(["ping"]).json().succeeds().document();
    assert_eq!((&pinged["taken"], &pinged["event"]), (&json!(true), &json!("ping")));
    assert_eq!(scene.receiver.taken().len(), 2, "one when it was made, one now");
    scene.receiver.answers(503);
    let refused = scene.webhook(["test", "--event", "push"]).ends().exits(1);
    assert!(refused.stdout().contains("did not take the push"), "{}", refused.shown());
    let listed = scene.webhook(["list"]).json().succeeds().document();
    assert_eq!(
        (&listed["webhooks"][0]["state"], &listed["webhooks"][0]["last_response"]["code"]),
        (&json!("failing"), &json!(503))
    );
    let shown = scene.webhook(["show"]).ends().succeeds();
    assert!(shown.stdout().contains("Invalid HTTP Response: 503"), "{}", shown.shown());
    let _ = scene.webhook(["ping", "--event", "star"]).json().fails(2, "no_such_test");
}

#[test]
fn what_was_delivered_and_what_was_not() {
    let scene = Scene::new();
    let _ = scene.add().ends().succeeds();
    scene.world.settle();
    scene.receiver.answers(500);
    let _ = scene.webhook(["ping"]).ends().exits(1);
    let all = scene.webhook(["deliveries"]).json().succeeds().document();
    let all = all["deliveries"].as_array().unwrap();
    let codes: Vec<_> = all.iter().map(|one| one["status_code"].as_u64()).collect();
    assert_eq!(codes, [Some(500), Some(200)], "the newest first");
    let failed = scene.webhook(["deliveries", "--failed", "--since", "1h"]).json().succeeds().document();
    assert_eq!(failed["deliveries"], json!([all[0]]));
    let later = scene.webhook(["deliveries", "--since", "2026-11-01T13:00:00Z"]).json().succeeds().document();
    assert_eq!(later["deliveries"], json!([]));
    let guid = all[0]["guid"].as_str().unwrap();
    for name in [guid, &all[0]["id"].to_string()] {
        let one = scene.webhook(["deliveries", "--show", name]).json().succeeds().document();
        assert_eq!((&one["delivery"], &one["response"]["body"]), (&all[0], &json!("well")));
        assert_eq!(one["request"]["headers"]["X-GitHub-Delivery"], guid);
        assert_eq!(one["request"]["body"]["zen"], "Keep it logically awesome.");
    }
    let words = scene.webhook(["deliveries", "--show", guid]).ends().succeeds().stdout();
    assert!(words.contains("X-Hub-Signature-256: sha256=") && words.contains("\"zen\""), "{words}");
    let _ = scene.webhook(["deliveries", "--show", "1"]).json().fails(3, "no_such_delivery");
    let lines = scene.webhook(["deliveries"]).ends().succeeds().stdout();
    assert_eq!(lines.lines().next().unwrap().split('\t').count(), 7);
}

#[test]
fn what_was_not_taken_comes_once_more_and_its_receiver_is_told() {
    let scene = Scene::new();
    let _ = scene.add().ends().succeeds();
    scene.world.settle();
    scene.receiver.answers(503);
    for _ in 0..2 {
        let _ = scene.webhook(["ping"]).ends().exits(1);
    }
    let failed = scene.webhook(["deliveries", "--failed"]).json().succeeds().document();
    let guids: Vec<String> =
        failed["deliveries"].as_array().unwrap().iter().map(|one| one["guid"].as_str().unwrap().to_owned()).collect();
    scene.receiver.answers(200);
    let again = scene.webhook(["redeliver", "--failed"]).json().succeeds().document();
    let asked: Vec<_> =
        again["redelivered"].as_array().unwrap().iter().map(|one| one["guid"].as_str().unwrap()).collect();
    assert_eq!(asked, [guids[1].as_str(), guids[0].as_str()], "the oldest first");
    assert!(again["redelivered"].as_array().unwrap().iter().all(|one| one["outcome"] == "asked"));
    scene.world.settle();
    let came: Vec<String> = scene
        .receiver
        .taken()
        .iter()
        .rev()
        .take(2)
        .map(|one| one.header("x-github-delivery").unwrap().to_owned())
        .collect();
    assert_eq!(came, guids);
    let id = scene.github_record()["webhook"]["id"].as_str().unwrap().to_owned();
    let notes = scene.home.connect_home().join("state/spool").join(id).join("expected");
    assert_eq!(std::fs::read_dir(notes).unwrap().count(), 2, "so that the repeats are let through");
    let nothing = scene.webhook(["redeliver", "--failed"]).ends().succeeds();
    assert!(nothing.stderr().contains("nothing has failed"), "{}", nothing.shown());
    let one = scene.webhook(["redeliver", &guids[0], "--repo", STORE]).json().succeeds().document();
    assert_eq!(one["redelivered"].as_array().unwrap().len(), 1);
    let _ = scene.webhook(["redeliver"]).json().fails(2, "usage");
}

/// Has three deliveries asked for again, and is interrupted in the second: GitLab answers once it has delivered.
fn interrupted_in_the_second(flags: &[&str]) -> Output {
    let scene = Scene::new();
    let add = ["add", "--project", super::DASHBOARD, "--public-url", scene.receiver.base(), "--events", "push"];
    let id = scene.webhook(add).json().succeeds().document()["id"].to_string();
    scene.receiver.answers(503);
    for _ in 0..3 {
        let _ = scene.webhook(["test", &id]).ends().exits(1);
    }
    scene.receiver.answers(200);
    let failed = scene.webhook(["deliveries", "--failed"]).json().succeeds().document();
    let resend = format!("/events/{}/resend", failed["deliveries"][1]["id"]);
    let path = format!("/projects/{}/hooks/{id}{resend}", super::DASHBOARD.replace('/', "%2F"));
    scene.world.fault(Fault::gitlab().method("POST").path(&path).delay(Duration::from_secs(30)));
    let running = scene.webhook(flags).begins();
    let start = Instant::now();
    while scene.asked("POST", &resend) == 0 {
        assert!(start.elapsed() < Duration::from_secs(60), "{resend} never came");
        std::thread::yield_now();
    }
    let told = std::process::Command::new("kill").args(["-INT", &running.id().to_string()]).status();
    assert!(told.unwrap().success());
    running.ends().exits(130)
}

#[test]
fn who_is_interrupted_hears_what_was_sent_already() {
    for flags in [&["catch-up"][..], &["redeliver", "--failed"]] {
        let output = interrupted_in_the_second(flags);
        let lines = output.stdout();
        assert_eq!((lines.lines().count(), lines.contains("answered with 200")), (1, true), "{}", output.shown());
        let said = output.stderr();
        assert!(lines.lines().all(|line| line.split('\t').count() == if flags.len() == 1 { 7 } else { 5 }), "{lines}");
        assert!(said.contains("interrupted; 1 delivery had been asked for again"), "{}", output.shown());
        assert!(said.contains("the same command asks for what is still missing"), "{}", output.shown());
    }
    let output = interrupted_in_the_second(&["catch-up", "--json"]);
    assert_eq!(output.document()["caught_up"][0]["redelivered"][0]["outcome"], "answered");
    assert_eq!(output.error()["code"], "interrupted");
}

#[test]
fn a_redelivery_that_the_forge_refuses() {
    let scene = Scene::new();
    let _ = scene.add().ends().succeeds();
    scene.world.settle();
    scene.receiver.answers(503);
    for _ in 0..3 {
        let _ = scene.webhook(["ping"]).ends().exits(1);
    }
    let headers = [("content-type", "application/json"), ("x-github-request-id", "1"), ("retry-after", "60")];
    let body = json!({ "message": "You have exceeded a secondary rate limit." }).to_string();
    let all = scene.webhook(["deliveries", "--failed"]).json().succeeds().document();
    let second = all["deliveries"][1]["id"].to_string();
    let path = |delivery: &str| {
        let hook = scene.hooks()[0]["id"].to_string();
        format!("/repos/{STORE}/hooks/{hook}/deliveries/{delivery}/attempts")
    };
    scene.world.fault(Fault::github().method("POST").path(&path(&second)).answer(429, &headers, &body));
    let partly = scene.webhook(["redeliver", "--failed"]).json().exits(10).document();
    let outcomes: Vec<_> =
        partly["redelivered"].as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["asked", "failed"], "then it stops");
    assert_eq!(partly["redelivered"][1]["error"]["code"], "rate_limited");
}

#[test]
fn more_than_one_could_be_meant() {
    let scene = Scene::new();
    let first = scene.add().json().succeeds().document();
    let url = scene.receiver.url("second");
    let second =
        scene.webhook(["add", "--repo", STORE, "--url", &url, "--events", "star"]).json().succeeds().document();
    let several = scene.webhook(["show", "--repo", STORE]).json().fails(9, "several_webhooks");
    let hint = several["hint"].as_str().unwrap();
    for made in [&first, &second] {
        assert!(hint.contains(&format!("{} --repo {STORE}", made["id"])), "{hint}");
    }
    let one = scene.webhook(["show", &second["id"].to_string()]).json().succeeds().document();
    assert_eq!((&one["url"], &one["target"]), (&json!(url), &json!(format!("repo:{STORE}"))));
}

/// What GitHub would answer to a change that took the secret away.
fn without_secret(scene: &Scene) -> String {
    let hook = scene.hooks()[0].clone();
    let config = json!({ "url": hook["url"], "content_type": "json", "insecure_ssl": "0" });
    json!({ "id": hook["id"], "active": true, "events": ["push", "star"], "config": config }).to_string()
}

#[test]
fn a_secret_that_goes_missing_is_put_back_or_told_of() {
    let json = [("content-type", "application/json")];
    let scene = Scene::new();
    let id = scene.add().json().succeeds().document()["id"].to_string();
    let hook = format!("/repos/{STORE}/hooks/{id}");
    // What is below the path counts, too: with a known secret the change goes to `…/config` first.
    let drops =
        |times| Fault::github().method("PATCH").path(&hook).times(times).answer(200, &json, &without_secret(&scene));
    scene.world.fault(drops(2));
    scene.world.clear_requests();
    let own = scene.webhook(["edit", "--add-events", "star"]).json().succeeds().document();
    assert_eq!((&own["secret_lost"], &own["has_secret"]), (&json!(false), &json!(true)));
    assert_eq!(
        scene.asked("PATCH", &format!("/hooks/{id}/config")),
        2,
        "once with the change, once more to put it back"
    );
    // One that connect does not know it cannot put back.
    let other = Home::new();
    let _ = other.github(&scene.world, "classic").ends().succeeds();
    scene.world.fault(drops(1));
    let lost = other.connect(["webhook", "edit", &id, "--repo", STORE, "--add-events", "star"]).json().exits(10);
    assert_eq!(lost.warnings(), ["secret_lost"]);
    assert_eq!(lost.document()["secret_lost"], true);
}

#[test]
fn nothing_is_taken_away_from_everything() {
    let scene = Scene::new();
    let _ = scene.add().with(["--all-events"]).ends().succeeds();
    let _ = scene.webhook(["edit", "--remove-events", "star"]).json().fails(2, "usage");
    let same = scene.webhook(["edit", "--add-events", "star"]).json().succeeds().document();
    assert_eq!((&same["changed"], &same["events"]), (&json!(false), &json!(["*"])));
}

#[test]
fn forges_that_do_not_answer() {
    let scene = Scene::new();
    let _ = scene.add().ends().succeeds();
    scene.world.fault(Fault::github().method("GET").path(&format!("/repos/{STORE}/hooks")).status(503));
    let listed = scene.webhook(["list"]).json().exits(7).document();
    let hook = &listed["webhooks"][0];
    assert_eq!((&hook["state"], &hook["error"]["code"]), (&json!("unknown"), &json!("server_error")));
    let words = scene.webhook(["list"]).ends().exits(7);
    assert!(words.stdout().contains("\tunknown\t") && words.stderr().contains("error:"), "{}", words.shown());
}

#[test]
fn what_forges_say_is_harmless_on_a_terminal() {
    let scene = Scene::new();
    let _ = scene.add().ends().succeeds();
    let project = ["add", "--project", super::DASHBOARD, "--url", &scene.receiver.url("x")];
    let id = scene.webhook(project).json().succeeds().document()["id"].to_string();
    let _ = scene.webhook(["ping", &id]).ends().succeeds();
    scene.world.settle();
    scene.world.fault(Fault::github().terminal_escapes());
    scene.world.fault(Fault::gitlab().terminal_escapes());
    for place in [["--repo", STORE], ["--project", super::DASHBOARD]] {
        for command in ["list", "show", "deliveries"] {
            let output = scene.webhook([command]).with(place).ends();
            let text = format!("{}{}", output.stdout(), output.stderr());
            let odd = text.chars().find(|c| (c.is_control() && !"\n\t".contains(*c)) || *c == '\u{202e}');
            assert_eq!(odd, None, "{command}: {text:?}");
        }
    }
}
