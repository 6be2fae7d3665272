//! The inbox of a receiving address: deliveries accepted and not yet handed on, so that none is lost.
//!
//! A delivery is on disk, synced, before its sender is told that it was accepted; the id is remembered with it, in the
//! same transaction, for eight days. It is removed when it was handed on. Whatever kills the process in between, the
//! delivery is still there: it may be handed on twice, and never not at all.
//!
//! One thread writes ([`writer`]). While it waits for the disk, more deliveries come; the next transaction takes
//! all of them. So one sync costs as much for one delivery as for sixteen, and under load there are hardly more
//! transactions than the disk allows.
//!
//! A repeat is a delivery with an id that is remembered. It is acknowledged and not handed on, because senders repeat what they
//! believe lost; unless it was asked for. Whoever asks a forge to deliver something once more says so first
//! ([`Inboxes::expect`]), from another process if need be: that is a file beside the database, which only one process
//! may open.
//!
//! The database is redb: pure Rust, one file, a checksum over every page, a transaction that is there whole or not at
//! all after a kill. Measured against a log that is only appended to (`benches/README.md`), it costs nothing that the
//! sync does not cost anyway, and it has the index of ids that the log would need besides.

mod expected;
mod spool;
#[cfg(test)]
mod tests;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use jiff::Timestamp;
use tokio::sync::{oneshot, watch};

use super::Home;
use crate::files::{FileError, Lock};
use crate::model::Letter;
use spool::Spool;
use writer::{Done, Job};

pub use writer::Room;

/// What is reckoned for a letter besides its body and its headers.
const BESIDES: u64 = 2048;

/// Why an inbox does not open, or does not give a letter.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// A file or folder; it says which and why.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another process listens for the same address: let it, or end it.
    #[error("another process listens for these deliveries")]
    Busy,
    /// One letter does not read, as one that a later version has stored may not. It stays; those behind it are not
    /// kept waiting.
    #[error("delivery {number} in {} does not read; a later version of connect may have stored it", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// The letter's number.
        number: u64,
    },
    /// The database does not open: the disk is full, or somebody has written into the file.
    #[error("the deliveries in {} cannot be read: {why}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What the library says.
        why: String,
    },
}

/// What became of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It is on disk.
    Safe,
    /// It was received before, and is or was on disk.
    Known,
    /// The spool is full, or the disk is, or fails. The sender may try again.
    NoRoom,
}

/// The inboxes of a home.
#[derive(Debug, Clone)]
pub struct Inboxes {
    folder: PathBuf,
    locks: PathBuf,
}

/// An inbox that this process has, alone.
pub struct Inbox {
    spool: Arc<Spool>,
    room: Arc<Room>,
    /// Takes what is to be done to the thread; gone when the inbox is closed.
    jobs: Option<Sender<Job>>,
    done: Arc<Done>,
    thread: Option<JoinHandle<()>>,
    stored: watch::Receiver<u64>,
    accept_repeats: bool,
    _lock: Lock,
}

impl Inboxes {
    /// Those of a home.
    pub fn new(home: &Home) -> Self {
        Self { folder: home.spool(), locks: home.locks() }
    }

    /// Notes that a forge will be asked to deliver this once more, so that it is let through although its id is
    /// remembered. To be called before the forge is asked. `endpoint` is the id of the connection's webhook
    /// (`WebhookRecord::id`), `id` what the delivery is called by in its header: GitHub's `guid`, GitLab's
    /// `webhook-id` or `Idempotency-Key`. The note holds for eight days, or until the delivery comes. Whether there was
    /// none before.
    ///
    /// # Errors
    /// [`FileError::Io`]: the note is not safe, so the forge is better not asked.
    pub fn expect(&self, endpoint: &str, id: &str) -> Result<bool, FileError> {
        expected::note(&self.of(endpoint), id)
    }

    /// Takes a note back: the forge has refused to deliver it once more, so it will not come.
    ///
    /// # Errors
    /// [`FileError::Io`]: one repeat more is let through, should it ever come.
    pub fn expect_no_more(&self, endpoint: &str, id: &str) -> Result<(), FileError> {
        expected::take_back(&self.of(endpoint), id)
    }

    /// Sees that nobody listens there now.
    ///
    /// # Errors
    /// [`InboxError::Busy`], [`InboxError::File`].
    pub fn is_free(&self, endpoint: &str) -> Result<(), InboxError> {
        self.lock(endpoint).map(drop)
    }

    fn lock(&self, endpoint: &str) -> Result<Lock, InboxError> {
        match Lock::try_acquire(&self.locks.join(format!("inbox-{}.lock", name(endpoint)))) {
            Err(FileError::Busy { .. }) => Err(InboxError::Busy),
            lock => Ok(lock?),
        }
    }

    /// Opens an inbox, alone. With `limit` bytes in it, it takes no more.
    ///
    /// # Errors
    /// [`InboxError`].
    pub fn open(&self, endpoint: &str, limit: u64, accept_repeats: bool, now: Timestamp) -> Result<Inbox, InboxError> {
        let folder = self.of(endpoint);
        let lock = self.lock(endpoint)?;
        expected::sweep(&folder);
        let (spool, held) = Spool::open(&folder, now)?;
        let spool = Arc::new(spool);
        let room = Arc::new(Room::new(limit, held));
        let done = Arc::new(Done::default());
        let (jobs, todo) = channel();
        let (tell, stored) = watch::channel(0);
        let thread = {
            let (spool, room, done) = (Arc::clone(&spool), Arc::clone(&room), Arc::clone(&done));
            let work = move || writer::run(&spool, &room, &done, held.free, &todo, &tell);
            std::thread::Builder::new().name("inbox".into()).spawn(work)
        };
        let thread = thread.map_err(|source| FileError::Io { action: "write to", path: folder, source })?;
        Ok(Inbox { spool, room, jobs: Some(jobs), done, thread: Some(thread), stored, accept_repeats, _lock: lock })
    }

    /// Where an inbox is on disk.
    pub fn place(&self, endpoint: &str) -> PathBuf {
        self.of(endpoint)
    }

    /// Removes an inbox with all that is in it. False: there was none.
    ///
    /// # Errors
    /// [`InboxError::Busy`] while somebody listens, [`InboxError::File`].
    pub fn remove(&self, endpoint: &str) -> Result<bool, InboxError> {
        let _lock = self.lock(endpoint)?;
        match std::fs::remove_dir_all(self.of(endpoint)) {
            Ok(()) => Ok(true),
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(FileError::Io { action: "remove", path: self.of(endpoint), source }.into()),
        }
    }

    fn of(&self, endpoint: &str) -> PathBuf {
        self.folder.join(name(endpoint))
    }
}

/// A folder's name for an address: a record that somebody edited must not lead anywhere else.
fn name(endpoint: &str) -> String {
    let plain = !endpoint.is_empty() && endpoint.len() <= 64 && endpoint.bytes().all(|b| b.is_ascii_alphanumeric());
    if plain { endpoint.to_owned() } else { hex::encode(spool::digest(endpoint)) }
}

impl Inbox {
    /// Stores a letter; answers once it is on disk, or certainly will not be. What is given has to be awaited or dropped, not
    /// kept aside: the answers of other letters may come by way of it.
    pub fn put(&self, letter: Letter) -> impl Future<Output = Stored> + Send + use<> {
        let weight = weight(&letter);
        let (reply, answer) = oneshot::channel();
        let taken = self.room.take(weight)
            && self.jobs.as_ref().is_some_and(|jobs| {
                jobs.send(Job::Put { letter: Box::new(letter), accept: self.accept_repeats, reply }).is_ok()
            });
        async move { if taken { answer.await.map_or(Stored::NoRoom, |reply| reply.stored) } else { Stored::NoRoom } }
    }

    /// How much there is in it, and how much there may be.
    pub fn room(&self) -> &Arc<Room> {
        &self.room
    }

    /// The oldest letters after the one with this number, or the oldest of all: some of them, at least one if there is
    /// any. Letters have their numbers in the order in which they were stored. Reads from disk.
    ///
    /// # Errors
    /// [`InboxError::Damaged`]; what is put in later may heal it. [`InboxError::Unreadable`] for one that is left
    /// out by asking for what is after it.
    pub fn next(&self, after: Option<u64>) -> Result<Vec<(u64, Letter)>, InboxError> {
        self.spool.next(after)
    }

    /// Whether a delivery of this id would be let drop, as a repeat that nobody has asked for. Reads from disk.
    ///
    /// # Errors
    /// [`InboxError::Damaged`].
    pub fn knows(&self, id: &str) -> Result<bool, InboxError> {
        self.spool.knows(id)
    }

    /// Changes whenever something was stored.
    pub fn stored(&self) -> watch::Receiver<u64> {
        self.stored.clone()
    }

    /// The letter was handed on, and goes. What is not on disk yet when the process is killed is handed on once more.
    pub fn done(&self, number: u64, letter: &Letter) {
        if self.done.add(number, weight(letter))
            && let Some(jobs) = &self.jobs
        {
            // Nobody there to take it: then it is handed on once more.
            let _ = jobs.send(Job::Done);
        }
    }

    /// Ends, once all that was put in and all that is done is on disk.
    pub fn close(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // It would have panicked.
            let _ = thread.join();
        }
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.end();
    }
}

fn weight(letter: &Letter) -> u64 {
    u64::try_from(letter.body.len())
        .unwrap_or(u64::MAX)
        .saturating_add(BESIDES)
        .saturating_add(of_headers(&letter.headers))
}

/// Headers may be 64 KiB.
fn of_headers(headers: &[(String, String)]) -> u64 {
    headers.iter().map(|(name, value)| (name.len() + value.len()) as u64).sum()
}

/// Where the database is.
fn database(folder: &Path) -> PathBuf {
    folder.join("inbox.redb")
}

/// What redb says, as [`InboxError::Damaged`]. It never repeats what is in the file.
fn damaged(path: &Path) -> impl Fn(redb::Error) -> InboxError {
    move |error| InboxError::Damaged { path: path.to_owned(), why: error.to_string() }
}
