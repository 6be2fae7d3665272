//! Rotations that are under way: what was asked of a forge, and, as soon as it is there, the answer.
//!
//! The forge kills the old token as it answers, so the answer is the only thing in the world that has the new one. It
//! goes into this file first, sealed, and the file tells the next run how far it came: begun, asked, answered. It is a line for
//! each of these, the later ones added and synced: that is one thing to wait for, and to put a whole file in place of
//! another is two, with the folder. A line that a crash has torn was never counted on, and is passed over.

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

/// A later line: what is known by then beyond the first.
#[derive(Default, Serialize, Deserialize)]
struct Step {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    escrow: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    happening: Option<Happening>,
}

impl Rotation {
    /// What a note says, as far as its lines are whole; nothing if it is none of a rotation.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
        let mut rotation: Self = serde_json::from_slice(lines.next()?).ok()?;
        let whole = lines.take_while(|line| line.ends_with(b"\n"));
        for step in whole.map_while(|line| serde_json::from_slice::<Step>(line).ok()) {
            rotation.take(step);
        }
        (rotation.version == VERSION).then_some(rotation)
    }

    fn take(&mut self, step: Step) {
        self.asked_until = step.asked_until.or(self.asked_until);
        self.escrow = step.escrow.or(self.escrow.take());
        self.happening = step.happening.or(self.happening.take());
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
        let there = Journal::read(&self.path, Rotation::read)?;
        Ok(there.map(|rotation| Self { rotation, ..self }))
    }

    /// Writes down that the forge is about to be asked, and sets room aside for its answer.
    ///
    /// # Errors
    /// [`CatalogError::File`]; then it must not be asked.
    pub fn ask(&mut self, until: Timestamp) -> Result<(), CatalogError> {
        files::set_aside(&reserve(&self.path), RESERVE)?;
        self.add(Step { asked_until: Some(until), ..Step::default() })
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
        self.add(Step { escrow: Some(escrow), happening: Some(happening), ..Step::default() })
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

    /// Writes all of it anew, in one line.
    fn write(&self) -> Result<(), CatalogError> {
        let text = self.line(&self.rotation)?;
        Ok(files::replace(&self.path, &text)?)
    }

    /// Adds a line. Where that does not work, this run still knows what it would say.
    fn add(&mut self, step: Step) -> Result<(), CatalogError> {
        let text = self.line(&step);
        self.rotation.take(step);
        Ok(files::add(&self.path, &text?)?)
    }

    fn line(&self, what: &impl Serialize) -> Result<Vec<u8>, CatalogError> {
        let mut text = serde_json::to_vec(what)
            .map_err(|e| CatalogError::Damaged { path: self.path.clone(), why: e.to_string() })?;
        text.push(b'\n');
        Ok(text)
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
        let rotations = self.all_by(beginning, Rotation::read)?.into_iter();
        Ok(rotations.map(|(rotation, path)| OpenRotation { rotation, path }).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Home;
    use crate::model::{SecretId, StoreKind};

    fn happening() -> Happening {
        let text = r#"{"at":"2026-11-01T12:00:00Z","event":"rotated","user":"mona","machine":"den"}"#;
        serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}"))
    }

    fn begun(journal: &Journal, name: &str) -> OpenRotation {
        let resting =
            || Resting { secret: SecretId::random().unwrap_or_else(|e| panic!("{e}")), kept_in: StoreKind::Plain };
        let name = name.parse().unwrap_or_else(|e| panic!("{e}"));
        let places = [resting(), resting(), resting()];
        let rotation = Rotation::new(name, Fingerprint::of(b"old"), places, Timestamp::UNIX_EPOCH);
        journal.rotate(rotation).unwrap_or_else(|e| panic!("{e}"))
    }

    /// Cut off at any byte, a note says one of the three things that were written, and what was synced it says.
    #[test]
    fn a_note_that_was_cut_off_says_what_was_synced() {
        let home = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let journal = Journal::new(&Home::below(home.path()));
        let mut open = begun(&journal, "lab");
        let length = |open: &OpenRotation| files::length(&open.path).ok().flatten().unwrap_or_default();
        let mut said = vec![(length(&open), open.rotation.clone())];
        open.ask(Timestamp::UNIX_EPOCH).unwrap_or_else(|e| panic!("{e}"));
        said.push((length(&open), open.rotation.clone()));
        open.answered("sealed".into(), happening()).unwrap_or_else(|e| panic!("{e}"));
        said.push((length(&open), open.rotation.clone()));
        let bytes = files::read(&open.path, 64 * 1024).ok().flatten().unwrap_or_default();
        for end in 0..=bytes.len() {
            let read = Rotation::read(&bytes[..end]);
            let synced = said.iter().rev().find(|(length, _)| *length <= end as u64).map(|(_, rotation)| rotation);
            // Its line break is the last byte of the first line, and says nothing.
            assert!(read.as_ref() == synced || (synced.is_none() && read.as_ref() == Some(&said[0].1)), "{end}");
            let zeroed = [&bytes[..end], &[0; 100][..]].concat();
            assert_eq!(
                Rotation::read(&zeroed).as_ref(),
                synced.filter(|_| end as u64 >= said[0].0),
                "{end}, then nothing"
            );
        }
        assert_eq!(open.again().ok().flatten().map(|open| open.rotation), said.pop().map(|(_, rotation)| rotation));
    }

    #[test]
    fn those_of_one_connection_are_found_among_many() {
        let home = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let journal = Journal::new(&Home::below(home.path()));
        for name in ["one", "other", "one"] {
            drop(begun(&journal, name));
        }
        let of = |name: &str| {
            let name = name.parse().unwrap_or_else(|e| panic!("{e}"));
            journal.unfinished_rotations_of(&name).map(|open| open.len()).ok()
        };
        assert_eq!((of("one"), of("other"), of("none")), (Some(2), Some(1), Some(0)));
        assert_eq!(journal.unfinished_rotations().map(|open| open.len()).ok(), Some(3));
        assert!(journal.unreadable().is_ok_and(|unreadable| unreadable.is_empty()));
    }
}
