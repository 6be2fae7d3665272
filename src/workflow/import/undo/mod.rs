//! Undoing an import: what connect made is removed, the last thing first, and nothing else. What has been changed by
//! others since stays, and is named. A file for each forge.
//!
//! Everything is looked at first, by the same steps that remove it afterwards (`steps`), which stop short of changing
//! anything then: what is shown, and agreed to, is what will be done. What lies where the token sees nothing may be gone,
//! or be there all the same: it stays on record and counts as failed, until somebody says that it is to be forgotten.

mod github;
mod gitlab;
mod steps;

use std::cell::Cell;

use futures_util::future::join_all;

use crate::forge::ForgeError;
use crate::model::Import;
use crate::model::import::{BegunUndo, MadeFile};
use crate::model::place::{AccessLevel, Project, Repository};

use super::super::{Answer, Error, Event, Tools, fault};
use super::ImportError;
use super::actions::SECRET;
use super::ends::Ends;
use super::ledger::{Held, Ledger};
use super::plan::StepKind;
use super::{Wanted, look, status, target, token};
use steps::Undo;

/// GitLab docs, "Delete a project": the role that may.
const OWNER: AccessLevel = 50;

/// What is asked for beyond the usual.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UndoWish {
    /// The project on GitLab, too, if connect made it.
    pub delete_project: bool,
    /// What lies where the token sees nothing goes off the record.
    pub forget_hidden: bool,
}

/// What would be done.
#[derive(Debug)]
pub struct Undoing {
    /// The import.
    pub import: Import,
    /// What would be removed, the last thing first, in words.
    pub steps: Vec<(StepKind, String)>,
    /// What would stay, and why.
    pub left: Vec<(StepKind, String)>,
    /// What is hidden, or could not be looked at.
    pub failed: Vec<(StepKind, Error)>,
    /// Whether the project goes too.
    pub deletes_project: bool,
}

/// What came of it.
#[derive(Debug)]
pub struct Undone {
    /// The import as it was.
    pub import: Import,
    /// What was removed.
    pub removed: Vec<(StepKind, String)>,
    /// What stays, and why.
    pub left: Vec<(StepKind, String)>,
    /// What could not be removed now; it stays on record, and undoing again tries it again.
    pub failed: Vec<(StepKind, Error)>,
}

/// How one thing ended, or would end.
enum End {
    /// It is removed; where the words of the plan do not fit, these do.
    Removed(String),
    /// It stays, and why.
    Left(String),
}

/// Somebody was there before.
fn gone() -> End {
    End::Left("it is gone already".into())
}

/// Looks at everything that was made, and says what would be removed. Changes nothing.
///
/// # Errors
/// [`ImportError::NotOurProject`], [`ImportError::OwnersOnly`]; or one of the two ends cannot be spoken to.
pub async fn undo_plan(tools: &Tools<'_>, import: Import, wish: UndoWish) -> Result<Undoing, Error> {
    let (undo, steps) = begin(tools, import, wish).await?;
    Ok(undo.looks(steps).await)
}

/// Shows what was made, and when that is agreed to, removes it. Where nothing is left to be removed nobody is asked.
///
/// # Errors
/// [`Error`]; nothing was removed then. What fails on the way is in [`Undone::failed`].
pub async fn undo(
    tools: &Tools<'_>,
    import: Import,
    wish: UndoWish,
    agreed: &dyn Fn(&Undoing) -> Answer,
) -> Result<Undone, Error> {
    super::super::keep::tidy(tools)?;
    let held = Held::of_record(tools, &import)?;
    // Whoever had the lock may have changed it, or undone it.
    let import = tools.imports.find(&import.id)?.ok_or(ImportError::NoSuchImport { repository: import.github.path })?;
    let (mut undo, steps) = Box::pin(begin(tools, import, wish)).await?;
    let undoing = Box::pin(undo.looks(steps.clone())).await;
    if undoing.steps.is_empty() && !undoing.failed.is_empty() {
        // Nothing can be removed now: all is kept as it is.
        let Undoing { import, left, failed, .. } = undoing;
        return Ok(Undone { import, removed: Vec::new(), left, failed });
    }
    if !undoing.steps.is_empty() {
        match agreed(&undoing) {
            Answer::Yes => {}
            Answer::No => return Err(Error::Declined),
            Answer::CannotAsk => return Err(ImportError::UndoNotConfirmed.into()),
        }
    }
    let mut import = undoing.import;
    let before = import.undoing.take();
    import.undoing = (!steps.is_empty()).then(|| BegunUndo {
        began_at: before.as_ref().map_or_else(|| tools.clock.now(), |before| before.began_at),
        delete_project: steps.iter().any(|(step, _)| *step == StepKind::Project),
        asked_to_delete: before.is_some_and(|before| before.asked_to_delete),
    });
    undo.ledger = Some(Ledger::of(tools, import.clone(), held, true)?);
    fault::point("undo.begun");
    let mut done = Undone { import, removed: Vec::new(), left: Vec::new(), failed: Vec::new() };
    for (step, says) in steps {
        tools.say(Event::Step { step: step.word(), says: None });
        match Box::pin(undo.step(step)).await {
            Ok(End::Removed(what)) => done.removed.push((step, if what.is_empty() { says } else { what })),
            Ok(End::Left(why)) => done.left.push((step, why)),
            Err(error) => done.failed.push((step, error)),
        }
    }
    undo.close(&mut done)?;
    Ok(done)
}

/// Finds both sides, and what the record says was made there. Whether the project may be deleted at all is known before
/// anything is removed.
async fn begin<'a>(
    tools: &'a Tools<'a>,
    import: Import,
    wish: UndoWish,
) -> Result<(Undo<'a>, Vec<(StepKind, String)>), Error> {
    let wanted = status::ends_wanted(tools, &import)?;
    let ends = Ends::open(tools, &wanted)?;
    let import = named(tools, answered(import, &wanted, &ends).await?)?;
    let (repository, project) = tokio::join!(repository(&import, &ends), project(&import, &ends));
    let repository = repository.map_err(|error| ends.github_failed(&wanted, error))?;
    let project = project.map_err(|error| ends.gitlab_failed(&wanted, error))?;
    // Of a project that is gone already nobody asks whose it was.
    let there = project.is_some() || import.made.project.is_some();
    let wish = UndoWish { delete_project: wish.delete_project && there, ..wish };
    let steps = steps(&import, wish.delete_project);
    if wish.delete_project {
        if !steps.iter().any(|(step, _)| *step == StepKind::Project) {
            return Err(ImportError::NotOurProject { path: import.gitlab.path }.into());
        }
        let below = project.as_ref().filter(|project| project.role.is_some_and(|role| role < OWNER));
        if let Some(project) = below
            && !target::is_admin(&ends).await
        {
            // Who makes a project in a group need not own it.
            return Err(ImportError::OwnersOnly { path: project.path.clone(), connection: wanted.gitlab.name }.into());
        }
    }
    let (before, password_stays) = (import.made.clone(), Cell::new(false));
    let undo =
        Undo { tools, wanted, ends, wish, ledger: None, seen: import, repository, project, before, password_stays };
    Ok((undo, steps))
}

impl Undo<'_> {
    /// How each step would end.
    async fn looks(&self, steps: Vec<(StepKind, String)>) -> Undoing {
        let ends = join_all(steps.iter().map(|(step, _)| Box::pin(self.end(*step)))).await;
        let import = self.import();
        let mut undoing =
            Undoing { import, steps: Vec::new(), left: Vec::new(), failed: Vec::new(), deletes_project: false };
        for ((step, says), end) in steps.into_iter().zip(ends) {
            match end {
                Ok(End::Removed(what)) => undoing.steps.push((step, if what.is_empty() { says } else { what })),
                Ok(End::Left(why)) => undoing.left.push((step, why)),
                Err(error) => undoing.failed.push((step, error)),
            }
        }
        undoing.deletes_project = undoing.steps.iter().any(|(step, _)| *step == StepKind::Project);
        undoing
    }
}

/// What the record says was made, the last thing first.
pub(super) fn steps(import: &Import, delete_project: bool) -> Vec<(StepKind, String)> {
    let made = &import.made;
    let file = |made: &MadeFile| match made.pull {
        Some(pull) => format!("{} on `{}`, with pull request #{pull}", made.path, made.branch),
        None => format!("{} on `{}`", made.path, made.branch),
    };
    let mut steps = Vec::new();
    steps.extend(made.ci_file.as_ref().map(|made| (StepKind::CiFile, file(made))));
    steps.extend(made.workflow.as_ref().map(|made| (StepKind::Workflow, file(made))));
    steps.extend(made.secret.as_ref().map(|_| (StepKind::Secret, format!("`{SECRET}` on GitHub"))));
    steps.extend(made.hook.as_ref().map(|_| (StepKind::Webhook, "the webhook on GitHub".to_owned())));
    let settings = "its settings, with the token in them";
    steps.extend(made.integration.as_ref().map(|_| (StepKind::Integration, settings.to_owned())));
    steps.extend(made.mirror.as_ref().map(|_| (StepKind::Mirror, settings.to_owned())));
    steps.extend(made.token.as_ref().map(|token| {
        let kept = token.connection.as_ref().map(|name| format!(", kept as `{name}`")).unwrap_or_default();
        (StepKind::Token, format!("the access token{kept}"))
    }));
    let features = "issues, merge requests, wiki and snippets as they were before";
    steps.extend(made.features.as_ref().map(|_| (StepKind::Features, features.to_owned())));
    if delete_project && made.project.as_ref().is_some_and(|project| project.id.is_some()) {
        steps.push((StepKind::Project, format!("{} itself, with everything in it", import.gitlab.path)));
    }
    steps
}

/// A token that was kept and not written down any more is known by its name.
fn named(tools: &Tools<'_>, mut import: Import) -> Result<Import, Error> {
    let kept = token::keeper(tools, &import)?;
    if let (Some(made), Some(kept)) = (import.made.token.as_mut(), kept) {
        made.id = made.id.or_else(|| kept.token.as_ref().and_then(|token| token.id));
        made.connection = Some(kept.name);
    }
    Ok(import)
}

/// A project that was asked for and never answered may be there all the same.
async fn answered(mut import: Import, wanted: &Wanted, ends: &Ends) -> Result<Import, Error> {
    let Some(asked) = import.made.project.as_mut().filter(|asked| asked.id.is_none()) else { return Ok(import) };
    let token = &ends.gitlab_token;
    let (project, me) = tokio::join!(ends.gitlab.project(token, &import.gitlab.path), ends.gitlab.me(token));
    let failed = |error| ends.gitlab_failed(wanted, error);
    let account = me.map_err(failed)?.id;
    let ours = ForgeError::if_there(project).map_err(failed)?.filter(|project| look::answers(asked, project, account));
    asked.id = ours.map(|project| project.id);
    import.gitlab.id = asked.id;
    if asked.id.is_none() {
        import.made.project = None;
    }
    Ok(import)
}

async fn repository(import: &Import, ends: &Ends) -> Result<Option<Repository>, ForgeError> {
    match import.github.id {
        Some(id) => ForgeError::if_there(ends.github.repository_by_id(&ends.github_token, id).await),
        None => Ok(None),
    }
}

async fn project(import: &Import, ends: &Ends) -> Result<Option<Project>, ForgeError> {
    match import.gitlab.id {
        Some(id) => ForgeError::if_there(ends.gitlab.project(&ends.gitlab_token, &id.to_string()).await),
        None => Ok(None),
    }
}
