//! What an import put on GitHub: files, a secret, a webhook.

use super::steps::Undo;
use super::{End, gone};
use crate::model::Fingerprint;
use crate::model::hook::File;
use crate::model::import::{MadeFile, Planted};
use crate::model::place::Repository;

use super::super::super::{Error, fault};
use super::super::actions::SECRET;
use super::super::hook;

/// Nobody looks there any more.
fn no_repository() -> End {
    End::Left("the repository is gone, or hidden from this token".into())
}

impl Undo<'_> {
    /// A file goes only if it is what was put there, and a branch only if nobody has gone on from there.
    pub(super) async fn file(&self, made: Option<&MadeFile>) -> Result<End, Error> {
        let Some(made) = made else { return Ok(gone()) };
        let Some(repository) = self.repository()? else { return Ok(no_repository()) };
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
        if self.only_looks() {
            return Ok(End::Removed(String::new()));
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
        let is_ours = |file: &File| Fingerprint::of(&file.content) == made.digest;
        let merged = merged.as_ref().is_some_and(is_ours);
        let stays = format!("{path} has come to `{usual}`, and stays there");
        let Some(head) = head else { return Ok(if merged { End::Left(stays) } else { gone() }) };
        if !self.is_untouched(made, repository, &head, there.as_ref().is_some_and(is_ours)).await? {
            return Ok(End::Left(format!("the branch `{branch}` has been changed since")));
        }
        let removed = || End::Removed(if merged { format!("the branch `{branch}` ({stays})") } else { String::new() });
        if self.only_looks() {
            return Ok(removed());
        }
        if let Some(pull) = made.pull.filter(|_| !merged) {
            github.close_pull(token, repository, pull).await.map_err(failed)?;
            fault::point("undo.closed");
        }
        github.delete_branch(token, repository, branch).await.map_err(failed)?;
        Ok(removed())
    }

    /// Whether nobody else has put anything on a branch that was made for a file. Where the answer that told its commit
    /// was lost, it is the only one on top of where the branch was made.
    async fn is_untouched(
        &self,
        made: &MadeFile,
        repository: &Repository,
        head: &str,
        has_ours: bool,
    ) -> Result<bool, Error> {
        if let Some(commit) = &made.commit {
            return Ok(commit == head);
        }
        let Some(base) = &made.branched_at else { return Ok(has_ours) };
        if base == head {
            return Ok(true);
        }
        let parents = self.ends.github.parents(&self.ends.github_token, repository, head).await;
        Ok(has_ours && parents.map_err(|e| self.on_github(e))? == [base.as_str()])
    }

    pub(super) async fn secret(&self, made: Option<&Planted>) -> Result<End, Error> {
        let Some(repository) = self.repository()? else { return Ok(no_repository()) };
        if made.is_some_and(|made| made.was_there) {
            return Ok(End::Left(format!("a secret `{SECRET}` was there before; it has another value now")));
        }
        let (github, token) = (&self.ends.github, &self.ends.github_token);
        if self.only_looks() {
            let listed = github.actions_secrets(token, repository).await.map_err(|e| self.on_github(e))?;
            return Ok(if listed.iter().any(|name| name == SECRET) { End::Removed(String::new()) } else { gone() });
        }
        let deleted = github.delete_actions_secret(token, repository, SECRET).await;
        Ok(if deleted.map_err(|e| self.on_github(e))? { End::Removed(String::new()) } else { gone() })
    }

    /// The hook of that number, if it still leads to the project.
    pub(super) async fn hook(&self, id: Option<u64>) -> Result<End, Error> {
        let Some(repository) = self.repository()? else { return Ok(no_repository()) };
        let (github, token) = (&self.ends.github, &self.ends.github_token);
        let Some(id) = id else { return self.unanswered_hook(repository).await };
        let there = github.hook(token, repository, id).await.map_err(|e| self.on_github(e))?;
        let Some(there) = there else {
            // To a token that may not see webhooks GitHub says the same; the list tells.
            github.hooks(token, repository).await.map_err(|e| self.on_github(e))?;
            return Ok(gone());
        };
        let import = self.import();
        let wanted = import.gitlab.id.and_then(|project| self.ends.hook_url(project));
        let leads_here = wanted.is_some_and(|url| url.origin() == there.url.origin() && url.path() == there.url.path());
        // Of a project that is gone, the token in it tells.
        let has_ours = import.made.hook_token.is_some_and(|planted| there.token == Some(planted.fingerprint));
        if !leads_here && !has_ours {
            return Ok(End::Left("it leads elsewhere by now".into()));
        }
        if self.only_looks() {
            return Ok(End::Removed(String::new()));
        }
        let deleted = github.delete_hook(token, repository, id).await.map_err(|e| self.on_github(e))?;
        Ok(if deleted { End::Removed(String::new()) } else { gone() })
    }

    /// A hook whose making was never answered is known by the token in it.
    async fn unanswered_hook(&self, repository: &Repository) -> Result<End, Error> {
        let (github, token) = (&self.ends.github, &self.ends.github_token);
        let hooks = github.hooks(token, repository).await.map_err(|e| self.on_github(e))?;
        let import = self.import();
        let Some(ours) = hooks.iter().find(|there| hook::was_asked_for(&import, there)) else { return Ok(gone()) };
        if !self.only_looks() {
            github.delete_hook(token, repository, ours.id).await.map_err(|e| self.on_github(e))?;
        }
        Ok(End::Removed(String::new()))
    }
}
