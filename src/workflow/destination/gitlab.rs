//! Places at a GitLab that hold a token: a pull mirror, an integration, a CI/CD variable. Of each, everything but the
//! token stays as it is.

use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::super::Error;
use super::super::pace::Pace;
use super::side::{Side, is_below, not_at_forge};
use super::{DestinationError, Followed, Made, does_not_work, shown};
use crate::forge::{ForgeErrorKind, GitLab, NewVariable, Variable, VariablesOf};
use crate::model::mirror::{Integration, Mirror, MirrorStatus, Triggered};
use crate::model::place::Project;
use crate::model::{Connection, Destination, ForgeKind, Secret};

/// How long an update of a mirror is watched. One of a large repository takes longer; that it was begun is seen by then.
const PATIENCE: Duration = Duration::from_secs(8);

/// How long GitLab may take to begin an update that it does not put off.
const AT_ONCE: Duration = Duration::from_secs(2);

/// A pull mirror, as it was found.
pub(super) struct MirrorSpot {
    side: Side<GitLab>,
    pub project: Project,
    mirror: Mirror,
    url: Url,
}

/// A GitHub integration, as it was found.
pub(super) struct IntegrationSpot {
    side: Side<GitLab>,
    pub project: Project,
    integration: Integration,
    url: Url,
}

/// A variable, as it was found.
pub(super) struct VariableSpot {
    side: Side<GitLab>,
    of: VariablesOf,
    pub id: Option<u64>,
    key: String,
    environment: String,
    there: Option<Variable>,
}

async fn project(side: &Side<GitLab>, destination: &Destination) -> Result<Project, Error> {
    // The number stays when it is renamed.
    let path = match destination.id {
        Some(id) => id.to_string(),
        None => side.path(destination)?,
    };
    side.forge.project(&side.token, &path).await.map_err(side.failed())
}

fn not_there(side: &Side<GitLab>, what: &'static str, destination: &Destination) -> Error {
    DestinationError::NotThere { via: side.via.name.clone(), what, place: shown(destination) }.into()
}

/// A token goes to the forge that it was made for and to no other.
fn leads_home(
    connection: &Connection,
    what: &'static str,
    destination: &Destination,
    url: Option<&Url>,
) -> Result<Url, Error> {
    let home = super::super::tools::host_of(connection)?;
    match url {
        Some(url) if is_below(url, home.web_base()) => Ok(url.clone()),
        _ => Err(DestinationError::LeadsElsewhere {
            connection: connection.name.clone(),
            what,
            place: shown(destination),
            leads_to: url.map_or_else(|| "nowhere".into(), crate::model::text::masked_url),
        }
        .into()),
    }
}

impl MirrorSpot {
    pub async fn look(side: Side<GitLab>, connection: &Connection, destination: &Destination) -> Result<Self, Error> {
        let project = project(&side, destination).await?;
        let mirror = side.forge.mirror(&side.token, project.id).await.map_err(side.failed())?;
        let Some(mirror) = mirror.filter(|mirror| mirror.enabled != Some(false)) else {
            return Err(not_there(&side, "pull mirror", destination));
        };
        let url = leads_home(connection, "pull mirror", destination, mirror.url.as_ref())?;
        Ok(Self { side, project, mirror, url })
    }

    /// Puts the token there, and watches the update that GitLab begins with it.
    pub async fn write(
        &self,
        connection: &Connection,
        destination: &Destination,
        secret: &Secret,
    ) -> Result<Followed, Error> {
        let Self { side, project, url, .. } = self;
        let login = connection.account.as_ref().map(|account| account.login.as_str());
        // GitLab docs, "Personal access tokens": any name that is not empty, for git over HTTPS.
        let user = login.filter(|_| connection.forge == ForgeKind::GitHub).unwrap_or("oauth2");
        let renewed = side.forge.renew_mirror(&side.token, project.id, url, user, secret).await;
        match renewed {
            Ok(mirror) if mirror.enabled == Some(false) => return Err(not_there(side, "pull mirror", destination)),
            Ok(_) => {}
            Err(error) if matches!(error.kind, ForgeErrorKind::Unsupported { .. }) => {
                let old = side.forge.renew_mirror_old(&side.token, project.id, url, user, secret).await;
                old.map_err(side.failed())?;
            }
            Err(error) => return Err(side.failed()(error)),
        }
        self.watch(connection, destination).await
    }

    async fn watch(&self, connection: &Connection, destination: &Destination) -> Result<Followed, Error> {
        let Self { side, project, .. } = self;
        let broken = |why: &str| Err(does_not_work(connection, destination, why));
        let (mut pace, mut triggered) = (Pace::new(PATIENCE), None);
        loop {
            let mirror = side.forge.mirror(&side.token, project.id).await.map_err(side.failed())?;
            let Some(mirror) = mirror else { return Err(not_there(side, "pull mirror", destination)) };
            let begun = mirror.last_update_at != self.mirror.last_update_at;
            match mirror.status {
                MirrorStatus::Finished if begun => return Ok(Followed::Verified),
                MirrorStatus::Failed if begun => {
                    let why = mirror.last_error.as_deref().unwrap_or("GitLab gives no reason");
                    return broken(&format!("its update failed: {why}"));
                }
                // GitLab begins one when it is set; where it has not, it is asked, and may put it off for five minutes.
                MirrorStatus::Finished | MirrorStatus::Failed | MirrorStatus::None => match triggered {
                    None => {
                        let asked = side.forge.trigger_mirror(&side.token, project.id).await;
                        match asked.map_err(side.failed())? {
                            Triggered::Accepted => triggered = Some(Instant::now()),
                            Triggered::Paused => {
                                return broken("GitLab has given the mirror up after too many failures");
                            }
                            Triggered::NotMirrored => return Err(not_there(side, "pull mirror", destination)),
                        }
                    }
                    Some(at) if at.elapsed() > AT_ONCE => return Ok(Followed::Unverifiable),
                    Some(_) => {}
                },
                _ => {}
            }
            if !pace.wait().await {
                return Ok(Followed::Unverifiable);
            }
        }
    }
}

impl IntegrationSpot {
    pub async fn look(side: Side<GitLab>, connection: &Connection, destination: &Destination) -> Result<Self, Error> {
        let project = project(&side, destination).await?;
        let found = side.forge.integration(&side.token, project.id).await.map_err(side.failed())?;
        let Some(integration) = found.filter(|found| found.active) else {
            return Err(not_there(&side, "GitHub integration", destination));
        };
        let url = leads_home(connection, "GitHub integration", destination, integration.repository_url.as_ref())?;
        Ok(Self { side, project, integration, url })
    }

    /// Puts the token there. GitLab never tells it, nor has its API a test for it: its settings are read.
    pub async fn write(
        &self,
        connection: &Connection,
        destination: &Destination,
        secret: &Secret,
    ) -> Result<Followed, Error> {
        let Self { side, project, url, .. } = self;
        let set = side.forge.renew_integration(&side.token, project.id, secret, url).await;
        set.map_err(side.failed())?;
        let found = side.forge.integration(&side.token, project.id).await.map_err(side.failed())?;
        match found {
            Some(found) if found == self.integration => Ok(Followed::Unverifiable),
            Some(found) if found.active => Err(does_not_work(connection, destination, "its settings have changed")),
            _ => Err(not_there(side, "GitHub integration", destination)),
        }
    }
}

impl VariableSpot {
    pub async fn look(side: Side<GitLab>, destination: &Destination) -> Result<Self, Error> {
        let key = destination.name.clone().ok_or_else(|| not_at_forge(&side.via, destination))?;
        let environment = destination.environment.clone().unwrap_or_else(|| "*".to_owned());
        let (of, id) = if destination.target == side.via.url {
            (VariablesOf::Instance, None)
        } else {
            let path = side.path(destination)?;
            match path.strip_prefix("groups/") {
                Some(group) => {
                    let id = match destination.id {
                        Some(id) => id,
                        None => side.forge.group(&side.token, group).await.map_err(side.failed())?.id,
                    };
                    (VariablesOf::Group(id.to_string()), Some(id))
                }
                None => {
                    let id = project(&side, destination).await?.id;
                    (VariablesOf::Project(id.to_string()), Some(id))
                }
            }
        };
        let there = side.forge.variable(&side.token, &of, &key, &environment).await.map_err(side.failed())?;
        Ok(Self { side, of, id, key, environment, there })
    }

    /// A new variable, where there is none yet. GitLab shows those of an instance in the administrator's settings.
    pub fn would_make(&self, destination: &Destination) -> Option<Made> {
        let page = match self.of {
            VariablesOf::Instance => format!("{}/admin/application_settings/ci_cd", destination.target),
            _ => format!("{}/-/settings/ci_cd", destination.target),
        };
        self.there.is_none().then_some(Made::Variable { page })
    }

    /// Puts the secret there, and compares what is read back, where GitLab tells it. How the variable is used and shown
    /// stays; a new one is masked, and for protected branches alone.
    pub async fn write(
        &self,
        connection: &Connection,
        destination: &Destination,
        secret: &Secret,
    ) -> Result<Followed, Error> {
        let Self { side, of, key, environment, there, .. } = self;
        let written = match there {
            Some(_) => side.forge.set_variable(&side.token, of, key, environment, secret).await,
            None => {
                let new = NewVariable { key, value: secret, environment, protected: true };
                side.forge.create_variable(&side.token, of, &new).await
            }
        };
        let masked = there.as_ref().is_none_or(|there| there.manner.masked);
        written.map_err(|error| match error.kind {
            ForgeErrorKind::InvalidRequest if masked && error.said.as_deref().is_some_and(of_the_value) => {
                let (via, name) = (side.via.name.clone(), key.clone());
                DestinationError::NotMaskable { via, name, place: shown(destination) }.into()
            }
            _ => side.failed()(error),
        })?;
        let found = side.forge.variable(&side.token, of, key, environment).await.map_err(side.failed())?;
        let Some(found) = found else { return Err(not_there(side, "CI/CD variable", destination)) };
        if there.as_ref().is_some_and(|there| there.manner != found.manner) {
            return Err(does_not_work(connection, destination, "GitLab has changed how the variable is used"));
        }
        match found.value {
            Some(value) if value.same_as(secret) => Ok(Followed::Verified),
            Some(_) => Err(does_not_work(connection, destination, "what is read back is not what was written")),
            None => Ok(Followed::Unverifiable),
        }
    }

    /// Takes the variable away.
    pub async fn delete(&self) -> Result<bool, Error> {
        let Self { side, of, key, environment, .. } = self;
        side.forge.delete_variable(&side.token, of, key, environment).await.map_err(side.failed())
    }
}

/// `{"message":{"value":["is invalid"]}}`
fn of_the_value(said: &str) -> bool {
    said.to_ascii_lowercase().contains("value")
}
