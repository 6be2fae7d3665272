//! `webhook listen`: deliveries are received, kept, and handed on in their order.
//!
//! Two threads beside the one that writes the spool. This one receives: it verifies, and answers the sender once the
//! spool has the delivery. The other one hands on (`hand_on`): each connection's deliveries one after the other, to
//! whoever reads, to a URL, to a command. Whoever is slow there holds nobody up here; what waits is on disk.
//!
//! At the end no new deliveries are taken, those under way are answered, then what waits is handed on as far as that
//! works at once. The rest is for the next run.

mod ends;
mod exec;
mod filter;
mod hand_on;
mod told;
mod wanted;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::catalog::{Inbox, Stored};
use crate::model::{Connection, ConnectionName, Letter};
use crate::receiver::{Certificate, Desk, Endpoint, Gauge, Intake, Key, Limits, Metrics, Server, Taken, Verifier};

use super::webhook_secret::fetch;
use super::{Error, Event, Tools};
use ends::Happened;
use hand_on::{HandOn, Way};

pub use ends::{Ended, ListenError};
pub use exec::Command;
pub use filter::Filter;
pub use wanted::{CertificateFiles, Listening, ReceivingAddress, receiving};

/// Who reads: takes one delivery, and says when it cannot any more. Called on a thread of its own.
pub type Sink = Box<dyn FnMut(&Letter) -> io::Result<()> + Send>;

/// How many messages may wait to be shown; those beyond are not shown.
const MESSAGES: usize = 256;

/// One connection, with its inbox open and its secrets read.
struct Post {
    connection: Connection,
    inbox: Arc<Inbox>,
    endpoint: Endpoint,
}

/// Receives deliveries until it is told to stop, and hands them on.
///
/// # Errors
/// [`Error::NoWebhook`], [`Error::Store`] and what else keeps a secret from being read; [`Error::Listen`]. Nothing is
/// received then.
pub async fn listen(
    tools: &Tools<'_>,
    wanted: Listening,
    sink: Sink,
    stop: watch::Receiver<bool>,
) -> Result<Ended, Error> {
    let posts = posts(tools, &wanted)?;
    let certificate = wanted.certificate.as_ref().map(certificate).transpose()?;
    let limits = Limits { deliveries: wanted.at_once, connections: wanted.at_once * 4, ..Limits::default() };
    let bound = Server::bind(wanted.address, certificate.as_ref(), limits).await;
    let server = bound.map_err(|source| ListenError::Bind { address: wanted.address, source })?;
    let address = server.address().map_err(|source| ListenError::Bind { address: wanted.address, source })?;
    let (tell, mut told) = mpsc::channel(MESSAGES);
    let way = Way::new(&wanted, sink).map_err(Error::of_forge(None, None))?;
    let inboxes = posts.iter().map(|post| (post.connection.name.clone(), Arc::clone(&post.inbox))).collect();
    let hand_on = HandOn::start(inboxes, way, tell.clone())?;
    announce(tools, &wanted, &posts, address);
    let desk = desk(&posts, &wanted, tools, tell);
    let mut handed = hand_on.ended();
    let (end, ends) = watch::channel(false);
    let mut stop = stop;
    let mut serving = Box::pin(server.serve(desk, ends));
    let mut refusals = told::Refusals::default();
    let mut stopping = false;
    loop {
        tokio::select! {
            () = &mut serving => break,
            // Nobody left who could say so counts as said.
            _ = stop.wait_for(|stop| *stop), if !stopping => {
                stopping = true;
                end.send_replace(true);
                tools.say(Event::Stopping);
            }
            _ = handed.changed(), if !stopping => {
                stopping = true;
                end.send_replace(true);
            }
            Some(happened) = told.recv() => refusals.say(tools, happened),
        }
    }
    let ended = hand_on.finish(&mut told, |happened| refusals.say(tools, happened)).await;
    let rooms: Vec<_> = posts.iter().map(|post| Arc::clone(post.inbox.room())).collect();
    // Whoever has an inbox last closes it, once all is written down.
    drop((serving, posts));
    let left = rooms.iter().map(|room| room.letters()).sum();
    ended.map(|()| Ended { left }).map_err(|source| ListenError::Reader(source).into())
}

/// Opens the inboxes and reads the secrets of all connections, or says what is wrong with one.
fn posts(tools: &Tools<'_>, wanted: &Listening) -> Result<Vec<Post>, Error> {
    let open = |connection: &Connection| {
        let name = &connection.name;
        let Some(webhook) = &connection.webhook else { return Err(Error::NoWebhook { connection: name.clone() }) };
        let keys: Vec<Key> = fetch(tools, connection)?
            .into_iter()
            .map(|key| Key { proof: key.proof, secret: key.secret, until: key.until })
            .collect();
        let verifier = Verifier::new(&keys).map_err(|source| ListenError::Key { connection: name.clone(), source })?;
        let inbox = tools.inboxes.open(&webhook.id, wanted.limit, wanted.accept_repeats, tools.clock.now());
        let inbox = inbox.map_err(|source| ListenError::Inbox { connection: name.clone(), source })?;
        let endpoint = Endpoint { id: webhook.id.clone(), connection: name.clone(), forge: connection.forge, verifier };
        Ok(Post { connection: connection.clone(), inbox: Arc::new(inbox), endpoint })
    };
    wanted.connections.iter().map(open).collect()
}

fn certificate(files: &CertificateFiles) -> Result<Certificate, Error> {
    let [chain, key] = files.read()?;
    Ok(Certificate::read(&chain, &key).map_err(ListenError::Certificate)?)
}

fn announce(tools: &Tools<'_>, wanted: &Listening, posts: &[Post], address: SocketAddr) {
    let encrypted = wanted.certificate.is_some();
    if !address.ip().is_loopback() && !encrypted {
        tools.say(Event::BoundWide { address });
    }
    let scheme = if encrypted { "https" } else { "http" };
    let here = format!("{scheme}://{address}");
    let addresses = posts
        .iter()
        .filter_map(|post| {
            ReceivingAddress::of(&post.connection, &here, wanted.public_url.as_ref(), post.inbox.room().letters())
        })
        .collect();
    tools.say(Event::Listening { at: here, addresses });
}

/// What the server works with.
fn desk(posts: &[Post], wanted: &Listening, tools: &Tools<'_>, tell: mpsc::Sender<Happened>) -> Desk {
    let inboxes: Arc<Vec<(String, Arc<Inbox>)>> =
        Arc::new(posts.iter().map(|post| (post.endpoint.id.clone(), Arc::clone(&post.inbox))).collect());
    let find = |inboxes: &[(String, Arc<Inbox>)], id: &str| {
        inboxes.iter().find(|(known, _)| known == id).map(|(_, inbox)| Arc::clone(inbox))
    };
    let intake: Intake = {
        let (inboxes, filter) = (Arc::clone(&inboxes), wanted.filter.clone());
        Arc::new(move |letter: Letter| {
            let inbox = find(&inboxes, &letter.endpoint).filter(|_| filter.wants(&letter));
            let stored = inbox.map(|inbox| inbox.put(letter));
            Box::pin(async move {
                match stored {
                    // Of no interest.
                    None => Taken::Safe,
                    Some(stored) => match stored.await {
                        Stored::Safe => Taken::Safe,
                        Stored::Known => Taken::Known,
                        Stored::NoRoom => Taken::NoRoom,
                    },
                }
            })
        })
    };
    let rooms: Vec<_> = posts.iter().map(|post| Arc::clone(post.inbox.room())).collect();
    let sum = |read: fn(&crate::catalog::Room) -> u64| {
        let rooms = rooms.clone();
        Box::new(move || rooms.iter().map(|room| read(room)).sum::<u64>()) as Box<dyn Fn() -> u64 + Send + Sync>
    };
    let metrics = Arc::new(Metrics::new(vec![
        Gauge {
            name: "connect_webhook_spool_deliveries",
            help: "Deliveries that were accepted and are not handed on yet.",
            read: sum(crate::catalog::Room::letters),
        },
        Gauge {
            name: "connect_webhook_spool_bytes",
            help: "What they take, reckoned by their bodies.",
            read: sum(crate::catalog::Room::bytes),
        },
        Gauge {
            name: "connect_webhook_spool_failures",
            help: "How often the spool could not be written.",
            read: sum(crate::catalog::Room::failures),
        },
    ]));
    Desk {
        endpoints: posts.iter().map(|post| post.endpoint.clone()).collect(),
        intake,
        has_room: Box::new(move |id| find(&inboxes, id).is_some_and(|inbox| inbox.room().is_left())),
        report: Box::new(move |connection: &ConnectionName, why| {
            // What nobody has time to show is counted all the same.
            let _ = tell.try_send(Happened::NotTaken { connection: connection.clone(), why: why.to_string() });
        }),
        metrics,
        shows_metrics: wanted.metrics,
        clock: tools.clock,
    }
}
