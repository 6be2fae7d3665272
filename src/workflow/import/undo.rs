//! Undoing an import: what connect made is removed, the last thing first, and nothing else. What has been changed by
//! others since stays, and is named.

use crate::forge::ForgeError;
use crate::model::hook::File;
use crate::model::import::{MadeFile, Numbered, Planted};
use crate::model::place::{Project, Repository};
use crate::model::{Fingerprint, Import};

use super::super::{Answer, Error, Event, Tools, fault, keep};
use super::actions::SECRET;
use super::ends::Ends;
use super::ledger::{Held, Ledger};
use super::plan::StepKind;
use super::{Wanted, copies, hook, look, status, token};

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
    keep::tidy(tools)?;
    let held = Held::of_record(tools, &import)?;
    // Whoever had the lock may have made more, or removed it.
    let known = tools.imports.find(&import.id)?;
    let mut import = known.ok_or_else(|| Error::NoSuchImport { repository: import.github.path.clone() })?;
    let wanted = status::wanted(tools, &import)?;
    let ends = Ends::open(tools, &wanted)?;
    let project = answer(tools, &wanted, &ends, &mut import).await?;
    let steps = steps(&import, wish);
    let deletes_project = steps.iter().any(|(step, _)| *step == StepKind::Project);
    if wish.delete_project && !deletes_project && project.is_some() {
        return Err(Error::NotOurProject { path: import.gitlab.path.clone() });
    }
    let undoing = Undoing { import: import.clone(), steps, deletes_project };
    match agreed(&undoing) {
        Answer::Yes => {}
        Answer::No => return Err(Error::Declined),
        Answer::CannotAsk => return Err(Error::PlanNotConfirmed),
    }
    let repository = match import.github.id {
        Some(id) => ForgeError::if_there(ends.github.repository_by_id(&ends.github_token, id).await),
        None => Ok(None),
    };
    let repository = repository.map_err(|error| ends.github_failed(&wanted, error))?;
    let ledger = Ledger::of(tools, import.clone(), held, true)?;
    fault::point("undo.begun");
    let undo = Undo { tools, wanted: &wanted, ends: &ends, ledger, repository, project: project.map(|it| it.id) };
    let mut done = Undone { import, removed: Vec::new(), left: Vec::new(), failed: Vec::new() };
    for (step, says) in &undoing.steps {
        tools.say(Event::Step { step: step.word(), says: None });
        match Box::pin(undo.step(*step)).await {
            Ok(End::Removed(what)) => done.removed.push((*step, if what.is_empty() { says.clone() } else { what })),
            Ok(End::Left(why)) => done.left.push((*step, why)),
            Err(error) => done.failed.push((*step, error)),
        }
    }
    undo.close(&mut done)?;
    Ok(done)
}

/// What was asked for and never answered is looked for, as the next import would look for it: whoever undoes wants it
/// gone all the same. Gives the project, if it is there.
async fn answer(
    tools: &Tools<'_>,
    wanted: &Wanted,
    ends: &Ends,
    import: &mut Import,
) -> Result<Option<Project>, Error> {
    if import.made.token.is_some()
        && let Some(kept) = token::keeper(tools, import)?
        && let Some(made) = import.made.token.as_mut()
    {
        made.connection = Some(kept.name.clone());
        made.id = made.id.or(kept.token.and_then(|token| token.id));
    }
    let (gitlab, secret) = (&ends.gitlab, &ends.gitlab_token);
    let failed = |error| ends.gitlab_failed(wanted, error);
    let asked = import.made.project.clone().filter(|project| project.id.is_none());
    let place = match (import.gitlab.id, &asked) {
        (Some(id), _) => id.to_string(),
        (None, Some(_)) => import.gitlab.path.clone(),
        (None, None) => return Ok(None),
    };
    let project = ForgeError::if_there(gitlab.project(secret, &place).await).map_err(failed)?;
    let Some(asked) = asked else { return Ok(project) };
    let account = gitlab.me(secret).await.map_err(failed)?.id;
    let project = project.filter(|project| look::was_asked_for(import, project, account));
    import.gitlab.id = project.as_ref().map(|project| project.id);
    import.made.project = project.as_ref().map(|project| Numbered { id: Some(project.id), ..asked });
    Ok(project)
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

struct Undo<'a> {
    tools: &'a Tools<'a>,
    wanted: &'a Wanted,
    ends: &'a Ends,
    ledger: Ledger<'a>,
    /// The repository as it is called now; nothing when it is gone, or hidden from the token.
    repository: Option<Repository>,
    /// The project's number; nothing when it is gone, or hidden from the token.
    project: Option<u64>,
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
        copies::settle(self.tools, &import)?;
        fault::point("undo.settled");
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
        fault::point("undo.forgotten");
        self.ledger.close()
    }

    fn on_github(&self, error: ForgeError) -> Error {
        self.ends.github_failed(self.wanted, error)
    }

    fn on_gitlab(&self, error: ForgeError) -> Error {
        self.ends.gitlab_failed(self.wanted, error)
    }

    /// A file goes only if it is what was put there.
    async fn file(&self, made: Option<&MadeFile>) -> Result<End, Error> {
        let (Some(made), Some(repository)) = (made, &self.repository) else { return Ok(hidden()) };
        let (github, token) = (&self.ends.github, &self.ends.github_token);
        let file = github.file(token, repository, &made.path, &made.branch).await.map_err(|e| self.on_github(e))?;
        if made.branch_made {
            let head = github.branch_head(token, repository, &made.branch).await.map_err(|e| self.on_github(e))?;
            let Some(head) = head else { return Ok(gone()) };
            if self.is_untouched(repository, made, &head, file.as_ref()).await? {
                if let Some(pull) = made.pull {
                    github.close_pull(token, repository, pull).await.map_err(|e| self.on_github(e))?;
                    fault::point("undo.closed");
                }
                let deleted = github.delete_branch(token, repository, &made.branch).await;
                let deleted = deleted.map_err(|e| self.on_github(e))?;
                let what = format!("the branch `{}` with {}", made.branch, made.path);
                return Ok(if deleted { End::Removed(what) } else { gone() });
            }
        }
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

    /// Whether nobody else has put anything on a branch that was made for a file. Where the answer that told its commit
    /// was lost, it is the only one on top of where the branch was made.
    async fn is_untouched(
        &self,
        repository: &Repository,
        made: &MadeFile,
        head: &str,
        file: Option<&File>,
    ) -> Result<bool, Error> {
        let Some(base) = &made.branched_at else { return Ok(false) };
        if let Some(commit) = &made.commit {
            return Ok(commit == head);
        }
        if base == head {
            return Ok(true);
        }
        let parents = self.ends.github.parents(&self.ends.github_token, repository, head).await;
        let parents = parents.map_err(|e| self.on_github(e))?;
        Ok(parents == [base.as_str()] && file.is_some_and(|file| Fingerprint::of(&file.content) == made.digest))
    }

    async fn secret(&self, made: Option<&Planted>) -> Result<End, Error> {
        let Some(repository) = &self.repository else { return Ok(hidden()) };
        if made.is_some_and(|made| made.was_there) {
            return Ok(End::Left(format!("a secret `{SECRET}` was there before; it has another value now")));
        }
        let deleted = self.ends.github.delete_actions_secret(&self.ends.github_token, repository, SECRET).await;
        Ok(if deleted.map_err(|e| self.on_github(e))? { End::Removed(String::new()) } else { gone() })
    }

    /// The hook of that number, if it still leads to the project.
    async fn hook(&self, id: Option<u64>) -> Result<End, Error> {
        let Some(repository) = &self.repository else { return Ok(hidden()) };
        let (github, token) = (&self.ends.github, &self.ends.github_token);
        let Some(id) = id else { return self.unanswered_hook(repository).await };
        let there = github.hook(token, repository, id).await.map_err(|e| self.on_github(e))?;
        let Some(there) = there else {
            // To a token that may not see webhooks GitHub says the same; the list tells.
            github.hooks(token, repository).await.map_err(|e| self.on_github(e))?;
            return Ok(gone());
        };
        let import = self.ledger.import().clone();
        let wanted = import.gitlab.id.and_then(|project| self.ends.hook_url(project));
        let leads_here = wanted.is_some_and(|url| url.origin() == there.url.origin() && url.path() == there.url.path());
        // Of a project that is gone, the token in it tells.
        let has_ours = import.made.hook_token.is_some_and(|planted| there.token == Some(planted.fingerprint));
        if !leads_here && !has_ours {
            return Ok(End::Left("it leads elsewhere by now".into()));
        }
        let deleted = github.delete_hook(token, repository, id).await.map_err(|e| self.on_github(e))?;
        Ok(if deleted { End::Removed(String::new()) } else { gone() })
    }

    /// A hook whose making was never answered is known by the token in it.
    async fn unanswered_hook(&self, repository: &Repository) -> Result<End, Error> {
        let (github, token) = (&self.ends.github, &self.ends.github_token);
        let hooks = github.hooks(token, repository).await.map_err(|e| self.on_github(e))?;
        let import = self.ledger.import().clone();
        let Some(ours) = hooks.iter().find(|there| hook::was_asked_for(&import, there)) else { return Ok(gone()) };
        github.delete_hook(token, repository, ours.id).await.map_err(|e| self.on_github(e))?;
        Ok(End::Removed(String::new()))
    }

    async fn integration(&self, made: Option<&Planted>) -> Result<End, Error> {
        let Some(project) = self.project else { return Ok(hidden()) };
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
        let Some(project) = self.project else { return Ok(hidden()) };
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
        let import = self.ledger.import().clone();
        let Some(made) = import.made.token.clone() else { return Ok(gone()) };
        let kept = token::keeper(self.tools, &import)?;
        let mut removed = kept.is_some();
        if let Some(project) = self.project {
            removed |= self.revoke(project, made.id, &token::name(&import.id)).await?;
        }
        fault::point("undo.revoked");
        if let Some(kept) = kept {
            super::super::disconnect(self.tools, &kept.name, false).await?;
        }
        Ok(if removed { End::Removed(String::new()) } else { gone() })
    }

    /// The one of that number, and those that bear the import's number and were never heard of.
    async fn revoke(&self, project: u64, id: Option<u64>, name: &str) -> Result<bool, Error> {
        let (gitlab, token) = (&self.ends.gitlab, &self.ends.gitlab_token);
        let mut ids: Vec<u64> = id.into_iter().collect();
        if id.is_none() {
            let listed = ForgeError::if_there(gitlab.project_tokens(token, project).await);
            let listed = listed.map_err(|e| self.on_gitlab(e))?.unwrap_or_default();
            ids.extend(listed.iter().filter(|it| it.active && it.name == name).map(|it| it.id));
        }
        let mut any = false;
        for id in ids {
            any |= gitlab.revoke_project_token(token, project, id).await.map_err(|e| self.on_gitlab(e))?;
        }
        Ok(any)
    }

    async fn features(&self) -> Result<End, Error> {
        let before = self.ledger.import().made.features;
        let (Some(project), Some(before)) = (self.project, before) else { return Ok(gone()) };
        let restored = self.ends.gitlab.edit_features(&self.ends.gitlab_token, project, before).await;
        restored.map_err(|e| self.on_gitlab(e))?;
        Ok(End::Removed("the features of the project are as they were".into()))
    }

    async fn project(&self) -> Result<End, Error> {
        let Some(project) = self.project else { return Ok(hidden()) };
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

/// Somebody was there before.
fn gone() -> End {
    End::Left("it is gone already".into())
}

/// So is all around it; or the token may not see it any more, which is answered alike.
fn hidden() -> End {
    End::Left("it is gone, or hidden from the token, with all that it is in".into())
}
