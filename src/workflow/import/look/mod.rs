//! What is there on both sides, and whether the two accounts may do what is wanted. Nothing is changed here.
//!
//! What does not depend on one another is asked at the same time: the two forges, and within each whatever needs no
//! other answer first. A file for each side.

mod place;
mod source;

pub(super) use source::SCOPES;

use jiff::Timestamp;

use crate::model::hook::{File, Hook};
use crate::model::import::{Import, Numbered, Sync};
use crate::model::mirror::{ImportStatus, Importing, Integration, Mirror, ProjectToken};
use crate::model::place::{Project, Repository};
use crate::model::{Connection, Fingerprint, ForgeKind, Health, Need, TokenRecord, Wish};

use super::super::check as checking;
use super::super::{Error, Event, Tools};
use super::ImportError;
use super::Wanted;
use super::actions;
use super::ends::Ends;
use super::mirror::MIRRORING;
use super::project;
use super::target::Target;
use super::token;

/// What was seen.
#[derive(Debug)]
pub(super) struct Found {
    pub repository: Repository,
    /// The commit of the default branch; nothing in an empty repository.
    pub head: Option<String>,
    pub hooks: Vec<Hook>,
    /// Tokens that are on record as dead.
    pub dead_tokens: Vec<Fingerprint>,
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

/// Looks at both sides at once.
pub(super) async fn look(
    tools: &Tools<'_>,
    wanted: &Wanted,
    ends: &Ends,
    records: Vec<Import>,
) -> Result<Found, Error> {
    tools.say(Event::Checking { host: ends.github_host.to_string() });
    tools.say(Event::Checking { host: ends.gitlab_host.to_string() });
    let typed = place::project_name(wanted, &records, None);
    let (source, place) = tokio::join!(
        Box::pin(source::source(tools, wanted, ends)),
        Box::pin(place::place(tools, wanted, ends, &records, &typed))
    );
    let (source, mut place) = (source?, place?);
    // The name that was typed is an old one, or the import was made under an old one.
    let called = place::project_name(wanted, &records, Some(&source.repository));
    if called != typed && place.target.path.eq_ignore_ascii_case(&format!("{}/{typed}", wanted.to)) {
        place = Box::pin(place::place(tools, wanted, ends, &records, &called)).await?;
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
        dead_tokens: dead_tokens(tools)?,
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
    if wanted.setup.sync == Sync::Actions {
        actions::is_free(wanted, ends, &found)?;
    }
    Ok(found)
}

/// The tokens of all connections that a forge has refused for good, or whose end has come.
fn dead_tokens(tools: &Tools<'_>) -> Result<Vec<Fingerprint>, Error> {
    let now = tools.clock.now();
    let is_dead = |token: &TokenRecord| {
        let refused = matches!(token.health, Health::Revoked | Health::Expired | Health::Unknown);
        refused || token.expires_at.is_some_and(|end| end <= now)
    };
    let tokens = tools.records.all()?.filter_map(Result::ok).filter_map(|connection| connection.token);
    Ok(tokens.filter(is_dead).map(|token| token.fingerprint).collect())
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
    Err(ImportError::Forbidden { needs: needs.to_vec(), page, connection: connection.name.clone() }.into())
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
    let by_name = project::is_named_here(wanted, &project.path);
    let connection = wanted.gitlab.name.clone();
    Err(ImportError::ProjectTaken { path: project.path.clone(), why, by_name, connection }.into())
}

/// Whether an earlier run asked for this very project and never heard the answer.
fn was_asked_for(found: &Found, project: &Project) -> bool {
    let asked = found.record.as_ref().and_then(|record| record.made.project.as_ref());
    asked.is_some_and(|asked| answers(asked, project, found.account))
}

/// Whether a project is the answer that was never heard: the same account made it, about when it was asked for. One
/// that the same person made by hand on another day is not.
pub(super) fn answers(asked: &Numbered, project: &Project, account: Option<u64>) -> bool {
    let by_us = project.creator.is_some() && project.creator == account;
    let slack = jiff::SignedDuration::from_mins(10);
    let then = project.created_at.is_some_and(|at| at.duration_since(asked.asked_at).abs() < slack);
    asked.id.is_none() && by_us && then
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
        return Err(
            ImportError::NotLicensed { what: MIRRORING, place, stands: found.standing.is_some(), connection }.into()
        );
    }
    let importing = found.standing.as_ref().and_then(|standing| standing.importing.as_ref());
    let brings = project::is_import(wanted, found) || wanted.setup.sync == Sync::Never;
    if let Some(failed) = importing.filter(|importing| brings && importing.has_failed()) {
        let why = failed.reason();
        return Err(ImportError::Failed { project: place, why }.into());
    }
    let idle = |standing: &Standing| {
        let status = standing.importing.as_ref().map(|importing| &importing.status);
        standing.project.empty && matches!(status, None | Some(ImportStatus::None | ImportStatus::Finished))
    };
    if wanted.setup.sync == Sync::Never && found.head.is_some() && found.standing.as_ref().is_some_and(idle) {
        return Err(ImportError::NotFilled { project: place, connection }.into());
    }
    Ok(())
}

/// `17.6` of `17.6.2-ee`.
pub(super) fn major_minor(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split(['.', '-']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
