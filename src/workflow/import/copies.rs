//! Every copy of a token that an import has planted is on the list of its connection, so that whoever rotates the token
//! knows where it has to go.

use crate::model::import::Planted;
use crate::model::{ConnectionName, Destination, DestinationKind, Import};

use super::super::{Error, Tools};

/// The copies that are known by the record, each with the connection whose token it is.
fn planted(import: &Import, api_url: &str) -> Vec<(ConnectionName, Destination)> {
    let project = format!("{}/{}", import.gitlab.url, import.gitlab.path);
    let repository = format!("{}/{}", import.github.url, import.github.path);
    let (github, gitlab) = (&import.github, &import.gitlab);
    let of = |planted: &Planted, kind, target: String, id, via: &ConnectionName, name: Option<&str>| {
        let destination = Destination {
            kind,
            target,
            name: name.map(str::to_owned),
            id,
            via: via.clone(),
            import: Some(import.id.clone()),
            fingerprint: planted.fingerprint.clone(),
            since: planted.asked_at,
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
        None => import.github.url.clone(),
    };
    let wanted = planted(import, &api_url);
    let names = tools.records.names()?;
    for name in names {
        let Ok(Some(connection)) = tools.records.find(&name) else { continue };
        let mut after = connection.clone();
        let here: Vec<&Destination> = wanted.iter().filter(|(whose, _)| *whose == name).map(|(_, it)| it).collect();
        let is_left = |known: &Destination| {
            known.import.as_deref() == Some(import.id.as_str()) && !here.iter().any(|it| it.is_same_place(known))
        };
        after.remove_destinations(is_left);
        here.into_iter()
            .filter(|it| !after.known_destinations().contains(it))
            .cloned()
            .collect::<Vec<_>>()
            .iter()
            .for_each(|it| after.add_destination(it));
        if after.destinations == connection.destinations {
            continue;
        }
        let lock = tools.lock(&name)?;
        // Whoever had the lock may have changed the rest of it.
        let Ok(Some(mut current)) = tools.records.find(&name) else { continue };
        current.destinations = after.destinations;
        tools.records.save(&current, &lock)?;
    }
    Ok(())
}
