//! The thread that writes: it takes all that has come while it waited for the disk, and syncs once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;

use tokio::sync::{oneshot, watch};

use super::Stored;
use super::spool::{Incoming, Spool};
use super::weight;
use crate::model::Letter;

/// What one transaction takes at most: letters, and bytes of theirs.
const MOST: usize = 512;
const HEAVIEST: u64 = 32 * 1024 * 1024;

/// Something to be written down.
pub(super) enum Job {
    Put { letter: Box<Letter>, accept: bool, reply: oneshot::Sender<Stored> },
    Done { number: u64, weight: u64 },
}

/// How much there is in an inbox, on disk or on its way there, and how much there may be.
#[derive(Debug)]
pub struct Room {
    limit: u64,
    bytes: AtomicU64,
    letters: AtomicU64,
    failures: AtomicU64,
}

impl Room {
    pub(super) fn new(limit: u64, (letters, bytes): (u64, u64)) -> Self {
        Self { limit, bytes: AtomicU64::new(bytes), letters: AtomicU64::new(letters), failures: AtomicU64::new(0) }
    }

    /// Whether there is room for another letter.
    pub fn is_left(&self) -> bool {
        self.bytes() < self.limit
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
    replies: Vec<oneshot::Sender<Stored>>,
    done: Vec<u64>,
    freed: u64,
    weight: u64,
}

impl Batch {
    fn add(&mut self, job: Job) {
        match job {
            Job::Put { letter, accept, reply } => {
                self.weight += weight(&letter);
                self.incoming.push(Incoming { letter: *letter, accept });
                self.replies.push(reply);
            }
            Job::Done { number, weight } => {
                self.done.push(number);
                self.freed += weight;
            }
        }
    }

    fn is_full(&self) -> bool {
        self.incoming.len() >= MOST || self.weight >= HEAVIEST
    }
}

/// Works until nobody can give it work any more.
pub(super) fn run(spool: &Spool, room: &Room, jobs: &Receiver<Job>, tell: &watch::Sender<u64>) {
    let mut free = spool.first_free();
    // What is done and could not be written down yet.
    let mut left: Vec<u64> = Vec::new();
    let mut today = None;
    while let Ok(first) = jobs.recv() {
        let mut batch = Batch { done: std::mem::take(&mut left), ..Batch::default() };
        batch.add(first);
        while !batch.is_full()
            && let Ok(job) = jobs.try_recv()
        {
            batch.add(job);
        }
        if let Some(Incoming { letter, .. }) = batch.incoming.last() {
            let day = letter.received_at.as_second().div_euclid(86_400);
            // The first letter of a day.
            if today.replace(day).is_some_and(|before| before != day) {
                let _ = spool.forget(letter.received_at);
            }
        }
        match spool.commit(&batch.incoming, &batch.done, free) {
            Ok(stored) => {
                let new = stored.iter().filter(|stored| **stored == Stored::Safe).count() as u64;
                free += new;
                room.letters.fetch_add(new, Ordering::Relaxed);
                let gone = batch.done.len() as u64;
                let _ =
                    room.letters.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| Some(n.saturating_sub(gone)));
                room.give_back(batch.freed);
                for ((reply, stored), one) in batch.replies.into_iter().zip(stored).zip(&batch.incoming) {
                    if stored != Stored::Safe {
                        room.give_back(weight(&one.letter));
                    }
                    // A sender that has gone will send it again, and be told that it is known.
                    let _ = reply.send(stored);
                }
                if new > 0 {
                    tell.send_replace(free);
                }
            }
            Err(error) => {
                tracing::debug!(%error, "nothing was stored");
                room.failures.fetch_add(1, Ordering::Relaxed);
                room.give_back(batch.weight + batch.freed);
                left = batch.done;
                for reply in batch.replies {
                    let _ = reply.send(Stored::NoRoom);
                }
            }
        }
    }
    if !left.is_empty() {
        let _ = spool.commit(&[], &left, free);
    }
}
