//! What a webhook delivered lately, as the forge remembers it: three days on github.com, seven elsewhere.

use jiff::Timestamp;

use crate::forge::{DeliveryFilter, ForgeError, ForgeErrorKind, LISTED};
use crate::model::hook::{Delivery, Exchange};

use super::super::{Error, Event, Tools};
use super::{HooksError, Site};

/// The last deliveries, the newest first.
///
/// # Errors
/// [`HooksError::NoSuchHook`], [`HooksError::NoDeliveries`], or what the forge said.
pub async fn recent(site: &Site, id: u64, filter: &DeliveryFilter) -> Result<Vec<Delivery>, Error> {
    match site.forge.deliveries_at(&site.token, &site.target, id, filter).await {
        Ok(deliveries) => Ok(deliveries),
        Err(error) => Err(failed(site, id, error).await),
    }
}

/// All from then on, the newest first; where there are more than are read, that is said.
///
/// # Errors
/// As [`recent`].
pub async fn all_since(
    tools: &Tools<'_>,
    site: &Site,
    id: u64,
    since: Option<Timestamp>,
) -> Result<Vec<Delivery>, Error> {
    let all = recent(site, id, &DeliveryFilter { failed: false, since, most: LISTED }).await?;
    if all.len() >= LISTED {
        tools.say(Event::ListCut { target: site.target.to_string(), hook: id, most: LISTED });
    }
    Ok(all)
}

/// One delivery, with what was sent and answered: by the forge's number for it, or by what is the same for all attempts.
///
/// # Errors
/// [`HooksError::NoSuchDelivery`], or as [`recent`].
pub async fn exchange(site: &Site, id: u64, delivery: &str) -> Result<Exchange, Error> {
    let number = match delivery.parse::<u64>() {
        Ok(number) => Some(number),
        Err(_) => by_guid(site, id, delivery).await?.map(|delivery| delivery.id),
    };
    let none = || HooksError::NoSuchDelivery { host: site.host.to_string(), delivery: delivery.to_owned(), id };
    let Some(number) = number else { return Err(none().into()) };
    match site.forge.exchange_at(&site.token, &site.target, id, number).await {
        Ok(Some(exchange)) => Ok(exchange),
        Ok(None) => {
            site.hook(id).await?;
            Err(none().into())
        }
        Err(error) => Err(failed(site, id, error).await),
    }
}

/// The newest attempt of a delivery.
async fn by_guid(site: &Site, id: u64, guid: &str) -> Result<Option<Delivery>, Error> {
    let all = recent(site, id, &DeliveryFilter { failed: false, since: None, most: LISTED }).await?;
    Ok(all.into_iter().find(|delivery| delivery.guid.eq_ignore_ascii_case(guid)))
}

/// A list that is not there although the webhook is: the server is older.
pub(super) async fn failed(site: &Site, id: u64, error: ForgeError) -> Error {
    if error.kind != ForgeErrorKind::NotFound {
        return site.failed(error);
    }
    match site.hook(id).await {
        Ok(_) if site.is_gitlab() => {
            HooksError::NoDeliveries { host: site.host.to_string(), page: site.page(id).into() }.into()
        }
        Ok(_) => site.failed(error),
        Err(error) => error,
    }
}
