//! Every copy of a token that an import has planted is on the list of its connection, so that whoever rotates the token
//! knows where it has to go.

use jiff::Timestamp;

use crate::model::import::Planted;
use crate::model::{
    Connection, ConnectionName, Copied, Destination, DestinationKind, Fingerprint, ForgeKind, Host, Import,
};

use super::super::remember::Happened;
use super::super::{Error, Tools};
use super::ImportError;

/// The copies that are known by the record, each with the connection whose token it is.
fn planted(import: &Import, api_url: &str) -> Vec<(ConnectionName, Destination)> {
    let project = format!("{}/{}", import.gitlab.url, import.gitlab.path);
    let repository = format!("{}/{}", import.github.url, import.github.path);
    let (github, gitlab) = (&import.github, &import.gitlab);
    let of = |planted: &Planted, kind, target: String, id, via: &ConnectionName, name: Option<&str>| {
        let destination = Destination {
            kind,
            of: Copied::Token,
            target,
            name: name.map(str::to_owned),
            environment: None,
            id,
            via: Some(via.clone()),
            import: Some(import.id.clone()),
            fingerprint: Some(planted.fingerprint.clone()),
            secret: None,
            since: planted.asked_at,
            trouble: None,
        };
        (planted.connection.clone(), destination)
    };
    let made = &import.made;
    let mut copies = Vec::new();
    copies.extend(
        made.mirror.as_ref().map(|mirror| {
            of(mirror, DestinationKind::GitlabMirror, project.clone(), gitlab.id, &gitlab.connection, None)
        }),
    );
    copies.extend(made.integration.as_ref().map(|integration| {
        of(integration, DestinationKind::GitlabIntegration, project.clone(), gitlab.id, &gitlab.connection, None)
    }));
    copies.extend(made.hook.as_ref().zip(made.hook_token.as_ref()).and_then(|(hook, token)| {
        let target = format!("{api_url}/repos/{}/hooks/{}", github.path, hook.id?);
        Some(of(token, DestinationKind::GithubWebhook, target, github.id, &github.connection, None))
    }));
    copies.extend(made.secret.as_ref().map(|secret| {
        let name = Some(super::actions::SECRET);
        of(secret, DestinationKind::GithubSecret, repository.clone(), github.id, &github.connection, name)
    }));
    copies
}

/// Brings the lists of the connections in line with the record of the import.
pub(super) fn settle(tools: &Tools<'_>, import: &Import) -> Result<(), Error> {
    let api_url = match tools.records.find(&import.github.connection)? {
        Some(connection) => connection.api_url,
        None => Host::parse(ForgeKind::GitHub, &import.github.url, None, true)
            .map_or_else(|_| import.github.url.clone(), |host| host.api_url().to_owned()),
    };
    let wanted = planted(import, &api_url);
    let names = tools.records.names()?;
    for name in names {
        let Ok(Some(mut connection)) = tools.records.find(&name) else { continue };
        let here: Vec<&Destination> = wanted.iter().filter(|(whose, _)| *whose == name).map(|(_, it)| it).collect();
        if !bring_in_line(&mut connection, &here, import) {
            continue;
        }
        let lock = tools.lock(&name)?;
        // Whoever had the lock may have changed it.
        let Ok(Some(mut current)) = tools.records.find(&name) else { continue };
        let before = current.known_destinations();
        if bring_in_line(&mut current, &here, import) {
            tools.records.save(&current, &lock)?;
            remember(tools, &before, &current);
        }
    }
    Ok(())
}

/// Where copies of a token went, and whence they were taken, is in the history. A place that is called otherwise by now
/// is no news.
fn remember(tools: &Tools<'_>, before: &[Destination], connection: &Connection) {
    let after = connection.known_destinations();
    let has = |list: &[Destination], it: &Destination| list.iter().any(|other| other.is_same_place(it));
    let same_token =
        |it: &Destination| before.iter().any(|known| known.is_same_place(it) && known.fingerprint == it.fingerprint);
    for gone in before.iter().filter(|it| !has(&after, it)) {
        tools.remember(&Happened::Removed(Box::new(gone.clone())), connection);
    }
    for new in after.iter().filter(|it| !same_token(it)) {
        tools.remember(&Happened::Planted(Box::new(new.clone())), connection);
    }
}

/// Says whether anything was changed.
fn bring_in_line(connection: &mut Connection, here: &[&Destination], import: &Import) -> bool {
    let before = connection.destinations.clone();
    let is_left = |known: &Destination| {
        known.import.as_deref() == Some(import.id.as_str()) && !here.iter().any(|it| it.is_same_place(known))
    };
    connection.remove_destinations(is_left);
    for it in here {
        if !connection.known_destinations().iter().any(|known| is_settled(known, it)) {
            connection.add_destination(it);
        }
    }
    connection.destinations != before
}

/// Whether a list says of a copy what the import says of it; that a later one did not arrive, the import does not know.
fn is_settled(known: &Destination, it: &Destination) -> bool {
    Destination { trouble: None, ..known.clone() } == *it
}

/// A later token of a connection has been put where an import had put an earlier one: the import's record says so, too,
/// or its own look at things would take the place for one with an older token. An import that is being carried out
/// knows the old one; it looks at it all anyway.
pub(in super::super) fn followed(
    tools: &Tools<'_>,
    whose: &ConnectionName,
    copy: &Destination,
    fingerprint: &Fingerprint,
    at: Timestamp,
) -> Result<(), Error> {
    let Some(id) = &copy.import else { return Ok(()) };
    let Some(import) = tools.imports.find(id)? else { return Ok(()) };
    let changed = super::ledger::change_alone(tools, &import, |import| {
        let planted = match copy.kind {
            DestinationKind::GitlabMirror => &mut import.made.mirror,
            DestinationKind::GitlabIntegration => &mut import.made.integration,
            DestinationKind::GithubWebhook => &mut import.made.hook_token,
            DestinationKind::GithubSecret => &mut import.made.secret,
            _ => return,
        };
        if let Some(planted) = planted.as_mut().filter(|planted| planted.connection == *whose) {
            (planted.fingerprint, planted.asked_at, planted.unanswered) = (fingerprint.clone(), at, false);
        }
    });
    match changed {
        Err(Error::Import(ImportError::Busy { .. })) => Ok(()),
        other => other.map(drop),
    }
}
