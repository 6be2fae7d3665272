//! Reading a webhook's secrets out of their stores.

use jiff::Timestamp;

use crate::catalog::Part;
use crate::model::{Connection, Proof, Secret};
use crate::store::StoreError;

use super::super::keep::nothing;
use super::super::{Error, Event, Tools};

/// A secret by which deliveries are verified.
#[derive(Debug)]
pub struct WebhookKey {
    /// What it proves a delivery by.
    pub proof: Proof,
    /// The secret.
    pub secret: Secret,
    /// When it is no longer accepted; nothing for the one that stays.
    pub until: Option<Timestamp>,
}

/// The secrets by which a connection's deliveries are verified: its own, first, and the one before as long as that
/// holds. Never none.
///
/// # Errors
/// [`Error::NoWebhook`], [`Error::ProofDiffers`], [`Error::Store`].
pub fn fetch(tools: &Tools<'_>, connection: &Connection) -> Result<Vec<WebhookKey>, Error> {
    let (secret, proof) = read(tools, connection, Part::Webhook)?;
    let mut keys = vec![WebhookKey { proof, secret, until: None }];
    let former = connection.webhook.as_ref().and_then(|webhook| webhook.former.as_ref());
    if let Some(former) = former.filter(|former| former.until > tools.clock.now()) {
        match read(tools, connection, Part::WebhookFormer) {
            Ok((secret, proof)) => keys.push(WebhookKey { proof, secret, until: Some(former.until) }),
            // Whoever took it away did so to end it.
            Err(e) if is_gone(&e) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(keys)
}

/// The plain token beside a signing token, for a hook that sends both; nothing if there is none.
///
/// # Errors
/// [`Error::Store`].
pub fn fetch_plain(tools: &Tools<'_>, connection: &Connection) -> Result<Option<Secret>, Error> {
    match Part::WebhookToken.of(connection) {
        None => Ok(None),
        Some(_) => read(tools, connection, Part::WebhookToken).map(|(secret, _)| Some(secret)),
    }
}

fn is_gone(error: &Error) -> bool {
    let gone = |source: &StoreError| matches!(source, StoreError::VariableMissing { .. });
    matches!(error, Error::WebhookLost { .. }) || matches!(error, Error::Store { source, .. } if gone(source))
}

/// One of a webhook's secrets, which must prove what the record says: a variable may hold another by now.
pub(in crate::workflow) fn read(
    tools: &Tools<'_>,
    connection: &Connection,
    part: Part,
) -> Result<(Secret, Proof), Error> {
    let name = &connection.name;
    let (Some(resting), Some(webhook)) = (part.of(connection), &connection.webhook) else {
        return Err(nothing(part, name.clone()));
    };
    let expected = match (part, &webhook.former) {
        (Part::WebhookToken, _) => Proof::Token,
        (Part::WebhookFormer, Some(former)) => former.proof,
        _ => webhook.proof,
    };
    let failed = || Error::of_store(resting.kept_in, Some(name));
    let store = tools.stores.open(resting.kept_in).map_err(failed())?;
    let lost = || Error::WebhookLost { connection: name.clone(), store: resting.kept_in };
    let secret = match store.get(&resting.secret) {
        Err(StoreError::NotFound) => return Err(lost()),
        other => other.map_err(failed())?,
    };
    if store.exposed(&resting.secret) {
        tools.say(Event::Exposed { place: store.place(&resting.secret) });
    }
    match Proof::of(connection.forge, &secret) {
        Ok(proof) if proof == expected => Ok((secret, proof)),
        Ok(_) => Err(Error::ProofDiffers { connection: name.clone(), expected }),
        Err(source) => Err(Error::WebhookSecret { connection: name.clone(), source }),
    }
}
