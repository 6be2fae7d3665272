//! Undoing an import: what connect made is removed, the last thing first, and nothing else. What has been changed by
//! others since stays, and is named. A file for each forge.

mod github;
mod gitlab;

use std::cell::Cell;

use crate::forge::ForgeError;
use crate::model::Import;
use crate::model::import::{Made, MadeFile, Planted};
use crate::model::place::{Project, Repository};

use super::super::remember::Happened;
use super::super::{Answer, Error, Event, Tools, fault};
use super::actions::SECRET;
use super::ends::Ends;
use super::ledger::{Held, Ledger};
use super::plan::StepKind;
use super::{Wanted, copies, look, status, token};

/// What is asked for beyond the usual.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UndoWish {
    /// The project on GitLab, too, if connect made it.
    pub delete_project: bool,
}

/// What would be removed.
#[derive(Debug, Clone, PartialEq)]
pub struct Undoing {
    /// The import.
    pub import: Import,
    /// What connect made, the last thing first, in words.
    pub steps: Vec<(StepKind, String)>,
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

/// How one thing ended.
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

/// What would be removed. Changes nothing, and asks nobody.
///
/// # Errors
/// [`Error::NotOurProject`].
pub fn undo_plan(import: Import, wish: UndoWish) -> Result<Undoing, Error> {
    let steps = steps(&import, wish);
    let deletes_project = steps.iter().any(|(step, _)| *step == StepKind::Project);
    if wish.delete_project && !deletes_project {
        return Err(Error::NotOurProject { path: import.gitlab.path });
    }
    Ok(Undoing { import, steps, deletes_project })
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
    let import = tools.imports.find(&import.id)?.ok_or(Error::NoSuchImport { repository: import.github.path })?;
    let wanted = status::ends_wanted(tools, &import)?;
    let ends = Ends::open(tools, &wanted)?;
    let import = named(tools, answered(import, &wanted, &ends).await?)?;
    let (repository, project) = tokio::join!(repository(&import, &ends), project(&import, &ends));
    let repository = repository.map_err(|error| ends.github_failed(&wanted, error))?;
    let project = project.map_err(|error| ends.gitlab_failed(&wanted, error))?;
    // Of a project that is gone already nobody asks whose it was.
    let there = project.is_some() || import.made.project.is_some();
    let wish = UndoWish { delete_project: wish.delete_project && there };
    let undoing = undo_plan(import, wish)?;
    if !undoing.steps.is_empty() {
        match agreed(&undoing) {
            Answer::Yes => {}
            Answer::No => return Err(Error::Declined),
            Answer::CannotAsk => return Err(Error::UndoNotConfirmed),
        }
    }
    let Undoing { import, steps, .. } = undoing;
    let ledger = Ledger::of(tools, import.clone(), held, true)?;
    fault::point("undo.begun");
    let before = import.made.clone();
    let password_stays = Cell::new(false);
    let undo = Undo { tools, wanted: &wanted, ends: &ends, ledger, repository, project, before, password_stays };
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

/// What the record says was made, the last thing first.
fn steps(import: &Import, wish: UndoWish) -> Vec<(StepKind, String)> {
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
    if wish.delete_project && made.project.as_ref().is_some_and(|project| project.id.is_some()) {
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

struct Undo<'a> {
    tools: &'a Tools<'a>,
    wanted: &'a Wanted,
    ends: &'a Ends,
    ledger: Ledger<'a>,
    /// The repository as it is called now; nothing when it is gone or hidden.
    repository: Option<Repository>,
    /// The project as it is now; nothing when it is gone or hidden.
    project: Option<Project>,
    /// What had been made.
    before: Made,
    /// GitLab still has the token that the mirror pulled with.
    password_stays: Cell<bool>,
}

impl Undo<'_> {
    async fn step(&self, step: StepKind) -> Result<End, Error> {
        let made = self.ledger.import().made.clone();
        let end = match step {
            StepKind::CiFile => self.file(made.ci_file.as_ref()).await?,
            StepKind::Workflow => self.file(made.workflow.as_ref()).await?,
            StepKind::Secret => self.secret(made.secret.as_ref()).await?,
            StepKind::Webhook => self.hook(made.hook.and_then(|hook| hook.id)).await?,
            StepKind::Integration => self.integration(made.integration.as_ref()).await?,
            StepKind::Mirror => self.mirror(made.mirror.as_ref()).await?,
            StepKind::Token => {
                // As long as its connection is there: what it was planted in is gone by now.
                self.settle()?;
                self.token().await?
            }
            StepKind::Features => self.features(made.features).await?,
            StepKind::Project => self.delete_project().await?,
        };
        fault::point(killed_after(step));
        self.ledger.change(|import| {
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
    fn close(&self, done: &mut Undone) -> Result<(), Error> {
        let import = self.ledger.import().clone();
        self.settle()?;
        fault::point("undo.settled");
        if done.failed.is_empty() {
            if !done.removed.is_empty() || import.undone_at.is_none() {
                self.tools.remember(&Happened::Undone(Box::new(import.clone())), &self.wanted.gitlab);
            }
            let now = self.tools.clock.now();
            let made = import.made.project.as_ref().and_then(|project| project.id);
            // One that is gone or hidden nobody can delete later.
            if let Some(number) = made.filter(|_| self.project.is_some()) {
                self.ledger.change(|import| (import.undone_at, import.finished_at) = (Some(now), None))?;
                let why = format!("{} ({number}) stays; `--delete-project` removes it", import.gitlab.path);
                done.left.push((StepKind::Project, why));
            } else {
                self.ledger.forget()?;
            }
        }
        fault::point("undo.forgotten");
        self.ledger.close()
    }

    /// Where something was before, the import's token is in it now, and stays on the list of its connection.
    fn settle(&self) -> Result<(), Error> {
        let there = |planted: &Option<Planted>| planted.clone().filter(|planted| planted.was_there);
        let mut import = self.ledger.import().clone();
        let made = &mut import.made;
        let mirror = || self.before.mirror.clone().filter(|_| self.password_stays.get());
        made.mirror = made.mirror.take().or_else(|| there(&self.before.mirror)).or_else(mirror);
        made.integration = made.integration.take().or_else(|| there(&self.before.integration));
        made.secret = made.secret.take().or_else(|| there(&self.before.secret));
        copies::settle(self.tools, &import)
    }

    fn on_github(&self, error: ForgeError) -> Error {
        self.ends.github_failed(self.wanted, error)
    }

    fn on_gitlab(&self, error: ForgeError) -> Error {
        self.ends.gitlab_failed(self.wanted, error)
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
