//! The thread that writes: it takes all that has come while it waited for the disk, and syncs once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};

use super::Stored;
use super::spool::{Held, Incoming, Spool, Written};
use super::weight;
use crate::model::Letter;

/// What one transaction takes at most: letters, and bytes of theirs.
const MOST: usize = 512;
const HEAVIEST: u64 = 32 * 1024 * 1024;

/// How long what is done waits for letters to be written down with, so that it costs no sync of its own under load.
const PATIENCE: Duration = Duration::from_millis(25);

/// How long a disk that fails again and again is left alone: to open the database again is to read all of it.
const FIRST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(60);

/// What a transaction takes on a disk that makes it worth waiting for other letters; and no letter waits longer than this.
const SLOW: Duration = Duration::from_millis(3);
const LONGEST_WAIT: Duration = Duration::from_millis(2);

/// Something to be written down.
pub(super) enum Job {
    Put {
        letter: Box<Letter>,
        accept: bool,
        reply: oneshot::Sender<Reply>,
    },
    /// There is something in [`Done`].
    Done,
}

/// What was handed on and is not written down yet. It is gathered here, and the writer told of the first only: to wake
/// a thread for each costs more than to write it down.
#[derive(Default)]
pub(super) struct Done(Mutex<(Vec<u64>, u64)>);

impl Done {
    /// Adds the number of a letter, with its weight. Whether the writer has to be told.
    pub(super) fn add(&self, number: u64, weight: u64) -> bool {
        let mut done = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        done.0.push(number);
        done.1 += weight;
        done.0.len() == 1
    }

    fn take(&self) -> (Vec<u64>, u64) {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What became of a letter, for whoever waits for it; and of those that were written with it, for those who wait for
/// them. It passes that on when it is dropped: whoever receives is on one thread, which is woken once instead of once for
/// each, and that another has stopped waiting keeps nothing from the rest.
pub(super) struct Reply {
    pub stored: Stored,
    others: Vec<(oneshot::Sender<Reply>, Stored)>,
}

impl Reply {
    fn send(mut all: Vec<(oneshot::Sender<Self>, Stored)>) {
        if let Some((to, stored)) = all.pop() {
            // One that comes back is dropped here, and passed on all the same.
            drop(to.send(Self { stored, others: all }));
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        for (to, stored) in std::mem::take(&mut self.others) {
            // A sender that has gone will send it again, and be told that it is known.
            drop(to.send(Self { stored, others: Vec::new() }));
        }
    }
}

/// How much there is in an inbox, on disk or on its way there, and how much there may be.
#[derive(Debug)]
pub struct Room {
    limit: u64,
    bytes: AtomicU64,
    letters: AtomicU64,
    failures: AtomicU64,
    /// Why the last transaction failed, if it did.
    trouble: Mutex<Option<String>>,
}

impl Room {
    pub(super) fn new(limit: u64, held: Held) -> Self {
        let (bytes, letters) = (AtomicU64::new(held.bytes), AtomicU64::new(held.letters));
        Self { limit, bytes, letters, failures: AtomicU64::new(0), trouble: Mutex::new(None) }
    }

    /// Whether there is room for another letter, be it a small one.
    pub fn is_left(&self) -> bool {
        self.bytes().saturating_add(super::BESIDES) <= self.limit
    }

    /// Bytes of all letters.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// How many letters are on disk and not handed on.
    pub fn letters(&self) -> u64 {
        self.letters.load(Ordering::Relaxed)
    }

    /// How often the disk has failed.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Why nothing can be stored at present, where that is not for want of room within the limit.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_in(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// Takes room for a letter, if there is any.
    pub(super) fn take(&self, weight: u64) -> bool {
        let fits = |bytes: u64| bytes.checked_add(weight).filter(|sum| *sum <= self.limit);
        self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    fn give_back(&self, weight: u64) {
        let less = |bytes: u64| Some(bytes.saturating_sub(weight));
        let _ = self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

/// What one transaction is made of.
#[derive(Default)]
struct Batch {
    incoming: Vec<Incoming>,
    replies: Vec<oneshot::Sender<Reply>>,
    done: Vec<u64>,
    freed: u64,
    weight: u64,
    /// When something that is done is to be written down, at the latest.
    due: Option<Instant>,
}

impl Batch {
    fn add(&mut self, job: Job) {
        match job {
            Job::Put { letter, accept, reply } => {
                self.weight += weight(&letter);
                self.incoming.push(Incoming { letter: *letter, accept });
                self.replies.push(reply);
            }
            Job::Done => {
                self.due.get_or_insert_with(|| Instant::now() + PATIENCE);
            }
        }
    }

    /// Takes what was handed on until now.
    fn take(&mut self, done: &Done) {
        let (numbers, weight) = done.take();
        self.done.extend(numbers);
        self.freed += weight;
    }

    fn is_full(&self) -> bool {
        self.incoming.len() >= MOST || self.weight >= HEAVIEST
    }

    fn is_due(&self) -> bool {
        self.due.is_some_and(|due| due <= Instant::now())
    }
}

/// Works until nobody can give it work any more. The first letter has the number `free`.
pub(super) fn run(spool: &Spool, room: &Room, done: &Done, free: u64, jobs: &Receiver<Job>, tell: &watch::Sender<u64>) {
    let mut work = Work { spool, room, tell, free, today: None, wait: Duration::ZERO, rest: None };
    let mut batch = Batch::default();
    while let Some(job) = next(jobs, &batch) {
        if let Some(job) = job {
            batch.add(job);
            work.gather(&mut batch, jobs);
            // What is done alone can wait a moment for letters, and go with them.
            if batch.incoming.is_empty() && !batch.is_due() {
                continue;
            }
        }
        batch.take(done);
        batch = work.write(batch);
    }
    // There is no later.
    work.rest = None;
    batch.take(done);
    work.write(batch);
}

/// The next job; nothing if it is time to write what is done; no more at the end.
fn next(jobs: &Receiver<Job>, batch: &Batch) -> Option<Option<Job>> {
    let Some(due) = batch.due else { return jobs.recv().ok().map(Some) };
    match jobs.recv_timeout(due.saturating_duration_since(Instant::now())) {
        Ok(job) => Some(Some(job)),
        Err(RecvTimeoutError::Timeout) => Some(None),
        Err(RecvTimeoutError::Disconnected) => None,
    }
}

struct Work<'a> {
    spool: &'a Spool,
    room: &'a Room,
    tell: &'a watch::Sender<u64>,
    /// The number of the next letter.
    free: u64,
    today: Option<i64>,
    /// How long letters wait for others to go with.
    wait: Duration,
    /// After a failure: until when the disk is left alone, and how long that was.
    rest: Option<(Instant, Duration)>,
}

impl Work<'_> {
    /// Senders that were just answered are about to come back. Where the disk is slow, a quarter of what it takes, spent
    /// on waiting for them, spares them the whole of the next sync: half of them would always wait while the other half
    /// is written. Where it is quick, that half is read and verified meanwhile, and nothing is gained.
    ///
    /// It sleeps, and takes them all at once: to be woken by each would take more of the processors than they do.
    fn gather(&self, batch: &mut Batch, jobs: &Receiver<Job>) {
        if !batch.incoming.is_empty() && !self.wait.is_zero() {
            std::thread::sleep(self.wait);
        }
        while !batch.is_full()
            && let Ok(job) = jobs.try_recv()
        {
            batch.add(job);
        }
    }

    /// Writes a batch down and answers; gives back what could not be written and has to be.
    fn write(&mut self, batch: Batch) -> Batch {
        if batch.incoming.is_empty() && batch.done.is_empty() {
            return Batch::default();
        }
        if let Some((until, _)) = self.rest.filter(|(until, _)| *until > Instant::now()) {
            return self.refuse(batch, until);
        }
        self.forget_at_midnight(&batch);
        let begun = Instant::now();
        let outcome = self.spool.commit(&batch.incoming, &batch.done, self.free);
        let took = begun.elapsed();
        // Who sends alone waits for nobody.
        let several = batch.incoming.len() > 1;
        self.wait = if several && took >= SLOW { (took / 4).min(LONGEST_WAIT) } else { Duration::ZERO };
        match outcome {
            Ok(written) => {
                if self.rest.take().is_some() {
                    self.room.is_in(None);
                }
                self.written(batch, written);
                Batch::default()
            }
            Err(error) => {
                self.room.failures.fetch_add(1, Ordering::Relaxed);
                self.room.is_in(Some(error.to_string()));
                self.maybe_written(batch.incoming.len());
                let rest = match self.rest {
                    // It was opened again, and that often helps.
                    None => Duration::ZERO,
                    Some((_, before)) => (before * 2).clamp(FIRST_REST, LONGEST_REST),
                };
                let until = Instant::now() + rest;
                self.rest = Some((until, rest));
                self.refuse(batch, until)
            }
        }
    }

    /// Senders hear that there is no room; what is done is written down at that time.
    fn refuse(&self, batch: Batch, until: Instant) -> Batch {
        self.room.give_back(batch.weight);
        Reply::send(batch.replies.into_iter().map(|reply| (reply, Stored::NoRoom)).collect());
        let due = (!batch.done.is_empty()).then_some(until);
        Batch { done: batch.done, freed: batch.freed, due, ..Batch::default() }
    }

    /// The letters of a transaction that failed may be there all the same. Then they are handed on, though their senders
    /// heard that there was no room; their numbers are gone either way.
    fn maybe_written(&mut self, letters: usize) {
        self.free += letters as u64;
        if let Some((letters, free)) = self.spool.there() {
            self.free = self.free.max(free);
            self.room.letters.store(letters, Ordering::Relaxed);
        }
        self.tell.send_replace(self.free);
    }

    fn written(&mut self, batch: Batch, Written { stored, letters }: Written) {
        let room = self.room;
        let new = stored.iter().filter(|stored| **stored == Stored::Safe).count() as u64;
        self.free += new;
        room.letters.store(letters, Ordering::Relaxed);
        room.give_back(batch.freed);
        for (stored, one) in stored.iter().zip(&batch.incoming) {
            if *stored != Stored::Safe {
                room.give_back(weight(&one.letter));
            }
        }
        Reply::send(batch.replies.into_iter().zip(stored).collect());
        if new > 0 {
            self.tell.send_replace(self.free);
        }
    }

    /// The first letter of a day makes it forget those of long ago.
    fn forget_at_midnight(&mut self, batch: &Batch) {
        let Some(Incoming { letter, .. }) = batch.incoming.last() else { return };
        let day = letter.received_at.as_second().div_euclid(86_400);
        if self.today.replace(day).is_some_and(|before| before != day) {
            // Tomorrow, then.
            let _ = self.spool.forget(letter.received_at);
        }
    }
}
