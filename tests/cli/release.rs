//! What tests may do to the program, nobody may do to the one that people use.

use crate::support::{Cast as _, Home};

#[test]
fn a_release_has_no_test_hooks() {
    let Ok(release) = std::env::var("CONNECT_RELEASE_BIN") else {
        eprintln!("left out: the release binary (set CONNECT_RELEASE_BIN to its path)");
        return;
    };
    let (home, world) = (Home::new(), forge_sandbox::Sandbox::start());
    for point in ["connect.intent", "connect.stored", "connect.recorded", "connect.replaced"] {
        let call = home.dotcom(&world, "expiring").env("CONNECT_TEST_FAULT", point).program(&release);
        let record = call.env("CONNECT_TEST_NOW", "2001-01-01T00:00:00Z").json().succeeds().document();
        let checked = record["token"]["checked_at"].as_str().unwrap();
        assert!(!checked.starts_with("2001"), "{checked}");
    }
    let token = home.connect(["token", "octocat@github.com"]).program(&release);
    token.env("CONNECT_TEST_NOW", "2101-01-01T00:00:00Z").ends().succeeds().never_says("expired");
    for point in ["disconnect.revoked", "disconnect.removed"] {
        home.dotcom(&world, "classic").program(&release).with(["--name", point]).ends().succeeds().never_says("error");
        let call = home.connect(["disconnect", point]).program(&release);
        call.env("CONNECT_TEST_FAULT", point).ends().succeeds().never_says("error");
    }
}

/// The test above would pass for a binary that knows the hooks and is never told of them.
#[cfg(feature = "test-hooks")]
#[test]
fn this_build_has_them() {
    let (home, world) = (Home::new(), crate::support::world());
    let record = home.dotcom(&world, "classic").env("CONNECT_TEST_NOW", "2001-01-01T00:00:00Z").json();
    assert_eq!(record.succeeds().document()["token"]["checked_at"], "2001-01-01T00:00:00Z");
}
