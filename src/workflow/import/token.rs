//! The project access token: what the webhook's URL or the workflow's secret carries. It may do nothing beyond the
//! project, has an end of its own, and is kept as a connection of its own.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::catalog::{Part, Resting};
use crate::forge::{ForgeError, ForgeErrorKind, NewProjectToken};
use crate::model::clock::SOON;
use crate::model::connection::RECORD_VERSION;
use crate::model::import::{Import, MadeToken, Sync};
use crate::model::mirror::ProjectToken;
use crate::model::place::Project;
use crate::model::{
    Connection, ConnectionName, Fingerprint, ForgeKind, Health, Secret, SecretId, TokenKind, TokenRecord,
};
use crate::store::StoreError;

use super::super::keep::{self, Change};
use super::super::remember::Happened;
use super::super::{Answer, Error, Tools, fault};
use super::ImportError;
use super::Wanted;
use super::ends::Ends;
use super::hook::HookState;
use super::look::Found;
use super::plan::{Plan, Planned, State, StepKind, odd, step};
use super::target::MAINTAINER;
use super::work::Work;

/// What is planted, and whose it is.
pub(super) struct Plant {
    pub secret: Secret,
    pub connection: ConnectionName,
}

/// What came of the token.
pub(super) enum Token {
    /// It is there, or none is needed now.
    Ready(Option<Plant>),
    /// GitLab makes none for the project alone, for this reason: somebody has to say whether the personal one is used.
    Ask(String),
}

impl Token {
    /// What is planted, when whoever has to be asked has agreed: a personal token may do everything that its owner may.
    pub(super) fn agreed(self, work: &Work<'_>) -> Result<Option<Plant>, Error> {
        let why = match self {
            Self::Ready(plant) => return Ok(plant),
            Self::Ask(why) => why,
        };
        let name = &work.wanted.gitlab.name;
        match work.decide.use_personal_token(name, &why) {
            Answer::Yes => Ok(Some(Plant { secret: work.ends.gitlab_token.clone(), connection: name.clone() })),
            Answer::No | Answer::CannotAsk => Err(ImportError::NoProjectToken { connection: name.clone(), why }.into()),
        }
    }
}

/// What the token may do. A mirror's trigger wants `api`; a push wants no more than to write the repository.
fn scopes(wanted: &Wanted) -> &'static [&'static str] {
    if wanted.setup.sync == Sync::Actions { &["write_repository"] } else { &["api"] }
}

/// The token's name on GitLab; by the import's number it is known to be ours.
pub(super) fn name(id: &str) -> String {
    format!("connect import {}", id.get(..12).unwrap_or(id))
}

/// The connection that keeps the token of an import: the one on record, or, where the run was cut short before that was
/// written down, the one whose token bears the import's number. A connection that somebody made by hand is never meant.
pub(super) fn keeper(tools: &Tools<'_>, import: &Import) -> Result<Option<Connection>, Error> {
    let Some(made) = &import.made.token else { return Ok(None) };
    let is_made = |connection: &Connection| connection.made_for.is_some() && connection.url == import.gitlab.url;
    if let Some(name) = &made.connection
        && let Some(connection) = tools.records.find(name)?.filter(is_made)
    {
        return Ok(Some(connection));
    }
    let name = name(&import.id);
    let has_it = |connection: &Connection| {
        is_made(connection) && connection.token.as_ref().is_some_and(|token| token.label.as_ref() == Some(&name))
    };
    Ok(tools.records.all()?.filter_map(Result::ok).find(has_it))
}

/// The connection that keeps the token of an earlier run, if it still lives.
pub(super) fn kept(found: &Found) -> Option<&Connection> {
    let kept = found.kept.as_ref().filter(|_| !found.kept_lost)?;
    let dead = |health: Health| matches!(health, Health::Revoked | Health::Expired | Health::Unknown);
    let record = kept.token.as_ref()?;
    let listed = found.standing.as_ref()?.tokens.as_ref();
    let lives = listed.is_none_or(|tokens| tokens.iter().any(|token| Some(token.id) == record.id && token.active));
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

/// Whether the token is wanted now, and its store has it no longer: then another is made in its place.
///
/// # Errors
/// [`Error::Store`] when the store cannot be opened: that is known before anything is made.
pub(super) fn is_lost(tools: &Tools<'_>, found: &Found, plan: &Plan) -> Result<bool, Error> {
    let planted = plan.acts(StepKind::Webhook) || plan.acts(StepKind::Secret);
    let Some(kept) = kept(found).filter(|_| planted && !plan.acts(StepKind::Token)) else { return Ok(false) };
    match tools.secret_of(kept) {
        Ok(_) => Ok(false),
        Err(Error::Store { source, .. }) if matches!(*source, StoreError::NotFound) => Ok(true),
        Err(Error::SecretDiffers { .. }) => Ok(true),
        Err(error) => Err(error),
    }
}

/// When the kept token ends, if that is soon; for one that does not live long that is the last third of its life.
pub(super) fn ending(found: &Found) -> Option<Timestamp> {
    let kept = kept(found)?;
    let made = found.record.as_ref().and_then(|record| record.made.token.as_ref())?;
    let end = kept.token.as_ref()?.expires_at?;
    let soon = SOON.min(end.duration_since(made.asked_at) / 3);
    (end.duration_since(found.seen_at) < soon).then_some(end)
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
        Some(kept) => match ending(found) {
            Some(end) => {
                let kept = format!("kept as `{}`, for another {} days", kept.name, wanted.token_days);
                odd(StepKind::Token, kept, format!("it ends on {}", end.strftime("%Y-%m-%d")))
            }
            None => step(StepKind::Token, State::Stands, format!("kept as `{}`", kept.name)),
        },
        None if matches!(hook, HookState::Foreign { .. } | HookState::Stands { .. }) => {
            step(StepKind::Token, State::Leave, "not needed: the webhook has one")
        }
        None => {
            let what = format!("a project access token ({what}, {} days), kept as a connection", wanted.token_days);
            step(StepKind::Token, State::Make, what)
        }
    })
}

/// The token to plant: the one that was named, the one that is kept, or a new one.
pub(super) async fn ensure(work: &Work<'_>, project: &Project) -> Result<Token, Error> {
    if let (Some(hook), Some(secret)) = (&work.wanted.hook, &work.ends.hook_token) {
        return Ok(Token::Ready(Some(Plant { secret: secret.clone(), connection: hook.name.clone() })));
    }
    if let Some(own) = personal_then(work.wanted, work.found) {
        let secret = work.ends.gitlab_token.clone();
        return Ok(Token::Ready(Some(Plant { secret, connection: own.name.clone() })));
    }
    if let Some(kept) = kept(work.found).filter(|_| !work.plan.acts(StepKind::Token)) {
        adopt(work, kept)?;
        if !work.plan.acts(StepKind::Webhook) && !work.plan.acts(StepKind::Secret) {
            // Nobody has to unlock a store for what stands already.
            return Ok(Token::Ready(None));
        }
        let (secret, _) = work.tools.secret_of(kept)?;
        return Ok(Token::Ready(Some(Plant { secret, connection: kept.name.clone() })));
    }
    if !work.plan.acts(StepKind::Token) {
        return Ok(Token::Ready(None));
    }
    make(work, project).await
}

/// The connection whose token is to be planted, as far as there is one already: the one that was named, the one that
/// keeps the project's, or the user's own where that was agreed to.
pub(super) fn current<'a>(wanted: &'a Wanted, found: &'a Found) -> Option<&'a Connection> {
    wanted.hook.as_ref().or_else(|| kept(found)).or_else(|| personal_then(wanted, found))
}

/// Whose token is planted, and which, as far as that is known without its store.
pub(super) fn planted(wanted: &Wanted, ends: &Ends, found: &Found) -> Option<(ConnectionName, Fingerprint)> {
    let connection = current(wanted, found)?;
    // The token itself, where it is at hand: one in a variable is another without a word.
    let named = ends.hook_token.as_ref().filter(|_| wanted.hook.is_some()).map(crate::model::Secret::fingerprint);
    let fingerprint = named.or_else(|| Some(connection.token.as_ref()?.fingerprint.clone()))?;
    Some((connection.name.clone(), fingerprint))
}

/// An earlier run may have been cut short between keeping the token and writing that down.
fn adopt(work: &Work<'_>, kept: &Connection) -> Result<(), Error> {
    let id = kept.token.as_ref().and_then(|token| token.id);
    let connection = Some(kept.name.clone());
    let known = work.ledger.import().made.token.clone();
    if known.as_ref().is_some_and(|known| known.id == id && known.connection == connection) {
        return Ok(());
    }
    let asked_at = known.map_or_else(|| work.tools.clock.now(), |known| known.asked_at);
    work.ledger.change(|import| import.made.token = Some(MadeToken { asked_at, id, connection }))
}

async fn make(work: &Work<'_>, project: &Project) -> Result<Token, Error> {
    let Work { wanted, ends, .. } = work;
    work.doing(StepKind::Token);
    let connection = connection_name(work, project)?;
    sweep(work, project, &connection).await?;
    fault::point("import.token.swept");
    let asked_at = work.tools.clock.now();
    let before = work.ledger.import().made.token.clone();
    let asked = MadeToken { asked_at, id: None, connection: before.as_ref().and_then(|it| it.connection.clone()) };
    work.ledger.change(|import| import.made.token = Some(asked))?;
    fault::point("import.token.asked");
    let name = name(&work.ledger.import().id);
    let end = asked_at.checked_add(SignedDuration::from_hours(24 * wanted.token_days)).unwrap_or(asked_at);
    let expires_at = end.to_zoned(TimeZone::UTC).date();
    let wish = NewProjectToken { name: &name, scopes: scopes(wanted), access_level: MAINTAINER, expires_at };
    let (made, secret) = match ends.gitlab.create_project_token(&ends.gitlab_token, project.id, &wish).await {
        Ok(made) => made,
        Err(error) => {
            if error.was_refused() {
                work.ledger.change(|import| import.made.token = before)?;
            }
            if is_too_long(&error) {
                let connection = wanted.gitlab.name.clone();
                return Err(
                    ImportError::TokenTooLong { connection, days: wanted.token_days, why: error.reason() }.into()
                );
            }
            if is_not_to_be_had(&error) {
                return Ok(Token::Ask(error.reason()));
            }
            return Err(ends.gitlab_failed(wanted, error));
        }
    };
    fault::point("import.token.answered");
    let kept = keep_it(work, connection, &made, &secret);
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
    Ok(Token::Ready(Some(Plant { secret, connection: connection.name })))
}

/// Revokes what an earlier run, or this one, has replaced, once its successor is where it was. Should that fail, the next
/// run does it.
pub(super) async fn retire(work: &Work<'_>, project: &Project) {
    let ids = {
        let import = work.ledger.import();
        let (name, current) = (name(&import.id), import.made.token.as_ref().and_then(|token| token.id));
        let listed = work.found.standing.as_ref().and_then(|standing| standing.tokens.as_ref());
        let left = |token: &&ProjectToken| token.active && token.name == name && Some(token.id) != current;
        let ids: Vec<u64> = listed.into_iter().flatten().filter(left).map(|token| token.id).collect();
        if current.is_none() { Vec::new() } else { ids }
    };
    for id in ids {
        let _ = work.ends.gitlab.revoke_project_token(&work.ends.gitlab_token, project.id, id).await;
    }
}

/// Revokes what earlier runs asked for and never kept, for nobody knows those tokens; and the one that the new one
/// takes the place of in its connection, unless that one still lives and is in use until its successor is.
async fn sweep(work: &Work<'_>, project: &Project, connection: &ConnectionName) -> Result<(), Error> {
    let Work { wanted, found, ends, .. } = work;
    let name = name(&work.ledger.import().id);
    let replaced = work.tools.records.find(connection)?.and_then(|connection| connection.token?.id);
    let lives = kept(found).and_then(|kept| kept.token.as_ref()?.id);
    let is_ours = |token: &&ProjectToken| {
        token.active
            && (token.name == name || Some(token.id) == replaced)
            && (lives.is_none() || Some(token.id) != lives)
    };
    let listed = found.standing.as_ref().and_then(|standing| standing.tokens.as_ref());
    let ours = listed.into_iter().flatten().filter(is_ours);
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

/// GitLab docs, "Access token expiration": instances and groups may shorten the year. Another token helps nobody then.
fn is_too_long(error: &ForgeError) -> bool {
    error.kind == ForgeErrorKind::InvalidRequest && error.reason().to_ascii_lowercase().contains("expir")
}

/// What the connection is called: as the one whose token has died, else by the project's number, which stays when it is
/// renamed. Who has made a connection of that name by hand keeps it.
fn connection_name(work: &Work<'_>, project: &Project) -> Result<ConnectionName, Error> {
    if let Some(kept) = &work.found.kept {
        return Ok(kept.name.clone());
    }
    let last = project.path.rsplit('/').next().unwrap_or("project");
    let last: String = last.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).take(60).collect();
    for more in ["", "-2", "-3", "-4"] {
        let text = format!("mirror-{last}-{}{more}@{}", project.id, work.ends.gitlab_host);
        let name: ConnectionName =
            text.parse().map_err(|_| Error::NoSuchConnection { wanted: text.clone(), similar: Vec::new() })?;
        if work.tools.records.find(&name)?.is_none_or(|there| there.made_for.is_some()) {
            return Ok(name);
        }
    }
    let name = work.wanted.gitlab.name.clone();
    Err(Error::NameTaken { name })
}

fn keep_it(work: &Work<'_>, name: ConnectionName, made: &ProjectToken, secret: &Secret) -> Result<Connection, Error> {
    let (tools, gitlab) = (work.tools, &work.wanted.gitlab);
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
        refused_at: None,
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
        registries: Vec::new(),
        default: false,
        destinations: Vec::new(),
        made_for: Some(format!("import of {}", work.found.repository.full_name())),
    };
    let happened = if old.is_some() { Happened::Replaced } else { Happened::Connected };
    keep::swap(tools, connection, Change { part: Part::Token, secret, old, happened }, &lock)
}
