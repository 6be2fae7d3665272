//! The token goes to its forge's API and nowhere else.

use forge_sandbox::{Fault, Sandbox};

use super::connections;
use crate::support::{Cast as _, Home, world};

#[test]
fn nothing_that_leads_out_is_sent() {
    let (home, world, other) = (Home::new(), world(), world());
    connections(&home, &world);
    let (lab, elsewhere) = (world.gitlab_url(), other.gitlab_url());
    for path in [
        format!("{elsewhere}/api/v4/user"),
        format!("{lab}/users/sign_in"),
        lab.replace("127.0.0.1", "localhost") + "/api/v4/user",
        lab.replace("http://", "http://me:pw@") + "/api/v4/user",
        elsewhere.replace("http:", "") + "/api/v4/user",
        format!("{lab}@{}/api/v4/user", elsewhere.trim_start_matches("http://")),
        "../../users/sign_in".to_owned(),
        "projects/%2e%2e/%2e%2e/x".to_owned(),
        "projects/..%2f..%2fx".to_owned(),
        "projects/%252e%252e/x".to_owned(),
        "projects\\..\\x".to_owned(),
        "user\nx: y".to_owned(),
        "user#x".to_owned(),
    ] {
        home.connect(["api", "lab", &path]).json().fails(2, "outside_the_api");
    }
    assert!(world.requests().is_empty() && other.requests().is_empty());
    let output = home.connect(["api", "lab", "https://evil.example/api/v4/user?private_token=s3cr3t"]).ends();
    insta::assert_snapshot!(output.shown(), @"
    exit 2
    --- stderr
    error: the request was not sent: https://evil.example is not below http://127.0.0.1:PORT/api/v4, where the token belongs
      → name another connection, or a path of this one's API: `user`, `repos/OWNER/REPO`
    ");
    // A project's path is one step, as GitLab wants it.
    home.connect(["api", "lab", "projects/agility-game%2Fhome-assistant%2Fnothing"])
        .ends()
        .exits(3)
        .never_says("out of");
    assert!(world.requests().iter().all(|seen| seen.path.contains("%2F")), "{:?}", world.requests());
}

#[test]
fn no_redirect_leads_out_either() {
    let (home, world, other) = (Home::new(), world(), world());
    connections(&home, &world);
    let token = world.gitlab_token("api");
    world.fault(Fault::gitlab().path("/user").redirect(302, &format!("{}/api/v4/user", other.gitlab_url())));
    let output = home.connect(["api", "lab", "user"]).json();
    output.never_says(&token);
    output.fails(7, "redirected_elsewhere");
    assert!(other.requests().is_empty());
    // Within the API a read follows, and nothing else does.
    world.clear_faults();
    world.fault(Fault::gitlab().path("/old").redirect(302, &format!("{}/api/v4/user", world.gitlab_url())));
    assert_eq!(home.connect(["api", "lab", "old"]).ends().succeeds().document()["username"], "maintainer");
    let output = home.connect(["api", "lab", "old", "-f", "a=b", "--json"]).ends();
    assert_ne!(output.code, Some(0), "{}", output.shown());
}

#[test]
fn below_a_base_path() {
    let world = crate::support::forges::built(Sandbox::builder().gitlab_base_path("/gitlab"));
    let home = Home::new();
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    for path in ["user", "/gitlab/api/v4/user"] {
        assert_eq!(home.connect(["api", "lab", path]).ends().succeeds().document()["username"], "maintainer");
    }
    let out = world.gitlab_url().replace("/gitlab", "/other") + "/api/v4/user";
    home.connect(["api", "lab", &out]).json().fails(2, "outside_the_api");
}
