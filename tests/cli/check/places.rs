//! Repositories that are hidden, renamed, archived or empty; and those that a URL names.

use forge_sandbox::GithubTokenSeed;

use super::*;

#[test]
fn hidden_repositories_and_what_may_be_the_cause() {
    let hooks: &[(&str, &str)] = &[("repository_hooks", "write")];
    let tokens = vec![
        GithubTokenSeed { resource_owner: None, ..fine("wrong-owner", hooks) },
        GithubTokenSeed { repositories: Some(vec!["site".into()]), ..fine("not-selected", hooks) },
        GithubTokenSeed { pending_approval: true, login: Some("bob".into()), ..fine("pending", hooks) },
        GithubTokenSeed { login: Some("eve".into()), resource_owner: None, ..fine("outside", hooks) },
        classic("no-scope", "ada", &["gist"]),
        classic("stranger", "monalisa", &["repo"]),
    ];
    let (home, world) = (Home::new(), world_with(tokens));
    for (name, causes, not) in [
        ("wrong-owner", ["resource owner must be acme", "Only select repositories"], "scope `repo`"),
        ("not-selected", ["Only select repositories", "acme/vault"], "scope `repo`"),
        ("pending", ["approve", "spelt otherwise"], "scope `repo`"),
        ("outside", ["outside collaborators", "--classic"], "scope `repo`"),
        ("no-scope", ["scope `repo`", "Configure SSO"], "resource owner"),
        ("stranger", ["must be a member", "spelt otherwise"], "resource owner"),
    ] {
        connected(&home, &world, name);
        let error = check(&home, name, "webhooks", "vault").json().fails(3, "repository_hidden");
        let list = error["checklist"].as_array().unwrap();
        let list: Vec<&str> = list.iter().map(|item| item.as_str().unwrap()).collect();
        for cause in causes {
            assert!(list.iter().any(|item| item.contains(cause)), "{name}: {cause} in {list:#?}");
        }
        assert!(!list.iter().any(|item| item.contains(not)), "{name}: {not} in {list:#?}");
        assert_eq!(error["connection"], name);
        assert!(sent(&world).len() == 1, "nothing is tried in a place that is not there");
        check(&home, name, "webhooks", "nowhere").json().fails(3, "repository_hidden");
    }
    nothing_written(&world);
}

#[test]
fn a_public_repository_that_was_not_selected() {
    let tokens =
        vec![GithubTokenSeed { repositories: Some(vec!["vault".into()]), ..fine("other", &[("statuses", "write")]) }];
    let (home, world) = (Home::new(), world_with(tokens));
    connected(&home, &world, "other");
    let document = check(&home, "other", "status", "site").json().exits(5).document();
    assert_eq!(verdict(&document, "statuses"), "missing");
    assert!(document["needs"][0]["add"].as_str().unwrap().contains("acme/site"), "{document}");
}

#[test]
fn renamed_archived_and_empty() {
    let permissions: &[(&str, &str)] = &[("statuses", "write"), ("contents", "read"), ("repository_hooks", "write")];
    let (home, world) =
        (Home::new(), world_with(vec![fine("fine", permissions), classic("ada", "ada", &["repo", "workflow"])]));
    connected(&home, &world, "fine");
    connected(&home, &world, "ada");
    let document = check(&home, "fine", "status", "safe").json().succeeds().document();
    let (repository, now) = (&document["repository"], check(&home, "fine", "status", "vault").json().document());
    assert_eq!(
        (repository["name"].as_str(), repository["renamed_from"].as_str()),
        (Some("acme/vault"), Some("acme/safe"))
    );
    assert_eq!(repository["id"], now["repository"]["id"]);
    assert!(now["repository"].get("renamed_from").is_none());
    assert_eq!(verdict(&document, "statuses"), "granted");
    world.clear_requests();
    let document = check(&home, "fine", "status,webhooks,Contents", "attic").json().exits(5).document();
    for (name, expected) in
        [("statuses", "archived"), ("repository_hooks", "archived"), ("contents", "granted"), ("admin", "archived")]
    {
        assert_eq!(verdict(&document, name), expected, "{document}");
    }
    assert!(world.requests().iter().all(|seen| seen.method == "GET"), "{:?}", sent(&world));
    let document = check(&home, "ada", "git", "attic").json().exits(5).document();
    assert_eq!((verdict(&document, "repo"), verdict(&document, "push")), ("granted".into(), "archived".into()));
    check(&home, "ada", "read", "attic").json().succeeds().never_says("nobody writes");
    let document = check(&home, "fine", "Contents", "void").json().succeeds().document();
    assert_eq!(verdict(&document, "contents"), "granted", "an empty repository answers 409");
    nothing_written(&world);
}

#[test]
fn no_write_is_tried_where_the_role_says_no() {
    let token = GithubTokenSeed {
        login: Some("bob".into()),
        ..fine("bob", &[("repository_hooks", "write"), ("statuses", "write")])
    };
    let (home, world) = (Home::new(), world_with(vec![token]));
    connected(&home, &world, "bob");
    let document = check(&home, "bob", "webhooks,status", "vault").json().exits(5).document();
    for name in ["repository_hooks", "statuses", "admin"] {
        assert_eq!(verdict(&document, name), "role", "{name}");
    }
    assert_eq!(sent(&world), ["GET /repos/acme/vault"]);
}

#[test]
fn a_url_names_the_repository() {
    let (home, world) = (Home::new(), world_with(vec![fine("fine", &[("statuses", "write")])]));
    connected(&home, &world, "fine");
    for url in [
        "https://github.com/acme/vault",
        "git@github.com:acme/vault.git",
        "https://github.com/acme/vault/pull/3",
        "github.com/acme/vault.git",
    ] {
        let document = home.connect(["check", url, "--for", "status"]).json().succeeds().document();
        assert_eq!(
            (document["repository"]["name"].as_str(), document["connection"].as_str()),
            (Some("acme/vault"), Some("fine")),
            "{url}"
        );
    }
    // The flag wins; a host alone, and an owner alone, name none.
    let document = home
        .connect(["check", "https://github.com/acme/site", "--for", "status", "--repo", "acme/vault"])
        .json()
        .document();
    assert_eq!(document["repository"]["name"], "acme/vault");
    for url in ["https://github.com", "https://github.com/acme"] {
        let document = home.connect(["check", url, "--for", "status"]).json().succeeds().document();
        assert!(document.get("repository").is_none(), "{url}");
    }
    home.connect(["check", "https://gitlab.com/acme/vault", "--for", "git"]).json().fails(3, "no_connection_serves");
}

#[test]
fn mistakes() {
    let (home, world) = (Home::new(), world_with(vec![fine("fine", &[])]));
    connected(&home, &world, "fine");
    for words in [
        vec!["fine"],
        vec!["fine", "--for"],
        vec!["fine", "--for", ""],
        vec!["fine", "--for", "git", "--repo", "acme"],
        vec!["fine", "--for", "git", "--repo", "acme/a/b"],
        vec!["fine", "--for", "git", "--repo", "acme/.."],
        vec!["fine", "--for", "git", "--repo", "acme/vault", "--project", "a/b"],
        vec!["fine", "--for", "git", "--project", "acme/vault"],
        vec!["fine", "--for", "git", "--group", "acme"],
        vec!["fine", "--for", "ghp_0123456789012345678901234567890123456"],
    ] {
        home.connect(["check"]).with(&words).json().fails(2, "usage");
    }
    assert!(world.requests().is_empty());
    home.connect(["check", "nobody", "--for", "git"]).json().fails(3, "no_such_connection");
    world.revoke_github("fine");
    check(&home, "fine", "git", "vault").json().fails(4, "bad_credentials");
}
