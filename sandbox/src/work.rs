//! What is under way besides requests: deliveries of webhooks, pushes, mirrors.
//!
//! A route that starts something says `world.work.later(|shared| async move { … })` and goes on; the
//! world is not held while it runs. [`crate::Sandbox::settle`] waits until nothing is under way, so
//! that a test need not sleep.

use std::future::Future;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError, Weak};

use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::server::Shared;

/// Counts what is under way. Clones count the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Work(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    under_way: Mutex<usize>,
    less: Condvar,
    less_for_jobs: Notify,
    place: OnceLock<(Handle, Weak<Shared>)>,
    at_once: usize,
}

/// Something is under way until this is dropped.
#[derive(Debug)]
pub(crate) struct Guard(Work);

impl Work {
    /// With so many deliveries on their way to one webhook.
    pub fn new(at_once: usize) -> Self {
        Self(Arc::new(Inner { at_once, ..Inner::default() }))
    }

    /// How many deliveries may be on their way to one webhook.
    pub fn deliveries_at_once(&self) -> usize {
        self.0.at_once
    }

    /// Says where work is done: on the sandbox's own runtime, upon what all connections share.
    pub fn attach(&self, runtime: Handle, shared: &Arc<Shared>) {
        // Attached once, at the start.
        let _ = self.0.place.set((runtime, Arc::downgrade(shared)));
    }

    /// Counts something until the guard goes.
    #[must_use]
    pub fn begin(&self) -> Guard {
        *self.0.under_way.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Guard(self.clone())
    }

    /// Does something once the present request lets go of the world; it counts from now on.
    pub fn later<F>(&self, job: impl FnOnce(Arc<Shared>) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let guard = self.begin();
        // Before the start, and after the end, there is nothing that could be done.
        let Some((runtime, shared)) = self.0.place.get() else {
            return;
        };
        let shared = Weak::clone(shared);
        runtime.spawn(async move {
            if let Some(shared) = shared.upgrade() {
                job(shared).await;
            }
            drop(guard);
        });
    }

    /// Waits until nothing is under way. Everything that is has a time limit of its own.
    pub fn settle(&self) {
        let under_way = self.0.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let done = self.0.less.wait_while(under_way, |under_way| *under_way > 0);
        drop(done.unwrap_or_else(PoisonError::into_inner));
    }

    /// The same on the sandbox's own runtime, which must not be blocked.
    pub async fn settled(&self) {
        loop {
            // Listens before it looks: what ends in between is heard.
            let less = self.0.less_for_jobs.notified();
            if *self.0.under_way.lock().unwrap_or_else(PoisonError::into_inner) == 0 {
                return;
            }
            less.await;
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        *self.0.0.under_way.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.0.less.notify_all();
        self.0.0.less_for_jobs.notify_waiters();
    }
}
