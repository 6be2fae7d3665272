//! Refusals: the old token works as before, nothing is left, and GitLab is asked no more than once.

use forge_sandbox::{Fault, ReadyMade, Sandbox};

use super::crash::{asked, connected, connected_with, in_order, rotate, token};
use crate::support::forges::built;
use crate::support::{Home, world};

#[test]
fn whatever_gitlab_refuses_with_the_old_token_works_as_before() {
    let path = "/personal_access_tokens/self/rotate";
    for (fault, exit) in [
        (Fault::gitlab().path(path).once().status(400), 1),
        (Fault::gitlab().path(path).once().status(403), 5),
        (Fault::gitlab().path(path).once().ready_made(ReadyMade::RetryLater), 7),
        (Fault::gitlab().path(path).once().ready_made(ReadyMade::InternalServerError), 7),
    ] {
        let (world, home) = (world(), Home::new());
        connected(&home, &world, "plain");
        world.fault(fault);
        let output = rotate(&home).ends();
        assert_eq!(output.code, Some(exit), "{}", output.shown());
        assert!(world.is_alive_gitlab(&token(&home)));
        assert_eq!((asked(&world), token(&home)), (1, world.gitlab_token("api")));
        in_order(&home, "refused");
        drop(rotate(&home).ends().succeeds());
        assert!(world.is_alive_gitlab(&token(&home)));
    }
}

#[test]
fn an_end_that_is_too_far_away() {
    let (world, home) = (world(), Home::new());
    connected(&home, &world, "plain");
    let output = home.connect(["rotate", "lab", "--expires-in", "380d"]).ends();
    assert_eq!(output.code, Some(5), "{}", output.shown());
    assert!(output.stdout().contains("GitLab does not let the token of `lab` live that long"), "{}", output.shown());
    assert!(world.is_alive_gitlab(&token(&home)));
    in_order(&home, "too far");
}

#[test]
fn a_dead_token_is_never_used_to_rotate() {
    let (world, home) = (world(), Home::new());
    connected(&home, &world, "plain");
    // Another machine has rotated it.
    world.revoke_gitlab(&world.gitlab_token("api"));
    let output = rotate(&home).ends();
    assert_eq!(output.code, Some(4), "{}", output.shown());
    assert_eq!(asked(&world), 0);
    in_order(&home, "dead");
}

/// Another machine was faster, in the moment between the look at the token and the request.
#[test]
fn a_token_that_dies_in_between_is_known_to_be_dead() {
    let (world, home) = (world(), Home::new());
    connected(&home, &world, "plain");
    world.fault(Fault::gitlab().rotation().once().ready_made(ReadyMade::TokenRevoked));
    drop(rotate(&home).ends().exits(4));
    assert_eq!(home.record("lab")["token"]["health"], "revoked");
    drop(home.connect(["token", "lab"]).ends().exits(4));
    in_order(&home, "dead");
}

/// Before 16.10 it goes by the token's number.
#[test]
fn by_its_number_which_the_look_before_tells_where_it_is_not_known() {
    let (world, home) = (built(Sandbox::builder().gitlab_version("16.8.1")), Home::new());
    connected(&home, &world, "plain");
    home.edit_record("lab", |record| {
        record["token"].as_object_mut().unwrap().remove("id");
    });
    for _ in 0..2 {
        drop(rotate(&home).ends().succeeds());
    }
    let numbers = || world.requests().into_iter().filter(|seen| seen.path.ends_with("/rotate"));
    assert!(numbers().count() == 2 && numbers().all(|seen| !seen.path.contains("/self/")));
    assert!(world.is_alive_gitlab(&token(&home)));
    in_order(&home, "by its number");
}

/// Before 17.9 GitLab has no such scope: a person makes the new token, and the page is shown.
#[test]
fn self_rotate_alone_and_a_gitlab_that_is_older() {
    let (world, home) = (built(Sandbox::builder().gitlab_version("17.0")), Home::new());
    connected_with(&home, &world, "plain", "self-rotate");
    let error = home.connect(["rotate", "lab", "--json"]).ends().exits(5);
    let document = error.document();
    let told = &document["connections"][0]["error"];
    assert!(told["code"] == "missing_scope" && told["page"].is_string(), "{}", error.shown());
    let page = told["page"].as_str().unwrap();
    assert!(page.contains("scopes=read_api") && !page.contains("self_rotate"), "it has no such scope: {page}");
    assert_eq!(asked(&world), 0);
    in_order(&home, "older");
}
