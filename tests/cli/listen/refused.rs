//! What is not taken: hostile, damaged, stale, too much; and what the sender learns of it, which is a number.

use std::io::Write as _;
use std::net::{Shutdown, TcpStream};

use super::received::NOW;
use super::{
    SECRET, SIGNING, answer, does_not_listen, github, gitlab, home, hub, listen, receives, says, send, status,
};
use crate::support::Home;

/// The forge signs with the new one as soon as it has it; so does whoever listens look for it.
#[test]
fn a_secret_that_is_replaced_meanwhile_counts_at_once() {
    let home = home();
    let listener = listen(&home, &[]);
    assert_eq!(listener.github("d-1", "push", "{}"), 202);
    let made = home.connect(["webhook", "settings", "hooks", "--new-secret", "--secret-only"]).ends().succeeds();
    let secret = made.stdout().trim().to_owned();
    let request = |id| {
        let signature = super::hub(&secret, b"{}");
        super::github(&listener.path("hooks"), id, "push", "{}").with("X-Hub-Signature-256", &signature)
    };
    assert_eq!(send(listener.address, &request("d-2")), 202);
    assert_eq!(listener.github("d-3", "push", "{}"), 401, "the former one no longer");
    assert_eq!(send(listener.address, &request("d-4")), 202);
    assert_eq!(listener.ids(3), ["d-1", "d-2", "d-4"]);
}

#[test]
fn senders_without_the_secret_learn_a_number_and_the_operator_why() {
    let home = home();
    let listener = listen(&home, &[]);
    let good = github(&listener.path("hooks"), "d-1", "push", "{}");
    let wrong = hub("another secret", b"{}");
    let doubled = {
        let mut doubled = good.clone();
        doubled.headers.push(("x-hub-signature-256".into(), hub(SECRET, b"{}")));
        doubled
    };
    for (request, number, why) in [
        (good.clone().with("X-Hub-Signature-256", &wrong), 401, "its signature does not fit the secret"),
        (good.clone().without("X-Hub-Signature-256"), 401, "it is not signed"),
        (good.clone().without("X-Hub-Signature-256").with("X-Hub-Signature", "sha1=0"), 401, ""),
        (doubled, 401, "it has a header twice that may be there once"),
        (good.clone().with("X-Hub-Signature-256", "sha256=zz"), 401, "its signature does not have the form"),
        (good.clone().with("Content-Type", "text/xml"), 415, "it is neither JSON nor a form"),
        (good.clone().with("Content-Length", "26214401"), 413, "its body is larger than 25 MB"),
        (good.clone().without("X-GitHub-Delivery"), 400, "it has no id"),
    ] {
        let answer = says(listener.address, &request.bytes());
        assert_eq!(status(&answer), number, "{why}");
        assert!(answer.ends_with("\r\n\r\n") && !answer.contains("signature"), "{answer}");
        if !why.is_empty() {
            let (code, words) = listener.warning();
            assert_eq!(code, "delivery_refused");
            assert!(words.contains(why), "{words}");
            assert!(!words.contains("another") && !words.contains(&wrong[10..]), "{words}");
        }
    }
    let elsewhere = github("/hooks/00000000000000000000000000000000", "d-1", "push", "{}");
    assert_eq!(send(listener.address, &elsewhere), 404);
    assert_eq!(send(listener.address, &github("/", "d-1", "push", "{}")), 404);
    assert_eq!(status(&says(listener.address, b"GET /hooks/x HTTP/1.0\r\n\r\n")), 405);
    assert_eq!(status(&says(listener.address, b"GET /metrics HTTP/1.0\r\n\r\n")), 404);
    // After all that, what is good is taken; and it is all that comes out.
    assert_eq!(send(listener.address, &good), 202);
    assert_eq!(listener.ids(1), ["d-1"]);
    assert_eq!(listener.stops("-TERM").1, [""; 0]);
}

#[test]
fn a_truncated_body_and_a_sender_that_stops_half_way() {
    let home = home();
    let listener = listen(&home, &[]);
    let whole = github(&listener.path("hooks"), "d-1", "push", r#"{"a":"a body of some length"}"#).bytes();
    let mut stream = TcpStream::connect(listener.address).unwrap();
    stream.write_all(&whole[..whole.len() - 9]).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert!(!answer(stream).contains(" 202 "));
    assert!(listener.warning().1.contains("its body did not come whole"));
    // Cut short, and said to be whole: that is another body than the one that was signed.
    let mut cut = github(&listener.path("hooks"), "d-1", "push", r#"{"a":"a body"}"#);
    cut.body.truncate(9);
    assert_eq!(send(listener.address, &cut), 401);
    assert_eq!(says(listener.address, &whole).matches(" 202 ").count(), 1);
    assert_eq!(listener.ids(1), ["d-1"]);
}

#[test]
fn replays_stale_and_future_times() {
    let home = Home::new();
    receives(&home, "gitlab", "signed", SIGNING);
    let listener = listen(&home, &[]);
    let path = listener.path("signed");
    for (at, number) in [(NOW - 301, 401), (NOW + 301, 401), (NOW - 300, 202), (NOW + 299, 202)] {
        let id = format!("msg-{at}");
        assert_eq!(send(listener.address, &gitlab(&path, &id, "Push Hook", at, "{}")), number, "{}", at - NOW);
    }
    // Within its five minutes a replay is known by its id, which is signed.
    let first = gitlab(&path, "msg-1", "Push Hook", NOW, "{}");
    assert_eq!([send(listener.address, &first), send(listener.address, &first)], [202, 200]);
    assert_eq!(send(listener.address, &first.clone().with("webhook-id", "msg-2")), 401);
    assert_eq!(send(listener.address, &first.clone().with("webhook-timestamp", &(NOW + 1).to_string())), 401);
    // A plain token beside it opens nothing.
    let token = first.without("webhook-signature").with("X-Gitlab-Token", SIGNING);
    assert_eq!(send(listener.address, &token), 401);
    assert_eq!(listener.ids(3), [format!("msg-{}", NOW - 300), format!("msg-{}", NOW + 299), "msg-1".to_owned()]);
}

#[test]
fn without_a_secret_nobody_listens() {
    let home = Home::new();
    let error = does_not_listen(&home, &[]).fails(3, "no_webhook");
    assert!(error["hint"].as_str().unwrap().contains("connect webhook settings"), "{error}");
    does_not_listen(&home, &["--connection", "nobody"]).fails(3, "no_such_connection");
    let world = crate::support::world();
    crate::support::Cast::github(&home, &world, "classic")
        .with(["--name", "token-only"])
        .ends()
        .succeeds()
        .never_says("ghp_");
    let error = does_not_listen(&home, &["--connection", "token-only"]).fails(3, "no_webhook");
    assert_eq!(error["connection"], "token-only");
    // One that is named and has none is not left out silently.
    receives(&home, "github", "hooks", SECRET);
    does_not_listen(&home, &["--connection", "hooks", "--connection", "token-only"]).fails(3, "no_webhook");
    // Nor one whose store has lost it.
    let secrets = home.secrets();
    secrets.iter().for_each(|path| std::fs::remove_file(path).unwrap());
    does_not_listen(&home, &["--connection", "hooks"]).fails(8, "secret_missing");
}

#[test]
fn one_of_several_whose_secret_cannot_be_read_is_named() {
    let home = home();
    let secret = ["--webhook-secret-env", "HOOK_SECRET", "--store", "env"];
    home.connect(["github", "--webhook-only", "--name", "in-a-variable"])
        .with(secret)
        .env("HOOK_SECRET", "It-is-a-Secret-to-Everybody")
        .ends()
        .succeeds()
        .never_says("It-is-a");
    let output = home.connect(["webhook", "listen", "--addr", "127.0.0.1:0"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 8
    --- stderr
    error: the webhook secret of `in-a-variable` cannot be read: the variable HOOK_SECRET is not set
      → set `HOOK_SECRET`; the store `env` keeps nothing itself
      → the others alone: `--connection hooks`
    ");
    let error = does_not_listen(&home, &[]).fails(8, "variable_missing");
    assert_eq!(error["connection"], "in-a-variable");
    drop(listen(&home, &["--connection", "hooks"]));
    // Where it is the only one, there are no others to listen for.
    let error = does_not_listen(&home, &["--connection", "in-a-variable"]).fails(8, "variable_missing");
    assert!(!error["hint"].as_str().unwrap().contains("--connection"), "{error}");
}

/// It has the form of git's addresses by ssh, in which no port can be said.
#[test]
fn a_connection_at_another_port_is_no_other_connection() {
    let home = Home::new();
    receives(&home, "github", "octocat@127.0.0.1:8443", SECRET);
    for wanted in ["octocat@127.0.0.1:9443", "Octocat@127.0.0.1:1"] {
        let output = home.connect(["webhook", "listen", "--connection", wanted]).ends().exits(3);
        let told = output.stderr();
        assert!(told.contains(&format!("`{wanted}`")) && !told.contains("serves"), "{told}");
        assert!(told.contains("did you mean `octocat@127.0.0.1:8443`?"), "{told}");
    }
    does_not_listen(&home, &["--connection", "hubot@127.0.0.1:9443"]).fails(3, "no_such_connection");
    does_not_listen(&home, &["--connection", "git@127.0.0.1:9443"]).fails(3, "no_connection_serves");
}
