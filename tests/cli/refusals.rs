//! Every refusal that a forge may give: each has a code of its own, an exit code and a next step.

use forge_sandbox::{Fault, ReadyMade, Sandbox};

use crate::support::{Cast as _, Home, world};

/// A refusal, the exit code, the error code, and a word of the next step.
type Case = (ReadyMade, i32, &'static str, &'static str);

const GITHUB: &[Case] = &[
    (ReadyMade::SsoRequired, 5, "sso_required", "Configure SSO"),
    (ReadyMade::ClassicForbidden, 5, "classic_token_forbidden", "connect new-token github"),
    (ReadyMade::LifetimePolicy, 5, "lifetime_policy", "https://github.com/settings/personal-access-tokens/12885303"),
    (ReadyMade::IpAllowList, 5, "ip_not_allowed", "network"),
    (ReadyMade::LoginLocked, 7, "login_locked_out", "wait"),
    (ReadyMade::NotAccessibleByToken, 5, "missing_permission", "https://github.com/settings/personal-access-tokens"),
    (ReadyMade::AdminRightsRequired, 5, "role_too_low", "role"),
    (ReadyMade::PrimaryRateLimit, 7, "rate_limited", "it ends at 20"),
    (ReadyMade::SecondaryRateLimit, 7, "rate_limited", "it ends at 20"),
    (ReadyMade::Unavailable, 7, "server_error", "https://www.githubstatus.com"),
    (ReadyMade::ServerError, 7, "server_error", "https://www.githubstatus.com"),
];

const GITLAB: &[Case] = &[
    (ReadyMade::UserBlocked, 5, "account_blocked", "administrator"),
    (ReadyMade::TermsNotAccepted, 5, "terms_not_accepted", "browser"),
    (ReadyMade::IpRestricted, 5, "ip_not_allowed", "network"),
    (ReadyMade::InsufficientScope, 5, "missing_scope", "api"),
    (ReadyMade::RequestedTooManyTimes, 7, "rate_limited", "wait"),
    (ReadyMade::BadGateway, 7, "server_error", "try again later"),
    (ReadyMade::DpopRequired, 5, "dpop_required", "DPoP"),
];

fn held_to(cases: &[Case], kind: &str, call: impl Fn(&Home, &Sandbox) -> crate::support::call::Call) {
    let world = world();
    for (refusal, exit, code, step) in cases {
        let home = Home::new();
        let before = home.contents();
        world.clear_faults();
        let fault = if kind == "github" { Fault::github() } else { Fault::gitlab() };
        world.fault(fault.ready_made(*refusal));
        let error = call(&home, &world).with(["--timeout", "5"]).json().fails(*exit, code);
        let hint = error["hint"].as_str().unwrap_or_default();
        assert!(hint.contains(step), "{refusal:?}: {error}");
        assert_eq!(home.contents(), before, "{refusal:?}");
    }
}

#[test]
fn github_refuses() {
    held_to(GITHUB, "github", |home, world| home.dotcom(world, "classic"));
}

#[test]
fn gitlab_refuses() {
    // Asked without credentials, a GitLab that answers like this is still a GitLab.
    held_to(GITLAB, "gitlab", |home, world| home.gitlab(world, "api"));
}

#[test]
fn a_fine_grained_token_that_may_say_nothing_is_valid_all_the_same() {
    let (home, world) = (Home::new(), world());
    world.fault(Fault::gitlab().ready_made(ReadyMade::InsufficientGranularScope));
    let record = home.gitlab(&world, "granular").json().succeeds().document();
    assert_eq!(record["token"]["health"], "limited");
    assert_eq!(record["account"], serde_json::json!(null));
}

#[test]
fn a_limit_that_ends_soon_is_waited_for() {
    let world = world();
    world.fault(Fault::github().path("/user").once().ready_made(ReadyMade::SecondaryRateLimitBriefly));
    Home::new().dotcom(&world, "classic").ends().succeeds().never_says("too many");
    world.fault(Fault::gitlab().path("/user").once().ready_made(ReadyMade::RetryLater));
    Home::new().gitlab(&world, "api").ends().succeeds().never_says("too many");
}

#[test]
fn a_bad_gateway_is_asked_again() {
    let world = world();
    world.fault(Fault::github().path("/user").times(2).ready_made(ReadyMade::ServerError));
    Home::new().dotcom(&world, "classic").ends().succeeds().never_says("server");
    let asked = world.requests().iter().filter(|seen| seen.path == "/user").count();
    assert_eq!(asked, 3);
}

#[test]
fn a_dead_token_is_asked_about_once() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "revoked").json().fails(4, "bad_credentials");
    let asked = world.requests().iter().filter(|seen| seen.path == "/user").count();
    assert_eq!(asked, 1, "each bad token in a row brings the lock-out nearer");
}

#[test]
fn answers_that_are_no_refusal_by_name() {
    let world = world();
    for (status, body, exit, code) in [
        (401, r#"{"message":"Must specify two-factor authentication OTP code."}"#, 4, "otp_required"),
        (451, r#"{"message":"Repository access blocked"}"#, 5, "legal_reasons"),
        (400, r#"{"message":"Problems parsing JSON"}"#, 1, "invalid_request"),
        (500, "", 7, "server_error"),
        (200, "{}", 7, "malformed_answer"),
        (200, "[1,2", 7, "malformed_answer"),
    ] {
        world.clear_faults();
        let headers = [("content-type", "application/json"), ("x-github-otp", "required; app")];
        let headers = if code == "otp_required" { &headers[..] } else { &headers[..1] };
        world.fault(Fault::github().path("/user").answer(status, headers, body));
        let home = Home::new();
        home.dotcom(&world, "classic").json().fails(exit, code);
        assert!(home.records().is_empty());
    }
}

#[test]
fn a_refusal_as_people_read_it() {
    let (home, world) = (Home::new(), world());
    world.fault(Fault::github().ready_made(ReadyMade::LifetimePolicy));
    insta::assert_snapshot!(home.dotcom(&world, "fine-grained-import").ends().shown(), @"
    exit 5
    --- stderr
    error: github.com: the token lives longer than a policy allows (The 'agility-game' organization forbids access via a fine-grained personal access tokens if the token's lifetime is greater than 366 days. Please adjust your token's lifetime at the following URL: https://github.com/settings/personal-access-tokens/12885303)
      → shorten the token's life on https://github.com/settings/personal-access-tokens/12885303
    ");
    world.fault(Fault::gitlab().ready_made(ReadyMade::TermsNotAccepted));
    insta::assert_snapshot!(home.gitlab(&world, "api").ends().shown(), @"
    exit 5
    --- stderr
    error: 127.0.0.1:PORT: the account has not accepted the terms of service (403 Forbidden - You (@maintainer) must accept the Terms of Service in order to perform this action. To accept these terms, please access GitLab from a web browser at http://localhost.)
      → sign in at 127.0.0.1:PORT in a browser and accept them
    ");
}
