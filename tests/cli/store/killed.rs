//! Killed at every step of a migration: the token is there at every moment, and the next run finishes.

use super::*;

const POINTS: [&str; 5] =
    ["connect.intent", "connect.stored", "connect.recorded", "connect.remembered", "connect.replaced"];

/// How many entries of connect's a Secret Service has.
fn in_keyring(service: Option<&SecretService>) -> usize {
    service.map_or(0, SecretService::entries)
}

/// From each store to each other, killed at each point: the token is there at every moment, the same again
/// finishes, and nothing is left that nobody remembers.
fn every_pair(stores: &[&str], service: Option<&SecretService>) {
    let world = world();
    let tokens = [world.github_token("classic"), world.github_token("stranger")];
    for from in stores {
        for to in stores.iter().filter(|to| *to != from) {
            for point in POINTS {
                let case = format!("{from} to {to}, {point}");
                let environment = service.map(SecretService::environment).unwrap_or_default();
                let home = with(super::home(), &environment);
                let before = in_keyring(service);
                connect(&home, &world, "a", "classic", from);
                connect(&home, &world, "b", "stranger", from);
                let call = || migrate(&home, &["--all", "--to", to, "--yes"]);
                let output = call().env("CONNECT_TEST_FAULT", point).ends();
                assert_eq!(output.signal, Some(6), "{case}\n{}", output.shown());
                assert_eq!([token(&home, "a"), token(&home, "b")], tokens, "{case}");
                call().ends().succeeds().never_says("✗");
                assert_eq!([token(&home, "a"), token(&home, "b")], tokens, "{case}");
                assert_eq!((home.records().len(), home.journal().len()), (2, 0), "{case}");
                for record in home.records() {
                    assert_eq!(record["token"]["kept_in"], **to, "{case}");
                }
                let kept = home.secrets().len() + in_keyring(service) - before;
                assert_eq!(kept, 2, "{case}");
                let history = home.connect(["history", "--verify"]).json().succeeds().document();
                let moves = history["entries"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|e| e["event"] == "migrated" && e["store"] == **to);
                assert_eq!(moves.count(), 2, "{case}");
                for name in ["a", "b"] {
                    home.connect(["disconnect", name]).ends().succeeds().never_says("error");
                }
                assert_eq!((home.secrets().len(), in_keyring(service)), (0, before), "{case}");
            }
        }
    }
}

#[test]
fn between_file_and_plain() {
    every_pair(&["file", "plain"], None);
}

#[test]
fn between_the_keyring_and_the_others() {
    let Some(service) = SecretService::start() else { return };
    every_pair(&["keyring", "file"], Some(&service));
    every_pair(&["plain", "keyring"], Some(&service));
}

#[test]
fn the_secret_of_a_webhook() {
    let world = world();
    for (point, there) in POINTS.into_iter().zip([false, false, true, true, true]) {
        let point = &point.replace("connect.", "webhook.");
        let home = super::home();
        connect(&home, &world, "hub", "classic", "file");
        let secret = add_webhook(&home, "hub");
        let call = || migrate(&home, &["hub", "--to", "file"]);
        let output = call().env("CONNECT_TEST_FAULT", point).ends();
        assert_eq!(output.signal, Some(6), "{point}\n{}", output.shown());
        let webhook = home.record("hub")["webhook"].clone();
        assert_eq!(webhook["kept_in"], if there { "file" } else { "plain" }, "{point}");
        let id = webhook["secret"].as_str().unwrap();
        let kept = home.secrets().iter().any(|path| path.file_stem().unwrap().to_str() == Some(id));
        assert!(kept, "{point}");
        // Another run puts in order what was left, and the token is none of its business.
        connect(&home, &world, "by", "stranger", "plain");
        assert_eq!((home.secrets().len(), home.journal().len()), (3, 0), "{point}");
        call().ends().succeeds().never_says("✗");
        migrate(&home, &["hub", "--to", "plain", "--yes"]).ends().succeeds().never_says("✗");
        let id = home.record("hub")["webhook"]["secret"].as_str().unwrap().to_owned();
        let text = fs::read_to_string(home.connect_home().join("data/secrets").join(id)).unwrap();
        assert_eq!(text, secret, "{point}");
        assert_eq!((home.secrets().len(), home.journal().len()), (3, 0), "{point}");
    }
}

#[test]
fn somebody_reads_all_the_while() {
    let (home, world) = (super::home(), world());
    connect(&home, &world, "hub", "classic", "plain");
    for to in ["file", "plain", "file", "plain"] {
        let moving = migrate(&home, &["hub", "--to", to, "--yes"]).begins();
        let reading: Vec<Running> = (0..4).map(|_| home.connect(["token", "hub"]).begins()).collect();
        moving.ends().succeeds().never_says("✗");
        for call in reading {
            assert_eq!(call.ends().succeeds().stdout().trim(), world.github_token("classic"));
        }
    }
}
