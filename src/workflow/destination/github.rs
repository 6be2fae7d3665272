//! Places at a GitHub that hold a token: a secret of Actions, and a webhook whose address carries a GitLab token.

use std::time::Duration;

use super::super::Error;
use super::super::import::refuses;
use super::super::pace::Pace;
use super::side::{Side, is_below, not_at_forge};
use super::wish::read_hook_address;
use super::{DestinationError, Followed, Made, does_not_work, shown};
use crate::forge::{GitHub, HooksOf, KeptSecret, SecretsOf};
use crate::model::hook::{Hook, Target};
use crate::model::place::Repository;
use crate::model::{Connection, Destination, Secret};

/// How long GitHub may take to deliver a ping.
const MOMENT: Duration = Duration::from_secs(8);

/// How many deliveries are looked through for it.
const MANY: usize = 30;

/// Whose a secret is.
enum Home {
    Repository(Repository),
    Environment(Repository, String),
    Organization(String),
}

/// A secret, as it was found.
pub(super) struct SecretSpot {
    side: Side<GitHub>,
    home: Home,
    name: String,
    there: Option<KeptSecret>,
}

/// A webhook whose address carries a token, as it was found.
pub(super) struct UrlSpot {
    side: Side<GitHub>,
    target: Target,
    pub id: Option<u64>,
    hook: Hook,
}

/// The repository that a record names, under the name that it has now.
pub(super) async fn repository(
    side: &Side<GitHub>,
    destination: &Destination,
    owner: &str,
    name: &str,
) -> Result<Repository, Error> {
    let found = match destination.id {
        Some(id) => side.forge.repository_by_id(&side.token, id).await,
        None => side.forge.repository(&side.token, owner, name).await,
    };
    found.map_err(side.failed())
}

impl SecretSpot {
    pub async fn look(side: Side<GitHub>, destination: &Destination) -> Result<Self, Error> {
        let path = side.path(destination)?;
        let name = destination.name.clone().ok_or_else(|| not_at_forge(&side.via, destination))?;
        let home = match (Target::repo(&path), Target::org(&path), &destination.environment) {
            (Some(Target::GithubRepo { owner, name }), _, environment) => {
                let repository = repository(&side, destination, &owner, &name).await?;
                match environment {
                    Some(environment) => Home::Environment(repository, environment.clone()),
                    None => Home::Repository(repository),
                }
            }
            (_, Some(Target::GithubOrg(org)), None) => Home::Organization(org),
            _ => return Err(not_at_forge(&side.via, destination)),
        };
        let spot = Self { side, home, name, there: None };
        let Self { side, .. } = &spot;
        side.forge.may_put_secrets(&side.token, spot.of()).await.map_err(side.failed())?;
        let there = spot.read().await?;
        Ok(Self { there, ..spot })
    }

    fn of(&self) -> SecretsOf<'_> {
        match &self.home {
            Home::Repository(repository) => SecretsOf::Repository(repository),
            Home::Environment(repository, name) => SecretsOf::Environment(repository, name),
            Home::Organization(org) => SecretsOf::Organization(org),
        }
    }

    /// A new secret of an organisation, where there is none yet.
    pub fn would_make(&self) -> Option<Made> {
        match &self.home {
            Home::Organization(org) if self.there.is_none() => {
                let page = self.side.host.page(&format!("organizations/{org}/settings/secrets/actions")).to_string();
                Some(Made::OrganisationSecret { page })
            }
            _ => None,
        }
    }

    /// The repository's number.
    pub fn id(&self) -> Option<u64> {
        match &self.home {
            Home::Repository(repository) | Home::Environment(repository, _) => Some(repository.id),
            Home::Organization(_) => None,
        }
    }

    async fn read(&self) -> Result<Option<KeptSecret>, Error> {
        self.side.forge.actions_secret(&self.side.token, self.of(), &self.name).await.map_err(self.side.failed())
    }

    /// Seals the secret and puts it there. GitHub tells when it was written; where that was in this very second before,
    /// it tells nothing.
    pub async fn write(&self, destination: &Destination, secret: &Secret) -> Result<Followed, Error> {
        let Self { side, name, there, .. } = self;
        side.forge.put_actions_secret(&side.token, self.of(), name, secret).await.map_err(side.failed())?;
        let before = there.as_ref().and_then(|there| there.updated_at);
        match self.read().await? {
            Some(found) if found.updated_at.is_some() && found.updated_at != before => Ok(Followed::Verified),
            Some(_) => Ok(Followed::Unverifiable),
            None => {
                let (via, place) = (side.via.name.clone(), shown(destination));
                Err(DestinationError::NotThere { via, what: "secret", place }.into())
            }
        }
    }

    /// Takes the secret away.
    pub async fn delete(&self) -> Result<bool, Error> {
        let Self { side, name, .. } = self;
        side.forge.delete_actions_secret(&side.token, self.of(), name).await.map_err(side.failed())
    }
}

impl UrlSpot {
    pub async fn look(side: Side<GitHub>, connection: &Connection, destination: &Destination) -> Result<Self, Error> {
        let read = read_hook_address(&side.via.api_url, &destination.target);
        let (target, number) = read.ok_or_else(|| not_at_forge(&side.via, destination))?;
        let (target, id) = match target {
            Target::GithubRepo { owner, name } => {
                let found = repository(&side, destination, &owner, &name).await?;
                (Target::GithubRepo { owner: found.owner, name: found.name }, Some(found.id))
            }
            other => (other, None),
        };
        let found = side.forge.hook(&side.token, hooks_of(&target, &side, destination)?, number).await;
        let Some(hook) = found.map_err(side.failed())? else {
            let (via, place) = (side.via.name.clone(), shown(destination));
            return Err(DestinationError::NotThere { via, what: "webhook", place }.into());
        };
        // The token goes into the address of a call of its own forge, and into no other.
        let home = super::super::tools::host_of(connection)?;
        let triggers = hook.url.path().ends_with("/mirror/pull");
        if !triggers || !is_below(&hook.url, home.api_base()) {
            return Err(DestinationError::LeadsElsewhere {
                connection: connection.name.clone(),
                what: "webhook",
                place: shown(destination),
                leads_to: hook.url.to_string(),
            }
            .into());
        }
        Ok(Self { side, target, id, hook })
    }

    /// Puts the token into the address, sees that it is there, and has GitHub deliver a ping, to which GitLab answers.
    pub async fn write(
        &self,
        connection: &Connection,
        destination: &Destination,
        secret: &Secret,
    ) -> Result<Followed, Error> {
        let Self { side, target, hook, .. } = self;
        let (forge, token, failed) = (&side.forge, &side.token, side.failed());
        let at = hooks_of(target, side, destination)?;
        let before = forge.deliveries(token, at, hook.id, MANY).await.map_err(&failed)?;
        forge.renew_hook_token(token, at, hook.id, &hook.url, secret).await.map_err(&failed)?;
        let broken = |why: &str| Err(does_not_work(connection, destination, why));
        let there = forge.hook(token, at, hook.id).await.map_err(&failed)?;
        if there.is_none_or(|there| there.token != Some(secret.fingerprint())) {
            return broken("the address that is read back has another token");
        }
        forge.ping_hook(token, at, hook.id).await.map_err(&failed)?;
        let mut pace = Pace::new(MOMENT);
        while pace.wait().await {
            let now = forge.deliveries(token, at, hook.id, MANY).await.map_err(&failed)?;
            let is_new = |id: u64| !before.iter().any(|known| known.id == id);
            match now.iter().find(|one| one.event == "ping" && is_new(one.id)).map(|one| one.status_code) {
                Some(Some(code)) if refuses(code) => return broken(&format!("GitLab answered {code} to a ping")),
                Some(Some(_)) => return Ok(Followed::Verified),
                Some(None) => return broken("GitHub got no answer from GitLab to a ping"),
                None => {}
            }
        }
        Ok(Followed::Unverifiable)
    }
}

/// The webhooks of a place on GitHub.
fn hooks_of<'a>(target: &'a Target, side: &Side<GitHub>, destination: &Destination) -> Result<HooksOf<'a>, Error> {
    match target {
        Target::GithubRepo { owner, name } => Ok(HooksOf::Repository { owner, name }),
        Target::GithubOrg(org) => Ok(HooksOf::Organization(org)),
        _ => Err(not_at_forge(&side.via, destination)),
    }
}
