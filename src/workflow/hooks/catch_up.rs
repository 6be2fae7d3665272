//! Asks the forges for what a receiver has missed: at every webhook that connect has made and that delivers to it, what
//! no attempt has brought. What is sent to other addresses is nothing that the receiver waits for, and to `.invalid` no
//! attempt ever brings anything.
//!
//! A forge remembers deliveries for some days and not longer: GitHub docs, "Redelivering webhooks": three on github.com,
//! seven on Enterprise Server; GitLab docs, "Webhooks": seven.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::forge::ForgeErrorKind;
use crate::model::host::Flavour;
use crate::model::{Connection, ConnectionName, KnownHook};

use super::super::{Error, Event, Tools};
use super::find::{made, target_of};
use super::redeliver::{Again, Redelivered, ask, missed_since};
use super::{HooksError, Site};

/// How long a forge is left alone that does not say how long.
const USUAL: SignedDuration = SignedDuration::from_secs(15);

/// Nobody waits longer for the rest.
const LONGEST: SignedDuration = SignedDuration::from_secs(120);

/// What became of one webhook's missed deliveries.
#[derive(Debug)]
pub struct CaughtUp {
    /// Whose webhook.
    pub connection: ConnectionName,
    /// Where it is: `repo:OWNER/NAME`, as records have it.
    pub target: String,
    /// Its number.
    pub hook: u64,
    /// What was asked for again, the oldest first; or why nothing could be.
    pub outcome: Result<Vec<Redelivered>, Error>,
}

/// How far back a forge can be asked to deliver once more.
pub const fn window(flavour: Flavour) -> SignedDuration {
    let days = match flavour {
        Flavour::GitHubCom | Flavour::GheCom => 3,
        Flavour::GitHubServer | Flavour::GitLabCom | Flavour::GitLabSelfManaged => 7,
    };
    SignedDuration::from_hours(days * 24)
}

/// Asks for what was missed since then, and at most for what the forge remembers: of these connections, or of all that
/// have webhooks and a token; of webhooks to the connection's own address alone. A forge that wants to be left alone for a minute or two is waited for. `aloud`: says how
/// far it is.
///
/// # Errors
/// [`Error::NoSuchConnection`], [`Error::Catalog`]. What happens at a forge is in the list.
pub async fn catch_up(
    tools: &Tools<'_>,
    connections: &[ConnectionName],
    since: Option<Timestamp>,
    aloud: bool,
) -> Result<Vec<CaughtUp>, Error> {
    let mut hooks = Vec::new();
    if connections.is_empty() {
        hooks.extend(made(tools, None)?);
    }
    for name in connections {
        hooks.extend(made(tools, Some(name.as_str()))?);
    }
    let mut all = Vec::with_capacity(hooks.len());
    for (connection, known) in hooks {
        let comes_here = connection.webhook.as_ref().is_some_and(|webhook| webhook.comes_here(&known.url));
        if connection.token.is_none() || !comes_here {
            continue;
        }
        let name = connection.name.clone();
        let outcome = Box::pin(of_hook(tools, connection, &known, since, aloud)).await;
        all.push(CaughtUp { connection: name, target: known.target, hook: known.id, outcome });
    }
    Ok(all)
}

async fn of_hook(
    tools: &Tools<'_>,
    connection: Connection,
    known: &KnownHook,
    since: Option<Timestamp>,
    aloud: bool,
) -> Result<Vec<Redelivered>, Error> {
    let site = Site::open(tools, connection, target_of(known)?)?;
    let oldest = site.oldest(known, tools.clock.now());
    let mut left =
        match missed_since(tools, &site, known.id, Some(since.map_or(oldest, |since| since.max(oldest)))).await {
            // A server that keeps no list can be asked for nothing.
            Err(Error::Hooks(HooksError::NoDeliveries { .. })) => return Ok(Vec::new()),
            missed => missed?,
        };
    let mut all = Vec::new();
    let of = left.len();
    loop {
        let before = all.len();
        let begins = |done| {
            if aloud {
                tools.say(Event::Progress { done: before + done, of });
            }
        };
        let (mut done, rest) = ask(tools, &site, known.id, left, &begins).await?;
        let patience = done.last().and_then(|last| patience(&last.outcome, tools.clock.now()));
        let Some(patience) = patience else {
            all.append(&mut done);
            return Ok(all);
        };
        // The one that has to wait is asked for again, before the rest.
        left = done.pop().map(|last| last.delivery).into_iter().chain(rest).collect();
        all.append(&mut done);
        tools.say(Event::Patience { host: site.host.to_string(), left: left.len() });
        tokio::time::sleep(patience).await;
    }
}

/// How long the forge wants to be left alone, where that is worth waiting for: GitLab sends five a minute.
fn patience(outcome: &Again, now: Timestamp) -> Option<Duration> {
    let Again::Failed(Error::Hooks(HooksError::Forge { source, .. })) = outcome else { return None };
    let ForgeErrorKind::RateLimited { until, .. } = source.kind else { return None };
    let left = until.map_or(USUAL, |until| until.duration_since(now)).max(SignedDuration::from_secs(1));
    (left <= LONGEST).then(|| left.unsigned_abs())
}
