//! A rotation and its copies, as those who watch see them: evidence of what followed, alarm for what did not.

#![cfg(feature = "test-hooks")]

use std::fs;

use serde_json::json;

use crate::support::{Cast as _, Home, world};

#[test]
fn what_followed_is_evidence_and_what_did_not_is_alarm() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "self-rotate").with(["--name", "lab"]).ends().succeeds().never_says("error");
    let (file, folder) = (home.path().join("token"), home.path().join("gone"));
    fs::create_dir(&folder).unwrap();
    for path in [&file, &folder.join("token")] {
        let place = format!("file:{}", path.display());
        home.connect(["destination", "add", "lab", "--to", &place]).ends().succeeds().never_says("error");
    }
    let old = home.record("lab")["token"]["fingerprint"].clone();
    home.connect(["status"]).ends().succeeds().never_says("stale");

    // A folder that has become a file takes no copy.
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "").unwrap();
    let later = "2026-11-10T08:00:00Z";
    let _ = home.connect(["rotate", "lab", "--yes"]).env("CONNECT_TEST_NOW", later).ends();
    let record = home.record("lab");
    assert_ne!(record["token"]["fingerprint"], old);

    let document = home.connect(["history", "--rotated-since", "2026-11-10"]).json().succeeds().document();
    let lab = &document["connections"][0];
    assert_eq!((&lab["event"], &lab["at"]), (&json!("rotated"), &json!(later)));
    assert_eq!((&lab["old_fingerprint"], &lab["fingerprint"]), (&old, &record["token"]["fingerprint"]));
    let followed = json!([{ "kind": "file", "target": file.display().to_string(), "at": later }]);
    assert_eq!(lab["followed"], followed);
    assert_eq!(lab["stale"].as_array().unwrap().len(), 1, "{lab}");
    let _ = home.connect(["history", "--rotated-since", "2026-11-11"]).json().exits(9);

    let status = home.connect(["status"]).json().exits(9).document();
    assert_eq!(status["connections"][0]["stale"], 1);
    let output = home.connect(["status", "--format", "prometheus"]).ends().exits(9);
    assert!(output.stdout().contains("connect_destination_stale{connection=\"lab\""), "{}", output.stdout());

    // The command that is named mends it.
    fs::remove_file(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    home.connect(["destination", "push", "lab", "--stale"]).ends().succeeds().never_says("error");
    home.connect(["status"]).ends().succeeds().never_says("stale");
    home.connect(["history", "--verify"]).ends().succeeds().never_says("error");
}
