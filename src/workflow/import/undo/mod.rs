//! Undoing an import: what connect made is removed, the last thing first, and nothing else. What has been changed by
//! others since stays, and is named.

use crate::forge::ForgeError;
use crate::model::import::{MadeFile, Planted};
use crate::model::place::Repository;
use crate::model::{Fingerprint, Import};

use super::super::{Answer, Error, Event, Tools, fault};
use super::actions::SECRET;
use super::ends::Ends;
use super::ledger::{Ledger, lock_of};
use super::plan::StepKind;
use super::{Wanted, copies, look, status};

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
    Removed(String),
    Left(String),
}

/// Shows what was made, and when that is agreed to, removes it.
///
/// # Errors
/// [`Error`]; nothing was removed then. What fails on the way is in [`Undone::failed`].
pub async fn undo(
    tools: &Tools<'_>,
    import: Import,
    wish: UndoWish,
    agreed: &dyn Fn(&Undoing) -> Answer,
) -> Result<Undone, Error> {
    let lock = lock_of(tools, &import)?;
    let wanted = status::wanted(tools, &import)?;
    let ends = Ends::open(tools, &wanted)?;
    let steps = steps(&import, wish);
    let deletes_project = steps.iter().any(|(step, _)| *step == StepKind::Project);
    if wish.delete_project && !deletes_project {
        return Err(Error::NotOurProject { path: import.gitlab.path.clone() });
    }
    let undoing = Undoing { import: import.clone(), steps, deletes_project };
    match agreed(&undoing) {
        Answer::Yes => {}
        Answer::No => return Err(Error::Declined),
        Answer::CannotAsk => return Err(Error::PlanNotConfirmed),
    }
    let repository = match import.github.id {
        Some(id) => found(ends.github.repository_by_id(&ends.github_token, id).await),
        None => Ok(None),
    };
    let repository = repository.map_err(|error| ends.github_failed(&wanted, error))?;
    let ledger = Ledger::of(tools, import.clone(), lock, true)?;
    fault::point("undo.begun");
    let undo = Undo { tools, wanted: &wanted, ends: &ends, ledger, repository };
    let mut done = Undone { import, removed: Vec::new(), left: Vec::new(), failed: Vec::new() };
    for (step, says) in &undoing.steps {
        tools.say(Event::Step { step: step.word(), says: None });
        match Box::pin(undo.step(*step)).await {
            Ok(End::Removed(what)) => done.removed.push((*step, if what.is_empty() { says.clone() } else { what })),
            Ok(End::Left(why)) => done.left.push((*step, why)),
            Err(error) => done.failed.push((*step, error)),
        }
        fault::point("undo.step");
    }
    undo.close(&mut done)?;
    Ok(done)
}

/// What the record says was made, the last thing first.
fn steps(import: &Import, wish: UndoWish) -> Vec<(StepKind, String)> {
    let made = &import.made;
    let (repository, project) = (&import.github.path, &import.gitlab.path);
    let file = |made: &MadeFile| format!("{} on `{}` of {repository}", made.path, made.branch);
    let mut steps = Vec::new();
    steps.extend(made.ci_file.as_ref().map(|made| (StepKind::CiFile, file(made))));
    steps.extend(made.workflow.as_ref().map(|made| (StepKind::Workflow, file(made))));
    steps.extend(made.secret.as_ref().map(|_| (StepKind::Secret, format!("`{SECRET}` of {repository}"))));
    steps.extend(made.hook.as_ref().map(|_| (StepKind::Webhook, format!("the webhook of {repository}"))));
    steps.extend(
        made.integration.as_ref().map(|_| (StepKind::Integration, format!("the GitHub integration of {project}"))),
    );
    steps.extend(made.mirror.as_ref().map(|_| (StepKind::Mirror, format!("the pull mirror of {project}"))));
    steps.extend(made.token.as_ref().map(|token| {
        let kept = token.connection.as_ref().map(|name| format!(", kept as `{name}`")).unwrap_or_default();
        (StepKind::Token, format!("the access token of {project}{kept}"))
    }));
    steps.extend(
        made.features.as_ref().map(|_| (StepKind::Features, format!("the features of {project}, as they were"))),
    );
    if wish.delete_project && made.project.as_ref().is_some_and(|project| project.id.is_some()) {
        steps.push((StepKind::Project, format!("the project {project} itself, with everything in it")));
    }
    steps
}

/// `None` where it is not there.
fn found<T>(said: Result<T, ForgeError>) -> Result<Option<T>, ForgeError> {
    match said {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind == crate::forge::ForgeErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

struct Undo<'a> {
    tools: &'a Tools<'a>,
    wanted: &'a Wanted,
    ends: &'a Ends,
    ledger: Ledger<'a>,
    /// The repository as it is called now; nothing when it is gone.
    repository: Option<Repository>,
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
            StepKind::Token => self.token().await?,
            StepKind::Features => self.features().await?,
            StepKind::Project => self.project().await?,
        };
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
        copies::settle(self.tools, &import)?;
        if done.failed.is_empty() {
            let now = self.tools.clock.now();
            if let Some(project) = import.made.project.as_ref().filter(|project| project.id.is_some()) {
                self.ledger.change(|import| (import.undone_at, import.finished_at) = (Some(now), None))?;
                let number = project.id.unwrap_or_default();
                let why = format!("{} ({number}) stays; `--delete-project` removes it", import.gitlab.path);
                done.left.push((StepKind::Project, why));
            } else {
                self.ledger.forget()?;
            }
        }
        self.ledger.close()
    }

    fn on_github(&self, error: ForgeError) -> Error {
        self.ends.github_failed(self.wanted, error)
    }

    fn on_gitlab(&self, error: ForgeError) -> Error {
        self.ends.gitlab_failed(self.wanted, error)
    }

    fn project_id(&self) -> Option<u64> {
        self.ledger.import().gitlab.id
    }

    /// A file goes only if it is what was put there.
    async fn file(&self, made: Option<&MadeFile>) -> Result<End, Error> {
        let (Some(made), Some(repository)) = (made, &self.repository) else { return Ok(gone()) };
        let (github, token) = (&self.ends.github, &self.ends.github_token);
        if let Some(pull) = made.pull.filter(|_| made.branch_made) {
            github.close_pull(token, repository, pull).await.map_err(|e| self.on_github(e))?;
            github.delete_branch(token, repository, &made.branch).await.map_err(|e| self.on_github(e))?;
            return Ok(End::Removed(format!("the branch `{}` with {}", made.branch, made.path)));
        }
        let file = github.file(token, repository, &made.path, &made.branch).await.map_err(|e| self.on_github(e))?;
        let Some(file) = file else { return Ok(gone()) };
        if Fingerprint::of(&file.content) != made.digest {
            return Ok(End::Left(format!("{} has been changed since", made.path)));
        }
        if made.replaced {
            return Ok(End::Left(format!("{} took another file's place; the history has that", made.path)));
        }
        let message = format!("Remove {}", made.path);
        let deleted = github.delete_file(token, repository, &made.path, &made.branch, &message, &file.sha).await;
        deleted.map_err(|e| self.on_github(e))?;
        Ok(End::Removed(String::new()))
    }

    async fn secret(&self, made: Option<&Planted>) -> Result<End, Error> {
        let Some(repository) = &self.repository else { return Ok(gone()) };
        if made.is_some_and(|made| made.was_there) {
            return Ok(End::Left(format!("a secret `{SECRET}` was there before; it has another value now")));
        }
        let deleted = self.ends.github.delete_actions_secret(&self.ends.github_token, repository, SECRET).await;
        Ok(if deleted.map_err(|e| self.on_github(e))? { End::Removed(String::new()) } else { gone() })
    }

    /// The hook of that number, if it still leads to the project.
    async fn hook(&self, id: Option<u64>) -> Result<End, Error> {
        let (Some(repository), Some(project)) = (&self.repository, self.project_id()) else { return Ok(gone()) };
        let (github, token) = (&self.ends.github, &self.ends.github_token);
        let Some(id) = id else { return self.unanswered_hook(repository, project).await };
        let there = github.hook(token, repository, id).await.map_err(|e| self.on_github(e))?;
        let Some(there) = there else { return Ok(gone()) };
        let wanted = self.ends.hook_url(project);
        if wanted.is_none_or(|url| url.origin() != there.url.origin() || url.path() != there.url.path()) {
            return Ok(End::Left("it leads elsewhere by now".into()));
        }
        let deleted = github.delete_hook(token, repository, id).await.map_err(|e| self.on_github(e))?;
        Ok(if deleted { End::Removed(String::new()) } else { gone() })
    }

    /// A hook whose making was never answered is known by the token in it.
    async fn unanswered_hook(&self, repository: &Repository, project: u64) -> Result<End, Error> {
        let kept = self.ledger.import().made.token.as_ref().and_then(|token| token.connection.clone());
        let kept = kept.and_then(|name| self.tools.records.find(&name).ok().flatten());
        let Some(fingerprint) = kept.and_then(|kept| kept.token).map(|token| token.fingerprint) else {
            return Ok(gone());
        };
        let (github, token) = (&self.ends.github, &self.ends.github_token);
        let hooks = github.hooks(token, repository).await.map_err(|e| self.on_github(e))?;
        let url = self.ends.hook_url(project);
        let ours = hooks.iter().find(|hook| {
            hook.token.as_ref() == Some(&fingerprint) && url.as_ref().is_some_and(|url| url.path() == hook.url.path())
        });
        let Some(ours) = ours else { return Ok(gone()) };
        github.delete_hook(token, repository, ours.id).await.map_err(|e| self.on_github(e))?;
        Ok(End::Removed(String::new()))
    }

    async fn integration(&self, made: Option<&Planted>) -> Result<End, Error> {
        let Some(project) = self.project_id() else { return Ok(gone()) };
        if made.is_some_and(|made| made.was_there) {
            return Ok(End::Left("it was there before; it has the token that the import gave it".into()));
        }
        let (gitlab, token) = (&self.ends.gitlab, &self.ends.gitlab_token);
        let Some(there) = gitlab.integration(token, project).await.map_err(|e| self.on_gitlab(e))? else {
            return Ok(gone());
        };
        let url = self.repository.as_ref().map(|it| self.ends.github_host.page(&it.full_name()));
        let elsewhere = there
            .repository_url
            .as_ref()
            .zip(url.as_ref())
            .is_some_and(|(there, ours)| !look::same_repository(there, ours));
        if elsewhere {
            return Ok(End::Left("it reports elsewhere by now".into()));
        }
        let dropped = gitlab.drop_integration(token, project).await.map_err(|e| self.on_gitlab(e))?;
        Ok(if dropped { End::Removed(String::new()) } else { gone() })
    }

    async fn mirror(&self, made: Option<&Planted>) -> Result<End, Error> {
        let Some(project) = self.project_id() else { return Ok(gone()) };
        if made.is_some_and(|made| made.was_there) {
            return Ok(End::Left("it was there before; it has the token that the import gave it".into()));
        }
        let (gitlab, token) = (&self.ends.gitlab, &self.ends.gitlab_token);
        let there = gitlab.mirror(token, project).await.map_err(|e| self.on_gitlab(e))?;
        let Some(there) = there.filter(|there| there.enabled != Some(false)) else { return Ok(gone()) };
        let source = self.repository.as_ref().map(|it| self.ends.clone_url(&it.full_name()));
        let elsewhere =
            there.url.as_ref().zip(source.as_ref()).is_some_and(|(there, ours)| !look::same_repository(there, ours));
        if elsewhere {
            return Ok(End::Left("it mirrors another repository by now".into()));
        }
        let version = gitlab.server_version(token).await.map_err(|e| self.on_gitlab(e))?;
        let old = version.as_deref().and_then(look::major_minor).is_some_and(|version| version < (17, 6));
        let dropped =
            if old { gitlab.drop_mirror_old(token, project).await } else { gitlab.drop_mirror(token, project).await };
        dropped.map_err(|e| self.on_gitlab(e))?;
        Ok(End::Removed(String::new()))
    }

    /// Revoked first, then forgotten: the other way round nobody would know it any more.
    async fn token(&self) -> Result<End, Error> {
        let Some(made) = self.ledger.import().made.token.clone() else { return Ok(gone()) };
        if let (Some(project), Some(id)) = (self.project_id(), made.id) {
            let revoked = self.ends.gitlab.revoke_project_token(&self.ends.gitlab_token, project, id).await;
            revoked.map_err(|e| self.on_gitlab(e))?;
        }
        fault::point("undo.revoked");
        if let Some(name) = made.connection.filter(|name| self.tools.records.path(name).exists()) {
            super::super::disconnect(self.tools, &name, false).await?;
        }
        Ok(End::Removed(String::new()))
    }

    async fn features(&self) -> Result<End, Error> {
        let before = self.ledger.import().made.features;
        let (Some(project), Some(before)) = (self.project_id(), before) else { return Ok(gone()) };
        let restored = self.ends.gitlab.edit_features(&self.ends.gitlab_token, project, before).await;
        restored.map_err(|e| self.on_gitlab(e))?;
        Ok(End::Removed("the features of the project are as they were".into()))
    }

    async fn project(&self) -> Result<End, Error> {
        let Some(project) = self.ledger.import().made.project.as_ref().and_then(|project| project.id) else {
            return Ok(gone());
        };
        let deleted = self.ends.gitlab.delete_project(&self.ends.gitlab_token, project).await;
        match deleted {
            Ok(true) => Ok(End::Removed(String::new())),
            Ok(false) => Ok(gone()),
            // Who makes a project in a group need not own it.
            Err(error) if error.kind.says_not_allowed() => {
                let path = self.ledger.import().gitlab.path.clone();
                Err(Error::OwnersOnly { path, connection: self.wanted.gitlab.name.clone() })
            }
            Err(error) => Err(self.on_gitlab(error)),
        }
    }
}

/// Somebody was there before.
fn gone() -> End {
    End::Left("it is gone already".into())
}
