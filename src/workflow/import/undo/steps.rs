//! One thing after another: looked at, and removed unless it is only looked at.

use std::cell::Cell;

use super::super::ImportError;
use super::{End, UndoWish, Undone};
use crate::forge::ForgeError;
use crate::model::Import;
use crate::model::import::{Made, Planted};
use crate::model::place::{Project, Repository};

use super::super::super::remember::Happened;
use super::super::super::{Error, Tools, fault};
use super::super::ends::Ends;
use super::super::ledger::Ledger;
use super::super::plan::StepKind;
use super::super::{Wanted, copies};

/// An undoing, and what it works with.
pub(super) struct Undo<'a> {
    pub(super) tools: &'a Tools<'a>,
    pub(super) wanted: Wanted,
    pub(super) ends: Ends,
    pub(super) wish: UndoWish,
    /// The record, to be changed; as long as there is none, everything is only looked at.
    pub(super) ledger: Option<Ledger<'a>>,
    /// The import, as it was when it was looked at.
    pub(super) seen: Import,
    /// The repository as it is called now; nothing when it is gone or hidden.
    pub(super) repository: Option<Repository>,
    /// The project as it is now; nothing when it is gone or hidden.
    pub(super) project: Option<Project>,
    /// What had been made.
    pub(super) before: Made,
    /// GitLab still has the token that the mirror pulled with.
    pub(super) password_stays: Cell<bool>,
}

impl Undo<'_> {
    /// The import as it is now.
    pub(super) fn import(&self) -> Import {
        self.ledger.as_ref().map_or_else(|| self.seen.clone(), |ledger| ledger.import().clone())
    }

    /// Whether nothing is changed.
    pub(super) const fn only_looks(&self) -> bool {
        self.ledger.is_none()
    }

    fn change(&self, change: impl FnOnce(&mut Import)) -> Result<(), Error> {
        self.ledger.as_ref().map_or(Ok(()), |ledger| ledger.change(change))
    }

    /// The repository; nothing where it is to be forgotten.
    ///
    /// # Errors
    /// [`ImportError::OutOfSight`]: a token that may not see a repository is told that there is none.
    pub(super) fn repository(&self) -> Result<Option<&Repository>, Error> {
        if self.repository.is_some() || self.wish.forget_hidden {
            return Ok(self.repository.as_ref());
        }
        let side = self.import().github;
        Err(ImportError::OutOfSight {
            what: "repository",
            path: side.path,
            connection: self.wanted.github.name.clone(),
        }
        .into())
    }

    /// The project; nothing where it is to be forgotten, or was deleted by an earlier run.
    ///
    /// # Errors
    /// [`ImportError::OutOfSight`]: a token that may not see a project is told that there is none.
    pub(super) fn project(&self) -> Result<Option<&Project>, Error> {
        if self.project.is_some() || self.is_forgotten() {
            return Ok(self.project.as_ref());
        }
        let side = self.import().gitlab;
        Err(ImportError::OutOfSight { what: "project", path: side.path, connection: self.wanted.gitlab.name.clone() }
            .into())
    }

    /// Whether nobody has to look for the project any more.
    fn is_forgotten(&self) -> bool {
        let deleted = self.import().undoing.is_some_and(|undoing| undoing.asked_to_delete);
        self.project.is_none() && (deleted || self.wish.forget_hidden)
    }

    /// The forge is about to be asked to delete the project.
    pub(super) fn asks_to_delete(&self) -> Result<(), Error> {
        self.change(|import| {
            if let Some(undoing) = import.undoing.as_mut() {
                undoing.asked_to_delete = true;
            }
        })
    }

    /// How a step ends; or would end, where everything is only looked at.
    pub(super) async fn end(&self, step: StepKind) -> Result<End, Error> {
        let made = self.import().made;
        match step {
            StepKind::CiFile => self.file(made.ci_file.as_ref()).await,
            StepKind::Workflow => self.file(made.workflow.as_ref()).await,
            StepKind::Secret => self.secret(made.secret.as_ref()).await,
            StepKind::Webhook => self.hook(made.hook.and_then(|hook| hook.id)).await,
            StepKind::Integration => self.integration(made.integration.as_ref()).await,
            StepKind::Mirror => self.mirror(made.mirror.as_ref()).await,
            StepKind::Token => self.token().await,
            StepKind::Features => self.features(made.features).await,
            StepKind::Project => self.delete_project().await,
        }
    }

    /// Removes one thing, and takes it off the record.
    pub(super) async fn step(&self, step: StepKind) -> Result<End, Error> {
        if step == StepKind::Token {
            // As long as its connection is there: what it was planted in is gone by now.
            self.settle()?;
        }
        let end = self.end(step).await?;
        fault::point(killed_after(step));
        self.change(|import| {
            let made = &mut import.made;
            match step {
                StepKind::CiFile => made.ci_file = None,
                StepKind::Workflow => made.workflow = None,
                StepKind::Secret => made.secret = None,
                StepKind::Webhook => (made.hook, made.hook_token) = (None, None),
                StepKind::Integration => made.integration = None,
                StepKind::Mirror => made.mirror = None,
                StepKind::Token => made.token = None,
                StepKind::Features => made.features = None,
                StepKind::Project => made.project = None,
            }
        })?;
        Ok(end)
    }

    /// The record goes when nothing is left to be undone; a project that stays is remembered.
    pub(super) fn close(&self, done: &mut Undone) -> Result<(), Error> {
        let Some(ledger) = &self.ledger else { return Ok(()) };
        let import = self.import();
        self.settle()?;
        fault::point("undo.settled");
        if done.failed.is_empty() {
            if !done.removed.is_empty() || import.undone_at.is_none() {
                self.tools.remember(&Happened::Undone(Box::new(import.clone())), &self.wanted.gitlab);
            }
            let now = self.tools.clock.now();
            let made = import.made.project.as_ref().and_then(|project| project.id);
            // One that is gone nobody can delete later.
            if let Some(number) = made.filter(|_| !self.is_forgotten()) {
                ledger.change(|import| {
                    (import.undone_at, import.finished_at, import.undoing) = (Some(now), None, None);
                })?;
                let path = &import.gitlab.path;
                done.left.push((StepKind::Project, match self.project {
                    Some(_) => format!("{path} ({number}) stays; `--delete-project` removes it"),
                    None => format!(
                        "{path} ({number}) is gone, or hidden from this token; `--forget-hidden` takes it off the record"
                    ),
                }));
            } else {
                ledger.forget()?;
            }
        }
        fault::point("undo.forgotten");
        ledger.close()
    }

    /// Where something was before, the import's token is in it now, and stays on the list of its connection.
    fn settle(&self) -> Result<(), Error> {
        let there = |planted: &Option<Planted>| planted.clone().filter(|planted| planted.was_there);
        let mut import = self.import();
        let made = &mut import.made;
        let mirror = || self.before.mirror.clone().filter(|_| self.password_stays.get());
        made.mirror = made.mirror.take().or_else(|| there(&self.before.mirror)).or_else(mirror);
        made.integration = made.integration.take().or_else(|| there(&self.before.integration));
        made.secret = made.secret.take().or_else(|| there(&self.before.secret));
        copies::settle(self.tools, &import)
    }

    pub(super) fn on_github(&self, error: ForgeError) -> Error {
        self.ends.github_failed(&self.wanted, error)
    }

    pub(super) fn on_gitlab(&self, error: ForgeError) -> Error {
        self.ends.gitlab_failed(&self.wanted, error)
    }
}

/// The point at which a test kills the process when a step is done and not yet written down.
const fn killed_after(step: StepKind) -> &'static str {
    match step {
        StepKind::Project => "undo.project",
        StepKind::Features => "undo.features",
        StepKind::Mirror => "undo.mirror",
        StepKind::Integration => "undo.integration",
        StepKind::Token => "undo.token",
        StepKind::Webhook => "undo.webhook",
        StepKind::Secret => "undo.secret",
        StepKind::Workflow => "undo.workflow",
        StepKind::CiFile => "undo.ci_file",
    }
}
