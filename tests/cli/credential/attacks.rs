//! What is refused: lines that another reader would read otherwise, and places that are none.

use super::{HELPER, ask, nothing};
use crate::support::{Cast as _, Home, world};

#[test]
fn questions_that_are_refused() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    let token = world.github_token("classic");
    let long = format!("protocol=https\nhost=github.com\nwwwauth[]={}\n\n", "a".repeat(65_535));
    let bytes: &[(&str, &[u8])] = &[
        ("a carriage return", b"protocol=https\nhost=github.com\rhost=evil.example\n\n"),
        ("a carriage return at the end", b"protocol=https\r\nhost=github.com\r\n\r\n"),
        ("a NUL", b"protocol=https\nhost=github.com\0.evil.example\n\n"),
        ("a line break in a URL", b"url=https://github.com%0ahost=evil.example\n\n"),
        ("a carriage return in a URL", b"url=https://github.com%0d/x\n\n"),
        ("no attribute", b"protocol=https\nhost\n\n"),
        ("not UTF-8", b"protocol=https\nhost=github.com\nusername=\xff\n\n"),
        ("no protocol", b"host=github.com\n\n"),
        ("an empty protocol", b"protocol=\nhost=github.com\n\n"),
        ("no host", b"protocol=https\n\n"),
        ("an empty host", b"protocol=https\nhost=\n\n"),
        ("a URL without a host", b"url=https:///github.com\n\n"),
        ("no URL", b"url=github.com\n\n"),
        ("a host with a path", b"protocol=https\nhost=github.com/x\n\n"),
        ("a host with a user", b"protocol=https\nhost=github.com@evil.example\n\n"),
        ("nothing", b"\n"),
        ("a long line", long.as_bytes()),
    ];
    for (what, bytes) in bytes {
        for operation in ["get", "store", "erase"] {
            let output = home.connect([operation]).program(HELPER).stdin(bytes).ends();
            assert_eq!(output.stdout(), "", "{operation}: {what}");
            let said = output.stderr();
            assert!(said.starts_with("connect: ") && said.lines().count() == 1, "{operation}: {what}: {said}");
            output.never_says(&token);
        }
    }
    let output = home.connect(["get"]).program(HELPER).stdin(bytes[0].1).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 1
    --- stderr
    connect: what git asks does not read: a line has a carriage return or a NUL in it
    ");
    let output = home.connect(["get"]).program(HELPER).stdin(bytes[7].1).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 2
    --- stderr
    connect: what git asks names no place: the protocol is missing; git says `protocol` and `host`; by hand, `url=https://…`
    ");
}

#[test]
fn a_line_as_long_as_git_allows() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    // With its line break it has 65,535 bytes.
    let longest = format!("wwwauth[]={}", "a".repeat(65_535 - 1 - "wwwauth[]=".len()));
    let output = ask(&home, "get", &["protocol=https", &longest, "host=github.com"]).ends().succeeds();
    assert!(output.stdout().contains(&world.github_token("classic")));
    // A reader with a small buffer would take its end for another attribute.
    let hidden = format!("wwwauth[]=basic realm={}host=github.com", "a".repeat(1024 - 23));
    nothing(&home, &["protocol=https", "host=evil.example", &hidden]);
    nothing(&home, &["protocol=https", "host=evil.example", "wwwauth[]=Basic host=github.com"]);
    // Too much of everything is read by nobody.
    let many: Vec<String> = (0..40).map(|_| longest.clone()).collect();
    let lines = format!("protocol=https\nhost=github.com\n{}\n\n", many.join("\n"));
    let output = home.connect(["get"]).program(HELPER).stdin(lines).ends();
    assert!(output.stdout().is_empty() && output.stderr().starts_with("connect: "), "{}", output.shown());
}

#[test]
fn what_a_server_says_in_latin_1_is_no_reason_to_be_silent() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    let question: &[u8] = b"capability[]=state\nprotocol=https\nhost=github.com\n\
        wwwauth[]=Basic realm=\"Zugang f\xfcr Entwickler\"\nstate[]=other:\xff\n\n";
    let output = home.connect(["get"]).program(HELPER).stdin(question).ends().succeeds();
    assert_eq!(output.stderr(), "");
    assert!(output.stdout().contains(&world.github_token("classic")), "{}", output.shown());
}

#[test]
fn a_submodule_on_another_host_gets_nothing() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    for url in [
        "https://evil.example/octocat/Hello-World.git",
        "https://github.com@evil.example/x",
        "https://evil.example/https://github.com/x",
        "https://evil.example?github.com",
        "https://evil.example#github.com",
        "http://github.com/octocat/Hello-World.git",
    ] {
        nothing(&home, &[&format!("url={url}")]);
    }
}

#[test]
fn an_old_question_is_not_mixed_with_a_url() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    // What the URL does not name is not set any more; what comes after it is.
    nothing(&home, &["username=octocat", "protocol=https", "host=github.com", "url=https://evil.example/x"]);
    let output = ask(&home, "get", &["username=mona", "url=https://github.com/x"]).ends().succeeds();
    assert!(output.stdout().starts_with("username=octocat\n"));
}
