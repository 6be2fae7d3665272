//! What `webhook listen` says while it runs.

use std::net::SocketAddr;
use std::time::Duration;

use super::ReceivingAddress;
use crate::model::ConnectionName;
use crate::model::hook::Target;

/// Something that whoever runs the receiver wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receiving {
    /// A webhook was made for this run, or was to be, and stays.
    Temporary {
        /// Of what: `repo:OWNER/NAME`.
        target: String,
        /// Its number.
        id: u64,
        /// Whether it is there to stay.
        stays: bool,
    },
    /// A webhook that was for this run is still there: it could not be removed.
    LeftBehind {
        /// Of what.
        target: Target,
        /// Its number.
        id: u64,
        /// Whose.
        connection: ConnectionName,
    },
    /// A receiver has asked for what it missed.
    CaughtUp {
        /// Whose webhook.
        connection: ConnectionName,
        /// Of what: `repo:OWNER/NAME`.
        target: String,
        /// How many deliveries will come once more.
        asked: usize,
        /// Why not all could be asked for.
        why: Option<String>,
    },
    /// Deliveries are fetched from now on.
    Polling {
        /// How often.
        every: Duration,
        /// Of which webhooks: the connection, `repo:OWNER/NAME`, and the number.
        webhooks: Vec<(ConnectionName, String, u64)>,
    },
    /// They could not be fetched this time.
    NotPolled {
        /// Why.
        why: String,
        /// When it is tried again; nothing if it is not.
        again_in: Option<Duration>,
    },
    /// Deliveries are received from now on.
    Listening {
        /// At which address of this machine, with its scheme.
        at: String,
        /// Where each connection's come.
        addresses: Vec<ReceivingAddress>,
    },
    /// Other machines reach the receiver, and what they send is not encrypted.
    BoundWide {
        /// At which address.
        address: SocketAddr,
    },
    /// A delivery was refused.
    NotTaken {
        /// For which connection.
        connection: ConnectionName,
        /// Why.
        why: String,
        /// How many more were, for the same reason, since that was last said.
        others: u64,
    },
    /// A delivery could not be handed on; it is kept.
    NotHandedOn {
        /// Of which connection.
        connection: ConnectionName,
        /// Which one; empty where it is not known.
        id: String,
        /// Why not.
        why: String,
        /// When it is tried again; nothing if by the next run.
        again_in: Option<Duration>,
    },
    /// No more deliveries are received; those accepted are finished.
    Stopping,
}
