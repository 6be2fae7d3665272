//! A connection that only receives: a webhook's secret and no token. For those who may not use the API of their forge,
//! or need nothing of it but what it sends.

use std::path::PathBuf;

use crate::forge::{Forge, ForgeErrorKind};
use crate::model::connection::RECORD_VERSION;
use crate::model::{Connection, ConnectionName, Host};

use super::super::{Error, Event, Tools, keep};
use super::{KeptWebhook, NewWebhookSecret};

/// A connection that is to receive webhooks, whether or not it has a token.
#[derive(Debug)]
pub struct NewReceiver {
    /// Which forge.
    pub host: Host,
    /// A file with certificates to trust as well.
    pub ca_cert: Option<PathBuf>,
    /// `--allow-http` was given.
    pub allow_http: bool,
    /// Another name than `webhook@host`.
    pub name: Option<ConnectionName>,
    /// Its secret.
    pub webhook: NewWebhookSecret,
}

/// Keeps a webhook's secret without a token. A connection of that name that is there keeps what it has, its token
/// too. A host that is new, and not the vendor's own, is asked what it is; one that cannot be reached from here may well reach
/// us, so only another kind of answer is refused.
///
/// # Errors
/// [`Error::NameTaken`] for a connection of that name to another forge; what [`super::keep`] says.
pub async fn receive(tools: &Tools<'_>, new: NewReceiver) -> Result<KeptWebhook, Error> {
    let name = match &new.name {
        Some(name) => name.clone(),
        None => default_name(&new.host)?,
    };
    if tools.records.find(&name)?.is_none_or(|known| known.url != new.host.url()) {
        recognise(tools, &new).await?;
    }
    keep::tidy(tools)?;
    let lock = tools.lock(&name)?;
    let connection = match tools.records.find(&name)? {
        None => record_of(&new, name),
        Some(known) if known.forge == new.host.kind() && known.url == new.host.url() => known,
        Some(_) => return Err(Error::NameTaken { name }),
    };
    super::keep_in(tools, connection, new.webhook, &lock)
}

async fn recognise(tools: &Tools<'_>, new: &NewReceiver) -> Result<(), Error> {
    if new.host.is_vendors_own() {
        return Ok(());
    }
    tools.say(Event::Looking { host: new.host.to_string() });
    let forge = Forge::new(&new.host, &tools.transport(new.ca_cert.as_deref())?);
    match forge.look().await {
        Err(e) if matches!(e.kind, ForgeErrorKind::NotAForge { .. }) => Err(Error::of_forge(Some(&new.host), None)(e)),
        Err(e) => {
            tools.say(Event::NotLooked { host: new.host.to_string(), why: e.to_string() });
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

fn default_name(host: &Host) -> Result<ConnectionName, Error> {
    let name = format!("webhook@{host}");
    name.parse().map_err(|_| Error::NoSuchConnection { wanted: name.clone(), similar: Vec::new() })
}

fn record_of(new: &NewReceiver, name: ConnectionName) -> Connection {
    Connection {
        name,
        version: RECORD_VERSION,
        forge: new.host.kind(),
        url: new.host.url().to_owned(),
        api_url: new.host.api_url().to_owned(),
        allow_http: new.allow_http && new.host.is_plain_http(),
        ca_cert: new.ca_cert.clone(),
        server_version: None,
        account: None,
        token: None,
        webhook: None,
        serves: Vec::new(),
        registries: Vec::new(),
        default: false,
        destinations: Vec::new(),
        made_for: None,
    }
}
