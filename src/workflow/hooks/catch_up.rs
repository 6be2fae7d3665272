//! Asks the forges for what a receiver has missed: at every webhook that connect has made, what no attempt has brought.
//!
//! A forge remembers deliveries for some days and not longer: GitHub docs, "Redelivering webhooks": three on github.com,
//! seven on Enterprise Server; GitLab docs, "Webhooks": seven.

use jiff::{SignedDuration, Timestamp};

use crate::model::host::Flavour;
use crate::model::{Connection, ConnectionName, KnownHook};

use super::super::{Error, Tools};
use super::find::{made, target_of};
use super::redeliver::{Redelivered, Which, redeliver};
use super::{HooksError, Site};

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

/// Asks for what was missed since then, and at most for what the forge remembers. `connections` says whose webhooks;
/// none that has no token or no webhook of its own is an error here: there is nothing to ask for.
///
/// # Errors
/// [`Error::NoSuchConnection`], [`Error::Catalog`]. What happens at a forge is in the list.
pub async fn catch_up(
    tools: &Tools<'_>,
    connections: &[ConnectionName],
    since: Option<Timestamp>,
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
        if connection.token.is_none() {
            continue;
        }
        let name = connection.name.clone();
        let outcome = Box::pin(of_hook(tools, connection, &known, since)).await;
        all.push(CaughtUp { connection: name, target: known.target, hook: known.id, outcome });
    }
    Ok(all)
}

async fn of_hook(
    tools: &Tools<'_>,
    connection: Connection,
    known: &KnownHook,
    since: Option<Timestamp>,
) -> Result<Vec<Redelivered>, Error> {
    let site = Site::open(tools, connection, target_of(known)?)?;
    // Nothing was delivered by it before it was made.
    let oldest =
        tools.clock.now().saturating_sub(window(site.host.flavour())).map_or(known.since, |at| at.max(known.since));
    let since = since.map_or(oldest, |since| since.max(oldest));
    match redeliver(tools, &site, known.id, &Which::Failed { since: Some(since) }).await {
        // A webhook that somebody removed has nothing more to say, and a server that keeps no list neither.
        Err(Error::Hooks(error)) if matches!(error, HooksError::NoDeliveries { .. }) => Ok(Vec::new()),
        outcome => outcome,
    }
}
