//! Which variables a command gets, and which it does not.

use super::{dotcom, environment, holding, lab, server};
use crate::support::{Cast as _, Home, world};

#[test]
fn those_for_github_com() {
    let (home, world) = (Home::new(), world());
    dotcom(&home, &world);
    let found = environment(home.connect(["exec", "octocat@github.com"]));
    let token = world.github_token("classic");
    assert_eq!(holding(&found, &token), ["GH_TOKEN", "GITHUB_TOKEN", "OCTOKIT_ACCESS_TOKEN"]);
    assert_eq!(found["GITHUB_API_URL"], world.dotcom_api_url());
    assert_eq!(found["GITHUB_GRAPHQL_URL"], format!("{}/graphql", world.dotcom_api_url()));
    assert_eq!(found["GITHUB_BASE_URL"], format!("{}/", world.dotcom_api_url()));
    assert_eq!(found["OCTOKIT_WEB_ENDPOINT"], "https://github.com");
    assert!(!found.contains_key("GH_HOST") && !found.contains_key("GH_ENTERPRISE_TOKEN"));
    assert!(found.keys().all(|name| !name.starts_with("GITLAB_") && !name.starts_with("CONNECT_")), "{found:?}");
    assert_eq!(found["HOME"], home.path().join("home").display().to_string(), "all else is as it was");
}

#[test]
fn those_for_an_enterprise_server() {
    let (home, world) = (Home::new(), world());
    server(&home, &world);
    let found = environment(home.connect(["exec", "ghes"]));
    let token = world.github_token("collaborator");
    // A program that knows `GITHUB_TOKEN` alone would send it to github.com.
    assert_eq!(holding(&found, &token), ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "OCTOKIT_ACCESS_TOKEN"]);
    assert_eq!(found["GH_HOST"], world.github_url().trim_start_matches("http://"));
    assert_eq!(found["OCTOKIT_API_ENDPOINT"], format!("{}/api/v3/", world.github_url()));
    assert!(!found.contains_key("GITHUB_API_URL") && !found.contains_key("GITHUB_BASE_URL"), "{found:?}");
    // Asked for by name, it comes with the addresses that lead it to where it belongs.
    let found = environment(home.connect(["exec", "ghes", "--env", "GITHUB_TOKEN=ghes"]));
    assert_eq!(found["GITHUB_TOKEN"], token);
    assert_eq!(found["GITHUB_BASE_URL"], format!("{}/", world.github_url()));
    assert_eq!(found["GITHUB_API_URL"], format!("{}/api/v3", world.github_url()));
    assert_eq!(found["GITHUB_GRAPHQL_URL"], format!("{}/api/graphql", world.github_url()));
}

#[test]
fn those_for_gitlab() {
    let (home, world) = (Home::new(), world());
    lab(&home, &world);
    let found = environment(home.connect(["exec", "lab"]));
    let token = world.gitlab_token("api");
    assert_eq!(holding(&found, &token), ["GITLAB_ACCESS_TOKEN", "GITLAB_PRIVATE_TOKEN", "GITLAB_TOKEN"]);
    for name in ["GITLAB_HOST", "GITLAB_URL"] {
        assert_eq!(found[name], world.gitlab_url(), "{name}");
    }
    assert_eq!(found["GITLAB_BASE_URL"], format!("{}/api/v4/", world.gitlab_url()));
    // An application's token goes by another header.
    let call = home.connect(["gitlab", "--host", &world.gitlab_url(), "--oauth-token-stdin", "--store", "plain"]);
    call.with(["--name", "app"]).stdin(world.gitlab_token("oauth")).ends().succeeds().never_says("error");
    let found = environment(home.connect(["exec", "app"]));
    let names = holding(&found, &world.gitlab_token("oauth"));
    assert_eq!(names, ["GITLAB_ACCESS_TOKEN", "GITLAB_OAUTH_TOKEN", "GITLAB_TOKEN"]);
}

#[test]
fn one_of_each() {
    let (home, world) = (Home::new(), world());
    dotcom(&home, &world);
    server(&home, &world);
    lab(&home, &world);
    let found = environment(home.connect(["exec", "ghes", "octocat@github.com", "lab", "lab"]));
    assert_eq!(found["GH_TOKEN"], world.github_token("classic"));
    assert_eq!(found["GH_ENTERPRISE_TOKEN"], world.github_token("collaborator"));
    assert_eq!(found["GITLAB_TOKEN"], world.gitlab_token("api"));
    // What goes to one host only is that of the first.
    assert_eq!(found["GH_HOST"], world.github_url().trim_start_matches("http://"));
    assert_eq!(found["OCTOKIT_ACCESS_TOKEN"], world.github_token("collaborator"));
    assert_eq!(found["OCTOKIT_WEB_ENDPOINT"], world.github_url());
    let found = environment(home.connect(["exec", "octocat@github.com", "ghes"]));
    assert_eq!(found.get("GH_HOST"), None);
    assert_eq!(found["OCTOKIT_ACCESS_TOKEN"], world.github_token("classic"));
}

#[test]
fn what_the_shell_has_left_is_taken_out() {
    let (home, world) = (Home::new(), world());
    lab(&home, &world);
    let stale = [
        "GH_TOKEN",
        "GITHUB_TOKEN",
        "GH_ENTERPRISE_TOKEN",
        "GITHUB_ENTERPRISE_TOKEN",
        "GH_HOST",
        "GITHUB_API_URL",
        "GITHUB_BASE_URL",
        "OCTOKIT_ACCESS_TOKEN",
        "OCTOKIT_API_ENDPOINT",
        "GITLAB_TOKEN",
        "GITLAB_ACCESS_TOKEN",
        "GITLAB_PRIVATE_TOKEN",
        "GITLAB_OAUTH_TOKEN",
        "GITLAB_HOST",
        "GITLAB_BASE_URL",
        "GITLAB_API_HOST",
        "GL_TOKEN",
        "GL_HOST",
        "OAUTH_TOKEN",
        "CONNECT_PASSPHRASE",
        "CONNECT_SOMETHING",
    ];
    let call = stale.iter().fold(home.connect(["exec", "lab"]), |call, name| call.env(name, "stale"));
    let found = environment(call.env("CI_JOB_TOKEN", "the job's own").env("OTHER", "kept"));
    assert_eq!(holding(&found, "stale"), Vec::<String>::new());
    assert!(found.keys().all(|name| !name.starts_with("CONNECT_")), "{found:?}");
    assert_eq!((found["OTHER"].as_str(), found["CI_JOB_TOKEN"].as_str()), ("kept", "the job's own"));
}

#[test]
fn variables_of_ones_own() {
    let (home, world) = (Home::new(), world());
    dotcom(&home, &world);
    lab(&home, &world);
    // Alone, they are all that is set.
    let found = environment(home.connect(["exec", "--env", "NODE_AUTH_TOKEN=octocat@github.com", "--env", "X=lab"]));
    assert_eq!(holding(&found, &world.github_token("classic")), ["NODE_AUTH_TOKEN"]);
    assert_eq!(holding(&found, &world.gitlab_token("api")), ["X"]);
    assert_eq!(found.get("GITLAB_HOST"), None);
    let found = environment(home.connect(["exec", "lab", "--env", "X=octocat@github.com"]));
    assert_eq!(holding(&found, &world.github_token("classic")), ["X"]);
    assert_eq!(found["GITLAB_TOKEN"], world.gitlab_token("api"));
    // The same into the same is no contradiction.
    let found = environment(home.connect(["exec", "lab", "--env", "GITLAB_TOKEN=lab"]));
    assert_eq!(found["GITLAB_TOKEN"], world.gitlab_token("api"));
    for wrong in ["X", "=lab", "X=", "1X=lab", "CONNECT_HOME=lab", "X Y=lab"] {
        home.connect(["exec", "--json", "--env", wrong, "--", "env"]).ends().fails(2, "usage");
    }
    let token = world.github_token("classic");
    let output = home.connect(["exec", "--env", &format!("GITHUB_TOKEN={token}"), "--", "env"]).ends().exits(125);
    output.never_says(&token);
}

#[test]
fn two_tokens_for_one_variable() {
    let (home, world) = (Home::new(), world());
    lab(&home, &world);
    home.gitlab(&world, "developer").with(["--name", "other"]).ends().succeeds().never_says("error");
    let output = home.connect(["exec", "lab", "other", "--", "env"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 2
    --- stderr
    error: `lab` and `other` both have a token for GITLAB_TOKEN
      → name one of them, or run the command once with `lab` and once with `other`
      → `--env VAR=other` puts its token into another variable than GITLAB_TOKEN
    ");
    home.connect(["exec", "lab", "--env", "GITLAB_TOKEN=other", "--json", "--", "env"]).ends().fails(2, "two_tokens");
    home.connect(["exec", "--env", "X=lab", "--env", "X=other", "--json", "--", "env"]).ends().fails(2, "two_tokens");
    let found = environment(home.connect(["exec", "lab", "--env", "OTHER=other"]));
    assert_eq!(found["OTHER"], world.gitlab_token("developer"));
}
