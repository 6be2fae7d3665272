//! Killed at every point of taking a token over: afterwards the connection's token works, and the old one is dead, or can
//! be revoked, or is the connection's still.

#![cfg(feature = "test-hooks")]

use forge_sandbox::Sandbox;

use secrecy::ExposeSecret as _;

use crate::support::call::Call;
use crate::support::secret_service::SecretService;
use crate::support::{Cast as _, Home, world};

const SIGABRT: i32 = 6;

/// The points, and whether the new token is the connection's by then.
const POINTS: [(&str, bool); 10] = [
    ("guided.noted", false),
    ("connect.intent", false),
    ("connect.stored", false),
    ("connect.recorded", true),
    ("connect.remembered", true),
    ("connect.replaced", true),
    ("guided.kept", true),
    ("guided.pushed", true),
    ("guided.revoked", true),
    ("guided.forgotten", true),
];

fn rotate(home: &Home, world: &Sandbox) -> Call {
    home.connect(["rotate", "hub", "--pat-stdin"]).stdin(world.github_token("classic"))
}

/// A home with the key of the store `file`.
fn home() -> Home {
    let identity = age::x25519::Identity::generate();
    let home = Home::new();
    let path = home.file("key.txt", identity.to_string().expose_secret());
    home.with_env("CONNECT_AGE_IDENTITY", &path)
}

/// Killed at a point, with a copy in a file.
fn killed(home: &Home, world: &Sandbox, store: &str, point: &str, flags: &[&str]) {
    home.connect(["github", "--host", "github.com", "--api-url", &world.dotcom_api_url()])
        .with(["--pat-stdin", "--store", store, "--name", "hub"])
        .stdin(world.github_token("expiring"))
        .ends()
        .succeeds()
        .never_says("error");
    let to = format!("file:{}", home.path().join("copy.txt").display());
    home.connect(["destination", "add", "hub", "--to", &to]).ends().succeeds().never_says("error");
    let output = rotate(home, world).with(flags).env("CONNECT_TEST_FAULT", point).ends();
    assert_eq!(output.signal, Some(SIGABRT), "it did not come to {point}\n{}", output.shown());
}

fn token(home: &Home) -> String {
    home.connect(["token", "hub"]).ends().succeeds().stdout().trim().to_owned()
}

#[test]
fn the_next_run_finishes_what_was_decided() {
    for store in ["plain", "file"] {
        for (point, new) in POINTS {
            let (home, world) = (home(), world());
            finishes(&home, &world, store, (point, new), &|| home.secrets().len());
        }
    }
}

#[test]
fn so_it_does_with_a_keyring() {
    let Some(service) = SecretService::start() else { return };
    for (point, new) in POINTS {
        let (mut home, world) = (Home::new(), world());
        service.environment().iter().for_each(|(name, value)| home.set_env(name, value));
        finishes(&home, &world, "keyring", (point, new), &|| service.entries());
        home.connect(["disconnect", "hub"]).ends().succeeds().never_says("error");
        assert_eq!(service.entries(), 0, "{point}");
    }
}

/// Killed at that point it is finished by the next run; `kept` counts the secrets of the store.
fn finishes(home: &Home, world: &Sandbox, store: &str, (point, new): (&str, bool), kept: &dyn Fn() -> usize) {
    killed(home, world, store, point, &["--revoke-old"]);
    assert_eq!(token(home), world.github_token(if new { "classic" } else { "expiring" }), "{store} {point}");
    home.connect(["rotate", "--resume"]).ends().succeeds().never_says("error");
    assert_eq!(world.is_alive_github("expiring"), !new, "{point}");
    assert_eq!(token(home), world.github_token(if new { "classic" } else { "expiring" }), "{point}");
    assert_eq!((kept(), home.journal().len()), (1, 0), "{point}");
    let copy = std::fs::read_to_string(home.path().join("copy.txt")).unwrap();
    assert_eq!(copy.trim(), token(home), "{point}: the copy has the token that there is");
    if !new {
        rotate(home, world).with(["--revoke-old"]).ends().succeeds().never_says("error");
        assert!(!world.is_alive_github("expiring"), "{point}");
    }
    assert_eq!((kept(), home.journal().len()), (1, 0), "{point}");
}

#[test]
fn the_chance_to_revoke_is_not_lost_where_nothing_was_decided() {
    for (point, new) in
        POINTS.into_iter().filter(|(point, _)| !point.ends_with("revoked") && !point.ends_with("forgotten"))
    {
        let (home, world) = (Home::new(), world());
        killed(&home, &world, "plain", point, &[]);
        // Others come and go, and take nothing away.
        home.dotcom(&world, "stranger").with(["--name", "by"]).ends().succeeds().never_says("error");
        home.connect(["disconnect", "by"]).ends().succeeds().never_says("error");
        home.connect(["rename", "hub", "renamed"]).ends().succeeds().never_says("error");
        assert!(world.is_alive_github("expiring"), "{point}");
        home.connect(["rotate", "--resume", "--revoke-old"]).ends().never_says("error");
        let copies_follow = home.connect(["destination", "push", "renamed"]).ends();
        drop(copies_follow);
        home.connect(["rotate", "--resume", "--revoke-old"]).ends().succeeds().never_says("error");
        assert_eq!(world.is_alive_github("expiring"), !new, "{point}");
        assert_eq!((home.secrets().len(), home.journal().len()), (1, 0), "{point}");
    }
}
