//! Forges that really deliver: the sandbox's GitHub and GitLab, with their own headers, repetitions and redeliveries.

use std::io::Write as _;
use std::net::TcpStream;

use forge_sandbox::Sandbox;
use serde_json::{Value, json};

use super::{Listener, SECRET, SIGNING, answer, home, listen, receives, status};
use crate::support::forges::built;
use crate::support::{Home, world};

const REPOSITORY: &str = "agility-game/home-assistant-community-store";
const PROJECT: &str = "agility-game%2Fhome-assistant%2Fdashboard";

/// A call of a forge's API: the status and the document.
fn api(base: &str, token: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let url: url::Url = format!("{base}{path}").parse().unwrap();
    let body = body.to_string();
    let mut stream = TcpStream::connect(url.socket_addrs(|| None).unwrap()[0]).unwrap();
    let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    write!(
        stream,
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nUser-Agent: test\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let answer = answer(stream);
    let document = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status(&answer), serde_json::from_str(document).unwrap_or_default())
}

fn github(world: &Sandbox, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let path = format!("/repos/{REPOSITORY}/hooks{path}");
    api(&world.github_api_url(), &world.github_token("classic"), method, &path, body)
}

fn gitlab(world: &Sandbox, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let path = format!("/projects/{PROJECT}/hooks{path}");
    api(&world.gitlab_api_url(), &world.gitlab_token("api"), method, &path, body)
}

fn url(listener: &Listener, connection: &str) -> String {
    format!("http://{}{}", listener.address, listener.path(connection))
}

#[test]
fn github_delivers_json_and_forms_and_redelivers() {
    let (world, home) = (world(), home());
    let listener = listen(&home, &[]);
    let mut ids = Vec::new();
    for (kind, events) in [("json", "push"), ("form", "issues")] {
        let config = json!({ "url": url(&listener, "hooks"), "content_type": kind, "secret": SECRET });
        let hook = json!({ "name": "web", "active": true, "events": [events], "config": config });
        let (made, hook) = github(&world, "POST", "", &hook);
        assert_eq!(made, 201, "{hook}");
        world.settle();
        let ping = listener.next();
        assert_eq!([&ping["event"], &ping["repository"], &ping["forge"]], ["ping", REPOSITORY, "github"]);
        assert_eq!(ping["body"]["hook_id"], hook["id"], "{kind}");
        ids.push(hook["id"].as_u64().unwrap());
        // The same again, as from the web page: acknowledged, and dropped.
        let (_, deliveries) = github(&world, "GET", &format!("/{}/deliveries", hook["id"]), &json!({}));
        assert_eq!([&deliveries[0]["status_code"], &deliveries[0]["guid"]], [&json!(202), &ping["id"]]);
        let again = format!("/{}/deliveries/{}/attempts", hook["id"], deliveries[0]["id"]);
        assert_eq!(github(&world, "POST", &again, &json!({})).0, 202);
        world.settle();
        let (_, deliveries) = github(&world, "GET", &format!("/{}/deliveries", hook["id"]), &json!({}));
        assert_eq!([&deliveries[0]["status_code"], &deliveries[0]["redelivery"]], [&json!(200), &json!(true)]);
    }
    assert_eq!(listener.stops("-TERM").1, [""; 0]);
}

#[test]
fn github_is_refused_where_its_secret_is_another() {
    let (world, home) = (world(), home());
    let listener = listen(&home, &[]);
    let config =
        json!({ "url": url(&listener, "hooks"), "content_type": "json", "secret": "not the secret that is kept" });
    let (_, hook) = github(&world, "POST", "", &json!({ "name": "web", "events": ["push"], "config": config }));
    world.settle();
    assert!(listener.warning().1.contains("does not fit the secret"));
    let (_, hook) = github(&world, "GET", &format!("/{}", hook["id"]), &json!({}));
    assert_eq!(hook["last_response"]["code"], 401);
}

#[test]
fn gitlab_delivers_signed_and_resends() {
    let (world, home) = (built(Sandbox::builder()), Home::new());
    receives(&home, "gitlab", "signed", SIGNING);
    receives(&home, "gitlab", "plain", "a-plain-token-of-gitlabs");
    let listener = listen(&home, &[]);
    for (connection, name, secret) in
        [("signed", "signing_token", SIGNING), ("plain", "token", "a-plain-token-of-gitlabs")]
    {
        let hook = json!({ "url": url(&listener, connection), name: secret, "push_events": true });
        let (made, hook) = gitlab(&world, "POST", "", &hook);
        assert_eq!(made, 201, "{hook}");
        let (tried, answer) = gitlab(&world, "POST", &format!("/{}/test/push_events", hook["id"]), &json!({}));
        assert_eq!(tried, 201, "{answer}");
        let delivery = listener.next();
        assert_eq!([&delivery["event"], &delivery["connection"], &delivery["forge"]], ["push", connection, "gitlab"]);
        assert_eq!(delivery["repository"], PROJECT.replace("%2F", "/"));
        let (_, events) = gitlab(&world, "GET", &format!("/{}/events", hook["id"]), &json!({}));
        assert_eq!(events[0]["response_status"], "202", "{events}");
        let again = format!("/{}/events/{}/resend", hook["id"], events[0]["id"]);
        let (resent, answer) = gitlab(&world, "POST", &again, &json!({}));
        assert_eq!((resent, &answer["response_status"]), (201, &json!(200)));
    }
    assert_eq!(listener.stops("-TERM").1, [""; 0]);
}
