//! `connect history`.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::catalog::history::{Entry, Flaw, Verified};

use super::super::human::flaw_in_words;

/// The entries, as they stand in the file: those of later versions have fields that this one does not know.
#[derive(Debug, Default, Serialize)]
pub struct History {
    /// One object an entry, the oldest first.
    entries: Vec<Box<RawValue>>,
    /// How the chain was found, with `--verify`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<VerifiedHistory>,
}

impl History {
    /// Adds the next entry.
    pub fn add(&mut self, entry: &Entry) {
        self.entries.extend(RawValue::from_string(entry.text().to_owned()));
    }
}

/// How the chain was found.
#[derive(Debug, Serialize)]
pub struct VerifiedHistory {
    whole: bool,
    entries: usize,
    first: Option<String>,
    last: Option<String>,
    problems: Vec<Problem>,
}

#[derive(Debug, Serialize)]
struct Problem {
    line: usize,
    message: String,
}

impl VerifiedHistory {
    /// The form in which it is told to programs.
    pub fn of(verified: &Verified) -> Self {
        let problem = |flaw: &Flaw| Problem { line: flaw.line, message: flaw_in_words(flaw) };
        Self {
            whole: verified.flaws.is_empty(),
            entries: verified.entries,
            first: verified.first.clone(),
            last: verified.last.clone(),
            problems: verified.flaws.iter().map(problem).collect(),
        }
    }
}
