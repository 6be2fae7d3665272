//! What is listened for, and how.

use std::net::SocketAddr;
use std::path::PathBuf;

use url::Url;
use zeroize::Zeroizing;

use super::{Command, Filter};
use crate::files::{self, FileError};
use crate::model::{Connection, PublicUrl};
use crate::workflow::{Error, Tools, receiving_connection};

/// A chain of certificates is some kilobytes.
const CERTIFICATES_LIMIT: u64 = 1024 * 1024;

/// What `webhook listen` was asked to do.
#[derive(Debug)]
pub struct Listening {
    /// Whose deliveries; each has a webhook.
    pub connections: Vec<Connection>,
    /// Where to listen; port 0 is any that is free.
    pub address: SocketAddr,
    /// The base of the addresses that forges reach, where it differs from what the records say.
    pub public_url: Option<PublicUrl>,
    /// The files of a certificate, to speak TLS.
    pub certificate: Option<CertificateFiles>,
    /// Where each delivery is posted to.
    pub forward: Option<Url>,
    /// What is run for each delivery.
    pub command: Option<Command>,
    /// A 4xx of the URL counts as handed on.
    pub skip_refused: bool,
    /// How long one attempt at the URL may take.
    pub forward_time: std::time::Duration,
    /// Which deliveries are of interest.
    pub filter: Filter,
    /// Repeats are let through.
    pub accept_repeats: bool,
    /// How many bytes may wait, for each connection.
    pub limit: u64,
    /// How many deliveries may be under way at once.
    pub at_once: usize,
    /// Whether `/metrics` answers.
    pub metrics: bool,
}

/// A chain of certificates and its key, both PEM.
#[derive(Debug, Clone)]
pub struct CertificateFiles {
    /// The chain.
    pub chain: PathBuf,
    /// The key.
    pub key: PathBuf,
}

impl CertificateFiles {
    pub(super) fn read(&self) -> Result<[Zeroizing<Vec<u8>>; 2], FileError> {
        let read = |path: &PathBuf| {
            let missing =
                || FileError::Io { action: "read", path: path.clone(), source: std::io::ErrorKind::NotFound.into() };
            files::read_given(path, CERTIFICATES_LIMIT)?.ok_or_else(missing)
        };
        Ok([read(&self.chain)?, read(&self.key)?])
    }
}

/// Where one connection's deliveries come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivingAddress {
    /// Which connection.
    pub connection: crate::model::ConnectionName,
    /// On this machine.
    pub here: String,
    /// From outside, where that is known.
    pub outside: Option<String>,
    /// How many deliveries of an earlier run wait to be handed on.
    pub waiting: u64,
}

impl ReceivingAddress {
    pub(super) fn of(
        connection: &Connection,
        here: &str,
        public_url: Option<&PublicUrl>,
        waiting: u64,
    ) -> Option<Self> {
        let webhook = connection.webhook.as_ref()?;
        let base = public_url.map(PublicUrl::as_str).or(webhook.public_url.as_deref());
        let outside = base.map(|base| webhook.url_below(base));
        Some(Self { connection: connection.name.clone(), here: webhook.url_below(here), outside, waiting })
    }
}

/// The connections of these names, or all that have a webhook secret.
///
/// # Errors
/// [`Error::NoSuchConnection`]; [`Error::NoWebhook`] for one that was named and has none; [`Error::Listen`] where there
/// is none at all.
pub fn receiving(tools: &Tools<'_>, names: &[String]) -> Result<Vec<Connection>, Error> {
    if names.is_empty() {
        let listed = crate::workflow::list(tools, None)?;
        let with: Vec<Connection> = listed.connections.into_iter().filter(|one| one.webhook.is_some()).collect();
        return if with.is_empty() { Err(super::ListenError::Nothing.into()) } else { Ok(with) };
    }
    let mut found: Vec<Connection> = Vec::new();
    for name in names {
        let connection = receiving_connection(tools, Some(name))?;
        if connection.webhook.is_none() {
            return Err(Error::NoWebhook { connection: connection.name });
        }
        if !found.iter().any(|known| known.name == connection.name) {
            found.push(connection);
        }
    }
    Ok(found)
}
