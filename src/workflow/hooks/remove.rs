//! Takes a webhook away at the forge, and off the connection's list.

use crate::model::hook::Hook;

use super::super::{Answer, Error, Event, Tools};
use super::add::forget;
use super::{HooksError, Site};

/// What became of a webhook that was to be removed.
#[derive(Debug)]
pub struct Removed {
    /// As it was; nothing where the forge had none of that number any more.
    pub hook: Option<Hook>,
    /// Whether connect had made it.
    pub own: bool,
}

/// Removes a webhook, after somebody has agreed. One of connect's own that is no more is forgotten.
///
/// # Errors
/// [`HooksError::NoSuchHook`] for one that connect did not make either; [`HooksError::NotConfirmed`],
/// [`Error::Declined`]; or what the forge said.
pub async fn remove(
    tools: &Tools<'_>,
    site: &Site,
    id: u64,
    agreed: &dyn Fn(&Hook, bool) -> Answer,
) -> Result<Removed, Error> {
    let hook = match site.hook(id).await {
        Ok(hook) => hook,
        Err(Error::Hooks(HooksError::NoSuchHook { .. })) if site.known(id, None).is_some() => {
            forget(tools, site, id, None)?;
            return Ok(Removed { hook: None, own: true });
        }
        Err(error) => return Err(error),
    };
    let own = site.owns(&hook);
    match agreed(&hook, own) {
        Answer::Yes => {}
        Answer::No => return Err(Error::Declined),
        Answer::CannotAsk => return Err(HooksError::NotConfirmed.into()),
    }
    tools.say(Event::Changing { what: format!("webhook {id} of {}", site.target.path()) });
    // Sent again after a lost answer, it may find that it has done its work.
    let was_there = site.forge.remove_hook(&site.token, &site.target, id).await.map_err(|error| site.failed(error))?;
    if own {
        forget(tools, site, id, hook.of)?;
    }
    Ok(Removed { hook: was_there.then_some(hook), own })
}
