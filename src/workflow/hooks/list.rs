//! Looks at webhooks: all of a place, or all that connect has made.

use std::sync::Arc;

use crate::model::hook::{Hook, Target};
use crate::model::{Connection, ConnectionName, KnownHook};

use super::super::{Error, Tools};
use super::Site;
use super::find::{made, target_of};

/// A webhook in a list.
#[derive(Debug)]
pub struct Listed {
    /// With whose token it was seen.
    pub connection: ConnectionName,
    /// Whose it is: `repo:OWNER/NAME`, as records have it.
    pub target: String,
    /// Its number.
    pub id: u64,
    /// Whether connect has made it.
    pub own: bool,
    /// Whether it is for one run of `webhook listen`, and goes with it.
    pub temporary: bool,
    /// Its page at the forge, where that is known.
    pub page: Option<String>,
    /// How it was found.
    pub state: State,
}

/// How a webhook was found.
#[derive(Debug)]
pub enum State {
    /// It is there.
    There(Box<Hook>),
    /// Connect has made it, and it is no more.
    Gone(KnownHook),
    /// Connect has made it; the forge could not be asked.
    Unknown(KnownHook, Arc<Error>),
}

impl Listed {
    fn there(site: &Site, hook: Hook) -> Self {
        Self {
            connection: site.connection.name.clone(),
            target: site.target.to_string(),
            id: hook.id,
            own: site.owns(&hook),
            temporary: site.known(hook.id, hook.of).is_some_and(|known| known.temporary),
            page: Some(site.page(hook.id).into()),
            state: State::There(Box::new(hook)),
        }
    }

    fn known(connection: &Connection, known: &KnownHook, state: State) -> Self {
        let (connection, target) = (connection.name.clone(), known.target.clone());
        Self { connection, target, id: known.id, own: true, temporary: known.temporary, page: None, state }
    }
}

/// One webhook.
///
/// # Errors
/// [`NoSuchHook`](super::HooksError::NoSuchHook), or why it could not be asked for.
pub async fn show(site: &Site, id: u64) -> Result<Listed, Error> {
    site.hook(id).await.map(|hook| Listed::there(site, hook))
}

/// All webhooks of a place; those of connect's that are no more behind them.
///
/// # Errors
/// [`Forge`](super::HooksError::Forge), [`NotShown`](super::HooksError::NotShown).
pub async fn list(site: &Site) -> Result<Vec<Listed>, Error> {
    let hooks = site.hooks().await?;
    let target = site.target.to_string();
    let known = site.connection.webhook.iter().flat_map(|webhook| &webhook.hooks);
    let gone = known.filter(|known| known.is_of(&target, None) && !hooks.iter().any(|hook| hook.id == known.id));
    let gone: Vec<Listed> =
        gone.map(|known| Listed::known(&site.connection, known, State::Gone(known.clone()))).collect();
    Ok(hooks.into_iter().map(|hook| Listed::there(site, hook)).chain(gone).collect())
}

/// All webhooks that connect has made, of one connection or of all, as they are now. A place is asked once.
///
/// # Errors
/// [`Error::NoSuchConnection`], [`Error::Catalog`]. What a forge says is in the list.
pub async fn own(tools: &Tools<'_>, named: Option<&str>) -> Result<Vec<Listed>, Error> {
    let mut all = Vec::new();
    let mut left = made(tools, named)?;
    while let Some((connection, first)) = left.first().cloned() {
        let same = |(other, known): &(Connection, KnownHook)| {
            other.name == connection.name && known.is_of(&first.target, first.target_id)
        };
        let (here, elsewhere): (Vec<_>, Vec<_>) = left.into_iter().partition(same);
        left = elsewhere;
        let known: Vec<KnownHook> = here.into_iter().map(|(_, known)| known).collect();
        all.extend(of_place(tools, &connection, target_of(&first), &known).await);
    }
    Ok(all)
}

async fn of_place(
    tools: &Tools<'_>,
    connection: &Connection,
    target: Result<Target, Error>,
    known: &[KnownHook],
) -> Vec<Listed> {
    let found = async {
        let site = Site::open(tools, connection.clone(), target?)?;
        let hooks = site.hooks().await?;
        Ok((site, hooks))
    };
    let (site, hooks) = match found.await {
        Ok(found) => found,
        Err(error) => {
            let error = Arc::new(error);
            let unknown = |one: &KnownHook| State::Unknown(one.clone(), Arc::clone(&error));
            return known.iter().map(|one| Listed::known(connection, one, unknown(one))).collect();
        }
    };
    let listed = |one: &KnownHook| match hooks.iter().find(|hook| hook.id == one.id) {
        Some(hook) => Listed::there(&site, hook.clone()),
        None => Listed::known(connection, one, State::Gone(one.clone())),
    };
    known.iter().map(listed).collect()
}
