//! `connect history`: who planted which token where, and who took it back.

use serde_json::Value;

use super::standing::*;
use crate::support::Cast as _;

/// The events of the history from a place on: what, of which connection, and where.
fn told(scene: &Standing, from: usize) -> Vec<String> {
    let document = scene.home.connect(["history"]).json().succeeds().document();
    let line = |entry: &Value| {
        let text = |name: &str| entry[name].as_str().unwrap_or("-").to_owned();
        let line =
            [text("event"), text("connection"), text("destination"), text("target"), text("repository")].join(" ");
        scene.scrubbed(&line)
    };
    document["entries"].as_array().unwrap().iter().skip(from).map(line).collect()
}

#[test]
fn planted_and_taken_back() {
    let Some(scene) = Standing::new(&["--ci-template", "minimal"]) else { return };
    insta::assert_snapshot!(told(&scene, 2).join("\n"), @"
    connected mirror-store-104@127.0.0.1:PORT - - -
    planted mirror-store-104@127.0.0.1:PORT github-webhook http://127.0.0.1:PORT/api/v3/repos/agility-game/home-assistant-community-store/hooks/550000000 -
    planted octocat@127.0.0.1:PORT gitlab-mirror http://127.0.0.1:PORT/agility-game/home-assistant/store -
    planted octocat@127.0.0.1:PORT gitlab-integration http://127.0.0.1:PORT/agility-game/home-assistant/store -
    imported maintainer@127.0.0.1:PORT - http://127.0.0.1:PORT/agility-game/home-assistant/store http://127.0.0.1:PORT/agility-game/home-assistant-community-store
    ");
    // Nothing to change is nothing to remember.
    let entries = told(&scene, 0).len();
    let _ = scene.import(&[]).succeeds();
    let _ = scene.status().ends().succeeds();
    assert_eq!(told(&scene, entries), Vec::<String>::new());
    scene.github("DELETE", &scene.hook(), Value::Null);
    let _ = scene.mended().succeeds();
    insta::assert_snapshot!(told(&scene, entries).join("\n"), @"
    removed mirror-store-104@127.0.0.1:PORT github-webhook http://127.0.0.1:PORT/api/v3/repos/agility-game/home-assistant-community-store/hooks/550000000 -
    planted mirror-store-104@127.0.0.1:PORT github-webhook http://127.0.0.1:PORT/api/v3/repos/agility-game/home-assistant-community-store/hooks/550000001 -
    imported maintainer@127.0.0.1:PORT - http://127.0.0.1:PORT/agility-game/home-assistant/store http://127.0.0.1:PORT/agility-game/home-assistant-community-store
    ");
    let entries = told(&scene, 0).len();
    let _ = scene.undo(&[]).succeeds();
    insta::assert_snapshot!(told(&scene, entries).join("\n"), @"
    removed mirror-store-104@127.0.0.1:PORT github-webhook http://127.0.0.1:PORT/api/v3/repos/agility-game/home-assistant-community-store/hooks/550000001 -
    removed octocat@127.0.0.1:PORT gitlab-mirror http://127.0.0.1:PORT/agility-game/home-assistant/store -
    removed octocat@127.0.0.1:PORT gitlab-integration http://127.0.0.1:PORT/agility-game/home-assistant/store -
    revoked mirror-store-104@127.0.0.1:PORT - - -
    disconnected mirror-store-104@127.0.0.1:PORT - - -
    undone maintainer@127.0.0.1:PORT - http://127.0.0.1:PORT/agility-game/home-assistant/store http://127.0.0.1:PORT/agility-game/home-assistant-community-store
    ");
    let _ = scene.home.connect(["history", "--verify"]).ends().succeeds();
    // What is gone for good is not undone twice.
    let entries = told(&scene, 0).len();
    let _ = scene.undo(&[]).succeeds();
    assert_eq!(told(&scene, entries), Vec::<String>::new());
    let of_github = at_github(&scene);
    let of_one = scene.home.connect(["history", &of_github]).ends().succeeds().stdout();
    assert_eq!(of_one.matches("\tplanted\t").count(), 2, "{of_one}");
    assert_eq!(of_one.matches("\tremoved\t").count(), 2, "{of_one}");
}

fn at_github(scene: &Standing) -> String {
    crate::support::forges::at_github(&scene.world, "octocat")
}

#[test]
fn at_a_terminal() {
    let Some(scene) = Standing::new(&["--without-webhook"]) else { return };
    let _ = scene.undo(&[]).succeeds();
    let screen = scene.on_screen(scene.home.connect(["history"]));
    let hidden = [
        (r"[^ ]+@[^ ]+  ([0-9a-f]{8})", "USER@HOST  $1"),
        (r"[0-9a-f]{8}", "HEX"),
        (r"…0\.1:[0-9]+", "…"),
        (r" {2,}", "  "),
    ];
    let table = hidden.iter().fold(screen, |text, (pattern, word)| {
        regex::Regex::new(pattern).unwrap().replace_all(&text, *word).into_owned()
    });
    insta::assert_snapshot!(table, @"
    exit 0
     WHEN  WHAT  CONNECTION  BY  TOKEN  STORE
     2026-11-01 12:00  connected  octocat@12…  USER@HOST  HEX  plain
     2026-11-01 12:00  connected  maintainer…  USER@HOST  HEX  plain
     2026-11-01 12:00  planted  octocat@12…  USER@HOST  HEX  plain
      gitlab-mirror: http://127.0.0.1:PORT/agility-game/home-assistant/store
     2026-11-01 12:00  planted  octocat@12…  USER@HOST  HEX  plain
      gitlab-integration: http://127.0.0.1:PORT/agility-game/home-assistant/store
     2026-11-01 12:00  imported  maintainer…  USER@HOST  HEX  plain
      http://127.0.0.1:PORT/agility-game/home-assistant-community-store → http://127.0.0.1:PORT/agility-game/home-assistant/store
     2026-11-01 12:00  removed  octocat@12…  USER@HOST  HEX  plain
      gitlab-mirror: http://127.0.0.1:PORT/agility-game/home-assistant/store
     2026-11-01 12:00  removed  octocat@12…  USER@HOST  HEX  plain
      gitlab-integration: http://127.0.0.1:PORT/agility-game/home-assistant/store
     2026-11-01 12:00  undone  maintainer…  USER@HOST  HEX  plain
      http://127.0.0.1:PORT/agility-game/home-assistant-community-store → http://127.0.0.1:PORT/agility-game/home-assistant/store
    ");
}

#[test]
fn another_token_in_the_same_places() {
    let token = forge_sandbox::GithubTokenSeed::classic("second", &["repo", "admin:repo_hook", "read:org"]);
    let github = forge_sandbox::GithubSeed { tokens: vec![token], ..Default::default() };
    let seed = forge_sandbox::Seed { github, ..Default::default() };
    let Some(scene) = Standing::of(forge_sandbox::Sandbox::builder().seed(seed), &["--without-webhook"]) else {
        return;
    };
    let _ = scene.home.github(&scene.world, "second").ends().succeeds();
    let entries = told(&scene, 0).len();
    let _ = scene.mended().succeeds();
    insta::assert_snapshot!(told(&scene, entries).join("\n"), @"
    planted octocat@127.0.0.1:PORT gitlab-mirror http://127.0.0.1:PORT/agility-game/home-assistant/store -
    planted octocat@127.0.0.1:PORT gitlab-integration http://127.0.0.1:PORT/agility-game/home-assistant/store -
    imported maintainer@127.0.0.1:PORT - http://127.0.0.1:PORT/agility-game/home-assistant/store http://127.0.0.1:PORT/agility-game/home-assistant-community-store
    ");
}
