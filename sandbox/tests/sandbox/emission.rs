//! Events that happen because a test says so.

use crate::client::{Seen, client};
use crate::lab::{DASHBOARD, post};
use crate::listener::Listener;
use forge_sandbox::{Emit, Forge, Sandbox};
use serde_json::{Value, json};

const STORE: &str = "agility-game/home-assistant-community-store";
const PROJECT: &str = "agility-game/home-assistant/dashboard";

/// Makes a hook at GitHub, of the repository or the organisation, and tells its number.
async fn make(sandbox: &Sandbox, place: &str, url: &str, events: Value) -> u64 {
    let body =
        json!({ "name": "web", "events": events, "config": { "url": url, "content_type": "json", "secret": "s" } });
    let request = client().post(format!("{}/{place}/hooks", sandbox.github_api_url()));
    let made = Seen::of(request.bearer_auth(sandbox.github_token("classic")).json(&body).send().await.unwrap()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    sandbox.settle();
    made.json()["id"].as_u64().unwrap()
}

async fn admin(sandbox: &Sandbox, path: &str, body: Value) -> Seen {
    Seen::of(client().post(format!("{}{path}", sandbox.admin_url())).json(&body).send().await.unwrap()).await
}

#[tokio::test]
async fn what_a_test_says_goes_in_front_of_what_the_event_says() {
    let (sandbox, listener) = (Sandbox::start(), Listener::start());
    let hook = make(&sandbox, &format!("repos/{STORE}"), &listener.url, json!(["issues", "push"])).await;
    let emission = sandbox.emit_github(STORE, "issues", json!({ "action": "opened", "issue": { "number": 7 } }));
    let told = emission.wait();
    assert_eq!((told[0].hook, told[0].event.as_str(), told[0].status), (hook, "issues", Some(200)));
    let taken = listener.last();
    assert_eq!(taken.header("x-github-delivery"), Some(emission.ids()[0].as_str()));
    let body = taken.json();
    assert_eq!((&body["action"], &body["issue"]["number"]), (&json!("opened"), &json!(7)));
    assert_eq!((&body["repository"]["full_name"], &body["sender"]["login"]), (&json!(STORE), &json!("octocat")));
    assert_eq!(sandbox.emit_github(STORE, "push", json!({ "ref": "refs/heads/x" })).wait().len(), 1);
    let push = listener.last().json();
    assert_eq!((&push["ref"], push["commits"].as_array().unwrap().len()), (&json!("refs/heads/x"), 1));
    assert!(sandbox.emit_github(STORE, "star", Value::Null).is_empty(), "no hook wants it");

    let emit = Emit { payload: json!([1, "🐕"]), as_is: true, ..Emit::new(Forge::GitHub, STORE, "issues") };
    assert_eq!(sandbox.emit(&emit).wait().len(), 1);
    assert_eq!(listener.last().body, "[1,\"🐕\"]".as_bytes());
    let events: Vec<String> = sandbox.deliveries(Forge::GitHub, hook).into_iter().map(|it| it.event).collect();
    assert_eq!(events, ["ping", "issues", "push", "issues"]);
}

#[tokio::test]
async fn an_organisation_hears_alone_or_with_its_repository() {
    let (sandbox, here, above) = (Sandbox::start(), Listener::start(), Listener::start());
    make(&sandbox, &format!("repos/{STORE}"), &here.url, json!(["*"])).await;
    make(&sandbox, "orgs/agility-game", &above.url, json!(["*"])).await;
    assert_eq!(sandbox.emit_github(STORE, "quantum", Value::Null).wait().len(), 2, "new names come without notice");
    assert_eq!(sandbox.emit_github("agility-game", "team", json!({ "action": "created" })).wait().len(), 1);
    assert_eq!(here.events(), ["ping", "quantum"]);
    assert_eq!(above.events(), ["ping", "quantum", "team"]);
    assert_eq!(above.last().json()["organization"]["login"], "agility-game");
}

#[tokio::test]
async fn a_thousand_go_out_in_one_call() {
    let sandbox = Sandbox::builder().deliveries_at_once(4).start().unwrap();
    let listener = Listener::start();
    let hook = make(&sandbox, &format!("repos/{STORE}"), &listener.url, json!(["issues"])).await;
    let emission = sandbox.emit(&Emit { times: 1000, ..Emit::new(Forge::GitHub, STORE, "issues") });
    assert_eq!(emission.len(), 1000);
    let told = emission.wait();
    assert!(told.iter().all(|it| it.status == Some(200)));
    let mut arrived: Vec<String> =
        listener.taken().iter().skip(1).map(|it| it.header("x-github-delivery").unwrap().to_owned()).collect();
    let mut posted = emission.ids();
    arrived.sort();
    posted.sort();
    assert_eq!(arrived, posted, "each once, under a number of its own");
    assert_eq!(sandbox.deliveries(Forge::GitHub, hook).len(), 1001);
}

#[tokio::test]
async fn what_is_too_large_is_not_sent() {
    let (sandbox, listener) = (Sandbox::start(), Listener::start());
    make(&sandbox, &format!("repos/{STORE}"), &listener.url, json!(["issues"])).await;
    let hooks = format!("{DASHBOARD}/hooks");
    let made = post(&sandbox, &hooks, "api", json!({ "url": listener.url, "issues_events": true })).await;
    assert_eq!(made.status, 201);
    let large = json!("x".repeat(25 * 1024 * 1024));
    let emit = |forge, place| Emit { payload: large.clone(), as_is: true, ..Emit::new(forge, place, "issues") };
    assert_eq!(sandbox.emit(&emit(Forge::GitHub, STORE)).wait(), [], "nor is it in the list");
    let told = sandbox.emit(&emit(Forge::GitLab, PROJECT)).wait();
    assert_eq!((told[0].status, told[0].said.as_str()), (None, "Limit exceeded: the request is larger than 25 MB"));
    assert_eq!(listener.events(), ["ping"]);
}

#[tokio::test]
async fn a_hook_that_is_gone_hears_nothing_more() {
    let (sandbox, listener) = (Sandbox::start(), Listener::start());
    let hook = make(&sandbox, &format!("repos/{STORE}"), &listener.url, json!(["issues"])).await;
    let emission = sandbox.emit(&Emit { times: 5000, ..Emit::new(Forge::GitHub, STORE, "issues") });
    let request = client().delete(format!("{}/repos/{STORE}/hooks/{hook}", sandbox.github_api_url()));
    let gone = request.bearer_auth(sandbox.github_token("classic")).send().await.unwrap();
    assert_eq!((gone.status().as_u16(), emission.wait()), (204, Vec::new()));
    assert!(listener.taken().len() < 5000);
}

#[tokio::test]
async fn a_shell_can_do_it() {
    let (sandbox, listener) = (Sandbox::start(), Listener::start());
    let made = post(&sandbox, &format!("{DASHBOARD}/hooks"), "api", json!({ "url": listener.url })).await.json();
    let body = json!({ "forge": "gitlab", "place": PROJECT, "event": "push", "times": 3 });
    let posted = admin(&sandbox, "/emit", body).await;
    assert_eq!((posted.status, &posted.json()["posted"]), (202, &json!(3)));
    assert_eq!(admin(&sandbox, "/settle", Value::Null).await.status, 204);
    let url = format!("{}/deliveries/gitlab/{}", sandbox.admin_url(), made["id"]);
    let told = Seen::of(client().get(url).send().await.unwrap()).await.json();
    assert_eq!(told.as_array().unwrap().len(), 3);
    assert_eq!((&told[0]["status"], &told[0]["id"]), (&json!(200), &posted.json()["ids"][0]));
    assert_eq!(listener.taken().len(), 3);
    let nowhere = admin(&sandbox, "/emit", json!({ "forge": "github", "place": "no/where", "event": "push" })).await;
    assert_eq!(
        (nowhere.status, &nowhere.json()["error"]),
        (400, &json!("GitHub has no repository and no organisation `no/where`"))
    );
}
