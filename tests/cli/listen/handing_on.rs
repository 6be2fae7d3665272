//! To a URL, to a command; only what is wanted, in its order, as often as it takes.

use super::{SECRET, Target, github, home, hub, listen, receives, send};
use crate::support::Home;

fn body(repository: &str) -> String {
    format!(r#"{{"action":"opened","repository":{{"full_name":"{repository}"}},"zen":"🦀"}}"#)
}

#[test]
fn forwarded_with_the_same_bytes_and_headers() {
    let (home, target) = (home(), Target::start());
    let listener = listen(&home, &["--forward", &target.url]);
    let request = github(&listener.path("hooks"), "d-1", "push", &body("a/b")).with("X-Custom", "caf\u{e9}");
    target.answers(&[204]);
    assert_eq!(send(listener.address, &request), 202);
    let seen = target.next();
    assert_eq!(seen.line, "POST /in?x=1 HTTP/1.1");
    assert_eq!(seen.body, body("a/b").into_bytes());
    for (name, value) in &request.headers {
        assert_eq!(seen.header(&name.to_lowercase()), Some(value.as_str()), "{name}");
    }
    assert_eq!(seen.header("x-hub-signature-256"), Some(hub(SECRET, &seen.body).as_str()));
    assert_eq!(seen.header("host"), Some(target.url.split('/').nth(2).unwrap()));
    assert_eq!(listener.ids(1), ["d-1"]);
}

#[test]
fn what_fails_is_tried_again_in_its_order_and_by_the_next_run() {
    let (home, target) = (home(), Target::start());
    let listener = listen(&home, &["--forward", &target.url]);
    target.answers(&[500, 302, 404, 200, 200, 503, 503]);
    for id in ["d-1", "d-2", "d-3"] {
        assert_eq!(listener.github(id, "push", "{}"), 202);
    }
    let came: Vec<String> = (0..6).map(|_| target.next().header("x-github-delivery").unwrap().to_owned()).collect();
    assert_eq!(came, ["d-1", "d-1", "d-1", "d-1", "d-2", "d-3"]);
    assert_eq!(listener.ids(2), ["d-1", "d-2"]);
    let words: Vec<String> = (0..3).map(|_| listener.warning().1).collect();
    for (words, why) in words.iter().zip(["answers 500", "answers 302", "answers 404"]) {
        assert!(words.contains("d-1") && words.contains(why) && words.contains("tried again"), "{words}");
    }
    // Still failing when it is told to stop: kept.
    let (code, lines, _) = listener.stops("-INT");
    assert_eq!((code, lines.len()), (Some(0), 0));
    let listener = listen(&home, &["--forward", &target.url]);
    target.answers(&[200; 8]);
    assert_eq!(listener.ids(1), ["d-3"]);
}

/// Its address is as good as its path; what nothing could match is refused, for all would be acknowledged and dropped.
#[test]
fn repositories_by_any_name_that_they_have() {
    let home = home();
    for repo in ["https://github.com/a/b", "git@github.com:a/b.git", "/a/b/", "https://github.com/a/*"] {
        let listener = listen(&home, &["--repo", repo]);
        assert_eq!(listener.github(repo, "push", &body("a/b")), 202);
        assert_eq!(listener.ids(1), [repo]);
        assert_eq!(listener.stops("-INT").0, Some(0));
    }
    for repo in ["a", "https://gitlab.com/a/b", "https://github.com/a", "a/b/c"] {
        let output = super::does_not_listen(&home, &["--repo", repo]).exits(2);
        assert_eq!(output.error()["code"], "usage", "{repo}");
    }
}

#[test]
fn a_refusal_may_count_as_handed_on() {
    let (home, target) = (home(), Target::start());
    let listener = listen(&home, &["--forward", &target.url, "--skip-refused"]);
    target.answers(&[422, 429, 200]);
    assert_eq!([listener.github("d-1", "push", "{}"), listener.github("d-2", "push", "{}")], [202, 202]);
    assert_eq!(listener.ids(2), ["d-1", "d-2"]);
    let came: Vec<String> = (0..3).map(|_| target.next().header("x-github-delivery").unwrap().to_owned()).collect();
    assert_eq!(came, ["d-1", "d-2", "d-2"]);
}

#[test]
fn payloads_do_not_go_to_other_machines_unencrypted() {
    let home = home();
    for url in ["http://198.51.100.7/x", "http://example.com", "ftp://127.0.0.1/x"] {
        let output = super::does_not_listen(&home, &["--forward", url]).exits(2);
        assert_eq!(output.error()["code"], "usage");
    }
    let (target, home) = (Target::start(), home);
    drop(listen(&home, &["--forward", "http://app.internal:3000/", "--allow-http"]));
    drop(target);
}

#[test]
fn a_command_has_the_body_and_the_facts_and_none_of_our_secrets() {
    let home = Home::new();
    let secret = "a secret in a variable 123".replace(' ', "-");
    home.connect([
        "github",
        "--webhook-only",
        "--name",
        "hooks",
        "--webhook-secret-env",
        "HOOK_SECRET",
        "--store",
        "env",
    ])
    .env("HOOK_SECRET", &secret)
    .ends()
    .succeeds()
    .never_says(&secret);
    // Another's, whose deliveries are not handed on.
    home.connect([
        "gitlab",
        "--webhook-only",
        "--name",
        "other",
        "--webhook-secret-env",
        "OTHER_SECRET",
        "--store",
        "env",
    ])
    .env("OTHER_SECRET", super::SIGNING)
    .ends()
    .succeeds()
    .never_says(super::SIGNING);
    let out = home.path().join("out").display().to_string();
    let script = home
        .file("on delivery.sh", "{ env; cat; echo; echo \"$1|$2\"; } > \"$1.part\"; mv \"$1.part\" \"$1\"; echo out\n");
    let exec = format!("/bin/sh '{script}' {out} 'two $HOME words; $(id)'");
    let listener = super::Listener::begins(
        home.connect(["webhook", "listen", "--json", "--addr", "127.0.0.1:0", "--exec", &exec])
            .with(["--connection", "hooks"])
            .env("HOOK_SECRET", &secret)
            .env("OTHER_SECRET", super::SIGNING)
            .env("CONNECT_PASSPHRASE", "open sesame")
            .env("OTHER", "stays"),
    );
    let body = body("a/b");
    let request = github(&listener.path("hooks"), "d-1", "pull_request", &body)
        .with("X-Hub-Signature-256", &hub(&secret, body.as_bytes()));
    assert_eq!(send(listener.address, &request), 202);
    // Stdout has the deliveries and nothing else.
    assert_eq!(listener.ids(1), ["d-1"]);
    let written = std::fs::read_to_string(&out).unwrap();
    for line in [
        "CONNECT_WEBHOOK_ID=d-1",
        "CONNECT_WEBHOOK_FORGE=github",
        "CONNECT_WEBHOOK_CONNECTION=hooks",
        "CONNECT_WEBHOOK_EVENT=pull_request",
        "CONNECT_WEBHOOK_ACTION=opened",
        "CONNECT_WEBHOOK_REPOSITORY=a/b",
        "CONNECT_WEBHOOK_SENDER=",
        "CONNECT_WEBHOOK_RECEIVED_AT=2026-11-01T12:00:00Z",
        "CONNECT_WEBHOOK_BODY=json",
        "CONNECT_WEBHOOK_REPEAT=false",
        "OTHER=stays",
        &body,
        &format!("{out}|two $HOME words; $(id)"),
    ] {
        assert!(written.lines().any(|written| written == line), "{line}\n{written}");
    }
    assert!(
        !written.contains(&secret) && !written.contains(super::SIGNING) && !written.contains("open sesame"),
        "{written}"
    );
}

#[test]
fn a_command_that_fails_is_run_again() {
    let home = home();
    let count = home.path().join("count").display().to_string();
    let script = home.file("twice.sh", "echo x >> \"$1\"; [ \"$(wc -l < \"$1\")\" -ge 3 ]\n");
    let listener = listen(&home, &["--exec", &format!("/bin/sh {script} {count}")]);
    assert_eq!(listener.github("d-1", "push", "{}"), 202);
    assert_eq!(listener.ids(1), ["d-1"]);
    assert!(listener.warning().1.contains("the command ended with 1"));
    assert_eq!(std::fs::read_to_string(&count).unwrap().lines().count(), 3);
    drop(listener);
    // One that goes while it is wanted. What was handed on a moment before a kill is handed on once more, so that it is
    // wanted in another home.
    let home = super::home();
    let program = executable(&home, "goes.sh", "#!/bin/sh\n");
    let missing = listen(&home, &["--exec", &program]);
    std::fs::remove_file(&program).unwrap();
    assert_eq!(missing.github("d-2", "push", "{}"), 202);
    assert!(missing.warning().1.contains("the command does not start"));
    drop(missing);
    let output = super::does_not_listen(&home, &["--exec", "echo 'not closed"]).exits(2);
    assert!(output.stderr().contains("--exec"), "{}", output.shown());
}

fn executable(home: &Home, name: &str, text: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = home.file(name, text);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path
}

/// Nothing is accepted for it, and no webhook made.
#[test]
fn a_command_that_cannot_be_run_is_found_out_at_the_start() {
    let home = home();
    let (script, folder) = (home.file("script.sh", "true\n"), home.path().display().to_string());
    let before = home.contents();
    for (exec, why) in [
        ("/nonexistent/program", "there is no such file"),
        ("./missing now", "there is no such file"),
        ("no-such-program-anywhere", "no folder in PATH has such a program"),
        (&*script, "which cannot be run"),
        (&*folder, "there is no such file"),
    ] {
        let error = super::does_not_listen(&home, &["--exec", exec]).fails(2, "usage");
        assert!(error["message"].as_str().unwrap().contains(why), "{error}");
        assert!(error["hint"].is_string(), "{error}");
    }
    assert_eq!(home.contents(), before);
    insta::assert_snapshot!(home.connect(["webhook", "listen", "--exec", &script]).ends().shown(), @"
    exit 2
    --- stderr
    error: `--exec` names `HOME/script.sh`, which cannot be run
      → `chmod +x HOME/script.sh`, or name what runs it, as in `--exec 'sh …'`
    ");
    // By its name, in a folder of PATH; in an earlier one there is a file that is no program.
    let (data, programs) = (home.path().join("data"), home.path().join("programs"));
    std::fs::create_dir(&data).unwrap();
    std::fs::create_dir(&programs).unwrap();
    home.file("data/on-delivery", "");
    executable(&home, "programs/on-delivery", "#!/bin/sh\n");
    let path = format!("{}:{}:/usr/bin:/bin", data.display(), programs.display());
    let call = home.connect(["webhook", "listen", "--json", "--addr", "127.0.0.1:0", "--exec", "on-delivery"]);
    let listener = super::Listener::begins(call.env("PATH", &path));
    assert_eq!(listener.github("d-1", "push", "{}"), 202);
    assert_eq!(listener.ids(1), ["d-1"]);
}

/// Something that it starts and leaves behind has its standard input too, and more is in it than a pipe holds.
#[test]
fn a_command_has_ended_when_it_has() {
    let home = home();
    let script = home.file("leaves.sh", "exec 3<&0; sleep 40 >/dev/null 2>&1 & exit 0\n");
    let listener = listen(&home, &["--exec", &format!("/bin/sh {script}")]);
    let large = format!("\"{}\"", "x".repeat(300_000));
    let begun = std::time::Instant::now();
    for id in ["d-1", "d-2"] {
        assert_eq!(listener.github(id, "push", &large), 202);
    }
    assert_eq!(listener.ids(2), ["d-1", "d-2"]);
    assert!(begun.elapsed().as_secs() < 30);
}

#[test]
fn only_what_is_wanted_and_each_connection_in_its_order() {
    let home = home();
    receives(&home, "github", "other", SECRET);
    let listener = listen(&home, &["--events", "pull_request.opened,push", "-R", "a/b", "--repo", "c/*"]);
    let sent = [
        ("1", "push", "a/b", 202),
        ("2", "issues", "a/b", 202),
        ("3", "pull_request", "c/d", 202),
        ("4", "push", "x/y", 202),
        ("5", "push", "A/B", 202),
    ];
    for (id, event, repository, number) in sent {
        assert_eq!(listener.github(id, event, &body(repository)), number, "{id}");
        let other = github(&listener.path("other"), &format!("o{id}"), event, &body(repository));
        assert_eq!(send(listener.address, &other), number);
    }
    let (ours, others): (Vec<String>, Vec<String>) = listener.ids(6).into_iter().partition(|id| !id.starts_with('o'));
    assert_eq!((ours, others), (vec!["1".into(), "3".into(), "5".into()], vec!["o1".into(), "o3".into(), "o5".into()]));
    assert_eq!(listener.stops("-TERM").1, [""; 0]);
}

#[test]
fn what_one_run_accepted_waits_for_one_that_wants_it() {
    let (home, target) = (home(), Target::start());
    target.answers(&[500]);
    let listener = listen(&home, &["--forward", &target.url]);
    assert_eq!(listener.github("issue", "issues", "{}"), 202);
    listener.killed();
    let listener = listen(&home, &["--events", "push"]);
    assert_eq!(listener.github("push", "push", "{}"), 202);
    assert_eq!(listener.ids(1), ["push"]);
    listener.stops("-TERM");
    assert_eq!(listen(&home, &[]).ids(1), ["issue"]);
}

#[test]
fn an_event_that_nobody_tells_of_is_said() {
    let home = home();
    let listener = listen(&home, &["--events", "pusj"]);
    let (code, message) = listener.warned();
    assert!(code == "unknown_event" && message.contains("did you mean `push`"), "{message}");
    drop(listener);
    super::does_not_listen(&home, &["--events", ""]).fails(2, "usage");
}
