//! What is sent.

use forge_sandbox::Fault;
use serde_json::{Value, json};

use super::{connections, only};
use crate::support::{Home, world};

#[test]
fn a_read() {
    let (home, world) = (Home::new(), world());
    connections(&home, &world);
    let answer = home.connect(["api", "octocat@github.com", "user"]).ends().succeeds();
    assert_eq!((answer.document()["login"].as_str(), answer.stderr().as_str()), (Some("octocat"), ""));
    let seen = only(&world);
    assert_eq!((seen.method.as_str(), seen.path.as_str(), seen.query.as_str()), ("GET", "/user", ""));
    assert_eq!(seen.header("authorization"), Some(format!("Bearer {}", world.github_token("classic")).as_str()));
    assert_eq!(seen.header("x-github-api-version"), Some("2022-11-28"));
    for path in ["/user", "api/v4/user", "/api/v4/user", &format!("{}/api/v4/user", world.gitlab_url())] {
        let found = home.connect(["api", "lab", path]).ends();
        let there = path != "api/v4/user";
        assert_eq!(found.code, Some(if there { 0 } else { 3 }), "{}", found.shown());
        world.clear_requests();
    }
    // By a URL that a connection serves.
    let url = format!("{}/agility-game", world.gitlab_url());
    assert_eq!(home.connect(["api", &url, "user"]).ends().succeeds().document()["username"], "maintainer");
}

/// What a request was: method, path, query, and the body as JSON.
fn sent(arguments: &[&str]) -> (String, String, String, Value) {
    let (home, world) = (Home::new(), world());
    connections(&home, &world);
    world.fault(Fault::github().answer(200, &[("content-type", "application/json")], "{}"));
    home.connect(["api", "octocat@github.com"]).with(arguments).ends().succeeds().never_says("error");
    let seen = only(&world);
    if !seen.body.is_empty() {
        assert_eq!(seen.header("content-type"), Some("application/json"));
    }
    (seen.method.clone(), seen.path.clone(), seen.query.clone(), serde_json::from_slice(&seen.body).unwrap_or_default())
}

#[test]
fn values_go_into_the_body_or_into_the_query() {
    let call = |method: &str, path: &str, query: &str, body: Value| {
        (method.to_owned(), path.to_owned(), query.to_owned(), body)
    };
    assert_eq!(
        sent(&["repos/o/r/issues", "-f", "title=A = b", "-f", "labels[]=x", "-F", "labels[]=2", "-F", "draft=true"]),
        call("POST", "/repos/o/r/issues", "", json!({ "title": "A = b", "labels": ["x", 2], "draft": true }))
    );
    assert_eq!(
        sent(&["repos/o/r/issues?a=1", "-X", "get", "-f", "state=all & more", "-F", "page=2"]),
        call("GET", "/repos/o/r/issues", "a=1&state=all+%26+more&page=2", Value::Null)
    );
    assert_eq!(
        sent(&["repos/o/r/subscription", "-X", "DELETE"]),
        call("DELETE", "/repos/o/r/subscription", "", Value::Null)
    );
    assert_eq!(
        sent(&["graphql", "-f", "query=query($n: Int) { x }", "-F", "n=3", "-f", "operationName=x"]),
        call(
            "POST",
            "/graphql",
            "",
            json!({ "query": "query($n: Int) { x }", "operationName": "x", "variables": { "n": 3 } })
        )
    );
}

/// The GraphQL API of github.com, as a whole address: what is no part of the query is a variable there too.
#[test]
fn graphql_by_its_whole_address() {
    let (home, world) = (Home::new(), world());
    connections(&home, &world);
    world.fault(Fault::github().answer(200, &[("content-type", "application/json")], "{}"));
    let url = format!("{}/graphql", world.dotcom_api_url());
    let fields = ["-f", "query=query($n: Int) { x }", "-F", "n=3"];
    home.connect(["api", "octocat@github.com", &url]).with(fields).ends().succeeds().never_says("error");
    let body: Value = serde_json::from_slice(&only(&world).body).unwrap();
    assert_eq!(body, json!({ "query": "query($n: Int) { x }", "variables": { "n": 3 } }));
}

#[test]
fn bodies_from_files_and_pipes() {
    let (home, world) = (Home::new(), world());
    connections(&home, &world);
    world.fault(Fault::gitlab().answer(201, &[("content-type", "application/json")], "{}"));
    let file = home.file("body.json", "{\"a\": [1]}");
    let call = home.connect(["api", "lab", "projects", "--input"]);
    for call in [call.clone().with([&file]), call.clone().with(["-"]).stdin("{\"a\": [1]}")] {
        call.with(["-f", "q=1"]).ends().succeeds().never_says("error");
        let seen = only(&world);
        assert_eq!((seen.method.as_str(), seen.query.as_str()), ("POST", "q=1"));
        assert_eq!(seen.body, b"{\"a\": [1]}");
    }
    let call = home.connect(["api", "lab", "projects", "-F", "text=@-", "-F", &format!("file=@{file}")]);
    call.clone().stdin("line\n").ends().succeeds().never_says("error");
    let body: Value = serde_json::from_slice(&only(&world).body).unwrap();
    assert_eq!(body, json!({ "text": "line\n", "file": "{\"a\": [1]}" }));
    call.with(["--input", "-"]).json().fails(2, "usage");
    home.connect(["api", "lab", "x", "--input", "/nonexistent"]).json().fails(1, "file_not_found");
    assert!(world.requests().is_empty());
}

#[test]
fn headers() {
    let (home, world) = (Home::new(), world());
    connections(&home, &world);
    let call = home.connect(["api", "octocat@github.com", "user", "-H", "Accept: application/vnd.github.raw"]);
    call.with(["-H", "x-something:a:b"]).ends().succeeds().never_says("error");
    let seen = only(&world);
    let accepted: Vec<_> = seen.headers.iter().filter(|(name, _)| name == "accept").collect();
    assert_eq!(accepted.len(), 1, "{accepted:?}");
    assert_eq!(seen.header("accept"), Some("application/vnd.github.raw"));
    assert_eq!(seen.header("x-something"), Some("a:b"));
    for header in ["Authorization: Bearer x", "PRIVATE-TOKEN: x", "Host: evil.example", "no header"] {
        home.connect(["api", "octocat@github.com", "user", "-H", header]).json().fails(2, "usage");
    }
    assert!(world.requests().is_empty());
}

#[test]
fn what_is_asked_again() {
    let (home, world) = (Home::new(), world());
    connections(&home, &world);
    world.fault(Fault::github().times(1).status(502));
    home.connect(["api", "octocat@github.com", "user"]).ends().succeeds().never_says("error");
    assert_eq!(world.requests().len(), 2, "a read is");
    world.clear_requests();
    world.fault(Fault::github().times(1).status(502));
    let output = home.connect(["api", "octocat@github.com", "user", "-X", "PATCH", "-f", "bio=x", "--json"]).ends();
    assert_eq!((output.code, output.error()["code"].as_str()), (Some(7), Some("server_error")), "{}", output.shown());
    assert_eq!(world.requests().len(), 1, "and nothing else");
}

#[test]
fn usage() {
    let (home, world) = (Home::new(), world());
    connections(&home, &world);
    let call = |arguments: &[&str]| home.connect(["api", "lab", "user"]).with(arguments).json();
    call(&["-X", "TRACE"]).fails(2, "usage");
    call(&["-f", "novalue"]).fails(2, "usage");
    call(&["-f", "a[=x"]).fails(2, "not_a_key");
    call(&["-f", "a=x", "-f", "a=y"]).fails(2, "not_a_key");
    call(&["--paginate", "-f", "a=x"]).fails(2, "usage");
    call(&["--paginate", "--include"]).fails(2, "usage");
    home.connect(["api", "lab"]).json().fails(2, "usage");
    home.connect(["api", "nobody", "user"]).json().fails(3, "no_such_connection");
    home.edit_record("lab", |record| record["token"]["health"] = "revoked".into());
    call(&[]).fails(4, "token_revoked");
    assert!(world.requests().is_empty());
}
