//! What is there on both sides, and whether the two accounts may do what is wanted. Nothing is changed here.
//!
//! What does not depend on one another is asked at the same time: the two forges, and within each whatever needs no
//! other answer first.

use jiff::Timestamp;

use crate::forge::{Depth, Forge, ForgeError, ForgeErrorKind};
use crate::model::hook::{File, Hook};
use crate::model::import::{Import, Numbered, Sync};
use crate::model::mirror::{ImportStatus, Importing, Integration, Mirror, ProjectToken};
use crate::model::permission::{Level, Permission};
use crate::model::place::{Project, Repository};
use crate::model::{Connection, ForgeKind, Inspection, Need, Verdict, Wish};

use super::super::check as checking;
use super::super::check::refusal;
use super::super::{Error, Event, Tools, learn};
use super::Wanted;
use super::actions::{SECRET, WORKFLOW_PATH};
use super::ci;
use super::ends::Ends;
use super::mirror::MIRRORING;
use super::project;
use super::target::{self, Resolved, Target};
use super::token;

/// What was seen.
#[derive(Debug)]
pub(super) struct Found {
    pub repository: Repository,
    /// The commit of the default branch; nothing in an empty repository.
    pub head: Option<String>,
    pub hooks: Vec<Hook>,
    /// The `.gitlab-ci.yml` where it is to be, if a file is wanted.
    pub ci_file: Option<File>,
    /// It is on another branch than the default one.
    pub ci_elsewhere: bool,
    /// The workflow, if one is wanted.
    pub workflow: Option<File>,
    /// Whether the repository has the Actions secret of ours.
    pub has_secret: bool,
    /// The login on GitHub.
    pub login: String,
    /// Whether the GitHub token is a fine-grained one.
    pub fine_grained: bool,
    pub target: Target,
    pub standing: Option<Standing>,
    /// Whether pull mirroring is licensed; nothing where nobody says.
    pub licensed: Option<bool>,
    /// Whether GitLab is too old for `PUT …/mirror/pull` (before 17.6).
    pub old_mirror: bool,
    pub server_version: Option<String>,
    /// The account on GitLab.
    pub account: Option<u64>,
    /// All that was on record.
    pub records: Vec<Import>,
    /// What an earlier run wrote down.
    pub record: Option<Import>,
    /// The connection that keeps the token of an earlier run.
    pub kept: Option<Connection>,
    /// Its store has the token no longer.
    pub kept_lost: bool,
    /// An earlier run made a project, and it is gone.
    pub project_gone: bool,
    /// What the accounts and tokens need, and have.
    pub needs: Vec<Need>,
    /// When all this was looked at.
    pub seen_at: Timestamp,
}

/// A project that is there, and what is set up in it.
#[derive(Debug)]
pub(super) struct Standing {
    pub project: Project,
    pub mirror: Option<Mirror>,
    pub integration: Option<Integration>,
    /// Its access tokens; nothing where they may not be seen.
    pub tokens: Option<Vec<ProjectToken>>,
    /// How an import into it is getting on.
    pub importing: Option<Importing>,
}

/// What GitHub shows.
struct Source {
    said: Inspection,
    repository: Repository,
    needs: Vec<Need>,
    head: Option<String>,
    hooks: Vec<Hook>,
    ci: ci::Seen,
    workflow: Option<File>,
    has_secret: bool,
}

/// Looks at both sides at once.
pub(super) async fn look(
    tools: &Tools<'_>,
    wanted: &Wanted,
    ends: &Ends,
    records: Vec<Import>,
) -> Result<Found, Error> {
    tools.say(Event::Checking { host: ends.github_host.to_string() });
    tools.say(Event::Checking { host: ends.gitlab_host.to_string() });
    let typed = project_name(wanted, &records, None);
    let (source, place) =
        tokio::join!(Box::pin(source(tools, wanted, ends)), Box::pin(place(tools, wanted, ends, &records, &typed)));
    let (source, mut place) = (source?, place?);
    // The name that was typed is an old one, or the import was made under an old one.
    let called = project_name(wanted, &records, Some(&source.repository));
    if called != typed && place.target.path.eq_ignore_ascii_case(&format!("{}/{typed}", wanted.to)) {
        place = Box::pin(self::place(tools, wanted, ends, &records, &called)).await?;
    }
    // A repository that was renamed is known by its number.
    let mine = |import: &Import| import.github.id == Some(source.repository.id);
    if place.record.as_ref().is_some_and(|record| !mine(record)) {
        place.record = None;
    }
    let record = place.record;
    let kept = match &record {
        Some(record) => token::keeper(tools, record)?,
        None => None,
    };
    let mut needs = source.needs;
    needs.extend(place.needs);
    let found = Found {
        login: source.said.account.as_ref().map_or_else(|| "oauth2".to_owned(), |account| account.login.clone()),
        fine_grained: source.said.scopes.is_none(),
        repository: source.repository,
        head: source.head,
        hooks: source.hooks,
        ci_file: source.ci.file,
        ci_elsewhere: source.ci.elsewhere,
        workflow: source.workflow,
        has_secret: source.has_secret,
        target: place.target,
        standing: place.standing,
        licensed: place.licensed,
        old_mirror: place.version.as_deref().and_then(major_minor).is_some_and(|version| version < (17, 6)),
        server_version: place.version,
        account: place.account,
        kept,
        kept_lost: false,
        project_gone: place.gone && record.is_some(),
        record,
        records,
        needs,
        seen_at: tools.clock.now(),
    };
    is_ours(wanted, ends, &found)?;
    possible(wanted, &found)?;
    Ok(found)
}

/// Something is missing that the later steps need: nothing is begun.
fn refuse(wanted: &Wanted, ends: &Ends, by: ForgeKind, needs: &[Need]) -> Result<(), Error> {
    if !needs.iter().any(|need| need.verdict.refuses()) {
        return Ok(());
    }
    let (host, connection) = match by {
        ForgeKind::GitHub => (&ends.github_host, &wanted.github),
        ForgeKind::GitLab => (&ends.gitlab_host, &wanted.gitlab),
    };
    let wishes = [Wish::Task(crate::model::Task::Import)];
    let kind = connection.token.as_ref().map(|token| &token.kind);
    let page = kind.and_then(|kind| checking::for_missing(host, kind, needs, &wishes));
    Err(Error::ImportForbidden { needs: needs.to_vec(), page, connection: connection.name.clone() })
}

/// What the steps ask of a GitHub token, in the words of its kind.
fn wishes(wanted: &Wanted, by_scopes: bool) -> Vec<Wish> {
    let setup = &wanted.setup;
    let actions = setup.sync == Sync::Actions;
    let permission = |key, label, level| Wish::Permission(Permission { key, label, level });
    if by_scopes {
        let mut wishes = vec![Wish::Scope("repo".into()), Wish::Scope("admin:repo_hook".into())];
        wishes.extend(actions.then(|| Wish::Scope("workflow".into())));
        return wishes;
    }
    let writes = setup.ci_file.is_some() || actions;
    let mut wishes = vec![permission("contents", "Contents", if writes { Level::Write } else { Level::Read })];
    if setup.webhook && setup.sync == Sync::Mirror {
        wishes.push(permission("repository_hooks", "Webhooks", Level::Write));
    }
    if setup.integration && wanted.status.is_none() {
        wishes.push(permission("statuses", "Commit statuses", Level::Write));
    }
    if setup.ci_file.as_ref().is_some_and(|file| file.pull_request) {
        wishes.push(permission("pull_requests", "Pull requests", Level::Write));
    }
    if actions {
        wishes.push(permission("workflows", "Workflows", Level::Write));
        wishes.push(permission("secrets", "Secrets", Level::Write));
    }
    wishes.push(permission("metadata", "Metadata", Level::Read));
    wishes
}

/// Whether anything is written on GitHub: nobody writes in an archived repository, statuses included.
fn writes_there(wanted: &Wanted) -> bool {
    let setup = &wanted.setup;
    setup.webhook
        || setup.ci_file.is_some()
        || setup.sync == Sync::Actions
        || setup.sync == Sync::Mirror && setup.integration
}

async fn source(tools: &Tools<'_>, wanted: &Wanted, ends: &Ends) -> Result<Source, Error> {
    let token = &ends.github_token;
    let said = ends.github.inspect(token, Depth::Brief).await;
    let said = said.map_err(Error::of_forge(Some(&ends.github_host), Some(&wanted.github.name)));
    let (connection, said) = learn::one(tools, wanted.github.clone(), token, said);
    let said = said?;
    let wishes = wishes(wanted, said.scopes.is_some());
    let place = checking::Place::Repository { owner: wanted.owner.clone(), name: wanted.name.clone() };
    let forge = Forge::GitHub(ends.github.clone());
    let judged = checking::at_place(&connection, &forge, token, &said, &wishes, &place).await?;
    let (mut needs, seen) = (judged.needs, judged.seen);
    if let Some(cut_short) = judged.cut_short {
        return Err(cut_short);
    }
    let Some(checking::Seen::Repository(repository)) = seen else {
        // Refused as a whole: the needs say why.
        refuse(wanted, ends, ForgeKind::GitHub, &needs)?;
        return Err(Error::Hidden {
            connection: connection.name,
            what: "repository",
            path: format!("{}/{}", wanted.owner, wanted.name),
            checklist: Vec::new(),
        });
    };
    checking::must_administer(&repository, writes_there(wanted), &mut needs);
    refuse(wanted, ends, ForgeKind::GitHub, &needs)?;
    let failed = |error: ForgeError| Error::of_forge(Some(&ends.github_host), Some(&wanted.github.name))(error);
    let branch = repository.default_branch.clone().unwrap_or_else(|| "main".into());
    let actions = wanted.setup.sync == Sync::Actions;
    let hooks = async {
        if wanted.setup.webhook && super::mirrors(&wanted.setup) {
            ends.github.hooks(token, &repository).await
        } else {
            Ok(Vec::new())
        }
    };
    let ci = async {
        match &wanted.setup.ci_file {
            Some(file) => ci::look(ends, &repository, file).await,
            None => Ok(ci::Seen::default()),
        }
    };
    let workflow =
        async { if actions { ends.github.file(token, &repository, WORKFLOW_PATH, &branch).await } else { Ok(None) } };
    let secrets =
        async { if actions { ends.github.actions_secrets(token, &repository).await } else { Ok(Vec::new()) } };
    let head = ends.github.branch_head(token, &repository, &branch);
    let (head, hooks, ci, workflow, secrets) = tokio::join!(head, hooks, ci, workflow, secrets);
    if let Err(error) = &secrets
        && let Some(need) =
            needs.iter_mut().find(|need| need.name == "secrets").filter(|_| error.kind.says_not_allowed())
    {
        // Whoever may not even list them may not write them.
        need.judge(Verdict::Missing, refusal::words("GET actions/secrets", error));
        let select = format!("select {} under \"Repository access\"", repository.full_name());
        need.add = Some(format!("set Secrets to \"Read and write\", and {select}"));
        refuse(wanted, ends, ForgeKind::GitHub, &needs)?;
    }
    Ok(Source {
        head: head.map_err(failed)?,
        hooks: hooks.map_err(failed)?,
        ci: ci.map_err(failed)?,
        workflow: workflow.map_err(failed)?,
        has_secret: secrets.map_err(failed)?.iter().any(|name| name == SECRET),
        said,
        repository,
        needs,
    })
}

/// What GitLab shows.
struct Place {
    target: Target,
    standing: Option<Standing>,
    licensed: Option<bool>,
    version: Option<String>,
    account: Option<u64>,
    record: Option<Import>,
    gone: bool,
    needs: Vec<Need>,
}

/// What the project is called where `--to` names a group: as was asked for, as the import of this repository that is on
/// record for the group is called, or as the repository is.
fn project_name(wanted: &Wanted, records: &[Import], repository: Option<&Repository>) -> String {
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

async fn place(
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
        (Some(project), Some(widest)) if project > widest => Err(Error::TooVisible {
            group: group.path.clone(),
            widest: group.visibility.clone(),
            wanted: asked.clone(),
            connection: wanted.gitlab.name.clone(),
        }),
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
    let importing = async { if project.mirrored { None } else { ends.gitlab.importing(token, id).await.ok() } };
    let (mirror, integration, tokens, importing) = tokio::join!(mirror, integration, tokens, importing);
    Ok(Standing { mirror: mirror?, integration: integration?, tokens: tokens?, importing, project })
}

/// A project that is there must be this import already, or nobody's that connect could be sorry for.
fn is_ours(wanted: &Wanted, ends: &Ends, found: &Found) -> Result<(), Error> {
    let Some(standing) = &found.standing else { return Ok(()) };
    let project = &standing.project;
    let source = ends.clone_url(&found.repository.full_name());
    let from_here = |url: &url::Url| same_repository(url, &source);
    let recorded = found.record.as_ref().is_some_and(|record| record.gitlab.id == Some(project.id));
    let mirrored = standing.mirror.as_ref().and_then(|mirror| mirror.url.as_ref()).is_some_and(from_here);
    let imported = project.import_url.as_ref().is_some_and(from_here);
    if !project.doomed && (recorded || mirrored || imported || was_asked_for(found, project)) {
        return Ok(());
    }
    let why = match standing.mirror.as_ref().and_then(|mirror| mirror.url.as_ref()) {
        _ if project.doomed => "it is to be deleted, and has the name until then".to_owned(),
        Some(url) => format!("the project there mirrors {}", crate::model::text::masked_url(url)),
        None if project.empty => "an empty project is there, which connect did not make".to_owned(),
        None => "a project is there, and it is no import of this repository".to_owned(),
    };
    Err(Error::ProjectTaken { path: project.path.clone(), why, connection: wanted.gitlab.name.clone() })
}

/// Whether an earlier run asked for this very project and never heard the answer.
fn was_asked_for(found: &Found, project: &Project) -> bool {
    let asked = found.record.as_ref().and_then(|record| record.made.project.as_ref());
    asked.is_some_and(|asked| answers(asked, project, found.account))
}

/// Whether a project is the answer that was never heard: the same account made it, not before it was asked for.
pub(super) fn answers(asked: &Numbered, project: &Project, account: Option<u64>) -> bool {
    let by_us = project.creator.is_some() && project.creator == account;
    let slack = jiff::SignedDuration::from_mins(10);
    let since = project.created_at.is_some_and(|at| at.duration_since(asked.asked_at) > -slack);
    asked.id.is_none() && by_us && since
}

/// Whether two addresses are one repository's, with `.git` or without it.
pub(super) fn same_repository(one: &url::Url, other: &url::Url) -> bool {
    let plain = |url: &url::Url| {
        let path = url.path().trim_end_matches('/').trim_end_matches(".git").to_lowercase();
        (url.scheme().to_owned(), url.host_str().map(str::to_lowercase), url.port_or_known_default(), path)
    };
    plain(one) == plain(other)
}

/// Said before anything is made: what is not licensed, and what GitLab does not do.
fn possible(wanted: &Wanted, found: &Found) -> Result<(), Error> {
    let (place, connection) = (found.target.path.clone(), wanted.gitlab.name.clone());
    if super::mirrors(&wanted.setup) && found.licensed == Some(false) {
        return Err(Error::NotLicensed { what: MIRRORING, place, stands: found.standing.is_some(), connection });
    }
    let importing = found.standing.as_ref().and_then(|standing| standing.importing.as_ref());
    let brings = project::is_import(wanted, found) || wanted.setup.sync == Sync::Never;
    if let Some(failed) = importing.filter(|importing| brings && importing.status == ImportStatus::Failed) {
        let why = failed.error.clone().unwrap_or_else(|| "GitLab gives no reason".to_owned());
        return Err(Error::ImportFailed { project: place, why });
    }
    let idle = |standing: &Standing| {
        let status = standing.importing.as_ref().map(|importing| &importing.status);
        standing.project.empty && matches!(status, None | Some(ImportStatus::None | ImportStatus::Finished))
    };
    if wanted.setup.sync == Sync::Never && found.head.is_some() && found.standing.as_ref().is_some_and(idle) {
        return Err(Error::NotFilled { project: place, connection });
    }
    Ok(())
}

/// `17.6` of `17.6.2-ee`.
pub(super) fn major_minor(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split(['.', '-']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
