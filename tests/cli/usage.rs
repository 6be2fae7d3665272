//! Mistakes on the command line: exit 2, a way on, and never a word of what may be a token.

use crate::support::Home;

const SECRET: &str = "ghp_ThisMustNeverBeSeenAgain0000000000000";

#[test]
fn a_token_in_any_place_is_never_repeated() {
    let home = Home::new();
    let places: &[&[&str]] = &[
        &[SECRET],
        &["github", SECRET],
        &["github", "--pat-stdin", SECRET],
        &["github", "--pat", "x", SECRET],
        &["github", "--token", SECRET],
        &["github", "--pat-env", SECRET],
        &["github", "--pat-stdin", "--store", SECRET],
        &["github", "--pat-stdin", "--for", SECRET],
        &["github", "--pat-stdin", "--timeout", SECRET],
        &["github", "--pat-stdin", "--color", SECRET],
        &["github", "--pat-stdin=ghp_ThisMustNeverBeSeenAgain0000000000000"],
        &["github", "--ghp_ThisMustNeverBeSeenAgain0000000000000"],
        &["github", "-ghp_ThisMustNeverBeSeenAgain0000000000000"],
        &["gitlab", "--oauth-token-env", SECRET],
        &["gitlab", "--oauth-token", "x", "--pat", SECRET],
        &["gitlab", "--pat", SECRET, "--pat", SECRET],
        &["new-token", SECRET, "--for", "git"],
        &["new-token", "github", "--for", SECRET],
        &["new-token", "github", "--for", "git", "--repo", SECRET],
        &["new-token", "github", "--for", "git", "--expires-in", SECRET],
        &["check", "a", "--for", SECRET],
        &["check", "a", "--for", "git", "--repo", SECRET],
        &["check", "a", "--for", "git", "--repo", "o/ghp_ThisMustNeverBeSeenAgain0000000000000"],
        &["check", "a", "--for", "git", "--project", SECRET],
        &["check", "a", SECRET, "--for", "git"],
        &["list", SECRET],
        &["list", "--expiring", SECRET],
        &["status", "--min-days", SECRET],
        &["token"],
        &["token", "a", SECRET],
        &["disconnect", "a", SECRET],
        &["help", SECRET],
    ];
    for words in places {
        for json in [false, true] {
            let call = home.connect(*words);
            let output = if json { call.json() } else { call.ends() };
            let output = output.exits(2);
            output.never_says("NeverBeSeen");
            assert!(!output.err.is_empty(), "{words:?}");
        }
    }
    assert!(home.records().is_empty());
}

#[test]
fn a_value_in_a_variable_is_never_repeated() {
    let home = Home::new();
    for variable in
        ["CONNECT_STORE", "CONNECT_TIMEOUT", "CONNECT_NAME", "CONNECT_GITHUB_HOST", "CONNECT_GITHUB_API_URL"]
    {
        let value = if variable == "CONNECT_NAME" { "bad\tNeverBeSeen" } else { "bad NeverBeSeen:" };
        let output = home.connect(["github", "--pat-stdin"]).stdin("x").env(variable, value).ends().exits(2);
        output.never_says("NeverBeSeen");
    }
}

#[test]
fn mistakes_as_people_read_them() {
    let home = Home::new();
    insta::assert_snapshot!(home.connect(["github", "--pet-stdin"]).ends().shown(), @"
    exit 2
    --- stderr
    error: there is no flag `--pet-stdin` here
      → did you mean `--pat-stdin`?
      → `connect help github` lists what it takes
    ");
    insta::assert_snapshot!(home.connect(["githab"]).ends().shown(), @"
    exit 2
    --- stderr
    error: there is no command `githab`
      → did you mean `github`, `gitlab`?
      → `connect help COMMAND` lists what a command takes
    ");
    insta::assert_snapshot!(home.connect(["github", "--store", "keyrings"]).ends().shown(), @"
    exit 2
    --- stderr
    error: the value of `--store` does not fit: the stores are `keyring`, `file`, `plain` and `env`
      → `connect help github` lists what it takes
    ");
    insta::assert_snapshot!(home.connect(["exec", "lab", "--url"]).ends().shown(), @"
    exit 2
    --- stderr
    error: `--url` wants a value
      → `connect help exec` lists what it takes
    ");
    insta::assert_snapshot!(home.connect(["github", "--timeout", "0"]).ends().shown(), @"
    exit 2
    --- stderr
    error: the value of `--timeout` does not fit: 0 is not in 1..=3600
      → `connect help github` lists what it takes
    ");
    insta::assert_snapshot!(home.connect(["new-token", "github"]).ends().shown(), @"
    exit 2
    --- stderr
    error: something is missing: `--for`
      → `connect help new-token` lists what it takes
    ");
    insta::assert_snapshot!(home.connect(["token"]).ends().shown(), @"
    exit 2
    --- stderr
    error: something is missing: `<NAME|URL>`
      → `connect help token` lists what it takes
    ");
    let twice = home.connect(["github", "--pat-stdin", "--name", "a", "--name", "b"]).ends().exits(2);
    assert!(!twice.stderr().contains("`--name` cannot be given together with `--name`"), "{}", twice.stderr());
    insta::assert_snapshot!(home.connect(["token", "one", "two"]).ends().shown(), @"
    exit 2
    --- stderr
    error: there is a word too many (it is not repeated here, in case it is a token)
      → `connect help token` lists what it takes
    ");
}

#[test]
fn mistakes_in_json() {
    let home = Home::new();
    for words in [vec!["github", "--pet"], vec!["githab"], vec!["token"], vec!["list", "--expiring", "soon"]] {
        let error = home.connect(&words).json().fails(2, "usage");
        assert!(error["hint"].is_string(), "{words:?}: {error}");
    }
    let output = home.connect(["github", "--pet"]).env("CONNECT_JSON", "1").ends();
    output.fails(2, "usage");
    // A `--json` behind `--` is a word, not a flag.
    let output = home.connect(["token", "a", "--", "b", "--json"]).ends().exits(2);
    assert!(output.stderr().starts_with("error:"), "{}", output.shown());
}

#[test]
fn names_that_are_none() {
    let home = Home::new();
    for name in ["", " ", "a\nb", "a\tb", "\u{1b}[31m", "https://github.com", "-rf", &"x".repeat(300)] {
        let output = home.connect(["github", "--pat-stdin", &format!("--name={name}")]).stdin("x").json();
        output.fails(2, "usage");
    }
    assert!(home.records().is_empty());
}

#[test]
fn the_store_env_needs_a_variable() {
    let home = Home::new();
    let output = home.connect(["github", "--pat-stdin", "--store", "env"]).stdin("x").ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 2
    --- stderr
    error: the store `env` keeps nothing, so it needs the name of the variable that has the token
      → as in `--pat-env GITLAB_TOKEN --store env`
    ");
}

#[test]
fn a_damaged_configuration_is_no_reason_to_guess() {
    let home = Home::new();
    let folder = home.connect_home().join("config");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), "store = \"keyrings\"\n").unwrap();
    home.connect(["list"]).json().fails(1, "config_damaged");
    std::fs::write(folder.join("config.toml"), "store = \"plain\"\nexpires_in = \"30d\"\n").unwrap();
    home.connect(["list"]).ends().succeeds().never_says("error");
    let page = home.connect(["new-token", "github", "--for", "git"]).ends().succeeds().stdout();
    assert!(page.contains("expires_in=30"), "{page}");
}
