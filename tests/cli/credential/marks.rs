//! A token that a server refused: marked, told, given all the same, and cleared by the next success.

use serde_json::Value;

use super::{ask, get, given, silently};
use crate::support::{Cast as _, Home, world};

const PLACE: [&str; 2] = ["protocol=https", "host=github.com"];

fn told(home: &Home, operation: &str, password: &str) {
    silently(home, operation, &[PLACE[0], PLACE[1], "username=octocat", &format!("password={password}")]);
}

#[test]
fn refused_told_given_and_cleared_by_git() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    let token = world.github_token("classic");
    let secrets = home.secrets();
    told(&home, "erase", "ghp_of_somebody_else");
    told(&home, "erase", "");
    silently(&home, "erase", &PLACE);
    assert_eq!(home.record("hub")["token"]["refused_at"], Value::Null);
    told(&home, "erase", &token);
    assert_eq!(home.record("hub")["token"]["refused_at"].as_str().map(|at| &at[..4]), Some("2026"));
    assert_eq!(home.secrets(), secrets, "nothing is deleted on git's word");
    let output = ask(&home, "get", &["capability[]=state", PLACE[0], PLACE[1]]).ends();
    insta::assert_snapshot!(output.shown().replace(&token, "TOKEN"), @"
    exit 0
    --- stdout
    capability[]=state
    username=octocat
    password=TOKEN
    state[]=connect:sha256:…:refused
    --- stderr
    connect: the token of `hub` was refused on 2026-11-01; if it is again, `connect status hub`
    ");
    insta::assert_snapshot!(home.connect(["list"]).ends().shown(), @"
    exit 0
    --- stdout
    hub	https://github.com	octocat	classic	-	plain	valid
    --- stderr
    warning: `hub`: git was refused with this token on 2026-11-01
    ");
    assert!(home.connect(["list", "--json"]).ends().document()["connections"][0]["token"]["refused_at"].is_string());
    // git's success with that very token, and with its state, which would be enough otherwise.
    let state = output.stdout().lines().find(|line| line.starts_with("state[]=")).unwrap().to_owned();
    let password = format!("password={token}");
    silently(&home, "store", &[PLACE[0], PLACE[1], "username=octocat", &password, &state]);
    assert_eq!(home.record("hub")["token"]["refused_at"], Value::Null);
    assert_eq!(given(&home, &PLACE), ("octocat".into(), token));
}

#[test]
fn a_check_that_says_valid_clears_it() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    for command in [["status", "hub"], ["check", "hub"]] {
        told(&home, "erase", &world.github_token("classic"));
        assert!(home.record("hub")["token"]["refused_at"].is_string());
        home.connect(command)
            .with(if command[0] == "check" { &["--for", "read"][..] } else { &[] })
            .ends()
            .succeeds()
            .never_says("error");
        assert_eq!(home.record("hub")["token"]["refused_at"], Value::Null, "{command:?}");
    }
}

#[test]
fn doctor_and_status_say_so() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    told(&home, "erase", &world.github_token("classic"));
    let doctor = home.connect(["doctor", "hub", "--no-network"]).ends();
    let line = doctor.stdout().lines().find(|line| line.contains("git was refused")).unwrap_or_default().to_owned();
    insta::assert_snapshot!(line, @"  ! git      git was refused with it on 2026-11-01");
    let document = home.connect(["doctor", "hub", "--no-network"]).json().document();
    assert!(document.to_string().contains("\"token_refused\""));
    // The forge takes it: that git was refused is told once more, and is over.
    let status = home.connect(["status", "hub"]).ends();
    insta::assert_snapshot!(status.shown(), @"
    exit 0
    --- stdout
    hub	valid	-	-	git was refused with this token on 2026-11-01; its forge takes it now
    --- stderr
    warning: 1 token kept readable, in the store `plain`
    ");
    told(&home, "erase", &world.github_token("classic"));
    let document = home.connect(["status", "hub"]).json().document();
    assert!(document["connections"][0]["refused_before"].is_string(), "{document}");
    assert_eq!(home.connect(["status", "hub"]).json().document()["connections"][0]["refused_before"], Value::Null);
}

#[test]
fn a_locked_connection_is_not_waited_for() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    let lock = home.connect_home().join("state/locks/hub.lock");
    let held = std::fs::File::options().write(true).open(lock).unwrap();
    held.lock().unwrap();
    let token = world.github_token("classic");
    // The one that holds it may be rotating: the token of the record is the right one until it says otherwise.
    assert_eq!(get(&home, &PLACE)["password"], token);
    told(&home, "store", &token);
    let start = std::time::Instant::now();
    told(&home, "erase", &token);
    assert!(start.elapsed() < std::time::Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(home.record("hub")["token"]["refused_at"], Value::Null);
}
