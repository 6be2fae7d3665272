//! Has a forge deliver once more what was not taken.
//!
//! A redelivery carries the number of the first attempt, by which a receiver knows repeats and lets them drop: so each
//! one asked for is announced to the receiver first, and then asked for, the oldest first.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::forge::{ForgeError, ForgeErrorKind};
use crate::model::hook::Delivery;

use super::super::{Error, Event, Tools};
use super::{Site, all_since};

/// What is to be delivered once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// These, by the forge's number or by what is the same for all attempts.
    These(Vec<String>),
    /// All that no attempt brought to the receiver, from then on.
    Failed {
        /// From when; nothing for as far back as the forge remembers.
        since: Option<Timestamp>,
    },
}

/// One delivery that was asked for again.
#[derive(Debug)]
pub struct Redelivered {
    /// The attempt that was repeated.
    pub delivery: Delivery,
    /// What came of it.
    pub outcome: Again,
}

/// What came of asking for a delivery once more.
#[derive(Debug)]
pub enum Again {
    /// The forge will deliver it in a moment (GitHub).
    Asked,
    /// It was delivered, and answered with this status (GitLab).
    Answered(u16),
    /// It was delivered, and nobody answered (GitLab).
    Unanswered,
    /// It was not asked for.
    Failed(Error),
}

impl Again {
    /// Whether the forge has done what it was asked for.
    pub const fn was_asked(&self) -> bool {
        !matches!(self, Self::Failed(_))
    }

    /// Whether there is nothing left to be done.
    pub fn is_fine(&self) -> bool {
        matches!(self, Self::Asked | Self::Answered(200..=299))
    }
}

/// Asks for deliveries once more.
///
/// # Errors
/// Why the deliveries could not be listed, [`NoSuchDelivery`](super::HooksError::NoSuchDelivery), or that one could not
/// be announced. What was refused then is in the answer, one by one; once the forge asks for patience the rest is left.
pub async fn redeliver(tools: &Tools<'_>, site: &Site, id: u64, which: &Which) -> Result<Vec<Redelivered>, Error> {
    let wanted = match which {
        Which::These(numbers) => {
            let mut wanted = Vec::new();
            for number in numbers {
                wanted.push(super::exchange(site, id, number).await?.delivery);
            }
            wanted
        }
        Which::Failed { since } => missed_since(tools, site, id, *since).await?,
    };
    let of = wanted.len();
    let begins = |done| tools.say(Event::Progress { done, of });
    ask(tools, site, id, wanted, &begins).await.map(|(done, _)| done)
}

/// Asks for these, one after the other, and says how many are done before each. Gives what became of them, and those
/// that are left once the forge does not want to be asked any more.
pub(super) async fn ask(
    tools: &Tools<'_>,
    site: &Site,
    id: u64,
    wanted: Vec<Delivery>,
    begins: &dyn Fn(usize),
) -> Result<(Vec<Redelivered>, Vec<Delivery>), Error> {
    let mut done = Vec::new();
    let mut wanted = wanted.into_iter();
    for delivery in wanted.by_ref() {
        begins(done.len());
        let endpoint = site.connection.webhook.as_ref().map(|webhook| webhook.id.as_str());
        let endpoint = endpoint.filter(|_| !delivery.guid.is_empty());
        let noted = match endpoint {
            Some(endpoint) => tools.inboxes.expect(endpoint, &delivery.guid)?,
            None => false,
        };
        tools.say(Event::AskingAgain);
        let answer = site.forge.redeliver_at(&site.token, &site.target, id, delivery.id).await;
        if let Ok(status) = &answer {
            tools.say(asked_again(site, id, &delivery, *status));
        }
        let (outcome, enough) = match answer {
            Ok(Some(status)) => (Again::Answered(status), false),
            Ok(None) if site.is_gitlab() => (Again::Unanswered, false),
            Ok(None) => (Again::Asked, false),
            Err(error) => {
                let enough = is_in_the_way(&error.kind);
                // It will not come; a note that stays would let another repeat through.
                if let Some(endpoint) = endpoint.filter(|_| noted && will_not_come(&error)) {
                    tools.inboxes.expect_no_more(endpoint, &delivery.guid)?;
                }
                (Again::Failed(site.failed(error)), enough)
            }
        };
        done.push(Redelivered { delivery, outcome });
        if enough {
            break;
        }
    }
    Ok((done, wanted.collect()))
}

/// Whether the forge has certainly not done what it was asked for.
fn will_not_come(error: &ForgeError) -> bool {
    error.was_refused() || matches!(error.kind, ForgeErrorKind::NameNotFound | ForgeErrorKind::ConnectionRefused)
}

fn asked_again(site: &Site, id: u64, delivery: &Delivery, status: Option<u16>) -> Event {
    Event::AskedAgain {
        connection: site.connection.name.clone(),
        target: site.target.to_string(),
        hook: id,
        delivery: Box::new(delivery.clone()),
        later: status.is_none() && !site.is_gitlab(),
        status,
    }
}

/// Whether the next request would fare no better.
const fn is_in_the_way(kind: &ForgeErrorKind) -> bool {
    kind.says_dead()
        || kind.says_not_allowed()
        || matches!(
            kind,
            ForgeErrorKind::RateLimited { .. }
                | ForgeErrorKind::NameNotFound
                | ForgeErrorKind::ConnectionRefused
                | ForgeErrorKind::TimedOut
        )
}

/// What no attempt brought to the receiver, the oldest first.
pub(super) async fn missed_since(
    tools: &Tools<'_>,
    site: &Site,
    id: u64,
    since: Option<Timestamp>,
) -> Result<Vec<Delivery>, Error> {
    all_since(tools, site, id, since).await.map(missed)
}

/// Of a list, the newest first, those that no attempt brought to the receiver: the last attempt of each, the oldest
/// first. Where the forge does not tell which attempts belong together, each stands for itself.
fn missed(all: Vec<Delivery>) -> Vec<Delivery> {
    let taken: BTreeSet<String> = all.iter().filter(|one| one.succeeded()).map(|one| one.guid.clone()).collect();
    let mut seen = BTreeSet::new();
    let mut left: Vec<Delivery> = all
        .into_iter()
        .filter(|one| !one.succeeded())
        .filter(|one| one.guid.is_empty() || (!taken.contains(&one.guid) && seen.insert(one.guid.clone())))
        .collect();
    left.reverse();
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(id: u64, guid: &str, status_code: Option<u16>) -> Delivery {
        Delivery {
            id,
            guid: guid.into(),
            event: "push".into(),
            action: None,
            status: String::new(),
            status_code,
            at: None,
            took: None,
            redelivery: false,
        }
    }

    #[test]
    fn what_no_attempt_brought() {
        let all = vec![
            attempt(9, "c", Some(500)),
            attempt(8, "b", Some(200)),
            attempt(7, "a", None),
            attempt(6, "b", Some(502)),
            attempt(5, "a", Some(503)),
            attempt(4, "", Some(404)),
            attempt(3, "", Some(404)),
            attempt(2, "d", Some(204)),
        ];
        let left: Vec<u64> = missed(all).into_iter().map(|one| one.id).collect();
        assert_eq!(left, [3, 4, 7, 9]);
    }
}
