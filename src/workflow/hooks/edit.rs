//! Changes a webhook: what is named, and nothing else.
//!
//! A forge forgets a webhook's secret easily (GitHub where a change leaves it out, GitLab where the address changes) and
//! never tells it. So a known secret is sent with every change, and where it is not known, nothing is done that would
//! take it away.

use url::Url;

use crate::forge::{Forge, HookChange};
use crate::model::hook::{Hook, event};
use crate::model::{Connection, KnownHook, StoreKind};

use super::super::webhook_secret::{KeptWebhook, NewWebhookSecret, keep, note_hook};
use super::super::{Error, Event, Tools};
use super::add::secrets;
use super::differ::{self, Wanted};
use super::wish::{EventWish, HookUrl};
use super::{HooksError, Site};

/// What is to become of the events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditEvents {
    /// These and no others.
    All(EventWish),
    /// Some more, and some less.
    Some {
        /// To be added.
        add: Vec<String>,
        /// To be taken away.
        remove: Vec<String>,
    },
}

/// What is to become of a webhook. What is nothing stays.
#[derive(Debug)]
pub struct HookEdit {
    /// Where it is to deliver to.
    pub url: Option<HookUrl>,
    /// What it is to tell of.
    pub events: Option<EditEvents>,
    /// Whether it sends JSON, and not a form.
    pub json: Option<bool>,
    /// Whether it looks at the receiver's certificate.
    pub verify_tls: Option<bool>,
    /// Whether it delivers at all. GitHub alone has a switch for it.
    pub active: Option<bool>,
    /// Give it the connection's secret, which makes it connect's own.
    pub secret: bool,
    /// Where a secret is kept that has to be made for that.
    pub default_store: StoreKind,
}

/// What became of it.
#[derive(Debug)]
pub struct Edited {
    /// The connection, as it is now.
    pub connection: Connection,
    /// The webhook, as the forge tells of it now.
    pub hook: Hook,
    /// Whether anything was sent.
    pub changed: bool,
    /// Whether connect has made it, or has taken it over by now.
    pub own: bool,
    /// It had a secret before, and has none now.
    pub secret_lost: bool,
}

/// Changes a webhook.
///
/// # Errors
/// [`HooksError`], or what keeping a secret says.
pub async fn edit(tools: &Tools<'_>, site: &mut Site, id: u64, edit: HookEdit) -> Result<Edited, Error> {
    let before = site.hook(id).await?;
    if let Some(place) = edit.url.as_ref().and_then(|url| url.place(site.connection.webhook.as_ref())) {
        site.check_reach(&place)?;
    }
    if let Some(EditEvents::Some { remove, .. }) = &edit.events
        && !remove.is_empty()
        && before.events == [event::ALL]
    {
        return Err(HooksError::TellsAll { target: site.target.clone(), id }.into());
    }
    let was_own = site.owns(&before);
    let needs_id = edit.url.as_ref().is_some_and(HookUrl::is_only_ours);
    // The connection's number is in such an address, and comes with its secret.
    let kept = if was_own || edit.secret || needs_id { Some(own_secret(tools, site, &edit)?) } else { None };
    if let Some(kept) = &kept {
        site.connection = kept.connection.clone();
    }
    let given = kept.as_ref().filter(|_| was_own || edit.secret);
    let url = match &edit.url {
        Some(url) => Some(url.resolve(site.connection.webhook.as_ref()).ok_or(HooksError::NoUrl)?),
        None => None,
    };
    let events = edit.events.as_ref().map(|events| names(site, &before, events));
    let wanted = Wanted {
        url: url.as_ref(),
        events: events.as_deref(),
        json: edit.json,
        verify_tls: edit.verify_tls,
        active: edit.active,
    };
    let change = match differ::change(&before, &wanted) {
        None if !edit.secret => return unchanged(site, before, was_own),
        change => HookChange { secrets: given.map(secrets).unwrap_or_default(), ..change.unwrap_or_default() },
    };
    let had_secret = before.has_secret == Some(true) || before.signs == Some(true);
    if change.url.is_some() && given.is_none() && before.has_secret != Some(false) && site.is_gitlab() {
        let (connection, target) = (site.connection.name.clone(), site.target.clone());
        return Err(HooksError::WouldLoseSecret { connection, target, id }.into());
    }
    tools.say(Event::Changing { what: format!("webhook {id} of {}", site.target.path()) });
    let hook = site.forge.change_hook(&site.token, &site.target, id, &change).await;
    let hook = hook.map_err(|error| site.failed(error))?;
    let own = was_own || edit.secret;
    let connection = if own { note(tools, site, &hook, url.as_ref())? } else { site.connection.clone() };
    let has_secret = hook.has_secret != Some(false) || hook.signs == Some(true);
    Ok(Edited { connection, hook, changed: true, own, secret_lost: had_secret && !has_secret })
}

fn unchanged(site: &Site, hook: Hook, own: bool) -> Result<Edited, Error> {
    Ok(Edited { connection: site.connection.clone(), hook, changed: false, own, secret_lost: false })
}

/// The connection's secret; made where it has none, and something asks for it.
fn own_secret(tools: &Tools<'_>, site: &Site, edit: &HookEdit) -> Result<KeptWebhook, Error> {
    let base = edit.url.as_ref().and_then(HookUrl::base);
    let new = NewWebhookSecret { public_url: base, ..NewWebhookSecret::any(edit.default_store) };
    keep(tools, &site.connection.name, new)
}

fn names(site: &Site, before: &Hook, events: &EditEvents) -> Vec<String> {
    match events {
        EditEvents::All(wish) => wish.names(&site.target),
        // What comes one day is in it as well.
        EditEvents::Some { .. } if before.events == [event::ALL] => before.events.clone(),
        EditEvents::Some { add, remove } => {
            let mut names: Vec<String> = before.events.iter().filter(|name| !remove.contains(name)).cloned().collect();
            names.extend(add.iter().filter(|name| !before.events.contains(name)).cloned());
            names
        }
    }
}

/// Writes down where it delivers to now, and that it is connect's own.
fn note(tools: &Tools<'_>, site: &Site, hook: &Hook, url: Option<&Url>) -> Result<Connection, Error> {
    let known = site.known(hook.id, hook.of).cloned();
    let bare = |url: &Url| crate::forge::bare_address(url).to_string();
    let known = KnownHook {
        target: site.target.to_string(),
        target_id: hook.of,
        id: hook.id,
        url: url.map_or_else(|| known.as_ref().map_or_else(|| hook.url.to_string(), |known| known.url.clone()), bare),
        // It was sent along.
        secret: site.connection.webhook.as_ref().map(|webhook| webhook.secret.clone()),
        since: known.as_ref().map_or_else(|| tools.clock.now(), |known| known.since),
        temporary: known.is_some_and(|known| known.temporary),
    };
    note_hook(tools, &site.connection.name, known)
}

impl Site {
    pub(super) const fn is_gitlab(&self) -> bool {
        matches!(self.forge, Forge::GitLab(_))
    }
}
