//! Has the forge try a webhook out, and sees what came of it.

use std::time::Duration;

use crate::forge::{DeliveryFilter, ForgeErrorKind};
use crate::model::ForgeKind;
use crate::model::hook::{Delivery, Tested, event};

use super::super::pace::Pace;
use super::super::{Error, Event, Tools};
use super::{HooksError, Site};

/// What GitHub sends to try a webhook out.
const PING: &str = "ping";

/// How many deliveries are looked through for the new one.
const MANY: usize = 30;

/// What came of a test.
#[derive(Debug)]
pub struct Pinged {
    /// What was sent: `ping`, `push`.
    pub event: String,
    /// Whether the receiver took it; nothing where that is not known yet.
    pub taken: Option<bool>,
    /// What the forge says of it.
    pub says: Option<String>,
    /// The delivery, where the forge has it on its list.
    pub delivery: Option<Delivery>,
}

/// Has a webhook tried out: by `event`, else on GitHub by a ping, on GitLab by an example of what it tells of. GitHub
/// answers before it has delivered: its list is watched for as long as `patience`.
///
/// # Errors
/// [`HooksError::NoTest`], [`HooksError::NoSuchHook`], or what the forge said.
pub async fn ping(
    tools: &Tools<'_>,
    site: &Site,
    id: u64,
    event: Option<&str>,
    patience: Duration,
) -> Result<Pinged, Error> {
    let hook = site.hook(id).await?;
    let gitlab = site.target.forge() == ForgeKind::GitLab;
    let usual =
        || hook.events.iter().find(|name| *name == "push").or(hook.events.first()).map_or("push", String::as_str);
    let event = event.unwrap_or_else(|| if gitlab { usual() } else { PING });
    let newest = DeliveryFilter { failed: false, since: None, most: MANY };
    let look = async || site.forge.deliveries_at(&site.token, &site.target, id, &newest).await;
    // Older GitLabs tell nothing of deliveries; the test itself says how it went.
    let before: Vec<u64> = match look().await {
        Ok(before) => before.into_iter().map(|delivery| delivery.id).collect(),
        Err(_) if gitlab => Vec::new(),
        Err(error) => return Err(site.failed(error)),
    };
    tools.say(Event::Checking { host: format!("{}: webhook {id} of {}", site.host, site.target.path()) });
    let tested = site.forge.test_hook(&site.token, &site.target, id, event).await;
    let tested = tested.map_err(|error| match error.kind {
        ForgeErrorKind::Unsupported { .. } => no_test(site, event),
        _ => site.failed(error),
    })?;
    let found = async || {
        let now = look().await.ok()?;
        now.into_iter().find(|delivery| delivery.event == event && !before.contains(&delivery.id))
    };
    let mut delivery = found().await;
    if tested == Tested::Sent {
        let mut pace = Pace::new(patience);
        while delivery.is_none() && pace.wait().await {
            delivery = found().await;
        }
    }
    let (taken, says) = match tested {
        Tested::Taken => (Some(true), None),
        Tested::Failed(says) => (Some(false), Some(says)),
        Tested::Sent => {
            (delivery.as_ref().map(Delivery::succeeded), delivery.as_ref().map(|delivery| delivery.status.clone()))
        }
    };
    Ok(Pinged { event: event.to_owned(), taken, says, delivery })
}

fn no_test(site: &Site, event: &str) -> Error {
    let others = match site.target.forge() {
        ForgeKind::GitHub => "ping, and of a repository push".to_owned(),
        ForgeKind::GitLab => event::all(&site.target).collect::<Vec<_>>().join(", "),
    };
    HooksError::NoTest { host: site.host.to_string(), event: event.to_owned(), others }.into()
}
