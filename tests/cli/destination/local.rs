//! Places of one's own machine: a file, a command.

use std::fs;

use super::*;

#[test]
fn a_file_follows_its_token() {
    let scene = Scene::new();
    let path = scene.home.file("app-token", "what was there");
    let _ = scene.add(&format!("file:{path}")).ends().succeeds();
    assert_eq!(fs::read_to_string(&path).unwrap(), scene.world.github_token("classic"));
    assert_eq!(scene.state(), "current");
    scene.replace();
    assert_eq!(scene.state(), "stale");
    let document = scene.destination(["push", "--stale"]).json().document();
    assert_eq!(document["connections"][0]["destinations"][0]["result"], "verified", "{document:#}");
    assert_eq!(fs::read_to_string(&path).unwrap(), scene.world.github_token("expiring"));
    assert_eq!(scene.state(), "current");
    let nothing = scene.destination(["push", "--stale"]).ends().succeeds();
    assert!(nothing.stderr().contains("no copy is stale"), "{}", nothing.shown());
}

#[cfg(unix)]
#[test]
fn a_file_is_the_users_alone_and_its_folder_stays_as_it_is() {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::new();
    let path = scene.home.file("app-token", "open to all");
    let folder = std::path::Path::new(&path).parent().unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    let _ = scene.add(&format!("file:{path}")).ends().succeeds();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(path.as_ref()), mode(folder)), (0o600, 0o755));
}

#[test]
fn a_command_gets_it_on_its_standard_input_and_nowhere_else() {
    let scene = Scene::new();
    let (out, seen) = (scene.home.file("out", ""), scene.home.file("seen", ""));
    let script = scene.home.file("keep.sh", &format!("cat > '{out}'; env > '{seen}'; echo \"$@\" >> '{seen}'"));
    let to = format!("command:sh {script} 'two words'");
    let _ = scene.add(&to).env("CONNECT_PASSPHRASE", "hush").ends().succeeds().never_says("error");
    let token = scene.world.github_token("classic");
    assert_eq!(fs::read_to_string(&out).unwrap(), token);
    let seen = fs::read_to_string(&seen).unwrap();
    assert!(seen.contains("two words") && !seen.contains(&token) && !seen.contains("hush"), "{seen}");
}

#[test]
fn what_fails_stays_stale_until_a_push_mends_it() {
    let scene = Scene::new();
    let (flag, out) = (scene.home.file("flag", ""), scene.home.file("out", ""));
    let script = scene.home.file("keep.sh", &format!("cat > '{out}'; test -e '{flag}'"));
    let to = format!("command:sh {script}");
    fs::remove_file(&flag).unwrap();
    let output = scene.add(&to).ends().exits(1);
    assert!(output.stderr().contains("the command ended with 1"), "{}", output.shown());
    let place = scene.places().remove(0);
    assert_eq!(place["state"], "stale", "{place:#}");
    assert!(place["trouble"].as_str().unwrap().contains("ended with 1"), "{place:#}");
    let _ = scene.add(&format!("file:{out}2")).ends().succeeds();
    let _ = scene.destination(["push", "--stale"]).ends().exits(1);
    let some = scene.destination(["push", &scene.hub()]).ends().exits(10);
    assert!(some.stdout().contains("1 place brought up to date, 1 failed"), "{}", some.shown());
    fs::write(&flag, "").unwrap();
    let _ = scene.destination(["push", "--stale"]).ends().succeeds();
    let place = scene.places().remove(0);
    assert_eq!((&place["state"], &place["trouble"]), (&"current".into(), &Value::Null), "{place:#}");
}

#[test]
fn a_place_goes_off_the_list_with_or_without_its_copy() {
    let scene = Scene::new();
    let path = scene.home.file("app-token", "");
    let to = format!("file:{path}");
    let _ = scene.add(&to).ends().succeeds();
    let left = scene.destination(["remove", &scene.hub(), "--to", &to]).ends().succeeds();
    assert!(left.stdout().contains("the copy is still there"), "{}", left.shown());
    assert!(fs::exists(&path).unwrap() && scene.places().is_empty());
    let gone = scene.destination(["remove", &scene.hub(), "--to", &to]).json();
    let _ = gone.fails(3, "no_such_destination");
    let _ = scene.add(&to).ends().succeeds();
    let _ = scene.destination(["remove", &scene.hub(), "--delete", "--to", &to]).ends().succeeds();
    assert!(!fs::exists(&path).unwrap() && scene.places().is_empty());
    let history = scene.home.connect(["history", "--json"]).ends().succeeds().document();
    let events: Vec<&str> =
        history["entries"].as_array().unwrap().iter().map(|entry| entry["event"].as_str().unwrap()).collect();
    assert_eq!(events[2..], ["planted", "removed", "planted", "removed"], "{history:#}");
}

#[test]
fn on_the_list_only() {
    let scene = Scene::new();
    let path = format!("{}2", scene.home.file("app-token", ""));
    let _ = scene.add(&format!("file:{path}")).with(["--no-push"]).ends().succeeds();
    assert!(!fs::exists(&path).unwrap());
    assert_eq!(scene.state(), "never");
    let _ = scene.destination(["push", "--stale"]).ends().succeeds();
    assert_eq!(scene.state(), "current");
}

#[cfg(feature = "test-hooks")]
#[test]
fn killed_on_the_way_it_is_listed_and_stale() {
    for (point, state) in [("destination.recorded", "never"), ("push.looked", "never"), ("push.written", "never")] {
        let scene = Scene::new();
        let path = scene.home.file("app-token", "");
        let killed = scene.add(&format!("file:{path}")).env("CONNECT_TEST_FAULT", point).ends();
        assert!(killed.signal.is_some(), "{point}: {}", killed.shown());
        assert_eq!(scene.state(), state, "{point}");
        let _ = scene.destination(["push", "--stale"]).ends().succeeds();
        assert_eq!(scene.state(), "current", "{point}");
        assert_eq!(fs::read_to_string(&path).unwrap(), scene.world.github_token("classic"));
    }
}

#[cfg(feature = "test-hooks")]
#[test]
fn at_a_terminal() {
    let scene = Scene::new();
    let path = scene.home.file("app-token", "");
    let _ = scene.add(&format!("file:{path}")).ends().succeeds();
    let _ = scene.add("command:false --a-long-command with quite some words in it").ends().exits(1);
    let ended = scene.destination(["list"]).env("NO_COLOR", "1").at_terminal().ends();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    assert!(ended.screen.lines().all(|line| line.chars().count() <= 80), "{}", ended.screen);
    assert!(ended.screen.contains("the command ended with 1"), "{}", ended.screen);
    assert!(ended.screen.contains("connect destination push --stale"), "{}", ended.screen);
}
