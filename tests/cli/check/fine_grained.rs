//! Fine-grained tokens: what they may is tried, and only tried.

use forge_sandbox::{Fault, GithubOrganizationSeed, GithubTokenSeed, ReadyMade};

use super::*;

const HOOK: &str = "4294967289";
const ZEROS: &str = "0000000000000000000000000000000000000000";

/// Permission, what is asked for, which level it needs to be granted, and which requests tell it in a private place.
const MATRIX: &[(&str, &str, &[&str])] = &[
    ("actions", "read", &["GET /actions/artifacts"]),
    ("actions", "write", &["POST /actions/workflows/connect-check-no-such-workflow/dispatches"]),
    ("administration", "read", &["GET /actions/permissions"]),
    ("administration", "write", &["GET /rulesets/rule-suites"]),
    ("contents", "read", &["GET /commits"]),
    ("issues", "read", &["GET /issues"]),
    ("pull_requests", "read", &["GET /pulls"]),
    ("statuses", "read", &["GET /commits/0000000000000000000000000000000000000000/statuses"]),
    ("statuses", "write", &["POST /statuses/0000000000000000000000000000000000000000"]),
    ("repository_hooks", "read", &["GET /hooks"]),
    ("repository_hooks", "write", &["GET /hooks", "PATCH /hooks/4294967289"]),
];

/// Those that a public repository shows to anybody.
fn is_open(key: &str, level: &str) -> bool {
    level == "read" && !matches!(key, "repository_hooks" | "administration")
}

#[test]
fn every_permission_at_every_level_in_private_and_in_public() {
    let keys = ["actions", "administration", "contents", "issues", "pull_requests", "statuses", "repository_hooks"];
    let mut tokens = vec![fine("none", &[])];
    for key in keys {
        tokens.push(fine(&format!("{key}-read"), &[(key, "read")]));
        tokens.push(fine(&format!("{key}-write"), &[(key, "write")]));
    }
    let (home, world) = (Home::new(), world_with(tokens));
    for key in keys {
        for has in ["none", "read", "write"] {
            let name = if has == "none" { has.to_owned() } else { format!("{key}-{has}") };
            if !home.record_path(&name).exists() {
                connected(&home, &world, &name);
            }
            for (_, wanted, probes) in MATRIX.iter().filter(|(known, ..)| *known == key) {
                for repo in ["vault", "site"] {
                    world.clear_requests();
                    let enough = has == "write" || has == *wanted;
                    let open = repo == "site" && is_open(key, wanted);
                    let output = check(&home, &name, &format!("{key}={wanted}"), repo).json();
                    let case = format!("{name} for {key}={wanted} in {repo}\n{}", output.shown());
                    let document = output.document();
                    let expected = if open {
                        "unknown"
                    } else if enough {
                        "granted"
                    } else {
                        "missing"
                    };
                    assert_eq!(verdict(&document, key), expected, "{case}");
                    let (exit, allowed) = match expected {
                        "granted" => (0, Value::Bool(true)),
                        "missing" => (5, Value::Bool(false)),
                        _ => (0, Value::Null),
                    };
                    assert_eq!((output.code, &document["allowed"]), (Some(exit), &allowed), "{case}");
                    // Only what is needed is sent; after a refusal to read hooks none is written to.
                    let root = format!("/repos/acme/{repo}");
                    let mut expected = vec![format!("GET {root}")];
                    if !open {
                        let count = if has == "none" { 1 } else { probes.len() };
                        let path = |probe: &&str| probe.replacen(' ', &format!(" {root}"), 1);
                        expected.extend(probes.iter().take(count).map(path));
                    }
                    assert_eq!(sent(&world), expected, "{case}");
                }
            }
        }
    }
    nothing_written(&world);
}

#[test]
fn what_cannot_be_told_without_writing_is_unknown_and_what_cannot_even_be_read_is_missing() {
    let tokens = vec![
        fine(
            "writer",
            &[("contents", "write"), ("issues", "write"), ("pull_requests", "write"), ("workflows", "write")],
        ),
        fine("none", &[]),
    ];
    let (home, world) = (Home::new(), world_with(tokens));
    for name in ["writer", "none"] {
        connected(&home, &world, name);
    }
    for key in ["contents", "issues", "pull_requests"] {
        let ask = |name, repo| {
            let document = check(&home, name, &format!("{key}=write"), repo).json().document();
            verdict(&document, key)
        };
        assert_eq!(ask("writer", "vault"), "unknown", "{key}");
        assert_eq!(ask("none", "vault"), "missing", "{key}");
        assert_eq!((ask("writer", "site"), ask("none", "site")), ("unknown".into(), "unknown".into()), "{key}");
    }
    for (word, repo) in
        [("Workflows", "vault"), ("secrets", "vault"), ("secrets=write", "vault"), ("metadata=write", "site")]
    {
        world.clear_requests();
        let document = check(&home, "writer", word, repo).json().succeeds().document();
        assert_eq!(document["needs"][0]["verdict"], "unknown", "{word}");
        assert_eq!(sent(&world).len(), 1, "nothing is tried that tells nothing: {word}");
    }
    let document = check(&home, "none", "Metadata", "vault").json().succeeds().document();
    assert_eq!((verdict(&document, "metadata").as_str(), &document["allowed"]), ("granted", &Value::Bool(true)));
    nothing_written(&world);
}

#[test]
fn whole_tasks() {
    let import = ["actions", "contents", "issues", "repository_hooks", "workflows", "statuses"];
    let all: Vec<(&str, &str)> = import.iter().map(|key| (*key, "write")).collect();
    let (home, world) =
        (Home::new(), world_with(vec![fine("all", &all), fine("hooks", &[("repository_hooks", "write")])]));
    connected(&home, &world, "all");
    connected(&home, &world, "hooks");
    let document = check(&home, "all", "import", "vault").json().succeeds().document();
    assert_eq!(document["allowed"], Value::Null);
    for (key, expected) in [
        ("actions", "granted"),
        ("contents", "unknown"),
        ("issues", "unknown"),
        ("repository_hooks", "granted"),
        ("workflows", "unknown"),
        ("statuses", "granted"),
        ("metadata", "granted"),
        ("admin", "granted"),
    ] {
        assert_eq!(verdict(&document, key), expected, "{key}");
    }
    let document = check(&home, "hooks", "webhooks", "vault").json().succeeds().document();
    assert_eq!(document["allowed"], true);
    let document = check(&home, "hooks", "import", "vault").json().exits(5).document();
    let missing: Vec<String> =
        verdicts(&document).into_iter().filter(|(_, verdict)| verdict == "missing").map(|(name, _)| name).collect();
    assert_eq!(missing, ["actions", "contents", "issues", "statuses"]);
    assert!(document["page"].as_str().unwrap().ends_with("/settings/personal-access-tokens"));
    assert!(document["new_token"]["url"].as_str().unwrap().contains("&statuses=write"));
    // Reading what is public is everybody's.
    world.clear_requests();
    let document = check(&home, "hooks", "read", "site").json().succeeds().document();
    assert_eq!(document["allowed"], true);
    assert_eq!(verdict(&document, "contents"), "not_needed");
    assert_eq!(sent(&world), ["GET /repos/acme/site"]);
    nothing_written(&world);
}

#[test]
fn without_a_repository_nothing_is_tried() {
    let (home, world) = (Home::new(), world_with(vec![fine("all", &[("repository_hooks", "write")])]));
    connected(&home, &world, "all");
    let document = check(&home, "all", "webhooks,contents", "").json().succeeds().document();
    assert_eq!(document["allowed"], Value::Null);
    assert_eq!(
        (verdict(&document, "repository_hooks"), verdict(&document, "metadata")),
        ("unknown".into(), "granted".into())
    );
    assert!(document["needs"][0]["why"].as_str().unwrap().contains("--repo"), "{document}");
    assert!(sent(&world).is_empty());
}

/// As long as one is not answered, no other is sent.
#[test]
fn one_after_the_other() {
    let permissions =
        [("actions", "write"), ("repository_hooks", "write"), ("statuses", "write"), ("contents", "write")];
    let (home, world) = (Home::new(), world_with(vec![fine("all", &permissions)]));
    connected(&home, &world, "all");
    world.fault(Fault::github().never_answer().path(&format!("/repos/acme/vault/statuses/{ZEROS}")));
    let running =
        check(&home, "all", "statuses=write,actions=write,webhooks", "vault").with(["--timeout", "1"]).begins();
    let output = running.ends().exits(7);
    assert_eq!(sent(&world), ["GET /repos/acme/vault".to_owned(), format!("POST /repos/acme/vault/statuses/{ZEROS}")]);
    assert!(output.stdout().contains("statuses\twrite\tunknown"), "{}", output.shown());
    nothing_written(&world);
}

#[test]
fn what_goes_wrong_in_the_middle_is_never_called_missing() {
    let (home, world) = (
        Home::new(),
        world_with(vec![fine("none", &[]), fine("all", &[("repository_hooks", "write"), ("statuses", "write")])]),
    );
    for (name, fault, exit, code) in [
        ("all", ReadyMade::ServerError, 7, "server_error"),
        ("all", ReadyMade::PrimaryRateLimit, 7, "rate_limited"),
        ("all", ReadyMade::SecondaryRateLimit, 7, "rate_limited"),
        ("all", ReadyMade::LoginLocked, 7, "login_locked_out"),
        ("none", ReadyMade::Unavailable, 7, "server_error"),
    ] {
        if !home.record_path(name).exists() {
            connected(&home, &world, name);
        }
        world.clear_faults();
        world.clear_requests();
        world.fault(Fault::github().path("/repos/acme/vault/statuses").ready_made(fault));
        let output = check(&home, name, "status,webhooks", "vault").with(["--timeout", "2"]).json().exits(exit);
        let document = output.document();
        assert_eq!(verdict(&document, "statuses"), "unknown", "{fault:?}");
        assert_eq!(verdict(&document, "repository_hooks"), "unknown", "{fault:?}: nothing more is asked");
        assert_eq!((document["error"]["code"].as_str(), &document["allowed"]), (Some(code), &Value::Null), "{fault:?}");
        assert!(!sent(&world).iter().any(|request| request.contains("hooks")), "{fault:?}: {:?}", sent(&world));
        let tries = sent(&world).iter().filter(|request| request.starts_with("POST")).count();
        assert_eq!(tries, 1, "a write is never sent twice");
    }
    // What was found before stays, and is worse than the weather.
    world.clear_faults();
    world.fault(Fault::github().path("/repos/acme/vault/hooks").ready_made(ReadyMade::ServerError));
    let document = check(&home, "none", "status,webhooks", "vault").with(["--timeout", "2"]).json().exits(5).document();
    assert_eq!(
        (verdict(&document, "statuses"), verdict(&document, "repository_hooks")),
        ("missing".into(), "unknown".into())
    );
    // A token that dies in the middle.
    world.clear_faults();
    let body = r#"{"message":"Bad credentials","status":"401"}"#;
    world.fault(Fault::github().path("/repos/acme/vault/statuses").answer(
        401,
        &[("content-type", "application/json")],
        body,
    ));
    check(&home, "all", "status", "vault").json().fails(4, "bad_credentials");
    nothing_written(&world);
}

#[test]
fn answers_that_nobody_expected() {
    let (home, world) =
        (Home::new(), world_with(vec![fine("all", &[("repository_hooks", "write"), ("statuses", "write")])]));
    connected(&home, &world, "all");
    let json = ("content-type", "application/json");
    for (status, expected) in [
        (200, "unknown"),
        (201, "unknown"),
        (204, "unknown"),
        (409, "unknown"),
        (410, "unknown"),
        (418, "unknown"),
        (404, "granted"),
        (400, "granted"),
    ] {
        world.clear_faults();
        world.fault(Fault::github().path("/repos/acme/vault/statuses").answer(
            status,
            &[json],
            r#"{"message":"Other words"}"#,
        ));
        let document = check(&home, "all", "statuses=write", "vault").json().succeeds().document();
        assert_eq!(verdict(&document, "statuses"), expected, "{status}");
    }
    // A read that another permission would have allowed as well proves nothing.
    world.clear_faults();
    let accepted = ("x-accepted-github-permissions", "issues=read; pull_requests=read");
    world.fault(Fault::github().path("/repos/acme/vault/issues").answer(200, &[json, accepted], "[]"));
    let document = check(&home, "all", "issues", "vault").json().succeeds().document();
    assert_eq!(verdict(&document, "issues"), "unknown");
    // A 403 in words that are not known is no lack.
    world.clear_faults();
    world.fault(Fault::github().path("/repos/acme/vault/hooks").answer(403, &[json], r#"{"message":"Not today"}"#));
    let document = check(&home, "all", "webhooks", "vault").json().succeeds().document();
    assert_eq!(verdict(&document, "repository_hooks"), "unknown");
    assert!(document["needs"][0]["why"].as_str().unwrap().contains("Not today"), "{document}");
    // Nor is a redirect followed by a write.
    world.clear_faults();
    world.fault(
        Fault::github()
            .path(&format!("/repos/acme/vault/hooks/{HOOK}"))
            .redirect(307, &format!("{}/user", world.dotcom_api_url())),
    );
    let document = check(&home, "all", "webhooks", "vault").json().succeeds().document();
    assert_eq!(verdict(&document, "repository_hooks"), "unknown");
}

#[test]
fn refusals_are_told_apart() {
    let tokens = || vec![fine("all", &[("repository_hooks", "write"), ("statuses", "write")])];
    let policies: [(GithubOrganizationSeed, &str, &str); 3] = [
        (GithubOrganizationSeed { forbids_fine_grained: true, ..organization() }, "vault", "policy"),
        (GithubOrganizationSeed { ip_allow_list: true, ..organization() }, "vault", "policy"),
        (GithubOrganizationSeed { lifetime_limit_days: Some(30), ..organization() }, "site", "policy"),
    ];
    for (organization, repo, expected) in policies {
        let (home, world) = (Home::new(), built(acme(organization, tokens())));
        connected(&home, &world, "all");
        let document = check(&home, "all", "status,webhooks", repo).json().exits(5).document();
        for name in ["statuses", "repository_hooks"] {
            assert_eq!(verdict(&document, name), expected, "{document}");
        }
        nothing_written(&world);
    }
    // Reading a public place is allowed all the same, and the first refusal of a write is the last.
    let organization = GithubOrganizationSeed { forbids_fine_grained: true, ..organization() };
    let (home, world) = (Home::new(), built(acme(organization, tokens())));
    connected(&home, &world, "all");
    let document = check(&home, "all", "status,webhooks", "site").json().exits(5).document();
    assert_eq!(
        (verdict(&document, "statuses"), verdict(&document, "repository_hooks")),
        ("policy".into(), "policy".into())
    );
    assert_eq!(sent(&world).len(), 2, "{:?}", sent(&world));
    let sso = GithubTokenSeed { without_sso: vec!["acme".into()], ..fine("sso", &[("statuses", "write")]) };
    let (home, world) = (Home::new(), world_with(vec![sso]));
    connected(&home, &world, "sso");
    let document = check(&home, "sso", "status", "vault").json().exits(5).document();
    assert_eq!(verdict(&document, "statuses"), "sso");
    assert!(document["needs"][0]["add"].as_str().unwrap().contains("Configure SSO"), "{document}");
}

#[test]
fn the_tokens_of_apps() {
    let (home, world) = (Home::new(), crate::support::world());
    let store = "agility-game/home-assistant-community-store";
    for name in ["installation", "app-user"] {
        connected(&home, &world, name);
        let call = home.connect(["check", name, "--for", "webhooks,repo", "--repo", store]);
        let output = call.json();
        let document = output.document();
        assert_eq!(verdict(&document, "repo"), "unknown", "permissions, and no scopes: {}", output.shown());
        assert_ne!(verdict(&document, "repository_hooks"), "granted", "{}", output.shown());
        if verdict(&document, "repository_hooks") == "missing" {
            assert!(document["page"].as_str().unwrap().ends_with("/settings/installations"), "{document}");
        }
    }
    nothing_written(&world);
}
