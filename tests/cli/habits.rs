//! What users of gh and glab type by habit works, and is not in the help.

use crate::support::{Cast as _, Home, world};

#[test]
fn login_finds_the_forge_by_its_host() {
    let (home, world) = (Home::new(), world());
    let login = |host: &str, api: &str| {
        let flags = ["--with-token", "--store", "plain", "--api-url", api];
        home.connect(["login", "--hostname", host]).with(flags)
    };
    login("git.example.com", "http://127.0.0.1:1").stdin("x").json().fails(2, "usage");
    home.connect(["login", "--with-token"]).stdin("x").json().fails(2, "usage");
    let hub = login("github.com", &world.dotcom_api_url()).stdin(world.github_token("classic"));
    assert_eq!(hub.json().succeeds().document()["forge"], "github");
    let lab = login("gitlab.com", &world.gitlab_api_url()).stdin(world.gitlab_token("api"));
    assert_eq!(lab.json().succeeds().document()["forge"], "gitlab");
}

#[test]
fn switch_goes_to_the_other_one() {
    let (home, world) = (Home::new(), world());
    for (name, token) in [("one", "classic"), ("two", "collaborator")] {
        home.github(&world, token).with(["--name", name]).ends().succeeds().never_says("error");
    }
    let which = || {
        let document = home.connect(["which", &world.github_url()]).json().succeeds().document();
        document["connection"].as_str().unwrap().to_owned()
    };
    home.connect(["switch"]).json().fails(2, "usage");
    home.connect(["switch", "one"]).ends().succeeds().never_says("error");
    assert_eq!(which(), "one");
    home.connect(["switch"]).ends().succeeds().never_says("error");
    assert_eq!(which(), "two");
    home.connect(["switch", "--hostname", &world.github_url(), "--user", "octocat"])
        .ends()
        .succeeds()
        .never_says("error");
    assert_eq!(which(), "one");
    home.connect(["switch", "--user", "nobody"]).json().fails(3, "no_such_connection");
}

#[test]
fn logout_forgets_the_one_that_is_meant() {
    let (home, world) = (Home::new(), world());
    home.github(&world, "classic").with(["--name", "hub"]).ends().succeeds().never_says("error");
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    home.connect(["logout"]).json().fails(2, "usage");
    home.connect(["logout", "--hostname", "gitlab.com"]).json().fails(3, "no_such_connection");
    home.connect(["logout", "--hostname", &world.gitlab_url()]).ends().succeeds().never_says("error");
    home.connect(["logout"]).ends().succeeds().never_says("error");
    assert!(home.secrets().is_empty());
}

#[test]
fn none_of_them_is_in_the_help() {
    let help = Home::new().connect(["--help"]).ends().succeeds().stdout();
    for word in ["login", "logout", "switch", "hostname", "with-token"] {
        assert!(!help.contains(word), "{word}");
    }
}
