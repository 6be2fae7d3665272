//! The witness: which tokens a run has used, and what the answers told of their ends by the way.
//!
//! A forge that is asked for anything says when the token dies (`forge::Observer`). Whoever changed nothing but that
//! date at the forge need not ask for the token's health to have it here: [`settle`] writes it down when the work is
//! done, and says of each token that was used and dies within days so much, once a day. Neither asks anybody, waits
//! for anybody, or is a reason to fail.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::forge::Observer;
use crate::model::{Connection, ConnectionName, Fingerprint, ForgeKind, StoreKind, TokenKind};

use super::{Event, Tools};

/// A token with less than this left is mentioned by the commands that use it.
const MENTIONED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What a run has seen of its tokens. Cheap to clone; clones share what they know.
#[derive(Debug, Clone, Default)]
pub struct Witness(Arc<Mutex<Notes>>);

#[derive(Debug, Default)]
struct Notes {
    /// Somebody reads what is said of tokens that die soon.
    mentions: bool,
    /// The tokens that were fetched from their stores, with the end that their records had.
    used: BTreeMap<ConnectionName, Used>,
    /// What was told of their ends.
    told: HashMap<Fingerprint, Timestamp>,
}

#[derive(Debug)]
struct Used {
    fingerprint: Fingerprint,
    known: Option<Timestamp>,
}

/// A token that was used and dies soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiesSoon {
    /// Whose.
    pub connection: ConnectionName,
    /// At which forge.
    pub forge: ForgeKind,
    /// How long it lives.
    pub left: SignedDuration,
    /// The variable that holds it, where connect cannot put a new one.
    pub variable: Option<String>,
}

impl Witness {
    /// From now on tokens that die soon are mentioned.
    pub fn mention(&self) {
        self.notes().mentions = true;
    }

    /// What a transport is given.
    pub(super) fn observer(&self) -> Observer {
        let witness = self.clone();
        Observer::new(move |fingerprint, end| {
            let _ = witness.notes().told.insert(fingerprint, end);
        })
    }

    /// A token was fetched in order to be used.
    pub(super) fn uses(&self, connection: &Connection, fingerprint: Fingerprint) {
        let used = Used { fingerprint, known: connection.expires_at() };
        let _ = self.notes().used.insert(connection.name.clone(), used);
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connections of whose tokens another end was told than was known, with it.
    fn news(&self) -> Vec<(ConnectionName, Fingerprint, Timestamp)> {
        let notes = self.notes();
        let of = |(name, used): (&ConnectionName, &Used)| {
            let end = notes.told.get(&used.fingerprint)?;
            (Some(*end) != used.known).then(|| (name.clone(), used.fingerprint.clone(), *end))
        };
        notes.used.iter().filter_map(of).collect()
    }

    fn to_mention(&self) -> Vec<ConnectionName> {
        let notes = self.notes();
        if notes.mentions { notes.used.keys().cloned().collect() } else { Vec::new() }
    }
}

/// Writes down the ends that were told by the way, and mentions the tokens that were used and die soon. For the end of
/// a run, and for the pauses of one that stays.
pub fn settle(tools: &Tools<'_>) {
    for (name, fingerprint, end) in tools.witness.news() {
        note(tools, &name, &fingerprint, end);
        if let Some(used) = tools.witness.notes().used.get_mut(&name) {
            used.known = Some(end);
        }
    }
    let now = tools.clock.now();
    let mut dying: Vec<DiesSoon> = tools
        .witness
        .to_mention()
        .iter()
        .filter_map(|name| tools.records.find(name).ok().flatten())
        .filter_map(|connection| dies_soon(&connection, now))
        .collect();
    let names = dying.iter().map(|one| one.connection.clone()).collect();
    let due = tools.mentions.due(names, now.to_zoned(TimeZone::UTC).date());
    dying.retain(|one| due.contains(&one.connection));
    dying.into_iter().for_each(|one| tools.say(Event::DiesSoon(one)));
}

/// Whoever changes the record meanwhile is left alone, and so is a record of another token: the next answer tells
/// it again.
fn note(tools: &Tools<'_>, name: &ConnectionName, fingerprint: &Fingerprint, end: Timestamp) {
    let Ok(Some(before)) = tools.records.find(name) else { return };
    let mut after = before.clone();
    let Some(token) = after.token.as_mut().filter(|token| token.fingerprint == *fingerprint) else { return };
    token.expires_at = Some(end);
    if after != before {
        // What cannot be written now is told again next time.
        let _ = tools.records.revise(&[(before, after)]);
    }
}

/// Tokens that applications get live for hours, and are renewed by whoever got them.
fn dies_soon(connection: &Connection, now: Timestamp) -> Option<DiesSoon> {
    let token = connection.token.as_ref()?;
    if matches!(token.kind, TokenKind::Oauth | TokenKind::AppUser | TokenKind::AppInstallation) {
        return None;
    }
    let left = token.expires_at?.duration_since(now);
    (left.is_positive() && left <= MENTIONED).then(|| DiesSoon {
        connection: connection.name.clone(),
        forge: connection.forge,
        left,
        variable: (token.kept_in == StoreKind::Env).then(|| token.secret.as_str().to_owned()),
    })
}
