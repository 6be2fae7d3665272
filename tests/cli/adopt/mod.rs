//! `connect adopt`: tokens that other tools left in a home are found, shown, taken in, and taken away from where they were.

mod found;
mod removed;
mod repositories;
mod taken;

use std::fs;
use std::path::PathBuf;

use forge_sandbox::Sandbox;

use crate::support::Home;
use crate::support::call::Call;

/// A home with a file of another tool's in it, 0600, and its path.
fn plant(home: &Home, path: &str, text: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = home.path().join("home").join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

/// gh's file with one account at github.com, as gh 2.40 and later write it.
fn gh_hosts(token: &str) -> String {
    format!(
        "# by hand\ngithub.com:\n    git_protocol: https\n    users:\n        octocat:\n            oauth_token: {token}\n    \
         user: octocat\n    oauth_token: {token}\n"
    )
}

/// A line of git's file of passwords for the sandbox's GitLab, with the port as git writes it.
fn git_line(world: &Sandbox, user: &str, token: &str) -> String {
    format!("http://{user}:{token}@{}\n", world.gitlab_url().trim_start_matches("http://").replace(':', "%3a"))
}

fn adopt(home: &Home) -> Call {
    home.connect(["adopt"])
}

/// Takes in what is for github.com, whose API is the sandbox.
fn from_github(home: &Home, world: &Sandbox) -> Call {
    adopt(home).with(["--yes", "--host", "github.com", "--api-url", &world.dotcom_api_url(), "--store", "plain"])
}

/// The token is in none of the streams, nor its middle.
fn is_silent(output: &crate::support::Output, token: &str) {
    let middle = &token[8..token.len() - 8];
    for stream in [&output.out, &output.err] {
        assert!(!String::from_utf8_lossy(stream).contains(middle), "{}", output.shown());
    }
}
