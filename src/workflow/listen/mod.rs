//! `webhook listen`: deliveries are received, kept, and handed on in their order.
//!
//! Two threads beside the one that writes the spool. This one receives: it verifies, and answers the sender once the
//! spool has the delivery. The other one hands on (`hand_on`): each connection's deliveries one after the other, to
//! whoever reads, to a URL, to a command. Whoever is slow there holds nobody up here; what waits is on disk.
//!
//! What else may block, asking a keyring or waiting for a lock, has threads of its own (`aside`).
//!
//! At the end no new deliveries are taken, those under way are answered, then what waits is handed on as far as that
//! works at once. The rest is for the next run.

mod aside;
mod ends;
mod exec;
mod filter;
mod hand_on;
mod poll;
mod port;
mod renewal;
mod says;
mod temporary;
mod told;
mod wanted;

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::catalog::Inbox;
use crate::model::{Connection, ConnectionName, Letter, Secret};
use crate::receiver::{Endpoint, Key, Verifier};

use super::hooks::{self, Again, CaughtUp};
use super::webhook_secret::fetch;
use super::{Error, Event, Tools};
use aside::aside;
use hand_on::{HandOn, Way};
use port::Door;
use temporary::Temporary;

pub use ends::{Ended, ListenError};
pub use exec::Command;
pub use filter::Filter;
pub use says::Receiving;
pub use temporary::TemporaryHook;
pub use wanted::{CertificateFiles, Listening, Port, ReceivingAddress, Source, receiving};

/// Who reads: takes one delivery, and says when it cannot any more. Called on a thread of its own.
pub type Sink = Box<dyn FnMut(&Letter) -> io::Result<()> + Send>;

/// How many messages may wait to be shown; those beyond are not shown.
const MESSAGES: usize = 256;

/// One connection, with its inbox open and its secrets read.
struct Post {
    connection: Connection,
    inbox: Arc<Inbox>,
    endpoint: Endpoint,
    /// The present one.
    secret: Secret,
}

/// Receives deliveries until it is told to stop, and hands them on.
///
/// # Errors
/// [`Error::NoWebhook`], [`Error::Store`] and what else keeps a secret from being read; [`Error::Listen`];
/// [`Error::Hooks`] where a webhook was to be made for this run, or is left behind by it; what a forge says that is
/// asked for deliveries.
pub async fn listen(
    tools: &Tools<'_>,
    mut wanted: Listening,
    sink: Sink,
    stop: watch::Receiver<bool>,
) -> Result<Ended, Error> {
    // Whoever delivers before this run is ready to read waits in the system's queue.
    let door = Door::open(&wanted.source).await?;
    let mut temporary = match wanted.temporary.take() {
        Some(asked) => Some(Temporary::set_up(tools, asked, &mut wanted.connections).await?),
        None => None,
    };
    let outcome = receive(tools, &wanted, door, &mut temporary, sink, stop).await;
    // It could not even begin.
    let taken_down = Temporary::take_down(tools, &mut temporary).await;
    outcome.and_then(|ended| taken_down.map(|()| ended))
}

async fn receive(
    tools: &Tools<'_>,
    wanted: &Listening,
    door: Door,
    temporary: &mut Option<Temporary>,
    sink: Sink,
    mut stop: watch::Receiver<bool>,
) -> Result<Ended, Error> {
    let posts = posts(tools, wanted)?;
    let (tell, mut told) = mpsc::channel(MESSAGES);
    let way = Way::new(wanted, sink).map_err(Error::of_forge(None, None))?;
    let inboxes = posts.iter().map(|post| (post.connection.name.clone(), Arc::clone(&post.inbox))).collect();
    let polled = match &wanted.source {
        Source::Port(_) => Vec::new(),
        Source::Poll { every } => poll::watched(tools, &posts, temporary.as_ref().map(Temporary::hook), *every)?,
    };
    let hand_on = HandOn::start(inboxes, way, tell.clone())?;
    let mut handed = hand_on.ended();
    let (end, ends) = watch::channel(false);
    let receiving: Pin<Box<dyn Future<Output = Result<(), Error>>>> = match (door, &wanted.source) {
        (Door::Open { server, address }, Source::Port(port)) => {
            announce(tools, wanted, port, &posts, address);
            let serving = server.serve(port::desk(&posts, wanted, port.metrics, tools, tell), ends);
            Box::pin(async {
                serving.await;
                Ok(())
            })
        }
        (_, Source::Poll { every }) => Box::pin(poll::poll(tools, polled, *every, &wanted.filter, tell, ends)),
        (Door::None, Source::Port(_)) => return Err(ListenError::Nothing.into()),
    };
    let mut receiving = receiving;
    let mut refusals = told::Refusals::default();
    let mut beside = Box::pin(async {
        let asked = async {
            tokio::select! {
                // Nobody left who could say so counts as said.
                _ = stop.wait_for(|stop| *stop) => tools.say(Event::Receiving(Receiving::Stopping)),
                _ = handed.changed() => {}
            }
        };
        tokio::pin!(asked);
        tokio::select! {
            () = &mut asked => {}
            () = missed(tools, wanted) => asked.await,
        }
        let taken_down = Temporary::take_down(tools, temporary).await;
        end.send_replace(true);
        taken_down
    });
    let mut taken_down = None;
    let received = loop {
        tokio::select! {
            received = &mut receiving => break received,
            outcome = &mut beside, if taken_down.is_none() => taken_down = Some(outcome),
            Some(happened) = told.recv() => refusals.say(tools, happened),
        }
    };
    drop(beside);
    let ended = hand_on.finish(&mut told, |happened| refusals.say(tools, happened)).await;
    let rooms: Vec<_> = posts.iter().map(|post| Arc::clone(post.inbox.room())).collect();
    // Whoever has an inbox last closes it, once all is written down.
    drop((receiving, posts));
    let left = rooms.iter().map(|room| room.letters()).sum();
    received?;
    taken_down.unwrap_or(Ok(()))?;
    ended.map(|()| Ended { left }).map_err(|source| ListenError::Reader(source).into())
}

/// Asks for what was missed, and says what came of it; then waits for ever.
async fn missed(tools: &Tools<'_>, wanted: &Listening) {
    let ports = matches!(wanted.source, Source::Port(_));
    if ports && wanted.catch_up {
        let names: Vec<ConnectionName> = wanted.connections.iter().map(|one| one.name.clone()).collect();
        let asked =
            aside(tools, async move |tools: &Tools<'_>| Box::pin(hooks::catch_up(tools, &names, None, false)).await);
        match asked.await.flatten() {
            Ok(all) => all.into_iter().for_each(|one| tools.say(Event::Receiving(caught_up(one)))),
            // The list of connections does not read: somebody changes it at this moment.
            Err(error) => tracing::debug!(%error, "nothing was asked for again"),
        }
    }
    std::future::pending().await
}

fn caught_up(one: CaughtUp) -> Receiving {
    let (asked, why) = match &one.outcome {
        Ok(done) => {
            let failed = done.iter().find_map(|one| match &one.outcome {
                Again::Failed(error) => Some(error.to_string()),
                _ => None,
            });
            (done.iter().filter(|one| one.outcome.was_asked()).count(), failed)
        }
        Err(error) => (0, Some(error.to_string())),
    };
    Receiving::CaughtUp { connection: one.connection, target: one.target, asked, why }
}

/// Opens the inboxes and reads the secrets of all connections, or says what is wrong with one.
fn posts(tools: &Tools<'_>, wanted: &Listening) -> Result<Vec<Post>, Error> {
    let open = |connection: &Connection| {
        let name = &connection.name;
        let Some(webhook) = &connection.webhook else { return Err(Error::NoWebhook { connection: name.clone() }) };
        let (secret, verifier) = keys(tools, connection).map_err(|error| unread(wanted, name, error))?;
        let inbox = tools.inboxes.open(&webhook.id, wanted.limit, wanted.accept_repeats, tools.clock.now());
        let inbox = inbox.map_err(|source| ListenError::Inbox { connection: name.clone(), source })?;
        let endpoint = Endpoint { id: webhook.id.clone(), connection: name.clone(), forge: connection.forge, verifier };
        Ok(Post { connection: connection.clone(), inbox: Arc::new(inbox), endpoint, secret })
    };
    wanted.connections.iter().map(open).collect()
}

/// Which of several stands in the way of the others.
fn unread(wanted: &Listening, name: &ConnectionName, error: Error) -> Error {
    let others: Vec<ConnectionName> =
        wanted.connections.iter().map(|one| &one.name).filter(|other| *other != name).cloned().collect();
    if others.is_empty() || error.is_interruption() || !matches!(error, Error::Store { .. }) {
        return error;
    }
    ListenError::Unread { connection: name.clone(), source: Box::new(error), others }.into()
}

/// The present secret of a connection, and what proves its deliveries.
fn keys(tools: &Tools<'_>, connection: &Connection) -> Result<(Secret, Verifier), Error> {
    let name = &connection.name;
    let keys: Vec<Key> = fetch(tools, connection)?
        .into_iter()
        .map(|key| Key { proof: key.proof, secret: key.secret, until: key.until })
        .collect();
    let Some(secret) = keys.first().map(|key| key.secret.clone()) else {
        return Err(Error::NoWebhook { connection: name.clone() });
    };
    let verifier = Verifier::new(&keys).map_err(|source| ListenError::Key { connection: name.clone(), source })?;
    Ok((secret, verifier))
}

fn announce(tools: &Tools<'_>, wanted: &Listening, port: &Port, posts: &[Post], address: SocketAddr) {
    let encrypted = port.certificate.is_some();
    if !address.ip().is_loopback() && !encrypted {
        tools.say(Event::Receiving(Receiving::BoundWide { address }));
    }
    let scheme = if encrypted { "https" } else { "http" };
    let here = format!("{scheme}://{address}");
    let addresses = posts
        .iter()
        .filter_map(|post| {
            ReceivingAddress::of(&post.connection, &here, wanted.public_url.as_ref(), post.inbox.room().letters())
        })
        .collect();
    tools.say(Event::Receiving(Receiving::Listening { at: here, addresses }));
}
