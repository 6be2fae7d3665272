//! What goes wrong on this side while a rotation is under way: the disk, the store, the keyring.

#![cfg(feature = "test-hooks")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use forge_sandbox::{Fault, Sandbox};

use super::crash::{asked, connected, in_order, rotate, token};
use crate::support::secret_service::SecretService;
use crate::support::{Home, Output, world};

/// Rotates, and does something at the moment at which GitLab has done its work and its answer has not come yet.
pub(super) fn meanwhile(home: &Home, world: &Sandbox, act: impl FnOnce()) -> Output {
    world.fault(
        Fault::gitlab().path("/personal_access_tokens/self/rotate").once().delay_after_work(Duration::from_millis(700)),
    );
    let running = rotate(home).begins();
    while asked(world) == 0 {
        std::thread::yield_now();
    }
    act();
    running.ends()
}

/// A folder becomes a file, so that nothing can be written there; gives what makes it a folder again.
pub(super) fn blocked(folder: &Path) -> impl FnOnce() + use<> {
    let (folder, aside) = (folder.to_owned(), folder.with_extension("aside"));
    fs::rename(&folder, &aside).unwrap();
    fs::write(&folder, "in the way").unwrap();
    move || {
        fs::remove_file(&folder).unwrap();
        fs::rename(&aside, &folder).unwrap();
    }
}

#[test]
fn no_room_for_the_answer_then_nothing_is_asked() {
    let (world, home) = (world(), Home::new());
    connected(&home, &world, "plain");
    let old = world.gitlab_token("api");
    // 16 KiB a file at the most: what is written before the request is larger.
    let limited = ["sh", "-c", "trap '' XFSZ; ulimit -f 32; exec \"$0\" \"$@\""];
    let output = rotate(&home).by_way_of(limited).ends();
    assert_ne!(output.code, Some(0), "{}", output.shown());
    assert_eq!((asked(&world), token(&home)), (0, old));
    in_order(&home, "no room");
    drop(rotate(&home).ends().succeeds());
}

#[test]
fn the_journal_takes_nothing_then_the_store_has_the_answer() {
    let (world, home) = (world(), Home::new());
    connected(&home, &world, "plain");
    let old = world.gitlab_token("api");
    let journal = home.connect_home().join("state/journal");
    let mut mend = None;
    let output = meanwhile(&home, &world, || mend = Some(blocked(&journal))).succeeds();
    assert!(world.is_alive_gitlab(&token(&home)) && token(&home) != old, "{}", output.shown());
    if let Some(mend) = mend {
        mend();
    }
    drop(home.connect(["rotate", "--resume"]).ends().succeeds());
    assert!(world.is_alive_gitlab(&token(&home)));
    in_order(&home, "no journal");
    assert_eq!(asked(&world), 1);
}

#[test]
fn the_store_takes_nothing_then_the_journal_has_the_answer() {
    let (world, home) = (world(), Home::new());
    connected(&home, &world, "plain");
    let secrets = home.connect_home().join("data/secrets");
    let mut mend = None;
    let output = meanwhile(&home, &world, || mend = Some(blocked(&secrets)));
    assert_eq!(output.code, Some(8), "{}", output.shown());
    let all = format!("{}{}", output.stdout(), output.stderr());
    assert!(all.contains("safe in the journal"), "{}", output.shown());
    if let Some(mend) = mend {
        mend();
    }
    // Nobody has to know of it: the next that wants the token finishes.
    assert!(world.is_alive_gitlab(&token(&home)));
    in_order(&home, "no store");
    assert_eq!(asked(&world), 1);
}

#[test]
fn neither_takes_anything_then_that_is_what_is_said() {
    let (world, home) = (world(), Home::new());
    connected(&home, &world, "plain");
    let folders = ["state/journal", "data/secrets"].map(|folder| home.connect_home().join(folder));
    let mut mends = Vec::new();
    let output = meanwhile(&home, &world, || mends.extend(folders.iter().map(|folder| blocked(folder))));
    assert_eq!(output.code, Some(8), "{}", output.shown());
    let all = format!("{}{}", output.stdout(), output.stderr()).replace(['\n', ' '], "");
    assert!(all.contains("nowheretoputthenewone") && !all.contains("safe"), "{}", output.shown());
    mends.into_iter().for_each(|mend| mend());
    assert_eq!(home.record("lab")["token"]["health"], "revoked");
    drop(home.connect(["rotate", "lab"]).env("CONNECT_TEST_NOW", "2026-11-01T12:10:00Z").ends().exits(4));
    assert_eq!(asked(&world), 1);
}

#[test]
fn a_keyring_that_is_locked_in_between() {
    let Some(mut service) = SecretService::start() else { return };
    let (world, mut home) = (world(), Home::new());
    for (name, value) in service.environment() {
        home.set_env(&name, &value);
    }
    connected(&home, &world, "keyring");
    let old = world.gitlab_token("api");
    let killed = rotate(&home).env("CONNECT_TEST_FAULT", "rotate.escrowed").ends();
    assert_eq!(killed.signal, Some(6), "{}", killed.shown());
    service.lock();
    let output = home.connect(["rotate", "--resume", "--no-input"]).ends();
    assert_eq!(output.code, Some(8), "{}", output.shown());
    service.unlock();
    drop(home.connect(["rotate", "--resume"]).ends().succeeds());
    let new = token(&home);
    assert!(new != old && world.is_alive_gitlab(&new));
    assert_eq!((service.entries(), home.journal().len(), asked(&world)), (1, 0, 1));
}
