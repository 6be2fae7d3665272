//! Deliveries that are fetched instead of received: read from the list that GitHub keeps of each webhook.
//!
//! No port is open, and no machine has to be reached: what was sent, and to whomever, is in the list for three days
//! (seven on Enterprise Server), whether or not it was taken. What was handed on before is known by its number, as with
//! deliveries that are received, and is not fetched again.
//!
//! GitHub REST: "List deliveries for a repository webhook", "Get a delivery for a repository webhook".

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::ends::Happened;
use super::{Filter, ListenError, Post, Receiving};
use crate::catalog::{Inbox, Stored};
use crate::forge::ForgeErrorKind;
use crate::model::hook::{Delivery, Exchange, Target};
use crate::model::{ConnectionName, ForgeKind, Secret};
use crate::receiver::{Addressed, fetched};
use crate::workflow::hooks::{self, HooksError, Site};
use crate::workflow::{Error, Event, Tools, witness};

/// GitHub's list is not always in the order of time: so far back it is read once more.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// How long a forge is left alone that asks for patience and does not say how much.
const USUAL_PAUSE: Duration = Duration::from_secs(60);

/// The longest pause after a failure.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// A webhook whose list is read.
pub(super) struct Watched {
    site: Site,
    hook: u64,
    endpoint: String,
    inbox: Arc<Inbox>,
    secret: Secret,
    /// From when on the list is read.
    since: Timestamp,
    /// Attempts that need not be looked at again, by their numbers.
    seen: HashSet<u64>,
    /// When it is read next.
    due: Instant,
    /// How long it is left alone after failures.
    growing: ExponentialBackoff,
}

/// The webhooks that connect has made for these connections, or one of them alone: several of one repository have each
/// event in all of their lists.
///
/// # Errors
/// [`ListenError::NotPolled`] for a connection to GitLab; [`ListenError::NothingToPoll`]; [`Error::Store`].
pub(super) fn watched(
    tools: &Tools<'_>,
    posts: &[Post],
    only: Option<(u64, &Target)>,
    every: Duration,
) -> Result<Vec<Watched>, Error> {
    let mut all = Vec::new();
    for post in posts {
        let connection = &post.connection;
        if connection.forge != ForgeKind::GitHub {
            return Err(ListenError::NotPolled { connection: connection.name.clone() }.into());
        }
        for known in connection.webhook.iter().flat_map(|webhook| &webhook.hooks) {
            let Ok(target) = known.target.parse::<Target>() else { continue };
            if only.is_some_and(|(id, of)| id != known.id || *of != target) {
                continue;
            }
            let site = Site::open(tools, connection.clone(), target)?;
            let since = site.oldest(known, tools.clock.now());
            all.push(Watched {
                site,
                hook: known.id,
                endpoint: post.endpoint.id.clone(),
                inbox: Arc::clone(&post.inbox),
                secret: post.secret.clone(),
                since,
                seen: HashSet::new(),
                due: Instant::now(),
                growing: pauses(every),
            });
        }
    }
    if all.is_empty() { Err(ListenError::NothingToPoll.into()) } else { Ok(all) }
}

/// Asks for what is new, again and again, until it is told to stop. What a forge says that may pass is waited out, for
/// each webhook by itself: a host that is down holds up no other. One of which it will not pass is given up, and said.
///
/// # Errors
/// What will not pass, where no webhook is left: a token that is dead, a webhook that is no more.
pub(super) async fn poll(
    tools: &Tools<'_>,
    mut watched: Vec<Watched>,
    every: Duration,
    filter: &Filter,
    tell: mpsc::Sender<Happened>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), Error> {
    let of = |one: &Watched| (one.site.connection.name.clone(), one.site.target.to_string(), one.hook);
    tools.say(Event::Receiving(Receiving::Polling { every, webhooks: watched.iter().map(of).collect() }));
    loop {
        let Some((at, one)) = watched.iter_mut().enumerate().min_by_key(|(_, one)| one.due) else { return Ok(()) };
        let turn = async {
            sleep_until(one.due).await;
            one.round(tools, filter, &tell).await
        };
        let outcome = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
            outcome = turn => outcome,
        };
        if let Err(error) = one.again(tools, outcome, every) {
            if watched.len() == 1 {
                return Err(error);
            }
            drop(watched.swap_remove(at));
            tools.say(Event::Receiving(Receiving::NotPolled { why: error.to_string(), again_in: None }));
        }
    }
}

/// Pauses that grow from failure to failure.
fn pauses(every: Duration) -> ExponentialBackoff {
    ExponentialBuilder::new().with_min_delay(every).with_max_delay(LONGEST_PAUSE.max(every)).without_max_times().build()
}

impl Watched {
    /// Says when its list is read once more, after this came of reading it.
    ///
    /// # Errors
    /// What will not pass.
    fn again(&mut self, tools: &Tools<'_>, outcome: Result<(), Error>, every: Duration) -> Result<(), Error> {
        let pause = match outcome {
            Ok(()) => {
                witness::settle(tools);
                self.growing = pauses(every);
                every
            }
            Err(error) => {
                let Some(least) = patience(&error, tools.clock.now()) else { return Err(error) };
                let pause = self.growing.next().unwrap_or(LONGEST_PAUSE).max(least);
                let why = error.to_string();
                tools.say(Event::Receiving(Receiving::NotPolled { why, again_in: Some(pause) }));
                pause
            }
        };
        self.due = Instant::now() + pause;
        Ok(())
    }

    /// Reads the list once, and fetches what is new in it, the oldest first.
    async fn round(&mut self, tools: &Tools<'_>, filter: &Filter, tell: &mpsc::Sender<Happened>) -> Result<(), Error> {
        let mut attempts = hooks::all_since(tools, &self.site, self.hook, Some(self.since)).await?;
        attempts.reverse();
        let mut still = HashSet::with_capacity(attempts.len());
        let newest = attempts.iter().filter_map(|attempt| attempt.at).max();
        for attempt in attempts {
            if !self.seen.contains(&attempt.id) && !self.is_known(&attempt)? {
                let number = attempt.id.to_string();
                match hooks::exchange(&self.site, self.hook, &number).await {
                    Ok(exchange) => {
                        if !self.take(tools, filter, tell, exchange).await {
                            // No room: the rest is for the next round.
                            return Ok(());
                        }
                    }
                    // The forge has forgotten it since it made the list.
                    Err(Error::Hooks(HooksError::NoSuchDelivery { .. })) => {}
                    Err(error) if is_too_large(&error) => {
                        let connection = self.site.connection.name.clone();
                        let why = format!("{}: {error}", attempt.guid);
                        let _ = tell.try_send(Happened::NotTaken { connection, why });
                    }
                    Err(error) => return Err(error),
                }
            }
            self.seen.insert(attempt.id);
            still.insert(attempt.id);
        }
        self.seen = still;
        if let Some(newest) = newest {
            self.since = newest.saturating_sub(OVERLAP).unwrap_or(self.since).max(self.since);
        }
        Ok(())
    }

    fn is_known(&self, attempt: &Delivery) -> Result<bool, Error> {
        let known = self.inbox.knows(&attempt.guid);
        known.map_err(|source| ListenError::Inbox { connection: self.site.connection.name.clone(), source }.into())
    }

    /// Puts one into the inbox; false where there is no room.
    async fn take(
        &self,
        tools: &Tools<'_>,
        filter: &Filter,
        tell: &mpsc::Sender<Happened>,
        exchange: Exchange,
    ) -> bool {
        let connection: &ConnectionName = &self.site.connection.name;
        let at = tools.clock.now();
        let to = Addressed { forge: ForgeKind::GitHub, connection, endpoint: &self.endpoint, at };
        let payload = exchange.payload.to_string().into_bytes();
        match fetched(&to, &exchange.request_headers, payload, &self.secret) {
            Ok(letter) if !filter.wants(&letter) => true,
            Ok(letter) => self.inbox.put(letter).await != Stored::NoRoom,
            Err(why) => {
                let why = why.to_string();
                let _ = tell.try_send(Happened::NotTaken { connection: connection.clone(), why });
                true
            }
        }
    }
}

/// Whether that delivery alone does not come, however often it is asked for.
fn is_too_large(error: &Error) -> bool {
    matches!(error, Error::Hooks(HooksError::Forge { source, .. }) if source.kind == ForgeErrorKind::TooLarge)
}

/// How long it is left alone at least; nothing where waiting does not help.
fn patience(error: &Error, now: Timestamp) -> Option<Duration> {
    let Error::Hooks(HooksError::Forge { source, .. }) = error else { return None };
    least(&source.kind, now)
}

fn least(kind: &ForgeErrorKind, now: Timestamp) -> Option<Duration> {
    match kind {
        ForgeErrorKind::RateLimited { until, .. } => Some(until.map_or(USUAL_PAUSE, |until| {
            // The forge's clock may be behind ours.
            until.duration_since(now).max(SignedDuration::ZERO).unsigned_abs()
        })),
        kind => kind.may_pass().then_some(Duration::ZERO),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_is_over_is_not_waited_for() {
        let now = Timestamp::from_second(1_000_000).unwrap_or_default();
        let limited = |until| least(&ForgeErrorKind::RateLimited { until, secondary: false }, now);
        assert_eq!(limited(Timestamp::from_second(1_000_090).ok()), Some(Duration::from_secs(90)));
        assert_eq!(limited(Timestamp::from_second(1).ok()), Some(Duration::ZERO));
        assert_eq!(limited(None), Some(USUAL_PAUSE));
        assert_eq!(least(&ForgeErrorKind::NotFound, now), None);
    }
}
