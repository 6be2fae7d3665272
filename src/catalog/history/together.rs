//! Many writers and one file. A line has to be synced before whoever adds it goes on, and only one can write at a time; so
//! whoever has the turn writes what all who wait want to have written, and one sync is enough for all of them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{CatalogError, Happening};

/// The threads of one process that write into one history.
#[derive(Debug, Default)]
pub(super) struct Together {
    waiting: Mutex<Waiting>,
    turn: Mutex<()>,
}

/// What is to be written, in the order in which it came.
#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<(u64, Happening)>,
    last: u64,
}

impl Together {
    /// Has one line written, by whoever comes first: this thread, or one that takes it along.
    ///
    /// # Errors
    /// What `write` said when it was this thread's turn. The lines of the others wait then for theirs.
    pub(super) fn append(
        &self,
        happening: &Happening,
        write: impl FnOnce(&[Happening]) -> Result<(), CatalogError>,
    ) -> Result<(), CatalogError> {
        let number = self.waiting().add(happening);
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((numbers, lines)) = self.waiting().all_if(number) else { return Ok(()) };
        let written = write(&lines);
        if written.is_err() {
            let others = numbers.into_iter().zip(lines).filter(|(other, _)| *other != number);
            self.waiting().put_back(others);
        }
        written
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn add(&mut self, happening: &Happening) -> u64 {
        self.last += 1;
        self.lines.push((self.last, happening.clone()));
        self.last
    }

    /// All that wait, if this one still does; otherwise it is written.
    fn all_if(&mut self, number: u64) -> Option<(Vec<u64>, Vec<Happening>)> {
        let waits = self.lines.iter().any(|(other, _)| *other == number);
        waits.then(|| self.lines.drain(..).unzip())
    }

    fn put_back(&mut self, before: impl Iterator<Item = (u64, Happening)>) {
        let _ = self.lines.splice(..0, before);
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn happening(number: usize) -> Happening {
        let text = format!(
            r#"{{"at":"2026-11-01T12:00:00Z","event":"rotated","target":"{number}","user":"mona","machine":"den"}}"#
        );
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}"))
    }

    /// Every fourth write fails; whoever was told that it succeeded has a line, whoever was not has none.
    #[test]
    fn each_line_is_written_once_or_its_writer_told() {
        const WRITERS: usize = 40;
        let (together, written, calls) = (Together::default(), Mutex::new(Vec::new()), Mutex::new(0));
        let write = |lines: &[Happening]| {
            let mut calls = calls.lock().unwrap_or_else(PoisonError::into_inner);
            *calls += 1;
            thread::yield_now();
            if *calls % 4 == 0 {
                return Err(CatalogError::History { why: "full".into() });
            }
            written.lock().unwrap_or_else(PoisonError::into_inner).extend(lines.iter().cloned());
            Ok(())
        };
        let told: Vec<bool> = thread::scope(|scope| {
            let all: Vec<_> = (0..WRITERS)
                .map(|number| (number, &together, &write))
                .map(|(number, together, write)| {
                    scope.spawn(move || together.append(&happening(number), write).is_ok())
                })
                .collect();
            all.into_iter().map(|one| one.join().unwrap_or(false)).collect()
        });
        let written = written.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (number, told) in told.into_iter().enumerate() {
            let lines = written.iter().filter(|line| **line == happening(number)).count();
            assert_eq!(lines, usize::from(told), "{number}");
        }
    }
}
