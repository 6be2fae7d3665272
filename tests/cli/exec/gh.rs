//! The real gh, against the sandbox.

use forge_sandbox::Sandbox;

use super::server;
use crate::support::forges::built;
use crate::support::{Cast as _, Home, is_there};

/// gh speaks https only.
#[test]
fn gh_asks_the_server_that_the_token_is_for() {
    if !is_there("gh") {
        return;
    }
    let world = built(Sandbox::builder().tls(true));
    let authority = world.ca_certificate().unwrap().display().to_string();
    let home = Home::new().with_env("SSL_CERT_FILE", &authority);
    server(&home, &world);
    home.github(&world, "classic").with(["--name", "other"]).ends().succeeds().never_says("error");
    let gh = |name: &str| home.connect(["exec", name, "--", "gh", "api", "user", "--jq", ".login"]);
    // A token that somebody has left in the shell is not taken.
    let left = [("GH_TOKEN", "ghp_stale"), ("GH_ENTERPRISE_TOKEN", "ghp_stale"), ("GH_HOST", "evil.example")];
    for (name, login) in [("ghes", "hubot"), ("other", "octocat")] {
        let call = left.iter().fold(gh(name), |call, (name, value)| call.env(name, value));
        assert_eq!(call.ends().succeeds().stdout().trim(), login);
    }
    let authorised: Vec<String> =
        world.requests().iter().filter_map(|seen| seen.header("authorization").map(str::to_owned)).collect();
    assert!(authorised.iter().all(|header| !header.contains("stale")), "{authorised:?}");
}

/// curl with the token on its standard input, as docs/programs.md has it.
#[test]
fn curl() {
    if !is_there("curl") {
        return;
    }
    let (home, world) = (Home::new(), crate::support::world());
    super::lab(&home, &world);
    let script = "printf 'header = \"Authorization: Bearer %s\"' \"$GITLAB_TOKEN\" | \
                  curl --silent --config - \"$GITLAB_BASE_URL\"user";
    let output = home.connect(["exec", "lab", "--", "sh", "-c", script]).ends().succeeds();
    assert_eq!(output.document()["username"], "maintainer");
}
