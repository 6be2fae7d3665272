//! Webhooks that have a connection's webhook secret, at either forge: those that somebody has named. Those that connect
//! has made itself are in the connection's record, and are given a new secret as `webhook edit --secret` gives it.

use super::super::hooks::{HookEdit, Site, edit, target_of};
use super::super::webhook_secret::{fetch_plain, read};
use super::super::{Error, Tools};
use super::side::not_at_forge;
use super::wish::read_hook_address;
use super::{DestinationError, Followed, does_not_work, shown};
use crate::catalog::Part;
use crate::forge::{Forge, HookChange, HookSecrets};
use crate::model::hook::{Hook, Target};
use crate::model::{Connection, Destination, KnownHook, Proof, Secret, SecretId, StoreKind};

/// A connection's webhook secret.
pub(super) struct HookSecret {
    pub secret: Secret,
    pub proof: Proof,
    plain: Option<Secret>,
    /// Under which id its store has it.
    pub id: SecretId,
}

impl HookSecret {
    /// Reads it out of its store.
    pub fn read(tools: &Tools<'_>, connection: &Connection) -> Result<Self, Error> {
        let (secret, proof) = read(tools, connection, Part::Webhook)?;
        let Some(webhook) = &connection.webhook else {
            return Err(Error::NoWebhook { connection: connection.name.clone() });
        };
        Ok(Self { secret, proof, plain: fetch_plain(tools, connection)?, id: webhook.secret.clone() })
    }

    fn as_sent(&self) -> HookSecrets<'_> {
        match self.proof {
            Proof::Token => HookSecrets { signs: None, token: Some(&self.secret) },
            Proof::Signature | Proof::SigningToken => {
                HookSecrets { signs: Some(&self.secret), token: self.plain.as_ref() }
            }
        }
    }
}

/// A webhook, as it was found.
pub(super) struct HookSpot {
    site: Site,
    hook: Hook,
    number: u64,
    pub id: Option<u64>,
}

impl HookSpot {
    pub async fn look(tools: &Tools<'_>, via: Connection, destination: &Destination) -> Result<Self, Error> {
        let read = read_hook_address(&via.api_url, &destination.target);
        let (target, number) = read.ok_or_else(|| not_at_forge(&via, destination))?;
        let mut site = Site::open(tools, via, target)?;
        let mut id = None;
        // It may have another name by now; the number stays.
        if let (Forge::GitHub(github), Target::GithubRepo { owner, name }) = (&site.forge, &site.target) {
            let found = match destination.id {
                Some(id) => github.repository_by_id(&site.token, id).await,
                None => github.repository(&site.token, owner, name).await,
            };
            let found = found.map_err(|error| site.failed(error))?;
            id = Some(found.id);
            site.target = Target::GithubRepo { owner: found.owner, name: found.name };
        } else if let (Forge::GitLab(gitlab), Target::GitlabProject(path)) = (&site.forge, &site.target) {
            let path = destination.id.map_or_else(|| path.clone(), |id| id.to_string());
            let found = gitlab.project(&site.token, &path).await.map_err(|error| site.failed(error))?;
            id = Some(found.id);
            site.target = Target::GitlabProject(found.path);
        }
        let hook = site.hook(number).await?;
        Ok(Self { site, hook, number, id })
    }

    /// Gives it the secret. The forges tell that there is one, never which.
    pub async fn write(
        &self,
        connection: &Connection,
        destination: &Destination,
        secret: &HookSecret,
    ) -> Result<Followed, Error> {
        let Self { site, number, .. } = self;
        let change = HookChange { secrets: secret.as_sent(), ..HookChange::default() };
        let changed = site.forge.change_hook(&site.token, &site.target, *number, &change).await;
        let changed = changed.map_err(|error| site.failed(error))?;
        let broken = |why: &str| Err(does_not_work(connection, destination, why));
        match secret.proof {
            Proof::SigningToken if changed.signs != Some(true) => broken("the server takes no signing tokens"),
            Proof::Signature | Proof::Token if changed.has_secret == Some(false) => {
                broken("the webhook has no secret after it was given one")
            }
            _ if (changed.events.len(), changed.active) != (self.hook.events.len(), self.hook.active) => {
                broken("the webhook tells of other events than before")
            }
            _ => Ok(Followed::Unverifiable),
        }
    }
}

/// The webhooks that connect has made with a connection's secret, as places where copies of it are.
pub(super) fn derived(connection: &Connection) -> Vec<Destination> {
    let known = connection.webhook.iter().flat_map(|webhook| &webhook.hooks);
    known.filter(|hook| !hook.temporary).filter_map(|hook| as_destination(connection, hook)).collect()
}

fn as_destination(connection: &Connection, hook: &KnownHook) -> Option<Destination> {
    use crate::model::{Copied, DestinationKind, ForgeKind};
    let target: Target = hook.target.parse().ok()?;
    let kind = match target.forge() {
        ForgeKind::GitHub => DestinationKind::GithubWebhook,
        ForgeKind::GitLab => DestinationKind::GitlabWebhook,
    };
    Some(Destination {
        kind,
        of: Copied::Webhook,
        target: super::wish::hook_address(&connection.api_url, &target, hook.id),
        name: None,
        environment: None,
        id: hook.target_id,
        via: Some(connection.name.clone()),
        import: None,
        fingerprint: None,
        secret: hook.secret.clone(),
        since: hook.since,
        trouble: None,
    })
}

/// Gives one that connect has made the present secret; its record says so afterwards.
pub(super) async fn renew_own(
    tools: &Tools<'_>,
    connection: &Connection,
    destination: &Destination,
) -> Result<Followed, Error> {
    let of_it = |hook: &&KnownHook| as_destination(connection, hook).is_some_and(|it| it.is_same_place(destination));
    let known = connection.webhook.iter().flat_map(|webhook| &webhook.hooks).find(of_it);
    let Some(known) = known else {
        let (connection, place) = (connection.name.clone(), shown(destination));
        return Err(DestinationError::NotListed { connection, place }.into());
    };
    let mut site = Site::open(tools, connection.clone(), target_of(known)?)?;
    let wanted = HookEdit {
        url: None,
        events: None,
        json: None,
        verify_tls: None,
        active: None,
        secret: true,
        // It has one, which stays where it is.
        default_store: StoreKind::Keyring,
    };
    let edited = edit(tools, &mut site, known.id, wanted).await?;
    if edited.secret_lost {
        return Err(does_not_work(connection, destination, "the webhook has no secret after it was given one"));
    }
    Ok(Followed::Unverifiable)
}
