//! What the workflows work with.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::catalog::{Actor, CatalogError, History, Home, Imports, Inboxes, Journal, Logins, Mentions, Records};
use crate::files::{self, FileError, Lock};
use crate::forge::{Forge, Transport, TransportOptions};
use crate::model::{Clock, Connection, ConnectionName, Host, Secret, TokenRecord};
use crate::store::Stores;

use super::{Error, Event, Witness};

/// A bundle of certificates is some hundred kilobytes.
const CERTIFICATES_LIMIT: u64 = 4 * 1024 * 1024;

/// Everything a workflow may use, put together once by the command.
pub struct Tools<'a> {
    /// The connections.
    pub records: Records,
    /// What imports made.
    pub imports: Imports,
    /// Deliveries of webhooks.
    pub inboxes: Inboxes,
    /// The logins that belong to no connection.
    pub logins: Logins,
    /// What is under way.
    pub journal: Journal,
    /// What happened.
    pub history: History,
    /// Which connections were mentioned today.
    pub mentions: Mentions,
    /// What this run sees of its tokens.
    pub witness: Witness,
    /// Who does it; asked for when something is written down.
    pub actor: fn() -> Actor,
    /// Where secrets are.
    pub stores: Stores,
    /// What time it is.
    pub clock: Clock,
    /// Time limits for requests; certificates are added a connection.
    pub transport: TransportOptions,
    /// One transport for all connections that trust the same certificates: they share its connections, and its limits
    /// count all of their requests.
    transports: Transports,
    /// The folders that files are written to.
    pub folders: [PathBuf; 6],
    /// Who listens.
    pub events: &'a (dyn Fn(Event) + Sync),
}

/// Those that were needed so far, by the file with the certificates.
type Transports = Mutex<HashMap<Option<PathBuf>, Transport>>;

impl<'a> Tools<'a> {
    /// The tools for one home.
    pub fn new(
        home: &Home,
        stores: Stores,
        clock: Clock,
        actor: fn() -> Actor,
        transport: TransportOptions,
        witness: Witness,
        events: &'a (dyn Fn(Event) + Sync),
    ) -> Self {
        Self {
            records: Records::new(home),
            imports: Imports::new(home),
            inboxes: Inboxes::new(home),
            logins: Logins::new(home),
            journal: Journal::new(home),
            history: History::new(home),
            mentions: Mentions::new(home),
            actor,
            stores,
            clock,
            transport: TransportOptions { observer: Some(witness.observer()), ..transport },
            witness,
            transports: Transports::default(),
            folders: [
                home.connections(),
                home.secrets(),
                home.imports(),
                home.journal(),
                home.data.clone(),
                home.state.clone(),
            ],
            events,
        }
    }

    /// The same tools for somebody else who listens: on another thread, say.
    pub(super) fn told_to<'b>(&self, events: &'b (dyn Fn(Event) + Sync)) -> Tools<'b> {
        Tools {
            records: self.records.clone(),
            imports: self.imports.clone(),
            inboxes: self.inboxes.clone(),
            logins: self.logins.clone(),
            journal: self.journal.clone(),
            history: self.history.clone(),
            mentions: self.mentions.clone(),
            witness: self.witness.clone(),
            actor: self.actor,
            stores: self.stores.clone(),
            clock: self.clock,
            transport: self.transport.clone(),
            transports: Transports::default(),
            folders: self.folders.clone(),
            events,
        }
    }

    pub(super) fn say(&self, event: Event) {
        (self.events)(event);
    }

    /// Takes the lock that a change of this connection needs; says so when it has to be waited for.
    pub(super) fn lock(&self, name: &ConnectionName) -> Result<Lock, CatalogError> {
        self.records.lock(name, || self.say(Event::Waiting { connection: name.clone() }))
    }

    /// Removes files that a killed process left half written.
    pub(super) fn sweep(&self) {
        self.folders.iter().for_each(|folder| files::sweep(folder));
    }

    /// A transport that also trusts the certificates in a file.
    pub(super) fn transport(&self, ca_cert: Option<&Path>) -> Result<Transport, Error> {
        let mut options = self.transport.clone();
        if let Some(path) = ca_cert {
            let missing =
                || FileError::Io { action: "read", path: path.to_owned(), source: std::io::ErrorKind::NotFound.into() };
            let pem = files::read_given(path, CERTIFICATES_LIMIT)?.ok_or_else(missing)?;
            options.ca_certificates = Some(pem.to_vec());
        }
        Transport::new(&options).map_err(Error::of_forge(None, None))
    }

    /// The forge of a connection, with the certificates that the connection trusts.
    pub(super) fn forge_of(&self, connection: &Connection) -> Result<Forge, Error> {
        let host = host_of(connection)?;
        let mut transports = self.transports.lock().unwrap_or_else(PoisonError::into_inner);
        let transport = match transports.get(&connection.ca_cert) {
            Some(transport) => transport.clone(),
            None => {
                let transport = self.transport(connection.ca_cert.as_deref())?;
                transports.insert(connection.ca_cert.clone(), transport.clone());
                transport
            }
        };
        Ok(Forge::new(&host, &transport))
    }

    /// A connection's token, out of its store. In the store `env` it may have changed; elsewhere it
    /// must be the one that was put there.
    pub(super) fn secret_of(&self, connection: &Connection) -> Result<(Secret, TokenRecord), Error> {
        let name = &connection.name;
        let token = connection.token.clone().ok_or_else(|| Error::NoToken { connection: name.clone() })?;
        let failed = Error::of_store(token.kept_in, Some(name));
        let store = match self.stores.open(token.kept_in) {
            Ok(store) => store,
            Err(e) => return Err(failed(e)),
        };
        let secret = store.get(&token.secret).map_err(failed)?;
        if store.exposed(&token.secret) {
            self.say(Event::Exposed { place: store.place(&token.secret) });
        }
        if store.is_writable() && secret.fingerprint() != token.fingerprint {
            return Err(Error::SecretDiffers { connection: name.clone(), store: token.kept_in });
        }
        if store.is_writable() && token.bound.as_ref() != Some(&secret.bound_to(&connection.url, &connection.api_url)) {
            return Err(Error::AddressDiffers { connection: name.clone() });
        }
        self.witness.uses(connection, secret.fingerprint());
        Ok((secret, token))
    }

    /// The record of that name, which must be there.
    pub(super) fn record(&self, name: &ConnectionName) -> Result<Connection, Error> {
        match self.records.find(name)? {
            Some(connection) => Ok(connection),
            None => Err(super::locate::no_such(&self.records, name.as_str())),
        }
    }
}

/// Where a connection's forge is.
pub(super) fn host_of(connection: &Connection) -> Result<Host, Error> {
    connection.host().map_err(|source| Error::Record { connection: connection.name.clone(), source })
}
