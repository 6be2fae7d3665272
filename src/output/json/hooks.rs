//! `connect webhook add|list|show|edit|deliveries|redeliver|catch-up` for programs.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::failure::Failure;
use super::super::human::HookState;
use super::Problem;
use crate::model::hook::{Delivery, Exchange, Hook};
use crate::model::text::printable;
use crate::workflow::hooks::{Added, Again, CaughtUp, Edited, Listed, Redelivered, Site, State};

/// Which webhook.
#[derive(Debug, Serialize)]
pub(super) struct Which {
    id: u64,
    /// `repo:OWNER/NAME`, `org:ORG`, `project:PATH`, `group:PATH`.
    target: String,
    connection: String,
}

impl Which {
    pub(super) fn of(site: &Site, id: u64) -> Self {
        Self { id, target: site.target.to_string(), connection: site.connection.name.to_string() }
    }
}

/// GitHub's last response.
#[derive(Debug, Serialize)]
struct LastResponse<'a> {
    code: Option<u16>,
    message: Option<&'a str>,
}

/// A webhook as its forge tells of it.
#[derive(Debug, Serialize)]
struct There<'a> {
    events: &'a [String],
    active: bool,
    content_type: &'static str,
    verifies_tls: bool,
    /// Null where the server does not tell.
    has_secret: Option<bool>,
    /// GitLab: whether there is a signing token; null where the server does not tell.
    signs: Option<bool>,
    last_response: Option<LastResponse<'a>>,
    /// GitLab's word.
    alert: Option<&'static str>,
    disabled_until: Option<Timestamp>,
    name: Option<&'a str>,
    created_at: Option<Timestamp>,
}

impl<'a> There<'a> {
    fn of(hook: &'a Hook) -> Self {
        let last = LastResponse { code: hook.last_response, message: hook.last_message.as_deref() };
        Self {
            events: &hook.events,
            active: hook.active,
            content_type: if hook.json { "json" } else { "form" },
            verifies_tls: hook.verifies_tls,
            has_secret: hook.has_secret,
            signs: hook.signs,
            last_response: (last.code.is_some() || last.message.is_some()).then_some(last),
            alert: hook.alert.map(crate::model::hook::Alert::word),
            disabled_until: hook.disabled_until,
            name: hook.name.as_deref(),
            created_at: hook.created_at,
        }
    }
}

/// A webhook: `show`, and inside a list.
#[derive(Debug, Serialize)]
pub struct HookEntry<'a> {
    #[serde(flatten)]
    which: Which,
    url: String,
    page: Option<String>,
    /// Whether connect has made it.
    own: bool,
    /// Whether it is for one run of `webhook listen`, and goes with it.
    temporary: bool,
    /// `active`, `delivering`, `failing`, `paused`, `disabled`, `off`, `gone`, `unknown`.
    state: &'static str,
    /// What puts it right; absent where nothing is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    revive: Option<String>,
    #[serde(flatten)]
    there: Option<There<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem<'a>>,
}

impl<'a> HookEntry<'a> {
    /// The form in which a webhook is told to programs.
    pub fn of(listed: &'a Listed, failure: Option<&'a Failure>, now: Timestamp) -> Self {
        let state = HookState::of(listed, now);
        let (url, there) = match &listed.state {
            State::There(hook) => (hook.url.to_string(), Some(There::of(hook))),
            State::Gone(known) | State::Unknown(known, _) => (printable(&known.url, 2_000), None),
        };
        Self {
            which: Which { id: listed.id, target: listed.target.clone(), connection: listed.connection.to_string() },
            url,
            page: listed.page.clone(),
            own: listed.own,
            temporary: listed.temporary,
            state: state.word,
            revive: state.revive,
            there,
            error: failure.map(Problem::of),
        }
    }

    fn now(site: &Site, hook: &'a Hook, (own, temporary): (bool, bool), now: Timestamp) -> Self {
        let flags = format!("{} {}", hook.id, site.target.flag());
        let state = super::super::human::of_hook(hook, &flags, now);
        Self {
            which: Which::of(site, hook.id),
            url: hook.url.to_string(),
            page: Some(site.page(hook.id).into()),
            own,
            temporary,
            state: state.word,
            revive: state.revive,
            there: Some(There::of(hook)),
            error: None,
        }
    }
}

/// `list`.
#[derive(Debug, Serialize)]
pub struct Hooks<'a> {
    webhooks: Vec<HookEntry<'a>>,
}

impl<'a> Hooks<'a> {
    /// The form in which webhooks are told to programs.
    pub fn of(listed: &'a [Listed], failures: &'a [Option<Failure>], now: Timestamp) -> Self {
        let entry = |(one, failure): (&'a Listed, &'a Option<Failure>)| HookEntry::of(one, failure.as_ref(), now);
        Self { webhooks: listed.iter().zip(failures).map(entry).collect() }
    }
}

/// `add`.
#[derive(Debug, Serialize)]
pub struct HookAdded<'a> {
    #[serde(flatten)]
    hook: HookEntry<'a>,
    /// `made`, `changed`, `taken_over`, `unchanged`.
    outcome: &'static str,
    proof: &'static str,
    with_token: bool,
    secret_made: bool,
    kept_in: Option<&'static str>,
    events_not_taken: &'a [String],
}

impl<'a> HookAdded<'a> {
    /// The form in which a webhook that is there now is told to programs.
    pub fn of(site: &Site, added: &'a Added, now: Timestamp) -> Self {
        Self {
            hook: HookEntry::now(site, &added.hook, (true, false), now),
            outcome: added.outcome.word(),
            proof: added.proof.word(),
            with_token: added.with_token,
            secret_made: added.secret_made,
            kept_in: added.connection.webhook.as_ref().map(|webhook| webhook.kept_in.word()),
            events_not_taken: &added.not_taken,
        }
    }
}

/// `edit`.
#[derive(Debug, Serialize)]
pub struct HookEdited<'a> {
    #[serde(flatten)]
    hook: HookEntry<'a>,
    changed: bool,
    secret_lost: bool,
}

impl<'a> HookEdited<'a> {
    /// The form in which a change is told to programs.
    pub fn of(site: &Site, edited: &'a Edited, now: Timestamp) -> Self {
        let temporary = site.known(edited.hook.id, edited.hook.of).is_some_and(|known| known.temporary);
        Self {
            hook: HookEntry::now(site, &edited.hook, (edited.own, temporary), now),
            changed: edited.changed,
            secret_lost: edited.secret_lost,
        }
    }
}

/// One delivery, in a list and elsewhere.
#[derive(Debug, Serialize)]
pub(super) struct Delivered<'a> {
    id: u64,
    guid: Option<&'a str>,
    event: &'a str,
    action: Option<&'a str>,
    at: Option<Timestamp>,
    succeeded: bool,
    status_code: Option<u16>,
    status: &'a str,
    took_ms: Option<u64>,
    redelivery: bool,
}

impl<'a> Delivered<'a> {
    pub(super) fn of(delivery: &'a Delivery) -> Self {
        Self {
            id: delivery.id,
            guid: Some(delivery.guid.as_str()).filter(|guid| !guid.is_empty()),
            event: &delivery.event,
            action: delivery.action.as_deref(),
            at: delivery.at,
            succeeded: delivery.succeeded(),
            status_code: delivery.status_code,
            status: &delivery.status,
            took_ms: delivery.took,
            redelivery: delivery.redelivery,
        }
    }
}

/// `deliveries`.
#[derive(Debug, Serialize)]
pub struct HookDeliveries<'a> {
    webhook: Which,
    deliveries: Vec<Delivered<'a>>,
}

impl<'a> HookDeliveries<'a> {
    /// The form in which deliveries are told to programs.
    pub fn of(site: &Site, id: u64, deliveries: &'a [Delivery]) -> Self {
        Self { webhook: Which::of(site, id), deliveries: deliveries.iter().map(Delivered::of).collect() }
    }
}

#[derive(Debug, Serialize)]
struct Message<'a> {
    headers: Map<String, Value>,
    body: BodyOf<'a>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum BodyOf<'a> {
    Json(&'a Value),
    Text(&'a str),
}

/// `deliveries --show`.
#[derive(Debug, Serialize)]
pub struct HookExchange<'a> {
    webhook: Which,
    delivery: Delivered<'a>,
    request: Message<'a>,
    response: Message<'a>,
}

impl<'a> HookExchange<'a> {
    /// The form in which one delivery is told to programs.
    pub fn of(site: &Site, id: u64, exchange: &'a Exchange) -> Self {
        let headers = |headers: &[(String, String)]| {
            headers.iter().map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect()
        };
        Self {
            webhook: Which::of(site, id),
            delivery: Delivered::of(&exchange.delivery),
            request: Message { headers: headers(&exchange.request_headers), body: BodyOf::Json(&exchange.payload) },
            response: Message { headers: headers(&exchange.response_headers), body: BodyOf::Text(&exchange.response) },
        }
    }
}

#[derive(Debug, Serialize)]
struct AskedAgain<'a> {
    #[serde(flatten)]
    delivery: Delivered<'a>,
    /// `asked`, `answered`, `unanswered`, `failed`.
    outcome: &'static str,
    /// What it was answered with this time (GitLab).
    answered_with: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem<'a>>,
}

/// `redeliver`.
#[derive(Debug, Serialize)]
pub struct HookRedelivered<'a> {
    webhook: Which,
    redelivered: Vec<AskedAgain<'a>>,
}

impl<'a> HookRedelivered<'a> {
    /// The form in which it is told to programs.
    pub fn of(site: &Site, id: u64, done: &'a [Redelivered], failures: &'a [Option<Failure>]) -> Self {
        Self { webhook: Which::of(site, id), redelivered: asked_again(done, failures) }
    }
}

fn asked_again<'a>(done: &'a [Redelivered], failures: &'a [Option<Failure>]) -> Vec<AskedAgain<'a>> {
    let one = |(one, failure): (&'a Redelivered, &'a Option<Failure>)| {
        let (outcome, answered_with) = match one.outcome {
            Again::Asked => ("asked", None),
            Again::Answered(status) => ("answered", Some(status)),
            Again::Unanswered => ("unanswered", None),
            Again::Failed(_) => ("failed", None),
        };
        let (delivery, error) = (Delivered::of(&one.delivery), failure.as_ref().map(Problem::of));
        AskedAgain { delivery, outcome, answered_with, error }
    };
    done.iter().zip(failures).map(one).collect()
}

/// What was asked for at one webhook, and how bad what went wrong is.
#[derive(Debug)]
pub struct CatchingUp {
    /// What was asked for.
    pub of: CaughtUp,
    /// Why some deliveries were not, in their order.
    pub failures: Vec<Option<Failure>>,
    /// Why none was.
    pub whole: Option<Failure>,
}

impl CatchingUp {
    /// Judges what happened.
    pub fn new(of: CaughtUp) -> Self {
        let of_one = |outcome: &Again| match outcome {
            Again::Failed(error) => Some(Failure::of(error)),
            _ => None,
        };
        let failures = of.outcome.iter().flatten().map(|one| of_one(&one.outcome)).collect();
        let whole = of.outcome.as_ref().err().map(Failure::of);
        Self { of, failures, whole }
    }
}

/// `catch-up`.
#[derive(Debug, Serialize)]
pub struct HooksCaughtUp<'a> {
    caught_up: Vec<OfOne<'a>>,
}

#[derive(Debug, Serialize)]
struct OfOne<'a> {
    connection: &'a str,
    /// `repo:OWNER/NAME`, `org:ORG`, `project:PATH`, `group:PATH`.
    target: &'a str,
    id: u64,
    /// Null where the forge could not be asked at all.
    redelivered: Option<Vec<AskedAgain<'a>>>,
    error: Option<Problem<'a>>,
}

impl<'a> HooksCaughtUp<'a> {
    /// The form in which it is told to programs.
    pub fn of(all: &'a [CatchingUp]) -> Self {
        let one = |CatchingUp { of, failures, whole }: &'a CatchingUp| OfOne {
            connection: of.connection.as_str(),
            target: &of.target,
            id: of.hook,
            redelivered: of.outcome.as_ref().ok().map(|done| asked_again(done, failures)),
            error: whole.as_ref().map(Problem::of),
        };
        Self { caught_up: all.iter().map(one).collect() }
    }
}
