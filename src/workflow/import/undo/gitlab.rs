//! What an import set up on GitLab: the integration, the mirror, the access token, the features, the project.

use super::{End, Undo, gone};
use crate::forge::ForgeErrorKind;
use crate::model::import::{MadeToken, Planted};
use crate::model::place::{Features, Project, Repository};

use super::super::super::remember::Happened;
use super::super::super::{Error, disconnect, fault};
use super::super::{ci, look, token};

/// A token that may not see a project is told that there is none.
fn no_project() -> End {
    End::Left("the project is gone, or hidden from this token".into())
}

/// It stays, and so does what the import put in: the token of before is not known.
fn was_there() -> End {
    End::Left("it was there before, and has the token that the import gave it".into())
}

impl Undo<'_> {
    pub(super) async fn integration(&self, made: Option<&Planted>) -> Result<End, Error> {
        let Some(project) = &self.project else { return Ok(no_project()) };
        if made.is_some_and(|made| made.was_there) {
            return Ok(was_there());
        }
        let (gitlab, token) = (&self.ends.gitlab, &self.ends.gitlab_token);
        let there = gitlab.integration(token, project.id).await.map_err(|e| self.on_gitlab(e))?;
        let Some(there) = there.filter(|there| there.active) else { return Ok(gone()) };
        if there.repository_url.as_ref().is_some_and(|url| !self.is_ours(url)) {
            return Ok(End::Left("it reports elsewhere by now".into()));
        }
        let dropped = gitlab.drop_integration(token, project.id).await.map_err(|e| self.on_gitlab(e))?;
        Ok(if dropped { End::Removed(String::new()) } else { gone() })
    }

    pub(super) async fn mirror(&self, made: Option<&Planted>) -> Result<End, Error> {
        let Some(project) = &self.project else { return Ok(no_project()) };
        if made.is_some_and(|made| made.was_there) {
            return Ok(was_there());
        }
        let (gitlab, token) = (&self.ends.gitlab, &self.ends.gitlab_token);
        let there = gitlab.mirror(token, project.id).await.map_err(|e| self.on_gitlab(e))?;
        let Some(there) = there.filter(|there| there.enabled != Some(false)) else { return Ok(gone()) };
        if there.url.as_ref().is_some_and(|url| !self.is_ours(url)) {
            return Ok(End::Left("it mirrors another repository by now".into()));
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
        let names = today.into_iter().chain([self.ledger.import().github.path.clone()]);
        names.map(|name| self.ends.github_host.page(&name)).any(|page| look::same_repository(there, &page))
    }

    /// Revoked first, then forgotten: the other way round nobody would know it any more.
    pub(super) async fn token(&self) -> Result<End, Error> {
        let import = self.ledger.import().clone();
        let kept = token::keeper(self.tools, &import)?;
        let Some(made) = import.made.token else { return Ok(gone()) };
        let revoked = match &self.project {
            Some(project) => self.revoke(project, &made).await?,
            None => false,
        };
        fault::point("undo.revoked");
        if let Some(kept) = kept {
            if revoked {
                self.tools.remember(&Happened::Revoked, &kept);
            }
            // A project that is only hidden has its tokens still: this one is told to end by itself.
            let revokes = self.project.is_none();
            return match disconnect(self.tools, &kept.name, revokes).await {
                Ok(_) => Ok(End::Removed(String::new())),
                Err(error) if revokes && ci::was_refused(&error) => {
                    disconnect(self.tools, &kept.name, false).await?;
                    Ok(End::Left("it is forgotten; if the project is there still, an owner has to revoke it".into()))
                }
                Err(error) => Err(error),
            };
        }
        Ok(if revoked { End::Removed(String::new()) } else { gone() })
    }

    /// The token that is kept, and those that were asked for and never answered; by the import's number in their names
    /// they are known. Says whether there was any.
    async fn revoke(&self, project: &Project, made: &MadeToken) -> Result<bool, Error> {
        let (gitlab, token) = (&self.ends.gitlab, &self.ends.gitlab_token);
        let name = token::name(&self.ledger.import().id);
        let mut numbers: Vec<u64> = made.id.into_iter().collect();
        let listed = gitlab.project_tokens(token, project.id).await;
        let more = match listed {
            Ok(listed) => listed.into_iter().filter(|it| it.active && it.name == name).map(|it| it.id).collect(),
            // Who may not see the others can still revoke the one that is known.
            Err(error) if made.id.is_some() && error.was_refused() => Vec::new(),
            Err(error) => return Err(self.on_gitlab(error)),
        };
        numbers.extend(more);
        numbers.sort_unstable();
        numbers.dedup();
        let mut any = false;
        for number in numbers {
            let revoked = gitlab.revoke_project_token(token, project.id, number).await;
            any |= revoked.map_err(|e| self.on_gitlab(e))?;
        }
        Ok(any)
    }

    /// They are as they were before, unless somebody has changed them since.
    pub(super) async fn features(&self, before: Option<Features>) -> Result<End, Error> {
        let (Some(project), Some(before)) = (&self.project, before) else { return Ok(no_project()) };
        if project.features != Features::OFF {
            let on = project.features.on().join(", ");
            return Ok(End::Left(format!("they have been changed since: {on} on")));
        }
        let restored = self.ends.gitlab.edit_features(&self.ends.gitlab_token, project.id, before).await;
        restored.map_err(|e| self.on_gitlab(e))?;
        Ok(End::Removed("they are as they were before".into()))
    }

    pub(super) async fn delete_project(&self) -> Result<End, Error> {
        let Some(project) = &self.project else { return Ok(no_project()) };
        let deleted = self.ends.gitlab.delete_project(&self.ends.gitlab_token, project.id).await;
        match deleted {
            Ok(true) => Ok(End::Removed(String::new())),
            Ok(false) => Ok(gone()),
            // Who makes a project in a group need not own it.
            Err(error) if error.kind.says_not_allowed() => {
                let path = project.path.clone();
                Err(Error::OwnersOnly { path, connection: self.wanted.gitlab.name.clone() })
            }
            Err(error) => Err(self.on_gitlab(error)),
        }
    }
}
