//! One secret after another: both hold for a while, and then the former one goes.

use super::secrets::edit;
use super::*;
use crate::support::{Cast as _, world};

#[test]
fn a_change_over_ends_by_itself() {
    let (home, world) = (Home::new(), world());
    receiver(&home, &world, "hooks").never_says("error");
    let first = webhook(&home, "hooks")["secret"].clone();
    edit(&home, &world, "hooks", GIVEN).with(["--accept-former-for", "7d"]).ends().succeeds().never_says("error");
    let now = webhook(&home, "hooks");
    assert_eq!(now["former"]["secret"], first);
    assert_eq!(now["former"]["until"], "2026-11-08T12:00:00Z");
    insta::assert_snapshot!(home.connect(["list"]).ends().shown(), @"
    exit 0
    --- stdout
    hooks	https://github.com	-	-	-	plain	-	signature	2026-11-08T12:00:00Z
    ");
    assert_eq!((home.secrets().len(), home.journal().len()), (2, 1));
    // Two hold at most: a third takes the place of the second, and the first goes.
    let change = ["webhook", "settings", "hooks", "--new-secret", "--accept-former-for", "12h"];
    home.connect(change).ends().succeeds().never_says("error");
    assert_eq!(webhook(&home, "hooks")["former"]["secret"], now["secret"]);
    assert_eq!(home.secrets().len(), 2);
    let later = |words: &[&str], at: &str| home.connect(words).env("CONNECT_TEST_NOW", at);
    let document = later(&["doctor"], "2026-11-02T00:00:01Z").json().document();
    let over = document["checks"].as_array().unwrap().iter().any(|check| check["code"] == "former_over");
    assert!(over, "{document}");
    assert_eq!(home.secrets().len(), 2, "who looks removes nothing");
    // Any run that writes removes it, whatever connection it is about.
    let by = home.dotcom(&world, "classic").with(["--name", "by"]).env("CONNECT_TEST_NOW", "2026-11-02T00:00:01Z");
    by.ends().succeeds().never_says("error");
    assert!(webhook(&home, "hooks").get("former").is_none());
    assert_eq!(home.secrets().len(), 2, "that of the webhook, and a token");
    later(&["store", "migrate", "--all", "--to", "plain", "--yes"], "2026-11-09T00:00:00Z")
        .ends()
        .succeeds()
        .never_says("✗");
    assert_eq!(home.journal().len(), 0);
}

#[cfg(feature = "test-hooks")]
#[test]
fn a_change_over_is_seen_at_a_terminal() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "both"]).ends().succeeds().never_says("error");
    edit(&home, &world, "both", GIVEN).ends().succeeds().never_says("error");
    let change = ["webhook", "settings", "both", "--new-secret", "--accept-former-for", "3d"];
    home.connect(change).ends().succeeds().never_says("error");
    receiver(&home, &world, "hooks").never_says("error");
    let shown = |words: &[&str]| {
        let ended = home.connect(words).env("NO_COLOR", "1").at_terminal().ends();
        assert_eq!(ended.code, 0, "{}", ended.screen);
        ended.screen
    };
    insta::assert_snapshot!(shown(&["list"]), @"
    NAME   TOKEN    EXPIRES  KEPT IN  WEBHOOK
    both   classic  never    plain !  signature, former one 3 days
    hooks  -        -        plain !  signature
    ");
    insta::assert_snapshot!(shown(&["status", "both", "hooks"]), @"
    warning: 1 token kept readable, in the store `plain`
    warning: 2 webhook secrets kept readable, in the store `plain`
     NAME   HEALTH          TIME LEFT
     both   ✓ valid         never
     hooks  · webhook only  -

    ! both: the former webhook secret is accepted for another 3 days
    ");
    let doctor = home.connect(["doctor"]).ends();
    let lines: Vec<String> =
        doctor.stdout().lines().filter(|line| line.contains("webhook secret")).map(str::to_owned).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    ✓ webhook secret         readable, a secret for signatures
    ✓ former webhook secret  readable, accepted for another 3 days
    ! kept in         the webhook secret is kept readable, in the store `plain`
    ✓ webhook secret  readable, a secret for signatures
    ");
}

/// The forge signs with what it was given until it is given another.
#[test]
fn hooks_that_have_the_former_one_are_named() {
    let (home, world) = (Home::new(), world());
    receiver(&home, &world, "hooks").never_says("error");
    home.edit_record("hooks", |record| {
        record["webhook"]["hooks"] = serde_json::json!([{ "target": "org:agility-game", "id": 7,
            "url": "https://x.example/hooks/a", "since": "2026-11-01T00:00:00Z" }]);
    });
    let output = edit(&home, &world, "hooks", GIVEN).ends().succeeds();
    let said = "`connect webhook edit 7 --org agility-game --secret`";
    assert!(output.stderr().contains(said), "{}", output.shown());
    edit(&home, &world, "hooks", GIVEN).ends().succeeds().never_says(said);
    assert_eq!(webhook(&home, "hooks")["hooks"][0]["id"], 7);
}

#[test]
fn without_an_overlap_the_former_one_holds_no_longer() {
    let (home, world) = (Home::new(), world());
    receiver(&home, &world, "hooks").never_says("error");
    edit(&home, &world, "hooks", GIVEN).with(["--accept-former-for", "7d"]).ends().succeeds().never_says("error");
    home.connect(["webhook", "settings", "hooks", "--new-secret"]).ends().succeeds().never_says("error");
    assert!(webhook(&home, "hooks").get("former").is_none(), "it may have been found out");
    assert_eq!(home.secrets().len(), 1);
}
