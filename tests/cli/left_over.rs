//! What an earlier run could not finish: it is removed once its store opens, and nothing else is.

use std::fs;

use forge_sandbox::Sandbox;
use serde_json::json;

use crate::support::secret_service::{SecretService, SilentBus};
use crate::support::{Home, NOW, Output, world};

fn home_with(environment: &[(String, String)]) -> Home {
    let mut home = Home::new();
    for (name, value) in environment {
        home.set_env(name, value);
    }
    home
}

fn connect(home: &Home, world: &Sandbox, name: &str, token: &str, store: &str) -> Output {
    home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-stdin", "--store", store, "--name", name])
        .stdin(world.github_token(token))
        .ends()
        .succeeds()
}

fn token(home: &Home, name: &str) -> String {
    home.connect(["token", name]).ends().succeeds().stdout().trim().to_owned()
}

/// The keyring is locked while a token is replaced: the old one waits in it until it is open again, whatever
/// happens to the connection in between.
#[test]
fn an_old_token_in_a_locked_keyring() {
    for then in ["nothing", "replaced", "disconnected", "another"] {
        let Some(mut service) = SecretService::start() else { return };
        let (home, world) = (home_with(&service.environment()), world());
        connect(&home, &world, "hub", "classic", "keyring").never_says("error");
        assert_eq!(service.entries(), 1);
        service.lock();
        let output = connect(&home, &world, "hub", "classic-readonly", "plain");
        assert!(output.stderr().contains("could not be removed from the keyring"), "{}", output.shown());
        match then {
            "replaced" => drop(connect(&home, &world, "hub", "oauth", "plain")),
            "disconnected" => drop(home.connect(["disconnect", "hub"]).ends().succeeds()),
            "another" => {
                home.connect(["disconnect", "hub"]).ends().succeeds().never_says("error");
                connect(&home, &world, "hub", "stranger", "plain").never_says("error");
            }
            _ => {}
        }
        assert_eq!(home.journal().len(), 1, "{then}: the keyring is locked still");
        service.unlock();
        connect(&home, &world, "by", "collaborator", "plain").never_says("removed as soon as");
        assert_eq!((service.entries(), home.journal().len()), (0, 0), "{then}");
        let expected = match then {
            "nothing" => "classic-readonly",
            "replaced" => "oauth",
            "another" => "stranger",
            _ => continue,
        };
        assert_eq!(token(&home, "hub"), world.github_token(expected), "{then}");
        assert_eq!(home.secrets().len(), 2, "{then}");
    }
}

/// One run puts in order what others left, and waits for a keyring that does not answer. Before it comes to the
/// next, that one's owner ends well and the connection is renamed: what was read before says nothing any more.
#[test]
fn what_has_ended_while_another_was_waited_for() {
    let (bus, world) = (SilentBus::start(), world());
    let home = home_with(&bus.environment());
    connect(&home, &world, "hub", "classic", "plain").never_says("error");
    connect(&home, &world, "by", "stranger", "plain").never_says("error");
    let living = home.record("hub")["token"]["secret"].clone();
    let journal = home.connect_home().join("state/journal");
    let note = |file: &str, name: &str, store: &str, id: &serde_json::Value| {
        let new = json!({ "secret": id, "kept_in": store });
        let intent = json!({ "version": 2, "connection": name, "new": new, "old": null, "since": NOW });
        fs::write(journal.join(file), intent.to_string()).unwrap();
    };
    note("connect-00.json", "waiting", "keyring", &json!("0123456789abcdef0123456789abcdef"));
    note("connect-11.json", "hub", "plain", &living);
    let tidying = home.connect(["disconnect", "by"]).begins();
    // It has read the journal once it asks the keyring about the first note.
    bus.is_asked();
    home.connect(["rename", "hub", "work"]).ends().succeeds().never_says("error");
    tidying.ends().succeeds().never_says("error");
    assert_eq!(token(&home, "work"), world.github_token("classic"));
    assert_eq!(home.secrets().len(), 1);
}
