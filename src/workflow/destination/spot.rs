//! A place that was looked at: it is there, leads where it should, and its connection may see it. Then a secret can be
//! put there.

use super::super::{Error, Tools};
use super::github::{SecretSpot, UrlSpot};
use super::gitlab::{IntegrationSpot, MirrorSpot, VariableSpot};
use super::hooks::{HookSecret, HookSpot};
use super::side::{at_github, at_gitlab, via};
use super::{Followed, Made, local};
use crate::model::{Connection, Copied, Destination, DestinationKind, Fingerprint, Secret, SecretId};

/// What is put somewhere.
pub(super) enum Payload {
    /// The connection's token.
    Token(Secret),
    /// The connection's webhook secret.
    Webhook(HookSecret),
}

impl Payload {
    /// Reads it out of its store.
    pub fn read(tools: &Tools<'_>, connection: &Connection, of: Copied) -> Result<Self, Error> {
        match of {
            Copied::Token => tools.secret_of(connection).map(|(secret, _)| Self::Token(secret)),
            Copied::Webhook => HookSecret::read(tools, connection).map(Self::Webhook),
        }
    }

    fn secret(&self) -> &Secret {
        match self {
            Self::Token(secret) => secret,
            Self::Webhook(secret) => &secret.secret,
        }
    }

    /// By what a record says which one is there: the token's fingerprint, or the webhook secret's id.
    pub fn mark(&self) -> (Option<Fingerprint>, Option<SecretId>) {
        match self {
            Self::Token(secret) => (Some(secret.fingerprint()), None),
            Self::Webhook(secret) => (None, Some(secret.id.clone())),
        }
    }
}

/// A place, as it was found.
pub(super) enum Spot {
    Mirror(Box<MirrorSpot>),
    Integration(Box<IntegrationSpot>),
    Variable(Box<VariableSpot>),
    Secret(Box<SecretSpot>),
    Url(Box<UrlSpot>),
    Hook(Box<HookSpot>),
    File,
    Command,
}

impl Spot {
    /// Looks at it. Nothing is changed.
    ///
    /// # Errors
    /// [`DestinationError`](super::DestinationError), or what the forge says.
    pub async fn look(tools: &Tools<'_>, connection: &Connection, destination: &Destination) -> Result<Self, Error> {
        match destination.kind {
            DestinationKind::File => return local::look(connection, destination).map(|()| Self::File),
            DestinationKind::Command => return Ok(Self::Command),
            _ => {}
        }
        let via = via(tools, connection, destination)?;
        Ok(match destination.kind {
            DestinationKind::GitlabMirror => Self::Mirror(Box::new(
                MirrorSpot::look(at_gitlab(tools, via, destination)?, connection, destination).await?,
            )),
            DestinationKind::GitlabIntegration => {
                let side = at_gitlab(tools, via, destination)?;
                Self::Integration(Box::new(IntegrationSpot::look(side, connection, destination).await?))
            }
            DestinationKind::GitlabVariable => {
                Self::Variable(Box::new(VariableSpot::look(at_gitlab(tools, via, destination)?, destination).await?))
            }
            DestinationKind::GithubSecret => {
                Self::Secret(Box::new(SecretSpot::look(at_github(tools, via, destination)?, destination).await?))
            }
            DestinationKind::GithubWebhook if destination.of == Copied::Token => {
                Self::Url(Box::new(UrlSpot::look(at_github(tools, via, destination)?, connection, destination).await?))
            }
            _ => Self::Hook(Box::new(HookSpot::look(tools, via, destination).await?)),
        })
    }

    /// The forge's number for what it belongs to, where it has one.
    pub fn id(&self) -> Option<u64> {
        match self {
            Self::Mirror(spot) => Some(spot.project.id),
            Self::Integration(spot) => Some(spot.project.id),
            Self::Variable(spot) => spot.id,
            Self::Secret(spot) => spot.id(),
            Self::Url(spot) => spot.id,
            Self::Hook(spot) => spot.id,
            Self::File | Self::Command => None,
        }
    }

    /// What comes into being when a secret is put there, beside the secret: where there is nothing of that name yet.
    pub fn would_make(&self, destination: &Destination) -> Option<Made> {
        match self {
            Self::Variable(spot) => spot.would_make(destination),
            Self::Secret(spot) => spot.would_make(),
            _ => None,
        }
    }

    /// Puts a secret there, and looks whether it is there and works, as far as the place tells.
    ///
    /// # Errors
    /// [`DestinationError`](super::DestinationError), or what the forge says.
    pub async fn write(
        &self,
        tools: &Tools<'_>,
        connection: &Connection,
        destination: &Destination,
        payload: &Payload,
    ) -> Result<Followed, Error> {
        let secret = payload.secret();
        match (self, payload) {
            (Self::Mirror(spot), _) => spot.write(connection, destination, secret).await,
            (Self::Integration(spot), _) => spot.write(connection, destination, secret).await,
            (Self::Variable(spot), _) => spot.write(connection, destination, secret).await,
            (Self::Secret(spot), _) => spot.write(destination, secret).await,
            (Self::Url(spot), _) => spot.write(connection, destination, secret).await,
            (Self::Hook(spot), Payload::Webhook(secret)) => spot.write(connection, destination, secret).await,
            // Only webhook secrets are recorded with such a place; somebody has edited the record.
            (Self::Hook(_), Payload::Token(_)) => {
                Err(super::does_not_work(connection, destination, "a token is no secret of a webhook"))
            }
            (Self::File, _) => local::write_file(connection, destination, secret).map(|()| Followed::Verified),
            (Self::Command, _) => {
                local::run_command(tools, connection, destination, secret).await.map(|()| Followed::Unverifiable)
            }
        }
    }

    /// Takes the copy away, where that takes nothing else with it; false where there was none. Nothing where it cannot
    /// be taken away alone.
    ///
    /// # Errors
    /// What the forge says.
    pub async fn delete(&self, destination: &Destination) -> Result<Option<bool>, Error> {
        match self {
            Self::Variable(spot) => spot.delete().await.map(Some),
            Self::Secret(spot) => spot.delete().await.map(Some),
            Self::File => Ok(Some(crate::files::remove(std::path::Path::new(&destination.target))?)),
            Self::Mirror(_) | Self::Integration(_) | Self::Url(_) | Self::Hook(_) | Self::Command => Ok(None),
        }
    }
}
