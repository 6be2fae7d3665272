//! A webhook for one run of `webhook listen`: made at its start, removed at its end.
//!
//! It is written down as temporary, and before that its address, while it is made. One that a kill has left behind is
//! found by that: at its old address it is taken over, at another one it is removed and made anew. What somebody has entered by
//! hand is in neither list, and stays.

use crate::model::hook::Hook;
use crate::model::{HookBeingMade, KnownHook, PublicUrl, StoreKind};

use super::super::webhook_secret::{NewWebhookSecret, gave_up_hook};
use super::super::{Answer, Error, Tools};
use super::Site;
use super::add::{Added, NewHook, add};
use super::remove::remove;
use super::wish::{EventWish, HookUrl};

/// Sees that there is a webhook to the connection's own address below this base, which is not remembered. One of that
/// address that is there to stay is used as it is, and stays; only a secret that the forge has not got yet is sent.
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
    never_written_down(tools, site, wanted.as_deref()).await?;
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

/// Removes what a run has made at other addresses and was killed before it knew the number.
async fn never_written_down(tools: &Tools<'_>, site: &mut Site, wanted: Option<&str>) -> Result<(), Error> {
    let other = |making: &&HookBeingMade| making.temporary && Some(making.url.as_str()) != wanted;
    let left: Vec<HookBeingMade> = site.being_made().filter(other).cloned().collect();
    if left.is_empty() {
        return Ok(());
    }
    for hook in site.hooks().await? {
        if !site.owns(&hook) && left.iter().any(|making| making.url == hook.url.as_str()) {
            remove(tools, site, hook.id, &|_: &Hook, _| Answer::Yes).await?;
        }
    }
    for gone in &left {
        site.connection = gave_up_hook(tools, &site.connection.name, gone)?;
    }
    Ok(())
}

fn left_behind(site: &Site) -> Vec<KnownHook> {
    let target = site.target.to_string();
    let known = site.connection.webhook.iter().flat_map(|webhook| &webhook.hooks);
    known.filter(|known| known.temporary && known.is_of(&target, None)).cloned().collect()
}
