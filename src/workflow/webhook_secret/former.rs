//! The secret before: it goes when its time is over.

use crate::catalog::{CatalogError, Part};
use crate::files::Lock;
use crate::model::Connection;

use super::super::{Error, Tools, keep};

/// The record without a secret whose time is over, which is removed.
pub(super) fn let_go_if_over(tools: &Tools<'_>, mut connection: Connection, lock: &Lock) -> Result<Connection, Error> {
    let now = tools.clock.now();
    let gone = Part::WebhookFormer.of(&connection);
    let Some(webhook) = connection.webhook.as_mut().filter(|webhook| webhook.former_is_over(now)) else {
        return Ok(connection);
    };
    webhook.former = None;
    if let Some(gone) = gone {
        keep::let_go(tools, &connection, gone, lock)?;
    }
    Ok(connection)
}

/// Removes the secrets whose time is over, of all connections. The journal knows whether there may be any; what
/// somebody is at work on is left to the next run.
pub(in crate::workflow) fn tidy(tools: &Tools<'_>) -> Result<(), Error> {
    let now = tools.clock.now();
    let ended = tools.journal.ended_change_overs(now)?;
    if ended.is_empty() {
        return Ok(());
    }
    let mut remains = false;
    for record in tools.records.all()? {
        // A record that does not read may be mended.
        let Ok(connection) = record else {
            remains = true;
            continue;
        };
        if !connection.webhook.as_ref().is_some_and(|webhook| webhook.former_is_over(now)) {
            continue;
        }
        let lock = match tools.records.try_lock(&connection.name) {
            Ok(lock) => lock,
            Err(CatalogError::Busy { .. }) => {
                remains = true;
                continue;
            }
            Err(e) => return Err(e.into()),
        };
        // It may be another by now, or have no second secret any more.
        let Ok(Some(connection)) = tools.records.find(&connection.name) else { continue };
        match let_go_if_over(tools, connection, &lock) {
            Err(Error::Unfinished { .. }) => remains = true,
            other => drop(other?),
        }
    }
    if !remains {
        for open in ended {
            open.close()?;
        }
    }
    Ok(())
}
