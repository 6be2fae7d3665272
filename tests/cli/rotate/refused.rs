//! Refusals: the old token works as before, nothing is left, and GitLab is asked no more than once.

use forge_sandbox::{Fault, ReadyMade};

use super::crash::{asked, connected, in_order, rotate, token};
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
