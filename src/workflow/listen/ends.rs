//! How it ends, and what can be wrong from the start.

use std::io;
use std::net::SocketAddr;

use crate::catalog::InboxError;
use crate::model::ConnectionName;
use crate::receiver::{BadCertificate, BadKey};

/// How it ended, once it was told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// How many deliveries wait to be handed on by the next run.
    pub left: u64,
}

/// What keeps it from listening.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address cannot be had: another program has it, or it is not this machine's.
    #[error("cannot listen at {address}")]
    Bind {
        /// Which address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The certificate or its key does not read.
    #[error("cannot speak TLS: {0}")]
    Certificate(BadCertificate),
    /// The secret proves nothing.
    #[error("the webhook secret of `{connection}` is unusable: {source}")]
    Key {
        /// Whose.
        connection: ConnectionName,
        /// Why.
        source: BadKey,
    },
    /// The secret cannot be read, where several connections are listened for.
    #[error("the webhook secret of `{connection}` cannot be read: {source}")]
    Unread {
        /// Whose.
        connection: ConnectionName,
        /// Why.
        source: Box<crate::workflow::Error>,
        /// The others.
        others: Vec<ConnectionName>,
    },
    /// The inbox does not open.
    #[error("cannot keep deliveries of `{connection}`: {source}")]
    Inbox {
        /// Whose.
        connection: ConnectionName,
        /// Why.
        source: InboxError,
    },
    /// No connection has a webhook secret.
    #[error("no connection has a webhook secret")]
    Nothing,
    /// Only GitHub's list of deliveries has what was sent.
    #[error("`{connection}` is a connection to GitLab, whose deliveries are not fetched")]
    NotPolled {
        /// Whose.
        connection: ConnectionName,
    },
    /// None of the connections has a webhook that connect made: there is no list to read.
    #[error("there is no webhook whose deliveries could be fetched")]
    NothingToPoll,
    /// Whoever was to read the deliveries does not any more; those not read are kept.
    #[error("deliveries cannot be written out any more")]
    Reader(#[source] io::Error),
    /// The system gives no thread.
    #[error("cannot start: {0}")]
    Thread(#[source] io::Error),
}

/// What happens while it listens, on its way to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Happened {
    /// A delivery was refused.
    NotTaken { connection: ConnectionName, why: String },
    /// One could not be handed on, and is tried again.
    NotHandedOn { connection: ConnectionName, id: String, why: String, again_in: Option<std::time::Duration> },
}
