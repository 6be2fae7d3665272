//! Many rotations, many processes, and forges that refuse: nothing is rotated twice, and no token is lost.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use connect::catalog::{Home as CatalogHome, Records};
use forge_sandbox::{Builder, Fault, ReadyMade, Sandbox, Seed};
use serde_json::{Value, json};

use crate::support::call::Running;
use crate::support::forges::{at_gitlab, built};
use crate::support::{Cast as _, Home};

const PROCESSES: usize = 8;

/// A GitLab with so many tokens of `maintainer`'s, `bulk-1` and so on, that die in ten days.
fn crowded(count: usize) -> Sandbox {
    let seed: Seed = serde_json::from_value(json!({
        "gitlab": { "tokens": [ { "name": "bulk", "scopes": ["api"], "count": count, "expires_in_days": 10 } ] }
    }))
    .unwrap();
    built(Sandbox::builder().seed(seed).rate_limits(false))
}

/// So many connections in the store `plain`, as connect writes them, without asking for each.
fn planted(home: &Home, world: &Sandbox, count: usize) {
    use connect::model::{Secret, SecretId};
    let data = home.connect_home().join("data");
    fs::create_dir_all(data.join("connections")).unwrap();
    fs::create_dir_all(data.join("secrets")).unwrap();
    let (url, api) = (world.gitlab_url(), world.gitlab_api_url());
    let dies = world.now() + jiff::SignedDuration::from_hours(10 * 24);
    for number in 1..=count {
        let (name, token) = (format!("bulk-{number}"), world.gitlab_token(&format!("bulk-{number}")));
        let (secret, id) = (Secret::new(token.clone()), SecretId::random().unwrap());
        let record = json!({
            "name": name, "version": 1, "forge": "gitlab", "url": url, "api_url": api, "account": null,
            "token": { "kind": "personal", "fingerprint": secret.fingerprint(), "bound": secret.bound_to(&url, &api),
                "scopes": ["api"], "expires_at": dies, "secret": id.as_str(), "kept_in": "plain",
                "checked_at": "2026-11-01T00:00:00Z", "health": "valid" }
        });
        fs::write(home.record_path(&name), record.to_string()).unwrap();
        let path = data.join("secrets").join(id.as_str());
        fs::write(&path, token).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
}

/// A home with one connection, to the sandbox's token `api`, and its name.
fn connected(builder: Builder) -> (Home, Sandbox, String) {
    let (home, world) = (Home::new(), built(builder));
    home.gitlab(&world, "api").ends().succeeds().never_says("error");
    let name = at_gitlab(&world, "maintainer");
    (home, world, name)
}

/// The token that connect hands out.
fn token(home: &Home, name: &str) -> String {
    home.connect(["token", name]).ends().succeeds().stdout().trim().to_owned()
}

/// Every record has its secret, no secret is without a record, and nothing is under way.
fn all_is_in_order(home: &Home) {
    let mut named: Vec<String> =
        home.records().iter().map(|record| record["token"]["secret"].as_str().unwrap().to_owned()).collect();
    let mut kept: Vec<String> =
        home.secrets().iter().map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    named.sort();
    kept.sort();
    assert_eq!(named, kept);
    assert!(home.journal().is_empty(), "{:?}", home.journal());
}

/// The words that the connections ended with, and how many of each.
fn words(document: &Value) -> BTreeMap<String, usize> {
    let mut words = BTreeMap::new();
    for connection in document["connections"].as_array().unwrap() {
        let word = connection["error"]["code"].as_str().unwrap_or("rotated");
        *words.entry(word.to_owned()).or_default() += 1;
    }
    words
}

#[test]
fn a_crowd_of_which_one_in_twenty_fails() {
    const COUNT: usize = 1_000;
    let (home, world) = (Home::new(), crowded(COUNT));
    planted(&home, &world, COUNT);
    let mut refused = Vec::new();
    for (at, number) in (20..=COUNT).step_by(20).enumerate() {
        let name = format!("bulk-{number}");
        let fault = Fault::gitlab().rotation().token(&name);
        world.fault(match at % 5 {
            0 => fault.ready_made(ReadyMade::ExpiryTooFar),
            1 => fault.ready_made(ReadyMade::InsufficientScope),
            2 => fault.ready_made(ReadyMade::RequestedTooManyTimes),
            3 => fault.ready_made(ReadyMade::LegacyRotationDisabled),
            _ => fault.drop_after_work(),
        });
        refused.push((name.clone(), world.gitlab_token(&name), at % 5 == 4));
    }
    let began = Instant::now();
    let output = home.connect(["rotate", "--all", "--within", "14d", "--yes", "--jobs", "32"]).json().exits(10);
    eprintln!("{COUNT} rotations took {:?}", began.elapsed());
    let words = words(&output.document());
    assert_eq!(words["rotated"], COUNT - refused.len(), "{words:?}");

    let rotations = world.rotations();
    assert_eq!(rotations.len(), COUNT, "each was asked for once");
    assert!(rotations.iter().all(|rotation| rotation.killed.is_none()));
    assert_eq!(home.records().len(), COUNT);
    for (name, old, lost) in &refused {
        let family = world.family(name);
        assert_eq!((family.calls, family.rotated), (1, usize::from(*lost)), "{name}");
        let record = home.record(name);
        if *lost {
            assert_eq!(record["token"]["health"], "revoked", "{name}: the answer never came, and connect says so");
        } else {
            assert!(world.is_alive_gitlab(old), "{name}: a refusal leaves the old token working");
            assert_eq!(&token(&home, name), old);
        }
    }
    for number in [1, 19, 21, COUNT / 2 + 1, COUNT - 1] {
        let name = format!("bulk-{number}");
        assert_eq!(token(&home, &name), world.gitlab_token(&name));
        assert!(world.is_alive_gitlab(&name));
        assert_eq!(home.record(&name)["token"]["expires_at"], "2027-01-30T00:00:00Z");
    }
    all_is_in_order(&home);
    let history = fs::read_to_string(home.connect_home().join("state/history.jsonl")).unwrap();
    assert_eq!(history.matches("\"rotated\"").count(), COUNT - refused.len());
    home.connect(["history", "--verify"]).ends().succeeds().never_says("error");
}

#[test]
fn eight_processes_and_one_connection() {
    let (home, world, name) = connected(Sandbox::builder());
    // All of them have read which token is meant before the first gets its turn.
    let records = Records::new(&CatalogHome::below(&home.connect_home()));
    let lock = records.try_lock(&name.parse().unwrap()).unwrap();
    let running: Vec<Running> = (0..PROCESSES).map(|_| home.connect(["rotate", &name]).begins()).collect();
    for one in &running {
        let _ = one.says("waiting for another process");
    }
    drop(lock);
    for one in running {
        one.ends().succeeds().never_says("error");
    }
    let family = world.family("api");
    assert_eq!((family.calls, family.rotated, family.killed), (1, 1, false));
    assert_eq!(token(&home, &name), world.gitlab_token("api"));
    all_is_in_order(&home);
}

#[test]
fn eight_processes_and_all_of_a_crowd() {
    const COUNT: usize = 40;
    let (home, world) = (Home::new(), crowded(COUNT));
    planted(&home, &world, COUNT);
    let all = ["rotate", "--all", "--within", "14d", "--yes", "--json"];
    let running: Vec<Running> = (0..PROCESSES).map(|_| home.connect(all).begins()).collect();
    for output in running.into_iter().map(Running::ends) {
        output.succeeds().never_says("error");
    }
    for number in 1..=COUNT {
        let family = world.family(&format!("bulk-{number}"));
        assert_eq!((family.calls, family.alive.len(), family.killed), (1, 1, false), "bulk-{number}");
    }
    all_is_in_order(&home);
}

#[test]
fn a_refusal_leaves_the_old_token_working() {
    let (home, world, name) = connected(Sandbox::builder());
    let old = token(&home, &name);
    let rotation = || Fault::gitlab().rotation().once();
    let refusals = [
        (rotation().ready_made(ReadyMade::ExpiryTooFar), "400, the date"),
        (rotation().ready_made(ReadyMade::LegacyRotationDisabled), "400, legacy"),
        (rotation().ready_made(ReadyMade::InsufficientScope), "403"),
        (rotation().ready_made(ReadyMade::RetryLater), "429, in front"),
        (rotation().ready_made(ReadyMade::RequestedTooManyTimes), "429, inside"),
    ];
    for (at, (fault, what)) in refusals.into_iter().enumerate() {
        world.fault(fault);
        let output = home.connect(["rotate", &name]).json();
        assert!(!matches!(output.code, Some(0 | 10)), "{what}: {}", output.shown());
        assert_eq!(world.family("api").calls, at + 1, "{what}: asked once");
        assert!(world.is_alive_gitlab(&old) && token(&home, &name) == old, "{what}");
        assert_eq!(home.secrets().len(), 1, "{what}");
        all_is_in_order(&home);
    }
    home.connect(["rotate", &name, "--json"]).ends().succeeds().never_says("error");
    assert_ne!(token(&home, &name), old);
    assert_eq!(token(&home, &name), world.gitlab_token("api"));
}

/// Neither a 500 nor a redirect says what was done; the old token does, but not before the request's own time is over.
#[test]
fn what_is_no_answer_is_asked_about_and_never_repeated() {
    let rotation = || Fault::gitlab().rotation().once();
    for fault in [
        rotation().ready_made(ReadyMade::InternalServerError),
        rotation().ready_made(ReadyMade::BadGateway),
        rotation().redirect(307, "https://elsewhere.test/"),
    ] {
        let (home, world, name) = connected(Sandbox::builder());
        let old = token(&home, &name);
        world.fault(fault);
        let output = home.connect(["rotate", &name]).json();
        assert!(!matches!(output.code, Some(0 | 10)), "{}", output.shown());
        assert!(world.is_alive_gitlab(&old) && token(&home, &name) == old);
        assert_eq!(world.family("api").calls, 1);
        let later = home.connect(["rotate", &name]).env("CONNECT_TEST_NOW", "2026-11-01T13:00:00Z").json();
        later.succeeds().never_says("error");
        let family = world.family("api");
        assert_eq!((family.rotated, family.killed), (1, false));
        assert_eq!(token(&home, &name), world.gitlab_token("api"));
        all_is_in_order(&home);
    }
}

/// The work is done after the connection was cut: the old token works still when connect looks, and dies later.
#[test]
fn a_connection_that_is_cut_while_the_work_is_being_done() {
    let (home, world, name) = connected(Sandbox::builder());
    let old = token(&home, &name);
    world.fault(Fault::gitlab().rotation().once().drop_during_work(Duration::from_millis(300)));
    let output = home.connect(["rotate", &name]).json();
    assert!(!matches!(output.code, Some(0 | 10)), "{}", output.shown());
    world.settle();
    assert!(!world.is_alive_gitlab(&old), "it was done after all");
    // Whoever asks again, now or when the request's time is over, learns that the answer is lost.
    for now in ["2026-11-01T12:00:00Z", "2026-11-01T13:00:00Z"] {
        let again = home.connect(["rotate", &name]).env("CONNECT_TEST_NOW", now).json();
        assert!(!matches!(again.code, Some(0 | 10)), "{}", again.shown());
    }
    let family = world.family("api");
    assert_eq!((family.calls, family.rotated, family.killed), (1, 1, false), "never asked again");
    assert_eq!(home.record(&name)["token"]["health"], "revoked");
    all_is_in_order(&home);
}

/// A clock that jumps, forwards or back, between the request and the look at what became of it.
#[test]
fn a_clock_that_jumps() {
    for then in ["2020-01-01T00:00:00Z", "2026-11-01T12:00:01Z", "2038-01-19T03:14:07Z"] {
        let (home, world, name) = connected(Sandbox::builder());
        let old = token(&home, &name);
        world.fault(Fault::gitlab().rotation().once().drop_before_work());
        let output = home.connect(["rotate", &name]).json();
        assert!(!matches!(output.code, Some(0 | 10)), "{then}: {}", output.shown());
        assert_eq!(token(&home, &name), old, "{then}");
        let jumped = home.connect(["rotate", &name, "--expires-in", "30d"]).env("CONNECT_TEST_NOW", then).json();
        let family = world.family("api");
        assert!(!family.killed && family.alive.len() == 1, "{then}: {}", jumped.shown());
        assert!(family.rotated <= 1, "{then}");
        // What connect hands out is what lives.
        assert!(world.is_alive_gitlab(&token(&home, &name)), "{then}: {}", jumped.shown());
        let back = home.connect(["rotate", &name]).env("CONNECT_TEST_NOW", "2026-11-01T13:00:00Z").json();
        assert!(!world.family("api").killed, "{then}: {}", back.shown());
        assert!(world.is_alive_gitlab(&token(&home, &name)), "{then}: {}", back.shown());
        all_is_in_order(&home);
    }
}

/// GitLab says one token and gives life to another: the one it said does not work, and connect says so.
#[test]
fn an_answer_with_a_token_that_nobody_has() {
    let (home, world, name) = connected(Sandbox::builder());
    world.fault(Fault::gitlab().rotation().once().wrong_token());
    let output = home.connect(["rotate", &name]).json();
    assert!(!matches!(output.code, Some(0 | 10)), "{}", output.shown());
    assert_eq!(world.family("api").calls, 1);
    assert_ne!(home.record(&name)["token"]["health"], "valid");
    // Nothing that could hold the right one is thrown away, and nobody asks again.
    home.connect(["rotate", &name]).json().never_says("\"rotated\":true");
    assert_eq!(world.family("api").calls, 1);
}
