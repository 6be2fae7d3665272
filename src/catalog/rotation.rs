//! Rotations that are under way: what was asked of a forge, and, as soon as it is there, the answer.
//!
//! The forge kills the old token as it answers, so the answer is the only thing in the world that has the new one. It
//! goes into this file first, sealed, and the file tells the next run how far it came: begun, asked, answered.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::journal::{Resting, VERSION};
use super::{CatalogError, Happening, Journal};
use crate::files;
use crate::model::{ConnectionName, Fingerprint};

/// How many bytes are set aside on disk before a forge is asked, so that there is room for its answer, the new token and
/// the record even when the disk has filled up in between.
const RESERVE: u32 = 64 * 1024;

/// How many digits of the digest of a connection's name are in the names of its files.
const MARK: usize = 16;

/// A token is being rotated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// The form of this file.
    pub version: u32,
    /// Whose token. Its lock is held until the record names the new one.
    pub rotating: ConnectionName,
    /// The token that is to be replaced.
    pub fingerprint: Fingerprint,
    /// Where that one is.
    pub old: Resting,
    /// Where the key of the escrow is.
    pub key: Resting,
    /// Where the new token goes.
    pub new: Resting,
    /// When it began.
    pub since: Timestamp,
    /// The forge was, or was about to be, asked; by then the request has ended, whatever became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_until: Option<Timestamp>,
    /// The forge's whole answer, sealed to the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escrow: Option<String>,
    /// What the history says once the record names the new token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happening: Option<Happening>,
}

impl Rotation {
    /// The token at one place is about to be replaced by one at another.
    pub fn new(
        rotating: ConnectionName,
        fingerprint: Fingerprint,
        [old, key, new]: [Resting; 3],
        since: Timestamp,
    ) -> Self {
        Self {
            version: VERSION,
            rotating,
            fingerprint,
            old,
            key,
            new,
            since,
            asked_until: None,
            escrow: None,
            happening: None,
        }
    }

    /// All that it may have put into a store.
    pub fn resting(&self) -> [&Resting; 3] {
        [&self.old, &self.key, &self.new]
    }
}

/// A rotation that is written down.
#[derive(Debug)]
pub struct OpenRotation {
    /// How far it came.
    pub rotation: Rotation,
    path: PathBuf,
}

impl OpenRotation {
    /// What is written down now, if it is still: who read it before they had the lock must look again.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn again(self) -> Result<Option<Self>, CatalogError> {
        let there = Journal::read::<Rotation>(&self.path)?.filter(|rotation| rotation.version == VERSION);
        Ok(there.map(|rotation| Self { rotation, ..self }))
    }

    /// Writes down that the forge is about to be asked, and sets room aside for its answer.
    ///
    /// # Errors
    /// [`CatalogError::File`]; then it must not be asked.
    pub fn ask(&mut self, until: Timestamp) -> Result<(), CatalogError> {
        files::set_aside(&reserve(&self.path), RESERVE)?;
        self.rotation.asked_until = Some(until);
        self.write()
    }

    /// Writes down that it began at this time, by a clock that was set back since, and ends as much later as before.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn begins_at(&mut self, now: Timestamp) -> Result<(), CatalogError> {
        let since = self.rotation.since;
        let moved = |at: Timestamp| now.checked_add(at.duration_since(since)).unwrap_or(now);
        self.rotation.asked_until = self.rotation.asked_until.map(moved);
        self.rotation.since = now;
        self.write()
    }

    /// Writes down the answer.
    ///
    /// # Errors
    /// [`CatalogError::File`]; then it is nowhere but in memory.
    pub fn answered(&mut self, escrow: String, happening: Happening) -> Result<(), CatalogError> {
        let _ = files::discard(&reserve(&self.path));
        (self.rotation.escrow, self.rotation.happening) = (Some(escrow), Some(happening));
        self.write()
    }

    /// Crosses it out, when the record names the new token and nothing is left in the stores that it should know of.
    /// After a power cut it may stand there again: whoever finds it then, finds nothing to do, and crosses it out again.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn done(self) -> Result<(), CatalogError> {
        let _ = files::discard(&reserve(&self.path));
        files::discard(&self.path)?;
        Ok(())
    }

    /// Crosses it out: nothing came of it.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn close(self) -> Result<(), CatalogError> {
        let _ = files::discard(&reserve(&self.path));
        files::remove(&self.path)?;
        Ok(())
    }

    fn write(&self) -> Result<(), CatalogError> {
        let text = serde_json::to_vec(&self.rotation)
            .map_err(|e| CatalogError::Damaged { path: self.path.clone(), why: e.to_string() })?;
        Ok(files::replace(&self.path, &text)?)
    }
}

/// What the names of a connection's notes begin with: who looks for them reads no others' notes.
fn beginning(connection: &ConnectionName) -> String {
    let digest = Fingerprint::of(connection.as_str().as_bytes());
    let digits = digest.as_str().rsplit(':').next().and_then(|digits| digits.get(..MARK)).unwrap_or_default();
    format!("rotate-{digits}")
}

fn reserve(path: &Path) -> PathBuf {
    path.with_extension("reserve")
}

impl Journal {
    /// Writes a rotation down, synced, before it is begun.
    ///
    /// # Errors
    /// [`CatalogError::File`]; then nothing may be begun.
    pub fn rotate(&self, rotation: Rotation) -> Result<OpenRotation, CatalogError> {
        Ok(OpenRotation { path: self.write(&beginning(&rotation.rotating), &rotation)?, rotation })
    }

    /// Those of one connection. A run of many looks for them a thousand times, and most of what is written down then is
    /// its own, about others.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn unfinished_rotations_of(&self, connection: &ConnectionName) -> Result<Vec<OpenRotation>, CatalogError> {
        let mut open = self.rotations(&beginning(connection))?;
        open.retain(|open| open.rotation.rotating == *connection);
        Ok(open)
    }

    /// All rotations that are written down; those of processes still at work are among them.
    ///
    /// # Errors
    /// [`CatalogError::File`].
    pub fn unfinished_rotations(&self) -> Result<Vec<OpenRotation>, CatalogError> {
        self.rotations("rotate")
    }

    fn rotations(&self, beginning: &str) -> Result<Vec<OpenRotation>, CatalogError> {
        let known = |(rotation, _): &(Rotation, PathBuf)| rotation.version == VERSION;
        let rotations = self.all_of::<Rotation>(beginning)?.into_iter().filter(known);
        Ok(rotations.map(|(rotation, path)| OpenRotation { rotation, path }).collect())
    }
}
