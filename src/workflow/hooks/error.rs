//! What can go wrong with a forge's webhooks, beside what goes wrong everywhere.

use crate::forge::ForgeError;
use crate::model::hook::Target;
use crate::model::{ConnectionName, Host};

/// Why a webhook was not made, found, changed or removed. Each says what the caller does about it.
#[derive(Debug, thiserror::Error)]
pub enum HooksError {
    /// The forge refused, or was not reached. Say who may do it, where that may be the reason.
    #[error("{source}")]
    Forge {
        /// What it was.
        source: Box<ForgeError>,
        /// Which forge.
        host: Box<Host>,
        /// Whose token.
        connection: ConnectionName,
        /// Whose webhooks.
        target: Target,
    },
    /// The token sees the place and not its webhooks: GitHub says "not found" to whoever may not administer it.
    #[error("`{connection}` sees the {} {}, and not its webhooks", target.noun(), target.path())]
    NotShown {
        /// Whose token.
        connection: ConnectionName,
        /// Whose webhooks.
        target: Target,
        /// Which forge.
        host: Box<Host>,
    },
    /// There is no webhook of that number. Look at the list.
    #[error("{} has no webhook {id}", target.path())]
    NoSuchHook {
        /// Whose token was used.
        connection: ConnectionName,
        /// Where it was looked for.
        target: Target,
        /// The number that was asked for.
        id: u64,
    },
    /// Connect has made no webhook that could be meant. Name the place, and the number.
    #[error("{}", none_made(target.as_ref(), *id))]
    NoneMade {
        /// The place that was named.
        target: Option<Target>,
        /// The number that was named.
        id: Option<u64>,
    },
    /// More than one could be meant. Name one of them.
    #[error("more than one webhook could be meant")]
    Several {
        /// The connection, the place and the number of each.
        all: Vec<(ConnectionName, String, u64)>,
    },
    /// What was typed is no such place. Show the form.
    #[error("that is not the path of a {what}")]
    NotATarget {
        /// `repository`, `organisation`, `project` or `group`.
        what: &'static str,
        /// The form.
        form: &'static str,
    },
    /// The address belongs to this machine, which the forge does not reach. Give one that it does.
    #[error("{host} cannot deliver to {url}: that is the forge's own machine, not yours")]
    Unreachable {
        /// The address, masked.
        url: String,
        /// Which forge.
        host: String,
    },
    /// Nobody has said where it is to deliver to.
    #[error("nobody has said where it is to deliver to")]
    NoUrl,
    /// There is a webhook of this address that connect did not make, and nobody can be asked. Ask, or leave it.
    #[error("{} has a webhook of this address already, {id}, and connect did not make it", target.path())]
    NotOurs {
        /// With whose token it was seen.
        connection: ConnectionName,
        /// Whose it is.
        target: Target,
        /// Its number.
        id: u64,
    },
    /// The forge drops the secret of a webhook whose address changes, and connect does not know it. Give it another.
    #[error("a new address would take the secret away from webhook {id} of {}", target.path())]
    WouldLoseSecret {
        /// Whose token was used.
        connection: ConnectionName,
        /// Whose it is.
        target: Target,
        /// Its number.
        id: u64,
    },
    /// The server takes no signing tokens, and the secret is one. Give a plain token.
    #[error("{host} takes no signing tokens: GitLab 19.0 and later do")]
    NoSigning {
        /// Which forge.
        host: String,
        /// Whose secret it is.
        connection: ConnectionName,
    },
    /// Nobody can be asked whether it shall be removed. Ask, or be given `--yes`.
    #[error("there is a webhook to remove, and nobody to agree to it")]
    NotConfirmed,
    /// It tells of everything, of which nothing can be taken away. Name what is to stay.
    #[error("webhook {id} of {} tells of everything: nothing can be taken away from that", target.path())]
    TellsAll {
        /// Whose it is.
        target: Target,
        /// Its number.
        id: u64,
    },
    /// The forge makes no test of that event. Name another.
    #[error("{host} makes no test of `{event}`")]
    NoTest {
        /// Which forge.
        host: String,
        /// The event that was named.
        event: String,
        /// What can be named.
        others: String,
    },
    /// The forge does not remember that delivery, or never made it.
    #[error("{host} does not remember a delivery {delivery} of webhook {id}")]
    NoSuchDelivery {
        /// Which forge.
        host: String,
        /// As it was typed.
        delivery: String,
        /// The webhook.
        id: u64,
    },
    /// The server is too old to tell of deliveries. Look on its page.
    #[error("{host} does not tell of deliveries: GitLab 17.3 and later do, and send them again from 17.4 on")]
    NoDeliveries {
        /// Which forge.
        host: String,
        /// The webhook's page.
        page: String,
    },
}

fn none_made(target: Option<&Target>, id: Option<u64>) -> String {
    match (target, id) {
        (Some(target), _) => format!("connect has made no webhook of {}", target.path()),
        (None, Some(id)) => format!("connect has made no webhook {id}"),
        (None, None) => "connect has made no webhook".to_owned(),
    }
}
