//! Putting a copy of a secret somewhere, and writing down that it is there: in the other order.

use super::super::import::connection as serving;
use super::super::{Error, Tools, fault, keep, rename};
use super::push::{Followed, push_one};
use super::spot::Spot;
use super::wish::forge_of;
use super::{DestinationError, To, shown};
use crate::model::{Connection, ConnectionName, Copied, Destination, DestinationKind, ForgeKind};

/// What is to be put where.
#[derive(Debug)]
pub struct Adding {
    /// The place.
    pub to: To,
    /// The connection that may write there; found by the place's address where nobody names it.
    pub via: Option<String>,
    /// Which of the connection's secrets; what the place is for where nobody says.
    pub of: Option<Copied>,
    /// Whether the secret is put there now.
    pub push: bool,
}

/// What became of it.
#[derive(Debug)]
pub struct Added {
    /// Whose secret.
    pub connection: Connection,
    /// The place, as the record has it now.
    pub destination: Destination,
    /// Whether it was on the list before.
    pub known: bool,
    /// What takes it off the list again.
    pub undo: String,
    /// What came into being with it, where there was nothing of that name before.
    pub made: Option<Made>,
    /// Whether the secret is there; nothing where it was not to be put there.
    pub outcome: Option<Result<Followed, Error>>,
}

/// What comes into being where there was nothing of that name: who gets it was nobody's choice yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// A CI/CD variable, masked, for protected branches and tags alone.
    Variable {
        /// Where that is changed.
        page: String,
    },
    /// A secret of an organisation, for its private repositories alone.
    OrganisationSecret {
        /// Where that is changed.
        page: String,
    },
}

/// Sees that the place is there and may be written to, records it, then puts the secret there. When the last fails, the
/// place stays on the list, stale.
///
/// # Errors
/// [`DestinationError`], [`Error::NoToken`], [`Error::NoWebhook`], or what the forge says of the place; nothing is
/// recorded then.
pub async fn add(tools: &Tools<'_>, name: &ConnectionName, adding: &Adding) -> Result<Added, Error> {
    keep::tidy(tools)?;
    let connection = tools.record(name)?;
    let of = fitting(&connection, adding)?;
    let via = via(tools, &connection, adding)?;
    let mut destination = adding.to.at(of, via.as_ref(), tools.clock.now())?;
    is_nobody_elses(tools, &connection, &destination)?;
    let spot = Spot::look(tools, &connection, &destination).await?;
    destination.id = spot.id();
    let (connection, destination, known) = record(tools, name, destination)?;
    fault::point("destination.recorded");
    let undo = super::remove::command(name, &super::list::typed(tools, &connection, &destination));
    if !adding.push {
        return Ok(Added { connection, destination, known, undo, made: None, outcome: None });
    }
    let pushed = push_one(tools, &connection, destination).await?;
    let connection = tools.record(name)?;
    let made = spot.would_make(&pushed.destination).filter(|_| pushed.outcome.is_ok());
    Ok(Added { connection, destination: pushed.destination, known, undo, made, outcome: Some(pushed.outcome) })
}

/// Which secret goes there, as the place and the connection allow.
fn fitting(connection: &Connection, adding: &Adding) -> Result<Copied, Error> {
    let (kind, name) = (adding.to.kind, &connection.name);
    let usual = match kind {
        DestinationKind::GitlabWebhook => Copied::Webhook,
        DestinationKind::GithubWebhook if connection.forge == ForgeKind::GitHub => Copied::Webhook,
        DestinationKind::GitlabVariable
        | DestinationKind::GithubSecret
        | DestinationKind::File
        | DestinationKind::Command
            if connection.token.is_none() =>
        {
            Copied::Webhook
        }
        _ => Copied::Token,
    };
    let of = adding.of.unwrap_or(usual);
    let unfit = |takes| {
        let secret = if of.is_token() { "token" } else { "webhook secret" };
        let offered = format!("the {} {secret}", connection.forge);
        Err(DestinationError::Unfit { connection: name.clone(), kind, takes, offered }.into())
    };
    match (kind, of, connection.forge) {
        (DestinationKind::GitlabMirror, Copied::Webhook, _) => return unfit("a token"),
        (DestinationKind::GitlabIntegration, Copied::Webhook, _)
        | (DestinationKind::GitlabIntegration, _, ForgeKind::GitLab) => return unfit("a GitHub token"),
        (DestinationKind::GitlabWebhook, Copied::Token, _) | (DestinationKind::GitlabWebhook, _, ForgeKind::GitHub) => {
            return unfit("the webhook secret of a connection to GitLab");
        }
        (DestinationKind::GithubWebhook, Copied::Token, ForgeKind::GitHub) => {
            return unfit("a GitHub webhook secret, or a GitLab token in its address");
        }
        (DestinationKind::GithubWebhook, Copied::Webhook, ForgeKind::GitLab) => {
            return unfit("a GitHub webhook secret, or a GitLab token in its address");
        }
        _ => {}
    }
    match of {
        Copied::Token if connection.token.is_none() => Err(Error::NoToken { connection: name.clone() }),
        Copied::Webhook if connection.webhook.is_none() => Err(Error::NoWebhook { connection: name.clone() }),
        of => Ok(of),
    }
}

/// The connection that may write there: the one that is named, or that serves the place.
fn via(tools: &Tools<'_>, connection: &Connection, adding: &Adding) -> Result<Option<Connection>, Error> {
    let (Some(forge), Some(typed)) = (forge_of(adding.to.kind), adding.to.typed()) else { return Ok(None) };
    match serving(tools, forge, adding.via.as_deref(), &typed) {
        Ok(via) => Ok(Some(via)),
        // It is at home there itself.
        Err(Error::SeveralServe { .. })
            if connection.forge == forge && connection.token.is_some() && typed.path(connection).is_some() =>
        {
            Ok(Some(connection.clone()))
        }
        Err(Error::NoneServes { .. } | Error::SeveralServe { .. } | Error::NoneOfKind { .. })
            if adding.via.is_none() =>
        {
            let all = tools.records.all()?.filter_map(Result::ok);
            // A whole address says at which host: a connection to another is of no use there.
            let could = |it: &Connection| {
                it.forge == forge && it.token.is_some() && it.made_for.is_none() && typed.path(it).is_some()
            };
            let candidates = all.filter(could).map(|it| it.name).take(10).collect();
            let (connection, place) = (connection.name.clone(), adding.to.shown());
            Err(DestinationError::WhichVia { connection, forge, place, candidates }.into())
        }
        Err(error) => Err(error),
    }
}

/// Two connections that write to one place would undo each other's work.
fn is_nobody_elses(tools: &Tools<'_>, connection: &Connection, destination: &Destination) -> Result<(), Error> {
    let is_it = |known: &Destination| {
        known.kind == destination.kind
            && known.target == destination.target
            && known.name == destination.name
            && known.environment == destination.environment
            && known.of == destination.of
    };
    for other in tools.records.all()?.filter_map(Result::ok).filter(|other| other.name != connection.name) {
        if other.known_destinations().iter().any(is_it) {
            let to = super::list::typed(tools, &other, destination);
            let instead = super::remove::command(&other.name, &to);
            let (owner, place) = (format!("`{}`", other.name), shown(destination));
            return Err(DestinationError::NotOurs { connection: other.name, place, owner, instead }.into());
        }
    }
    Ok(())
}

/// Puts it on the list. One that is there keeps what is known of it.
fn record(
    tools: &Tools<'_>,
    name: &ConnectionName,
    destination: Destination,
) -> Result<(Connection, Destination, bool), Error> {
    let lock = tools.lock(name)?;
    rename::is_one(tools, name)?;
    let mut connection = tools.record(name)?;
    let there = super::destinations(&connection).into_iter().find(|known| known.is_same_place(&destination));
    let known = there.is_some();
    let next = match there {
        Some(there) if there.of == destination.of => {
            Destination { via: destination.via, id: there.id.or(destination.id), ..there }
        }
        _ => destination,
    };
    // What connect has made itself is known by that.
    if !known || !super::push::is_derived(&connection, &next) {
        connection.put_destination(&next);
        tools.records.save(&connection, &lock)?;
    }
    Ok((connection, next, known))
}
