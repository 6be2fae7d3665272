//! The project access token: what the webhook's URL or the workflow's secret carries. It may do nothing beyond the
//! project, has an end of its own, and is kept as a connection of its own.

use jiff::{SignedDuration, tz::TimeZone};

use crate::catalog::{Part, Resting};
use crate::forge::{ForgeError, ForgeErrorKind, NewProjectToken};
use crate::model::connection::RECORD_VERSION;
use crate::model::import::{MadeToken, Sync};
use crate::model::mirror::ProjectToken;
use crate::model::place::Project;
use crate::model::{Connection, ConnectionName, ForgeKind, Health, Secret, SecretId, TokenKind, TokenRecord};

use super::super::keep::{self, Change};
use super::super::remember::Happened;
use super::super::{Answer, Error, fault};
use super::Wanted;
use super::hook::HookState;
use super::look::Found;
use super::plan::{Planned, State, StepKind, step};
use super::target::MAINTAINER;
use super::work::Work;

/// What is planted, and whose it is.
pub(super) struct Plant {
    pub secret: Secret,
    pub connection: ConnectionName,
}

/// What the token may do. A mirror's trigger wants `api`; a push wants no more than to write the repository.
fn scopes(wanted: &Wanted) -> &'static [&'static str] {
    if wanted.setup.sync == Sync::Actions { &["write_repository"] } else { &["api"] }
}

/// The token's name on GitLab; by the import's number it is known to be ours.
fn name(id: &str) -> String {
    format!("connect import {}", id.get(..12).unwrap_or(id))
}

/// The connection that keeps the token of an earlier run, if it still lives.
pub(super) fn kept(found: &Found) -> Option<&Connection> {
    let made = found.record.as_ref().and_then(|record| record.made.token.as_ref())?;
    let kept = found.kept.as_ref()?;
    let dead = |health: Health| matches!(health, Health::Revoked | Health::Expired | Health::Unknown);
    let listed = found.standing.as_ref()?.tokens.as_ref();
    let lives = listed.is_none_or(|tokens| tokens.iter().any(|token| Some(token.id) == made.id && token.active));
    let record = kept.token.as_ref()?;
    (lives && !dead(record.health)).then_some(kept)
}

/// The user's own connection, if its token was planted in an earlier run because there is none for the project alone:
/// what was agreed to then is not asked again.
pub(super) fn personal_then<'a>(wanted: &'a Wanted, found: &Found) -> Option<&'a Connection> {
    let made = &found.record.as_ref()?.made;
    let planted = if wanted.setup.sync == Sync::Actions { &made.secret } else { &made.hook_token };
    let planted = planted.as_ref().filter(|_| made.token.is_none())?;
    let token = wanted.gitlab.token.as_ref()?;
    (planted.connection == wanted.gitlab.name && planted.fingerprint == token.fingerprint).then_some(&wanted.gitlab)
}

pub(super) fn plan(wanted: &Wanted, found: &Found, hook: &HookState) -> Option<Planned> {
    let needed = match wanted.setup.sync {
        Sync::Actions => true,
        Sync::Mirror => wanted.setup.webhook,
        Sync::Never => false,
    };
    if !needed {
        return None;
    }
    if let Some(hook) = wanted.hook.as_ref().or_else(|| personal_then(wanted, found)) {
        return Some(step(StepKind::Token, State::Leave, format!("the token of `{}` is used", hook.name)));
    }
    let what = if wanted.setup.sync == Sync::Actions {
        "role Maintainer, `write_repository`"
    } else {
        "role Maintainer, `api`"
    };
    Some(match kept(found) {
        Some(kept) => step(StepKind::Token, State::Stands, format!("kept as `{}`", kept.name)),
        None if matches!(hook, HookState::Foreign) => {
            step(StepKind::Token, State::Leave, "not needed: the webhook has one")
        }
        None => {
            let what = format!("a project access token ({what}, {} days), kept as a connection", wanted.token_days);
            step(StepKind::Token, State::Make, what)
        }
    })
}

/// The token to plant: the one that was named, the one that is kept, or a new one.
pub(super) async fn ensure(work: &Work<'_>, project: &Project) -> Result<Option<Plant>, Error> {
    if let (Some(hook), Some(secret)) = (&work.wanted.hook, &work.ends.hook_token) {
        return Ok(Some(Plant { secret: secret.clone(), connection: hook.name.clone() }));
    }
    if let Some(own) = personal_then(work.wanted, work.found) {
        return Ok(Some(Plant { secret: work.ends.gitlab_token.clone(), connection: own.name.clone() }));
    }
    if let Some(kept) = kept(work.found) {
        let (secret, _) = work.tools.secret_of(kept)?;
        return Ok(Some(Plant { secret, connection: kept.name.clone() }));
    }
    if !work.plan.acts(StepKind::Token) {
        return Ok(None);
    }
    make(work, project).await.map(Some)
}

async fn make(work: &Work<'_>, project: &Project) -> Result<Plant, Error> {
    let Work { wanted, ends, .. } = work;
    sweep(work, project).await?;
    let asked_at = work.tools.clock.now();
    work.ledger.change(|import| import.made.token = Some(MadeToken { asked_at, id: None, connection: None }))?;
    fault::point("import.token.asked");
    work.doing(StepKind::Token);
    let name = name(&work.ledger.import().id);
    let end = asked_at.checked_add(SignedDuration::from_hours(24 * wanted.token_days)).unwrap_or(asked_at);
    let expires_at = end.to_zoned(TimeZone::UTC).date();
    let wish = NewProjectToken { name: &name, scopes: scopes(wanted), access_level: MAINTAINER, expires_at };
    let (made, secret) = match ends.gitlab.create_project_token(&ends.gitlab_token, project.id, &wish).await {
        Ok(made) => made,
        Err(error) if is_not_to_be_had(&error) => {
            work.ledger.change(|import| import.made.token = None)?;
            return personal(work, &error);
        }
        Err(error) => return Err(ends.gitlab_failed(wanted, error)),
    };
    fault::point("import.token.answered");
    let kept = keep_it(work, project, &made, &secret);
    let connection = match kept {
        Ok(connection) => connection,
        Err(error) => {
            // A token that nobody keeps is of no use to anybody but a thief.
            let _ = ends.gitlab.revoke_project_token(&ends.gitlab_token, project.id, made.id).await;
            return Err(error);
        }
    };
    fault::point("import.token.kept");
    work.ledger.change(|import| {
        import.made.token = Some(MadeToken { asked_at, id: Some(made.id), connection: Some(connection.name.clone()) });
    })?;
    fault::point("import.token.made");
    work.done(StepKind::Token, &format!("kept as `{}`", connection.name));
    Ok(Plant { secret, connection: connection.name })
}

/// Revokes what earlier runs asked for and never kept: nobody knows those tokens.
async fn sweep(work: &Work<'_>, project: &Project) -> Result<(), Error> {
    let Work { wanted, found, ends, .. } = work;
    let name = name(&work.ledger.import().id);
    let listed = found.standing.as_ref().and_then(|standing| standing.tokens.as_ref());
    let ours = listed.into_iter().flatten().filter(|token| token.active && token.name == name);
    for token in ours {
        let gone = ends.gitlab.revoke_project_token(&ends.gitlab_token, project.id, token.id).await;
        gone.map_err(|error| ends.gitlab_failed(wanted, error))?;
    }
    Ok(())
}

/// GitLab docs, "Project access tokens": not in every plan, and a group may forbid them; GitLab says so with 400, 403
/// or 404.
fn is_not_to_be_had(error: &ForgeError) -> bool {
    let refused = error.kind.says_not_allowed()
        || matches!(error.kind, ForgeErrorKind::NotFound | ForgeErrorKind::InvalidRequest);
    refused && !error.kind.says_dead()
}

/// No token for the project alone: a personal one may do everything that its owner may, so somebody must say so.
fn personal(work: &Work<'_>, error: &ForgeError) -> Result<Plant, Error> {
    let name = &work.wanted.gitlab.name;
    match work.decide.use_personal_token(name, &error.reason()) {
        Answer::Yes => Ok(Plant { secret: work.ends.gitlab_token.clone(), connection: name.clone() }),
        Answer::No | Answer::CannotAsk => Err(Error::NoProjectToken { connection: name.clone(), why: error.reason() }),
    }
}

/// What the connection is called: by the project's number, which stays when it is renamed.
pub(super) fn connection_name(work: &Work<'_>, project: &Project) -> Result<ConnectionName, Error> {
    let last = project.path.rsplit('/').next().unwrap_or("project");
    let last: String = last.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).take(60).collect();
    let text = format!("mirror-{last}-{}@{}", project.id, work.ends.gitlab_host);
    text.parse().map_err(|_| Error::NoSuchConnection { wanted: text.clone(), similar: Vec::new() })
}

fn keep_it(work: &Work<'_>, project: &Project, made: &ProjectToken, secret: &Secret) -> Result<Connection, Error> {
    let (tools, gitlab) = (work.tools, &work.wanted.gitlab);
    let name = connection_name(work, project)?;
    let lock = tools.lock(&name)?;
    let old = tools.records.find(&name)?.and_then(|old| old.token);
    let old = old.map(|token| Resting { secret: token.secret, kept_in: token.kept_in });
    let now = tools.clock.now();
    let end = made.expires_at.and_then(|date| date.to_zoned(TimeZone::UTC).ok()).map(|at| at.timestamp());
    let token = TokenRecord {
        kind: TokenKind::Project,
        fingerprint: secret.fingerprint(),
        bound: None,
        scopes: Some(made.scopes.clone()),
        expires_at: end,
        secret: SecretId::variable(""),
        kept_in: work.wanted.store,
        checked_at: now,
        account_checked_at: None,
        etag: None,
        health: Health::Valid,
        label: Some(made.name.clone()),
        id: Some(made.id),
    };
    let connection = Connection {
        name,
        version: RECORD_VERSION,
        forge: ForgeKind::GitLab,
        url: gitlab.url.clone(),
        api_url: gitlab.api_url.clone(),
        allow_http: gitlab.allow_http,
        ca_cert: gitlab.ca_cert.clone(),
        server_version: gitlab.server_version.clone(),
        account: None,
        token: Some(token),
        webhook: None,
        serves: Vec::new(),
        default: false,
        destinations: Vec::new(),
        made_for: Some(format!("import of {}", work.found.repository.full_name())),
    };
    let happened = if old.is_some() { Happened::Replaced } else { Happened::Connected };
    keep::swap(tools, connection, Change { part: Part::Token, secret, old, happened }, &lock)
}
