//! Taking a place off the list; and, where that is wanted and takes nothing else with it, the copy from the place.

use super::super::remember::Happened;
use super::super::{Error, Tools, keep, rename};
use super::spot::Spot;
use super::{DestinationError, To, push, shown};
use crate::catalog::Part;
use crate::model::{Connection, ConnectionName, Copied, Destination, DestinationKind};

/// What was taken off the list.
#[derive(Debug)]
pub struct Removed {
    /// Whose.
    pub connection: Connection,
    /// The place.
    pub destination: Destination,
    /// Whether the copy was taken away; false where there was none, nothing where it was left.
    pub deleted: Option<bool>,
}

/// Takes a place off a connection's list. With `delete`, the copy goes first: a variable, a secret of Actions, a file.
///
/// # Errors
/// [`DestinationError::NotListed`], [`DestinationError::NotOurs`], or why the copy could not be taken away; then the
/// place stays on the list.
pub async fn remove(tools: &Tools<'_>, name: &ConnectionName, to: &To, delete: bool) -> Result<Removed, Error> {
    keep::tidy(tools)?;
    let connection = tools.record(name)?;
    let destination = find(tools, &connection, to)?;
    is_ours(tools, &connection, &destination)?;
    if delete && !is_deletable(destination.kind) {
        let (connection, kind, place) = (connection.name, destination.kind, shown(&destination));
        return Err(DestinationError::NotDeletable { connection, kind, place }.into());
    }
    let deleted = if delete { look(tools, &connection, &destination).await?.delete(&destination).await? } else { None };
    let lock = tools.lock(name)?;
    rename::is_one(tools, name)?;
    let mut connection = tools.record(name)?;
    connection.remove_destinations(|known| known.is_same_place(&destination));
    tools.records.save(&connection, &lock)?;
    drop(lock);
    let part = if destination.of == Copied::Token { Part::Token } else { Part::Webhook };
    let happened = Happened::Removed(Box::new(destination.clone()));
    tools.note(&tools.happening(&happened, &connection, part));
    Ok(Removed { connection, destination, deleted })
}

/// The place that is meant. A path is read at the forge of the connection that writes there.
fn find(tools: &Tools<'_>, connection: &Connection, to: &To) -> Result<Destination, Error> {
    let is_it = |known: &Destination| {
        let via = known.via.as_ref().and_then(|name| tools.records.find(name).ok().flatten());
        let meant = to.at(known.of, via.as_ref(), known.since);
        meant.is_ok_and(|meant| {
            meant.kind == known.kind
                && meant.target.eq_ignore_ascii_case(&known.target)
                && meant.name == known.name
                && meant.environment == known.environment
        })
    };
    let not_listed = || DestinationError::NotListed { connection: connection.name.clone(), place: to.shown() }.into();
    super::destinations(connection).into_iter().find(is_it).ok_or_else(not_listed)
}

fn is_ours(tools: &Tools<'_>, connection: &Connection, destination: &Destination) -> Result<(), Error> {
    let not_ours = |owner: &str, instead: &str| {
        let (connection, place) = (connection.name.clone(), shown(destination));
        Err(DestinationError::NotOurs { connection, place, owner: owner.to_owned(), instead: instead.to_owned() }
            .into())
    };
    if destination.import.is_some() {
        return not_ours("an import", "connect import undo OWNER/REPO");
    }
    if push::is_derived(connection, destination) {
        let to = super::list::typed(tools, connection, destination);
        let typed = to.split_once(':').and_then(|(_, place)| place.rsplit_once('#'));
        let (flag, path, id) = match (destination.kind, typed) {
            (DestinationKind::GithubWebhook, Some((path, id))) if path.contains('/') => ("--repo", path, id),
            (DestinationKind::GithubWebhook, Some((path, id))) => ("--org", path, id),
            (_, Some((path, id))) => match path.strip_prefix("group=") {
                Some(group) => ("--group", group, id),
                None => ("--project", path, id),
            },
            (_, None) => return not_ours("a webhook that connect has made", "connect webhook remove"),
        };
        let instead = format!("connect webhook remove {id} {flag} {path}");
        return not_ours("a webhook that connect has made", &instead);
    }
    Ok(())
}

/// The place that the copy is taken away from. A file may be gone with its folder.
async fn look(tools: &Tools<'_>, connection: &Connection, destination: &Destination) -> Result<Spot, Error> {
    match destination.kind {
        DestinationKind::File => Ok(Spot::File),
        _ => Spot::look(tools, connection, destination).await,
    }
}

/// Whether the copy can be taken away without anything else.
const fn is_deletable(kind: DestinationKind) -> bool {
    matches!(kind, DestinationKind::GitlabVariable | DestinationKind::GithubSecret | DestinationKind::File)
}

/// The command that takes a place off a connection's list.
pub(super) fn command(name: &ConnectionName, to: &str) -> String {
    let word = |text: &str| shell_words::quote(text).into_owned();
    format!("connect destination remove {} --to {}", word(name.as_str()), word(to))
}
