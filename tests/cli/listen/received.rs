//! What is verified, and how it comes out.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use insta::assert_snapshot;
use serde_json::json;

use super::{Listener, Request, SECRET, SIGNING, github, gitlab, home, hub, listen, receives, send};
use crate::support::Home;

/// 2026-11-01T12:00:00Z, where the clock stands.
pub const NOW: i64 = 1_793_534_400;

const OPENED: &str =
    r#"{"action":"opened","number":2,"repository":{"full_name":"octo/repo"},"sender":{"login":"octocat"}}"#;

#[test]
fn githubs_come_out_with_headers_and_body() {
    let home = home();
    let listener = listen(&home, &[]);
    assert_eq!(listener.github("72d3162e-cc78-11e3-81ab-4c9367dc0958", "pull_request", OPENED), 202);
    let delivery = listener.next();
    assert_eq!(
        delivery,
        json!({
            "id": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
            "forge": "github",
            "connection": "hooks",
            "event": "pull_request",
            "action": "opened",
            "repository": "octo/repo",
            "sender": "octocat",
            "received_at": "2026-11-01T12:00:00Z",
            "headers": {
                "user-agent": "GitHub-Hookshot/044aadd",
                "content-type": "application/json",
                "x-github-event": "pull_request",
                "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
                "x-github-hook-id": "292430182",
                "x-hub-signature-256": hub(SECRET, OPENED.as_bytes()),
            },
            "body": serde_json::from_str::<serde_json::Value>(OPENED).unwrap(),
            "repeat": false,
        })
    );
}

#[test]
fn forms_emoji_and_numbers_come_out_as_they_were_meant() {
    let home = home();
    let listener = listen(&home, &[]);
    let payload = "{\n  \"zen\": \"Keep it 🦀 \\u0007 & simple\",\r\n  \"n\": 12345678901234567890123, \"n2\": 1.10\n}";
    let form = url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", payload).finish();
    let request = github(&listener.path("hooks"), "form", "ping", &form)
        .with("Content-Type", "application/x-www-form-urlencoded");
    assert_eq!(send(listener.address, &request), 202);
    let line = listener.line();
    assert!(line.contains(r#""zen": "Keep it 🦀 \u0007 & simple""#), "{line}");
    assert!(line.contains(r#""n": 12345678901234567890123, "n2": 1.10"#), "{line}");
}

#[test]
fn gitlabs_signing_tokens_and_plain_tokens() {
    let home = Home::new();
    receives(&home, "gitlab", "signed", SIGNING);
    receives(&home, "gitlab", "plain", "a-plain-token-of-gitlabs");
    let listener = listen(&home, &[]);
    let body = r#"{"object_kind":"push","user_username":"root","project":{"path_with_namespace":"g/p"}}"#;
    let signed = gitlab(&listener.path("signed"), "msg-1", "Push Hook", NOW, body);
    assert_eq!(send(listener.address, &signed), 202);
    let delivery = listener.next();
    assert_eq!([&delivery["connection"], &delivery["id"], &delivery["event"]], ["signed", "msg-1", "push"]);
    assert_eq!([&delivery["repository"], &delivery["sender"]], ["g/p", "root"]);

    let headers = [
        ("Content-Type", "application/json"),
        ("X-Gitlab-Event", "System Hook"),
        ("Idempotency-Key", "key-1"),
        ("X-Gitlab-Token", "a-plain-token-of-gitlabs"),
    ];
    assert_eq!(send(listener.address, &Request::new(&listener.path("plain"), &headers, "{}")), 202);
    let delivery = listener.next();
    assert_eq!([&delivery["connection"], &delivery["id"], &delivery["event"]], ["plain", "key-1", "system"]);
    assert!(delivery["headers"].get("x-gitlab-token").is_none());
    // Neither there nor on disk.
    let spool: Vec<u8> =
        home.contents().into_iter().filter(|(path, _)| path.contains("/spool/")).flat_map(|(_, bytes)| bytes).collect();
    assert!(!spool.windows(24).any(|bytes| bytes == b"a-plain-token-of-gitlabs"));
    assert!(spool.windows(5).any(|bytes| bytes == b"key-1"), "the spool is where it is looked for");
}

#[test]
fn a_secret_that_is_being_changed_holds_until_its_end() {
    let home = home();
    home.connect(["webhook", "settings", "hooks", "--new-secret", "--accept-former-for", "1h"])
        .ends()
        .succeeds()
        .never_says(SECRET);
    let send_with_the_former = |now: &str| {
        let call = home.connect(["webhook", "listen", "--json", "--addr", "127.0.0.1:0"]).env("CONNECT_TEST_NOW", now);
        let listener = Listener::begins(call);
        listener.github(now, "ping", "{}")
    };
    assert_eq!(send_with_the_former("2026-11-01T12:59:59Z"), 202);
    assert_eq!(send_with_the_former("2026-11-01T13:00:00Z"), 401);
}

/// Accepts deliveries and keeps them, because nobody is there to take them.
fn kept_ones(home: &Home, ids: &[&str]) {
    let listener = listen(home, &["--forward", "http://127.0.0.1:1/"]);
    for id in ids {
        assert_eq!(listener.github(id, "pull_request", OPENED), 202);
    }
    let (code, lines, _) = listener.stops("-TERM");
    assert_eq!((code, lines.len()), (Some(0), 0));
}

#[test]
fn a_line_for_people_and_one_for_scripts() {
    let home = home();
    kept_ones(&home, &["d-1", "d-2"]);
    let mut terminal = home.connect(["webhook", "listen", "--addr", "127.0.0.1:0", "--color", "never"]).at_terminal();
    terminal.sees("listening at http://127.0.0.1:").sees("hooks: http://127.0.0.1:").sees("2 deliveries from before");
    terminal.sees("d-2").control('c');
    let ended = terminal.ends();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    let line = "2026-11-01 12:00:00  github  pull_request.opened  octo/repo  octocat  d-1";
    assert!(ended.screen.lines().any(|shown| shown == line), "{}", ended.screen);
    assert!(ended.screen.contains("everything that was accepted was handed on"), "{}", ended.screen);

    kept_ones(&home, &["d-3", "zen"]);
    let mut command = home.connect(["webhook", "listen", "--addr", "127.0.0.1:0", "--quiet"]).command();
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let text = [lines.next(), lines.next()].map(|line| line.unwrap().unwrap().replace('\t', "|")).join("\n");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_snapshot!(text, @r"
    2026-11-01T12:00:00Z|github|hooks|pull_request|opened|octo/repo|octocat|d-3|
    2026-11-01T12:00:00Z|github|hooks|pull_request|opened|octo/repo|octocat|zen|
    ");
}
