//! What GitLab shows: where the project is or is to be, whether the account may do what is wanted there, and what is set
//! up in it.

use crate::forge::{Depth, ForgeError, ForgeErrorKind};
use crate::model::import::Import;
use crate::model::place::{Project, Repository};
use crate::model::{ForgeKind, Need};

use super::super::super::{Error, Tools, learn};
use super::super::ImportError;
use super::super::Wanted;
use super::super::ends::Ends;
use super::super::target::{self, Resolved, Target};
use super::{Standing, refuse};

/// What GitLab shows.
pub(super) struct Place {
    pub(super) target: Target,
    pub(super) standing: Option<Standing>,
    pub(super) licensed: Option<bool>,
    pub(super) version: Option<String>,
    pub(super) account: Option<u64>,
    pub(super) record: Option<Import>,
    pub(super) gone: bool,
    pub(super) needs: Vec<Need>,
}

/// What the project is called where `--to` names a group: as was asked for, as the import of this repository that is on
/// record for the group is called, or as the repository is.
pub(super) fn project_name(wanted: &Wanted, records: &[Import], repository: Option<&Repository>) -> String {
    if let Some(name) = &wanted.setup.project_name {
        return target::slug(name);
    }
    let in_group = |record: &&Import| {
        let parent = record.gitlab.path.rsplit_once('/').map(|(parent, _)| parent);
        parent.is_some_and(|parent| parent.eq_ignore_ascii_case(&wanted.to))
    };
    let of_it = |record: &&Import| repository.is_some_and(|repository| record.github.id == Some(repository.id));
    let mut known = records.iter().filter(of_it).filter(in_group);
    match (known.next(), known.next()) {
        (Some(known), None) => known.gitlab.path.rsplit('/').next().unwrap_or_default().to_owned(),
        _ => target::slug(repository.map_or(wanted.name.as_str(), |repository| repository.name.as_str())),
    }
}

pub(super) async fn place(
    tools: &Tools<'_>,
    wanted: &Wanted,
    ends: &Ends,
    records: &[Import],
    name: &str,
) -> Result<Place, Error> {
    let token = &ends.gitlab_token;
    let failed = |error: ForgeError| Error::of_forge(Some(&ends.gitlab_host), Some(&wanted.gitlab.name))(error);
    let inspect = ends.gitlab.inspect(token, Depth::Brief);
    let known = wanted.gitlab.account.as_ref().and_then(|account| account.id);
    let account = async {
        match known {
            Some(known) => Some(known),
            None => ends.gitlab.me(token).await.ok().and_then(|me| me.id),
        }
    };
    let version = ends.gitlab.server_version(token);
    let resolved = target::resolve(ends, &wanted.to, name);
    let (said, account, version, resolved) = tokio::join!(inspect, account, version, resolved);
    let said = said.map_err(Error::of_forge(Some(&ends.gitlab_host), Some(&wanted.gitlab.name)));
    let (_, said) = learn::one(tools, wanted.gitlab.clone(), token, said);
    let said = said?;
    let scope = target::scope_need(&said);
    refuse(wanted, ends, ForgeKind::GitLab, std::slice::from_ref(&scope))?;
    let mut resolved = resolved.map_err(failed)?;
    let record = of_place(records, wanted, name, &resolved).cloned();
    let mut gone = false;
    // A project that was renamed half-way is known by its number.
    if let Some(id) = record.as_ref().and_then(|record| record.gitlab.id) {
        let is_it = matches!(&resolved, Resolved::Project(project) if project.id == id);
        if !is_it {
            match ends.gitlab.project(token, &id.to_string()).await {
                // Marked for deletion, it is there for some days, under another name.
                Ok(project) if project.doomed => gone = true,
                Ok(project) => resolved = Resolved::Project(Box::new(project)),
                Err(error) if error.kind == ForgeErrorKind::NotFound => gone = true,
                Err(error) => return Err(failed(error)),
            }
        }
    }
    let mut needs = vec![scope];
    let (target, standing, licensed) = match resolved {
        Resolved::Nowhere => return Err(nowhere(wanted)),
        Resolved::Project(project) => {
            needs.push(target::role_in(ends, &project).await);
            refuse(wanted, ends, ForgeKind::GitLab, &needs)?;
            let target = of_project(&project);
            let licensed = Some(project.may_mirror);
            (target, Some(standing(wanted, ends, *project).await.map_err(failed)?), licensed)
        }
        Resolved::Free(target) => {
            may_be_seen(wanted, &target)?;
            let (rights, licensed) =
                tokio::join!(target::rights(ends, &target, account), target::licensed(ends, &target));
            needs.extend(rights.map_err(failed)?);
            refuse(wanted, ends, ForgeKind::GitLab, &needs)?;
            let licensed = licensed.map_err(failed)?;
            (target, None, licensed)
        }
    };
    Ok(Place { target, standing, licensed, version: version.ok().flatten(), account, record, gone, needs })
}

/// GitLab docs, "Project and group visibility": a project is seen by no more people than its group.
fn may_be_seen(wanted: &Wanted, target: &Target) -> Result<(), Error> {
    let (Some(asked), Some(group)) = (&wanted.setup.visibility, &target.group) else { return Ok(()) };
    let rank = |who: &str| ["private", "internal", "public"].iter().position(|known| *known == who);
    match (rank(asked), rank(&group.visibility)) {
        (Some(project), Some(widest)) if project > widest => Err(ImportError::TooVisible {
            group: group.path.clone(),
            widest: group.visibility.clone(),
            wanted: asked.clone(),
            connection: wanted.gitlab.name.clone(),
        }
        .into()),
        _ => Ok(()),
    }
}

/// The record of an import into the place that is meant: under the path that was wanted or that it had, or of the very
/// project that answers there. The repository's name counts more than the project's number, which may be a newer one's.
fn of_place<'a>(records: &'a [Import], wanted: &Wanted, name: &str, resolved: &Resolved) -> Option<&'a Import> {
    let below = format!("{}/{name}", wanted.to);
    let is_here = |record: &Import| {
        let path = &record.gitlab.path;
        path.eq_ignore_ascii_case(&wanted.to) || path.eq_ignore_ascii_case(&below)
    };
    let answers = |record: &Import| matches!(resolved, Resolved::Project(it) if record.gitlab.id == Some(it.id));
    let same_repository = |record: &Import| record.github.path.eq_ignore_ascii_case(&wanted.full_name());
    let candidates = records.iter().filter(|record| is_here(record) || answers(record));
    candidates.max_by_key(|record| (same_repository(record), answers(record)))
}

fn of_project(project: &Project) -> Target {
    let namespace_path = project.path.rsplit_once('/').map_or("", |(namespace, _)| namespace).to_owned();
    Target {
        namespace: project.namespace.unwrap_or_default(),
        namespace_path,
        path: project.path.clone(),
        group: None,
        plan: None,
    }
}

fn nowhere(wanted: &Wanted) -> Error {
    let parent = wanted.to.rsplit_once('/').map(|(parent, _)| parent);
    let mut checklist = vec![format!("there is neither a group nor a user namespace at `{}`", wanted.to)];
    checklist.extend(parent.map(|parent| format!("nor at `{parent}`, which a new project could go into")));
    checklist.push("connect makes projects, not groups: make the group first, or look at its full path".into());
    checklist.push("a group that the account is no member of is hidden from it".into());
    Error::Hidden { connection: wanted.gitlab.name.clone(), what: "group", path: wanted.to.clone(), checklist }
}

async fn standing(wanted: &Wanted, ends: &Ends, project: Project) -> Result<Standing, ForgeError> {
    let (token, id) = (&ends.gitlab_token, project.id);
    let mirror = async { if project.mirrored { ends.gitlab.mirror(token, id).await } else { Ok(None) } };
    let integration = async {
        if project.may_mirror && wanted.setup.integration { ends.gitlab.integration(token, id).await } else { Ok(None) }
    };
    let tokens = async {
        match ends.gitlab.project_tokens(token, id).await {
            Ok(tokens) => Ok(Some(tokens)),
            Err(error) if error.kind.says_not_allowed() || error.kind == ForgeErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    };
    // A mirror's updates are told there, too, once it is on.
    let importing = async {
        if project.mirrored {
            return Ok(None);
        }
        match ends.gitlab.importing(token, id).await {
            Ok(importing) => Ok(Some(importing)),
            Err(error) if error.kind.says_not_allowed() || error.kind == ForgeErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    };
    let (mirror, integration, tokens, importing) = tokio::join!(mirror, integration, tokens, importing);
    Ok(Standing { mirror: mirror?, integration: integration?, tokens: tokens?, importing: importing?, project })
}
