//! How a secret gets into its store and its record so that a kill at any point loses neither the
//! old one nor the new one, and leaves none that nobody remembers.
//!
//! The order: an intent in the journal; the new secret under a new id, read back; the record; the
//! line in the history; the old secret away; the intent away.

use crate::catalog::{CatalogError, Intent, OpenIntent, Part, Resting};
use crate::files::Lock;
use crate::model::{Connection, ConnectionName, Secret, SecretId, StoreKind};
use crate::store::{Store, StoreError};

use super::error::fresh_id;
use super::remember::Happened;
use super::{Error, Event, Tools, fault};

/// A secret that is to be kept.
pub(super) struct Change<'a> {
    /// Which of the connection's secrets it is.
    pub part: Part,
    /// The secret.
    pub secret: &'a Secret,
    /// Where the one that it replaces rests.
    pub old: Option<Resting>,
    /// What the history says of it.
    pub happened: Happened,
}

/// Puts a secret into its store and swaps the record. `connection` is the record to be, in which
/// the secret's id is filled in here. The store `env` is given nothing: there the id is the variable's name
/// already.
pub(super) fn swap(
    tools: &Tools<'_>,
    mut connection: Connection,
    change: Change<'_>,
    lock: &Lock,
) -> Result<Connection, Error> {
    let name = connection.name.clone();
    super::rename::is_one(tools, &name)?;
    let Some(Resting { kept_in, .. }) = change.part.of(&connection) else { return Err(nothing(change.part, name)) };
    let store = tools.stores.open(kept_in).map_err(Error::of_store(kept_in, Some(&name)))?;
    if store.is_writable() {
        fill_in(&mut connection, &change)?;
    }
    let Some(new) = change.part.of(&connection) else { return Err(nothing(change.part, name)) };
    let happening = tools.happening(&change.happened, &connection, change.part);
    let intent = Intent::new(name.clone(), change.part, new.clone(), change.old, happening.clone());
    let open = tools.journal.open(intent)?;
    reached(change.part, "intent");
    let written = if store.is_writable() {
        tools.say(Event::Keeping { part: change.part, store: kept_in });
        store.put(&new.secret, name.as_str(), change.secret).map_err(Error::of_store(kept_in, Some(&name)))
    } else {
        Ok(())
    };
    reached(change.part, "stored");
    let recorded = written.and_then(|()| Ok(tools.records.save(&connection, lock)?));
    if let Err(e) = recorded {
        if never_arrived(&e) || removed(tools, &new) {
            open.close()?;
        }
        return Err(e);
    }
    reached(change.part, "recorded");
    tools.note(&happening);
    reached(change.part, "remembered");
    let gone = open.intent.old.as_ref().is_none_or(|old| remove_old(tools, old));
    reached(change.part, "replaced");
    if gone {
        open.close()?;
    }
    Ok(connection)
}

/// Sees that a store takes secrets and gives them back: a throw-away one is written, read, compared and removed. The
/// journal knows of it before anything is written, so that a run that is killed leaves nothing that the next one does
/// not remove. `by` is whose lock is held meanwhile. Gives the place where it is left, if it cannot be removed.
pub(super) fn try_out(tools: &Tools<'_>, store: &dyn Store, by: &str) -> Result<Option<String>, Error> {
    let Ok(name) = by.parse::<ConnectionName>() else { return Err(Error::NoRandomness) };
    for open in tools.journal.unfinished()?.into_iter().filter(|open| open.intent.connection == name) {
        finish(tools, open)?;
    }
    let kind = store.kind();
    let failed = || Error::of_store(kind, None);
    let _lock = tools.records.try_lock(&name)?;
    let resting = Resting { secret: fresh_id()?, kept_in: kind };
    let secret = Secret::new(format!("{}-was-here-{}", by.replace(' ', "-"), resting.secret.as_str()));
    let open = tools.journal.open(Intent::trial(name, resting.clone(), tools.clock.now()))?;
    fault::point("doctor.intent");
    let written = store.put(&resting.secret, by, &secret).map_err(failed());
    fault::point("doctor.written");
    let compared = written.and_then(|()| {
        let back = store.get(&resting.secret).map_err(failed())?;
        if back.same_as(&secret) { Ok(()) } else { Err(failed()(StoreError::ReadBackDiffers)) }
    });
    let gone = removed(tools, &resting);
    fault::point("doctor.removed");
    match compared {
        Err(e) => {
            if gone || never_arrived(&e) {
                open.close()?;
            }
            Err(e)
        }
        Ok(()) if gone => {
            open.close()?;
            Ok(None)
        }
        Ok(()) => Ok(Some(store.place(&resting.secret))),
    }
}

/// The points at which a test kills this: `connect.stored` for a token, `webhook.stored` for a webhook's secret.
fn reached(part: Part, step: &str) {
    if cfg!(feature = "test-hooks") {
        fault::point(&format!("{}.{step}", if part.is_token() { "connect" } else { part.word() }));
    }
}

/// The new secret's id, and to which address a token is bound.
fn fill_in(connection: &mut Connection, change: &Change<'_>) -> Result<(), Error> {
    if let Some(resting) = change.part.of(connection) {
        let fresh = fresh_id()?;
        if matches!(change.happened, Happened::Migrated { .. }) {
            carry_over(connection, &resting.secret, &fresh);
        }
        change.part.put(connection, Resting { secret: fresh, ..resting });
    }
    let bound = change.secret.bound_to(&connection.url, &connection.api_url);
    if let Some(token) = connection.token.as_mut().filter(|_| change.part.is_token()) {
        token.bound = Some(bound);
    }
    Ok(())
}

/// A secret that was moved is the same under another id: copies of it that are elsewhere are what they were.
fn carry_over(connection: &mut Connection, from: &SecretId, to: &SecretId) {
    for mut copy in connection.known_destinations().into_iter().filter(|copy| copy.secret.as_ref() == Some(from)) {
        copy.secret = Some(to.clone());
        connection.put_destination(&copy);
    }
    let hooks = connection.webhook.iter_mut().flat_map(|webhook| &mut webhook.hooks);
    for hook in hooks.filter(|hook| hook.secret.as_ref() == Some(from)) {
        hook.secret = Some(to.clone());
    }
}

/// Removes a secret that a connection needs no longer: `connection` is the record to be, which does not name it.
pub(super) fn let_go(tools: &Tools<'_>, connection: &Connection, gone: Resting, lock: &Lock) -> Result<(), Error> {
    let name = connection.name.clone();
    super::rename::is_one(tools, &name)?;
    let Some(stays) = Part::Webhook.of(connection) else { return Err(nothing(Part::Webhook, name)) };
    let open = tools.journal.open(Intent::removal(name, stays, gone.clone(), tools.clock.now()))?;
    fault::point("webhook.letting-go");
    if let Err(e) = tools.records.save(connection, lock) {
        open.close()?;
        return Err(e.into());
    }
    fault::point("webhook.unnamed");
    if remove_old(tools, &gone) {
        open.close()?;
    }
    Ok(())
}

/// The error for a secret that a connection does not have.
pub(super) fn nothing(part: Part, connection: crate::model::ConnectionName) -> Error {
    match part {
        Part::Token => Error::NoToken { connection },
        Part::Webhook | Part::WebhookToken | Part::WebhookFormer => Error::NoWebhook { connection },
    }
}

/// Whether a store that refused cannot have the secret: it was not reached, or not opened. A write that
/// timed out may still arrive; then the intent has to stay.
pub(super) fn never_arrived(error: &Error) -> bool {
    match error {
        Error::Store { source, .. } => !matches!(
            **source,
            StoreError::TimedOut { .. }
                | StoreError::StillThere
                | StoreError::ReadBackDiffers
                | StoreError::Refused { .. }
        ),
        _ => false,
    }
}

/// Removes a secret that nothing needs any more; says so where that does not work.
pub(super) fn remove_old(tools: &Tools<'_>, old: &Resting) -> bool {
    told(tools, old, removed(tools, old))
}

/// As [`remove_old`], when `next` goes right after it: in one store it is enough that the last removal is for good.
pub(super) fn remove_old_before(tools: &Tools<'_>, old: &Resting, next: &Resting) -> bool {
    if old.kept_in != next.kept_in || old.kept_in == StoreKind::Env {
        return remove_old(tools, old);
    }
    let gone = tools.stores.open(old.kept_in).and_then(|store| store.discard(&old.secret)).is_ok();
    told(tools, old, gone)
}

fn told(tools: &Tools<'_>, old: &Resting, gone: bool) -> bool {
    if !gone {
        tools.say(Event::OldRemains { place: place_of(tools, Some(old)) });
    }
    gone
}

/// Puts in order what runs that were cut short have left: of the two secrets of an intent, the one
/// that the record does not name is removed; a line that the history lacks is added. Those of processes still
/// at work are left alone, and nothing here keeps the caller from its own work.
pub(super) fn tidy(tools: &Tools<'_>) -> Result<(), Error> {
    tools.sweep();
    super::rename::finish(tools)?;
    super::import::tidy_notes(tools)?;
    for open in tools.journal.unfinished()? {
        finish(tools, open)?;
    }
    super::rotate::finish_answered(tools)?;
    tidy_partings(tools)?;
    super::rotate::guided::tidy(tools)?;
    super::webhook_secret::tidy(tools)
}

/// Whether the record names a secret.
fn names(record: Option<&Connection>, resting: &Resting) -> bool {
    record.is_some_and(|connection| Part::all_of(connection).any(|(_, living)| living.secret == resting.secret))
}

/// Adds the line that the killed process may not have come to. In the store `env` the name of the variable is
/// the same before and after, so that only the fingerprint tells whether the record was swapped.
fn remember_late(tools: &Tools<'_>, intent: &Intent, record: Option<&Connection>) {
    let Some(happening) = &intent.happening else { return };
    let recorded = record.and_then(|connection| connection.token.as_ref()).map(|token| &token.fingerprint);
    if !intent.part.is_token() || recorded == happening.fingerprint.as_ref() {
        tools.note_once(happening);
    }
}

/// Connections whose record is gone are noted as disconnected; those whose record is there are not to be
/// forgotten any more, or somebody will say so again.
fn tidy_partings(tools: &Tools<'_>) -> Result<(), Error> {
    for open in tools.journal.unfinished_partings()? {
        let Ok(_lock) = tools.records.try_lock(&open.parting.parting) else { continue };
        if !open.stands() {
            continue;
        }
        if !tools.records.path(&open.parting.parting).exists() {
            tools.note_once(&open.parting.happening);
        }
        open.close()?;
    }
    Ok(())
}

/// Puts one intent in order, unless somebody is still at work on it.
pub(super) fn finish(tools: &Tools<'_>, open: OpenIntent) -> Result<(), Error> {
    let name = open.intent.connection.clone();
    let _lock = match tools.records.try_lock(&name) {
        Ok(lock) => lock,
        Err(CatalogError::Busy { .. }) => return Ok(()),
        Err(e) => return Err(e.into()),
    };
    if !open.stands() {
        return Ok(());
    }
    // A record that does not read must not cost anybody a token.
    let Ok(record) = tools.records.find(&name) else { return Ok(()) };
    if names(record.as_ref(), &open.intent.new) {
        remember_late(tools, &open.intent, record.as_ref());
    }
    let remains = dead(&open.intent, record.as_ref()).find(|resting| !removed(tools, resting)).cloned();
    match remains {
        None => {
            open.close()?;
            tools.say(Event::Tidied { connection: name });
        }
        Some(remains) => {
            let place = place_of(tools, Some(&remains));
            tools.say(Event::NotTidied { connection: name, place });
        }
    }
    Ok(())
}

/// The secrets of an intent that the record does not name: one of the two, or both, when the connection has been
/// forgotten or given yet another secret since. None, where the one before still holds beside the new one.
fn dead<'a>(intent: &'a Intent, record: Option<&Connection>) -> impl Iterator<Item = &'a Resting> {
    [Some(&intent.new), intent.old.as_ref()].into_iter().flatten().filter(move |resting| !names(record, resting))
}

/// The secret of an intent that is removed first when it is put in order; nothing if none is.
pub(super) fn superfluous<'a>(intent: &'a Intent, record: Option<&Connection>) -> Option<&'a Resting> {
    dead(intent, record).next()
}

/// Whether any record names a secret; where one does not read, nobody can tell.
pub(super) fn is_named(tools: &Tools<'_>, resting: &Resting) -> bool {
    tools
        .records
        .all()
        .map_or(true, |mut all| all.any(|record| record.as_ref().map_or(true, |record| names(Some(record), resting))))
}

pub(super) fn removed(tools: &Tools<'_>, resting: &Resting) -> bool {
    resting.kept_in == StoreKind::Env
        || tools.stores.open(resting.kept_in).and_then(|store| store.remove(&resting.secret)).is_ok()
}

fn place_of(tools: &Tools<'_>, resting: Option<&Resting>) -> String {
    let place = |resting: &Resting| {
        tools.stores.open(resting.kept_in).map_or_else(|_| resting.kept_in.to_string(), |s| s.place(&resting.secret))
    };
    resting.map(place).unwrap_or_default()
}
