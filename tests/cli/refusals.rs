//! Every refusal that a forge may give: each has a code of its own, an exit code and a next step.

use forge_sandbox::{Fault, ReadyMade, Sandbox};

use crate::support::call::Call;
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

/// Holds every case to its code, at once: most of the time goes by in waiting before asking again.
fn held_to(cases: &[Case], fault: fn() -> Fault, call: fn(&Home, &Sandbox) -> Call) {
    std::thread::scope(|scope| {
        for (refusal, exit, code, step) in cases {
            scope.spawn(move || {
                let (home, world) = (Home::new(), world());
                let before = home.contents();
                world.fault(fault().ready_made(*refusal));
                let error = call(&home, &world).with(["--timeout", "5"]).json().fails(*exit, code);
                let hint = error["hint"].as_str().unwrap_or_default();
                assert!(hint.contains(step), "{refusal:?}: {error}");
                assert_eq!(home.contents(), before, "{refusal:?}");
            });
        }
    });
}

#[test]
fn github_refuses() {
    held_to(GITHUB, Fault::github, |home, world| home.dotcom(world, "classic"));
}

#[test]
fn gitlab_refuses() {
    // Asked without credentials, a GitLab that answers like this is still a GitLab.
    held_to(GITLAB, Fault::gitlab, |home, world| home.gitlab(world, "api"));
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

const JSON: (&str, &str) = ("content-type", "application/json");

/// In the vendors' words, as far as they were recorded; else in their shape.
#[test]
fn github_in_other_words() {
    let sso = ("x-github-sso", "required; url=https://github.com/orgs/agility-game/sso?authorization_request=A");
    let scopes = [("x-oauth-scopes", "gist"), ("x-accepted-oauth-scopes", "repo, admin:org")];
    let fine_grained = "`agility-game` forbids access via a fine-grained personal access token.";
    let cases: [(u16, &[(&str, &str)], &str, i32, &str); 12] = [
        (
            401,
            &[("x-github-otp", "required; app")],
            "Must specify two-factor authentication OTP code.",
            4,
            "otp_required",
        ),
        (401, &[], "Requires authentication", 4, "bad_credentials"),
        (403, &[sso], "Resource protected by organization SAML enforcement.", 5, "sso_required"),
        (403, &[], fine_grained, 5, "fine_grained_token_forbidden"),
        (404, &scopes, "Not Found", 5, "missing_scope"),
        (403, &[], "Sorry. Your account was suspended.", 5, "account_blocked"),
        (403, &[], "Something new under the sun", 5, "forbidden"),
        (451, &[], "Repository access blocked", 5, "legal_reasons"),
        (410, &[], "This API version is no longer supported.", 1, "api_version_retired"),
        (400, &[], "Problems parsing JSON", 1, "invalid_request"),
        (422, &[], "Validation Failed", 1, "invalid_request"),
        (429, &[("retry-after", "90")], "You have exceeded a secondary rate limit.", 7, "rate_limited"),
    ];
    let world = world();
    for (status, headers, message, exit, code) in cases {
        world.clear_faults();
        let body = serde_json::json!({ "message": message, "status": status.to_string() }).to_string();
        let headers = [headers, &[JSON]].concat();
        world.fault(Fault::github().path("/user").answer(status, &headers, &body));
        let home = Home::new();
        home.dotcom(&world, "classic").with(["--timeout", "5"]).json().fails(exit, code);
        assert!(home.records().is_empty(), "{message}");
    }
}

#[test]
fn gitlab_in_other_words() {
    let invalid = |text: &str| serde_json::json!({ "error": "invalid_token", "error_description": text }).to_string();
    let message = |text: &str| serde_json::json!({ "message": text }).to_string();
    let impersonation = "Token is an impersonation token but impersonation was disabled.";
    let cases = [
        (401, invalid(impersonation), 5, "impersonation_disabled"),
        (401, invalid("Token is expired. You can either do re-authorization or token refresh."), 4, "token_expired"),
        (401, invalid("Token was revoked. You have to re-authorize from the user."), 4, "token_revoked"),
        (401, message("401 Unauthorized"), 4, "unknown_token"),
        (
            403,
            message("403 Forbidden - Your account is pending approval from your administrator."),
            5,
            "account_blocked",
        ),
        (403, message("403 Forbidden"), 5, "forbidden"),
    ];
    let world = world();
    for (status, body, exit, code) in cases {
        world.clear_faults();
        world.fault(Fault::gitlab().path("/user").answer(status, &[JSON], &body));
        world.fault(Fault::gitlab().path("/personal_access_tokens").answer(status, &[JSON], &body));
        world.fault(Fault::gitlab().path("/oauth").answer(status, &[JSON], &body));
        let home = Home::new();
        home.gitlab(&world, "api").json().fails(exit, code);
        assert!(home.records().is_empty(), "{body}");
    }
}

#[test]
fn answers_that_do_not_read() {
    let world = world();
    for (body, code) in [("{}", "malformed_answer"), ("[1,2", "malformed_answer"), ("", "malformed_answer")] {
        world.clear_faults();
        world.fault(Fault::github().path("/user").answer(200, &[JSON], body));
        let home = Home::new();
        home.dotcom(&world, "classic").json().fails(7, code);
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
