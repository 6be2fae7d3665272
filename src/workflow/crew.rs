//! Several threads for work that waits for the disk as much as for forges.
//!
//! Who syncs a file waits for the disk, and everything else on the same thread waits with them; but the syncs of several
//! threads that wait at once are done together by the file system, which takes little longer than one. So the tasks are
//! spread over a few threads. Forges are asked by way of one runtime, whose own thread does nothing else: all
//! connections are its, and are shared.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, Scope};

use futures_util::stream::{self, StreamExt as _};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// How many threads there are at the most. Each has two files open at a time while it writes, beside those of all tasks:
/// their connections and their locks.
const THREADS: usize = 16;

/// Who does the work: threads that end with their scope, and the runtime that drives their connections.
#[derive(Debug, Clone)]
pub struct Crew<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    runtime: Handle,
}

impl<'scope, 'env> Crew<'scope, 'env> {
    /// Nobody is at work yet. Somebody else has to be in [`tokio::runtime::Runtime::block_on`] for as long as they are.
    pub const fn new(scope: &'scope Scope<'scope, 'env>, runtime: Handle) -> Self {
        Self { scope, runtime }
    }

    /// Does something with each of these, `jobs` at once, and gives what comes of it in the order of the question.
    /// `ended` is called as often as one is done.
    pub(super) async fn each<T, R, F>(&self, all: Vec<T>, jobs: usize, one: F, mut ended: impl FnMut()) -> Vec<R>
    where
        T: Send + 'scope,
        R: Send + 'scope,
        F: AsyncFn(T) -> R + Send + Sync + 'scope,
    {
        let jobs = jobs.min(all.len()).max(1);
        let threads = jobs.min(THREADS);
        let (send, mut done) = mpsc::unbounded_channel();
        let mut found = Vec::with_capacity(all.len());
        let shared = Arc::new((Mutex::new(all.into_iter().enumerate()), one));
        let share = |number: usize| jobs / threads + usize::from(number < jobs % threads);
        let started = (0..threads).take_while(|number| {
            let (shared, send, runtime, share) =
                (Arc::clone(&shared), send.clone(), self.runtime.clone(), share(*number));
            let work = move || runtime.block_on(work(&shared, share, |one| drop(send.send(one))));
            thread::Builder::new().name("crew".to_owned()).spawn_scoped(self.scope, work).is_ok()
        });
        if started.count() == 0 {
            // The system has no thread to give: then it takes longer.
            work(&shared, jobs, |one| drop(send.send(one))).await;
        }
        drop(send);
        while let Some(one) = done.recv().await {
            found.push(one);
            ended();
        }
        found.sort_by_key(|(at, _)| *at);
        found.into_iter().map(|(_, one)| one).collect()
    }
}

/// What one thread does: as many at once as are its share, until none is left.
async fn work<T, R, F: AsyncFn(T) -> R>(
    (all, one): &(Mutex<impl Iterator<Item = (usize, T)>>, F),
    share: usize,
    ended: impl Fn((usize, R)),
) {
    let next = || all.lock().unwrap_or_else(PoisonError::into_inner).next();
    let one = async |(at, task): (usize, T)| ended((at, one(task).await));
    stream::iter(std::iter::from_fn(next)).for_each_concurrent(share, one).await;
}
