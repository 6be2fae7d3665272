//! What an import put on GitHub: files, a secret, a webhook.

use super::{End, Undo, gone};
use crate::model::Fingerprint;
use crate::model::import::{MadeFile, Planted};
use crate::model::place::Repository;

use super::super::super::Error;
use super::super::actions::SECRET;

/// A token that may not see a repository is told that there is none.
fn no_repository() -> End {
    End::Left("the repository is gone, or hidden from this token".into())
}

impl Undo<'_> {
    /// A file goes only if it is what was put there, and a branch only if nobody has gone on from there.
    pub(super) async fn file(&self, made: Option<&MadeFile>) -> Result<End, Error> {
        let Some(made) = made else { return Ok(gone()) };
        let Some(repository) = &self.repository else { return Ok(no_repository()) };
        if made.branch_made {
            return self.branch(made, repository).await;
        }
        let (github, token) = (&self.ends.github, &self.ends.github_token);
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

    /// A branch that was made for a file, and the pull request that brings it.
    async fn branch(&self, made: &MadeFile, repository: &Repository) -> Result<End, Error> {
        let (github, token) = (&self.ends.github, &self.ends.github_token);
        let (path, branch) = (&made.path, &made.branch);
        let usual = repository.default_branch.as_deref().unwrap_or("main");
        let (head, there, merged) = tokio::join!(
            github.branch_head(token, repository, branch),
            github.file(token, repository, path, branch),
            github.file(token, repository, path, usual)
        );
        let failed = |error| self.on_github(error);
        let (head, there, merged) = (head.map_err(failed)?, there.map_err(failed)?, merged.map_err(failed)?);
        let is_ours = |file: &crate::model::hook::File| Fingerprint::of(&file.content) == made.digest;
        let merged = merged.as_ref().is_some_and(is_ours);
        let stays = format!("{path} has come to `{usual}`, and stays there");
        let Some(head) = head else { return Ok(if merged { End::Left(stays) } else { gone() }) };
        let untouched = match &made.commit {
            Some(commit) => *commit == head,
            None => there.as_ref().is_some_and(is_ours),
        };
        if !untouched {
            return Ok(End::Left(format!("the branch `{branch}` has been changed since")));
        }
        if let Some(pull) = made.pull.filter(|_| !merged) {
            github.close_pull(token, repository, pull).await.map_err(failed)?;
        }
        github.delete_branch(token, repository, branch).await.map_err(failed)?;
        Ok(End::Removed(if merged { format!("the branch `{branch}` ({stays})") } else { String::new() }))
    }

    pub(super) async fn secret(&self, made: Option<&Planted>) -> Result<End, Error> {
        let Some(repository) = &self.repository else { return Ok(no_repository()) };
        if made.is_some_and(|made| made.was_there) {
            return Ok(End::Left(format!("a secret `{SECRET}` was there before; it has another value now")));
        }
        let deleted = self.ends.github.delete_actions_secret(&self.ends.github_token, repository, SECRET).await;
        Ok(if deleted.map_err(|e| self.on_github(e))? { End::Removed(String::new()) } else { gone() })
    }

    /// The hook of that number, if it still leads to the project.
    pub(super) async fn hook(&self, id: Option<u64>) -> Result<End, Error> {
        let Some(repository) = &self.repository else { return Ok(no_repository()) };
        let Some(project) = self.ledger.import().gitlab.id else { return Ok(gone()) };
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
}
