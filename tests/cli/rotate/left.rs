//! A rotation that was left on its way, and what others do meanwhile to the connection: the new token is not lost.

#![cfg(feature = "test-hooks")]

use std::fs;
use std::path::PathBuf;

use super::crash::{LATER, asked, connected, connected_with, in_order, killed, rotate, token};
use super::trouble::{blocked, meanwhile};
use crate::support::{Home, world};

const SECRETS: &str = "data/secrets";

fn at(home: &Home, folder: &str) -> PathBuf {
    home.connect_home().join(folder)
}

#[test]
fn who_renames_the_connection_takes_nothing_from_it() {
    let (world, home) = (world(), Home::new());
    connected(&home, &world, "plain");
    let old = world.gitlab_token("api");
    killed(rotate(&home), "rotate.escrowed");
    // The store takes nothing, so that the rotation cannot be finished; a record can be renamed all the same.
    let mend = blocked(&at(&home, SECRETS));
    let refused = home.connect(["rename", "lab", "other"]).json().exits(8);
    assert!(refused.stderr().contains("unfinished"), "{}", refused.shown());
    mend();
    home.connect(["rename", "lab", "other"]).ends().succeeds().never_says("error");
    let new = home.connect(["token", "other"]).ends().succeeds().stdout().trim().to_owned();
    assert!(new != old && world.is_alive_gitlab(&new));
    in_order(&home, "renamed");
    assert_eq!(asked(&world), 1);
}

/// As after a power cut, or a kill while another process was renaming: the note is there, and nobody of that name.
#[test]
fn a_note_of_a_rotation_that_is_over_takes_nothing_from_a_renamed_connection() {
    let (world, home) = (world(), Home::new());
    connected(&home, &world, "plain");
    killed(rotate(&home), "rotate.recorded");
    let notes: Vec<_> = home.journal().into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect();
    home.connect(["rename", "lab", "other"]).ends().succeeds().never_says("error");
    for (bytes, path) in &notes {
        fs::write(path, bytes).unwrap();
    }
    let new = home.connect(["token", "other"]).ends().succeeds().stdout().trim().to_owned();
    assert!(world.is_alive_gitlab(&new));
    let again = home.connect(["token", "other"]).ends().succeeds().stdout().trim().to_owned();
    assert_eq!(again, new, "it is there still");
    in_order(&home, "the note is gone");
}

#[test]
fn in_the_store_and_nowhere_else_then_it_is_not_lost() {
    let (world, home) = (world(), Home::new());
    connected(&home, &world, "plain");
    let old = world.gitlab_token("api");
    let folders = ["state/journal", "data/connections"].map(|folder| at(&home, folder));
    let mut mends = Vec::new();
    let output = meanwhile(&home, &world, || mends.extend(folders.iter().map(|folder| blocked(folder))));
    assert_eq!(output.code, Some(1), "{}", output.shown());
    let all = format!("{}{}", output.stdout(), output.stderr()).replace(['\n', ' '], "");
    assert!(all.contains("isinitsstore") && all.contains("--resume"), "{}", output.shown());
    mends.into_iter().for_each(|mend| mend());
    home.connect(["rotate", "--resume"]).ends().succeeds().never_says("error");
    let new = token(&home);
    assert!(new != old && world.is_alive_gitlab(&new));
    let history = home.connect(["history", "lab", "--json"]).ends().succeeds().stdout();
    assert_eq!(history.matches(r#""event":"rotated""#).count(), 1, "{history}");
    assert_eq!(home.record("lab")["token"]["expires_at"], "2026-12-01T00:00:00Z");
    in_order(&home, "out of the store");
    assert_eq!(asked(&world), 1);
}

/// What the old token died of tells nothing of the rotation, unless it was revoked.
#[test]
fn an_old_token_that_has_expired_meanwhile_was_not_rotated_for_all_that_is_known() {
    let (world, home) = (world(), Home::new());
    connected_with(&home, &world, "plain", "expiring");
    killed(rotate(&home), "rotate.asked");
    world.advance(std::time::Duration::from_secs(30 * 24 * 3600));
    let output = home.connect(["rotate", "--resume", "--json"]).env("CONNECT_TEST_NOW", "2026-12-01T12:00:00Z").ends();
    assert_eq!(output.code, Some(4), "{}", output.shown());
    assert!(output.stdout().contains("token_expired") && !output.stdout().contains("lost"), "{}", output.shown());
    assert_eq!(home.record("lab")["token"]["health"], "expired");
    in_order(&home, "expired");
}

#[test]
fn a_clock_that_was_set_back_does_not_hold_it_up_for_weeks() {
    let (world, home) = (world(), Home::new());
    connected(&home, &world, "plain");
    let old = world.gitlab_token("api");
    killed(rotate(&home).env("CONNECT_TEST_NOW", "2027-01-20T12:00:00Z"), "rotate.asked");
    let pending = home.connect(["rotate", "--resume", "--json"]).ends().exits(7);
    assert_eq!(pending.document()["connections"][0]["state"], "pending");
    let settled = home.connect(["rotate", "--resume", "--json"]).env("CONNECT_TEST_NOW", LATER).ends().succeeds();
    assert_eq!(settled.document()["connections"][0]["state"], "nothing", "{}", settled.shown());
    assert_eq!(token(&home), old);
    in_order(&home, "set back");
}

#[test]
fn a_key_that_is_gone_then_nobody_is_given_the_dead_token() {
    let (world, home) = (world(), Home::new());
    connected(&home, &world, "plain");
    killed(rotate(&home), "rotate.escrowed");
    let old = home.record("lab")["token"]["secret"].as_str().unwrap().to_owned();
    for secret in home.secrets().into_iter().filter(|path| !path.ends_with(&old)) {
        fs::remove_file(secret).unwrap();
    }
    let output = rotate(&home).ends();
    assert_eq!(output.code, Some(8), "{}", output.shown());
    assert_eq!(home.record("lab")["token"]["health"], "revoked");
    drop(home.connect(["token", "lab"]).ends().exits(4));
    // As it says: the page for a new one, and whoever brings one is helped.
    assert!(home.connect(["rotate", "lab"]).ends().exits(4).stdout().contains("personal_access_tokens"));
    let other = world.gitlab_token("expiring");
    let taken = home.connect(["rotate", "lab", "--pat-stdin", "--allow-less"]).stdin(&other);
    drop(taken.ends().succeeds());
    drop(home.connect(["rotate", "--resume"]).ends().succeeds());
    assert_eq!(token(&home), other);
    in_order(&home, "replaced");
}

/// The rotation was killed with the answer in the journal, and its store does not take the new token: there is something
/// else in its place. Gives what mends that.
fn not_to_be_finished(home: &Home) -> impl FnOnce() + use<> {
    killed(rotate(home), "rotate.escrowed");
    let is_note = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "json");
    let note = home.journal().into_iter().find(is_note).unwrap();
    // The first line says where everything is; those after it, how far it came.
    let note = fs::read_to_string(note).unwrap();
    let note: serde_json::Value = serde_json::from_str(note.lines().next().unwrap()).unwrap();
    let place = at(home, SECRETS).join(note["new"]["secret"].as_str().unwrap());
    fs::create_dir(&place).unwrap();
    move || fs::remove_dir(place).unwrap()
}

#[test]
fn who_moves_its_token_meanwhile_does_not_get_it_back_where_it_was() {
    let (world, home) = (world(), Home::new());
    let key = age::x25519::Identity::generate();
    let key = home.file("key.txt", secrecy::ExposeSecret::expose_secret(&key.to_string()));
    let home = home.with_env("CONNECT_AGE_IDENTITY", &key);
    connected(&home, &world, "plain");
    let mend = not_to_be_finished(&home);
    let migrate = || home.connect(["store", "migrate", "lab", "--to", "file", "--json"]).ends();
    let refused = migrate();
    assert!(refused.stdout().contains("unfinished"), "{}", refused.shown());
    mend();
    drop(migrate().succeeds());
    assert!(world.is_alive_gitlab(&token(&home)));
    assert_eq!(home.record("lab")["token"]["kept_in"], "file");
    in_order(&home, "moved");
}

#[test]
fn who_revokes_it_revokes_the_new_one() {
    let (world, home) = (world(), Home::new());
    connected(&home, &world, "plain");
    let mend = not_to_be_finished(&home);
    let new = world.gitlab_token("api");
    let refused = home.connect(["disconnect", "lab", "--revoke"]).json().exits(8);
    assert!(refused.stderr().contains("unfinished"), "{}", refused.shown());
    assert!(world.is_alive_gitlab(&new));
    mend();
    home.connect(["disconnect", "lab", "--revoke"]).ends().succeeds().never_says("error");
    assert!(!world.is_alive_gitlab(&new));
    assert_eq!((home.secrets().len(), home.journal().len()), (0, 0));
}
