//! `--mask`: what the command prints has no token in it.

use super::{dotcom, lab};
use crate::support::{Home, world};

#[test]
fn the_token_is_struck_out_however_it_comes() {
    let (home, world) = (Home::new(), world());
    dotcom(&home, &world);
    lab(&home, &world);
    let run = |script: &str| {
        home.connect(["exec", "octocat@github.com", "lab", "--mask", "--", "sh", "-c", script]).ends().succeeds()
    };
    let output = run("echo \"a $GH_TOKEN b\"; echo \"c $GITLAB_TOKEN d\" >&2");
    assert_eq!((output.stdout().as_str(), output.stderr().as_str()), ("a *** b\n", "c *** d\n"));
    // In two pieces, with time in between: more of it than its first letters is not seen.
    let output = run("printf %.20s \"$GH_TOKEN\"; sleep 0.3; printf '%s!' \"${GH_TOKEN#????????????????????}\"");
    assert_eq!(output.stdout(), "***!");
    let output =
        run("printf %s \"x-access-token:$GH_TOKEN\" | base64 -w0; echo; printf %s \"$GITLAB_TOKEN\" | base64 -w0");
    for token in [world.github_token("classic"), world.gitlab_token("api")] {
        output.never_says(&token);
    }
    assert!(output.stdout().lines().all(|line| line.contains("***") && line.len() < 32), "{}", output.stdout());
    assert_eq!(run("printf 'no newline and no token'").stdout(), "no newline and no token");
}

#[test]
fn the_exit_code_and_signals() {
    let (home, world) = (Home::new(), world());
    lab(&home, &world);
    let run = |script: &str| home.connect(["exec", "--mask", "lab", "--", "sh", "-c", script]).ends();
    assert_eq!(run("exit 7").code, Some(7));
    assert_eq!(run("exit 125").code, Some(125));
    assert_eq!(run("kill -TERM $$").code, Some(143));
    assert_eq!(run("kill -INT $$").code, Some(130));
    assert_eq!(home.connect(["exec", "--mask", "lab", "--", "cat"]).stdin("typed").ends().succeeds().stdout(), "typed");
    // By the variable as well, as a CI job would have it.
    let call = home.connect(["exec", "lab", "--", "sh", "-c", "echo $GITLAB_TOKEN"]).env("CONNECT_MASK", "1");
    assert_eq!(call.ends().succeeds().stdout(), "***\n");
}

#[test]
fn what_is_left_running_holds_nobody_up() {
    let (home, world) = (Home::new(), world());
    lab(&home, &world);
    let start = std::time::Instant::now();
    let script = "sleep 30 & echo \"$!\"";
    let output = home.connect(["exec", "--mask", "lab", "--", "sh", "-c", script]).ends().succeeds();
    assert!(start.elapsed().as_secs() < 20);
    let left: i32 = output.stdout().trim().parse().unwrap();
    let _ = std::process::Command::new("kill").arg(left.to_string()).status();
}

#[test]
fn signals_that_are_sent_to_it_alone_are_passed_on() {
    let (home, world) = (Home::new(), world());
    lab(&home, &world);
    for (signal, code) in [("TERM", 41), ("INT", 42), ("HUP", 43), ("USR1", 44)] {
        let ready = home.path().join(format!("ready-{signal}"));
        let script = format!("trap 'exit {code}' {signal}; : > '{}'; while :; do sleep 0.05; done", ready.display());
        let running = home.connect(["exec", "--mask", "lab", "--", "sh", "-c", &script]).begins();
        while !ready.exists() {
            std::thread::yield_now();
        }
        let id = running.id().to_string();
        assert!(std::process::Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        assert_eq!(running.ends().code, Some(code), "{signal}");
    }
}

#[test]
fn at_a_terminal() {
    let (home, world) = (Home::new(), world());
    lab(&home, &world);
    // A question without a line break is seen, and Ctrl-C reaches the command, once.
    let script = "trap 'echo caught; exit 3' INT; printf 'Password: '; read answer; echo \"$answer $GITLAB_TOKEN\"; \
                  printf 'something'; while :; do sleep 0.05; done";
    let mut terminal = home.connect(["exec", "--mask", "lab", "--", "sh", "-c", script]).at_terminal();
    terminal.sees("Password: ").types("typed").sees("typed ***").sees("something").control('c').sees("caught");
    let ended = terminal.ends();
    assert_eq!(ended.code, 3, "{}", ended.screen);
    assert!(!ended.screen.contains(&world.gitlab_token("api")), "{}", ended.screen);
    assert_eq!(ended.screen.matches("caught").count(), 1, "{}", ended.screen);
}

#[test]
fn a_reader_that_goes() {
    let (home, world) = (Home::new(), world());
    lab(&home, &world);
    let call = home.connect(["exec", "--mask", "lab", "--", "yes"]);
    let output = call.by_way_of(["/bin/sh", "-c", "\"$@\" | head -2; echo done", "sh"]).ends().succeeds();
    assert_eq!(output.stdout(), "y\ny\ndone\n");
}
