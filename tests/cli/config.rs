//! `connect config`: the choices, in a file that people write too.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use crate::support::Home;
use crate::support::call::Running;

fn path(home: &Home) -> PathBuf {
    home.connect_home().join("config/config.toml")
}

fn write(home: &Home, text: &str) {
    fs::create_dir_all(path(home).parent().unwrap()).unwrap();
    fs::write(path(home), text).unwrap();
}

fn text(home: &Home) -> String {
    fs::read_to_string(path(home)).unwrap()
}

#[test]
fn what_is_built_in() {
    let home = Home::new();
    insta::assert_snapshot!(home.connect(["config", "list"]).ends().shown(), @"
    exit 0
    --- stdout
    store	keyring	built-in
    expires_in	90d	built-in
    ");
    insta::assert_snapshot!(home.connect(["config", "get", "store"]).ends().shown(), @"
    exit 0
    --- stdout
    keyring
    --- stderr
    `store` is not set; this is the built-in value
    ");
    insta::assert_snapshot!(home.connect(["config", "get", "expires_in"]).json().succeeds().stdout(), @r#"{"key":"expires_in","value":"90d","source":"built-in"}"#);
    assert_eq!(
        home.connect(["config", "get"]).ends().succeeds().stdout(),
        home.connect(["config", "list"]).ends().succeeds().stdout()
    );
    insta::assert_snapshot!(home.connect(["config", "unset", "store"]).ends().shown(), @"
    exit 0
    --- stdout
    ✓ `store` was not set; it is the built-in keyring
    ");
    assert!(!home.connect_home().exists(), "looking makes no folders");
}

#[test]
fn set_and_taken_back() {
    let home = Home::new();
    insta::assert_snapshot!(home.connect(["config", "set", "store", "file"]).ends().shown(), @"
    exit 0
    --- stdout
    ✓ `store` is file from now on
    ");
    home.connect(["config", "set", "expires_in", "30d"]).ends().succeeds().never_says("error");
    assert_eq!(text(&home), "store = \"file\"\nexpires_in = \"30d\"\n");
    assert_eq!(fs::metadata(path(&home)).unwrap().permissions().mode() & 0o777, 0o600);
    let got = home.connect(["config", "get", "store"]).ends().succeeds();
    assert_eq!((got.stdout().as_str(), got.stderr().as_str()), ("file\n", ""));
    insta::assert_snapshot!(home.connect(["config", "list"]).ends().shown(), @"
    exit 0
    --- stdout
    store	file	config
    expires_in	30d	config
    ");
    insta::assert_snapshot!(home.connect(["config", "set", "store", "plain"]).json().succeeds().stdout(), @r#"{"key":"store","value":"plain","source":"config"}"#);
    insta::assert_snapshot!(home.connect(["config", "unset", "store"]).ends().shown(), @"
    exit 0
    --- stdout
    ✓ `store` is the built-in keyring again
    ");
    insta::assert_snapshot!(home.connect(["config", "unset", "store"]).json().succeeds().stdout(), @r#"{"key":"store","value":"keyring","source":"built-in"}"#);
    assert_eq!(text(&home), "expires_in = \"30d\"\n");
    let page = home.connect(["new-token", "github", "--for", "git"]).ends().succeeds().stdout();
    assert!(page.contains("expires_in=30"), "{page}");
}

#[test]
fn comments_order_and_unknown_keys_stay() {
    let home = Home::new();
    let mine = "# mine\n\nlater = { a = 1 } # of a later version\n\n# why 30 days\nexpires_in = '30d' # short\n\n[table]\nx = 1 # y\n# the end\n";
    write(&home, mine);
    home.connect(["config", "set", "expires_in", "60d"]).ends().succeeds().never_says("error");
    assert_eq!(text(&home), mine.replace("'30d'", "\"60d\""));
    home.connect(["config", "set", "store", "file"]).ends().succeeds().never_says("error");
    assert_eq!(text(&home), mine.replace("'30d' # short\n", "\"60d\" # short\nstore = \"file\"\n"));
    home.connect(["config", "unset", "store"]).ends().succeeds().never_says("error");
    home.connect(["config", "unset", "expires_in"]).ends().succeeds().never_says("error");
    assert_eq!(text(&home), mine.replace("expires_in = '30d' # short\n", ""));
    let output = home.connect(["config", "list"]).ends().succeeds();
    assert!(output.stderr().contains("does not know: `later`, `table`"), "{}", output.shown());
    write(&home, "# nothing but words\n");
    home.connect(["config", "set", "store", "file"]).ends().succeeds().never_says("error");
    assert_eq!(text(&home), "# nothing but words\nstore = \"file\"\n");
    home.connect(["config", "unset", "store"]).ends().succeeds().never_says("error");
    assert_eq!(text(&home), "# nothing but words\n");
}

#[test]
fn keys_and_values_that_do_not_fit() {
    let home = Home::new();
    insta::assert_snapshot!(home.connect(["config", "get", "stoer"]).ends().shown(), @"
    exit 2
    --- stderr
    error: the value of `[KEY]` does not fit
      → did you mean `store`?
      → what is possible: `store`, `expires_in`
      → `connect help config get` lists what it takes
    ");
    insta::assert_snapshot!(home.connect(["config", "set", "store", "vault"]).ends().shown(), @"
    exit 2
    --- stderr
    error: the value of `store` does not fit: the stores are `keyring`, `file`, `plain` and `env`
      → nothing was changed
    ");
    insta::assert_snapshot!(home.connect(["config", "set", "expires_in", "soon"]).ends().shown(), @"
    exit 2
    --- stderr
    error: the value of `expires_in` does not fit: a length of time is a number and `d`, `h`, `m`, `s` or `w`, as in `90d` or `12h`; a bare number means days
      → nothing was changed
    ");
    for words in [
        vec!["config", "set", "expires_in", "12h"],
        vec!["config", "set", "expires_in", ""],
        vec!["config", "set", "store", "ghp_ThisMustNeverBeSeenAgain0000000000000"],
        vec!["config", "set", "ghp_ThisMustNeverBeSeenAgain0000000000000", "x"],
        vec!["config", "unset", "later"],
        vec!["config", "set", "store"],
    ] {
        home.connect(&words).ends().exits(2).never_says("NeverBeSeen");
        home.connect(&words).json().fails(2, "usage");
    }
    assert!(!home.connect_home().exists());
}

#[test]
fn a_damaged_file_is_left_alone() {
    let home = Home::new();
    for damaged in ["store = \"file\"\nexpires_in = \n", "store = [\n", "\u{1b}", "a = 1\na = 2\n"] {
        write(&home, damaged);
        for words in [
            vec!["config", "get", "store"],
            vec!["config", "list"],
            vec!["config", "set", "store", "plain"],
            vec!["config", "unset", "store"],
            vec!["store", "use", "plain"],
            vec!["list"],
        ] {
            home.connect(&words).json().fails(1, "config_damaged");
        }
        assert_eq!(text(&home), damaged);
        home.connect(["config", "--help"]).ends().succeeds().never_says("error:");
        home.connect(["help", "config", "set"]).ends().succeeds().never_says("error:");
    }
    write(&home, "store = \"file\"\nexpires_in = \n");
    insta::assert_snapshot!(home.connect(["config", "list"]).ends().shown(), @"
    exit 1
    --- stderr
    error: HOME/connect/config/config.toml does not read as configuration: line 2: string values must be quoted, expected literal string
      → mend the file; nothing was done
      → its keys are `store` (keyring, file, plain, env) and `expires_in` (as in `90d`)
    ");
    fs::write(path(&home), [0xff, 0xfe]).unwrap();
    home.connect(["config", "get", "store"]).json().fails(1, "config_damaged");
}

#[test]
fn a_value_that_does_not_fit_is_mended_by_another() {
    let home = Home::new();
    write(&home, "store = \"vault\" # once\nexpires_in = 30\n");
    insta::assert_snapshot!(home.connect(["config", "get", "store"]).ends().shown(), @"
    exit 1
    --- stderr
    error: HOME/connect/config/config.toml does not read as configuration: `store`: the stores are `keyring`, `file`, `plain` and `env`
      → mend the file; nothing was done
      → its keys are `store` (keyring, file, plain, env) and `expires_in` (as in `90d`)
    ");
    home.connect(["config", "get", "expires_in"]).json().fails(1, "config_damaged");
    home.connect(["config", "set", "store", "file"]).ends().succeeds().never_says("error");
    home.connect(["config", "unset", "expires_in"]).ends().succeeds().never_says("error");
    assert_eq!(text(&home), "store = \"file\" # once\n");
    home.connect(["list"]).ends().succeeds().never_says("error");
}

#[test]
fn a_link_to_a_collection_of_ones_own_stays() {
    let home = Home::new();
    let mine = home.path().join("dotfiles");
    fs::create_dir(&mine).unwrap();
    fs::set_permissions(&mine, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(mine.join("connect.toml"), "# mine\n").unwrap();
    fs::create_dir_all(path(&home).parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(mine.join("connect.toml"), path(&home)).unwrap();
    home.connect(["config", "set", "store", "file"]).ends().succeeds().never_says("error");
    assert!(path(&home).is_symlink());
    assert_eq!(fs::read_to_string(mine.join("connect.toml")).unwrap(), "# mine\nstore = \"file\"\n");
    assert_eq!(fs::metadata(&mine).unwrap().permissions().mode() & 0o777, 0o755);
}

#[test]
fn many_at_once() {
    let home = Home::new();
    let running: Vec<Running> = (1..=8)
        .map(|number| {
            let days = format!("{number}0d");
            let set = if number % 2 == 0 { ["expires_in", days.as_str()] } else { ["store", "file"] };
            home.connect(["config", "set"]).with(set).begins()
        })
        .collect();
    for call in running {
        call.ends().succeeds().never_says("error");
    }
    let lines: Vec<String> = text(&home).lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
}

#[test]
fn at_a_terminal() {
    let home = Home::new();
    write(&home, "store = \"file\"\n");
    let ended = home.connect(["config", "list"]).env("NO_COLOR", "1").at_terminal().ends();
    insta::assert_snapshot!(ended.screen, @"
    KEY         VALUE  FROM
    store       file   config.toml
    expires_in  90d    built in
    ");
}

#[test]
fn a_table_in_the_place_of_a_value_is_left_to_whoever_wrote_it() {
    let home = Home::new();
    for damaged in ["store.x = 1\n", "[store]\nx = 1\n"] {
        write(&home, damaged);
        home.connect(["config", "set", "store", "file"]).json().fails(1, "config_damaged");
        assert_eq!(text(&home), damaged);
    }
}
