//! `connect rotate --dry-run`: what would be done, and nothing is.

use crate::support::forges::at_gitlab;
use crate::support::{Cast as _, Home, world};

#[test]
fn each_with_its_way_its_end_and_its_copies() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "expiring").with(["--name", "hub"]).ends().succeeds().never_says("error");
    home.gitlab(&world, "expiring").with(["--name", "lab"]).ends().succeeds().never_says("error");
    home.gitlab(&world, "read-api").with(["--name", "reader"]).ends().succeeds().never_says("error");
    let to = format!("file:{}", home.path().join("copy.txt").display());
    home.connect(["destination", "add", "lab", "--to", &to]).ends().succeeds().never_says("error");
    world.clear_requests();
    let before = home.contents();
    let call = home.connect(["rotate", "hub", "lab", "reader", "--dry-run", "--expires-in", "30d"]);
    insta::assert_snapshot!(call.clone().ends().shown(), @"");
    let document = call.json().succeeds().document();
    let connections = document["connections"].as_array().unwrap();
    let told: Vec<_> = connections.iter().map(|it| (it["name"].as_str().unwrap(), it["by"].as_str())).collect();
    assert_eq!(told, [("hub", Some("person")), ("lab", Some("forge")), ("reader", Some("person"))]);
    assert_eq!(connections[1]["would_push"][0]["kind"], "file");
    assert!(connections[0]["page"]["url"].as_str().unwrap().contains("default_expires_at=30"), "{document}");
    assert!(world.requests().is_empty(), "nobody is asked");
    assert_eq!(home.contents(), before);
}

#[test]
fn those_that_die_soon() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "for-ever"]).ends().succeeds().never_says("error");
    home.gitlab(&world, "expiring").ends().succeeds().never_says("error");
    let names = |within: &str| -> Vec<String> {
        let call = home.connect(["rotate", "--all", "--within", within, "--dry-run"]);
        let document = call.json().succeeds().document();
        let connections = document["connections"].as_array().unwrap().clone();
        connections.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("14d"), [at_gitlab(&world, "maintainer")]);
    assert!(names("1d").is_empty());
}

#[test]
fn called_wrongly() {
    let home = Home::new();
    for wrong in [
        &["rotate"][..],
        &["rotate", "--all"],
        &["rotate", "a", "--all", "--within", "1d"],
        &["rotate", "a", "b", "--pat-stdin"],
        &["rotate", "a", "--expires-in", "1h"],
        &["rotate", "a", "--revoke-old", "--keep-old"],
        &["rotate", "a", "--jobs", "0"],
        &["rotate", "a", "--resume"],
    ] {
        let output = home.connect(wrong).ends();
        assert!(matches!(output.code, Some(2 | 3)), "{wrong:?} {}", output.shown());
        if !wrong.contains(&"--expires-in") {
            assert_eq!(output.code, Some(2), "{wrong:?} {}", output.shown());
        }
    }
    home.connect(["rotate", "nobody"]).json().fails(3, "no_such_connection");
}
