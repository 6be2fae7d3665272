//! Handing on: the deliveries of each connection one after the other, those of several side by side, on a thread of
//! their own.
//!
//! One that fails is tried again, with pauses that grow; those after it wait, so that their order stays. It is removed
//! from the spool when whoever was to have it has it. The next one is not kept waiting for that: a kill in
//! between means that some are handed on once more.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use super::ends::Happened;
use super::{Command, Filter, ListenError, Listening, Sink};
use crate::catalog::{Inbox, InboxError};
use crate::forge::{ForgeError, Forwarder, Passed};
use crate::model::{ConnectionName, Letter};
use crate::workflow::Error;

/// The pauses between attempts.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The pause after the spool could not be read. What is put in next may have healed it.
const UNREADABLE: Duration = Duration::from_secs(5);

/// How long, at the end, what waits may still take.
const FAREWELL: Duration = Duration::from_secs(10);

/// The way that each delivery goes.
pub(super) struct Way {
    forward: Option<Forwarder>,
    skip_refused: bool,
    command: Option<Command>,
    filter: Filter,
    sink: Mutex<Sink>,
}

impl Way {
    pub(super) fn new(wanted: &Listening, sink: Sink) -> Result<Self, ForgeError> {
        let forward = match &wanted.forward {
            Some(url) => Some(Forwarder::new(url.clone(), wanted.forward_time)?),
            None => None,
        };
        Ok(Self {
            forward,
            skip_refused: wanted.skip_refused,
            command: wanted.command.clone(),
            filter: wanted.filter.clone(),
            sink: Mutex::new(sink),
        })
    }

    /// Whether this answer of the URL means that there is no use in trying again.
    fn is_final(&self, status: u16) -> bool {
        self.skip_refused && (400..500).contains(&status) && ![408, 425, 429].contains(&status)
    }
}

/// The thread that hands on.
pub(super) struct HandOn {
    finish: watch::Sender<bool>,
    ended: watch::Receiver<bool>,
    outcome: oneshot::Receiver<io::Result<()>>,
}

/// What the work on one connection needs.
struct Round {
    connection: ConnectionName,
    inbox: Arc<Inbox>,
    way: Arc<Way>,
    finish: watch::Receiver<bool>,
    tell: mpsc::Sender<Happened>,
}

impl HandOn {
    /// Begins.
    pub(super) fn start(
        inboxes: Vec<(ConnectionName, Arc<Inbox>)>,
        way: Way,
        tell: mpsc::Sender<Happened>,
    ) -> Result<Self, Error> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ListenError::Thread)?;
        let (finish, finishes) = watch::channel(false);
        let (end, ended) = watch::channel(false);
        let (answer, outcome) = oneshot::channel();
        let way = Arc::new(way);
        let work = move || {
            let rounds = async {
                let mut all = JoinSet::new();
                for (connection, inbox) in inboxes {
                    let (way, finish, tell) = (Arc::clone(&way), finishes.clone(), tell.clone());
                    all.spawn(Round { connection, inbox, way, finish, tell }.go());
                }
                let mut outcome = Ok(());
                while let Some(ended) = all.join_next().await {
                    if let Ok(Err(error)) = ended {
                        // Whoever reads has gone, for all of them.
                        outcome = Err(error);
                        all.abort_all();
                    }
                }
                outcome
            };
            let outcome = runtime.block_on(rounds);
            runtime.shutdown_background();
            let _ = answer.send(outcome);
            end.send_replace(true);
        };
        std::thread::Builder::new().name("hand on".into()).spawn(work).map_err(ListenError::Thread)?;
        Ok(Self { finish, ended, outcome })
    }

    /// Changes if it ends by itself: because whoever reads has gone.
    pub(super) fn ended(&self) -> watch::Receiver<bool> {
        self.ended.clone()
    }

    /// Hands on what waits, as far as that works at once; tells what happens meanwhile. Whoever reads may have stopped
    /// doing so without going: nothing else on that thread moves then, and what is not handed on is kept.
    pub(super) async fn finish(
        mut self,
        told: &mut mpsc::Receiver<Happened>,
        mut say: impl FnMut(Happened),
    ) -> io::Result<()> {
        self.finish.send_replace(true);
        let stuck = sleep(FAREWELL * 2);
        tokio::pin!(stuck);
        loop {
            tokio::select! {
                biased;
                () = &mut stuck => return Ok(()),
                Some(happened) = told.recv() => say(happened),
                outcome = &mut self.outcome => return outcome.unwrap_or(Ok(())),
            }
        }
    }
}

impl Round {
    async fn go(mut self) -> io::Result<()> {
        let mut stored = self.inbox.stored();
        let mut after = None;
        let mut deadline = None;
        loop {
            stored.borrow_and_update();
            let finishing = *self.finish.borrow();
            match self.inbox.next(after) {
                Ok(some) if !some.is_empty() => {
                    for (number, letter) in some {
                        if self.is_over(&mut deadline) {
                            return Ok(());
                        }
                        after = Some(number);
                        // Accepted by a run that wanted it: it stays for one that does.
                        if self.way.filter.wants(&letter) {
                            if !self.hand_on(&letter).await? {
                                return Ok(());
                            }
                            self.inbox.done(number, &letter);
                        }
                    }
                    tokio::task::yield_now().await;
                }
                Ok(_) if finishing => return Ok(()),
                Ok(_) => {
                    tokio::select! {
                        _ = stored.changed() => {}
                        _ = self.finish.changed() => {}
                    }
                }
                Err(error @ InboxError::Unreadable { number, .. }) => {
                    after = Some(number);
                    self.tell("", error.to_string(), None);
                }
                Err(error) => {
                    self.tell("", error.to_string(), Some(UNREADABLE));
                    if !self.pause(UNREADABLE).await {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Whether it is time to finish, and has been for as long as the farewell takes.
    fn is_over(&self, deadline: &mut Option<Instant>) -> bool {
        *self.finish.borrow() && Instant::now() >= *deadline.get_or_insert_with(|| Instant::now() + FAREWELL)
    }

    /// Hands one on, to all who are to have it, and as often as it takes. Whether it was; not, if it is to be left for
    /// the next run.
    async fn hand_on(&mut self, letter: &Letter) -> io::Result<bool> {
        let way = Arc::clone(&self.way);
        if let Some(forwarder) = &way.forward
            && !self.again_and_again(letter, || forward(&way, forwarder, letter)).await
        {
            return Ok(false);
        }
        if let Some(command) = &way.command
            && !self.again_and_again(letter, || command.run(letter)).await
        {
            return Ok(false);
        }
        let mut sink = way.sink.lock().unwrap_or_else(PoisonError::into_inner);
        sink(letter).map(|()| true)
    }

    /// Tries until it works; at the end once more, and no longer than the farewell.
    async fn again_and_again<F: Future<Output = Result<(), String>>>(
        &mut self,
        letter: &Letter,
        mut attempt: impl FnMut() -> F,
    ) -> bool {
        let growing = ExponentialBuilder::new().with_min_delay(FIRST_PAUSE).with_max_delay(LONGEST_PAUSE);
        let mut pauses = growing.with_jitter().without_max_times().build();
        loop {
            let mut finish = self.finish.clone();
            let work = attempt();
            tokio::pin!(work);
            let told = async { drop(finish.wait_for(|finish| *finish).await) };
            let outcome = tokio::select! {
                outcome = &mut work => outcome,
                () = told => match timeout_at(Instant::now() + FAREWELL, work).await {
                    Ok(outcome) => outcome,
                    Err(_) => return false,
                },
            };
            let Err(why) = outcome else { return true };
            let pause = pauses.next().unwrap_or(LONGEST_PAUSE);
            let finishing = *self.finish.borrow();
            self.tell(&letter.id, why, (!finishing).then_some(pause));
            if finishing || !self.pause(pause).await {
                return false;
            }
        }
    }

    /// Waits; not to the end if it is time to finish.
    async fn pause(&mut self, pause: Duration) -> bool {
        tokio::select! {
            () = sleep(pause) => true,
            _ = self.finish.wait_for(|finish| *finish) => false,
        }
    }

    fn tell(&self, id: &str, why: String, again_in: Option<Duration>) {
        let (connection, id) = (self.connection.clone(), id.to_owned());
        let _ = self.tell.try_send(Happened::NotHandedOn { connection, id, why, again_in });
    }
}

async fn forward(way: &Way, forwarder: &Forwarder, letter: &Letter) -> Result<(), String> {
    match forwarder.pass(letter).await {
        Passed::Taken => Ok(()),
        Passed::Refused(status) if way.is_final(status) => Ok(()),
        Passed::Refused(status) => Err(format!("{} answers {status}", forwarder.host())),
        Passed::Unanswered(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Its thread waits for a reader that is there and does not read; the clock is turned on by whoever waits for it.
    #[tokio::test(start_paused = true)]
    async fn a_reader_that_stalls_does_not_keep_it_from_ending() {
        let (finish, mut finishes) = watch::channel(false);
        let (_end, ended) = watch::channel(false);
        let (_answer, outcome) = oneshot::channel();
        let hand_on = HandOn { finish, ended, outcome };
        let (_tell, mut told) = mpsc::channel(1);
        let begun = Instant::now();
        assert!(hand_on.finish(&mut told, |_| ()).await.is_ok());
        assert!(*finishes.borrow_and_update() && begun.elapsed() < FAREWELL * 3);
    }
}
