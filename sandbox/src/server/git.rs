//! Requests to a repository's git: the forge decides, git works without the world being held, and
//! the forge hears what was pushed.

use super::Shared;
use crate::http::{Answer, Request};
use crate::world::Forge;
use crate::{git, github, gitlab};

/// Answers a request that is one to a repository's git; `None` for all others.
pub(super) async fn answer(shared: &Shared, forge: Forge, request: &Request) -> Option<Answer> {
    let entered = {
        let mut world = shared.world();
        match forge {
            Forge::GitHub => github::git::enter(&mut world, request),
            Forge::GitLab => gitlab::git::enter(&mut world, request),
        }
    }?;
    let visit = match entered {
        Ok(visit) => visit,
        Err(refusal) => return Some(refusal),
    };
    let answer = git::http::serve(&visit.repo, &visit.wanted, request, visit.user.as_deref()).await;
    let mut world = shared.world();
    Some(match forge {
        Forge::GitHub => github::git::leave(&mut world, &visit, answer),
        Forge::GitLab => gitlab::git::leave(&mut world, &visit, answer),
    })
}
