//! Rotations at GitLab: what is counted, what kills a family, what goes wrong when a test says so.

use std::time::Duration;

use forge_sandbox::{Builder, Fault, GitlabSeed, GitlabTokenSeed, ReadyMade, Sandbox, Seed};
use serde_json::{Value, json};

use crate::client::{Seen, client, get as get_url};
use crate::lab::{get, post};

const SELF: &str = "/personal_access_tokens/self";
const ROTATE: &str = "/personal_access_tokens/self/rotate";
const GROUP_TOKENS: &str = "/groups/agility-game%2Fhome-assistant/access_tokens";

/// A rotation with a token that is spelled out.
async fn rotate(sandbox: &Sandbox, token: &str) -> Result<Seen, reqwest::Error> {
    let url = format!("{}{ROTATE}", sandbox.gitlab_api_url());
    Ok(Seen::of(client().post(url).bearer_auth(token).send().await?).await)
}

fn at_noon() -> Builder {
    Sandbox::builder().now("2026-11-21T12:00:00Z".parse().unwrap())
}

#[tokio::test]
async fn every_call_is_counted_and_a_second_one_kills_the_family() {
    let sandbox = Sandbox::start();
    let first = sandbox.gitlab_token("api");
    assert_eq!(rotate(&sandbox, &first).await.unwrap().status, 200);
    let family = sandbox.family("api");
    assert_eq!((family.calls, family.rotated, family.alive.len(), family.killed), (1, 1, 1, false));
    assert_eq!(sandbox.family(&first), family, "by whichever token");
    let second = sandbox.gitlab_token("api");
    assert_eq!(get_url(&format!("{}{SELF}", sandbox.gitlab_api_url()), &first).await.status, 401);
    assert!(sandbox.is_alive_gitlab(&second), "looking does no harm");

    assert_eq!(rotate(&sandbox, &first).await.unwrap().status, 401);
    let family = sandbox.family("api");
    assert_eq!((family.calls, family.rotated, family.killed), (2, 1, true));
    assert_eq!((family.alive.as_slice(), family.tokens.len()), ([].as_slice(), 2));
    assert!(!sandbox.is_alive_gitlab(&second));
    let rotations = sandbox.rotations();
    assert_eq!((rotations[0].became, rotations[0].status), (Some(family.tokens[1]), Some(200)));
    assert_eq!((rotations[1].killed, rotations[1].status), (Some(family.id), Some(401)));
    assert_eq!(sandbox.family("developer").calls, 0);

    let admin = sandbox.admin_url();
    assert_eq!(get_url(&format!("{admin}/rotations"), "").await.json(), json!(rotations));
    assert_eq!(get_url(&format!("{admin}/families/api"), "").await.json(), json!(family));
    assert_eq!(get_url(&format!("{admin}/families/nobody"), "").await.status, 400);
}

#[tokio::test]
async fn theft_was_not_known_before_16_3() {
    let sandbox = Sandbox::builder().gitlab_version("16.2").start().unwrap();
    let old = sandbox.gitlab_token("api");
    let id = get(&sandbox, SELF, "api").await.json()["id"].clone();
    let path = format!("/personal_access_tokens/{id}/rotate");
    assert_eq!(post(&sandbox, &path, "api", json!({ "expires_at": "2030-01-01" })).await.status, 200, "no date yet");
    let url = format!("{}{path}", sandbox.gitlab_api_url());
    assert_eq!(client().post(url).bearer_auth(&old).send().await.unwrap().status(), 401);
    assert!(sandbox.is_alive_gitlab("api"));
    let older = Sandbox::builder().gitlab_version("15.11").start().unwrap();
    let unknown = post(&older, &path, "api", Value::Null).await;
    assert_eq!((unknown.status, unknown.json()), (404, json!({ "error": "404 Not Found" })));
}

#[tokio::test]
async fn a_date_beyond_the_limit_leaves_the_old_token_working() {
    let refused = async |sandbox: &Sandbox, date: &str| {
        let old = sandbox.gitlab_token("api");
        let answer = post(sandbox, ROTATE, "api", json!({ "expires_at": date })).await;
        assert_eq!(sandbox.is_alive_gitlab(&old), answer.status == 400, "{}", answer.body);
        (answer.status, answer.json()["message"].as_str().unwrap_or_default().to_owned())
    };
    let (usual, buffered, strict) = (at_noon(), at_noon().buffered_expiry(true), at_noon().token_lifetime(30));
    let older = at_noon().buffered_expiry(true).gitlab_version("17.5").start().unwrap();
    let (usual, buffered, strict) = (usual.start().unwrap(), buffered.start().unwrap(), strict.start().unwrap());
    let words = |date: &str| (400, format!("400 Bad request - Expiration date must be before {date}"));
    assert_eq!(refused(&usual, "2027-11-22").await, words("2027-11-21"));
    assert_eq!(refused(&older, "2027-12-26").await, words("2027-11-21"));
    assert_eq!(refused(&strict, "2026-12-22").await, words("2026-12-21"));
    assert_eq!(refused(&buffered, "2027-12-27").await, words("2027-12-26"));
    assert_eq!(refused(&buffered, "2027-12-26").await.0, 200);
    assert_eq!(refused(&strict, "2026-12-21").await.0, 200);

    let modern = Sandbox::builder().fine_grained_only(true).start().unwrap();
    let legacy = post(&modern, ROTATE, "api", Value::Null).await;
    let said =
        "400 Bad request - Rotation of legacy personal access tokens is disabled. Use a fine-grained token instead.";
    assert_eq!((legacy.status, legacy.json()), (400, json!({ "message": said })));
    assert!(modern.is_alive_gitlab("api"));
    for token in ["granular-self", "project-bot"] {
        assert_eq!(post(&modern, ROTATE, token, Value::Null).await.status, 200, "{token}");
    }
}

#[tokio::test]
async fn a_groups_token_rotates_itself_or_is_rotated_by_an_owner() {
    let sandbox = at_noon().start().unwrap();
    let id = sandbox.family("group-bot").id;
    let by_id = format!("{GROUP_TOKENS}/{id}/rotate");
    assert_eq!(post(&sandbox, &by_id, "api", Value::Null).await.status, 401, "a maintainer does not own it");
    let rotated = post(&sandbox, &by_id, "admin", json!({ "expires_at": "2027-01-01" })).await.json();
    assert_eq!((&rotated["expires_at"], &rotated["access_level"]), (&json!("2027-01-01"), &json!(40)));
    let own = format!("{GROUP_TOKENS}/self/rotate");
    assert_eq!(post(&sandbox, &own, "group-bot", Value::Null).await.status, 200);
    assert_eq!(post(&sandbox, &own, "project-bot", Value::Null).await.status, 405, "a token of something else");
    assert_eq!(post(&sandbox, &own, "admin", Value::Null).await.status, 405);
    assert_eq!((sandbox.family("group-bot").calls, sandbox.family("group-bot").rotated), (3, 2));
    let older = Sandbox::builder().gitlab_version("17.8").start().unwrap();
    assert_eq!(post(&older, &own, "group-bot", Value::Null).await.status, 401, "no token has the number `self`");

    let made = post(&sandbox, GROUP_TOKENS, "admin", json!({ "name": "ci", "scopes": ["api", "self_rotate"] })).await;
    assert_eq!((made.status, made.json()["token"].as_str()), (201, Some(sandbox.gitlab_token("ci").as_str())));
    let absent = crate::lab::delete(&sandbox, &format!("{GROUP_TOKENS}/99999"), "admin").await;
    assert_eq!(absent.json()["message"], "404 group Access Token Not Found");
}

#[tokio::test]
async fn a_cut_connection_is_a_call_all_the_same() {
    let sandbox = Sandbox::start();
    let cut = Fault::gitlab().rotation().once();
    let lost = async |fault: Fault| {
        sandbox.fault(fault);
        let token = sandbox.gitlab_token("api");
        assert!(rotate(&sandbox, &token).await.is_err());
        token
    };
    let old = lost(cut.clone().drop_before_work()).await;
    assert!(sandbox.is_alive_gitlab(&old));
    assert_eq!((sandbox.family("api").calls, sandbox.family("api").rotated), (1, 0));
    lost(cut.clone().drop_after_work()).await;
    assert_eq!((sandbox.family("api").calls, sandbox.family("api").rotated), (2, 1));
    let old = lost(cut.drop_during_work(Duration::from_millis(20))).await;
    sandbox.settle();
    assert!(!sandbox.is_alive_gitlab(&old), "it was done after all");
    let family = sandbox.family("api");
    assert_eq!((family.calls, family.rotated, family.alive.len(), family.killed), (3, 2, 1, false));
    assert!(sandbox.rotations().iter().all(|it| it.status.is_none()));
}

#[tokio::test]
async fn answers_that_do_not_tell_the_token() {
    let sandbox = Sandbox::start();
    let fault = Fault::gitlab().rotation().token("api").once();
    sandbox.fault(fault.clone().wrong_token());
    let told = rotate(&sandbox, &sandbox.gitlab_token("api")).await.unwrap().json()["token"].clone();
    let works = sandbox.gitlab_token("api");
    assert!(told != works.as_str() && told.as_str().unwrap().len() == works.len());
    assert!(told.as_str().unwrap().starts_with("glpat-"));
    assert_eq!(get_url(&format!("{}{SELF}", sandbox.gitlab_api_url()), told.as_str().unwrap()).await.status, 401);

    sandbox.fault(fault.clone().half_body());
    let url = format!("{}{ROTATE}", sandbox.gitlab_api_url());
    let half = client().post(url).bearer_auth(&works).send().await.unwrap();
    assert!(half.text().await.is_err());
    assert!(!sandbox.is_alive_gitlab(&works));
    let refusals = [
        (ReadyMade::ExpiryTooFar, 400),
        (ReadyMade::LegacyRotationDisabled, 400),
        (ReadyMade::InsufficientScope, 403),
        (ReadyMade::RetryLater, 429),
        (ReadyMade::InternalServerError, 500),
    ];
    let token = sandbox.gitlab_token("api");
    for (name, status) in refusals {
        sandbox.fault(fault.clone().ready_made(name));
        assert_eq!(get(&sandbox, SELF, "api").await.status, 200, "for rotations alone");
        assert_eq!(rotate(&sandbox, &token).await.unwrap().status, status);
        assert!(sandbox.is_alive_gitlab(&token), "{name:?}");
    }
}

#[tokio::test]
async fn a_thousand_tokens_of_one_user() {
    let bulk = GitlabTokenSeed { count: Some(1_000), ..GitlabTokenSeed::classic("bulk", &["api"]) };
    let in_project = GitlabTokenSeed {
        kind: forge_sandbox::GitlabTokenKind::Project,
        place: Some("agility-game/home-assistant/dashboard".into()),
        ..GitlabTokenSeed::classic("seeded", &["api"])
    };
    let gitlab = GitlabSeed { tokens: vec![bulk, in_project], ..Default::default() };
    let seed = Seed { gitlab, ..Default::default() };
    let sandbox = Sandbox::builder().seed(seed).rate_limits(false).start().unwrap();
    for name in ["bulk-1", "bulk-1000"] {
        assert_eq!(rotate(&sandbox, &sandbox.gitlab_token(name)).await.unwrap().status, 200);
    }
    assert_eq!((sandbox.rotations().len(), sandbox.family("bulk-500").calls), (2, 0));
    let listed = get(&sandbox, "/projects/101/access_tokens?search=seeded", "api").await.json();
    assert_eq!(listed[0]["name"], "seeded");
}
