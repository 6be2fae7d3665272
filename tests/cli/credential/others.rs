//! What other commands know of logins: where they are, how many, and that they come along.

use secrecy::ExposeSecret as _;
use serde_json::json;

use super::{given, silently};
use crate::support::{Cast as _, Home, world};

fn home() -> Home {
    let home = Home::new();
    let identity = age::x25519::Identity::generate();
    let path = home.file("key.txt", identity.to_string().expose_secret());
    let home = home.with_env("CONNECT_AGE_IDENTITY", &path).with_env("CONNECT_STORE", "plain");
    for (host, user) in [("example.com", "mona"), ("example.com", "lisa"), ("git.example", "mona")] {
        let lines = [format!("host={host}"), format!("username={user}"), format!("password={user}-at-{host}")];
        silently(&home, "store", &["protocol=https", &lines[0], &lines[1], &lines[2]]);
    }
    home
}

#[test]
fn they_come_along_when_secrets_are_moved() {
    let (home, world) = (home(), world());
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    // A connection that is named is moved alone.
    home.connect(["store", "migrate", "hub", "--to", "file"]).ends().succeeds().never_says("login");
    insta::assert_snapshot!(home.connect(["store", "migrate", "--all", "--to", "file"]).ends().shown(), @"
    exit 0
    --- stdout
    = `hub`: in file already
    ✓ 3 logins that git keeps: moved to file
    ");
    assert_eq!(given(&home, &["protocol=https", "host=example.com", "username=lisa"]).1, "lisa-at-example.com");
    assert!(home.secrets().iter().filter(|path| path.extension().is_none()).count() == 0, "{:?}", home.secrets());
    let back = home.connect(["store", "migrate", "--all", "--to", "plain", "--yes"]).json().succeeds();
    assert_eq!(back.document()["logins"], json!({ "moved": 3, "failed": 0 }));
    assert_eq!(given(&home, &["protocol=https", "host=git.example"]), ("mona".into(), "mona-at-git.example".into()));
    // To a store that is not there: nothing is lost, and the exit code says so.
    let failed = home.connect(["store", "migrate", "--all", "--to", "keyring"]).json();
    assert_eq!(failed.document()["logins"]["error"]["code"], "no_keyring");
    assert_eq!(given(&home, &["protocol=https", "host=git.example"]).1, "mona-at-git.example");
    home.connect(["store", "migrate", "--all", "--to", "plain"])
        .env("CONNECT_NO_INPUT", "1")
        .ends()
        .succeeds()
        .never_says("✗");
}

#[test]
fn they_are_counted_and_are_no_orphans() {
    let home = home();
    let doctor = home.connect(["doctor", "--no-network"]).ends();
    let lines: Vec<String> = doctor.stdout().lines().filter(|line| line.contains("login")).map(str::to_owned).collect();
    insta::assert_snapshot!(lines.join("\n"), @"  ✓ logins       3 logins that git keeps here, for 2 hosts");
    doctor.never_says("no record names");
    assert!(!doctor.stdout().contains("orphan\t") && doctor.stdout().contains("plain"), "{}", doctor.stdout());
    let shown = home.connect(["store", "show"]).json();
    assert_eq!(shown.document()["stores"][2]["logins"], 3);
    assert_eq!(home.connect(["list"]).json().document(), json!({ "connections": [] }));
    home.connect(["store", "show"]).ends().succeeds().never_says("mona");
}

#[test]
fn a_connection_that_is_forgotten_leaves_them() {
    let (home, world) = (home(), world());
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    silently(&home, "store", &["protocol=https", "host=github.com", "username=mona", "password=monas"]);
    home.connect(["disconnect", "hub", "--yes"]).ends().succeeds().never_says("error");
    assert_eq!(given(&home, &["protocol=https", "host=github.com"]), ("mona".into(), "monas".into()));
    // That is how a login is seen and forgotten: by git's own commands.
    silently(&home, "erase", &["url=https://mona@github.com"]);
    super::nothing(&home, &["protocol=https", "host=github.com"]);
}
