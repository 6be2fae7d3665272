//! The webhook's secret of a connection: made or taken, kept by the same steps as a token (`keep`), changed over to
//! another, read for whoever verifies deliveries or gives it to a forge.
//!
//! One secret serves all hooks of a connection. While it is being changed, the one before goes on holding until a
//! date; the journal remembers the date, and the first run after it that writes removes the secret.

mod alone;
mod choose;
mod former;
mod given;
mod hooks;
mod read;

use jiff::{SignedDuration, Timestamp};

use crate::catalog::Part;
use crate::files::Lock;
use crate::model::webhook::{NotAWebhookSecret, random_secret};
use crate::model::{Connection, ConnectionName, Former, PlainToken, Proof, Secret, SecretId, StoreKind, WebhookRecord};

use super::error::fresh_id;
use super::keep::{self, Change};
use super::remember::Happened;
use super::{Error, Tools};

pub use alone::{NewReceiver, receive};
pub use choose::receiving_connection;
pub(super) use former::tidy;
pub use given::NewWebhookSecret;
pub(super) use hooks::{begin_hook, gave_up_hook};
pub use hooks::{forget_hook, note_hook};
pub(super) use read::read;
pub use read::{WebhookKey, fetch, fetch_plain};

/// What a connection's webhook secret is now.
#[derive(Debug)]
pub struct KeptWebhook {
    /// The record, as it was written.
    pub connection: Connection,
    /// The secret, for the forge or for the person who enters it there.
    pub secret: Secret,
    /// What it proves a delivery by.
    pub proof: Proof,
    /// The plain token beside it, if there is one.
    pub plain: Option<Secret>,
    /// Where the secret rests, for people.
    pub place: String,
    /// Whether connect has made it in this run.
    pub made: bool,
    /// Whether it took the place of another.
    pub replaced: bool,
    /// Whether a secret was put anywhere in this run.
    pub changed: bool,
}

/// Sees that a connection has a webhook secret: the one that is given, the one that it has, or a new one. A
/// connection gets its receiving id with the first.
///
/// # Errors
/// [`Error::NoSuchConnection`], [`Error::WebhookSecret`] when what is given does not fit the forge, [`Error::OtherProof`]
/// when it proves less than the one there is and nobody said that it may, [`Error::Store`];
/// the secret before is then still the connection's.
pub fn keep(tools: &Tools<'_>, name: &ConnectionName, new: NewWebhookSecret) -> Result<KeptWebhook, Error> {
    keep::tidy(tools)?;
    tools.record(name)?;
    let lock = tools.lock(name)?;
    let connection = tools.record(name)?;
    keep_in(tools, connection, new, &lock)
}

/// The same for a record that the caller has in hand, with its lock; it may be one that is not written yet.
pub(super) fn keep_in(
    tools: &Tools<'_>,
    connection: Connection,
    mut new: NewWebhookSecret,
    lock: &Lock,
) -> Result<KeptWebhook, Error> {
    let public_url = new.public_url.take().map(|base| base.to_string());
    let mut kept = keep_secret(tools, connection, new, lock)?;
    if let Some(webhook) = &mut kept.connection.webhook
        && public_url.is_some()
        && webhook.public_url != public_url
    {
        webhook.public_url = public_url;
        tools.records.save(&kept.connection, lock)?;
    }
    Ok(kept)
}

fn keep_secret(
    tools: &Tools<'_>,
    connection: Connection,
    new: NewWebhookSecret,
    lock: &Lock,
) -> Result<KeptWebhook, Error> {
    super::rename::is_one(tools, &connection.name)?;
    let connection = former::let_go_if_over(tools, connection, lock)?;
    let before = match Part::Webhook.of(&connection) {
        Some(_) if !new.is_fresh() => Some(read(tools, &connection, Part::Webhook)),
        _ => None,
    };
    let (secret, proof, made) = match (&new.secret, before) {
        // What a store has lost, a given one replaces.
        (Some(given), before) => {
            let same = matches!(&before, Some(Ok((there, _))) if there.same_as(given));
            if same && new.stays_in(&connection) {
                return as_it_is(tools, connection, new.plain, lock);
            }
            new.may_replace(&connection)?;
            (given.clone(), new.fitting(&connection)?, false)
        }
        (None, Some(there)) => {
            there?;
            return as_it_is(tools, connection, new.plain, lock);
        }
        (None, None) => {
            let proof = new.proof_to_make(&connection);
            (random_secret(proof).map_err(|_| Error::NoRandomness)?, proof, true)
        }
    };
    let (plain, replaced) = (new.plain, connection.webhook.is_some());
    let connection = put(tools, connection, &new, &secret, proof, lock)?;
    let kept = as_it_is(tools, connection, plain, lock)?;
    Ok(KeptWebhook { secret, made, replaced, changed: true, ..kept })
}

/// Puts the secret in place of the one before, which goes on holding where that was asked for.
fn put(
    tools: &Tools<'_>,
    mut connection: Connection,
    new: &NewWebhookSecret,
    secret: &Secret,
    proof: Proof,
    lock: &Lock,
) -> Result<Connection, Error> {
    let kept_in = new.store_for(&connection);
    let variable = new.variable.as_deref().unwrap_or_default();
    if kept_in == StoreKind::Env && variable.is_empty() {
        return Err(Error::of_store(kept_in, Some(&connection.name))(crate::store::StoreError::ReadOnly));
    }
    let replaced = Part::Webhook.of(&connection);
    let older = Part::WebhookFormer.of(&connection);
    let until = new.overlap.and_then(|overlap| until(tools.clock.now(), overlap));
    let id = match &connection.webhook {
        Some(webhook) => webhook.id.clone(),
        None => fresh_id()?.as_str().to_owned(),
    };
    let before = connection.webhook.take();
    let former = before.as_ref().zip(until).map(|(before, until)| Former {
        secret: before.secret.clone(),
        kept_in: before.kept_in,
        proof: before.proof,
        until,
    });
    if let Some(former) = &former {
        // First, so that a kill after the record is written cannot leave a secret that nobody remembers to remove.
        tools.journal.change_over(former.until)?;
    }
    // Two hold at most: with a change-over the one before that goes, without one the one before.
    let old = if former.is_some() { older.clone() } else { replaced.clone() };
    let (plain, hooks, being_made, older_former, public_url) = before
        .map(|before| (before.token, before.hooks, before.being_made, before.former, before.public_url))
        .unwrap_or_default();
    // Whatever else is to go is named by the record until its own removal is written down.
    let too = older.filter(|_| former.is_none());
    let former = former.or(older_former);
    let secret_id = SecretId::variable(variable);
    connection.webhook = Some(WebhookRecord {
        id,
        secret: secret_id,
        kept_in,
        proof,
        token: plain,
        former,
        public_url,
        hooks,
        being_made,
    });
    let happened = if replaced.is_some() { Happened::Replaced } else { Happened::Connected };
    let mut connection = keep::swap(tools, connection, Change { part: Part::Webhook, secret, old, happened }, lock)?;
    if let Some(gone) = too {
        connection.webhook.iter_mut().for_each(|webhook| webhook.former = None);
        keep::let_go(tools, &connection, gone, lock)?;
    }
    // A plain token is only beside a signing token.
    if let Some(gone) = Part::WebhookToken.of(&connection).filter(|_| proof != Proof::SigningToken) {
        connection.webhook.iter_mut().for_each(|webhook| webhook.token = None);
        keep::let_go(tools, &connection, gone, lock)?;
    }
    Ok(connection)
}

/// The secret as the connection has it, with a plain token made beside it where one is wanted and missing.
fn as_it_is(tools: &Tools<'_>, mut connection: Connection, plain: bool, lock: &Lock) -> Result<KeptWebhook, Error> {
    let (secret, proof) = read(tools, &connection, Part::Webhook)?;
    let missing = plain && Part::WebhookToken.of(&connection).is_none();
    if missing {
        connection = put_plain(tools, connection, proof, lock)?;
    }
    let place = Part::Webhook
        .of(&connection)
        .and_then(|resting| tools.stores.open(resting.kept_in).map(|store| store.place(&resting.secret)).ok());
    let plain = fetch_plain(tools, &connection)?;
    Ok(KeptWebhook {
        connection,
        secret,
        proof,
        plain,
        place: place.unwrap_or_default(),
        made: false,
        replaced: false,
        changed: missing,
    })
}

fn put_plain(tools: &Tools<'_>, mut connection: Connection, proof: Proof, lock: &Lock) -> Result<Connection, Error> {
    let name = connection.name.clone();
    if proof != Proof::SigningToken {
        return Err(Error::WebhookSecret { connection: name, source: NotAWebhookSecret::NothingBeside });
    }
    let Some(webhook) = &mut connection.webhook else { return Err(Error::NoWebhook { connection: name }) };
    let kept_in = webhook.kept_in;
    if kept_in == StoreKind::Env {
        return Err(Error::of_store(kept_in, Some(&name))(crate::store::StoreError::ReadOnly));
    }
    webhook.token = Some(PlainToken { secret: SecretId::variable(""), kept_in });
    let secret = random_secret(Proof::Token).map_err(|_| Error::NoRandomness)?;
    let change = Change { part: Part::WebhookToken, secret: &secret, old: None, happened: Happened::Connected };
    keep::swap(tools, connection, change, lock)
}

/// The end of a change-over that begins now; nothing when it would take no time.
fn until(now: Timestamp, overlap: SignedDuration) -> Option<Timestamp> {
    now.checked_add(overlap).ok().filter(|until| *until > now)
}
