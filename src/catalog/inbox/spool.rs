//! What is on disk: a table of letters, and for each of the last days one of ids.
//!
//! A disk that is full or fails makes redb refuse everything from then on: what it has in memory may not be what is on
//! disk. It is closed and opened again then, and has what the last transaction left. That may be the very one that
//! failed: where only the last sync went wrong, it may be there all the same. So a number is never given twice.

use std::path::{Path, PathBuf};
use std::sync::RwLock;

use jiff::Timestamp;
use redb::{
    Builder, Database, ReadableDatabase as _, ReadableTable, ReadableTableMetadata as _, TableDefinition,
    TableHandle as _, WriteTransaction,
};
use sha2::{Digest as _, Sha256};

use super::{BESIDES, InboxError, Stored, damaged, database, expected, of_headers};
use crate::files;
use crate::model::Letter;

/// How long ids are remembered. GitHub and GitLab keep deliveries for three days or seven, and repeat nothing older.
pub(super) const DAYS: i64 = 8;

/// What redb may keep in memory of the file.
const CACHE: usize = 2 * 1024 * 1024;

/// How many letters are read at once, at most; no more once there are so many bytes of them.
const SOME: usize = 64;
const SOME_BYTES: usize = 512 * 1024;

/// A file larger than this, and than four times what is in it, is made smaller when it is opened.
const LARGE: u64 = 64 * 1024 * 1024;

/// By their numbers: the length of a letter's head in four bytes, the lowest first; its head, which is all but its body,
/// in JSON; and its body.
const LETTERS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("deliveries");

/// How the tables of ids are called; the number of the day follows.
const IDS: &str = "ids-";

type Ids<'a> = TableDefinition<'a, &'static [u8; 16], ()>;

/// A letter that is to be stored.
pub(super) struct Incoming {
    pub letter: Letter,
    pub accept: bool,
}

/// The database; nothing while it could not be opened again.
pub(super) struct Spool {
    folder: PathBuf,
    path: PathBuf,
    database: RwLock<Option<Database>>,
    /// The next transaction is written, and said to have failed: what a last sync does that fails.
    #[cfg(test)]
    pub(super) fails_at_the_end: std::sync::atomic::AtomicBool,
}

/// What there is on disk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    /// How many letters.
    pub letters: u64,
    /// Their weight.
    pub bytes: u64,
    /// The number after the last one.
    pub free: u64,
}

/// What one transaction has done.
pub(super) struct Written {
    /// What became of each letter.
    pub stored: Vec<Stored>,
    /// How many letters there are now.
    pub letters: u64,
}

/// What an id is remembered as: they may be as long as their senders like.
pub(super) fn digest(id: &str) -> [u8; 16] {
    let mut digest = [0; 16];
    digest.copy_from_slice(&Sha256::digest(id)[..16]);
    digest
}

fn day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(86_400)
}

impl Spool {
    /// Opens it, and says what is in it.
    pub(super) fn open(folder: &Path, now: Timestamp) -> Result<(Self, Held), InboxError> {
        let path = database(folder);
        let mut database = open(&path)?;
        let held = held(&database).map_err(damaged(&path))?;
        let size = files::length(&path)?.unwrap_or(0);
        if size > LARGE && size / 4 > held.bytes {
            // It is no worse if it stays large.
            let _ = database.compact();
        }
        let spool = Self {
            folder: folder.to_owned(),
            path,
            database: RwLock::new(Some(database)),
            #[cfg(test)]
            fails_at_the_end: std::sync::atomic::AtomicBool::new(false),
        };
        spool.forget(now)?;
        Ok((spool, held))
    }

    /// How many letters are there, and the number after the last one; nothing where that cannot be read.
    pub(super) fn there(&self) -> Option<(u64, u64)> {
        let database = self.database.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let reading = database.as_ref()?.begin_read().ok()?;
        let letters = reading.open_table(LETTERS).ok()?;
        Some((letters.len().ok()?, free(&letters).ok()?))
    }

    /// The first letters after a number.
    pub(super) fn next(&self, after: Option<u64>) -> Result<Vec<(u64, Letter)>, InboxError> {
        let database = self.database.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(database) = &*database else { return Ok(Vec::new()) };
        let mut unreadable = None;
        let mut read = || -> Result<Vec<(u64, Letter)>, redb::Error> {
            let reading = database.begin_read()?;
            let letters = reading.open_table(LETTERS)?;
            let first = after.map_or(0, |after| after.saturating_add(1));
            let (mut some, mut bytes) = (Vec::new(), 0);
            for found in letters.range(first..)?.take(SOME) {
                let (number, letter) = found?;
                let number = number.value();
                let parts = apart(letter.value());
                let read = parts.and_then(|(head, body)| Some((serde_json::from_slice::<Letter>(head).ok()?, body)));
                let Some((head, body)) = read else {
                    unreadable = Some(number);
                    break;
                };
                bytes += body.len();
                some.push((number, Letter { body: body.to_vec(), ..head }));
                if bytes > SOME_BYTES {
                    break;
                }
            }
            Ok(some)
        };
        let some = read().map_err(damaged(&self.path))?;
        match unreadable {
            // Those before it first.
            Some(number) if some.is_empty() => Err(InboxError::Unreadable { path: self.path.clone(), number }),
            _ => Ok(some),
        }
    }

    /// Whether an id is remembered, and no note is there that it may come again.
    pub(super) fn knows(&self, id: &str) -> Result<bool, InboxError> {
        if expected::has(&self.folder, id) {
            return Ok(false);
        }
        let database = self.database.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(database) = &*database else { return Ok(false) };
        let digest = digest(id);
        let knows = || -> Result<bool, redb::Error> {
            let reading = database.begin_read()?;
            let days: Vec<String> =
                reading.list_tables()?.map(|t| t.name().to_owned()).filter(|n| day_of(n).is_some()).collect();
            for name in days {
                if reading.open_table(Ids::new(&name))?.get(&digest)?.is_some() {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        knows().map_err(damaged(&self.path))
    }

    /// Stores letters and removes those that are done, in one transaction, synced. Says of each letter what became of
    /// it; the first one stored has the number `free`, the others those after it.
    ///
    /// # Errors
    /// [`InboxError::Damaged`]: all of it was done or nothing, and which of the two is not known: the numbers are not
    /// to be given again. The database was opened again.
    pub(super) fn commit(&self, incoming: &[Incoming], done: &[u64], free: u64) -> Result<Written, InboxError> {
        // It did not open the last time.
        if self.database.read().is_ok_and(|database| database.is_none()) {
            self.reopen();
        }
        let outcome = {
            let database = self.database.read().unwrap_or_else(std::sync::PoisonError::into_inner);
            database.as_ref().map(|database| write(database, incoming, done, free, &self.folder))
        };
        #[cfg(test)]
        let outcome = match self.fails_at_the_end.swap(false, std::sync::atomic::Ordering::Relaxed) {
            true => outcome.map(|outcome| outcome.and(Err(redb::Error::PreviousIo))),
            false => outcome,
        };
        match outcome {
            Some(Ok(written)) => {
                let stored = |(_, stored): &(_, &Stored)| **stored == Stored::Safe;
                if expected::any(&self.folder) {
                    for (one, _) in incoming.iter().zip(&written.stored).filter(stored) {
                        expected::cross_out(&self.folder, &one.letter.id);
                    }
                }
                Ok(written)
            }
            Some(Err(error)) => {
                self.reopen();
                Err(damaged(&self.path)(error))
            }
            None => Err(damaged(&self.path)(redb::Error::PreviousIo)),
        }
    }

    /// Closes the database and opens it again; until that works, there is none.
    fn reopen(&self) {
        let mut database = self.database.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        *database = None;
        *database = open(&self.path).ok();
    }

    /// Forgets the ids of days that are long past.
    pub(super) fn forget(&self, now: Timestamp) -> Result<(), InboxError> {
        let database = self.database.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(database) = &*database else { return Ok(()) };
        let forget = || -> Result<(), redb::Error> {
            let old: Vec<String> = {
                let reading = database.begin_read()?;
                let names = reading.list_tables()?.map(|table| table.name().to_owned());
                names.filter(|name| day_of(name).is_some_and(|of| of < day(now) - DAYS)).collect()
            };
            if old.is_empty() {
                return Ok(());
            }
            let writing = database.begin_write()?;
            for name in &old {
                writing.delete_table(Ids::new(name))?;
            }
            Ok(writing.commit()?)
        };
        forget().map_err(damaged(&self.path))
    }
}

/// Of which day a table of ids is.
fn day_of(table: &str) -> Option<i64> {
    table.strip_prefix(IDS)?.parse().ok()
}

fn open(path: &Path) -> Result<Database, InboxError> {
    let file = files::open_in_place(path)?;
    let make = || -> Result<Database, redb::Error> {
        let database = Builder::new().set_cache_size(CACHE).create_file(file)?;
        // Readers want the tables to be there.
        let writing = database.begin_write()?;
        drop(writing.open_table(LETTERS)?);
        writing.commit()?;
        Ok(database)
    };
    make().map_err(damaged(path))
}

/// The number after the last one.
fn free(letters: &impl ReadableTable<u64, &'static [u8]>) -> Result<u64, redb::Error> {
    Ok(letters.last()?.map_or(0, |(number, _)| number.value().saturating_add(1)))
}

/// A letter's head and its body, of what is stored of it.
fn apart(stored: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = stored.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

/// What is weighed of a letter's head.
#[derive(serde::Deserialize)]
struct Head {
    headers: Vec<(String, String)>,
}

fn held(database: &Database) -> Result<Held, redb::Error> {
    let reading = database.begin_read()?;
    let letters = reading.open_table(LETTERS)?;
    let mut bytes = 0;
    for letter in letters.iter()? {
        let (_, letter) = letter?;
        let (head, body) = apart(letter.value()).unwrap_or((&[], letter.value()));
        let headers = serde_json::from_slice(head).map_or(0, |Head { headers }| of_headers(&headers));
        bytes += BESIDES + headers + body.len() as u64;
    }
    Ok(Held { letters: letters.len()?, bytes, free: free(&letters)? })
}

fn write(
    database: &Database,
    incoming: &[Incoming],
    done: &[u64],
    mut free: u64,
    inbox: &Path,
) -> Result<Written, redb::Error> {
    let writing = database.begin_write()?;
    let mut stored = Vec::with_capacity(incoming.len());
    let count = {
        let days: Vec<String> = match incoming {
            [] => Vec::new(),
            _ => writing.list_tables()?.map(|t| t.name().to_owned()).filter(|n| day_of(n).is_some()).collect(),
        };
        let mut letters = writing.open_table(LETTERS)?;
        for number in done {
            letters.remove(number)?;
        }
        let last = letters.last()?.map(|(number, _)| number.value());
        for Incoming { letter, accept } in incoming {
            let digest = digest(&letter.id);
            let known = remember(&writing, &days, &digest, day(letter.received_at))?;
            if known && !accept && !expected::has(inbox, &letter.id) {
                stored.push(Stored::Known);
                continue;
            }
            let head = Letter { repeat: known, body: Vec::new(), ..letter.clone_head() };
            let head = serde_json::to_vec(&head).map_err(|e| redb::Error::Corrupted(e.to_string()))?;
            if last.is_some_and(|last| last >= free) {
                // Nothing is ever written over. The whole transaction goes.
                return Err(redb::Error::Corrupted("a number was given twice".to_owned()));
            }
            let length = u32::try_from(head.len()).map_err(|e| redb::Error::Corrupted(e.to_string()))?;
            let parts: [&[u8]; 3] = [&length.to_le_bytes(), &head, &letter.body];
            let mut place = letters.insert_reserve(free, parts.iter().map(|part| part.len()).sum())?;
            let mut rest = place.as_mut();
            for part in parts {
                let (here, after) = rest.split_at_mut(part.len());
                here.copy_from_slice(part);
                rest = after;
            }
            drop(place);
            free += 1;
            stored.push(Stored::Safe);
        }
        letters.len()?
    };
    writing.commit()?;
    Ok(Written { stored, letters: count })
}

/// Puts an id into the table of its day, and says whether it was there or in that of another day.
fn remember(writing: &WriteTransaction, days: &[String], digest: &[u8; 16], day: i64) -> Result<bool, redb::Error> {
    let today = format!("{IDS}{day}");
    for name in days.iter().filter(|name| **name != today && day_of(name).is_some_and(|of| (of - day).abs() <= DAYS)) {
        if writing.open_table(Ids::new(name))?.get(digest)?.is_some() {
            return Ok(true);
        }
    }
    Ok(writing.open_table(Ids::new(&today))?.insert(digest, ())?.is_some())
}
