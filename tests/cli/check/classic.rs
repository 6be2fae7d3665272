//! Classic tokens: their scopes are compared, and the repository is looked at.

use forge_sandbox::GithubOrganizationSeed;

use super::*;

#[test]
fn scopes_by_task_role_and_place() {
    let scopes: [(&str, &[&str]); 6] = [
        ("nothing", &[]),
        ("public", &["public_repo", "workflow"]),
        ("repo", &["repo"]),
        ("both", &["repo", "workflow", "read:org"]),
        ("hooks", &["admin:repo_hook"]),
        ("status", &["repo:status"]),
    ];
    let tokens = scopes.iter().map(|(name, scopes)| classic(name, "ada", scopes)).collect();
    let (home, world) = (Home::new(), world_with(tokens));
    for (name, _) in scopes {
        connected(&home, &world, name);
    }
    let cases = [
        ("both", "git", "vault", 0, "granted granted granted"),
        ("repo", "git", "vault", 5, "granted missing granted"),
        ("public", "git", "site", 0, "granted granted granted"),
        ("public", "git", "", 0, "unknown granted"),
        ("nothing", "git", "site", 5, "missing missing granted"),
        ("nothing", "git", "", 5, "missing missing"),
        ("both", "import", "vault", 0, "granted granted granted"),
        ("public", "webhooks", "site", 0, "granted granted"),
        ("hooks", "webhooks", "", 0, "granted"),
        ("repo", "webhooks", "vault", 0, "granted granted"),
        ("status", "status", "", 0, "granted"),
        ("status", "webhooks", "", 5, "missing"),
        ("repo", "read", "vault", 0, "granted not_needed"),
        ("nothing", "read", "site", 0, "not_needed not_needed"),
        ("repo", "read", "", 5, "granted missing"),
        ("both", "read,git", "", 0, "granted granted granted"),
        ("repo", "Contents=write,statuses", "vault", 0, "granted granted granted"),
        ("repo", "invented", "", 5, "missing"),
        ("repo", "read_api", "", 5, "missing"),
    ];
    for (name, wanted, repo, exit, expected) in cases {
        world.clear_requests();
        let output = check(&home, name, wanted, repo).json();
        let case = format!("{name} for {wanted} in {repo:?}: {}", output.shown());
        let found: Vec<String> = verdicts(&output.document()).into_iter().map(|(_, verdict)| verdict).collect();
        assert_eq!((output.code, found.join(" ").as_str()), (Some(exit), expected), "{case}");
        let allowed = &output.document()["allowed"];
        let expected = if expected.contains("missing") {
            Value::Bool(false)
        } else if expected.contains("unknown") {
            Value::Null
        } else {
            Value::Bool(true)
        };
        assert_eq!(*allowed, expected, "{case}");
        assert!(sent(&world).len() <= 1, "no probe for a classic token: {:?}", sent(&world));
    }
    nothing_written(&world);
}

#[test]
fn a_role_that_is_too_low() {
    let tokens = vec![
        classic("eve", "eve", &["repo", "workflow"]),
        classic("bob", "bob", &["repo", "workflow"]),
        fine("mine", &[]),
    ];
    let (home, world) = (Home::new(), world_with(tokens));
    connected(&home, &world, "eve");
    connected(&home, &world, "bob");
    for (name, wanted, exit, row, expected) in [
        ("eve", "git", 0, "push", "granted"),
        ("eve", "webhooks", 5, "admin", "role"),
        ("eve", "git,webhooks", 5, "admin", "role"),
        ("bob", "status", 5, "push", "role"),
        ("bob", "git", 5, "push", "role"),
    ] {
        let document = check(&home, name, wanted, "vault").json().exits(exit).document();
        assert_eq!(verdict(&document, row), expected, "{name} {wanted}");
        assert_eq!(document["allowed"], exit == 0);
    }
    let document = check(&home, "bob", "read", "vault").json().succeeds().document();
    assert_eq!(document["repository"]["role"], "pull");
}

#[test]
fn the_webhooks_of_an_organisation_are_its_owners() {
    let tokens =
        vec![classic("ada", "ada", &["repo", "admin:org_hook"]), classic("bob", "bob", &["repo", "admin:org_hook"])];
    let (home, world) = (Home::new(), world_with(tokens));
    for (name, exit, expected) in [("ada", 0, "granted"), ("bob", 5, "role")] {
        connected(&home, &world, name);
        let document = check(&home, name, "admin:org_hook", "vault").json().exits(exit).document();
        assert_eq!(
            (verdict(&document, "admin:org_hook").as_str(), verdict(&document, "owner").as_str()),
            ("granted", expected)
        );
    }
    nothing_written(&world);
}

#[test]
fn single_sign_on_and_policies() {
    let sso = forge_sandbox::GithubTokenSeed { without_sso: vec!["acme".into()], ..classic("sso", "ada", &["repo"]) };
    let forbidding = GithubOrganizationSeed { forbids_classic: true, ..organization() };
    let (home, world) =
        (Home::new(), built(acme(forbidding, vec![sso, classic("plain", "ada", &["repo", "workflow"])])));
    connected(&home, &world, "sso");
    connected(&home, &world, "plain");
    let document = check(&home, "sso", "git", "vault").json().exits(5).document();
    assert_eq!((verdict(&document, "repo"), verdict(&document, "workflow")), ("sso".into(), "missing".into()));
    let document = check(&home, "plain", "git", "vault").json().exits(5).document();
    assert_eq!((verdict(&document, "repo"), verdict(&document, "workflow")), ("policy".into(), "policy".into()));
    assert!(document["needs"][0]["add"].as_str().unwrap().contains("fine-grained"), "{document}");
}

#[test]
fn unknown_words_are_said_to_be() {
    let (home, world) = (Home::new(), world_with(vec![classic("repo", "ada", &["repo", "brand:new"])]));
    connected(&home, &world, "repo");
    let output = check(&home, "repo", "webhoks,brand:new", "").json().exits(5);
    assert_eq!(output.warnings(), ["unknown_word", "unknown_word"]);
    assert!(output.stderr().contains("did you mean `webhooks`?"), "{}", output.shown());
    assert_eq!(
        verdicts(&output.document()),
        [("webhoks".into(), "missing".into()), ("brand:new".into(), "granted".into())]
    );
}
