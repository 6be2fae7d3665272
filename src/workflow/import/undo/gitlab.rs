//! What an import set up on GitLab: the integration, the mirror, the access token, the features, the project.

use super::super::ImportError;
use super::steps::Undo;
use super::{End, gone};
use crate::forge::ForgeErrorKind;
use crate::model::import::{MadeToken, Planted};
use crate::model::mirror::ProjectToken;
use crate::model::place::{Features, Project, Repository};

use super::super::super::remember::Happened;
use super::super::super::{Error, disconnect, fault};
use super::super::{ci, look, token};

/// Nobody looks there any more.
fn no_project() -> End {
    End::Left("the project is gone, or hidden from this token".into())
}

/// It stays, and so does what the import put in: the token of before is not known.
fn was_there() -> End {
    End::Left("it was there before, and has the token that the import gave it".into())
}

impl Undo<'_> {
    pub(super) async fn integration(&self, made: Option<&Planted>) -> Result<End, Error> {
        let Some(project) = self.project()? else { return Ok(no_project()) };
        if made.is_some_and(|made| made.was_there) {
            return Ok(was_there());
        }
        let (gitlab, token) = (&self.ends.gitlab, &self.ends.gitlab_token);
        let there = gitlab.integration(token, project.id).await.map_err(|e| self.on_gitlab(e))?;
        let Some(there) = there.filter(|there| there.active) else { return Ok(gone()) };
        if there.repository_url.as_ref().is_some_and(|url| !self.is_ours(url)) {
            return Ok(End::Left("it reports elsewhere by now".into()));
        }
        if self.only_looks() {
            return Ok(End::Removed(String::new()));
        }
        let dropped = gitlab.drop_integration(token, project.id).await.map_err(|e| self.on_gitlab(e))?;
        Ok(if dropped { End::Removed(String::new()) } else { gone() })
    }

    pub(super) async fn mirror(&self, made: Option<&Planted>) -> Result<End, Error> {
        let Some(project) = self.project()? else { return Ok(no_project()) };
        if made.is_some_and(|made| made.was_there) {
            return Ok(was_there());
        }
        let (gitlab, token) = (&self.ends.gitlab, &self.ends.gitlab_token);
        let there = gitlab.mirror(token, project.id).await.map_err(|e| self.on_gitlab(e))?;
        let Some(there) = there.filter(|there| there.enabled != Some(false)) else { return Ok(gone()) };
        if there.url.as_ref().is_some_and(|url| !self.is_ours(url)) {
            return Ok(End::Left("it mirrors another repository by now".into()));
        }
        if self.only_looks() {
            return Ok(End::Removed(String::new()));
        }
        let dropped = match gitlab.drop_mirror(token, project.id).await {
            Ok(()) => Ok(true),
            Err(error) if matches!(error.kind, ForgeErrorKind::Unsupported { .. }) => {
                gitlab.drop_mirror_old(token, project.id).await
            }
            Err(error) => Err(error),
        };
        if dropped.map_err(|e| self.on_gitlab(e))? {
            return Ok(End::Removed(String::new()));
        }
        self.password_stays.set(true);
        let why = "it is off, but this GitLab keeps the token in it, unused; revoke the token, or delete the project";
        Ok(End::Left(why.into()))
    }

    /// Whether an address is the repository's, by its name of today or by the one that the import knew.
    fn is_ours(&self, there: &url::Url) -> bool {
        let today = self.repository.as_ref().map(Repository::full_name);
        let names = today.into_iter().chain([self.import().github.path]);
        names.map(|name| self.ends.github_host.page(&name)).any(|page| look::same_repository(there, &page))
    }

    /// Revoked first, then forgotten: the other way round nobody would know it any more.
    pub(super) async fn token(&self) -> Result<End, Error> {
        let import = self.import();
        let kept = token::keeper(self.tools, &import)?;
        let Some(made) = import.made.token else { return Ok(gone()) };
        let numbers = match &self.project {
            Some(project) => self.alive(project, &made).await?,
            None => Vec::new(),
        };
        let Some(kept) = kept else {
            // Who keeps it not cannot even tell it to end by itself.
            let Some(project) = self.project()? else { return Ok(no_project()) };
            return Ok(if self.revoke(project, &numbers).await? { End::Removed(String::new()) } else { gone() });
        };
        if self.only_looks() {
            return Ok(End::Removed(String::new()));
        }
        if let Some(project) = &self.project {
            if self.revoke(project, &numbers).await? {
                self.tools.remember(&Happened::Revoked, &kept);
            }
            disconnect(self.tools, &kept.name, false).await?;
            return Ok(End::Removed(String::new()));
        }
        // A project that is only hidden has its tokens still: this one is told to end by itself.
        match disconnect(self.tools, &kept.name, true).await {
            Ok(_) => Ok(End::Removed(String::new())),
            Err(error) if ci::was_refused(&error) => {
                self.project()?;
                disconnect(self.tools, &kept.name, false).await?;
                Ok(End::Left("it is forgotten; if the project is there still, an owner has to revoke it".into()))
            }
            Err(error) => Err(error),
        }
    }

    /// The numbers of the token that is kept, and of those that were asked for and never answered; by the import's number
    /// in their names they are known. Without those that are dead already, where that is told.
    async fn alive(&self, project: &Project, made: &MadeToken) -> Result<Vec<u64>, Error> {
        let name = token::name(&self.import().id);
        match self.ends.gitlab.project_tokens(&self.ends.gitlab_token, project.id).await {
            Ok(listed) => {
                let ours = |it: &ProjectToken| it.active && (it.name == name || Some(it.id) == made.id);
                Ok(listed.into_iter().filter(ours).map(|it| it.id).collect())
            }
            // Who may not see the others can still revoke the one that is known.
            Err(error) if made.id.is_some() && error.was_refused() => Ok(made.id.into_iter().collect()),
            Err(error) => Err(self.on_gitlab(error)),
        }
    }

    /// Says whether there was any; and whether there would be, where everything is only looked at.
    async fn revoke(&self, project: &Project, numbers: &[u64]) -> Result<bool, Error> {
        let mut any = self.only_looks() && !numbers.is_empty();
        for number in numbers.iter().filter(|_| !self.only_looks()) {
            let (gitlab, token) = (&self.ends.gitlab, &self.ends.gitlab_token);
            any |= gitlab.revoke_project_token(token, project.id, *number).await.map_err(|e| self.on_gitlab(e))?;
        }
        if !self.only_looks() {
            fault::point("undo.revoked");
        }
        Ok(any)
    }

    /// They are as they were before, unless somebody has changed them since.
    pub(super) async fn features(&self, before: Option<Features>) -> Result<End, Error> {
        let (Some(project), Some(before)) = (self.project()?, before) else { return Ok(no_project()) };
        if project.features != Features::OFF {
            let on = project.features.on().join(", ");
            return Ok(End::Left(format!("they have been changed since: {on} on")));
        }
        if self.only_looks() {
            return Ok(End::Removed(String::new()));
        }
        let restored = self.ends.gitlab.edit_features(&self.ends.gitlab_token, project.id, before).await;
        restored.map_err(|e| self.on_gitlab(e))?;
        Ok(End::Removed("they are as they were before".into()))
    }

    pub(super) async fn delete_project(&self) -> Result<End, Error> {
        let Some(project) = self.project()? else { return Ok(no_project()) };
        if self.only_looks() {
            return Ok(End::Removed(String::new()));
        }
        self.asks_to_delete()?;
        let deleted = self.ends.gitlab.delete_project(&self.ends.gitlab_token, project.id).await;
        match deleted {
            Ok(true) => Ok(End::Removed(String::new())),
            Ok(false) => Ok(gone()),
            // An instance may let nobody but its administrators.
            Err(error) if error.kind.says_not_allowed() => {
                let path = project.path.clone();
                Err(ImportError::OwnersOnly { path, connection: self.wanted.gitlab.name.clone() }.into())
            }
            Err(error) => Err(self.on_gitlab(error)),
        }
    }
}
