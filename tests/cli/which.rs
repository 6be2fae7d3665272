//! `connect which`: which connection answers for a URL, and why.

use std::fs;

use forge_sandbox::Sandbox;

use crate::support::{Cast as _, Home, Output, world};

/// Three accounts at github.com: `work`, `home` and `other`.
fn three(home: &Home, world: &Sandbox) {
    for (name, token) in [("work", "classic"), ("home", "stranger"), ("other", "collaborator")] {
        home.dotcom(world, token).with(["--name", name]).ends().succeeds().never_says("error");
    }
}

fn which(home: &Home, url: &str) -> Output {
    home.connect(["which", url]).ends()
}

/// `name reason prefix` of the answer.
fn answer(home: &Home, url: &str) -> String {
    which(home, url).succeeds().stdout().trim_end().replace('\t', " ")
}

fn is_used(home: &Home, words: &[&str]) {
    home.connect(["use"]).with(words).ends().succeeds().never_says("error");
}

/// A connection with another base URL: the record of `from` under another name.
fn copied(home: &Home, from: &str, name: &str, url: &str) {
    let mut record = home.record(from);
    record["name"] = name.into();
    record["url"] = url.into();
    record["serves"] = serde_json::json!([]);
    record["default"] = false.into();
    fs::write(home.record_path(name), record.to_string()).unwrap();
}

#[test]
fn the_only_one_of_its_host() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "work"]).ends().succeeds().never_says("error");
    for url in [
        "https://github.com/agility-game/timing-firmware",
        "https://github.com/agility-game/timing-firmware.git/",
        "github.com/agility-game",
        "github.com",
        "https://GitHub.com:443/x",
        "git@github.com:agility-game/timing-firmware.git",
        "ssh://git@github.com/agility-game/timing-firmware",
        "ssh://git@github.com:22/agility-game/timing-firmware",
        "https://octocat@github.com/x?tab=readme#top",
    ] {
        assert_eq!(answer(&home, url), "work only -", "{url}");
    }
}

#[test]
fn by_owner_then_the_default() {
    let (home, world) = (Home::new(), world());
    three(&home, &world);
    is_used(&home, &["work", "--on", "agility-game"]);
    is_used(&home, &["other", "--on", "agility-game/timing-firmware"]);
    is_used(&home, &["home", "--default"]);
    let prefix = "https://github.com/agility-game";
    for (url, expected) in [
        ("https://github.com/agility-game/x", format!("work prefix {prefix}")),
        ("https://github.com/Agility-Game", format!("work prefix {prefix}")),
        ("git@github.com:agility-game/x.git", format!("work prefix {prefix}")),
        ("https://github.com/agility-game/timing-firmware.git", format!("other prefix {prefix}/timing-firmware")),
        ("ssh://git@github.com/agility-game/timing-firmware", format!("other prefix {prefix}/timing-firmware")),
        ("https://github.com/agility-game/timing-firmware-2", format!("work prefix {prefix}")),
        ("https://github.com/agility-games/x", "home default -".to_owned()),
        ("https://github.com/", "home default -".to_owned()),
    ] {
        assert_eq!(answer(&home, url), expected, "{url}");
    }
    // The token is handed out by the same choice.
    let handed = home.connect(["token", "https://github.com/agility-game/x"]).ends().succeeds();
    assert_eq!(handed.stdout().trim(), world.github_token("classic"));
}

#[test]
fn a_tie_is_not_decided() {
    let (home, world) = (Home::new(), world());
    three(&home, &world);
    insta::assert_snapshot!(which(&home, "https://ada:s3cr3t@github.com/agility-game/x?key=s3cr3t").shown(), @"
    exit 9
    --- stderr
    error: more than one connection serves https://github.com/agility-game/x
      → name one of `home`, `other`, `work`
      → `connect use NAME --on PREFIX` lets one answer for an owner or a group,
      → `connect use NAME --default` for the whole host
    ");
    let error = home.connect(["which", "github.com/x"]).json().fails(9, "several_connections_serve");
    assert!(error["hint"].as_str().unwrap().contains("connect use NAME --default"), "{error}");
    // Two that serve the same, after an edit by hand: the default among them decides.
    for name in ["work", "home"] {
        home.edit_record(name, |record| record["serves"] = serde_json::json!(["https://github.com/agility-game/"]));
    }
    which(&home, "https://github.com/agility-game/x").exits(9).never_says("`other`");
    home.edit_record("home", |record| record["default"] = true.into());
    assert_eq!(answer(&home, "https://github.com/agility-game/x"), "home default -");
}

#[test]
fn near_misses_are_named() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    let other_scheme = world.gitlab_url().replace("http://", "https://");
    insta::assert_snapshot!(which(&home, &format!("{other_scheme}/group")).shown(), @"
    exit 3
    --- stderr
    error: no connection serves https://127.0.0.1:PORT/group
      → `lab` is for http://127.0.0.1:PORT
      → `connect list` shows what there is; scheme, host, port and base path must match exactly
    ");
    insta::assert_snapshot!(which(&home, "http://127.0.0.1:9/group").shown().replace(":9/", ":PORT/"), @"
    exit 3
    --- stderr
    error: no connection serves http://127.0.0.1:PORT/group
      → `lab` is for http://127.0.0.1:PORT
      → `connect list` shows what there is; scheme, host, port and base path must match exactly
    ");
    insta::assert_snapshot!(which(&home, "https://gitlab.example.com/group").shown(), @"
    exit 3
    --- stderr
    error: no connection serves https://gitlab.example.com/group
      → `connect list` shows what there is; scheme, host, port and base path must match exactly
    ");
    home.connect(["which", "gitlab.example.com"]).json().fails(3, "no_connection_serves");
    // Over ssh neither scheme nor port say anything.
    assert_eq!(answer(&home, "ssh://git@127.0.0.1:2222/group/project.git"), "lab only -");
    assert_eq!(answer(&home, "git@127.0.0.1:group/project.git"), "lab only -");
}

#[test]
fn base_paths_match_by_whole_segments() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    copied(&home, "lab", "below", "https://example.com/gitlab");
    copied(&home, "lab", "deeper", "https://example.com/gitlab/test");
    for (url, expected) in [
        ("https://example.com/gitlab/group", Some("below only -")),
        ("https://example.com/gitlabber/group", None),
        ("https://example.com/group", None),
        ("https://example.com:8443/gitlab/group", None),
    ] {
        match expected {
            Some(expected) => assert_eq!(answer(&home, url), expected, "{url}"),
            None => {
                which(&home, url).exits(3).never_says("error: more");
            }
        }
    }
    fs::remove_file(home.record_path("deeper")).unwrap();
    copied(&home, "lab", "second", "https://example.com/gitlab");
    is_used(&home, &["below", "--on", "agility-game"]);
    let prefix = "below prefix https://example.com/gitlab/agility-game";
    assert_eq!(answer(&home, "https://example.com/gitlab/agility-game/x"), prefix);
    // Over ssh the base path is not part of the address.
    assert_eq!(answer(&home, "git@example.com:agility-game/x.git"), prefix);
    assert_eq!(answer(&home, "ssh://git@example.com:2222/agility-game/x.git"), prefix);
    which(&home, "git@example.com:elsewhere/x.git").exits(9).never_says("prefix");
}

#[test]
fn records_that_do_not_read_have_no_say() {
    let (home, world) = (Home::new(), world());
    three(&home, &world);
    fs::write(home.record_path("home"), "{").unwrap();
    home.edit_record("other", |record| record["version"] = 99.into());
    insta::assert_snapshot!(which(&home, "https://github.com/agility-game/x").shown(), @"
    exit 0
    --- stdout
    work	only	-
    --- stderr
    warning: 2 records could not be read and had no say; `connect list` shows which
    ");
    let output = home.connect(["which", "github.com"]).json().succeeds();
    assert_eq!(output.warnings(), ["records_unread"]);
    which(&home, "https://example.com").exits(3).never_says("{");
}

#[test]
fn a_connection_without_a_token_serves_nothing() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "work"]).ends().succeeds().never_says("error");
    home.edit_record("work", |record| record["token"] = serde_json::Value::Null);
    which(&home, "https://github.com/x").exits(3).never_says("work");
}

#[test]
fn what_is_no_url() {
    let home = Home::new();
    insta::assert_snapshot!(which(&home, "s3cr3t").shown(), @"
    exit 2
    --- stderr
    error: that is no URL
      → as in `https://github.com/owner/repo`, `gitlab.com/group` or `git@host:owner/repo`
    ");
    for text in ["", " ", "file:///etc/passwd", "ftp://github.com", "https://", "C:\\x", "u:s3cr3t@github.com/x"] {
        which(&home, text).exits(2).never_says("s3cr3t");
    }
    home.connect(["which", "s3cr3t"]).json().fails(2, "usage");
    home.connect(["which"]).ends().exits(2).never_says("panicked");
}

#[test]
fn to_programs() {
    let (home, world) = (Home::new(), world());
    three(&home, &world);
    is_used(&home, &["work", "--on", "agility-game"]);
    is_used(&home, &["other", "--on", "https://github.com"]);
    let url = "https://ada:s3cr3t@github.com/agility-game/x?key=s3cr3t";
    insta::assert_snapshot!(home.connect(["which", url]).json().shown(), @r#"
    exit 0
    --- stdout
    {"url":"https://github.com/agility-game/x","connection":"work","reason":"prefix","prefix":"https://github.com/agility-game","others":[{"connection":"home","prefix":null,"default":false},{"connection":"other","prefix":"https://github.com","default":false}]}
    "#);
    insta::assert_snapshot!(home.connect(["which", "git@github.com:x/y"]).json().shown(), @r#"
    exit 0
    --- stdout
    {"url":"https://github.com/x/y","connection":"other","reason":"prefix","prefix":"https://github.com","others":[{"connection":"home","prefix":null,"default":false},{"connection":"work","prefix":null,"default":false}]}
    "#);
}

#[test]
fn at_a_terminal() {
    let (home, world) = (Home::new(), world());
    three(&home, &world);
    is_used(&home, &["work", "--on", "agility-game"]);
    is_used(&home, &["other", "--on", "https://github.com"]);
    let screen = |url: &str| {
        let ended = home.connect(["which", url]).env("NO_COLOR", "1").at_terminal().ends();
        assert!(!ended.screen.contains('\u{1b}'), "{:?}", ended.screen);
        format!("exit {}\n{}", ended.code, ended.screen)
    };
    insta::assert_snapshot!(screen("https://github.com/agility-game/x"), @"
    exit 0
    work
      because it serves https://github.com/agility-game
      not home: no prefix of it fits
      not other: https://github.com fits less
    ");
    is_used(&home, &["other", "--not-on", "https://github.com"]);
    is_used(&home, &["home", "--default"]);
    insta::assert_snapshot!(screen("https://github.com/x"), @"
    exit 0
    home
      because it is the default of its host
      not other: it is not the default
      not work: it is not the default
    ");
    let ended = home.connect(["which", "github.com", "--color", "always"]).at_terminal().ends();
    assert!(ended.screen.contains('\u{1b}'), "in colour: {:?}", ended.screen);
}

#[test]
fn nothing_is_written_or_asked() {
    use std::os::unix::fs::PermissionsExt as _;
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "work"]).ends().succeeds().never_says("error");
    let before = home.contents();
    drop(world);
    fs::set_permissions(home.connect_home(), fs::Permissions::from_mode(0o500)).unwrap();
    assert_eq!(answer(&home, "https://github.com/x"), "work only -");
    which(&home, "https://example.com").exits(3).never_says("cannot");
    fs::set_permissions(home.connect_home(), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(home.contents(), before);
}
