//! `connect api`: one authorised request, the answer on stdout.

mod answers;
mod inside;
mod pages;
mod requests;

use forge_sandbox::{Sandbox, SeenRequest};

use crate::support::{Cast as _, Home};

/// `octocat@github.com` and `lab`; what was asked to make them is forgotten.
fn connections(home: &Home, world: &Sandbox) {
    home.dotcom(world, "classic").ends().succeeds().never_says("error");
    home.gitlab(world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    world.clear_requests();
}

/// The only request that was made since.
fn only(world: &Sandbox) -> SeenRequest {
    let mut seen = world.requests();
    assert_eq!(seen.len(), 1, "{seen:?}");
    world.clear_requests();
    seen.remove(0)
}
