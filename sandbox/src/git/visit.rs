//! A request to a repository's git that its forge has let in.

use super::http::Wanted;
use super::pack_line::Push;
use super::{NOWHERE, Repo};
use crate::http::Request;

/// Who may do what where: what is left to do is git's work, and then the forge's again.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub repo: Repo,
    pub wanted: Wanted,
    /// The forge's number of the repository or project.
    pub place: u64,
    /// Who it is, for git's own notes and for the forge's events; nobody in particular if `None`.
    pub user: Option<String>,
    /// What the world calls their token.
    pub token: Option<String>,
    /// What a push is about to change.
    pub push: Push,
}

/// A reference that a push has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Update {
    /// `refs/heads/main`
    pub reference: String,
    /// `None` for one that is new.
    pub before: Option<String>,
    /// `None` for one that is gone.
    pub after: Option<String>,
}

impl Update {
    /// The branch that it is about, if it is about one.
    pub fn branch(&self) -> Option<&str> {
        self.reference.strip_prefix("refs/heads/")
    }

    /// The tag that it is about, if it is about one.
    pub fn tag(&self) -> Option<&str> {
        self.reference.strip_prefix("refs/tags/")
    }
}

impl Visit {
    /// A visit of nobody in particular.
    pub fn new(repo: Repo, wanted: Wanted, place: u64, request: &Request) -> Self {
        let pushes = wanted.writes() && !wanted.advertise;
        let push = if pushes { super::http::push(request) } else { Push::default() };
        Self { repo, wanted, place, user: None, token: None, push }
    }

    /// What of the push has become true: git may have refused the rest.
    pub fn updates(&self) -> Vec<Update> {
        let some = |sha: &String| (sha != NOWHERE).then(|| sha.clone());
        let update = |command: &super::pack_line::Command| Update {
            reference: command.name.clone(),
            before: some(&command.old),
            after: some(&command.new),
        };
        let is_true = |update: &Update| {
            update.before != update.after && self.repo.reference(&update.reference).is_ok_and(|now| now == update.after)
        };
        self.push.commands.iter().map(update).filter(is_true).collect()
    }
}
