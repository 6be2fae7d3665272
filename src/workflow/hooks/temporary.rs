//! A webhook for one run of `webhook listen`: made at its start, removed at its end.
//!
//! It is written down as temporary. One that a kill has left behind is found by that: at its old address it is taken
//! over, at another one it is removed and made anew.

use crate::model::hook::Hook;
use crate::model::{KnownHook, PublicUrl, StoreKind};

use super::super::webhook_secret::NewWebhookSecret;
use super::super::{Answer, Error, Tools};
use super::Site;
use super::add::{Added, NewHook, add};
use super::remove::remove;
use super::wish::{EventWish, HookUrl};

/// Sees that there is a webhook to the connection's own address below this base, which is not remembered. One of that
/// address that is there to stay is used as it is, and stays.
///
/// # Errors
/// As [`add`].
pub async fn set_up(
    tools: &Tools<'_>,
    site: &mut Site,
    base: PublicUrl,
    events: EventWish,
    default_store: StoreKind,
) -> Result<Added, Error> {
    let url = HookUrl::BelowOnce(base);
    let wanted = url.resolve(site.connection.webhook.as_ref()).map(|url| crate::forge::bare_address(&url).to_string());
    for left in left_behind(site) {
        if Some(&left.url) != wanted.as_ref() {
            remove(tools, site, left.id, &|_: &Hook, _| Answer::Yes).await?;
        }
    }
    site.reread(tools)?;
    let new = NewHook {
        url,
        events: Some(events),
        json: None,
        verify_tls: None,
        secret: NewWebhookSecret::any(default_store),
        temporary: true,
    };
    // The address has the connection's random number in it: nobody else has made it.
    let added = Box::pin(add(tools, site, new, &|_: &Hook| Answer::Yes)).await?;
    site.connection = added.connection.clone();
    Ok(added)
}

/// Takes it away again, unless it is there to stay. Whether it was.
///
/// # Errors
/// What the forge said; it is still written down then.
pub async fn take_down(tools: &Tools<'_>, site: &Site, id: u64) -> Result<bool, Error> {
    if !site.known(id, None).is_some_and(|known| known.temporary) {
        return Ok(false);
    }
    remove(tools, site, id, &|_: &Hook, _| Answer::Yes).await.map(|_| true)
}

fn left_behind(site: &Site) -> Vec<KnownHook> {
    let target = site.target.to_string();
    let known = site.connection.webhook.iter().flat_map(|webhook| &webhook.hooks);
    known.filter(|known| known.temporary && known.is_of(&target, None)).cloned().collect()
}
