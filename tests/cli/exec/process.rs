//! The command takes connect's place.

use std::os::unix::fs::PermissionsExt as _;

use super::{dotcom, environment, lab};
use crate::support::{Cast as _, Home, world};

#[test]
fn its_exit_code_and_its_signals_are_its_own() {
    let (home, world) = (Home::new(), world());
    lab(&home, &world);
    let run = |script: &str| home.connect(["exec", "lab", "--", "sh", "-c", script]).ends();
    for code in [0, 1, 2, 9, 77, 125, 255] {
        assert_eq!(run(&format!("exit {code}")).code, Some(code));
    }
    assert_eq!(run("kill -TERM $$").signal, Some(15));
    assert_eq!(run("kill -KILL $$").signal, Some(9));
    let output =
        home.connect(["exec", "lab", "--", "sh", "-c", "cat; echo to err >&2"]).stdin("typed").ends().succeeds();
    assert_eq!((output.stdout().as_str(), output.stderr().as_str()), ("typed", "to err\n"));
    // What connect does about a closed pipe is not the command's: it dies of it like others.
    let trapped = run("trap | grep PIPE; yes | head -1; echo ${PIPESTATUS:-ok}").succeeds().stdout();
    assert_eq!(trapped, "y\nok\n");
}

#[test]
fn it_is_the_same_process() {
    let (home, world) = (Home::new(), world());
    lab(&home, &world);
    let running = home.connect(["exec", "lab", "--", "sh", "-c", "echo $$"]).begins();
    let id = running.id();
    assert_eq!(running.ends().succeeds().stdout().trim(), id.to_string());
}

#[test]
fn arguments_are_as_they_were_typed() {
    let (home, world) = (Home::new(), world());
    lab(&home, &world);
    let call = home.connect(["exec", "lab", "--", "printf", "<%s>", "a b", "", "--json", "-y", "--", "$HOME", "*"]);
    assert_eq!(call.ends().succeeds().stdout(), "<a b><><--json><-y><--><$HOME><*>");
}

#[test]
fn what_cannot_be_run() {
    let (home, world) = (Home::new(), world());
    dotcom(&home, &world);
    let run = |program: &str| home.connect(["exec", "octocat@github.com", "--", program, "x"]);
    insta::assert_snapshot!(run("no-such-command").ends().shown(), @"
    exit 127
    --- stderr
    error: there is no command `no-such-command`
      → what a shell knows by itself needs the shell: `connect exec NAME -- sh -c '…'`
    ");
    let plain = home.file("plain", "#!/bin/sh\n");
    insta::assert_snapshot!(run(&plain).ends().shown(), @"
    exit 126
    --- stderr
    error: `HOME/plain` cannot be run
      → `chmod +x` it, or name what runs it: `connect exec NAME -- sh FILE`
    ");
    let odd = home.file("odd", "#!/nonexistent/interpreter\n");
    std::fs::set_permissions(&odd, std::fs::Permissions::from_mode(0o700)).unwrap();
    for mask in [&[][..], &["--mask"]] {
        let call = home.connect(["exec", "octocat@github.com", "--json"]).with(mask).with(["--", &odd]);
        call.ends().fails(126, "command_not_executable");
    }
    assert_eq!(run("/nonexistent/x").ends().code, Some(127));
    assert_eq!(run(&home.path().display().to_string()).ends().code, Some(127), "a folder is no command");
    // It is found out before anybody is asked for a secret.
    let never = home.connect(["exec", "nobody", "--json", "--", "no-such-command"]).ends();
    never.fails(127, "command_not_found");
    let error = home.connect(["exec", "octocat@github.com", "gh", "pr", "list"]).json().fails(2, "usage");
    assert!(error["hint"].as_str().unwrap().contains("`--` stands before the command"), "{error}");
    home.connect(["exec", "octocat@github.com", "--"]).ends().exits(2).never_says("ghp_");
}

#[test]
fn nobody_else_gets_the_token() {
    let (home, world) = (Home::new(), world());
    dotcom(&home, &world);
    let token = world.github_token("classic");
    world.clear_requests();
    let before = home.contents();
    let script =
        "tr '\\0' '\\n' < /proc/$$/cmdline; tr '\\0' '\\n' < /proc/$PPID/environ; echo; ls /proc/$$/fd | wc -l";
    for flags in [&[][..], &["-vv"], &["--json"], &["--mask"]] {
        let output = home
            .connect(["exec", "octocat@github.com"])
            .with(flags)
            .with(["--", "sh", "-c", script])
            .env("RUST_LOG", "trace")
            .ends();
        output.never_says(&token);
    }
    assert_eq!(home.contents(), before, "nothing is written");
    assert!(world.requests().is_empty(), "nobody is asked");
    let found = environment(home.connect(["exec", "octocat@github.com"]));
    assert_eq!(found["GH_TOKEN"], token);
}

#[test]
fn from_a_variable() {
    let (home, world) = (Home::new(), world());
    let call = home.connect(["gitlab", "--host", &world.gitlab_url(), "--pat-env", "GITLAB_TOKEN", "--store", "env"]);
    let call = call.with(["--name", "ci", "--no-input", "--json"]).env("GITLAB_TOKEN", &world.gitlab_token("api"));
    call.ends().succeeds().never_says("error");
    let found = environment(home.connect(["exec", "ci"]).env("GITLAB_TOKEN", &world.gitlab_token("api")));
    assert_eq!(found["GITLAB_TOKEN"], world.gitlab_token("api"));
    assert_eq!(found["GITLAB_HOST"], world.gitlab_url());
    home.gitlab(&world, "developer").with(["--name", "lab"]).ends().succeeds().never_says("error");
    let found = environment(home.connect(["exec", "lab"]).env("GITLAB_TOKEN", &world.gitlab_token("api")));
    assert_eq!(found["GITLAB_TOKEN"], world.gitlab_token("developer"));
}
