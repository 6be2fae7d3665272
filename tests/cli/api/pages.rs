//! `--paginate`.

use forge_sandbox::Fault;

use super::connections;
use crate::support::{Home, world};

#[test]
fn lists_become_one() {
    let (home, world) = (Home::new(), world());
    connections(&home, &world);
    let made = home.connect(["api", "lab", "projects", "-f", "name=paging"]).ends().succeeds().document();
    let variables = format!("projects/{}/variables", made["id"]);
    for key in ["ONE", "TWO", "THREE"] {
        let call = home.connect(["api", "lab", &variables, "-f", &format!("key={key}"), "-f", "value=something"]);
        assert_eq!(call.ends().succeeds().document()["key"], key);
    }
    let all = home.connect(["api", "lab", &variables]).ends().succeeds().document();
    assert_eq!(all.as_array().unwrap().len(), 3);
    world.clear_requests();
    let one_each = format!("{variables}?per_page=1");
    let joined = home.connect(["api", "lab", &one_each, "--paginate"]).ends().succeeds().document();
    assert_eq!(joined, all);
    assert_eq!(world.requests().len(), 3);
    world.clear_requests();
    home.connect(["api", "lab", "groups", "--paginate"]).ends().succeeds().never_says("error");
    assert_eq!(world.requests()[0].query, "per_page=100");
}

#[test]
fn documents_one_after_the_other() {
    let (home, world) = (Home::new(), world());
    connections(&home, &world);
    let next = format!("<{}/api/v4/second>; rel=\"next\"", world.gitlab_url());
    let page = |path: &str, link: &str, body: &str| {
        world.fault(Fault::gitlab().path(path).answer(
            200,
            &[("link", link), ("content-type", "application/json")],
            body,
        ));
    };
    page("/first", &next, "{\"items\":[1]}");
    page("/second", "", "{\"items\":[2]}");
    let output = home.connect(["api", "lab", "first", "--paginate"]).ends().succeeds();
    assert_eq!(output.stdout(), "{\"items\":[1]}\n{\"items\":[2]}");
}

#[test]
fn half_a_list_is_none() {
    let (home, world) = (Home::new(), world());
    connections(&home, &world);
    let next = format!("<{}/api/v4/second>; rel=\"next\"", world.gitlab_url());
    world.fault(Fault::gitlab().path("/first").answer(200, &[("link", &next)], "[1]"));
    world.fault(Fault::gitlab().path("/second").answer(
        403,
        &[("x-gitlab-meta", "{}")],
        "{\"message\":\"403 Forbidden\"}",
    ));
    home.connect(["api", "lab", "first", "--paginate"]).json().fails(5, "forbidden");
    // Nor is one that goes on elsewhere.
    let other = crate::support::world();
    world.clear_faults();
    let next = format!("<{}/api/v4/user>; rel=\"next\"", other.gitlab_url());
    world.fault(Fault::gitlab().path("/first").answer(200, &[("link", &next)], "[1]"));
    home.connect(["api", "lab", "first", "--paginate"]).json().fails(7, "redirected_elsewhere");
    assert_eq!(home.connect(["api", "lab", "first"]).ends().succeeds().stdout(), "[1]");
    assert!(other.requests().is_empty());
}
