//! A webhook that is there for one run only.

use super::{ListenError, Receiving, aside};
use crate::model::hook::Target;
use crate::model::{Connection, PublicUrl, StoreKind};
use crate::workflow::hooks::{self, EventWish, Site};
use crate::workflow::{Error, Event, Tools};

/// A webhook that is to be made at the start, and removed at the end.
pub struct TemporaryHook {
    /// Of what.
    pub site: Site,
    /// Where the forge reaches this run; or, where deliveries are fetched, where nobody is.
    pub base: PublicUrl,
    /// What it is to tell of.
    pub events: EventWish,
    /// Where the connection's webhook secret is kept, if it has to be made.
    pub default_store: StoreKind,
}

impl std::fmt::Debug for TemporaryHook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TemporaryHook").field("target", &self.site.target).finish_non_exhaustive()
    }
}

/// One that is there.
pub(super) struct Temporary {
    site: Site,
    id: u64,
}

impl Temporary {
    /// Makes it. The connection it belongs to is among those that are listened for from then on, as it is now.
    pub(super) async fn set_up(
        tools: &Tools<'_>,
        asked: TemporaryHook,
        connections: &mut Vec<Connection>,
    ) -> Result<Self, Error> {
        let TemporaryHook { mut site, base, events, default_store } = asked;
        // What another run has made, and is still there for, is not touched.
        if let Some(webhook) = &site.connection.webhook {
            let connection = || site.connection.name.clone();
            let busy = tools.inboxes.is_free(&webhook.id);
            busy.map_err(|source| ListenError::Inbox { connection: connection(), source })?;
        }
        let added = Box::pin(hooks::set_up(tools, &mut site, base, events, default_store)).await?;
        let now = site.connection.clone();
        match connections.iter_mut().find(|one| one.name == now.name) {
            Some(known) => *known = now,
            None => connections.push(now),
        }
        let stays = !site.known(added.hook.id, added.hook.of).is_some_and(|known| known.temporary);
        tools.say(Event::Receiving(Receiving::Temporary { target: site.target.to_string(), id: added.hook.id, stays }));
        Ok(Self { site, id: added.hook.id })
    }

    /// Removes it, if it is there and not there to stay.
    pub(super) async fn take_down(tools: &Tools<'_>, temporary: &mut Option<Self>) -> Result<(), Error> {
        let Some(Self { site, id }) = temporary.take() else { return Ok(()) };
        let (target, connection) = (site.target.clone(), site.connection.name.clone());
        let work = async move |tools: &Tools<'_>| Box::pin(hooks::take_down(tools, &site, id)).await;
        match aside(tools, work).await.flatten() {
            Ok(true) => Ok(()),
            Ok(false) => {
                let target = target.to_string();
                tools.say(Event::Receiving(Receiving::Temporary { target, id, stays: true }));
                Ok(())
            }
            Err(error) => {
                tools.say(Event::Receiving(Receiving::LeftBehind { target, id, connection }));
                Err(error)
            }
        }
    }

    /// Its number, and of what it is.
    pub(super) fn hook(&self) -> (u64, &Target) {
        (self.id, &self.site.target)
    }
}
