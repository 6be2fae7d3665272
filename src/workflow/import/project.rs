//! The project: made, imported into, or there already; and the features that CI/CD alone does not need.

use crate::forge::ForgeErrorKind;
use crate::forge::{NewImport, NewProject};
use crate::model::import::{Mode, Numbered, Sync};
use crate::model::mirror::{ImportStatus, Importing};
use crate::model::place::{Features, Project};

use super::super::pace::Pace;
use super::super::{Error, Event, fault};
use super::ImportError;
use super::Wanted;
use super::look::{self, Found};
use super::plan::{Planned, State, StepKind, odd, step};
use super::target::slug;
use super::work::Work;

/// Whether GitLab's importer makes the project: with all that it brings, or because a private repository that is to be
/// brought over once would need the token in a URL otherwise.
pub(super) fn is_import(wanted: &Wanted, found: &Found) -> bool {
    let once = wanted.setup.sync == Sync::Never;
    wanted.setup.mode == Mode::Full || once && !found.repository.is_public()
}

pub(super) fn plan(wanted: &Wanted, found: &Found) -> Planned {
    let path = &found.target.path;
    match &found.standing {
        Some(standing) => match standing.importing.as_ref().map(|importing| &importing.status) {
            Some(ImportStatus::Scheduled | ImportStatus::Started) if !standing.project.mirrored => {
                odd(StepKind::Project, path, "GitLab is still importing into it")
            }
            _ => match &wanted.setup.visibility {
                Some(who) if *who != standing.project.visibility && is_made(found, standing.project.id) => {
                    odd(StepKind::Project, path, format!("it becomes {who}"))
                }
                _ => step(StepKind::Project, State::Stands, path),
            },
        },
        None => {
            let how = if wanted.setup.mode == Mode::Full {
                "with issues, pull requests and the repository"
            } else if is_import(wanted, found) {
                "by GitLab's importer, once"
            } else if wanted.setup.sync == Sync::Never {
                "from the repository, once"
            } else if wanted.setup.sync == Sync::Actions {
                "empty; the workflow fills it"
            } else {
                "empty; the mirror fills it"
            };
            // The importer takes one name, for the path and as the title.
            let last = path.rsplit('/').next();
            let title =
                wanted.setup.project_name.as_deref().filter(|name| !is_import(wanted, found) && Some(*name) != last);
            let called = title.map(|title| format!("called \"{title}\", ")).unwrap_or_default();
            step(StepKind::Project, State::Make, format!("{path}, {called}{}, {how}", visibility(wanted, found)))
        }
    }
}

/// Whether connect made the project of this number.
fn is_made(found: &Found, id: u64) -> bool {
    let made = found.record.as_ref().and_then(|record| record.made.project.as_ref());
    made.is_some_and(|made| made.id == Some(id))
}

/// What the importer makes of it by itself, where something else was asked for: as visible as the repository or its
/// group is.
pub(super) fn shown_otherwise(wanted: &Wanted, found: &Found) -> Option<String> {
    let asked = wanted.setup.visibility.as_deref().filter(|_| is_import(wanted, found))?;
    let by_itself = by_the_importer(found);
    (asked != by_itself).then(|| {
        format!("GitLab's importer makes the project {by_itself}; to make it {asked} then, one has to be its owner")
    })
}

/// As GitLab's source has it (`Gitlab::LegacyGithubImport::ProjectCreator`): a private repository becomes a private
/// project, any other is as visible as its namespace.
fn by_the_importer(found: &Found) -> &str {
    let widest = found.target.group.as_ref().map_or("public", |group| group.visibility.as_str());
    if found.repository.is_public() { widest } else { "private" }
}

/// Private, unless the repository is public and nothing else was said. What the group does not allow GitLab refuses.
fn visibility<'a>(wanted: &'a Wanted, found: &'a Found) -> &'a str {
    let widest = found.target.group.as_ref().map_or("public", |group| group.visibility.as_str());
    match &wanted.setup.visibility {
        Some(wanted) => wanted,
        None if is_import(wanted, found) => by_the_importer(found),
        None if found.repository.is_public() && widest == "public" => "public",
        None => "private",
    }
}

pub(super) fn plan_features(wanted: &Wanted, found: &Found) -> Planned {
    const WHAT: &str = "issues, merge requests, wiki and snippets";
    if wanted.setup.keep_features {
        return step(StepKind::Features, State::Leave, format!("{WHAT} stay as they are"));
    }
    match &found.standing {
        Some(standing) if standing.project.features == Features::OFF => {
            step(StepKind::Features, State::Stands, format!("{WHAT} are off"))
        }
        Some(standing) => {
            let on = standing.project.features.on().join(", ");
            let verb = if on.contains(", ") { "are" } else { "is" };
            odd(StepKind::Features, format!("{WHAT} off: CI/CD only"), format!("{on} {verb} on"))
        }
        None => step(StepKind::Features, State::Make, format!("{WHAT} off: CI/CD only")),
    }
}

/// Sees to it that the project is there, and imported if that is how it comes about.
pub(super) async fn ensure(work: &Work<'_>) -> Result<Project, Error> {
    let project = match &work.found.standing {
        Some(standing) => adopt(work, &standing.project)?,
        None => make(work).await?,
    };
    let project = show(work, project).await?;
    let under_way = work.found.standing.as_ref().is_none_or(|_| work.plan.acts(StepKind::Project));
    if under_way && (is_import(work.wanted, work.found) || work.wanted.setup.sync == Sync::Never) {
        watch(work, project.id).await?;
    }
    Ok(project)
}

/// A project that is there. If an earlier run asked for one and never heard the answer, this is the answer, or somebody
/// else was quicker; then it is not connect's to delete.
fn adopt(work: &Work<'_>, project: &Project) -> Result<Project, Error> {
    work.ledger.change(|import| {
        import.gitlab.id = Some(project.id);
        import.gitlab.path.clone_from(&project.path);
        if let Some(asked) = import.made.project.take() {
            let ours = asked.id.is_some() || look::answers(&asked, project, work.found.account);
            import.made.project = ours.then(|| Numbered { id: asked.id.or(Some(project.id)), ..asked });
        }
    })?;
    work.settled(StepKind::Project);
    Ok(project.clone())
}

async fn make(work: &Work<'_>) -> Result<Project, Error> {
    let Work { wanted, found, ends, .. } = work;
    let asked_at = work.tools.clock.now();
    work.ledger.change(|import| import.made.project = Some(Numbered { asked_at, id: None }))?;
    fault::point("import.project.asked");
    work.doing(StepKind::Project);
    let made = if is_import(wanted, found) { by_import(work).await } else { by_hand(work).await };
    let project = match made {
        Ok(project) => project,
        Err(error) => {
            if error.was_refused() {
                work.ledger.change(|import| import.made.project = None)?;
            }
            return Err(taken(work, ends.gitlab_failed(wanted, error)));
        }
    };
    fault::point("import.project.answered");
    let id = match &project {
        Made::Project(project) => project.id,
        Made::Number(id) => *id,
    };
    work.ledger.change(|import| {
        import.gitlab.id = Some(id);
        import.made.project = Some(Numbered { asked_at, id: Some(id) });
    })?;
    fault::point("import.project.made");
    let project = match project {
        Made::Project(project) => *project,
        Made::Number(id) => {
            let told = ends.gitlab.project(&ends.gitlab_token, &id.to_string()).await;
            told.map_err(|error| ends.gitlab_failed(wanted, error))?
        }
    };
    work.ledger.change(|import| import.gitlab.path.clone_from(&project.path))?;
    if project.features == Features::OFF {
        work.settled(StepKind::Features);
    }
    work.done(StepKind::Project, &project.web_url);
    Ok(project)
}

/// Lets as many see a project of connect's as the user has said; the importer asks nobody.
async fn show(work: &Work<'_>, project: Project) -> Result<Project, Error> {
    let Work { wanted, ends, .. } = work;
    let ours = work.ledger.import().made.project.as_ref().is_some_and(|made| made.id == Some(project.id));
    match wanted.setup.visibility.as_deref().filter(|who| ours && *who != project.visibility) {
        Some(who) => {
            let shown = ends.gitlab.edit_visibility(&ends.gitlab_token, project.id, who).await;
            shown.map_err(|error| ends.gitlab_failed(wanted, error))
        }
        None => Ok(project),
    }
}

/// What GitLab told of a new project.
enum Made {
    Project(Box<Project>),
    /// The importer tells little more than the number.
    Number(u64),
}

async fn by_hand(work: &Work<'_>) -> Result<Made, crate::forge::ForgeError> {
    let Work { wanted, found, ends, .. } = work;
    let path = found.target.path.rsplit('/').next().unwrap_or(&found.target.path);
    let name = wanted.setup.project_name.as_deref().unwrap_or(path);
    let source = ends.clone_url(&found.repository.full_name());
    let once = wanted.setup.sync == Sync::Never;
    let features = if wanted.setup.keep_features { Features::default() } else { Features::OFF };
    let new = NewProject {
        name,
        path,
        namespace: found.target.namespace,
        visibility: Some(visibility(wanted, found)),
        description: found.repository.description.as_deref(),
        features,
        import_url: once.then_some(&source),
    };
    ends.gitlab.create_project(&ends.gitlab_token, &new).await.map(|made| Made::Project(Box::new(made)))
}

async fn by_import(work: &Work<'_>) -> Result<Made, crate::forge::ForgeError> {
    let Work { wanted, found, ends, .. } = work;
    let host = ends.is_enterprise().then(|| github_hostname(ends.github_host.url(), found.server_version.as_deref()));
    let name = found.target.path.rsplit('/').next().unwrap_or(&found.target.path).to_owned();
    let new = NewImport {
        github_token: &ends.github_token,
        repo: found.repository.id,
        namespace_path: &found.target.namespace_path,
        name: &slug(&name),
        github_hostname: host.as_deref(),
        collaborators: wanted.setup.collaborators,
        attachments: wanted.setup.mode == Mode::Full,
    };
    let imported = ends.gitlab.import_github(&ends.gitlab_token, &new).await?;
    if let Some(warning) = &imported.warning {
        work.tools.say(Event::ForgeWarns { host: ends.gitlab_host.to_string(), says: warning.clone() });
    }
    Ok(Made::Number(imported.project))
}

/// GitLab REST, "Import repository from GitHub": from 16.5 to 17.1 the host name wants `/api/v3` behind it.
fn github_hostname(url: &str, version: Option<&str>) -> String {
    match version.and_then(look::major_minor) {
        Some(version) if ((16, 5)..=(17, 1)).contains(&version) => format!("{url}/api/v3"),
        _ => url.to_owned(),
    }
}

/// Whether the last part of the project's path is its name, and not what `--to` says.
pub(super) fn is_named_here(wanted: &Wanted, path: &str) -> bool {
    !path.eq_ignore_ascii_case(&wanted.to)
}

/// Somebody was quicker, or something is in the way.
fn taken(work: &Work<'_>, error: Error) -> Error {
    match &error {
        Error::Forge { source, .. } if source.kind == ForgeErrorKind::AlreadyTaken => ImportError::ProjectTaken {
            path: work.found.target.path.clone(),
            why: "somebody has just made a project there, or the name is reserved".into(),
            by_name: is_named_here(work.wanted, &work.found.target.path),
            connection: work.wanted.gitlab.name.clone(),
        }
        .into(),
        _ => error,
    }
}

/// Waits for an import that GitLab carries out. Whoever stops watching does not stop it.
async fn watch(work: &Work<'_>, project: u64) -> Result<(), Error> {
    let Work { wanted, ends, .. } = work;
    let mut pace = Pace::new(wanted.patience);
    loop {
        let state = ends.gitlab.importing(&ends.gitlab_token, project).await;
        let state = state.map_err(|error| ends.gitlab_failed(wanted, error))?;
        match &state.status {
            ImportStatus::Finished | ImportStatus::None => {
                tell_failures(work, &state);
                return Ok(());
            }
            _ if state.has_failed() => {
                tell_failures(work, &state);
                return Err(ImportError::Failed { project: work.found.target.path.clone(), why: state.reason() }.into());
            }
            _ => {
                let (done, of) = (state.imported, state.fetched);
                work.tools.say(Event::ImportingAt { project: work.found.target.path.clone(), done, of });
            }
        }
        if !pace.wait().await {
            return Err(
                ImportError::StillUnderWay { what: format!("the import into {}", work.found.target.path) }.into()
            );
        }
    }
}

/// An import may finish and have left something out.
fn tell_failures(work: &Work<'_>, state: &Importing) {
    if !state.failed_relations.is_empty() {
        let failed = state.failed_relations.iter().map(|failed| format!("{}: {}", failed.relation, failed.message));
        work.tools.say(Event::PartlyImported { failed: failed.collect() });
    }
}

/// Switches off what CI/CD alone does not need, and remembers how it was in a project that was there before.
pub(super) async fn ensure_features(work: &Work<'_>, project: &Project) -> Result<(), Error> {
    let Work { wanted, ends, .. } = work;
    // What was made by hand has them off from its first moment.
    if wanted.setup.keep_features || project.features == Features::OFF {
        work.settled(StepKind::Features);
        return Ok(());
    }
    work.ledger.change(|import| {
        if import.made.project.is_none() && import.made.features.is_none() {
            import.made.features = Some(project.features);
        }
    })?;
    fault::point("import.features.asked");
    work.doing(StepKind::Features);
    let changed = ends.gitlab.edit_features(&ends.gitlab_token, project.id, Features::OFF).await;
    changed.map_err(|error| ends.gitlab_failed(wanted, error))?;
    fault::point("import.features.made");
    work.done(StepKind::Features, "issues, merge requests, wiki and snippets are off");
    Ok(())
}
