//! `connect status` of many connections, of which some hang, some are refused and some fail; and the terminal
//! that is left open.

use std::fs;

use forge_sandbox::{Fault, ReadyMade, Sandbox, Seed};
use serde_json::{Value, json};

use crate::support::Home;
use crate::support::forges::built;

/// So many connections of the sandbox's GitHub and GitLab, half and half, without asking for each.
fn planted(home: &Home, world: &Sandbox, count: usize) {
    let data = home.connect_home().join("data");
    fs::create_dir_all(data.join("connections")).unwrap();
    fs::create_dir_all(data.join("secrets")).unwrap();
    for index in 0..count {
        let number = index / 2 + 1;
        let (forge, url, api, token) = if index % 2 == 0 {
            ("github", world.github_url(), world.github_api_url(), world.github_token(&format!("bulk-{number}")))
        } else {
            ("gitlab", world.gitlab_url(), world.gitlab_api_url(), world.gitlab_token(&format!("bulk-{number}")))
        };
        plant(home, &format!("{forge}-{number:04}"), forge, (&url, &api), &token);
    }
}

/// One connection in the store `plain`, as connect writes it.
fn plant(home: &Home, name: &str, forge: &str, (url, api): (&str, &str), token: &str) {
    use connect::model::{Secret, SecretId};
    let (secret, id) = (Secret::new(token.to_owned()), SecretId::random().unwrap());
    let record = json!({
        "name": name, "version": 1, "forge": forge, "url": url, "api_url": api, "account": null,
        "token": { "kind": "classic", "fingerprint": secret.fingerprint(), "bound": secret.bound_to(url, api),
            "scopes": null, "expires_at": null, "secret": id.as_str(), "kept_in": "plain",
            "checked_at": "2026-11-01T00:00:00Z", "health": "valid" }
    });
    let data = home.connect_home().join("data");
    fs::write(home.record_path(name), record.to_string()).unwrap();
    let path = data.join("secrets").join(id.as_str());
    fs::write(&path, token).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

/// A world with so many tokens of each forge, called `bulk-1` and so on.
fn crowded(count: usize) -> Sandbox {
    let seed: Seed = serde_json::from_value(json!({
        "github": { "tokens": [ { "name": "bulk", "scopes": ["repo"], "count": count } ] },
        "gitlab": { "tokens": [ { "name": "bulk", "scopes": ["api"], "count": count, "expires_in_days": 60 } ] }
    }))
    .unwrap();
    built(Sandbox::builder().seed(seed).rate_limits(false))
}

/// The stable words that the connections ended with, and how many of each.
fn words(document: &Value) -> std::collections::BTreeMap<String, usize> {
    let mut words = std::collections::BTreeMap::new();
    for connection in document["connections"].as_array().unwrap() {
        let word = connection["error"]["code"].as_str().unwrap_or("well");
        *words.entry(word.to_owned()).or_default() += 1;
    }
    words
}

#[test]
fn a_thousand_of_which_some_hang_and_some_are_refused() {
    let (home, world) = (Home::new(), crowded(500));
    planted(&home, &world, 1000);
    for number in 1..=5 {
        let name = format!("bulk-{number}");
        world.fault(Fault::github().token(&name).never_answer());
        world.revoke_gitlab(&name);
    }
    for number in 6..=10 {
        let name = format!("bulk-{number}");
        world.revoke_github(&name);
        world.fault(Fault::gitlab().token(&name).ready_made(ReadyMade::RequestedTooManyTimes));
    }
    for number in 11..=15 {
        let name = format!("bulk-{number}");
        world.fault(Fault::github().token(&name).ready_made(ReadyMade::ServerError));
    }
    let output = home.connect(["status", "--timeout", "2"]).json().exits(4);
    let document = output.document();
    let words = words(&document);
    assert_eq!(words["timed_out"], 5, "{words:?}");
    assert_eq!(words["token_revoked"], 5, "{words:?}");
    assert_eq!(words["bad_credentials"], 5, "{words:?}");
    assert_eq!(words["rate_limited"], 5, "{words:?}");
    assert_eq!(words["server_error"], 5, "{words:?}");
    assert_eq!(words["well"], 975, "{words:?}");
    let first = &document["connections"][0]["error"]["code"];
    assert!(first == "token_revoked" || first == "bad_credentials", "the worst comes first: {first}");
    assert_eq!(home.records().len(), 1000);
    assert_eq!(home.record("gitlab-0001")["token"]["health"], "revoked");
    assert_eq!(home.record("gitlab-0500")["account"]["login"], "maintainer");
    assert!(home.journal().is_empty());
}

#[test]
fn a_host_that_is_gone_is_given_up_and_keeps_nobody_waiting() {
    let (home, world) = (Home::new(), crowded(2));
    planted(&home, &world, 4);
    // Taken and let go: nobody listens there.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{gone}");
    for number in 0..300 {
        plant(&home, &format!("gone-{number}"), "gitlab", (&url, &format!("{url}/api/v4")), "glpat-gone");
    }
    let document = home.connect(["status"]).json().exits(7).document();
    let words = words(&document);
    assert_eq!(words["connection_refused"], 300, "{words:?}");
    assert_eq!(words["well"], 4, "{words:?}");
}

#[test]
fn while_others_change_the_same_records() {
    let (home, world) = (Home::new(), crowded(20));
    planted(&home, &world, 40);
    let status = home.connect(["status"]).begins();
    for number in 1..=10 {
        let (old, new) = (format!("github-{number:04}"), format!("renamed-{number}"));
        home.connect(["rename", &old, &new]).ends().succeeds().never_says("error");
        home.connect(["use", &format!("gitlab-{number:04}"), "--on", &format!("group-{number}")])
            .ends()
            .succeeds()
            .never_says("error");
    }
    let _ = status.ends();
    assert_eq!(home.records().len(), 40);
    for number in 1..=10 {
        let record = home.record(&format!("gitlab-{number:04}"));
        assert_eq!(record["serves"][0], format!("{}/group-{number}", world.gitlab_url()));
        let token = home.connect(["token", &format!("renamed-{number}")]).ends().succeeds();
        assert_eq!(token.stdout().trim(), world.github_token(&format!("bulk-{number}")));
    }
}

#[test]
fn a_terminal_left_open() {
    let (home, world) = (Home::new(), crowded(1));
    planted(&home, &world, 2);
    let mut terminal = home.connect(["status", "--watch=1s"]).env("NO_COLOR", "1").at_terminal();
    terminal.sees("again in 1 second").sees("valid");
    world.revoke_gitlab("bulk-1");
    terminal.sees("token_revoked").sees("Ctrl-C ends");
    terminal.control('c');
    let ended = terminal.ends();
    assert_eq!(ended.code, 4, "as the last round: {}", ended.screen);
    home.connect(["status", "--watch"]).ends().exits(2).never_says("panicked");
    home.connect(["status", "--watch", "--json"]).ends().exits(2).never_says("panicked");
}
