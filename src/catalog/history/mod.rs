//! What happened to the connections: `history.jsonl`, one line a happening, only ever added to.
//!
//! Each line carries the hash of the one before, so that accidents show: a line that was edited, lost, moved or
//! torn. Whoever owns the file can rewrite all of it, hashes included; nothing here claims otherwise. Beside it,
//! `history.head` says which line was the last, because a chain alone does not miss its own end.
//!
//! Uses of a token are not written down, and never a secret: only its fingerprint and the id it has in its store.

mod chain;
mod line;
mod together;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::journal::Part;
use super::{CatalogError, Home};
use crate::files::{self, Lock};
use crate::model::{ConnectionName, DestinationKind, Fingerprint, SecretId, StoreKind};

pub use chain::{Chain, Flaw, FlawKind, Verified};
pub use line::Entry;
use together::Together;

/// The longest line that is read. Those that connect writes have less than 4 KiB.
const LONGEST_LINE: usize = 64 * 1024;

/// How long to wait for other writers; each is done within milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a reader waits for them: what they add now need not be shown.
const READING_PATIENCE: Duration = Duration::from_secs(2);

/// The head is one short object.
const HEAD_LIMIT: u64 = 4 * 1024;

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The user's name at the machine.
    pub user: String,
    /// The machine's name.
    pub machine: String,
}

/// Something that happened, without its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// `connected`, `replaced`, `rotated`, `revoked`, `disconnected`, `migrated`, `renamed`, `planted`, `pushed`, `removed`,
    /// `imported`, `undone`, `repaired`.
    pub event: String,
    /// To which connection; nothing for `repaired`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionName>,
    /// At which host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Whose account there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The token's fingerprint; nothing for a webhook's secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// `rotated`: the fingerprint of the token before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_fingerprint: Option<Fingerprint>,
    /// Which of the connection's secrets, where it is not the token.
    #[serde(default, skip_serializing_if = "Part::is_token")]
    pub part: Part,
    /// In which store it is, or was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreKind>,
    /// `migrated`: from which store; `renamed`: the old name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Under which id its store has it, or had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretId>,
    /// `repaired`: how many bytes of a torn line were cut off; 0 when only its line break was missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<u64>,
    /// `planted`, `pushed`, `removed`: what kind of place a copy went to, or was taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<DestinationKind>,
    /// `planted`, `pushed`, `removed`: the place; `imported`, `undone`: the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// `imported`, `undone`: the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Who did it.
    pub user: String,
    /// On which machine.
    pub machine: String,
}

/// The last line that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    seq: u64,
    hash: String,
}

/// The history of a home.
#[derive(Debug, Clone)]
pub struct History {
    path: PathBuf,
    head: PathBuf,
    lock: PathBuf,
    together: Arc<Together>,
}

/// The end of the file as a writer finds it.
struct End {
    /// A line without its line break.
    torn: Vec<u8>,
    /// The last whole line, if it reads.
    last: Option<Head>,
}

impl History {
    /// The history of a home; nothing is read or made yet.
    pub fn new(home: &Home) -> Self {
        // No connection's lock begins with a dot.
        Self {
            path: home.history_file(),
            head: home.history_head(),
            lock: home.locks().join(".history.lock"),
            together: Arc::default(),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a line. A last line that a crash has torn is repaired first, and the repair noted. Lines of several threads
    /// are written and synced together.
    ///
    /// # Errors
    /// [`CatalogError::File`]; the file is then as it was, or repaired.
    pub fn append(&self, happening: &Happening) -> Result<(), CatalogError> {
        self.together.append(happening, |all| self.write(all))
    }

    fn write(&self, happenings: &[Happening]) -> Result<(), CatalogError> {
        let Some(first) = happenings.first() else { return Ok(()) };
        let _lock = Lock::acquire(&self.lock, PATIENCE)?;
        let end = self.end()?;
        let mut head = self.last(end.last)?;
        let mut text = Vec::new();
        if !end.torn.is_empty() {
            let whole = Entry::read(&end.torn).filter(Entry::is_sound);
            let cut = if whole.is_some() { 0 } else { u64::try_from(end.torn.len()).unwrap_or(u64::MAX) };
            match whole {
                Some(entry) => {
                    text.push(b'\n');
                    head = Some(Head { seq: entry.seq(), hash: entry.hash().to_owned() });
                }
                None => files::cut(&self.path, files::length(&self.path)?.unwrap_or(0).saturating_sub(cut))?,
            }
            head = Some(line::add(&mut text, &repaired(first, cut), head.as_ref())?);
        }
        for happening in happenings {
            head = Some(line::add(&mut text, happening, head.as_ref())?);
        }
        files::append(&self.path, &text)?;
        // Where this fails, or a power cut brings the one before back, it is behind by some lines, and says nothing wrong.
        if let Ok(text) = serde_json::to_vec(&head) {
            let _ = files::refresh_all(&[(self.head.clone(), text)]);
        }
        Ok(())
    }

    /// Whether a happening is written down already.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn has(&self, happening: &Happening) -> Result<bool, CatalogError> {
        let Some(lines) = files::lines(&self.path, u64::MAX, LONGEST_LINE)? else { return Ok(false) };
        // Parsing is for those few lines that could be it.
        let mark = happening.secret.as_ref().map_or("", SecretId::as_str).as_bytes();
        for line in lines {
            let line = line?;
            let near = mark.is_empty() || line.bytes.windows(mark.len()).any(|part| part == mark);
            if near && serde_json::from_slice::<Happening>(&line.bytes).is_ok_and(|there| there == *happening) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads the file as it is now, line by line, and leaves it as it is.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn read(&self) -> Result<Reading, CatalogError> {
        let there = files::length(&self.path)?.is_some();
        // Who writes is done in a moment; half a line of theirs is not a torn one. Where no lock can be had
        // (a home that may not be written), there is no writer to wait for either.
        let lock = if there { Lock::acquire(&self.lock, READING_PATIENCE).ok() } else { None };
        let length = files::length(&self.path)?.unwrap_or(0);
        let head = self.head();
        drop(lock);
        Ok(Reading { lines: files::lines(&self.path, length, LONGEST_LINE)?, number: 0, head })
    }

    fn head(&self) -> Option<Head> {
        serde_json::from_slice(&files::read(&self.head, HEAD_LIMIT).ok()??).ok()
    }

    fn end(&self) -> Result<End, CatalogError> {
        let limit = 2 * LONGEST_LINE;
        let tail = files::tail(&self.path, limit as u64)?;
        let torn = match tail.iter().rposition(|byte| *byte == b'\n') {
            Some(at) => tail.get(at + 1..).unwrap_or_default(),
            None => &tail,
        };
        let whole = tail.get(..tail.len().saturating_sub(torn.len() + 1)).unwrap_or_default();
        let last = whole.rsplit(|byte| *byte == b'\n').next().and_then(Entry::read);
        let last = last.map(|entry| Head { seq: entry.seq(), hash: entry.hash().to_owned() });
        Ok(End { torn: torn.to_owned(), last })
    }

    /// What the next line follows on: the last line, unless the head knows of later ones. Then lines were lost,
    /// and the gap stays to be seen.
    fn last(&self, last: Option<Head>) -> Result<Option<Head>, CatalogError> {
        let head = self.head();
        match (last, head) {
            (Some(last), Some(head)) if head.seq > last.seq => Ok(Some(head)),
            (Some(last), _) => Ok(Some(last)),
            (None, Some(head)) => Ok(Some(head)),
            (None, None) => self.last_readable(),
        }
    }

    fn last_readable(&self) -> Result<Option<Head>, CatalogError> {
        let Some(lines) = files::lines(&self.path, u64::MAX, LONGEST_LINE)? else { return Ok(None) };
        let mut last = None;
        for line in lines {
            if let Some(entry) = Entry::read(&line?.bytes) {
                last = Some(Head { seq: entry.seq(), hash: entry.hash().to_owned() });
            }
        }
        Ok(last)
    }
}

/// The note about a repair, by whoever came to write something else.
fn repaired(by: &Happening, cut: u64) -> Happening {
    Happening {
        at: by.at,
        event: "repaired".into(),
        connection: None,
        host: None,
        account: None,
        fingerprint: None,
        old_fingerprint: None,
        part: Part::Token,
        store: None,
        from: None,
        secret: None,
        cut: Some(cut),
        destination: None,
        target: None,
        repository: None,
        user: by.user.clone(),
        machine: by.machine.clone(),
    }
}

/// One line of the file as it was found.
#[derive(Debug)]
pub enum Found {
    /// It reads.
    Entry(Box<Entry>),
    /// It does not.
    Unreadable,
    /// It is the last one, and its end is missing.
    Torn,
}

/// The lines of a history, one by one.
pub struct Reading {
    lines: Option<files::Lines>,
    number: usize,
    head: Option<Head>,
}

impl Reading {
    /// What checks these lines.
    pub fn verifier(&self) -> Chain {
        Chain::new(self.head.clone())
    }
}

impl Iterator for Reading {
    /// The number of the line, from 1, and what it is.
    type Item = Result<(usize, Found), CatalogError>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = match self.lines.as_mut()?.next()? {
            Ok(line) => line,
            Err(e) => return Some(Err(e.into())),
        };
        self.number += 1;
        let found = if !line.ended {
            Found::Torn
        } else if line.too_long {
            Found::Unreadable
        } else {
            Entry::read(&line.bytes).map_or(Found::Unreadable, |entry| Found::Entry(Box::new(entry)))
        };
        Some(Ok((self.number, found)))
    }
}
