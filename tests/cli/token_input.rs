//! Every way in which a token may be given, and what is refused.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use forge_sandbox::Sandbox;

use crate::support::call::Call;
use crate::support::{Cast as _, Home, world};

/// `connect github` for github.com with nothing said of the token.
fn github(home: &Home, world: &Sandbox) -> Call {
    home.connect(["github", "--api-url", &world.dotcom_api_url(), "--store", "plain"])
}

#[test]
fn on_the_command_line_with_a_warning() {
    let (home, world) = (Home::new(), world());
    let token = world.github_token("classic");
    let output = github(&home, &world).with(["--pat", &token]).json().succeeds();
    assert_eq!(output.warnings(), ["token_on_command_line", "kept_plain"]);
    output.never_says(&token);
    let output = github(&home, &world).with(["--pat", &token]).ends();
    insta::assert_snapshot!(output.stderr(), @"
    warning: the shell's history and the process list have seen this token; `--pat` without a value asks for it, hidden
    warning: the token is kept readable, by you and by whoever becomes you; `--store keyring` or `--store file` would not
    ");
}

#[test]
fn from_a_pipe() {
    let (home, world) = (Home::new(), world());
    let token = world.github_token("classic");
    for flags in [vec!["--pat-stdin"], vec!["--pat-file", "-"], vec!["--with-token"]] {
        let output = github(&home, &world).with(&flags).stdin(&token).json().succeeds();
        assert_eq!(output.warnings(), ["kept_plain"], "{flags:?}");
    }
}

#[test]
fn from_a_file() {
    let (home, world) = (Home::new(), world());
    let path = home.file("token.txt", &world.github_token("classic"));
    let output = github(&home, &world).with(["--pat-file", &path]).json().succeeds();
    assert_eq!(output.warnings(), ["kept_plain"]);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let output = github(&home, &world).with(["--pat-file", &path]).json().succeeds();
    assert_eq!(output.warnings(), ["token_file_readable", "kept_plain"]);
    assert!(output.stderr().contains("chmod 600"), "{}", output.stderr());
}

#[test]
fn from_a_file_that_is_not_there() {
    let (home, world) = (Home::new(), world());
    let path = home.path().join("none").display().to_string();
    let output = github(&home, &world).with(["--pat-file", &path]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 2
    --- stderr
    error: there is no file HOME/none
      → `--pat-file` takes the path of a file with the token in it
    ");
    let folder = home.path().display().to_string();
    let output = github(&home, &world).with(["--pat-file", &folder]).json();
    assert!(matches!(output.code, Some(1 | 2)), "{}", output.shown());
}

#[test]
fn from_a_variable() {
    let (home, world) = (Home::new(), world());
    let call = github(&home, &world).with(["--pat-env", "GH_TOKEN"]);
    let token = world.github_token("classic");
    assert_eq!(call.clone().env("GH_TOKEN", &token).json().succeeds().warnings(), ["kept_plain"]);
    insta::assert_snapshot!(call.clone().ends().shown(), @"
    exit 2
    --- stderr
    error: the variable `GH_TOKEN` is not set, or not text
      → in CI, see that the job is given it: protected variables only reach protected branches
    ");
    insta::assert_snapshot!(call.env("GH_TOKEN", "").ends().shown(), @"
    exit 2
    --- stderr
    error: what is in `GH_TOKEN` is no token: it is empty
      → in CI an empty token usually means that the variable is not given to this job
    ");
    assert!(!world.requests().is_empty());
}

#[test]
fn a_token_given_as_the_name_of_a_variable_is_never_repeated() {
    let (home, world) = (Home::new(), world());
    for forge in ["github", "gitlab"] {
        for token in [
            world.github_token("classic"),
            world.github_token("fine-grained-import"),
            world.gitlab_token("api"),
            world.gitlab_token("read-api"),
            world.gitlab_token("oauth"),
        ] {
            let output = home.connect([forge, "--pat-env", &token]).ends().exits(2);
            output.never_says(&token);
        }
    }
    assert!(world.requests().is_empty());
}

#[test]
fn white_space_around_it_is_removed() {
    let world = world();
    let token = world.github_token("classic");
    for text in [format!("{token}\n"), format!("{token}\r\n"), format!("  {token}\t\n\n"), format!("\n{token}")] {
        let home = Home::new();
        github(&home, &world).with(["--pat-stdin"]).stdin(&text).ends().succeeds().never_says(&token);
        assert_eq!(home.connect(["token", "octocat@github.com"]).ends().stdout(), format!("{token}\n"), "{text:?}");
    }
}

#[test]
fn what_is_no_token_is_refused_and_never_repeated() {
    let (home, world) = (Home::new(), world());
    let before = home.contents();
    let cases: [(&[u8], &str); 8] = [
        (b"", "empty"),
        (b"\n \t\r\n", "empty"),
        (b"ghp_first half", "white space"),
        (b"ghp_first\nghp_second", "white space"),
        (b"ghp_\x1b[31mfirst", "character"),
        (b"ghp_\x00first", "character"),
        ("ghp_fi\u{200b}rst".as_bytes(), "character"),
        (b"ghp_\xff\xfefirst", "not text"),
    ];
    for (bytes, why) in cases {
        let output = github(&home, &world).with(["--pat-stdin"]).stdin(bytes).json();
        output.never_says("first").never_says("ghp_").never_says("\x1b");
        let error = output.fails(2, "usage");
        assert!(error["message"].as_str().unwrap().contains(why), "{bytes:?}: {error}");
    }
    assert!(world.requests().is_empty());
    assert_eq!(home.contents(), before);
}

#[test]
fn what_is_far_too_long_is_refused() {
    let (home, world) = (Home::new(), world());
    let long = "x".repeat(10_000_000);
    let path = home.file("long.txt", &long);
    github(&home, &world).with(["--pat-file", &path]).json().fails(1, "file_failed");
    github(&home, &world).with(["--pat-stdin"]).stdin(&long).json().fails(2, "usage");
    assert!(world.requests().is_empty(), "half of it is no token");
}

#[test]
fn two_sources_are_one_too_many() {
    let (home, world) = (Home::new(), world());
    let pairs = [
        ("github", vec!["--pat-stdin", "--pat-env", "A"]),
        ("github", vec!["--pat", "s3cr3t", "--pat-file", "f"]),
        ("gitlab", vec!["--pat-stdin", "--oauth-token-stdin"]),
        ("gitlab", vec!["--oauth-token", "s3cr3t", "--oauth-token-env", "A"]),
        ("gitlab", vec!["--pat", "s3cr3t", "--oauth-token-env", "A"]),
    ];
    for (forge, flags) in pairs {
        let output = home.connect([forge]).with(&flags).json();
        output.never_says("s3cr3t");
        let error = output.fails(2, "usage");
        assert!(error["message"].as_str().unwrap().contains("together"), "{flags:?}: {error}");
    }
    let output = home.connect(["github", "--pat-stdin", "--pat-env", "A"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 2
    --- stderr
    error: `--pat-stdin` cannot be given together with `--pat-env`
      → `connect help github` lists what it takes
    ");
    assert!(world.requests().is_empty());
}

#[test]
fn without_a_terminal_nothing_hangs() {
    let home = Home::new();
    insta::assert_snapshot!(home.connect(["github"]).ends().shown(), @"
    exit 2
    --- stderr
    error: no token was given
      → from a pipe: `--pat-stdin`
      → from a file: `--pat-file FILE`
      → from an environment variable: `--pat-env VAR`
      → at a terminal: `--pat` asks for it, hidden
    ");
    insta::assert_snapshot!(home.connect(["gitlab", "--pat"]).ends().shown(), @"
    exit 2
    --- stderr
    error: there is no terminal to ask for the token on
      → from a pipe: `--pat-stdin`
      → from a file: `--pat-file FILE`
      → from an environment variable: `--pat-env VAR`
      → at a terminal: `--pat` asks for it, hidden
    ");
    home.connect(["gitlab", "--oauth-token"]).json().fails(2, "usage");
    home.connect(["github", "--pat", "--no-input"]).json().fails(2, "usage");
}

#[test]
fn a_shape_that_does_not_fit_warns_and_does_not_refuse() {
    let (home, world) = (Home::new(), world());
    let cut = world.github_token("classic").chars().take(30).collect::<String>();
    let output = home.dotcom(&world, "classic").stdin(&cut).json();
    assert_eq!(output.warnings(), ["token_looks_damaged"]);
    output.fails(4, "bad_credentials");
    assert!(!world.requests().is_empty(), "it was asked all the same");
}

#[test]
fn a_token_of_the_other_forge_is_named_as_such() {
    let (home, world) = (Home::new(), world());
    let output = home.dotcom(&world, "classic").stdin(world.gitlab_token("api")).json();
    assert_eq!(output.warnings(), ["token_of_other_forge"]);
    output.fails(4, "bad_credentials");
    let output = home.gitlab(&world, "api").stdin(world.github_token("classic")).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 4
    --- stderr
    warning: this looks like a token of GitHub
    error: 127.0.0.1:PORT: the token is not known there (401 Unauthorized)
      → see that it is a personal, project or group access token of this very host
      → make a new one: `connect new-token gitlab --host http://127.0.0.1:PORT --for TASK`
    ");
}
