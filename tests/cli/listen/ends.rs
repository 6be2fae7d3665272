//! How it begins and how it ends: signals, readers that go, other machines, TLS, what may be asked of it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use rcgen::{CertificateParams, KeyPair};

use super::{Listener, Target, answer, does_not_listen, github, home, listen, says};

#[test]
fn ctrl_c_and_sigterm_finish_what_was_accepted() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let home = home();
        let listener = listen(&home, &[]);
        let ids: Vec<String> = (0..20).map(|n| format!("d-{n}")).collect();
        for id in &ids {
            assert_eq!(listener.github(id, "push", "{}"), 202);
        }
        let (code, lines, _) = listener.stops(signal);
        assert_eq!(code, Some(0), "{signal}");
        let handed_on: Vec<bool> =
            ids.iter().zip(&lines).map(|(id, line)| line.contains(&format!("\"{id}\""))).collect();
        assert_eq!(handed_on, [true; 20], "{signal}: {lines:?}");
    }
}

#[test]
fn a_delivery_that_is_under_way_is_taken_before_the_end() {
    let home = home();
    let listener = listen(&home, &[]);
    let whole = github(&listener.path("hooks"), "d-1", "push", "{\"a\":1}").bytes();
    let mut stream = TcpStream::connect(listener.address).unwrap();
    stream.write_all(&whole[..whole.len() - 3]).unwrap();
    // It is being read once another one, sent later, has been answered.
    assert_eq!(listener.github("d-0", "push", "{}"), 202);
    listener.signal("-TERM");
    let address = listener.address;
    while TcpStream::connect(address).is_ok() {}
    stream.write_all(&whole[whole.len() - 3..]).unwrap();
    assert!(answer(stream).contains(" 202 "));
    assert_eq!(listener.ids(2), ["d-0", "d-1"]);
    assert_eq!(listener.stops("-CONT").0, Some(0));
}

#[test]
fn a_reader_that_goes_loses_nothing() {
    let home = home();
    let call = home.connect(["webhook", "listen", "--json", "--addr", "127.0.0.1:0"]);
    let mut child = call.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    told.read_line(&mut line).unwrap();
    let said: serde_json::Value = serde_json::from_str(&line).unwrap();
    let url: url::Url = said["listening"]["addresses"][0]["url"].as_str().unwrap().parse().unwrap();
    drop(child.stdout.take());
    let address = url.socket_addrs(|| None).unwrap()[0];
    assert_eq!(super::send(address, &github(url.path(), "d-1", "push", "{}")), 202);
    // It ends as `yes | head` does, and what nobody read is there for the next one.
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(listen(&home, &[]).ids(1), ["d-1"]);
}

#[test]
fn other_machines_and_no_tls_is_worth_a_warning() {
    let home = home();
    let listener = Listener::begins(home.connect(["webhook", "listen", "--json", "--addr", "0.0.0.0:0"]));
    let (code, words) = listener.warned();
    assert_eq!(code, "bound_wide");
    assert!(words.contains("--tls-cert"), "{words}");
    drop(listener);
    let quiet = listen(&home, &[]);
    assert_eq!(quiet.stops("-TERM").2, [""; 0]);
}

#[test]
fn over_tls_with_a_certificate_of_ones_own() {
    let home = home();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let (chain, key) = (home.file("chain.pem", &certificate.pem()), home.file("key.pem", &key.serialize_pem()));
    let listener = listen(&home, &["--tls-cert", &chain, "--tls-key", &key]);
    // Who does not speak TLS is not heard.
    let plain = says(listener.address, &github(&listener.path("hooks"), "d-1", "push", "{}").bytes());
    assert!(!plain.contains("HTTP/1.1 2"), "{plain}");
    drop(listener);
    does_not_listen(&home, &["--tls-cert", &key, "--tls-key", &key]).fails(2, "certificate_unusable");
    does_not_listen(&home, &["--tls-cert", &chain, "--tls-key", "/nonexistent"]).fails(1, "file_not_found");
    let output = does_not_listen(&home, &["--tls-cert", &chain]).exits(2);
    assert_eq!(output.error()["code"], "usage");
}

#[test]
fn health_always_and_metrics_on_request() {
    let home = home();
    let listener = listen(&home, &["--metrics"]);
    assert!(says(listener.address, b"GET /healthz HTTP/1.0\r\n\r\n").ends_with("ok\n"));
    assert_eq!(listener.github("d-1", "push", "{}"), 202);
    assert_eq!(listener.ids(1), ["d-1"]);
    let metrics = says(listener.address, b"GET /metrics HTTP/1.0\r\n\r\n");
    assert!(metrics.contains("connect_webhook_requests_total{status=\"202\"} 1\n"), "{metrics}");
    assert!(metrics.contains("connect_webhook_spool_deliveries "), "{metrics}");
    assert!(!metrics.contains(&listener.path("hooks")[7..]), "addresses are nobody's business");
}

/// Whoever asks twice does not wait for what is being handed on; and it is not lost by that.
#[test]
fn asked_twice_it_ends_at_once() {
    let (home, target) = (home(), Target::start());
    let listener = Listener::begins(home.connect([
        "webhook",
        "listen",
        "--json",
        "--addr",
        "127.0.0.1:0",
        "--forward",
        &target.url,
    ]));
    assert_eq!(listener.github("d-1", "push", "{}"), 202);
    // It is under way, and nobody answers.
    let _ = target.next();
    listener.signal("-INT");
    let address = listener.address;
    while TcpStream::connect(address).is_ok() {}
    let (code, lines, told) = listener.stops("-INT");
    assert_eq!((code, lines.len()), (Some(130), 0));
    let words = "interrupted; what was accepted and not handed on is kept for the next run";
    assert!(told.last().is_some_and(|line| line.contains(words)), "{told:?}");
    target.answers(&[200, 200]);
    assert_eq!(listen(&home, &["--forward", &target.url]).ids(1), ["d-1"]);
}
