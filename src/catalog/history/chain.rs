//! Whether the lines of a history follow on each other. One pass, however long the file is.

use super::{Entry, Found, Head};

/// What is wrong with a line, or in front of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flaw {
    /// The line's number, from 1; for entries that are missing at the end, that of the line after the last.
    pub line: usize,
    /// What it is.
    pub kind: FlawKind,
}

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlawKind {
    /// It is the last line and was not written to its end.
    Torn,
    /// It is no entry of a history.
    Unreadable,
    /// It is not as it was written.
    Changed,
    /// It does not follow on the line before it: one of the two was rewritten.
    Unlinked,
    /// Entries are missing in front of it.
    Missing {
        /// How many.
        count: u64,
    },
    /// It belongs further up.
    Misplaced {
        /// In front of this line.
        before: usize,
    },
    /// An entry of its number was there before.
    Repeated,
    /// Entries are missing after the last line.
    Shortened {
        /// How many.
        count: u64,
    },
}

/// What a whole history was found to be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verified {
    /// How many lines read as entries.
    pub entries: usize,
    /// When the first of them happened, as it says.
    pub first: Option<String>,
    /// When the last.
    pub last: Option<String>,
    /// What is wrong, in the order of lines; nothing when all is well.
    pub flaws: Vec<Flaw>,
}

/// Entries that have not been seen although later ones have.
#[derive(Debug)]
struct Gap {
    from: u64,
    to: u64,
    line: usize,
}

/// The line before, as far as the next one has to fit it.
#[derive(Debug)]
enum Before {
    Nothing,
    Hash(String),
    /// It is damaged; that was told already.
    Unknown,
}

/// Follows the lines of one history.
#[derive(Debug)]
pub struct Chain {
    head: Option<Head>,
    verified: Verified,
    next: u64,
    before: Before,
    gaps: Vec<Gap>,
    lines: usize,
    torn: bool,
}

impl Chain {
    pub(super) fn new(head: Option<Head>) -> Self {
        let verified = Verified::default();
        Self { head, verified, next: 1, before: Before::Nothing, gaps: Vec::new(), lines: 0, torn: false }
    }

    /// Looks at the next line.
    pub fn add(&mut self, line: usize, found: &Found) {
        self.lines = line;
        match found {
            Found::Torn => {
                self.torn = true;
                self.flaw(line, FlawKind::Torn);
            }
            Found::Unreadable => self.damaged(line, FlawKind::Unreadable),
            Found::Entry(entry) => {
                self.verified.entries += 1;
                let at = entry.field("at").map(str::to_owned);
                if self.verified.first.is_none() {
                    self.verified.first.clone_from(&at);
                }
                self.verified.last = at;
                self.entry(line, entry);
            }
        }
    }

    /// What came of it.
    pub fn end(mut self) -> Verified {
        for gap in std::mem::take(&mut self.gaps) {
            let count = (gap.to - gap.from).saturating_add(1);
            self.flaw(gap.line, FlawKind::Missing { count });
        }
        if let Some(head) = &self.head {
            // The torn line is the one that is missing.
            let seen = self.next.saturating_sub(1).saturating_add(u64::from(self.torn));
            let count = head.seq.saturating_sub(seen);
            if count > 0 {
                self.flaw(self.lines + 1, FlawKind::Shortened { count });
            }
        }
        self.verified.flaws.sort_by_key(|flaw| flaw.line);
        self.verified
    }

    fn entry(&mut self, line: usize, entry: &Entry) {
        let rewritten = self.head.as_ref().is_some_and(|head| head.seq == entry.seq() && head.hash != entry.hash());
        if !entry.is_sound() || rewritten {
            return self.damaged(line, FlawKind::Changed);
        }
        // The damaged line before it was none of the entries: it came on top of them.
        if matches!(self.before, Before::Unknown) && entry.seq().saturating_add(1) == self.next {
            self.next = entry.seq();
        }
        if entry.seq() < self.next {
            // What follows fits the line before this one.
            let kind = self.fill(entry.seq()).map_or(FlawKind::Repeated, |before| FlawKind::Misplaced { before });
            return self.flaw(line, kind);
        }
        if entry.seq() > self.next {
            self.gaps.push(Gap { from: self.next, to: entry.seq() - 1, line });
        } else if !self.fits(entry) {
            self.flaw(line, FlawKind::Unlinked);
        }
        self.next = entry.seq().saturating_add(1);
        self.before = Before::Hash(entry.hash().to_owned());
    }

    fn fits(&self, entry: &Entry) -> bool {
        match &self.before {
            Before::Nothing => entry.field("prev").is_none(),
            Before::Hash(hash) => entry.field("prev") == Some(hash),
            Before::Unknown => true,
        }
    }

    /// A damaged line stands for one entry.
    fn damaged(&mut self, line: usize, kind: FlawKind) {
        self.flaw(line, kind);
        self.next = self.next.saturating_add(1);
        self.before = Before::Unknown;
    }

    fn flaw(&mut self, line: usize, kind: FlawKind) {
        self.verified.flaws.push(Flaw { line, kind });
    }

    /// Takes an entry out of the gap it was missing in; says in front of which line that is.
    fn fill(&mut self, seq: u64) -> Option<usize> {
        let at = self.gaps.iter().position(|gap| (gap.from..=gap.to).contains(&seq))?;
        let gap = self.gaps.swap_remove(at);
        if seq > gap.from {
            self.gaps.push(Gap { from: gap.from, to: seq - 1, line: gap.line });
        }
        if seq < gap.to {
            self.gaps.push(Gap { from: seq + 1, to: gap.to, line: gap.line });
        }
        Some(gap.line)
    }
}
