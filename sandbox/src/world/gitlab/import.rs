//! How a project came to be: by an import from GitHub, by a fetch from anywhere, or by itself.
//!
//! An import from GitHub takes minutes to days. Here it takes as many questions as the sandbox was
//! told ([`crate::Builder::import_polls`]): the first is told `scheduled`, those after it `started`,
//! and then it is over. Nobody asks? Then a minute of the forges' clock is enough.
//!
//! Source: GitLab REST "Project import and export", "Import status"; `stats` is for GitHub only.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::mirror::Status;
use crate::world::clock::later;

/// After which an import is over though nobody has asked.
const UNASKED: SignedDuration = SignedDuration::from_mins(1);

/// Where the content comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ImportKind {
    /// The importer that brings issues and pull requests too.
    GitHub,
    /// A fetch.
    Git,
}

/// Something that the importer left behind.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FailedRelation {
    pub relation_name: String,
    pub exception_message: String,
}

/// How the import will end, once it does.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Outcome {
    pub error: Option<String>,
    pub failed_relations: Vec<FailedRelation>,
}

/// How the project came to be.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Import {
    pub kind: Option<ImportKind>,
    /// `owner/name` at GitHub.
    pub source: Option<String>,
    /// Where from, without credentials.
    pub url: Option<String>,
    pub status: Status,
    pub error: Option<String>,
    pub failed_relations: Vec<FailedRelation>,
    /// How many of each kind of thing there are to import.
    pub objects: BTreeMap<&'static str, u64>,
    pub optional_stages: BTreeMap<String, bool>,
    #[serde(skip)]
    pub began_at: Option<Timestamp>,
    #[serde(skip)]
    pub asked: u32,
    #[serde(skip)]
    pub polls: u32,
    #[serde(skip)]
    pub outcome: Outcome,
}

impl Import {
    /// Somebody asks how it stands. Whether it is over now.
    pub fn ask(&mut self, now: Timestamp) {
        if self.kind != Some(ImportKind::GitHub) || !self.status.is_under_way() {
            return;
        }
        self.asked += 1;
        let alone = self.began_at.is_some_and(|began| later(began, UNASKED) <= now);
        if self.asked > self.polls || alone {
            self.end();
        } else if self.asked > 1 {
            self.status = Status::Started;
        }
    }

    /// Time has passed: is an import over that nobody asks for?
    pub fn look_at_the_clock(&mut self, now: Timestamp) {
        let over = self.began_at.is_some_and(|began| later(began, UNASKED) <= now);
        if over && self.kind == Some(ImportKind::GitHub) && self.status.is_under_way() {
            self.end();
        }
    }

    /// It is over, as it was meant to be.
    fn end(&mut self) {
        let Outcome { error, failed_relations } = std::mem::take(&mut self.outcome);
        self.status = if error.is_some() { Status::Failed } else { Status::Finished };
        self.error = error;
        self.failed_relations = failed_relations;
    }

    /// It fails, now.
    pub fn fail(&mut self, why: &str) {
        self.outcome.error = Some(why.to_owned());
        self.end();
    }

    /// How many of each kind of thing are done. All are fetched before the first is imported.
    pub fn imported(&self) -> BTreeMap<&'static str, u64> {
        let failed = |kind: &str| {
            self.failed_relations.iter().filter(|failed| failed.relation_name.trim_end_matches('s') == kind).count()
        };
        let done = self.status == Status::Finished;
        self.objects
            .iter()
            .map(|(kind, count)| (*kind, if done { count.saturating_sub(failed(kind) as u64) } else { 0 }))
            .collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may as well panic")]
mod tests {
    use super::*;

    fn begun(polls: u32) -> Import {
        let began_at = Some(Timestamp::UNIX_EPOCH);
        Import { kind: Some(ImportKind::GitHub), status: Status::Scheduled, polls, began_at, ..Import::default() }
    }

    #[test]
    fn it_is_over_after_as_many_questions_as_were_set() {
        for (polls, told) in [(0, vec!["finished"]), (3, vec!["scheduled", "started", "started", "finished"])] {
            let mut import = begun(polls);
            for status in told {
                import.ask(Timestamp::UNIX_EPOCH);
                assert_eq!(import.status.name(), status, "{polls}");
            }
        }
    }

    #[test]
    fn it_is_over_when_nobody_asks() {
        let mut import = begun(9);
        import.look_at_the_clock("1970-01-01T00:00:59Z".parse().unwrap());
        assert_eq!(import.status, Status::Scheduled);
        import.look_at_the_clock("1970-01-01T00:01:00Z".parse().unwrap());
        assert_eq!(import.status, Status::Finished);
    }
}
