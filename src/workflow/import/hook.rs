//! The webhook on GitHub that tells GitLab of pushes and pull requests at once.
//!
//! It has no secret: GitLab would then look for a signature of its own making instead of the token, and refuse. Its URL
//! carries the token, which is how GitLab documents it; it is never printed.

use jiff::Timestamp;
use url::Url;

use crate::forge::{ForgeErrorKind, NewHook};
use crate::model::hook::Hook;
use crate::model::host::Flavour;
use crate::model::import::{Import, Made, Numbered, Planted};
use crate::model::place::Project;
use crate::model::{ConnectionName, Fingerprint};

use super::super::{Error, fault};
use super::ImportError;
use super::Wanted;
use super::ends::Ends;
use super::look::Found;
use super::plan::{Planned, State, StepKind, odd, step};
use super::token::{self, Plant};
use super::work::Work;

/// How many deliveries are looked through for a ping.
const MANY: usize = 30;

/// What GitLab wants to hear of.
const EVENTS: [&str; 2] = ["push", "pull_request"];

/// What there is of the webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HookState {
    /// None is wanted.
    NotWanted,
    /// It is as it should be.
    Stands { id: u64 },
    /// Ours is as it should be, and GitLab refused the last delivery with this status.
    Deaf { id: u64, code: u16 },
    /// Somebody else made one that does the same, and all that can be seen of it speaks for it. The proof pings it.
    Foreign { id: u64 },
    /// Ours is there and has changed.
    Change { id: u64, why: &'static str },
    /// There is none that works: one of ours is made, beside those of others that lead there (`beside`) and do not.
    Make { beside: bool },
}

pub(super) fn state(wanted: &Wanted, ends: &Ends, found: &Found) -> HookState {
    if !wanted.setup.tells() {
        return HookState::NotWanted;
    }
    let made = found.record.as_ref().and_then(|record| record.made.hook.as_ref());
    let endpoint = |hook: &&Hook| found.standing.as_ref().is_some_and(|it| leads_to(ends, &hook.url, &it.project));
    let token = token::planted(wanted, ends, found).map(|(_, fingerprint)| fingerprint);
    let has_ours = |hook: &&Hook| token.is_some() && hook.token == token;
    let numbered = found.hooks.iter().find(|hook| made.and_then(|made| made.id) == Some(hook.id));
    // One whose making was never answered is known by the token in it.
    let asked = found.record.as_ref().filter(|_| made.is_some_and(|made| made.id.is_none()));
    let unanswered = asked.and_then(|record| found.hooks.iter().find(|hook| was_asked_for(record, hook)));
    if let Some(hook) = numbered.or(unanswered) {
        return match fault_of(hook) {
            _ if !endpoint(&hook) => HookState::Change { id: hook.id, why: "it leads to another project" },
            _ if !has_ours(&hook) => HookState::Change { id: hook.id, why: "it has an older token" },
            Some(why) => HookState::Change { id: hook.id, why },
            None if wanted.hook.is_none() && token::ending(found).is_some() => {
                HookState::Change { id: hook.id, why: "the token in it ends soon" }
            }
            None => match hook.last_response.filter(|code| refuses(*code)) {
                Some(code) => HookState::Deaf { id: hook.id, code },
                None => HookState::Stands { id: hook.id },
            },
        };
    }
    let mut others = found.hooks.iter().filter(endpoint).peekable();
    let beside = others.peek().is_some();
    match others.find(|hook| seems_to_work(found, hook)) {
        Some(hook) => HookState::Foreign { id: hook.id },
        None => HookState::Make { beside },
    }
}

/// Whether somebody else's webhook may be relied upon: nothing is wrong with it, its last delivery was heard, and the
/// token in it is none that is known to be dead. An answer of long ago tells nothing of a token that has died since.
fn seems_to_work(found: &Found, hook: &Hook) -> bool {
    let heard = hook.last_response.is_some_and(|code| !refuses(code));
    let dead = hook.token.as_ref().is_some_and(|token| found.dead_tokens.contains(token));
    fault_of(hook).is_none() && heard && !dead
}

/// GitHub docs, "About webhooks": at most 20 webhooks for an event and a repository; 250 on an Enterprise Server.
const fn most(flavour: Flavour) -> usize {
    if matches!(flavour, Flavour::GitHubServer) { 250 } else { 20 }
}

/// Where a webhook is to be made and GitHub takes no more, that is known before anything is made.
///
/// # Errors
/// [`ImportError::NoRoomForHook`].
pub(super) fn has_room(wanted: &Wanted, ends: &Ends, found: &Found) -> Result<(), Error> {
    if !matches!(state(wanted, ends, found), HookState::Make { .. }) {
        return Ok(());
    }
    let most = most(ends.github_host.flavour());
    let count = |event: &str| found.hooks.iter().filter(|hook| hook.events.iter().any(|known| known == event)).count();
    match EVENTS.into_iter().find(|event| count(event) >= most) {
        Some(event) => Err(ImportError::NoRoomForHook { repository: found.repository.full_name(), event, most }.into()),
        None => Ok(()),
    }
}

/// Whether a hook is the one that an earlier run asked for and never heard of: it has the very token that was to be in
/// it. A token that was named, and a personal one, may be in other hooks, too; those lead elsewhere.
pub(super) fn was_asked_for(record: &Import, hook: &Hook) -> bool {
    let Some(planted) = &record.made.hook_token else { return false };
    let own = record.setup.hook_connection.is_none() && planted.connection != record.gitlab.connection;
    let here = record.gitlab.id.is_some_and(|id| hook.url.path().ends_with(&format!("/projects/{id}/mirror/pull")));
    hook.token.as_ref() == Some(&planted.fingerprint) && (own || here)
}

/// Whether an answer means that GitLab heard nothing. With 422 it has heard of a pull request that starts nothing.
pub(in super::super) const fn refuses(code: u16) -> bool {
    !matches!(code, 200..300 | 422)
}

/// What is wrong with a hook for this purpose.
pub(super) fn fault_of(hook: &Hook) -> Option<&'static str> {
    let hears = |event: &str| hook.events.iter().any(|known| known == event || known == "*");
    match () {
        () if !hook.active => Some("it is switched off"),
        () if !EVENTS.into_iter().all(hears) => Some("it does not tell of pushes and pull requests"),
        () if !hook.json => Some("it sends forms, which GitLab does not read"),
        () if !hook.verifies_tls => Some("it does not verify certificates"),
        () if hook.has_secret == Some(true) => Some("it has a secret, for which GitLab refuses it"),
        () => None,
    }
}

/// Whether a hook's URL is the project's, by number or by path.
pub(super) fn leads_to(ends: &Ends, url: &Url, project: &Project) -> bool {
    let Some(wanted) = ends.hook_url(project.id) else { return false };
    if url.origin() != wanted.origin() {
        return false;
    }
    let by_path = wanted
        .path()
        .replace(&format!("/projects/{}/", project.id), &format!("/projects/{}/", project.path.replace('/', "%2F")));
    url.path() == wanted.path() || url.path().eq_ignore_ascii_case(&by_path)
}

pub(super) fn plan(wanted: &Wanted, state: &HookState) -> Planned {
    const WHAT: &str = "GitHub tells GitLab of pushes and pull requests";
    match state {
        HookState::NotWanted => step(StepKind::Webhook, State::Leave, "none: GitLab looks for news every 30 minutes"),
        HookState::Stands { .. } => step(StepKind::Webhook, State::Stands, WHAT),
        HookState::Foreign { .. } => {
            step(StepKind::Webhook, State::Stands, format!("{WHAT}, by a webhook that connect did not make"))
        }
        HookState::Change { why, .. } => odd(StepKind::Webhook, WHAT, *why),
        HookState::Deaf { code, .. } => {
            odd(StepKind::Webhook, WHAT, format!("GitLab answered {code} when it was last told of something"))
        }
        HookState::Make { beside } => {
            let whose = wanted.hook.as_ref().map_or("its URL carries the project token", |_| "its URL carries a token");
            let odd = beside.then(|| "the one that is there, which connect did not make, does not work".to_owned());
            let beside = odd.as_ref().map(|odd| format!("; {odd}")).unwrap_or_default();
            Planned { odd, ..step(StepKind::Webhook, State::Make, format!("{WHAT}; {whose}{beside}")) }
        }
    }
}

/// Makes the webhook, or sets ours right.
pub(super) async fn ensure(work: &Work<'_>, project: &Project, plant: Option<&Plant>) -> Result<(), Error> {
    let Work { wanted, found, ends, .. } = work;
    let state = state(wanted, ends, found);
    let asked_at = work.tools.clock.now();
    if let HookState::Stands { id } = state {
        if let Some((connection, fingerprint)) = token::planted(wanted, ends, found) {
            settle(work, asked_at, id, connection, fingerprint)?;
            token::retire(work, project).await;
        }
        return Ok(());
    }
    if let HookState::Foreign { id } = state {
        // Whose it is says nothing of whether it works.
        return ping(work, id).await;
    }
    let (Some(plant), Some(url)) = (plant, ends.hook_url(project.id)) else { return Ok(()) };
    if !work.plan.acts(StepKind::Webhook) {
        return Ok(());
    }
    let (token, repository) = (&ends.github_token, &found.repository);
    let new = NewHook { url: &url, private_token: Some(&plant.secret), secret: None, events: &EVENTS, active: true };
    let failed = |error| ends.github_failed(wanted, error);
    let id = match state {
        HookState::Deaf { id, .. } => id,
        HookState::Change { id, .. } => {
            work.doing(StepKind::Webhook);
            ends.github.edit_hook(token, repository, id, &new).await.map_err(failed)?.id
        }
        _ => {
            let before = work.ledger.import().made.clone();
            let planted = Planted {
                asked_at,
                connection: plant.connection.clone(),
                fingerprint: plant.secret.fingerprint(),
                was_there: false,
                unanswered: true,
            };
            work.ledger.change(|import| {
                import.made.hook = Some(Numbered { asked_at, id: None });
                import.made.hook_token = Some(planted);
            })?;
            fault::point("import.hook.asked");
            work.doing(StepKind::Webhook);
            match ends.github.create_hook(token, repository, &new).await {
                Ok(hook) => hook.id,
                // Made by somebody in this very moment, or by a run that never heard the answer.
                Err(error) if error.kind == ForgeErrorKind::HookExists => existing(work, project, plant).await?,
                Err(error) => {
                    if error.was_refused() {
                        work.ledger.change(|import| {
                            (import.made.hook, import.made.hook_token) = (before.hook, before.hook_token);
                        })?;
                    }
                    return Err(failed(error));
                }
            }
        }
    };
    fault::point("import.hook.answered");
    settle(work, asked_at, id, plant.connection.clone(), plant.secret.fingerprint())?;
    fault::point("import.hook.made");
    token::retire(work, project).await;
    if !matches!(state, HookState::Make { .. }) {
        ping(work, id).await?;
    }
    work.done(StepKind::Webhook, "on");
    Ok(())
}

/// A webhook that was there before says what became of its last delivery, which tells nothing of how it is now: another
/// ping does. A new one is pinged by GitHub itself.
async fn ping(work: &Work<'_>, id: u64) -> Result<(), Error> {
    let Work { wanted, found, ends, .. } = work;
    let failed = |error| ends.github_failed(wanted, error);
    let before = ends.github.deliveries(&ends.github_token, &found.repository, id, MANY).await.map_err(failed)?;
    let _ = work.pinged.set(before.into_iter().map(|delivery| delivery.id).collect());
    ends.github.ping_hook(&ends.github_token, &found.repository, id).await.map_err(failed)
}

/// The webhook that tells GitLab, and whether connect made it: ours, as the record has it, or the one that is relied upon.
pub(super) fn relied_upon(work: &Work<'_>) -> Option<(u64, bool)> {
    match state(work.wanted, work.ends, work.found) {
        HookState::Foreign { id } => Some((id, false)),
        _ => work.ledger.import().made.hook.as_ref().and_then(|hook| hook.id).map(|id| (id, true)),
    }
}

/// How the ping went that was asked for, as soon as that is known: its status, or nothing where there was no answer.
pub(super) async fn pong(work: &Work<'_>, id: u64) -> Result<Option<Option<u16>>, Error> {
    let Work { wanted, found, ends, .. } = work;
    let Some(before) = work.pinged.get() else { return Ok(None) };
    let now = ends.github.deliveries(&ends.github_token, &found.repository, id, MANY).await;
    let now = now.map_err(|error| ends.github_failed(wanted, error))?;
    let ping = now.iter().find(|delivery| delivery.event == "ping" && !before.contains(&delivery.id));
    Ok(ping.map(|ping| ping.status_code))
}

/// Writes down which one is ours, and whose token is in it.
fn settle(
    work: &Work<'_>,
    asked_at: Timestamp,
    id: u64,
    connection: ConnectionName,
    fingerprint: Fingerprint,
) -> Result<(), Error> {
    let same = |made: &Made| {
        made.hook.as_ref().and_then(|hook| hook.id) == Some(id)
            && made.hook_token.as_ref().is_some_and(|token| !token.unanswered && token.fingerprint == fingerprint)
    };
    if same(&work.ledger.import().made) {
        return Ok(());
    }
    let token = Planted { asked_at, connection, fingerprint, was_there: false, unanswered: false };
    work.ledger.change(|import| {
        import.made.hook = Some(Numbered { asked_at, id: Some(id) });
        import.made.hook_token = Some(token);
    })
}

/// The hook that GitHub says is there already.
async fn existing(work: &Work<'_>, project: &Project, plant: &Plant) -> Result<u64, Error> {
    let Work { wanted, found, ends, .. } = work;
    let hooks = ends.github.hooks(&ends.github_token, &found.repository).await;
    let hooks = hooks.map_err(|error| ends.github_failed(wanted, error))?;
    let fingerprint = Some(plant.secret.fingerprint());
    let ours = |hook: &&Hook| leads_to(ends, &hook.url, project) && hook.token == fingerprint;
    // One that was there before this run asked, somebody else has put there.
    let is_new = |hook: &&Hook| !found.hooks.iter().any(|known| known.id == hook.id);
    match hooks.iter().filter(is_new).find(ours) {
        Some(hook) => Ok(hook.id),
        None => Err(ImportError::HookInTheWay { repository: found.repository.full_name() }.into()),
    }
}
