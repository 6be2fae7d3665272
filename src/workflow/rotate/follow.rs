//! The copies follow: after all tokens have been rotated, the places that have old ones get the new ones.

use futures_util::stream::{self, StreamExt as _};
use tokio::sync::watch;

use crate::model::ConnectionName;
use crate::workflow::destination::{Pushed, Which, push};
use crate::workflow::{Error, Tools};

/// Brings the copies of several connections along, `jobs` connections at once, each one's places in their order. Once
/// it is told to stop, none is begun; what is left stays stale, and is listed as such. The answer has the order of
/// the question.
pub async fn follow(
    tools: &Tools<'_>,
    names: Vec<ConnectionName>,
    jobs: usize,
    stop: watch::Receiver<bool>,
) -> Vec<(ConnectionName, Result<Vec<Pushed>, Error>)> {
    let one = async |(at, name): (usize, ConnectionName)| {
        let stopped = *stop.borrow();
        let pushed = if stopped { Err(Error::Interrupted) } else { push(tools, &name, Which::Stale).await };
        (at, (name, pushed))
    };
    let mut done: Vec<_> =
        stream::iter(names.into_iter().enumerate()).map(one).buffer_unordered(jobs.max(1)).collect().await;
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, one)| one).collect()
}
