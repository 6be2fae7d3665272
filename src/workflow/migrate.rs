//! Migrating: secrets move from store to store, one after the other, each by the steps of `keep::swap`: written
//! under a new id, read back, the record swapped, the old one removed. So at every moment there is at least one
//! good copy, the record names it, and whatever is cut short is finished by running it again.

use crate::catalog::{CatalogError, Part, Resting};
use crate::model::{Connection, ConnectionName, Secret, StoreKind};
use crate::store::StoreError;

use super::credential::{self, MovedLogins};
use super::keep::{self, Change, nothing};
use super::remember::Happened;
use super::{Answer, Error, Event, Tools};

/// What is to be moved where.
#[derive(Debug, Clone)]
pub struct Migration {
    /// Which connections; nothing for all.
    pub names: Option<Vec<ConnectionName>>,
    /// Only what is in this store.
    pub from: Option<StoreKind>,
    /// Where to; not `env`, which keeps nothing.
    pub to: StoreKind,
}

/// One secret, and what became of it.
#[derive(Debug)]
pub struct Moved {
    /// Whose.
    pub connection: ConnectionName,
    /// Which of its secrets.
    pub part: Part,
    /// Where it was.
    pub from: StoreKind,
    /// What became of it.
    pub outcome: Result<Move, Error>,
}

/// How a move ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// It is in the new store and no longer in the old one.
    Moved,
    /// It is in the new store, and still in the variable, which is nobody's to remove.
    Copied,
    /// It was there already.
    Already,
    /// It is read from a variable; that is only changed where it is asked for by name.
    Left,
}

/// What became of all of them.
#[derive(Debug)]
pub struct Migrated {
    /// One a secret, by name.
    pub moved: Vec<Moved>,
    /// Records that do not read, when all were to be moved.
    pub damaged: Vec<CatalogError>,
    /// The logins that git keeps beside the connections, when all were to be moved.
    pub logins: MovedLogins,
}

/// Moves secrets to another store, and goes on where one cannot be moved. `weaker` is asked first when some would
/// go to `plain`: how many, and from where.
///
/// # Errors
/// [`Error::NoSuchConnection`], [`Error::Declined`], [`Error::Weaker`], [`Error::Catalog`]; nothing was moved then.
pub fn migrate(tools: &Tools<'_>, wanted: &Migration, weaker: &dyn Fn(usize) -> Answer) -> Result<Migrated, Error> {
    keep::tidy(tools)?;
    let (connections, damaged) = meant(tools, wanted)?;
    let secrets: Vec<(ConnectionName, Part, StoreKind)> =
        connections.iter().flat_map(secrets_of).filter(|(_, _, from)| wanted.from.is_none_or(|w| w == *from)).collect();
    if wanted.to == StoreKind::Plain {
        let count = secrets.iter().filter(|(_, _, from)| moves(wanted, *from)).count() + of_logins(tools, wanted);
        match if count == 0 { Answer::Yes } else { weaker(count) } {
            Answer::Yes => {}
            Answer::No => return Err(Error::Declined),
            Answer::CannotAsk => return Err(Error::Weaker { count }),
        }
    }
    let of = secrets.len();
    let mut moved: Vec<Moved> = Vec::with_capacity(of);
    for (connection, part, from) in secrets {
        let outcome = match from {
            from if from == wanted.to => Ok(Move::Already),
            from if !moves(wanted, from) => Ok(Move::Left),
            from => match stays_locked(&moved, [from, wanted.to]) {
                Some(store) => Err(Error::of_store(store, Some(&connection))(StoreError::Locked)),
                None => move_one(tools, &connection, part, from, wanted.to),
            },
        };
        if outcome.as_ref().is_err_and(Error::is_interruption) {
            return Err(Error::Interrupted);
        }
        moved.push(Moved { connection, part, from, outcome });
        tools.say(Event::Progress { done: moved.len(), of });
    }
    let logins = match wanted.names {
        None => credential::relocate(tools, wanted.from, wanted.to)?,
        Some(_) => MovedLogins::default(),
    };
    Ok(Migrated { moved, damaged, logins })
}

/// How many logins would come along. That they cannot be counted is said when they are to be moved.
fn of_logins(tools: &Tools<'_>, wanted: &Migration) -> usize {
    let kept = credential::kept(tools).unwrap_or_default();
    let from = [StoreKind::Keyring, StoreKind::File, StoreKind::Plain].into_iter();
    let meant = from.filter(|kind| *kind != wanted.to && wanted.from.is_none_or(|from| from == *kind));
    if wanted.names.is_none() { meant.map(|kind| kept.in_store(kind)).sum() } else { 0 }
}

/// The store that somebody did not unlock for an earlier secret: nobody is asked for each.
fn stays_locked(moved: &[Moved], stores: [StoreKind; 2]) -> Option<StoreKind> {
    moved.iter().find_map(|moved| match &moved.outcome {
        Err(Error::Store { source, store, .. }) if matches!(**source, StoreError::Locked) && stores.contains(store) => {
            Some(*store)
        }
        _ => None,
    })
}

/// The connections that are meant, by name; and, if all are, the records that do not read.
fn meant(tools: &Tools<'_>, wanted: &Migration) -> Result<(Vec<Connection>, Vec<CatalogError>), Error> {
    let Some(names) = &wanted.names else {
        let listed = super::list(tools, None)?;
        return Ok((listed.connections, listed.damaged));
    };
    let mut names = names.clone();
    names.sort();
    names.dedup();
    let connections: Result<Vec<Connection>, Error> = names.iter().map(|name| tools.record(name)).collect();
    Ok((connections?, Vec::new()))
}

fn secrets_of(connection: &Connection) -> Vec<(ConnectionName, Part, StoreKind)> {
    Part::all_of(connection).map(|(part, resting)| (connection.name.clone(), part, resting.kept_in)).collect()
}

/// Whether what is in a store is to be moved. A variable is only left when its connection is named, or it is.
fn moves(wanted: &Migration, from: StoreKind) -> bool {
    let asked_for = wanted.names.is_some() || wanted.from == Some(StoreKind::Env);
    from != wanted.to && (from != StoreKind::Env || asked_for)
}

fn move_one(
    tools: &Tools<'_>,
    name: &ConnectionName,
    part: Part,
    from: StoreKind,
    to: StoreKind,
) -> Result<Move, Error> {
    let lock = tools.lock(name)?;
    // A rotation that is finished later would put the token where it was, which may be what it is to be moved away from.
    if part.is_token() && !super::rotate::none_left(tools, name, &lock)? {
        return Err(Error::Unfinished { connection: name.clone() });
    }
    // Another process may have been faster.
    let mut connection = tools.record(name)?;
    let old = part.of(&connection).ok_or_else(|| nothing(part, name.clone()))?;
    if old.kept_in == to {
        return Ok(Move::Already);
    }
    if old.kept_in != from {
        return Err(Error::ChangedMeanwhile { connection: name.clone() });
    }
    let secret = read(tools, &connection, part)?;
    part.put(&mut connection, Resting { kept_in: to, ..old.clone() });
    let stays = from == StoreKind::Env;
    let change = Change { part, secret: &secret, old: (!stays).then_some(old), happened: Happened::Migrated { from } };
    keep::swap(tools, connection, change, &lock)?;
    Ok(if stays { Move::Copied } else { Move::Moved })
}

/// The secret as it is now, which must be the one that the record means.
fn read(tools: &Tools<'_>, connection: &Connection, part: Part) -> Result<Secret, Error> {
    let name = &connection.name;
    if part.is_token() {
        let (secret, token) = tools.secret_of(connection)?;
        // What the record says of the token is not true of another one that a variable holds by now.
        if secret.fingerprint() != token.fingerprint {
            return Err(Error::SecretDiffers { connection: name.clone(), store: token.kept_in });
        }
        return Ok(secret);
    }
    let resting = part.of(connection).ok_or_else(|| nothing(part, name.clone()))?;
    let store = tools.stores.open(resting.kept_in).map_err(Error::of_store(resting.kept_in, Some(name)))?;
    store.get(&resting.secret).map_err(Error::of_store(resting.kept_in, Some(name)))
}
