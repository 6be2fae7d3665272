//! `docker-credential-connect`: what Docker and Podman ask, and what they are told.

use serde_json::{Value, json};

use crate::support::forges::at_gitlab;
use crate::support::{Cast as _, Home, Output, world};

const HELPER: &str = env!("CARGO_BIN_EXE_docker-credential-connect");

fn helper(home: &Home, action: &str, input: &str) -> Output {
    home.connect([action]).program(HELPER).stdin(input).ends()
}

fn not_found(output: Output) {
    let output = output.exits(1);
    assert_eq!(
        (output.stdout().as_str(), output.stderr().as_str()),
        ("credentials not found in native keychain\n", "")
    );
}

/// The registry of the sandbox's GitLab, once it has been named.
const REGISTRY: &str = "registry.gitlab.example:5050";

#[test]
fn the_registries_of_the_vendors() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    let token = world.github_token("classic");
    for server in
        ["ghcr.io", "https://ghcr.io\n", "ghcr.io/octocat/hello", "docker.pkg.github.com", "https://GHCR.IO/v1/"]
    {
        let output = helper(&home, "get", server).succeeds();
        let wanted = json!({ "ServerURL": server.trim(), "Username": "octocat", "Secret": token });
        assert_eq!((output.document(), output.stderr()), (wanted, String::new()), "{server}");
    }
    for server in [
        "registry.gitlab.com",
        "https://index.docker.io/v1/",
        "http://ghcr.io",
        "ghcr.io:8443",
        "ghcr.io.evil.example",
        "https://ghcr.io@evil.example",
        "evil.example/ghcr.io",
        "github.com",
        "\u{1b}[2J",
    ] {
        not_found(helper(&home, "get", server));
    }
    assert_eq!(
        helper(&home, "list", "").succeeds().document(),
        json!({ "ghcr.io": "octocat", "docker.pkg.github.com": "octocat" })
    );
    assert!(helper(&home, "version", "").succeeds().stdout().contains("connect"));
}

#[test]
fn a_self_managed_one_only_once_it_is_named() {
    let (home, world) = (Home::new(), world());
    home.gitlab(&world, "api").ends().succeeds().never_says("error");
    let name = at_gitlab(&world, "maintainer");
    let by_convention = world.gitlab_url().replace("http://", "registry.");
    for guess in [REGISTRY, &by_convention, world.gitlab_url().trim_start_matches("http://")] {
        not_found(helper(&home, "get", guess));
    }
    let used = home.connect(["use", &name, "--registry", REGISTRY]).ends().succeeds();
    insta::assert_snapshot!(used.shown(), @"
    exit 0
    --- stdout
    ✓ maintainer@127.0.0.1:PORT
      opens the container registry registry.gitlab.example:5050
      serves http://127.0.0.1:PORT when no other does
    ");
    let output = helper(&home, "get", REGISTRY).succeeds();
    assert_eq!(output.document()["Secret"], world.gitlab_token("api"));
    assert_eq!(output.document()["Username"], "maintainer");
    // It is this host and this port.
    not_found(helper(&home, "get", "registry.gitlab.example"));
    home.connect(["use", &name, "--registry", "ghcr.io"]).json().fails(2, "not_a_prefix");
    home.connect(["use", &name, "--registry", "https://x.example/a/b"]).ends().exits(2).never_says("x.example");
    // A new token of the same connection goes there too; the record keeps it through that.
    home.gitlab(&world, "read-api").with(["--name", &name, "--yes"]).ends().succeeds().never_says("error");
    assert_eq!(helper(&home, "get", REGISTRY).succeeds().document()["Secret"], world.gitlab_token("read-api"));
    home.connect(["use", &name, "--not-registry", REGISTRY]).ends().succeeds().never_says("error");
    not_found(helper(&home, "get", REGISTRY));
    home.connect(["use", &name, "--not-registry", REGISTRY]).json().fails(3, "not_served");
}

#[test]
fn what_login_and_logout_offer() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    let offer = |server: &str, user: &str, secret: &str| {
        json!({ "ServerURL": server, "Username": user, "Secret": secret }).to_string()
    };
    let before = home.contents();
    let same = helper(&home, "store", &offer("ghcr.io", "octocat", &world.github_token("classic"))).succeeds();
    assert_eq!(same.stdout(), "");
    let other = helper(&home, "store", &offer("ghcr.io", "octocat", "ghp_another_secret")).exits(1);
    other.never_says("ghp_another");
    insta::assert_snapshot!(other.shown(), @"
    exit 1
    --- stdout
    connect answers for this registry with the token of `octocat@github.com`, and takes another only by `connect github --pat` or `connect gitlab --pat`
    ");
    insta::assert_snapshot!(helper(&home, "store", &offer("index.docker.io", "me", "s3cret")).shown(), @"
    exit 1
    --- stdout
    connect only answers for the registries of its forges; give this one another helper under `credHelpers`, or name it: `connect use NAME --registry HOST`
    ");
    insta::assert_snapshot!(helper(&home, "store", &offer("", "me", "s3cret")).shown(), @"
    exit 1
    --- stdout
    no credentials server URL
    ");
    insta::assert_snapshot!(helper(&home, "store", &offer("ghcr.io", "", "s3cret")).shown(), @"
    exit 1
    --- stdout
    no credentials username
    ");
    helper(&home, "store", "{").exits(1).never_says("panic");
    insta::assert_snapshot!(helper(&home, "erase", "ghcr.io").shown(), @"
    exit 1
    --- stdout
    connect keeps the token of `octocat@github.com`; `connect disconnect octocat@github.com` forgets it
    ");
    helper(&home, "erase", "index.docker.io").succeeds().never_says("error");
    assert_eq!(home.contents(), before, "nothing was kept and nothing removed");
}

#[test]
fn two_accounts_by_the_owner_of_the_image() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "one"]).ends().succeeds().never_says("error");
    home.dotcom(&world, "collaborator").with(["--name", "two"]).ends().succeeds().never_says("error");
    insta::assert_snapshot!(helper(&home, "get", "ghcr.io").shown(), @"
    exit 1
    --- stdout
    more than one connection serves ghcr.io; `connect use NAME --default` says which answers
    ");
    assert_eq!(helper(&home, "list", "").succeeds().document(), json!({}));
    home.connect(["use", "two", "--on", "agility-game"]).ends().succeeds().never_says("error");
    let secret = |server: &str| helper(&home, "get", server).succeeds().document()["Secret"].clone();
    assert_eq!(secret("ghcr.io/agility-game/image"), Value::from(world.github_token("collaborator")));
    home.connect(["use", "one", "--default"]).ends().succeeds().never_says("error");
    assert_eq!(secret("ghcr.io"), Value::from(world.github_token("classic")));
    // Whoever logs out is told of the connection that answers, not of another one at the same forge.
    home.connect(["use", "two", "--default", "--yes"]).ends().succeeds().never_says("error");
    insta::assert_snapshot!(helper(&home, "erase", "ghcr.io").shown(), @"
    exit 1
    --- stdout
    connect keeps the token of `two`; `connect disconnect two` forgets it
    ");
    home.connect(["use", "two", "--not-default"]).ends().succeeds().never_says("error");
    insta::assert_snapshot!(helper(&home, "erase", "ghcr.io").shown(), @"
    exit 1
    --- stdout
    more than one connection serves ghcr.io; `connect use NAME --default` says which answers
    ");
}

#[cfg(feature = "test-hooks")]
#[test]
fn a_token_that_has_died() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "expiring").ends().succeeds().never_says("error");
    let call = home.connect(["get"]).program(HELPER).stdin("ghcr.io").env("CONNECT_TEST_NOW", "2026-11-20T00:00:00Z");
    insta::assert_snapshot!(call.ends().shown(), @"
    exit 1
    --- stdout
    the token of `octocat@github.com` expired at 2026-11-06T12:00:00Z; make a new one and connect it under the same name
    ");
}

#[test]
fn words_that_are_none_and_no_input() {
    let home = Home::new();
    insta::assert_snapshot!(helper(&home, "delete", "").shown(), @"
    exit 1
    --- stdout
    unknown action: delete
    Usage: docker-credential-connect <store|get|erase|list|version>
    ");
    helper(&home, "ghp_ThisMustNeverBeSeenAgain0000000000000", "").exits(1).never_says("NeverBeSeen");
    insta::assert_snapshot!(helper(&home, "get", " \n").shown(), @"
    exit 1
    --- stdout
    no credentials server URL
    ");
    not_found(helper(&home, "get", &"x".repeat(5000)));
    helper(&home, "get", &"x".repeat(70_000)).exits(1).never_says("xxx");
    assert_eq!(helper(&home, "list", "").succeeds().stdout(), "{}\n");
}

/// A registry that wants a password: what it was given, each time somebody came.
fn registry() -> (String, std::sync::mpsc::Receiver<Option<String>>) {
    use std::io::{BufRead as _, BufReader, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap().to_string();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let given = head.iter().find_map(|line| line.strip_prefix("Authorization: Basic ")).map(str::to_owned);
            let answer = if given.is_some() {
                "404 Not Found"
            } else {
                "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\""
            };
            let _ = tell.send(given);
            let _ = write!(&stream, "HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    (place, told)
}

/// The program that people have: it reads its own configuration, asks, and logs in with what it is given.
#[test]
fn docker_itself_asks() {
    use base64::Engine as _;
    use std::process::Command;
    let (home, world) = (Home::new(), world());
    if Command::new("docker").arg("--version").output().is_err() {
        eprintln!("left out: a test with the real docker (install docker-cli)");
        return;
    }
    let (place, told) = registry();
    home.gitlab(&world, "api").ends().succeeds().never_says("error");
    home.connect(["use", &at_gitlab(&world, "maintainer"), "--registry", &place]).ends().succeeds().never_says("error");
    let folder = home.path().join("docker");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("config.json"), json!({ "credHelpers": { &place: "connect" } }).to_string()).unwrap();
    let programs = std::path::Path::new(HELPER).parent().unwrap().display().to_string();
    let mut docker = Command::new("docker");
    docker.env_clear().envs(home.environment().iter().map(|(name, value)| (name, value)));
    docker.env("PATH", format!("{programs}:/usr/local/bin:/usr/bin:/bin")).env("DOCKER_HOST", "tcp://127.0.0.1:9");
    docker.args(["--config", &folder.display().to_string(), "manifest", "inspect", "--insecure"]);
    let output = docker.arg(format!("{place}/agility-game/image")).output().unwrap();
    assert!(!output.status.success(), "there is no image: {output:?}");
    let given: Vec<String> = told.try_iter().flatten().collect();
    let wanted = base64::engine::general_purpose::STANDARD.encode(format!("maintainer:{}", world.gitlab_token("api")));
    assert!(!given.is_empty() && given.iter().all(|given| *given == wanted), "{output:?}");
}
