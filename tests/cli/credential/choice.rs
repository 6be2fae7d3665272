//! The connection that answers: scheme, host and port, then the longest prefix, the user's name, the default.

use forge_sandbox::Sandbox;

use super::{ask, get, given, login, nothing, silently};
use crate::support::{Cast as _, Home, world};

/// A host attribute of the sandbox's GitHub: `host=127.0.0.1:PORT`.
fn host(world: &Sandbox) -> String {
    format!("host={}", world.github_url().trim_start_matches("http://"))
}

#[test]
fn the_token_of_the_connection_that_serves_the_url() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    let token = world.github_token("classic");
    let octocat = ("octocat".to_owned(), token.clone());
    for question in [
        &["protocol=https", "host=github.com"][..],
        &["protocol=https", "host=github.com:443", "path=octocat/Hello-World.git"],
        &["protocol=https", "host=GitHub.com", "username=octocat"],
        &["protocol=https", "host=github.com", "username=Octocat"][..1],
        &[
            "capability[]=authtype",
            "capability[]=state",
            "protocol=https",
            "host=github.com",
            "wwwauth[]=Basic realm=x",
        ],
        &["url=https://github.com/octocat/Hello-World.git"],
        &["url=https://octocat@github.com/octocat/Hello-World.git"],
    ] {
        if question.len() == 1 && question[0].starts_with("protocol") {
            continue;
        }
        assert_eq!(given(&home, question), octocat, "{question:?}");
    }
    // A name that names nobody goes with the token, and is answered as it was asked.
    assert_eq!(given(&home, &["url=https://x-access-token@github.com/a/b"]), ("x-access-token".into(), token.clone()));
    let command = home.connect(["git-credential", "get"]).stdin("url=https://github.com/a/b\n\n").ends().succeeds();
    assert_eq!(command.stdout(), format!("username=octocat\npassword={token}\n"));
}

#[test]
fn nobody_else_gets_it() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    for host in [
        "github.com.evil.example",
        "evil.example",
        "api.github.com",
        "www.github.com",
        "github.com.",
        "github.com:8443",
        "github.com:80",
        "github.com:0443",
        "github.com:",
        "git%68ub.com",
        "ｇithub.com",
        "gist.github.com",
        "github.co",
        "xgithub.com",
    ] {
        nothing(&home, &["protocol=https", &format!("host={host}")]);
    }
    for protocol in ["http", "ssh", "git", "ftp", "httpss", "imap"] {
        nothing(&home, &[&format!("protocol={protocol}"), "host=github.com"]);
    }
    // Another user of the same host is another user.
    nothing(&home, &["protocol=https", "host=github.com", "username=mona"]);
    // A certificate's passphrase is asked for so; it is none of ours.
    nothing(&home, &["protocol=cert", "host=", "path=/home/u/client.pem"]);
}

#[test]
fn the_end_of_the_token_is_told() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "expiring").ends().succeeds().never_says("error");
    let answer = get(&home, &["protocol=https", "host=github.com"]);
    let record = &home.records()[0];
    let end: jiff::Timestamp = record["token"]["expires_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(answer["password_expiry_utc"], end.as_second().to_string());
}

#[test]
fn the_longest_prefix_then_the_name_then_the_default() {
    let (home, world) = (Home::new(), world());
    let (host, url) = (host(&world), world.github_url());
    for (name, token) in [("work", "classic"), ("other", "collaborator")] {
        home.github(&world, token).with(["--name", name]).ends().succeeds().never_says("error");
    }
    let (classic, collaborator) = (world.github_token("classic"), world.github_token("collaborator"));
    let password = |attributes: &[&str]| given(&home, attributes).1;
    let several = ask(&home, "get", &["protocol=http", &host]).ends();
    insta::assert_snapshot!(several.shown(), @"
    exit 0
    --- stderr
    connect: `other` and `work` serve http://127.0.0.1:PORT alike, and none was chosen; `git config --global credential.http://127.0.0.1:PORT.useHttpPath true` lets git say the path, `connect use` which is meant
    ");
    let several = ask(&home, "get", &["protocol=http", &host, "path=a/b"]).ends();
    insta::assert_snapshot!(several.shown(), @"
    exit 0
    --- stderr
    connect: `other` and `work` serve http://127.0.0.1:PORT alike, and none was chosen; `connect use NAME --on PREFIX` or `--default` says which is meant
    ");
    // By name.
    assert_eq!(password(&["protocol=http", &host, "username=octocat"]), classic);
    // By prefix, of whole segments.
    home.connect(["use", "other", "--on", &format!("{url}/agility-game")]).ends().succeeds().never_says("✗");
    assert_eq!(password(&["protocol=http", &host, "path=agility-game/x.git"]), collaborator);
    assert_eq!(password(&["protocol=http", &host, "path=Agility-Game/x.git"]), collaborator);
    for path in ["agility-games/x", "agility-game/../octocat/x", "agility-game\\..\\x", "%61gility-game/x"] {
        let output = ask(&home, "get", &["protocol=http", &host, &format!("path={path}")]).ends();
        assert_eq!(output.stdout(), "", "{path}");
    }
    // The one that is named, though the prefix is another's.
    assert_eq!(password(&["protocol=http", &host, "path=agility-game/x", "username=octocat"]), classic);
    // By default.
    home.connect(["use", "work", "--default"]).ends().succeeds().never_says("✗");
    assert_eq!(password(&["protocol=http", &host, "path=a/b"]), classic);
    assert_eq!(password(&["protocol=http", &host, "path=agility-game/x.git"]), collaborator);
}

#[test]
fn a_forge_below_a_path_wants_the_path() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    // A token is bound to its address, so an edited record gives nothing away.
    home.edit_record("hub", |record| record["url"] = "https://example.com/gitlab".into());
    let output = ask(&home, "get", &["protocol=https", "host=example.com"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 0
    --- stderr
    connect: `hub` serves https://example.com/gitlab, and git does not say the path; `git config --global credential.https://example.com.useHttpPath true`
    ");
    nothing(&home, &["protocol=https", "host=example.com", "path=other/x.git"]);
    nothing(&home, &["protocol=https", "host=example.com", "path=gitlabber/x.git"]);
    let output = ask(&home, "get", &["protocol=https", "host=example.com", "path=gitlab/a/b.git"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 8
    --- stderr
    connect: the record of `hub` does not lead to the forge that its token was given for; the token was not sent; connect again under this name if the new address is right
    ");
}

#[test]
fn two_forges_on_one_host_do_not_get_each_others_tokens() {
    let home = Home::new();
    let world = Sandbox::builder().gitlab_base_path("/gitlab").start().unwrap();
    home.gitlab(&world, "api").with(["--name", "below"]).ends().succeeds().never_says("error");
    let url = world.gitlab_url();
    let origin = url.strip_suffix("/gitlab").unwrap();
    let host = format!("host={}", origin.trim_start_matches("http://"));
    // At the top there is another forge: a record of it is enough to see whom git would be given.
    home.github(&world, "classic").with(["--name", "top"]).ends().succeeds().never_says("error");
    home.edit_record("top", |record| {
        record["url"] = origin.into();
        record["default"] = true.into();
    });
    let ask = |path: &str| ask(&home, "get", &["protocol=http", &host, path]).ends();
    let below = ask("path=gitlab/agility-game/x.git").succeeds();
    assert!(below.stdout().contains(&world.gitlab_token("api")), "{}", below.shown());
    assert_eq!(below.stderr(), "");
    // The edited record gives nothing away; that it was chosen is seen by what is said.
    assert!(ask("path=octocat/x.git").stderr().contains("the record of `top`"));
    let unknown = ask("path=").succeeds();
    assert_eq!(unknown.stdout(), "");
    assert!(
        unknown.stderr().contains("`below` serves") && unknown.stderr().contains("useHttpPath"),
        "{}",
        unknown.shown()
    );
}

#[cfg(feature = "test-hooks")]
#[test]
fn a_renaming_that_was_killed_leaves_git_its_token() {
    for point in ["rename.intent", "rename.saved", "rename.forgotten"] {
        let (home, world) = (Home::new(), world());
        home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
        let killed = home.connect(["rename", "hub", "work"]).env("CONNECT_TEST_FAULT", point).ends();
        assert_eq!(killed.stdout(), "", "{point}");
        // Whoever only works with git calls no command that would put it in order.
        assert_eq!(given(&home, &["protocol=https", "host=github.com"]).1, world.github_token("classic"), "{point}");
    }
}

#[test]
fn a_dead_token_is_not_given() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    let lab = format!("host={}", world.gitlab_url().trim_start_matches("http://"));
    home.edit_record("hub", |record| record["token"]["expires_at"] = "2026-11-01T11:59:59Z".into());
    insta::assert_snapshot!(ask(&home, "get", &["protocol=https", "host=github.com"]).ends().shown(), @"
    exit 0
    --- stderr
    connect: the token of `hub` expired on 2026-11-01, and was not given; `connect rotate hub` takes a new one
    ");
    home.edit_record("lab", |record| record["token"]["health"] = "revoked".into());
    insta::assert_snapshot!(ask(&home, "get", &["protocol=http", &lab]).ends().shown(), @"
    exit 0
    --- stderr
    connect: the token of `lab` was revoked, and was not given; `connect rotate lab` takes a new one
    ");
    // A stopped clock does not revive it, and neither does another name.
    nothing(&home, &["protocol=https", "host=github.com", "username=mona"]);
}

#[test]
fn what_was_given_is_known_again_without_a_look() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    let answer = get(&home, &["capability[]=authtype", "capability[]=state", "protocol=https", "host=github.com"]);
    assert_eq!(answer["capability[]"], "state");
    let (user, password) = login(&answer);
    let used = [
        "capability[]=state".to_owned(),
        "protocol=https".into(),
        "host=github.com".into(),
        format!("username={user}"),
        format!("password={password}"),
        format!("state[]={}", answer["state[]"]),
    ];
    assert!(!answer["state[]"].contains(password));
    let used: Vec<&str> = used.iter().map(String::as_str).collect();
    let before = home.contents();
    // The places that it would have to look at are not there.
    let output = ask(&home, "store", &used).env("CONNECT_HOME", "/nonexistent").ends().succeeds();
    assert_eq!((output.stdout(), output.stderr()), (String::new(), String::new()));
    // An older git does not give the state back: then the record tells, and not the store.
    silently(&home, "store", &used[1..5]);
    assert_eq!(home.contents(), before);
    let pipe = home.connect_home().join("data/logins.json");
    assert!(!pipe.exists());
}

#[test]
fn a_token_in_a_variable() {
    let (home, world) = (Home::new(), world());
    let [one, two] = ["classic", "collaborator"].map(|name| world.github_token(name));
    let call = home.connect(["github", "--host", "github.com", "--api-url", &world.dotcom_api_url()]);
    call.with(["--pat-env", "FORGE", "--store", "env"]).env("FORGE", &one).ends().succeeds().never_says("error");
    let question = ["protocol=https", "host=github.com"];
    let output = ask(&home, "get", &question).env("FORGE", &two).ends().succeeds();
    assert!(output.stdout().contains(&two));
    let used = ["protocol=https", "host=github.com", "username=octocat", &format!("password={two}")];
    let output = ask(&home, "store", &used).env("FORGE", &two).ends().succeeds();
    assert_eq!((output.stderr(), home.secrets().len()), (String::new(), 0));
    assert!(!home.connect_home().join("data/logins.json").exists());
}
