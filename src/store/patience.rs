//! Calls that may never come back.
//!
//! A keyring can wait for a dialog that nobody sees, read well and hang in writing, or not answer at
//! all, and its libraries know no time limit. So each call runs on a thread of its own that is
//! waited for only so long and never joined: it ends when the keyring answers, or with the process.
//! Whatever it finds out too late is dropped (and so wiped), and what it wrote too late is taken back. One call is made at
//! a time, whoever asks: a keyring that is locked opens one dialog, and the time limit of a call is not spent behind others.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::StoreError;

/// After this long the user is told what is waited for.
const WORTH_A_WORD: Duration = Duration::from_secs(1);

/// How long a call may take, and what became of the ones before.
pub(super) struct Patience {
    limit: Duration,
    on_wait: Option<Arc<dyn Fn() + Send + Sync>>,
    told: AtomicBool,
    over: AtomicBool,
    turn: Mutex<()>,
}

impl Patience {
    /// Waits up to `limit` for each call, until one exceeds it.
    pub(super) fn new(limit: Duration, on_wait: Option<Arc<dyn Fn() + Send + Sync>>) -> Self {
        Self { limit, on_wait, told: AtomicBool::new(false), over: AtomicBool::new(false), turn: Mutex::new(()) }
    }

    /// Runs `work` elsewhere and waits for it. If it comes back when nobody waits any more, `undo` gets what it brought.
    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
        undo: impl FnOnce(T) + Send + 'static,
    ) -> Result<T, StoreError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if self.over.load(Ordering::Acquire) {
            return Err(StoreError::TimedOut { after: self.limit });
        }
        // Without room for a value: whoever sends knows whether it arrived.
        let (answer, answered) = mpsc::sync_channel(0);
        thread::Builder::new()
            .name("keyring".to_owned())
            .spawn(move || {
                if let Err(mpsc::SendError(Ok(unwanted))) = answer.send(work()) {
                    undo(unwanted);
                }
            })
            .map_err(|e| StoreError::Refused { detail: e.to_string() })?;
        self.wait(&answered)
    }

    fn wait<T>(&self, answered: &mpsc::Receiver<Result<T, StoreError>>) -> Result<T, StoreError> {
        let start = Instant::now();
        let mut outcome = answered.recv_timeout(self.limit.min(WORTH_A_WORD));
        if matches!(outcome, Err(RecvTimeoutError::Timeout)) && self.limit > WORTH_A_WORD {
            self.tell();
            outcome = answered.recv_timeout(self.limit.saturating_sub(start.elapsed()));
        }
        match outcome {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => {
                self.over.store(true, Ordering::Release);
                Err(StoreError::TimedOut { after: self.limit })
            }
            Err(RecvTimeoutError::Disconnected) => {
                Err(StoreError::Refused { detail: "the keyring's library gave up".to_owned() })
            }
        }
    }

    fn tell(&self) {
        if let Some(say) = &self.on_wait
            && !self.told.swap(true, Ordering::AcqRel)
        {
            say();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_too_late_is_taken_back_and_nobody_waits_twice() {
        let patience = Patience::new(Duration::from_millis(30), None);
        let (go, gone) = mpsc::channel::<()>();
        let (undone, was_undone) = mpsc::channel();
        let work = move || {
            let _ = gone.recv();
            Ok("written")
        };
        let late = patience.run(work, move |what| {
            let _ = undone.send(what);
        });
        assert!(matches!(late, Err(StoreError::TimedOut { .. })));
        drop(go);
        assert_eq!(was_undone.recv(), Ok("written"));
        let again = patience.run(|| -> Result<(), _> { panic!("must not be called") }, drop);
        assert!(matches!(again, Err(StoreError::TimedOut { .. })));
    }

    #[test]
    fn the_word_is_said_once() {
        let (say, said) = mpsc::channel();
        let on_wait = Arc::new(move || {
            let _ = say.send(());
        });
        let patience = Patience::new(Duration::from_secs(60), Some(on_wait));
        // The call comes back once the word is said, which takes a second and not sixty.
        let answer = patience.run(move || Ok((said.recv(), said)), drop);
        let (first, said) = answer.unwrap_or_else(|e| panic!("{e}"));
        assert!(first.is_ok());
        patience.tell();
        assert!(said.try_recv().is_err());
    }

    #[test]
    fn a_library_that_panics_is_an_error() {
        let patience = Patience::new(Duration::from_secs(60), None);
        let outcome = patience.run(|| -> Result<(), StoreError> { std::panic::resume_unwind(Box::new(())) }, drop);
        assert!(matches!(outcome, Err(StoreError::Refused { .. })));
    }
}
