//! The webhook's secret as a part of a connection: beside a token or alone, changed, moved, lost, forgotten.

use std::fs;

use super::*;
use crate::support::call::Call;
use crate::support::secret_service::SecretService;
use crate::support::{Cast as _, world};

/// `connect github --name NAME`, without a token.
pub(super) fn edit(home: &Home, world: &Sandbox, name: &str, secret: &str) -> Call {
    home.connect(["github", "--api-url", &world.dotcom_api_url(), "--name", name, "--webhook-secret-stdin"])
        .stdin(secret)
}

/// What the doctor says of one link: its verdict and its word.
fn doctor(home: &Home, link: &str) -> Option<(String, String)> {
    let document = home.connect(["doctor"]).json().document();
    let checks = document["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["name"] == link)?;
    let text = |field: &str| found[field].as_str().unwrap_or_default().to_owned();
    Some((text("status"), text("code")))
}

#[test]
fn beside_a_token_and_changed_by_connecting_again() {
    let (home, world) = (Home::new(), world());
    let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--store", "plain", "--name", "both"]);
    let call =
        call.with(["--pat-env", "THEIRS", "--webhook-secret-stdin"]).env("THEIRS", &world.github_token("classic"));
    insta::assert_snapshot!(call.stdin(GIVEN).ends().shown(), @"
    exit 0
    --- stdout
    ✓ Connected octocat at github.com as `both`
      token    classic, sha256:…
      scopes   admin:org_hook, read:org, repo, workflow
      expires  never
      kept in  HOME/connect/data/secrets/ID
      webhook  secret for signatures, in HOME/connect/data/secrets/ID
    --- stderr
    warning: the token is kept readable, by you and by whoever becomes you; `--store keyring` or `--store file` would not
    warning: the webhook secret is kept readable, by you and by whoever becomes you; `--store keyring` or `--store file` would not
    ");
    assert_eq!(secret(&home, "both"), GIVEN);
    assert_eq!(home.connect(["token", "both"]).ends().stdout().trim(), world.github_token("classic"));
    let first = webhook(&home, "both");
    // A new token leaves the webhook alone; a new webhook secret, the token and the receiving id.
    home.dotcom(&world, "classic-readonly").with(["--name", "both"]).ends().succeeds().never_says("error");
    assert_eq!(webhook(&home, "both"), first);
    world.clear_requests();
    edit(&home, &world, "both", "another phrase, as long as it takes").ends().succeeds().never_says("another phrase");
    assert!(world.requests().is_empty(), "nobody has to be asked");
    let second = webhook(&home, "both");
    assert_eq!((&second["id"], second.get("former")), (&first["id"], None));
    assert_ne!(second["secret"], first["secret"]);
    assert_eq!(secret(&home, "both"), "another phrase, as long as it takes");
    assert_eq!(home.connect(["token", "both"]).ends().stdout().trim(), world.github_token("classic-readonly"));
    // The same again changes nothing.
    edit(&home, &world, "both", "another phrase, as long as it takes").ends().succeeds().never_says("error");
    assert_eq!(webhook(&home, "both"), second);
    assert_eq!((home.secrets().len(), home.journal().len()), (2, 0));
}

#[test]
fn every_way_in_and_those_that_are_none() {
    let (home, world) = (Home::new(), world());
    let (api, file) = (world.dotcom_api_url(), home.file("secret.txt", &format!("{GIVEN}\n")));
    let only = |more: &[&str]| {
        home.connect(["github", "--api-url", &api, "--webhook-only", "--store", "plain", "--name", "way"]).with(more)
    };
    only(&["--webhook-secret-file", &file]).ends().succeeds().never_says(GIVEN);
    assert_eq!(secret(&home, "way"), GIVEN);
    only(&["--webhook-secret-env", "GIVEN"]).env("GIVEN", "one-of-a-variable").ends().succeeds().never_says("one-of");
    assert_eq!(secret(&home, "way"), "one-of-a-variable");
    let both = home.connect(["github", "--api-url", &api, "--pat-stdin", "--webhook-secret-stdin"]).stdin(GIVEN);
    insta::assert_snapshot!(both.ends().shown(), @"
    exit 2
    --- stderr
    error: `--pat-stdin` and `--webhook-secret-stdin` cannot both read standard input
      → give one of the two by a file or a variable: `--webhook-secret-file FILE`, `--webhook-secret-env VAR`
    ");
    for (more, given) in [
        (&["--webhook-secret-stdin", "--pat", "ghp_x"][..], GIVEN),
        (&["--webhook-secret-stdin", "--webhook-secret-env", "X"], GIVEN),
        (&["--webhook-secret-stdin", "--no-keep"], GIVEN),
        (&["--webhook-secret-stdin"], " \n"),
        (&["--webhook-secret-stdin"], "two\nlines of it"),
        (&["--webhook-secret-env", "NOT_SET"], ""),
        (&["--accept-former-for", "7d"], ""),
        (&["--webhook-secret-stdin", "--accept-former-for", "0d"], GIVEN),
        (&["--webhook-secret-stdin", "--store", "env"], GIVEN),
    ] {
        let output = only(&[]).with(more).stdin(given).json();
        output.never_says(GIVEN).never_says("lines of it");
        assert_eq!(output.fails(2, "usage")["connection"], Value::Null, "{more:?}");
    }
    assert_eq!(secret(&home, "way"), "one-of-a-variable");
    let damaged = home.connect(["gitlab", "--webhook-only", "--webhook-secret-stdin"]).stdin(&SIGNING[..40]);
    insta::assert_snapshot!(damaged.ends().shown(), @"
    exit 2
    --- stderr
    error: what came from standard input is no webhook secret for GitLab: it begins with `whsec_`, but what follows is not the Base64 of 32 bytes
      → copy the signing token once more, all of it
    ");
    let weak = only(&["--webhook-secret-stdin"]).stdin("mysecret").json().succeeds();
    assert!(weak.warnings().contains(&"webhook_secret_weak".to_owned()), "{}", weak.shown());
    assert_eq!(doctor(&home, "webhook secret"), Some(("warn".into(), "webhook_secret_weak".into())));
}

#[test]
fn a_connection_that_only_receives() {
    let (home, world) = (Home::new(), world());
    receiver(&home, &world, "hooks").never_says("error");
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    world.clear_requests();
    for words in [
        &["token", "hooks"][..],
        &["check", "hooks", "--for", "git"],
        &["use", "hooks", "--default"],
        &["disconnect", "hooks", "--revoke"],
        &["import", "o/r", "--to", "g", "--github", "hooks", "--yes"],
    ] {
        let error = home.connect(words).json().fails(3, "no_token");
        assert_eq!(error["connection"], "hooks", "{words:?}");
    }
    home.connect(["which", "github.com"]).json().fails(3, "no_connection_serves");
    assert_eq!(home.connect(["status"]).json().succeeds().document()["connections"][0]["name"], "lab");
    world.clear_requests();
    insta::assert_snapshot!(home.connect(["status", "hooks"]).ends().shown(), @"
    exit 0
    --- stdout
    hooks	-	-	-	webhook only
    --- stderr
    warning: 1 webhook secret kept readable, in the store `plain`
    ");
    insta::assert_snapshot!(home.connect(["list"]).ends().shown(), @"
    exit 0
    --- stdout
    hooks	https://github.com	-	-	-	plain	-	signature	-
    lab	http://127.0.0.1:PORT	maintainer	personal	2027-01-30T00:00:00Z	plain	valid
    ");
    assert!(world.requests().is_empty());
    // A token comes to it; the webhook stays, and another forge may not have the name.
    let before = webhook(&home, "hooks");
    home.gitlab(&world, "developer").with(["--name", "hooks", "--yes"]).json().fails(9, "name_taken");
    home.dotcom(&world, "classic").with(["--name", "hooks"]).ends().succeeds().never_says("error");
    assert_eq!(webhook(&home, "hooks"), before);
    // Asked for once more, it keeps the token.
    receiver(&home, &world, "hooks").never_says("error");
    assert_eq!(home.connect(["token", "hooks"]).ends().stdout().trim(), world.github_token("classic"));
    assert_eq!(webhook(&home, "hooks"), before);
}

#[test]
fn a_forge_that_is_out_of_reach_may_reach_us() {
    let (home, world) = (Home::new(), world());
    let only = |host: &str| home.connect(["gitlab", "--host", host, "--webhook-only", "--store", "plain"]);
    let output = only("http://127.0.0.1:1").json().succeeds();
    assert_eq!(output.warnings(), ["host_not_seen", "kept_plain"], "{}", output.shown());
    // One that says that it is something else is a mistake.
    only(&world.github_url()).json().fails(7, "not_a_forge");
    assert_eq!(home.records().len(), 1);
}

#[test]
fn in_ci_the_record_names_the_variable() {
    let (home, world) = (Home::new(), world());
    let call = || {
        home.connect(["gitlab", "--host", &world.gitlab_url(), "--webhook-only", "--webhook-secret-env", "HOOK_SECRET"])
            .with(["--store", "env", "--no-input", "--name", "ci"])
    };
    let document = call().env("HOOK_SECRET", SIGNING).json().succeeds().document();
    assert_eq!((&document["kept_in"], &document["proof"]), (&"env".into(), &"signing-token".into()));
    assert_eq!(webhook(&home, "ci")["secret"], "HOOK_SECRET");
    assert!(home.secrets().is_empty());
    let settings = || home.connect(["webhook", "settings", "ci", "--secret-only"]);
    assert_eq!(settings().env("HOOK_SECRET", SIGNING).ends().succeeds().stdout().trim(), SIGNING);
    settings().json().fails(8, "variable_missing");
    // Nothing weaker passes for it.
    settings().env("HOOK_SECRET", "one with spaces").json().fails(8, "variable_invalid");
    settings().env("HOOK_SECRET", "a-plain-one-of-any-length").json().fails(8, "webhook_secret_differs");
}

/// A plain token travels with each delivery: it takes the place of a signature only by a word.
#[test]
fn a_signing_token_gives_way_to_nothing_weaker() {
    let (scene, plain) = (Scene::new(), "a-plain-token-that-was-copied");
    let project = ["add", "--project", DASHBOARD, "--url", &scene.receiver.url("in")];
    let _ = scene.webhook(project).ends().succeeds();
    let name = at_gitlab(&scene.world, "maintainer");
    let (record, hooks) = (scene.gitlab_record(), scene.project_hooks());
    assert_eq!(record["webhook"]["proof"], "signing-token");
    let host = scene.world.gitlab_url();
    let gitlab = |more: &[&str]| scene.home.connect(["gitlab", "--host", &host, "--name", &name]).with(more);
    let token = scene.world.gitlab_token("api");
    for call in [
        scene.webhook(["settings", &name, "--webhook-secret-stdin"]),
        gitlab(&["--webhook-secret-stdin"]),
        gitlab(&["--webhook-secret-stdin", "--webhook-only"]),
        gitlab(&["--pat-env", "THEIRS", "--webhook-secret-stdin"]).env("THEIRS", &token),
        scene.webhook(project).with(["--secret-stdin"]),
        scene.webhook(project).with(["--secret-env", "GIVEN"]).env("GIVEN", plain),
    ] {
        let error = call.stdin(plain).json().fails(9, "webhook_secret_stands");
        assert!(error["hint"].as_str().unwrap().contains("--plain-token"), "{error}");
        assert_eq!((&scene.gitlab_record(), &scene.project_hooks()), (&record, &hooks), "nothing is half done");
    }
    // Another signing token proves as much.
    gitlab(&["--webhook-secret-stdin"]).stdin(SIGNING).ends().succeeds().never_says("error");
    let word =
        scene.webhook(["settings", &name, "--plain-token", "--webhook-secret-stdin", "--accept-former-for", "1d"]);
    word.stdin(plain).ends().succeeds().never_says(plain);
    let webhook = scene.gitlab_record()["webhook"].clone();
    assert_eq!((&webhook["proof"], &webhook["former"]["proof"]), (&"token".into(), &"signing-token".into()));
    assert_eq!(secret(&scene.home, &name), plain);
}

#[test]
fn moved_renamed_and_forgotten_with_all_that_belongs_to_it() {
    let (home, world) = (Home::new(), world());
    let key =
        home.file("key.txt", secrecy::ExposeSecret::expose_secret(&age::x25519::Identity::generate().to_string()));
    let home = home.with_env("CONNECT_AGE_IDENTITY", &key);
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    edit(&home, &world, "hub", GIVEN).ends().succeeds().never_says("error");
    let change = ["webhook", "settings", "hub", "--new-secret", "--accept-former-for", "7d"];
    home.connect(change).ends().succeeds().never_says("error");
    let made = secret(&home, "hub");
    let output = home.connect(["store", "migrate", "hub", "--to", "file"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stdout
    ✓ `hub`: plain → file
    ✓ `hub`, webhook: plain → file
    ✓ `hub`, former webhook secret: plain → file
    3 secrets: 3 moved
    ");
    home.connect(["rename", "hub", "work"]).ends().succeeds().never_says("error");
    assert_eq!(secret(&home, "work"), made);
    let now = webhook(&home, "work");
    assert_eq!((&now["kept_in"], &now["former"]["kept_in"]), (&"file".into(), &"file".into()));
    assert_eq!(doctor(&home, "former webhook secret"), Some(("ok".into(), String::new())));
    assert_eq!(home.secrets().len(), 3);
    home.edit_record("work", |record| {
        record["webhook"]["hooks"] = serde_json::json!([{ "target": "repo:o/r", "id": 7, "url": "https://x.example/hooks/a",
            "since": "2026-11-01T00:00:00Z" }]);
    });
    insta::assert_snapshot!(home.connect(["disconnect", "work"]).ends().shown(), @"
    exit 0
    --- stdout
    ✓ Forgot `work`
      removed from HOME/connect/data/secrets/ID.age
      removed from HOME/connect/data/secrets/ID.age
      removed from HOME/connect/data/secrets/ID.age
      removed from HOME/connect/data/connections/work.json
      ! a hook is still at repo:o/r (number 7); what it delivers is refused
    ");
    assert_eq!((home.secrets().len(), home.records().len()), (0, 0));
    let history = home.connect(["history"]).json().succeeds().document();
    let parts = history["entries"].as_array().unwrap().iter().map(|entry| {
        let text = |field: &str| entry[field].as_str().unwrap_or("-").to_owned();
        format!("{} {}", text("event"), text("part"))
    });
    insta::assert_snapshot!(parts.collect::<Vec<_>>().join("\n"), @"
    connected -
    connected webhook
    replaced webhook
    migrated -
    migrated webhook
    migrated webhook-former
    renamed -
    disconnected -
    ");
}

#[cfg(feature = "test-hooks")]
#[test]
fn one_that_its_store_has_lost() {
    let (home, world) = (Home::new(), world());
    receiver(&home, &world, "hooks").never_says("error");
    fs::remove_file(&home.secrets()[0]).unwrap();
    let settings = |more: &[&str]| home.connect(["webhook", "settings", "hooks"]).with(more);
    insta::assert_snapshot!(settings(&[]).ends().shown(), @"
    exit 8
    --- stderr
    error: the webhook secret of `hooks` is no longer there (plain)
      → `connect webhook settings hooks --new-secret` makes another, to be entered at the forge
      → one that you have elsewhere goes in by `--webhook-secret-stdin`
    ");
    assert_eq!(doctor(&home, "webhook secret"), Some(("fail".into(), "secret_missing".into())));
    settings(&["--webhook-secret-stdin"]).stdin(GIVEN).ends().succeeds().never_says("error");
    assert_eq!(secret(&home, "hooks"), GIVEN);
    fs::remove_file(&home.secrets()[0]).unwrap();
    settings(&["--new-secret"]).ends().succeeds().never_says("error");
    assert_eq!(secret(&home, "hooks").len(), 64);
    home.connect(["disconnect", "hooks"]).ends().succeeds().never_says("error");
    assert_eq!((home.secrets().len(), home.journal().len()), (0, 0));
}

/// Killed at any point, either secret is the connection's, and the next run leaves none that nothing needs.
#[cfg(feature = "test-hooks")]
#[test]
fn killed_while_it_is_changed() {
    let world = world();
    let points = [
        ("webhook.intent", false),
        ("webhook.stored", false),
        ("webhook.recorded", true),
        ("webhook.remembered", true),
        ("webhook.replaced", true),
    ];
    for overlap in [&[][..], &["--accept-former-for", "7d"]] {
        for (point, new) in points {
            let home = Home::new();
            receiver(&home, &world, "hooks").never_says("error");
            let made = secret(&home, "hooks");
            let output = edit(&home, &world, "hooks", GIVEN).with(overlap).env("CONNECT_TEST_FAULT", point).ends();
            assert_eq!(output.signal, Some(6), "{point}\n{}", output.shown());
            home.dotcom(&world, "classic").with(["--name", "by"]).ends().succeeds().never_says("removed as soon as");
            assert_eq!(secret(&home, "hooks"), if new { GIVEN } else { &made }, "{point}");
            let both = usize::from(new && !overlap.is_empty());
            assert_eq!(home.secrets().len(), 2 + both, "{point} {overlap:?}");
            assert_eq!(home.journal().len(), usize::from(!overlap.is_empty()), "{point} {overlap:?}");
            edit(&home, &world, "hooks", GIVEN).with(overlap).ends().succeeds().never_says("error");
            assert_eq!(secret(&home, "hooks"), GIVEN, "{point}");
            let former = webhook(&home, "hooks").get("former").is_some();
            assert_eq!((former, home.secrets().len()), (!overlap.is_empty(), 2 + usize::from(former)), "{point}");
        }
    }
    for point in ["webhook.letting-go", "webhook.unnamed"] {
        let home = Home::new();
        receiver(&home, &world, "hooks").never_says("error");
        edit(&home, &world, "hooks", GIVEN).with(["--accept-former-for", "7d"]).ends().succeeds().never_says("error");
        let output = home.connect(["webhook", "settings", "hooks", "--new-secret"]).env("CONNECT_TEST_FAULT", point);
        assert_eq!(output.ends().signal, Some(6), "{point}");
        let made = secret(&home, "hooks");
        assert_eq!(made.len(), 64, "{point}");
        home.connect(["webhook", "settings", "hooks", "--new-secret"]).ends().succeeds().never_says("error");
        assert_ne!(secret(&home, "hooks"), made);
        home.connect(["disconnect", "hooks"]).ends().succeeds().never_says("error");
        assert!(home.secrets().is_empty(), "{point}");
    }
}

#[test]
fn in_a_real_keyring() {
    let Some(service) = SecretService::start() else { return };
    let (mut home, world) = (Home::new(), world());
    service.environment().iter().for_each(|(name, value)| home.set_env(name, value));
    let before = service.entries();
    let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--webhook-only", "--name", "hooks"]);
    call.with(["--webhook-secret-stdin"]).stdin(GIVEN).ends().succeeds().never_says(GIVEN);
    assert_eq!((webhook(&home, "hooks")["kept_in"].as_str(), home.secrets().len()), (Some("keyring"), 0));
    assert_eq!(secret(&home, "hooks"), GIVEN);
    let change = ["webhook", "settings", "hooks", "--new-secret", "--accept-former-for", "1d"];
    home.connect(change).ends().succeeds().never_says("error");
    assert_eq!((secret(&home, "hooks").len(), service.entries() - before), (64, 2));
    for (name, bytes) in home.contents() {
        assert!(!String::from_utf8_lossy(&bytes).contains(GIVEN), "{name}");
    }
    home.connect(["disconnect", "hooks"]).ends().succeeds().never_says("error");
    assert_eq!(service.entries(), before);
}
