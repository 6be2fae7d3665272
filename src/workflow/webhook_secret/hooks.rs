//! The hooks that connect has made with a connection's secret, as the record lists them.

use crate::model::{Connection, ConnectionName, HookBeingMade, KnownHook, WebhookRecord};

use super::super::{Error, Tools, rename};

/// Writes down that a hook has this connection's secret; what was known of that hook is replaced.
///
/// # Errors
/// [`Error::NoWebhook`], [`Error::NoSuchConnection`], [`Error::Catalog`].
pub fn note_hook(tools: &Tools<'_>, name: &ConnectionName, hook: KnownHook) -> Result<Connection, Error> {
    change(tools, name, |webhook| {
        webhook.hooks.retain(|known| !known.is_same_hook(&hook));
        webhook.being_made.retain(|making| !(making.is_of(&hook.target) && making.url == hook.url));
        webhook.hooks.push(hook);
    })
}

/// Writes down that a hook is about to be made, until [`note_hook`] has its number.
///
/// # Errors
/// As [`note_hook`].
pub(in crate::workflow) fn begin_hook(
    tools: &Tools<'_>,
    name: &ConnectionName,
    making: HookBeingMade,
) -> Result<Connection, Error> {
    change(tools, name, |webhook| {
        if !webhook.being_made.contains(&making) {
            webhook.being_made.push(making);
        }
    })
}

/// It is not being made any more: there is none.
///
/// # Errors
/// As [`note_hook`].
pub(in crate::workflow) fn gave_up_hook(
    tools: &Tools<'_>,
    name: &ConnectionName,
    gone: &HookBeingMade,
) -> Result<Connection, Error> {
    change(tools, name, |webhook| webhook.being_made.retain(|making| making != gone))
}

/// Takes a hook off the list: the one of that target (and its number, where it is known) with that number. Says
/// nothing where it is not on it.
///
/// # Errors
/// As [`note_hook`].
pub fn forget_hook(
    tools: &Tools<'_>,
    name: &ConnectionName,
    target: &str,
    target_id: Option<u64>,
    id: u64,
) -> Result<Connection, Error> {
    change(tools, name, |webhook| webhook.hooks.retain(|known| !(known.id == id && known.is_of(target, target_id))))
}

fn change(tools: &Tools<'_>, name: &ConnectionName, how: impl FnOnce(&mut WebhookRecord)) -> Result<Connection, Error> {
    // What is written into a record that is about to go would be lost.
    rename::finish(tools)?;
    let lock = tools.lock(name)?;
    rename::is_one(tools, name)?;
    let before = tools.record(name)?;
    let mut connection = before.clone();
    let Some(webhook) = &mut connection.webhook else { return Err(Error::NoWebhook { connection: name.clone() }) };
    how(webhook);
    if connection != before {
        tools.records.save(&connection, &lock)?;
    }
    Ok(connection)
}
